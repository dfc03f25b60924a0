//! Retention: how long an unconsumed message lives.

use super::support::{
    PROPAGATION, bodies, equal, fifo_with, refused, seconds, standard, standard_with, with_dead_letter_queue,
};
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_conform::case;

const MINUTE: (QueueAttributeName, &str) = (QueueAttributeName::MessageRetentionPeriod, "60");

case! {
    /// With a minute's retention a message is there before the minute is over, and gone after.
    pub ONE_MINUTE = "sqs.retention.one_minute",
    clauses: ["sqs.retention.min-60s"],
    cost: 12 requests, 75 seconds,
    async fn one_minute(scope) {
        let standard = standard_with(scope, &[MINUTE]).await?;
        let fifo = fifo_with(scope, &[MINUTE, (QueueAttributeName::VisibilityTimeout, "1")]).await?;
        standard.send("x").await?;
        fifo.send_to_group("g", "x").await?;
        scope.sleep(seconds(50)).await;
        standard.receive_as(|poll| poll.visibility_timeout(1)).await?;
        fifo.receive().await?;
        scope.sleep(seconds(15)).await;
        standard.expect_nothing_for(seconds(3), "a minute's retention is over").await?;
        fifo.expect_nothing_for(seconds(3), "a minute's retention is over").await?;
        standard.expect_counts(0, 0, 0).await
    }
}

case! {
    /// The default retention is four days.
    pub FOUR_DAYS = "sqs.retention.four_days",
    clauses: ["sqs.retention.default-4d"],
    cost: 8 requests, 345_610 seconds,
    async fn four_days(scope) {
        let queue = standard(scope).await?;
        queue.send("x").await?;
        scope.sleep(seconds(345_600 - 60)).await;
        queue.receive_as(|poll| poll.visibility_timeout(1)).await?;
        scope.sleep(seconds(120)).await;
        queue.expect_nothing_for(seconds(5), "four days are over").await
    }
}

case! {
    /// An in-flight message does not outlive its retention, and does not come back.
    pub IN_FLIGHT = "sqs.retention.in_flight",
    clauses: ["sqs.retention.inflight-expire"],
    cost: 6 requests, 75 seconds,
    async fn in_flight(scope) {
        let queue = fifo_with(scope, &[MINUTE]).await?;
        queue.send_to_group("g", "x").await?;
        queue.receive_as(|poll| poll.visibility_timeout(66)).await?;
        scope.sleep(seconds(62)).await;
        queue.expect_nothing_for(seconds(12), "an expired message does not return").await
    }
}

case! {
    /// Neither a receive nor a change of visibility makes a message live longer.
    pub NOT_RENEWED = "sqs.retention.not_renewed",
    clauses: ["sqs.retention.receive-does-not-reset"],
    cost: 10 requests, 80 seconds,
    async fn not_renewed(scope) {
        let queue = fifo_with(scope, &[MINUTE, (QueueAttributeName::VisibilityTimeout, "1")]).await?;
        queue.send_to_group("g", "x").await?;
        for _ in 0..3 {
            let message = queue.receive().await?;
            queue.change(&message, 5).await?;
            scope.sleep(seconds(15)).await;
        }
        scope.sleep(seconds(20)).await;
        queue.expect_nothing_for(seconds(5), "the minute counts from the send").await
    }
}

case! {
    /// The time spent in a standard queue counts against the dead-letter queue's retention: nothing outlives 14 days.
    pub FOURTEEN_DAYS = "sqs.retention.fourteen_days",
    clauses: ["sqs.retention.max-14d", "sqs.dlq.retention-standard"],
    cost: 20 requests, 1_209_700 seconds,
    async fn fourteen_days(scope) {
        let longest = (QueueAttributeName::MessageRetentionPeriod, "1209600");
        let (source, dead) = with_dead_letter_queue(scope, 1, std::slice::from_ref(&longest)).await?;
        dead.set(longest.0, longest.1).await?;
        source.send("x").await?;
        let day = 86_400;
        scope.sleep(seconds(13 * day)).await;
        source.receive_as(|poll| poll.visibility_timeout(1)).await?;
        scope.sleep(seconds(2)).await;
        source.expect_nothing_for(seconds(3), "the second receive moves it").await?;
        let moved = dead.receive_distinct(1).await?;
        equal("it is in the dead-letter queue", vec!["x".to_owned()], bodies(&moved))?;
        scope.sleep(seconds(day)).await;
        dead.expect_nothing_for(seconds(5), "fourteen days after the send").await
    }
}

case! {
    /// A shorter retention reaches the messages already stored.
    pub SHORTENED = "sqs.retention.shortened",
    clauses: ["sqs.attr.retention-applies-existing"],
    cost: 8 requests, 1_000 seconds,
    async fn shortened(scope) {
        let queue = standard(scope).await?;
        queue.send("x").await?;
        queue.set(QueueAttributeName::MessageRetentionPeriod, "60").await?;
        scope.sleep(PROPAGATION + seconds(5)).await;
        if !queue.poll().visibility_timeout(0).send().await?.messages().is_empty() {
            scope.observe("sqs.attr.propagation-60s", "a shorter retention took more than a minute");
            scope.sleep(seconds(900)).await;
        }
        queue.expect_nothing_for(seconds(5), "older than the new retention").await
    }
}

case! {
    /// A queue that nobody uses for more than a month may be deleted, by an old notice; what happens is recorded.
    pub IDLE_QUEUE = "sqs.retention.idle_queue",
    clauses: ["sqs.queue.inactive-reaping"],
    cost: 4 requests, 2_700_000 seconds,
    async fn idle_queue(scope) {
        let queue = standard(scope).await?;
        scope.sleep(seconds(31 * 86_400)).await;
        let found = scope.sqs().get_queue_url().queue_name(&queue.name).send().await;
        scope.observe("sqs.queue.inactive-reaping", if found.is_ok() { "it is still there" } else { "it was deleted" });
        match found {
            Ok(_) => Ok(()),
            missing => refused(scope, missing, "AWS.SimpleQueueService.NonExistentQueue", 400, ""),
        }
    }
}

case! {
    /// What retention has removed is not counted either, although nobody has received.
    pub NOT_COUNTED = "sqs.retention.not_counted",
    clauses: ["sqs.retention.min-60s", "sqs.counts.visible-vs-inflight"],
    cost: 20 requests, 130 seconds,
    async fn not_counted(scope) {
        let queue = standard_with(scope, &[MINUTE]).await?;
        queue.fill(3, None).await?;
        scope.sleep(seconds(65)).await;
        queue.expect_counts(0, 0, 0).await
    }
}
