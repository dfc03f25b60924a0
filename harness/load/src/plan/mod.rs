//! Arrival plans: when the nth operation is to be sent, as a pure seeded function of n.
//!
//! | Text | Arrivals |
//! |---|---|
//! | `constant:100/s` or `100/s` | evenly spaced |
//! | `step:100/s@30s,200/s@30s` | evenly spaced, at one rate after the other |
//! | `ramp:10/s..500/s@60s` | from one rate to another; then the last one goes on |
//! | `sine:100/s~50/s@60s` | around a mean rate, up and down by an amplitude, with a period |
//! | `poisson:100/s`, `poisson:ramp:...` | at random times, at the rate of the plan that follows |
//! | `burst:50@1s` | so many at once, every so often |
//! | `trace:FILE` | at the seconds that the file names, one per line |
//! | `closed:16` | no plan: 16 workers, each sending as soon as its last one is done |
//!
//! `/s` may be left out; `/m` and `/h` are rates per minute and hour. A plan knows nothing of who follows it: one that
//! falls behind sends late, and is charged the wait.

mod parse;
mod rate;

pub use parse::{PlanError, duration};

use proofmark_backend::Generator;
use rate::Rate;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// When operations are to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    text: String,
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// The nth arrival is when the rate has made n.
    Even(Rate),
    /// The nth arrival is when the rate has made a sum of n exponentials.
    Poisson(Rate),
    Burst {
        size: NonZeroU32,
        every: Duration,
    },
    Trace(Arc<[Duration]>),
    Closed(NonZeroU32),
}

/// The share of a plan that one process of several follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The how many-th, from 1.
    pub index: NonZeroU32,
    /// Of how many.
    pub of: NonZeroU32,
}

impl Part {
    /// All of it.
    pub const WHOLE: Part = Part { index: NonZeroU32::MIN, of: NonZeroU32::MIN };

    fn skipped(self) -> usize {
        self.index.get() as usize - 1
    }
}

impl Plan {
    /// `rate` operations per second, evenly spaced.
    ///
    /// # Errors
    /// [`PlanError::Rate`] if it is not above 0 and at most ten million.
    pub fn constant(rate: f64) -> Result<Self, PlanError> {
        Plan::parse(&format!("constant:{rate}/s"), |_| unreachable_file())
    }

    /// The number of workers of a closed loop; `None` if there are arrivals.
    #[must_use]
    pub fn closed_workers(&self) -> Option<NonZeroU32> {
        match self.shape {
            Shape::Closed(workers) => Some(workers),
            _ => None,
        }
    }

    /// Whether the rate is meant to be the same all the time, so that latencies should be, too.
    #[must_use]
    pub fn is_steady(&self) -> bool {
        match &self.shape {
            Shape::Even(rate) | Shape::Poisson(rate) => rate.is_constant(),
            Shape::Closed(_) => true,
            Shape::Burst { .. } | Shape::Trace(_) => false,
        }
    }

    /// How many arrivals the plan means for its first `duration`; `None` for a closed loop.
    #[must_use]
    pub fn expected(&self, duration: Duration) -> Option<f64> {
        match &self.shape {
            Shape::Even(rate) | Shape::Poisson(rate) => Some(rate.made_by(duration.as_secs_f64())),
            Shape::Burst { size, every } => {
                let bursts = (duration.as_secs_f64() / every.as_secs_f64()).ceil();
                Some(bursts * f64::from(size.get()))
            }
            Shape::Trace(times) => Some(times.partition_point(|time| *time < duration) as f64),
            Shape::Closed(_) => None,
        }
    }

    /// The arrivals, counted from the plan's start. A closed loop has none.
    #[must_use]
    pub fn arrivals(&self, seed: u64) -> Arrivals {
        Arrivals { shape: self.shape.clone(), random: Generator::from_seed(seed), next: 0, made: 0.0 }
    }

