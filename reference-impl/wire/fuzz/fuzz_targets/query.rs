//! A form body on a queue's URL.
#![no_main]

use bytes::Bytes;
use http::Request;
use libfuzzer_sys::fuzz_target;
use proofmark_wire::Exchange;
use proofmark_world::Uuid;

fuzz_target!(|data: &[u8]| {
    let request = Request::post("/000000000000/queue").body(Bytes::copy_from_slice(data)).expect("a fixed head");
    let exchange = Exchange::open(&request);
    if let Err(error) = exchange.request(&request) {
        assert!(!exchange.reply(Uuid::from_random(1), &Err(error)).status().is_success());
    }
});
