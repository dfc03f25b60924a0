//! What only shows under concurrency, judged by checkers over the history: loss, duplicates, order per group.

use super::support::{Queue, both, fifo, seconds, standard, text};
use aws_sdk_sqs::types::Message;
use proofmark_conform::checkers::{no_duplicates, no_loss, order_per_group, visibility};
use proofmark_conform::history::{Event, What};
use proofmark_conform::{Stop, Timestamp, case};

/// How many messages each producer sends.
const EACH: usize = 25;
/// The default visibility timeout, which every receive here goes by.
const TIMEOUT: std::time::Duration = seconds(30);

fn note(queue: &Queue<'_>, began: Timestamp, what: What) {
    let event = Event { began, ended: queue.scope.now(), queue: queue.name.clone(), what };
    queue.scope.history().push(event);
}

/// Sends `EACH` messages, to one group if there is one.
async fn produce(queue: &Queue<'_>, producer: &str, group: Option<&str>) -> Result<(), Stop> {
    for number in 0..EACH {
        let body = format!("{producer}-{number}");
        let began = queue.scope.now();
        let sent = match group {
            Some(group) => queue.send_to_group(group, &body).await?,
            None => queue.send(&body).await?,
        };
        let sequence = sent.sequence_number().and_then(|number| number.parse().ok());
        note(
            queue,
            began,
            What::Sent { message_id: text(sent.message_id()), group: group.map(str::to_owned), sequence },
        );
    }
    Ok(())
}

/// Receives and deletes until nothing has come for a while.
async fn consume(queue: &Queue<'_>, quiet: std::time::Duration) -> Result<(), Stop> {
    let mut last = queue.scope.now();
    while queue.scope.now() < last + quiet {
        let began = queue.scope.now();
        let messages = queue.poll_once().await?;
        queue.scope.history().received(&queue.name, (began, queue.scope.now()), TIMEOUT, &messages);
        for message in &messages {
            delete(queue, message).await?;
            last = queue.scope.now();
        }
    }
    Ok(())
}

async fn delete(queue: &Queue<'_>, message: &Message) -> Result<(), Stop> {
    let began = queue.scope.now();
    queue.delete(message).await?;
    note(queue, began, What::Deleted { message_id: text(message.message_id()) });
    Ok(())
}

case! {
    /// Two producers and two consumers at once lose nothing; duplicates are permitted, and counted.
    pub STANDARD = "sqs.concurrency.standard",
    clauses: ["sqs.send.durable-before-ack", "sqs.standard.at-least-once"],
    cost: 150 requests, 80 seconds,
    async fn standard_queue(scope) {
        let queue = standard(scope).await?;
        let producers = both(produce(&queue, "a", None), produce(&queue, "b", None));
        let consumers = both(consume(&queue, seconds(65)), consume(&queue, seconds(65)));
        both(producers, consumers).await?;
        let events = scope.history().events();
        let received = events.iter().filter(|event| matches!(event.what, What::Received { .. })).count();
        scope.observe("sqs.standard.at-least-once", format!("{received} receives of {} messages", 2 * EACH));
        no_loss(&events).settle()?;
        visibility(&events, EACH).settle()
    }
}

case! {
    /// Two producers at once: each group arrives complete, in order, and without a duplicate.
    pub FIFO = "sqs.concurrency.fifo",
    clauses: ["sqs.fifo.order-in-group", "sqs.fifo.no-dup-before-expiry"],
    cost: 150 requests, 10 seconds,
    async fn fifo_queue(scope) {
        let queue = fifo(scope).await?;
        let producers = both(produce(&queue, "a", Some("a")), produce(&queue, "b", Some("b")));
        both(producers, consume(&queue, seconds(5))).await?;
        let events = scope.history().events();
        no_loss(&events).settle()?;
        no_duplicates(&events).settle()?;
        order_per_group(&events).settle()
    }
}
