//! The canonical form of a request: what the signer hashed.

use super::Scope;
use crate::form;
use bytes::Bytes;
use http::Request;
use sha2::{Digest, Sha256};
use std::fmt::Write;

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// The payload hashes that the signer may have meant. A presigned URL does not say whether its signer knew the body.
pub(super) fn payload_hashes(request: &Request<Bytes>, presigned: bool) -> Vec<String> {
    let declared = request.headers().get("x-amz-content-sha256");
    if declared.is_some_and(|value| value == UNSIGNED) {
        return vec![UNSIGNED.to_owned()];
    }
    let mut hashes = vec![hex::encode(Sha256::digest(request.body()))];
    if presigned && declared.is_none() {
        hashes.push(UNSIGNED.to_owned());
    }
    hashes
}

/// The canonical request.
pub(super) fn request(request: &Request<Bytes>, signed_headers: &[String], payload_hash: &str) -> String {
    let mut text = format!("{}\n", request.method());
    push_path(&mut text, request.uri().path());
    text.push('\n');
    text.push_str(&query(request.uri().query().unwrap_or_default()));
    text.push('\n');
    for name in signed_headers {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{name}:{}", header(request, name));
    }
    let _ = write!(text, "\n{}\n{payload_hash}", signed_headers.join(";"));
    text
}

/// What the signing key signs.
pub(super) fn string_to_sign(date: &str, scope: &Scope, canonical: &str) -> String {
    let Scope { date: day, region, service, .. } = scope;
    let digest = hex::encode(Sha256::digest(canonical.as_bytes()));
    format!("AWS4-HMAC-SHA256\n{date}\n{day}/{region}/{service}/aws4_request\n{digest}")
}

/// Resolves dots and empty segments, and encodes what the URL already encodes once more.
fn push_path(out: &mut String, path: &str) {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    for segment in &segments {
        out.push('/');
        form::encode_into(out, segment, b"");
    }
    if segments.is_empty() || path.ends_with('/') {
        out.push('/');
    }
}

fn query(raw: &str) -> String {
    let mut pairs: Vec<_> = form::pairs(raw.as_bytes()).map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.retain(|(name, _)| name != "X-Amz-Signature");
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// In the signer's spelling, whatever the sender's was. What cannot be decoded is signed as it is.
fn encoded(raw: &[u8]) -> String {
    let mut out = String::with_capacity(raw.len());
    let text = form::decode(raw).unwrap_or_else(|_| String::from_utf8_lossy(raw));
    form::encode_into(&mut out, &text, b"");
    out
}

fn header(request: &Request<Bytes>, name: &str) -> String {
    let values: Vec<_> = request.headers().get_all(name).iter().map(|value| collapsed(value.as_bytes())).collect();
    match (values.is_empty(), name) {
        // HTTP/2 and in-process requests carry these two elsewhere.
        (true, "host") => request.uri().authority().map(ToString::to_string).unwrap_or_default(),
        (true, "content-length") => request.body().len().to_string(),
        _ => values.join(","),
    }
}

fn collapsed(value: &[u8]) -> String {
    String::from_utf8_lossy(value).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(raw: &str) -> String {
        let mut out = String::new();
        push_path(&mut out, raw);
        out
    }

    #[test]
    fn paths_are_normalised_and_encoded_twice() {
        assert_eq!(path("/"), "/");
        assert_eq!(path(""), "/");
        assert_eq!(path("/a//./b/../c%20d/"), "/a/c%2520d/");
        assert_eq!(path("/.."), "/");
    }

    #[test]
    fn queries_are_sorted_and_lack_the_signature() {
        assert_eq!(query("b=2&a=%7e+x&X-Amz-Signature=1&c"), "a=~%20x&b=2&c=");
    }
}
