//! What is written down about a run while it goes on: rows, histograms, phases, and the record at its end.

use crate::recorder::{Harvest, Samples, View};
use crate::schedule::Counts;
use crate::stage::Stage;
use crate::validity::{Evidence, judge};
use hdrhistogram::Histogram;
use proofmark_backend::Timestamp;
use proofmark_backend::budget::Prices;
use proofmark_record::WriteError;
use proofmark_record::load::histogram::empty;
use proofmark_record::load::{
    Cost, Counts as HistogramCounts, IntervalLatency, IntervalRow, Kind, LatencySummary, LoggedInterval, Offered,
    OperationSummary, Phase, PhaseName, RunRecord, RunWriter, Status, Tag,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// A run's record as it grows.
pub(crate) struct Notes {
    pub(crate) record: RunRecord,
    writer: Option<RunWriter>,
    series: Vec<IntervalRow>,
    /// What was measured so far.
    pub(crate) totals: Samples,
    pub(crate) names: Vec<String>,
    started: Timestamp,
    /// What the interval that goes on began with.
    mark: Mark,
    /// What the measured phases come to.
    measured: Measured,
    prices: Option<Prices>,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    at: Timestamp,
    requests: u64,
    counts: Counts,
}

struct Measured {
    counts: Counts,
    lasted: Duration,
    cpu: Option<Duration>,
    lateness: Histogram<u64>,
}

/// The phase that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) phase: PhaseName,
    pub(crate) block: Option<u32>,
}

/// How a measured phase went.
pub(crate) struct Kept {
    pub(crate) counts: Counts,
    pub(crate) lasted: Duration,
    pub(crate) cpu: Option<Duration>,
    pub(crate) lateness: Histogram<u64>,
}

impl Notes {
    /// Begins a record; without a directory nothing is written.
    pub(crate) fn begin(
        record: RunRecord,
        directory: Option<&Path>,
        prices: Option<Prices>,
        now: Timestamp,
    ) -> Result<Self, WriteError> {
        let writer = directory.map(|directory| RunWriter::create(directory, &record)).transpose()?;
        let measured = Measured { counts: Counts::default(), lasted: Duration::ZERO, cpu: None, lateness: empty() };
        Ok(Notes {
            record,
            writer,
            series: Vec::new(),
            totals: Samples::default(),
            names: Vec::new(),
            started: now,
            mark: Mark { at: now, requests: 0, counts: Counts::default() },
            measured,
            prices,
        })
    }

    fn seconds(&self, at: Timestamp) -> f64 {
        at.since(self.started).as_secs_f64()
    }

    /// A phase begins: what comes now belongs to it.
    pub(crate) fn begin_phase(&mut self, stage: &Stage) {
        self.mark = Mark { at: stage.now(), requests: stage.requests(), counts: Counts::default() };
    }

    /// A phase has ended.
    pub(crate) fn end_phase(&mut self, stretch: Stretch, began: Timestamp, now: Timestamp) -> Result<(), WriteError> {
        let (from_seconds, to_seconds) = (self.seconds(began), self.seconds(now));
        self.record.phases.push(Phase { name: stretch.phase, block: stretch.block, from_seconds, to_seconds });
        self.write()
    }

    /// An interval has ended.
    pub(crate) fn interval(
        &mut self,
        stage: &Stage,
        stretch: Stretch,
        counts: Counts,
    ) -> Result<&IntervalRow, WriteError> {
        let harvest = stage.recorder.harvest();
        self.names = stage.recorder.names();
        let row = self.row(stage, stretch, counts, &harvest);
        if let Some(writer) = &mut self.writer {
            writer.interval(&row, &harvest.measured.tagged(&self.names))?;
        }
        self.totals.add(&harvest.measured);
        self.mark = Mark { at: stage.now(), requests: stage.requests(), counts };
        self.series.push(row);
        Ok(&self.series[self.series.len() - 1])
    }

