//! A comparison for a terminal: first whether the runs may be believed, then the numbers, then the verdict.

use super::sentences;
use crate::figures;
use crate::human::{BAD, CARE, GOOD, LOUD, QUIET, styled};
use anstyle::Style;
use proofmark_record::comparison::{Candidate, Comparison, Difference, Outcome, RunInBrief};
use std::fmt::{self, Write};

/// Shows `comparison` for people.
#[must_use]
pub fn render(comparison: &Comparison) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = write_all(&mut text, comparison);
    text
}

fn write_all(out: &mut String, comparison: &Comparison) -> fmt::Result {
    for (at, run) in comparison.runs.iter().enumerate() {
        write_run(out, run, at == 0)?;
    }
    let baseline = &comparison.runs[0];
    for (candidate, run) in comparison.candidates.iter().zip(&comparison.runs[1..]) {
        write_candidate(out, candidate, baseline, run, &comparison.settings.confidence)?;
    }
    writeln!(out, "\n{}", styled(QUIET, sentences::settings(comparison)))?;
    writeln!(out, "{}", styled(mood(comparison), sentences::verdict(comparison)))
}

fn mood(comparison: &Comparison) -> Style {
    match comparison.outcome {
        _ if comparison.delivery_broken() => BAD,
        _ if comparison.has_invalid_run() => CARE,
        outcome => style(outcome),
    }
}

/// The colour of an outcome.
pub(crate) fn style(outcome: Outcome) -> Style {
    match outcome {
        Outcome::NotJudged => QUIET,
        Outcome::Same | Outcome::Better => GOOD,
        Outcome::CannotTell => CARE,
        Outcome::Worse => BAD,
    }
}

fn write_run(out: &mut String, run: &RunInBrief, is_baseline: bool) -> fmt::Result {
    let role = if is_baseline { ", the baseline" } else { "" };
    let valid = if run.is_valid() { styled(GOOD, "valid") } else { styled(BAD, "not valid") };
    writeln!(out, "{}{role}: {valid} {}", styled(LOUD, &run.name), styled(QUIET, &run.run))?;
    run.invalid_because.iter().try_for_each(|reason| writeln!(out, "  {} {reason}", styled(BAD, "failed")))?;
    run.truncated.iter().try_for_each(|what| writeln!(out, "  {} {what}", styled(CARE, "cut off")))?;
    let Some(delivery) = &run.delivery else { return Ok(()) };
    let style = if delivery.is_broken() { BAD } else { QUIET };
    writeln!(out, "  {}", styled(style, format!("messages: {}", sentences::delivery(delivery))))
}

fn write_candidate(
    out: &mut String,
    candidate: &Candidate,
    baseline: &RunInBrief,
    run: &RunInBrief,
    confidence: &f64,
) -> fmt::Result {
    let paired = if candidate.paired { ", in pairs of blocks that took turns" } else { "" };
    writeln!(out, "\n{} against {}{paired}", styled(LOUD, &candidate.name), baseline.name)?;
    candidate.obstacles.iter().try_for_each(|text| writeln!(out, "  {} {text}", styled(CARE, "not judged")))?;
    candidate.notes.iter().try_for_each(|text| writeln!(out, "  {} {text}", styled(QUIET, "note")))?;
    let interval = format!("{} interval", figures::percent(*confidence));
    let heads = heads(&baseline.name, &candidate.name);
    let head = format!("{:19}{:>11} {:>11} {:>9}  {interval:20}", "", heads[0], heads[1], "change");
    writeln!(out, "{}", styled(QUIET, head.trim_end()))?;
    let marks = [baseline, run].map(|run| if run.is_valid() { ' ' } else { '!' });
    for (at, difference) in candidate.differences.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &candidate.differences[before]);
        let before = before.filter(|before| before.operation == difference.operation);
        if before.is_none() {
            writeln!(out, "  {}", styled(LOUD, &difference.operation))?;
        }
        write_row(out, difference, before, marks)?;
    }
    if marks.contains(&'!') {
        writeln!(out, "  {}", styled(CARE, "! of a run that is not valid: not to be believed"))?;
    }
    Ok(())
}

/// A row; what it has in common with the row before, of the same operation, is not said again.
fn write_row(out: &mut String, difference: &Difference, before: Option<&Difference>, marks: [char; 2]) -> fmt::Result {
    let is_new_kind = before.is_none_or(|before| before.kind != difference.kind);
    let kind = if is_new_kind { difference.kind.name() } else { "" };
    let is_new_reason = is_new_kind || before.is_none_or(|before| before.reason != difference.reason);
    let reason = difference.reason.as_deref().filter(|_| is_new_reason);
    let times = [difference.baseline_ns, difference.candidate_ns].map(sentences::time);
    let quantile = figures::quantile(difference.quantile);
    let reason = reason.map(|reason| styled(QUIET, format!(": {reason}"))).unwrap_or_default();
    writeln!(
        out,
        "    {kind:10} {quantile:6} {:>8}{} {:>10}{} {:>8}  {:20} {}{reason}",
        times[0],
        marks[0],
        times[1],
        marks[1],
        sentences::change(difference),
        sentences::interval(difference),
        styled(style(difference.outcome), difference.outcome),
    )
}

/// The names, if both fit above their columns.
fn heads<'a>(baseline: &'a str, candidate: &'a str) -> [&'a str; 2] {
    let fits = |name: &str| name.chars().count() <= 10;
    if fits(baseline) && fits(candidate) { [baseline, candidate] } else { ["baseline", "candidate"] }
}
