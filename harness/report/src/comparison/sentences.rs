//! What every form of a comparison says.

use crate::figures;
use proofmark_record::comparison::{Candidate, Comparison, Difference, Outcome, RunInBrief};
use proofmark_record::load::Delivery;

/// How many differences a verdict names before it counts the rest.
const NAMED: usize = 3;

/// What came of it all, in one sentence.
pub(crate) fn verdict(comparison: &Comparison) -> String {
    if let Some(run) = comparison.runs.iter().find(|run| run.delivery_broken()) {
        return format!("delivery broken: {}: {}", run.name, broken(run));
    }
    if let Some(run) = comparison.runs.iter().find(|run| !run.is_valid()) {
        return format!("cannot tell: the numbers of {} are not to be believed", run.name);
    }
    match comparison.candidates.as_slice() {
        [only] => of_candidate(only),
        many => {
            let all: Vec<String> = many.iter().map(|one| format!("{} {}", one.name, one.outcome)).collect();
            format!("{}: {}", comparison.outcome, all.join(", "))
        }
    }
}

/// What came of a candidate: the outcome, and what it comes from.
pub(crate) fn of_candidate(candidate: &Candidate) -> String {
    if let Some(obstacle) = candidate.obstacles.first() {
        return format!("{}: {obstacle}", candidate.outcome);
    }
    let deciding: Vec<&Difference> = deciding(candidate).collect();
    let judged = candidate.differences.iter().filter(|one| one.outcome != Outcome::NotJudged).count();
    if candidate.outcome == Outcome::Same {
        return format!("same: none of {judged} quantiles differs by the threshold or more");
    }
    let named: Vec<String> = (0..deciding.len().min(NAMED)).map(|at| named(&deciding, at)).collect();
    let more = match deciding.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}: {}{more}", candidate.outcome, named.join(", "))
}

/// The differences that the candidate's outcome comes from.
fn deciding(candidate: &Candidate) -> impl Iterator<Item = &Difference> {
    candidate.differences.iter().filter(|difference| difference.outcome == candidate.outcome)
}

/// `sqs.SendMessage response p99 +10.1 %`; the operation only if it is not the one before's.
fn named(differences: &[&Difference], at: usize) -> String {
    let difference = differences[at];
    let operation = match at.checked_sub(1).map(|before| &differences[before].operation) {
        Some(before) if *before == difference.operation => String::new(),
        _ => format!("{} ", difference.operation),
    };
    let change = difference.change.map(|change| format!(" {}", figures::change(change))).unwrap_or_default();
    format!("{operation}{} {}{change}", difference.kind, figures::quantile(difference.quantile))
}

/// `threshold 5 %, confidence 99 %, 2,000 draws, seed 0`.
pub(crate) fn settings(comparison: &Comparison) -> String {
    let settings = &comparison.settings;
    format!(
        "threshold {}, confidence {}, {} draws, seed {}",
        figures::percent(settings.threshold),
        figures::percent(settings.confidence),
        figures::count(u64::from(settings.replicas)),
        settings.seed
    )
}

/// The promises that a run's service broke.
pub(crate) fn broken(run: &RunInBrief) -> String {
    run.delivery.as_ref().map(|delivery| delivery.reasons.join("; ")).unwrap_or_default()
}

/// `120,000 sent, 119,999 received, 1 lost`; what did not occur is left out.
pub(crate) fn delivery(delivery: &Delivery) -> String {
    let always = [(delivery.sent, "sent"), (delivery.received, "received"), (delivery.lost, "lost")];
    let seldom = [
        (delivery.unacknowledged, "not acknowledged"),
        (delivery.duplicated, "received again"),
        (delivery.reordered, "out of order"),
        (delivery.unexpected, "unexpected"),
        (delivery.foreign, "of others"),
        (delivery.impossible, "with an impossible time"),
    ];
    let occurring = seldom.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> =
        always.into_iter().chain(occurring).map(|(count, what)| format!("{} {what}", figures::count(count))).collect();
    told.join(", ")
}

/// `-0.8 % to +1.1 %`, or nothing.
pub(crate) fn interval(difference: &Difference) -> String {
    let told = difference
        .interval
        .map(|interval| format!("{} to {}", figures::change(interval.low), figures::change(interval.high)));
    told.unwrap_or_default()
}

/// A time, or a dash if it has too few samples.
pub(crate) fn time(ns: Option<u64>) -> String {
    ns.map_or_else(|| "-".to_owned(), figures::nanoseconds)
}

/// A change, or nothing.
pub(crate) fn change(difference: &Difference) -> String {
    difference.change.map(figures::change).unwrap_or_default()
}
