//! The server, its end, and cleaning up on it.

use crate::servers::{Served, answer};
use crate::{run, run_in};
use serde_json::json;
use std::fs;

#[test]
fn sigterm_ends_a_long_poll_and_then_the_server() {
    let served = Served::start(&[]);
    assert!(served.call("CreateQueue", &json!({"QueueName": "orders"})).starts_with("HTTP/1.1 200"));
    let url = format!("{}/000000000000/orders", served.url);
    let poll = served.begin("ReceiveMessage", &json!({"QueueUrl": url, "WaitTimeSeconds": 20}));
    while served.parked() == 0 {
        std::thread::yield_now();
    }
    served.terminate();
    assert!(answer(poll).starts_with("HTTP/1.1 200"), "the long poll is answered, well before its 20 seconds");
    let (told, status) = served.wait();
    assert_eq!(status.code(), Some(0));
    assert!(told.contains("export AWS_ENDPOINT_URL=http://127.0.0.1:"), "{told}");
}

#[test]
fn what_to_export_and_what_to_call_is_told() {
    let served = Served::start(&["--clock", "virtual", "--idle", "hold"]);
    served.terminate();
    let url = served.url.clone();
    let (told, _) = served.wait();
    insta::assert_snapshot!(told.replace(&url, "http://127.0.0.1:4566"));
}

#[test]
fn signatures_are_verified_once_there_are_credentials() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("keys.toml");
    let keys = "[[credentials]]\naccess_key = \"AKIAEXAMPLE\"\nsecret = \"hush\"\naccount = \"111122223333\"\n";
    fs::write(&path, keys).expect("a file");
    let served = Served::start(&["--credentials", &path.display().to_string()]);
    assert!(served.call("ListQueues", &json!({})).starts_with("HTTP/1.1 4"), "it is not signed");
}

#[test]
fn what_cannot_be_served_is_told() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("keys.toml"), "[[credentials]]\nsecret = \"hush\"\n").expect("a file");
    let taken = Served::start(&[]);
    let taken = taken.address().to_string();
    for (flags, told) in [
        (&["--listen", "0.0.0.0:0"][..], "--allow-remote"),
        (&["--idle", "hold"], "--clock virtual"),
        (&["--credentials", "keys.toml"], "access_key, secret, account"),
        (&["--trust-ca", "keys.toml"], "no certificate of an authority"),
        (&["--listen", "nonsense"], "invalid socket address"),
    ] {
        let ended = run_in(directory.path(), &[&["serve"], flags].concat());
        assert_eq!(ended.code, 2, "{}", ended.err);
        assert!(ended.err.contains(told) && !ended.err.contains("hush"), "{}", ended.err);
    }
    drop(taken);
}

#[test]
fn a_taken_port_is_told() {
    let served = Served::start(&[]);
    let ended = run(&["serve", "--listen", &served.address().to_string()]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("choose another address"), "{}", ended.err);
}

#[test]
fn clean_deletes_what_the_ledger_names_and_nothing_else() {
    let served = Served::start(&[]);
    for name in ["pm-run-a", "mine"] {
        served.call("CreateQueue", &json!({"QueueName": name}));
    }
    let entry = |name: &str| {
        let resource = json!({"kind": "queue", "name": name, "owner": "first"});
        let mut entry = json!({"at": 0, "run": "run", "unit": "u", "region": "us-east-1", "what": "create"});
        entry.as_object_mut().expect("an object").extend(resource.as_object().expect("an object").clone());
        format!("{entry}\n")
    };
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ledger.jsonl");
    fs::write(&path, entry("pm-run-a") + &entry("pm-run-never-created")).expect("a file");
    let clean = || run_in(directory.path(), &["clean", "ledger.jsonl", "--endpoint", &served.url]);
    let ended = clean();
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (0, "ledger.jsonl: 1 deleted, 1 not there, 0 kept\n"),
        "{}",
        ended.err
    );
    assert_eq!(clean().out, "ledger.jsonl: 0 deleted, 1 not there, 0 kept\n");
    let queues = served.call("ListQueues", &json!({}));
    assert!(queues.contains("mine") && !queues.contains("pm-run"), "{queues}");
    let elsewhere =
        run_in(directory.path(), &["clean", "ledger.jsonl", "--endpoint", &served.url, "--region", "eu-west-1"]);
    assert_eq!(elsewhere.code, 4);
    assert!(elsewhere.out.contains("it is in us-east-1"), "{}", elsewhere.out);
    assert_eq!(run_in(directory.path(), &["clean", "ledger.jsonl"]).code, 2, "a reference has nothing to clean");
}
