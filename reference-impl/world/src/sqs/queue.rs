//! One queue: its settings, its messages, and who waits for them.

use super::attributes::{Attributes, DeduplicationScope};
use super::dedup::{Attempts, Deduplication};
use super::fifo::FifoShelf;
use super::limits;
use super::message::{Sequence, Stored};
use super::receive::Plan;
use super::standard::StandardShelf;
use super::store::{Counts, Shelf, Slot, Store};
use super::{Operation, handle::ReceiptHandle};
use crate::world::Ticket;
use crate::{Arn, Profile, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// A receive that waits for a message.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) ticket: Ticket,
    pub(super) plan: Plan,
}

/// Calls of one operation in the current second.
#[derive(Debug)]
struct CallRate {
    operation: Operation,
    second: u64,
    calls: u32,
}

/// A queue.
#[derive(Debug)]
pub(super) struct Queue {
    /// Tells it from every other queue that ever was; part of its receipt handles.
    pub(super) serial: u32,
    pub(super) arn: Arn,
    pub(super) arn_text: Arc<str>,
    pub(super) created_at: Timestamp,
    pub(super) modified_at: Timestamp,
    /// When it can first be used.
    pub(super) usable_at: Timestamp,
    /// When it stops answering, once it is deleted.
    pub(super) gone_at: Timestamp,
    pub(super) attributes: Attributes,
    /// The attributes before the latest change, and until when they are in force.
    previous: Option<(Attributes, Timestamp)>,
    previous_scope: Option<(DeduplicationScope, Timestamp)>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) store: Store,
    pub(super) deduplication: Deduplication,
    pub(super) attempts: Attempts,
    pub(super) waiters: VecDeque<Waiter>,
    /// The wake-up on the agenda, if there is one.
    pub(super) wake_at: Option<Timestamp>,
    purged_at: Option<Timestamp>,
    purge_due: Option<Timestamp>,
    counts_shown: Option<(Timestamp, Counts)>,
    call_rates: Vec<CallRate>,
}

impl Queue {
    pub(super) fn new(serial: u32, arn: Arn, attributes: Attributes, profile: Profile, now: Timestamp) -> Self {
        let shelf = if attributes.fifo.is_some() {
            Shelf::Fifo(FifoShelf::new(limits::FIFO_SCAN_WINDOW.at(profile)))
        } else {
            Shelf::Standard(StandardShelf::default())
        };
        Queue {
            serial,
            arn_text: arn.to_string().into(),
            arn,
            created_at: now,
            modified_at: now,
            usable_at: now,
            gone_at: Timestamp::NEVER,
            attributes,
            previous: None,
            previous_scope: None,
            tags: BTreeMap::new(),
            store: Store::new(shelf),
            deduplication: Deduplication::default(),
            attempts: Attempts::default(),
            waiters: VecDeque::new(),
            wake_at: None,
            purged_at: None,
            purge_due: None,
            counts_shown: None,
            call_rates: Vec::new(),
        }
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.arn.resource
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.attributes.fifo.is_some()
    }

    pub(super) fn answers_at(&self, now: Timestamp) -> bool {
        now >= self.usable_at && now < self.gone_at
    }

    /// The attributes that calls at `now` go by; those reported may be newer.
    pub(super) fn in_force(&self, now: Timestamp) -> &Attributes {
        match &self.previous {
            Some((previous, until)) if now < *until => previous,
            _ => &self.attributes,
        }
    }

    /// The deduplication scope that a send at `now` goes by: a change of it is not in force at once.
    pub(super) fn scope_in_force(&self, now: Timestamp) -> DeduplicationScope {
        match self.previous_scope {
            Some((previous, until)) if now < until => previous,
            _ => self.scope(),
        }
    }

    fn scope(&self) -> DeduplicationScope {
        self.attributes.fifo.as_ref().map_or(DeduplicationScope::Queue, |fifo| fifo.deduplication_scope)
    }

