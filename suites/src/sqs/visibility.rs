//! Visibility: how long a received message stays hidden, and how a consumer changes that.

use super::support::{
    Queue, about, equal, fifo, fifo_with, holds, refused, seconds, standard, standard_with, system, text,
};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use proofmark_conform::{Scope, Stop, case};

/// The only message of a FIFO queue, received: FIFO queues deliver no early duplicates, so times can be exact.
async fn one_in_flight<'a>(
    scope: &'a Scope,
    attributes: &[(QueueAttributeName, &str)],
) -> Result<(Queue<'a>, Message), Stop> {
    let queue = fifo_with(scope, attributes).await?;
    queue.send_to_group("g", "x").await?;
    let message = queue.receive().await?;
    Ok((queue, message))
}

case! {
    /// A message is hidden for 30 seconds by default, and visible after.
    pub DEFAULT = "sqs.visibility.default",
    clauses: ["sqs.visibility.default-30s", "sqs.fifo.no-dup-before-expiry"],
    cost: 6 requests, 35 seconds,
    async fn default(scope) {
        let (queue, _) = one_in_flight(scope, &[]).await?;
        let waited = queue.arrives_after(scope.now()).await?;
        holds("about thirty seconds", about(waited, 30), waited)
    }
}

case! {
    /// On a standard queue most messages stay hidden for their timeout; an early duplicate is permitted.
    pub STANDARD = "sqs.visibility.standard",
    clauses: ["sqs.visibility.at-least-once", "sqs.visibility.default-30s"],
    cost: 30 requests, 40 seconds,
    async fn standard_queue(scope) {
        let queue = standard(scope).await?;
        queue.fill(20, None).await?;
        let mut held = std::collections::BTreeSet::new();
        let start = scope.now();
        for _ in 0..40 {
            held.extend(queue.poll().wait_time_seconds(1).send().await?.messages().iter().map(|message| text(message.body())));
            if held.len() == 20 {
                break;
            }
        }
        let taken_in = scope.now().since(start);
        let mut early = std::collections::BTreeSet::new();
        while scope.now().since(start) + seconds(3) < seconds(30) {
            early.extend(queue.poll().send().await?.messages().iter().map(|message| text(message.body())));
        }
        scope.observe("sqs.visibility.at-least-once", format!("{} of {} came back early", early.len(), held.len()));
        holds("most of the messages stay hidden", early.len() * 2 <= held.len(), (early.len(), taken_in))?;
        scope.sleep(seconds(32)).await;
        let back = queue.drain(seconds(10)).await?;
        holds("all come back", held.is_subset(&back), back.len())
    }
}

case! {
    /// The timeout of a receive overrides the queue's, for that receive only.
    pub RECEIVE_OVERRIDES = "sqs.visibility.receive_overrides",
    clauses: ["sqs.visibility.receive-override"],
    cost: 8 requests, 20 seconds,
    async fn receive_overrides(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::VisibilityTimeout, "10")]).await?;
        queue.send_to_group("g", "x").await?;
        queue.receive_as(|poll| poll.visibility_timeout(3)).await?;
        let waited = queue.arrives_after(scope.now()).await?;
        holds("the receive's three seconds", about(waited, 3), waited)?;
        let waited = queue.arrives_after(scope.now()).await?;
        holds("then the queue's ten", about(waited, 10), waited)
    }
}

case! {
    /// The timeout of a receive is 0 to 43,200 seconds.
    pub RECEIVE_RANGE = "sqs.visibility.receive_range",
    clauses: ["sqs.visibility.receive-override"],
    cost: 5 requests, 5 seconds,
    async fn receive_range(scope) {
        let queue = standard(scope).await?;
        for wrong in [-1, 43_201] {
            let result = queue.client.receive_message().queue_url(&queue.url).visibility_timeout(wrong).send().await;
            refused(scope, result, "InvalidParameterValue", 400, "")?;
        }
        queue.poll().wait_time_seconds(0).visibility_timeout(43_200).send().await?;
        Ok(())
    }
}

