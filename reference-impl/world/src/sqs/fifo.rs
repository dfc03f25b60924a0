//! The order of a FIFO queue: strict within a group, groups by their oldest message.
//!
//! One rule gives all the documented behaviour of group locks: *a group hands out its messages in order, up to the
//! first one that is hidden*. A group whose first message is in flight is locked; deleting or releasing it
//! unlocks the group; extending the visibility of the third of three leaves the first two receivable.

use super::message::{Sequence, Stored};
use super::store::{Group, Slot};
use rustc_hash::FxHashMap;
use slab::Slab;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

/// One message group.
#[derive(Debug, Default)]
struct MessageGroup {
    messages: BTreeMap<Sequence, Slot>,
    /// Which of its messages are hidden.
    hidden: BTreeMap<Sequence, ()>,
    /// Under which sequence the group stands among the receivable ones.
    listed: Option<Sequence>,
}

impl MessageGroup {
    fn receivable_head(&self) -> Option<Sequence> {
        let first = *self.messages.keys().next()?;
        (!self.hidden.contains_key(&first)).then_some(first)
    }
}

/// The messages of a FIFO queue, by group.
#[derive(Debug)]
pub(super) struct FifoShelf {
    groups: FxHashMap<Group, MessageGroup>,
    /// Groups that can be received from, by the sequence of their first message.
    receivable: BTreeMap<Sequence, Group>,
    /// All messages, for the scan window.
    all: BTreeMap<Sequence, ()>,
    scan_window: usize,
    /// The last message within the scan window, once there are more.
    window_end: Option<Sequence>,
}

impl FifoShelf {
    /// A shelf that looks for receivable groups among the first `scan_window` messages.
    pub(super) fn new(scan_window: usize) -> Self {
        FifoShelf {
            groups: FxHashMap::default(),
            receivable: BTreeMap::new(),
            all: BTreeMap::new(),
            scan_window,
            window_end: None,
        }
    }

    pub(super) fn clear(&mut self) {
        *self = FifoShelf::new(self.scan_window);
    }

    pub(super) fn added(&mut self, message: &Stored, slot: Slot) {
        let Some(name) = &message.group else { return };
        self.groups.entry(name.clone()).or_default().messages.insert(message.sequence, slot);
        if self.all.len() == self.scan_window {
            self.window_end = self.all.keys().next_back().copied();
        }
        self.all.insert(message.sequence, ());
        self.changed(message);
    }

    /// The message was hidden or shown.
    pub(super) fn changed(&mut self, message: &Stored) {
        let Some(name) = &message.group else { return };
        let Some(group) = self.groups.get_mut(name) else { return };
        if message.is_ready() {
            group.hidden.remove(&message.sequence);
        } else {
            group.hidden.insert(message.sequence, ());
        }
        Self::list(&mut self.receivable, name, group);
    }

    pub(super) fn removed(&mut self, message: &Stored) {
        self.slide_window(message.sequence);
        let Some(name) = &message.group else { return };
        let Some(group) = self.groups.get_mut(name) else { return };
        group.messages.remove(&message.sequence);
        group.hidden.remove(&message.sequence);
        Self::list(&mut self.receivable, name, group);
        if group.messages.is_empty() {
            self.groups.remove(name);
        }
    }

    fn list(receivable: &mut BTreeMap<Sequence, Group>, name: &Group, group: &mut MessageGroup) {
        let head = group.receivable_head();
        if head == group.listed {
            return;
        }
        if let Some(listed) = group.listed {
            receivable.remove(&listed);
        }
        if let Some(head) = head {
            receivable.insert(head, name.clone());
        }
        group.listed = head;
    }

    fn slide_window(&mut self, removed: Sequence) {
        self.all.remove(&removed);
        let Some(end) = self.window_end else { return };
        if removed <= end {
            self.window_end = self.all.range((Excluded(end), Unbounded)).next().map(|(next, ())| *next);
        }
        if self.all.len() <= self.scan_window {
            self.window_end = None;
        }
    }

    /// As many messages of one group as possible before those of the next.
    pub(super) fn for_each_next(&self, messages: &Slab<Stored>, visit: &mut impl FnMut(Slot) -> bool) {
        let end = self.window_end.unwrap_or(Sequence::MAX);
        let groups = self.receivable.range(..=end).filter_map(|(_, name)| self.groups.get(name));
        for group in groups {
            let receivable =
                group.messages.values().take_while(|&&slot| messages.get(slot).is_some_and(Stored::is_ready));
            for &slot in receivable {
                if !visit(slot) {
                    return;
                }
            }
        }
    }
}
