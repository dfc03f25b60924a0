//! Topic-queue chaining: a topic, a queue for each kind of consumer, and what the chain promises as a whole.

use super::{consume, note, publish};
use crate::sns::support::{QUIET, attribute, envelope, fifo_topic, topic};
use crate::sqs::support::{create, equal, holds, redrive_policy, seconds, text};
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_conform::case;
use proofmark_conform::checkers::{fan_out, order_per_group, repeats};
use std::collections::BTreeSet;

case! {
    /// Every queue gets all that was acknowledged, under the same message id; raw or in an envelope.
    pub EVERY_QUEUE = "pat.tqc.every_queue",
    clauses: ["pat.tqc.each-queue-gets-all", "pat.tqc.envelope", "pat.tqc.duplicates-independent", "pat.any.trace-id-survives"],
    cost: 90 requests, 40 seconds,
    protocols: [Query],
    async fn every_queue(scope) {
        let topic = topic(scope).await?;
        let (one, two) = (topic.subscriber().await?, topic.subscriber().await?);
        let raw = topic.subscriber_with(&[("RawMessageDelivery", "true")]).await?;
        let mut expected = BTreeSet::new();
        for number in 0..25 {
            let message = format!("order-{number}");
            publish(&topic, None, &message).await?;
            expected.insert(message);
        }
        consume(&one, "one", QUIET).await?;
        consume(&two, "two", QUIET).await?;
        let events = scope.history().events();
        fan_out(&events, "topic", &["one", "two"]).settle()?;
        scope.observe("pat.any.duplicates-bounded-by-type", format!("{} duplicates behind a standard topic", repeats(&events)));
        equal("the raw queue has the same", expected, raw.queue.drain(QUIET).await?)
    }
}

case! {
    /// A queue keeps what its stopped consumer does not fetch, for days.
    pub CONSUMER_DOWN = "pat.tqc.consumer_down",
    clauses: ["pat.tqc.consumer-down-retained", "pat.any.slow-subscriber-isolated"],
    cost: 60 requests, 1123300 seconds,
    protocols: [Query],
    needs: [VirtualTime],
    async fn consumer_down(scope) {
        let topic = topic(scope).await?;
        let (queue, arn) = topic.queue(&[(QueueAttributeName::MessageRetentionPeriod, "1209600")]).await?;
        let stopped = topic.subscribe_queue(queue, arn, &[]).await?;
        let running = topic.subscriber().await?;
        for number in 0..10 {
            publish(&topic, None, &number.to_string()).await?;
        }
        consume(&running, "running", QUIET).await?;
        fan_out(&scope.history().events(), "topic", &["running"]).settle()?;
        scope.sleep(seconds(13 * 86_400)).await;
        consume(&stopped, "stopped", QUIET).await?;
        fan_out(&scope.history().events(), "topic", &["running", "stopped"]).settle()
    }
}

case! {
    /// Down for longer than the queue's retention, exactly what is older is gone.
    pub RETENTION = "pat.tqc.retention",
    clauses: ["pat.tqc.retention-bound"],
    cost: 30 requests, 120 seconds,
    protocols: [Query],
    async fn retention(scope) {
        let topic = topic(scope).await?;
        let (queue, arn) = topic.queue(&[(QueueAttributeName::MessageRetentionPeriod, "60")]).await?;
        let subscriber = topic.subscribe_queue(queue, arn, &[]).await?;
        topic.publish("old").await?;
        scope.sleep(seconds(90)).await;
        topic.publish("new").await?;
        subscriber.expect("what was not too old", &["new"]).await
    }
}

case! {
    /// Complementary filters partition a topic: each message reaches exactly one queue.
    pub PARTITION = "pat.tqc.partition",
    clauses: ["pat.tqc.partition-by-filter", "pat.tqc.filter-exact"],
    cost: 60 requests, 30 seconds,
    protocols: [Query],
    async fn partition(scope) {
        let topic = topic(scope).await?;
        let mut parts = Vec::new();
        for policy in [r#"{"kind":["sale"]}"#, r#"{"kind":["return"]}"#, r#"{"kind":[{"anything-but":["sale","return"]}]}"#] {
            parts.push(topic.subscriber_with(&[("FilterPolicy", policy)]).await?);
        }
        for (message, kind) in [("a", "sale"), ("b", "return"), ("c", "gift"), ("d", "sale"), ("e", "loan")] {
            topic.message(message).message_attributes("kind", attribute("String", kind)?).send().await?;
        }
        for (part, expected) in parts.iter().zip([&["a", "d"][..], &["b"], &["c", "e"]]) {
            part.expect("the queue of one kind", expected).await?;
        }
        Ok(())
    }
}

