//! The servers that the tests run against: the real one, and bad ones.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

/// `proofmark serve` on a free port. It is killed if a test ends before it.
pub(crate) struct Served {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Served {
    pub(crate) fn start(flags: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(flags);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("it says where it listens");
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).expect("a URL").to_owned();
        Served { child, out, url }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.url.trim_start_matches("http://").parse().expect("an address")
    }

    /// Sends a request of the JSON protocol without waiting for its answer.
    pub(crate) fn begin(&self, operation: &str, body: &Value) -> TcpStream {
        let body = body.to_string();
        let host = self.address();
        let mut stream = TcpStream::connect(host).expect("it accepts");
        stream.set_read_timeout(Some(Duration::from_secs(15))).expect("a timeout");
        let head = "content-type: application/x-amz-json-1.0\r\nconnection: close";
        let length = body.len();
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {host}\r\n{head}\r\nx-amz-target: AmazonSQS.{operation}\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        stream
    }

    pub(crate) fn call(&self, operation: &str, body: &Value) -> String {
        answer(self.begin(operation, body))
    }

    /// How many requests wait in the world.
    pub(crate) fn parked(&self) -> u64 {
        let host = self.address();
        let mut stream = TcpStream::connect(host).expect("it accepts");
        let request = format!("GET /_proofmark/health HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let answer = answer(stream);
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        let health: Value = serde_json::from_str(body).expect("JSON");
        health["parked"].as_u64().expect("a number")
    }

    pub(crate) fn terminate(&self) {
        terminate(self.child.id());
    }

    /// What it wrote after its first line, and how it ended.
    pub(crate) fn wait(mut self) -> (String, ExitStatus) {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("it writes UTF-8");
        (rest, self.child.wait().expect("it is our child"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has ended already, or it ends now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends SIGTERM to a process that a test started.
pub(crate) fn terminate(process: u32) {
    assert!(Command::new("kill").args(["-TERM", &process.to_string()]).status().expect("kill is there").success());
}

/// Everything that comes until the other side closes.
pub(crate) fn answer(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer before the timeout");
    text
}

/// What a bad server says to everything.
#[derive(Clone, Copy)]
pub(crate) struct Reply {
    /// Status and headers.
    pub(crate) head: &'static str,
    pub(crate) body: &'static str,
}

/// A server that answers the first `good` requests with `reply`, and breaks off all others. It ends with the test.
pub(crate) fn bad_server(reply: Reply, good: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("it has one"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten().take(good) {
            converse(stream, reply);
        }
        // Now the port is closed.
    });
    url
}

/// Reads one request, head and body, and answers it.
fn converse(mut stream: TcpStream, reply: Reply) {
    let mut request = BufReader::new(&stream);
    let mut length = 0;
    let mut line = String::new();
    while request.read_line(&mut line).unwrap_or_default() > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
        line.clear();
    }
    // A client that went away is no concern of the test.
    let _ = request.read_exact(&mut vec![0; length]);
    let Reply { head, body } = reply;
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
}
