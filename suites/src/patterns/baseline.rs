//! Point-to-point queue and publish/subscribe: what the other patterns are built of.

use super::{consume, publish};
use crate::sns::support::{QUIET, topic};
use crate::sqs::support::{both, equal, holds, refused, seconds, standard, text};
use aws_sdk_sns::types::PublishBatchRequestEntry;
use proofmark_conform::case;
use proofmark_conform::checkers::fan_out;
use std::collections::BTreeSet;

case! {
    /// Of competing consumers one processes each message; nothing is lost.
    pub COMPETING = "pat.queue.competing_consumers",
    clauses: ["pat.queue.single-consumer", "pat.any.no-loss-after-ack", "pat.any.duplicates-bounded-by-type"],
    cost: 80 requests, 40 seconds,
    protocols: [Query],
    async fn competing_consumers(scope) {
        let queue = standard(scope).await?;
        queue.fill(100, None).await?;
        let consumer = async || {
            let mut taken = Vec::new();
            let mut last = scope.now();
            while scope.now() < last + QUIET {
                for message in queue.poll_once().await? {
                    queue.delete(&message).await?;
                    taken.push(text(message.body()));
                    last = scope.now();
                }
            }
            Ok(taken)
        };
        let (one, other) = both(consumer(), consumer()).await?;
        let all: BTreeSet<&String> = one.iter().chain(&other).collect();
        equal("every message, once or more", 100, all.len())?;
        let duplicates = one.len() + other.len() - all.len();
        scope.observe("pat.any.duplicates-bounded-by-type", format!("{duplicates} duplicates of a standard queue"));
        Ok(())
    }
}

case! {
    /// A queue flattens a burst: a slow consumer gets all of it, at its own pace.
    pub BURST = "pat.queue.burst",
    clauses: ["pat.queue.flatten-peak", "pat.any.backpressure-visible"],
    cost: 150 requests, 120 seconds,
    protocols: [Query],
    async fn burst(scope) {
        let queue = standard(scope).await?;
        queue.fill(50, None).await?;
        queue.expect_counts(50, 0, 0).await?;
        let mut taken = BTreeSet::new();
        for _ in 0..200 {
            let one = queue.poll().max_number_of_messages(1).wait_time_seconds(1).send().await?;
            for message in one.messages() {
                queue.delete(message).await?;
                taken.insert(text(message.body()));
            }
            if taken.len() == 50 {
                break;
            }
            scope.sleep(seconds(1)).await;
        }
        equal("all of the burst", 50, taken.len())?;
        // What was deleted may come back once, within a minute or so; it is deleted again.
        queue.drain(seconds(150)).await?;
        queue.expect_counts(0, 0, 0).await
    }
}

case! {
    /// Published once, every subscriber has it; nothing comes that nobody sent.
    pub PUBLISH_SUBSCRIBE = "pat.topic.publish_subscribe",
    clauses: ["pat.topic.every-subscriber", "pat.any.no-invention", "pat.any.no-loss-after-ack"],
    cost: 80 requests, 40 seconds,
    protocols: [Query],
    async fn publish_subscribe(scope) {
        let topic = topic(scope).await?;
        let (one, other) = (topic.subscriber().await?, topic.subscriber().await?);
        let mut sent = BTreeSet::new();
        for number in 0..20 {
            let message = format!("message {number}: \u{e9}\u{20ac}");
            publish(&topic, None, &message).await?;
            sent.insert(message);
        }
        for (subscriber, name) in [(&one, "one"), (&other, "other")] {
            let got = consume(subscriber, name, QUIET).await?;
            let mut texts = BTreeSet::new();
            for message in &got {
                texts.insert(text(crate::sns::support::envelope(message)?["Message"].as_str()));
            }
            equal("what came, to the letter", &sent, &texts)?;
        }
        fan_out(&scope.history().events(), "topic", &["one", "other"]).settle()
    }
}

case! {
    /// A topic keeps nothing for who comes late.
    pub LATE = "pat.topic.late",
    clauses: ["pat.topic.no-store-for-late"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    async fn late(scope) {
        let topic = topic(scope).await?;
        publish(&topic, None, "early").await?;
        scope.sleep(seconds(5)).await;
        let subscriber = topic.subscriber().await?;
        publish(&topic, None, "late").await?;
        subscriber.expect("what the late one has", &["late"]).await
    }
}

case! {
    /// What was refused is never delivered; of a batch, what was accepted is.
    pub REJECTED = "pat.any.rejected",
    clauses: ["pat.any.rejected-not-delivered", "pat.any.partial-batch-accounting"],
    cost: 25 requests, 20 seconds,
    protocols: [Query],
    async fn rejected(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let answer = topic.message(&"x".repeat(262_145)).send().await;
        refused(scope, answer, "InvalidParameter", 400, "")?;
        let entry = |id: &str, message: &str| PublishBatchRequestEntry::builder().id(id).message(message).build();
        let request = scope.sns().publish_batch().topic_arn(&topic.arn);
        let request = request.publish_batch_request_entries(entry("a", "in the batch")?);
        let answer = request.publish_batch_request_entries(entry("b", "too")?).send().await?;
        let accepted: BTreeSet<&str> = answer.successful().iter().filter_map(|entry| entry.id()).collect();
        holds("each entry is accounted for", accepted.len() + answer.failed().len() == 2, &answer)?;
        publish(&topic, None, "alone").await?;
        let expected: Vec<&str> = [("a", "in the batch"), ("b", "too")].iter().filter(|(id, _)| accepted.contains(id)).map(|(_, text)| *text).chain(["alone"]).collect();
        subscriber.expect("what was accepted", &expected).await
    }
}
