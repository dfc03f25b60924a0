//! Runs on servers, good and bad ones.

use crate::servers::{Reply, Served, bad_server, terminate};
use crate::{run, run_in};
use proofmark_record::CheckRecord;
use serde_json::json;
use std::process::Stdio;

const UNIT: &str = "sqs.visibility.change_to_zero";

/// What the service says to somebody who calls too often.
const THROTTLED: Reply = Reply {
    head: "400 Bad Request\r\ncontent-type: application/x-amz-json-1.0\r\nx-amzn-query-error: RequestThrottled;Sender",
    body: r#"{"__type":"com.amazonaws.sqs#RequestThrottled","message":""}"#,
};

/// What no AWS service says.
const NONSENSE: Reply = Reply { head: "200 OK\r\ncontent-type: text/plain", body: "hello" };

fn check(url: &str) -> crate::Ended {
    run(&["check", &format!("{UNIT}/json"), "--endpoint", url, "--no-record"])
}

#[test]
fn a_good_endpoint_passes_and_nothing_is_left_behind() {
    let served = Served::start(&["--clock", "virtual"]);
    let directory = tempfile::tempdir().expect("a directory");
    let arguments = ["check", UNIT, "--endpoint", &served.url, "--label", "mine", "--out", "o"];
    let ended = run_in(directory.path(), &arguments);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert!(ended.err.contains("2 units, about "), "{}", ended.err);
    let record = CheckRecord::read(&directory.path().join("o/check.json")).expect("the record is there");
    assert_eq!((record.subject.backend.as_str(), record.subject.label.as_deref()), ("endpoint", Some("mine")));
    assert!(record.notes.is_empty(), "{:?}", record.notes);
    assert!(directory.path().join("o/ledger.jsonl").exists());
}

#[test]
fn an_endpoint_without_a_record_leaves_no_file() {
    let served = Served::start(&["--clock", "virtual"]);
    let directory = tempfile::tempdir().expect("a directory");
    let arguments = ["check", &format!("{UNIT}/json"), "--endpoint", &served.url, "--no-record"];
    assert_eq!(run_in(directory.path(), &arguments).code, 0);
    let runs = std::fs::read_dir(directory.path().join("results/runs")).expect("a directory");
    assert_eq!(runs.count(), 0);
}

#[test]
fn a_closed_port_is_found_out_before_anything_runs() {
    let ended = check("http://127.0.0.1:9");
    assert_eq!((ended.code, ended.out.as_str()), (3, ""));
    assert!(ended.err.contains("does not answer") && ended.err.contains("host and port"), "{}", ended.err);
}

#[test]
fn a_server_that_throttles_proves_nothing() {
    let ended = check(&bad_server(THROTTLED, usize::MAX));
    assert_eq!(ended.code, 4, "{}", ended.out);
    assert!(ended.out.contains("INCONCLUSIVE"), "{}", ended.out);
}

#[test]
fn a_server_that_talks_nonsense_fails() {
    let ended = check(&bad_server(NONSENSE, usize::MAX));
    assert_eq!(ended.code, 1, "{}", ended.out);
    assert!(ended.out.contains("clause") && ended.out.contains("replay    proofmark check"), "{}", ended.out);
}

#[test]
fn a_server_that_dies_after_the_probe_is_no_verdict_on_it() {
    let ended = check(&bad_server(NONSENSE, 1));
    assert_eq!(ended.code, 70, "{}", ended.out);
    assert!(ended.out.contains("got no answer"), "{}", ended.out);
}

#[cfg(unix)]
#[test]
fn a_run_that_is_told_to_stop_cleans_up_and_says_how_far_it_came() {
    let served = Served::start(&[]);
    let directory = tempfile::tempdir().expect("a directory");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_proofmark"));
    // It waits for the half minute of the default visibility timeout, on a wall clock.
    command.args(["check", "sqs.visibility.default/json", "--out", "o", "--endpoint", &served.url]);
    let check = command.current_dir(directory.path()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let check = check.expect("it starts");
    while !served.call("ListQueues", &json!({})).contains("pm-") {
        std::thread::yield_now();
    }
    terminate(check.id());
    let output = check.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(4));
    let told = String::from_utf8(output.stdout).expect("it writes UTF-8");
    assert!(told.contains("the run was broken off: 0 of 1 units ran"), "{told}");
    assert!(!told.contains("left behind"), "{told}");
    assert!(!served.call("ListQueues", &json!({})).contains("pm-"), "the queue is deleted");
}
