//! Subscriptions: create, find, list, set. How they are confirmed and ended is in `confirm`.

use super::api::{
    self, AttributesOutput, Empty, ListSubscriptionsByTopicInput, ListSubscriptionsOutput, NextTokenInput, Response,
    SetSubscriptionAttributesInput, SubscribeInput, SubscriptionArnInput, SubscriptionArnOutput,
};
use super::errors::{
    FILTER_POLICY_LIMIT_EXCEEDED, REPLAY_LIMIT_EXCEEDED, SUBSCRIPTION_LIMIT_EXCEEDED, invalid, invalid_because,
    no_such_subscription, no_such_topic, required,
};
use super::subscription::{Protocol, Setting, Settings, Subscription, SubscriptionId, read_endpoint};
use super::topics::{page, read_arn, read_token};
use super::{Context, Due, Operation, Sns, limits};
use crate::error::ApiError;
use crate::identity::{Arn, Caller};
use crate::world::{Entry, Ticket};
use crate::{Answer, Timestamp};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// What Subscribe shows of a subscription that is not confirmed.
const PENDING: &str = "pending confirmation";
/// What listings show of it.
const PENDING_IN_LISTS: &str = "PendingConfirmation";

/// A Subscribe call that was found right.
struct Order {
    topic: Arc<str>,
    protocol: Protocol,
    endpoint: Arc<str>,
    settings: Settings,
    return_arn: bool,
}

impl Sns {
    /// Subscribes. A call for an HTTP/S endpoint is answered when the endpoint was reached, or was not.
    pub(super) fn subscribe(&mut self, context: &mut Context<'_, '_>, input: SubscribeInput) -> Answer {
        match self.try_subscribe(context, input) {
            Ok((id, Some(ticket), _)) => {
                self.waiting.insert(ticket, id);
                Answer::Later(ticket)
            }
            Ok((id, None, return_arn)) => {
                Answer::Now(Ok(crate::Response::Sns(Response::Subscribe(self.subscription_answer(id, return_arn)))))
            }
            Err(error) => Answer::Now(Err(error)),
        }
    }

    /// The ARN of a subscription, or that it is pending, unless the caller wants the ARN all the same.
    pub(super) fn subscription_answer(&self, id: SubscriptionId, return_arn: bool) -> SubscriptionArnOutput {
        let subscription = self.subscriptions.get(&id);
        let shown = subscription.filter(|subscription| subscription.confirmed || return_arn);
        let arn = shown.map_or_else(|| PENDING.into(), |subscription| subscription.arn.clone());
        SubscriptionArnOutput { subscription_arn: Some(arn) }
    }

    fn try_subscribe(
        &mut self,
        context: &mut Context<'_, '_>,
        input: SubscribeInput,
    ) -> Result<(SubscriptionId, Option<Ticket>, bool), ApiError> {
        let given = input.attributes.clone().unwrap_or_default();
        let order = self.read_order(context, input, &given)?;
        let return_arn = order.return_arn;
        if let Some(id) = self.find_same(&order) {
            if !self.subscriptions[&id].settings.agrees_with(&given) {
                let text = "Subscription already exists with different attributes";
                return Err(invalid_because("Attributes", text));
            }
            let pending = !self.subscriptions[&id].confirmed;
            if pending {
                self.invite(context, id, None);
            }
            return Ok((id, None, return_arn));
        }
        self.check_quotas(context, &order)?;
        let confirmed = confirms_itself(order.protocol, &order.endpoint, context.caller);
        let is_web = order.protocol.is_web();
        let id = self.insert(context, order, confirmed);
        self.index(id);
        self.begin_replay(context, id)?;
        let ticket = (!confirmed && is_web && !return_arn).then(|| context.road.common.issue_ticket());
        if !confirmed {
            self.invite(context, id, ticket);
        }
        Ok((id, ticket, return_arn))
    }

