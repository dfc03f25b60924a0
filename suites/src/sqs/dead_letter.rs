//! Dead-letter queues: when a message moves, what it keeps, and which queues may be one.

use super::support::{
    PROPAGATION, Queue, about_since_request, bodies, both, create, equal, fifo, fifo_with, holds, redrive_policy,
    refused, seconds, standard, standard_with, system, text, text_attribute, with_dead_letter_queue,
};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use proofmark_conform::ledger::Owner;
use proofmark_conform::{Scope, Stop, case};

const ONE_SECOND: (QueueAttributeName, &str) = (QueueAttributeName::VisibilityTimeout, "1");
const FIFO: (QueueAttributeName, &str) = (QueueAttributeName::FifoQueue, "true");

fn count(message: &Message) -> String {
    system(message, &MessageSystemAttributeName::ApproximateReceiveCount).unwrap_or_default()
}

/// Receives from the source until the dead-letter queue has something; how often a message came, and what arrived.
async fn until_moved(source: &Queue<'_>, dead: &Queue<'_>) -> Result<(Vec<String>, Message), Stop> {
    let mut counts = Vec::new();
    for _ in 0..40 {
        counts.extend(source.poll_once().await?.iter().map(count));
        let moved = dead.poll().wait_time_seconds(1).visibility_timeout(0).send().await?;
        if let Some(message) = moved.messages.unwrap_or_default().into_iter().next() {
            return Ok((counts, message));
        }
        source.scope.sleep(seconds(1)).await;
    }
    Err(Stop::mismatch("the message moves", "within forty receives", "it did not"))
}

case! {
    /// Exactly maxReceiveCount deliveries happen; the next receive moves the message instead of returning it.
    pub MOVES = "sqs.dlq.moves",
    clauses: ["sqs.dlq.move-on-exceed", "sqs.receive.count-increments"],
    cost: 40 requests, 15 seconds,
    async fn moves(scope) {
        for most in [1, 3] {
            let (source, dead) = with_dead_letter_queue(scope, most, &[FIFO, ONE_SECOND]).await?;
            source.send_to_group("g", &format!("after-{most}")).await?;
            let (counts, moved) = until_moved(&source, &dead).await?;
            let expected: Vec<String> = (1..=most).map(|number| number.to_string()).collect();
            equal("deliveries before the move, by receive count", expected, counts)?;
            equal("the message in the dead-letter queue", format!("after-{most}"), text(moved.body()))?;
        }
        Ok(())
    }
}

case! {
    /// Whether an idle source ever moves a message by itself is open; an attempt to receive does.
    pub NEEDS_RECEIVE = "sqs.dlq.needs_receive",
    clauses: ["sqs.dlq.move-needs-receive"],
    cost: 12 requests, 80 seconds,
    async fn needs_receive(scope) {
        let (source, dead) = with_dead_letter_queue(scope, 1, &[FIFO, ONE_SECOND]).await?;
        source.send_to_group("g", "x").await?;
        source.receive().await?;
        scope.sleep(seconds(60)).await;
        let alone = dead.poll().visibility_timeout(0).send().await?.messages().len();
        scope.observe("sqs.dlq.move-needs-receive", if alone == 0 { "an idle source keeps it" } else { "it moved by itself" });
        until_moved(&source, &dead).await.map(|_| ())
    }
}

case! {
    /// maxReceiveCount is 1 to 1,000, as a number or a numeric string.
    pub RECEIVE_COUNT_RANGE = "sqs.dlq.max_receive_count_range",
    clauses: ["sqs.dlq.max-receive-range"],
    cost: 10 requests, 5 seconds,
    async fn max_receive_count_range(scope) {
        let dead = standard(scope).await?;
        let source = create(scope, scope.name("source"), &[]).await?;
        let arn = dead.arn().await?;
        for good in ["1", "1000", r#""10""#] {
            set_redrive(&source, &format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{good}}}"#)).await?;
        }
        for wrong in ["0", "1001", r#""many""#] {
            let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{wrong}}}"#);
            let shown = wrong.trim_matches('"');
            let reason = format!(
                "Invalid value for maxReceiveCount: {shown}, valid values are from 1 to 1000 both inclusive."
            );
            refuse_redrive(scope, &source, &policy, &reason).await?;
        }
        Ok(())
    }
}

