//! What a plan will take, said before it runs.

use crate::Plan;
use serde::{Deserialize, Serialize};

pub use proofmark_backend::budget::{Budget, Prices};

/// What a plan will take, about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Requests.
    pub requests: u64,
    /// Money, in millionths of a US dollar.
    pub micros: u64,
    /// Seconds waited on AWS if units run one after the other.
    pub seconds: u64,
}

/// What a plan will take at these prices.
#[must_use]
pub fn estimate(plan: &Plan, prices: &Prices) -> Estimate {
    let sum = |of: fn(&crate::Cost) -> u32| plan.units().iter().map(|unit| u64::from(of(&unit.case.cost))).sum();
    let requests = sum(|cost| cost.requests);
    Estimate { requests, micros: prices.micros(requests), seconds: sum(|cost| cost.seconds) }
}
