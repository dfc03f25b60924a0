//! Receiving: how many, how long to wait, and what a receive leaves behind.

use super::support::{
    PATIENCE, Queue, about_since_request, both, equal, fifo, fifo_with, holds, refused, seconds, standard,
    standard_with, system, text, text_attribute,
};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use proofmark_conform::{Stop, case};
use std::time::Duration;

case! {
    /// MaxNumberOfMessages is 1 to 10; 0 and 11 are refused.
    pub MOST_MESSAGES = "sqs.receive.most_messages",
    clauses: ["sqs.receive.max-range", "sqs.receive.never-more"],
    cost: 16 requests, 8 seconds,
    async fn most_messages(scope) {
        let queue = standard(scope).await?;
        for wrong in [0, 11] {
            let result = queue.client.receive_message().queue_url(&queue.url).max_number_of_messages(wrong).send().await;
            let text = format!(
                "Value {wrong} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
            );
            refused(scope, result, "InvalidParameterValue", 400, &text)?;
        }
        queue.fill(20, None).await?;
        let mut largest = 0;
        for _ in 0..4 {
            let count = queue.poll().max_number_of_messages(10).visibility_timeout(0).send().await?.messages().len();
            holds("at most ten", count <= 10, count)?;
            largest = largest.max(count);
        }
        holds("more than one message in one receive", largest > 1, largest)?;
        let default = queue.client.receive_message().queue_url(&queue.url).wait_time_seconds(1).send().await?;
        holds("one by default", default.messages().len() <= 1, default.messages().len())
    }
}

case! {
    /// WaitTimeSeconds is 0 to 20.
    pub WAIT_RANGE = "sqs.receive.wait_range",
    clauses: ["sqs.receive.wait-range"],
    cost: 5 requests, 25 seconds,
    async fn wait_range(scope) {
        let queue = standard(scope).await?;
        for wrong in [-1, 21] {
            let result = queue.client.receive_message().queue_url(&queue.url).wait_time_seconds(wrong).send().await;
            let text = format!(
                "Value {wrong} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."
            );
            refused(scope, result, "InvalidParameterValue", 400, &text)?;
        }
        queue.poll().wait_time_seconds(0).send().await?;
        queue.poll().wait_time_seconds(20).send().await?;
        Ok(())
    }
}

/// How long a receive from an empty queue took.
async fn empty_wait(queue: &Queue<'_>, wait: Option<i32>) -> Result<Duration, Stop> {
    let before = queue.scope.now();
    let receive = queue.client.receive_message().queue_url(&queue.url).set_wait_time_seconds(wait);
    let messages = receive.send().await?.messages.unwrap_or_default();
    equal("nothing is received", 0, messages.len())?;
    Ok(queue.scope.now().since(before))
}

case! {
    /// A long poll of an empty queue comes back empty after the wait, and not before; the request overrides the queue.
    pub LONG_POLL_WAITS = "sqs.receive.long_poll_waits",
    clauses: ["sqs.receive.longpoll-waits"],
    cost: 7 requests, 32 seconds,
    async fn long_poll_waits(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::ReceiveMessageWaitTimeSeconds, "5")]).await?;
        for wait in [1, 20] {
            let waited = empty_wait(&queue, Some(wait)).await?;
            holds("the wait of the request", about_since_request(waited, wait.unsigned_abs().into()), waited)?;
        }
        let waited = empty_wait(&queue, None).await?;
        holds("the wait of the queue", about_since_request(waited, 5), waited)?;
        let waited = empty_wait(&queue, Some(0)).await?;
        holds("no wait when the request says 0", waited < seconds(3), waited)
    }
}

