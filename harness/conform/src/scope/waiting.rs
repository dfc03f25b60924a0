//! Waiting, on whatever clock the world has: a virtual one leaps, a real one polls.

use super::Scope;
use crate::{Outcome, Stop};
use std::fmt::{Debug, Display};
use std::time::Duration;

/// How long a case waits for what a service does "eventually", before it says that it did not. A unit's deadline is
/// later, so that such a case fails and is not broken off.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The first pause between two looks.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause between two looks, unless the wait is so long that a hundredth of it is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What one look came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen<T> {
    /// What was waited for.
    Yes(T),
    /// Not yet, and the state instead: it goes into the message if time runs out.
    NotYet(String),
}

impl<T> Seen<T> {
    /// `value` if it is there, otherwise `state`.
    pub fn some_or(value: Option<T>, state: impl Display) -> Self {
        value.map_or_else(|| Seen::NotYet(state.to_string()), Seen::Yes)
    }
}

impl Seen<()> {
    /// Yes if `holds`, otherwise `state`.
    pub fn when(holds: bool, state: impl Display) -> Self {
        if holds { Seen::Yes(()) } else { Seen::NotYet(state.to_string()) }
    }
}

impl Scope {
    /// Waits for `duration` on the world's clock.
    pub async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    /// Looks again and again until `look` says yes, for at most `within`, with growing pauses.
    ///
    /// # Errors
    /// A failure with the last state if it never says yes, and whatever stops `look`.
    pub async fn eventually<T>(
        &self,
        what: &str,
        within: Duration,
        mut look: impl AsyncFnMut() -> Result<Seen<T>, Stop>,
    ) -> Result<T, Stop> {
        let mut pauses = Pauses::new(within);
        let deadline = self.now() + within;
        loop {
            let state = match look().await? {
                Seen::Yes(value) => return Ok(value),
                Seen::NotYet(state) => state,
            };
            let left = deadline.since(self.now());
            if left.is_zero() {
                return Err(Stop::mismatch(what, format!("within {} s", within.as_secs_f64()), state));
            }
            self.sleep(pauses.next_pause().min(left)).await;
        }
    }

    /// Looks again and again for all of `within`, and wants to see nothing.
    ///
    /// # Errors
    /// A failure with what was seen and when, and whatever stops `look`.
    pub async fn never_within<T: Debug>(
        &self,
        what: &str,
        within: Duration,
        mut look: impl AsyncFnMut() -> Result<Option<T>, Stop>,
    ) -> Outcome {
        let mut pauses = Pauses::new(within);
        let started = self.now();
        loop {
            let seen = look().await?;
            let after = self.now().since(started);
            if let Some(seen) = seen {
                let expected = format!("nothing within {} s", within.as_secs_f64());
                return Err(Stop::mismatch(what, expected, format!("{seen:?} after {} s", after.as_secs_f64())));
            }
            let left = within.saturating_sub(after);
            if left.is_zero() {
                return Ok(());
            }
            self.sleep(pauses.next_pause().min(left)).await;
        }
    }
}

/// Pauses that grow by half each time.
struct Pauses {
    next: Duration,
    longest: Duration,
}

impl Pauses {
    fn new(within: Duration) -> Self {
        Pauses { next: FIRST_PAUSE, longest: LONGEST_PAUSE.max(within / 100) }
    }

    fn next_pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 3 / 2).min(self.longest);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_two_seconds_or_a_hundredth_of_the_wait() {
        let longest = |within| {
            let mut pauses = Pauses::new(within);
            (0..100).map(|_| pauses.next_pause()).max().unwrap()
        };
        assert_eq!(Pauses::new(Duration::from_secs(5)).next_pause(), FIRST_PAUSE);
        assert_eq!(longest(Duration::from_secs(30)), LONGEST_PAUSE);
        assert_eq!(longest(Duration::from_secs(86_400)), Duration::from_secs(864));
    }
}
