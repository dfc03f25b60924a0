//! The seeded generator: the only source of ids, jitter and permitted freedom.

use crate::Uuid;
use rand::{RngExt, SeedableRng};
use rand_distr::{Exp1, StandardNormal};
use rand_pcg::Pcg64Mcg;
use std::time::Duration;

/// A deterministic generator: the same seed gives the same values on every machine.
#[derive(Clone, Debug)]
pub struct Generator(Pcg64Mcg);

impl Generator {
    /// A generator that repeats for the same `seed`.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Generator(Pcg64Mcg::seed_from_u64(seed))
    }

    /// A version 4 UUID.
    pub fn uuid(&mut self) -> Uuid {
        Uuid::from_random(self.0.random())
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.random()
    }

    /// True with the given probability. Draws nothing when it cannot matter, so that a knob that is off
    /// leaves the sequence of ids as it was.
    pub fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && (probability >= 1.0 || self.0.random::<f64>() < probability)
    }

    /// A whole number below `bound`; zero if `bound` is zero or one.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound <= 1 { 0 } else { self.0.random_range(0..bound) }
    }

    /// A whole number from `low` to `high`, both included; `low` if `high` is not greater.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        if high <= low { low } else { self.0.random_range(low..=high) }
    }

    /// A standard normal.
    pub fn standard_normal(&mut self) -> f64 {
        self.0.sample(StandardNormal)
    }

    /// An exponential with mean 1: the time between two events of a Poisson process, in mean times.
    pub fn exponential(&mut self) -> f64 {
        self.0.sample(Exp1)
    }

    /// A duration between zero and `longest`; zero, without a draw, if `longest` is zero.
    pub fn up_to(&mut self, longest: Duration) -> Duration {
        if longest.is_zero() { longest } else { longest.mul_f64(self.0.random::<f64>()) }
    }
}
