//! The catalogue and the cases fit together.

use proofmark_suites::{cases, catalogue};
use std::collections::BTreeSet;

/// Every clause that a case covers.
fn covered() -> BTreeSet<&'static str> {
    cases().iter().flat_map(|case| case.clauses.iter().copied()).collect()
}

#[test]
fn every_clause_has_a_case_or_a_reason_for_having_none() {
    let covered = covered();
    let uncovered: Vec<&str> = catalogue()
        .iter()
        .filter(|clause| clause.uncoverable.is_none() && !covered.contains(clause.id.as_str()))
        .map(|clause| clause.id.as_str())
        .collect();
    assert_eq!(uncovered, Vec::<&str>::new());
}

#[test]
fn no_uncoverable_clause_has_a_case() {
    let covered = covered();
    let both: Vec<&str> = catalogue()
        .iter()
        .filter(|clause| clause.uncoverable.is_some() && covered.contains(clause.id.as_str()))
        .map(|clause| clause.id.as_str())
        .collect();
    assert_eq!(both, Vec::<&str>::new());
}

#[test]
fn every_case_covers_clauses_that_there_are() {
    let known: BTreeSet<&str> = catalogue().iter().map(|clause| clause.id.as_str()).collect();
    for case in cases() {
        assert!(!case.clauses.is_empty(), "{} covers nothing", case.id);
        for clause in case.clauses {
            assert!(known.contains(clause), "{} covers `{clause}`, which is no clause", case.id);
        }
    }
}

#[test]
fn ids_are_unique_and_sentences_end() {
    let mut ids = BTreeSet::new();
    for case in cases() {
        assert!(ids.insert(case.id), "{} is there twice", case.id);
        assert!(case.says.ends_with('.'), "{} says no whole sentence: {}", case.id, case.says);
        assert!(case.cost.requests > 0, "{} costs no requests", case.id);
    }
    for clause in catalogue().iter() {
        assert!(clause.says.ends_with('.'), "{} says no whole sentence", clause.id);
    }
}
