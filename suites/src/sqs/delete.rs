//! Deleting: by receipt handle, again, late, and with the wrong handle.

use super::support::{Queue, equal, fifo_with, holds, refused, seconds, standard, standard_with, text};
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_conform::{Scope, Stop, case};

async fn short_lived(scope: &Scope) -> Result<Queue<'_>, Stop> {
    standard_with(scope, &[(QueueAttributeName::VisibilityTimeout, "2")]).await
}

case! {
    /// A message deleted in time does not come back.
    pub REMOVES = "sqs.delete.removes_message",
    clauses: ["sqs.delete.removes"],
    cost: 8 requests, 10 seconds,
    async fn removes_message(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::VisibilityTimeout, "2")]).await?;
        queue.send_to_group("g", "x").await?;
        let message = queue.receive().await?;
        queue.delete(&message).await?;
        queue.expect_nothing_for(seconds(6), "a deleted message does not come back").await
    }
}

case! {
    /// Of many messages deleted from a standard queue, few if any come back.
    pub MAY_REAPPEAR = "sqs.delete.may_reappear_rarely",
    clauses: ["sqs.delete.may-reappear", "sqs.delete.removes"],
    cost: 60 requests, 70 seconds,
    async fn may_reappear_rarely(scope) {
        let queue = short_lived(scope).await?;
        queue.fill(30, None).await?;
        let mut deleted = std::collections::BTreeMap::new();
        let mut last = scope.now();
        while scope.now().since(last) < seconds(65) {
            for message in queue.poll_once().await? {
                queue.delete(&message).await?;
                *deleted.entry(text(message.body())).or_insert(0) += 1;
                last = scope.now();
            }
        }
        let again = deleted.values().filter(|times| **times > 1).count();
        scope.observe("sqs.delete.may-reappear", format!("{again} of 30 came back after their delete"));
        equal("all were received", 30, deleted.len())?;
        holds("few come back", again <= 15, again)
    }
}

case! {
    /// Deleting twice with the same handle succeeds both times.
    pub IDEMPOTENT = "sqs.delete.twice",
    clauses: ["sqs.delete.idempotent"],
    cost: 6 requests, 5 seconds,
    async fn twice(scope) {
        let queue = standard(scope).await?;
        queue.send("x").await?;
        let message = queue.receive().await?;
        queue.delete(&message).await?;
        queue.delete(&message).await
    }
}

case! {
    /// On a standard queue a handle still deletes after its timeout, while nobody has received the message again.
    pub LATE_STANDARD = "sqs.delete.late_on_standard",
    clauses: ["sqs.delete.after-timeout.standard"],
    cost: 40 requests, 75 seconds,
    async fn late_on_standard(scope) {
        let mut back = 0;
        for _ in 0..5 {
            let queue = short_lived(scope).await?;
            queue.send("x").await?;
            let message = queue.receive().await?;
            scope.sleep(seconds(3)).await;
            queue.delete(&message).await?;
            back += usize::from(!queue.drain(seconds(5)).await?.is_empty());
        }
        holds("the message is gone in most of five tries", back <= 3, back)
    }
}

case! {
    /// On a FIFO queue a handle is of no use after its timeout, unless the visibility was extended in time.
    pub LATE_FIFO = "sqs.delete.late_on_fifo",
    clauses: ["sqs.delete.after-timeout.fifo"],
    cost: 12 requests, 12 seconds,
    async fn late_on_fifo(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::VisibilityTimeout, "2")]).await?;
        queue.send_to_group("g", "x").await?;
        let message = queue.receive().await?;
        scope.sleep(seconds(3)).await;
        let handle = text(message.receipt_handle());
        let late = queue.client.delete_message().queue_url(&queue.url).receipt_handle(&handle).send().await;
        let reason =
            format!("Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.");
        refused(scope, late, "InvalidParameterValue", 400, &reason)?;
        let message = queue.receive().await?;
        let old = queue.client.delete_message().queue_url(&queue.url).receipt_handle(&handle).send().await;
        refused(scope, old, "InvalidParameterValue", 400, &reason)?;
        queue.change(&message, 10).await?;
        scope.sleep(seconds(4)).await;
        queue.delete(&message).await?;
        queue.expect_nothing_for(seconds(8), "extended in time, then deleted").await
    }
}

