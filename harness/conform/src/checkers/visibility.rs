//! Nobody receives a message while it is invisible.

use super::{Finding, Judgement};
use crate::history::{Event, What};
use proofmark_backend::Timestamp;
use std::collections::HashMap;
use std::time::Duration;

/// FIFO: no message is received while it is invisible or after it was deleted.
#[must_use]
pub fn no_duplicates(events: &[Event]) -> Judgement {
    visibility(events, 0)
}

/// The same, but `allowed` times it may happen: a standard queue delivers at least once.
#[must_use]
pub fn visibility(events: &[Event], allowed: usize) -> Judgement {
    let mut states: HashMap<&str, State> = HashMap::new();
    let (mut findings, mut receives) = (Vec::new(), 0);
    for event in events {
        let state = states.entry(event.what.message_id()).or_default();
        if matches!(event.what, What::Received { .. }) {
            receives += 1;
            findings.extend(
                state.objection(event).map(|says| Finding { message_id: event.what.message_id().to_owned(), says }),
            );
        }
        state.follow(event);
    }
    if findings.len() <= allowed {
        findings.clear();
    }
    Judgement::of(receives, findings, "no message was received")
}

/// Until when nobody may receive a message, as far as a client can be sure.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Certainly invisible until then: counted from when the request was sent.
    invisible_until: Timestamp,
    deleted: bool,
}

impl State {
    /// What is wrong with receiving the message now. The receive counts from its end, in the service's favour.
    fn objection(&self, event: &Event) -> Option<String> {
        if self.deleted {
            return Some(format!("was received at {} s although it was deleted", event.ended));
        }
        let early = self.invisible_until.since(event.ended);
        (!early.is_zero()).then(|| {
            format!("was received at {} s, {} s before it was visible again", event.ended, early.as_secs_f64())
        })
    }

    fn follow(&mut self, event: &Event) {
        match event.what {
            What::Sent { .. } => (),
            What::Received { visibility_seconds: seconds, .. } | What::VisibilityChanged { seconds, .. } => {
                self.invisible_until = event.began + Duration::from_secs(seconds);
            }
            What::Deleted { .. } => self.deleted = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{changed, deleted, received};
    use super::*;

    fn broken(events: &[Event]) -> bool {
        matches!(no_duplicates(events), Judgement::Broken(_))
    }

    #[test]
    fn a_message_received_again_too_early_is_found() {
        assert!(broken(&[received(0, "a", 30), received(29, "a", 30)]));
        assert!(!broken(&[received(0, "a", 30), received(30, "a", 30)]));
        assert!(!broken(&[received(0, "a", 30), received(29, "b", 30)]));
    }

    #[test]
    fn a_changed_timeout_counts_from_the_change() {
        assert!(!broken(&[received(0, "a", 30), changed(5, "a", 0), received(5, "a", 30)]));
        assert!(broken(&[received(0, "a", 30), changed(5, "a", 60), received(40, "a", 30)]));
    }

    #[test]
    fn a_deleted_message_does_not_come_back() {
        assert!(broken(&[received(0, "a", 30), deleted(1, "a"), received(100, "a", 30)]));
    }

    #[test]
    fn a_standard_queue_may_do_it_as_often_as_allowed() {
        let twice = [received(0, "a", 30), received(1, "a", 30), received(2, "a", 30)];
        assert!(matches!(visibility(&twice, 1), Judgement::Broken(findings) if findings.len() == 2));
        assert_eq!(visibility(&twice, 2), Judgement::Holds { looked_at: 3 });
    }
}
