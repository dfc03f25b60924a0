//! A load run for a terminal: whether it may be believed, then its numbers, with a picture of each distribution.

use crate::comparison::sentences;
use crate::figures;
use crate::human::{BAD, CARE, GOOD, LOUD, QUIET, styled};
use hdrhistogram::Histogram;
use proofmark_record::load::{
    Check, CheckVerdict, LatencySummary, LoadedRun, OperationSummary, RunRecord, Status, Tag,
};
use std::fmt::{self, Write};
use std::path::PathBuf;

/// How wide the picture of a distribution is, in characters.
const PICTURE: usize = 32;

/// What is drawn, from no sample to the most.
const LEVELS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Shows `run` for people.
#[must_use]
pub fn render(run: &LoadedRun) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = write_all(&mut text, run);
    text
}

fn write_all(out: &mut String, loaded: &LoadedRun) -> fmt::Result {
    let run = &loaded.run;
    writeln!(out, "{} {}", styled(LOUD, &run.label), styled(QUIET, &run.run))?;
    writeln!(out, "{} {}", run.scenario.name, styled(QUIET, &run.scenario.summary))?;
    write_validity(out, loaded)?;
    write_facts(out, run)?;
    run.operations.iter().try_for_each(|operation| write_operation(out, loaded, operation))
}

fn write_validity(out: &mut String, loaded: &LoadedRun) -> fmt::Result {
    let run = &loaded.run;
    if run.invalid_because().is_empty() {
        writeln!(out, "{}", styled(GOOD, "valid"))?;
    } else {
        writeln!(out, "{}", styled(BAD, "not valid: these numbers are not to be believed"))?;
    }
    if run.status != Status::Complete {
        writeln!(out, "  {} {}", styled(BAD, "failed"), run.status.words())?;
    }
    run.validity.checks.iter().try_for_each(|check| write_check(out, check))?;
    loaded.truncated.iter().try_for_each(|what| writeln!(out, "  {} {what}", styled(CARE, "cut off")))?;
    let Some(delivery) = &run.delivery else { return Ok(()) };
    let (style, word) = if delivery.is_broken() { (BAD, "broken") } else { (GOOD, "kept") };
    writeln!(out, "messages: {} {}", styled(style, word), sentences::delivery(delivery))?;
    delivery.reasons.iter().try_for_each(|reason| writeln!(out, "  {} {reason}", styled(style, "because")))
}

fn write_check(out: &mut String, check: &Check) -> fmt::Result {
    let (style, word) = match check.verdict {
        CheckVerdict::Ok => (GOOD, "ok"),
        CheckVerdict::Warning => (CARE, "warning"),
        CheckVerdict::Failed => (BAD, "failed"),
        CheckVerdict::NotMeasured => (QUIET, "not measured"),
    };
    writeln!(out, "  {} {}", styled(style, word), check.sentence())
}

fn write_facts(out: &mut String, run: &RunRecord) -> fmt::Result {
    let offered = &run.offered;
    let rates = format!("{} of {}", figures::rate(offered.rate_kept), figures::rate(offered.rate_asked));
    let place = run.subject.endpoint.as_deref().map(|endpoint| format!(" {endpoint}")).unwrap_or_default();
    let cost = if run.cost.dollars > 0.0 { format!(", ${:.4}", run.cost.dollars) } else { String::new() };
    writeln!(out, "plan: {} for {} s, seed {}; sent {rates}", run.plan, run.duration_seconds, run.seed)?;
    writeln!(out, "on: {}{place}, {}, {} clock", run.subject.backend, run.subject.transport, run.subject.clock)?;
    writeln!(out, "from: {} × {}, {} {}", run.machine.cores, run.machine.cpu, run.machine.os, run.machine.kernel)?;
    writeln!(out, "requests: {}{cost}", figures::count(run.cost.requests))
}

fn write_operation(out: &mut String, loaded: &LoadedRun, operation: &OperationSummary) -> fmt::Result {
    writeln!(out, "\n{} {}", styled(LOUD, &operation.operation), styled(QUIET, calls(operation)))?;
    let told: Vec<f64> = LatencySummary::QUANTILES.into_iter().filter(|at| tells(operation, *at)).collect();
    let heads: String = told.iter().map(|quantile| format!("{:>10}", figures::quantile(*quantile))).collect();
    writeln!(out, "{}", styled(QUIET, format!("  {:10}{heads}{:>10}  from least to most", "", "longest")))?;
    for (kind, summary) in &operation.kinds {
        let value = |quantile: &f64| format!("{:>10}", sentences::time(summary.at(*quantile)));
        let values: String = told.iter().map(value).collect();
        let longest = figures::nanoseconds(summary.max_ns);
        let picture = picture(&loaded.total(&Tag::new(&operation.operation, *kind)));
        writeln!(out, "  {kind:10}{values}{longest:>10}  {picture}")?;
    }
    Ok(())
}

fn tells(operation: &OperationSummary, quantile: f64) -> bool {
    operation.kinds.values().any(|summary| summary.at(quantile).is_some())
}

/// `45,000 calls, 2 throttled, 3 × Timeout`.
fn calls(operation: &OperationSummary) -> String {
    let throttled = match operation.throttled {
        0 => String::new(),
        throttled => format!(", {} throttled", figures::count(throttled)),
    };
    let errors: String =
        operation.errors.iter().map(|(code, count)| format!(", {} × {code}", figures::count(*count))).collect();
    format!("{} calls{throttled}{errors}", figures::count(operation.attempted))
}

/// The distribution in one line: where samples are, along a logarithmic axis from the least to the most.
fn picture(total: &Histogram<u64>) -> String {
    let (low, high) = (total.value_at_quantile(0.001).max(1) as f64, total.value_at_quantile(0.999).max(1) as f64);
    if total.is_empty() || high <= low {
        return String::new();
    }
    let mut bars = [0_u64; PICTURE];
    for step in total.iter_recorded() {
        let place = (step.value_iterated_to() as f64 / low).ln() / (high / low).ln() * PICTURE as f64;
        bars[(place.max(0.0) as usize).min(PICTURE - 1)] += step.count_at_value();
    }
    let most = bars.into_iter().max().unwrap_or(1) as f64;
    let level = |count: u64| LEVELS[(count as f64 / most * (LEVELS.len() - 1) as f64).ceil() as usize];
    bars.into_iter().map(level).collect()
}

/// Shows several runs with their directories, a line each.
#[must_use]
pub fn list(runs: &[(PathBuf, RunRecord)]) -> String {
    let mut text = String::new();
    for (directory, run) in runs {
        let valid = if run.invalid_because().is_empty() { styled(GOOD, "valid    ") } else { styled(BAD, "not valid") };
        let began = run.started.strftime("%Y-%m-%d %H:%M");
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "{began}  {valid}  {}  {} {} {}",
            directory.display(),
            run.label,
            run.scenario.name,
            styled(QUIET, &run.plan),
        );
    }
    text
}
