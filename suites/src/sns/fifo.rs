//! FIFO topics: order, groups, deduplication, sequence numbers.

use super::support::{Subscriber, Topic, envelope, fifo_topic, fifo_topic_with, topic};
use crate::sqs::support::{equal, holds, refused, seconds, system, text};
use aws_sdk_sns::types::PublishBatchRequestEntry;
use aws_sdk_sqs::types::MessageSystemAttributeName;
use proofmark_conform::{Stop, case};
use sha2::{Digest, Sha256};

/// The messages of the envelopes that come, in the order they come, as many as expected.
async fn in_order(subscriber: &Subscriber<'_>, count: usize) -> Result<Vec<String>, Stop> {
    let mut messages = Vec::new();
    while messages.len() < count {
        let message = subscriber.take().await?;
        messages.push(text(envelope(&message)?["Message"].as_str()));
    }
    Ok(messages)
}

case! {
    /// Without a group, or without a deduplication id when content does not give one, nothing is published.
    pub REQUIRED = "sns.fifo.required",
    clauses: ["sns.fifo.group-required", "sns.fifo.dedup-required"],
    cost: 10 requests, 5 seconds,
    protocols: [Query],
    async fn required(scope) {
        let topic = fifo_topic(scope).await?;
        let answer = topic.message("x").message_deduplication_id("d").send().await;
        let group = "Invalid parameter: The MessageGroupId parameter is required for FIFO topics";
        refused(scope, answer, "InvalidParameter", 400, group)?;
        let answer = topic.message("x").message_group_id("g").send().await;
        let id = "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
        refused(scope, answer, "InvalidParameter", 400, id)?;
        let of_length = |length: usize| topic.message("x").message_group_id("g").message_deduplication_id("d".repeat(length)).send();
        of_length(128).await?;
        refused(scope, of_length(129).await, "InvalidParameter", 400, "")?;
        let entry = |id: &str| PublishBatchRequestEntry::builder().id(id).message("x").message_deduplication_id(id);
        let request = scope.sns().publish_batch().topic_arn(&topic.arn);
        let request = request.publish_batch_request_entries(entry("a").message_group_id("g").build()?);
        let answer = request.publish_batch_request_entries(entry("b").build()?).send().await;
        refused(scope, answer, "InvalidParameter", 400, group)?;
        topic.set("ContentBasedDeduplication", "true").await?;
        topic.message("x").message_group_id("g").send().await?;
        Ok(())
    }
}

case! {
    /// A standard topic takes no deduplication id.
    pub STANDARD_ID = "sns.fifo.standard_id",
    clauses: ["sns.fifo.dedup-on-standard"],
    cost: 4 requests, 5 seconds,
    protocols: [Query],
    async fn standard_id(scope) {
        let topic = topic(scope).await?;
        let answer = topic.message("x").message_deduplication_id("d").send().await;
        let expected = "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type";
        refused(scope, answer, "InvalidParameter", 400, expected)
    }
}

case! {
    /// A FIFO topic delivers to queues only, FIFO and standard; a standard topic does not deliver to FIFO queues.
    pub ENDPOINTS = "sns.fifo.subscribers",
    clauses: ["sns.fifo.endpoints", "sns.fifo.fifo-queue-on-standard-topic", "sns.fifo.order-standard-queue"],
    cost: 25 requests, 20 seconds,
    protocols: [Query],
    async fn subscribers(scope) {
        let fifo = fifo_topic(scope).await?;
        let (ordered, unordered) = (fifo.fifo_subscriber().await?, fifo.subscriber().await?);
        for number in ["1", "2", "3"] {
            fifo.publish_to_group("g", number).await?;
        }
        equal("the FIFO queue's messages", vec!["1".to_owned(), "2".into(), "3".into()], in_order(&ordered, 3).await?)?;
        unordered.expect("the standard queue's messages", &["1", "2", "3"]).await?;
        scope.observe("sns.fifo.order-standard-queue", "all of them came, order was not asked for");
        for (protocol, endpoint) in [("http", "http://127.0.0.1:1/"), ("email", "one@example.com"), ("sms", "+12065550123")] {
            let answer = fifo.subscribe(protocol, endpoint, &[]).send().await;
            refused(scope, answer, "InvalidParameter", 400, "")?;
        }
        let standard = topic(scope).await?;
        let answer = standard.subscribe("sqs", &ordered.arn, &[]).send().await;
        let expected = "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics";
        refused(scope, answer, "InvalidParameter", 400, expected)
    }
}

