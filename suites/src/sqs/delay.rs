//! Delays: of a queue and of a message.

use super::support::{
    PROPAGATION, Queue, about, equal, fifo_with, holds, refused, seconds, standard, standard_with, text,
};
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_conform::{Scope, Stop, case};

async fn delayed_queue(scope: &Scope) -> Result<Queue<'_>, Stop> {
    standard_with(scope, &[(QueueAttributeName::DelaySeconds, "5")]).await
}

case! {
    /// A queue's delay hides each new message for that long.
    pub OF_QUEUE = "sqs.delay.of_queue",
    clauses: ["sqs.delay.queue"],
    cost: 5 requests, 8 seconds,
    async fn of_queue(scope) {
        let queue = delayed_queue(scope).await?;
        let sent_at = scope.now();
        queue.send("x").await?;
        let waited = queue.arrives_after(sent_at).await?;
        holds("about five seconds", about(waited, 5), waited)
    }
}

case! {
    /// A message's own delay overrides the queue's, also with 0.
    pub OF_MESSAGE = "sqs.delay.of_message",
    clauses: ["sqs.delay.message-overrides"],
    cost: 9 requests, 15 seconds,
    async fn of_message(scope) {
        for (delay, expected) in [(0, 0), (9, 9)] {
            let queue = delayed_queue(scope).await?;
            let sent_at = scope.now();
            queue.message("x").delay_seconds(delay).send().await?;
            let waited = queue.arrives_after(sent_at).await?;
            holds("the message's delay", about(waited, expected), waited)?;
        }
        Ok(())
    }
}

case! {
    /// A message's delay is 0 to 900 seconds, and SQS schedules no further ahead.
    pub RANGE = "sqs.delay.message_range",
    clauses: ["sqs.delay.message-range", "sqs.quota.timers-beyond-15min"],
    cost: 6 requests, 5 seconds,
    async fn message_range(scope) {
        let queue = standard(scope).await?;
        for good in [0, 900] {
            queue.message("x").delay_seconds(good).send().await?;
        }
        for wrong in [-1, 901] {
            let result = queue.message("x").delay_seconds(wrong).send().await;
            let text = format!(
                "Value {wrong} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
            );
            refused(scope, result, "InvalidParameterValue", 400, &text)?;
        }
        Ok(())
    }
}

case! {
    /// The longest delay is kept to: fifteen minutes.
    pub LONGEST = "sqs.delay.longest",
    clauses: ["sqs.delay.queue"],
    cost: 10 requests, 905 seconds,
    async fn longest(scope) {
        let queue = standard(scope).await?;
        queue.message("x").delay_seconds(900).send().await?;
        scope.sleep(seconds(890)).await;
        queue.expect_nothing_for(seconds(8), "hidden until fifteen minutes have passed").await?;
        queue.receive().await.map(|_| ())
    }
}

case! {
    /// A FIFO queue takes no delay of a message except 0, and then goes by its own.
    pub FIFO_MESSAGE = "sqs.delay.fifo_message",
    clauses: ["sqs.delay.fifo-per-message", "sqs.delay.fifo-queue"],
    cost: 6 requests, 9 seconds,
    async fn fifo_message(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::DelaySeconds, "5")]).await?;
        let send = |delay: i32| queue.message("x").message_group_id("g").message_deduplication_id("d").delay_seconds(delay).send();
        let text = "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not \
                    valid for this queue type.";
        refused(scope, send(2).await, "InvalidParameterValue", 400, text)?;
        let sent_at = scope.now();
        send(0).await?;
        let waited = queue.arrives_after(sent_at).await?;
        holds("the queue's five seconds", about(waited, 5), waited)
    }
}

case! {
    /// A changed delay does not reach the messages already in a standard queue.
    pub CHANGE_STANDARD = "sqs.delay.change_on_standard",
    clauses: ["sqs.delay.not-retroactive"],
    cost: 8 requests, 70 seconds,
    async fn change_on_standard(scope) {
        let queue = standard(scope).await?;
        queue.message("x").delay_seconds(0).send().await?;
        queue.set(QueueAttributeName::DelaySeconds, "900").await?;
        scope.sleep(PROPAGATION).await;
        let message = queue.receive().await?;
        equal("the message that was there", "x".to_owned(), text(message.body()))
    }
}

case! {
    /// A changed delay reaches the messages already in a FIFO queue.
    pub CHANGE_FIFO = "sqs.delay.change_on_fifo",
    clauses: ["sqs.delay.not-retroactive"],
    cost: 10 requests, 200 seconds,
    async fn change_on_fifo(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::DelaySeconds, "0")]).await?;
        queue.send_to_group("g", "x").await?;
        let sent_at = scope.now();
        queue.set(QueueAttributeName::DelaySeconds, "180").await?;
        scope.sleep(PROPAGATION).await;
        queue.expect_nothing_for(seconds(20), "the delay now hides it").await?;
        let waited = queue.arrives_after(sent_at).await?;
        holds("about three minutes", about(waited, 180), waited)
    }
}

case! {
    /// Delayed messages are counted apart from visible ones, and nothing limits how many there are.
    pub COUNTED = "sqs.delay.counted_apart",
    clauses: ["sqs.delay.counted", "sqs.quota.delayed"],
    cost: 20 requests, 70 seconds,
    async fn counted_apart(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::DelaySeconds, "900")]).await?;
        queue.fill(50, None).await?;
        queue.message("now").delay_seconds(0).send().await?;
        scope.observe("sqs.quota.delayed", "fifty delayed messages were accepted");
        queue.expect_counts(1, 0, 50).await
    }
}