case! {
    /// A FIFO topic with FIFO queues: per group every queue sees the publish order, once each.
    pub FIFO = "pat.tqc.fifo",
    clauses: ["pat.tqc.fifo-chain", "pat.any.order-scope", "pat.any.duplicates-bounded-by-type"],
    cost: 90 requests, 40 seconds,
    protocols: [Query],
    async fn fifo(scope) {
        let topic = fifo_topic(scope).await?;
        let (one, two) = (topic.fifo_subscriber().await?, topic.fifo_subscriber().await?);
        for number in 0..20 {
            publish(&topic, Some(["a", "b", "c"][number % 3]), &format!("m{number}")).await?;
        }
        // A repeat within the window is answered, and delivered to nobody.
        topic.publish_to_group("a", "m0").await?;
        consume(&one, "one", QUIET).await?;
        consume(&two, "two", QUIET).await?;
        let events = scope.history().events();
        fan_out(&events, "topic", &["one", "two"]).settle()?;
        order_per_group(&events).settle()?;
        equal("no duplicates", 0, repeats(&events))
    }
}

case! {
    /// Two dead-letter queues, two meanings: what could not be delivered, and what could not be processed.
    pub TWO_DEAD_LETTER_QUEUES = "pat.tqc.two_dead_letter_queues",
    clauses: ["pat.tqc.sns-dlq-vs-sqs-dlq", "pat.tqc.queue-policy", "pat.tqc.raw-10-attrs", "pat.any.poison-contained"],
    cost: 60 requests, 60 seconds,
    protocols: [Query],
    async fn two_dead_letter_queues(scope) {
        let topic = topic(scope).await?;
        let (undelivered, undelivered_arn) = topic.queue(&[]).await?;
        let poisoned = create(scope, scope.name("poisoned"), &[]).await?;
        let redrive = redrive_policy(&poisoned.arn().await?, 2);
        let attributes = [(QueueAttributeName::RedrivePolicy, redrive.as_str()), (QueueAttributeName::VisibilityTimeout, "1")];
        let (queue, arn) = topic.queue(&attributes).await?;
        let on_failure = format!(r#"{{"deadLetterTargetArn":"{undelivered_arn}"}}"#);
        let subscriber = topic.subscribe_queue(queue, arn, &[("RedrivePolicy", &on_failure)]).await?;
        let closed = create(scope, scope.name("closed"), &[]).await?;
        topic.subscribe("sqs", &closed.arn().await?, &[("RedrivePolicy", &on_failure)]).send().await?;
        for message in ["good", "poison", "good too"] {
            topic.publish(message).await?;
        }
        let mut processed = BTreeSet::new();
        for _ in 0..20 {
            for message in subscriber.queue.poll_once().await? {
                let said = text(envelope(&message)?["Message"].as_str());
                if said != "poison" {
                    subscriber.queue.delete(&message).await?;
                    processed.insert(said);
                }
            }
            scope.sleep(seconds(2)).await;
        }
        equal("what was processed", BTreeSet::from(["good".to_owned(), "good too".to_owned()]), processed)?;
        let dead: BTreeSet<String> = said(&poisoned.drain(QUIET).await?);
        equal("what could not be processed", BTreeSet::from(["poison".to_owned()]), dead)?;
        let lost = said(&undelivered.drain(QUIET).await?);
        equal("what could not be delivered to the closed queue", 3, lost.len())
    }
}

/// The messages of some envelopes.
fn said(bodies: &BTreeSet<String>) -> BTreeSet<String> {
    let message = |body: &String| {
        serde_json::from_str::<serde_json::Value>(body).unwrap_or_default()["Message"].as_str().map(str::to_owned)
    };
    bodies.iter().filter_map(message).collect()
}

case! {
    /// A consumer that dies between receive and delete loses nothing: the message comes again.
    pub CRASH = "pat.tqc.crash",
    clauses: ["pat.any.crash-consistency"],
    cost: 60 requests, 60 seconds,
    protocols: [Query],
    async fn crash(scope) {
        let topic = topic(scope).await?;
        let (queue, arn) = topic.queue(&[(QueueAttributeName::VisibilityTimeout, "2")]).await?;
        let subscriber = topic.subscribe_queue(queue, arn, &[]).await?;
        for number in 0..10 {
            publish(&topic, None, &number.to_string()).await?;
        }
        let began = scope.now();
        let first = subscriber.queue.receive().await?;
        note(scope, "queue", began, &first)?;
        scope.sleep(seconds(3)).await;
        let again = consume(&subscriber, "queue", QUIET).await?;
        holds("the one that was not deleted came again", again.iter().any(|message| message.message_id == first.message_id), &first)?;
        fan_out(&scope.history().events(), "topic", &["queue"]).settle()
    }
}

case! {
    /// One more queue changes nothing for the others.
    pub ADD_SUBSCRIBER = "pat.tqc.add_subscriber",
    clauses: ["pat.tqc.fanout-add-subscriber"],
    cost: 40 requests, 30 seconds,
    protocols: [Query],
    async fn add_subscriber(scope) {
        let topic = topic(scope).await?;
        let before = topic.subscriber().await?;
        topic.publish("first").await?;
        let added = topic.subscriber().await?;
        topic.publish("second").await?;
        before.expect("the old queue", &["first", "second"]).await?;
        added.expect("the new queue", &["second"]).await
    }
}
