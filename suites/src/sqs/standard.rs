//! What a standard queue does not do: deduplicate; and fair queues.

use super::support::{PATIENCE, Queue, bodies, equal, holds, refused, seconds, standard, system, text};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use proofmark_conform::{Scope, Stop, case};
use std::collections::BTreeSet;

case! {
    /// Two identical sends make two messages.
    pub NO_DEDUPLICATION = "sqs.standard.no_deduplication",
    clauses: ["sqs.standard.dedup-none"],
    cost: 6 requests, 5 seconds,
    async fn no_deduplication(scope) {
        let queue = standard(scope).await?;
        let (one, two) = (queue.send("same").await?, queue.send("same").await?);
        holds("two ids", one.message_id() != two.message_id(), one.message_id())?;
        equal("two messages", vec!["same".to_owned(); 2], bodies(&queue.receive_distinct(2).await?))
    }
}

case! {
    /// Whether a standard queue refuses a deduplication id is known from memory only, and is measured.
    pub DEDUPLICATION_ID = "sqs.standard.deduplication_id",
    clauses: ["sqs.standard.dedup-id-param"],
    cost: 3 requests, 5 seconds,
    async fn deduplication_id(scope) {
        let queue = standard(scope).await?;
        let result = queue.message("x").message_deduplication_id("d").send().await;
        let seen = result.as_ref().err().and_then(ProvideErrorMetadata::code).unwrap_or("accepted").to_owned();
        scope.observe("sqs.standard.dedup-id-param", &seen);
        holds("accepted, or InvalidParameterValue", ["accepted", "InvalidParameterValue"].contains(&seen.as_str()), &seen)
    }
}

case! {
    /// A standard queue takes a MessageGroupId and returns it, without ordering or locking by it.
    pub GROUP = "sqs.standard.group_id",
    clauses: ["sqs.fair.group-on-standard"],
    cost: 8 requests, 8 seconds,
    async fn group_id(scope) {
        let queue = standard(scope).await?;
        for body in ["1", "2"] {
            queue.message(body).message_group_id("tenant").send().await?;
        }
        let first = queue.receive_as(|poll| poll.visibility_timeout(60)).await?;
        equal("the group", Some("tenant".to_owned()), system(&first, &MessageSystemAttributeName::MessageGroupId))?;
        let second = queue
            .scope
            .eventually("the other message is not locked", seconds(30), async || {
                let messages = queue.poll_once().await?;
                let other = messages.into_iter().find(|message| message.message_id != first.message_id);
                Ok(proofmark_conform::Seen::some_or(other, "only the first was received"))
            })
            .await?;
        holds("no sequence number", system(&second, &MessageSystemAttributeName::SequenceNumber).is_none(), &second)
    }
}

case! {
    /// A group id has the same form as on a FIFO queue.
    pub GROUP_FORMAT = "sqs.standard.group_id_format",
    clauses: ["sqs.fifo.group-format"],
    cost: 6 requests, 5 seconds,
    async fn group_id_format(scope) {
        let queue = standard(scope).await?;
        queue.message("x").message_group_id("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~").send().await?;
        queue.message("x").message_group_id("g".repeat(128)).send().await?;
        let long = "g".repeat(129);
        for wrong in ["a b", long.as_str(), "é"] {
            let result = queue.message("x").message_group_id(wrong).send().await;
            let text = format!(
                "Value {wrong} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include \
                 alphanumeric and punctuation characters. 1 to 128 in length."
            );
            refused(scope, result, "InvalidParameterValue", 400, &text)?;
        }
        Ok(())
    }
}

/// Receives so many messages and holds them for ten minutes; messages that come twice count twice.
async fn hold(queue: &Queue<'_>, count: usize) -> Result<Vec<Message>, Stop> {
    let mut held = Vec::new();
    let deadline = queue.scope.now() + PATIENCE;
    while held.len() < count && queue.scope.now() < deadline {
        let most = i32::try_from((count - held.len()).min(10)).unwrap_or(10);
        let poll = queue.poll().max_number_of_messages(most).visibility_timeout(600);
        held.extend(poll.send().await?.messages.unwrap_or_default());
    }
    equal("messages held", count, held.len())?;
    Ok(held)
}

/// Whose message comes first now: an older one of the large tenant, or one that a small tenant sends now.
async fn goes_first(queue: &Queue<'_>) -> Result<&'static str, Stop> {
    queue.message("small").message_group_id("small").send().await?;
    let first = hold(queue, 1).await?;
    Ok(if first[0].body() == Some("small") { "the small tenant's" } else { "the older" })
}

/// A queue with sixty messages of a large tenant.
async fn with_large_tenant(scope: &Scope) -> Result<Queue<'_>, Stop> {
    let queue = standard(scope).await?;
    queue.fill(60, Some("large")).await?;
    Ok(queue)
}

