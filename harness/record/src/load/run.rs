//! `run.json`: what was run on what, what came of it, and whether it may be believed.
//!
//! | Item | What it is |
//! |---|---|
//! | [`RunRecord`] | the whole run |
//! | [`Subject`], [`Scenario`], [`Part`], [`Machine`] | what was run, on what, from where |
//! | [`Status`], [`Phase`] | how far it came, and when it did what |
//! | [`OperationSummary`], [`Delivery`], [`Offered`], [`Cost`] | what came of it |
//! | [`Validity`], [`Check`] | whether the numbers may be believed |

use super::histogram::{Kind, LatencySummary};
use crate::file::{ReadError, read_json};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What came of one load run on one backend. It holds no secrets and no account ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// `proofmark-load/1`.
    pub format: String,
    /// The version of proofmark that wrote it.
    pub proofmark: String,
    /// The run's id.
    pub run: String,
    /// The id that the interleaved runs of one command share.
    pub session: String,
    /// What the run is called where several are shown.
    pub label: String,
    /// What the load was put on.
    pub subject: Subject,
    /// What was done.
    pub scenario: Scenario,
    /// When it was done: the arrival plan, such as `constant:1000/s`.
    pub plan: String,
    /// How long the measured phase was to take, in seconds.
    pub duration_seconds: f64,
    /// Feeds the plan, the payloads and the reference.
    pub seed: u64,
    /// Which part of the plan this process ran; none if all of it.
    #[serde(default)]
    pub part: Option<Part>,
    /// How many operations could be in flight at once.
    pub workers: u32,
    /// How many consumers received.
    pub consumers: u32,
    /// Versions of what was involved: SDK crates, server.
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
    /// Where the load came from.
    pub machine: Machine,
    /// When it began.
    pub started: Timestamp,
    /// How far it came.
    pub status: Status,
    /// What it did when.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// What came of each operation in the measured phase.
    #[serde(default)]
    pub operations: Vec<OperationSummary>,
    /// What became of the messages; none if the scenario sends none.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// Whether the numbers may be believed.
    pub validity: Validity,
    /// Requests, and what they cost on AWS.
    pub cost: Cost,
    /// How long an interval of the series is, in seconds.
    pub interval_seconds: f64,
    /// What the plan asked for and what was sent.
    pub offered: Offered,
}

/// What the load was put on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// `reference`, `endpoint` or `aws`.
    pub backend: String,
    /// How requests reached it: `in-process` or `tcp`.
    pub transport: String,
    /// `virtual` or `wall`.
    pub clock: String,
    /// Host and port of an endpoint, without user name and password.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The Region.
    #[serde(default)]
    pub region: Option<String>,
    /// Which date's limits a reference had in force.
    #[serde(default)]
    pub profile: Option<String>,
    /// Which latencies a reference was given.
    #[serde(default)]
    pub latency_model: Option<String>,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What it does, in one sentence.
    pub summary: String,
    /// Its parameters, as given or by default.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// One of several equal shares of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// The how many-th, from 1.
    pub index: u32,
    /// Of how many.
    pub of: u32,
}

/// Where the load came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Machine {
    /// The operating system.
    pub os: String,
    /// Its kernel.
    pub kernel: String,
    /// The processor's name.
    pub cpu: String,
    /// How many processors the process could use.
    pub cores: u32,
    /// How much memory there is, in bytes.
    pub memory_bytes: u64,
}

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is under way, or was killed.
    Running,
    /// It came to its end.
    Complete,
    /// Somebody ended it.
    Interrupted,
    /// A phase took longer than it may.
    Deadline,
    /// It could not go on.
    Failed,
}

/// A stretch of the run. Seconds count from the run's start, on the subject's clock.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Phase {
    /// What was done.
    pub name: PhaseName,
    /// Which block of an interleaved session it is.
    #[serde(default)]
    pub block: Option<u32>,
    /// When it began.
    pub from_seconds: f64,
    /// When it ended.
    pub to_seconds: f64,
}

/// What is done in a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseName {
    /// A message is sent all the way until it arrives.
    Probe,
    /// The plan is followed, and nothing is counted.
    WarmUp,
    /// The plan is followed, and everything is counted.
    Measure,
    /// What is still under way is waited for.
    Drain,
}

/// What came of an operation in the measured phase.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationSummary {
    /// Service and operation: `sqs.SendMessage`.
    pub operation: String,
    /// Calls.
    pub attempted: u64,
    /// Calls that were answered as asked.
    pub succeeded: u64,
    /// Calls that the service refused because they were too many.
    pub throttled: u64,
    /// How many calls ended with which error code.
    #[serde(default)]
    pub errors: BTreeMap<String, u64>,
    /// Latencies per kind.
    #[serde(default)]
    pub kinds: BTreeMap<Kind, LatencySummary>,
}

