//! Queue attributes: parsed once, kept typed, rendered back as SQS reports them.

use super::api::AttributeMap;
use super::errors::{
    INVALID_ATTRIBUTE_NAME, INVALID_ATTRIBUTE_VALUE, invalid_attribute_value, invalid_value, unknown_attribute,
};
use super::limits;
use crate::error::ApiError;
use crate::policy::Policy;
use crate::{Arn, Profile};
use serde_json::Value;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The names that GetQueueAttributes knows, besides `All`.
pub(super) const NAMES: [&str; 21] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "ContentBasedDeduplication",
    "CreatedTimestamp",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "LastModifiedTimestamp",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "QueueArn",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

/// How wide the net of deduplication is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeduplicationScope {
    /// One id, one message in the whole queue.
    Queue,
    /// One id, one message in each group.
    MessageGroup,
}

/// What only FIFO queues have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FifoAttributes {
    pub(super) content_based_deduplication: bool,
    pub(super) deduplication_scope: DeduplicationScope,
    pub(super) limit_per_message_group: bool,
}

/// Where messages go that were received too often.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RedrivePolicy {
    text: String,
    pub(super) target: Arn,
    pub(super) max_receive_count: u32,
}

/// Which queues may use a queue as their dead-letter queue.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RedriveAllowPolicy {
    text: String,
    permission: RedrivePermission,
}

#[derive(Clone, Debug, PartialEq)]
enum RedrivePermission {
    AllowAll,
    DenyAll,
    ByQueue(Vec<Arn>),
}

impl RedriveAllowPolicy {
    /// Whether `source` may name this queue as its dead-letter queue.
    pub(super) fn allows(&self, source: &Arn) -> bool {
        match &self.permission {
            RedrivePermission::AllowAll => true,
            RedrivePermission::DenyAll => false,
            RedrivePermission::ByQueue(sources) => sources.contains(source),
        }
    }
}

/// The settable attributes of a queue.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attributes {
    pub(super) visibility_timeout_seconds: i64,
    pub(super) maximum_message_bytes: i64,
    pub(super) retention_seconds: i64,
    pub(super) delay_seconds: i64,
    pub(super) wait_time_seconds: i64,
    pub(super) policy: Option<Policy>,
    policy_text: Option<String>,
    pub(super) redrive: Option<RedrivePolicy>,
    pub(super) redrive_allow: Option<RedriveAllowPolicy>,
    pub(super) kms_key: Option<String>,
    kms_reuse_seconds: i64,
    managed_encryption: Option<bool>,
    pub(super) fifo: Option<FifoAttributes>,
}

impl Attributes {
    /// The attributes of a new queue.
    pub(super) fn new(profile: Profile, fifo: bool) -> Self {
        Attributes {
            visibility_timeout_seconds: limits::DEFAULT_VISIBILITY_TIMEOUT_SECONDS,
            maximum_message_bytes: limits::LARGEST_MESSAGE_BYTES.at(profile),
            retention_seconds: limits::DEFAULT_RETENTION_SECONDS,
            delay_seconds: 0,
            wait_time_seconds: 0,
            policy: None,
            policy_text: None,
            redrive: None,
            redrive_allow: None,
            kms_key: None,
            kms_reuse_seconds: limits::DEFAULT_KMS_REUSE_SECONDS,
            managed_encryption: limits::MANAGED_ENCRYPTION_BY_DEFAULT.at(profile).then_some(true),
            fifo: fifo.then_some(FifoAttributes {
                content_based_deduplication: false,
                deduplication_scope: DeduplicationScope::Queue,
                limit_per_message_group: false,
            }),
        }
    }

    pub(super) fn retention(&self) -> Duration {
        seconds(self.retention_seconds)
    }

    /// Whether calls are limited per message group, at the higher rate.
    pub(super) fn high_throughput(&self) -> bool {
        self.fifo.as_ref().is_some_and(|fifo| {
            fifo.limit_per_message_group && fifo.deduplication_scope == DeduplicationScope::MessageGroup
        })
    }

