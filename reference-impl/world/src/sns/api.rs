//! The shapes of SNS, member for member as AWS's model of 2026 has them, and the list of its 42 operations.
//!
//! Those of mobile push and SMS are in `mobile`.
//!
//! Members that AWS requires are `Option` here too: a request that lacks one is AWS's to refuse, with AWS's
//! error, and not the decoder's.

use crate::Uuid;
mod mobile;

use crate::blob::Blob;
use crate::operations::{input, operations};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use mobile::*;

operations! {
    /// Grants other accounts actions on a topic.
    AddPermission(AddPermissionInput) -> Empty;
    /// Says whether a phone number takes no more messages.
    CheckIfPhoneNumberIsOptedOut(PhoneNumberInput) -> CheckIfPhoneNumberIsOptedOutOutput;
    /// Confirms a pending subscription with the token that its endpoint was sent.
    ConfirmSubscription(ConfirmSubscriptionInput) -> SubscriptionArnOutput;
    /// Creates a platform application for mobile push.
    CreatePlatformApplication(CreatePlatformApplicationInput) -> PlatformApplicationArnOutput;
    /// Registers a device of a platform application.
    CreatePlatformEndpoint(CreatePlatformEndpointInput) -> EndpointArnOutput;
    /// Adds a phone number that a sandboxed account may send to, and sends it a one-time password.
    CreateSMSSandboxPhoneNumber(CreateSmsSandboxPhoneNumberInput) -> Empty;
    /// Creates a topic, or returns the equal one that exists.
    CreateTopic(CreateTopicInput) -> TopicArnOutput;
    /// Removes a device.
    DeleteEndpoint(EndpointArnInput) -> Empty;
    /// Removes a platform application.
    DeletePlatformApplication(PlatformApplicationArnInput) -> Empty;
    /// Removes a number from the sandbox.
    DeleteSMSSandboxPhoneNumber(SandboxPhoneNumberInput) -> Empty;
    /// Deletes a topic and all of its subscriptions.
    DeleteTopic(TopicArnInput) -> Empty;
    /// Reads a topic's data protection policy.
    GetDataProtectionPolicy(ResourceArnInput) -> DataProtectionPolicyOutput;
    /// Reads a device's attributes.
    GetEndpointAttributes(EndpointArnInput) -> AttributesOutput;
    /// Reads a platform application's attributes.
    GetPlatformApplicationAttributes(PlatformApplicationArnInput) -> AttributesOutput;
    /// Reads the account's SMS settings.
    GetSMSAttributes(GetSmsAttributesInput) -> SmsAttributesOutput;
    /// Says whether the account is in the SMS sandbox.
    GetSMSSandboxAccountStatus(Empty) -> GetSmsSandboxAccountStatusOutput;
    /// Reads a subscription's attributes.
    GetSubscriptionAttributes(SubscriptionArnInput) -> AttributesOutput;
    /// Reads a topic's attributes.
    GetTopicAttributes(TopicArnInput) -> AttributesOutput;
    /// Lists the devices of a platform application.
    ListEndpointsByPlatformApplication(ListEndpointsByPlatformApplicationInput) -> ListEndpointsByPlatformApplicationOutput;
    /// Lists the account's own phone numbers.
    ListOriginationNumbers(ListOriginationNumbersInput) -> ListOriginationNumbersOutput;
    /// Lists the numbers that take no more messages.
    ListPhoneNumbersOptedOut(ListPhoneNumbersOptedOutInput) -> ListPhoneNumbersOptedOutOutput;
    /// Lists the platform applications of the account and Region.
    ListPlatformApplications(NextTokenInput) -> ListPlatformApplicationsOutput;
    /// Lists the numbers of the sandbox.
    ListSMSSandboxPhoneNumbers(ListSmsSandboxPhoneNumbersInput) -> ListSmsSandboxPhoneNumbersOutput;
    /// Lists the subscriptions that the account owns in the Region.
    ListSubscriptions(NextTokenInput) -> ListSubscriptionsOutput;
    /// Lists the subscriptions of a topic.
    ListSubscriptionsByTopic(ListSubscriptionsByTopicInput) -> ListSubscriptionsOutput;
    /// Reads a topic's tags.
    ListTagsForResource(ResourceArnInput) -> ListTagsForResourceOutput;
    /// Lists the topics of the account and Region.
    ListTopics(NextTokenInput) -> ListTopicsOutput;
    /// Lets a phone number that opted out take messages again.
    OptInPhoneNumber(PhoneNumberInput) -> Empty;
    /// Publishes a message to a topic, a device or a phone number.
    Publish(PublishInput) -> PublishOutput;
    /// Publishes up to ten messages to a topic.
    PublishBatch(PublishBatchInput) -> PublishBatchOutput;
    /// Sets a topic's data protection policy.
    PutDataProtectionPolicy(PutDataProtectionPolicyInput) -> Empty;
    /// Withdraws a permission by its label.
    RemovePermission(RemovePermissionInput) -> Empty;
    /// Changes a device's attributes.
    SetEndpointAttributes(SetEndpointAttributesInput) -> Empty;
    /// Changes a platform application's attributes.
    SetPlatformApplicationAttributes(SetPlatformApplicationAttributesInput) -> Empty;
    /// Changes the account's SMS settings.
    SetSMSAttributes(SetSmsAttributesInput) -> Empty;
    /// Changes one attribute of a subscription.
    SetSubscriptionAttributes(SetSubscriptionAttributesInput) -> Empty;
    /// Changes one attribute of a topic.
    SetTopicAttributes(SetTopicAttributesInput) -> Empty;
    /// Subscribes an endpoint to a topic.
    Subscribe(SubscribeInput) -> SubscriptionArnOutput;
    /// Adds or overwrites a topic's tags.
    TagResource(TagResourceInput) -> Empty;
    /// Deletes a subscription.
    Unsubscribe(SubscriptionArnInput) -> Empty;
    /// Removes a topic's tags.
    UntagResource(UntagResourceInput) -> Empty;
    /// Verifies a number of the sandbox with the password it was sent.
    VerifySMSSandboxPhoneNumber(VerifySmsSandboxPhoneNumberInput) -> Empty;
}

