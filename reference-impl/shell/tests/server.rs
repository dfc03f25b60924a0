//! The server: graceful end, the control surface, and clients that behave badly.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use proofmark_reference::server::{Limits, Server, ServerHandle};
use proofmark_reference::{Fault, FaultAction, IdlePolicy, Reference};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn serve_with(reference: &Reference, limits: Limits) -> ServerHandle {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    Server::new(reference.clone()).limits(limits).serve(listener).expect("it serves")
}

async fn serve(reference: &Reference) -> ServerHandle {
    serve_with(reference, Limits::default()).await
}

fn held() -> Reference {
    Reference::builder().virtual_clock().idle(IdlePolicy::Hold).build()
}

/// Sends one request over a new HTTP/1.1 connection.
async fn send(server: &ServerHandle, request: http::Request<Bytes>) -> http::Response<Bytes> {
    let stream = TcpStream::connect(server.local_addr()).await.expect("it accepts");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
    tokio::spawn(connection);
    let response = sender.send_request(request.map(Full::new)).await.expect("an answer");
    let (parts, body) = response.into_parts();
    http::Response::from_parts(parts, body.collect().await.expect("a body").to_bytes())
}

async fn control(server: &ServerHandle, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = http::Request::builder()
        .method(method)
        .uri(format!("/_proofmark/{path}"))
        .header("host", server.local_addr().to_string())
        .body(Bytes::from(body.to_string()))
        .expect("a request");
    let response = send(server, request).await;
    (response.status().as_u16(), serde_json::from_slice(response.body()).expect("JSON"))
}

fn list_queues(server: &ServerHandle) -> http::Request<Bytes> {
    http::Request::builder()
        .method("POST")
        .uri("/")
        .header("host", server.local_addr().to_string())
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "AmazonSQS.ListQueues")
        .body(Bytes::from_static(b"{}"))
        .expect("a request")
}

#[tokio::test]
async fn health_and_clock_are_there_to_be_read() {
    let reference = held();
    let server = serve(&reference).await;
    let (status, health) = control(&server, "GET", "health", &Value::Null).await;
    assert_eq!((status, &health["clock"], &health["parked"]), (200, &json!("virtual"), &json!(0)));
    let (_, clock) = control(&server, "GET", "clock", &Value::Null).await;
    assert_eq!(clock, json!({"clock": "virtual", "now_milliseconds": 1_767_225_600_000_u64, "idle": "hold"}));
    server.shutdown().await;
}

#[tokio::test]
async fn the_clock_is_advanced_in_three_ways() {
    let reference = held();
    let server = serve(&reference).await;
    for (body, expected) in [
        (json!({"seconds": 30}), 1_767_225_630_000_u64),
        (json!({"milliseconds": 5}), 1_767_225_630_005),
        (json!({"until_milliseconds": 1_767_225_700_000_u64}), 1_767_225_700_000),
    ] {
        let (status, clock) = control(&server, "POST", "clock/advance", &body).await;
        assert_eq!((status, &clock["now_milliseconds"]), (200, &json!(expected)));
    }
    server.shutdown().await;
}

