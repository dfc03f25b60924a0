//! Signatures of notifications: RSA (PKCS #1 v1.5) over a documented text, with SHA-1 (version 1) or SHA-256 (2).
//!
//! Source: SNS developer guide, verifying the signatures of messages. The key lies open in this repository, because
//! what it signs is worth nothing: it lets a stock validator check messages of the reference against
//! [`CERTIFICATE`], which is valid from the year 2000 to 2100, so that a virtual clock can go anywhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::DecodePrivateKey;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::sync::LazyLock;

/// The certificate of the key that the reference signs with, as PEM text.
pub const CERTIFICATE: &str = include_str!("keys/certificate.pem");

/// Where the certificate is served, below the service's address: its digest makes the name.
pub static CERTIFICATE_PATH: LazyLock<String> = LazyLock::new(|| {
    let digest: String = Sha256::digest(CERTIFICATE).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("/SimpleNotificationService-{digest}.pem")
});

static KEY: LazyLock<Option<RsaPrivateKey>> =
    LazyLock::new(|| RsaPrivateKey::from_pkcs8_pem(include_str!("keys/private-key.pem")).ok());

/// What stands before a digest in the signed block: the algorithm's identifier, in DER (RFC 8017, section 9.2).
const SHA1_IDENTIFIER: [u8; 15] = *b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14";
const SHA256_IDENTIFIER: [u8; 19] = *b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";

/// The signature of `text`, as base64.
pub(super) fn sign(version: u8, text: &str) -> String {
    let (scheme, digest) = match version {
        2 => (scheme(32, &SHA256_IDENTIFIER), Sha256::digest(text).to_vec()),
        _ => (scheme(20, &SHA1_IDENTIFIER), Sha1::digest(text).to_vec()),
    };
    let signature = KEY.as_ref().and_then(|key| key.sign(scheme, &digest).ok());
    signature.map(|signature| STANDARD.encode(signature)).unwrap_or_default()
}

fn scheme(digest_bytes: usize, identifier: &[u8]) -> Pkcs1v15Sign {
    Pkcs1v15Sign { hash_len: Some(digest_bytes), prefix: identifier.into() }
}

/// The text that is signed: each member that is there, its name and its value on a line of its own.
pub(super) fn text_to_sign(members: &[(&str, Option<&str>)]) -> String {
    let lines = members.iter().filter_map(|(name, value)| Some(format!("{name}\n{}\n", (*value)?)));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsa::RsaPublicKey;

    /// A signature is checked with the other half of the key.
    #[test]
    fn signatures_verify_and_only_for_their_text() {
        let key = RsaPublicKey::from(KEY.as_ref().expect("the key in the repository can be read"));
        let text = text_to_sign(&[("Message", Some("hello")), ("Subject", None), ("Type", Some("Notification"))]);
        assert_eq!(text, "Message\nhello\nType\nNotification\n");
        let signature = STANDARD.decode(sign(1, &text)).expect("base64");
        assert!(key.verify(scheme(20, &SHA1_IDENTIFIER), &Sha1::digest(&text), &signature).is_ok());
        assert!(key.verify(scheme(20, &SHA1_IDENTIFIER), &Sha1::digest("other"), &signature).is_err());
        let signature = STANDARD.decode(sign(2, &text)).expect("base64");
        assert!(key.verify(scheme(32, &SHA256_IDENTIFIER), &Sha256::digest(&text), &signature).is_ok());
    }
}