    /// The attributes with `changes` applied, or the first error; nothing is half applied.
    ///
    /// What depends on other queues (the redrive policy's target) is left to the caller.
    pub(super) fn with(&self, changes: &AttributeMap, profile: Profile) -> Result<Self, ApiError> {
        let mut changed = self.clone();
        for (name, value) in changes {
            changed.apply(name, value, profile)?;
        }
        changed.check_together(changes)?;
        Ok(changed)
    }

    fn apply(&mut self, name: &str, value: &str, profile: Profile) -> Result<(), ApiError> {
        match name {
            "VisibilityTimeout" => {
                self.visibility_timeout_seconds = whole(name, value, limits::VISIBILITY_TIMEOUT_SECONDS)?;
            }
            "MaximumMessageSize" => {
                let largest = limits::LARGEST_MESSAGE_BYTES.at(profile);
                self.maximum_message_bytes = whole(name, value, limits::SMALLEST_MAXIMUM_MESSAGE_BYTES..=largest)?;
            }
            "MessageRetentionPeriod" => self.retention_seconds = whole(name, value, limits::RETENTION_SECONDS)?,
            "DelaySeconds" => self.delay_seconds = whole(name, value, limits::DELAY_SECONDS)?,
            "ReceiveMessageWaitTimeSeconds" => {
                self.wait_time_seconds = whole(name, value, limits::WAIT_TIME_SECONDS)?;
            }
            "KmsDataKeyReusePeriodSeconds" => self.kms_reuse_seconds = whole(name, value, limits::KMS_REUSE_SECONDS)?,
            "KmsMasterKeyId" => self.set_kms_key(value),
            "SqsManagedSseEnabled" => self.managed_encryption = Some(boolean(name, value)?),
            "Policy" => self.set_policy(value)?,
            "RedrivePolicy" => self.redrive = parse_redrive_policy(value)?,
            "RedriveAllowPolicy" => self.redrive_allow = parse_redrive_allow_policy(value)?,
            _ => self.apply_fifo(name, value)?,
        }
        Ok(())
    }

    fn apply_fifo(&mut self, name: &str, value: &str) -> Result<(), ApiError> {
        let Some(fifo) = &mut self.fifo else {
            return Err(not_on_standard(name));
        };
        match name {
            "FifoQueue" => {
                if !boolean(name, value)? {
                    let text = "Invalid value for the parameter FifoQueue. \
                                Reason: Modifying queue type is not supported.";
                    return Err(ApiError::new(&INVALID_ATTRIBUTE_VALUE, text));
                }
            }
            "ContentBasedDeduplication" => fifo.content_based_deduplication = boolean(name, value)?,
            "DeduplicationScope" => {
                fifo.deduplication_scope = match value {
                    "queue" => DeduplicationScope::Queue,
                    "messageGroup" => DeduplicationScope::MessageGroup,
                    _ => return Err(invalid_attribute_value(name)),
                };
            }
            "FifoThroughputLimit" => {
                fifo.limit_per_message_group = match value {
                    "perQueue" => false,
                    "perMessageGroupId" => true,
                    _ => return Err(invalid_attribute_value(name)),
                };
            }
            _ => return Err(unknown_attribute(name)),
        }
        Ok(())
    }

    fn set_kms_key(&mut self, key: &str) {
        self.kms_key = (!key.is_empty()).then(|| key.to_owned());
        if self.kms_key.is_some() && self.managed_encryption.is_some() {
            self.managed_encryption = Some(false);
        }
    }

    fn set_policy(&mut self, text: &str) -> Result<(), ApiError> {
        if text.is_empty() {
            (self.policy, self.policy_text) = (None, None);
            return Ok(());
        }
        let within = |policy: &Policy| {
            text.len() <= limits::POLICY_BYTES
                && policy.len() <= limits::POLICY_STATEMENTS
                && policy.principals() <= limits::POLICY_PRINCIPALS
                && policy.conditions() <= limits::POLICY_CONDITIONS
        };
        let policy = Policy::parse(text).filter(within).ok_or_else(|| invalid_attribute_value("Policy"))?;
        (self.policy, self.policy_text) = (Some(policy), Some(text.to_owned()));
        Ok(())
    }

