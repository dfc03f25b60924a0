//! Names and passwords in the URLs of `https` subscribers: sent when a subscriber asks for them, and only then.
//!
//! | Item | What it is |
//! |---|---|
//! | [`split_user`] | a URL without its user information, and that |
//! | [`authorized`] | the post again, with the answer to a challenge |
//! | [`Challenge`] | one way of a `WWW-Authenticate` header: Basic, or Digest (RFC 7616 with `qop=auth`, or without) |

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use percent_encoding::percent_decode_str;
use proofmark_world::deliver::outside::Post;
use sha2::Sha256;
use std::borrow::Cow;

/// A URL without its user information, and that.
pub(super) fn split_user(url: &str) -> (Cow<'_, str>, Option<&str>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.into(), None) };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((user, host)) => (format!("{scheme}://{host}{path}").into(), Some(user)),
        None => (url.into(), None),
    }
}

/// The post with the answer to the challenges of a 401, if it has a name and a password for one of them.
///
/// Only `https` is worth a password.
pub(super) fn authorized<'a>(post: &Post, challenges: impl IntoIterator<Item = &'a str>) -> Option<Post> {
    let (address, user) = split_user(&post.url);
    let user = User::parse(user.filter(|_| address.starts_with("https://"))?);
    let challenges: Vec<Challenge<'_>> = challenges.into_iter().flat_map(Challenge::parse_all).collect();
    let digest = challenges.iter().find_map(|challenge| challenge.digest(&user, post));
    let answer = digest.or_else(|| challenges.iter().find_map(|challenge| challenge.basic(&user)))?;
    let mut post = post.clone();
    post.headers.push(("authorization", answer));
    Some(post)
}

struct User {
    name: String,
    password: String,
}

impl User {
    fn parse(information: &str) -> Self {
        let (name, password) = information.split_once(':').unwrap_or((information, ""));
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        User { name: decoded(name), password: decoded(password) }
    }
}

