//! What came of comparing load runs with the first of them.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Comparison`] | all of it |
//! | [`Settings`] | how it was judged |
//! | [`RunInBrief`] | a run, and whether its numbers may be believed |
//! | [`Candidate`], [`Difference`] | one run against the baseline, quantile by quantile |
//! | [`Outcome`] | better, worse, same, cannot tell |

use crate::load::{Delivery, Kind, RunRecord, Status, Validity};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What came of comparing runs with the first of them, the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// `proofmark-compare/1`.
    pub format: String,
    /// The version of proofmark that compared.
    pub proofmark: String,
    /// How it was judged.
    pub settings: Settings,
    /// The worst of the candidates' outcomes.
    pub outcome: Outcome,
    /// The runs, the baseline first.
    pub runs: Vec<RunInBrief>,
    /// The other runs against the baseline, in the order in which they were given.
    pub candidates: Vec<Candidate>,
}

/// How a comparison was judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// A change of less than this does not matter: 0.05 is 5 %.
    pub threshold: f64,
    /// How often an interval holds the true change: 0.99 is 99 of 100 times.
    pub confidence: f64,
    /// The quantiles that are compared where samples allow.
    pub quantiles: Vec<f64>,
    /// How often the intervals were drawn anew.
    pub replicas: u32,
    /// Feeds the draws; the same seed gives the same intervals.
    pub seed: u64,
}

/// A run, and whether its numbers may be believed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunInBrief {
    /// What it is called here.
    pub name: String,
    /// Its id.
    pub run: String,
    /// When it began.
    pub started: Timestamp,
    /// How far it came.
    pub status: Status,
    /// Its validity, as it found it itself.
    pub validity: Validity,
    /// What is missing because a file ends in the middle of a line.
    #[serde(default)]
    pub truncated: Option<String>,
    /// What became of its messages.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// Why its numbers are not to be believed; none if they may be.
    #[serde(default)]
    pub invalid_because: Vec<String>,
}

/// One run against the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// What the run is called here.
    pub name: String,
    /// The worst of its differences, unless the runs cannot be compared.
    pub outcome: Outcome,
    /// Why the runs cannot be judged against each other, if they cannot.
    #[serde(default)]
    pub obstacles: Vec<String>,
    /// What differs between the runs beside what they were to compare.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Whether blocks of the runs took turns, so that they were compared in pairs.
    pub paired: bool,
    /// Quantile by quantile.
    pub differences: Vec<Difference>,
}

/// How one quantile of one operation differs. Times are in nanoseconds; changes are parts of the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The operation.
    pub operation: String,
    /// Which stretch of it.
    pub kind: Kind,
    /// Which quantile.
    pub quantile: f64,
    /// The baseline's time; none if it has too few samples.
    #[serde(default)]
    pub baseline_ns: Option<u64>,
    /// The candidate's time; none if it has too few samples.
    #[serde(default)]
    pub candidate_ns: Option<u64>,
    /// The baseline's samples.
    pub baseline_samples: u64,
    /// The candidate's samples.
    pub candidate_samples: u64,
    /// The change: 0.1 is 10 % longer.
    #[serde(default)]
    pub change: Option<f64>,
    /// Where the true change lies, with the confidence of the settings, for this quantile alone.
    #[serde(default)]
    pub interval: Option<Interval>,
    /// Where the true changes of all judged quantiles of this candidate lie at once, with the same confidence.
    #[serde(default)]
    pub joint_interval: Option<Interval>,
    /// How many intervals in a row were drawn together, because neighbours are alike.
    #[serde(default)]
    pub block_intervals: Option<u32>,
    /// What came of it.
    pub outcome: Outcome,
    /// Why there is no clear answer, and what would give one.
    #[serde(default)]
    pub reason: Option<String>,
}

/// From where to where.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// The least change that is plausible.
    pub low: f64,
    /// The greatest.
    pub high: f64,
}

/// What came of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is shown and not judged.
    NotJudged,
    /// Any change is smaller than the threshold.
    Same,
    /// Shorter times, by more than the threshold.
    Better,
    /// The data allow more than one answer.
    CannotTell,
    /// Longer times, by more than the threshold.
    Worse,
}

impl Comparison {
    /// What the first field says.
    pub const FORMAT: &'static str = "proofmark-compare/1";

    /// Whether a service broke a promise about messages in one of the runs.
    #[must_use]
    pub fn delivery_broken(&self) -> bool {
        self.runs.iter().any(RunInBrief::delivery_broken)
    }

    /// Whether a run's numbers are not to be believed.
    #[must_use]
    pub fn has_invalid_run(&self) -> bool {
        self.runs.iter().any(|run| !run.is_valid())
    }
}

impl RunInBrief {
    /// What is told of `record` under `name`.
    #[must_use]
    pub fn of(record: &RunRecord, name: String, truncated: Option<String>) -> Self {
        RunInBrief {
            name,
            run: record.run.clone(),
            started: record.started,
            status: record.status,
            validity: record.validity.clone(),
            invalid_because: record.invalid_because(),
            truncated,
            delivery: record.delivery.clone(),
        }
    }

    /// Whether its numbers may be believed.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.invalid_because.is_empty()
    }

    /// Whether the service broke a promise about messages.
    #[must_use]
    pub fn delivery_broken(&self) -> bool {
        self.delivery.as_ref().is_some_and(Delivery::is_broken)
    }
}

impl Interval {
    /// Whether all of it lies between `low` and `high`.
    #[must_use]
    pub fn is_within(&self, low: f64, high: f64) -> bool {
        low <= self.low && self.high <= high
    }
}

impl Outcome {
    /// The outcome in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Outcome::NotJudged => "not judged",
            Outcome::Same => "same",
            Outcome::Better => "better",
            Outcome::CannotTell => "cannot tell",
            Outcome::Worse => "worse",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.words())
    }
}
