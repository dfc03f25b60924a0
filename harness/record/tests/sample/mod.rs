//! A record of a run on the reference, for the tests of this room and of those that show records.

use proofmark_record::check::totals;
use proofmark_record::{CheckRecord, Subject, UnitRecord};

/// The record of a run of these units.
pub(crate) fn record(units: Vec<UnitRecord>) -> CheckRecord {
    CheckRecord {
        format: CheckRecord::FORMAT.to_owned(),
        proofmark: "0.1.0".to_owned(),
        run: "abc".to_owned(),
        subject: Subject {
            backend: "reference".to_owned(),
            label: None,
            clock: "virtual".to_owned(),
            transport: "in-process".to_owned(),
            profile: Some("today".to_owned()),
            freedom: false,
        },
        seed: 7,
        exact: false,
        started: "2026-01-01T00:00:00Z".parse().expect("a time"),
        took_ms: 4_123,
        requests: 3 * units.len() as u64,
        planned: units.len(),
        budget_exhausted: false,
        totals: totals(&units),
        notes: Vec::new(),
        reproduce: "proofmark check --seed 7".to_owned(),
        units,
    }
}