/// What became of the messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// Messages whose sending was acknowledged.
    pub sent: u64,
    /// Messages whose sending was not acknowledged, so that they may have arrived or not.
    pub unacknowledged: u64,
    /// Messages that were sent and received, each once.
    pub received: u64,
    /// Messages that were acknowledged and never came.
    pub lost: u64,
    /// Receipts beyond the first of a message.
    pub duplicated: u64,
    /// Messages that came after one that was sent later in the same group.
    pub reordered: u64,
    /// Messages that carried this run's mark and were never sent, or whose content was altered.
    pub unexpected: u64,
    /// Messages of another process or run.
    pub foreign: u64,
    /// Messages whose time makes no sense: received before they were sent.
    pub impossible: u64,
    /// Whether the service promises order.
    pub ordered: bool,
    /// Whether the service promises that a message comes once.
    pub exactly_once: bool,
    /// Whether the service kept its promises.
    pub judgement: Judgement,
    /// Why it did not, or what to know.
    #[serde(default)]
    pub reasons: Vec<String>,
}

/// Whether promises about messages were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// They were.
    Kept,
    /// One was not.
    Broken,
}

/// Whether the numbers may be believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Validity {
    /// No check failed.
    pub valid: bool,
    /// What was looked at.
    #[serde(default)]
    pub checks: Vec<Check>,
}

/// One thing that makes numbers worth believing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// What came of it.
    pub verdict: CheckVerdict,
    /// What was measured.
    pub measured: String,
    /// What is the most, or the least, that is all right.
    pub limit: String,
    /// What to do if it is not all right.
    #[serde(default)]
    pub advice: String,
}

/// What came of a check of validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckVerdict {
    /// All right.
    Ok,
    /// Worth knowing.
    Warning,
    /// The numbers are not to be believed.
    Failed,
    /// It could not be looked at here.
    NotMeasured,
}

/// Requests, and what they cost on AWS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Requests of every phase.
    pub requests: u64,
    /// What they cost, in dollars; nothing on other backends than AWS.
    pub dollars: f64,
}

/// What the plan asked for in the measured phase, and what was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Offered {
    /// Operations that the plan asked for.
    pub asked: u64,
    /// Operations that were sent.
    pub sent: u64,
    /// The plan's mean rate, per second.
    pub rate_asked: f64,
    /// The mean rate at which operations were sent, per second.
    pub rate_kept: f64,
}

impl RunRecord {
    /// What the first field says.
    pub const FORMAT: &'static str = "proofmark-load/1";

    /// The name of the file in a run's directory.
    pub const FILE: &'static str = "run.json";

    /// Reads a `run.json`, and none of the files beside it.
    ///
    /// # Errors
    /// [`ReadError`] if it is none, is of another version, or was damaged.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        read_json(path, Self::FORMAT)
    }

    /// The operation's summary, if it was called.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&OperationSummary> {
        self.operations.iter().find(|summary| summary.operation == name)
    }

    /// Whether the service broke a promise about messages.
    #[must_use]
    pub fn delivery_broken(&self) -> bool {
        self.delivery.as_ref().is_some_and(Delivery::is_broken)
    }

    /// Why the numbers are not to be believed; nothing if they may be.
    #[must_use]
    pub fn invalid_because(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if self.status != Status::Complete {
            reasons.push(self.status.words().to_owned());
        }
        let failed = self.validity.checks.iter().filter(|check| check.verdict == CheckVerdict::Failed);
        reasons.extend(failed.map(Check::sentence));
        if reasons.is_empty() && !self.validity.valid {
            reasons.push("the run found itself not valid and does not say why".to_owned());
        }
        reasons
    }
}

impl Status {
    /// The status in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Status::Running => "it did not come to its end: it is under way, or was killed",
            Status::Complete => "it came to its end",
            Status::Interrupted => "somebody ended it early",
            Status::Deadline => "a phase took longer than it may",
            Status::Failed => "it could not go on",
        }
    }
}

impl Check {
    /// `schedule kept: 71 % sent on time, limit at least 99 %; ask for a lower rate`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let advice = if self.advice.is_empty() { String::new() } else { format!("; {}", self.advice) };
        format!("{}: {}, limit {}{advice}", self.name, self.measured, self.limit)
    }
}

impl Delivery {
    /// Whether the service broke a promise.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.judgement == Judgement::Broken
    }

    /// The same counts with judgement and reasons made anew from them.
    #[must_use]
    pub fn judged(self) -> Self {
        let promises = [
            (self.lost, true, "lost"),
            (self.unexpected, true, "received that nobody sent, or altered"),
            (self.duplicated, self.exactly_once, "received more than once, though the service promises exactly once"),
            (self.reordered, self.ordered, "received out of order, though the service promises order"),
        ];
        let broken = promises.into_iter().filter(|&(count, promised, _)| promised && count > 0);
        let reasons: Vec<String> = broken.map(|(count, _, what)| format!("{} {what}", messages(count))).collect();
        let judgement = if reasons.is_empty() { Judgement::Kept } else { Judgement::Broken };
        Delivery { judgement, reasons, ..self }
    }
}

fn messages(count: u64) -> String {
    format!("{count} message{}", if count == 1 { "" } else { "s" })
}
