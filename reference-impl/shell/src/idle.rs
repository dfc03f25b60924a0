//! What a virtual clock does when everybody waits and nobody moves it.
//!
//! | Item | What it is |
//! |---|---|
//! | [`IdlePolicy`] | leap after a moment in which nothing happened, or hold still |
//! | [`Idle`] | the policy in force, and who holds the clock at the moment |
//! | [`watched`] | what every waiting call and sleeper runs beside its wait |

use crate::clock::{Clock, Sleep, real_pause};
use crate::core::{Core, Time};
use proofmark_world::Timestamp;
use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// What a virtual clock does when every request under way waits in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdlePolicy {
    /// Leaps to the next event once nothing has happened for this much **real** time.
    LeapAfter(Duration),
    /// Stands still until it is advanced.
    Hold,
}

impl Default for IdlePolicy {
    /// Leaps after 5 real milliseconds.
    fn default() -> Self {
        IdlePolicy::LeapAfter(Duration::from_millis(5))
    }
}

/// The policy in force, and how many hold the clock in spite of it.
#[derive(Debug)]
pub(crate) struct Idle {
    state: Mutex<(IdlePolicy, usize)>,
    changed: Notify,
}

impl Idle {
    pub(crate) fn new(policy: IdlePolicy) -> Self {
        Idle { state: Mutex::new((policy, 0)), changed: Notify::new() }
    }

    pub(crate) fn policy(&self) -> IdlePolicy {
        self.lock().0
    }

    pub(crate) fn set_policy(&self, policy: IdlePolicy) {
        self.lock().0 = policy;
        self.changed.notify_waiters();
    }

    /// Keeps the clock from leaping until the returned value is dropped.
    pub(crate) fn hold(&self) -> Hold<'_> {
        self.lock().1 += 1;
        Hold(self)
    }

    /// How long nothing must happen before a leap; `None` while the clock is held.
    fn patience(&self) -> Option<Duration> {
        match *self.lock() {
            (IdlePolicy::LeapAfter(patience), 0) => Some(patience),
            _ => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, (IdlePolicy, usize)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody else moves the clock for now.
#[derive(Debug)]
pub(crate) struct Hold<'a>(&'a Idle);

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.0.lock().1 -= 1;
        self.0.changed.notify_waiters();
    }
}

/// Awaits `wait`, and leaps whenever the policy says so meanwhile. Several of these leap once, not severally.
pub(crate) async fn watched<T>(core: &Core, wait: impl Future<Output = T>) -> T {
    tokio::select! {
        biased;
        value = wait => value,
        never = watch(core) => match never {},
    }
}

async fn watch(core: &Core) -> Infallible {
    loop {
        let changed = core.idle.changed.notified();
        match core.idle.patience() {
            None => changed.await,
            Some(patience) => leap_if_idle(core, patience).await,
        }
    }
}

async fn leap_if_idle(core: &Core, patience: Duration) {
    let before = core.activity.counts();
    real_pause(patience).await;
    let idle = before.all_parked() && core.activity.counts() == before;
    if idle && core.idle.patience().is_some() {
        core.step(Timestamp::NEVER);
    }
}

/// The clock of a reference: its sleepers count when it is decided whether to leap.
#[derive(Debug)]
pub(crate) struct ReferenceClock(pub(crate) Arc<Core>);

impl Clock for ReferenceClock {
    fn now(&self) -> Timestamp {
        self.0.time.now()
    }

    fn sleep_until(&self, due: Timestamp) -> Sleep {
        match &self.0.time {
            Time::Wall(clock) => clock.sleep_until(due),
            Time::Virtual(clock) => Box::pin(sleep_or_leap(self.0.clone(), clock.sleep_until(due))),
        }
    }
}

async fn sleep_or_leap(core: Arc<Core>, sleep: Sleep) {
    watched(&core, sleep).await;
}
