//! The parts of one plan, put together: every histogram and every count is the sum of the parts', exactly.
//!
//! Parts began at different times, so their intervals are put together by their number from each part's own start.
//! What cannot be added up is not made up: a merged interval outside the measured phase has no latencies, because no
//! histogram was kept of it.

use super::histogram::{Counts, LatencySummary, LoggedInterval, Tag};
use super::reader::LoadedRun;
use super::run::{
    Check, CheckVerdict, Cost, Delivery, Offered, OperationSummary, Part, Phase, PhaseName, RunRecord, Status, Validity,
};
use super::series::{IntervalLatency, IntervalRow};
use super::{histogram, writer::RunWriter};
use crate::file::WriteError;
use hdrhistogram::Histogram;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// Why runs are not the parts of one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlike {
    /// One run is no merger.
    #[error("a merged run is made of two parts and more; give every part's directory")]
    TooFew,
    /// It ran a whole plan.
    #[error("{} ran the whole plan, not a part of it; only runs of `proofmark load --part` can be merged", path.display())]
    NoPart {
        /// Its directory.
        path: PathBuf,
    },
    /// The same part is there twice.
    #[error("{} and {} are both part {index}; give each part once", one.display(), other.display())]
    Twice {
        /// One directory.
        one: PathBuf,
        /// The other.
        other: PathBuf,
        /// The part.
        index: u32,
    },
    /// They did not do the same.
    #[error("{} and {} are not parts of the same load: {what} is {a} there and {b} here", one.display(), other.display())]
    Differs {
        /// One directory.
        one: PathBuf,
        /// The other.
        other: PathBuf,
        /// What differs.
        what: &'static str,
        /// What it is there.
        a: String,
        /// What it is here.
        b: String,
    },
}

/// Puts the parts of one plan together. `directory` is where the merged run is going to be.
///
/// # Errors
/// [`Unlike`] if they are not parts of one plan, or one part is there twice.
pub fn merge(parts: &[LoadedRun], directory: &Path) -> Result<Merged, Unlike> {
    let (first, others) = parts.split_first().ok_or(Unlike::TooFew)?;
    if others.is_empty() {
        return Err(Unlike::TooFew);
    }
    others.iter().try_for_each(|other| alike(first, other))?;
    let missing = missing_parts(parts)?;
    let steps = steps(parts);
    let intervals = steps.iter().flat_map(|(key, step)| step.intervals(key)).collect();
    let series = steps.into_iter().map(|(key, step)| step.row(&key)).collect();
    let mut merged = LoadedRun {
        directory: directory.to_owned(),
        run: record(parts, &missing),
        series,
        intervals,
        truncated: torn(parts),
    };
    merged.run.operations = operations(parts, &merged);
    Ok(Merged(merged))
}

/// A run that was put together, and is not in its directory yet.
#[derive(Debug)]
pub struct Merged(LoadedRun);

impl Merged {
    /// The run.
    #[must_use]
    pub fn run(&self) -> &LoadedRun {
        &self.0
    }

    /// Writes it into its directory, which is made.
    ///
    /// # Errors
    /// [`WriteError`] if the directory cannot be made or written to.
    pub fn write(&self) -> Result<(), WriteError> {
        let Merged(LoadedRun { directory, run, series, intervals, .. }) = self;
        let mut writer = RunWriter::create(directory, run)?;
        // An interval and its row are of the same step, so their times are the same to the last bit.
        let mut at: HashMap<(u64, Option<u32>), Vec<&LoggedInterval>> = HashMap::new();
        for interval in intervals {
            at.entry((interval.from_seconds.to_bits(), interval.block)).or_default().push(interval);
        }
        for row in series {
            let measured =
                (row.phase == PhaseName::Measure).then(|| at.remove(&(row.from_seconds.to_bits(), row.block)));
            let here = measured.flatten().unwrap_or_default();
            let histograms: Vec<(Tag, Histogram<u64>)> =
                here.into_iter().map(|one| (one.tag.clone(), one.histogram())).collect();
            let borrowed: Vec<(Tag, &Histogram<u64>)> =
                histograms.iter().map(|(tag, one)| (tag.clone(), one)).collect();
            writer.interval(row, &borrowed)?;
        }
        Ok(())
    }
}

