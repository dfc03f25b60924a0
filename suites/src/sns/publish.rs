//! Publishing: what is taken, what is refused, who gets it.

use super::support::topic;
use crate::sqs::support::{holds, refused};
use proofmark_conform::case;

case! {
    /// A published message reaches every subscribed queue, and Publish returns its id.
    pub TO_QUEUES = "sns.publish.to_queues",
    clauses: ["sns.publish.ack-durable", "sns.sub.auto-confirm"],
    cost: 20 requests, 130 seconds,
    protocols: [Query],
    async fn to_queues(scope) {
        let topic = topic(scope).await?;
        let (one, other) = (topic.subscriber().await?, topic.subscriber().await?);
        let id = topic.publish("hello").await?;
        holds("an id", id.len() == 36, &id)?;
        one.expect("the first queue's messages", &["hello"]).await?;
        other.expect("the second queue's messages", &["hello"]).await
    }
}

case! {
    /// What was published before a subscription existed never reaches it.
    pub BEFORE_SUBSCRIBE = "sns.publish.before_subscribe",
    clauses: ["sns.topic.publish-before-subscribe", "sns.topic.no-retention"],
    cost: 15 requests, 80 seconds,
    protocols: [Query],
    async fn before_subscribe(scope) {
        let topic = topic(scope).await?;
        topic.publish("too early").await?;
        let subscriber = topic.subscriber().await?;
        topic.publish("in time").await?;
        subscriber.expect("the messages", &["in time"]).await
    }
}

case! {
    /// An empty message is refused.
    pub EMPTY = "sns.publish.empty_message",
    clauses: ["sns.publish.empty"],
    cost: 2 requests, 2 seconds,
    protocols: [Query],
    async fn empty_message(scope) {
        let topic = topic(scope).await?;
        let answer = topic.message("").send().await;
        refused(scope, answer, "InvalidParameter", 400, "Invalid parameter: Empty message")
    }
}
