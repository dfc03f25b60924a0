//! The order of a standard queue: oldest visible message first, quiet tenants before noisy ones.
//!
//! SQS promises no order; oldest first is what its freedom knobs start from. Fair queues (`sqs.fair.*`): the
//! visible messages of a noisy tenant stand on a second shelf, which is looked at when the first is empty.

use super::limits;
use super::message::{Sequence, Stored, Visibility};
use super::store::{Group, Slot};
use crate::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::time::Duration;

/// One `MessageGroupId` of a standard queue.
#[derive(Debug, Default)]
struct Tenant {
    visible: BTreeMap<Sequence, Slot>,
    messages: usize,
    in_flight: usize,
    noisy: bool,
    last_sent_at: Timestamp,
}

/// The visible messages of a standard queue.
#[derive(Debug, Default)]
pub(super) struct StandardShelf {
    quiet: BTreeMap<Sequence, Slot>,
    noisy: BTreeMap<Sequence, Slot>,
    tenants: FxHashMap<Group, Tenant>,
    /// Tenants that have had many messages in flight: the only ones worth judging.
    watched: FxHashSet<Group>,
}

impl StandardShelf {
    pub(super) fn added(&mut self, message: &Stored, now: Timestamp) {
        if let Some(group) = &message.group {
            let tenant = self.tenants.entry(group.clone()).or_default();
            tenant.messages += 1;
            tenant.last_sent_at = now;
            tenant.in_flight += usize::from(message.is_in_flight());
        }
    }

    pub(super) fn shown(&mut self, message: &Stored, slot: Slot) {
        let tenant = message.group.as_ref().and_then(|group| self.tenants.get_mut(group));
        let shelf = match tenant {
            Some(tenant) => {
                tenant.visible.insert(message.sequence, slot);
                if tenant.noisy { &mut self.noisy } else { &mut self.quiet }
            }
            None => &mut self.quiet,
        };
        shelf.insert(message.sequence, slot);
    }

    fn hidden(&mut self, message: &Stored) {
        let tenant = message.group.as_ref().and_then(|group| self.tenants.get_mut(group));
        let noisy = tenant.is_some_and(|tenant| {
            tenant.visible.remove(&message.sequence);
            tenant.noisy
        });
        let shelf = if noisy { &mut self.noisy } else { &mut self.quiet };
        shelf.remove(&message.sequence);
    }

    pub(super) fn moved(&mut self, message: &Stored, slot: Slot, before: Visibility) {
        let was_in_flight = matches!(before, Visibility::InFlight { .. });
        if let Some(tenant) = message.group.as_ref().and_then(|group| self.tenants.get_mut(group)) {
            let change = isize::from(message.is_in_flight()) - isize::from(was_in_flight);
            tenant.in_flight = tenant.in_flight.saturating_add_signed(change);
            if tenant.in_flight >= limits::NOISY_IN_FLIGHT {
                self.watched.extend(message.group.clone());
            }
        }
        match (before == Visibility::Ready, message.is_ready()) {
            (true, false) => self.hidden(message),
            (false, true) => self.shown(message, slot),
            _ => {}
        }
    }

    pub(super) fn removed(&mut self, message: &Stored) {
        if message.is_ready() {
            self.hidden(message);
        }
        let Some(group) = &message.group else { return };
        let Some(tenant) = self.tenants.get_mut(group) else { return };
        tenant.messages = tenant.messages.saturating_sub(1);
        tenant.in_flight = tenant.in_flight.saturating_sub(usize::from(message.is_in_flight()));
        if tenant.messages == 0 {
            self.tenants.remove(group);
            self.watched.remove(group);
        }
    }

    pub(super) fn for_each_next(&self, visit: &mut impl FnMut(Slot) -> bool) {
        let mut next = self.quiet.values().chain(self.noisy.values());
        while next.next().is_some_and(|&slot| visit(slot)) {}
    }

    /// A tenant is noisy once it holds 30 or more of the in-flight messages and more than a tenth of them, until it
    /// is drained (and forgotten) or has sent nothing for five minutes.
    pub(super) fn judge_tenants(&mut self, in_flight: usize, now: Timestamp) {
        let StandardShelf { quiet, noisy, tenants, watched } = self;
        for group in watched.iter() {
            let Some(tenant) = tenants.get_mut(group) else { continue };
            let loud =
                tenant.in_flight >= limits::NOISY_IN_FLIGHT && tenant.in_flight * limits::NOISY_SHARE > in_flight;
            let silent = now.since(tenant.last_sent_at) >= Duration::from_secs(limits::NOISY_SECONDS);
            let judged = (tenant.noisy || loud) && !silent;
            if judged == tenant.noisy {
                continue;
            }
            tenant.noisy = judged;
            let (from, to) = if judged { (&mut *quiet, &mut *noisy) } else { (&mut *noisy, &mut *quiet) };
            for (sequence, slot) in &tenant.visible {
                from.remove(sequence);
                to.insert(*sequence, *slot);
            }
        }
    }
}
