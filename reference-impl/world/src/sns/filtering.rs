//! Filter policies as SNS uses them: its texts, and which subscriptions want a message.

use super::api::MessageAttributes;
use super::errors::invalid;
use super::limits;
use super::message::Texts;
use super::subscription::{Protocol, Subscription, SubscriptionId};
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
    let mut matching = filtered(topic, subscriptions, &seen, texts);
    let filtered_out = topic.filters.len() as u64 - matching.len() as u64;
    matching.extend(&topic.unfiltered);
    matching.sort_unstable();
    (matching, filtered_out)
}

/// The subscriptions whose filter policies let the message through. Each protocol may have a body of its own.
fn filtered(
    topic: &Topic,
    subscriptions: &BTreeMap<SubscriptionId, Subscription>,
    attributes: &Attributes<'_>,
    texts: &Texts,
) -> Vec<SubscriptionId> {
    let matching = |text: &str| topic.filters.matching(attributes, Body::parse(text).as_ref());
    match texts {
        _ if !topic.filters.reads_bodies() => topic.filters.matching(attributes, None),
        Texts::Same(text) => matching(text),
        Texts::PerProtocol { .. } => {
            let of_protocol = |protocol: &Protocol| {
                let speaks =
                    |id: &SubscriptionId| subscriptions.get(id).is_some_and(|found| found.protocol == *protocol);
                matching(texts.for_protocol(protocol.name())).into_iter().filter(speaks).collect::<Vec<_>>()
            };
            Protocol::ALL.iter().flat_map(of_protocol).collect()
        }
    }
}
