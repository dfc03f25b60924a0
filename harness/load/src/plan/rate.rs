//! Rates over time, and when they have made a given number of arrivals.

use std::f64::consts::{PI, TAU};

/// Operations per second, as a function of seconds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rate {
    /// Straight lines one after the other; the last rate goes on for ever.
    Lines(Vec<Line>),
    /// A mean, up and down by an amplitude that is not greater, with a period in seconds.
    Sine { mean: f64, amplitude: f64, period: f64 },
}

/// A rate that goes from one value to another in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) seconds: f64,
}

impl Line {
    fn slope(&self) -> f64 {
        (self.to - self.from) / self.seconds
    }

    /// What it makes in its first `seconds`.
    fn made_by(&self, seconds: f64) -> f64 {
        self.from * seconds + self.slope() * seconds * seconds / 2.0
    }

    fn made(&self) -> f64 {
        f64::midpoint(self.from, self.to) * self.seconds
    }

    /// After how many seconds it has made `count`, which is not more than it makes. The root of the quadratic in the
    /// form that does not subtract nearly equal numbers.
    fn when_made(&self, count: f64) -> f64 {
        if count <= 0.0 {
            return 0.0;
        }
        let root = (self.from * self.from + 2.0 * self.slope() * count).max(0.0).sqrt();
        (2.0 * count / (self.from + root)).min(self.seconds)
    }
}

impl Rate {
    /// The same rate for ever.
    pub(super) fn constant(rate: f64) -> Self {
        Rate::Lines(vec![Line { from: rate, to: rate, seconds: 1.0 }])
    }

    pub(super) fn is_constant(&self) -> bool {
        match self {
            Rate::Lines(lines) => lines.iter().all(|line| line.from == lines[0].from && line.to == lines[0].from),
            Rate::Sine { amplitude, .. } => *amplitude == 0.0,
        }
    }

    /// How many arrivals it has made by `seconds`.
    pub(super) fn made_by(&self, seconds: f64) -> f64 {
        match self {
            Rate::Lines(lines) => made_by_lines(lines, seconds),
            Rate::Sine { mean, amplitude, period } => {
                mean * seconds + amplitude * period / TAU * (1.0 - (TAU * seconds / period).cos())
            }
        }
    }

    /// When it has made `count` arrivals; `None` if it never does.
    pub(super) fn when_made(&self, count: f64) -> Option<f64> {
        match self {
            Rate::Lines(lines) => when_lines_made(lines, count),
            Rate::Sine { mean, amplitude, period } => {
                // The wave is ahead of its mean by at most this much, and never behind it.
                let ahead = amplitude * period / PI;
                Some(self.bisect(count, ((count - ahead) / mean).max(0.0), count / mean))
            }
        }
    }

    /// The instant between `low` and `high` at which `count` has been made. The rate is never negative.
    fn bisect(&self, count: f64, mut low: f64, mut high: f64) -> f64 {
        for _ in 0..64 {
            let middle = f64::midpoint(low, high);
            if self.made_by(middle) < count { low = middle } else { high = middle }
        }
        high
    }
}

fn made_by_lines(lines: &[Line], seconds: f64) -> f64 {
    let (mut made, mut left, mut last) = (0.0, seconds, 0.0);
    for line in lines {
        made += line.made_by(left.clamp(0.0, line.seconds));
        left -= line.seconds;
        last = line.to;
    }
    made + last * left.max(0.0)
}

fn when_lines_made(lines: &[Line], count: f64) -> Option<f64> {
    let (mut left, mut began, mut last) = (count, 0.0, 0.0);
    for line in lines {
        if left < line.made() {
            return Some(began + line.when_made(left));
        }
        left -= line.made();
        began += line.seconds;
        last = line.to;
    }
    (last > 0.0).then(|| began + left / last)
}
