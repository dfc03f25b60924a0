//! Which of two load runs is faster, and how sure that is.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`compare`] | the runs in pairs with the first: every operation, kind and quantile |
//! | `cells` | a run's histograms as a series of cells in time, aligned with the other's |
//! | `block_length` | how many cells in a row are drawn together |
//! | `bootstrap` | drawing cells anew, many times: how a quantile's change would have varied |
//! | `distribution` | quantiles of the normal distribution and of Student's |
//! | `judge` | from an interval to a word |
//!
//! # Method
//!
//! *What is compared.* The logarithm of the ratio of the candidate's quantile to the baseline's, per operation, kind and
//! quantile. Both quantiles are of all samples together. `wait` is shown and not judged: it is the generator's own
//! lateness, mostly microseconds of which any part is a large part, and what of it matters is in `response`.
//!
//! *Intervals.* A circular block bootstrap (Politis and Romano 1992, "A circular block-resampling procedure for
//! stationary data") over the interval histograms: blocks of neighbouring intervals are drawn with replacement until
//! there are as many as in the run, their histograms are added up, and the quantile is taken of the sum. Samples of one
//! interval stay together and so do neighbouring intervals, so what makes them alike (a slow second, a full cache, a
//! backlog) makes the interval wider, as it must. Of the drawn changes the middle 99 % are taken ("percentile
//! interval"), and stretched about the estimate twice: by what Student's distribution is wider than the normal one at as
//! many degrees of freedom as there were blocks, less one, because few blocks vary too little (Hesterberg 2015, "What
//! teachers should know about the bootstrap", on expanded percentile intervals); and by what blocks lose where they are
//! cut (see `block_length`). Measured on made-up runs of 120 seconds and more, in which what slowed a second slows the
//! next by 60 or 70 %, intervals of 99 % hold the truth 96 to 99 times of 100; `tests/compare.rs` repeats that.
//!
//! *Block length.* The rule of Politis and White 2004 ("Automatic block-length selection for the dependent bootstrap")
//! with the correction of Patton, Politis and White 2009, on the series that drives a quantile: how many of an
//! interval's samples lie beyond it, less how many ought to. The longest of all quantiles and both runs is taken.
//!
//! *Pairs.* When blocks of the two runs took turns in one session, cells at the same place of the same block are drawn
//! together. What slowed both at that time then cancels out, and the block length is that of the difference.
//!
//! *Words.* A ratio of 1 + t or of 1 / (1 + t) is at the threshold t. `same` if the interval lies between them, `worse` and
//! `better` if the joint interval lies wholly beyond, else `cannot tell`. Overall it is the worst of all.
//!
//! *Many quantiles.* `same` overall means that every one is, which needs no correction: to be wrong, the test that
//! guards the one that does differ must be wrong (intersection-union test, Berger 1982). `worse` overall means that any
//! one is, so chance has as many chances as there are quantiles: those verdicts use the joint interval, which is wider
//! so that all of the candidate's hold at once (Bonferroni).
//!
//! *Samples.* A quantile is judged if at least 1 / t² samples lie beyond it in both runs (their number then scatters by
//! no more than the threshold, were they independent: 40,000 samples for p99 and 5 %) and there are at
//! least [`FEWEST_CELLS`] intervals and [`FEWEST_BLOCKS`] blocks; else it never is `same`. A tail without samples enough
//! may be `worse` or `better` if [`FEWEST_BEYOND`] samples lie in it, and else is not judged, and said so; an operation
//! of which not even the first quantile has enough is `cannot tell`.

mod block_length;
mod bootstrap;
mod cells;
mod distribution;
mod judge;

use cells::Aligned;
use judge::Judged;
use proofmark_record::comparison::{Candidate, Comparison, Difference, Outcome, RunInBrief, Settings};
use proofmark_record::load::{Kind, LoadedRun, RunRecord, Tag};
use std::collections::BTreeSet;
use std::fmt::Display;

/// So many intervals must each run have.
pub const FEWEST_CELLS: usize = 16;

/// So many samples must lie beyond a quantile for it to be found worse or better; to be found `same` it takes more.
pub const FEWEST_BEYOND: f64 = 50.0;

/// So many blocks must they make up.
pub const FEWEST_BLOCKS: usize = 10;

/// The threshold, confidence and so on that are used if nothing else is said.
#[must_use]
pub fn usual_settings() -> Settings {
    Settings { threshold: 0.05, confidence: 0.99, quantiles: vec![0.5, 0.9, 0.99, 0.999], replicas: 2_000, seed: 0 }
}

