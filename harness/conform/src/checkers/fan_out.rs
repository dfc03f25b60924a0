//! What is published once reaches every queue behind the topic, and nothing else does.

use super::{Finding, Judgement};
use crate::history::{Event, What};
use std::collections::{BTreeMap, BTreeSet};

/// Every message sent to `topic` was received from each of `queues`, and nothing was received that was not sent.
///
/// Receives are known by the topic's message id, which is in the envelope and the same in all queues. Judge a history
/// that ends after the queues were seen empty for long enough.
#[must_use]
pub fn fan_out(events: &[Event], topic: &str, queues: &[&str]) -> Judgement {
    let sent: BTreeSet<&str> = events
        .iter()
        .filter(|event| event.queue == topic && matches!(event.what, What::Sent { .. }))
        .map(|event| event.what.message_id())
        .collect();
    let mut received: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for event in events.iter().filter(|event| matches!(event.what, What::Received { .. })) {
        received.entry(&event.queue).or_default().insert(event.what.message_id());
    }
    let finding = |id: &str, says: String| Finding { message_id: id.to_owned(), says };
    let mut findings = Vec::new();
    for queue in queues {
        let arrived = received.get(queue).cloned().unwrap_or_default();
        let lost = sent.difference(&arrived).map(|id| finding(id, format!("never reached {queue}")));
        let invented = arrived.difference(&sent).map(|id| finding(id, format!("came to {queue} and was never sent")));
        findings.extend(lost.chain(invented));
    }
    Judgement::of(sent.len() * queues.len(), findings, "nothing was published, or no queue was named")
}

/// How often a message was received again from a queue that had given it before.
#[must_use]
pub fn repeats(events: &[Event]) -> usize {
    let mut seen = BTreeSet::new();
    let received = events.iter().filter(|event| matches!(event.what, What::Received { .. }));
    received.filter(|event| !seen.insert((event.queue.as_str(), event.what.message_id()))).count()
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{received, sent};
    use super::*;

    fn of_queue(queue: &str, event: Event) -> Event {
        Event { queue: queue.to_owned(), ..event }
    }

    fn published() -> Vec<Event> {
        ["a", "b"].map(|id| of_queue("topic", sent(0, id, "g", 1))).to_vec()
    }

    fn judged(receives: &[(&str, &str)]) -> Judgement {
        let receives = receives.iter().map(|(queue, id)| of_queue(queue, received(1, id, 30)));
        fan_out(&published().into_iter().chain(receives).collect::<Vec<_>>(), "topic", &["one", "two"])
    }

    #[test]
    fn every_queue_has_every_message() {
        let all = [("one", "a"), ("one", "b"), ("two", "b"), ("two", "a"), ("two", "a")];
        assert_eq!(judged(&all), Judgement::Holds { looked_at: 4 });
    }

    #[test]
    fn what_is_missing_or_made_up_is_found() {
        let Judgement::Broken(findings) = judged(&[("one", "a"), ("one", "b"), ("two", "a"), ("two", "x")]) else {
            panic!("b never reached two, and x was never sent")
        };
        let says: Vec<&str> = findings.iter().map(|finding| finding.says.as_str()).collect();
        assert_eq!(says, ["never reached two", "came to two and was never sent"]);
    }

    #[test]
    fn repeats_are_counted_per_queue() {
        let events = [("one", "a"), ("two", "a"), ("two", "a")].map(|(queue, id)| of_queue(queue, received(1, id, 1)));
        assert_eq!(repeats(&events), 1);
        assert!(matches!(fan_out(&[], "topic", &["one"]), Judgement::NoEvidence(_)));
    }
}