fn alike(first: &LoadedRun, other: &LoadedRun) -> Result<(), Unlike> {
    let (a, b) = (&first.run, &other.run);
    let of = |run: &RunRecord| run.part.map(|part| part.of).unwrap_or_default();
    let parameters = |run: &RunRecord| format!("{:?}", run.scenario.parameters);
    let pairs: [(&'static str, String, String); 9] = [
        ("the scenario", a.scenario.name.clone(), b.scenario.name.clone()),
        ("what the scenario was given", parameters(a), parameters(b)),
        ("the plan", a.plan.clone(), b.plan.clone()),
        ("the seed", text(a.seed), text(b.seed)),
        ("the duration", text(a.duration_seconds), text(b.duration_seconds)),
        ("the interval", text(a.interval_seconds), text(b.interval_seconds)),
        ("the backend", a.subject.backend.clone(), b.subject.backend.clone()),
        ("the endpoint", format!("{:?}", a.subject.endpoint), format!("{:?}", b.subject.endpoint)),
        ("the number of parts", text(of(a)), text(of(b))),
    ];
    let differing = pairs.into_iter().find(|(_, a, b)| a != b);
    let (one, other) = (first.directory.clone(), other.directory.clone());
    differing.map_or(Ok(()), |(what, a, b)| Err(Unlike::Differs { one, other, what, a, b }))
}

fn text(value: impl Display) -> String {
    value.to_string()
}

/// The parts that are not there.
fn missing_parts(parts: &[LoadedRun]) -> Result<BTreeSet<u32>, Unlike> {
    let mut known: BTreeMap<u32, &LoadedRun> = BTreeMap::new();
    let mut all = BTreeSet::new();
    for run in parts {
        let Part { index, of } = run.run.part.ok_or_else(|| Unlike::NoPart { path: run.directory.clone() })?;
        all.extend(1..=of);
        if let Some(other) = known.insert(index, run) {
            return Err(Unlike::Twice { one: other.directory.clone(), other: run.directory.clone(), index });
        }
    }
    Ok(all.into_iter().filter(|index| !known.contains_key(index)).collect())
}

fn torn(parts: &[LoadedRun]) -> Option<String> {
    let name = |run: &LoadedRun| run.directory.display().to_string();
    let torn: Vec<String> =
        parts.iter().filter_map(|run| Some(format!("{}: {}", name(run), run.truncated.as_ref()?))).collect();
    (!torn.is_empty()).then(|| torn.join("; "))
}

/// Which interval: when it is in the run, and what was done then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    number: u64,
    phase: u8,
    block: Option<u32>,
}

/// An interval of all parts.
#[derive(Default)]
struct Step {
    rows: Vec<IntervalRow>,
    ends: Option<(f64, f64)>,
    histograms: BTreeMap<Tag, Histogram<u64>>,
}

const PHASES: [PhaseName; 4] = [PhaseName::Probe, PhaseName::WarmUp, PhaseName::Measure, PhaseName::Drain];

fn steps(parts: &[LoadedRun]) -> BTreeMap<Key, Step> {
    let mut steps: BTreeMap<Key, Step> = BTreeMap::new();
    for run in parts {
        let number = |from_seconds: f64| (from_seconds / run.run.interval_seconds.max(0.001)).round() as u64;
        for row in &run.series {
            let phase = PHASES.iter().position(|phase| *phase == row.phase).unwrap_or_default() as u8;
            let key = Key { number: number(row.from_seconds), phase, block: row.block };
            steps.entry(key).or_default().add_row(row);
        }
        for interval in &run.intervals {
            let key = Key { number: number(interval.from_seconds), phase: 2, block: interval.block };
            steps.entry(key).or_default().add_interval(interval);
        }
    }
    steps
}

impl Step {
    fn widen(&mut self, from: f64, to: f64) {
        let (low, high) = self.ends.unwrap_or((from, to));
        self.ends = Some((low.min(from), high.max(to)));
    }

