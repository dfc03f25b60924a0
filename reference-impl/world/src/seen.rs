//! What a test may look at, besides the answers: letters, delivery logs, metrics, attempts.

use crate::deliver::inbox::Inbox;
use crate::{Timestamp, Uuid};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Log entries beyond this many push the oldest out.
pub const LOG_CAPACITY: usize = 10_000;

/// Everything that the world lets a test look at.
#[derive(Debug, Default)]
pub struct Seen {
    /// Letters to people, phones, devices, functions and streams.
    pub inbox: Inbox,
    log: VecDeque<LogEntry>,
    metrics: BTreeMap<Arc<str>, BTreeMap<&'static str, u64>>,
    attempts: Option<Vec<Attempt>>,
}

/// One entry of a delivery status log, as CloudWatch Logs would hold it (`sns.log.format`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// When it was written.
    pub at_milliseconds: u64,
    /// `sns/<region>/<account>/<topic>`, with `/Failure` at its end for failures.
    pub group: String,
    /// The entry itself, JSON text.
    pub text: String,
}

/// One attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// When it was made; nanoseconds are kept.
    pub at: Timestamp,
    /// The published message.
    pub message_id: Uuid,
    /// The endpoint, as the subscription names it.
    pub endpoint: Arc<str>,
    /// Which delivery, counted from one: a message to several endpoints, or twice to one, is several.
    pub delivery: u64,
    /// 0 for the first attempt, then the number of the retry.
    pub retry: u32,
}

impl Seen {
    pub(crate) fn new(note_attempts: bool) -> Self {
        Seen { attempts: note_attempts.then(Vec::new), ..Seen::default() }
    }

    /// The delivery status log, the oldest entry first.
    pub fn log(&self) -> impl Iterator<Item = &LogEntry> {
        self.log.iter()
    }

    /// The metrics of each topic, by AWS's names.
    #[must_use]
    pub const fn metrics(&self) -> &BTreeMap<Arc<str>, BTreeMap<&'static str, u64>> {
        &self.metrics
    }

    /// The delivery attempts, if they are noted.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        self.attempts.as_deref().unwrap_or_default()
    }

    pub(crate) fn note_attempts(&mut self, noted: bool) {
        self.attempts = noted.then(Vec::new);
    }

    pub(crate) fn attempt(&mut self, make: impl FnOnce() -> Attempt) {
        if let Some(attempts) = &mut self.attempts {
            attempts.push(make());
        }
    }

    pub(crate) fn write_log(&mut self, entry: LogEntry) {
        if self.log.len() == LOG_CAPACITY {
            self.log.pop_front();
        }
        self.log.push_back(entry);
    }

    pub(crate) fn count(&mut self, topic: &Arc<str>, metric: &'static str, by: u64) {
        // Looked up by reference first: a topic's name is shared only the first time.
        if !self.metrics.contains_key(topic) {
            self.metrics.insert(topic.clone(), BTreeMap::new());
        }
        if let Some(metrics) = self.metrics.get_mut(topic) {
            *metrics.entry(metric).or_default() += by;
        }
    }
}
