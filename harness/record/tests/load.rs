//! The record of a load run: what is written is read, also when the run was killed in the middle of a line.

mod load_sample;

use load_sample::{OPERATION, Samples, record, write};
use proofmark_record::ReadError;
use proofmark_record::load::{IntervalRow, Kind, LoadedRun, RunRecord, RunWriter, Tag, histogram};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

const HISTOGRAMS: &str = "histograms.hlog";

fn response() -> Tag {
    Tag::new(OPERATION, Kind::Response)
}

fn read(directory: &Path) -> LoadedRun {
    LoadedRun::read(directory).expect("it is read")
}

fn told(directory: &Path) -> String {
    let error = LoadedRun::read(directory).expect_err("it is no record");
    error.to_string().replace(&directory.display().to_string(), "DIR")
}

/// A run of two blocks with three intervals each, in a directory of its own.
fn small() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let intervals: Vec<Samples> = (1..=6)
        .map(|at| vec![(Kind::Response, vec![at * 1_000, 5_000_000]), (Kind::EndToEnd, vec![at * 2_000])])
        .collect();
    write(directory.path(), record("small"), &intervals, 2);
    directory
}

#[test]
fn a_run_that_was_written_is_read_with_its_blocks() {
    let directory = small();
    let run = read(directory.path());
    assert_eq!((run.series.len(), run.intervals.len(), &run.truncated), (6, 12, &None));
    assert_eq!(run.total(&response()).len(), 12);
    let response = response();
    let second: Vec<f64> = run.intervals_of(&response, Some(1)).map(|interval| interval.from_seconds).collect();
    assert_eq!(second, [3.0, 4.0, 5.0]);
    assert_eq!(run.intervals_of(&response, None).count(), 6);
    let tags: Vec<String> = run.tags().into_iter().map(ToString::to_string).collect();
    assert_eq!(tags, ["sqs.SendMessage.response", "sqs.SendMessage.end-to-end"]);
}

#[test]
fn a_run_that_was_killed_before_its_first_interval_is_a_run() {
    let directory = tempfile::tempdir().expect("a directory");
    let below = directory.path().join("results/one");
    RunWriter::create(&below, &record("killed")).expect("it is written");
    let run = read(&below);
    assert!(run.series.is_empty() && run.intervals.is_empty() && run.truncated.is_none());
    assert!(run.total(&response()).is_empty());
}

#[test]
fn the_histograms_are_an_interval_log_in_nanoseconds() {
    let text = fs::read_to_string(small().path().join(HISTOGRAMS)).expect("it was written");
    for part in ["Values are nanoseconds", "#[StartTime: 1767225600.000 ", "#[BaseTime: 1767225600.000 "] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("\nTag=sqs.SendMessage.response,0.000,1.000,"), "{text}");
}

#[test]
fn a_torn_line_is_left_out_and_told() {
    let directory = small();
    for (file, rows) in [(HISTOGRAMS, 6), (IntervalRow::FILE, 5)] {
        let path = directory.path().join(file);
        let content = fs::read(&path).expect("it was written");
        fs::write(&path, &content[..content.len() - 3]).expect("a file");
        let run = read(directory.path());
        assert_eq!((run.series.len(), run.intervals.len()), (rows, 11));
        assert!(run.truncated.expect("it is told").contains(&format!("{file} ends in the middle of a line")));
    }
}

#[test]
fn what_cannot_be_read_says_why_and_what_to_do() {
    let directory = small();
    let path = directory.path().join(RunRecord::FILE);
    let whole = fs::read_to_string(&path).expect("it was written");
    let with = |text: &str| {
        fs::write(&path, text).expect("a file");
        told(directory.path())
    };
    assert!(with(&whole[..whole.len() / 2]).contains("ends in the middle"));
    assert!(with(&whole.replace("proofmark-load/1", "proofmark-load/2")).contains("reads proofmark-load/1"));
    assert!(with(&whole.replace("proofmark-load/1", "x/1")).contains("give the run.json of a run"));
    assert!(with(&whole.replace("\"seed\": 7", "\"seed\": \"7\"")).contains("was edited"));
    fs::remove_file(&path).expect("it was there");
    assert!(told(directory.path()).starts_with("DIR is not the directory of a load run"));
    fs::write(&path, &whole).expect("a file");
    fs::remove_file(directory.path().join(HISTOGRAMS)).expect("it was there");
    assert!(matches!(LoadedRun::read(directory.path()), Err(ReadError::Io { .. })));
}

