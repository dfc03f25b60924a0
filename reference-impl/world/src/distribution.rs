//! Where a quantity is drawn from: a latency, a payload's size.
//!
//! | Text | Draws |
//! |---|---|
//! | `fixed:V` or just `V` | always V |
//! | `uniform:LOW..HIGH` | every whole number from LOW to HIGH equally often |
//! | `lognormal:MEDIAN,SIGMA` | MEDIAN times e to the power of SIGMA times a standard normal |
//! | (not written as text) | as often as it was recorded |
//!
//! Quantities are whole numbers. What their unit is, and how one is written, is up to whoever reads the text.

use crate::random::Generator;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A distribution of whole numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distribution {
    /// Always the same.
    Fixed(u64),
    /// Every whole number from `low` to `high`, both included.
    Uniform {
        /// The least.
        low: u64,
        /// The greatest.
        high: u64,
    },
    /// Log-normal, as latencies of networked services mostly are.
    LogNormal {
        /// Half of the draws are below.
        median: u64,
        /// The standard deviation of the logarithm; 0 draws the median only.
        sigma: f64,
    },
    /// Values and how often each was seen.
    Recorded(Recorded),
}

/// Values with counts, as a histogram has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(u64, u64)>", into = "Vec<(u64, u64)>")]
pub struct Recorded {
    /// Each value with the number of draws up to and including it.
    cumulative: Vec<(u64, u64)>,
}

/// Why a text is no distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DistributionError {
    /// A kind that there is not.
    Kind(String),
    /// A number, or a pair of them, that cannot be read.
    Number(String),
    /// Bounds the wrong way round.
    Order(String),
    /// A histogram without a value.
    Empty,
}

impl fmt::Display for DistributionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DistributionError::Kind(kind) => {
                write!(
                    formatter,
                    "`{kind}` is no distribution; there are fixed:V, uniform:LOW..HIGH, lognormal:MEDIAN,SIGMA"
                )
            }
            DistributionError::Number(text) => {
                write!(formatter, "`{text}` cannot be read as what a distribution needs")
            }
            DistributionError::Order(text) => write!(formatter, "`{text}` begins above its end; write LOW..HIGH"),
            DistributionError::Empty => formatter.write_str("a recorded distribution needs at least one value"),
        }
    }
}

impl std::error::Error for DistributionError {}

impl Distribution {
    /// Reads a text of the table above; `number` reads one quantity with its unit.
    ///
    /// # Errors
    /// [`DistributionError`], with the part that is wrong.
    pub fn parse(text: &str, number: impl Fn(&str) -> Option<u64>) -> Result<Self, DistributionError> {
        let wrong = || DistributionError::Number(text.to_owned());
        let Some((kind, rest)) = text.split_once(':') else {
            return number(text).map(Distribution::Fixed).ok_or_else(wrong);
        };
        match kind {
            "fixed" => number(rest).map(Distribution::Fixed).ok_or_else(wrong),
            "uniform" => {
                let (low, high) = rest.split_once("..").ok_or_else(wrong)?;
                let (low, high) = (number(low).ok_or_else(wrong)?, number(high).ok_or_else(wrong)?);
                if low > high {
                    Err(DistributionError::Order(rest.to_owned()))
                } else {
                    Ok(Self::Uniform { low, high })
                }
            }
            "lognormal" => {
                let (median, sigma) = rest.split_once(',').ok_or_else(wrong)?;
                let sigma = sigma.trim().parse().ok().filter(|sigma: &f64| (0.0..=10.0).contains(sigma));
                Ok(Self::LogNormal { median: number(median).ok_or_else(wrong)?, sigma: sigma.ok_or_else(wrong)? })
            }
            other => Err(DistributionError::Kind(other.to_owned())),
        }
    }

    /// Draws one value.
    pub fn draw(&self, random: &mut Generator) -> u64 {
        match self {
            Distribution::Fixed(value) => *value,
            Distribution::Uniform { low, high } => random.between(*low, *high),
            Distribution::LogNormal { median, sigma } => scaled(*median, (sigma * random.standard_normal()).exp()),
            Distribution::Recorded(recorded) => recorded.draw(random),
        }
    }

    /// The greatest value that is ever drawn; `None` if there is no bound.
    #[must_use]
    pub fn greatest(&self) -> Option<u64> {
        match self {
            Distribution::Fixed(value) => Some(*value),
            Distribution::Uniform { high, .. } => Some(*high),
            Distribution::LogNormal { .. } => None,
            Distribution::Recorded(recorded) => recorded.cumulative.last().map(|(value, _)| *value),
        }
    }
}