    /// Replaces the policy, as AddPermission and RemovePermission do; one without statements is none.
    pub(super) fn replace_policy(&mut self, policy: Policy) -> Result<(), ApiError> {
        if policy.is_empty() {
            return self.set_policy("");
        }
        let text = policy.to_text();
        self.set_policy(&text)
    }

    fn check_together(&self, changes: &AttributeMap) -> Result<(), ApiError> {
        let both_requested = changes.get("KmsMasterKeyId").is_some_and(|key| !key.is_empty())
            && changes.get("SqsManagedSseEnabled").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let managed_over_key = self.kms_key.is_some() && self.managed_encryption == Some(true);
        if both_requested || managed_over_key {
            let text = "You can use one type of server-side encryption (SSE) at one time. \
                        You can either enable KMS SSE or SQS SSE.";
            return Err(ApiError::new(&INVALID_ATTRIBUTE_NAME, text));
        }
        match &self.fifo {
            Some(fifo) if fifo.limit_per_message_group && fifo.deduplication_scope == DeduplicationScope::Queue => {
                let text = "The perMessageGroupId value is allowed only when the value for DeduplicationScope is \
                            messageGroup.";
                Err(ApiError::new(&INVALID_ATTRIBUTE_VALUE, text))
            }
            _ => Ok(()),
        }
    }

    /// The value of a settable attribute, as SQS reports it; `None` if it is not set.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let fifo = self.fifo.as_ref();
        match name {
            "VisibilityTimeout" => Some(self.visibility_timeout_seconds.to_string()),
            "MaximumMessageSize" => Some(self.maximum_message_bytes.to_string()),
            "MessageRetentionPeriod" => Some(self.retention_seconds.to_string()),
            "DelaySeconds" => Some(self.delay_seconds.to_string()),
            "ReceiveMessageWaitTimeSeconds" => Some(self.wait_time_seconds.to_string()),
            "Policy" => self.policy_text.clone(),
            "RedrivePolicy" => self.redrive.as_ref().map(|policy| policy.text.clone()),
            "RedriveAllowPolicy" => self.redrive_allow.as_ref().map(|policy| policy.text.clone()),
            "KmsMasterKeyId" => self.kms_key.clone(),
            "KmsDataKeyReusePeriodSeconds" => self.kms_reuse(),
            "SqsManagedSseEnabled" => self.managed_encryption.map(|on| on.to_string()),
            "FifoQueue" => fifo.map(|_| "true".to_owned()),
            "ContentBasedDeduplication" => fifo.map(|fifo| fifo.content_based_deduplication.to_string()),
            "DeduplicationScope" => fifo.map(|fifo| scope_name(fifo.deduplication_scope).to_owned()),
            "FifoThroughputLimit" => fifo.map(|fifo| throughput_name(fifo.limit_per_message_group).to_owned()),
            _ => None,
        }
    }

    fn kms_reuse(&self) -> Option<String> {
        let shown = self.kms_key.is_some() || self.kms_reuse_seconds != limits::DEFAULT_KMS_REUSE_SECONDS;
        shown.then(|| self.kms_reuse_seconds.to_string())
    }
}

/// Whether the attributes of a CreateQueue ask for a FIFO queue.
pub(super) fn asks_for_fifo(attributes: &AttributeMap) -> Result<bool, ApiError> {
    attributes.get("FifoQueue").map_or(Ok(false), |value| boolean("FifoQueue", value))
}

fn scope_name(scope: DeduplicationScope) -> &'static str {
    match scope {
        DeduplicationScope::Queue => "queue",
        DeduplicationScope::MessageGroup => "messageGroup",
    }
}

fn throughput_name(per_message_group: bool) -> &'static str {
    if per_message_group { "perMessageGroupId" } else { "perQueue" }
}

