//! PublishBatch.

use super::encryption::{MISSING_KEY, publish_fails};
use super::support::{Topic, attribute, fifo_topic, invalid, no_topic, topic, topic_with};
use crate::sqs::support::{PATIENCE, equal, holds, refused, text};
use aws_sdk_sns::operation::publish_batch::builders::PublishBatchFluentBuilder;
use aws_sdk_sns::types::PublishBatchRequestEntry;
use aws_sdk_sns::types::builders::PublishBatchRequestEntryBuilder;
use proofmark_conform::ledger::Owner;
use proofmark_conform::{Identity, Seen, Stop, case};
use std::collections::BTreeSet;

fn entry(id: &str, message: &str) -> PublishBatchRequestEntryBuilder {
    PublishBatchRequestEntry::builder().id(id).message(message)
}

/// A batch of these entries, each an id and a message.
fn batch(topic: &Topic<'_>, entries: &[(&str, &str)]) -> Result<PublishBatchFluentBuilder, Stop> {
    let mut request = topic.scope.sns().publish_batch().topic_arn(&topic.arn);
    for (id, message) in entries {
        request = request.publish_batch_request_entries(entry(id, message).build()?);
    }
    Ok(request)
}

case! {
    /// A batch has one to ten entries.
    pub COUNT = "sns.batch.one_to_ten",
    clauses: ["sns.batch.max-10", "sns.batch.empty", "wire.sns.code-map"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    async fn one_to_ten(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let ids: Vec<String> = (0..11).map(|number| number.to_string()).collect();
        let entries: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), id.as_str())).collect();
        let none = batch(&topic, &[])?.set_publish_batch_request_entries(Some(Vec::new())).send().await;
        refused(scope, none, "EmptyBatchRequest", 400, "The batch request doesn't contain any entries.")?;
        let eleven = batch(&topic, &entries)?.send().await;
        let text = "The batch request contains more entries than permissible.";
        refused(scope, eleven, "TooManyEntriesInBatchRequest", 400, text)?;
        let ten = batch(&topic, &entries[..10])?.send().await?;
        equal("ten accepted", 10, ten.successful().len())?;
        let messages: Vec<&str> = ids[..10].iter().map(String::as_str).collect();
        subscriber.expect("the ten", &messages).await
    }
}

case! {
    /// Ids have 1 to 80 letters, digits, hyphens and underscores, and differ.
    pub IDS = "sns.batch.entry_ids",
    clauses: ["sns.batch.ids", "wire.sns.code-map"],
    cost: 20 requests, 15 seconds,
    protocols: [Query],
    async fn entry_ids(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        for wrong in ["", "a b", "a.b", "é", "a:b"] {
            let text = format!("The Id of a batch entry in the batch request contains an impermissible character: {wrong}");
            let result = batch(&topic, &[("right", "x"), (wrong, "x")])?.send().await;
            refused(scope, result, "InvalidBatchEntryId", 400, &text)?;
        }
        let long = "x".repeat(81);
        let result = batch(&topic, &[(&long, "x")])?.send().await;
        let text = format!("The Id of a batch entry in the batch request is too long: {long}");
        refused(scope, result, "InvalidBatchEntryId", 400, &text)?;
        let twice = batch(&topic, &[("a", "x"), ("b", "x"), ("a", "x")])?.send().await;
        let text = "Two or more batch entries in the request have the same Id.";
        refused(scope, twice, "BatchEntryIdsNotDistinct", 400, text)?;
        let longest = "Az09-_".repeat(14)[..80].to_owned();
        batch(&topic, &[(&longest, "right"), ("A", "right too"), ("a", "and this")])?.send().await?;
        subscriber.expect("only the right batch", &["right", "right too", "and this"]).await
    }
}

case! {
    /// All entries together, attributes included, may have as many bytes as one message.
    pub TOTAL_SIZE = "sns.batch.total_size",
    clauses: ["sns.batch.total-size", "wire.sns.code-map"],
    cost: 16 requests, 30 seconds,
    protocols: [Query],
    async fn total_size(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let text = "The length of all the messages put together is more than the limit.";
        let (half, more) = ("x".repeat(131_072), "y".repeat(131_073));
        let result = batch(&topic, &[("1", &half), ("2", &more)])?.send().await;
        refused(scope, result, "BatchRequestTooLong", 400, text)?;
        // 1 of the name, 6 of the type, 3 of the value.
        let with_attribute = entry("3", &half[10..]).message_attributes("n", attribute("String", "val")?);
        let exact = batch(&topic, &[("1", &half)])?.publish_batch_request_entries(with_attribute.build()?);
        equal("both fit", 2, exact.send().await?.successful().len())?;
        let with_attribute = entry("3", &half[9..]).message_attributes("n", attribute("String", "val")?);
        let result = batch(&topic, &[("1", &half)])?.publish_batch_request_entries(with_attribute.build()?).send().await;
        refused(scope, result, "BatchRequestTooLong", 400, text)?;
        subscriber.expect("the two", &[&half, &half[10..]]).await
    }
}

