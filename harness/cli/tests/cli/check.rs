//! Runs on the reference: results, records, expectations, exit codes.

use crate::{run, run_in};
use proofmark_record::{CheckRecord, Standing, Summary, Verdict};
use std::fs;
use std::path::Path;

const UNIT: &str = "sqs.visibility.change_to_zero";

const EXPECTED_TO_FAIL: &str = "\
[[expect]]
case = \"sqs.visibility.change_to_zero/json\"
verdict = \"fail\"
reason = \"it was broken\"
";

fn read(directory: &Path) -> CheckRecord {
    CheckRecord::read(&directory.join("check.json")).expect("the record is there")
}

#[test]
fn a_pass_is_one_line_and_a_record() {
    let directory = tempfile::tempdir().expect("a directory");
    let ended = run_in(directory.path(), &["check", UNIT]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("1 case, 2 units: 2 pass in ") && ended.out.contains("virtual time"), "{}", ended.out);
    let path = ended.err.trim().strip_prefix("record: ").expect("it says where the record is");
    assert!(path.starts_with("results/runs/") && path.ends_with("/check.json"), "{path}");
    let record = CheckRecord::read(&directory.path().join(path)).expect("the record is there");
    assert_eq!(record.reproduce, format!("proofmark check {UNIT} --seed 0"));
    assert_eq!((record.units.len(), record.total(Verdict::Pass)), (2, 2));
}

#[test]
fn no_record_means_none() {
    let directory = tempfile::tempdir().expect("a directory");
    let ended = run_in(directory.path(), &["check", UNIT, "--no-record"]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 0);
}

#[test]
fn the_same_seed_makes_the_same_record() {
    let directory = tempfile::tempdir().expect("a directory");
    let units = |out: &str, jobs: &str| {
        let arguments = ["check", "visibility", "--adversarial", "--seed", "9", "--jobs", jobs, "--out", out];
        run_in(directory.path(), &arguments);
        read(&directory.path().join(out)).units
    };
    assert_eq!(units("a", "1"), units("b", "2"));
}

#[test]
fn every_format_is_written_to_standard_output() {
    for (format, beginning) in
        [("json", "{\n  \"format\": \"proofmark-check/1\""), ("junit", "<?xml"), ("markdown", "# Conf")]
    {
        let ended = run(&["check", UNIT, "--no-record", "--format", format]);
        assert!(ended.out.starts_with(beginning), "{}", ended.out);
        assert_eq!(ended.err, "");
    }
}

#[test]
fn flags_of_the_reference_are_in_the_record() {
    let directory = tempfile::tempdir().expect("a directory");
    let flags = ["--transport", "tcp", "--profile", "2021-09", "--protocol", "query", "--exact", "--label", "my one"];
    let ended = run_in(directory.path(), &[&["check", UNIT, "--out", "o"][..], &flags[..]].concat());
    let record = read(&directory.path().join("o"));
    assert_eq!(record.units.len(), 1, "{}", ended.err);
    let words = "--protocol query --transport tcp --profile 2021-09 --seed 0 --exact --label 'my one'";
    assert_eq!(record.reproduce, format!("proofmark check {UNIT} {words}"));
    let subject = &record.subject;
    assert_eq!((subject.transport.as_str(), subject.profile.as_deref()), ("tcp", Some("2021-09")));
}

#[test]
fn an_unexpected_pass_is_loud_until_its_row_is_gone() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("expected.toml"), EXPECTED_TO_FAIL).expect("a file");
    let ended = run_in(directory.path(), &["check", UNIT, "--expect", "expected.toml", "--out", "o"]);
    assert_eq!(ended.code, 1);
    assert!(ended.out.contains("UNEXPECTED PASS") && ended.out.contains("it was broken"), "{}", ended.out);
    let record = read(&directory.path().join("o"));
    assert_eq!(record.units[0].standing, Standing::UnexpectedPass);
    let ended = run_in(directory.path(), &["check", "--rerun", "o/check.json", "--out", "again"]);
    assert_eq!(ended.code, 0, "without the expectation it is fine");
    assert_eq!(read(&directory.path().join("again")).units.len(), 1, "only what was loud");
    let ended = run_in(directory.path(), &["check", "--rerun", "again/check.json"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("nothing to run again"), "{}", ended.err);
}

