//! The path to AWS, whole, against a stand-in: STS as far as it is asked, and behind it the reference.

use crate::servers::Served;
use crate::{Ended, ended, proofmark_in};
use proofmark_record::CheckRecord;
use serde_json::json;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const ACCOUNT: &str = "111122223333";
const UNIT: &str = "sqs.visibility.change_to_zero";

/// Answers STS's one question itself, and hands every other connection on to the reference.
struct StandIn {
    url: String,
    served: Served,
    handed_on: Arc<AtomicUsize>,
}

impl StandIn {
    fn start() -> Self {
        let served = Served::start(&[]);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("it has one"));
        let (address, handed_on) = (served.address(), Arc::new(AtomicUsize::new(0)));
        let counted = handed_on.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counted = counted.clone();
                std::thread::spawn(move || converse(stream, address, &counted));
            }
        });
        StandIn { url, served, handed_on }
    }

    /// Runs the binary as somebody would who is logged in, with these accounts allowed.
    fn check(&self, directory: &Path, accounts: &str, arguments: &[&str]) -> Ended {
        fs::write(directory.join("accounts.toml"), format!("accounts = [\"{accounts}\"]")).expect("a file");
        let mut command = proofmark_in(directory);
        command.args(["check", UNIT, "--backend", "aws", "--accounts", "accounts.toml", "--jobs", "1"]).args(arguments);
        command.env("HOME", directory).env("AWS_ENDPOINT_URL", &self.url).env("AWS_REGION", "eu-west-1");
        command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
        ended(&mut command)
    }

    /// Whether the run left no queue behind.
    fn is_clean(&self) -> bool {
        !self.served.call("ListQueues", &json!({})).contains("pm-")
    }
}

fn converse(mut stream: TcpStream, address: std::net::SocketAddr, handed_on: &AtomicUsize) {
    let mut first = vec![0; 64 * 1024];
    let read = stream.read(&mut first).unwrap_or_default();
    if String::from_utf8_lossy(&first[..read]).contains("GetCallerIdentity") {
        let body = format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
             <Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}", body.len());
        let _ = write!(stream, "{head}\r\nconnection: close\r\n\r\n{body}");
        return;
    }
    handed_on.fetch_add(1, Ordering::Relaxed);
    let mut server = TcpStream::connect(address).expect("the reference listens");
    let _ = server.write_all(&first[..read]);
    let (mut from, mut to) = (stream.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    // Either side may hang up first.
    let _ = std::io::copy(&mut server, &mut stream);
}

#[test]
fn an_allowed_account_is_worked_in_and_left_clean() {
    let (aws, directory) = (StandIn::start(), tempfile::tempdir().expect("a directory"));
    let ended = aws.check(directory.path(), ACCOUNT, &["--budget", "0.01", "--out", "run"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert!(ended.err.contains("in the place of AWS"), "{}", ended.err);
    assert!(aws.handed_on.load(Ordering::Relaxed) > 0 && aws.is_clean());
    let record = CheckRecord::read(&directory.path().join("run/check.json")).expect("the record is there");
    assert_eq!(record.subject.backend, "aws");
    assert!(record.subject.label.is_some_and(|label| label.contains(&aws.url)), "it says that this was not AWS");
    assert!(record.reproduce.contains("--backend aws --accounts accounts.toml"), "{}", record.reproduce);
}

#[test]
fn any_other_account_is_refused_before_the_first_call() {
    let (aws, directory) = (StandIn::start(), tempfile::tempdir().expect("a directory"));
    let ended = aws.check(directory.path(), "444455556666", &[]);
    assert_eq!(ended.code, 3, "{}{}", ended.out, ended.err);
    assert!(ended.err.contains("not allowed") && !ended.err.contains(ACCOUNT), "{}", ended.err);
    assert_eq!(aws.handed_on.load(Ordering::Relaxed), 0);
}

#[test]
fn a_budget_that_ends_in_the_middle_leaves_nothing_behind() {
    let (aws, directory) = (StandIn::start(), tempfile::tempdir().expect("a directory"));
    let ended = aws.check(directory.path(), ACCOUNT, &["--max-requests", "5", "--no-record"]);
    assert_eq!(ended.code, 5, "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("the budget was used up while it ran"), "{}", ended.out);
    assert!(aws.is_clean() && !ended.out.contains("left behind"), "{}", ended.out);
}
