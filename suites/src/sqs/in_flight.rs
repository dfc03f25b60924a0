//! In-flight messages: what they are, how many there may be, and how they are counted.

use super::support::{Queue, bodies, equal, fifo, fifo_with, holds, refused, seconds, standard, standard_with};
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_conform::{Stop, case};

/// How many messages of a queue may be in flight. Source: `sqs.inflight.standard-120k`, `sqs.inflight.fifo-120k`.
const MOST_IN_FLIGHT: usize = 120_000;

/// Brings as many messages in flight as may be.
async fn fill_up(queue: &Queue<'_>) -> Result<usize, Stop> {
    let mut received = 0;
    let mut empty = 0;
    while received < MOST_IN_FLIGHT && empty < 100 {
        let poll = queue.client.receive_message().queue_url(&queue.url).max_number_of_messages(10);
        let answer = poll.wait_time_seconds(1).visibility_timeout(43_200).send().await?;
        received += answer.messages().len();
        empty += usize::from(answer.messages().is_empty());
    }
    Ok(received)
}

/// Sends a few more messages than may be in flight, and receives what can be received: how many that is.
async fn all_in_flight(queue: &Queue<'_>, group: impl Fn(usize) -> Option<String>) -> Result<usize, Stop> {
    queue.fill_by(MOST_IN_FLIGHT + 20, group).await?;
    fill_up(queue).await
}

/// A group for every ten messages: one group alone would be locked by its first receive.
fn by_tens(number: usize) -> Option<String> {
    Some(format!("group-{}", number / 10))
}

case! {
    /// At 120,000 in-flight messages a standard queue refuses a short poll, and a long poll finds nothing.
    pub STANDARD_LIMIT = "sqs.inflight.standard_limit",
    clauses: ["sqs.inflight.standard-120k", "wire.sqs.code-map.403-404"],
    cost: 24_010 requests, 900 seconds,
    protocols: [Json],
    async fn standard_limit(scope) {
        let queue = standard(scope).await?;
        let received = all_in_flight(&queue, |_| None).await?;
        holds("about 120,000 can be in flight", received >= MOST_IN_FLIGHT * 9 / 10, received)?;
        let poll = async || queue.poll().wait_time_seconds(0).visibility_timeout(43_200).send().await;
        let mut outcome = poll().await;
        // A message that was delivered twice was counted twice, and is in flight once.
        for _ in 0..MOST_IN_FLIGHT / 50 {
            if outcome.is_err() {
                break;
            }
            outcome = poll().await;
        }
        let text = "Too many messages have been received without being deleted.\nPlease delete your received messages \
                    or let them timeout before receiving more.";
        refused(scope, outcome, "OverLimit", 403, text)?;
        queue.expect_nothing_for(seconds(3), "a long poll at the limit finds nothing").await
    }
}

case! {
    /// At 120,000 in-flight messages a FIFO queue hands out no more, without an error.
    pub FIFO_LIMIT = "sqs.inflight.fifo_limit",
    clauses: ["sqs.inflight.fifo-120k"],
    cost: 24_010 requests, 900 seconds,
    protocols: [Json],
    async fn fifo_limit(scope) {
        let queue = fifo_with(
            scope,
            &[
                (QueueAttributeName::DeduplicationScope, "messageGroup"),
                (QueueAttributeName::FifoThroughputLimit, "perMessageGroupId"),
            ],
        );
        let queue = queue.await?;
        equal("messages in flight", MOST_IN_FLIGHT, all_in_flight(&queue, by_tens).await?)?;
        let short = queue.poll().wait_time_seconds(0).send().await?;
        equal("a short poll is empty", 0, short.messages().len())
    }
}

