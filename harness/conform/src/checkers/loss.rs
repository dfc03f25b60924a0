//! Nothing that was accepted may be lost.

use super::{Finding, Judgement};
use crate::history::{Event, What};
use std::collections::HashSet;

/// Every message that was sent was received at least once.
///
/// Judge a history that ends after the queue was seen empty for long enough; a message on its way counts as lost.
#[must_use]
pub fn no_loss(events: &[Event]) -> Judgement {
    let received: HashSet<&str> = events
        .iter()
        .filter(|event| matches!(event.what, What::Received { .. }))
        .map(|event| event.what.message_id())
        .collect();
    let sent = events.iter().filter(|event| matches!(event.what, What::Sent { .. }));
    let sent: Vec<&str> = sent.map(|event| event.what.message_id()).collect();
    let lost = sent.iter().filter(|id| !received.contains(**id));
    let findings =
        lost.map(|id| Finding { message_id: (*id).to_owned(), says: "was sent and never received".to_owned() });
    Judgement::of(sent.len(), findings.collect(), "no message was sent")
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{received, sent};
    use super::*;

    #[test]
    fn a_message_that_nobody_received_is_lost() {
        let history = [sent(0, "a", "g", 1), sent(0, "b", "g", 2), received(1, "b", 30)];
        let Judgement::Broken(findings) = no_loss(&history) else { panic!("a is lost") };
        assert_eq!(findings[0].message_id, "a");
    }

    #[test]
    fn what_was_received_is_not_lost() {
        let history = [sent(0, "a", "g", 1), received(1, "a", 30), received(40, "a", 30)];
        assert_eq!(no_loss(&history), Judgement::Holds { looked_at: 1 });
        assert!(matches!(no_loss(&[]), Judgement::NoEvidence(_)));
    }
}
