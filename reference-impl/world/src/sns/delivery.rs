//! Delivering a message to one target: attempts, retries, the dead-letter queue, and the order of FIFO groups.

use super::log::Outcome;
use super::notification::Spoken;
use super::publish::Published;
use super::subscription::{Protocol, Subscription, SubscriptionId};
use super::{Awaiting, Due, Sns, http_policy, limits};
use crate::deliver::inbox::Letter;
use crate::deliver::outside::{Post, PostOutcome};
use crate::deliver::schedule::Schedule;
use crate::deliver::{Failure, Road};
use crate::seen::Attempt;
use crate::sqs;
use crate::sqs::api::AttributeValue;
use crate::sqs::{Body, Consignment, DeferredText};
use crate::world::{Entry, PostOwner};
use crate::{Arn, Timestamp};
use std::collections::VecDeque;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Where in the slab a delivery is.
pub(super) type DeliveryId = usize;

/// What receivers see as the sender of what SNS delivers to a queue.
pub(super) static SENDER: LazyLock<Arc<str>> = LazyLock::new(|| "AIDAISMY7JYY5F7RTT6AO".into());

/// How policies name SNS.
pub(super) const PRINCIPAL: &str = "sns.amazonaws.com";

/// Where a message is delivered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Subscription(SubscriptionId),
    /// A phone number, published to directly.
    Phone(Arc<str>),
    /// A device, published to directly, by ARN.
    Device(Arc<str>),
}

/// A message under way to one target.
#[derive(Debug)]
pub(super) struct Delivery {
    target: Target,
    pub(super) published: Arc<Published>,
    replayed: bool,
    /// Tells it from every other delivery.
    number: u64,
    /// How many retries were made.
    retries: u32,
    pub(super) began: Timestamp,
    /// Whether a place under the subscription's throttle was reserved for the next attempt.
    has_slot: bool,
}

impl Delivery {
    pub(super) fn attempts(&self) -> u32 {
        self.retries + 1
    }

    pub(super) const fn target(&self) -> &Target {
        &self.target
    }
}

/// How an attempt went.
enum Carried {
    Arrived(u16),
    Failed(Failure),
    /// The outcome comes later.
    Posted,
}

impl Sns {
    /// Begins to deliver, unless the subscription takes nothing now.
    pub(super) fn start_delivery(
        &mut self,
        road: &mut Road<'_>,
        target: Target,
        published: &Arc<Published>,
        replayed: bool,
    ) {
        if let Target::Subscription(id) = &target
            && !self.takes(*id, published, replayed)
        {
            return;
        }
        let copies = self.copies(road, published);
        for _ in 0..copies {
            self.delivered += 1;
            let delivery = Delivery {
                target: target.clone(),
                published: published.clone(),
                replayed,
                number: self.delivered,
                retries: 0,
                began: road.now,
                has_slot: false,
            };
            let id = self.deliveries.insert(delivery);
            if self.is_next_of_its_group(id) {
                self.attempt_soon(road, id);
            }
        }
    }

    fn takes(&self, id: SubscriptionId, published: &Published, replayed: bool) -> bool {
        let Some(subscription) = self.subscriptions.get(&id) else { return false };
        let withheld = subscription.settings.replay.as_ref().is_some_and(|replay| replay.withholds(published.at));
        subscription.confirmed && (replayed || !withheld)
    }

    /// A standard topic may deliver twice.
    fn copies(&self, road: &mut Road<'_>, published: &Published) -> usize {
        let chance = road.common.config.freedom.topic_duplicate;
        let twice = published.content.sequence_number.is_none() && road.common.random.chance(chance);
        if twice { 2 } else { 1 }
    }

    /// Of a FIFO group, only one message at a time is under way to a subscription (`sns.fifo.failure-blocks-group`).
    fn is_next_of_its_group(&mut self, id: DeliveryId) -> bool {
        let delivery = &self.deliveries[id];
        let (Target::Subscription(subscription), Some(group), Some(_)) =
            (&delivery.target, &delivery.published.group, &delivery.published.content.sequence_number)
        else {
            return true;
        };
        let Some(subscription) = self.subscriptions.get_mut(subscription) else { return true };
        let waiting = subscription.groups.entry(group.clone()).or_insert_with(VecDeque::new);
        waiting.push_back(id);
        waiting.len() == 1
    }

    fn attempt_soon(&mut self, road: &mut Road<'_>, id: DeliveryId) {
        let lag = road.common.random.up_to(road.common.config.freedom.delivery_lag());
        let ordered = self.deliveries[id].published.content.sequence_number.is_some();
        if lag.is_zero() || ordered {
            self.attempt(road, id);
        } else {
            road.common.agenda.schedule(road.now + lag, Entry::Sns(Due::Attempt(id)));
        }
    }

