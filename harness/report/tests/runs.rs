//! A load run for a terminal and for other programs.

mod synthetic;

use proofmark_record::load::{Kind, LoadedRun, RunRecord, Status, Tag};
use proofmark_report::{export, run};
use std::path::{Path, PathBuf};
use synthetic::Model;
use synthetic::load_sample::{self, OPERATION, delivery, record};

fn loaded(record: RunRecord, seconds: usize) -> LoadedRun {
    let directory = tempfile::tempdir().expect("a directory");
    let model = Model { seconds, ..Model::default() };
    load_sample::write(directory.path(), record, &model.samples(1), 1);
    LoadedRun::read(directory.path()).expect("it is read")
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn a_run_that_may_be_believed() {
    let record = RunRecord { delivery: Some(delivery(30_000, 0)), ..record("emulator") };
    insta::assert_snapshot!(plain(&run::render(&loaded(record, 30))));
}

#[test]
fn a_run_that_may_not_says_so_first() {
    let record =
        RunRecord { delivery: Some(delivery(10, 1)), status: Status::Interrupted, ..load_sample::invalid("x") };
    let told = plain(&run::render(&LoadedRun { truncated: Some("a file is torn".to_owned()), ..loaded(record, 2) }));
    let lines: Vec<&str> = told.lines().skip(2).take(6).collect();
    assert_eq!(
        lines,
        [
            "not valid: these numbers are not to be believed",
            "  failed somebody ended it early",
            "  failed schedule kept: 71 % sent on time, limit at least 99 %; ask for a lower rate, or give it more workers",
            "  cut off a file is torn",
            "messages: broken 10 sent, 9 received, 1 lost",
            "  because 1 message lost",
        ]
    );
}

#[test]
fn a_list_has_a_line_per_run() {
    let runs = [("results/a", record("one")), ("results/b", load_sample::invalid("two"))];
    let runs = runs.map(|(path, record)| (PathBuf::from(path), record));
    assert_eq!(
        plain(&run::list(&runs)),
        "2026-01-01 00:00  valid      results/a  one sqs-point-to-point constant:1000/s\n\
         2026-01-01 00:00  not valid  results/b  two sqs-point-to-point constant:1000/s\n"
    );
}

#[test]
fn a_percentile_table_is_as_plotters_read_it() {
    let table = export::hgrm(&loaded(record("a"), 1), &Tag::new(OPERATION, Kind::Response));
    insta::assert_snapshot!(table);
    let nothing = export::hgrm(&loaded(record("a"), 1), &Tag::new("no.Operation", Kind::Response));
    assert!(nothing.contains("Total count    =            0"), "{nothing}");
}

#[test]
fn intervals_are_lines_of_a_table() {
    let directory = tempfile::tempdir().expect("a directory");
    let samples = [vec![(Kind::Response, vec![1_000, 2_000])], vec![(Kind::Response, vec![3_000])]];
    load_sample::write(directory.path(), record("a"), &samples, 2);
    let table = export::csv(&LoadedRun::read(Path::new(directory.path())).expect("it is read"));
    insta::assert_snapshot!(table);
}