case! {
    /// Every queue gets each group's messages in the order they were published.
    pub ORDER = "sns.fifo.ordered",
    clauses: ["sns.fifo.order"],
    cost: 120 requests, 40 seconds,
    protocols: [Query],
    async fn ordered(scope) {
        let topic = fifo_topic(scope).await?;
        let mut subscribers = Vec::new();
        for _ in 0..5 {
            subscribers.push(topic.fifo_subscriber().await?);
        }
        for number in 0..12 {
            let group = ["a", "b", "c"][number % 3];
            topic.publish_to_group(group, &format!("{group}{number:02}")).await?;
        }
        for subscriber in &subscribers {
            let got = in_order(subscriber, 12).await?;
            for group in ["a", "b", "c"] {
                let of_group: Vec<&String> = got.iter().filter(|message| message.starts_with(group)).collect();
                holds(&format!("group {group} is in order"), of_group.is_sorted() && of_group.len() == 4, &got)?;
            }
        }
        Ok(())
    }
}

case! {
    /// The queue's message has the group, the deduplication id and a sequence number of its own; the envelope has the
    /// topic's, and no signature.
    pub FORWARDED = "sns.fifo.forwarded",
    clauses: ["sns.fifo.group-forwarded", "sns.fifo.sequence", "sns.env.fifo-unsigned", "sns.env.sqs"],
    cost: 20 requests, 15 seconds,
    protocols: [Query],
    async fn forwarded(scope) {
        let topic = fifo_topic(scope).await?;
        let subscriber = topic.fifo_subscriber().await?;
        let mut numbers = Vec::new();
        for id in ["d1", "d2"] {
            let answer = topic.message(id).message_group_id("g").message_deduplication_id(id).send().await?;
            let number = text(answer.sequence_number());
            let message = subscriber.take().await?;
            let letter = envelope(&message)?;
            equal("the envelope's number", Some(number.as_str()), letter["SequenceNumber"].as_str())?;
            let signed = ["SignatureVersion", "Signature", "SigningCertURL"].iter().any(|name| letter.get(*name).is_some());
            holds("no signature", !signed, &letter)?;
            let of = |name| system(&message, &name);
            equal("the group", Some("g".to_owned()), of(MessageSystemAttributeName::MessageGroupId))?;
            equal("the id", Some(id.to_owned()), of(MessageSystemAttributeName::MessageDeduplicationId))?;
            let own = of(MessageSystemAttributeName::SequenceNumber);
            holds("a number of the queue's own", own.is_some() && own != Some(number.clone()), (&own, &number))?;
            numbers.push(number);
        }
        let digits = numbers.iter().all(|number| number.len() == 20 && number.bytes().all(|byte| byte.is_ascii_digit()));
        holds("twenty digits, growing", digits && numbers[0] < numbers[1], &numbers)
    }
}

/// Publishes with a group and an id.
async fn publish(topic: &Topic<'_>, message: &str, group: &str, id: &str) -> Result<String, Stop> {
    let request = topic.message(message).message_group_id(group).message_deduplication_id(id);
    Ok(text(request.send().await?.message_id()))
}

case! {
    /// For five minutes a deduplication id is taken and not delivered again, in whatever group; then it is.
    pub WINDOW = "sns.fifo.window",
    clauses: ["sns.fifo.dedup-window", "sns.fifo.dedup-scope"],
    cost: 25 requests, 340 seconds,
    protocols: [Query],
    async fn window(scope) {
        let topic = fifo_topic(scope).await?;
        let subscriber = topic.fifo_subscriber().await?;
        let first = publish(&topic, "first", "g", "d").await?;
        equal("the answer to a duplicate", first.clone(), publish(&topic, "again", "g", "d").await?)?;
        equal("the same in another group", first, publish(&topic, "elsewhere", "h", "d").await?)?;
        scope.sleep(seconds(290)).await;
        publish(&topic, "still too early", "g", "d").await?;
        subscriber.expect("one message", &["first"]).await?;
        scope.sleep(seconds(20)).await;
        publish(&topic, "late enough", "g", "d").await?;
        // The queue's own window began when the first message arrived there, and is over too.
        subscriber.expect("the message after the window", &["late enough"]).await
    }
}