    /// Makes one attempt.
    pub(super) fn attempt(&mut self, road: &mut Road<'_>, id: DeliveryId) {
        if let Some(slot) = self.reserve_slot(id, road.now) {
            road.common.agenda.schedule(slot, Entry::Sns(Due::Attempt(id)));
            return;
        }
        let Some(delivery) = self.deliveries.get(id) else { return };
        let Some(endpoint) = self.endpoint_of(&delivery.target) else {
            // The subscription ended meanwhile, and its retries with it.
            self.deliveries.remove(id);
            return;
        };
        road.common.seen.attempt(|| Attempt {
            at: road.now,
            message_id: delivery.published.content.message_id,
            endpoint: endpoint.clone(),
            delivery: delivery.number,
            retry: delivery.retries,
        });
        let carried = match road.reach(&endpoint) {
            Ok(()) if self.is_mailed_too_fast(id, road.now) => {
                Carried::Failed(Failure::client(400, "too many e-mails in a second: the subscription was deactivated"))
            }
            Ok(()) => self.carry(road, id),
            Err(failure) => Carried::Failed(failure),
        };
        match carried {
            Carried::Arrived(status) => self.arrived(road, id, status),
            Carried::Failed(failure) => self.failed(road, id, &failure),
            Carried::Posted => {}
        }
    }

    pub(super) fn endpoint_of(&self, target: &Target) -> Option<Arc<str>> {
        match target {
            Target::Subscription(id) => self.subscriptions.get(id).map(|subscription| subscription.endpoint.clone()),
            Target::Phone(number) => Some(number.clone()),
            Target::Device(arn) => Some(arn.clone()),
        }
    }

    /// Under a throttle policy, when the attempt may be made, if that is not now.
    fn reserve_slot(&mut self, id: DeliveryId, now: Timestamp) -> Option<Timestamp> {
        let delivery = self.deliveries.get_mut(id)?;
        if std::mem::take(&mut delivery.has_slot) {
            return None;
        }
        let Target::Subscription(subscription) = &delivery.target else { return None };
        let subscription = self.subscriptions.get_mut(subscription)?;
        if !subscription.protocol.is_web() {
            return None;
        }
        let topic = self.topics.get(&subscription.topic)?;
        let policy = http_policy::in_force(&topic.settings.http, subscription.settings.http.as_ref());
        let interval = Duration::from_secs(1) / policy.receives_per_second?;
        let slot = subscription.next_slot.max(now);
        subscription.next_slot = slot + interval;
        delivery.has_slot = slot > now;
        delivery.has_slot.then_some(slot)
    }

    /// Whether an e-mail would be one too many in its second, which deactivates its subscription
    /// (`sns.quota.email-10tps`).
    fn is_mailed_too_fast(&mut self, id: DeliveryId, now: Timestamp) -> bool {
        let Target::Subscription(subscription_id) = self.deliveries[id].target else { return false };
        let Some(subscription) = self.subscriptions.get_mut(&subscription_id) else { return false };
        if !matches!(subscription.protocol, Protocol::Email | Protocol::EmailJson) {
            return false;
        }
        let (second, sent) = &mut subscription.emails;
        if now.since(*second) >= Duration::from_secs(1) {
            (*second, *sent) = (now, 0);
        }
        *sent += 1;
        let too_fast = *sent > limits::EMAILS_PER_SECOND;
        if too_fast {
            subscription.confirmed = false;
            self.take_out(subscription_id);
        }
        too_fast
    }

    fn carry(&self, road: &mut Road<'_>, id: DeliveryId) -> Carried {
        let delivery = &self.deliveries[id];
        match &delivery.target {
            Target::Phone(number) => self.to_phone(road, number, delivery),
            Target::Device(arn) => self.to_device(road, arn, delivery),
            Target::Subscription(subscription) => match self.subscriptions.get(subscription) {
                Some(subscription) => self.to_subscriber(road, subscription, delivery, id),
                None => Carried::Failed(Failure::client(404, "the subscription is gone")),
            },
        }
    }

