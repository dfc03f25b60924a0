//! Counts the requests of a whole run, and refuses more than were allowed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A count with a limit. Clones count together.
#[derive(Clone, Debug)]
pub struct Meter(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    spent: AtomicU64,
    limit: u64,
}

/// The run has used up the requests it was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the budget of {limit} requests is used up; nothing more is sent")]
pub struct Exhausted {
    /// The requests that were allowed.
    pub limit: u64,
}

impl Meter {
    /// Allows `limit` requests.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        Meter(Arc::new(Counts { spent: AtomicU64::new(0), limit }))
    }

    /// The requests so far, refused ones not counted.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.0.spent.load(Ordering::Relaxed).min(self.0.limit)
    }

    /// The requests that are left.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.0.limit - self.spent()
    }

    /// Counts one request.
    ///
    /// # Errors
    /// [`Exhausted`] if it is one too many.
    pub fn spend(&self) -> Result<(), Exhausted> {
        let before = self.0.spent.fetch_add(1, Ordering::Relaxed);
        if before < self.0.limit { Ok(()) } else { Err(Exhausted { limit: self.0.limit }) }
    }
}

impl Default for Meter {
    /// Counts without a limit.
    fn default() -> Self {
        Meter::new(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_too_many_is_refused() {
        let meter = Meter::new(2);
        assert_eq!((meter.spend(), meter.spend()), (Ok(()), Ok(())));
        assert_eq!(meter.spend(), Err(Exhausted { limit: 2 }));
        assert_eq!((meter.spent(), meter.left()), (2, 0));
    }
}
