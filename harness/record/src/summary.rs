//! The record without its evidence: a verdict per clause and case, the same for the same behaviour, fit to be
//! committed under `results/<backend>/`.

use crate::check::{CheckRecord, Subject, Totals};
use crate::verdict::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a run says about a world. Two runs that saw the same have the same summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// `proofmark-summary/1`.
    pub format: String,
    /// The version of proofmark, and so of the suites.
    pub proofmark: String,
    /// What was checked.
    pub subject: Subject,
    /// The command line that does it again.
    pub reproduce: String,
    /// How many units came to each verdict.
    pub totals: Totals,
    /// The verdict on each clause: the worst of the units that cover it.
    pub clauses: BTreeMap<String, Verdict>,
    /// The verdict on each case over each protocol.
    pub cases: BTreeMap<String, BTreeMap<String, Verdict>>,
}

impl Summary {
    /// What the first field says.
    pub const FORMAT: &'static str = "proofmark-summary/1";

    /// The name of the file.
    pub const FILE: &'static str = "summary.json";

    /// What `record` comes to.
    #[must_use]
    pub fn of(record: &CheckRecord) -> Self {
        let mut summary = Summary {
            format: Self::FORMAT.to_owned(),
            proofmark: record.proofmark.clone(),
            subject: record.subject.clone(),
            reproduce: record.reproduce.clone(),
            totals: record.totals.clone(),
            clauses: BTreeMap::new(),
            cases: BTreeMap::new(),
        };
        for unit in &record.units {
            for clause in &unit.clauses {
                let verdict = summary.clauses.entry(clause.clone()).or_insert(unit.verdict);
                *verdict = verdict.worse(unit.verdict);
            }
            let protocols = summary.cases.entry(unit.case.clone()).or_default();
            protocols.insert(unit.protocol.clone(), unit.verdict);
        }
        summary
    }
}
