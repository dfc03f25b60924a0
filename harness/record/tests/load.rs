//! The record of a load run: what is written is read, also when the run was killed in the middle of a line.

mod load_sample;

use load_sample::{OPERATION, Samples, record, write};
use proofmark_record::ReadError;
use proofmark_record::load::{
    Delivery, IntervalRow, Kind, LoadedRun, Part, RunRecord, RunWriter, Tag, histogram, merge,
};
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

/// Two parts of one plan, each with its samples, and the directory that they are in.
fn parts(of: [&[Samples]; 2]) -> (tempfile::TempDir, Vec<LoadedRun>) {
    let directory = tempfile::tempdir().expect("a directory");
    let run = |index: u32, samples: &[Samples]| {
        let below = directory.path().join(format!("part-{index}"));
        let delivery = Some(load_sample::delivery(100, 0));
        write(&below, RunRecord { delivery, ..load_sample::part(index, 2) }, samples, 1);
        read(&below)
    };
    let runs = vec![run(1, of[0]), run(2, of[1])];
    (directory, runs)
}

fn response_of(samples: &[u64]) -> Vec<Samples> {
    samples.iter().map(|sample| vec![(Kind::Response, vec![*sample; 20])]).collect()
}

#[test]
fn parts_are_added_up_and_read_as_a_run() {
    let (directory, parts) = parts([&response_of(&[1_000, 2_000]), &response_of(&[3_000, 4_000, 5_000])]);
    let below = directory.path().join("merged");
    let merged = merge(&parts, &below).expect("they are parts");
    merged.write().expect("it is written");
    let run = read(&below);
    assert_eq!((run.series.len(), run.total(&response()).len()), (3, 100));
    assert_eq!(run.series[0].operations[OPERATION][&Kind::Response].count, 40);
    assert_eq!((run.run.part, run.run.workers, run.run.offered.asked), (None, 32, 100));
    assert_eq!(run.run.operation(OPERATION).expect("it was called").kinds[&Kind::Response].count, 100);
    assert_eq!(run.run.delivery, Some(load_sample::delivery(200, 0)));
    assert!(run.run.validity.valid && run.run.invalid_because().is_empty());
    assert_eq!(run, *merged.run(), "what is read is what was put together");
}

#[test]
fn what_are_no_parts_of_one_plan_is_refused() {
    let (_directory, parts) = parts([&response_of(&[1]), &response_of(&[2])]);
    let told = |runs: &[LoadedRun]| merge(runs, Path::new("x")).expect_err("no parts").to_string();
    let changed = |change: fn(&mut RunRecord)| {
        let mut other = parts[1].clone();
        change(&mut other.run);
        told(&[parts[0].clone(), other])
    };
    assert!(told(&parts[..1]).contains("two parts and more"));
    assert!(told(&[parts[0].clone(), parts[0].clone()]).contains("are both part 1"));
    assert!(changed(|run| run.seed = 8).contains("the seed is 7 there and 8 here"));
    assert!(changed(|run| run.plan = "constant:1/s".to_owned()).contains("the plan is constant:1000/s there"));
    let mut whole = parts.clone();
    whole.iter_mut().for_each(|run| run.run.part = None);
    assert!(told(&whole).contains("ran the whole plan"));
}

#[test]
fn a_part_that_is_not_there_makes_the_run_not_valid() {
    let (_directory, mut parts) = parts([&response_of(&[1]), &response_of(&[2])]);
    for (run, index) in parts.iter_mut().zip(1..) {
        run.run.part = Some(Part { index, of: 4 });
    }
    let merged = merge(&parts, Path::new("x")).expect("they are parts").run().run.clone();
    assert!(merged.invalid_because()[0].contains("2, without 3, 4"), "{:?}", merged.invalid_because());
}

#[test]
fn a_message_that_another_part_received_is_not_lost() {
    let (_directory, mut parts) = parts([&response_of(&[1]), &response_of(&[2])]);
    parts[0].run.delivery = Some(load_sample::delivery(100, 5));
    parts[1].run.delivery = Some(Delivery { foreign: 4, ..load_sample::delivery(100, 0) });
    let delivery =
        merge(&parts, Path::new("x")).expect("they are parts").run().run.delivery.clone().expect("an account");
    assert_eq!((delivery.sent, delivery.received, delivery.lost, delivery.foreign), (200, 199, 1, 0));
    assert!(delivery.is_broken() && delivery.reasons[1].contains("the least it can be"), "{delivery:?}");
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
    fn a_run_that_was_split_and_merged_is_the_same(intervals in intervals(), part in any::<u64>()) {
        let mut at = 0_u32;
        let mut split = |samples: &Vec<u64>| -> [Vec<u64>; 2] {
            let mut halves = [Vec::new(), Vec::new()];
            for sample in samples {
                at = (at + 1) % 64;
                halves[usize::from(part >> at & 1 == 1)].push(*sample);
            }
            halves
        };
        let mut halves = [Vec::new(), Vec::new()];
        for interval in &intervals {
            let kinds: Vec<(Kind, [Vec<u64>; 2])> = interval.iter().map(|(kind, of)| (*kind, split(of))).collect();
            for (half, all) in halves.iter_mut().enumerate() {
                all.push(kinds.iter().map(|(kind, of)| (*kind, of[half].clone())).collect::<Samples>());
            }
        }
        let (directory, parts) = parts([&halves[0], &halves[1]]);
        write(&directory.path().join("whole"), record("whole"), &intervals, 1);
        let whole = read(&directory.path().join("whole"));
        let merged = merge(&parts, &directory.path().join("merged")).expect("they are parts");
        merged.write().expect("it is written");
        let merged = read(&merged.run().directory);
        for kind in Kind::ALL {
            let tag = Tag::new(OPERATION, kind);
            prop_assert_eq!(merged.total(&tag), whole.total(&tag));
        }
        prop_assert_eq!(merged.series.len(), whole.series.len());
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
