//! FIFO deduplication, and receive attempts that can be repeated.

use super::support::{PROPAGATION, Queue, bodies, equal, fifo, fifo_with, holds, refused, seconds, system, text};
use aws_sdk_sqs::operation::send_message::SendMessageOutput;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry};
use proofmark_conform::{Scope, Stop, case};

const BY_CONTENT: (QueueAttributeName, &str) = (QueueAttributeName::ContentBasedDeduplication, "true");
/// SHA-256 of `message`, computed with coreutils' sha256sum.
const SHA256_OF_MESSAGE: &str = "ab530a13e45914982b79f9b7e3fba994cfd1f3fb22f71cea1afbf02b460c6d1d";

async fn send(queue: &Queue<'_>, group: &str, id: &str, body: &str) -> Result<SendMessageOutput, Stop> {
    Ok(queue.message(body).message_group_id(group).message_deduplication_id(id).send().await?)
}

/// Receives and deletes whatever is there.
async fn consume(queue: &Queue<'_>) -> Result<Vec<String>, Stop> {
    Ok(queue.drain(seconds(2)).await?.into_iter().collect())
}

case! {
    /// Without content-based deduplication every send needs an id; in a batch one without fails the whole call.
    pub REQUIRED = "sqs.dedup.id_required",
    clauses: ["sqs.dedup.required"],
    cost: 4 requests, 5 seconds,
    async fn id_required(scope) {
        let queue = fifo(scope).await?;
        let reason = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                      explicitly";
        let alone = queue.message("x").message_group_id("g").send().await;
        refused(scope, alone, "InvalidParameterValue", 400, reason)?;
        let entry = SendMessageBatchRequestEntry::builder().id("1").message_body("x").message_group_id("g").build()?;
        let batch = queue.client.send_message_batch().queue_url(&queue.url).entries(entry).send().await;
        refused(scope, batch, "InvalidParameterValue", 400, reason)
    }
}

case! {
    /// A deduplication id has the form of a group id.
    pub FORMAT = "sqs.dedup.id_format",
    clauses: ["sqs.dedup.format"],
    cost: 6 requests, 5 seconds,
    async fn id_format(scope) {
        let queue = fifo(scope).await?;
        send(&queue, "g", &"d".repeat(128), "longest").await?;
        let long = "d".repeat(129);
        for wrong in ["", "a b", long.as_str()] {
            let result = queue.message("x").message_group_id("g").message_deduplication_id(wrong).send().await;
            let text = format!(
                "Value {wrong} for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only \
                 include alphanumeric and punctuation characters. 1 to 128 in length."
            );
            refused(scope, result, "InvalidParameterValue", 400, &text)?;
        }
        Ok(())
    }
}

case! {
    /// A repeated id is accepted and not delivered for five minutes from the first send, and delivered again after.
    pub WINDOW = "sqs.dedup.window",
    clauses: ["sqs.dedup.window-5min"],
    cost: 20 requests, 400 seconds,
    async fn window(scope) {
        let queue = fifo(scope).await?;
        send(&queue, "g", "d", "first").await?;
        equal("the first", vec!["first".to_owned()], consume(&queue).await?)?;
        for _ in 0..2 {
            scope.sleep(seconds(140)).await;
            send(&queue, "g", "d", "duplicate").await?;
            equal("not delivered", Vec::<String>::new(), consume(&queue).await?)?;
        }
        scope.sleep(seconds(80)).await;
        send(&queue, "g", "d", "again").await?;
        equal("delivered again after the window", vec!["again".to_owned()], consume(&queue).await?)
    }
}

case! {
    /// A duplicate is answered like the original: same id, same sequence number.
    pub ANSWER = "sqs.dedup.answer_of_duplicate",
    clauses: ["sqs.dedup.returns-original"],
    cost: 4 requests, 5 seconds,
    async fn answer_of_duplicate(scope) {
        let queue = fifo(scope).await?;
        let (first, again) = (send(&queue, "g", "d", "x").await?, send(&queue, "g", "d", "x").await?);
        equal("MessageId", first.message_id(), again.message_id())?;
        equal("SequenceNumber", first.sequence_number(), again.sequence_number())
    }
}

case! {
    /// An id is remembered after its message was received and deleted.
    pub SURVIVES_DELETE = "sqs.dedup.survives_delete",
    clauses: ["sqs.dedup.survives-delete"],
    cost: 8 requests, 8 seconds,
    async fn survives_delete(scope) {
        let queue = fifo(scope).await?;
        send(&queue, "g", "d", "x").await?;
        equal("received and deleted", vec!["x".to_owned()], consume(&queue).await?)?;
        send(&queue, "g", "d", "x").await?;
        equal("still remembered", Vec::<String>::new(), consume(&queue).await?)
    }
}

