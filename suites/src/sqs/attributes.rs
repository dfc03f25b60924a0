//! Queue attributes: defaults, ranges, and what is reported.

use super::support::{Queue, equal, fifo, holds, refused, seconds, standard, standard_with};
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_conform::{Scope, Stop, case};

/// The attributes that every queue reports, and what a new one says. Times and ARNs are looked at apart.
const DEFAULTS: [(&str, &str); 9] = [
    ("ApproximateNumberOfMessages", "0"),
    ("ApproximateNumberOfMessagesDelayed", "0"),
    ("ApproximateNumberOfMessagesNotVisible", "0"),
    ("DelaySeconds", "0"),
    ("MaximumMessageSize", "1048576"),
    ("MessageRetentionPeriod", "345600"),
    ("ReceiveMessageWaitTimeSeconds", "0"),
    ("SqsManagedSseEnabled", "true"),
    ("VisibilityTimeout", "30"),
];
const FIFO_DEFAULTS: [(&str, &str); 4] = [
    ("ContentBasedDeduplication", "false"),
    ("DeduplicationScope", "queue"),
    ("FifoQueue", "true"),
    ("FifoThroughputLimit", "perQueue"),
];

async fn expect_defaults(queue: &Queue<'_>, expected: &[(&str, &str)]) -> Result<(), Stop> {
    let mut attributes = queue.attributes().await?;
    for apart in ["QueueArn", "CreatedTimestamp", "LastModifiedTimestamp"] {
        let value = attributes.remove(apart).unwrap_or_default();
        holds(&format!("{apart} is there"), !value.is_empty(), &value)?;
    }
    let mut expected: Vec<_> = expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    expected.sort();
    equal("the other attributes", expected, attributes.into_iter().collect())
}

case! {
    /// A new standard queue reports these attributes and no others.
    pub STANDARD_DEFAULTS = "sqs.attr.standard_defaults",
    clauses: ["sqs.attr.defaults.standard"],
    cost: 3 requests, 5 seconds,
    async fn standard_defaults(scope) {
        expect_defaults(&standard(scope).await?, &DEFAULTS).await
    }
}

case! {
    /// A new FIFO queue reports four more.
    pub FIFO_ATTRIBUTE_DEFAULTS = "sqs.attr.fifo_defaults",
    clauses: ["sqs.attr.defaults.fifo"],
    cost: 3 requests, 5 seconds,
    async fn fifo_defaults(scope) {
        expect_defaults(&fifo(scope).await?, &[&DEFAULTS[..], &FIFO_DEFAULTS].concat()).await
    }
}

async fn range(scope: &Scope, attribute: QueueAttributeName, low: i64, high: i64) -> Result<(), Stop> {
    let queue = standard(scope).await?;
    let set = async |value: String| {
        queue.client.set_queue_attributes().queue_url(&queue.url).attributes(attribute.clone(), value).send().await
    };
    for good in [low, high] {
        set(good.to_string()).await?;
        equal("what was set is reported", Some(good.to_string()), queue.attribute(&attribute).await?)?;
    }
    for wrong in [(low - 1).to_string(), (high + 1).to_string(), "many".to_owned(), String::new()] {
        refused(scope, set(wrong).await, "InvalidAttributeValue", 400, "")?;
    }
    let created = scope.creating_queue(&scope.name("beyond"))?;
    let result = created.attributes(attribute.clone(), (high + 1).to_string()).send().await;
    refused(scope, result, "InvalidAttributeValue", 400, "")?;
    equal("a refusal changes nothing", Some(high.to_string()), queue.attribute(&attribute).await?)
}

case! {
    /// VisibilityTimeout is 0 to 43,200 seconds.
    pub VISIBILITY = "sqs.attr.visibility_range",
    clauses: ["sqs.attr.visibility-range"],
    cost: 12 requests, 5 seconds,
    async fn visibility_range(scope) {
        range(scope, QueueAttributeName::VisibilityTimeout, 0, 43_200).await
    }
}

case! {
    /// MessageRetentionPeriod is 60 to 1,209,600 seconds.
    pub RETENTION = "sqs.attr.retention_range",
    clauses: ["sqs.attr.retention-range"],
    cost: 12 requests, 5 seconds,
    async fn retention_range(scope) {
        range(scope, QueueAttributeName::MessageRetentionPeriod, 60, 1_209_600).await
    }
}