fn not_on_standard(name: &str) -> ApiError {
    match name {
        "DeduplicationScope" | "FifoThroughputLimit" => ApiError::new(
            &INVALID_ATTRIBUTE_NAME,
            format!("You can specify the {name} only when FifoQueue is set to true."),
        ),
        _ => unknown_attribute(name),
    }
}

fn whole(name: &str, value: &str, range: RangeInclusive<i64>) -> Result<i64, ApiError> {
    value.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| invalid_attribute_value(name))
}

fn boolean(name: &str, value: &str) -> Result<bool, ApiError> {
    match value {
        "true" | "True" => Ok(true),
        "false" | "False" => Ok(false),
        _ => Err(invalid_attribute_value(name)),
    }
}

fn parse_redrive_policy(text: &str) -> Result<Option<RedrivePolicy>, ApiError> {
    if text.is_empty() {
        return Ok(None);
    }
    let refuse = |reason: &str| invalid_value(text, "RedrivePolicy", reason);
    let Ok(Value::Object(policy)) = serde_json::from_str(text) else {
        return Err(refuse("Redrive policy is not a valid JSON map."));
    };
    let member = |name: &str| {
        let absent = || refuse(&format!("Redrive policy does not contain mandatory attribute: {name}."));
        policy.get(name).ok_or_else(absent)
    };
    let target = member("deadLetterTargetArn")?;
    let count = member("maxReceiveCount")?;
    let target = target
        .as_str()
        .and_then(Arn::parse)
        .filter(|arn| &*arn.service == "sqs")
        .ok_or_else(|| refuse("Invalid value for deadLetterTargetArn."))?;
    let shown = count.as_str().map_or_else(|| count.to_string(), str::to_owned);
    let max_receive_count = shown
        .parse::<i64>()
        .ok()
        .filter(|number| limits::MAX_RECEIVE_COUNT.contains(number))
        .and_then(|number| u32::try_from(number).ok());
    let max_receive_count = max_receive_count.ok_or_else(|| {
        let (low, high) = (limits::MAX_RECEIVE_COUNT.start(), limits::MAX_RECEIVE_COUNT.end());
        refuse(&format!(
            "Invalid value for maxReceiveCount: {shown}, valid values are from {low} to {high} both inclusive."
        ))
    })?;
    Ok(Some(RedrivePolicy { text: text.to_owned(), target, max_receive_count }))
}

fn parse_redrive_allow_policy(text: &str) -> Result<Option<RedriveAllowPolicy>, ApiError> {
    if text.is_empty() {
        return Ok(None);
    }
    let refuse = |reason: &str| invalid_value(text, "RedriveAllowPolicy", reason);
    let Ok(Value::Object(policy)) = serde_json::from_str(text) else {
        return Err(refuse("Redrive allow policy is not a valid JSON map."));
    };
    let permission = policy.get("redrivePermission").and_then(Value::as_str);
    let sources = policy.get("sourceQueueArns");
    let permission = match (permission, sources) {
        (Some("allowAll"), None) => RedrivePermission::AllowAll,
        (Some("denyAll"), None) => RedrivePermission::DenyAll,
        (Some("allowAll" | "denyAll"), Some(_)) => {
            return Err(refuse("sourceQueueArns is only allowed with redrivePermission byQueue."));
        }
        (Some("byQueue"), sources) => RedrivePermission::ByQueue(
            source_arns(sources).ok_or_else(|| refuse("sourceQueueArns must name 1 to 10 queues by ARN."))?,
        ),
        _ => return Err(refuse("redrivePermission must be allowAll, denyAll or byQueue.")),
    };
    Ok(Some(RedriveAllowPolicy { text: text.to_owned(), permission }))
}

fn source_arns(sources: Option<&Value>) -> Option<Vec<Arn>> {
    let arns: Option<Vec<Arn>> = sources?.as_array()?.iter().map(|arn| arn.as_str().and_then(Arn::parse)).collect();
    arns.filter(|arns| (1..=limits::REDRIVE_ALLOW_SOURCES).contains(&arns.len()))
}

/// A number of seconds that a limit has made sure is not negative.
pub(super) fn seconds(number: i64) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap_or_default())
}