    fn to_subscriber(
        &self,
        road: &mut Road<'_>,
        subscription: &Subscription,
        delivery: &Delivery,
        id: DeliveryId,
    ) -> Carried {
        let spoken = delivery.published.spoken(subscription.protocol.name());
        let envelope = || delivery.published.content.envelope(spoken, &subscription.arn, delivery.replayed);
        let mut leave = |body: String, subject: Option<String>| {
            let protocol = subscription.protocol.name();
            let letter = Letter::new(road.now, protocol, subscription.endpoint.clone(), body);
            road.leave_letter(Letter { subject, ..letter });
            Carried::Arrived(200)
        };
        match subscription.protocol {
            Protocol::Sqs => to_queue(road, subscription, delivery),
            Protocol::Http | Protocol::Https => self.to_web(road, subscription, delivery, id),
            Protocol::Lambda => leave(delivery.published.content.lambda_event(spoken, &subscription.arn), None),
            Protocol::Firehose if subscription.settings.raw => leave(spoken.text.to_string(), None),
            Protocol::Firehose => leave(envelope(), None),
            Protocol::Email => {
                let subject = delivery.published.content.subject.as_deref().unwrap_or("AWS Notification Message");
                let footer = format!(
                    "\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the \
                     link below to unsubscribe:\n{}/?Action=Unsubscribe&SubscriptionArn={}",
                    delivery.published.content.service_url, subscription.arn
                );
                leave(format!("{}{footer}", spoken.text), Some(subject.to_owned()))
            }
            Protocol::EmailJson => leave(envelope(), None),
            Protocol::Sms => self.to_phone(road, &subscription.endpoint, delivery),
            Protocol::Application => self.to_device(road, &subscription.endpoint, delivery),
        }
    }

    fn to_phone(&self, road: &mut Road<'_>, number: &Arc<str>, delivery: &Delivery) -> Carried {
        if self.opted_out.contains(&**number) {
            return Carried::Failed(Failure::client(400, "the number takes no more messages"));
        }
        let spoken = delivery.published.spoken("sms");
        let topic = self.topics.get(&delivery.published.content.topic);
        let name = topic.and_then(|topic| topic.settings.get("DisplayName"));
        let text = match name {
            Some(name) => {
                let first: String = name.chars().take(limits::SMS_DISPLAY_NAME_CHARACTERS).collect();
                format!("{first}> {}", spoken.text)
            }
            None => spoken.text.to_string(),
        };
        road.leave_letter(Letter::new(road.now, "sms", number.clone(), text));
        Carried::Arrived(200)
    }

    fn to_device(&self, road: &mut Road<'_>, arn: &Arc<str>, delivery: &Delivery) -> Carried {
        let Some(device) = self.devices.get(arn).filter(|device| device.is_enabled()) else {
            return Carried::Failed(Failure::client(400, "the endpoint is disabled or gone"));
        };
        let platform = self.applications.get(&device.application).map(|application| &*application.platform);
        let text = delivery.published.spoken(platform.unwrap_or_default()).text.to_string();
        road.leave_letter(Letter::new(road.now, "application", arn.clone(), text));
        Carried::Arrived(200)
    }

    fn to_web(&self, road: &mut Road<'_>, subscription: &Subscription, delivery: &Delivery, id: DeliveryId) -> Carried {
        let topic = self.topics.get(&subscription.topic).map(|topic| &topic.settings.http);
        let policy = topic.map(|topic| http_policy::in_force(topic, subscription.settings.http.as_ref()));
        let content_type = policy.and_then(|policy| policy.content_type);
        let content = &delivery.published.content;
        let spoken = delivery.published.spoken(subscription.protocol.name());
        let mut headers = web_headers("Notification", &content.message_id.to_string(), &content.topic);
        headers.push(("x-amz-sns-subscription-arn", subscription.arn.to_string()));
        headers.push(("content-type", content_type.unwrap_or_else(|| http_policy::DEFAULT_CONTENT_TYPE.to_owned())));
        let body = if subscription.settings.raw {
            headers.push(("x-amz-sns-rawdelivery", "true".to_owned()));
            spoken.text.clone()
        } else {
            content.envelope(spoken, &subscription.arn, delivery.replayed).into()
        };
        let post = Post { url: subscription.endpoint.clone(), headers, body };
        road.post(post, PostOwner::Sns(Awaiting::Delivery(id)));
        Carried::Posted
    }

    /// Takes the outcome of a post of a notification.
    pub(super) fn notification_posted(&mut self, road: &mut Road<'_>, id: DeliveryId, outcome: &PostOutcome) {
        match judge(outcome) {
            Ok(status) => self.arrived(road, id, status),
            Err(failure) => self.failed(road, id, &failure),
        }
    }

    fn arrived(&mut self, road: &mut Road<'_>, id: DeliveryId, status: u16) {
        self.count(road, id, "NumberOfNotificationsDelivered");
        self.write_log(road, id, &Outcome::Arrived(status));
        self.finish(road, id);
    }