    fn read_order(
        &self,
        context: &Context<'_, '_>,
        input: SubscribeInput,
        given: &BTreeMap<String, String>,
    ) -> Result<Order, ApiError> {
        let arn = required(input.topic_arn, "topicArn")?;
        let topic = self.resolve(context, &arn, Operation::Subscribe)?;
        let name = required(input.protocol, "protocol")?;
        let protocol = Protocol::from_name(&name)
            .ok_or_else(|| invalid(format_args!("Amazon SNS does not support this protocol string: {name}")))?;
        let endpoint = input.endpoint.ok_or_else(|| invalid("Endpoint"))?;
        let endpoint = read_endpoint(protocol, &endpoint)?;
        self.check_endpoint(context, &topic, protocol, &endpoint)?;
        let settings = Settings::read(
            given,
            Setting {
                protocol,
                topic_is_fifo: self.topics[&topic].is_fifo(),
                endpoint_is_fifo: endpoint.ends_with(".fifo"),
                profile: context.profile(),
                prefix: "Attributes Reason: ",
            },
        )?;
        if protocol == Protocol::Firehose && !given.contains_key("SubscriptionRoleArn") {
            return Err(invalid("Attributes Reason: SubscriptionRoleArn is required for Firehose subscriptions"));
        }
        Ok(Order { topic, protocol, endpoint, settings, return_arn: input.return_subscription_arn.unwrap_or(false) })
    }

    /// What a topic of its kind asks of an endpoint.
    fn check_endpoint(
        &self,
        context: &Context<'_, '_>,
        topic: &Arc<str>,
        protocol: Protocol,
        endpoint: &Arc<str>,
    ) -> Result<(), ApiError> {
        let topic = &self.topics[topic];
        let fifo_queue = protocol == Protocol::Sqs && endpoint.ends_with(".fifo");
        let standard_queues = limits::STANDARD_QUEUES_ON_FIFO_TOPICS.at(context.profile());
        if topic.is_fifo() && !fifo_queue && (protocol != Protocol::Sqs || !standard_queues) {
            return Err(invalid("Invalid parameter: Endpoint Reason: Please use FIFO SQS queue"));
        }
        if !topic.is_fifo() && fifo_queue {
            return Err(invalid(
                "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
            ));
        }
        let elsewhere = Arn::parse(endpoint).is_some_and(|arn| arn.region != topic.arn.region);
        if elsewhere && (topic.is_fifo() || protocol == Protocol::Firehose) {
            return Err(invalid_because("Endpoint", "must be in the Region of the topic"));
        }
        let gone = protocol == Protocol::Application && !self.devices.contains_key(endpoint);
        if gone {
            let reason = format!("Endpoint does not exist for endpoint {endpoint}");
            return Err(invalid_because("Endpoint", reason));
        }
        Ok(())
    }

    fn find_same(&self, order: &Order) -> Option<SubscriptionId> {
        let same = |id: &&SubscriptionId| {
            self.subscriptions.get(id).is_some_and(|subscription| {
                subscription.protocol == order.protocol && subscription.endpoint == order.endpoint
            })
        };
        self.topics.get(&order.topic)?.subscriptions.iter().find(same).copied()
    }

    fn check_quotas(&self, context: &Context<'_, '_>, order: &Order) -> Result<(), ApiError> {
        let topic = &self.topics[&order.topic];
        let most = if topic.is_fifo() { limits::FIFO_SUBSCRIPTIONS } else { limits::STANDARD_SUBSCRIPTIONS };
        let large = topic.settings.takes_large_messages();
        if topic.subscriptions.len() >= if large { limits::LARGE_MESSAGE_SUBSCRIPTIONS.min(most) } else { most } {
            let text = "Subscription limit exceeded for the topic";
            return Err(ApiError::new(&SUBSCRIPTION_LIMIT_EXCEEDED, text));
        }
        if large && !order.protocol.takes_large_messages() {
            let reason = "a topic with a MaximumMessageSize above 262144 takes SQS, Lambda and Firehose only";
            return Err(invalid_because("Protocol", reason));
        }
        if order.settings.filter.is_some() {
            self.check_filter_quota(context, &order.topic)?;
        }
        if !confirms_itself(order.protocol, &order.endpoint, context.caller) {
            let pending = self
                .subscriptions
                .values()
                .filter(|subscription| !subscription.confirmed && subscription.owner == context.caller.account);
            if pending.count() >= limits::PENDING_SUBSCRIPTIONS {
                let text = "Too many pending subscriptions";
                return Err(ApiError::new(&SUBSCRIPTION_LIMIT_EXCEEDED, text));
            }
        }
        Ok(())
    }

