//! Records of load runs, for the tests of this room and of those that show or compare them.
#![allow(dead_code, reason = "each test that includes this uses its own part of it")]

use hdrhistogram::Histogram;
use proofmark_record::load::{
    Check, CheckVerdict, Cost, Delivery, IntervalLatency, IntervalRow, Judgement, Kind, LatencySummary, Machine,
    Offered, OperationSummary, Part, Phase, PhaseName, RunRecord, RunWriter, Scenario, Status, Subject, Tag, Validity,
    histogram,
};
use std::collections::BTreeMap;
use std::path::Path;

/// The one operation of these runs.
pub(crate) const OPERATION: &str = "sqs.SendMessage";

/// Samples of one interval per kind, in nanoseconds.
pub(crate) type Samples = Vec<(Kind, Vec<u64>)>;

/// A run of point to point at 1,000 per second, of which nothing is known yet.
pub(crate) fn record(label: &str) -> RunRecord {
    RunRecord {
        format: RunRecord::FORMAT.to_owned(),
        proofmark: "0.1.0".to_owned(),
        run: format!("20260101-000000-{label}"),
        session: "20260101-000000".to_owned(),
        label: label.to_owned(),
        subject: subject(),
        scenario: scenario(),
        plan: "constant:1000/s".to_owned(),
        duration_seconds: 30.0,
        seed: 7,
        part: None,
        workers: 16,
        consumers: 4,
        versions: BTreeMap::from([("aws-sdk-sqs".to_owned(), "1.119.0".to_owned())]),
        machine: machine(),
        started: "2026-01-01T00:00:00Z".parse().expect("a time"),
        status: Status::Complete,
        phases: Vec::new(),
        operations: Vec::new(),
        delivery: None,
        validity: valid(),
        cost: Cost { requests: 60_000, dollars: 0.0 },
        interval_seconds: 1.0,
        offered: Offered::default(),
    }
}

fn subject() -> Subject {
    Subject {
        backend: "endpoint".to_owned(),
        transport: "tcp".to_owned(),
        clock: "wall".to_owned(),
        endpoint: Some("localhost:4566".to_owned()),
        region: Some("us-east-1".to_owned()),
        ..Subject::default()
    }
}

fn scenario() -> Scenario {
    Scenario {
        name: "sqs-point-to-point".to_owned(),
        summary: "One queue, producers and consumers.".to_owned(),
        parameters: BTreeMap::from([("payload".to_owned(), "256 bytes".to_owned())]),
    }
}

fn machine() -> Machine {
    Machine {
        os: "Linux".to_owned(),
        kernel: "6.12.0".to_owned(),
        cpu: "a processor".to_owned(),
        cores: 2,
        memory_bytes: 8_589_934_592,
    }
}

fn valid() -> Validity {
    let checks = vec![Check {
        name: "schedule kept".to_owned(),
        verdict: CheckVerdict::Ok,
        measured: "99.9 % sent on time".to_owned(),
        limit: "at least 99 %".to_owned(),
        advice: String::new(),
    }];
    Validity { valid: true, checks }
}

/// As [`record`], but its generator could not keep the schedule.
pub(crate) fn invalid(label: &str) -> RunRecord {
    let check = Check {
        name: "schedule kept".to_owned(),
        verdict: CheckVerdict::Failed,
        measured: "71 % sent on time".to_owned(),
        limit: "at least 99 %".to_owned(),
        advice: "ask for a lower rate, or give it more workers".to_owned(),
    };
    RunRecord { validity: Validity { valid: false, checks: vec![check] }, ..record(label) }
}

/// As [`record`], part `index` of `of`.
pub(crate) fn part(index: u32, of: u32) -> RunRecord {
    RunRecord { part: Some(Part { index, of }), ..record(&format!("part-{index}")) }
}

/// What became of messages of which some were lost.
pub(crate) fn delivery(sent: u64, lost: u64) -> Delivery {
    let delivery = Delivery {
        sent,
        unacknowledged: 0,
        received: sent - lost,
        lost,
        duplicated: 0,
        reordered: 0,
        unexpected: 0,
        foreign: 0,
        impossible: 0,
        ordered: false,
        exactly_once: false,
        judgement: Judgement::Kept,
        reasons: Vec::new(),
    };
    delivery.judged()
}

/// Writes a run whose measured phase has these intervals, of a second each, in this many blocks.
pub(crate) fn write(directory: &Path, mut record: RunRecord, intervals: &[Samples], blocks: usize) {
    let mut writer = RunWriter::create(directory, &record).expect("it can be written");
    let mut totals: BTreeMap<Kind, Histogram<u64>> = BTreeMap::new();
    let per_block = intervals.len().div_ceil(blocks.max(1)).max(1);
    for (at, samples) in intervals.iter().enumerate() {
        let histograms: Vec<(Tag, Histogram<u64>)> = samples.iter().map(|(kind, of)| recorded(*kind, of)).collect();
        for (tag, histogram) in &histograms {
            totals.entry(tag.kind).or_insert_with(histogram::empty).add(histogram).expect("it grows");
        }
        let block = (blocks > 1).then(|| u32::try_from(at / per_block).expect("few blocks"));
        let borrowed: Vec<(Tag, &Histogram<u64>)> = histograms.iter().map(|(tag, of)| (tag.clone(), of)).collect();
        writer.interval(&row(at, block, &histograms), &borrowed).expect("it can be written");
    }
    let kinds: BTreeMap<Kind, LatencySummary> =
        totals.iter().map(|(kind, histogram)| (*kind, LatencySummary::of(histogram))).collect();
    let operations = kinds.values().map(|summary| summary.count).max().unwrap_or_default();
    record.offered = Offered { asked: operations, sent: operations, rate_asked: 1000.0, rate_kept: 999.5 };
    record.phases = phases(intervals.len());
    record.operations = vec![OperationSummary {
        operation: OPERATION.to_owned(),
        attempted: operations,
        succeeded: operations,
        throttled: 0,
        errors: BTreeMap::new(),
        kinds,
    }];
    writer.update(&record).expect("it can be written");
}

fn phases(intervals: usize) -> Vec<Phase> {
    let to_seconds = intervals as f64;
    vec![Phase { name: PhaseName::Measure, block: None, from_seconds: 0.0, to_seconds }]
}

fn recorded(kind: Kind, samples: &[u64]) -> (Tag, Histogram<u64>) {
    let mut histogram = histogram::empty();
    samples.iter().for_each(|sample| histogram.record(*sample).expect("it grows"));
    (Tag::new(OPERATION, kind), histogram)
}

fn row(at: usize, block: Option<u32>, histograms: &[(Tag, Histogram<u64>)]) -> IntervalRow {
    let from_seconds = at as f64;
    let latency = |histogram: &Histogram<u64>| IntervalLatency {
        count: histogram.len(),
        p50_ns: histogram.value_at_quantile(0.5),
        p99_ns: histogram.value_at_quantile(0.99),
        max_ns: histogram.max(),
    };
    let count = histograms.iter().map(|(_, histogram)| histogram.len()).max().unwrap_or_default();
    let kinds = histograms.iter().map(|(tag, histogram)| (tag.kind, latency(histogram))).collect();
    IntervalRow {
        phase: PhaseName::Measure,
        block,
        from_seconds,
        to_seconds: from_seconds + 1.0,
        asked: count,
        sent: count,
        done: count,
        in_flight: 3,
        backlog: 5,
        errors: 0,
        throttles: 0,
        requests: count,
        operations: BTreeMap::from([(OPERATION.to_owned(), kinds)]),
    }
}
