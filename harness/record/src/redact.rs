//! Taking account ids and credentials out of text, so that a record can be shown to anybody.

/// Replaces every run of exactly twelve digits, which is how an account id looks.
#[must_use]
pub fn account_ids(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        let length = rest[start..].find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len() - start);
        redacted.push_str(&rest[..start]);
        redacted.push_str(if length == 12 { "************" } else { &rest[start..start + length] });
        rest = &rest[start + length..];
    }
    redacted + rest
}

/// Takes user name and password out of a URL.
#[must_use]
pub fn user_info(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority_ends = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_ends);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_go_and_other_numbers_stay() {
        assert_eq!(account_ids("arn:aws:sqs:us-east-1:123456789012:q"), "arn:aws:sqs:us-east-1:************:q");
        assert_eq!(account_ids("1767225600000 and 12"), "1767225600000 and 12");
        assert_eq!(account_ids("é 123456789012"), "é ************");
    }

    #[test]
    fn a_password_in_a_url_goes() {
        assert_eq!(user_info("http://me:hush@localhost:4566/a@b"), "http://localhost:4566/a@b");
        assert_eq!(user_info("http://localhost:4566"), "http://localhost:4566");
        assert_eq!(user_info("localhost"), "localhost");
    }
}
