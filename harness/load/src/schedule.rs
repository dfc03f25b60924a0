//! A plan being followed in one phase: who takes which arrival when, and how well the schedule is kept.

use hdrhistogram::Histogram;
use proofmark_backend::{Clock, StopFlag, Timestamp};
use proofmark_record::load::histogram::empty;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One operation that the plan asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// The how many-th of the plan that this process follows.
    pub number: u64,
    /// When it is to be sent.
    pub intended: Timestamp,
    /// Whether it is part of what is measured.
    pub measured: bool,
    /// Where in the phase it is: 0 at its start, 1 at its end.
    pub progress: f64,
}

/// Arrivals, counted from a plan's start.
pub(crate) type Arrivals = Box<dyn Iterator<Item = Duration> + Send>;

/// The arrivals that are left of a plan, the number of the next, and the same arrivals once more to count what was asked.
pub(crate) struct Remaining {
    /// `None` for a closed loop, where a worker's next arrival is when it asks for one.
    pub(crate) arrivals: Option<std::iter::Peekable<Arrivals>>,
    pub(crate) asked: Option<std::iter::Peekable<Arrivals>>,
    pub(crate) number: u64,
}

/// The arrivals of one phase. Each is taken by one worker.
pub(crate) struct Schedule {
    /// The instant that is the plan's start.
    origin: Timestamp,
    from: Timestamp,
    until: Timestamp,
    measured: bool,
    state: Mutex<State>,
}

struct State {
    remaining: Remaining,
    stopped: bool,
    counts: Counts,
    lateness: Histogram<u64>,
}

/// How a schedule is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Arrivals that the plan had for the time so far.
    pub(crate) asked: u64,
    /// Arrivals that were taken.
    pub(crate) taken: u64,
    /// Those of them that were taken before the window's end.
    pub(crate) on_time: u64,
}

/// The stretch of time in which a plan is followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) origin: Timestamp,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) measured: bool,
}

impl Schedule {
    /// Follows what remains of a plan within a window.
    pub(crate) fn new(remaining: Remaining, window: Window) -> Self {
        let Window { origin, from, until, measured } = window;
        let state = State { remaining, stopped: false, counts: Counts::default(), lateness: empty() };
        Schedule { origin, from, until, measured, state: Mutex::new(state) }
    }

    /// Takes the next arrival; `None` once there is none in this phase.
    fn take(&self, now: Timestamp) -> Option<Arrival> {
        let mut state = self.state();
        let intended = if state.stopped { None } else { self.intended(&mut state.remaining, now) }?;
        let number = state.remaining.number;
        state.remaining.number += 1;
        state.counts.taken += 1;
        state.counts.on_time += u64::from(now < self.until);
        Some(Arrival { number, intended, measured: self.measured, progress: self.progress(intended) })
    }

    fn intended(&self, remaining: &mut Remaining, now: Timestamp) -> Option<Timestamp> {
        let Some(arrivals) = &mut remaining.arrivals else { return (now < self.until).then_some(now) };
        arrivals.next_if(|at| self.origin + *at < self.until).map(|at| self.origin + at)
    }

    fn progress(&self, at: Timestamp) -> f64 {
        at.since(self.from).as_secs_f64() / self.until.since(self.from).as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// The next arrival, once its time has come; at once if that is past. `None` once there is none, or `halt` is
    /// raised.
    pub(crate) async fn next(&self, clock: &dyn Clock, halt: &StopFlag) -> Option<Arrival> {
        if halt.is_raised() {
            return None;
        }
        let arrival = self.take(clock.now())?;
        if clock.now() < arrival.intended {
            tokio::select! {
                biased;
                () = clock.sleep_until(arrival.intended) => (),
                () = halt.raised() => return None,
            }
            self.woken(clock.now().since(arrival.intended));
        }
        Some(arrival)
    }

    /// A worker was free and slept; how late it woke is the generator's own doing.
    fn woken(&self, late: Duration) {
        // The histogram grows for every value there is, so recording does not fail.
        let _ = self.state().lateness.record(u64::try_from(late.as_nanos()).unwrap_or(u64::MAX));
    }

    /// How the schedule is kept by `now`.
    pub(crate) fn counts(&self, now: Timestamp) -> Counts {
        let mut state = self.state();
        let (origin, by) = (self.origin, now.min(self.until));
        let State { remaining, counts, .. } = &mut *state;
        match &mut remaining.asked {
            None => counts.asked = counts.taken,
            Some(asked) => {
                while asked.next_if(|at| origin + *at < by).is_some() {
                    counts.asked += 1;
                }
            }
        }
        *counts
    }

    /// How late free workers woke, in nanoseconds.
    pub(crate) fn lateness(&self) -> Histogram<u64> {
        self.state().lateness.clone()
    }

    /// What is left for the next phase.
    pub(crate) fn rest(&self) -> Remaining {
        let mut state = self.state();
        let remaining = &mut state.remaining;
        Remaining { arrivals: remaining.arrivals.take(), asked: remaining.asked.take(), number: remaining.number }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
