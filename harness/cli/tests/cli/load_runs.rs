//! compare and results, on runs that were written for them.

#[path = "../../../record/tests/load_sample/mod.rs"]
mod load_sample;

use crate::{Ended, run_in};
use load_sample::{Samples, delivery, invalid, part, record, write};
use proofmark_record::load::{Kind, RunRecord};
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

/// Forty seconds of a thousand responses around so many microseconds; every run has its own pattern.
fn samples(middle_us: u64, pattern: u64) -> Vec<Samples> {
    let response = |second: u64, at: u64| {
        let scatter = (at * 7_919 + second * 104_729 + pattern * 15_485_863) % 1_000;
        middle_us * (600 + scatter * scatter / 1_250)
    };
    let second = |second| vec![(Kind::Response, (0..1_000).map(|at| response(second, at)).collect())];
    (0..40).map(second).collect()
}

/// A directory in which these runs are, below `results`.
fn with(runs: Vec<(&str, RunRecord, Vec<Samples>)>) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, record, samples) in runs {
        write(&directory.path().join("results").join(name), record, &samples, 1);
    }
    directory
}

fn pair(middle_us: u64) -> TempDir {
    with(vec![("a", record("one"), samples(4_000, 1)), ("b", record("two"), samples(middle_us, 2))])
}

fn compare(directory: &TempDir, more: &[&str]) -> Ended {
    let arguments = ["compare", "results/a", "results/b"];
    run_in(directory.path(), &[&arguments[..], more].concat())
}

