//! The highest rate that meets an objective with a flat backlog, as an interval.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Slo`] | an objective: `response p99 < 50ms` |
//! | [`search`] | doubles the rate until the objective is missed, then halves the distance |
//! | [`Found`] | the highest rate that met it, the lowest that missed it, and every step between |
//!
//! A rate is judged by the better of three: one noisy neighbour must neither end the search nor raise the answer.

use crate::Finished;
use crate::plan::duration;
use proofmark_record::load::{CheckVerdict, IntervalRow, Kind, LatencySummary, PhaseName};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A backlog may grow by this share of what is sent; more, and it never ends.
const GROWTH: f64 = 0.01;

/// What latencies must be like.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    text: String,
    /// Only of this operation; of the one that is slowest if absent.
    operation: Option<String>,
    kind: Kind,
    statistic: Statistic,
    limit: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Statistic {
    Quantile(f64),
    Mean,
    Max,
}

/// Why a text is no objective.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no objective; write [OPERATION] KIND STATISTIC < DURATION with wait, service, response or end-to-end and \
     p50 to p99.99, mean or max, such as `response p99 < 50ms`"
)]
pub struct NoSlo(String);

impl FromStr for Slo {
    type Err = NoSlo;

    fn from_str(text: &str) -> Result<Self, NoSlo> {
        read(text).ok_or_else(|| NoSlo(text.to_owned()))
    }
}

fn read(text: &str) -> Option<Slo> {
    let (left, limit) = text.split_once('<')?;
    let limit = duration(limit.trim_start_matches('=')).ok()?;
    let words: Vec<&str> = left.split_whitespace().collect();
    let (operation, kind, statistic) = match words[..] {
        [kind, statistic] => (None, kind, statistic),
        [operation, kind, statistic] => (Some(operation.to_owned()), kind, statistic),
        _ => return None,
    };
    let kind = Kind::ALL.into_iter().find(|known| known.name() == kind)?;
    Some(Slo { text: text.trim().to_owned(), operation, kind, statistic: Statistic::read(statistic)?, limit })
}

impl Statistic {
    fn read(text: &str) -> Option<Self> {
        match text {
            "mean" => Some(Statistic::Mean),
            "max" => Some(Statistic::Max),
            _ => {
                let percent: f64 = text.strip_prefix('p')?.parse().ok()?;
                let told = LatencySummary::QUANTILES.into_iter().find(|told| (told * 100.0 - percent).abs() < 1e-9)?;
                Some(Statistic::Quantile(told))
            }
        }
    }

    /// What it is. A quantile with too few samples is not greater than the longest of them, and that will do.
    fn of(self, summary: &LatencySummary) -> Duration {
        match self {
            Statistic::Quantile(quantile) => Duration::from_nanos(summary.at(quantile).unwrap_or(summary.max_ns)),
            Statistic::Max => Duration::from_nanos(summary.max_ns),
            Statistic::Mean => Duration::from_nanos(summary.mean_ns.round() as u64),
        }
    }
}

impl fmt::Display for Slo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// What came of one rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Operations per second.
    pub rate: f64,
    /// Why the objective was missed; `None` if it was met.
    pub missed: Option<String>,
}

/// What came of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The highest rate that met the objective; `None` if not even the lowest did.
    pub met: Option<f64>,
    /// The lowest rate above it that missed it; `None` if not even the highest did.
    pub missed: Option<f64>,
    /// Every run, in order.
    pub steps: Vec<Step>,
}

/// The rates between which it is searched, and how close the interval is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The lowest rate, per second.
    pub from: f64,
    /// The highest rate, per second.
    pub to: f64,
    /// The interval's ends are at most this factor apart, such as 1.05.
    pub precision: f64,
}

/// Searches; `run` runs one rate and says why it missed the objective, or `None` if it met it.
///
/// # Errors
/// Those of `run`.
pub fn search<E>(range: Range, mut run: impl FnMut(f64) -> Result<Option<String>, E>) -> Result<Found, E> {
    let mut found = Found { met: None, missed: None, steps: Vec::new() };
    let mut rate = range.from;
    while found.missed.is_none() {
        found.judge(rate, &mut run)?;
        if rate >= range.to {
            break;
        }
        rate = (rate * 2.0).min(range.to);
    }
    while let (Some(met), Some(missed)) = (found.met, found.missed) {
        if missed / met <= range.precision {
            break;
        }
        found.judge((met * missed).sqrt(), &mut run)?;
    }
    Ok(found)
}

