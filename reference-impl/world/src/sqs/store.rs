//! The messages of one queue: where each is, and which can be received next.
//!
//! A message is in the slab for as long as it exists. Beside the slab stand two indexes: `timed`, by the instant a
//! hidden message becomes visible, and the shelf, which knows the order that visible ones are handed out in.

use super::fifo::FifoShelf;
use super::message::{Sequence, Stored, Visibility};
use super::standard::StandardShelf;
use crate::Timestamp;
use slab::Slab;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Where in the slab a message is.
pub(super) type Slot = usize;

/// How many messages are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) ready: usize,
    pub(super) delayed: usize,
    pub(super) in_flight: usize,
}

/// The order in which a queue hands out its messages.
#[derive(Debug)]
pub(super) enum Shelf {
    Standard(StandardShelf),
    Fifo(FifoShelf),
}

/// The messages of one queue.
#[derive(Debug)]
pub(super) struct Store {
    messages: Slab<Stored>,
    timed: BTreeMap<(Timestamp, Sequence), Slot>,
    counts: Counts,
    shelf: Shelf,
    next_sequence: Sequence,
}

impl Store {
    pub(super) fn new(shelf: Shelf) -> Self {
        Store { messages: Slab::new(), timed: BTreeMap::new(), counts: Counts::default(), shelf, next_sequence: 1 }
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// When the next hidden message becomes visible.
    pub(super) fn next_change(&self) -> Option<Timestamp> {
        self.timed.keys().next().map(|(due, _)| *due)
    }

    pub(super) fn next_sequence(&self) -> Sequence {
        self.next_sequence
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Stored> {
        self.messages.get(slot)
    }

    /// The message in `slot`, if it still is the one with `sequence`.
    pub(super) fn find(&self, slot: Slot, sequence: Sequence) -> Option<&Stored> {
        self.messages.get(slot).filter(|message| message.sequence == sequence)
    }

    /// Changes what does not decide where the message stands; for visibility there is [`Store::set_visibility`].
    pub(super) fn update(&mut self, slot: Slot, change: impl FnOnce(&mut Stored)) {
        if let Some(message) = self.messages.get_mut(slot) {
            change(message);
        }
    }

    /// Adds a message behind all others, and gives it its sequence.
    pub(super) fn insert(&mut self, mut message: Stored, now: Timestamp) -> Slot {
        message.sequence = self.next_sequence;
        self.next_sequence += 1;
        let (sequence, visibility) = (message.sequence, message.visibility);
        self.count(visibility, 1);
        let slot = self.messages.insert(message);
        let message = &self.messages[slot];
        self.shelf.added(message, slot, now);
        match visibility {
            Visibility::Ready => self.shelf.shown(message, slot),
            Visibility::Delayed { until } | Visibility::InFlight { until } => {
                self.timed.insert((until, sequence), slot);
            }
        }
        slot
    }

    /// Hides or shows a message.
    pub(super) fn set_visibility(&mut self, slot: Slot, visibility: Visibility) {
        let Some(message) = self.messages.get_mut(slot) else { return };
        let before = std::mem::replace(&mut message.visibility, visibility);
        let sequence = message.sequence;
        self.count(before, -1);
        self.count(visibility, 1);
        if let Visibility::Delayed { until } | Visibility::InFlight { until } = before {
            self.timed.remove(&(until, sequence));
        }
        if let Visibility::Delayed { until } | Visibility::InFlight { until } = visibility {
            self.timed.insert((until, sequence), slot);
        }
        let message = &self.messages[slot];
        self.shelf.moved(message, slot, before);
    }

    /// Takes a message out for good.
    pub(super) fn remove(&mut self, slot: Slot) -> Option<Stored> {
        let message = self.messages.try_remove(slot)?;
        self.count(message.visibility, -1);
        if let Visibility::Delayed { until } | Visibility::InFlight { until } = message.visibility {
            self.timed.remove(&(until, message.sequence));
        }
        self.shelf.removed(&message);
        Some(message)
    }

    /// Removes every message.
    pub(super) fn clear(&mut self) {
        self.messages.clear();
        self.timed.clear();
        self.counts = Counts::default();
        self.shelf.clear();
    }

    /// Shows what was hidden until `now` or earlier.
    pub(super) fn settle(&mut self, now: Timestamp) {
        while let Some((&(due, _), &slot)) = self.timed.first_key_value() {
            if due > now {
                break;
            }
            self.set_visibility(slot, Visibility::Ready);
        }
    }

    /// Removes what is older than `retention`. Looks at every message; a receive does not need it.
    pub(super) fn expire(&mut self, now: Timestamp, retention: Duration) {
        let expired: Vec<Slot> =
            self.messages.iter().filter(|(_, message)| message.expired(now, retention)).map(|(slot, _)| slot).collect();
        for slot in expired {
            self.remove(slot);
        }
    }

    /// Makes every visible or delayed message wait `delay` from when it was enqueued, as FIFO queues do when their
    /// delay is changed (`sqs.delay.not-retroactive`).
    pub(super) fn delay_again(&mut self, delay: Duration, now: Timestamp) {
        let waiting: Vec<(Slot, Timestamp)> = self
            .messages
            .iter()
            .filter(|(_, message)| !message.is_in_flight() && message.receive_count == 0)
            .map(|(slot, message)| (slot, message.enqueued_at + delay))
            .collect();
        for (slot, until) in waiting {
            let visibility = if until > now { Visibility::Delayed { until } } else { Visibility::Ready };
            self.set_visibility(slot, visibility);
        }
    }

    /// The visible messages in the order to hand them out, until `take` has had enough and says so with `false`.
    pub(super) fn for_each_next(&self, mut take: impl FnMut(Slot, &Stored) -> bool) {
        let mut visit = |slot: Slot| self.messages.get(slot).is_none_or(|message| take(slot, message));
        match &self.shelf {
            Shelf::Standard(shelf) => shelf.for_each_next(&mut visit),
            Shelf::Fifo(shelf) => shelf.for_each_next(&self.messages, &mut visit),
        }
    }

    /// Decides anew which tenants of a standard queue are noisy.
    pub(super) fn judge_tenants(&mut self, now: Timestamp) {
        let in_flight = self.counts.in_flight;
        if let Shelf::Standard(shelf) = &mut self.shelf {
            shelf.judge_tenants(in_flight, now);
        }
    }

    fn count(&mut self, visibility: Visibility, by: isize) {
        let counter = match visibility {
            Visibility::Ready => &mut self.counts.ready,
            Visibility::Delayed { .. } => &mut self.counts.delayed,
            Visibility::InFlight { .. } => &mut self.counts.in_flight,
        };
        *counter = counter.saturating_add_signed(by);
    }
}

impl Shelf {
    fn added(&mut self, message: &Stored, slot: Slot, now: Timestamp) {
        match self {
            Shelf::Standard(shelf) => shelf.added(message, now),
            Shelf::Fifo(shelf) => shelf.added(message, slot),
        }
    }

    fn shown(&mut self, message: &Stored, slot: Slot) {
        match self {
            Shelf::Standard(shelf) => shelf.shown(message, slot),
            Shelf::Fifo(shelf) => shelf.changed(message),
        }
    }

    fn moved(&mut self, message: &Stored, slot: Slot, before: Visibility) {
        match self {
            Shelf::Standard(shelf) => shelf.moved(message, slot, before),
            Shelf::Fifo(shelf) => shelf.changed(message),
        }
    }

    fn removed(&mut self, message: &Stored) {
        match self {
            Shelf::Standard(shelf) => shelf.removed(message),
            Shelf::Fifo(shelf) => shelf.removed(message),
        }
    }

    fn clear(&mut self) {
        match self {
            Shelf::Standard(shelf) => *shelf = StandardShelf::default(),
            Shelf::Fifo(shelf) => shelf.clear(),
        }
    }
}

/// A group or tenant name.
pub(super) type Group = Arc<str>;
