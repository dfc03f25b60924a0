//! Everything that happens later, in one time-ordered queue.

use crate::Timestamp;
use std::collections::BTreeMap;

/// A time-ordered list of things to do. Entries due at the same instant come out in the order they went in.
#[derive(Clone, Debug)]
pub struct Agenda<T> {
    entries: BTreeMap<(Timestamp, u64), T>,
    added: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Agenda { entries: BTreeMap::new(), added: 0 }
    }
}

impl<T> Agenda<T> {
    /// Adds an entry that comes due at `due`.
    pub fn schedule(&mut self, due: Timestamp, entry: T) {
        self.entries.insert((due, self.added), entry);
        self.added += 1;
    }

    /// When the earliest entry comes due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.entries.keys().next().map(|(due, _)| *due)
    }

    /// Takes the earliest entry that is due at `now`, with the instant it was due at.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, T)> {
        let first = self.entries.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let ((due, _), entry) = first.remove_entry();
        Some((due, entry))
    }

    /// Takes the entries that `which` holds for, whenever they are due, in the order of their instants.
    pub fn take_if(&mut self, which: impl Fn(&T) -> bool) -> Vec<T> {
        self.entries.extract_if(.., |_, entry| which(entry)).map(|(_, entry)| entry).collect()
    }
}
