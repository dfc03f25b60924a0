//! The talk's patterns: what holds for a whole chain of services, judged over the history of what went through it.

mod baseline;
mod topic_queue_chaining;

use crate::sns::support::{Subscriber, Topic, envelope};
use crate::sqs::support::text;
use aws_sdk_sqs::types::Message;
use proofmark_conform::history::{Event, What};
use proofmark_conform::{Case, Scope, Stop};
use std::time::Duration;

/// Every case of the patterns, in the order in which they are listed and reported.
pub static CASES: &[&Case] = &[
    &baseline::COMPETING,
    &baseline::BURST,
    &baseline::PUBLISH_SUBSCRIBE,
    &baseline::LATE,
    &baseline::REJECTED,
    &topic_queue_chaining::EVERY_QUEUE,
    &topic_queue_chaining::CONSUMER_DOWN,
    &topic_queue_chaining::RETENTION,
    &topic_queue_chaining::PARTITION,
    &topic_queue_chaining::FIFO,
    &topic_queue_chaining::TWO_DEAD_LETTER_QUEUES,
    &topic_queue_chaining::CRASH,
    &topic_queue_chaining::ADD_SUBSCRIBER,
];

/// Publishes and notes it: the topic's message id, and of a FIFO topic the group and the place in the order.
async fn publish(topic: &Topic<'_>, group: Option<&str>, message: &str) -> Result<String, Stop> {
    let scope = topic.scope;
    let began = scope.now();
    let mut request = topic.message(message);
    if let Some(group) = group {
        request = request.message_group_id(group).message_deduplication_id(message);
    }
    let answer = request.send().await?;
    let message_id = text(answer.message_id());
    let sequence = answer.sequence_number().and_then(|number| number.parse().ok());
    let what = What::Sent { message_id: message_id.clone(), group: group.map(str::to_owned), sequence };
    scope.history().push(Event { began, ended: scope.now(), queue: "topic".to_owned(), what });
    Ok(message_id)
}

/// Receives, notes and deletes until nothing has come for a while; the messages.
async fn consume(subscriber: &Subscriber<'_>, queue: &str, quiet: Duration) -> Result<Vec<Message>, Stop> {
    let scope = subscriber.queue.scope;
    let (mut all, mut last) = (Vec::new(), scope.now());
    while scope.now() < last + quiet {
        let began = scope.now();
        for message in subscriber.queue.poll_once().await? {
            note(scope, queue, began, &message)?;
            subscriber.queue.delete(&message).await?;
            last = scope.now();
            all.push(message);
        }
    }
    Ok(all)
}

/// Notes a receive by the topic's message id.
fn note(scope: &Scope, queue: &str, began: proofmark_conform::Timestamp, message: &Message) -> Result<(), Stop> {
    let message_id = text(envelope(message)?["MessageId"].as_str());
    let receipt = text(message.receipt_handle());
    let what = What::Received { message_id, receipt, visibility_seconds: 30, group: None, sequence: None };
    scope.history().push(Event { began, ended: scope.now(), queue: queue.to_owned(), what });
    Ok(())
}
