//! The record of one `proofmark check`.
//!
//! | Item | What it is |
//! |---|---|
//! | [`CheckRecord`] | the whole run: what was checked, how, and what came of it |
//! | [`Subject`] | which world it was |
//! | [`UnitRecord`] | one case over one protocol |
//! | [`Failure`], [`ClauseText`] | the promise that was not kept, and where it is made |
//! | [`Exchange`] | one request on the wire and what came of it |

use crate::verdict::{Standing, Verdict};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What came of one `proofmark check`. It holds no secrets and no account ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckRecord {
    /// `proofmark-check/1`.
    pub format: String,
    /// The version of proofmark that wrote it.
    pub proofmark: String,
    /// The run's id.
    pub run: String,
    /// What was checked.
    pub subject: Subject,
    /// The run's seed: with it, a reference does the same again.
    pub seed: u64,
    /// Whether a text that differs fails a case.
    pub exact: bool,
    /// When it began.
    pub started: Timestamp,
    /// How long it took, in real milliseconds.
    pub took_ms: u64,
    /// Requests sent.
    pub requests: u64,
    /// How many units were to run.
    pub planned: usize,
    /// Whether the budget was used up, so that units were left out or broken off.
    pub budget_exhausted: bool,
    /// How many units came to each verdict.
    pub totals: Totals,
    /// What a reader should know about the run: expectations that expired, a run that was broken off.
    pub notes: Vec<String>,
    /// The command line that does it again.
    pub reproduce: String,
    /// The units that ran, in the order of the lists.
    pub units: Vec<UnitRecord>,
}

/// How many units came to each verdict. Verdicts that did not occur are left out.
pub type Totals = BTreeMap<Verdict, usize>;

/// Which world was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// `reference`, `endpoint` or `aws`.
    pub backend: String,
    /// What the one who ran it calls it: product and version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// `virtual` or `wall`.
    pub clock: String,
    /// How requests reached it: `in-process` or `tcp`.
    pub transport: String,
    /// Which date's limits a reference had in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Whether a reference did everything that AWS may do and is not obliged to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub freedom: bool,
}

/// What came of one case over one protocol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnitRecord {
    /// Its name: `sqs.visibility.change_to_zero/json`.
    pub unit: String,
    /// The case's id.
    pub case: String,
    /// The protocol: `json` or `query`.
    pub protocol: String,
    /// What the case checks, in one sentence.
    pub says: String,
    /// The clauses that it covers.
    pub clauses: Vec<String>,
    /// What came of it.
    pub verdict: Verdict,
    /// What was expected, if that was not a pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
    /// How the verdict stands to that.
    pub standing: Standing,
    /// The promise that was not kept, if one was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Why, if the verdict is neither pass nor fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was not wrong enough to fail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What was seen of clauses that bind nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
    /// Requests sent.
    pub requests: u32,
    /// How long it took on the world's clock, in milliseconds.
    pub world_ms: u64,
    /// The seed of its world.
    pub seed: u64,
    /// A digest of every answer on the wire: on a reference, two runs with the same seed have the same.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fingerprint: String,
    /// The command line that runs this unit again, if it did not pass or should not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<String>,
    /// The latest exchanges on the wire, if it did not pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
    /// What happened to messages, one event each, if it did not pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<serde_json::Value>,
}

/// A verdict that was expected instead of a pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expected {
    /// What was expected.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Where that is discussed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A promise that was not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// What was looked at.
    pub what: String,
    /// What should have been there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// The clause that says so; all of the case's if none was cited.
    pub clauses: Vec<ClauseText>,
    /// AWS's id of the request that showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A clause as it stood in the catalogue when the case ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClauseText {
    /// Its id.
    pub id: String,
    /// The promise.
    pub says: String,
    /// `guaranteed`, `observed`, `permitted` or `open`.
    pub strength: String,
    /// Where the promise is made.
    pub source: String,
}

/// What was seen of a clause that binds nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Observation {
    /// The clause.
    pub clause: String,
    /// What was seen.
    pub seen: String,
}

/// One request and its response, without credentials and account ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    /// The how many-th request of the unit, from 1.
    pub number: u32,
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// What was sent.
    pub request: Message,
    /// The HTTP status; absent if no response came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What came back, if anything did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Message>,
    /// Why nothing came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Headers and body of one direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body as text, at most 4 KiB of it.
    pub body: String,
    /// The length of the whole body in bytes.
    pub body_bytes: usize,
}

impl CheckRecord {
    /// What the first field says.
    pub const FORMAT: &'static str = "proofmark-check/1";

    /// The name of the file in a run's directory.
    pub const FILE: &'static str = "check.json";

    /// How many units came to `verdict`.
    #[must_use]
    pub fn total(&self, verdict: Verdict) -> usize {
        self.totals.get(&verdict).copied().unwrap_or_default()
    }

    /// The units with this verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &UnitRecord> {
        self.units.iter().filter(move |unit| unit.verdict == verdict)
    }

    /// The units whose verdict is against what was expected.
    pub fn loud(&self) -> impl Iterator<Item = &UnitRecord> {
        self.units.iter().filter(|unit| unit.standing.is_loud())
    }

    /// How many clauses and how many cases the units are about.
    #[must_use]
    pub fn reach(&self) -> (usize, usize) {
        let clauses: BTreeSet<&str> = self.units.iter().flat_map(|unit| &unit.clauses).map(String::as_str).collect();
        let cases: BTreeSet<&str> = self.units.iter().map(|unit| unit.case.as_str()).collect();
        (clauses.len(), cases.len())
    }

    /// How long the units took on the world's clock, all together, in milliseconds.
    #[must_use]
    pub fn world_ms(&self) -> u64 {
        self.units.iter().map(|unit| unit.world_ms).sum()
    }
}

/// Counts verdicts.
#[must_use]
pub fn totals(units: &[UnitRecord]) -> Totals {
    let mut totals = Totals::new();
    for unit in units {
        *totals.entry(unit.verdict).or_default() += 1;
    }
    totals
}
