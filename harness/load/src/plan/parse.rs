//! Reading plans, rates and durations as people write them.

use super::rate::{Line, Rate};
use super::{Plan, Shape};
use jiff::SignedDuration;
use std::io;
use std::num::NonZeroU32;
use std::time::Duration;

/// More than this per second is no load that one process sends, and taken for a mistake.
const HIGHEST_RATE: f64 = 10_000_000.0;

/// Why a text is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A kind that there is not.
    #[error(
        "`{0}` is no arrival plan; there are constant:100/s, poisson:100/s, step:100/s@30s,200/s@30s, \
         ramp:10/s..500/s@60s, sine:100/s~50/s@60s, burst:50@1s, trace:FILE and closed:16"
    )]
    Kind(String),
    /// A rate that cannot be read, or be followed.
    #[error("`{0}` is no rate; write a number above 0, at most ten million per second, such as 100/s or 6000/m")]
    Rate(String),
    /// A duration that cannot be read, or is zero.
    #[error("`{0}` is no duration; write 500ms, 30s, 10m or 24h")]
    Duration(String),
    /// A part of the text is missing.
    #[error("`{text}` lacks a part; it must look like {example}")]
    Incomplete {
        /// What was written.
        text: String,
        /// What it could have been.
        example: &'static str,
    },
    /// A number of operations or workers that cannot be read.
    #[error("`{0}` is no number; write a whole number above 0")]
    Number(String),
    /// A sine that would go below zero.
    #[error("the amplitude of `{0}` is greater than its mean; a rate cannot be negative")]
    Amplitude(String),
    /// A trace that cannot be read.
    #[error("cannot read the trace {file}")]
    Trace {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// A line of a trace that is no later instant.
    #[error("line {line} of the trace {file} is not a number of seconds that is no less than the one before")]
    TraceLine {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
    },
}

impl Plan {
    /// Reads a plan; `read` reads the file of a trace.
    ///
    /// # Errors
    /// [`PlanError`], with what to write instead.
    pub fn parse(text: &str, read: impl FnOnce(&str) -> io::Result<String>) -> Result<Self, PlanError> {
        let (kind, rest) = text.split_once(':').unwrap_or(("constant", text));
        let shape = match kind {
            "poisson" => Shape::Poisson(rate_of_plan(rest)?),
            "burst" => burst(rest)?,
            "closed" => Shape::Closed(whole(rest)?),
            "trace" => Shape::Trace(trace(rest, read)?.into()),
            _ => Shape::Even(rate_of_kind(kind, rest)?),
        };
        Ok(Plan { text: text.to_owned(), shape })
    }
}

fn rate_of_plan(text: &str) -> Result<Rate, PlanError> {
    let (kind, rest) = text.split_once(':').unwrap_or(("constant", text));
    rate_of_kind(kind, rest)
}

fn rate_of_kind(kind: &str, text: &str) -> Result<Rate, PlanError> {
    match kind {
        "constant" => Ok(Rate::constant(rate(text)?)),
        "step" => text.split(',').map(step).collect::<Result<_, _>>().map(Rate::Lines),
        "ramp" => ramp(text),
        "sine" => sine(text),
        other => Err(PlanError::Kind(other.to_owned())),
    }
}

fn step(text: &str) -> Result<Line, PlanError> {
    let (speed, lasts) = parts(text, "@", "step:100/s@30s,200/s@30s")?;
    let speed = rate(speed)?;
    Ok(Line { from: speed, to: speed, seconds: duration(lasts)?.as_secs_f64() })
}

fn ramp(text: &str) -> Result<Rate, PlanError> {
    const EXAMPLE: &str = "ramp:10/s..500/s@60s";
    let (rates, lasts) = parts(text, "@", EXAMPLE)?;
    let (from, to) = parts(rates, "..", EXAMPLE)?;
    // One that begins or ends at nothing is a fine ramp; one that does both is none.
    let (from, to) = (rate_or_zero(from)?, rate_or_zero(to)?);
    if from + to == 0.0 {
        return Err(PlanError::Rate(rates.to_owned()));
    }
    Ok(Rate::Lines(vec![Line { from, to, seconds: duration(lasts)?.as_secs_f64() }]))
}

