//! Counts the requests of a whole run, and refuses more than were allowed.
//!
//! A unit that begins must be able to end, so what it costs is set aside for it; and what a run creates it must be able
//! to delete, so the requests for that are set aside before each create.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A count with a limit. Clones count together.
#[derive(Clone, Debug)]
pub struct Meter {
    counts: Arc<Mutex<Counts>>,
    limit: u64,
    /// What is set aside for the unit that spends by this meter, and not spent yet.
    share: Arc<Mutex<u64>>,
    /// Whether the limit is no matter: what is deleted was paid for before it was created.
    cleaning: bool,
}

#[derive(Debug, Default)]
struct Counts {
    spent: u64,
    set_aside: u64,
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
        Meter { counts: Arc::default(), limit, share: Arc::default(), cleaning: false }
    }

    /// The same count for a unit that costs about so many requests, which are set aside for it until
    /// [`Meter::give_back`].
    ///
    /// # Errors
    /// [`Exhausted`] if fewer are left.
    pub fn for_unit(&self, requests: u64) -> Result<Self, Exhausted> {
        self.set_aside(requests)?;
        Ok(Meter { share: Arc::new(Mutex::new(requests)), ..self.clone() })
    }

    /// Ends setting aside what the unit has not spent.
    pub fn give_back(&self) {
        let left = std::mem::take(&mut *self.share());
        self.release(left);
    }

    /// The same count for requests that delete: they are counted, and not refused.
    #[must_use]
    pub fn cleaning(&self) -> Self {
        Meter { cleaning: true, ..self.clone() }
    }

    /// The requests so far, refused ones not counted.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.counts().spent
    }

    /// The requests that are left, without those that are set aside.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.counts().left(self.limit)
    }

    /// Counts one request.
    ///
    /// # Errors
    /// [`Exhausted`] if it is one too many.
    pub fn spend(&self) -> Result<(), Exhausted> {
        if !self.cleaning {
            self.set_aside(1)?;
        }
        let mut counts = self.counts();
        counts.set_aside = counts.set_aside.saturating_sub(u64::from(!self.cleaning));
        counts.spent += 1;
        Ok(())
    }

    /// Sets requests aside: of what is set aside for the unit, or else of what is left.
    ///
    /// # Errors
    /// [`Exhausted`] if fewer are left.
    pub fn set_aside(&self, requests: u64) -> Result<(), Exhausted> {
        let mut share = self.share();
        if *share >= requests {
            *share -= requests;
            return Ok(());
        }
        let mut counts = self.counts();
        if counts.left(self.limit) < requests {
            return Err(Exhausted { limit: self.limit });
        }
        counts.set_aside += requests;
        Ok(())
    }

    /// Ends setting so many requests aside.
    pub fn release(&self, requests: u64) {
        let mut counts = self.counts();
        counts.set_aside = counts.set_aside.saturating_sub(requests);
    }

    fn share(&self) -> MutexGuard<'_, u64> {
        self.share.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn left(&self, limit: u64) -> u64 {
        limit.saturating_sub(self.spent.saturating_add(self.set_aside))
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

    #[test]
    fn what_a_unit_costs_is_there_until_it_ends() {
        let meter = Meter::new(5);
        let unit = meter.for_unit(3).unwrap();
        assert!(meter.left() == 2 && meter.for_unit(3).is_err());
        assert_eq!((unit.spend(), unit.set_aside(1), meter.left()), (Ok(()), Ok(()), 2));
        assert_eq!(
            (unit.spend(), unit.spend(), meter.left()),
            (Ok(()), Ok(()), 1),
            "it may cost more than was thought"
        );
        unit.release(1);
        unit.give_back();
        assert_eq!((meter.spent(), meter.left()), (3, 2));
        let other = meter.for_unit(2).unwrap();
        other.give_back();
        assert_eq!(meter.left(), 2);
    }

    #[test]
    fn what_is_set_aside_is_there_for_cleaning_up() {
        let meter = Meter::new(3);
        assert_eq!((meter.set_aside(2), meter.spend(), meter.left()), (Ok(()), Ok(()), 0));
        assert_eq!((meter.spend(), meter.set_aside(1)), (Err(Exhausted { limit: 3 }), Err(Exhausted { limit: 3 })));
        assert_eq!((meter.cleaning().spend(), meter.cleaning().spend()), (Ok(()), Ok(())));
        meter.release(2);
        assert_eq!((meter.spent(), meter.left()), (3, 0));
    }
}
