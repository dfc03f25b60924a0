//! Filter policies as SNS uses them: its texts, and which subscriptions want a message.

use super::api::MessageAttributes;
use super::errors::invalid;
use super::limits;
use super::message::Texts;
use super::subscription::{Subscription, SubscriptionId};
use super::topic::Topic;
use crate::Profile;
use crate::error::ApiError;
use crate::filter::{AttributeValue, Attributes, Body, Dialect, Limits, Policy, Scope};
use std::collections::BTreeMap;

/// Checks and compiles a policy; `prefix` stands before the reason, as the operation's texts have it.
pub(super) fn compile(text: &str, scope: Scope, profile: Profile, prefix: &str) -> Result<Policy, ApiError> {
    let limits = Limits {
        dialect: match profile {
            Profile::September2021 => Dialect::Sns2021,
            Profile::Today => Dialect::Sns,
        },
        keys: limits::FILTER_KEYS,
        combinations: limits::FILTER_COMBINATIONS,
        bytes: limits::FILTER_BYTES,
    };
    Policy::compile(text, scope, &limits).map_err(|error| match error.names_filter_policy() {
        true => invalid(format_args!("{prefix}FilterPolicy: {error}")),
        false => invalid(error),
    })
}

/// The confirmed subscriptions of a topic that want a message, in the order of their ids; and how many do not.
pub(super) fn wanted_by(
    topic: &Topic,
    subscriptions: &BTreeMap<SubscriptionId, Subscription>,
    attributes: &MessageAttributes,
    texts: &Texts,
) -> (Vec<SubscriptionId>, u64) {
    let seen: Attributes<'_> = attributes
        .iter()
        .map(|(name, value)| {
            let data_type = value.data_type.as_deref().unwrap_or_default();
            (&**name, AttributeValue::typed(data_type, value.string_value.as_deref().unwrap_or_default()))
        })
        .collect();
    let mut matching = match texts {
        Texts::Same(text) => {
            let body = if topic.filters.reads_bodies() { Body::parse(text) } else { None };
            topic.filters.matching(&seen, body.as_ref())
        }
        // Each protocol has its own body.
        Texts::PerProtocol { .. } => {
            let ids = topic.subscriptions.iter().copied();
            ids.filter(|id| wants_own_text(topic, subscriptions, *id, &seen, texts)).collect()
        }
    };
    let filtered_out = topic.filters.len() as u64 - matching.len() as u64;
    matching.extend(&topic.unfiltered);
    matching.sort_unstable();
    (matching, filtered_out)
}

fn wants_own_text(
    topic: &Topic,
    subscriptions: &BTreeMap<SubscriptionId, Subscription>,
    id: SubscriptionId,
    attributes: &Attributes<'_>,
    texts: &Texts,
) -> bool {
    let Some((policy, subscription)) = topic.filters.get(id).zip(subscriptions.get(&id)) else { return false };
    match policy.scope() {
        Scope::MessageAttributes => policy.matches_attributes(attributes),
        Scope::MessageBody => {
            let text = texts.for_protocol(subscription.protocol.name());
            Body::parse(text).is_some_and(|body| policy.matches_body(&body))
        }
    }
}