    /// The arrivals of one of several equal parts: every `of`th, so that the parts make up the whole.
    pub fn arrivals_of(&self, seed: u64, part: Part) -> impl Iterator<Item = Duration> + Send + use<> {
        self.arrivals(seed).skip(part.skipped()).step_by(part.of.get() as usize)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// The instants of a plan, never one before the last.
#[derive(Clone, Debug)]
pub struct Arrivals {
    shape: Shape,
    random: Generator,
    next: u64,
    /// What the rate has made by the last arrival of a Poisson process.
    made: f64,
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let number = self.next;
        self.next += 1;
        match &self.shape {
            Shape::Even(rate) => rate.when_made(number as f64).and_then(seconds),
            Shape::Poisson(rate) => {
                self.made += self.random.exponential();
                rate.when_made(self.made).and_then(seconds)
            }
            Shape::Burst { size, every } => {
                let burst = u32::try_from(number / u64::from(size.get())).ok()?;
                every.checked_mul(burst)
            }
            Shape::Trace(times) => times.get(usize::try_from(number).ok()?).copied(),
            Shape::Closed(_) => None,
        }
    }
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

fn unreachable_file() -> std::io::Result<String> {
    Err(std::io::Error::other("a constant plan has no file"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plan(text: &str) -> Plan {
        Plan::parse(text, |_| Ok("0\n0.5\n0.5\n3\n".to_owned())).unwrap()
    }

    fn millis(text: &str, count: usize) -> Vec<u128> {
        plan(text).arrivals(1).take(count).map(|at| at.as_millis()).collect()
    }

    #[test]
    fn arrivals_come_when_the_plan_says() {
        assert_eq!(millis("constant:10/s", 3), [0, 100, 200]);
        assert_eq!(millis("600/m", 3), [0, 100, 200]);
        assert_eq!(millis("step:1/s@2s,10/s@1s", 5), [0, 1_000, 2_000, 2_100, 2_200]);
        assert_eq!(millis("burst:2@1s", 5), [0, 0, 1_000, 1_000, 2_000]);
        assert_eq!(millis("trace:x", 9), [0, 500, 500, 3_000]);
        assert_eq!(millis("closed:4", 9), []);
    }

    #[test]
    fn a_ramp_speeds_up_and_then_keeps_its_last_rate() {
        let ramp = plan("ramp:0/s..100/s@10s");
        assert_eq!(ramp.expected(Duration::from_secs(10)), Some(500.0));
        assert_eq!(ramp.expected(Duration::from_secs(11)), Some(600.0));
        let at: Vec<f64> = ramp.arrivals(0).take(601).map(|at| at.as_secs_f64()).collect();
        assert!((at[125] - 5.0).abs() < 1e-6 && (at[500] - 10.0).abs() < 1e-6 && (at[600] - 11.0).abs() < 1e-6);
    }

    #[test]
    fn a_sine_makes_its_mean_over_a_period() {
        let sine = plan("sine:100/s~50/s@4s");
        assert_eq!(sine.expected(Duration::from_secs(4)).map(f64::round), Some(400.0));
        let first_half = sine.arrivals(0).take_while(|at| *at < Duration::from_secs(2)).count();
        assert!((260..270).contains(&first_half), "200 and 100 times 2 over pi: {first_half}");
    }

    #[test]
    fn a_poisson_process_has_its_rate_and_the_spread_of_one() {
        let gaps: Vec<f64> = {
            let at: Vec<f64> = plan("poisson:100/s").arrivals(3).take(20_001).map(|at| at.as_secs_f64()).collect();
            at.windows(2).map(|pair| pair[1] - pair[0]).collect()
        };
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!((mean - 0.01).abs() < 0.000_2, "{mean}");
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.03, "an exponential's deviation is its mean");
    }

    fn any_plan() -> impl Strategy<Value = String> {
        let rate = 1_u32..5_000;
        prop_oneof![
            rate.clone().prop_map(|rate| format!("constant:{rate}/s")),
            rate.clone().prop_map(|rate| format!("poisson:{rate}/s")),
            (rate.clone(), rate.clone()).prop_map(|(from, to)| format!("ramp:{from}/s..{to}/s@3s")),
            (rate.clone(), rate.clone()).prop_map(|(one, two)| format!("step:{one}/s@1s,{two}/s@1s")),
            (rate.clone(), 0.0..1.0_f64)
                .prop_map(|(mean, share)| { format!("sine:{mean}/s~{}/s@2s", f64::from(mean) * share) }),
            (rate.clone(), rate).prop_map(|(from, to)| format!("poisson:ramp:{from}/s..{to}/s@3s")),
            (1_u32..100).prop_map(|size| format!("burst:{size}@100ms")),
        ]
    }

    proptest! {
        #[test]
        fn a_plan_is_the_same_each_time_and_never_goes_back(text in any_plan(), seed: u64) {
            let at: Vec<Duration> = plan(&text).arrivals(seed).take(500).collect();
            prop_assert_eq!(&at, &plan(&text).arrivals(seed).take(500).collect::<Vec<_>>());
            prop_assert!(at.is_sorted());
        }

        #[test]
        fn the_parts_make_up_the_whole(text in any_plan(), seed: u64, of in 1_u32..9) {
            let plan = plan(&text);
            let whole: Vec<Duration> = plan.arrivals(seed).take(200 * of as usize).collect();
            let of = NonZeroU32::new(of).unwrap();
            let parts = (1..=of.get()).flat_map(|index| {
                let part = Part { index: NonZeroU32::new(index).unwrap(), of };
                plan.arrivals_of(seed, part).take(200).collect::<Vec<_>>()
            });
            let mut parts: Vec<Duration> = parts.collect();
            parts.sort_unstable();
            prop_assert_eq!(parts, whole);
        }

        #[test]
        fn as_many_arrive_as_are_expected(text in any_plan(), seed: u64) {
            let (plan, within) = (plan(&text), Duration::from_millis(4_050));
            let expected = plan.expected(within).unwrap();
            let arrived = plan.arrivals(seed).take_while(|at| *at < within).count() as f64;
            let allowed = if text.starts_with("poisson") { 6.0 * expected.sqrt() + 6.0 } else { 1.5 };
            prop_assert!((arrived - expected).abs() <= allowed, "{} instead of {}", arrived, expected);
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = Plan::parse(&text, |_| Ok(text.clone()));
        }
    }
}
