//! The mutants that no client can tell from the reference, each with the reason, in `equivalent.toml`.
//!
//! The list can be wrong in two ways, and both are errors: a row that names no mutant any more, and a row whose mutant
//! the suites tell from the reference after all.

use super::Judged;
use super::judge::Outcome;
use super::rewrite::{Mutant, Name};
use serde::Deserialize;

const LIST: &str = include_str!("equivalent.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    mutant: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    name: Name,
    reason: String,
}

/// The rows that are about the rooms in question.
pub(super) struct Equivalents {
    rows: Vec<Row>,
}

impl Equivalents {
    pub(super) fn read(rooms: &[String]) -> Result<Self, String> {
        let file: File = toml::from_str(LIST).map_err(|error| format!("equivalent.toml: {error}"))?;
        let concerns = |row: &Row| rooms.iter().any(|room| room.trim_end_matches('/') == row.name.room);
        Ok(Equivalents { rows: file.mutant.into_iter().filter(concerns).collect() })
    }

    /// Why a mutant makes no difference, if it is listed.
    pub(super) fn reason(&self, mutant: &Mutant) -> Option<&str> {
        self.rows.iter().find(|row| row.name == mutant.name).map(|row| row.reason.as_str())
    }

    /// An error if a row names no mutant.
    pub(super) fn check_not_stale(&self, mutants: &[Mutant]) -> Result<(), String> {
        let is_stale = |row: &&Row| !mutants.iter().any(|mutant| mutant.name == row.name);
        let stale: Vec<String> = self.rows.iter().filter(is_stale).map(|row| row.name.to_string()).collect();
        if stale.is_empty() {
            return Ok(());
        }
        Err(format!("equivalent.toml names what is no mutant any more; mend or remove:\n  {}", stale.join("\n  ")))
    }

    /// An error if the suites told one from the reference.
    pub(super) fn check_unnoticed(&self, judged: &[Judged]) -> Result<(), String> {
        let told = |judged: &&Judged| judged.outcome != Outcome::Survived && self.reason(&judged.mutant).is_some();
        let told: Vec<String> = judged.iter().filter(told).map(|judged| judged.mutant.name.to_string()).collect();
        if told.is_empty() {
            return Ok(());
        }
        Err(format!("equivalent.toml names mutants that the suites can tell; remove:\n  {}", told.join("\n  ")))
    }
}