case! {
    /// A long poll ends as soon as a message arrives, without waiting to fill up.
    pub LONG_POLL_ENDS_EARLY = "sqs.receive.long_poll_ends_early",
    clauses: ["sqs.receive.longpoll-early"],
    cost: 4 requests, 5 seconds,
    async fn long_poll_ends_early(scope) {
        let queue = standard(scope).await?;
        let before = scope.now();
        let poll = async { queue.poll().wait_time_seconds(20).send().await.map_err(Stop::from) };
        let send = async {
            scope.sleep(seconds(2)).await;
            queue.send("x").await
        };
        let (received, _) = both(poll, send).await?;
        equal("the one message", 1, received.messages().len())?;
        let waited = scope.now().since(before);
        holds("about two seconds", about_since_request(waited, 2), waited)
    }
}

case! {
    /// A long poll ends when a delayed message matures, and when a visibility timeout ends.
    pub LONG_POLL_WAKES = "sqs.receive.long_poll_wakes",
    clauses: ["sqs.receive.longpoll-early", "sqs.delay.queue", "sqs.visibility.receive-override"],
    cost: 6 requests, 10 seconds,
    async fn long_poll_wakes(scope) {
        let queue = standard(scope).await?;
        queue.message("x").delay_seconds(3).send().await?;
        let before = scope.now();
        let first = queue.poll().wait_time_seconds(20).visibility_timeout(4).send().await?;
        equal("the delayed message", 1, first.messages().len())?;
        let waited = scope.now().since(before);
        holds("about three seconds, its delay", about_since_request(waited, 3), waited)?;
        let second = queue.poll().wait_time_seconds(20).send().await?;
        equal("the message again", 1, second.messages().len())?;
        let waited = scope.now().since(before);
        scope.observe("sqs.standard.at-least-once", if waited < seconds(6) { "came back early" } else { "on time" });
        holds("no later than its timeout", waited < seconds(10), waited)
    }
}

case! {
    /// A short poll may overlook messages, but repeated polls find all; a long poll seldom misses.
    pub SHORT_POLL = "sqs.receive.short_poll",
    clauses: ["sqs.receive.shortpoll-may-miss", "sqs.receive.longpoll-queries-all"],
    cost: 60 requests, 40 seconds,
    async fn short_poll(scope) {
        let queue = standard(scope).await?;
        queue.fill(10, None).await?;
        let mut found = std::collections::BTreeSet::new();
        let mut short = 0;
        let deadline = scope.now() + PATIENCE;
        while found.len() < 10 && scope.now() < deadline {
            let messages = queue.poll().wait_time_seconds(0).send().await?.messages.unwrap_or_default();
            short += usize::from(messages.len() + found.len() < 10);
            found.extend(messages.iter().map(|message| text(message.body())));
            scope.sleep(seconds(1)).await;
        }
        scope.observe("sqs.receive.shortpoll-may-miss", format!("{short} short polls overlooked something"));
        equal("repeated short polls find all", 10, found.len())?;
        let missed = queue.poll().wait_time_seconds(1).visibility_timeout(0).send().await?.messages().is_empty();
        scope.observe("sqs.receive.longpoll-queries-all", if missed { "a long poll found nothing" } else { "found some" });
        Ok(())
    }
}

case! {
    /// The receive count is 1 at first and grows with every receive, also with a visibility timeout of 0.
    pub RECEIVE_COUNT = "sqs.receive.receive_count",
    clauses: ["sqs.receive.count-increments", "sqs.receive.first-timestamp-stable", "sqs.visibility.zero"],
    cost: 7 requests, 8 seconds,
    async fn receive_count(scope) {
        let queue = standard(scope).await?;
        queue.send("x").await?;
        let mut first_received = None;
        for expected in 1..=3 {
            let message = queue.receive_as(|poll| poll.visibility_timeout(0)).await?;
            let count = system(&message, &MessageSystemAttributeName::ApproximateReceiveCount);
            equal("ApproximateReceiveCount", Some(expected.to_string()), count)?;
            let sent = millis(&message, &MessageSystemAttributeName::SentTimestamp);
            let first = millis(&message, &MessageSystemAttributeName::ApproximateFirstReceiveTimestamp);
            holds("sent before it was first received", sent <= first, (sent, first))?;
            equal("the first receive stays the first", *first_received.get_or_insert(first), first)?;
            if expected == 3 {
                queue.delete(&message).await?;
            }
            scope.sleep(seconds(1)).await;
        }
        Ok(())
    }
}

