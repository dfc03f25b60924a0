//! What AWS *may* do and is not obliged to: off by default, on with a seed.
//!
//! Each field is one documented freedom of the service (the `permitted` clauses of the catalogue). A suite, or a
//! user's code, that still works with all of them on tolerates what AWS is allowed to do to it.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The knobs. Probabilities are 0 to 1; durations are the longest lag, drawn anew each time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Freedom {
    /// A received message of a standard queue stays visible (`sqs.standard.at-least-once`).
    pub duplicate: f64,
    /// A receive from a standard queue takes any visible message (`sqs.standard.best-effort-order`).
    pub reorder: f64,
    /// A short poll overlooks a visible message (`sqs.receive.shortpoll-may-miss`).
    pub short_poll_miss: f64,
    /// A deleted message of a standard queue comes back once (`sqs.delete.may-reappear`).
    pub delete_reappears: f64,
    /// A delete with an older receipt handle succeeds and deletes nothing (`sqs.delete.old-handle`).
    pub old_handle_ignored: f64,
    /// The `Approximate*` counters show an older state (`sqs.counts.eventual`); seconds.
    pub counter_lag_seconds: u64,
    /// Changed queue attributes take effect later (`sqs.attr.propagation-60s`); seconds.
    pub attribute_lag_seconds: u64,
    /// A new queue is unknown at first (`sqs.queue.create-usable-1s`); milliseconds.
    pub create_lag_milliseconds: u64,
    /// A deleted queue still answers (`sqs.queue.delete-async`); seconds.
    pub delete_lag_seconds: u64,
    /// A purge takes its time (`sqs.purge.during`); seconds.
    pub purge_lag_seconds: u64,
    /// A standard topic delivers a message twice (`sns.publish.at-least-once`).
    pub topic_duplicate: f64,
    /// A standard topic delivers later, and so in any order (`sns.publish.at-least-once`); milliseconds.
    pub delivery_lag_milliseconds: u64,
    /// A retry comes later, by at most this share of its delay (`sns.retry.jitter`).
    pub retry_jitter: f64,
    /// A changed filter policy takes effect later (`sns.filter.propagation-15m`); seconds.
    pub filter_lag_seconds: u64,
}

impl Freedom {
    /// Every freedom, to the full extent that the documentation allows.
    #[must_use]
    pub fn adversarial() -> Self {
        Freedom {
            duplicate: 0.1,
            reorder: 0.5,
            short_poll_miss: 0.3,
            delete_reappears: 0.02,
            old_handle_ignored: 0.5,
            counter_lag_seconds: 60,
            attribute_lag_seconds: 60,
            create_lag_milliseconds: 1_000,
            delete_lag_seconds: 60,
            purge_lag_seconds: 60,
            topic_duplicate: 0.1,
            delivery_lag_milliseconds: 1_000,
            retry_jitter: 0.2,
            filter_lag_seconds: 900,
        }
    }

    pub(crate) fn counter_lag(&self) -> Duration {
        Duration::from_secs(self.counter_lag_seconds)
    }

    pub(crate) fn attribute_lag(&self) -> Duration {
        Duration::from_secs(self.attribute_lag_seconds)
    }

    pub(crate) fn create_lag(&self) -> Duration {
        Duration::from_millis(self.create_lag_milliseconds)
    }

    pub(crate) fn delete_lag(&self) -> Duration {
        Duration::from_secs(self.delete_lag_seconds)
    }

    pub(crate) fn delivery_lag(&self) -> Duration {
        Duration::from_millis(self.delivery_lag_milliseconds)
    }

    pub(crate) fn filter_lag(&self) -> Duration {
        Duration::from_secs(self.filter_lag_seconds)
    }

    pub(crate) fn purge_lag(&self) -> Duration {
        Duration::from_secs(self.purge_lag_seconds)
    }
}
