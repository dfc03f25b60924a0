//! What people and programs read of a comparison.

mod synthetic;

use proofmark_record::comparison::{Comparison, Settings};
use proofmark_record::load::{LoadedRun, RunRecord};
use proofmark_report::compare::{compare, usual_settings};
use proofmark_report::comparison::{html, human, markdown};
use synthetic::Model;
use synthetic::load_sample::{self, delivery, record};

const MODEL: Model = Model {
    middle_ns: 4e6,
    scatter: 0.3,
    seconds_scatter: 0.015,
    persistence: 0.6,
    tail: 1.0,
    body: 1.0,
    seconds: 90,
    per_second: 500,
};

/// A run as it is read from a directory.
fn run(record: RunRecord, model: &Model, seed: u64) -> LoadedRun {
    let directory = tempfile::tempdir().expect("a directory");
    load_sample::write(directory.path(), record, &model.samples(seed), 1);
    LoadedRun::read(directory.path()).expect("it is read")
}

fn baseline() -> LoadedRun {
    run(RunRecord { delivery: Some(delivery(45_000, 0)), ..record("emulator") }, &MODEL, 1)
}

fn slower() -> LoadedRun {
    run(RunRecord { delivery: Some(delivery(45_000, 0)), ..record("emulator-next") }, &Model { tail: 1.25, ..MODEL }, 2)
}

fn compared(runs: &[LoadedRun]) -> Comparison {
    compare(runs, &Settings { replicas: 500, ..usual_settings() })
}

#[test]
fn pages_to_look_at() {
    let Some(place) = std::env::var_os("PAGES").map(std::path::PathBuf::from) else { return };
    let write = |name: &str, runs: &[LoadedRun]| {
        let comparison = compared(runs);
        let page = html::render(&comparison, runs, "proofmark compare results/a results/b --threshold 5%");
        std::fs::write(place.join(format!("{name}.html")), page).expect("a page");
        println!("{}", human::render(&comparison));
        println!("{}", markdown::render(&comparison));
    };
    write("worse", &[baseline(), slower()]);
    let hostile = run(
        RunRecord {
            label: "<script>alert(1)</script>".to_owned(),
            delivery: Some(delivery(10, 3)),
            ..load_sample::invalid("x")
        },
        &MODEL,
        3,
    );
    write("many", &[baseline(), slower(), hostile]);
}
