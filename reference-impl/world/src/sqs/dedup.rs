//! What a FIFO queue remembers: deduplication ids, and receive attempts.

use super::api::SequenceNumber;
use super::attributes::DeduplicationScope;
use super::limits;
use super::message::Sequence;
use super::store::{Group, Slot};
use crate::{Timestamp, Uuid};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// The answer that a duplicate gets: the original's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Original {
    pub(super) message_id: Uuid,
    pub(super) sequence_number: SequenceNumber,
}

type Key = (Group, Arc<str>);

/// The deduplication ids of the last five minutes.
#[derive(Debug, Default)]
pub(super) struct Deduplication {
    by_id: FxHashMap<Arc<str>, (Timestamp, Original)>,
    by_group: FxHashMap<Key, (Timestamp, Original)>,
    accepted: VecDeque<(Timestamp, Key)>,
}

impl Deduplication {
    /// The message that `id` was first accepted for, if that was within the window.
    pub(super) fn find(
        &mut self,
        scope: DeduplicationScope,
        group: &Group,
        id: &Arc<str>,
        now: Timestamp,
    ) -> Option<Original> {
        self.forget_until(now);
        let seen = match scope {
            DeduplicationScope::Queue => self.by_id.get(id),
            DeduplicationScope::MessageGroup => self.by_group.get(&(group.clone(), id.clone())),
        };
        seen.map(|(_, original)| *original)
    }

    /// Remembers an accepted message.
    pub(super) fn remember(&mut self, group: &Group, id: &Arc<str>, original: Original, now: Timestamp) {
        let key = (group.clone(), id.clone());
        self.by_id.insert(id.clone(), (now, original));
        self.by_group.insert(key.clone(), (now, original));
        self.accepted.push_back((now, key));
    }

    fn forget_until(&mut self, now: Timestamp) {
        let window = Duration::from_secs(limits::DEDUPLICATION_SECONDS);
        while let Some((at, _)) = self.accepted.front() {
            if now < *at + window {
                break;
            }
            let Some((at, key)) = self.accepted.pop_front() else { break };
            // A later message may have taken the id over, in another group or scope.
            self.by_id.remove_if(&key.1, at);
            self.by_group.remove_if(&key, at);
        }
    }
}

/// Removal of an entry only if it is the one that was made at a given instant.
trait RemoveIf<K> {
    fn remove_if(&mut self, key: &K, at: Timestamp);
}

impl<K: std::hash::Hash + Eq> RemoveIf<K> for FxHashMap<K, (Timestamp, Original)> {
    fn remove_if(&mut self, key: &K, at: Timestamp) {
        if self.get(key).is_some_and(|(made, _)| *made == at) {
            self.remove(key);
        }
    }
}

/// One message that an attempt returned, and which receive of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Returned {
    pub(super) slot: Slot,
    pub(super) sequence: Sequence,
    pub(super) receive: u32,
}

/// The receive attempts of the last five minutes.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    by_id: FxHashMap<Arc<str>, (Timestamp, Vec<Returned>)>,
}

impl Attempts {
    /// What the attempt returned, if it can still be repeated as far as time goes.
    pub(super) fn find(&mut self, id: &str, now: Timestamp) -> Option<&[Returned]> {
        let window = Duration::from_secs(limits::RECEIVE_ATTEMPT_SECONDS);
        self.by_id.retain(|_, (at, _)| now < *at + window);
        self.by_id.get(id).map(|(_, returned)| returned.as_slice())
    }

    /// Remembers what an attempt returned.
    pub(super) fn remember(&mut self, id: &Arc<str>, returned: Vec<Returned>, now: Timestamp) {
        self.by_id.insert(id.clone(), (now, returned));
    }
}