fn millis(message: &Message, name: &MessageSystemAttributeName) -> u64 {
    system(message, name).and_then(|text| text.parse().ok()).unwrap_or_default()
}

case! {
    /// Receiving does not remove a message: it comes back, the same in everything, under a new handle.
    pub COMES_BACK = "sqs.receive.comes_back",
    clauses: ["sqs.receive.does-not-delete", "sqs.receive.attributes-retained", "sqs.receive.new-handle"],
    cost: 6 requests, 8 seconds,
    async fn comes_back(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::VisibilityTimeout, "2")]).await?;
        queue.message("body").message_attributes("k", text_attribute("String", "x")?).send().await?;
        let first = queue.receive().await?;
        let again = queue.receive().await?;
        let seen = |message: &Message| {
            (message.message_id.clone(), message.body.clone(), message.md5_of_body.clone(), message.message_attributes.clone())
        };
        equal("id, body, digest and attributes", seen(&first), seen(&again))?;
        equal("and the attributes are there", 1, again.message_attributes.as_ref().map_or(0, std::collections::HashMap::len))?;
        holds("another handle", first.receipt_handle != again.receipt_handle, &again.receipt_handle)
    }
}

case! {
    /// Naming message attributes selects what is shown, not which messages come: SQS has no filter.
    pub NO_FILTER = "sqs.receive.no_filter",
    clauses: ["sqs.receive.no-server-filter"],
    cost: 5 requests, 5 seconds,
    async fn no_filter(scope) {
        let queue = standard(scope).await?;
        queue.message("red").message_attributes("red", text_attribute("String", "1")?).send().await?;
        queue.message("blue").message_attributes("blue", text_attribute("String", "1")?).send().await?;
        let mut bodies = std::collections::BTreeSet::new();
        let deadline = scope.now() + PATIENCE;
        while bodies.len() < 2 && scope.now() < deadline {
            let poll = queue.poll().set_message_attribute_names(Some(vec!["red".to_owned()]));
            bodies.extend(poll.send().await?.messages().iter().map(|message| text(message.body())));
        }
        equal("both messages, whatever was named", 2, bodies.len())
    }
}

case! {
    /// A long poll also ends for a message that is sent with a delay while it waits.
    pub LONG_POLL_LATER = "sqs.receive.long_poll_later",
    clauses: ["sqs.receive.longpoll-early", "sqs.delay.message-overrides"],
    cost: 4 requests, 8 seconds,
    async fn long_poll_later(scope) {
        let queue = standard(scope).await?;
        let poll = async { queue.poll().wait_time_seconds(20).send().await.map_err(Stop::from) };
        let send = async {
            scope.sleep(seconds(1)).await;
            queue.message("x").delay_seconds(4).send().await.map_err(Stop::from)
        };
        let before = scope.now();
        let (received, _) = both(poll, send).await?;
        equal("the one message", 1, received.messages().len())?;
        let waited = scope.now().since(before);
        holds("when its delay is over", about_since_request(waited, 5), waited)
    }
}