    /// Whether one more subscription of the topic may have a filter policy.
    fn check_filter_quota(&self, context: &Context<'_, '_>, topic: &Arc<str>) -> Result<(), ApiError> {
        let filtered = |subscription: &&Subscription| subscription.settings.filter.is_some();
        let topic = &self.topics[topic];
        let of_topic = topic.subscriptions.iter().filter_map(|id| self.subscriptions.get(id)).filter(filtered);
        let of_account = self.subscriptions_of(context.caller, SubscriptionId(0)).map(|(_, one)| one).filter(filtered);
        let most = limits::FILTER_POLICIES.at(context.profile());
        if of_topic.count() >= limits::FILTER_POLICIES_PER_TOPIC || of_account.count() >= most {
            let text = "Filter policy limit exceeded";
            return Err(ApiError::new(&FILTER_POLICY_LIMIT_EXCEEDED, text));
        }
        Ok(())
    }

    fn insert(&mut self, context: &mut Context<'_, '_>, order: Order, confirmed: bool) -> SubscriptionId {
        self.subscribed += 1;
        let id = SubscriptionId(self.subscribed);
        let arn: Arc<str> = format!("{}:{}", order.topic, context.road.common.random.uuid()).into();
        let subscription = Subscription {
            arn: arn.clone(),
            topic: order.topic.clone(),
            owner: context.caller.account,
            principal: context.caller.user_arn(),
            protocol: order.protocol,
            endpoint: order.endpoint,
            confirmed,
            authenticated: confirmed,
            signed_unsubscribe: false,
            settings: order.settings,
            next_slot: Timestamp::EPOCH,
            groups: FxHashMap::default(),
            emails: (Timestamp::EPOCH, 0),
        };
        self.subscriptions.insert(id, subscription);
        self.subscription_arns.insert(arn, id);
        if let Some(topic) = self.topics.get_mut(&order.topic) {
            topic.subscriptions.insert(id);
        }
        id
    }

    /// Puts a subscription where publishing finds it: among the topic's filters, or beside them.
    pub(super) fn index(&mut self, id: SubscriptionId) {
        let Some(subscription) = self.subscriptions.get(&id).filter(|subscription| subscription.confirmed) else {
            return;
        };
        let Some(topic) = self.topics.get_mut(&subscription.topic) else { return };
        topic.filters.remove(id);
        topic.unfiltered.remove(&id);
        match &subscription.settings.filter {
            Some(policy) => topic.filters.insert(id, policy.clone()),
            None => drop(topic.unfiltered.insert(id)),
        }
    }

    /// Takes a subscription out of where publishing finds it.
    pub(super) fn take_out(&mut self, id: SubscriptionId) {
        let topic = self.subscriptions.get(&id).and_then(|subscription| self.topics.get_mut(&subscription.topic));
        if let Some(topic) = topic {
            topic.filters.remove(id);
            topic.unfiltered.remove(&id);
        }
    }

    /// Lets a changed filter policy take effect.
    pub(super) fn refilter(&mut self, id: SubscriptionId) {
        self.index(id);
    }

    /// Forgets a subscription and what waits for it.
    pub(super) fn forget_subscription(&mut self, id: SubscriptionId) -> Option<Subscription> {
        let subscription = self.subscriptions.remove(&id)?;
        self.subscription_arns.remove(&subscription.arn);
        self.forget_waiting(&subscription);
        if let Some(topic) = self.topics.get_mut(&subscription.topic) {
            topic.subscriptions.remove(&id);
            topic.filters.remove(id);
            topic.unfiltered.remove(&id);
            topic.deleted += 1;
        }
        Some(subscription)
    }

