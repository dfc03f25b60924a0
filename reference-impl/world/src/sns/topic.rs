//! A topic and its attributes.

use super::archive::{Archive, ArchivePolicy};
use super::errors::{AUTHORIZATION_ERROR, invalid};
use super::fifo::Fifo;
use super::http_policy::{self, HttpPolicy};
use super::subscription::SubscriptionId;
use super::{Operation, limits};
use crate::error::ApiError;
use crate::filter::PolicySet;
use crate::identity::{Arn, Caller};
use crate::policy::{Decision, Policy};
use crate::{Profile, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The attributes that can be set, besides those of delivery status logging.
const SETTABLE: [&str; 11] = [
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DataProtectionPolicy",
    "DeliveryPolicy",
    "DisplayName",
    "FifoThroughputScope",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
];

/// The protocols whose deliveries can be logged, as attribute names spell them.
pub(super) const LOGGED_PROTOCOLS: [&str; 5] = ["Application", "Firehose", "HTTP", "Lambda", "SQS"];

/// What stands in `DeliveryPolicy` after it was emptied.
const EMPTIED_DELIVERY_POLICY: &str = r#"{"http":{"disableSubscriptionOverrides":false}}"#;

/// A topic.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) arn: Arn,
    /// The ARN as text, shared by everything that names the topic.
    pub(super) name: Arc<str>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) settings: Settings,
    pub(super) subscriptions: BTreeSet<SubscriptionId>,
    /// Of confirmed subscriptions with a filter policy: who wants which message.
    pub(super) filters: PolicySet<SubscriptionId>,
    /// Confirmed subscriptions without one.
    pub(super) unfiltered: BTreeSet<SubscriptionId>,
    /// How many subscriptions were deleted.
    pub(super) deleted: u64,
    pub(super) fifo: Option<Fifo>,
    pub(super) archive: Archive,
    /// `SubscriptionsConfirmed` and so on, as they were when the counters were last brought up to date.
    pub(super) counted: Option<(Timestamp, Counts)>,
}

/// How many subscriptions a topic has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) confirmed: usize,
    pub(super) pending: usize,
    pub(super) deleted: u64,
}

/// What a topic is set to.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// The values as they were given.
    given: BTreeMap<String, String>,
    policy: Option<Policy>,
    pub(super) http: HttpPolicy,
    pub(super) archive: Option<ArchivePolicy>,
}

/// What decides whether a topic's attribute may be set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    /// The topic's ARN.
    pub(super) topic: &'a str,
    pub(super) is_fifo: bool,
    pub(super) profile: Profile,
    /// What stands before a reason: nothing, or `Attributes Reason: ` in CreateTopic.
    pub(super) prefix: &'a str,
}

impl Settings {
    /// The value of an attribute, if it was set.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str)
    }

    pub(super) fn signature_version(&self) -> u8 {
        if self.get("SignatureVersion") == Some("2") { 2 } else { 1 }
    }

    pub(super) fn largest_message_bytes(&self) -> usize {
        self.get("MaximumMessageSize").and_then(|bytes| bytes.parse().ok()).unwrap_or(limits::MESSAGE_BYTES)
    }

    /// Whether messages may be larger than by default.
    pub(super) fn takes_large_messages(&self) -> bool {
        self.largest_message_bytes() > limits::MESSAGE_BYTES
    }

    pub(super) fn deduplicates_by_content(&self) -> bool {
        self.get("ContentBasedDeduplication") == Some("true")
    }

    pub(super) fn deduplicates_per_group(&self) -> bool {
        self.get("FifoThroughputScope") == Some("MessageGroup")
    }

    /// Sets one attribute, or nothing if its value is wrong.
    pub(super) fn set(&mut self, name: &str, value: &str, setting: Setting<'_>) -> Result<(), ApiError> {
        let wrong = |reason: String| invalid(format_args!("{}{reason}", setting.prefix));
        check_known(name, setting.is_fifo, setting.profile)?;
        if value.is_empty() {
            self.unset(name);
            return Ok(());
        }
        check_value(name, value, setting.profile).map_err(wrong)?;
        match name {
            "Policy" => self.policy = Some(read_policy(value, setting.topic).map_err(wrong)?),
            "DeliveryPolicy" => self.http = http_policy::read_for_topic(value).map_err(wrong)?,
            "ArchivePolicy" => self.archive = Some(ArchivePolicy::read(value).map_err(wrong)?),
            _ => {}
        }
        self.given.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    fn unset(&mut self, name: &str) {
        match name {
            "Policy" => self.policy = None,
            "DeliveryPolicy" => {
                self.http = HttpPolicy::default();
                self.given.insert(name.to_owned(), EMPTIED_DELIVERY_POLICY.to_owned());
                return;
            }
            "ArchivePolicy" => self.archive = None,
            _ => {}
        }
        self.given.remove(name);
    }

    /// Replaces the policy, as AddPermission and RemovePermission do.
    pub(super) fn set_policy(&mut self, policy: Policy) {
        self.given.insert("Policy".to_owned(), policy.to_text());
        self.policy = Some(policy);
    }
}

