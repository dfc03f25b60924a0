//! A JSON body of any operation: the first byte picks the operation, the rest is the body.
#![no_main]

use bytes::Bytes;
use http::Request;
use libfuzzer_sys::fuzz_target;
use proofmark_wire::{Exchange, query_client};
use proofmark_world::Uuid;
use proofmark_world::sqs::Operation;

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else { return };
    let operation = Operation::ALL[usize::from(*first) % Operation::ALL.len()];
    let request = Request::post("/")
        .header("x-amz-target", format!("AmazonSQS.{}", operation.name()))
        .body(Bytes::copy_from_slice(body))
        .expect("a fixed head");
    let exchange = Exchange::open(&request);
    if let Err(error) = exchange.request(&request) {
        assert!(!exchange.reply(Uuid::from_random(1), &Err(error)).status().is_success());
    }
    if let Ok((_, query)) = query_client::to_query(&request) {
        // What the client writes, the server can at least parse as a form.
        let _ = Exchange::open(&query).request(&query);
    }
});