    fn row(&self, stage: &Stage, stretch: Stretch, counts: Counts, harvest: &Harvest) -> IntervalRow {
        let measures = stretch.phase == PhaseName::Measure || stretch.phase == PhaseName::Drain;
        let shown = if measures { &harvest.measured } else { &harvest.other };
        let calls = || harvest.measured.iter(&self.names).chain(harvest.other.iter(&self.names)).filter(is_call);
        let sum = |of: fn(View<'_>) -> u64| calls().map(|(_, view)| of(view)).sum();
        let unsent = counts.asked.saturating_sub(counts.taken);
        IntervalRow {
            phase: stretch.phase,
            block: stretch.block,
            from_seconds: self.seconds(self.mark.at),
            to_seconds: self.seconds(stage.now()),
            asked: counts.asked - self.mark.counts.asked,
            sent: counts.taken - self.mark.counts.taken,
            done: sum(|view| view.attempted()),
            in_flight: stage.in_flight(),
            backlog: unsent + stage.delivery().map_or(0, crate::Delivery::outstanding),
            errors: sum(errors),
            throttles: sum(|view| view.throttled()),
            requests: stage.requests() - self.mark.requests,
            operations: shown.iter(&self.names).map(|(name, view)| (name.to_owned(), latencies(view))).collect(),
        }
    }

    /// A measured phase has ended.
    pub(crate) fn kept(&mut self, kept: &Kept) {
        let measured = &mut self.measured;
        measured.counts.asked += kept.counts.asked;
        measured.counts.taken += kept.counts.taken;
        measured.counts.on_time += kept.counts.on_time;
        measured.lasted += kept.lasted;
        measured.cpu = match (measured.cpu, kept.cpu) {
            (before, None) => before,
            (before, Some(cpu)) => Some(before.unwrap_or_default() + cpu),
        };
        // Both are of the kind that grows for every value there is, so adding does not fail.
        let _ = measured.lateness.add(&kept.lateness);
    }

    /// Fills the record in, and writes it.
    pub(crate) fn end(&mut self, stage: &Stage, status: Status, steady: Option<&str>) -> Result<(), WriteError> {
        self.record.status = status;
        self.record.operations = self.totals.iter(&self.names).map(|(name, view)| summary(name, view)).collect();
        self.record.delivery = stage.delivery().filter(|delivery| delivery.has_legs()).map(crate::Delivery::account);
        let requests = stage.requests();
        let dollars = self.prices.map_or(0.0, |prices| prices.micros(requests) as f64 / 1e6);
        self.record.cost = Cost { requests, dollars };
        self.record.offered = self.offered();
        self.record.validity = judge(&self.evidence(status, steady));
        self.write()
    }

    fn offered(&self) -> Offered {
        let Counts { asked, taken, on_time } = self.measured.counts;
        let per_second = |count: u64| count as f64 / self.measured.lasted.as_secs_f64().max(f64::MIN_POSITIVE);
        Offered { asked, sent: taken, rate_asked: per_second(asked), rate_kept: per_second(on_time) }
    }

    fn evidence<'a>(&'a self, status: Status, steady: Option<&'a str>) -> Evidence<'a> {
        let calls = || self.totals.iter(&self.names).filter(is_call);
        let lateness = &self.measured.lateness;
        let is_real = self.record.subject.clock == "wall";
        Evidence {
            status,
            counts: self.measured.counts,
            lasted: self.measured.lasted,
            cpu: self.measured.cpu.filter(|_| is_real),
            cores: self.record.machine.cores,
            lateness_p99: (is_real && !lateness.is_empty()).then(|| lateness.value_at_quantile(0.99)),
            attempted: calls().map(|(_, view)| view.attempted()).sum(),
            throttled: calls().map(|(_, view)| view.throttled()).sum(),
            failed: calls().map(|(_, view)| errors(view)).sum(),
            samples: calls().map(|(_, view)| samples(view)).max().unwrap_or(0),
            series: &self.series,
            steady,
        }
    }

    /// How late free workers woke, at p99 in nanoseconds.
    pub(crate) fn lateness_p99(&self) -> u64 {
        self.measured.lateness.value_at_quantile(0.99)
    }

    /// What was measured, as if in one interval.
    pub(crate) fn whole(&self) -> Vec<LoggedInterval> {
        let to_seconds = self.series.last().map_or(0.0, |row| row.to_seconds);
        let whole = |(tag, histogram): (Tag, &Histogram<u64>)| LoggedInterval {
            tag,
            block: None,
            from_seconds: 0.0,
            to_seconds,
            counts: HistogramCounts::of(histogram),
        };
        self.totals.tagged(&self.names).into_iter().map(whole).collect()
    }

    pub(crate) fn series(&self) -> &[IntervalRow] {
        &self.series
    }

    fn write(&mut self) -> Result<(), WriteError> {
        self.writer.as_mut().map_or(Ok(()), |writer| writer.update(&self.record))
    }
}

/// Calls that failed are counted where they were made, and timed under a name of their own.
fn is_call((name, _): &(&str, View<'_>)) -> bool {
    !name.ends_with(".failed")
}

fn errors(view: View<'_>) -> u64 {
    view.errors().values().sum()
}

fn samples(view: View<'_>) -> u64 {
    view.kinds().map(|(_, histogram)| histogram.len()).max().unwrap_or(0)
}

fn latencies(view: View<'_>) -> BTreeMap<Kind, IntervalLatency> {
    let latency = |(kind, histogram): (Kind, &Histogram<u64>)| {
        let (p50_ns, p99_ns) = (histogram.value_at_quantile(0.5), histogram.value_at_quantile(0.99));
        (kind, IntervalLatency { count: histogram.len(), p50_ns, p99_ns, max_ns: histogram.max() })
    };
    view.kinds().map(latency).collect()
}

fn summary(name: &str, view: View<'_>) -> OperationSummary {
    let failed = view.throttled() + errors(view);
    OperationSummary {
        operation: name.to_owned(),
        attempted: view.attempted(),
        succeeded: view.attempted().saturating_sub(failed),
        throttled: view.throttled(),
        errors: view.errors().clone(),
        kinds: view.kinds().map(|(kind, histogram)| (kind, LatencySummary::of(histogram))).collect(),
    }
}
