//! What AWS may do, it may do to these cases: with every freedom turned on they still pass, and say what they saw.

use proofmark_backend::ReferenceOptions;
use proofmark_conform::{Backend, Filter, Plan, RunOptions, RunSummary, Strength, Verdict, run};
use proofmark_suites::{cases, catalogue};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::LazyLock;

/// Cases that send more than this are left to the tests one by one; freedoms do not depend on numbers.
const MOST_REQUESTS: u32 = 2_000;

fn summary(freedom: proofmark_backend::Freedom, seed: u64) -> RunSummary {
    let options = ReferenceOptions { freedom, ..ReferenceOptions::default() };
    let small: Vec<_> = cases().into_iter().filter(|case| case.cost.requests <= MOST_REQUESTS).collect();
    let plan = Plan::new(&small).filtered(&Filter::default());
    run(&Backend::reference(options), &plan, &RunOptions { seed, ..RunOptions::default() }, |_| {})
}

/// Every case without a freedom.
static PLAIN: LazyLock<RunSummary> = LazyLock::new(|| summary(proofmark_backend::Freedom::default(), 0));
/// Every case with all of them.
static FREE: LazyLock<RunSummary> = LazyLock::new(|| summary(proofmark_backend::Freedom::adversarial(), 0));

/// What was seen of each clause that binds nobody, a line each.
fn observed(summary: &RunSummary) -> String {
    let mut text = String::new();
    for unit in &summary.units {
        for observation in &unit.observations {
            let _ = writeln!(text, "{}: {}: {}", unit.unit, observation.clause, observation.seen);
        }
    }
    text
}

fn expect_all_pass(summary: &RunSummary) {
    let failed: Vec<String> = summary
        .units
        .iter()
        .filter(|unit| unit.verdict != Verdict::Pass)
        .map(|unit| format!("{} ({}): {:?} {:?}", unit.unit, unit.verdict, unit.failure, unit.reason))
        .collect();
    assert!(failed.is_empty(), "seed {}:\n{}", summary.seed, failed.join("\n"));
}

#[test]
fn every_case_tolerates_every_freedom() {
    expect_all_pass(&FREE);
    for seed in 1..4 {
        expect_all_pass(&summary(proofmark_backend::Freedom::adversarial(), seed));
    }
}

#[test]
fn every_clause_that_binds_nobody_is_reported_on() {
    let observations = PLAIN.units.iter().flat_map(|unit| &unit.observations);
    let seen: BTreeSet<&str> = observations.map(|observation| observation.clause.as_str()).collect();
    let silent: Vec<&str> = catalogue()
        .iter()
        .filter(|clause| matches!(clause.strength, Strength::Permitted | Strength::Open))
        .filter(|clause| clause.uncoverable.is_none() && !seen.contains(clause.id.as_str()))
        .map(|clause| clause.id.as_str())
        .collect();
    assert_eq!(silent, Vec::<&str>::new());
}

#[test]
fn the_same_seed_leaves_the_same_bytes_on_the_wire() {
    let fingerprints = |seed| -> Vec<(String, String)> {
        let units = summary(proofmark_backend::Freedom::adversarial(), seed).units;
        units.into_iter().map(|unit| (unit.unit, unit.fingerprint)).collect()
    };
    let first = fingerprints(7);
    assert_eq!(first, fingerprints(7));
    let differing = first.iter().zip(fingerprints(8)).filter(|(one, other)| one.1 != other.1).count();
    assert!(differing * 2 > first.len(), "another seed gives other ids: {differing} of {}", first.len());
}

/// Where AWS is free, or nobody knows what it does, a case fails nobody; but the reference decided for something, and
/// does not change its mind unnoticed.
#[test]
fn the_reference_does_what_it_is_recorded_to_do_where_it_is_free() {
    insta::assert_snapshot!("plain", observed(&PLAIN));
    insta::assert_snapshot!("every_freedom", observed(&FREE));
}