    fn add_row(&mut self, row: &IntervalRow) {
        self.widen(row.from_seconds, row.to_seconds);
        self.rows.push(row.clone());
    }

    fn add_interval(&mut self, interval: &LoggedInterval) {
        self.widen(interval.from_seconds, interval.to_seconds);
        interval.counts.add_to(self.histograms.entry(interval.tag.clone()).or_insert_with(histogram::empty));
    }

    fn intervals(&self, key: &Key) -> Vec<LoggedInterval> {
        let (from_seconds, to_seconds) = self.ends.unwrap_or_default();
        let interval = |(tag, histogram): (&Tag, &Histogram<u64>)| LoggedInterval {
            tag: tag.clone(),
            block: key.block,
            from_seconds,
            to_seconds,
            counts: Counts::of(histogram),
        };
        self.histograms.iter().map(interval).collect()
    }

    fn row(self, key: &Key) -> IntervalRow {
        let (from_seconds, to_seconds) = self.ends.unwrap_or_default();
        let sum = |of: fn(&IntervalRow) -> u64| self.rows.iter().map(of).sum();
        let mut operations: BTreeMap<String, BTreeMap<_, IntervalLatency>> = BTreeMap::new();
        for (tag, histogram) in &self.histograms {
            operations.entry(tag.operation.clone()).or_default().insert(tag.kind, latency(histogram));
        }
        IntervalRow {
            phase: PHASES[usize::from(key.phase)],
            block: key.block,
            from_seconds,
            to_seconds,
            asked: sum(|row| row.asked),
            sent: sum(|row| row.sent),
            done: sum(|row| row.done),
            in_flight: sum(|row| row.in_flight),
            backlog: sum(|row| row.backlog),
            errors: sum(|row| row.errors),
            throttles: sum(|row| row.throttles),
            requests: sum(|row| row.requests),
            operations,
        }
    }
}

fn latency(histogram: &Histogram<u64>) -> IntervalLatency {
    IntervalLatency {
        count: histogram.len(),
        p50_ns: histogram.value_at_quantile(0.5),
        p99_ns: histogram.value_at_quantile(0.99),
        max_ns: histogram.max(),
    }
}

fn record(parts: &[LoadedRun], missing: &BTreeSet<u32>) -> RunRecord {
    let runs = || parts.iter().map(|part| &part.run);
    let mut merged = parts[0].run.clone();
    let names: BTreeSet<&str> = runs().map(|run| run.run.as_str()).collect();
    merged.run = names.into_iter().collect::<Vec<_>>().join("+");
    merged.part = None;
    merged.workers = runs().map(|run| run.workers).sum();
    merged.consumers = runs().map(|run| run.consumers).sum();
    merged.versions = runs().flat_map(|run| run.versions.clone()).collect();
    merged.started = runs().map(|run| run.started).min().unwrap_or(merged.started);
    merged.status = runs().map(|run| run.status).find(|status| *status != Status::Complete).unwrap_or(Status::Complete);
    merged.phases = phases(parts);
    merged.delivery = deliveries(parts);
    merged.validity = validity(parts, missing);
    merged.cost =
        Cost { requests: runs().map(|run| run.cost.requests).sum(), dollars: runs().map(|run| run.cost.dollars).sum() };
    merged.offered = Offered {
        asked: runs().map(|run| run.offered.asked).sum(),
        sent: runs().map(|run| run.offered.sent).sum(),
        rate_asked: runs().map(|run| run.offered.rate_asked).sum(),
        rate_kept: runs().map(|run| run.offered.rate_kept).sum(),
    };
    merged
}

/// Each phase from the first part's beginning of it to the last part's end.
fn phases(parts: &[LoadedRun]) -> Vec<Phase> {
    let mut phases: Vec<Phase> = Vec::new();
    for phase in parts.iter().flat_map(|part| &part.run.phases) {
        match phases.iter_mut().find(|known| (known.name, known.block) == (phase.name, phase.block)) {
            Some(known) => {
                known.from_seconds = known.from_seconds.min(phase.from_seconds);
                known.to_seconds = known.to_seconds.max(phase.to_seconds);
            }
            None => phases.push(*phase),
        }
    }
    phases
}

