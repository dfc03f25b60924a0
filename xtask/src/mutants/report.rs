//! What came of the mutants: the shares, and a file that says it.

use super::equivalent::Equivalents;
use super::judge::Outcome;
use super::rewrite::{Mutant, Name};
use super::{Judged, Options, cases};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const FORMAT: &str = "proofmark-mutants/2";

/// What came of a run.
#[derive(Serialize)]
pub(super) struct Report {
    format: &'static str,
    rooms: Vec<String>,
    cases: Vec<String>,
    seed: u64,
    /// How many mutants there are.
    of: usize,
    judged: usize,
    /// A case failed, or the run did not end.
    killed: usize,
    /// No case failed, and one recorded something else of what binds nobody.
    noticed: usize,
    survived: usize,
    /// Survivors that no client can tell from the reference.
    equivalent: usize,
    /// Killed or noticed, of all that were judged.
    raw_percent: f64,
    /// Killed or noticed, of those that are not equivalent.
    adjusted_percent: f64,
    survivors: Vec<Mutant>,
    noticed_by: Vec<Noticed>,
    equivalents: Vec<Mutant>,
    #[serde(skip)]
    wrong_list: Option<String>,
}

/// A mutant, and the unit that recorded something else.
#[derive(Serialize)]
struct Noticed {
    #[serde(flatten)]
    mutant: Mutant,
    unit: String,
}

impl Report {
    pub(super) fn new(judged: Vec<Judged>, equivalents: &Equivalents, options: &Options, of: usize) -> Self {
        let wrong_list = equivalents.check_unnoticed(&judged).err();
        let mut report = Report {
            format: FORMAT,
            rooms: options.rooms.clone(),
            cases: cases(options),
            seed: options.seed,
            of,
            judged: judged.len(),
            killed: 0,
            noticed: 0,
            survived: 0,
            equivalent: 0,
            raw_percent: 0.0,
            adjusted_percent: 0.0,
            survivors: Vec::new(),
            noticed_by: Vec::new(),
            equivalents: Vec::new(),
            wrong_list,
        };
        for Judged { mutant, outcome } in judged {
            match outcome {
                Outcome::Killed | Outcome::Hung => report.killed += 1,
                Outcome::Noticed(unit) => report.noticed_by.push(Noticed { mutant, unit }),
                Outcome::Survived if equivalents.reason(&mutant).is_some() => report.equivalents.push(mutant),
                Outcome::Survived => report.survivors.push(mutant),
            }
        }
        report.count();
        report
    }

    fn count(&mut self) {
        self.noticed = self.noticed_by.len();
        self.survived = self.survivors.len();
        self.equivalent = self.equivalents.len();
        let told = self.killed + self.noticed;
        self.raw_percent = percent(told, self.judged);
        self.adjusted_percent = percent(told, self.judged - self.equivalent);
    }

    #[expect(clippy::print_stdout, reason = "this is the command's answer")]
    pub(super) fn print(&self) {
        for survivor in &self.survivors {
            println!("survived: {survivor}");
        }
        println!("{} of {} mutants judged", self.judged, self.of);
        println!(
            "{} killed, {} noticed, {} survived, {} make no difference",
            self.killed, self.noticed, self.survived, self.equivalent
        );
        println!(
            "killed or noticed: {} % of all, {} % of those that make a difference",
            self.raw_percent, self.adjusted_percent
        );
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        fs::write(path, text + "\n").map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    /// An error if the list of equivalents is wrong, or fewer than so many percent were told from the reference.
    pub(super) fn verdict(&self, at_least_percent: f64) -> Result<(), String> {
        if let Some(problem) = &self.wrong_list {
            return Err(problem.clone());
        }
        if self.adjusted_percent >= at_least_percent {
            return Ok(());
        }
        Err(format!("fewer than {at_least_percent} % of the mutants were killed or noticed"))
    }
}

/// To one decimal.
fn percent(part: usize, whole: usize) -> f64 {
    (1_000.0 * part as f64 / whole.max(1) as f64).round() / 10.0
}

/// The survivors that a report names.
pub(super) fn survivors(path: &Path) -> Result<BTreeSet<Name>, String> {
    #[derive(Deserialize)]
    struct Earlier {
        format: String,
        survivors: Vec<Name>,
    }
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let earlier: Earlier = serde_json::from_str(&text).map_err(|error| format!("{shown} is no report: {error}"))?;
    if earlier.format != FORMAT {
        return Err(format!("{shown} is of format {}, and this reads {FORMAT}; run it again", earlier.format));
    }
    Ok(earlier.survivors.into_iter().collect())
}
