//! Exact virtual time: a future is run to its end, and time leaps only when nothing else is left to do.
//!
//! The loop, in [`Driver::run`]: poll the future; if it was woken meanwhile, poll again; if a request is on its
//! way, wait for it; otherwise everybody waits for time, so let the next thing happen.

use crate::activity::Activity;
use crate::core::Core;
use proofmark_world::Timestamp;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// How often the runtime gets a turn before everybody is taken to wait. One turn of a current-thread runtime
/// runs up to 61 tasks and looks once for I/O.
const TURNS: usize = 8;

/// How long, in real time, something outside of the reference may take to wake a future that nothing here can.
const GRACE: Duration = Duration::from_millis(250);

/// How many leaps one drive may take unless told otherwise.
pub const DEFAULT_STEPS: u64 = 10_000_000;

/// Why a future could not be driven to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DriveError {
    /// The future waits, and there is nothing that could ever wake it.
    #[error(
        "everybody waits for ever at {now} s: no sleeper and nothing due in the world, {parked} requests parked; \
         look for a receive on another thread's runtime, a lock, or a channel nobody sends on"
    )]
    Deadlock {
        /// The virtual time, in seconds since the epoch.
        now: Timestamp,
        /// Requests parked in the world.
        parked: usize,
    },
    /// The clock was moved as often as allowed, and the future is still not done.
    #[error("not done after {steps} steps of the virtual clock; it is at {now} s: look for a loop without an end")]
    TooManySteps {
        /// The virtual time, in seconds since the epoch.
        now: Timestamp,
        /// The steps that were allowed.
        steps: u64,
    },
}

/// Drives `future` on the virtual clock of `core`, with at most `steps` leaps.
pub(crate) async fn drive<F: Future>(core: &Core, future: F, steps: u64) -> Result<F::Output, DriveError> {
    let _hold = core.idle.hold();
    let driver = Driver { core, flag: Arc::new(Flag::default()), steps };
    driver.run(pin!(future)).await
}

struct Driver<'a> {
    core: &'a Core,
    flag: Arc<Flag>,
    steps: u64,
}

impl Driver<'_> {
    async fn run<F: Future>(&self, mut future: Pin<&mut F>) -> Result<F::Output, DriveError> {
        let mut left = self.steps;
        loop {
            if let Poll::Ready(output) = self.poll(future.as_mut()).await {
                return Ok(output);
            }
            if self.settle().await {
                continue;
            }
            if !self.core.activity.counts().all_parked() {
                self.woken_or_changed(&self.core.activity).await;
                continue;
            }
            left = left.checked_sub(1).ok_or_else(|| self.too_many_steps())?;
            if self.core.step(Timestamp::NEVER).is_none() && !self.woken_within_grace().await {
                return Err(self.deadlock());
            }
        }
    }

    /// Polls the future once, if it asked for it.
    async fn poll<F: Future>(&self, mut future: Pin<&mut F>) -> Poll<F::Output> {
        poll_fn(|context| {
            self.flag.listen(context);
            if !self.flag.take() {
                return Poll::Ready(Poll::Pending);
            }
            let waker = Waker::from(self.flag.clone());
            Poll::Ready(future.as_mut().poll(&mut Context::from_waker(&waker)))
        })
        .await
    }

    /// Gives the runtime turns until nothing happens any more; true as soon as the future was woken.
    async fn settle(&self) -> bool {
        loop {
            let before = self.core.activity.counts();
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
                if self.flag.is_up() {
                    return true;
                }
            }
            if self.core.activity.counts() == before {
                return false;
            }
        }
    }

    /// Waits until the future is woken or a request begins, parks or ends.
    async fn woken_or_changed(&self, activity: &Activity) {
        let mut changed = pin!(activity.changed());
        changed.as_mut().enable();
        if activity.counts().all_parked() {
            return;
        }
        poll_fn(|context| {
            self.flag.listen(context);
            if self.flag.is_up() { Poll::Ready(()) } else { changed.as_mut().poll(context) }
        })
        .await;
    }

    async fn woken_within_grace(&self) -> bool {
        let before = self.core.activity.counts();
        let woken = poll_fn(|context| {
            self.flag.listen(context);
            if self.flag.is_up() { Poll::Ready(()) } else { Poll::Pending }
        });
        tokio::select! {
            biased;
            () = woken => true,
            () = crate::clock::real_pause(GRACE) => self.core.activity.counts() != before,
        }
    }

    fn deadlock(&self) -> DriveError {
        DriveError::Deadlock { now: self.core.time.now(), parked: self.core.activity.counts().parked }
    }

    fn too_many_steps(&self) -> DriveError {
        DriveError::TooManySteps { now: self.core.time.now(), steps: self.steps }
    }
}

/// A waker that remembers that it was woken, and passes it on to the task that drives.
#[derive(Debug)]
struct Flag {
    up: AtomicBool,
    outer: Mutex<Option<Waker>>,
}

impl Default for Flag {
    /// Up, because a future wants its first poll.
    fn default() -> Self {
        Flag { up: AtomicBool::new(true), outer: Mutex::new(None) }
    }
}

impl Flag {
    fn listen(&self, context: &Context<'_>) {
        let mut outer = self.outer.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *outer {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
    }

    fn is_up(&self) -> bool {
        self.up.load(Ordering::Acquire)
    }

    fn take(&self) -> bool {
        self.up.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.up.store(true, Ordering::Release);
        let outer = self.outer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(waker) = outer {
            waker.wake();
        }
    }
}