    fn failed(&mut self, road: &mut Road<'_>, id: DeliveryId, failure: &Failure) {
        let delivery = &self.deliveries[id];
        let protocol = self.protocol_of(&delivery.target);
        // Of HTTP/S every failed attempt counts, of the others only the last (`sns.log.failed-metric`).
        let counts_attempts = protocol.is_some_and(Protocol::is_web);
        let delay = match failure {
            Failure::Client(_) => None,
            _ => self.schedule(delivery, failure).delay(delivery.retries + 1),
        };
        if counts_attempts || delay.is_none() {
            self.count(road, id, "NumberOfNotificationsFailed");
        }
        match delay {
            Some(delay) => {
                self.deliveries[id].retries += 1;
                let jitter = road.common.random.up_to(delay.mul_f64(road.common.config.freedom.retry_jitter));
                road.common.agenda.schedule(road.now + delay + jitter, Entry::Sns(Due::Attempt(id)));
            }
            None => self.give_up(road, id, failure),
        }
    }

    pub(super) fn protocol_of(&self, target: &Target) -> Option<Protocol> {
        match target {
            Target::Subscription(id) => self.subscriptions.get(id).map(|subscription| subscription.protocol),
            Target::Phone(_) => Some(Protocol::Sms),
            Target::Device(_) => Some(Protocol::Application),
        }
    }

    fn schedule(&self, delivery: &Delivery, failure: &Failure) -> Schedule {
        match (self.protocol_of(&delivery.target), failure) {
            (Some(Protocol::Firehose), Failure::Throttled(_)) => Schedule::CUSTOMER_MANAGED,
            (Some(Protocol::Sqs | Protocol::Lambda | Protocol::Firehose), _) => Schedule::AWS_MANAGED,
            (Some(Protocol::Http | Protocol::Https), _) => self.web_schedule(&delivery.target),
            (Some(_), _) => Schedule::CUSTOMER_MANAGED,
            (None, _) => Schedule::NONE,
        }
    }

    fn web_schedule(&self, target: &Target) -> Schedule {
        let Target::Subscription(id) = target else { return Schedule::NONE };
        let subscription = self.subscriptions.get(id);
        let topic = subscription.and_then(|subscription| self.topics.get(&subscription.topic));
        let Some((topic, subscription)) = topic.zip(subscription) else { return Schedule::NONE };
        let policy = http_policy::in_force(&topic.settings.http, subscription.settings.http.as_ref());
        policy.retry.unwrap_or_default().schedule()
    }

    /// Leaves the message to the subscription's dead-letter queue, if it has one.
    fn give_up(&mut self, road: &mut Road<'_>, id: DeliveryId, failure: &Failure) {
        self.write_log(road, id, &Outcome::Failed(failure.refusal()));
        let delivery = &self.deliveries[id];
        if let Target::Subscription(subscription) = &delivery.target
            && let Some(subscription) = self.subscriptions.get(subscription)
            && let Some(queue) = &subscription.settings.dead_letter_queue
        {
            let redriven = road.reach(&queue.to_string()).and_then(|()| send(road, queue, subscription, delivery));
            let metric = match redriven {
                Ok(()) => "NumberOfNotificationsRedrivenToDlq",
                Err(_) => "NumberOfNotificationsFailedToRedriveToDlq",
            };
            self.count(road, id, metric);
        }
        self.finish(road, id);
    }

    /// Forgets a delivery, and lets the next of its group go.
    fn finish(&mut self, road: &mut Road<'_>, id: DeliveryId) {
        let delivery = self.deliveries.remove(id);
        let (Target::Subscription(subscription), Some(group)) = (&delivery.target, &delivery.published.group) else {
            return;
        };
        let Some(subscription) = self.subscriptions.get_mut(subscription) else { return };
        let Some(waiting) = subscription.groups.get_mut(group) else { return };
        waiting.pop_front();
        match waiting.front() {
            Some(next) => road.common.agenda.schedule(road.now, Entry::Sns(Due::Attempt(*next))),
            None => drop(subscription.groups.remove(group)),
        }
    }

    fn count(&self, road: &mut Road<'_>, id: DeliveryId, metric: &'static str) {
        let topic = &self.deliveries[id].published.content.topic;
        road.common.seen.count(topic, metric, 1);
    }

    /// Forgets the deliveries of an ended subscription that wait for the one before them.
    pub(super) fn forget_waiting(&mut self, subscription: &Subscription) {
        for waiting in subscription.groups.values() {
            waiting.iter().skip(1).for_each(|id| drop(self.deliveries.try_remove(*id)));
        }
    }
}

