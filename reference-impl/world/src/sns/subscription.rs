//! A subscription and its attributes.

use super::archive::Replay;
use super::errors::{invalid, invalid_because};
use super::http_policy::{self, HttpPolicy};
use super::{delivery::DeliveryId, filtering, limits};
use crate::error::ApiError;
use crate::filter::{Policy, Scope};
use crate::identity::{AccountId, Arn};
use crate::{Profile, Timestamp};
use rustc_hash::FxHashMap;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Names a subscription. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SubscriptionId(pub(super) u64);

/// How a subscription delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Protocol {
    Http,
    Https,
    Email,
    EmailJson,
    Sms,
    Sqs,
    Application,
    Lambda,
    Firehose,
}

impl Protocol {
    pub(super) const ALL: [Protocol; 9] = [
        Protocol::Http,
        Protocol::Https,
        Protocol::Email,
        Protocol::EmailJson,
        Protocol::Sms,
        Protocol::Sqs,
        Protocol::Application,
        Protocol::Lambda,
        Protocol::Firehose,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Https => "https",
            Protocol::Email => "email",
            Protocol::EmailJson => "email-json",
            Protocol::Sms => "sms",
            Protocol::Sqs => "sqs",
            Protocol::Application => "application",
            Protocol::Lambda => "lambda",
            Protocol::Firehose => "firehose",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Protocol::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    pub(super) const fn is_web(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Https)
    }

    /// What the attributes of delivery status logging call it, if its deliveries are logged.
    pub(super) const fn logged_as(self) -> Option<&'static str> {
        match self {
            Protocol::Http | Protocol::Https => Some("HTTP"),
            Protocol::Sqs => Some("SQS"),
            Protocol::Lambda => Some("Lambda"),
            Protocol::Firehose => Some("Firehose"),
            Protocol::Application => Some("Application"),
            Protocol::Email | Protocol::EmailJson | Protocol::Sms => None,
        }
    }

    /// Whether it carries messages that are larger than by default.
    pub(super) const fn takes_large_messages(self) -> bool {
        matches!(self, Protocol::Sqs | Protocol::Lambda | Protocol::Firehose)
    }

    /// Whether `RawMessageDelivery` means anything to it.
    const fn can_be_raw(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Https | Protocol::Sqs | Protocol::Firehose)
    }
}

/// A subscription.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) arn: Arc<str>,
    /// The topic's ARN.
    pub(super) topic: Arc<str>,
    pub(super) owner: AccountId,
    /// The ARN of whoever subscribed.
    pub(super) principal: String,
    pub(super) protocol: Protocol,
    pub(super) endpoint: Arc<str>,
    pub(super) confirmed: bool,
    /// Whether whoever confirmed it was known to be the endpoint's owner.
    pub(super) authenticated: bool,
    /// Whether only signed requests may unsubscribe.
    pub(super) signed_unsubscribe: bool,
    pub(super) settings: Settings,
    /// For `throttlePolicy`: when the next delivery may be attempted.
    pub(super) next_slot: Timestamp,
    /// Of a FIFO topic: the deliveries of each group that wait for the one before them.
    pub(super) groups: FxHashMap<Arc<str>, VecDeque<DeliveryId>>,
    /// E-mails of the second that began then.
    pub(super) emails: (Timestamp, usize),
}

/// What a subscription is set to.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) raw: bool,
    filter_text: Option<String>,
    pub(super) filter: Option<Policy>,
    scope: Scope,
    redrive_text: Option<String>,
    pub(super) dead_letter_queue: Option<Arn>,
    http_text: Option<String>,
    pub(super) http: Option<HttpPolicy>,
    role: Option<String>,
    pub(super) replay: Option<Replay>,
}

/// What decides whether a subscription's attribute may be set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    pub(super) protocol: Protocol,
    pub(super) topic_is_fifo: bool,
    pub(super) endpoint_is_fifo: bool,
    pub(super) profile: Profile,
    /// What stands before a reason: nothing, or `Attributes Reason: ` in Subscribe.
    pub(super) prefix: &'a str,
}