#[test]
fn the_same_is_no_reason_to_fail() {
    let ended = compare(&pair(4_000), &[]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{}", ended.out);
    assert!(ended.out.ends_with("\nsame: none of 3 quantiles differs by the threshold or more\n"), "{}", ended.out);
}

#[test]
fn worse_fails_and_better_does_not() {
    let directory = pair(4_600);
    let ended = compare(&directory, &[]);
    assert_eq!(ended.code, 1, "{}", ended.out);
    assert!(ended.out.contains("\nworse: sqs.SendMessage response p50 +15.0 %"), "{}", ended.out);
    assert_eq!(run_in(directory.path(), &["compare", "results/b", "results/a"]).code, 0);
    assert_eq!(compare(&directory, &["--threshold", "20%"]).code, 0, "15 % do not matter then");
}

#[test]
fn a_run_that_is_not_valid_cannot_tell() {
    let directory = with(vec![("a", record("one"), samples(4_000, 1)), ("b", invalid("two"), samples(4_600, 2))]);
    let ended = compare(&directory, &[]);
    assert_eq!(ended.code, 4);
    assert!(ended.out.ends_with("\ncannot tell: the numbers of two are not to be believed\n"), "{}", ended.out);
}

#[test]
fn lost_messages_fail_however_fast_it_was() {
    let losing = RunRecord { delivery: Some(delivery(10_000, 1)), ..record("two") };
    let ended = compare(&with(vec![("a", record("one"), samples(4_000, 1)), ("b", losing, samples(1_000, 2))]), &[]);
    assert_eq!(ended.code, 1);
    assert!(ended.out.ends_with("\ndelivery broken: two: 1 message lost\n"), "{}", ended.out);
}

#[test]
fn a_comparison_as_json_says_the_same() {
    let ended = compare(&pair(4_600), &["--format", "json", "--quantiles", "p50"]);
    let json: Value = serde_json::from_str(&ended.out).expect("JSON");
    assert_eq!((ended.code, &json["format"], &json["outcome"]), (1, &"proofmark-compare/1".into(), &"worse".into()));
    assert_eq!(json["candidates"][0]["differences"].as_array().expect("a list").len(), 1);
}

#[test]
fn a_page_is_written_and_its_path_told() {
    let directory = pair(4_600);
    let ended = compare(&directory, &["--format", "html"]);
    assert_eq!((ended.code, ended.out.as_str()), (1, "comparison.html\n"), "{}", ended.err);
    let page = fs::read_to_string(directory.path().join("comparison.html")).expect("it is there");
    assert!(page.contains("proofmark compare results/a results/b --threshold 5% --confidence 99%"));
    let ended = compare(&directory, &["--format", "markdown", "--out", "told.md"]);
    assert_eq!(ended.out, "told.md\n");
    assert!(fs::read_to_string(directory.path().join("told.md")).expect("it is there").starts_with("# worse: "));
    let ended = compare(&directory, &["--out", "not/there.txt"]);
    assert_eq!((ended.code, ended.err.contains("cannot write not/there.txt")), (2, true), "{}", ended.err);
}

#[test]
fn what_is_no_run_is_told() {
    let directory = pair(4_000);
    let told = |arguments: &[&str]| {
        let ended = run_in(directory.path(), arguments);
        assert_eq!(ended.code, 2, "{}", ended.out);
        ended.err
    };
    assert!(
        told(&["compare", "results/a"]).contains("2 more values required")
            || told(&["compare", "results/a"]).contains("RUN")
    );
    let missing = told(&["compare", "results/a", "nowhere"]);
    assert!(missing.contains("nowhere is not the directory of a load run"), "{missing}");
    let wrong = told(&["compare", "results/a", "results/b", "--threshold", "0.05"]);
    assert!(wrong.contains("write it like 5%"), "{wrong}");
    let path = directory.path().join("results/b/run.json");
    let other = fs::read_to_string(&path).expect("it is there").replace("proofmark-load/1", "proofmark-load/9");
    fs::write(&path, other).expect("it is written");
    let version = told(&["compare", "results/a", "results/b"]);
    assert!(version.contains("is of format proofmark-load/9, and this build reads proofmark-load/1"), "{version}");
}

#[test]
fn a_run_that_was_torn_is_compared_and_told() {
    let directory = pair(4_000);
    let path = directory.path().join("results/b/histograms.hlog");
    let content = fs::read(&path).expect("it is there");
    fs::write(&path, &content[..content.len() - 9]).expect("it is written");
    let ended = compare(&directory, &[]);
    assert!(ended.out.contains("  cut off histograms.hlog ends in the middle of a line"), "{}", ended.out);
}

#[test]
fn runs_are_listed_wherever_they_are() {
    let directory = with(vec![("s/a", record("one"), samples(1, 1)), ("b", invalid("two"), samples(1, 1))]);
    fs::create_dir(directory.path().join("results/c")).expect("a directory");
    fs::write(directory.path().join("results/c/run.json"), "{").expect("a file");
    let ended = run_in(directory.path(), &["results", "list"]);
    assert_eq!((ended.code, ended.out.lines().count()), (0, 2), "{}", ended.out);
    assert!(ended.out.contains("  valid      results/s/a  one ") && ended.out.contains("  not valid  results/b  two "));
    assert!(ended.err.contains("results/c/run.json ends in the middle"), "{}", ended.err);
    let nowhere = run_in(directory.path(), &["results", "list", "nowhere"]);
    assert_eq!((nowhere.code, nowhere.err.contains("cannot list nowhere")), (2, true));
}

#[test]
fn a_run_is_shown() {
    let directory = pair(4_000);
    let ended = run_in(directory.path(), &["results", "show", "results/a"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("\nvalid\n") && ended.out.contains("sqs.SendMessage 40,000 calls"), "{}", ended.out);
    let json = run_in(directory.path(), &["results", "show", "results/a", "--format", "json"]).out;
    assert_eq!(serde_json::from_str::<Value>(&json).expect("JSON")["label"], "one");
}

#[test]
fn parts_become_one_run() {
    let directory = with(vec![("p1", part(1, 2), samples(4_000, 1)), ("p2", part(2, 2), samples(4_000, 2))]);
    let merge = |arguments: &[&str]| run_in(directory.path(), &[&["results", "merge"], arguments].concat());
    let ended = merge(&["results/all", "results/p1", "results/p2"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("80,000 calls") && ended.out.contains("ok parts: all 2"), "{}", ended.out);
    let shown = run_in(directory.path(), &["results", "show", "results/all"]);
    assert_eq!(shown.out, ended.out);
    let again = merge(&["results/all", "results/p1", "results/p2"]);
    assert_eq!((again.code, again.err.contains("is a run already")), (2, true), "{}", again.err);
    let twice = merge(&["results/other", "results/p1", "results/p1"]);
    assert_eq!((twice.code, twice.err.contains("are both part 1")), (2, true), "{}", twice.err);
    assert!(!directory.path().join("results/other").exists());
}

#[test]
fn histograms_are_exported() {
    let directory = pair(4_000);
    let export = |more: &[&str]| run_in(directory.path(), &[&["results", "export", "results/a"], more].concat());
    assert!(export(&[]).out.contains("#[Mean    ="));
    assert!(export(&["--format", "csv"]).out.starts_with("from_seconds,to_seconds,block,operation,kind,count,"));
    let wrong = export(&["--tag", "x"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("it has: sqs.SendMessage.response"), "{}", wrong.err);
}
