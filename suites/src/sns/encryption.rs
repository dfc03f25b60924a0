//! Encryption at rest, of topics and of the queues behind them.

use super::support::{Topic, topic, topic_with};
use crate::sqs::support::{equal, holds, refused, seconds};
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_conform::{KmsKey, PATIENCE, Seen, Stop, case};

pub(super) const MISSING_KEY: &str = "11111111-2222-4333-8444-555555555555";

/// Waits until publishing fails, which a changed key may take a while for.
pub(super) async fn publish_fails(topic: &Topic<'_>) -> Result<(), Stop> {
    let look = async || Ok(Seen::when(topic.message("x").send().await.is_err(), "it is accepted"));
    topic.scope.eventually("publishing fails", PATIENCE, look).await
}

case! {
    /// With a key that cannot be used nothing can be published; without it, or with SNS's own, it can again.
    pub UNUSABLE_KEY = "sns.sse.unusable_key",
    clauses: ["sns.sse.kms", "wire.sns.code-map"],
    cost: 24 requests, 200 seconds,
    protocols: [Query],
    async fn unusable_key(scope) {
        let topic = topic(scope).await?;
        topic.set("KmsMasterKeyId", MISSING_KEY).await?;
        equal("the key", Some(MISSING_KEY), topic.attributes().await?.get("KmsMasterKeyId").map(String::as_str))?;
        publish_fails(&topic).await?;
        refused(scope, topic.message("x").send().await, "KMSNotFound", 400, "")?;
        let works = async || {
            let published = topic.message("x").send().await;
            Ok(Seen::when(published.is_ok(), format!("{:?}", published.err())))
        };
        topic.set("KmsMasterKeyId", "alias/aws/sns").await?;
        scope.eventually("SNS's own key works", PATIENCE, works).await?;
        topic.set("KmsMasterKeyId", MISSING_KEY).await?;
        publish_fails(&topic).await?;
        topic.set("KmsMasterKeyId", "").await?;
        equal("no key", None, topic.attributes().await?.get("KmsMasterKeyId"))?;
        scope.eventually("no key works", PATIENCE, works).await
    }
}

case! {
    /// Why a key cannot be used decides with which code Publish fails, and what a queue with such a key does not get.
    pub KEY_STATES = "sns.sse.key_states",
    clauses: ["sns.sse.kms", "wire.sns.code-map"],
    cost: 40 requests, 60 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn key_states(scope) {
        let key = "99999999-2222-4333-8444-555555555555";
        let set = |state| scope.insight().map(|reference| reference.set_kms_key(key, state));
        set(KmsKey::Enabled)?;
        let encrypted = topic_with(scope, &[("KmsMasterKeyId", key)]).await?;
        encrypted.publish("x").await?;
        let topic = topic(scope).await?;
        let (dead, dead_arn) = topic.queue(&[]).await?;
        let redrive = format!(r#"{{"deadLetterTargetArn":"{dead_arn}"}}"#);
        let (queue, arn) = topic.queue(&[(QueueAttributeName::KmsMasterKeyId, key)]).await?;
        topic.subscribe("sqs", &arn, &[("RedrivePolicy", &redrive)]).send().await?;
        topic.publish("usable").await?;
        holds("the queue's message", queue.receive().await?.body().is_some_and(|body| body.contains("usable")), "")?;
        for (state, code) in [
            (KmsKey::Disabled, "KMSDisabled"),
            (KmsKey::PendingDeletion, "KMSInvalidState"),
            (KmsKey::AccessDenied, "KMSAccessDenied"),
        ] {
            set(state)?;
            refused(scope, encrypted.message("x").send().await, code, 400, "")?;
            topic.publish(code).await?;
            scope.sleep(seconds(2)).await;
            let given_up = dead.drain(seconds(3)).await?;
            // Beside a second copy of an earlier message, which may come that late.
            holds("given up at once", given_up.iter().any(|body| body.contains(code)), &given_up)?;
        }
        Ok(())
    }
}

case! {
    /// A queue that is encrypted with a key that SNS may not use gets nothing, and the delivery fails for good.
    pub ENCRYPTED_QUEUE = "sns.sse.encrypted_queue",
    clauses: ["sns.sse.kms"],
    cost: 26 requests, 60 seconds,
    protocols: [Query],
    async fn encrypted_queue(scope) {
        let topic = topic(scope).await?;
        let (dead, dead_arn) = topic.queue(&[]).await?;
        let redrive = format!(r#"{{"deadLetterTargetArn":"{dead_arn}"}}"#);
        let (queue, arn) = topic.queue(&[(QueueAttributeName::KmsMasterKeyId, "alias/aws/sqs")]).await?;
        topic.subscribe("sqs", &arn, &[("RedrivePolicy", &redrive)]).send().await?;
        topic.publish("hello").await?;
        let given_up = dead.receive().await?;
        holds("given up at once", given_up.body().is_some_and(|body| body.contains("hello")), &given_up)?;
        queue.expect_nothing_for(seconds(5), "SNS cannot use the queue's key").await
    }
}