#[test]
fn fail_fast_stops_and_says_how_far_it_came() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = EXPECTED_TO_FAIL.replace("sqs.visibility.change_to_zero/json", "sqs.visibility.default");
    fs::write(directory.path().join("expected.toml"), first).expect("a file");
    let arguments =
        ["check", "sqs.visibility.*", "--fail-fast", "--jobs", "1", "--expect", "expected.toml", "--out", "o"];
    assert_eq!(run_in(directory.path(), &arguments).code, 1);
    let record = read(&directory.path().join("o"));
    assert!(record.units.len() < record.planned, "{} of {}", record.units.len(), record.planned);
    assert!(record.notes.iter().any(|note| note.contains("broken off")), "{:?}", record.notes);
}

#[test]
fn a_used_up_budget_has_its_own_code() {
    let ended = run(&["check", UNIT, "--no-record", "--max-requests", "1"]);
    assert_eq!(ended.code, 5);
    assert!(ended.out.contains("2 disabled"), "{}", ended.out);
    assert_eq!(run(&["check", UNIT, "--no-record", "--budget", "0.000001"]).code, 5);
}

#[test]
fn a_wall_clock_leaves_out_what_waits_too_long() {
    let arguments = ["check", "sqs.visibility.default/json", "--clock", "wall", "--max-seconds", "1", "--no-record"];
    let ended = run(&arguments);
    assert_eq!(ended.code, 0);
    assert!(ended.out.contains("longer than the 1 s that this run allows") && ended.out.contains("1 unsupported"));
}

#[test]
fn a_sample_has_its_size() {
    let ended = run(&["check", "sqs.visibility.*", "--sample", "3", "--no-record"]);
    assert!(ended.out.contains("3 units"), "{}", ended.out);
}

#[test]
fn a_summary_is_fit_to_be_committed() {
    let directory = tempfile::tempdir().expect("a directory");
    run_in(directory.path(), &["check", UNIT, "--no-record", "--summary", "committed"]);
    let summary = Summary::read(&directory.path().join("committed/summary.json")).expect("it is there");
    assert_eq!(summary.cases[UNIT]["query"], Verdict::Pass);
}

#[test]
fn wrong_usage_is_told_before_anything_runs() {
    for (arguments, told) in [
        (&["check", "sqs.visibilty.change_to_zero"][..], "did you mean"),
        (&["check", UNIT, "!sqs"], "leave no unit"),
        (&["check", UNIT, "--sample", "0"], "no unit is left"),
        (&["check", "--endpoint", "http://localhost:1", "--clock", "wall"], "--clock is about the reference"),
        (&["check", "--endpoint", "localhost:4566"], "http://localhost:4566"),
        (&["check", "--endpoint", "http://localhost:1", "--second-account"], "PROOFMARK_SECOND_ACCESS_KEY_ID"),
        (&["check", "--backend", "aws", "--endpoint", "http://x"], "cannot be used with"),
        (&["check", "--budget", "much"], "write one like 0.25"),
        (&["check", "--expect", "nowhere.toml"], "cannot read nowhere.toml"),
        (&["check", "--rerun", "nowhere.json"], "cannot read nowhere.json"),
        (&["check", "--no-such-flag"], "unexpected argument"),
        (&["clean", "nowhere.jsonl"], "cannot read nowhere.jsonl"),
    ] {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(told), "{arguments:?}: {}", ended.err);
    }
}

#[cfg(not(feature = "aws"))]
#[test]
fn a_build_without_aws_says_how_to_get_one_with_it() {
    let ended = run(&["check", "--backend", "aws"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("--features aws"), "{}", ended.err);
}

#[cfg(feature = "aws")]
#[test]
fn aws_needs_an_allowlist_before_anything_is_called() {
    let ended = run(&["check", "--backend", "aws"]);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("PROOFMARK_AWS_ACCOUNTS"), "{}", ended.err);
}
