//! Amazon SNS: topics, subscriptions, and the delivery of what is published.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`api`] | the shapes and the list of the 42 operations |
//! | [`limits`] | every number, dated and sourced |
//! | [`errors`] | every code, once |
//! | `topics`, `topic` | topics: create, find, list, delete, set; and what one is |
//! | `subscriptions`, `subscription` | the same for subscriptions |
//! | `confirm` | the handshake: tokens, invitations, confirming, unsubscribing |
//! | `publish`, `message` | what may be published, and the two operations that do it |
//! | `filtering` | which subscriptions want a message |
//! | `delivery` | attempts, retries, dead-letter queues, the order of FIFO groups |
//! | `http_policy` | delivery policies of HTTP/S endpoints |
//! | `notification`, `signing` | envelopes, and their signatures |
//! | `fifo`, `archive`, `replays` | deduplication and order; keeping and replaying |
//! | `log` | delivery status logging |
//! | `permissions`, `tags` | topic policies and tags |
//! | `mobile`, `sms` | platform applications and devices; phone numbers |

pub mod api;
mod archive;
mod confirm;
mod delivery;
pub mod errors;
mod fifo;
mod filtering;
mod http_policy;
pub mod limits;
mod log;
mod message;
mod mobile;
mod notification;
mod permissions;
mod publish;
mod replays;
mod signing;
mod sms;
mod subscription;
mod subscriptions;
mod tags;
mod topic;
mod topics;

use crate::deliver::Road;
use crate::deliver::outside::PostOutcome;
use crate::error::{ApiError, common as common_errors};
use crate::identity::{AccountId, Region};
use crate::world::{Common, Ticket};
use crate::{Answer, Caller, Profile};
pub use api::{Operation, Request, Response};
use confirm::Token;
use delivery::{Delivery, DeliveryId};
use mobile::{Application, Device};
use rustc_hash::FxHashMap;
pub use signing::{CERTIFICATE, CERTIFICATE_PATH};
use slab::Slab;
use sms::Telephony;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use subscription::{Subscription, SubscriptionId};
use topic::Topic;

/// SNS in every account and Region.
#[derive(Debug, Default)]
pub(crate) struct Sns {
    /// By ARN.
    topics: BTreeMap<Arc<str>, Topic>,
    subscriptions: BTreeMap<SubscriptionId, Subscription>,
    subscription_arns: FxHashMap<Arc<str>, SubscriptionId>,
    subscribed: u64,
    tokens: FxHashMap<String, Token>,
    /// Subscribe calls that wait for their endpoint to be reached.
    waiting: FxHashMap<Ticket, SubscriptionId>,
    deliveries: Slab<Delivery>,
    delivered: u64,
    /// By ARN.
    applications: BTreeMap<Arc<str>, Application>,
    /// By ARN.
    devices: BTreeMap<Arc<str>, Device>,
    telephony: BTreeMap<(AccountId, Region), Telephony>,
    /// Numbers that take no more messages.
    opted_out: BTreeSet<String>,
}

/// What SNS has on the agenda.
#[derive(Debug)]
pub(crate) enum Due {
    /// The next attempt of a delivery.
    Attempt(DeliveryId),
    /// A replay begins.
    Replay(SubscriptionId),
    /// A replay's ending point has come.
    EndReplay(SubscriptionId),
    /// A changed filter policy takes effect.
    Refilter(SubscriptionId),
}

/// What SNS awaits the outcome of a post for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaiting {
    /// A notification.
    Delivery(DeliveryId),
    /// An invitation to confirm; somebody may wait to hear whether the endpoint was reached.
    Invitation(SubscriptionId, Option<Ticket>),
    /// A farewell, whose outcome nobody waits for.
    Farewell,
}

/// What an operation works with, besides the state.
struct Context<'a, 'b> {
    road: &'a mut Road<'b>,
    caller: &'a Caller,
}

impl Context<'_, '_> {
    fn profile(&self) -> Profile {
        self.road.common.config.profile
    }
}