/// Attribute names to values; every SNS attribute value is a string.
pub type AttributeMap = BTreeMap<String, String>;

/// Message attributes by name.
pub type MessageAttributes = BTreeMap<Arc<str>, MessageAttributeValue>;

/// An input or output without members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

input! {
    /// Input of AddPermission.
    AddPermissionInput {
        /// The topic.
        topic_arn: Arc<str>,
        /// The new statement's label (`Sid`).
        label: String,
        /// The accounts that are granted the actions.
        #[serde(rename = "AWSAccountId")]
        aws_account_id: Vec<String>,
        /// The actions, without the `SNS:` prefix.
        action_name: Vec<String>,
    }
}

input! {
    /// Input of RemovePermission.
    RemovePermissionInput {
        /// The topic.
        topic_arn: Arc<str>,
        /// The statement's label.
        label: String,
    }
}

input! {
    /// Input of ConfirmSubscription.
    ConfirmSubscriptionInput {
        /// The topic; only its Region counts.
        topic_arn: Arc<str>,
        /// The token that the endpoint was sent.
        token: String,
        /// `true` if only signed requests may unsubscribe.
        authenticate_on_unsubscribe: String,
    }
}

input! {
    /// Output of Subscribe and ConfirmSubscription.
    SubscriptionArnOutput {
        /// The subscription, or `pending confirmation`.
        subscription_arn: Arc<str>,
    }
}

input! {
    /// Input of the operations that take nothing but a subscription.
    SubscriptionArnInput {
        /// The subscription.
        subscription_arn: Arc<str>,
    }
}

input! {
    /// Input of CreateTopic.
    CreateTopicInput {
        /// The name, at most 256 characters.
        name: String,
        /// Attributes that differ from their defaults.
        attributes: AttributeMap,
        /// Tags.
        tags: Vec<Tag>,
        /// The data protection policy.
        data_protection_policy: String,
    }
}

input! {
    /// Output of CreateTopic.
    TopicArnOutput {
        /// The topic.
        topic_arn: Arc<str>,
    }
}

input! {
    /// Input of the operations that take nothing but a topic.
    TopicArnInput {
        /// The topic.
        topic_arn: Arc<str>,
    }
}

input! {
    /// Output of the operations that read attributes.
    AttributesOutput {
        /// The attributes that are set.
        attributes: AttributeMap,
    }
}

input! {
    /// Input of SetTopicAttributes.
    SetTopicAttributesInput {
        /// The topic.
        topic_arn: Arc<str>,
        /// The attribute.
        attribute_name: String,
        /// Its new value; empty to remove it.
        attribute_value: String,
    }
}

input! {
    /// Output of ListTopics.
    ListTopicsOutput {
        /// The topics.
        topics: Vec<TopicArnOutput>,
        /// Present if there is another page.
        next_token: String,
    }
}

input! {
    /// Input of the listings without a filter.
    NextTokenInput {
        /// The page to continue with.
        next_token: String,
    }
}

input! {
    /// Input of ListSubscriptionsByTopic.
    ListSubscriptionsByTopicInput {
        /// The topic.
        topic_arn: Arc<str>,
        /// The page to continue with.
        next_token: String,
    }
}

input! {
    /// Output of ListSubscriptions and ListSubscriptionsByTopic.
    ListSubscriptionsOutput {
        /// The subscriptions.
        subscriptions: Vec<Subscription>,
        /// Present if there is another page.
        next_token: String,
    }
}

input! {
    /// A subscription, as listings show it.
    Subscription {
        /// The subscription, or `PendingConfirmation`.
        subscription_arn: Arc<str>,
        /// The account that owns it.
        owner: String,
        /// The protocol.
        protocol: String,
        /// Where it delivers to.
        endpoint: Arc<str>,
        /// The topic.
        topic_arn: Arc<str>,
    }
}

