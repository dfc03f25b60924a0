//! When a failed delivery is tried again: four phases, one shape for every source.
//!
//! Source: SNS developer guide, message delivery retries. AWS publishes the backoff functions as a graph and gives
//! no formula. Here `exponential` is the progression whose steps have a constant ratio, `linear` the straight line,
//! and the other two lie between them, in the order of the graph.

use std::time::Duration;

/// How the delays of the backoff phase grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BackoffFunction {
    /// By the same amount each time.
    #[default]
    Linear,
    /// A little more each time.
    Arithmetic,
    /// More each time.
    Geometric,
    /// By the same factor each time.
    Exponential,
}

impl BackoffFunction {
    /// AWS's name of the function.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            BackoffFunction::Linear => "linear",
            BackoffFunction::Arithmetic => "arithmetic",
            BackoffFunction::Geometric => "geometric",
            BackoffFunction::Exponential => "exponential",
        }
    }

    /// The function of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Linear, Self::Arithmetic, Self::Geometric, Self::Exponential]
            .into_iter()
            .find(|function| function.name() == name)
    }

    /// The share of the straight line in the function; the rest is the exponential.
    const fn straightness(self) -> f64 {
        match self {
            BackoffFunction::Linear => 1.0,
            BackoffFunction::Arithmetic => 0.5,
            BackoffFunction::Geometric => 0.25,
            BackoffFunction::Exponential => 0.0,
        }
    }

    /// The delay at `progress` (0 to 1) of the way from `shortest` to `longest`, in seconds.
    fn delay(self, shortest: f64, longest: f64, progress: f64) -> f64 {
        let straight = shortest + (longest - shortest) * progress;
        let curved = shortest * (longest / shortest).powf(progress);
        straight * self.straightness() + curved * (1.0 - self.straightness())
    }
}

/// A retry schedule: how many retries each phase has, and the delays.
///
/// The phases come in this order: no delay, the shortest delay, backoff from the shortest to the longest delay,
/// the longest delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Retries at once.
    pub immediate: u32,
    /// Retries after the shortest delay each.
    pub pre_backoff: u32,
    /// Retries after growing delays.
    pub backoff: u32,
    /// Retries after the longest delay each.
    pub post_backoff: u32,
    /// The shortest delay; more than zero if the schedule has a pre-backoff or backoff phase.
    pub shortest: Duration,
    /// The longest delay.
    pub longest: Duration,
    /// How the delays grow.
    pub function: BackoffFunction,
}

impl Schedule {
    /// Endpoints that AWS manages (SQS, Lambda, Firehose): 100,015 retries over 23 days.
    pub const AWS_MANAGED: Schedule = Schedule {
        immediate: 3,
        pre_backoff: 2,
        backoff: 10,
        post_backoff: 100_000,
        shortest: Duration::from_secs(1),
        longest: Duration::from_secs(20),
        function: BackoffFunction::Exponential,
    };

    /// Endpoints that customers manage (e-mail, SMS, mobile push): 50 retries over some six hours.
    pub const CUSTOMER_MANAGED: Schedule = Schedule {
        immediate: 0,
        pre_backoff: 2,
        backoff: 10,
        post_backoff: 38,
        shortest: Duration::from_secs(10),
        longest: Duration::from_secs(600),
        function: BackoffFunction::Exponential,
    };

    /// No retry at all.
    pub const NONE: Schedule = Schedule {
        immediate: 0,
        pre_backoff: 0,
        backoff: 0,
        post_backoff: 0,
        shortest: Duration::ZERO,
        longest: Duration::ZERO,
        function: BackoffFunction::Linear,
    };

    /// How many retries there are.
    #[must_use]
    pub const fn retries(&self) -> u32 {
        self.immediate + self.pre_backoff + self.backoff + self.post_backoff
    }

    /// The delay before retry number `retry`, from 1 on; `None` if there is no such retry.
    #[must_use]
    pub fn delay(&self, retry: u32) -> Option<Duration> {
        let index = retry.checked_sub(1)?;
        let backoff_from = self.immediate + self.pre_backoff;
        let post_backoff_from = backoff_from + self.backoff;
        if index < self.immediate {
            Some(Duration::ZERO)
        } else if index < backoff_from {
            Some(self.shortest)
        } else if index < post_backoff_from {
            Some(self.backoff_delay(index - backoff_from))
        } else {
            (index < self.retries()).then_some(self.longest)
        }
    }

    fn backoff_delay(&self, index: u32) -> Duration {
        let last = self.backoff.saturating_sub(1);
        let progress = if last == 0 { 0.0 } else { f64::from(index) / f64::from(last) };
        let seconds = self.function.delay(self.shortest.as_secs_f64(), self.longest.as_secs_f64(), progress);
        Duration::from_millis(milliseconds(seconds))
    }

    /// The sum of all delays.
    #[must_use]
    pub fn total_delay(&self) -> Duration {
        let backoff: Duration = (0..self.backoff).map(|index| self.backoff_delay(index)).sum();
        self.shortest * self.pre_backoff + backoff + self.longest * self.post_backoff
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a delay is between 0 s and an hour")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1_000.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(schedule: &Schedule) -> Vec<f64> {
        (1..).map_while(|retry| schedule.delay(retry)).map(|delay| delay.as_secs_f64()).collect()
    }

    #[test]
    fn managed_endpoints_have_100_015_retries_over_23_days() {
        let all = delays(&Schedule::AWS_MANAGED);
        assert_eq!(all.len(), 100_015);
        assert_eq!(all[..5], [0.0, 0.0, 0.0, 1.0, 1.0]);
        let geometric_fit = [1.0, 1.395, 1.946, 2.714, 3.786, 5.282, 7.368, 10.278, 14.337, 20.0];
        assert_eq!(all[5..15], geometric_fit);
        assert!(all[15..].iter().all(|delay| *delay == 20.0));
        assert_eq!(Schedule::AWS_MANAGED.total_delay().as_secs() / 86_400, 23);
    }

    #[test]
    fn customer_managed_endpoints_have_50_retries() {
        let all = delays(&Schedule::CUSTOMER_MANAGED);
        assert_eq!((all.len(), all[0], all[2], all[11], all[49]), (50, 10.0, 10.0, 600.0, 600.0));
    }

    #[test]
    fn the_functions_keep_the_order_of_the_published_graph() {
        let midpoint = |function: BackoffFunction| function.delay(5.0, 260.0, 0.5);
        let [linear, arithmetic, geometric, exponential] = [
            BackoffFunction::Linear,
            BackoffFunction::Arithmetic,
            BackoffFunction::Geometric,
            BackoffFunction::Exponential,
        ]
        .map(midpoint);
        assert!(linear > arithmetic && arithmetic > geometric && geometric > exponential);
    }

    #[test]
    fn there_is_no_retry_zero_and_none_after_the_last() {
        assert_eq!(Schedule::AWS_MANAGED.delay(0), None);
        assert_eq!(Schedule::AWS_MANAGED.delay(100_016), None);
        assert_eq!(Schedule::NONE.delay(1), None);
    }
}