case! {
    /// The limit of a batch is the topic's.
    pub TOPIC_SIZE = "sns.batch.topic_size",
    clauses: ["sns.batch.total-size", "sns.tattr.max-message-size"],
    cost: 6 requests, 5 seconds,
    protocols: [Query],
    async fn topic_size(scope) {
        let small = topic_with(scope, &[("MaximumMessageSize", "1024")]).await?;
        let half = "x".repeat(512);
        batch(&small, &[("1", &half), ("2", &half)])?.send().await?;
        let result = batch(&small, &[("1", &half), ("2", &half), ("3", "x")])?.send().await;
        refused(scope, result, "BatchRequestTooLong", 400, "")
    }
}

case! {
    /// Whatever is wrong with one entry fails the whole batch.
    pub WHOLE = "sns.batch.fails_as_a_whole",
    clauses: ["sns.batch.attr-error-whole"],
    cost: 20 requests, 30 seconds,
    protocols: [Query],
    async fn fails_as_a_whole(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let with = |wrong: PublishBatchRequestEntryBuilder| {
            Ok::<_, Stop>(batch(&topic, &[("right", "x")])?.publish_batch_request_entries(wrong.build()?).send())
        };
        let bad_type = entry("wrong", "x").message_attributes("a", attribute("Boolean", "true")?);
        refused(scope, with(bad_type)?.await, "ParameterValueInvalid", 400, "")?;
        let bad_structure = entry("wrong", "{").message_structure("json");
        invalid(scope, with(bad_structure)?.await, "Message Structure - JSON message body failed to parse")?;
        invalid(scope, with(entry("wrong", "x").subject("a\nb"))?.await, "Subject")?;
        invalid(scope, with(entry("wrong", ""))?.await, "Empty message")?;
        subscriber.expect("nothing", &[]).await
    }
}

case! {
    /// On a FIFO topic, an entry without a group or a deduplication id fails the whole batch.
    pub WHOLE_FIFO = "sns.batch.fifo_fails_as_a_whole",
    clauses: ["sns.batch.attr-error-whole"],
    cost: 14 requests, 20 seconds,
    protocols: [Query],
    async fn fifo_fails_as_a_whole(scope) {
        let topic = fifo_topic(scope).await?;
        let subscriber = topic.fifo_subscriber().await?;
        let right = entry("right", "x").message_group_id("g").message_deduplication_id("d");
        for wrong in [entry("wrong", "y").message_deduplication_id("e"), entry("wrong", "y").message_group_id("g")] {
            let request = batch(&topic, &[])?.publish_batch_request_entries(right.clone().build()?);
            invalid(scope, request.publish_batch_request_entries(wrong.build()?).send().await, "")?;
        }
        subscriber.expect("nothing", &[]).await
    }
}

case! {
    /// The answer names what was accepted, each with an id of its own, and what failed, which is nothing.
    pub RESPONSE = "sns.batch.response_lists",
    clauses: ["sns.batch.response"],
    cost: 14 requests, 15 seconds,
    protocols: [Query],
    async fn response_lists(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let answer = batch(&topic, &[("b", "one"), ("a", "two")])?.send().await?;
        equal("two lists", (Some(2), Some(0)), (answer.successful.as_ref().map(Vec::len), answer.failed.as_ref().map(Vec::len)))?;
        equal("in the order of the request", vec![Some("b"), Some("a")], answer.successful().iter().map(|one| one.id()).collect())?;
        let ids: BTreeSet<String> = answer.successful().iter().map(|one| text(one.message_id())).collect();
        holds("ids of their own", ids.len() == 2 && ids.iter().all(|id| id.len() == 36), &ids)?;
        let numbered = answer.successful().iter().filter(|one| one.sequence_number().is_some()).count();
        equal("no sequence numbers", 0, numbered)?;
        let mut arrived = BTreeSet::new();
        for message in subscriber.queue.receive_distinct(2).await? {
            arrived.insert(text(super::support::envelope(&message)?["MessageId"].as_str()));
        }
        equal("the envelopes have the same ids", ids, arrived)
    }
}