/// What became of all messages. A message that came to another part's consumer is missed by the part that sent it and
/// foreign to the one that got it: together, it is not lost.
fn deliveries(parts: &[LoadedRun]) -> Option<Delivery> {
    let all: Vec<&Delivery> = parts.iter().filter_map(|part| part.run.delivery.as_ref()).collect();
    let sum = |of: fn(&Delivery) -> u64| all.iter().map(|one| of(one)).sum::<u64>();
    let first = all.first()?;
    let (missed, foreign) = (sum(|one| one.lost), sum(|one| one.foreign));
    let elsewhere = missed.min(foreign);
    let merged = Delivery {
        sent: sum(|one| one.sent),
        unacknowledged: sum(|one| one.unacknowledged),
        received: sum(|one| one.received) + elsewhere,
        lost: missed - elsewhere,
        duplicated: sum(|one| one.duplicated),
        reordered: sum(|one| one.reordered),
        unexpected: sum(|one| one.unexpected),
        foreign: foreign - elsewhere,
        impossible: sum(|one| one.impossible),
        ..(*first).clone()
    };
    let mut merged = merged.judged();
    if elsewhere > 0 {
        merged
            .reasons
            .push(format!("{elsewhere} came to the consumers of another part, so `lost` is the least it can be"));
    }
    Some(merged)
}

/// Of each check the part's with the worst verdict, and whether all parts are there.
fn validity(parts: &[LoadedRun], missing: &BTreeSet<u32>) -> Validity {
    let severity = |verdict: CheckVerdict| match verdict {
        CheckVerdict::Ok => 0,
        CheckVerdict::NotMeasured => 1,
        CheckVerdict::Warning => 2,
        CheckVerdict::Failed => 3,
    };
    let mut worst: Vec<Check> = vec![all_there(parts.len(), missing)];
    for part in parts {
        let index = part.run.part.map(|part| part.index).unwrap_or_default();
        for check in &part.run.validity.checks {
            let of_part = Check { measured: format!("part {index}: {}", check.measured), ..check.clone() };
            match worst.iter_mut().find(|known| known.name == check.name) {
                Some(known) if severity(known.verdict) >= severity(check.verdict) => {}
                Some(known) => *known = of_part,
                None => worst.push(of_part),
            }
        }
    }
    let valid = missing.is_empty() && parts.iter().all(|part| part.run.validity.valid);
    Validity { valid, checks: worst }
}

fn all_there(count: usize, missing: &BTreeSet<u32>) -> Check {
    let all: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let measured = if all.is_empty() { format!("all {count}") } else { format!("{count}, without {}", all.join(", ")) };
    let verdict = if all.is_empty() { CheckVerdict::Ok } else { CheckVerdict::Failed };
    let advice = if all.is_empty() { "" } else { "give every part, or run those again" };
    Check { name: "parts".to_owned(), verdict, measured, limit: "every part".to_owned(), advice: advice.to_owned() }
}

fn operations(parts: &[LoadedRun], merged: &LoadedRun) -> Vec<OperationSummary> {
    let mut all: BTreeMap<&str, OperationSummary> = BTreeMap::new();
    for part in parts.iter().flat_map(|part| &part.run.operations) {
        let sum = all
            .entry(&part.operation)
            .or_insert_with(|| OperationSummary { operation: part.operation.clone(), ..OperationSummary::default() });
        sum.attempted += part.attempted;
        sum.succeeded += part.succeeded;
        sum.throttled += part.throttled;
        part.errors.iter().for_each(|(code, count)| *sum.errors.entry(code.clone()).or_default() += count);
    }
    for tag in merged.tags() {
        let summary = LatencySummary::of(&merged.total(tag));
        if let Some(operation) = all.get_mut(tag.operation.as_str()) {
            operation.kinds.insert(tag.kind, summary);
        }
    }
    all.into_values().collect()
}