#[test]
fn a_line_that_was_damaged_is_named() {
    for (file, line) in [(HISTOGRAMS, 5), (IntervalRow::FILE, 1)] {
        let directory = small();
        let path = directory.path().join(file);
        let text = fs::read_to_string(&path).expect("it was written");
        fs::write(&path, text.replacen("sqs", "s\nqs", 1)).expect("a file");
        assert!(told(directory.path()).contains(&format!("line {line} of DIR/{file} was edited, or damaged")));
    }
}

#[test]
fn what_cannot_be_written_names_the_place() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let error = RunWriter::create(&file.path().join("below"), &record("x")).expect_err("a file is no directory");
    assert!(error.to_string().contains("below"), "{error}");
    let directory = small();
    let row = read(directory.path()).series.remove(0);
    let mut writer = RunWriter::create(directory.path(), &record("x")).expect("it is written");
    let empty = histogram::empty();
    let wrong = writer.interval(&row, &[(Tag::new("a b", Kind::Wait), &empty)]).expect_err("a space");
    assert!(wrong.to_string().contains(HISTOGRAMS), "{wrong}");
    let early = IntervalRow { from_seconds: -1.0, ..row };
    assert!(writer.interval(&early, &[]).is_err());
}

#[test]
fn a_tag_is_read_as_it_is_written() {
    let tag = Tag::new("sns.Publish", Kind::EndToEnd);
    assert_eq!(tag.to_string().parse::<Tag>().expect("a tag"), tag);
    for wrong in ["response", "sqs.SendMessage", "sqs.SendMessage.latency", ""] {
        assert!(wrong.parse::<Tag>().is_err(), "{wrong}");
    }
}

fn intervals() -> impl Strategy<Value = Vec<Samples>> {
    let sample = prop_oneof![0..2_000_u64, 1_000..10_000_000_u64, any::<u64>()];
    let kind = prop::sample::select(&Kind::ALL[..]);
    let kinds = prop::collection::btree_map(kind, prop::collection::vec(sample, 0..40), 0..4);
    prop::collection::vec(kinds.prop_map(|kinds| kinds.into_iter().collect()), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn histograms_are_read_as_they_were_written(intervals in intervals()) {
        let directory = tempfile::tempdir().expect("a directory");
        write(directory.path(), record("any"), &intervals, 1);
        let run = read(directory.path());
        for kind in Kind::ALL {
            let tag = Tag::new(OPERATION, kind);
            let mut expected = histogram::empty();
            let samples = intervals.iter().flatten().filter(|(of, _)| *of == kind).flat_map(|(_, samples)| samples);
            samples.for_each(|sample| expected.record(*sample).expect("it grows"));
            prop_assert_eq!(run.total(&tag), expected);
        }
    }

    #[test]
    fn files_that_were_cut_anywhere_are_read_up_to_there(at in 0.0..1.0_f64, of_histograms in any::<bool>()) {
        let directory = small();
        let whole = read(directory.path());
        let path = directory.path().join(if of_histograms { HISTOGRAMS } else { IntervalRow::FILE });
        let content = fs::read(&path).expect("it was written");
        let cut = (content.len() as f64 * at) as usize;
        fs::write(&path, &content[..cut]).expect("a file");
        let run = read(directory.path());
        prop_assert!(whole.series.starts_with(&run.series));
        let counts = |run: &LoadedRun| run.intervals.iter().map(|interval| interval.counts.clone()).collect::<Vec<_>>();
        prop_assert!(counts(&whole).starts_with(&counts(&run)));
        let ends_well = cut == 0 || content[cut - 1] == b'\n';
        prop_assert_eq!(run.truncated.is_none(), ends_well);
    }

    #[test]
    fn a_run_json_that_was_cut_anywhere_is_told(at in 0.0..1.0_f64) {
        let directory = small();
        let path = directory.path().join(RunRecord::FILE);
        let content = fs::read(&path).expect("it was written");
        // The last two bytes are the closing brace and a line end.
        fs::write(&path, &content[..(at * (content.len() - 2) as f64) as usize]).expect("a file");
        prop_assert!(LoadedRun::read(directory.path()).is_err());
    }

    #[test]
    fn damage_anywhere_is_told_or_read(at in 0.0..1.0_f64, byte in any::<u8>(), of_histograms in any::<bool>()) {
        let directory = small();
        let path = directory.path().join(if of_histograms { HISTOGRAMS } else { IntervalRow::FILE });
        let mut content = fs::read(&path).expect("it was written");
        let place = (content.len() as f64 * at) as usize;
        content[place] = byte;
        fs::write(&path, &content).expect("a file");
        // Whatever comes of it, it is no panic.
        let _ = LoadedRun::read(directory.path());
    }
}