/// The headers of every post, without the content type.
pub(super) fn web_headers(kind: &str, message_id: &str, topic: &str) -> Vec<(&'static str, String)> {
    vec![
        ("x-amz-sns-message-type", kind.to_owned()),
        ("x-amz-sns-message-id", message_id.to_owned()),
        ("x-amz-sns-topic-arn", topic.to_owned()),
        ("user-agent", "Amazon Simple Notification Service Agent".to_owned()),
        ("accept-encoding", "gzip,deflate".to_owned()),
    ]
}

/// Whether a subscriber took the message. Sources disagree about 4xx; here 4xx but 429 can never arrive and is not
/// retried, 3xx is not followed and counts as taken (`sns.http.status-success`, `sns.http.status-4xx`).
fn judge(outcome: &PostOutcome) -> Result<u16, Failure> {
    match outcome {
        PostOutcome::Answered { status: status @ 200..=399 } => Ok(*status),
        PostOutcome::Answered { status: 429 } => Err(Failure::throttled(429, "Too Many Requests")),
        PostOutcome::Answered { status: status @ 400..=499 } => Err(Failure::client(*status, "the endpoint refuses")),
        PostOutcome::Answered { status } => Err(Failure::server(*status, "the endpoint failed")),
        PostOutcome::Unreachable { reason } | PostOutcome::Broken { reason } => Err(Failure::server(0, reason.clone())),
    }
}

fn to_queue(road: &mut Road<'_>, subscription: &Subscription, delivery: &Delivery) -> Carried {
    let (count, most) = (delivery.published.content.attributes.len(), limits::RAW_ATTRIBUTES);
    if subscription.settings.raw && count > most {
        return Carried::Failed(Failure::client(400, format!("{count} message attributes; SQS takes {most}")));
    }
    let sent = match Arn::parse(&subscription.endpoint) {
        Some(queue) => send(road, &queue, subscription, delivery),
        None => Err(Failure::client(400, "not a queue")),
    };
    sent.map_or_else(Carried::Failed, |()| Carried::Arrived(200))
}

/// Sends what the subscriber gets to a queue: the subscribed one, or its dead-letter queue.
fn send(road: &mut Road<'_>, queue: &Arn, subscription: &Subscription, delivery: &Delivery) -> Result<(), Failure> {
    let published = &delivery.published;
    let spoken = published.spoken(subscription.protocol.name());
    let raw = subscription.settings.raw;
    let attributes = &published.content.attributes;
    let Some(source) = Arn::parse(&subscription.topic) else { return Err(Failure::client(400, "not a topic")) };
    let to_fifo_queue = queue.resource.ends_with(".fifo");
    // A dead-letter queue gets a message that has too many without them, because it could not take it otherwise.
    let carries_attributes = raw && attributes.len() <= limits::RAW_ATTRIBUTES;
    let from_fifo_topic = published.content.sequence_number.is_some();
    let parcel = Consignment {
        principal: PRINCIPAL,
        source: &source,
        sender: SENDER.clone(),
        body: if raw { Body::sent(spoken.text.clone()) } else { enveloped(published, spoken, subscription, delivery) },
        attributes: if carries_attributes { as_sqs_attributes(attributes) } else { sqs::api::MessageAttributes::new() },
        group: published.group.clone().filter(|_| from_fifo_topic == to_fifo_queue),
        deduplication_id: published.deduplication_id.clone().filter(|_| to_fifo_queue),
        trace_header: published.trace_header.clone(),
    };
    road.put_in_queue(queue, parcel)
}

/// The envelope, which is signed only when somebody receives it.
fn enveloped(
    published: &Arc<Published>,
    spoken: &Arc<Spoken>,
    subscription: &Subscription,
    delivery: &Delivery,
) -> Body {
    let longest = published.content.longest_envelope(spoken);
    let (published, spoken) = (published.clone(), spoken.clone());
    let (arn, replayed) = (subscription.arn.clone(), delivery.replayed);
    let make = move || published.content.envelope(&spoken, &arn, replayed);
    Body::Deferred(Arc::new(DeferredText::new(longest, make)))
}

fn as_sqs_attributes(attributes: &super::api::MessageAttributes) -> sqs::api::MessageAttributes {
    let converted = attributes.iter().map(|(name, value)| {
        let value = AttributeValue {
            string_value: value.string_value.clone(),
            binary_value: value.binary_value.clone(),
            data_type: value.data_type.clone(),
            ..AttributeValue::default()
        };
        (name.clone(), value)
    });
    converted.collect()
}
