//! `series.ndjson`: one line per interval.

use super::histogram::Kind;
use super::run::PhaseName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What happened in one interval. Seconds count from the run's start, on the subject's clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IntervalRow {
    /// The phase that it is part of.
    pub phase: PhaseName,
    /// The block of an interleaved session that it is part of.
    #[serde(default)]
    pub block: Option<u32>,
    /// When it began.
    pub from_seconds: f64,
    /// When it ended.
    pub to_seconds: f64,
    /// Operations that the plan asked for.
    pub asked: u64,
    /// Operations that were sent.
    pub sent: u64,
    /// Operations that came to an end.
    pub done: u64,
    /// Operations under way at its end.
    pub in_flight: u64,
    /// Operations asked for and not sent, and messages sent and not received, at its end.
    pub backlog: u64,
    /// Operations that ended in an error that is no throttle.
    pub errors: u64,
    /// Operations that the service refused because they were too many.
    pub throttles: u64,
    /// Requests on the wire.
    pub requests: u64,
    /// Latencies per operation and kind.
    #[serde(default)]
    pub operations: BTreeMap<String, BTreeMap<Kind, IntervalLatency>>,
}

/// Latencies of one interval, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IntervalLatency {
    /// Samples.
    pub count: u64,
    /// Half of them took no longer.
    pub p50_ns: u64,
    /// 99 of 100 took no longer.
    pub p99_ns: u64,
    /// The longest.
    pub max_ns: u64,
}

impl IntervalRow {
    /// The name of the file in a run's directory.
    pub const FILE: &'static str = "series.ndjson";
}
