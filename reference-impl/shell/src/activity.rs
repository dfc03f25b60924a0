//! Who is waiting for whom: the accounting that tells when a virtual clock may leap.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Activity`] | requests begun and not ended, and how many of them the world has parked |
//! | [`Outstanding`] | one request, from when a client sends it to when it has the whole response |
//!
//! When everything that was asked is parked in the world, only time can bring an answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Counts the requests that are under way. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Activity(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    counts: Mutex<Counts>,
    changed: Notify,
}

/// The counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests begun and not ended.
    pub outstanding: usize,
    /// Requests that the world holds until something happens.
    pub parked: usize,
    /// Grows with every change, so that two looks can tell that nothing happened in between.
    pub changes: u64,
}

impl Counts {
    /// Whether every request that is under way waits in the world.
    #[must_use]
    pub const fn all_parked(&self) -> bool {
        self.outstanding == self.parked
    }
}

impl Activity {
    /// Counts a request from now on until the returned value is dropped.
    #[must_use]
    pub fn begin(&self) -> Outstanding {
        self.change(|counts| counts.outstanding += 1);
        Outstanding(self.clone())
    }

    /// The counts now.
    #[must_use]
    pub fn counts(&self) -> Counts {
        *self.lock()
    }

    /// Completes with the next change after it was first polled or enabled.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.0.changed.notified()
    }

    /// The world holds one more request.
    pub(crate) fn park(&self) {
        self.change(|counts| counts.parked += 1);
    }

    /// The world has let `released` requests go.
    pub(crate) fn unpark(&self, released: usize) {
        if released > 0 {
            self.change(|counts| counts.parked = counts.parked.saturating_sub(released));
        }
    }

    /// Something else happened that ends a time in which nothing did.
    pub(crate) fn touch(&self) {
        self.change(|_| ());
    }

    fn change(&self, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.lock();
        change(&mut counts);
        counts.changes += 1;
        drop(counts);
        self.0.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way; dropping it ends it.
#[derive(Debug)]
pub struct Outstanding(Activity);

impl Drop for Outstanding {
    fn drop(&mut self) {
        self.0.change(|counts| counts.outstanding = counts.outstanding.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parked_only_when_nothing_is_on_its_way() {
        let activity = Activity::default();
        assert!(activity.counts().all_parked());
        let request = activity.begin();
        assert!(!activity.counts().all_parked());
        activity.park();
        assert!(activity.counts().all_parked());
        activity.unpark(1);
        assert!(!activity.counts().all_parked(), "answered, and the client does not have it yet");
        drop(request);
        assert!(activity.counts().all_parked());
    }
}