case! {
    /// A long poll of a queue that is deleted meanwhile ends; how is measured.
    pub LONG_POLL_DELETED = "sqs.receive.long_poll_deleted",
    clauses: ["sqs.queue.delete-async"],
    cost: 4 requests, 12 seconds,
    async fn long_poll_deleted(scope) {
        let queue = standard(scope).await?;
        let poll = async { Ok(queue.poll().wait_time_seconds(10).send().await) };
        let delete = async {
            scope.sleep(seconds(2)).await;
            queue.client.delete_queue().queue_url(&queue.url).send().await.map_err(Stop::from)
        };
        let before = scope.now();
        let (received, _) = both(poll, delete).await?;
        let waited = scope.now().since(before);
        holds("no later than its wait", waited < seconds(13), waited)?;
        let how = match received {
            Ok(answer) => format!("{} messages", answer.messages().len()),
            Err(error) => format!("{:?}", error.code()),
        };
        scope.observe("sqs.queue.delete-async", format!("a long poll of a deleted queue ended with {how}"));
        Ok(())
    }
}

case! {
    /// A long poll of a FIFO queue whose delay is taken away meanwhile; when the delayed message comes is measured.
    pub LONG_POLL_UNDELAYED = "sqs.receive.long_poll_undelayed",
    clauses: ["sqs.attr.propagation-60s", "sqs.delay.not-retroactive"],
    cost: 12 requests, 70 seconds,
    async fn long_poll_undelayed(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::DelaySeconds, "300")]).await?;
        queue.send_to_group("g", "x").await?;
        let change = async {
            scope.sleep(seconds(2)).await;
            queue.set(QueueAttributeName::DelaySeconds, "0").await
        };
        let (waited, ()) = both(queue.arrives_after(scope.now()), change).await?;
        scope.observe("sqs.attr.propagation-60s", format!("a message that is no longer delayed came after {} s", waited.as_secs()));
        Ok(())
    }
}

case! {
    /// A receive whose client has gone away may still take a message, which then comes back; what was seen is recorded.
    pub GONE_CLIENT = "sqs.receive.gone_client",
    clauses: ["sqs.dlq.short-poll-count"],
    cost: 8 requests, 30 seconds,
    async fn gone_client(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::VisibilityTimeout, "10")]).await?;
        tokio::select! {
            answer = queue.poll().wait_time_seconds(20).send() => holds("the queue is empty", answer?.messages().is_empty(), ())?,
            () = scope.sleep(seconds(2)) => {}
        }
        let sent_at = scope.now();
        queue.send("x").await?;
        let message = queue.receive().await?;
        let count = system(&message, &MessageSystemAttributeName::ApproximateReceiveCount).unwrap_or_default();
        let waited = scope.now().since(sent_at).as_secs();
        scope.observe("sqs.dlq.short-poll-count", format!("after a client went away: count {count}, after {waited} s"));
        Ok(())
    }
}

case! {
    /// A long poll of a locked FIFO group ends when the message that locks it is deleted, or released.
    pub LONG_POLL_UNLOCK = "sqs.receive.long_poll_unlock",
    clauses: ["sqs.receive.longpoll-early", "sqs.fifo.unlock-delete-all"],
    cost: 10 requests, 6 seconds,
    async fn long_poll_unlock(scope) {
        let queue = fifo(scope).await?;
        for body in ["1", "2", "3"] {
            queue.send_to_group("g", body).await?;
        }
        let first = queue.receive().await?;
        let poll = async || queue.poll().max_number_of_messages(1).wait_time_seconds(20).send().await.map_err(Stop::from);
        let delete = async {
            scope.sleep(seconds(2)).await;
            queue.delete(&first).await
        };
        let before = scope.now();
        let (second, ()) = both(poll(), delete).await?;
        equal("the next of the group", Some("2"), second.messages().first().and_then(|message| message.body()))?;
        let waited = scope.now().since(before);
        holds("as soon as the first is deleted", about_since_request(waited, 2), waited)?;
        let release = async {
            scope.sleep(seconds(2)).await;
            queue.change(&second.messages()[0], 0).await
        };
        let before = scope.now();
        let (again, ()) = both(poll(), release).await?;
        equal("the released message", Some("2"), again.messages().first().and_then(|message| message.body()))?;
        let waited = scope.now().since(before);
        holds("as soon as it is released", about_since_request(waited, 2), waited)
    }
}