fn sine(text: &str) -> Result<Rate, PlanError> {
    const EXAMPLE: &str = "sine:100/s~50/s@60s";
    let (rates, period) = parts(text, "@", EXAMPLE)?;
    let (mean, amplitude) = parts(rates, "~", EXAMPLE)?;
    let (mean, amplitude) = (rate(mean)?, rate_or_zero(amplitude)?);
    if amplitude > mean {
        return Err(PlanError::Amplitude(text.to_owned()));
    }
    Ok(Rate::Sine { mean, amplitude, period: duration(period)?.as_secs_f64() })
}

fn burst(text: &str) -> Result<Shape, PlanError> {
    let (size, every) = parts(text, "@", "burst:50@1s")?;
    Ok(Shape::Burst { size: whole(size)?, every: duration(every)? })
}

fn parts<'a>(text: &'a str, separator: &str, example: &'static str) -> Result<(&'a str, &'a str), PlanError> {
    text.split_once(separator).ok_or_else(|| PlanError::Incomplete { text: text.to_owned(), example })
}

fn rate(text: &str) -> Result<f64, PlanError> {
    let rate = rate_or_zero(text)?;
    if rate > 0.0 { Ok(rate) } else { Err(PlanError::Rate(text.to_owned())) }
}

fn rate_or_zero(text: &str) -> Result<f64, PlanError> {
    let (number, unit) = text.trim().split_once('/').unwrap_or((text.trim(), "s"));
    let per_second = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err(PlanError::Rate(text.to_owned())),
    };
    let rate = number.parse::<f64>().ok().map(|number| number / per_second);
    rate.filter(|rate| (0.0..=HIGHEST_RATE).contains(rate)).ok_or_else(|| PlanError::Rate(text.to_owned()))
}

fn whole(text: &str) -> Result<NonZeroU32, PlanError> {
    text.trim().parse().map_err(|_| PlanError::Number(text.to_owned()))
}

/// Reads a duration as people write it: `500ms`, `30s`, `10m`, `24h`.
///
/// # Errors
/// [`PlanError::Duration`] if it cannot be read, or is not above zero.
pub fn duration(text: &str) -> Result<Duration, PlanError> {
    let read: Option<SignedDuration> = text.trim().parse().ok();
    let read = read.and_then(|read| Duration::try_from(read).ok()).filter(|read| !read.is_zero());
    read.ok_or_else(|| PlanError::Duration(text.to_owned()))
}

fn trace(file: &str, read: impl FnOnce(&str) -> io::Result<String>) -> Result<Vec<Duration>, PlanError> {
    let text = read(file).map_err(|source| PlanError::Trace { file: file.to_owned(), source })?;
    let mut times: Vec<Duration> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let time = line.trim().parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let time = time.filter(|time| times.last().is_none_or(|last| last <= time));
        times.push(time.ok_or_else(|| PlanError::TraceLine { file: file.to_owned(), line: index + 1 })?);
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Plan::parse(text, |_| Ok("0\n1\n0.5\n".to_owned())).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_is_named_with_what_to_write() {
        for (text, part) in [
            ("wobble:3", "there are constant:100/s"),
            ("constant:0", "above 0"),
            ("constant:-5/s", "above 0"),
            ("constant:NaN", "above 0"),
            ("constant:1e9/s", "at most ten million"),
            ("constant:5/d", "such as 100/s"),
            ("step:5/s", "step:100/s@30s"),
            ("step:5/s@0s", "30s"),
            ("ramp:0..0@3s", "above 0"),
            ("sine:5~6@3s", "cannot be negative"),
            ("burst:0@1s", "whole number above 0"),
            ("trace:x", "line 3"),
            ("closed:many", "whole number"),
        ] {
            assert!(refusal(text).contains(part), "{text}: {}", refusal(text));
        }
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [("500ms", 0.5), ("30s", 30.0), ("1m 30s", 90.0), ("24h", 86_400.0)] {
            assert_eq!(duration(text).unwrap().as_secs_f64(), seconds);
        }
        assert!(["0s", "-3s", "x", ""].into_iter().all(|text| duration(text).is_err()));
    }
}
