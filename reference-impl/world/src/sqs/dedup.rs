//! What a FIFO queue remembers: deduplication ids, and receive attempts.

use super::api::SequenceNumber;
use super::attributes::DeduplicationScope;
use super::limits;
use super::message::Sequence;
use super::store::{Group, Slot};
use crate::{Timestamp, Uuid};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

/// The answer that a duplicate gets: the original's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Original {
    pub(super) message_id: Uuid,
    pub(super) sequence_number: SequenceNumber,
}

/// An accepted message: in which group, when, and what its sender was told.
#[derive(Debug)]
struct Accepted {
    group: Group,
    at: Timestamp,
    original: Original,
}

/// The messages accepted under one id. Nearly always there is one; in the scope of a group, one of each group.
#[derive(Debug)]
struct Known {
    latest: Accepted,
    earlier: FxHashMap<Group, (Timestamp, Original)>,
}

impl Known {
    fn in_group(&self, group: &Group) -> Option<Original> {
        if self.latest.group == *group {
            return Some(self.latest.original);
        }
        self.earlier.get(group).map(|(_, original)| *original)
    }

    fn accept(&mut self, accepted: Accepted) {
        self.earlier.remove(&accepted.group);
        let Accepted { group, at, original } = std::mem::replace(&mut self.latest, accepted);
        if group != self.latest.group {
            self.earlier.insert(group, (at, original));
        }
    }

    /// Forgets what a group accepted at an instant; true if nothing later is left.
    fn forget(&mut self, group: &Group, at: Timestamp) -> bool {
        // A later message may have taken the group's place.
        if self.earlier.get(group).is_some_and(|(made, _)| *made == at) {
            self.earlier.remove(group);
        }
        self.latest.at <= at
    }
}

/// The deduplication ids of the last five minutes.
#[derive(Debug, Default)]
pub(super) struct Deduplication {
    by_id: FxHashMap<Arc<str>, Known>,
    accepted: VecDeque<(Timestamp, Group, Arc<str>)>,
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
        let known = self.by_id.get(id)?;
        match scope {
            DeduplicationScope::Queue => Some(known.latest.original),
            DeduplicationScope::MessageGroup => known.in_group(group),
        }
    }

    /// Remembers an accepted message.
    pub(super) fn remember(&mut self, group: &Group, id: &Arc<str>, original: Original, now: Timestamp) {
        let accepted = Accepted { group: group.clone(), at: now, original };
        match self.by_id.entry(id.clone()) {
            Entry::Occupied(mut known) => known.get_mut().accept(accepted),
            Entry::Vacant(free) => {
                free.insert(Known { latest: accepted, earlier: FxHashMap::default() });
            }
        }
        self.accepted.push_back((now, group.clone(), id.clone()));
    }

    fn forget_until(&mut self, now: Timestamp) {
        let window = Duration::from_secs(limits::DEDUPLICATION_SECONDS);
        while let Some((at, group, id)) = self.accepted.pop_front_if(|(at, ..)| now >= *at + window) {
            if let Entry::Occupied(mut known) = self.by_id.entry(id)
                && known.get_mut().forget(&group, at)
            {
                known.remove();
            }
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