case! {
    /// In flight is what was received and neither deleted nor expired; the counters move accordingly.
    pub COUNTERS = "sqs.inflight.counters",
    clauses: ["sqs.inflight.definition", "sqs.counts.visible-vs-inflight", "sqs.counts.eventual"],
    cost: 60 requests, 400 seconds,
    async fn counters(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::VisibilityTimeout, "600")]).await?;
        for group in ["a", "b", "c"] {
            queue.send_to_group(group, group).await?;
        }
        queue.expect_counts(3, 0, 0).await?;
        let messages = queue.receive_distinct(3).await?;
        queue.expect_counts(0, 3, 0).await?;
        queue.change(&messages[0], 0).await?;
        queue.expect_counts(1, 2, 0).await?;
        queue.delete(&messages[1]).await?;
        queue.expect_counts(1, 1, 0).await?;
        scope.sleep(seconds(600)).await;
        queue.expect_counts(2, 0, 0).await
    }
}

case! {
    /// The counters of a standard queue settle, given a minute.
    pub COUNTERS_SETTLE = "sqs.inflight.counters_settle",
    clauses: ["sqs.counts.eventual", "sqs.counts.visible-vs-inflight"],
    cost: 30 requests, 130 seconds,
    async fn counters_settle(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::DelaySeconds, "0")]).await?;
        queue.fill(10, None).await?;
        let at_once = queue.attribute(&QueueAttributeName::ApproximateNumberOfMessages).await?;
        scope.observe("sqs.counts.eventual", format!("{at_once:?} of 10 at once"));
        queue.expect_counts(10, 0, 0).await
    }
}

case! {
    /// Of a locked FIFO group only what was received is in flight; the rest stays visible, though not receivable.
    pub LOCKED_GROUP = "sqs.inflight.locked_group",
    clauses: ["sqs.counts.fifo-group-locked"],
    cost: 30 requests, 250 seconds,
    async fn locked_group(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::VisibilityTimeout, "120")]).await?;
        for (group, body) in [("g1", "1"), ("g1", "2"), ("g2", "3"), ("g2", "4"), ("g3", "5"), ("g3", "6")] {
            queue.send_to_group(group, body).await?;
        }
        queue.poll().max_number_of_messages(2).send().await?;
        queue.expect_counts(4, 2, 0).await?;
        scope.sleep(seconds(120)).await;
        queue.expect_counts(6, 0, 0).await
    }
}

case! {
    /// A FIFO queue looks for a free group among its first 120,000 messages only.
    pub SCAN_WINDOW = "sqs.inflight.scan_window",
    clauses: ["sqs.fifo.scan-window"],
    cost: 12_030 requests, 700 seconds,
    protocols: [Json],
    async fn scan_window(scope) {
        let high = [
            (QueueAttributeName::DeduplicationScope, "messageGroup"),
            (QueueAttributeName::FifoThroughputLimit, "perMessageGroupId"),
        ];
        let queue = fifo_with(scope, &high).await?;
        queue.fill(MOST_IN_FLIGHT - 1, Some("large")).await?;
        for group in ["last", "next", "one-more"] {
            queue.send_to_group(group, group).await?;
        }
        let first = queue.receive_as(|poll| poll.visibility_timeout(600)).await?;
        for group in ["last", "next", "one-more"] {
            let messages = queue.poll().visibility_timeout(600).send().await?.messages.unwrap_or_default();
            equal("the group that has come into the window", vec![group.to_owned()], bodies(&messages))?;
            queue.expect_nothing_for(seconds(3), "the groups behind it are beyond the window").await?;
            queue.delete(&messages[0]).await?;
        }
        queue.delete(&first).await?;
        let second = queue.poll().visibility_timeout(600).send().await?;
        equal("the large group goes on", 10, second.messages().len())
    }
}

case! {
    /// Message groups need no declaration, and there can be many.
    pub MANY_GROUPS = "sqs.inflight.many_groups",
    clauses: ["sqs.fifo.unlimited-groups", "sqs.fifo.no-order-across"],
    cost: 500 requests, 30 seconds,
    async fn many_groups(scope) {
        let queue = fifo(scope).await?;
        for number in 0..200 {
            queue.send_to_group(&format!("group-{number}"), &number.to_string()).await?;
        }
        let messages = queue.receive_distinct(200).await?;
        let sorted = messages.iter().filter_map(|message| message.body()?.parse::<u32>().ok()).is_sorted();
        scope.observe("sqs.fifo.no-order-across", if sorted { "groups came in order" } else { "groups came mixed" });
        Ok(())
    }
}
