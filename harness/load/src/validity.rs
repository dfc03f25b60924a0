//! Whether a run's numbers may be believed, judged before any number is shown.
//!
//! | Check | Fails |
//! |---|---|
//! | `schedule` | if fewer than 99 of 100 operations were sent before the phase ended |
//! | `generator` | if this process used more than 90 % of the machine's processors |
//! | `lateness` | if a free worker woke more than 10 ms late in one of 100 cases |
//! | `samples` | if there are fewer than 100 samples |
//! | `stationary` | if the medians of the first and the last third differ by more than a quarter, and by more than chance |
//! | `throttles` | if one of 100 operations was throttled |
//! | `errors` | if one of 100 operations failed |
//! | `ended` | if the run was broken off |

use crate::schedule::Counts;
use proofmark_record::load::{Check, CheckVerdict, IntervalRow, Kind, PhaseName, Status, Validity};
use std::time::Duration;

/// What is judged.
#[derive(Debug)]
pub(crate) struct Evidence<'a> {
    pub(crate) status: Status,
    pub(crate) counts: Counts,
    /// How long the plan was followed.
    pub(crate) lasted: Duration,
    /// The processor time that was used meanwhile; `None` if it is not known, or time was virtual.
    pub(crate) cpu: Option<Duration>,
    pub(crate) cores: u32,
    /// The 99th percentile of lateness in nanoseconds; `None` if nobody was ever early, or time was virtual.
    pub(crate) lateness_p99: Option<u64>,
    pub(crate) attempted: u64,
    pub(crate) throttled: u64,
    pub(crate) failed: u64,
    pub(crate) samples: u64,
    pub(crate) series: &'a [IntervalRow],
    /// The operation whose latency should stay the same; `None` if none should.
    pub(crate) steady: Option<&'a str>,
}

pub(crate) fn judge(evidence: &Evidence<'_>) -> Validity {
    let checks = vec![
        ended(evidence.status),
        schedule(evidence.counts),
        generator(evidence),
        lateness(evidence.lateness_p99),
        samples(evidence.samples),
        stationary(evidence),
        share("throttles", evidence.throttled, evidence.attempted, "ask for less, or for a higher quota"),
        share(
            "errors",
            evidence.failed,
            evidence.attempted,
            "see the codes in `operations`; raise --timeout if they are timeouts",
        ),
    ];
    Validity { valid: checks.iter().all(|check| check.verdict != CheckVerdict::Failed), checks }
}

fn check(name: &str, verdict: CheckVerdict, measured: String, limit: &str, advice: &str) -> Check {
    let advice = if verdict == CheckVerdict::Ok { "" } else { advice };
    Check { name: name.to_owned(), verdict, measured, limit: limit.to_owned(), advice: advice.to_owned() }
}

/// All right up to `warning`, worth knowing up to `failed`, and too much beyond.
fn grade(value: f64, warning: f64, failed: f64) -> CheckVerdict {
    match value {
        value if value > failed => CheckVerdict::Failed,
        value if value > warning => CheckVerdict::Warning,
        _ => CheckVerdict::Ok,
    }
}

fn ended(status: Status) -> Check {
    let (verdict, measured) = match status {
        Status::Complete => (CheckVerdict::Ok, "it came to its end"),
        Status::Running => (CheckVerdict::Failed, "it was killed"),
        Status::Interrupted => (CheckVerdict::Failed, "it was interrupted"),
        Status::Deadline => (CheckVerdict::Failed, "a phase took longer than it may"),
        Status::Failed => (CheckVerdict::Failed, "it could not go on"),
    };
    check("ended", verdict, measured.to_owned(), "the whole plan was followed", "run it again")
}

fn schedule(counts: Counts) -> Check {
    let missed = percent(counts.asked.saturating_sub(counts.on_time), counts.asked);
    let measured = format!("{} of {} sent in time", counts.on_time, counts.asked);
    let advice = "the target cannot keep up with the plan: ask for less, or give more --workers";
    check("schedule", grade(missed, 0.1, 1.0), measured, "99 % sent before the phase ended", advice)
}

fn generator(evidence: &Evidence<'_>) -> Check {
    const LIMIT: &str = "90 % of the processors";
    let Some(cpu) = evidence.cpu else { return not_measured("generator", LIMIT) };
    let whole = evidence.lasted.as_secs_f64() * f64::from(evidence.cores);
    let used = if whole > 0.0 { 100.0 * cpu.as_secs_f64() / whole } else { 0.0 };
    let advice = "the numbers are partly the generator's own: ask for less, or split the load with --part";
    check("generator", grade(used, 70.0, 90.0), format!("{used:.0} % of {} processors", evidence.cores), LIMIT, advice)
}

fn lateness(p99: Option<u64>) -> Check {
    const LIMIT: &str = "10 ms at p99";
    let Some(nanos) = p99 else { return not_measured("lateness", LIMIT) };
    let millis = nanos as f64 / 1e6;
    let advice = "waits and responses shorter than this mean nothing: use a quieter machine, or ask for less";
    check("lateness", grade(millis, 1.0, 10.0), format!("free workers woke {millis:.3} ms late at p99"), LIMIT, advice)
}

fn samples(samples: u64) -> Check {
    let verdict = if samples < 100 { CheckVerdict::Failed } else { CheckVerdict::Ok };
    let advice = "give it more --duration; a percentile is shown if 10 samples lie beyond it";
    check("samples", verdict, format!("{samples} samples"), "at least 100", advice)
}

