//! Load as a user puts it on: mostly on virtual time, where a minute is nothing.

use crate::servers::Served;
use crate::{Ended, proofmark_in, run, run_in};
use std::path::Path;
use std::process::Stdio;

/// Load on a reference with a virtual clock, recorded in `out`.
fn load(directory: &Path, out: &str, more: &[&str]) -> Ended {
    let arguments = ["load", "sqs.standard", "--clock", "virtual", "--duration", "20s", "--out", out];
    run_in(directory, &[&arguments[..], more].concat())
}

fn field(directory: &Path, run: &str, name: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(directory.join(run).join("run.json")).expect("a record");
    let record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    record[name].clone()
}

#[test]
fn without_a_scenario_the_scenarios_are_listed() {
    let ended = run(&["load"]);
    assert_eq!(ended.code, 0);
    insta::assert_snapshot!(ended.out);
}

#[test]
fn a_load_is_recorded_shown_and_compared() {
    let directory = tempfile::tempdir().unwrap();
    let base = load(directory.path(), "base", &["--latency", "*=lognormal:10ms,0.2"]);
    assert_eq!(base.code, 0, "{}{}", base.out, base.err);
    assert!(base.out.contains("valid") && base.out.contains("sqs.SendMessage"), "{}", base.out);
    let shown = run_in(directory.path(), &["results", "show", "base"]);
    assert!(shown.code == 0 && shown.out.contains("sqs.standard"), "{}{}", shown.out, shown.err);
    let slow = load(directory.path(), "slow", &["--latency", "*=lognormal:15ms,0.2"]);
    assert_eq!(slow.code, 0, "{}", slow.err);
    let compared = run_in(directory.path(), &["compare", "base", "slow"]);
    assert_eq!(compared.code, 1, "{}{}", compared.out, compared.err);
    let same = run_in(directory.path(), &["compare", "base", "base"]);
    assert_eq!(same.code, 0, "{}{}", same.out, same.err);
}

#[test]
fn a_load_that_is_not_kept_up_with_is_invalid_and_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let ended = load(directory.path(), "run", &["--rate", "300", "--latency", "*=fixed:10ms@1"]);
    assert_eq!(ended.code, 4, "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("ask for less"), "{}", ended.out);
    assert_eq!(field(directory.path(), "run", "validity")["valid"], false);
}

#[test]
fn the_parts_of_a_load_are_merged_into_the_whole() {
    let directory = tempfile::tempdir().unwrap();
    for part in ["1/2", "2/2"] {
        let out = format!("part-{}", &part[..1]);
        assert_eq!(load(directory.path(), &out, &["--part", part]).code, 0);
    }
    let merged = run_in(directory.path(), &["results", "merge", "whole", "part-1", "part-2"]);
    assert_eq!(merged.code, 0, "{}{}", merged.out, merged.err);
    assert_eq!(field(directory.path(), "whole", "delivery")["sent"], 2_000);
    let twice = run_in(directory.path(), &["results", "merge", "twice", "part-1", "part-1"]);
    assert_eq!(twice.code, 2, "{}", twice.out);
}

#[test]
fn a_search_finds_the_rate_that_the_servers_can_serve() {
    let arguments = ["search", "sns.publish", "--slo", "response p99 < 1s", "--clock", "virtual"];
    let ended = run(&[
        &arguments[..],
        &["--latency", "sns.Publish=fixed:100ms@4", "--duration", "20s", "--precision", "15", "--format", "json"],
    ]
    .concat());
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    let found: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let (met, missed) = (found["met"].as_f64().unwrap(), found["missed"].as_f64().unwrap());
    assert!(met <= 42.0 && missed >= 40.0 && missed / met <= 1.16, "four servers of 100 ms serve 40: {met}, {missed}");
}