impl Settings {
    /// The settings that Subscribe is given.
    pub(super) fn read(given: &BTreeMap<String, String>, setting: Setting<'_>) -> Result<Self, ApiError> {
        let mut settings = Settings::default();
        // The scope first: it decides what a filter policy may be.
        let scope = given.iter().filter(|(name, _)| *name == "FilterPolicyScope");
        let others = given.iter().filter(|(name, _)| *name != "FilterPolicyScope");
        scope.chain(others).try_for_each(|(name, value)| settings.set(name, value, setting))?;
        Ok(settings)
    }

    /// Sets one attribute, or nothing if its value is wrong.
    pub(super) fn set(&mut self, name: &str, value: &str, setting: Setting<'_>) -> Result<(), ApiError> {
        let wrong = |reason: String| invalid(format_args!("{}{reason}", setting.prefix));
        let text = (!value.is_empty()).then(|| value.to_owned());
        match name {
            "RawMessageDelivery" => self.raw = read_raw(value, setting.protocol).map_err(wrong)?,
            "FilterPolicy" => self.set_filter(text, self.scope, setting)?,
            "FilterPolicyScope" => {
                let scope = read_scope(value, setting.profile).map_err(wrong)?;
                self.set_filter(self.filter_text.clone(), scope, setting)?;
            }
            "RedrivePolicy" => {
                let target = text.as_deref().map(|text| read_redrive(text, setting)).transpose();
                self.dead_letter_queue = target.map_err(wrong)?;
                self.redrive_text = text;
            }
            "DeliveryPolicy" => {
                let policy = text.as_deref().map(http_policy::read_for_subscription).transpose().map_err(wrong)?;
                (self.http, self.http_text) = (policy, text);
            }
            "SubscriptionRoleArn" => self.role = text,
            "ReplayPolicy" if setting.topic_is_fifo && limits::ARCHIVES.at(setting.profile) => {
                self.replay = text.as_deref().map(Replay::read).transpose().map_err(wrong)?;
            }
            _ => return Err(invalid("AttributeName")),
        }
        Ok(())
    }

    fn set_filter(&mut self, text: Option<String>, scope: Scope, setting: Setting<'_>) -> Result<(), ApiError> {
        let compile = |text: &str| filtering::compile(text, scope, setting.profile, setting.prefix);
        self.filter = text.as_deref().map(compile).transpose()?;
        (self.filter_text, self.scope) = (text, scope);
        Ok(())
    }

    /// What the attributes are set to, by name.
    fn shown(&self) -> impl Iterator<Item = (&'static str, String)> {
        let scope = self.filter_text.is_some().then(|| self.scope.name().to_owned());
        let replay = self.replay.as_ref();
        [
            ("DeliveryPolicy", self.http_text.clone()),
            ("FilterPolicy", self.filter_text.clone()),
            ("FilterPolicyScope", scope),
            ("RawMessageDelivery", Some(self.raw.to_string())),
            ("RedrivePolicy", self.redrive_text.clone()),
            ("ReplayPolicy", replay.map(|replay| replay.text.clone())),
            ("ReplayStatus", replay.map(|replay| replay.status.name().to_owned())),
            ("SubscriptionRoleArn", self.role.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }

    /// Whether a Subscribe call that gives these attributes asks for what there is.
    pub(super) fn agrees_with(&self, given: &BTreeMap<String, String>) -> bool {
        let shown: BTreeMap<&str, String> = self.shown().collect();
        given.iter().all(|(name, value)| {
            let current = shown.get(name.as_str()).map(String::as_str);
            current.is_some_and(|current| super::topic::same_value(current, value))
                || (current.is_none()
                    && (value.is_empty() || (name == "FilterPolicyScope" && value == self.scope.name())))
        })
    }
}

fn read_raw(value: &str, protocol: Protocol) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" if protocol.can_be_raw() => Ok(true),
        "true" => Err(format!("RawMessageDelivery: not supported for protocol {}", protocol.name())),
        "false" => Ok(false),
        _ => Err(format!("RawMessageDelivery: Invalid value [{value}]. Must be true or false.")),
    }
}

fn read_scope(value: &str, profile: Profile) -> Result<Scope, String> {
    let scope = Scope::named(value).filter(|scope| *scope != Scope::MessageBody || limits::BODY_FILTERS.at(profile));
    scope.ok_or_else(|| {
        format!("FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes")
    })
}

