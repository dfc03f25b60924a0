//! The handshake: invitations with tokens, confirming with them, unsubscribing.

use super::api::{ConfirmSubscriptionInput, Empty, Response, SubscriptionArnInput, SubscriptionArnOutput};
use super::delivery::web_headers;
use super::errors::{AUTHORIZATION_ERROR, invalid, invalid_because, required};
use super::http_policy;
use super::notification::{Handshake, Invitation};
use super::subscription::{Protocol, Subscription, SubscriptionId};
use super::topics::read_arn;
use super::{Awaiting, Context, Sns, limits};
use crate::deliver::Road;
use crate::deliver::inbox::Letter;
use crate::deliver::outside::{Post, PostOutcome};
use crate::error::ApiError;
use crate::identity::Arn;
use crate::sqs;
use crate::sqs::{Body, Consignment};
use crate::world::{PostOwner, Ticket};
use crate::{Timestamp, Uuid};
use std::sync::Arc;

/// Hexadecimal digits of a token.
const TOKEN_DIGITS: usize = 352;

/// What a token stands for.
#[derive(Debug)]
pub(super) struct Token {
    subscription: SubscriptionId,
    expires: Timestamp,
    /// A subscription that was ended and can be brought back.
    ended: Option<Box<Subscription>>,
}

impl Sns {
    /// Sends an endpoint the invitation to confirm. Whoever holds `ticket` waits to hear whether it was reached.
    pub(super) fn invite(&mut self, context: &mut Context<'_, '_>, id: SubscriptionId, ticket: Option<Ticket>) {
        let token = self.issue_token(context, id, None);
        let Some(subscription) = self.subscriptions.get(&id) else { return };
        let signature_version =
            self.topics.get(&subscription.topic).map_or(1, |topic| topic.settings.signature_version());
        let invitation = Invitation {
            handshake: Handshake::Subscribe,
            message_id: context.road.common.random.uuid(),
            topic: &subscription.topic,
            token: &token,
            at: context.road.now,
            signature_version,
            service_url: &context.caller.endpoint,
        };
        match subscription.protocol {
            Protocol::Http | Protocol::Https => {
                post(context.road, subscription, &invitation, Awaiting::Invitation(id, ticket));
            }
            Protocol::Sqs => send_to_queue(context.road, subscription, &invitation),
            _ => leave_letter(context.road, subscription, &invitation),
        }
    }

    fn issue_token(
        &mut self,
        context: &mut Context<'_, '_>,
        subscription: SubscriptionId,
        ended: Option<Box<Subscription>>,
    ) -> String {
        let random = &mut context.road.common.random;
        let token: String = (0..TOKEN_DIGITS / 32).map(|_| format!("{:032x}", random.uuid().as_u128())).collect();
        let expires = context.road.now + limits::TOKEN_LIFETIME;
        self.tokens.insert(token.clone(), Token { subscription, expires, ended });
        token
    }

    /// Takes the outcome of posting an invitation. Nobody there: the subscription never was.
    pub(super) fn invitation_posted(
        &mut self,
        road: &mut Road<'_>,
        id: SubscriptionId,
        ticket: Option<Ticket>,
        outcome: &PostOutcome,
    ) {
        let Some(ticket) = ticket.filter(|ticket| self.waiting.remove(ticket).is_some()) else { return };
        let unreachable = matches!(outcome, PostOutcome::Unreachable { .. });
        let result = if unreachable {
            self.forget_subscription(id);
            Err(invalid("Unreachable Endpoint"))
        } else {
            Ok(crate::Response::Sns(Response::Subscribe(self.subscription_answer(id, false))))
        };
        road.common.answer(ticket, result);
    }

    pub(super) fn confirm_subscription(
        &mut self,
        context: &mut Context<'_, '_>,
        input: ConfirmSubscriptionInput,
    ) -> Result<SubscriptionArnOutput, ApiError> {
        let topic = required(input.topic_arn, "topicArn")?;
        let token = required(input.token, "token")?;
        // A valid token confirms whichever topic is named, if only its Region is right (`sns.confirm.topic-ignored`).
        let arn = Arn::parse(&topic).filter(|arn| &*arn.service == "sns").ok_or_else(|| invalid("Topic"))?;
        let id = self.redeem(context.road.now, &token)?;
        let in_region = |subscription: &Subscription| {
            Arn::parse(&subscription.topic).is_some_and(|topic| topic.region == arn.region)
        };
        let subscription = self.subscriptions.get_mut(&id).ok_or_else(|| invalid("Invalid token"))?;
        if !in_region(subscription) {
            return Err(invalid("Topic"));
        }
        if !subscription.confirmed {
            subscription.confirmed = true;
            subscription.authenticated = context.caller.signed;
            subscription.signed_unsubscribe =
                input.authenticate_on_unsubscribe.is_some_and(|value| value.eq_ignore_ascii_case("true"));
        }
        self.index(id);
        Ok(self.subscription_answer(id, true))
    }