async fn set_redrive(queue: &Queue<'_>, policy: &str) -> Result<(), Stop> {
    queue.set(QueueAttributeName::RedrivePolicy, policy).await
}

async fn refuse_redrive(scope: &Scope, queue: &Queue<'_>, policy: &str, reason: &str) -> Result<(), Stop> {
    let set = queue.client.set_queue_attributes().queue_url(&queue.url);
    let result = set.attributes(QueueAttributeName::RedrivePolicy, policy).send().await;
    let text = format!("Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}");
    refused(scope, result, "InvalidParameterValue", 400, if reason.is_empty() { "" } else { &text })
}

case! {
    /// A redrive policy needs both its members.
    pub POLICY_MEMBERS = "sqs.dlq.policy_members",
    clauses: ["sqs.dlq.policy-fields"],
    cost: 6 requests, 5 seconds,
    async fn policy_members(scope) {
        let queue = standard(scope).await?;
        let arn = queue.arn().await?;
        for (policy, lacking) in [
            (r#"{"maxReceiveCount":1}"#.to_owned(), "deadLetterTargetArn"),
            (format!(r#"{{"deadLetterTargetArn":"{arn}"}}"#), "maxReceiveCount"),
        ] {
            let reason = format!("Redrive policy does not contain mandatory attribute: {lacking}.");
            refuse_redrive(scope, &queue, &policy, &reason).await?;
        }
        refuse_redrive(scope, &queue, "no json", "").await
    }
}

case! {
    /// The dead-letter queue must exist, and its ARN must be one.
    pub TARGET_EXISTS = "sqs.dlq.target_exists",
    clauses: ["sqs.dlq.target-exists"],
    cost: 5 requests, 5 seconds,
    async fn target_exists(scope) {
        let queue = standard(scope).await?;
        let missing = redrive_policy(&format!("{}-not-there", queue.arn().await?), 1);
        refuse_redrive(scope, &queue, &missing, "Dead letter target does not exist.").await?;
        refuse_redrive(scope, &queue, &redrive_policy("not-an-arn", 1), "").await?;
        let create = scope.creating_queue(&scope.name("orphan"))?.attributes(QueueAttributeName::RedrivePolicy, missing);
        refused(scope, create.send().await, "InvalidParameterValue", 400, "")
    }
}

case! {
    /// A dead-letter queue is of the same type, in the same account and Region.
    pub SAME_TYPE = "sqs.dlq.same_type",
    clauses: ["sqs.dlq.same-type"],
    cost: 8 requests, 5 seconds,
    async fn same_type(scope) {
        let (standard, fifo) = (standard(scope).await?, fifo(scope).await?);
        refuse_redrive(scope, &standard, &redrive_policy(&fifo.arn().await?, 1), "").await?;
        refuse_redrive(scope, &fifo, &redrive_policy(&standard.arn().await?, 1), "").await?;
        let elsewhere = standard.arn().await?.replacen(scope.region(), "eu-south-2", 1);
        refuse_redrive(scope, &standard, &redrive_policy(&elsewhere, 1), "").await
    }
}

case! {
    /// A queue of another account cannot be a dead-letter queue.
    pub SAME_ACCOUNT = "sqs.dlq.same_account",
    clauses: ["sqs.dlq.same-type"],
    cost: 5 requests, 5 seconds,
    needs: [SecondAccount],
    async fn same_account(scope) {
        let queue = standard(scope).await?;
        let guest = scope.creating_queue_of(Owner::Second, &scope.name("guest"))?.send().await?;
        let account = text(guest.queue_url()).rsplit('/').nth(1).unwrap_or_default().to_owned();
        let target = format!("arn:aws:sqs:{}:{account}:{}", scope.region(), scope.name("guest"));
        scope.sleep(seconds(2)).await;
        refuse_redrive(scope, &queue, &redrive_policy(&target, 1), "").await
    }
}

case! {
    /// A long poll of a dead-letter queue ends when a message is moved there.
    pub LONG_POLL = "sqs.dlq.long_poll",
    clauses: ["sqs.dlq.move-on-exceed", "sqs.receive.longpoll-early"],
    cost: 10 requests, 10 seconds,
    async fn long_poll(scope) {
        let (source, dead) = with_dead_letter_queue(scope, 1, &[FIFO, ONE_SECOND]).await?;
        source.send_to_group("g", "x").await?;
        source.receive().await?;
        let poll = async { dead.poll().wait_time_seconds(20).send().await.map_err(Stop::from) };
        let exceed = async {
            scope.sleep(seconds(2)).await;
            source.poll().wait_time_seconds(0).send().await.map_err(Stop::from)
        };
        let before = scope.now();
        let (moved, _) = both(poll, exceed).await?;
        equal("the moved message", vec!["x".to_owned()], bodies(moved.messages()))?;
        let waited = scope.now().since(before);
        holds("as soon as it is moved", about_since_request(waited, 2), waited)
    }
}

case! {
    /// A message that is moved a minute after a purge of the dead-letter queue stays there.
    pub AFTER_PURGE = "sqs.dlq.after_purge",
    clauses: ["sqs.purge.removes-all", "sqs.dlq.move-on-exceed"],
    cost: 10 requests, 75 seconds,
    async fn after_purge(scope) {
        let (source, dead) = with_dead_letter_queue(scope, 1, &[FIFO, ONE_SECOND]).await?;
        source.send_to_group("g", "x").await?;
        source.receive().await?;
        dead.client.purge_queue().queue_url(&dead.url).send().await?;
        // Without a call to the dead-letter queue in between.
        scope.sleep(PROPAGATION).await;
        source.poll_once().await?;
        equal("the moved message", vec!["x".to_owned()], bodies(&dead.receive_distinct(1).await?))
    }
}

case! {
    /// In the dead-letter queue a message keeps id, body, attributes, sender and send time; its receive count goes on.
    pub PRESERVED = "sqs.dlq.preserved",
    clauses: ["sqs.dlq.preserves-message", "sqs.receive.count-increments", "sqs.send.messageid"],
    cost: 14 requests, 10 seconds,
    async fn preserved(scope) {
        let (source, dead) = with_dead_letter_queue(scope, 1, &[ONE_SECOND]).await?;
        source.message("body").message_attributes("k", text_attribute("String", "x")?).send().await?;
        let before = source.receive().await?;
        scope.sleep(seconds(3)).await;
        let (_, moved) = until_moved(&source, &dead).await?;
        let kept = |message: &Message| {
            (message.message_id.clone(), message.body.clone(), message.message_attributes.clone(), message.md5_of_message_attributes.clone())
        };
        equal("id, body and attributes", kept(&before), kept(&moved))?;
        for name in [MessageSystemAttributeName::SenderId, MessageSystemAttributeName::SentTimestamp] {
            equal(name.as_str(), system(&before, &name), system(&moved, &name))?;
        }
        let origin = system(&moved, &MessageSystemAttributeName::DeadLetterQueueSourceArn);
        equal("DeadLetterQueueSourceArn", Some(source.arn().await?), origin)?;
        let counted = count(&moved).parse::<u32>().unwrap_or_default();
        holds("the receive count goes on from the source's", counted >= 2, counted)
    }
}

case! {
    /// A FIFO move starts the enqueue time anew: the dead-letter queue's whole retention applies.
    pub RETENTION_FIFO = "sqs.dlq.retention_fifo",
    clauses: ["sqs.dlq.retention-fifo"],
    cost: 14 requests, 150 seconds,
    async fn retention_fifo(scope) {
        let (source, dead) = with_dead_letter_queue(scope, 1, &[FIFO, ONE_SECOND]).await?;
        dead.set(QueueAttributeName::MessageRetentionPeriod, "120").await?;
        source.send_to_group("g", "x").await?;
        source.receive().await?;
        scope.sleep(seconds(90)).await;
        until_moved(&source, &dead).await?;
        scope.sleep(seconds(60)).await;
        dead.receive_as(|poll| poll.visibility_timeout(1)).await?;
        scope.sleep(seconds(80)).await;
        dead.expect_nothing_for(seconds(5), "two minutes after the move").await
    }
}

case! {
    /// A standard move keeps the enqueue time: the time already spent counts.
    pub RETENTION_STANDARD = "sqs.dlq.retention_standard",
    clauses: ["sqs.dlq.retention-standard"],
    cost: 16 requests, 220 seconds,
    async fn retention_standard(scope) {
        let (source, dead) = with_dead_letter_queue(scope, 1, &[ONE_SECOND]).await?;
        dead.set(QueueAttributeName::MessageRetentionPeriod, "180").await?;
        source.send("x").await?;
        source.receive().await?;
        scope.sleep(seconds(90)).await;
        until_moved(&source, &dead).await?;
        scope.sleep(seconds(100)).await;
        dead.expect_nothing_for(seconds(5), "three minutes after the send").await
    }
}

case! {
    /// Moving a poison message unblocks its group.
    pub UNBLOCKS_GROUP = "sqs.dlq.unblocks_group",
    clauses: ["sqs.dlq.fifo-unblocks-group"],
    cost: 16 requests, 10 seconds,
    async fn unblocks_group(scope) {
        let (source, dead) = with_dead_letter_queue(scope, 1, &[FIFO, ONE_SECOND]).await?;
        source.send_to_group("g", "poison").await?;
        source.receive().await?;
        source.send_to_group("g", "next").await?;
        scope.sleep(seconds(2)).await;
        let next = source.receive().await?;
        equal("the message behind the poison", "next".to_owned(), text(next.body()))?;
        equal("the poison", vec!["poison".to_owned()], bodies(&dead.receive_distinct(1).await?))
    }
}

case! {
    /// A FIFO move replaces the deduplication id, so that the dead-letter queue drops nothing.
    pub DEDUPLICATION_ID = "sqs.dlq.deduplication_id",
    clauses: ["sqs.dlq.fifo-dedup-id"],
    cost: 16 requests, 30 seconds,
    async fn deduplication_id(scope) {
        let group_scope = (QueueAttributeName::DeduplicationScope, "messageGroup");
        let (source, dead) = with_dead_letter_queue(scope, 1, &[FIFO, ONE_SECOND, group_scope]).await?;
        for group in ["g1", "g2"] {
            source.message("same").message_group_id(group).message_deduplication_id("same").send().await?;
        }
        source.receive_distinct(2).await?;
        scope.sleep(seconds(2)).await;
        source.poll_once().await?;
        source.poll_once().await?;
        let moved = dead.receive_distinct(2).await?;
        for message in &moved {
            let id = system(message, &MessageSystemAttributeName::MessageDeduplicationId);
            equal("the message's own id", message.message_id.clone(), id)?;
        }
        Ok(())
    }
}

case! {
    /// A redrive-allow policy decides which sources may use a queue as their dead-letter queue.
    pub ALLOW_POLICY = "sqs.dlq.allow_policy",
    clauses: ["sqs.dlq.allow-policy"],
    cost: 24 requests, 8 seconds,
    async fn allow_policy(scope) {
        let source = create(scope, scope.name("source"), &[]).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        let (source_arn, other_arn) = (source.arn().await?, other.arn().await?);
        let allowing = |arn: &str| format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{arn}"]}}"#);
        let cases = [
            ("allowed", r#"{"redrivePermission":"allowAll"}"#.to_owned(), true),
            ("denied", r#"{"redrivePermission":"denyAll"}"#.to_owned(), false),
            ("named", allowing(&source_arn), true),
            ("unnamed", allowing(&other_arn), false),
        ];
        for (role, policy, allowed) in cases {
            let dead = create(scope, scope.name(role), &[(QueueAttributeName::RedriveAllowPolicy, &policy)]).await?;
            let redrive = redrive_policy(&dead.arn().await?, 1);
            if allowed {
                set_redrive(&source, &redrive).await?;
            } else {
                refuse_redrive(scope, &source, &redrive, "").await?;
            }
        }
        Ok(())
    }
}

case! {
    /// A redrive-allow policy names one of three permissions, and at most ten sources, only with byQueue.
    pub ALLOW_POLICY_FORM = "sqs.dlq.allow_policy_form",
    clauses: ["sqs.dlq.allow-policy"],
    cost: 8 requests, 5 seconds,
    async fn allow_policy_form(scope) {
        let queue = standard(scope).await?;
        let arn = queue.arn().await?;
        let named = |count: usize| {
            let sources = vec![format!(r#""{arn}""#); count].join(",");
            format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":[{sources}]}}"#)
        };
        queue.set(QueueAttributeName::RedriveAllowPolicy, &named(10)).await?;
        let with_all = format!(r#"{{"redrivePermission":"allowAll","sourceQueueArns":["{arn}"]}}"#);
        for wrong in [named(11), with_all, r#"{"redrivePermission":"sometimes"}"#.to_owned(), "no json".to_owned()] {
            let set = queue.client.set_queue_attributes().queue_url(&queue.url);
            let result = set.attributes(QueueAttributeName::RedriveAllowPolicy, &wrong).send().await;
            holds(&format!("refused: {wrong}"), result.is_err(), &result)?;
        }
        Ok(())
    }
}

case! {
    /// A dead-letter queue lists its sources; the list is there even when it is empty.
    pub LIST_SOURCES = "sqs.dlq.list_sources",
    clauses: ["sqs.dlq.list-sources", "wire.pagination.sqs"],
    cost: 14 requests, 8 seconds,
    async fn list_sources(scope) {
        let dead = create(scope, scope.name("dead"), &[]).await?;
        let list = || dead.client.list_dead_letter_source_queues().queue_url(&dead.url);
        equal("no sources yet", 0, list().send().await?.queue_urls().len())?;
        let policy = redrive_policy(&dead.arn().await?, 1);
        let mut expected = Vec::new();
        for role in ["a", "b", "c"] {
            expected.push(create(scope, scope.name(role), &[(QueueAttributeName::RedrivePolicy, &policy)]).await?.url);
        }
        let mut listed = list().send().await?.queue_urls().to_vec();
        listed.sort();
        equal("its three sources", expected.clone(), listed)?;
        let first = list().max_results(2).send().await?;
        equal("a page of two", 2, first.queue_urls().len())?;
        holds("and a token", first.next_token().is_some(), first.next_token())?;
        let last = list().max_results(2).set_next_token(first.next_token.clone()).send().await?;
        let mut both = [first.queue_urls(), last.queue_urls()].concat();
        both.sort();
        equal("the pages hold all three", expected, both)?;
        equal("the last page has no token", None, last.next_token())
    }
}

case! {
    /// A dead-letter queue may have one of its own; whether AWS moves on is known from memory only.
    pub CHAIN = "sqs.dlq.chain_of_three",
    clauses: ["sqs.dlq.chain"],
    cost: 20 requests, 15 seconds,
    async fn chain_of_three(scope) {
        let last = create(scope, scope.name("last"), &[]).await?;
        let to_last = redrive_policy(&last.arn().await?, 2);
        let middle_attributes = [ONE_SECOND, (QueueAttributeName::RedrivePolicy, to_last.as_str())];
        let middle = create(scope, scope.name("middle"), &middle_attributes).await?;
        let to_middle = redrive_policy(&middle.arn().await?, 1);
        let first = standard_with(scope, &[ONE_SECOND, (QueueAttributeName::RedrivePolicy, &to_middle)]).await?;
        first.send("x").await?;
        for _ in 0..10 {
            first.poll_once().await?;
            middle.poll_once().await?;
        }
        let arrived = last.poll_once().await?.len();
        scope.observe("sqs.dlq.chain", if arrived == 1 { "the chain moved it twice" } else { "it stopped in the middle" });
        Ok(())
    }
}

case! {
    /// A receive counts whether or not the caller sees its answer; here every other answer is dropped.
    pub UNSEEN_RECEIVES = "sqs.dlq.unseen_receives",
    clauses: ["sqs.dlq.short-poll-count"],
    cost: 14 requests, 10 seconds,
    async fn unseen_receives(scope) {
        let queue = fifo_with(scope, &[ONE_SECOND]).await?;
        queue.send_to_group("g", "x").await?;
        drop(queue.receive().await?);
        let seen = queue.receive().await?;
        scope.observe("sqs.dlq.short-poll-count", format!("the next receive counts {}", count(&seen)));
        equal("the receive nobody used counts", "2".to_owned(), count(&seen))
    }
}
