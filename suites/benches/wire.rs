//! What the wire costs: a SendMessage of 300 bytes decoded and its answer encoded, and a signature verified.
//!
//! | Figure | What is done |
//! |---|---|
//! | `decode/<protocol>` | `Exchange::open` and `Exchange::request`: from bytes to a typed request |
//! | `encode/<protocol>` | `Exchange::reply`: from a typed response to bytes and headers |
//! | `sigv4/verify` | a signature by AWS's own signer, key derivation included |

use aws_credential_types::Credentials as SignerCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::Request;
use proofmark_wire::Exchange;
use proofmark_wire::sigv4::{Credentials, verify};
use proofmark_world::sqs::api::{Digest, SendMessageOutput};
use proofmark_world::{AccountId, Protocol, Response, Timestamp, Uuid, sqs};
use std::hint::black_box;
use std::time::{Duration, SystemTime};

const BODY_BYTES: usize = 300;
const NOW_SECONDS: u64 = 1_767_225_600;
const ACCESS_KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn json_request() -> Request<Bytes> {
    let body = format!(
        r#"{{"QueueUrl":"http://localhost:4566/000000000000/bench","MessageBody":"{}"}}"#,
        "x".repeat(BODY_BYTES)
    );
    Request::post("http://localhost:4566/")
        .header("host", "localhost:4566")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "AmazonSQS.SendMessage")
        .body(body.into())
        .expect("a request")
}

fn query_request() -> Request<Bytes> {
    let form = format!(
        "Action=SendMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Flocalhost%3A4566%2F000000000000%2Fbench\
         &MessageBody={}",
        "x".repeat(BODY_BYTES)
    );
    Request::post("http://localhost:4566/")
        .header("host", "localhost:4566")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into())
        .expect("a request")
}

/// The request with the headers of a signature.
fn signed(mut request: Request<Bytes>) -> Request<Bytes> {
    let identity: Identity = SignerCredentials::new(ACCESS_KEY, SECRET, None, None, "bench").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("sqs")
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW_SECONDS))
        .settings(SigningSettings::default())
        .build()
        .expect("everything a signer needs");
    let body = request.body().clone();
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
    let uri = request.uri().to_string();
    let signable = SignableRequest::new("POST", uri, headers, SignableBody::Bytes(&body)).expect("it can be signed");
    let (instructions, _) = sign(signable, &parameters.into()).expect("a signature").into_parts();
    instructions.apply_to_request_http1x(&mut request);
    request
}

fn response() -> Response {
    Response::Sqs(sqs::Response::SendMessage(SendMessageOutput {
        md5_of_message_body: Some(Digest([0x5d; 16])),
        message_id: Some(Uuid::from_random(0x1234_5678_9abc_def0_1234_5678_9abc_def0)),
        ..SendMessageOutput::default()
    }))
}

fn codecs(criterion: &mut Criterion) {
    for request in [signed(json_request()), signed(query_request())] {
        let exchange = Exchange::open(&request);
        let name = match exchange.protocol() {
            Protocol::Json => "json",
            Protocol::Query => "query",
        };
        criterion.bench_function(&format!("wire/decode/{name}"), |bencher| {
            bencher.iter(|| Exchange::open(black_box(&request)).request(&request).expect("it can be read"));
        });
        let (id, result) = (Uuid::from_random(1), Ok(response()));
        criterion.bench_function(&format!("wire/encode/{name}"), |bencher| {
            bencher.iter(|| exchange.reply(id, black_box(&result)));
        });
    }
}

fn signatures(criterion: &mut Criterion) {
    let request = signed(json_request());
    let known = [Credentials {
        access_key: ACCESS_KEY.to_owned(),
        secret: SECRET.to_owned(),
        session_token: None,
        account: AccountId::DEFAULT,
        expires: None,
    }];
    let now = Timestamp::from_seconds(NOW_SECONDS);
    criterion.bench_function("wire/sigv4/verify", |bencher| {
        bencher.iter(|| verify(black_box(&request), now, &known).expect("the signature holds"));
    });
}

/// Short: what is measured takes microseconds.
fn configured() -> Criterion {
    Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3))
}

criterion_group! { name = benches; config = configured(); targets = codecs, signatures }
criterion_main!(benches);