input! {
    /// Input of Subscribe.
    SubscribeInput {
        /// The topic.
        topic_arn: Arc<str>,
        /// `sqs`, `lambda`, `http` and so on.
        protocol: String,
        /// Where to deliver to; its form depends on the protocol.
        endpoint: Arc<str>,
        /// Attributes of the subscription.
        attributes: AttributeMap,
        /// Whether to return the ARN of a subscription that is still pending.
        return_subscription_arn: bool,
    }
}

input! {
    /// Input of SetSubscriptionAttributes.
    SetSubscriptionAttributesInput {
        /// The subscription.
        subscription_arn: Arc<str>,
        /// The attribute.
        attribute_name: String,
        /// Its new value; empty to remove it.
        attribute_value: String,
    }
}

input! {
    /// A message attribute: a type and a value of it.
    MessageAttributeValue {
        /// `String`, `String.Array`, `Number` or `Binary`, with an optional `.label`.
        data_type: Arc<str>,
        /// The value of a `String`, `String.Array` or `Number`.
        string_value: Arc<str>,
        /// The value of a `Binary`.
        binary_value: Blob,
    }
}

input! {
    /// Input of Publish.
    PublishInput {
        /// The topic, unless the message goes to a device or a phone.
        topic_arn: Arc<str>,
        /// A topic or a device.
        target_arn: Arc<str>,
        /// The phone number of an SMS.
        phone_number: String,
        /// The message.
        message: Arc<str>,
        /// The subject line of an e-mail, at most 99 characters.
        subject: Arc<str>,
        /// `json` if the message has a text per protocol.
        message_structure: String,
        /// Attributes for subscribers and their filters.
        message_attributes: MessageAttributes,
        /// FIFO: names a publish for the deduplication window.
        message_deduplication_id: Arc<str>,
        /// FIFO: the ordering group. Standard: the tenant of fair queues.
        message_group_id: Arc<str>,
    }
}

input! {
    /// Output of Publish.
    PublishOutput {
        /// The message's id.
        message_id: Uuid,
        /// FIFO only: the place in the order.
        sequence_number: Arc<str>,
    }
}

input! {
    /// Input of PublishBatch.
    PublishBatchInput {
        /// The topic.
        topic_arn: Arc<str>,
        /// One to ten messages.
        publish_batch_request_entries: Vec<PublishBatchRequestEntry>,
    }
}

input! {
    /// One message of PublishBatch.
    PublishBatchRequestEntry {
        /// Names the entry within the call.
        id: String,
        /// The message.
        message: Arc<str>,
        /// As in Publish.
        subject: Arc<str>,
        /// As in Publish.
        message_structure: String,
        /// As in Publish.
        message_attributes: MessageAttributes,
        /// As in Publish.
        message_deduplication_id: Arc<str>,
        /// As in Publish.
        message_group_id: Arc<str>,
    }
}

input! {
    /// Output of PublishBatch; both lists are always there.
    PublishBatchOutput {
        /// The entries that were published.
        successful: Vec<PublishBatchResultEntry>,
        /// The entries that were not.
        failed: Vec<BatchResultErrorEntry>,
    }
}

input! {
    /// One published message of PublishBatch.
    PublishBatchResultEntry {
        /// The entry's id.
        id: String,
        /// The message's id.
        message_id: Uuid,
        /// As in Publish.
        sequence_number: Arc<str>,
    }
}

input! {
    /// An entry of a batch that failed alone.
    BatchResultErrorEntry {
        /// The entry's id.
        id: String,
        /// The error's code.
        code: String,
        /// The text for people.
        message: String,
        /// Whether the caller is at fault.
        sender_fault: bool,
    }
}

input! {
    /// Input of the operations that take nothing but a resource.
    ResourceArnInput {
        /// The topic.
        resource_arn: Arc<str>,
    }
}

input! {
    /// Output of GetDataProtectionPolicy.
    DataProtectionPolicyOutput {
        /// The policy, as JSON text.
        data_protection_policy: String,
    }
}

input! {
    /// Input of PutDataProtectionPolicy.
    PutDataProtectionPolicyInput {
        /// The topic.
        resource_arn: Arc<str>,
        /// The policy, as JSON text; empty to remove it.
        data_protection_policy: String,
    }
}

input! {
    /// A tag.
    Tag {
        /// The key.
        key: String,
        /// The value.
        value: String,
    }
}

input! {
    /// Output of ListTagsForResource.
    ListTagsForResourceOutput {
        /// The tags.
        tags: Vec<Tag>,
    }
}

input! {
    /// Input of TagResource.
    TagResourceInput {
        /// The topic.
        resource_arn: Arc<str>,
        /// The tags to add or overwrite.
        tags: Vec<Tag>,
    }
}

input! {
    /// Input of UntagResource.
    UntagResourceInput {
        /// The topic.
        resource_arn: Arc<str>,
        /// The keys to remove.
        tag_keys: Vec<String>,
    }
}
