//! How many of everything there may be.

use super::subscriptions::MAIL;
use super::support::{fifo_topic, topic};
use crate::sqs::support::{equal, refused, text};
use aws_sdk_sns::operation::create_topic::builders::CreateTopicFluentBuilder;
use proofmark_conform::{Scope, case};

/// Creates a topic that only the reference keeps, and that nobody needs to delete.
fn create_one(scope: &Scope, number: usize, fifo: bool) -> CreateTopicFluentBuilder {
    let create = scope.sns().create_topic();
    match fifo {
        true => create.name(format!("topic-{number}.fifo")).attributes("FifoTopic", "true"),
        false => create.name(format!("topic-{number}")),
    }
}

case! {
    /// An account has up to 1000 FIFO topics, which do not count among the standard ones.
    pub FIFO_TOPICS = "sns.quota.fifo_topics",
    clauses: ["sns.quota.topics", "wire.sns.code-map"],
    cost: 1010 requests, 120 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn fifo_topics(scope) {
        for number in 0..1_000 {
            create_one(scope, number, true).send().await?;
        }
        refused(scope, create_one(scope, 1_000, true).send().await, "TopicLimitExceeded", 403, "")?;
        create_one(scope, 1_000, false).send().await?;
        let again = text(create_one(scope, 7, true).send().await?.topic_arn());
        scope.sns().delete_topic().topic_arn(again).send().await?;
        create_one(scope, 1_000, true).send().await?;
        refused(scope, create_one(scope, 1_001, true).send().await, "TopicLimitExceeded", 403, "")?;
        let other = scope.sns_as(proofmark_conform::Identity::Second)?;
        other.create_topic().name("another-account.fifo").attributes("FifoTopic", "true").send().await?;
        Ok(())
    }
}

case! {
    /// A FIFO topic has up to 100 subscriptions.
    pub FIFO_SUBSCRIPTIONS = "sns.quota.fifo_subscriptions",
    clauses: ["sns.quota.subs", "wire.sns.code-map"],
    cost: 110 requests, 20 seconds,
    protocols: [Query],
    async fn fifo_subscriptions(scope) {
        let topic = fifo_topic(scope).await?;
        let arns: Vec<String> = (0..101).map(|number| topic.queue_arn(&format!("q{number}.fifo"))).collect();
        let mut last = String::new();
        for arn in &arns[..100] {
            last = text(topic.subscribe("sqs", arn, &[]).send().await?.subscription_arn());
        }
        let more = || topic.subscribe("sqs", &arns[100], &[]).send();
        refused(scope, more().await, "SubscriptionLimitExceeded", 403, "")?;
        topic.subscribe("sqs", &arns[0], &[]).send().await?;
        scope.sns().unsubscribe().subscription_arn(last).send().await?;
        more().await?;
        refused(scope, topic.subscribe("sqs", &arns[99], &[]).send().await, "SubscriptionLimitExceeded", 403, "")
    }
}

case! {
    /// An account has up to 5000 pending subscriptions; confirmed ones do not count.
    pub PENDING = "sns.quota.pending_subscriptions",
    clauses: ["sns.quota.pending"],
    cost: 5010 requests, 600 seconds,
    protocols: [Query],
    // Elsewhere it would be 5000 mails.
    needs: [Insight],
    async fn pending_subscriptions(scope) {
        let topic = topic(scope).await?;
        let mut last = String::new();
        for number in 0..5_000 {
            let address = MAIL.replace('@', &format!("+{number}@"));
            last = text(topic.subscribe("email", &address, &[]).send().await?.subscription_arn());
        }
        let more = || topic.subscribe("email", MAIL, &[]).send();
        refused(scope, more().await, "SubscriptionLimitExceeded", 403, "")?;
        topic.subscribe("sqs", &topic.queue_arn("queue"), &[]).send().await?;
        scope.sns().unsubscribe().subscription_arn(last).send().await?;
        more().await?;
        let listed = scope.sns().list_subscriptions_by_topic().topic_arn(&topic.arn).send().await?;
        equal("a page of them", 100, listed.subscriptions().len())
    }
}

case! {
    /// A topic has up to 200 filter policies, and further subscriptions without one.
    pub FILTER_POLICIES = "sns.quota.filter_policies",
    clauses: ["sns.filter.count-quota", "wire.sns.code-map"],
    cost: 212 requests, 30 seconds,
    protocols: [Query],
    async fn filter_policies(scope) {
        let topic = topic(scope).await?;
        let filter = [("FilterPolicy", r#"{"k":["v"]}"#)];
        let mut last = String::new();
        for number in 0..200 {
            let answer = topic.subscribe("sqs", &topic.queue_arn(&format!("q{number}")), &filter).send().await?;
            last = text(answer.subscription_arn());
        }
        let more = topic.queue_arn("one-more");
        let subscribe = || topic.subscribe("sqs", &more, &filter).send();
        refused(scope, subscribe().await, "FilterPolicyLimitExceeded", 403, "")?;
        let unfiltered = text(topic.subscribe("sqs", &more, &[]).send().await?.subscription_arn());
        let set = |arn: &str, value: &str| {
            let set = scope.sns().set_subscription_attributes().subscription_arn(arn);
            set.attribute_name("FilterPolicy").attribute_value(value).send()
        };
        refused(scope, set(&unfiltered, filter[0].1).await, "FilterPolicyLimitExceeded", 403, "")?;
        set(&last, r#"{"k":["another"]}"#).await?;
        set(&last, "").await?;
        set(&unfiltered, filter[0].1).await?;
        Ok(())
    }
}
