//! What a run may cost: prices, and a hard stop.

use crate::Meter;
use serde::{Deserialize, Serialize};

/// What requests cost, in millionths of a US dollar per million requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// SQS requests. A FIFO request costs a quarter more; the table has the dearer one.
    pub sqs_micros_per_million: u64,
}

impl Default for Prices {
    /// us-east-1, first tier, without the free one: 0.50 dollars per million requests to FIFO queues.
    fn default() -> Self {
        Prices { sqs_micros_per_million: 500_000 }
    }
}

impl Prices {
    /// What so many requests cost, in millionths of a dollar, rounded up.
    #[must_use]
    pub const fn micros(&self, requests: u64) -> u64 {
        requests.saturating_mul(self.sqs_micros_per_million).div_ceil(1_000_000)
    }

    /// How many requests so many millionths of a dollar buy.
    #[must_use]
    pub const fn requests(&self, micros: u64) -> u64 {
        match micros.saturating_mul(1_000_000).checked_div(self.sqs_micros_per_million) {
            Some(requests) => requests,
            None => u64::MAX,
        }
    }
}

/// What a run may take. The default is: as much as it wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Requests.
    pub requests: Option<u64>,
    /// Money, in millionths of a US dollar.
    pub micros: Option<u64>,
}

impl Budget {
    /// A meter that stops at whichever limit is reached first.
    #[must_use]
    pub fn meter(&self, prices: &Prices) -> Meter {
        let bought = self.micros.map(|micros| prices.requests(micros));
        let limit = self.requests.into_iter().chain(bought).min();
        limit.map_or_else(Meter::default, Meter::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_and_requests_limit_each_other() {
        let prices = Prices::default();
        assert_eq!(prices.micros(3), 2, "rounded up");
        let budget = Budget { requests: Some(100), micros: Some(10) };
        assert_eq!(budget.meter(&prices).left(), 20);
        assert_eq!(Budget { requests: Some(5), ..budget }.meter(&prices).left(), 5);
        assert_eq!(Budget::default().meter(&prices).left(), u64::MAX);
    }
}