#[tokio::test]
async fn mistakes_are_told_apart() {
    let server = serve(&held()).await;
    for (method, path, body, expected, part) in [
        ("GET", "nothing", Value::Null, 404, "there are: health"),
        ("DELETE", "faults", Value::Null, 405, "GET, PUT"),
        ("POST", "clock/advance", json!({"hours": 1}), 400, "milliseconds"),
        ("POST", "clock/advance", json!({"seconds": -1}), 400, "the body"),
        ("POST", "clock/advance", json!({"seconds": u64::MAX}), 400, "hundred years"),
        ("POST", "clock/idle", json!({"policy": "sleep"}), 400, "hold"),
        ("PUT", "freedom", json!({"duplicates": 1}), 400, "duplicate"),
    ] {
        let (status, answer) = control(&server, method, path, &body).await;
        let text = answer["error"].as_str().expect("an error text");
        assert!(status == expected && text.contains(part), "{method} {path}: {status} {text}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn knobs_read_as_they_were_turned() {
    let reference = held();
    let server = serve(&reference).await;
    let faults = json!([{"action": "throttle"}]);
    let (status, set) = control(&server, "PUT", "faults", &faults).await;
    assert_eq!((status, &set[0]["action"]), (200, &json!("throttle")));
    assert_eq!(send(&server, list_queues(&server)).await.status(), 400);
    let (_, freedom) = control(&server, "PUT", "freedom", &json!({"duplicate": 0.5})).await;
    assert_eq!(freedom, control(&server, "GET", "freedom", &Value::Null).await.1);
    assert_eq!(control(&server, "POST", "clock/idle", &json!({"policy": "leap"})).await.1["idle"], "leap");
    assert_eq!(control(&server, "POST", "reset", &Value::Null).await.0, 200);
    server.shutdown().await;
}

#[tokio::test]
async fn a_wall_clock_cannot_be_advanced() {
    let server = serve(&Reference::builder().wall_clock().build()).await;
    let (status, answer) = control(&server, "POST", "clock/advance", &json!({"seconds": 1})).await;
    assert_eq!(status, 409, "{answer}");
    server.shutdown().await;
}

#[tokio::test]
async fn pages_in_a_browser_cannot_turn_knobs() {
    let server = serve(&held()).await;
    for (header, value) in [("host", "rebound.example"), ("origin", "http://localhost")] {
        let mut request = http::Request::builder().method("POST").uri("/_proofmark/reset").body(Bytes::new()).unwrap();
        request.headers_mut().insert("host", "localhost".parse().unwrap());
        request.headers_mut().insert(header, value.parse().unwrap());
        assert_eq!(send(&server, request).await.status(), 403, "{header}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn stopping_answers_who_waits() {
    let faults = vec![Fault::new(FaultAction::DelayAnswer { milliseconds: 20_000 })];
    let reference = Reference::builder().faults(faults).idle(IdlePolicy::Hold).build();
    let server = serve(&reference).await;
    let request = list_queues(&server);
    let stream = TcpStream::connect(server.local_addr()).await.expect("it accepts");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let answer = tokio::spawn(sender.send_request(request.map(Full::new)));
    while reference.health().parked == 0 {
        tokio::task::yield_now().await;
    }
    let address = server.local_addr();
    server.shutdown().await;
    assert_eq!(answer.await.unwrap().expect("it was answered").status(), 200);
    connection.await.unwrap().expect("the connection ended well");
    assert!(TcpStream::connect(address).await.is_err(), "the port is closed");
}

#[tokio::test]
async fn a_waiting_client_of_any_kind_makes_the_clock_leap() {
    let faults = vec![Fault::new(FaultAction::DelayAnswer { milliseconds: 20_000 })];
    let reference = Reference::builder().faults(faults).build();
    let server = serve(&reference).await;
    let response = send(&server, list_queues(&server)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["date"], "Thu, 01 Jan 2026 00:00:20 GMT", "the world's date, not the machine's");
    assert_eq!(reference.health().now_milliseconds, 1_767_225_620_000);
    server.shutdown().await;
}

#[tokio::test]
async fn http_2_is_spoken_too() {
    let server = serve(&held()).await;
    let stream = TcpStream::connect(server.local_addr()).await.expect("it accepts");
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = list_queues(&server);
    *request.uri_mut() = format!("{}/", server.url()).parse().unwrap();
    request.headers_mut().remove("host");
    assert_eq!(sender.send_request(request.map(Full::new)).await.expect("an answer").status(), 200);
    let control = http::Request::builder().uri(format!("{}/_proofmark/health", server.url())).body(Bytes::new());
    let control = sender.send_request(control.unwrap().map(Full::new)).await.expect("an answer");
    assert_eq!(control.status(), 200, "the authority stands for the Host header");
    drop(sender);
    server.shutdown().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let server = serve_with(&held(), Limits { body_bytes: 100, ..Limits::default() }).await;
    let request = list_queues(&server).map(|_| Bytes::from(vec![b' '; 101]));
    assert_eq!(send(&server, request).await.status(), 413);
    server.shutdown().await;
}

/// What the server has to say to these bytes before it closes the connection.
async fn talk(server: &ServerHandle, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.local_addr()).await.expect("it accepts");
    stream.write_all(bytes).await.expect("it reads");
    let mut answer = Vec::new();
    // A reset is an answer as good as any to nonsense.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn nonsense_is_answered_and_harms_nobody() {
    let server = serve(&held()).await;
    assert!(talk(&server, b"\x16\x03\x01 this is not HTTP\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    let mut large = b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ".to_vec();
    large.extend(std::iter::repeat_n(b'x', 100_000));
    assert!(talk(&server, &large).await.contains("431"), "the head is too large");
    assert_eq!(send(&server, list_queues(&server)).await.status(), 200);
    server.shutdown().await;
}

#[tokio::test]
async fn slow_clients_are_sent_away() {
    let moment = Duration::from_millis(5);
    let limits = Limits { head_read: moment, body_read: moment, ..Limits::default() };
    let server = serve_with(&held(), limits).await;
    talk(&server, b"").await;
    talk(&server, b"POST / HTT").await;
    let slow_body = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n{";
    assert!(talk(&server, slow_body).await.starts_with("HTTP/1.1 408"));
    server.shutdown().await;
}
