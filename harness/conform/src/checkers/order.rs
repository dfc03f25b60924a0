//! The messages of a group come in the order in which they were sent.

use super::{Finding, Judgement};
use crate::history::{Event, What};
use std::collections::{HashMap, HashSet};

/// FIFO: within a group, first deliveries follow the sequence numbers.
///
/// Each queue behind a topic is judged by itself. Later deliveries of the same message do not count: it comes back when its time is up. Receives must be in the
/// history in the order in which they ended, which is so if one consumer made them.
#[must_use]
pub fn order_per_group(events: &[Event]) -> Judgement {
    let sent: HashMap<&str, (&str, u128)> = events.iter().filter_map(place).collect();
    let (mut latest, mut seen) = (HashMap::new(), HashSet::new());
    let (mut findings, mut looked_at) = (Vec::new(), 0);
    for event in events.iter().filter(|event| matches!(event.what, What::Received { .. })) {
        let id = event.what.message_id();
        let Some(&(group, sequence)) = sent.get(id).filter(|_| seen.insert((&event.queue, id))) else { continue };
        looked_at += 1;
        let (before, before_id) = *latest.entry((&event.queue, group)).or_insert((0, ""));
        if sequence < before {
            let says = format!("of group {group} came after message {before_id}, which was sent later");
            findings.push(Finding { message_id: id.to_owned(), says });
        } else {
            latest.insert((&event.queue, group), (sequence, id));
        }
    }
    Judgement::of(looked_at, findings, "no message of a FIFO queue was sent and received")
}

/// A sent message with its group and its place in it.
fn place(event: &Event) -> Option<(&str, (&str, u128))> {
    match &event.what {
        What::Sent { message_id, group: Some(group), sequence: Some(sequence) } => {
            Some((message_id, (group, *sequence)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{received, sent};
    use super::*;

    fn three_sent() -> Vec<Event> {
        vec![sent(0, "a", "g", 10), sent(0, "b", "g", 11), sent(0, "other", "h", 9)]
    }

    fn judged(receives: &[Event]) -> Judgement {
        order_per_group(&[three_sent(), receives.to_vec()].concat())
    }

    #[test]
    fn a_message_that_overtakes_another_of_its_group_is_found() {
        let Judgement::Broken(findings) = judged(&[received(1, "b", 30), received(1, "a", 30)]) else {
            panic!("a came late")
        };
        assert_eq!((findings.len(), findings[0].message_id.as_str()), (1, "a"));
    }

    #[test]
    fn groups_do_not_wait_for_each_other_and_a_message_may_come_back() {
        let receives = [received(1, "a", 1), received(1, "other", 1), received(1, "b", 1), received(9, "a", 1)];
        assert_eq!(judged(&receives), Judgement::Holds { looked_at: 3 });
    }

    #[test]
    fn without_a_receive_there_is_no_evidence() {
        assert!(matches!(judged(&[]), Judgement::NoEvidence(_)));
    }
}
