//! Time, read and waited for: the only place of the workspace that may do either.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Clock`] | what everything else takes the time from and sleeps on |
//! | [`WallClock`] | real time that never jumps back |
//! | [`VirtualClock`] | time that stands still until it is moved |
//! | [`SdkTime`] | either of them as the SDK's `TimeSource` and `AsyncSleep` |
//! | `Alarm` | a thread's wait for an instant that may be brought forward |
//! | `real_pause`, `pause_timer` | real waits that guard sockets and detect idleness, never simulated ones |

mod timer;

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep as SdkSleep};
use aws_smithy_async::time::TimeSource;
use hyper_util::rt::TokioTimer;
use proofmark_world::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use timer::TimedSleep;

/// A wait on a clock. Dropping it ends the wait.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send + Sync + 'static>>;

/// What time it is, and how to wait for later.
pub trait Clock: Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits until the clock shows `due` or later.
    fn sleep_until(&self, due: Timestamp) -> Sleep;

    /// Waits until the clock has moved on by `duration`.
    fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.now() + duration)
    }
}

/// Real time: the system's date when the clock was made, moved on by the monotonic clock.
///
/// An adjustment of the system's date does not show. Sleeps end within a fraction of a millisecond of their instant:
/// a load generator lives on them, and the timer of a runtime counts whole milliseconds only.
#[derive(Clone, Debug)]
pub struct WallClock {
    epoch: Timestamp,
    started: Instant,
}

impl WallClock {
    /// A clock that shows the system's date.
    #[expect(clippy::disallowed_methods, reason = "this is the wall clock that everything else takes the time from")]
    #[must_use]
    pub fn new() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        WallClock { epoch: Timestamp::EPOCH + since_epoch, started: Instant::now() }
    }
}

impl Default for WallClock {
    fn default() -> Self {
        WallClock::new()
    }
}

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        self.epoch + self.started.elapsed()
    }

    fn sleep_until(&self, due: Timestamp) -> Sleep {
        match self.started.checked_add(due.since(self.epoch)) {
            Some(at) => Box::pin(TimedSleep::until(at)),
            // An instant that the system cannot name is never reached.
            None => Box::pin(std::future::pending()),
        }
    }
}

/// Time that stands still until [`VirtualClock::advance_to`] moves it. Clones share the time.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<Mutex<Sleepers>>);

#[derive(Debug)]
struct Sleepers {
    now: Timestamp,
    issued: u64,
    waiting: BTreeMap<(Timestamp, u64), Waker>,
}

impl VirtualClock {
    /// Where a virtual clock starts unless told otherwise: 2026-01-01T00:00:00Z.
    pub const DEFAULT_START: Timestamp = Timestamp::from_seconds(1_767_225_600);

    /// A clock that shows `start`.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        VirtualClock(Arc::new(Mutex::new(Sleepers { now: start, issued: 0, waiting: BTreeMap::new() })))
    }

    /// When the first sleeper wants to be woken, if anybody sleeps.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.sleepers().waiting.keys().next().map(|(due, _)| *due)
    }

    /// How many sleeps are going on.
    #[must_use]
    pub fn sleeping(&self) -> usize {
        self.sleepers().waiting.len()
    }

    /// Moves the clock to `now` and wakes who waited for it, the earliest first. Never moves it back.
    pub fn advance_to(&self, now: Timestamp) {
        self.set(now).into_iter().for_each(Waker::wake);
    }

    /// Moves the clock like [`VirtualClock::advance_to`], and leaves waking the sleepers to the caller.
    #[must_use]
    pub(crate) fn set(&self, now: Timestamp) -> Vec<Waker> {
        let mut sleepers = self.sleepers();
        sleepers.now = sleepers.now.max(now);
        let now = sleepers.now;
        let mut due = Vec::new();
        while let Some(first) = sleepers.waiting.first_entry().filter(|first| first.key().0 <= now) {
            due.push(first.remove());
        }
        due
    }

    fn sleepers(&self) -> MutexGuard<'_, Sleepers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for VirtualClock {
    fn default() -> Self {
        VirtualClock::starting_at(VirtualClock::DEFAULT_START)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.sleepers().now
    }

    fn sleep_until(&self, due: Timestamp) -> Sleep {
        Box::pin(VirtualSleep { clock: self.clone(), due, key: None })
    }
}