case! {
    /// On a FIFO topic entries are published in their order, and one deduplication id counts once.
    pub FIFO_ORDER = "sns.batch.fifo_order_and_dedup",
    clauses: ["sns.batch.fifo-order", "sns.batch.response"],
    cost: 24 requests, 20 seconds,
    protocols: [Query],
    async fn fifo_order_and_dedup(scope) {
        let topic = fifo_topic(scope).await?;
        let subscriber = topic.fifo_subscriber().await?;
        let mut request = scope.sns().publish_batch().topic_arn(&topic.arn);
        for (id, message, deduplication) in [("z", "first", "d1"), ("y", "second", "d2"), ("x", "again", "d1"), ("a", "third", "d3")] {
            let entry = entry(id, message).message_group_id("g").message_deduplication_id(deduplication);
            request = request.publish_batch_request_entries(entry.build()?);
        }
        let answer = request.send().await?;
        equal("all are answered as accepted", 4, answer.successful().len())?;
        let numbers: Vec<String> = answer.successful().iter().map(|one| text(one.sequence_number())).collect();
        equal("the duplicate has the number of its original", &numbers[0], &numbers[2])?;
        holds("the numbers grow", numbers[0] < numbers[1] && numbers[1] < numbers[3], &numbers)?;
        let mut arrived = Vec::new();
        for _ in 0..3 {
            arrived.push(text(subscriber.envelope().await?["Message"].as_str()));
        }
        equal("in order", vec!["first".to_owned(), "second".into(), "third".into()], arrived)?;
        subscriber.expect("no more", &[]).await
    }
}

case! {
    /// A batch goes to a topic and nowhere else.
    pub TOPIC_ONLY = "sns.batch.topic_only",
    clauses: ["sns.batch.no-phone"],
    cost: 6 requests, 4 seconds,
    protocols: [Query],
    async fn topic_only(scope) {
        let topic = topic(scope).await?;
        let account = topic.arn.rsplit_once(':').map_or("", |(account, _)| account);
        let device = format!("{account}:endpoint/GCM/app/11111111-2222-4333-8444-555555555555");
        for arn in ["+14255550100", device.as_str(), &topic.queue_arn("queue")] {
            let elsewhere = Topic { scope, arn: arn.to_owned() };
            invalid(scope, batch(&elsewhere, &[("1", "x")])?.send().await, "")?;
        }
        let nowhere = scope.sns().publish_batch().publish_batch_request_entries(entry("1", "x").build()?).send().await;
        holds("a batch without a topic is refused", nowhere.is_err(), &nowhere)
    }
}

case! {
    /// A batch needs a topic that is there, and a key that can be used.
    pub CONDITIONS = "sns.batch.topic_and_key",
    clauses: ["sns.publish.unknown-topic", "sns.sse.kms"],
    cost: 16 requests, 125 seconds,
    protocols: [Query],
    async fn topic_and_key(scope) {
        let topic = topic(scope).await?;
        let missing = Topic { scope, arn: format!("{}-missing", topic.arn) };
        no_topic(scope, batch(&missing, &[("1", "x")])?.send().await)?;
        topic.set("KmsMasterKeyId", MISSING_KEY).await?;
        publish_fails(&topic).await?;
        refused(scope, batch(&topic, &[("1", "x")])?.send().await, "KMSNotFound", 400, "")
    }
}

case! {
    /// Who may Publish may publish batches.
    pub ALLOWED = "sns.batch.allowed_as_publish",
    clauses: ["sns.perm.add", "wire.auth.sns-denied"],
    cost: 14 requests, 125 seconds,
    protocols: [Query],
    needs: [SecondAccount],
    async fn allowed_as_publish(scope) {
        let topic = topic(scope).await?;
        let guest = scope.creating_topic_of(Owner::Second, &scope.name("guest"))?.send().await?;
        let guest = text(guest.topic_arn()).split(':').nth(4).map(str::to_owned).unwrap_or_default();
        let other = scope.sns_as(Identity::Second)?;
        let entry = entry("1", "x").build()?;
        let publish = || other.publish_batch().topic_arn(&topic.arn).publish_batch_request_entries(entry.clone()).send();
        refused(scope, publish().await, "AuthorizationError", 403, "")?;
        let add = scope.sns().add_permission().topic_arn(&topic.arn).label("guest").aws_account_id(guest);
        add.action_name("Publish").send().await?;
        let look = async || Ok(Seen::when(publish().await.is_ok(), "it is refused"));
        scope.eventually("the grant is in force", PATIENCE, look).await
    }
}
