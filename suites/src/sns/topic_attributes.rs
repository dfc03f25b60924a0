//! The attributes of topics: defaults, what can be set, and what it does.

use super::support::{Topic, fifo_topic, invalid, topic, topic_with};
use crate::sqs::support::{equal, holds, refused, seconds, text};
use aws_sdk_sns::error::SdkError;
use proofmark_conform::{PATIENCE, Scope, Seen, Stop, case};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn as_json(attributes: &BTreeMap<String, String>, name: &str) -> Value {
    attributes.get(name).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Sets an attribute to values that are refused, and wants nothing to have changed.
async fn refuse(topic: &Topic<'_>, name: &str, values: &[&str]) -> Result<(), Stop> {
    let before = topic.attributes().await?;
    for value in values {
        let set = topic.scope.sns().set_topic_attributes().topic_arn(&topic.arn).attribute_name(name);
        invalid(topic.scope, set.attribute_value(*value).send().await, "")?;
        let create = topic.scope.creating_topic(&topic.scope.name("refused"))?;
        invalid(topic.scope, create.attributes(name, *value).send().await, "")?;
    }
    equal("nothing has changed", before, topic.attributes().await?)
}

/// Sets an attribute to values that are taken, and reads each back.
async fn take(topic: &Topic<'_>, name: &str, values: &[&str]) -> Result<(), Stop> {
    for value in values {
        topic.set(name, value).await?;
        equal(name, Some(*value), topic.attributes().await?.get(name).map(String::as_str))?;
    }
    Ok(())
}

case! {
    /// The attributes that a new topic has, and no others.
    pub DEFAULTS = "sns.tattr.default_attributes",
    clauses: ["sns.tattr.defaults"],
    cost: 6 requests, 5 seconds,
    protocols: [Query],
    async fn default_attributes(scope) {
        let (standard, fifo) = (topic(scope).await?.attributes().await?, fifo_topic(scope).await?.attributes().await?);
        let mut expected: BTreeSet<&str> = ["DisplayName", "EffectiveDeliveryPolicy", "Owner", "Policy", "SubscriptionsConfirmed",
            "SubscriptionsDeleted", "SubscriptionsPending", "TopicArn"].into();
        equal("of a standard topic", expected.clone(), standard.keys().map(String::as_str).collect())?;
        expected.extend(["ContentBasedDeduplication", "FifoTopic"]);
        equal("of a FIFO topic", expected, fifo.keys().map(String::as_str).collect())?;
        let values = [("DisplayName", ""), ("SubscriptionsConfirmed", "0"), ("SubscriptionsPending", "0"),
            ("SubscriptionsDeleted", "0"), ("FifoTopic", "true"), ("ContentBasedDeduplication", "false")];
        for (name, value) in values {
            equal(name, Some(value), fifo.get(name).map(String::as_str))?;
        }
        Ok(())
    }
}

case! {
    /// The policy of a new topic lets its owner do eight things. Emptied, the policy is that again.
    pub DEFAULT_POLICY = "sns.tattr.the_default_policy",
    clauses: ["sns.tattr.default-policy"],
    cost: 6 requests, 5 seconds,
    protocols: [Query],
    async fn the_default_policy(scope) {
        let topic = topic(scope).await?;
        let attributes = topic.attributes().await?;
        let actions = ["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic",
            "Subscribe", "ListSubscriptionsByTopic", "Publish"].map(|action| format!("SNS:{action}"));
        let expected = json!({
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [{
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": actions,
                "Resource": topic.arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": attributes.get("Owner")}},
            }],
        });
        equal("the default policy", &expected, &as_json(&attributes, "Policy"))?;
        let owner = attributes.get("Owner").cloned().unwrap_or_default();
        let other = super::permissions::allowing(&topic, &owner, "sns:Publish");
        take(&topic, "Policy", &[&other]).await?;
        topic.set("Policy", "").await?;
        equal("the default again", &expected, &as_json(&topic.attributes().await?, "Policy"))
    }
}

fn default_retries() -> Value {
    json!({
        "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0,
        "numNoDelayRetries": 0, "numMinDelayRetries": 0, "backoffFunction": "linear",
    })
}

fn effective(retries: &Value) -> Value {
    json!({"http": {
        "defaultHealthyRetryPolicy": retries,
        "disableSubscriptionOverrides": false,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }})
}

case! {
    /// A delivery policy is shown as it was set, and filled up with defaults beside it.
    pub DELIVERY_POLICY = "sns.tattr.delivery_policy",
    clauses: ["sns.tattr.effective-delivery-default", "sns.tattr.delivery-policy-merge"],
    cost: 9 requests, 5 seconds,
    protocols: [Query],
    async fn delivery_policy(scope) {
        let topic = topic(scope).await?;
        equal("by default", effective(&default_retries()), as_json(&topic.attributes().await?, "EffectiveDeliveryPolicy"))?;
        let some = json!({"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 5, "maxDelayTarget": 6, "numRetries": 1}}});
        topic.set("DeliveryPolicy", &some.to_string()).await?;
        let attributes = topic.attributes().await?;
        equal("as it was set", &some, &as_json(&attributes, "DeliveryPolicy"))?;
        let mut retries = default_retries();
        (retries["minDelayTarget"], retries["maxDelayTarget"], retries["numRetries"]) = (json!(5), json!(6), json!(1));
        equal("filled up", effective(&retries), as_json(&attributes, "EffectiveDeliveryPolicy"))?;
        topic.set("DeliveryPolicy", "").await?;
        let attributes = topic.attributes().await?;
        equal("emptied", json!({"http": {"disableSubscriptionOverrides": false}}), as_json(&attributes, "DeliveryPolicy"))?;
        equal("the defaults again", effective(&default_retries()), as_json(&attributes, "EffectiveDeliveryPolicy"))
    }
}

fn counts(attributes: &BTreeMap<String, String>) -> [String; 3] {
    ["SubscriptionsConfirmed", "SubscriptionsPending", "SubscriptionsDeleted"]
        .map(|name| attributes.get(name).cloned().unwrap_or_default())
}

async fn expect_counts(scope: &Scope, topic: &Topic<'_>, expected: [&str; 3]) -> Result<(), Stop> {
    let look = async || {
        let seen = counts(&topic.attributes().await?);
        Ok(Seen::when(seen == expected, format!("{seen:?}")))
    };
    scope.eventually(&format!("confirmed, pending, deleted are {expected:?}"), PATIENCE, look).await
}

case! {
    /// Subscriptions are counted as confirmed, pending and deleted, sooner or later.
    pub COUNTS = "sns.tattr.counts",
    clauses: ["sns.tattr.counts-eventual"],
    cost: 40 requests, 200 seconds,
    protocols: [Query],
    async fn counts_of_subscriptions(scope) {
        let topic = topic(scope).await?;
        let arns = [topic.queue_arn("one"), topic.queue_arn("two")];
        let mut subscriptions = Vec::new();
        for arn in &arns {
            subscriptions.push(text(topic.subscribe("sqs", arn, &[]).send().await?.subscription_arn()));
        }
        topic.subscribe("email", "success@simulator.amazonses.com", &[]).send().await?;
        let at_once = counts(&topic.attributes().await?);
        scope.observe("sns.tattr.counts-eventual", format!("at once after 2 confirmed and 1 pending: {at_once:?}"));
        expect_counts(scope, &topic, ["2", "1", "0"]).await?;
        scope.sns().unsubscribe().subscription_arn(&subscriptions[0]).send().await?;
        expect_counts(scope, &topic, ["1", "1", "1"]).await
    }
}

case! {
    /// A topic's largest message is set to 1 KiB to 1 MiB, shown once it is set, and in force.
    pub MAXIMUM_MESSAGE_SIZE = "sns.tattr.maximum_message_size",
    clauses: ["sns.tattr.max-message-size", "sns.publish.max-size", "sns.publish.ack-durable"],
    cost: 40 requests, 80 seconds,
    protocols: [Query],
    async fn maximum_message_size(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        refuse(&topic, "MaximumMessageSize", &["1023", "1048577", "0", "-1", "many", "2048.5"]).await?;
        take(&topic, "MaximumMessageSize", &["262144", "1048576", "1024"]).await?;
        topic.publish(&"x".repeat(1_024)).await?;
        invalid(scope, topic.message(&"x".repeat(1_025)).send().await, "Message too long")?;
        subscriber.expect("the message that fits", &[&"x".repeat(1_024)]).await?;
        let large = topic_with(scope, &[("MaximumMessageSize", "1048576")]).await?;
        large.publish(&"x".repeat(1_048_576)).await?;
        invalid(scope, large.message(&"x".repeat(1_048_577)).send().await, "Message too long")?;
        large.set("MaximumMessageSize", "").await?;
        equal("no longer shown", None, large.attributes().await?.get("MaximumMessageSize"))?;
        invalid(scope, large.message(&"x".repeat(262_145)).send().await, "Message too long")
    }
}

case! {
    /// Where messages may be larger than 256 KiB, there are 100 subscriptions at most, of queues, functions and streams.
    pub LARGE_MESSAGES = "sns.tattr.large_message_subscriptions",
    clauses: ["sns.tattr.max-message-size", "wire.sns.code-map"],
    cost: 112 requests, 20 seconds,
    protocols: [Query],
    async fn large_message_subscriptions(scope) {
        let topic = topic_with(scope, &[("MaximumMessageSize", "262145")]).await?;
        for (protocol, endpoint) in [("email", "success@simulator.amazonses.com"), ("sms", "+14255550100")] {
            invalid(scope, topic.subscribe(protocol, endpoint, &[]).send().await, "")?;
        }
        let function = topic.arn.replace(":sns:", ":lambda:").replace(":pm-", ":function:pm-");
        topic.subscribe("lambda", &function, &[]).send().await?;
        for number in 1..100 {
            topic.subscribe("sqs", &topic.queue_arn(&format!("q{number}")), &[]).send().await?;
        }
        let more = topic.subscribe("sqs", &topic.queue_arn("q100"), &[]).send().await;
        refused(scope, more, "SubscriptionLimitExceeded", 403, "")?;
        // The hundred are still subscribed, and one that is already is not one more.
        topic.subscribe("sqs", &topic.queue_arn("q99"), &[]).send().await?;
        topic.set("MaximumMessageSize", "262144").await?;
        topic.subscribe("sqs", &topic.queue_arn("q100"), &[]).send().await?;
        let set = scope.sns().set_topic_attributes().topic_arn(&topic.arn).attribute_name("MaximumMessageSize");
        invalid(scope, set.attribute_value("262145").send().await, "")
    }
}

case! {
    /// A topic that sends mails cannot be given messages of more than 256 KiB.
    pub LARGE_MESSAGES_AFTER_MAIL = "sns.tattr.large_messages_after_mail",
    clauses: ["sns.tattr.max-message-size"],
    cost: 7 requests, 5 seconds,
    protocols: [Query],
    async fn large_messages_after_mail(scope) {
        let topic = topic(scope).await?;
        topic.subscribe("email", "success@simulator.amazonses.com", &[]).send().await?;
        topic.set("MaximumMessageSize", "262144").await?;
        let set = scope.sns().set_topic_attributes().topic_arn(&topic.arn).attribute_name("MaximumMessageSize");
        invalid(scope, set.attribute_value("262145").send().await, "")?;
        let shown = topic.attributes().await?;
        equal("as it was", Some("262144"), shown.get("MaximumMessageSize").map(String::as_str))
    }
}

case! {
    /// A display name has up to 100 characters.
    pub DISPLAY_NAME = "sns.tattr.display_name_length",
    clauses: ["sns.tattr.display-name"],
    cost: 12 requests, 5 seconds,
    protocols: [Query],
    async fn display_name_length(scope) {
        let topic = topic(scope).await?;
        take(&topic, "DisplayName", &["x", &"x".repeat(100), ""]).await?;
        refuse(&topic, "DisplayName", &[&"x".repeat(101)]).await
    }
}

case! {
    /// The first ten characters of the display name stand at the beginning of an SMS; of messages to queues nowhere.
    pub DISPLAY_NAME_IN_SMS = "sns.tattr.display_name_in_sms",
    clauses: ["sns.tattr.display-name"],
    cost: 10 requests, 10 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn display_name_in_sms(scope) {
        let topic = topic_with(scope, &[("DisplayName", "Coffee, please")]).await?;
        topic.subscribe("sms", "+14255550100", &[]).send().await?;
        let subscriber = topic.subscriber().await?;
        topic.publish("ready").await?;
        let letter = super::sms::letter(scope, "sms", "+14255550100").await?;
        holds("the text of the SMS", letter.starts_with("Coffee, pl") && letter.ends_with("ready"), &letter)?;
        holds("no more of the name", !letter.contains("please"), &letter)?;
        subscriber.expect("the queue's message", &["ready"]).await
    }
}

case! {
    /// Messages are signed in one of two ways, and say which.
    pub SIGNATURE_VERSION = "sns.tattr.signature_versions",
    clauses: ["sns.tattr.signature-version"],
    cost: 24 requests, 20 seconds,
    protocols: [Query],
    async fn signature_versions(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        topic.publish("unset").await?;
        equal("by default", Some("1"), subscriber.envelope().await?["SignatureVersion"].as_str())?;
        refuse(&topic, "SignatureVersion", &["0", "3", "two"]).await?;
        take(&topic, "SignatureVersion", &["1", "2"]).await?;
        // Nothing of the first message is to come again.
        scope.sleep(seconds(5)).await;
        let other = topic.subscriber().await?;
        topic.publish("set to 2").await?;
        equal("set to 2", Some("2"), other.envelope().await?["SignatureVersion"].as_str())
    }
}

case! {
    /// Standard topics can be traced, FIFO topics cannot.
    pub TRACING = "sns.tattr.tracing_config",
    clauses: ["sns.tattr.tracing"],
    cost: 14 requests, 5 seconds,
    protocols: [Query],
    async fn tracing_config(scope) {
        let standard = topic(scope).await?;
        take(&standard, "TracingConfig", &["Active", "PassThrough"]).await?;
        refuse(&standard, "TracingConfig", &["active", "On"]).await?;
        let fifo = fifo_topic(scope).await?;
        let set = scope.sns().set_topic_attributes().topic_arn(&fifo.arn).attribute_name("TracingConfig");
        invalid(scope, set.attribute_value("Active").send().await, "")
    }
}

case! {
    /// What is no attribute, cannot be set, or belongs to topics of the other kind is refused by name.
    pub NAMES = "sns.tattr.attribute_names",
    clauses: ["sns.topic.fifo-false", "sns.tattr.defaults"],
    cost: 14 requests, 5 seconds,
    protocols: [Query],
    async fn attribute_names(scope) {
        let topic = topic(scope).await?;
        let before = topic.attributes().await?;
        for name in ["", "displayname", "Owner", "TopicArn", "SubscriptionsConfirmed", "EffectiveDeliveryPolicy",
            "ContentBasedDeduplication", "FifoThroughputScope", "FTPSuccessFeedbackRoleArn"] {
            let set = scope.sns().set_topic_attributes().topic_arn(&topic.arn).attribute_name(name);
            invalid(scope, set.attribute_value("true").send().await, "AttributeName")?;
        }
        equal("nothing has changed", before, topic.attributes().await?)
    }
}

fn protection(name: &str) -> String {
    let audited = json!({
        "Sid": "addresses", "DataDirection": "Inbound", "Principal": ["*"], "Operation": {"Deny": {}},
        "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
    });
    json!({"Name": name, "Version": "2021-06-01", "Statement": [audited]}).to_string()
}

case! {
    /// A topic has one data protection policy at most, which another replaces; it is at most 30,720 characters long.
    pub DATA_PROTECTION = "sns.tattr.data_protection",
    clauses: ["sns.dataprotection"],
    cost: 15 requests, 10 seconds,
    protocols: [Query],
    async fn data_protection(scope) {
        let topic = topic(scope).await?;
        let put = async |policy: &str| {
            let request = scope.sns().put_data_protection_policy().resource_arn(&topic.arn);
            request.data_protection_policy(policy).send().await
        };
        let got = async |arn: &str| -> Result<Value, Stop> {
            let policy = scope.sns().get_data_protection_policy().resource_arn(arn).send().await?;
            Ok(serde_json::from_str(policy.data_protection_policy().unwrap_or_default()).unwrap_or_default())
        };
        for name in ["first", "second"] {
            let answer = put(&protection(name)).await;
            // An account that never had the feature is no longer let in.
            if answer.as_ref().err().and_then(SdkError::raw_response).is_some_and(|raw| raw.status().as_u16() == 403) {
                return Err(Stop::Unsupported("data protection is closed to accounts that never used it".to_owned()));
            }
            answer?;
            equal("the policy", Some(name), got(&topic.arn).await?["Name"].as_str())?;
        }
        let length = protection("").len();
        put(&protection(&"x".repeat(30_720 - length))).await?;
        invalid(scope, put(&protection(&"x".repeat(30_721 - length))).await, "")?;
        equal("still the one before", Some(30_720 - length), got(&topic.arn).await?["Name"].as_str().map(str::len))?;
        let created = scope.creating_topic(&scope.name("protected"))?.data_protection_policy(protection("from the start"));
        let created = text(created.send().await?.topic_arn());
        equal("the new topic's", Some("from the start"), got(&created).await?["Name"].as_str())
    }
}