case! {
    /// Content-based deduplication goes by the SHA-256 of the body alone, which is shown as the id.
    pub BY_BODY = "sqs.dedup.by_body",
    clauses: ["sqs.dedup.content-sha256"],
    cost: 7 requests, 5 seconds,
    async fn by_body(scope) {
        let queue = fifo_with(scope, &[BY_CONTENT]).await?;
        queue.message("message").message_group_id("g").send().await?;
        let attribute = super::support::text_attribute("String", "x")?;
        queue.message("message").message_group_id("g").message_attributes("k", attribute).send().await?;
        queue.message("other").message_group_id("g").send().await?;
        let messages = queue.receive_distinct(2).await?;
        equal("attributes make no difference, bodies do", vec!["message".to_owned(), "other".into()], bodies(&messages))?;
        let id = system(&messages[0], &MessageSystemAttributeName::MessageDeduplicationId);
        equal("the hash is the id", Some(SHA256_OF_MESSAGE.to_owned()), id)
    }
}

case! {
    /// An explicit id goes before the hash, and an id that equals an earlier hash is a duplicate.
    pub EXPLICIT = "sqs.dedup.explicit_id",
    clauses: ["sqs.dedup.explicit-overrides"],
    cost: 7 requests, 6 seconds,
    async fn explicit_id(scope) {
        let queue = fifo_with(scope, &[BY_CONTENT]).await?;
        queue.message("message").message_group_id("g").send().await?;
        send(&queue, "g", "explicit", "message").await?;
        send(&queue, "g", SHA256_OF_MESSAGE, "another body").await?;
        equal("the hashed and the explicit one", vec!["message".to_owned(); 2], bodies(&queue.receive_distinct(2).await?))
    }
}

case! {
    /// By default one id is one message in the whole queue, whatever the group.
    pub SCOPE_QUEUE = "sqs.dedup.scope_of_queue",
    clauses: ["sqs.dedup.scope-queue"],
    cost: 6 requests, 6 seconds,
    async fn scope_of_queue(scope) {
        let queue = fifo(scope).await?;
        send(&queue, "g1", "d", "1").await?;
        send(&queue, "g2", "d", "2").await?;
        equal("only the first", vec!["1".to_owned()], consume(&queue).await?)
    }
}

case! {
    /// With DeduplicationScope=messageGroup an id counts within its group, in either throughput mode.
    pub SCOPE_GROUP = "sqs.dedup.scope_of_group",
    clauses: ["sqs.dedup.scope-group"],
    cost: 16 requests, 12 seconds,
    async fn scope_of_group(scope) {
        for limit in ["perQueue", "perMessageGroupId"] {
            let attributes = [(QueueAttributeName::DeduplicationScope, "messageGroup"), (QueueAttributeName::FifoThroughputLimit, limit)];
            let queue = fifo_with(scope, &attributes).await?;
            send(&queue, "g1", "d", "1").await?;
            send(&queue, "g2", "d", "2").await?;
            send(&queue, "g1", "d", "3").await?;
            equal("one of each group", vec!["1".to_owned(), "2".into()], consume(&queue).await?)?;
        }
        Ok(())
    }
}

case! {
    /// With DeduplicationScope=messageGroup each group has a window of its own for the same id.
    pub WINDOW_OF_GROUP = "sqs.dedup.window_of_group",
    clauses: ["sqs.dedup.scope-group", "sqs.dedup.window-5min"],
    cost: 24 requests, 400 seconds,
    async fn window_of_group(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::DeduplicationScope, "messageGroup")]).await?;
        send(&queue, "g1", "d", "first of g1").await?;
        scope.sleep(seconds(200)).await;
        send(&queue, "g2", "d", "first of g2").await?;
        send(&queue, "g2", "d", "duplicate of g2").await?;
        send(&queue, "g1", "d", "duplicate of g1").await?;
        equal("the first of each group", vec!["first of g1".to_owned(), "first of g2".into()], consume(&queue).await?)?;
        scope.sleep(seconds(170)).await;
        send(&queue, "g2", "d", "late duplicate of g2").await?;
        send(&queue, "g1", "d", "again in g1").await?;
        send(&queue, "g2", "d", "later duplicate of g2").await?;
        equal("only the window of g1 is over", vec!["again in g1".to_owned()], consume(&queue).await?)
    }
}

case! {
    /// A changed scope is not in force at once; a minute later it is.
    pub SCOPE_CHANGE = "sqs.dedup.scope_change",
    clauses: ["sqs.dedup.scope-change-lag"],
    cost: 16 requests, 140 seconds,
    async fn scope_change(scope) {
        let queue = fifo(scope).await?;
        send(&queue, "g1", "early", "1").await?;
        queue.set(QueueAttributeName::DeduplicationScope, "messageGroup").await?;
        send(&queue, "g2", "early", "2").await?;
        let seen = consume(&queue).await?;
        scope.observe("sqs.dedup.scope-change-lag", if seen.len() == 1 { "the old scope applied" } else { "the new one applied" });
        scope.sleep(PROPAGATION + PROPAGATION).await;
        send(&queue, "g1", "late", "3").await?;
        send(&queue, "g2", "late", "4").await?;
        equal("the new scope", vec!["3".to_owned(), "4".into()], consume(&queue).await?)
    }
}

