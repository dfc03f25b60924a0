//! The contestants: a canned hyper server, the reference, and a peer.

use crate::client::{Connection, Target};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, DATE};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use proofmark_reference::Reference;
use proofmark_reference::server::Server;
use std::convert::Infallible;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};

const BODY_BYTES: usize = 300;

/// How many queues hear of each publish.
const QUEUES: usize = 10;

/// What every contestant is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// SendMessage over AWS JSON.
    Send,
    /// Publish to a topic with ten queues, over AWS Query.
    Publish,
}

impl Work {
    pub(crate) const fn says(self) -> &'static str {
        match self {
            Work::Send => "SendMessage of 300 bytes over AWS JSON",
            Work::Publish => "Publish of 300 bytes to ten queues over AWS Query",
        }
    }
}

/// No server in this bench verifies it, but some tell the service and the Region by it.
fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000"
    )
}

/// Serves a reference on the wall clock, with a queue. Also returns one of its answers, for [`canned`].
pub(crate) async fn reference(work: Work) -> (Target, (SocketAddr, Response<Bytes>)) {
    let reference = Reference::builder().wall_clock().build();
    let handle = Server::new(reference.clone()).serve(loopback().await).expect("it serves");
    let address = handle.local_addr();
    // Dropping the handle would stop the server; it shall live as long as the process.
    std::mem::forget(handle);
    let target = target(address, work).await;
    let sample = reference.call(in_process(&target.request)).await;
    (target, (address, sample))
}

/// Serves `sample` for every request, and gets the same request as the reference does.
pub(crate) async fn canned((reference, sample): (SocketAddr, Response<Bytes>), work: Work) -> Target {
    let listener = loopback().await;
    let address = listener.local_addr().expect("an address");
    tokio::spawn(accept(listener, without_hyper_headers(sample)));
    Target { address, request: target(reference, work).await.request }
}

/// A server somewhere else, named by URL.
pub(crate) async fn peer(url: &str, work: Work) -> Target {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut addresses = tokio::net::lookup_host(host).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    target(addresses.next().unwrap_or_else(|| panic!("{url} has no address")), work).await
}

async fn target(address: SocketAddr, work: Work) -> Target {
    match work {
        Work::Send => send_target(address).await,
        Work::Publish => publish_target(address).await,
    }
}

/// Creates a topic with ten queues and prepares a Publish to it.
async fn publish_target(address: SocketAddr) -> Target {
    let mut connection = Connection::to(address);
    let created = ask(&mut connection, &form(address, "Action=CreateTopic&Name=bench")).await;
    let arn = created.split("<TopicArn>").nth(1).and_then(|rest| rest.split('<').next());
    let arn = arn.unwrap_or_else(|| panic!("no topic: {created}")).to_owned();
    let account = arn.split(':').nth(4).unwrap_or_default();
    for number in 0..QUEUES {
        let queue = format!("arn:aws:sqs:us-east-1:{account}:bench-{number}");
        let statement = serde_json::json!({
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": queue, "Condition": {"ArnEquals": {"aws:SourceArn": arn}},
        });
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let body = serde_json::json!({"QueueName": format!("bench-{number}"), "Attributes": {"Policy": policy}});
        ask(&mut connection, &request(address, "CreateQueue", &body.to_string())).await;
        let subscribe = format!("Action=Subscribe&TopicArn={arn}&Protocol=sqs&Endpoint={queue}");
        ask(&mut connection, &form(address, &subscribe)).await;
    }
    let publish = format!("Action=Publish&TopicArn={arn}&Message={}", "x".repeat(BODY_BYTES));
    Target { address, request: form(address, &publish) }
}

async fn ask(connection: &mut Connection, request: &[u8]) -> String {
    let answer = connection.exchange(request).await.unwrap_or_else(|error| panic!("not prepared: {error}"));
    String::from_utf8_lossy(answer).into_owned()
}

/// A request of the Query protocol. Nothing in these forms needs escaping.
fn form(address: SocketAddr, parameters: &str) -> Vec<u8> {
    let body = format!("{parameters}&Version=2010-03-31");
    format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         x-amz-date: 20260101T000000Z\r\nauthorization: {}\r\ncontent-length: {}\r\n\r\n{body}",
        authorization("sns"),
        body.len()
    )
    .into_bytes()
}

/// Creates a queue and prepares a SendMessage to it.
async fn send_target(address: SocketAddr) -> Target {
    let create = request(address, "CreateQueue", r#"{"QueueName":"bench"}"#);
    let mut connection = Connection::to(address);
    let created = connection.exchange(&create).await.unwrap_or_else(|error| panic!("no queue: {error}"));
    let created: serde_json::Value = serde_json::from_slice(created).expect("JSON");
    let body = serde_json::json!({ "QueueUrl": created["QueueUrl"], "MessageBody": "x".repeat(BODY_BYTES) });
    Target { address, request: request(address, "SendMessage", &body.to_string()) }
}

fn request(address: SocketAddr, operation: &str, body: &str) -> Vec<u8> {
    format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-amz-json-1.0\r\n\
         x-amz-target: AmazonSQS.{operation}\r\nx-amz-date: 20260101T000000Z\r\nauthorization: {}\r\n\
         content-length: {}\r\n\r\n{body}",
        authorization("sqs"),
        body.len()
    )
    .into_bytes()
}

/// The same request without a socket.
fn in_process(request: &[u8]) -> Request<Bytes> {
    let text = String::from_utf8_lossy(request);
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let builder = headers.fold(Request::post("/"), |builder, (name, value)| builder.header(name, value));
    builder.body(Bytes::copy_from_slice(body.as_bytes())).expect("a request")
}

/// The answer without what hyper adds of its own.
fn without_hyper_headers(mut sample: Response<Bytes>) -> Response<Bytes> {
    sample.headers_mut().remove(DATE);
    sample.headers_mut().remove(CONTENT_LENGTH);
    sample
}

async fn accept(listener: TcpListener, answer: Response<Bytes>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, answer.clone()));
    }
}

async fn converse(stream: TcpStream, answer: Response<Bytes>) {
    let service = service_fn(|request: Request<Incoming>| {
        let answer = answer.clone().map(Full::new);
        async move {
            // A client that breaks off gets no answer anyway.
            drop(request.into_body().collect().await);
            Ok::<_, Infallible>(answer)
        }
    });
    if stream.set_nodelay(true).is_ok() {
        // The load client closes its connections at the end of the bench.
        drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
    }
}

async fn loopback() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.expect("a port")
}