/// Compares the other runs with the first. The runs must be at least two; with fewer, nothing is compared.
#[must_use]
pub fn compare(runs: &[LoadedRun], settings: &Settings) -> Comparison {
    let names = names(runs);
    let brief = |(run, name): (&LoadedRun, &String)| RunInBrief::of(&run.run, name.clone(), run.truncated.clone());
    let pairs = runs.iter().zip(&names).skip(1);
    let candidates: Vec<Candidate> =
        pairs.map(|(run, name)| candidate(&runs[0], run, name.clone(), settings)).collect();
    Comparison {
        format: Comparison::FORMAT.to_owned(),
        proofmark: env!("CARGO_PKG_VERSION").to_owned(),
        settings: settings.clone(),
        outcome: candidates.iter().map(|candidate| candidate.outcome).max().unwrap_or(Outcome::CannotTell),
        runs: runs.iter().zip(&names).map(brief).collect(),
        candidates,
    }
}

/// What runs are called: their labels, with ids where labels are shared, and numbers where those are too.
fn names(runs: &[LoadedRun]) -> Vec<String> {
    let shared = |text: &str, of: fn(&RunRecord) -> &str| runs.iter().filter(|run| of(&run.run) == text).count() > 1;
    let name = |(at, run): (usize, &LoadedRun)| match &run.run {
        record if !shared(&record.label, |other| &other.label) => record.label.clone(),
        record if !shared(&record.run, |other| &other.run) => format!("{} ({})", record.label, record.run),
        record => format!("{} (number {})", record.label, at + 1),
    };
    runs.iter().enumerate().map(name).collect()
}

fn candidate(baseline: &LoadedRun, run: &LoadedRun, name: String, settings: &Settings) -> Candidate {
    let paired = cells::took_turns(baseline, run);
    let judged: Vec<Judged> = common_tags(baseline, run)
        .into_iter()
        .flat_map(|tag| {
            judge::differences(tag, &Aligned::new(baseline, run, tag, paired, settings.threshold), settings)
        })
        .collect();
    let differences = judge::jointly(judged, settings);
    let obstacles = obstacles(baseline, run, &differences);
    let worst = differences.iter().map(|difference| difference.outcome).max();
    let judged = worst.filter(|outcome| obstacles.is_empty() && *outcome != Outcome::NotJudged);
    let outcome = judged.unwrap_or(Outcome::CannotTell);
    Candidate { name, outcome, obstacles, notes: notes(&baseline.run, &run.run), paired, differences }
}

fn common_tags<'a>(baseline: &'a LoadedRun, run: &LoadedRun) -> Vec<&'a Tag> {
    let tags = run.tags();
    baseline.tags().into_iter().filter(|tag| tags.contains(tag)).collect()
}

/// Whether a kind is judged. Waits are the generator's own; see the module's text.
fn is_judged(kind: Kind) -> bool {
    kind != Kind::Wait
}

/// Why two runs cannot be judged against each other.
fn obstacles(baseline: &LoadedRun, run: &LoadedRun, differences: &[Difference]) -> Vec<String> {
    let (a, b) = (&baseline.run, &run.run);
    let mut obstacles: Vec<String> = Vec::new();
    let mut unlike = |what: &str, a: &dyn Display, b: &dyn Display| {
        if a.to_string() != b.to_string() {
            obstacles.push(format!("not the same load: {what} is {a} there and {b} here"));
        }
    };
    unlike("the scenario", &a.scenario.name, &b.scenario.name);
    unlike("the plan", &a.plan, &b.plan);
    let parameters: BTreeSet<&String> = a.scenario.parameters.keys().chain(b.scenario.parameters.keys()).collect();
    for parameter in parameters {
        let [a, b] = [a, b].map(|run| run.scenario.parameters.get(parameter).map_or("not set", String::as_str));
        unlike(&format!("`{parameter}`"), &a, &b);
    }
    if !differences.iter().any(|difference| is_judged(difference.kind)) {
        obstacles.push("the runs have no operation in common; compare runs of the same scenario".to_owned());
    }
    obstacles
}

/// What differs between two runs beside what they were to compare.
fn notes(a: &RunRecord, b: &RunRecord) -> Vec<String> {
    let rows = [
        ("the clock", a.subject.clock.clone(), b.subject.clock.clone()),
        ("the transport", a.subject.transport.clone(), b.subject.transport.clone()),
        ("the seed", a.seed.to_string(), b.seed.to_string()),
        ("the number of workers", a.workers.to_string(), b.workers.to_string()),
        ("the number of consumers", a.consumers.to_string(), b.consumers.to_string()),
        ("the processor", a.machine.cpu.clone(), b.machine.cpu.clone()),
        ("the number of cores", a.machine.cores.to_string(), b.machine.cores.to_string()),
        ("proofmark's version", a.proofmark.clone(), b.proofmark.clone()),
    ];
    let unlike = rows.into_iter().filter(|(_, a, b)| a != b);
    unlike.map(|(what, a, b)| format!("{what} is {a} there and {b} here")).collect()
}
