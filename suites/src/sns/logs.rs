//! What is left to look at afterwards: delivery status logs and metrics.

use super::support::{Topic, topic, topic_with};
use crate::sqs::support::{equal, holds, refused, seconds, text};
use proofmark_conform::{Outage, Reply, Scope, Stop, case};
use serde_json::Value;

const ROLE: &str = "arn:aws:iam::111122223333:role/feedback";

case! {
    /// Roles and sample rates of the five protocols can be set; a rate is 0 to 100.
    pub ATTRIBUTES = "sns.log.attributes",
    clauses: ["sns.log.attrs"],
    cost: 25 requests, 10 seconds,
    protocols: [Query],
    async fn attributes(scope) {
        let topic = topic(scope).await?;
        for protocol in ["HTTP", "Firehose", "Lambda", "Application", "SQS"] {
            for (name, value) in [("SuccessFeedbackRoleArn", ROLE), ("SuccessFeedbackSampleRate", "100"), ("FailureFeedbackRoleArn", ROLE)] {
                let name = format!("{protocol}{name}");
                topic.set(&name, value).await?;
                equal(&name, Some(value.to_owned()), topic.attributes().await?.remove(&name))?;
            }
        }
        topic.set("SQSSuccessFeedbackSampleRate", "0").await?;
        for (name, wrong) in [("SQSSuccessFeedbackSampleRate", "101"), ("SQSSuccessFeedbackSampleRate", "-1"), ("SQSFailureFeedbackRoleArn", "nobody"), ("SQSFailureFeedbackRoleArn", "arn:aws:iam::111122223333:user/feedback"), ("SQSFailureFeedbackRoleArn", "arn:aws:sqs:us-east-1:111122223333:role/feedback"), ("SMSFailureFeedbackRoleArn", ROLE)] {
            let request = scope.sns().set_topic_attributes().topic_arn(&topic.arn).attribute_name(name);
            refused(scope, request.attribute_value(wrong).send().await, "InvalidParameter", 400, "")?;
        }
        Ok(())
    }
}

/// The log entries of a topic: the group and the entry.
fn entries(scope: &Scope, topic: &Topic<'_>) -> Result<Vec<(String, Value)>, Stop> {
    let name = text(topic.arn.rsplit(':').next());
    scope.insight()?.seen(|seen| {
        let ours = seen.log().filter(|entry| entry.group.split('/').nth(3) == Some(&name));
        ours.map(|entry| Ok((entry.group.clone(), serde_json::from_str(&entry.text).unwrap_or_default()))).collect()
    })
}

case! {
    /// A delivery is logged in the topic's group, a failure in a group of its own, if there is a role for it.
    pub FORMAT = "sns.log.entries",
    clauses: ["sns.log.format", "sns.log.attrs"],
    cost: 25 requests, 20 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn log_entries(scope) {
        let both = [("SQSSuccessFeedbackRoleArn", ROLE), ("SQSSuccessFeedbackSampleRate", "100"), ("SQSFailureFeedbackRoleArn", ROLE)];
        let topic = topic_with(scope, &both).await?;
        let subscriber = topic.subscriber().await?;
        let id = topic.publish("Test").await?;
        scope.sleep(seconds(2)).await;
        let (group, entry) = entries(scope, &topic)?.pop().ok_or_else(|| Stop::fail("nothing was logged"))?;
        let mut place = topic.arn.split(':').skip(3);
        let expected = format!("sns/{}/{}/{}", text(place.next()), text(place.next()), text(place.next()));
        equal("the group", expected.clone(), group)?;
        equal("the message", Some(id.as_str()), entry["notification"]["messageId"].as_str())?;
        equal("its digest", Some("0cbc6611f5540bd0809a388dc95a615b"), entry["notification"]["messageMD5Sum"].as_str())?;
        equal("its topic", Some(topic.arn.as_str()), entry["notification"]["topicArn"].as_str())?;
        equal("the destination", Some(subscriber.arn.as_str()), entry["delivery"]["destination"].as_str())?;
        equal("the outcome", (Some("SUCCESS"), Some(200), Some(1)), (entry["status"].as_str(), entry["delivery"]["statusCode"].as_u64(), entry["delivery"]["attempts"].as_u64()))?;
        holds("how long it took", entry["delivery"]["dwellTimeMs"].is_u64() && entry["delivery"]["deliveryId"].is_string(), &entry)?;
        topic.subscribe("sqs", &topic.queue_arn("nobody"), &[]).send().await?;
        topic.publish("lost").await?;
        scope.sleep(seconds(2)).await;
        let mut failed = entries(scope, &topic)?.into_iter().filter(|(group, _)| *group == format!("{expected}/Failure"));
        let (_, failure) = failed.next_back().ok_or_else(|| Stop::fail("no failure was logged"))?;
        equal("the failure", (Some("FAILURE"), Some(1)), (failure["status"].as_str(), failure["delivery"]["attempts"].as_u64()))
    }
}

