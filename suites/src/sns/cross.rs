//! Other accounts and other Regions.

use super::support::{envelope, policy, topic};
use crate::sqs::support::{equal, holds, refused, seconds, text};
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_conform::ledger::Owner;
use proofmark_conform::{Identity, Seen, Stop, case};
use serde_json::Value;

case! {
    /// Another account publishes and subscribes only if the topic's policy lets it.
    pub TOPIC_POLICY = "sns.cross.policy",
    clauses: ["sns.cross.topic-policy", "wire.auth.sns-denied"],
    cost: 15 requests, 20 seconds,
    protocols: [Query],
    needs: [SecondAccount],
    async fn topic_policy(scope) {
        let topic = topic(scope).await?;
        let guest = scope.sns_as(Identity::Second)?;
        let answer = guest.publish().topic_arn(&topic.arn).message("x").send().await;
        refused(scope, answer, "AuthorizationError", 403, "")?;
        let account = guest_account(&guest).await?;
        let endpoint = topic.queue_arn("x");
        let answer = guest.subscribe().topic_arn(&topic.arn).protocol("sqs").endpoint(&endpoint).send().await;
        refused(scope, answer, "AuthorizationError", 403, "")?;
        let grant = scope.sns().add_permission().topic_arn(&topic.arn).label("guest").aws_account_id(&account);
        grant.action_name("Publish").send().await?;
        guest.publish().topic_arn(&topic.arn).message("x").send().await?;
        let answer = guest.subscribe().topic_arn(&topic.arn).protocol("sqs").endpoint(&endpoint).send().await;
        refused(scope, answer, "AuthorizationError", 403, "")
    }
}

/// The second account's id, out of the ARN of a topic of its own.
async fn guest_account(guest: &aws_sdk_sns::Client) -> Result<String, Stop> {
    let name = "proofmark-who-am-i";
    let arn = text(guest.create_topic().name(name).send().await?.topic_arn());
    guest.delete_topic().topic_arn(&arn).send().await?;
    Ok(text(arn.split(':').nth(4)))
}

case! {
    /// A queue's owner who subscribes it to another account's topic is confirmed at once; the topic's owner who does
    /// waits until the letter in the queue is used.
    pub CONFIRM = "sns.cross.confirm",
    clauses: ["sns.cross.account-confirm"],
    cost: 30 requests, 30 seconds,
    protocols: [Query],
    needs: [SecondAccount],
    async fn confirm(scope) {
        let topic = topic(scope).await?;
        let guest = scope.sns_as(Identity::Second)?;
        let account = guest_account(&guest).await?;
        let queues = scope.sqs_as(Identity::Second)?;
        let mut arns = Vec::new();
        let mut urls = Vec::new();
        for role in ["by-topic-owner", "by-queue-owner"] {
            let name = scope.name(role);
            let arn = format!("arn:aws:sqs:{}:{account}:{name}", scope.region());
            let create = scope.creating_queue_of(Owner::Second, &name)?;
            let created = create.attributes(QueueAttributeName::Policy, policy(&arn, &topic.arn)).send().await?;
            urls.push(text(created.queue_url()));
            arns.push(arn);
        }
        // A new queue may be unknown for a second.
        scope.sleep(seconds(2)).await;
        let subscribed = topic.subscribe("sqs", &arns[0], &[]).return_subscription_arn(false).send().await?;
        equal("the topic's owner waits", Some("pending confirmation"), subscribed.subscription_arn())?;
        let letter = scope
            .eventually("the letter is in the queue", seconds(20), async || {
                let answer = queues.receive_message().queue_url(&urls[0]).wait_time_seconds(2).send().await?;
                Ok(Seen::some_or(answer.messages().first().cloned(), "nothing came"))
            })
            .await?;
        let letter: Value = envelope(&letter)?;
        equal("the letter", Some("SubscriptionConfirmation"), letter["Type"].as_str())?;
        let token = text(letter["Token"].as_str());
        let confirmed = guest.confirm_subscription().topic_arn(&topic.arn).token(token).send().await?;
        holds("confirmed", confirmed.subscription_arn().is_some_and(|arn| arn.starts_with(&topic.arn)), &confirmed)?;
        let grant = scope.sns().add_permission().topic_arn(&topic.arn).label("guest").aws_account_id(&account);
        grant.action_name("Subscribe").send().await?;
        let subscribed = guest.subscribe().topic_arn(&topic.arn).protocol("sqs").endpoint(&arns[1]).send().await?;
        holds("the queue's owner does not", subscribed.subscription_arn().is_some_and(|arn| arn.starts_with(&topic.arn)), &subscribed)?;
        // Who owns the topic may look at a guest's subscription, and so may the guest.
        let arn = subscribed.subscription_arn();
        for sns in [scope.sns(), &guest] {
            sns.get_subscription_attributes().set_subscription_arn(arn.map(str::to_owned)).send().await?;
        }
        let end = |sns: &aws_sdk_sns::Client, arn: Option<&str>| sns.unsubscribe().set_subscription_arn(arn.map(str::to_owned)).send();
        end(scope.sns(), arn).await?;
        end(scope.sns(), confirmed.subscription_arn()).await?;
        let left = scope.sns().list_subscriptions_by_topic().topic_arn(&topic.arn).send().await?;
        equal("none is left", 0, left.subscriptions().len())
    }
}

case! {
    /// A topic delivers to queues of other Regions; FIFO topics and Firehose only within their own.
    pub REGIONS = "sns.cross.regions",
    clauses: ["sns.cross.region-delivery", "sns.cross.region-firehose"],
    cost: 15 requests, 20 seconds,
    protocols: [Query],
    async fn regions(scope) {
        let topic = topic(scope).await?;
        let elsewhere = if scope.region() == "eu-west-1" { "us-east-1" } else { "eu-west-1" };
        let far = |arn: &str| arn.replacen(scope.region(), elsewhere, 1);
        let subscribed = topic.subscribe("sqs", &far(&topic.queue_arn("far-away")), &[]).send().await?;
        holds("a queue far away is subscribed", subscribed.subscription_arn().is_some(), &subscribed)?;
        let stream = topic.queue_arn("x").replacen(":sqs:", ":firehose:", 1).replace(":x", ":deliverystream/x");
        let role = [("SubscriptionRoleArn", "arn:aws:iam::111122223333:role/firehose")];
        let answer = topic.subscribe("firehose", &far(&stream), &role).send().await;
        refused(scope, answer, "InvalidParameter", 400, "")?;
        let fifo = super::support::fifo_topic(scope).await?;
        let answer = fifo.subscribe("sqs", &far(&fifo.queue_arn("far-away.fifo")), &[]).send().await;
        refused(scope, answer, "InvalidParameter", 400, "")
    }
}