impl Sns {
    /// Carries out one request.
    pub(crate) fn call(&mut self, road: &mut Road<'_>, caller: &Caller, request: Request) -> Answer {
        let mut context = Context { road, caller };
        let context = &mut context;
        let result = match request {
            // The one operation that may have to wait: for its endpoint to be reached.
            Request::Subscribe(input) => return self.subscribe(context, input),
            Request::AddPermission(input) => self.add_permission(context, input).map(Response::AddPermission),
            Request::CheckIfPhoneNumberIsOptedOut(input) => {
                self.check_if_phone_number_is_opted_out(context, input).map(Response::CheckIfPhoneNumberIsOptedOut)
            }
            Request::ConfirmSubscription(input) => {
                self.confirm_subscription(context, input).map(Response::ConfirmSubscription)
            }
            Request::CreatePlatformApplication(input) => {
                self.create_platform_application(context, input).map(Response::CreatePlatformApplication)
            }
            Request::CreatePlatformEndpoint(input) => {
                self.create_platform_endpoint(context, input).map(Response::CreatePlatformEndpoint)
            }
            Request::CreateSMSSandboxPhoneNumber(input) => {
                self.create_sms_sandbox_phone_number(context, input).map(Response::CreateSMSSandboxPhoneNumber)
            }
            Request::CreateTopic(input) => self.create_topic(context, input).map(Response::CreateTopic),
            Request::DeleteEndpoint(input) => self.delete_endpoint(context, input).map(Response::DeleteEndpoint),
            Request::DeletePlatformApplication(input) => {
                self.delete_platform_application(context, input).map(Response::DeletePlatformApplication)
            }
            Request::DeleteSMSSandboxPhoneNumber(input) => {
                self.delete_sms_sandbox_phone_number(context, input).map(Response::DeleteSMSSandboxPhoneNumber)
            }
            Request::DeleteTopic(input) => self.delete_topic(context, input).map(Response::DeleteTopic),
            Request::GetDataProtectionPolicy(input) => {
                self.get_data_protection_policy(context, input).map(Response::GetDataProtectionPolicy)
            }
            Request::GetEndpointAttributes(input) => {
                self.get_endpoint_attributes(context, input).map(Response::GetEndpointAttributes)
            }
            Request::GetPlatformApplicationAttributes(input) => {
                self.get_platform_application_attributes(context, input).map(Response::GetPlatformApplicationAttributes)
            }
            Request::GetSMSAttributes(input) => self.get_sms_attributes(context, input).map(Response::GetSMSAttributes),
            Request::GetSMSSandboxAccountStatus(input) => {
                self.get_sms_sandbox_account_status(context, input).map(Response::GetSMSSandboxAccountStatus)
            }
            Request::GetSubscriptionAttributes(input) => {
                self.get_subscription_attributes(context, input).map(Response::GetSubscriptionAttributes)
            }
            Request::GetTopicAttributes(input) => {
                self.get_topic_attributes(context, input).map(Response::GetTopicAttributes)
            }
            Request::ListEndpointsByPlatformApplication(input) => self
                .list_endpoints_by_platform_application(context, input)
                .map(Response::ListEndpointsByPlatformApplication),
            Request::ListOriginationNumbers(input) => {
                self.list_origination_numbers(context, input).map(Response::ListOriginationNumbers)
            }
            Request::ListPhoneNumbersOptedOut(input) => {
                self.list_phone_numbers_opted_out(context, input).map(Response::ListPhoneNumbersOptedOut)
            }
            Request::ListPlatformApplications(input) => {
                self.list_platform_applications(context, input).map(Response::ListPlatformApplications)
            }
            Request::ListSMSSandboxPhoneNumbers(input) => {
                self.list_sms_sandbox_phone_numbers(context, input).map(Response::ListSMSSandboxPhoneNumbers)
            }
            Request::ListSubscriptions(input) => {
                self.list_subscriptions(context, input).map(Response::ListSubscriptions)
            }
            Request::ListSubscriptionsByTopic(input) => {
                self.list_subscriptions_by_topic(context, input).map(Response::ListSubscriptionsByTopic)
            }
            Request::ListTagsForResource(input) => {
                self.list_tags_for_resource(context, input).map(Response::ListTagsForResource)
            }
            Request::ListTopics(input) => self.list_topics(context, input).map(Response::ListTopics),
            Request::OptInPhoneNumber(input) => {
                self.opt_in_phone_number(context, input).map(Response::OptInPhoneNumber)
            }
            Request::Publish(input) => self.publish(context, input).map(Response::Publish),
            Request::PublishBatch(input) => self.publish_batch(context, input).map(Response::PublishBatch),
            Request::PutDataProtectionPolicy(input) => {
                self.put_data_protection_policy(context, input).map(Response::PutDataProtectionPolicy)
            }
            Request::RemovePermission(input) => self.remove_permission(context, input).map(Response::RemovePermission),
            Request::SetEndpointAttributes(input) => {
                self.set_endpoint_attributes(context, input).map(Response::SetEndpointAttributes)
            }
            Request::SetPlatformApplicationAttributes(input) => {
                self.set_platform_application_attributes(context, input).map(Response::SetPlatformApplicationAttributes)
            }
            Request::SetSMSAttributes(input) => self.set_sms_attributes(context, input).map(Response::SetSMSAttributes),
            Request::SetSubscriptionAttributes(input) => {
                self.set_subscription_attributes(context, input).map(Response::SetSubscriptionAttributes)
            }
            Request::SetTopicAttributes(input) => {
                self.set_topic_attributes(context, input).map(Response::SetTopicAttributes)
            }
            Request::TagResource(input) => self.tag_resource(context, input).map(Response::TagResource),
            Request::Unsubscribe(input) => self.unsubscribe(context, input).map(Response::Unsubscribe),
            Request::UntagResource(input) => self.untag_resource(context, input).map(Response::UntagResource),
            Request::VerifySMSSandboxPhoneNumber(input) => {
                self.verify_sms_sandbox_phone_number(context, input).map(Response::VerifySMSSandboxPhoneNumber)
            }
        };
        Answer::Now(result.map(crate::Response::Sns))
    }

