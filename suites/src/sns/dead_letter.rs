//! Dead-letter queues of subscriptions: what goes there, and what it looks like.

use super::support::{QUIET, Topic, attribute, envelope, fifo_topic, policy, topic};
use crate::sqs::support::{Queue, create, equal, holds, refused, system, text};
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use proofmark_conform::{Stop, case};

fn redrive(target: &str) -> String {
    format!(r#"{{"deadLetterTargetArn":"{target}"}}"#)
}

/// A queue that refuses its topic, and one that takes dead letters: the subscription and the dead-letter queue.
async fn refusing<'a>(topic: &Topic<'a>, attributes: &[(&str, &str)]) -> Result<(String, Queue<'a>), Stop> {
    let closed = create(topic.scope, topic.scope.name(&topic.scope.fresh("closed")), &[]).await?;
    let (dead, dead_arn) = topic.queue(&[]).await?;
    let policy = redrive(&dead_arn);
    let attributes = [attributes, &[("RedrivePolicy", policy.as_str())]].concat();
    let answer = topic.subscribe("sqs", &closed.arn().await?, &attributes).send().await?;
    Ok((text(answer.subscription_arn()), dead))
}

case! {
    /// A redrive policy names a queue by ARN, in JSON.
    pub POLICY = "sns.dlq.redrive_policy",
    clauses: ["sns.dlq.policy"],
    cost: 12 requests, 5 seconds,
    protocols: [Query],
    async fn redrive_policy(scope) {
        let topic = topic(scope).await?;
        let (_, arn) = topic.queue(&[]).await?;
        let answer = topic.subscribe("sqs", &topic.queue_arn("nobody"), &[("RedrivePolicy", &redrive(&arn))]).send().await?;
        let subscription = text(answer.subscription_arn());
        let shown = super::support::subscription_attributes(scope, &subscription).await?.remove("RedrivePolicy");
        equal("the policy", Some(redrive(&arn)), shown.clone())?;
        let set = async |policy: &str| {
            let request = scope.sns().set_subscription_attributes().subscription_arn(&subscription);
            request.attribute_name("RedrivePolicy").attribute_value(policy).send().await
        };
        let invalid = "Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn";
        refused(scope, set(&redrive("not-an-arn")).await, "InvalidParameter", 400, invalid)?;
        refused(scope, set("{nonsense").await, "InvalidParameter", 400, "")?;
        let after = super::support::subscription_attributes(scope, &subscription).await?.remove("RedrivePolicy");
        equal("the policy after the refusals", shown, after)?;
        set("").await?;
        let removed = super::support::subscription_attributes(scope, &subscription).await?.remove("RedrivePolicy");
        equal("no policy", None, removed)
    }
}