case! {
    /// DelaySeconds is 0 to 900.
    pub DELAY = "sqs.attr.delay_range",
    clauses: ["sqs.attr.delay-range"],
    cost: 12 requests, 5 seconds,
    async fn delay_range(scope) {
        range(scope, QueueAttributeName::DelaySeconds, 0, 900).await
    }
}

case! {
    /// MaximumMessageSize is 1,024 to 1,048,576 bytes.
    pub MAXIMUM_SIZE = "sqs.attr.maximum_size_range",
    clauses: ["sqs.attr.maxsize-range"],
    cost: 12 requests, 5 seconds,
    async fn maximum_size_range(scope) {
        range(scope, QueueAttributeName::MaximumMessageSize, 1_024, 1_048_576).await
    }
}

case! {
    /// ReceiveMessageWaitTimeSeconds is 0 to 20.
    pub WAIT = "sqs.attr.wait_range",
    clauses: ["sqs.attr.wait-range"],
    cost: 12 requests, 5 seconds,
    async fn wait_range(scope) {
        range(scope, QueueAttributeName::ReceiveMessageWaitTimeSeconds, 0, 20).await
    }
}

case! {
    /// KmsDataKeyReusePeriodSeconds is 60 to 86,400, and is reported only if it is not the default or a key is set.
    pub KMS_REUSE = "sqs.attr.kms_reuse_range",
    clauses: ["sqs.attr.kms-reuse-range"],
    cost: 16 requests, 5 seconds,
    async fn kms_reuse_range(scope) {
        let attribute = QueueAttributeName::KmsDataKeyReusePeriodSeconds;
        range(scope, attribute.clone(), 60, 86_400).await?;
        let queue = super::support::create(scope, scope.name("reuse"), &[]).await?;
        queue.set(attribute.clone(), "300").await?;
        equal("the default is not reported", None, queue.attribute(&attribute).await?)?;
        queue.set(QueueAttributeName::KmsMasterKeyId, "alias/aws/sqs").await?;
        equal("with a key it is", Some("300".to_owned()), queue.attribute(&attribute).await?)
    }
}

case! {
    /// An unknown attribute is refused by GetQueueAttributes and SetQueueAttributes; so is setting a read-only one.
    pub UNKNOWN = "sqs.attr.unknown",
    clauses: ["sqs.attr.get-unknown"],
    cost: 5 requests, 5 seconds,
    async fn unknown(scope) {
        let queue = standard(scope).await?;
        let foobar = QueueAttributeName::from("Foobar");
        let get = queue.client.get_queue_attributes().queue_url(&queue.url).attribute_names(foobar.clone()).send().await;
        refused(scope, get, "InvalidAttributeName", 400, "Unknown Attribute Foobar.")?;
        for attribute in [foobar, QueueAttributeName::QueueArn] {
            let set = queue.client.set_queue_attributes().queue_url(&queue.url).attributes(attribute, "x").send().await;
            refused(scope, set, "InvalidAttributeName", 400, "")?;
        }
        Ok(())
    }
}

case! {
    /// Only what is asked for is returned; asking for nothing returns nothing; what is not set is left out.
    pub SELECTED = "sqs.attr.selected",
    clauses: ["sqs.attr.get-none", "sqs.attr.get-subset"],
    cost: 6 requests, 5 seconds,
    async fn selected(scope) {
        let queue = standard(scope).await?;
        let get = || queue.client.get_queue_attributes().queue_url(&queue.url);
        equal("nothing asked, nothing returned", None, get().send().await?.attributes())?;
        let some = get().attribute_names(QueueAttributeName::Policy).attribute_names(QueueAttributeName::DelaySeconds);
        let answer = some.send().await?.attributes.unwrap_or_default();
        let names: Vec<&str> = answer.keys().map(QueueAttributeName::as_str).collect();
        equal("the one that is set", vec!["DelaySeconds"], names)
    }
}