case! {
    /// Without a role nothing is logged; with a rate of zero no success is, and every failure.
    pub SAMPLING = "sns.log.sampling",
    clauses: ["sns.log.attrs"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn sampling(scope) {
        let none = topic(scope).await?;
        let zero = [("SQSSuccessFeedbackRoleArn", ROLE), ("SQSSuccessFeedbackSampleRate", "0"), ("SQSFailureFeedbackRoleArn", ROLE)];
        let zero = topic_with(scope, &zero).await?;
        for topic in [&none, &zero] {
            topic.subscriber().await?;
            topic.subscribe("sqs", &topic.queue_arn("nobody"), &[]).send().await?;
            topic.publish("x").await?;
        }
        scope.sleep(seconds(2)).await;
        equal("without a role", 0, entries(scope, &none)?.len())?;
        let statuses: Vec<bool> = entries(scope, &zero)?.iter().map(|(_, entry)| entry["status"] == "FAILURE").collect();
        holds("failures only", !statuses.is_empty() && statuses.iter().all(|failure| *failure), &statuses)
    }
}

fn metric(scope: &Scope, topic: &Topic<'_>, name: &str) -> Result<u64, Stop> {
    Ok(scope
        .insight()?
        .seen(|seen| seen.metrics().get(topic.arn.as_str()).and_then(|all| all.get(name)).copied().unwrap_or_default()))
}

case! {
    /// SNS counts what is published, delivered, filtered out, failed and redriven.
    pub METRICS = "sns.log.counted",
    clauses: ["sns.log.metrics", "sns.filter.no-match-dropped", "sns.dlq.permission-missing"],
    cost: 30 requests, 20 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn counted(scope) {
        let topic = topic(scope).await?;
        let (_, dead) = topic.queue(&[]).await?;
        topic.subscriber().await?;
        topic.subscriber_with(&[("FilterPolicy", r#"{"kind":["sale"]}"#)]).await?;
        topic.subscriber_with(&[("FilterPolicy", r#"{"kind":[{"exists":false}]}"#)]).await?;
        let ended = topic.subscriber_with(&[("FilterPolicy", r#"{"kind":["return"]}"#)]).await?;
        scope.sns().unsubscribe().subscription_arn(&ended.subscription).send().await?;
        let redrive = |target: &str| format!(r#"{{"deadLetterTargetArn":"{target}"}}"#);
        topic.subscribe("sqs", &topic.queue_arn("nobody"), &[("RedrivePolicy", &redrive(&dead))]).send().await?;
        topic.subscribe("sqs", &topic.queue_arn("nobody-else"), &[("RedrivePolicy", &redrive(&topic.queue_arn("nowhere")))]).send().await?;
        topic.publish("12345").await?;
        scope.sleep(seconds(2)).await;
        equal("NumberOfMessagesPublished", 1, metric(scope, &topic, "NumberOfMessagesPublished")?)?;
        equal("PublishSize", 5, metric(scope, &topic, "PublishSize")?)?;
        equal("NumberOfNotificationsFilteredOut", 1, metric(scope, &topic, "NumberOfNotificationsFilteredOut")?)?;
        for (name, least) in [("NumberOfNotificationsDelivered", 2), ("NumberOfNotificationsFailed", 2), ("NumberOfNotificationsRedrivenToDlq", 1), ("NumberOfNotificationsFailedToRedriveToDlq", 1)] {
            let counted = metric(scope, &topic, name)?;
            holds(name, (least..=2 * least).contains(&counted), counted)?;
        }
        Ok(())
    }
}

case! {
    /// A queue that fails counts once, when SNS gives up; an HTTP subscriber counts with every attempt.
    pub FAILED = "sns.log.failed_attempts",
    clauses: ["sns.log.failed-metric"],
    cost: 30 requests, 3110400 seconds,
    protocols: [Query],
    needs: [Insight, VirtualTime, HttpSubscriber],
    async fn failed_attempts(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        scope.insight()?.set_outages(vec![Outage::of(&subscriber.arn)]);
        topic.publish("lost").await?;
        scope.sleep(seconds(3_600)).await;
        equal("while it is retried", 0, metric(scope, &topic, "NumberOfNotificationsFailed")?)?;
        scope.sleep(seconds(36 * 86_400)).await;
        let given_up = metric(scope, &topic, "NumberOfNotificationsFailed")?;
        holds("when SNS gave up", (1..=2).contains(&given_up), given_up)?;
        let web = super::support::topic(scope).await?;
        let listener = scope.subscriber("subscriber").await?;
        web.subscribe("http", listener.url(), &[]).send().await?;
        let invitation = scope
            .eventually("the invitation arrives", seconds(20), async || {
                let first = listener.received().into_iter().next();
                Ok(proofmark_conform::Seen::some_or(first, "nothing was posted"))
            })
            .await?;
        let token: Value = serde_json::from_str(&invitation.body).unwrap_or_default();
        let token = text(token["Token"].as_str());
        scope.sns().confirm_subscription().topic_arn(&web.arn).token(token).send().await?;
        listener.otherwise(Reply::Status(500));
        web.publish("refused").await?;
        scope.sleep(seconds(120)).await;
        let counted = metric(scope, &web, "NumberOfNotificationsFailed")?;
        holds("four attempts count four times", [4, 8].contains(&counted), counted)
    }
}