fn check_known(name: &str, is_fifo: bool, profile: Profile) -> Result<(), ApiError> {
    let known = SETTABLE.contains(&name) || is_feedback(name);
    let exists = match name {
        "ArchivePolicy" => is_fifo && limits::ARCHIVES.at(profile),
        "ContentBasedDeduplication" => is_fifo,
        "DataProtectionPolicy" => limits::DATA_PROTECTION.at(profile),
        "FifoThroughputScope" => is_fifo && limits::FIFO_THROUGHPUT_SCOPE.at(profile),
        "MaximumMessageSize" => limits::MAXIMUM_MESSAGE_BYTES.at(profile).0 < limits::MESSAGE_BYTES,
        "SignatureVersion" => limits::SIGNATURE_VERSION_2.at(profile),
        "TracingConfig" => !is_fifo,
        _ => true,
    };
    if known && exists { Ok(()) } else { Err(invalid("AttributeName")) }
}

/// Whether it is an attribute of delivery status logging: `HTTPSuccessFeedbackRoleArn` and so on.
fn is_feedback(name: &str) -> bool {
    let endings = ["SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"];
    LOGGED_PROTOCOLS.iter().filter_map(|protocol| name.strip_prefix(protocol)).any(|rest| endings.contains(&rest))
}

fn check_value(name: &str, value: &str, profile: Profile) -> Result<(), String> {
    let (smallest, largest) = limits::MAXIMUM_MESSAGE_BYTES.at(profile);
    let right = match name {
        "DisplayName" => value.chars().count() <= limits::DISPLAY_NAME_CHARACTERS,
        "ContentBasedDeduplication" => matches!(value, "true" | "false"),
        "FifoThroughputScope" => matches!(value, "Topic" | "MessageGroup"),
        "SignatureVersion" => matches!(value, "1" | "2"),
        "TracingConfig" => matches!(value, "PassThrough" | "Active"),
        "MaximumMessageSize" => value.parse().is_ok_and(|bytes: usize| (smallest..=largest).contains(&bytes)),
        "DataProtectionPolicy" => value.chars().count() <= limits::DATA_PROTECTION_CHARACTERS,
        name if name.ends_with("SampleRate") => {
            value.parse().is_ok_and(|rate: i64| limits::SAMPLE_RATE.contains(&rate))
        }
        name if name.ends_with("FeedbackRoleArn") => is_role(value),
        _ => true,
    };
    if right { Ok(()) } else { Err(format!("{name}: Invalid value [{value}]")) }
}

/// An IAM role's ARN names no Region: `arn:aws:iam::<account>:role/<name>`.
fn is_role(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| &*arn.service == "iam" && arn.resource.starts_with("role/"))
}

/// Reads a topic policy and checks its limits (`sns.perm.policy-limits`).
fn read_policy(text: &str, topic: &str) -> Result<Policy, String> {
    let policy = Policy::parse(text).ok_or_else(|| "Policy Error: null".to_owned())?;
    let crowded = |principals: usize| !limits::POLICY_PRINCIPALS.contains(&principals);
    if text.len() > limits::POLICY_BYTES
        || policy.len() > limits::POLICY_STATEMENTS
        || policy.principals_of_each().any(crowded)
    {
        return Err("Policy: over the limit of bytes, statements or principals".to_owned());
    }
    if !policy.speaks_only_of(topic) {
        return Err("Policy statement resource must be the topic's ARN".to_owned());
    }
    if !policy.has_distinct_labels() {
        return Err("Policy statement ids must be unique".to_owned());
    }
    Ok(policy)
}