case! {
    /// An empty Policy or RedrivePolicy removes it.
    pub EMPTY_REMOVES = "sqs.attr.empty_removes",
    clauses: ["sqs.attr.empty-removes"],
    cost: 12 requests, 5 seconds,
    async fn empty_removes(scope) {
        let (source, _dead) = super::support::with_dead_letter_queue(scope, 1, &[]).await?;
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":"sqs:PurgeQueue","Resource":"{}"}}]}}"#,
            source.arn().await?
        );
        source.set(QueueAttributeName::Policy, &policy).await?;
        let attributes = source.attributes().await?;
        holds("both are set", attributes.contains_key("Policy") && attributes.contains_key("RedrivePolicy"), attributes.len())?;
        for attribute in [QueueAttributeName::Policy, QueueAttributeName::RedrivePolicy] {
            source.set(attribute.clone(), "").await?;
            equal("removed", None, source.attribute(&attribute).await?)?;
        }
        let allow = QueueAttributeName::RedriveAllowPolicy;
        source.set(allow.clone(), r#"{"redrivePermission":"denyAll"}"#).await?;
        let removed = source.set(allow.clone(), "").await.is_ok() && source.attribute(&allow).await?.is_none();
        scope.observe("sqs.attr.empty-removes", format!("an empty RedriveAllowPolicy removes it, too: {removed}"));
        Ok(())
    }
}

case! {
    /// A change moves LastModifiedTimestamp, never CreatedTimestamp; both are in seconds.
    pub TIMESTAMPS = "sqs.attr.timestamps",
    clauses: ["sqs.attr.last-modified"],
    cost: 5 requests, 5 seconds,
    async fn timestamps(scope) {
        let queue = standard(scope).await?;
        let times = async || -> Result<(u64, u64), Stop> {
            let attributes = queue.attributes().await?;
            let time = |name: &str| attributes.get(name).and_then(|value| value.parse().ok()).unwrap_or_default();
            Ok((time("CreatedTimestamp"), time("LastModifiedTimestamp")))
        };
        let (created, modified) = times().await?;
        equal("at first they are equal", created, modified)?;
        holds("in seconds", (1_500_000_000..10_000_000_000).contains(&created), created)?;
        scope.sleep(seconds(3)).await;
        queue.set(QueueAttributeName::DelaySeconds, "1").await?;
        let (created_later, modified_later) = times().await?;
        equal("CreatedTimestamp stays", created, created_later)?;
        holds("LastModifiedTimestamp moves", modified_later >= modified + 2, modified_later)
    }
}

case! {
    /// perMessageGroupId goes only with a deduplication scope of messageGroup; the reverse is free.
    pub THROUGHPUT = "sqs.attr.throughput",
    clauses: ["sqs.attr.fifo-throughput-dependency"],
    cost: 8 requests, 5 seconds,
    async fn throughput(scope) {
        let queue = fifo(scope).await?;
        let limit = QueueAttributeName::FifoThroughputLimit;
        let set = queue.client.set_queue_attributes().queue_url(&queue.url).attributes(limit.clone(), "perMessageGroupId");
        let result = set.send().await;
        holds("refused with the scope of a queue", result.is_err(), &result)?;
        queue.set(QueueAttributeName::DeduplicationScope, "messageGroup").await?;
        equal("the reverse is free", Some("perQueue".to_owned()), queue.attribute(&limit).await?)?;
        queue.set(limit.clone(), "perMessageGroupId").await?;
        for (attribute, wrong) in [(limit, "perPlanet"), (QueueAttributeName::DeduplicationScope, "planet")] {
            let set = queue.client.set_queue_attributes().queue_url(&queue.url).attributes(attribute, wrong).send().await;
            refused(scope, set, "InvalidAttributeValue", 400, "")?;
        }
        Ok(())
    }
}

case! {
    /// A call that sets one good and one bad attribute changes neither.
    pub ALL_OR_NOTHING = "sqs.attr.all_or_nothing",
    clauses: ["sqs.attr.visibility-range"],
    cost: 5 requests, 5 seconds,
    async fn all_or_nothing(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::DelaySeconds, "7")]).await?;
        let both = queue.client.set_queue_attributes().queue_url(&queue.url);
        let both = both.attributes(QueueAttributeName::DelaySeconds, "8").attributes(QueueAttributeName::VisibilityTimeout, "-1");
        refused(scope, both.send().await, "InvalidAttributeValue", 400, "")?;
        equal("unchanged", Some("7".to_owned()), queue.attribute(&QueueAttributeName::DelaySeconds).await?)
    }
}
