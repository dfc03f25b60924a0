//! What the suites make of a mutant.
//!
//! Three runs, from quick to slow, until one tells it from the unbroken copy: the small cases; the few with thousands
//! of requests; and the small cases again with every freedom turned on. In each a case may fail, or may record
//! something else of what binds nobody than it does on the unbroken copy with the same seed.

use super::rewrite::VARIABLE;
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A case with more requests than this runs only if no smaller one has noticed.
const MOST_REQUESTS_OF_A_SMALL_CASE: u64 = 5_000;

/// A run that takes so many times as long as on the unbroken copy hangs, which kills the mutant.
const TIMES_AS_LONG: u32 = 8;

/// No run counts as hanging before this.
const SHORTEST_TIMEOUT: Duration = Duration::from_secs(15);

/// How long the unbroken copy may take.
const UNBROKEN_TIMEOUT: Duration = Duration::from_secs(300);

/// What `timeout` exits with when it had to kill the run. It does not ask first: a run that is asked to end cleans up,
/// and one that hangs never does.
const KILLED: i32 = 137;

/// What the suites made of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A case failed.
    Killed,
    /// The run did not end.
    Hung,
    /// No case failed, and this unit recorded something else.
    Noticed(String),
    /// Nothing noticed.
    Survived,
}

/// What a run recorded.
#[derive(Deserialize)]
struct Record {
    took_ms: u64,
    units: Vec<Unit>,
}

/// What a run recorded of one unit: its verdict, and what it says about it.
#[derive(Deserialize)]
struct Unit {
    unit: String,
    case: String,
    verdict: String,
    requests: u64,
    #[serde(default)]
    observations: Value,
    #[serde(default)]
    warnings: Value,
}

impl Unit {
    fn says_the_same(&self, other: &Unit) -> bool {
        (&self.unit, &self.verdict, &self.observations, &self.warnings)
            == (&other.unit, &other.verdict, &other.observations, &other.warnings)
    }
}

/// One way to run the suites, and what the unbroken copy recorded.
struct Look {
    arguments: Vec<String>,
    unbroken: Record,
    timeout: Duration,
}

/// The suites, ready to judge.
pub(super) struct Judge {
    binary: PathBuf,
    looks: Vec<Look>,
}

enum Run {
    Passed(Record),
    Failed,
    Hung,
}

impl Judge {
    /// Runs the cases that `patterns` select against the unbroken copy, to know what it records.
    pub(super) fn new(binary: PathBuf, patterns: &[String], seed: u64) -> Result<Self, String> {
        let mut judge = Judge { binary, looks: Vec::new() };
        let seed = ["--seed".to_owned(), seed.to_string()];
        let all = judge.unbroken(&[patterns, &seed].concat())?;
        let mut large: Vec<String> = all
            .units
            .iter()
            .filter(|unit| unit.requests > MOST_REQUESTS_OF_A_SMALL_CASE)
            .map(|unit| unit.case.clone())
            .collect();
        large.dedup();
        let but_large: Vec<String> = large.iter().map(|case| format!("!{case}")).collect();
        let small = [patterns, &but_large, &seed].concat();
        let mut looks = vec![small.clone()];
        if !large.is_empty() {
            looks.push([&large[..], &seed].concat());
        }
        looks.push([&small[..], &["--adversarial".to_owned()]].concat());
        for arguments in looks {
            let unbroken = judge.unbroken(&arguments)?;
            let timeout = SHORTEST_TIMEOUT.max(Duration::from_millis(unbroken.took_ms) * TIMES_AS_LONG);
            judge.looks.push(Look { arguments, unbroken, timeout });
        }
        Ok(judge)
    }

    /// What the unbroken copy records, twice: if it is not the same, nothing can be concluded from a difference.
    fn unbroken(&self, arguments: &[String]) -> Result<Record, String> {
        let run = || match self.run(0, arguments, UNBROKEN_TIMEOUT)? {
            Run::Passed(record) => Ok(record),
            Run::Failed | Run::Hung => Err("the suites fail on the unbroken copy; mend that first".to_owned()),
        };
        let (one, other) = (run()?, run()?);
        match difference(&one, &other) {
            Some(unit) => Err(format!("two runs with one seed record different things of {unit}; mend that first")),
            None => Ok(one),
        }
    }

    /// Judges one mutant.
    pub(super) fn judge(&self, mutant: u32) -> Result<Outcome, String> {
        let mut noticed = None;
        for look in &self.looks {
            match self.run(mutant, &look.arguments, look.timeout)? {
                Run::Failed => return Ok(Outcome::Killed),
                Run::Hung => return Ok(Outcome::Hung),
                Run::Passed(record) => noticed = noticed.or_else(|| difference(&look.unbroken, &record)),
            }
        }
        Ok(noticed.map_or(Outcome::Survived, Outcome::Noticed))
    }

    fn run(&self, mutant: u32, arguments: &[String], timeout: Duration) -> Result<Run, String> {
        let output = command(&self.binary, timeout)
            .args(arguments)
            .env(VARIABLE, mutant.to_string())
            .output()
            .map_err(|error| format!("cannot run the suites: {error}"))?;
        match output.status.code() {
            Some(0) => serde_json::from_slice(&output.stdout)
                .map(Run::Passed)
                .map_err(|error| format!("the record of a run cannot be read: {error}")),
            Some(KILLED) => Ok(Run::Hung),
            Some(2) => Err(format!("the suites refuse their arguments: {}", arguments.join(" "))),
            _ => Ok(Run::Failed),
        }
    }
}

fn command(binary: &Path, timeout: Duration) -> Command {
    let mut command = Command::new("timeout");
    command
        .arg("--signal=KILL")
        .arg(timeout.as_secs().to_string())
        .arg(binary)
        .args(["check", "--fail-fast", "--jobs", "1", "--no-record", "--format", "json"])
        .stderr(Stdio::null());
    command
}

/// The first unit of which two runs say something else. Both ran the same units, and list them in the same order.
fn difference(one: &Record, other: &Record) -> Option<String> {
    let mut pairs = one.units.iter().zip(&other.units);
    pairs.find(|(unit, found)| !unit.says_the_same(found)).map(|(unit, _)| unit.unit.clone())
}
