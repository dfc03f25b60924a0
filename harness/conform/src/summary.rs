//! The result of a run, fit to be written down and compared.

use crate::clause::ProtocolName;
use crate::stop::Failure;
use proofmark_backend::Exchange;
use proofmark_record::{Observation, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// What came of one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitResult {
    /// The unit's name: `sqs.visibility.change_to_zero/json`.
    pub unit: String,
    /// The case's id.
    pub case: &'static str,
    /// The protocol.
    pub protocol: ProtocolName,
    /// What came of it.
    pub verdict: Verdict,
    /// What promise was not kept, if one was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Why, if the verdict is neither pass nor fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was not wrong enough to fail.
    pub warnings: Vec<String>,
    /// What was seen of clauses that bind nobody.
    pub observations: Vec<Observation>,
    /// Requests sent.
    pub requests: u32,
    /// How long it took on the world's clock, in milliseconds.
    pub world_milliseconds: u64,
    /// A digest of every answer on the wire: two runs with the same seed have the same.
    pub fingerprint: String,
    /// The seed of its world.
    pub seed: u64,
    /// The latest exchanges on the wire, if it did not pass.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
    /// What happened to messages, as JSON lines, if it did not pass.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub history: String,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunSummary {
    /// The run's id.
    pub run: String,
    /// `reference`, `endpoint` or `aws`.
    pub backend: String,
    /// The run's seed.
    pub seed: u64,
    /// When it began, in milliseconds since the epoch.
    pub started_milliseconds: u64,
    /// How long it took, in real milliseconds.
    pub took_milliseconds: u64,
    /// Requests sent.
    pub requests: u64,
    /// Whether the budget was used up, so that units were left out or broken off.
    pub budget_exhausted: bool,
    /// The units, in the order of the plan.
    pub units: Vec<UnitResult>,
}

impl RunSummary {
    /// How many units came to each verdict.
    #[must_use]
    pub fn totals(&self) -> BTreeMap<Verdict, usize> {
        let mut totals = BTreeMap::new();
        for unit in &self.units {
            *totals.entry(unit.verdict).or_default() += 1;
        }
        totals
    }

    /// The units with this verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &UnitResult> {
        self.units.iter().filter(move |unit| unit.verdict == verdict)
    }
}