    /// Finds the subscription that an ARN names.
    pub(super) fn find_subscription(&self, arn: &str) -> Option<SubscriptionId> {
        self.subscription_arns.get(arn).copied()
    }

    /// The same for a caller who must own it, or its topic.
    fn own_subscription(
        &self,
        context: &Context<'_, '_>,
        arn: Option<Arc<str>>,
        operation: Operation,
    ) -> Result<SubscriptionId, ApiError> {
        let arn = required(arn, "subscriptionArn")?;
        read_arn("SubscriptionArn", &arn)?;
        let id = self.find_subscription(&arn).ok_or_else(no_such_subscription)?;
        let subscription = &self.subscriptions[&id];
        let owner = self.topics.get(&subscription.topic).map(|topic| topic.arn.account);
        let own = subscription.owner == context.caller.account || owner == Some(context.caller.account);
        if own { Ok(id) } else { Err(super::topic::denied(context.caller, &format!("SNS:{}", operation.name()), &arn)) }
    }

    pub(super) fn get_subscription_attributes(
        &mut self,
        context: &mut Context<'_, '_>,
        input: SubscriptionArnInput,
    ) -> Result<AttributesOutput, ApiError> {
        let id = self.own_subscription(context, input.subscription_arn, Operation::GetSubscriptionAttributes)?;
        let subscription = &self.subscriptions[&id];
        let topic = self.topics.get(&subscription.topic).ok_or_else(no_such_topic)?;
        Ok(AttributesOutput { attributes: Some(subscription.attributes(&topic.settings.http)) })
    }

    pub(super) fn set_subscription_attributes(
        &mut self,
        context: &mut Context<'_, '_>,
        input: SetSubscriptionAttributesInput,
    ) -> Result<Empty, ApiError> {
        let attribute = required(input.attribute_name, "attributeName")?;
        let value = input.attribute_value.unwrap_or_default();
        let id = self.own_subscription(context, input.subscription_arn, Operation::SetSubscriptionAttributes)?;
        let subscription = &self.subscriptions[&id];
        let topic = self.topics.get(&subscription.topic).ok_or_else(no_such_topic)?;
        let setting = Setting {
            protocol: subscription.protocol,
            topic_is_fifo: topic.is_fifo(),
            endpoint_is_fifo: subscription.endpoint.ends_with(".fifo"),
            profile: context.profile(),
            prefix: "",
        };
        let mut settings = subscription.settings.clone();
        settings.set(&attribute, &value, setting)?;
        if settings.filter.is_some() && subscription.settings.filter.is_none() {
            self.check_filter_quota(context, &subscription.topic.clone())?;
        }
        if let Some(subscription) = self.subscriptions.get_mut(&id) {
            subscription.settings = settings;
        }
        match attribute.as_str() {
            "FilterPolicy" | "FilterPolicyScope" => self.index_later(context, id),
            "ReplayPolicy" => self.begin_replay(context, id)?,
            _ => {}
        }
        Ok(Empty {})
    }

    fn index_later(&mut self, context: &mut Context<'_, '_>, id: SubscriptionId) {
        let common = &mut *context.road.common;
        let lag = common.random.up_to(common.config.freedom.filter_lag());
        if lag.is_zero() {
            self.index(id);
        } else {
            common.agenda.schedule(context.road.now + lag, Entry::Sns(Due::Refilter(id)));
        }
    }

