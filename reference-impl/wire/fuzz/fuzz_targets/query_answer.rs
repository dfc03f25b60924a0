//! A foreign service's answer to the client's half of Query: the first byte picks operation and outcome.
#![no_main]

use bytes::Bytes;
use http::{Request, Response};
use libfuzzer_sys::fuzz_target;
use proofmark_wire::query_client::{to_json, to_query};
use proofmark_world::sqs::Operation;

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else { return };
    let operation = Operation::ALL[usize::from(first >> 1) % Operation::ALL.len()].name();
    let request = Request::post("/")
        .header("x-amz-target", format!("AmazonSQS.{operation}"))
        .body(Bytes::new())
        .expect("a fixed head");
    let Ok((pending, _)) = to_query(&request) else { return };
    let status = if first & 1 == 0 { 200 } else { 400 };
    let response = Response::builder().status(status).body(Bytes::copy_from_slice(body)).expect("a fixed head");
    if let Ok(json) = to_json(&pending, response) {
        assert_eq!(json.status(), status);
    }
});