case! {
    /// From when to when a tenant is taken for noisy is up to SQS, and recorded.
    pub NOISY = "sqs.standard.noisy_tenant",
    clauses: ["sqs.fair.noisy-definition", "sqs.fair.effect"],
    cost: 260 requests, 330 seconds,
    async fn noisy_tenant(scope) {
        let see = |when: &str, what: &str| scope.observe("sqs.fair.noisy-definition", format!("{when}: {what} message goes first"));
        for count in [29, 30] {
            let queue = with_large_tenant(scope).await?;
            hold(&queue, count).await?;
            see(&format!("{count} messages in flight"), goes_first(&queue).await?);
        }
        let queue = standard(scope).await?;
        queue.fill(270, None).await?;
        hold(&queue, 270).await?;
        queue.fill(60, Some("large")).await?;
        hold(&queue, 30).await?;
        see("a tenth of the messages in flight", goes_first(&queue).await?);
        let queue = with_large_tenant(scope).await?;
        hold(&queue, 31).await?;
        scope.sleep(seconds(300)).await;
        see("five minutes after its last send", goes_first(&queue).await?);
        let queue = with_large_tenant(scope).await?;
        for message in hold(&queue, 29).await? {
            queue.delete(&message).await?;
        }
        hold(&queue, 29).await?;
        see("29 in flight after 29 were deleted", goes_first(&queue).await?);
        let queue = with_large_tenant(scope).await?;
        let held = hold(&queue, 29).await?;
        queue.change(&held[0], 0).await?;
        hold(&queue, 1).await?;
        see("29 in flight after one was let go", goes_first(&queue).await?);
        Ok(())
    }
}

case! {
    /// A noisy tenant loses nothing, and is quiet again once it is drained; what was seen is recorded.
    pub NOISY_DRAINED = "sqs.standard.noisy_tenant_drained",
    clauses: ["sqs.fair.noisy-definition", "sqs.fair.effect"],
    cost: 100 requests, 10 seconds,
    async fn noisy_tenant_drained(scope) {
        let queue = with_large_tenant(scope).await?;
        let mut held = hold(&queue, 30).await?;
        queue.delete(&held[0]).await?;
        held.extend(hold(&queue, 30).await?);
        let different: BTreeSet<_> = held.iter().map(|message| &message.message_id).collect();
        scope.observe("sqs.fair.effect", format!("{} of {} messages came for the first time", different.len(), held.len()));
        let mut left = queue.poll().wait_time_seconds(1).visibility_timeout(600).send().await?.messages.unwrap_or_default();
        scope.observe("sqs.fair.effect", format!("{} more came", left.len()));
        held.append(&mut left);
        for message in held.iter().skip(1) {
            queue.delete(message).await?;
        }
        queue.message("large").message_group_id("large").send().await?;
        let first = goes_first(&queue).await?;
        scope.observe("sqs.fair.noisy-definition", format!("once it is drained: {first} message goes first"));
        Ok(())
    }
}

case! {
    /// Fair queues may hand out a quiet tenant's message before the backlog of a noisy one; which was seen is recorded.
    pub FAIR = "sqs.standard.fair_queue",
    clauses: ["sqs.fair.noisy-definition", "sqs.fair.effect"],
    cost: 40 requests, 10 seconds,
    async fn fair_queue(scope) {
        let queue = standard(scope).await?;
        queue.fill(200, Some("noisy")).await?;
        let mut held = 0;
        while held < 60 {
            let messages = queue.poll().visibility_timeout(600).send().await?.messages.unwrap_or_default();
            holds("the backlog is there", !messages.is_empty(), held)?;
            held += messages.len();
        }
        queue.message("quiet").message_group_id("quiet").send().await?;
        let mut before = 0;
        loop {
            let next = bodies(&queue.poll().visibility_timeout(600).send().await?.messages.unwrap_or_default());
            match next.iter().position(|body| body == "quiet") {
                Some(position) => break before += position,
                None => before += next.len(),
            }
            holds("the quiet tenant's message comes in the end", !next.is_empty(), before)?;
        }
        let seen = if before < 50 { "the quiet tenant went first" } else { "the noisy tenant went first" };
        scope.observe("sqs.fair.effect", format!("{seen}: {before} messages before it"));
        scope.observe("sqs.fair.noisy-definition", format!("60 in flight: {}", text(Some(seen))));
        Ok(())
    }
}