    /// Plans the replay that a subscription asks for.
    fn begin_replay(&mut self, context: &mut Context<'_, '_>, id: SubscriptionId) -> Result<(), ApiError> {
        let subscription = &self.subscriptions[&id];
        if subscription.settings.replay.is_none() {
            return Ok(());
        }
        let topic = &self.topics[&subscription.topic];
        let replaying = |id: &&SubscriptionId| {
            self.subscriptions.get(id).is_some_and(|subscription| {
                subscription.settings.replay.as_ref().is_some_and(super::archive::Replay::is_running)
            })
        };
        if topic.subscriptions.iter().filter(replaying).count() > limits::REPLAYS_PER_TOPIC {
            if let Some(subscription) = self.subscriptions.get_mut(&id) {
                subscription.settings.replay = None;
            }
            return Err(ApiError::new(&REPLAY_LIMIT_EXCEEDED, "Too many replays of the topic are running"));
        }
        let at = context.road.now + limits::REPLAY_START;
        context.road.common.agenda.schedule(at, Entry::Sns(Due::Replay(id)));
        Ok(())
    }

    /// The caller's subscriptions after one, in the order they were made.
    fn subscriptions_of(
        &self,
        caller: &Caller,
        after: SubscriptionId,
    ) -> impl Iterator<Item = (SubscriptionId, &Subscription)> {
        let of_region = format!("arn:{}:sns:{}:", caller.region.partition(), caller.region);
        let account = caller.account;
        let range = self.subscriptions.range((Bound::Excluded(after), Bound::Unbounded));
        range
            .filter(move |(_, one)| one.owner == account && one.topic.starts_with(&of_region))
            .map(|(id, subscription)| (*id, subscription))
    }

    pub(super) fn list_subscriptions(
        &mut self,
        context: &mut Context<'_, '_>,
        input: NextTokenInput,
    ) -> Result<ListSubscriptionsOutput, ApiError> {
        let after = read_position(input.next_token.as_deref())?;
        Ok(listing(self.subscriptions_of(context.caller, after)))
    }

    pub(super) fn list_subscriptions_by_topic(
        &mut self,
        context: &mut Context<'_, '_>,
        input: ListSubscriptionsByTopicInput,
    ) -> Result<ListSubscriptionsOutput, ApiError> {
        let text = required(input.topic_arn, "topicArn")?;
        let name = self.resolve(context, &text, Operation::ListSubscriptionsByTopic)?;
        let after = read_position(input.next_token.as_deref())?;
        let ids = self.topics[&name].subscriptions.range((Bound::Excluded(after), Bound::Unbounded));
        Ok(listing(ids.filter_map(|id| Some((*id, self.subscriptions.get(id)?)))))
    }
}

/// Whether an endpoint needs no handshake: it is the caller's own, or a phone or device.
fn confirms_itself(protocol: Protocol, endpoint: &str, caller: &Caller) -> bool {
    match protocol {
        Protocol::Sqs | Protocol::Lambda | Protocol::Firehose => {
            Arn::parse(endpoint).is_some_and(|arn| arn.account == caller.account)
        }
        Protocol::Sms | Protocol::Application => true,
        Protocol::Http | Protocol::Https | Protocol::Email | Protocol::EmailJson => false,
    }
}

fn read_position(token: Option<&str>) -> Result<SubscriptionId, ApiError> {
    let text = read_token(token)?;
    let position = if text.is_empty() { Ok(0) } else { text.parse() };
    position.map(SubscriptionId).map_err(|_| invalid("NextToken"))
}

fn listing<'a>(subscriptions: impl Iterator<Item = (SubscriptionId, &'a Subscription)>) -> ListSubscriptionsOutput {
    let (page, next_token) = page(subscriptions, |(id, _)| id.0.to_string());
    let shown = |(_, subscription): (SubscriptionId, &Subscription)| api::Subscription {
        subscription_arn: Some(if subscription.confirmed { subscription.arn.clone() } else { PENDING_IN_LISTS.into() }),
        owner: Some(subscription.owner.to_string()),
        protocol: Some(subscription.protocol.name().to_owned()),
        endpoint: Some(subscription.endpoint.clone()),
        topic_arn: Some(subscription.topic.clone()),
    };
    ListSubscriptionsOutput { subscriptions: Some(page.into_iter().map(shown).collect()), next_token }
}