impl Found {
    /// Runs a rate until two runs agree.
    fn judge<E>(&mut self, rate: f64, run: &mut impl FnMut(f64) -> Result<Option<String>, E>) -> Result<(), E> {
        let (mut met, mut missed) = (0, 0);
        while met < 2 && missed < 2 {
            let why = run(rate)?;
            if why.is_none() {
                met += 1
            } else {
                missed += 1
            }
            self.steps.push(Step { rate, missed: why });
        }
        let bound = if met == 2 { &mut self.met } else { &mut self.missed };
        *bound = Some(rate);
        Ok(())
    }
}

/// Why a run missed its objectives; `None` if it met them all, with a flat backlog.
#[must_use]
pub fn why_missed(finished: &Finished, slos: &[Slo]) -> Option<String> {
    let schedule = finished.record.validity.checks.iter().find(|check| check.name == "schedule");
    if let Some(check) = schedule.filter(|check| check.verdict == CheckVerdict::Failed) {
        return Some(format!("the rate was not kept: {}", check.measured));
    }
    growing(&finished.series).or_else(|| slos.iter().find_map(|slo| missed(finished, slo)))
}

fn missed(finished: &Finished, slo: &Slo) -> Option<String> {
    let operations = finished.record.operations.iter().filter(|summary| {
        !summary.operation.ends_with(".failed") && slo.operation.as_ref().is_none_or(|name| *name == summary.operation)
    });
    let seen: Vec<_> =
        operations.filter_map(|summary| Some((&summary.operation, summary.kinds.get(&slo.kind)?))).collect();
    if seen.is_empty() {
        return Some(format!("nothing was seen of `{slo}`"));
    }
    seen.into_iter().find_map(|(operation, summary)| {
        let took = slo.statistic.of(summary);
        (took >= slo.limit)
            .then(|| format!("{operation} took {took:.1?} instead of `{slo}`, {} samples", summary.count))
    })
}

/// Whether the backlog grows through the measured phase by more than a hundredth of what is sent.
fn growing(series: &[IntervalRow]) -> Option<String> {
    let measured: Vec<&IntervalRow> = series.iter().filter(|row| row.phase == PhaseName::Measure).collect();
    let third = measured.len() / 3;
    if third == 0 {
        return None;
    }
    let mean = |rows: &[&IntervalRow]| rows.iter().map(|row| row.backlog as f64).sum::<f64>() / rows.len() as f64;
    let growth = mean(&measured[measured.len() - third..]) - mean(&measured[..third]);
    let sent: u64 = measured[third..].iter().map(|row| row.sent).sum();
    let allowed = (GROWTH * sent as f64).max(10.0);
    (growth > allowed).then(|| format!("the backlog grew by {growth:.0} while {sent} were sent"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objectives_are_read() {
        let slo: Slo = "response p99 < 50ms".parse().unwrap();
        assert_eq!(
            (slo.kind, slo.statistic, slo.limit),
            (Kind::Response, Statistic::Quantile(0.99), Duration::from_millis(50))
        );
        let slo: Slo = "sqs.SendMessage end-to-end max<2s".parse().unwrap();
        assert_eq!((slo.operation.as_deref(), slo.statistic), (Some("sqs.SendMessage"), Statistic::Max));
        for wrong in
            ["", "p99", "response p99", "response p99 < fast", "latency p99 < 1s", "response p98.7 < 1s", "< 1s"]
        {
            assert!(wrong.parse::<Slo>().is_err(), "{wrong}");
        }
    }

    fn find(knee: f64, range: Range) -> Found {
        let run = |rate: f64| Ok::<_, ()>((rate > knee).then(|| "too much".to_owned()));
        search(range, run).unwrap()
    }

    const RANGE: Range = Range { from: 10.0, to: 100_000.0, precision: 1.05 };

    #[test]
    fn the_knee_lies_in_the_interval_that_is_found() {
        for knee in [10.0, 11.0, 99.0, 1_234.0, 54_321.0] {
            let found = find(knee, RANGE);
            let (met, missed) = (found.met.unwrap(), found.missed.unwrap());
            assert!(met <= knee && knee < missed && missed / met <= 1.05, "{knee}: {met} to {missed}");
        }
    }

    #[test]
    fn a_knee_outside_of_the_range_is_said_to_be_there() {
        assert_eq!((find(1.0, RANGE).met, find(1.0, RANGE).missed), (None, Some(10.0)));
        assert_eq!((find(1e9, RANGE).met, find(1e9, RANGE).missed), (Some(100_000.0), None));
    }

    #[test]
    fn one_run_of_three_may_go_wrong() {
        let mut runs = 0;
        let noisy = |rate: f64| {
            runs += 1;
            Ok::<_, ()>((rate > 1_000.0 || runs % 3 == 0).then(|| "noise, or too much".to_owned()))
        };
        let found = search(RANGE, noisy).unwrap();
        assert!(found.met.unwrap() <= 1_000.0 && found.missed.unwrap() > 1_000.0, "{found:?}");
    }
}