case! {
    /// With FifoThroughputScope=MessageGroup an id counts within its group only.
    pub SCOPE = "sns.fifo.group_scope",
    clauses: ["sns.fifo.dedup-scope"],
    cost: 20 requests, 15 seconds,
    protocols: [Query],
    async fn group_scope(scope) {
        let topic = fifo_topic_with(scope, &[("FifoThroughputScope", "MessageGroup")]).await?;
        let standard = topic.subscriber().await?;
        let first = publish(&topic, "first", "g", "d").await?;
        equal("within the group", first.clone(), publish(&topic, "again", "g", "d").await?)?;
        holds("in another group", first != publish(&topic, "elsewhere", "h", "d").await?, &first)?;
        standard.expect("both groups' messages", &["first", "elsewhere"]).await?;
        let answer = fifo_topic_with(scope, &[("FifoThroughputScope", "Queue")]).await;
        holds("there is no other scope", answer.is_err(), "it was created")
    }
}

case! {
    /// With content-based deduplication the id is the SHA-256 of the message, attributes apart.
    pub CONTENT = "sns.fifo.content",
    clauses: ["sns.fifo.content-hash"],
    cost: 20 requests, 15 seconds,
    protocols: [Query],
    async fn content(scope) {
        let topic = fifo_topic_with(scope, &[("ContentBasedDeduplication", "true")]).await?;
        let subscriber = topic.fifo_subscriber().await?;
        let send = |message: &str| topic.message(message).message_group_id("g");
        send("Test").send().await?;
        let other = super::support::attribute("String", "ignored")?;
        send("Test").message_attributes("kind", other).send().await?;
        let message = subscriber.take().await?;
        let id = system(&message, &MessageSystemAttributeName::MessageDeduplicationId);
        equal("the recorded digest", Some("532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25".to_owned()), id)?;
        let digest: String = Sha256::digest("other").iter().map(|byte| format!("{byte:02x}")).collect();
        send("other").send().await?;
        let id = system(&subscriber.take().await?, &MessageSystemAttributeName::MessageDeduplicationId);
        equal("the duplicate was dropped, and the next has its own", Some(digest), id)
    }
}

case! {
    /// A batch keeps its order, and deduplicates within itself.
    pub BATCH = "sns.fifo.batch",
    clauses: ["sns.batch.fifo-order"],
    cost: 20 requests, 15 seconds,
    protocols: [Query],
    async fn batch(scope) {
        let topic = fifo_topic(scope).await?;
        let subscriber = topic.fifo_subscriber().await?;
        let mut request = scope.sns().publish_batch().topic_arn(&topic.arn);
        for (id, dedup) in [("a", "1"), ("b", "2"), ("c", "1"), ("d", "3")] {
            let entry = PublishBatchRequestEntry::builder().id(id).message(id).message_group_id("g");
            request = request.publish_batch_request_entries(entry.message_deduplication_id(dedup).build()?);
        }
        let answer = request.send().await?;
        equal("all are accepted", (4, 0), (answer.successful().len(), answer.failed().len()))?;
        let numbered = answer.successful().iter().all(|entry| entry.sequence_number().is_some());
        holds("each has a sequence number", numbered, answer.successful())?;
        equal("in order, once each", vec!["a".to_owned(), "b".into(), "d".into()], in_order(&subscriber, 3).await?)?;
        subscriber.expect("nothing more", &[]).await
    }
}

case! {
    /// A filtered FIFO subscription is delivered at most once; what was filtered out does not come after a change.
    pub FILTERED = "sns.fifo.filtered",
    clauses: ["sns.filter.fifo-at-most-once"],
    cost: 20 requests, 920 seconds,
    protocols: [Query],
    async fn filtered(scope) {
        let topic = fifo_topic(scope).await?;
        let (queue, arn) = topic.fifo_queue().await?;
        let subscriber = topic.subscribe_queue(queue, arn, &[("FilterPolicy", r#"{"kind":["sale"]}"#)]).await?;
        publish(&topic, "unwanted", "g", "d").await?;
        subscriber.set("FilterPolicy", "").await?;
        publish(&topic, "unwanted", "g", "d").await?;
        let got = subscriber.drain().await?;
        let seen = if got.is_empty() { "a filtered message does not come within the window" } else { "it came again" };
        scope.observe("sns.filter.fifo-at-most-once", seen);
        Ok(())
    }
}