case! {
    /// A receive with a timeout of 0 hides nothing, counts, and gives a handle that can delete.
    pub ZERO = "sqs.visibility.zero_timeout",
    clauses: ["sqs.visibility.zero"],
    cost: 6 requests, 10 seconds,
    async fn zero(scope) {
        let queue = standard(scope).await?;
        queue.send("x").await?;
        let first = queue.receive_as(|poll| poll.visibility_timeout(0)).await?;
        let before = scope.now();
        let second = queue.receive_as(|poll| poll.visibility_timeout(0)).await?;
        holds("it can be received again at once", scope.now().since(before) < seconds(20), &first.message_id)?;
        let count = system(&second, &MessageSystemAttributeName::ApproximateReceiveCount);
        equal("both receives count", Some("2".to_owned()), count)?;
        queue.delete(&second).await?;
        queue.drain(seconds(65)).await?;
        queue.expect_nothing_for(seconds(5), "the handle of such a receive deletes").await
    }
}

case! {
    /// A change counts from when it is made, and lengthens or shortens.
    pub CHANGE = "sqs.visibility.change",
    clauses: ["sqs.visibility.change-from-now"],
    cost: 9 requests, 20 seconds,
    async fn change(scope) {
        let (queue, message) = one_in_flight(scope, &[(QueueAttributeName::VisibilityTimeout, "5")]).await?;
        scope.sleep(seconds(2)).await;
        queue.change(&message, 8).await?;
        let waited = queue.arrives_after(scope.now()).await?;
        holds("longer: eight seconds from the change", about(waited, 8), waited)?;
        let (queue, message) = one_in_flight(scope, &[(QueueAttributeName::VisibilityTimeout, "30")]).await?;
        queue.change(&message, 3).await?;
        let waited = queue.arrives_after(scope.now()).await?;
        holds("shorter: three seconds from the change", about(waited, 3), waited)
    }
}

case! {
    /// A change to 0 makes the message receivable at once.
    pub CHANGE_TO_ZERO = "sqs.visibility.change_to_zero",
    clauses: ["sqs.visibility.change-zero"],
    cost: 5 requests, 3 seconds,
    async fn change_to_zero(scope) {
        let (queue, message) = one_in_flight(scope, &[]).await?;
        queue.change(&message, 0).await?;
        let waited = queue.arrives_after(scope.now()).await?;
        holds("at once", waited < seconds(3), waited)
    }
}

case! {
    /// A change holds for one receive; the next goes by the queue's timeout again.
    pub CHANGE_IS_NOT_PERSISTENT = "sqs.visibility.change_is_not_persistent",
    clauses: ["sqs.visibility.change-not-persistent"],
    cost: 7 requests, 15 seconds,
    async fn change_is_not_persistent(scope) {
        let (queue, message) = one_in_flight(scope, &[(QueueAttributeName::VisibilityTimeout, "3")]).await?;
        queue.change(&message, 8).await?;
        queue.arrives_after(scope.now()).await?;
        let waited = queue.arrives_after(scope.now()).await?;
        holds("the queue's three seconds", about(waited, 3), waited)
    }
}

case! {
    /// A change is 0 to 43,200 seconds.
    pub CHANGE_RANGE = "sqs.visibility.change_range",
    clauses: ["sqs.visibility.change-range"],
    cost: 6 requests, 5 seconds,
    async fn change_range(scope) {
        let (queue, message) = one_in_flight(scope, &[]).await?;
        for wrong in [-1, 43_201] {
            let result = queue
                .client
                .change_message_visibility()
                .queue_url(&queue.url)
                .set_receipt_handle(message.receipt_handle.clone())
                .visibility_timeout(wrong)
                .send()
                .await;
            refused(scope, result, "InvalidParameterValue", 400, "")?;
        }
        Ok(())
    }
}

case! {
    /// A message stays hidden for twelve hours at most after one receive; a change beyond is refused, not clamped.
    pub TWELVE_HOURS = "sqs.visibility.twelve_hours",
    clauses: ["sqs.visibility.total-12h"],
    cost: 8 requests, 6 seconds,
    async fn twelve_hours(scope) {
        let (queue, message) = one_in_flight(scope, &[]).await?;
        scope.sleep(seconds(4)).await;
        let beyond = queue
            .client
            .change_message_visibility()
            .queue_url(&queue.url)
            .set_receipt_handle(message.receipt_handle.clone())
            .visibility_timeout(43_199)
            .send()
            .await;
        let text = "Value 43199 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the \
                    message is beyond the limit [43200 seconds]";
        refused(scope, beyond, "InvalidParameterValue", 400, text)?;
        queue.change(&message, 43_190).await
    }
}