#[test]
fn what_is_wrong_with_a_command_line_is_told_before_anything_runs() {
    for (arguments, part) in [
        (&["load", "sqs.standart"][..], "did you mean `sqs.standard`?"),
        (&["load", "sqs.standard", "--plan", "wobble:3"], "there are constant:100/s"),
        (&["load", "sqs.standard", "--rate", "1e12"], "at most ten million"),
        (&["load", "sqs.standard", "-p", "sise=3"], "it has size"),
        (&["load", "sqs.standard", "--part", "9/8"], "K from 1 to N"),
        (&["load", "sqs.standard", "--latency", "sqs=5"], "units such as 5ms"),
        (&["search", "sqs.standard", "--slo", "p99 is fine"], "`response p99 < 50ms`"),
        (&["search", "sqs.standard", "--slo", "response p99 < 1s", "--from", "9", "--to", "8"], "--from is above --to"),
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.err);
        assert!(ended.err.to_lowercase().contains(&part.to_lowercase()), "{arguments:?}: {}", ended.err);
    }
}

#[test]
fn a_target_that_is_not_there_and_a_budget_that_is_used_up_have_codes_of_their_own() {
    let ended = run(&["load", "sqs.standard", "--endpoint", "http://127.0.0.1:9", "--duration", "1s"]);
    assert_eq!(ended.code, 3, "{}", ended.err);
    let directory = tempfile::tempdir().unwrap();
    let ended = load(directory.path(), "run", &["--max-requests", "200"]);
    assert_eq!(ended.code, 5, "{}{}", ended.out, ended.err);
    assert_eq!(field(directory.path(), "run", "status"), "failed");
}

#[test]
fn what_is_created_on_somebody_elses_machine_is_written_down_and_deleted() {
    let (directory, server) = (tempfile::tempdir().unwrap(), Served::start(&[]));
    let url = server.url.clone();
    let arguments = ["load", "sns.fan-out", "-p", "queues=2", "--endpoint", &url, "--rate", "50", "--duration", "3s"];
    let ended = run_in(directory.path(), &[&arguments[..], &["--warm-up", "0s", "--out", "run"]].concat());
    assert!([0, 4].contains(&ended.code), "valid, or not on a busy machine: {}{}", ended.out, ended.err);
    assert_eq!(field(directory.path(), "run", "delivery")["judgement"], "kept");
    let ledger = std::fs::read_to_string(directory.path().join("run").join("ledger.jsonl")).unwrap();
    let count = |what: &str| ledger.lines().filter(|line| line.contains(&format!(r#""what":"{what}""#))).count();
    assert_eq!((count("create"), count("deleted")), (3, 3), "{ledger}");
}

/// A load on the wall clock, ended by `signal` once something was measured; its exit code and its record's status.
#[cfg(unix)]
fn ended_by(signal: &str) -> (Option<i32>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_proofmark"));
    command.current_dir(directory.path()).stdout(Stdio::null()).stderr(Stdio::null());
    command.args(["load", "sqs.standard", "--rate", "50", "--duration", "10m", "--warm-up", "0s", "--out", "run"]);
    let mut load = command.args(["--interval", "100ms"]).spawn().unwrap();
    let series = directory.path().join("run").join("series.ndjson");
    while std::fs::read_to_string(&series).map_or(0, |text| text.lines().count()) < 3 {
        assert!(load.try_wait().unwrap().is_none(), "it goes on for ten minutes");
        std::thread::yield_now();
    }
    let killed = std::process::Command::new("kill").arg(signal).arg(load.id().to_string()).status().unwrap();
    assert!(killed.success());
    (load.wait().unwrap().code(), directory)
}

#[test]
#[cfg(unix)]
fn an_interrupted_load_ends_with_what_was_measured() {
    let (code, directory) = ended_by("-INT");
    assert_eq!((code, field(directory.path(), "run", "status")), (Some(4), "interrupted".into()));
    assert!(field(directory.path(), "run", "operations")[0]["attempted"].as_u64() > Some(0));
}

#[test]
#[cfg(unix)]
fn a_killed_load_leaves_a_record_that_can_be_read() {
    let (_, directory) = ended_by("-KILL");
    assert_eq!(field(directory.path(), "run", "status"), "running");
    let shown = proofmark_in(directory.path()).args(["results", "show", "run"]).output().unwrap();
    let text = String::from_utf8_lossy(&shown.stdout).into_owned() + &String::from_utf8_lossy(&shown.stderr);
    assert!(text.contains("sqs.standard") && text.contains("killed"), "{text}");
}
