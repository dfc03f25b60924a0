//! The result of `proofmark search`: the highest rate that meets an objective, as an interval.

use crate::load::{Scenario, Subject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What came of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchRecord {
    /// `proofmark-search/1`.
    pub format: String,
    /// The version of proofmark that wrote it.
    pub proofmark: String,
    /// What was done.
    pub scenario: Scenario,
    /// What it was done on.
    pub subject: Subject,
    /// The objectives, all of which had to be met.
    pub slo: Vec<String>,
    /// The highest rate that met them, per second; none if not even the lowest did.
    pub met: Option<f64>,
    /// The lowest rate above it that missed one; none if not even the highest did.
    pub missed: Option<f64>,
    /// Every run, in order.
    pub steps: Vec<SearchStep>,
}

/// What came of one rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchStep {
    /// Operations per second.
    pub rate: f64,
    /// Why an objective was missed; none if all were met.
    pub missed: Option<String>,
}

impl SearchRecord {
    /// What the first field says.
    pub const FORMAT: &'static str = "proofmark-search/1";
}