impl Recorded {
    fn draw(&self, random: &mut Generator) -> u64 {
        let total = self.cumulative.last().map_or(0, |(_, total)| *total);
        let rank = random.between(1, total.max(1));
        let index = self.cumulative.partition_point(|(_, upto)| *upto < rank);
        self.cumulative.get(index).map_or(0, |(value, _)| *value)
    }
}

impl TryFrom<Vec<(u64, u64)>> for Recorded {
    type Error = DistributionError;

    /// From values with their counts.
    fn try_from(mut counts: Vec<(u64, u64)>) -> Result<Self, Self::Error> {
        counts.retain(|(_, count)| *count > 0);
        counts.sort_unstable();
        let mut total = 0_u64;
        for (_, count) in &mut counts {
            total = total.saturating_add(*count);
            *count = total;
        }
        if counts.is_empty() { Err(DistributionError::Empty) } else { Ok(Recorded { cumulative: counts }) }
    }
}

impl From<Recorded> for Vec<(u64, u64)> {
    fn from(recorded: Recorded) -> Self {
        let mut before = 0;
        let count = |(value, upto): (u64, u64)| (value, upto - std::mem::replace(&mut before, upto));
        recorded.cumulative.into_iter().map(count).collect()
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Distribution::Fixed(value) => write!(formatter, "fixed:{value}"),
            Distribution::Uniform { low, high } => write!(formatter, "uniform:{low}..{high}"),
            Distribution::LogNormal { median, sigma } => write!(formatter, "lognormal:{median},{sigma}"),
            Distribution::Recorded(recorded) => {
                let draws = recorded.cumulative.last().map_or(0, |(_, total)| *total);
                write!(formatter, "recorded:{draws} draws")
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a cast from f64 stops at the bounds of u64"
)]
fn scaled(median: u64, factor: f64) -> u64 {
    (median as f64 * factor).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Distribution, DistributionError> {
        Distribution::parse(text, |number| number.trim().parse().ok())
    }

    fn draws(distribution: &Distribution, count: usize) -> Vec<u64> {
        let mut random = Generator::from_seed(7);
        let mut draws: Vec<u64> = (0..count).map(|_| distribution.draw(&mut random)).collect();
        draws.sort_unstable();
        draws
    }

    #[test]
    fn texts_are_read_and_written() {
        for text in ["fixed:300", "uniform:1..9", "lognormal:1000,0.5"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(parse("300"), Ok(Distribution::Fixed(300)));
        assert!(matches!(parse("uniform:9..1"), Err(DistributionError::Order(_))));
        assert!(matches!(parse("normal:1,2"), Err(DistributionError::Kind(_))));
        assert!(matches!(parse("lognormal:1,-2"), Err(DistributionError::Number(_))));
    }

    #[test]
    fn half_of_a_lognormal_lies_below_its_median_and_a_sixth_beyond_one_sigma() {
        let sorted = draws(&Distribution::LogNormal { median: 10_000, sigma: 0.5 }, 10_000);
        assert!((9_700..10_300).contains(&sorted[5_000]), "{}", sorted[5_000]);
        assert!((15_900..17_100).contains(&sorted[8_413]), "{}", sorted[8_413]);
    }

    #[test]
    fn what_was_recorded_is_drawn_as_often() {
        let recorded = Recorded::try_from(vec![(5, 1), (1, 3), (9, 0)]).unwrap();
        let sorted = draws(&Distribution::Recorded(recorded.clone()), 4_000);
        assert_eq!((sorted[0], sorted[3_999]), (1, 5));
        assert!((2_900..3_100).contains(&sorted.partition_point(|value| *value == 1)));
        assert_eq!(Vec::from(recorded), [(1, 3), (5, 1)]);
        assert_eq!(Recorded::try_from(vec![(9, 0)]), Err(DistributionError::Empty));
    }

    proptest! {
        #[test]
        fn a_uniform_draw_lies_between_its_bounds(low: u64, more: u64, seed: u64) {
            let high = low.saturating_add(more);
            let drawn = Distribution::Uniform { low, high }.draw(&mut Generator::from_seed(seed));
            prop_assert!((low..=high).contains(&drawn));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = parse(&text);
        }
    }
}