case! {
    /// A delete with an older handle succeeds; whether it deletes is open, and measured.
    pub OLD_HANDLE = "sqs.delete.old_handle",
    clauses: ["sqs.delete.old-handle"],
    cost: 8 requests, 10 seconds,
    async fn old_handle(scope) {
        let queue = short_lived(scope).await?;
        queue.send("x").await?;
        let old = queue.receive().await?;
        queue.receive().await?;
        queue.delete(&old).await?;
        let kept = !queue.drain(seconds(5)).await?.is_empty();
        scope.observe("sqs.delete.old-handle", if kept { "an older handle deletes nothing" } else { "an older handle deletes" });
        Ok(())
    }
}

case! {
    /// What is no receipt handle is refused.
    pub GARBAGE_HANDLE = "sqs.delete.garbage_handle",
    clauses: ["sqs.delete.illegal-handle"],
    cost: 6 requests, 5 seconds,
    async fn garbage_handle(scope) {
        let queue = standard(scope).await?;
        let result = queue.client.delete_message().queue_url(&queue.url).receipt_handle("garbage").send().await;
        let text = r#"The input receipt handle "garbage" is not a valid receipt handle."#;
        refused(scope, result, "ReceiptHandleIsInvalid", 404, text)?;
        let change = queue.client.change_message_visibility().queue_url(&queue.url).receipt_handle("garbage").visibility_timeout(1);
        refused(scope, change.send().await, "ReceiptHandleIsInvalid", 404, text)?;
        queue.send("x").await?;
        let mut altered = super::support::text(queue.receive().await?.receipt_handle());
        let last = altered.pop();
        altered.push(if last == Some('A') { 'B' } else { 'A' });
        let result = queue.client.delete_message().queue_url(&queue.url).receipt_handle(altered).send().await;
        refused(scope, result, "ReceiptHandleIsInvalid", 404, "")?;
        let other = standard(scope).await?;
        other.send("x").await?;
        let foreign = super::support::text(other.receive().await?.receipt_handle());
        let result = queue.client.delete_message().queue_url(&queue.url).receipt_handle(foreign).send().await;
        refused(scope, result, "ReceiptHandleIsInvalid", 404, "")
    }
}

case! {
    /// A delete needs a receipt handle, not a message id.
    pub NEEDS_HANDLE = "sqs.delete.needs_handle",
    clauses: ["sqs.delete.needs-handle"],
    cost: 5 requests, 5 seconds,
    async fn needs_handle(scope) {
        let queue = standard(scope).await?;
        let id = text(queue.send("x").await?.message_id());
        let by_id = queue.client.delete_message().queue_url(&queue.url).receipt_handle(id).send().await;
        refused(scope, by_id, "ReceiptHandleIsInvalid", 404, "")?;
        queue.receive().await.map(|_| ())
    }
}

case! {
    /// A delete works while another consumer holds the message.
    pub WHILE_HELD = "sqs.delete.while_held",
    clauses: ["sqs.delete.needs-handle"],
    cost: 6 requests, 8 seconds,
    async fn while_held(scope) {
        let queue = short_lived(scope).await?;
        queue.send("x").await?;
        queue.receive().await?;
        let held = queue.receive_as(|poll| poll.visibility_timeout(60)).await?;
        queue.delete(&held).await
    }
}

case! {
    /// Deleting a message that retention has removed succeeds.
    pub EXPIRED_MESSAGE = "sqs.delete.expired_message",
    clauses: ["sqs.delete.expired-message"],
    cost: 5 requests, 70 seconds,
    async fn expired_message(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::MessageRetentionPeriod, "60")]).await?;
        queue.send("x").await?;
        let message = queue.receive_as(|poll| poll.visibility_timeout(120)).await?;
        scope.sleep(seconds(66)).await;
        queue.delete(&message).await
    }
}
