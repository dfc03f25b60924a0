//! The one timer of the process: wakes sleepers of the wall clock within a fraction of a millisecond.
//!
//! A thread waits for the earliest of them. On a busy machine that thread comes late by whole milliseconds, so whoever
//! goes to sleep also wakes those that are due: where there is much to time, there is always somebody to do it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// Who sleeps, until when.
#[derive(Debug, Default)]
struct Waiting {
    issued: u64,
    sleepers: BTreeMap<(Instant, u64), Waker>,
    /// What the thread waits for; none if it waits for a first sleeper.
    armed: Option<Instant>,
}

#[derive(Debug, Default)]
struct Timer {
    waiting: Mutex<Waiting>,
    bell: Condvar,
}

static TIMER: LazyLock<Timer> = LazyLock::new(|| {
    let started = std::thread::Builder::new().name("proofmark-timer".to_owned()).spawn(|| TIMER.keep());
    drop(started.expect("the operating system starts one thread for the wall clock's sleepers"));
    Timer::default()
});

#[expect(clippy::disallowed_methods, reason = "this is the wall clock's timer")]
fn now() -> Instant {
    Instant::now()
}

impl Waiting {
    /// Takes those whose time has come.
    fn take_due(&mut self, now: Instant) -> Vec<Waker> {
        let mut due = Vec::new();
        while let Some(first) = self.sleepers.first_entry().filter(|first| first.key().0 <= now) {
            due.push(first.remove());
        }
        due
    }

    fn first(&self) -> Option<Instant> {
        self.sleepers.keys().next().map(|(at, _)| *at)
    }
}

impl Timer {
    /// What the thread does, for as long as the process lives.
    fn keep(&self) {
        let mut waiting = self.lock();
        loop {
            let now = now();
            let due = waiting.take_due(now);
            if !due.is_empty() {
                drop(waiting);
                due.into_iter().for_each(Waker::wake);
                waiting = self.lock();
                continue;
            }
            waiting.armed = waiting.first();
            waiting = match waiting.armed {
                None => self.bell.wait(waiting).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let longest = at.saturating_duration_since(now);
                    self.bell.wait_timeout(waiting, longest).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One sleep. It takes its place among the sleepers when it is first polled.
#[derive(Debug)]
pub(super) struct TimedSleep {
    at: Instant,
    number: Option<u64>,
}

impl TimedSleep {
    pub(super) fn until(at: Instant) -> Self {
        TimedSleep { at, number: None }
    }
}

impl Future for TimedSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (at, now) = (self.at, now());
        if at <= now {
            return Poll::Ready(());
        }
        let mut waiting = TIMER.lock();
        let number = *self.number.get_or_insert_with(|| {
            waiting.issued += 1;
            waiting.issued
        });
        waiting.sleepers.insert((at, number), context.waker().clone());
        let due = waiting.take_due(now);
        let earlier = waiting.armed.is_none_or(|armed| at < armed);
        drop(waiting);
        due.into_iter().for_each(Waker::wake);
        if earlier {
            TIMER.bell.notify_one();
        }
        Poll::Pending
    }
}

impl Drop for TimedSleep {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            TIMER.lock().sleepers.remove(&(self.at, number));
        }
    }
}