/// One way to say who one is, and what the subscriber says about it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Challenge<'a> {
    scheme: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Challenge<'a> {
    /// A header may list several challenges with commas between them, as it does between their parameters.
    fn parse_all(header: &'a str) -> Vec<Self> {
        let mut challenges: Vec<Challenge<'a>> = Vec::new();
        for part in split_outside_quotes(header) {
            let (before, value) = part.split_once('=').unwrap_or((part, ""));
            let name = match before.trim().rsplit_once(char::is_whitespace) {
                Some((scheme, name)) => {
                    challenges.push(Challenge { scheme: scheme.trim(), ..Challenge::default() });
                    name
                }
                None if value.is_empty() => {
                    challenges.push(Challenge { scheme: before.trim(), ..Challenge::default() });
                    continue;
                }
                None => before.trim(),
            };
            if let Some(challenge) = challenges.last_mut() {
                challenge.parameters.push((name, value.trim().trim_matches('"')));
            }
        }
        challenges
    }

    fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    fn basic(&self, user: &User) -> Option<String> {
        let pair = format!("{}:{}", user.name, user.password);
        self.is("basic").then(|| format!("Basic {}", STANDARD.encode(pair)))
    }

    /// Nothing if it is not Digest, or asks for an algorithm or a quality of protection that is not spoken here.
    fn digest(&self, user: &User, post: &Post) -> Option<String> {
        let (realm, nonce) = (self.parameter("realm")?, self.parameter("nonce").filter(|_| self.is("digest"))?);
        let algorithm = self.parameter("algorithm");
        let hash = Hash::named(algorithm.unwrap_or("MD5"))?;
        let path = path_of(&post.url);
        let who = hash.of(&[&user.name, realm, &user.password]);
        let what = hash.of(&["POST", path]);
        let (proof, response) = match self.parameter("qop") {
            Some(offered) if offered.split(',').any(|quality| quality.trim() == "auth") => {
                // It need not be a surprise to anybody here, and so the same run sends the same bytes.
                let own = hash.of(&[nonce, &post.body]);
                let response = hash.of(&[&who, nonce, "00000001", &own, "auth", &what]);
                (format!(r#", qop=auth, nc=00000001, cnonce="{own}""#), response)
            }
            Some(_) => return None,
            None => (String::new(), hash.of(&[&who, nonce, &what])),
        };
        let opaque = self.parameter("opaque").map(|opaque| format!(r#", opaque="{opaque}""#)).unwrap_or_default();
        let algorithm = algorithm.map(|algorithm| format!(", algorithm={algorithm}")).unwrap_or_default();
        let name = user.name.replace('\\', r"\\").replace('"', r#"\""#);
        Some(format!(
            r#"Digest username="{name}", realm="{realm}", nonce="{nonce}", uri="{path}", response="{response}"{algorithm}{opaque}{proof}"#
        ))
    }
}

/// The hash functions of Digest.
enum Hash {
    Md5,
    Sha256,
}

impl Hash {
    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "MD5" => Some(Hash::Md5),
            "SHA-256" => Some(Hash::Sha256),
            _ => None,
        }
    }

    fn of(&self, parts: &[&str]) -> String {
        let text = parts.join(":");
        match self {
            Hash::Md5 => hex::encode(Md5::digest(text)),
            Hash::Sha256 => hex::encode(Sha256::digest(text)),
        }
    }
}

fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split('#').next().unwrap_or(path)
}

fn split_outside_quotes(header: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = header.split(move |character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(url: &str) -> Post {
        Post { url: url.into(), headers: Vec::new(), body: "hello".into() }
    }

    fn answer(url: &str, challenge: &str) -> Option<String> {
        authorized(&post(url), [challenge]).and_then(|mut post| post.headers.pop()).map(|(_, value)| value)
    }

    #[test]
    fn user_information_stays_out_of_the_address() {
        let split = |url| split_user(url).0.into_owned();
        assert_eq!(
            split_user("http://jack:secret@localhost:8080/a@b"),
            ("http://localhost:8080/a@b".into(), Some("jack:secret"))
        );
        assert_eq!(split("https://localhost/a@b"), "https://localhost/a@b");
        assert_eq!(split("https://jack@localhost?to=a@b"), "https://localhost?to=a@b");
        assert_eq!(split("nonsense"), "nonsense");
    }

    #[test]
    fn basic_is_the_name_and_the_password_in_base64() {
        let answer = answer("https://Aladdin:open%20sesame@localhost/", r#"Basic realm="cave, inner""#);
        assert_eq!(answer.as_deref(), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), "the example of RFC 7617");
    }

    #[test]
    fn a_password_is_not_sent_in_the_clear_or_unasked() {
        for (url, challenge) in [
            ("http://jack:secret@localhost/", r#"Basic realm="inbox""#),
            ("https://localhost/", r#"Basic realm="inbox""#),
            ("https://jack:secret@localhost/", r#"Bearer realm="inbox""#),
            ("https://jack:secret@localhost/", r#"Digest realm="inbox", nonce="1", algorithm=MD4"#),
            ("https://jack:secret@localhost/", r#"Digest realm="inbox", nonce="1", qop="auth-int""#),
            ("https://jack:secret@localhost/", ""),
            ("https://jack:secret@localhost/", r#",=,"=,,x"#),
        ] {
            assert_eq!(answer(url, challenge), None, "{url} {challenge}");
        }
    }

    #[test]
    fn digest_proves_the_password_without_saying_it() {
        let header =
            r#"Basic realm="a", Digest realm="b", nonce="n", qop="auth,auth-int", opaque="o", algorithm=SHA-256"#;
        let answer = answer("https://jack:secret@localhost/in?x=1", header).expect("Digest is preferred");
        let sha = |text: String| hex::encode(Sha256::digest(text));
        let own = sha("n:hello".to_owned());
        let (who, what) = (sha("jack:b:secret".to_owned()), sha("POST:/in?x=1".to_owned()));
        let response = sha(format!("{who}:n:00000001:{own}:auth:{what}"));
        assert!(answer.starts_with(r#"Digest username="jack", realm="b", nonce="n", uri="/in?x=1""#), "{answer}");
        assert!(answer.contains(&format!(r#"response="{response}", algorithm=SHA-256, opaque="o""#)), "{answer}");
        assert!(answer.ends_with(&format!(r#"qop=auth, nc=00000001, cnonce="{own}""#)), "{answer}");
    }

    #[test]
    fn the_oldest_digest_has_no_quality_of_protection() {
        let answer = answer("https://jack:secret@localhost", r#"Digest realm="b",nonce="n""#).expect("an answer");
        let md5 = |text: String| hex::encode(Md5::digest(text));
        let response = md5(format!("{}:n:{}", md5("jack:b:secret".to_owned()), md5("POST:/".to_owned())));
        let expected = format!(r#"Digest username="jack", realm="b", nonce="n", uri="/", response="{response}""#);
        assert_eq!(answer, expected);
    }
}