    /// The subscription of a token, brought back if it was ended.
    fn redeem(&mut self, now: Timestamp, token: &str) -> Result<SubscriptionId, ApiError> {
        if token.len() < 32 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(invalid("Token"));
        }
        let known = self.tokens.get_mut(token).filter(|token| now < token.expires);
        let known = known.ok_or_else(|| invalid("Invalid token"))?;
        let id = known.subscription;
        if let Some(subscription) = known.ended.take() {
            self.restore(id, *subscription);
        }
        Ok(id)
    }

    fn restore(&mut self, id: SubscriptionId, subscription: Subscription) {
        let Some(topic) = self.topics.get_mut(&subscription.topic) else { return };
        topic.subscriptions.insert(id);
        topic.deleted = topic.deleted.saturating_sub(1);
        self.subscription_arns.insert(subscription.arn.clone(), id);
        self.subscriptions.insert(id, subscription);
    }

    pub(super) fn unsubscribe(
        &mut self,
        context: &mut Context<'_, '_>,
        input: SubscriptionArnInput,
    ) -> Result<Empty, ApiError> {
        let arn = input.subscription_arn.filter(|arn| !arn.is_empty());
        let arn = arn.ok_or_else(|| invalid_because("SubscriptionArn", "no value for required parameter"))?;
        let parsed = read_arn("SubscriptionArn", &arn)?;
        let id = parsed.resource.split_once(':').and_then(|(_, id)| Uuid::parse(id));
        if id.is_none() {
            return Err(invalid("SubscriptionId"));
        }
        let Some(id) = self.find_subscription(&arn) else { return Ok(Empty {}) };
        self.check_may_unsubscribe(context, id)?;
        let signed = context.caller.signed;
        let Some(subscription) = self.forget_subscription(id) else { return Ok(Empty {}) };
        if !signed && subscription.protocol.is_web() {
            self.say_farewell(context, id, subscription);
        }
        Ok(Empty {})
    }

    /// Signed requests must be the subscription's or the topic's owner's; unsigned ones are as good as the link that
    /// they follow, unless the subscriber wanted signatures.
    fn check_may_unsubscribe(&self, context: &Context<'_, '_>, id: SubscriptionId) -> Result<(), ApiError> {
        let subscription = &self.subscriptions[&id];
        let account = context.caller.account;
        let owner = self.topics.get(&subscription.topic).map(|topic| topic.arn.account);
        let own = subscription.owner == account || owner == Some(account);
        let allowed = if context.caller.signed { own } else { !subscription.signed_unsubscribe };
        if allowed {
            return Ok(());
        }
        let text = "User is not authorized to perform: SNS:Unsubscribe on this subscription";
        Err(ApiError::new(&AUTHORIZATION_ERROR, text))
    }

    fn say_farewell(&mut self, context: &mut Context<'_, '_>, id: SubscriptionId, subscription: Subscription) {
        let signature_version =
            self.topics.get(&subscription.topic).map_or(1, |topic| topic.settings.signature_version());
        let topic = subscription.topic.clone();
        let kept = Subscription { groups: Default::default(), ..subscription };
        let token = self.issue_token(context, id, None);
        let farewell = Invitation {
            handshake: Handshake::Unsubscribe,
            message_id: context.road.common.random.uuid(),
            topic: &topic,
            token: &token,
            at: context.road.now,
            signature_version,
            service_url: &context.caller.endpoint,
        };
        post(context.road, &kept, &farewell, Awaiting::Farewell);
        if let Some(token) = self.tokens.get_mut(&token) {
            token.ended = Some(Box::new(kept));
        }
    }
}

fn post(road: &mut Road<'_>, subscription: &Subscription, invitation: &Invitation<'_>, awaiting: Awaiting) {
    let id = invitation.message_id.to_string();
    let mut headers = web_headers(invitation.handshake.kind(), &id, invitation.topic);
    if invitation.handshake == Handshake::Unsubscribe {
        headers.push(("x-amz-sns-subscription-arn", subscription.arn.to_string()));
    }
    headers.push(("content-type", http_policy::DEFAULT_CONTENT_TYPE.to_owned()));
    let post = Post { url: subscription.endpoint.clone(), headers, body: invitation.text().into() };
    road.post(post, PostOwner::Sns(awaiting));
}

/// The owner of a queue of another account finds the invitation in the queue. One that cannot be delivered is lost.
fn send_to_queue(road: &mut Road<'_>, subscription: &Subscription, invitation: &Invitation<'_>) {
    let (Some(queue), Some(source)) = (Arn::parse(&subscription.endpoint), Arn::parse(&subscription.topic)) else {
        return;
    };
    let parcel = Consignment {
        principal: super::delivery::PRINCIPAL,
        source: &source,
        sender: super::delivery::SENDER.clone(),
        body: Body::sent(invitation.text().into()),
        attributes: sqs::api::MessageAttributes::new(),
        group: None,
        deduplication_id: None,
        trace_header: None,
    };
    // Failed invitations go to no dead-letter queue (`sns.dlq.confirmation-not`).
    let _lost = road.put_in_queue(&queue, parcel);
}

fn leave_letter(road: &mut Road<'_>, subscription: &Subscription, invitation: &Invitation<'_>) {
    let body = match subscription.protocol {
        Protocol::EmailJson | Protocol::Lambda | Protocol::Firehose => invitation.text(),
        _ => format!(
            "You have chosen to subscribe to the topic:\n{}\n\nTo confirm this subscription, click or visit the link \
             below (If this was in error no action is necessary):\n{}",
            subscription.topic,
            invitation.subscribe_url()
        ),
    };
    let subject = Some("AWS Notification - Subscription Confirmation".to_owned());
    let letter = Letter::new(road.now, subscription.protocol.name(), Arc::clone(&subscription.endpoint), body);
    road.leave_letter(Letter { subject, ..letter });
}