fn share(name: &str, count: u64, of: u64, advice: &str) -> Check {
    check(name, grade(percent(count, of), 0.0, 1.0), format!("{count} of {of} calls"), "1 in 100", advice)
}

fn stationary(evidence: &Evidence<'_>) -> Check {
    const LIMIT: &str = "first and last third within a quarter of each other";
    let Some(operation) = evidence.steady else { return not_measured("stationary", LIMIT) };
    let medians: Vec<f64> = medians(evidence.series, operation).collect();
    let third = medians.len() / 3;
    if third < 3 {
        return not_measured("stationary", LIMIT);
    }
    let (mut first, mut last) = (medians[..third].to_vec(), medians[medians.len() - third..].to_vec());
    let differ = apart(&first, &last);
    let (first, last) = (median(&mut first), median(&mut last));
    let change = 100.0 * (last / first.max(1.0) - 1.0);
    let verdict = if change.abs() > 25.0 && differ { CheckVerdict::Failed } else { CheckVerdict::Ok };
    let measured = format!("median response {change:+.0} % from the first third to the last");
    check("stationary", verdict, measured, LIMIT, "give it a longer --warm-up, or look for what builds up")
}

fn medians<'a>(series: &'a [IntervalRow], operation: &'a str) -> impl Iterator<Item = f64> + 'a {
    let measured = series.iter().filter(|row| row.phase == PhaseName::Measure);
    measured.filter_map(move |row| {
        let kinds = row.operations.get(operation)?;
        kinds.get(&Kind::Response).or_else(|| kinds.get(&Kind::Service)).map(|latency| latency.p50_ns as f64)
    })
}

/// Whether two sets of medians overlap less than chance would have it: a Mann-Whitney U beyond 3.3 standard
/// deviations, or, for as few as there are here, no overlap at all.
fn apart(first: &[f64], last: &[f64]) -> bool {
    let pairs = first.len() * last.len();
    let wins: f64 = first.iter().flat_map(|one| last.iter().map(move |other| win(*one, *other))).sum();
    let (mean, count) = (pairs as f64 / 2.0, (first.len() + last.len()) as f64);
    let deviation = (pairs as f64 * (count + 1.0) / 12.0).sqrt();
    wins == 0.0 || wins == pairs as f64 || (wins - mean).abs() > 3.3 * deviation
}

fn win(one: f64, other: f64) -> f64 {
    match one.total_cmp(&other) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Greater => 1.0,
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn not_measured(name: &str, limit: &str) -> Check {
    check(name, CheckVerdict::NotMeasured, "not measured".to_owned(), limit, "")
}

fn percent(count: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { 100.0 * count as f64 / of as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofmark_record::load::IntervalLatency;
    use std::collections::BTreeMap;

    fn row(p50_ns: u64) -> IntervalRow {
        let latency = IntervalLatency { count: 10, p50_ns, p99_ns: p50_ns, max_ns: p50_ns };
        let operations = BTreeMap::from([("a".to_owned(), BTreeMap::from([(Kind::Response, latency)]))]);
        IntervalRow {
            phase: PhaseName::Measure,
            block: None,
            from_seconds: 0.0,
            to_seconds: 1.0,
            asked: 0,
            sent: 0,
            done: 0,
            in_flight: 0,
            backlog: 0,
            errors: 0,
            throttles: 0,
            requests: 0,
            operations,
        }
    }

    fn good(series: &[IntervalRow]) -> Evidence<'_> {
        Evidence {
            status: Status::Complete,
            counts: Counts { asked: 1_000, taken: 1_000, on_time: 1_000 },
            lasted: Duration::from_secs(10),
            cpu: Some(Duration::from_secs(5)),
            cores: 2,
            lateness_p99: Some(100_000),
            attempted: 1_000,
            throttled: 0,
            failed: 0,
            samples: 1_000,
            series,
            steady: Some("a"),
        }
    }

    fn failing(evidence: &Evidence<'_>) -> Vec<String> {
        let failed = judge(evidence).checks.into_iter().filter(|check| check.verdict == CheckVerdict::Failed);
        failed.map(|check| check.name).collect()
    }

    #[test]
    fn each_check_can_fail() {
        let steady: Vec<_> = (0..30).map(|index| row(1_000 + index % 7)).collect();
        let drifting: Vec<_> = (0..30).map(|index| row(1_000 + index * 50)).collect();
        assert!(failing(&good(&steady)).is_empty(), "{:?}", failing(&good(&steady)));
        let counts = Counts { asked: 1_000, taken: 1_000, on_time: 980 };
        let bad = [
            ("ended", Evidence { status: Status::Interrupted, ..good(&steady) }),
            ("schedule", Evidence { counts, ..good(&steady) }),
            ("generator", Evidence { cpu: Some(Duration::from_secs(19)), ..good(&steady) }),
            ("lateness", Evidence { lateness_p99: Some(11_000_000), ..good(&steady) }),
            ("samples", Evidence { samples: 99, ..good(&steady) }),
            ("stationary", good(&drifting)),
            ("throttles", Evidence { throttled: 11, ..good(&steady) }),
            ("errors", Evidence { failed: 11, ..good(&steady) }),
        ];
        for (name, evidence) in bad {
            assert_eq!(failing(&evidence), [name]);
        }
    }

    #[test]
    fn what_could_not_be_measured_does_not_fail() {
        let evidence = Evidence { cpu: None, lateness_p99: None, steady: None, ..good(&[]) };
        assert!(judge(&evidence).valid);
    }
}