case! {
    /// A queue whose policy does not let the topic send gets nothing; Publish succeeds, the dead-letter queue has it.
    pub DENIED = "sns.dlq.denied",
    clauses: ["sns.perm.sqs-queue-policy", "sns.retry.client-error", "sns.dlq.payload", "sns.dlq.same-account-region"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    async fn denied(scope) {
        let topic = topic(scope).await?;
        let (_, dead) = refusing(&topic, &[]).await?;
        let id = topic.message("lost?").message_attributes("kind", attribute("String", "sale")?).send().await?;
        let message = dead.receive().await?;
        let letter = envelope(&message)?;
        equal("the envelope", (id.message_id(), Some("lost?")), (letter["MessageId"].as_str(), letter["Message"].as_str()))?;
        equal("its attributes", Some("sale"), letter["MessageAttributes"]["kind"]["Value"].as_str())?;
        holds("nothing is added", message.message_attributes().is_none(), &message)
    }
}

case! {
    /// A raw subscription's dead letters are raw, with their attributes.
    pub RAW = "sns.dlq.raw_payload",
    clauses: ["sns.dlq.payload"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    async fn raw_payload(scope) {
        let topic = topic(scope).await?;
        let (_, dead) = refusing(&topic, &[("RawMessageDelivery", "true")]).await?;
        topic.message("as it is").message_attributes("kind", attribute("String", "sale")?).send().await?;
        let message = dead.receive().await?;
        equal("the body", Some("as it is"), message.body())?;
        let kind = message.message_attributes.as_ref().and_then(|all| all.get("kind")?.string_value.clone());
        equal("the attribute", Some("sale".to_owned()), kind)
    }
}

case! {
    /// A queue that was deleted loses its messages to the dead-letter queue at once; the subscription stays.
    pub GONE = "sns.dlq.gone",
    clauses: ["sns.sub.survives-endpoint-delete", "sns.retry.client-error", "sns.dlq.per-subscription"],
    cost: 25 requests, 90 seconds,
    protocols: [Query],
    async fn gone(scope) {
        let topic = topic(scope).await?;
        let (dead, dead_arn) = topic.queue(&[]).await?;
        let policy = redrive(&dead_arn);
        let going = topic.subscriber_with(&[("RedrivePolicy", policy.as_str())]).await?;
        let staying = topic.subscriber().await?;
        scope.sqs().delete_queue().queue_url(&going.queue.url).send().await?;
        scope.sleep(crate::sqs::support::PROPAGATION).await;
        topic.publish("for both").await?;
        staying.expect("the queue that stays", &["for both"]).await?;
        equal("the dead letter", Some("for both"), envelope(&dead.receive().await?)?["Message"].as_str())?;
        let attributes = going.attributes().await?;
        equal("the subscription is confirmed still", Some("false"), attributes.get("PendingConfirmation").map(String::as_str))
    }
}

case! {
    /// A dead-letter queue that does not let the topic send loses the message.
    pub CLOSED = "sns.dlq.closed",
    clauses: ["sns.dlq.permission-missing"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    async fn closed(scope) {
        let topic = topic(scope).await?;
        let closed = create(scope, scope.name("closed"), &[]).await?;
        let dead = create(scope, scope.name("dead"), &[]).await?;
        let policy_text = redrive(&dead.arn().await?);
        let attributes = [("RedrivePolicy", policy_text.as_str())];
        topic.subscribe("sqs", &closed.arn().await?, &attributes).send().await?;
        topic.publish("lost").await?;
        equal("neither queue has it", (0, 0), (closed.drain(QUIET).await?.len(), dead.drain(QUIET).await?.len()))?;
        dead.set(QueueAttributeName::Policy, &policy(&dead.arn().await?, &topic.arn)).await?;
        scope.sleep(crate::sqs::support::PROPAGATION).await;
        equal("nor does it come later", 0, dead.drain(QUIET).await?.len())
    }
}

case! {
    /// A FIFO subscription of a FIFO topic needs a FIFO dead-letter queue, which gets group and deduplication id.
    pub FIFO = "sns.dlq.fifo_queue",
    clauses: ["sns.dlq.fifo", "sns.dlq.payload"],
    cost: 25 requests, 20 seconds,
    protocols: [Query],
    async fn fifo_queue(scope) {
        let topic = fifo_topic(scope).await?;
        let closed = create(scope, scope.fifo_name("closed"), &[(QueueAttributeName::FifoQueue, "true")]).await?;
        let (dead, dead_arn) = topic.fifo_queue().await?;
        let (_, standard_arn) = topic.queue(&[]).await?;
        let endpoint = closed.arn().await?;
        let answer = topic.subscribe("sqs", &endpoint, &[("RedrivePolicy", &redrive(&standard_arn))]).send().await;
        let expected = "Invalid parameter: Attributes Reason: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.";
        refused(scope, answer, "InvalidParameter", 400, expected)?;
        topic.subscribe("sqs", &endpoint, &[("RedrivePolicy", &redrive(&dead_arn))]).send().await?;
        topic.message("lost?").message_group_id("g").message_deduplication_id("d").send().await?;
        let message = dead.receive().await?;
        equal("the envelope", Some("lost?"), envelope(&message)?["Message"].as_str())?;
        let of = |name| system(&message, &name);
        let ids = (of(MessageSystemAttributeName::MessageGroupId), of(MessageSystemAttributeName::MessageDeduplicationId));
        equal("group and deduplication id", (Some("g".to_owned()), Some("d".to_owned())), ids)
    }
}

case! {
    /// An invitation that cannot be delivered is no dead letter.
    pub INVITATION = "sns.dlq.invitation",
    clauses: ["sns.dlq.confirmation-not"],
    cost: 15 requests, 100 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn invitation(scope) {
        let topic = topic(scope).await?;
        let (dead, dead_arn) = topic.queue(&[]).await?;
        let subscriber = scope.subscriber("subscriber").await?;
        subscriber.otherwise(proofmark_conform::Reply::Status(500));
        topic.subscribe("http", subscriber.url(), &[("RedrivePolicy", &redrive(&dead_arn))]).send().await?;
        scope.sleep(crate::sqs::support::seconds(90)).await;
        dead.expect_nothing_for(crate::sqs::support::seconds(5), "no dead letter").await
    }
}

case! {
    /// A message of a FIFO group that is given up lets the next of the group go.
    pub FIFO_GROUP = "sns.dlq.fifo_group",
    clauses: ["sns.dlq.policy", "sns.retry.client-error"],
    cost: 20 requests, 30 seconds,
    protocols: [Query],
    async fn fifo_group(scope) {
        let topic = fifo_topic(scope).await?;
        let (dead, dead_arn) = topic.fifo_queue().await?;
        topic.subscribe("sqs", &topic.queue_arn("nobody.fifo"), &[("RedrivePolicy", &redrive(&dead_arn))]).send().await?;
        let messages = ["first", "second", "third"];
        for message in messages {
            topic.publish_to_group("g", message).await?;
        }
        for message in messages {
            let letter = dead.receive().await?;
            equal("in their order", message.to_owned(), super::support::message_of(&text(letter.body()))?)?;
            dead.delete(&letter).await?;
        }
        // A standard queue of a FIFO topic may have a standard queue for its dead letters.
        let (_, standard) = topic.queue(&[]).await?;
        topic.subscribe("sqs", &topic.queue_arn("nobody"), &[("RedrivePolicy", &redrive(&standard))]).send().await?;
        Ok(())
    }
}
