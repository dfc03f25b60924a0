//! A comparison in Markdown: the verdict first.

use super::sentences;
use crate::figures;
use crate::markdown::cell;
use proofmark_record::comparison::{Candidate, Comparison, Difference, Outcome, RunInBrief};
use std::fmt::{self, Write};

/// Shows `comparison` as Markdown.
#[must_use]
pub fn render(comparison: &Comparison) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = write_all(&mut text, comparison);
    text
}

fn write_all(out: &mut String, comparison: &Comparison) -> fmt::Result {
    writeln!(out, "# {}\n", cell(&sentences::verdict(comparison)))?;
    writeln!(out, "{}.\n", sentences::settings(comparison))?;
    writeln!(out, "| Run | Valid | Messages |\n|---|---|---|")?;
    comparison.runs.iter().try_for_each(|run| write_run(out, run))?;
    let baseline = comparison.runs.first();
    comparison.candidates.iter().try_for_each(|candidate| write_candidate(out, candidate, baseline))
}

fn write_run(out: &mut String, run: &RunInBrief) -> fmt::Result {
    let valid = if run.is_valid() { "yes".to_owned() } else { format!("**no**: {}", run.invalid_because.join("; ")) };
    let messages = run.delivery.as_ref().map(sentences::delivery).unwrap_or_default();
    let broken = if run.delivery_broken() { "**broken**: " } else { "" };
    writeln!(out, "| {} `{}` | {} | {broken}{} |", cell(&run.name), cell(&run.run), cell(&valid), cell(&messages))
}

fn write_candidate(out: &mut String, candidate: &Candidate, baseline: Option<&RunInBrief>) -> fmt::Result {
    let against = baseline.map(|run| run.name.as_str()).unwrap_or_default();
    let (name, against) = (cell(&candidate.name), cell(against));
    writeln!(out, "\n## {name} against {against}: {}\n", candidate.outcome)?;
    let remarks = candidate.obstacles.iter().chain(&candidate.notes);
    let remarks: Vec<String> = remarks.map(|text| format!("* {}\n", cell(text))).collect();
    if !remarks.is_empty() {
        writeln!(out, "{}", remarks.concat())?;
    }
    writeln!(out, "| | | | {against} | {name} | Change | Interval | |\n|---|---|--:|--:|--:|--:|---|---|")?;
    candidate.differences.iter().try_for_each(|difference| write_row(out, difference))
}

fn write_row(out: &mut String, difference: &Difference) -> fmt::Result {
    let outcome = match (difference.outcome, &difference.reason) {
        (Outcome::Worse, _) => "**worse**".to_owned(),
        (outcome, Some(reason)) => format!("{outcome}: {reason}"),
        (outcome, None) => outcome.to_string(),
    };
    let [baseline, candidate] = [difference.baseline_ns, difference.candidate_ns].map(sentences::time);
    writeln!(
        out,
        "| {} | {} | {} | {baseline} | {candidate} | {} | {} | {} |",
        cell(&difference.operation),
        difference.kind,
        figures::quantile(difference.quantile),
        sentences::change(difference),
        sentences::interval(difference),
        cell(&outcome),
    )
}