fn read_redrive(text: &str, setting: Setting<'_>) -> Result<Arn, String> {
    let policy: Value =
        serde_json::from_str(text).map_err(|error| format!("RedrivePolicy: failed to parse JSON. {error}"))?;
    let target = policy.get("deadLetterTargetArn").and_then(Value::as_str).and_then(Arn::parse);
    let target = target.filter(|arn| &*arn.service == "sqs");
    let target = target.ok_or_else(|| "RedrivePolicy: deadLetterTargetArn is an invalid arn".to_owned())?;
    if setting.topic_is_fifo && setting.endpoint_is_fifo && !target.resource.ends_with(".fifo") {
        let text = "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.";
        return Err(text.to_owned());
    }
    Ok(target)
}

impl Subscription {
    /// The attributes, as GetSubscriptionAttributes shows them.
    pub(super) fn attributes(&self, topic: &HttpPolicy) -> BTreeMap<String, String> {
        let settings = self.settings.shown().map(|(name, value)| (name.to_owned(), value));
        let fixed = [
            ("ConfirmationWasAuthenticated", self.authenticated.to_string()),
            ("Endpoint", self.endpoint.to_string()),
            ("Owner", self.owner.to_string()),
            ("PendingConfirmation", (!self.confirmed).to_string()),
            ("Protocol", self.protocol.name().to_owned()),
            ("SubscriptionArn", self.arn.to_string()),
            ("SubscriptionPrincipal", self.principal.clone()),
            ("TopicArn", self.topic.to_string()),
        ];
        let mut shown: BTreeMap<String, String> =
            settings.chain(fixed.into_iter().map(|(name, value)| (name.to_owned(), value))).collect();
        if self.protocol.is_web() {
            let policy = http_policy::in_force(topic, self.settings.http.as_ref());
            shown.insert("EffectiveDeliveryPolicy".to_owned(), http_policy::effective_for_subscription(&policy));
        }
        shown
    }
}

/// Checks an endpoint against its protocol, and brings it to the form that is kept.
pub(super) fn read_endpoint(protocol: Protocol, endpoint: &str) -> Result<Arc<str>, ApiError> {
    match protocol {
        Protocol::Sqs => read_arn(endpoint, "sqs").ok_or_else(|| invalid("SQS endpoint ARN")),
        Protocol::Lambda => read_arn(endpoint, "lambda").ok_or_else(|| invalid("Lambda endpoint ARN")),
        Protocol::Firehose => read_arn(endpoint, "firehose").ok_or_else(|| invalid("Firehose endpoint ARN")),
        Protocol::Application => read_arn(endpoint, "sns").ok_or_else(|| invalid("Application endpoint arn")),
        Protocol::Http | Protocol::Https => read_url(protocol, endpoint),
        Protocol::Email | Protocol::EmailJson => match endpoint.split_once('@') {
            Some((name, host)) if !name.is_empty() && host.contains('.') => Ok(endpoint.into()),
            _ => Err(invalid("Email address")),
        },
        Protocol::Sms => {
            let number =
                phone_number(endpoint).ok_or_else(|| invalid(format_args!("Invalid SMS endpoint: {endpoint}")));
            number.map(Into::into)
        }
    }
}

fn read_arn(endpoint: &str, service: &str) -> Option<Arc<str>> {
    Arn::parse(endpoint).filter(|arn| &*arn.service == service).map(|_| endpoint.into())
}

fn read_url(protocol: Protocol, endpoint: &str) -> Result<Arc<str>, ApiError> {
    let Some((scheme, rest)) = endpoint.split_once("://") else { return Err(invalid("HTTP(S) endpoint")) };
    if scheme != protocol.name() {
        return Err(invalid_because("Endpoint", format_args!("must match the specified protocol")));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.is_empty() || host.contains('_') { Err(invalid("Unreachable Endpoint")) } else { Ok(endpoint.into()) }
}

/// A phone number without its separators: `-`, `.`, `/` or a space, singly and between digits.
pub(super) fn phone_number(text: &str) -> Option<String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let (mut number, mut separated) = (String::from("+"), true);
    for character in digits.chars() {
        match character {
            '0'..='9' => {
                number.push(character);
                separated = false;
            }
            '-' | '.' | ' ' | '/' if !separated => separated = true,
            _ => return None,
        }
    }
    (!separated && (8..=16).contains(&number.len())).then_some(number)
}
