//! Whatever arrives is answered: no request, and no answer to the client's half, makes anything panic.

mod common;

use bytes::Bytes;
use common::{form_request, json_request_with};
use http::{HeaderName, HeaderValue, Request, Response};
use proofmark_wire::sigv4::{Credentials, verify};
use proofmark_wire::{Exchange, query_client};
use proofmark_world::sqs::Operation;
use proofmark_world::{AccountId, Timestamp, Uuid};
use proptest::collection::vec;
use proptest::prelude::*;

/// Does everything with a request that a server does.
fn serve(request: &Request<Bytes>) {
    let exchange = Exchange::open(request);
    let known = Credentials {
        access_key: "A".to_owned(),
        secret: "s".to_owned(),
        session_token: None,
        account: AccountId::DEFAULT,
        expires: None,
    };
    let signed = verify(request, Timestamp::from_seconds(1_632_830_400), &[known]);
    for error in exchange.request(request).err().into_iter().chain(signed.err()) {
        let reply = exchange.reply(Uuid::from_random(1), &Err(error));
        assert!(!reply.status().is_success());
    }
}

fn operation() -> impl Strategy<Value = &'static str> {
    (0..Operation::ALL.len()).prop_map(|index| Operation::ALL[index].name())
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,25}",
        "Attribute|AttributeName|Name|Value|Tag|Key|MessageAttribute|StringListValue|SendMessageBatchRequestEntry|Id",
        "DelaySeconds|MaxResults|QueueUrl|BinaryValue|DataType|DeleteMessageBatchRequestEntry",
        "[%+.=&\\PC]{0,4}",
    ]
}

fn form() -> impl Strategy<Value = String> {
    let parameter = (vec(segment(), 0..10), ".{0,6}").prop_map(|(name, value)| format!("{}={value}", name.join(".")));
    vec(parameter, 0..12).prop_map(|parameters| parameters.join("&"))
}

fn json_like() -> impl Strategy<Value = String> {
    "([{}\\[\\]:,]|\"(Entries|Id|MessageAttributes|DelaySeconds|QueueUrl|\\\\ud800|\\\\u0000)\"|null|1e9|-0|true| ){0,30}"
}

fn header_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "host",
        "accept",
        "content-type",
        "x-amz-target",
        "authorization",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-content-sha256",
        "content-length",
    ])
}

fn header_value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..40),
        "(AWS4-HMAC-SHA256|Credential=|SignedHeaders=|Signature=|A/|20210928/|r/sqs/aws4_request|host|;|,| |[0-9a-f]{64}){0,12}"
            .prop_map(String::into_bytes),
        "(20210928T120000Z|UNSIGNED-PAYLOAD|application/json|application/x-amz-json-1.0|AmazonSQS\\.SendMessage)"
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn json_bodies(operation in operation(), body in vec(any::<u8>(), 0..200), text in json_like()) {
        let target = format!("AmazonSQS.{operation}");
        for body in [body, text.into_bytes()] {
            let request = json_request_with(&target, body);
            serve(&request);
            let _ = query_client::to_query(&request);
        }
    }

    #[test]
    fn forms(operation in operation(), form in form(), bytes in vec(any::<u8>(), 0..100)) {
        serve(&form_request("/000000000000/q", format!("Action={operation}&{form}")));
        serve(&form_request("/", bytes));
    }

    #[test]
    fn query_strings(operation in operation(), query in "[!-~&&[^#]]{0,60}", presigned in "[!-~&&[^#&]]{0,20}") {
        let signed = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A/20210928/r/sqs/aws4_request&X-Amz-SignedHeaders=host";
        let uri = format!("/?Action={operation}&{signed}&X-Amz-Expires={presigned}&X-Amz-Signature={presigned}&{query}");
        if let Ok(request) = Request::get(uri).body(Bytes::new()) {
            serve(&request);
        }
    }

    #[test]
    fn headers(headers in vec((header_name(), header_value()), 0..8), body in vec(any::<u8>(), 0..20)) {
        let mut request = Request::new(Bytes::from(body));
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                request.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        serve(&request);
    }

    #[test]
    fn answers(
        operation in operation(),
        status in 100u16..600,
        bytes in vec(any::<u8>(), 0..100),
        text in "(</?(ErrorResponse|Error|Code|Type|ReceiveMessageResponse|ReceiveMessageResult|Message|Attribute|Name)>|&lt;|&#x[0-9a-f]{1,6};|a|<!\\[CDATA\\[|\\]\\]>|<x/>){0,20}",
    ) {
        let request = json_request_with(&format!("AmazonSQS.{operation}"), "");
        let (pending, _) = query_client::to_query(&request).unwrap();
        let wrapped = format!("<{operation}Response><{operation}Result>{text}</{operation}Result></{operation}Response>");
        for body in [bytes, text.into_bytes(), wrapped.into_bytes()] {
            let response = Response::builder().status(status).body(Bytes::from(body)).unwrap();
            let _ = query_client::to_json(&pending, response);
        }
    }
}