case! {
    /// The twelve hours count from the receive, not from the send.
    pub TWELVE_HOURS_FROM_RECEIVE = "sqs.visibility.twelve_hours_from_receive",
    clauses: ["sqs.visibility.total-12h"],
    cost: 6 requests, 8 seconds,
    async fn twelve_hours_from_receive(scope) {
        let queue = fifo(scope).await?;
        queue.send_to_group("g", "x").await?;
        scope.sleep(seconds(4)).await;
        let message = queue.receive().await?;
        queue.change(&message, 43_198).await
    }
}

case! {
    /// A message can really be hidden for twelve hours.
    pub HIDDEN_FOR_TWELVE_HOURS = "sqs.visibility.hidden_for_twelve_hours",
    clauses: ["sqs.visibility.total-12h"],
    cost: 8 requests, 43_210 seconds,
    async fn hidden_for_twelve_hours(scope) {
        let queue = fifo(scope).await?;
        queue.send_to_group("g", "x").await?;
        queue.receive_as(|poll| poll.visibility_timeout(43_200)).await?;
        scope.sleep(seconds(43_190)).await;
        queue.expect_nothing_for(seconds(8), "hidden until twelve hours have passed").await?;
        queue.receive().await.map(|_| ())
    }
}

case! {
    /// What a change with the handle of an earlier receive does is not documented, and measured.
    pub CHANGE_WITH_OLD_HANDLE = "sqs.visibility.change_with_old_handle",
    clauses: ["sqs.visibility.change-after-expiry"],
    cost: 16 requests, 15 seconds,
    async fn change_with_old_handle(scope) {
        for queue in [standard(scope).await?, fifo(scope).await?] {
            let send = queue.message("x");
            let fifo = queue.name.ends_with(".fifo");
            let send = if fifo { send.message_group_id("g").message_deduplication_id("d") } else { send };
            send.send().await?;
            let old = queue.receive_as(|poll| poll.visibility_timeout(1)).await?;
            scope.sleep(seconds(2)).await;
            queue.receive_as(|poll| poll.visibility_timeout(60)).await?;
            let changed = queue.change(&old, 0).await.is_ok();
            let came = !queue.poll_once().await?.is_empty();
            let kind = if fifo { "FIFO" } else { "standard" };
            let seen = format!("an older handle on a {kind} queue: accepted {changed}, the message came back {came}");
            scope.observe("sqs.visibility.change-after-expiry", seen);
        }
        Ok(())
    }
}

case! {
    /// A standard queue answers yes to a change with a handle whose timeout has lapsed; `MessageNotInflight` is documented too.
    pub CHANGE_AFTER_EXPIRY = "sqs.visibility.change_after_expiry",
    clauses: ["sqs.visibility.change-after-expiry"],
    cost: 5 requests, 5 seconds,
    async fn change_after_expiry(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::VisibilityTimeout, "1")]).await?;
        queue.send("x").await?;
        let message = queue.receive().await?;
        scope.sleep(seconds(3)).await;
        let changed = queue
            .client
            .change_message_visibility()
            .queue_url(&queue.url)
            .set_receipt_handle(message.receipt_handle.clone())
            .visibility_timeout(5)
            .send()
            .await;
        let code = changed.as_ref().err().and_then(aws_sdk_sqs::error::ProvideErrorMetadata::code).map(str::to_owned);
        scope.observe("sqs.visibility.change-after-expiry", code.as_deref().unwrap_or("success"));
        let allowed = [None, Some("AWS.SimpleQueueService.MessageNotInflight".to_owned())];
        holds("success, or MessageNotInflight", allowed.contains(&code), &code)?;
        let back = queue.receive().await?;
        equal("the message is still there", message.message_id, back.message_id)
    }
}

case! {
    /// Changing a message that was deleted is refused.
    pub CHANGE_ON_DELETED = "sqs.visibility.change_on_deleted",
    clauses: ["sqs.visibility.change-on-deleted"],
    cost: 6 requests, 5 seconds,
    async fn change_on_deleted(scope) {
        let (queue, message) = one_in_flight(scope, &[]).await?;
        queue.delete(&message).await?;
        let handle = text(message.receipt_handle());
        let result = queue
            .client
            .change_message_visibility()
            .queue_url(&queue.url)
            .receipt_handle(&handle)
            .visibility_timeout(5)
            .send()
            .await;
        let text = format!(
            "Value {handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available \
             for visibility timeout change."
        );
        refused(scope, result, "InvalidParameterValue", 400, &text)
    }
}