case! {
    /// A purge forgets the ids.
    pub PURGE = "sqs.dedup.purge_forgets",
    clauses: ["sqs.dedup.purge-clears"],
    cost: 8 requests, 70 seconds,
    async fn purge_forgets(scope) {
        let queue = fifo(scope).await?;
        send(&queue, "g", "d", "before").await?;
        queue.client.purge_queue().queue_url(&queue.url).send().await?;
        scope.sleep(PROPAGATION).await;
        send(&queue, "g", "d", "after").await?;
        equal("the same id, delivered", vec!["after".to_owned()], consume(&queue).await?)
    }
}

case! {
    /// Content-based deduplication can be turned on later.
    pub TOGGLE = "sqs.dedup.toggle",
    clauses: ["sqs.dedup.toggle-content"],
    cost: 7 requests, 65 seconds,
    async fn toggle(scope) {
        let queue = fifo(scope).await?;
        queue.set(QueueAttributeName::ContentBasedDeduplication, "true").await?;
        scope.sleep(PROPAGATION).await;
        queue.message("x").message_group_id("g").send().await?;
        let shown = queue.attribute(&QueueAttributeName::ContentBasedDeduplication).await?;
        equal("the attribute", Some("true".to_owned()), shown)
    }
}

async fn attempt(queue: &Queue<'_>, id: &str) -> Result<Vec<Message>, Stop> {
    let poll = queue.poll().wait_time_seconds(0).receive_request_attempt_id(id);
    Ok(poll.send().await?.messages.unwrap_or_default())
}

fn handles(messages: &[Message]) -> Vec<String> {
    messages.iter().map(|message| text(message.receipt_handle())).collect()
}

async fn attempted(scope: &Scope) -> Result<(Queue<'_>, Vec<Message>), Stop> {
    let queue = fifo_with(scope, &[(QueueAttributeName::VisibilityTimeout, "30")]).await?;
    for body in ["1", "2"] {
        queue.send_to_group("g", body).await?;
    }
    let messages = attempt(&queue, "attempt").await?;
    equal("both messages", 2, messages.len())?;
    Ok((queue, messages))
}

case! {
    /// Repeating a receive attempt returns the same messages under the same handles, and resets their visibility.
    pub REPEATED_ATTEMPT = "sqs.dedup.repeated_attempt",
    clauses: ["sqs.receive-attempt.semantics"],
    cost: 9 requests, 50 seconds,
    async fn repeated_attempt(scope) {
        let (queue, messages) = attempted(scope).await?;
        scope.sleep(seconds(20)).await;
        let again = attempt(&queue, "attempt").await?;
        equal("the same handles", handles(&messages), handles(&again))?;
        equal("another attempt finds nothing", 0, attempt(&queue, "other").await?.len())?;
        queue.expect_nothing_for(seconds(25), "the timeout began anew").await?;
        let long = "a".repeat(129);
        let wrong = queue.poll().receive_request_attempt_id(long).send().await;
        refused(scope, wrong, "InvalidParameterValue", 400, "")
    }
}

case! {
    /// Once one of its messages is deleted or changed, an attempt is not repeated any more.
    pub SPENT_ATTEMPT = "sqs.dedup.spent_attempt",
    clauses: ["sqs.receive-attempt.invalidated"],
    cost: 14 requests, 10 seconds,
    async fn spent_attempt(scope) {
        let (queue, messages) = attempted(scope).await?;
        queue.delete(&messages[1]).await?;
        equal("after a delete", 0, attempt(&queue, "attempt").await?.len())?;
        let (queue, messages) = attempted(scope).await?;
        queue.change(&messages[0], 20).await?;
        let again = attempt(&queue, "attempt").await?;
        holds("after a change", again.is_empty(), again.len())
    }
}

case! {
    /// A change of an earlier receive does not spend a later attempt on the same message.
    pub ATTEMPT_AFTER_CHANGE = "sqs.dedup.attempt_after_change",
    clauses: ["sqs.receive-attempt.semantics"],
    cost: 9 requests, 8 seconds,
    async fn attempt_after_change(scope) {
        let queue = fifo(scope).await?;
        queue.send_to_group("g", "x").await?;
        let message = queue.receive().await?;
        queue.change(&message, 1).await?;
        scope.sleep(seconds(3)).await;
        let first = attempt(&queue, "attempt").await?;
        equal("the message is back", 1, first.len())?;
        equal("the same handle", handles(&first), handles(&attempt(&queue, "attempt").await?))
    }
}

case! {
    /// An attempt can be repeated for five minutes.
    pub OLD_ATTEMPT = "sqs.dedup.old_attempt",
    clauses: ["sqs.receive-attempt.semantics"],
    cost: 8 requests, 310 seconds,
    async fn old_attempt(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::VisibilityTimeout, "600")]).await?;
        queue.send_to_group("g", "x").await?;
        let first = attempt(&queue, "attempt").await?;
        scope.sleep(seconds(280)).await;
        equal("within five minutes", handles(&first), handles(&attempt(&queue, "attempt").await?))?;
        scope.sleep(seconds(40)).await;
        equal("after five minutes", 0, attempt(&queue, "attempt").await?.len())
    }
}