impl Topic {
    pub(super) fn new(arn: Arn, settings: Settings, is_fifo: bool) -> Self {
        let name: Arc<str> = arn.to_string().into();
        Topic {
            arn,
            name,
            tags: BTreeMap::new(),
            settings,
            subscriptions: BTreeSet::new(),
            filters: PolicySet::default(),
            unfiltered: BTreeSet::new(),
            deleted: 0,
            fifo: is_fifo.then(Fifo::default),
            archive: Archive::default(),
            counted: None,
        }
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.fifo.is_some()
    }

    /// The policy in force: the one that was set, or the default.
    pub(super) fn policy(&self) -> Policy {
        self.settings.policy.clone().unwrap_or_else(|| self.default_policy())
    }

    fn default_policy(&self) -> Policy {
        let actions = [
            "GetTopicAttributes",
            "SetTopicAttributes",
            "AddPermission",
            "RemovePermission",
            "DeleteTopic",
            "Subscribe",
            "ListSubscriptionsByTopic",
            "Publish",
        ];
        let actions: Vec<String> = actions.iter().map(|action| format!("SNS:{action}")).collect();
        let statement = json!({
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": actions,
            "Resource": &*self.name,
            "Condition": {"StringEquals": {"AWS:SourceOwner": self.arn.account.as_str()}},
        });
        Policy::empty("__default_policy_ID").with(statement)
    }

    /// Whether `caller` may do `operation` to the topic.
    pub(super) fn authorize(&self, caller: &Caller, operation: Operation) -> Result<(), ApiError> {
        let action = action_of(operation);
        let own = caller.account == self.arn.account;
        let decision = match &self.settings.policy {
            Some(policy) => policy.decide(caller, &action, &self.arn),
            None => Decision::Silent,
        };
        match decision {
            Decision::Allow => Ok(()),
            Decision::Silent if own => Ok(()),
            _ => Err(denied(caller, &action, &self.name)),
        }
    }

    /// The attributes, as GetTopicAttributes shows them.
    pub(super) fn attributes(&self, counts: Counts) -> BTreeMap<String, String> {
        let mut shown = self.settings.given.clone();
        let mut show = |name: &str, value: String| shown.insert(name.to_owned(), value);
        show("TopicArn", self.name.to_string());
        show("Owner", self.arn.account.to_string());
        show("Policy", self.policy().to_text());
        show("EffectiveDeliveryPolicy", http_policy::effective_for_topic(&self.settings.http));
        show("SubscriptionsConfirmed", counts.confirmed.to_string());
        show("SubscriptionsPending", counts.pending.to_string());
        show("SubscriptionsDeleted", counts.deleted.to_string());
        if self.is_fifo() {
            show("FifoTopic", "true".to_owned());
            show("ContentBasedDeduplication", self.settings.deduplicates_by_content().to_string());
        }
        shown.entry("DisplayName".to_owned()).or_default();
        shown
    }

    /// What an attribute of a CreateTopic call has to equal.
    pub(super) fn current(&self, name: &str) -> Option<String> {
        match name {
            "FifoTopic" => Some(self.is_fifo().to_string()),
            "ContentBasedDeduplication" => Some(self.settings.deduplicates_by_content().to_string()),
            "SignatureVersion" => Some(self.settings.signature_version().to_string()),
            "DisplayName" => Some(self.settings.get(name).unwrap_or_default().to_owned()),
            "Policy" => Some(self.policy().to_text()),
            _ => self.settings.get(name).map(str::to_owned),
        }
    }
}

/// The name that policies know an operation by: a batch goes by its single form.
fn action_of(operation: Operation) -> String {
    let name = operation.name();
    format!("SNS:{}", name.strip_suffix("Batch").unwrap_or(name))
}

pub(super) fn denied(caller: &Caller, action: &str, resource: &str) -> ApiError {
    ApiError::new(
        &AUTHORIZATION_ERROR,
        format!(
            "User: {} is not authorized to perform: {action} on resource: {resource} because no identity-based policy \
             allows the {action} action",
            caller.user_arn()
        ),
    )
}

/// Whether two attribute values mean the same; JSON is compared as JSON.
pub(super) fn same_value(one: &str, other: &str) -> bool {
    let json = |text: &str| serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    one == other || json(one).is_some_and(|value| Some(value) == json(other))
}