/// One sleep on a virtual clock. It takes its place among the sleepers when it is first polled.
#[derive(Debug)]
struct VirtualSleep {
    clock: VirtualClock,
    due: Timestamp,
    key: Option<(Timestamp, u64)>,
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (clock, due) = (self.clock.clone(), self.due);
        let mut sleepers = clock.sleepers();
        if sleepers.now >= due {
            return Poll::Ready(());
        }
        let key = *self.key.get_or_insert_with(|| {
            sleepers.issued += 1;
            (due, sleepers.issued)
        });
        sleepers.waiting.insert(key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for VirtualSleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.clock.sleepers().waiting.remove(&key);
        }
    }
}

/// A clock as the SDK wants it: signatures, retries and timeouts then live on that clock's time.
#[derive(Clone, Debug)]
pub struct SdkTime(Arc<dyn Clock>);

impl SdkTime {
    /// Hands `clock` to the SDK.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        SdkTime(clock)
    }
}

impl TimeSource for SdkTime {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + self.0.now().since(Timestamp::EPOCH)
    }
}

impl AsyncSleep for SdkTime {
    fn sleep(&self, duration: Duration) -> SdkSleep {
        SdkSleep::new(self.0.sleep(duration))
    }
}

/// Lets a thread wait for an instant that others may bring forward.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    rung: Mutex<bool>,
    bell: Condvar,
}

impl Alarm {
    /// Ends the wait, or the next one if nobody waits.
    pub(crate) fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_one();
    }

    /// Blocks the thread until the alarm is rung or `clock` shows `due`; without `due`, until it is rung.
    pub(crate) fn wait(&self, clock: &WallClock, due: Option<Timestamp>) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rung = match due {
            None => self.bell.wait_while(rung, |rung| !*rung).unwrap_or_else(PoisonError::into_inner),
            Some(due) => {
                let longest = due.since(clock.now());
                self.bell.wait_timeout_while(rung, longest, |rung| !*rung).unwrap_or_else(PoisonError::into_inner).0
            }
        };
        *rung = false;
    }
}

/// Waits in real time, whatever the clock: for guards on sockets, and for noticing that nothing happens.
#[expect(clippy::disallowed_methods, reason = "sockets and idleness are real, whatever clock the world is on")]
pub(crate) async fn real_pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// The timer for hyper's own guards on slow clients: real time, like the sockets.
pub(crate) fn pause_timer() -> TokioTimer {
    TokioTimer::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn poll(sleep: &mut Sleep, count: &Arc<Count>) -> bool {
        sleep.as_mut().poll(&mut Context::from_waker(&Waker::from(count.clone()))).is_ready()
    }

    #[test]
    fn a_virtual_clock_stands_still_until_it_is_moved() {
        let clock = VirtualClock::default();
        assert_eq!(clock.now(), VirtualClock::DEFAULT_START);
        clock.advance_to(clock.now() + Duration::from_secs(5));
        assert_eq!(clock.now().as_seconds(), 1_767_225_605);
        clock.advance_to(Timestamp::EPOCH);
        assert_eq!(clock.now().as_seconds(), 1_767_225_605, "never back");
    }

    #[test]
    fn sleepers_are_woken_when_their_instant_is_reached_and_not_before() {
        let (clock, count) = (VirtualClock::default(), Arc::new(Count::default()));
        let mut sleep = clock.sleep(Duration::from_secs(10));
        assert!(!poll(&mut sleep, &count));
        assert_eq!(clock.next_due(), Some(clock.now() + Duration::from_secs(10)));
        clock.advance_to(clock.now() + Duration::from_secs(9));
        assert_eq!(count.0.load(Ordering::SeqCst), 0);
        clock.advance_to(clock.now() + Duration::from_secs(1));
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        assert!(poll(&mut sleep, &count));
    }

    #[test]
    fn a_dropped_sleep_leaves_no_sleeper_behind() {
        let (clock, count) = (VirtualClock::default(), Arc::new(Count::default()));
        let mut sleep = clock.sleep(Duration::from_secs(10));
        assert!(!poll(&mut sleep, &count) && !poll(&mut sleep, &count));
        assert_eq!(clock.sleeping(), 1);
        drop(sleep);
        assert_eq!(clock.next_due(), None);
    }

    #[test]
    fn the_wall_clock_never_runs_backwards() {
        let clock = WallClock::new();
        let before = clock.now();
        assert!(clock.now() >= before);
        assert!(before > VirtualClock::DEFAULT_START - Duration::from_secs(366 * 86_400));
    }

    #[test]
    fn a_rung_alarm_ends_the_next_wait_at_once() {
        let (alarm, clock) = (Alarm::default(), WallClock::new());
        alarm.ring();
        alarm.wait(&clock, None);
        alarm.wait(&clock, Some(clock.now()));
    }
}