    /// Does what the agenda says.
    pub(crate) fn run(&mut self, road: &mut Road<'_>, due: Due) {
        match due {
            Due::Attempt(id) => self.attempt(road, id),
            Due::Replay(id) => self.replay(road, id),
            Due::EndReplay(id) => self.end_replay(id),
            Due::Refilter(id) => self.refilter(id),
        }
    }

    /// Takes the outcome of a post.
    pub(crate) fn post_finished(&mut self, road: &mut Road<'_>, awaiting: Awaiting, outcome: &PostOutcome) {
        match awaiting {
            Awaiting::Delivery(id) => self.notification_posted(road, id, outcome),
            Awaiting::Invitation(id, ticket) => self.invitation_posted(road, id, ticket, outcome),
            Awaiting::Farewell => {}
        }
    }

    /// Gives up a waiting call. The subscription stays.
    pub(crate) fn cancel(&mut self, ticket: Ticket) {
        self.waiting.remove(&ticket);
    }

    /// Ends every waiting call, as if its endpoint had been reached.
    pub(crate) fn end_waits(&mut self, common: &mut Common) {
        let waiting: BTreeMap<Ticket, SubscriptionId> = self.waiting.drain().collect();
        for (ticket, id) in waiting {
            let shown = self.subscription_answer(id, false);
            common.answer(ticket, Ok(crate::Response::Sns(Response::Subscribe(shown))));
        }
    }
}

/// An operation that did not exist yet at the date of the profile.
fn no_such_action(operation: Operation) -> ApiError {
    let text = format!("The action {} is not valid for this endpoint.", operation.name());
    ApiError::new(&common_errors::INVALID_ACTION, text)
}