    /// Replaces the attributes; the old ones stay in force for `lag`.
    pub(super) fn set_attributes(&mut self, attributes: Attributes, now: Timestamp, lag: Duration) {
        let (scope_before, delay_before) = (self.scope(), self.attributes.delay_seconds);
        let before = std::mem::replace(&mut self.attributes, attributes);
        if self.scope() != scope_before {
            let until = now + Duration::from_secs(limits::DEDUPLICATION_SCOPE_LAG_SECONDS);
            self.previous_scope = Some((scope_before, until));
        }
        if self.is_fifo() && self.attributes.delay_seconds != delay_before {
            let delay = super::attributes::seconds(self.attributes.delay_seconds);
            self.store.delay_again(delay, now);
        }
        self.previous = (!lag.is_zero()).then(|| (before, now + lag));
        self.modified_at = now;
    }

    /// Brings the queue to `now`: a purge that is due, and messages that have become visible.
    pub(super) fn settle(&mut self, now: Timestamp) {
        if self.purge_due.is_some_and(|due| now >= due) {
            self.purge_due = None;
            self.store.clear();
            self.deduplication = Deduplication::default();
            self.attempts = Attempts::default();
        }
        self.store.settle(now);
    }

    /// Purges after `lag`; false if the last purge was less than a minute ago.
    pub(super) fn purge(&mut self, now: Timestamp, lag: Duration) -> bool {
        let wait = Duration::from_secs(limits::PURGE_SECONDS);
        if self.purged_at.is_some_and(|last| now < last + wait) {
            return false;
        }
        self.purged_at = Some(now);
        self.purge_due = Some(now + lag);
        true
    }

    /// Takes in a message from another queue; a purge that was due before that does not get it.
    pub(super) fn take_in(&mut self, message: Stored, now: Timestamp) {
        self.settle(now);
        self.store.insert(message, now);
    }

    /// The counters, no older than `lag`.
    pub(super) fn counts(&mut self, now: Timestamp, lag: Duration) -> Counts {
        self.settle(now);
        self.store.expire(now, self.in_force(now).retention());
        match self.counts_shown {
            Some((at, shown)) if now < at + lag => shown,
            _ => {
                self.counts_shown = Some((now, self.store.counts()));
                self.store.counts()
            }
        }
    }

    /// How many more messages may be in flight.
    pub(super) fn in_flight_capacity(&self, profile: Profile) -> usize {
        let limit = if self.is_fifo() { limits::IN_FLIGHT_FIFO } else { limits::IN_FLIGHT_STANDARD };
        limit.at(profile).saturating_sub(self.store.counts().in_flight)
    }

    /// The handle of the latest receive of a message.
    pub(super) fn handle(&self, slot: Slot, sequence: Sequence, receive: u32) -> ReceiptHandle {
        ReceiptHandle { queue: self.serial, slot: u32::try_from(slot).unwrap_or(u32::MAX), sequence, receive }
    }

    /// Counts a call to a FIFO queue; false if there were too many of its kind in this second.
    pub(super) fn admit(&mut self, operation: Operation, profile: Profile, now: Timestamp) -> bool {
        if !self.is_fifo() {
            return true;
        }
        let allowed = if self.attributes.high_throughput() {
            limits::FIFO_HIGH_THROUGHPUT_CALLS_PER_SECOND.at(profile)
        } else {
            limits::FIFO_CALLS_PER_SECOND
        };
        let second = now.as_seconds();
        let known = self.call_rates.iter().position(|rate| rate.operation == operation);
        let index = known.unwrap_or_else(|| {
            self.call_rates.push(CallRate { operation, second, calls: 0 });
            self.call_rates.len() - 1
        });
        let rate = &mut self.call_rates[index];
        if rate.second != second {
            (rate.second, rate.calls) = (second, 0);
        }
        rate.calls += 1;
        rate.calls <= allowed
    }
}
