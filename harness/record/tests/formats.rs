//! The formats: what is written validates, what is read is what was written, and bad files are told apart.

mod load_sample;
mod sample;

use proofmark_record::comparison::{Candidate, Comparison, Difference, Interval, Outcome, RunInBrief, Settings};
use proofmark_record::load::{IntervalRow, Kind, RunRecord};
use proofmark_record::{
    CheckRecord, ClauseText, Exchange, Failure, Message, Observation, ReadError, SearchRecord, SearchStep, Standing,
    Summary, UnitRecord, Verdict,
};
use schemars::{Schema, schema_for};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn failure() -> Failure {
    Failure {
        what: "the number of messages".to_owned(),
        expected: Some("1".to_owned()),
        got: Some("2".to_owned()),
        clauses: vec![ClauseText {
            id: "sqs.a.b".to_owned(),
            says: "There is one.".to_owned(),
            strength: "guaranteed".to_owned(),
            source: "nobody".to_owned(),
        }],
        request_id: Some("r-1".to_owned()),
    }
}

fn exchange() -> Exchange {
    let message = Message { headers: vec![("a".to_owned(), "b".to_owned())], body: "{}".to_owned(), body_bytes: 2 };
    Exchange {
        number: 1,
        method: "POST".to_owned(),
        path: "/".to_owned(),
        request: message.clone(),
        status: Some(200),
        response: Some(message),
        error: None,
    }
}

fn unit(protocol: &str, verdict: Verdict) -> UnitRecord {
    UnitRecord {
        unit: format!("sqs.a/{protocol}"),
        case: "sqs.a".to_owned(),
        protocol: protocol.to_owned(),
        says: "It does.".to_owned(),
        clauses: vec!["sqs.a.b".to_owned(), "sqs.a.c".to_owned()],
        verdict,
        expected: None,
        standing: if verdict == Verdict::Pass { Standing::Expected } else { Standing::Unexpected },
        failure: (verdict == Verdict::Fail).then(failure),
        reason: None,
        warnings: vec!["a text differs".to_owned()],
        observations: vec![Observation { clause: "sqs.a.c".to_owned(), seen: "2".to_owned() }],
        requests: 3,
        world_ms: 10,
        seed: u64::MAX,
        fingerprint: "0123".to_owned(),
        replay: None,
        exchanges: vec![exchange()],
        history: vec![serde_json::json!({"event": "sent"})],
    }
}

fn record() -> CheckRecord {
    sample::record(vec![unit("json", Verdict::Fail), unit("query", Verdict::Pass)])
}

fn schema_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name)
}

/// The committed schema is the generated one; `UPDATE_SCHEMAS=1` writes it.
fn committed(name: &str, generated: &Schema) -> Value {
    let generated = serde_json::to_string_pretty(generated).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::write(schema_file(name), &generated).expect("the schema directory is there");
    }
    let committed = fs::read_to_string(schema_file(name)).unwrap_or_default();
    assert!(committed == generated, "{name} is out of date; run the tests again with UPDATE_SCHEMAS=1");
    serde_json::from_str(&committed).expect("a schema is JSON")
}

fn validates(schema: &Value, file: &Path) {
    let written: Value = serde_json::from_str(&fs::read_to_string(file).expect("it was written")).expect("JSON");
    let validator = jsonschema::validator_for(schema).expect("the schema is one");
    let errors: Vec<String> = validator.iter_errors(&written).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn a_record_that_was_written_validates_and_reads_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = record().write(&directory.path().join("deeper")).expect("it is written");
    validates(&committed("check-1.json", &schema_for!(CheckRecord)), &path);
    assert_eq!(CheckRecord::read(&path).expect("it is read"), record());
    let files = fs::read_dir(path.parent().expect("a directory")).expect("a directory").count();
    assert_eq!(files, 1, "no temporary file is left");
}

#[test]
fn a_summary_that_was_written_validates_and_reads_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = Summary::of(&record()).write(directory.path()).expect("it is written");
    validates(&committed("summary-1.json", &schema_for!(Summary)), &path);
    let summary = Summary::read(&path).expect("it is read");
    assert_eq!(summary.clauses["sqs.a.c"], Verdict::Fail, "the worst of its units");
    assert_eq!(summary.cases["sqs.a"]["query"], Verdict::Pass);
}

