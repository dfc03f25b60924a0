//! What a run creates, written down before it is created, so that nothing is ever left behind unknown.
//!
//! One JSON object per line: first that something will be created, later that it was deleted. A sweeper deletes
//! what a ledger names and does not call deleted, and nothing else.

use crate::{Identity, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Something that exists until it is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Resource {
    /// An SQS queue.
    Queue {
        /// Its name.
        name: String,
        /// Whose it is: `first` or `second`.
        owner: Owner,
    },
    /// An SNS topic. Its subscriptions go with it.
    Topic {
        /// Its name.
        name: String,
        /// Whose it is.
        owner: Owner,
    },
}

impl Resource {
    /// Which of the run's accounts owns it.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        match self {
            Resource::Queue { owner, .. } | Resource::Topic { owner, .. } => *owner,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resource::Queue { name, .. } => write!(formatter, "queue {name}"),
            Resource::Topic { name, .. } => write!(formatter, "topic {name}"),
        }
    }
}

/// Which of the run's accounts owns a resource. Never the account's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Owner {
    /// The account that cases work in.
    First,
    /// The other one.
    Second,
}

impl From<Owner> for Identity {
    fn from(owner: Owner) -> Self {
        match owner {
            Owner::First => Identity::First,
            Owner::Second => Identity::Second,
        }
    }
}

/// One line of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written, in nanoseconds since the epoch, on the backend's clock.
    pub at: Timestamp,
    /// The run.
    pub run: String,
    /// The unit.
    pub unit: String,
    /// The Region.
    pub region: String,
    /// What is about to happen to the resource.
    pub what: Act,
    /// The resource.
    #[serde(flatten)]
    pub resource: Resource,
}

/// What a ledger's line says about a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// It is about to be created.
    Create,
    /// It has been deleted.
    Deleted,
}

/// Where entries are written. Clones write to the same file.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Option<Arc<Mutex<File>>>);

impl Ledger {
    /// Appends to the file at `path`, which is created if it is not there.
    ///
    /// # Errors
    /// If it cannot be opened for appending.
    pub fn append_to(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Ledger(Some(Arc::new(Mutex::new(file)))))
    }

    /// Writes one entry and sees to it that it is on the disk. Does nothing if there is no file.
    ///
    /// # Errors
    /// If it cannot be written; then the resource must not be created.
    pub fn write(&self, entry: &Entry) -> io::Result<()> {
        let Some(file) = &self.0 else { return Ok(()) };
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line)?;
        file.sync_data()
    }

    /// The resources that a ledger's text names and does not call deleted, in the order of their creation.
    ///
    /// # Errors
    /// If a line is not an entry.
    pub fn left_behind(text: &str) -> Result<Vec<Entry>, serde_json::Error> {
        let mut left: Vec<Entry> = Vec::new();
        for line in text.lines() {
            let entry: Entry = serde_json::from_str(line)?;
            match entry.what {
                Act::Create => left.push(entry),
                Act::Deleted => {
                    left.retain(|other| (&other.resource, &other.region) != (&entry.resource, &entry.region));
                }
            }
        }
        Ok(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(what: Act, name: &str) -> Entry {
        let resource = Resource::Queue { name: name.to_owned(), owner: Owner::First };
        let (run, unit, region) = ("r".to_owned(), "u".to_owned(), "eu-west-1".to_owned());
        Entry { at: Timestamp::EPOCH, run, unit, region, what, resource }
    }

    #[test]
    fn what_was_created_and_not_deleted_is_left_behind() {
        let lines = [entry(Act::Create, "a"), entry(Act::Create, "b"), entry(Act::Deleted, "a")];
        let text: Vec<_> = lines.iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
        assert_eq!(Ledger::left_behind(&text.join("\n")).unwrap(), [entry(Act::Create, "b")]);
    }

    #[test]
    fn entries_are_appended_to_the_file() {
        let path = std::env::temp_dir().join(format!("proofmark-ledger-{}.jsonl", std::process::id()));
        for name in ["a", "b"] {
            Ledger::append_to(&path).unwrap().write(&entry(Act::Create, name)).unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(Ledger::left_behind(&text).unwrap().len(), 2);
    }
}
