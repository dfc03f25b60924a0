//! `application/x-www-form-urlencoded`: strict decoding, and encoding in the one spelling that SigV4 also uses.
//!
//! | Function | What it does |
//! |---|---|
//! | [`pairs`] | splits at `&` and at the first `=`, decoding nothing |
//! | [`decode`] | undoes percent-encoding; a bad escape or bad UTF-8 is an error |
//! | [`find`] | the last value of one name |
//! | [`encode_into`] | percent-encodes everything but RFC 3986's unreserved characters |

use std::borrow::Cow;

/// A percent-escape without two digits, or bytes that are not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The still encoded names and values of a form or query string.
pub(crate) fn pairs(form: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    form.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |&byte| byte == b'=');
        (halves.next().unwrap_or_default(), halves.next().unwrap_or_default())
    })
}

/// Decodes one name or value; `+` is a space.
pub(crate) fn decode(encoded: &[u8]) -> Result<Cow<'_, str>, Malformed> {
    if encoded.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        let bytes = unescaped(encoded)?;
        return String::from_utf8(bytes).map(Cow::Owned).map_err(|_| Malformed);
    }
    std::str::from_utf8(encoded).map(Cow::Borrowed).map_err(|_| Malformed)
}

/// The last value of that name; later ones overrule earlier ones, as in the parameter tree.
pub(crate) fn find<'a>(form: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    let named = |(key, _): &(&[u8], &[u8])| decode(key).is_ok_and(|key| key == name);
    pairs(form).filter(named).last().and_then(|(_, value)| decode(value).ok())
}

/// Appends the text, percent-encoded except for unreserved characters and those in `also`.
pub(crate) fn encode_into(out: &mut String, text: &str, also: &[u8]) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || also.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(upper_hex(byte >> 4));
            out.push(upper_hex(byte & 0xf));
        }
    }
}

fn unescaped(encoded: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => digit(rest.next())? << 4 | digit(rest.next())?,
            b'+' => b' ',
            other => other,
        });
    }
    Ok(bytes)
}

fn digit(byte: Option<u8>) -> Result<u8, Malformed> {
    let value = byte.and_then(|byte| char::from(byte).to_digit(16)).ok_or(Malformed)?;
    u8::try_from(value).map_err(|_| Malformed)
}

fn upper_hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_escapes_and_spaces() {
        assert_eq!(decode(b"a%20b+c%C3%A9").as_deref(), Ok("a b cé"));
        assert_eq!(decode(b"plain").as_deref(), Ok("plain"));
    }

    #[test]
    fn refuses_bad_escapes_and_bad_utf8() {
        for bad in [&b"%"[..], b"%1", b"%zz", b"%+1", b"%ff", b"\xff"] {
            assert_eq!(decode(bad), Err(Malformed), "{bad:?}");
        }
    }

    #[test]
    fn splits_at_the_first_equals_sign() {
        let found: Vec<_> = pairs(b"a=b=c&&d&=e").collect();
        assert_eq!(found, [(&b"a"[..], &b"b=c"[..]), (b"d", b""), (b"", b"e")]);
    }

    #[test]
    fn finds_the_last_of_a_name() {
        assert_eq!(find(b"Action=A&%41ction=B&X=1", "Action").as_deref(), Some("B"));
        assert_eq!(find(b"X=1", "Action"), None);
    }

    #[test]
    fn encodes_in_upper_case() {
        let mut out = String::new();
        encode_into(&mut out, "a/b é~", b"/");
        assert_eq!(out, "a/b%20%C3%A9~");
    }
}