#[test]
fn a_load_run_that_was_written_validates() {
    let directory = tempfile::tempdir().expect("a directory");
    let samples = vec![vec![(Kind::Response, vec![1_000; 2_000])]];
    let record = RunRecord { delivery: Some(load_sample::delivery(100, 1)), ..load_sample::part(1, 2) };
    load_sample::write(directory.path(), record, &samples, 1);
    validates(&committed("load-1.json", &schema_for!(RunRecord)), &directory.path().join(RunRecord::FILE));
    let row = committed("load-series-1.json", &schema_for!(IntervalRow));
    validates(&row, &directory.path().join(IntervalRow::FILE));
}

#[test]
fn a_comparison_validates() {
    let difference = Difference {
        operation: "sqs.SendMessage".to_owned(),
        kind: Kind::Response,
        quantile: 0.99,
        baseline_ns: Some(1),
        candidate_ns: None,
        baseline_samples: 100,
        candidate_samples: 0,
        change: None,
        interval: Some(Interval { low: -0.1, high: 0.1 }),
        joint_interval: None,
        block_intervals: None,
        outcome: Outcome::CannotTell,
        reason: None,
    };
    let candidate = Candidate {
        name: "b".to_owned(),
        outcome: Outcome::CannotTell,
        obstacles: Vec::new(),
        notes: Vec::new(),
        paired: true,
        differences: vec![difference],
    };
    let comparison = Comparison {
        format: Comparison::FORMAT.to_owned(),
        proofmark: "0.1.0".to_owned(),
        settings: Settings { threshold: 0.05, confidence: 0.99, quantiles: vec![0.99], replicas: 1_000, seed: 0 },
        outcome: Outcome::CannotTell,
        runs: vec![RunInBrief::of(&load_sample::record("a"), "a".to_owned(), None)],
        candidates: vec![candidate],
    };
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), serde_json::to_string(&comparison).expect("JSON")).expect("it is written");
    validates(&committed("compare-1.json", &schema_for!(Comparison)), file.path());
    let read: Comparison = serde_json::from_slice(&fs::read(file.path()).expect("it is there")).expect("it is read");
    assert_eq!(read, comparison);
}

#[test]
fn what_cannot_be_read_says_why_and_what_to_do() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("check.json");
    let told = |text: &str| {
        fs::write(&path, text).expect("a file");
        let error = CheckRecord::read(&path).expect_err("it is no record");
        error.to_string().replace(&path.display().to_string(), "check.json")
    };
    let whole = serde_json::to_string(&record()).expect("JSON");
    assert!(told(&whole[..whole.len() / 2]).contains("ends in the middle"));
    assert!(told(&whole.replace("proofmark-check/1", "proofmark-check/2")).contains("reads proofmark-check/1"));
    assert!(told(&whole.replace("proofmark-check/1", "other/1")).contains("is not a proofmark-check/1 file"));
    assert!(told("no JSON").contains("is not a proofmark-check/1 file"));
    assert!(told(&whole.replace("\"seed\":7", "\"seed\":\"7\"")).contains("was edited"));
    assert!(matches!(CheckRecord::read(directory.path()), Err(ReadError::Io { .. })));
}

#[test]
fn what_cannot_be_written_names_the_place() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let error = record().write(&file.path().join("below-a-file")).expect_err("a file is no directory");
    assert!(error.to_string().contains("below-a-file"), "{error}");
}

#[test]
fn a_search_is_what_its_schema_says() {
    let search = SearchRecord {
        format: SearchRecord::FORMAT.to_owned(),
        proofmark: "0.1.0".to_owned(),
        scenario: Default::default(),
        subject: Default::default(),
        slo: vec!["response p99 < 50ms".to_owned()],
        met: Some(10.0),
        missed: None,
        steps: vec![SearchStep { rate: 10.0, missed: Some("the rate was not kept".to_owned()) }],
    };
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), serde_json::to_vec(&search).unwrap()).unwrap();
    validates(&committed("search-1.json", &schema_for!(SearchRecord)), file.path());
}
