//! An `Authorization` header, a date and a query string, separated by line feeds. No key is known by guessing.
#![no_main]

use bytes::Bytes;
use http::{HeaderValue, Request, Uri};
use libfuzzer_sys::fuzz_target;
use proofmark_wire::Exchange;
use proofmark_wire::sigv4::{Credentials, verify};
use proofmark_world::{AccountId, Timestamp};

fuzz_target!(|data: &[u8]| {
    let mut request = Request::new(Bytes::new());
    let mut parts = data.splitn(3, |&byte| byte == b'\n');
    for name in ["authorization", "x-amz-date"] {
        if let Some(Ok(value)) = parts.next().map(HeaderValue::from_bytes) {
            request.headers_mut().insert(name, value);
        }
    }
    let query = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    if let Ok(uri) = Uri::try_from(format!("/?{query}")) {
        *request.uri_mut() = uri;
    }
    let known = Credentials {
        access_key: "A".to_owned(),
        secret: "a secret that no input can guess".to_owned(),
        session_token: None,
        account: AccountId::DEFAULT,
        expires: None,
    };
    let _ = Exchange::open(&request);
    assert!(verify(&request, Timestamp::from_seconds(1_632_830_400), &[known]).is_err());
});
