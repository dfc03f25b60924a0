//! What a FIFO topic remembers: the deduplication window and the order.

use super::limits;
use crate::{Timestamp, Uuid};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;

/// Sequence numbers look like AWS's: twenty digits, growing, not consecutive.
const FIRST_SEQUENCE_NUMBER: u64 = 10_000_000_000_000_000_000;
const SEQUENCE_NUMBER_STEP: u64 = 1_000;

/// A message as the deduplication window remembers it.
#[derive(Clone, Debug)]
pub(super) struct Original {
    pub(super) message_id: Uuid,
    pub(super) sequence_number: Arc<str>,
}

/// A deduplication id, within a group if the scope is the group.
type Key = (Option<Arc<str>>, Arc<str>);

/// The order and the deduplication window of a FIFO topic.
#[derive(Debug, Default)]
pub(super) struct Fifo {
    published: u64,
    seen: FxHashMap<Key, Original>,
    /// When each remembered id is forgotten, the oldest first.
    forgotten: VecDeque<(Timestamp, Key)>,
}

impl Fifo {
    /// The next place in the order.
    pub(super) fn next_sequence_number(&mut self) -> Arc<str> {
        self.published += 1;
        (FIRST_SEQUENCE_NUMBER + self.published * SEQUENCE_NUMBER_STEP).to_string().into()
    }

    /// The message that was published with this id within the window.
    pub(super) fn find(&mut self, group: Option<&Arc<str>>, id: &Arc<str>, now: Timestamp) -> Option<Original> {
        while let Some((_, key)) = self.forgotten.pop_front_if(|(until, _)| *until <= now) {
            self.seen.remove(&key);
        }
        self.seen.get(&(group.cloned(), id.clone())).cloned()
    }

    pub(super) fn remember(&mut self, group: Option<&Arc<str>>, id: &Arc<str>, original: Original, now: Timestamp) {
        let key = (group.cloned(), id.clone());
        self.forgotten.push_back((now + limits::DEDUPLICATION, key.clone()));
        self.seen.insert(key, original);
    }
}
