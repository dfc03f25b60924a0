//! FIFO queues: order within a group, and the locks that keep it.

use super::support::{Queue, bodies, equal, fifo, fifo_with, holds, refused, seconds, system, text};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry};
use proofmark_conform::{Scope, Stop, case};

/// A FIFO queue with these messages: group and body.
async fn holding<'a>(scope: &'a Scope, timeout: &str, messages: &[(&str, &str)]) -> Result<Queue<'a>, Stop> {
    let queue = fifo_with(scope, &[(QueueAttributeName::VisibilityTimeout, timeout)]).await?;
    for (group, body) in messages {
        queue.send_to_group(group, body).await?;
    }
    Ok(queue)
}

async fn next(queue: &Queue<'_>, most: i32) -> Result<Vec<Message>, Stop> {
    Ok(queue.poll().max_number_of_messages(most).send().await?.messages.unwrap_or_default())
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

case! {
    /// A send to a FIFO queue needs a group; alone and in a batch the refusal has another code.
    pub GROUP_REQUIRED = "sqs.fifo.group_required",
    clauses: ["sqs.fifo.group-required", "sqs.batch.whole-vs-entry"],
    cost: 5 requests, 5 seconds,
    async fn group_required(scope) {
        let queue = fifo(scope).await?;
        let reason = "The request must contain the parameter MessageGroupId.";
        let alone = queue.message("x").message_deduplication_id("d").send().await;
        refused(scope, alone, "MissingParameter", 400, reason)?;
        let good = SendMessageBatchRequestEntry::builder().id("1").message_body("x").message_group_id("g").message_deduplication_id("1").build()?;
        let bad = SendMessageBatchRequestEntry::builder().id("2").message_body("x").message_deduplication_id("2").build()?;
        let batch = queue.client.send_message_batch().queue_url(&queue.url).entries(good).entries(bad).send().await;
        refused(scope, batch, "InvalidParameterValue", 400, reason)?;
        queue.expect_nothing_for(seconds(3), "a batch that fails as a whole sends nothing").await
    }
}

case! {
    /// A group id has 1 to 128 alphanumeric or punctuation characters.
    pub GROUP_FORMAT = "sqs.fifo.group_format",
    clauses: ["sqs.fifo.group-format"],
    cost: 7 requests, 5 seconds,
    async fn group_format(scope) {
        let queue = fifo(scope).await?;
        queue.send_to_group(&"g".repeat(128), "longest").await?;
        let long = "g".repeat(129);
        for wrong in ["", "a b", long.as_str()] {
            let result = queue.message("x").message_group_id(wrong).message_deduplication_id("d").send().await;
            let text = format!(
                "Value {wrong} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include \
                 alphanumeric and punctuation characters. 1 to 128 in length."
            );
            refused(scope, result, "InvalidParameterValue", 400, &text)?;
        }
        Ok(())
    }
}

case! {
    /// Within a group messages come in the order they were sent, one at a time or together.
    pub ORDER = "sqs.fifo.order",
    clauses: ["sqs.fifo.order-in-group", "sqs.fifo.group-revives"],
    cost: 30 requests, 10 seconds,
    async fn order(scope) {
        let queue = fifo(scope).await?;
        let mut received = Vec::new();
        for round in 0..2 {
            for number in 0..5 {
                queue.send_to_group("g", &format!("{round}{number}")).await?;
            }
            for _ in 0..5 {
                let message = queue.receive().await?;
                queue.delete(&message).await?;
                received.push(text(message.body()));
            }
        }
        equal("in the order of the sends, also after the group was empty", words("00 01 02 03 04 10 11 12 13 14"), received)
    }
}

case! {
    /// The order holds after visibility timeouts too.
    pub ORDER_AFTER_TIMEOUT = "sqs.fifo.order_after_timeout",
    clauses: ["sqs.fifo.order-in-group", "sqs.fifo.shared-visibility"],
    cost: 10 requests, 10 seconds,
    async fn order_after_timeout(scope) {
        let queue = holding(scope, "3", &[("g", "1"), ("g", "2"), ("g", "3")]).await?;
        equal("all three in one receive", words("1 2 3"), bodies(&next(&queue, 10).await?))?;
        scope.sleep(seconds(4)).await;
        equal("and again, together and in order", words("1 2 3"), bodies(&next(&queue, 10).await?))
    }
}

case! {
    /// A receive takes as many messages of one group as it can before those of the next.
    pub PREFERS_GROUP = "sqs.fifo.prefers_group",
    clauses: ["sqs.fifo.batch-prefers-group"],
    cost: 8 requests, 5 seconds,
    async fn prefers_group(scope) {
        let queue = holding(scope, "30", &[("g1", "a"), ("g2", "b"), ("g1", "c"), ("g1", "d"), ("g2", "e")]).await?;
        equal("three of the first group, then one of the second", words("a c d b"), bodies(&next(&queue, 4).await?))
    }
}

case! {
    /// While a message of a group is in flight no other of it comes, and a new send does not unlock it; other groups do come.
    pub GROUP_LOCK = "sqs.fifo.group_locked",
    clauses: ["sqs.fifo.group-lock"],
    cost: 12 requests, 10 seconds,
    async fn group_locked(scope) {
        let queue = holding(scope, "60", &[("g1", "1"), ("g1", "2"), ("g2", "3")]).await?;
        equal("the first of the group", words("1"), bodies(&next(&queue, 1).await?))?;
        queue.send_to_group("g1", "4").await?;
        equal("only the other group", words("3"), bodies(&next(&queue, 10).await?))?;
        queue.expect_nothing_for(seconds(5), "both groups are locked").await
    }
}

case! {
    /// Deleting every in-flight message of a group unlocks it at once; deleting some does not.
    pub UNLOCK = "sqs.fifo.unlock",
    clauses: ["sqs.fifo.unlock-delete-all", "sqs.fifo.partial-delete-locks"],
    cost: 14 requests, 10 seconds,
    async fn unlock(scope) {
        let queue = holding(scope, "60", &[("g", "1"), ("g", "2"), ("g", "3")]).await?;
        let first_two = next(&queue, 2).await?;
        equal("two in flight", words("1 2"), bodies(&first_two))?;
        queue.delete(&first_two[1]).await?;
        queue.expect_nothing_for(seconds(3), "one of the two is still in flight").await?;
        queue.delete(&first_two[0]).await?;
        equal("unlocked", words("3"), bodies(&next(&queue, 10).await?))
    }
}

case! {
    /// Partial deletes keep a group locked until the rest expires.
    pub PARTIAL_DELETE = "sqs.fifo.partial_delete",
    clauses: ["sqs.fifo.partial-delete-locks"],
    cost: 10 requests, 8 seconds,
    async fn partial_delete(scope) {
        let queue = holding(scope, "4", &[("g", "1"), ("g", "2"), ("g", "3")]).await?;
        let two = next(&queue, 2).await?;
        queue.delete(&two[0]).await?;
        let before = scope.now();
        let rest = queue.poll().wait_time_seconds(20).send().await?.messages.unwrap_or_default();
        equal("the rest, once it has expired", words("2 3"), bodies(&rest))?;
        holds("not before", scope.now().since(before) >= seconds(2), scope.now().since(before))
    }
}

case! {
    /// Of three in flight with one extended, only those before it come back on time.
    pub EXTENDED_IN_GROUP = "sqs.fifo.extended_in_group",
    clauses: ["sqs.fifo.change-vis-in-group"],
    cost: 24 requests, 20 seconds,
    async fn extended_in_group(scope) {
        for (extended, expected) in [(0, ""), (1, "1"), (2, "1 2")] {
            let queue = holding(scope, "3", &[("g", "1"), ("g", "2"), ("g", "3")]).await?;
            let messages = next(&queue, 10).await?;
            equal("three in flight", 3, messages.len())?;
            queue.change(&messages[extended], 60).await?;
            scope.sleep(seconds(4)).await;
            equal("those before the extended one", words(expected), bodies(&next(&queue, 10).await?))?;
        }
        Ok(())
    }
}

case! {
    /// Ending the visibility timeout of in-flight messages makes them receivable again in their order.
    pub TERMINATED = "sqs.fifo.terminated",
    clauses: ["sqs.fifo.terminate-visibility"],
    cost: 11 requests, 6 seconds,
    async fn terminated(scope) {
        let queue = holding(scope, "60", &[("g", "1"), ("g", "2"), ("g", "3")]).await?;
        let messages = next(&queue, 3).await?;
        for message in messages.iter().rev() {
            queue.change(message, 0).await?;
        }
        equal("in the original order", words("1 2 3"), bodies(&next(&queue, 10).await?))
    }
}

case! {
    /// A receive with a visibility timeout of 0 does not lock the group.
    pub ZERO_VISIBILITY = "sqs.fifo.zero_timeout",
    clauses: ["sqs.fifo.zero-visibility"],
    cost: 6 requests, 5 seconds,
    async fn zero_timeout(scope) {
        let queue = holding(scope, "60", &[("g", "1"), ("g", "2")]).await?;
        queue.poll().max_number_of_messages(1).visibility_timeout(0).send().await?;
        equal("both, from the first on", words("1 2"), bodies(&next(&queue, 10).await?))
    }
}

case! {
    /// Sequence numbers are decimal, grow within a group, and are the same on send and receive.
    pub SEQUENCE_NUMBERS = "sqs.fifo.sequence_numbers",
    clauses: ["sqs.fifo.sequence-number"],
    cost: 10 requests, 5 seconds,
    async fn sequence_numbers(scope) {
        let queue = fifo(scope).await?;
        let mut sent = Vec::new();
        for number in 0..3 {
            sent.push(text(queue.send_to_group("g", &number.to_string()).await?.sequence_number()));
        }
        let numbers: Vec<u128> = sent.iter().filter_map(|number| number.parse().ok()).collect();
        holds("decimal numbers of up to 128 bits", numbers.len() == 3, &sent)?;
        holds("growing", numbers.is_sorted_by(|one, other| one < other), &sent)?;
        let messages = next(&queue, 10).await?;
        let received = messages.iter().map(|message| system(message, &MessageSystemAttributeName::SequenceNumber));
        equal("the same on receive", sent, received.flatten().collect())
    }
}

case! {
    /// The entries of a batch are enqueued in the order of the list.
    pub BATCH_ORDER = "sqs.fifo.batch_order",
    clauses: ["sqs.batch.fifo-order"],
    cost: 5 requests, 5 seconds,
    async fn batch_order(scope) {
        let queue = fifo(scope).await?;
        queue.fill(10, Some("g")).await?;
        let messages = next(&queue, 10).await?;
        equal("list order", (0..10).map(|number| number.to_string()).collect(), bodies(&messages))
    }
}

case! {
    /// A FIFO queue without high throughput takes 300 calls of an action a second, and throttles beyond.
    pub THROTTLE = "sqs.fifo.throttle",
    clauses: ["sqs.fifo.tps-default"],
    cost: 1_000 requests, 10 seconds,
    protocols: [Json],
    needs: [Quotas],
    async fn throttle(scope) {
        let queue = fifo(scope).await?;
        let mut throttled = None;
        for number in 0..1_000 {
            let body = number.to_string();
            let send = queue.message(&body).message_group_id("g").message_deduplication_id(&body);
            if let Err(error) = send.customize().config_override(once()).send().await {
                throttled = aws_sdk_sqs::error::ProvideErrorMetadata::code(&error).map(str::to_owned);
                break;
            }
        }
        let code = throttled.unwrap_or_default();
        scope.observe("sqs.fifo.tps-default", &code);
        holds("throttled", ["RequestThrottled", "ThrottlingException"].contains(&code.as_str()), &code)
    }
}

case! {
    /// The 300 calls are of one action in one second; per group ids, without the higher limit, change nothing.
    pub THROTTLE_EXACT = "sqs.fifo.throttle_exact",
    clauses: ["sqs.fifo.tps-default"],
    cost: 620 requests, 3 seconds,
    protocols: [Json],
    needs: [Quotas, VirtualTime],
    async fn throttle_exact(scope) {
        let of_groups = [(QueueAttributeName::DeduplicationScope, "messageGroup")];
        for attributes in [&[][..], &of_groups] {
            let queue = fifo_with(scope, attributes).await?;
            let send = |body: String| {
                let send = queue.message(&body).message_group_id("g").message_deduplication_id(&body);
                send.customize().config_override(once()).send()
            };
            for number in 0..300 {
                send(number.to_string()).await?;
            }
            let one_more = send("one-more".to_owned()).await;
            refused(scope, one_more, "RequestThrottled", 403, "")?;
            queue.client.receive_message().queue_url(&queue.url).customize().config_override(once()).send().await?;
            scope.sleep(seconds(1)).await;
            send("later".to_owned()).await?;
        }
        Ok(())
    }
}

/// No retries, so that a throttle is seen.
fn once() -> aws_sdk_sqs::config::Builder {
    aws_sdk_sqs::config::Config::builder().retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled())
}
