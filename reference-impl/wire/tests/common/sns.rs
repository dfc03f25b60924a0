//! Random inputs and outputs of every operation of SNS, which speaks Query alone.

use super::{blob, map, names, number, shared, shared_wild, text, uuid, wild};
use http::Request as HttpRequest;
use proofmark_world::sns::api::*;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

/// A request without members, as [`proofmark_wire::query_client`] takes it.
pub(crate) fn bare(operation: Operation) -> HttpRequest<bytes::Bytes> {
    super::json_request_with(&format!("AmazonSimpleNotificationService.{}", operation.name()), "")
}

/// The same with the members of `request`.
pub(crate) fn json_request(request: &Request) -> HttpRequest<bytes::Bytes> {
    bare(request.operation()).map(|_| serde_json::to_vec(request).unwrap().into())
}

fn attributes() -> BoxedStrategy<MessageAttributes> {
    let value = attribute().prop_filter("empty", |value| *value != MessageAttributeValue::default());
    btree_map(shared(), value, 1..4).boxed()
}

/// What stands in lists has a member, as a list cannot say that an entry is there and empty.
fn some<T: Clone + Default + PartialEq + std::fmt::Debug + 'static>(of: BoxedStrategy<T>) -> BoxedStrategy<Vec<T>> {
    vec(of.prop_filter("empty", |item| *item != T::default()), 1..4).boxed()
}

fn texts() -> BoxedStrategy<Vec<String>> {
    vec(text(), 1..4).boxed()
}

structures! {
    attribute: MessageAttributeValue { data_type: shared(), string_value: shared(), binary_value: blob(), }
    tag: Tag { key: text(), value: text(), }
    add_permission: AddPermissionInput {
        topic_arn: shared_wild(), label: wild(), aws_account_id: names(), action_name: names(),
    }
    remove_permission: RemovePermissionInput { topic_arn: shared_wild(), label: wild(), }
    confirm: ConfirmSubscriptionInput {
        topic_arn: shared_wild(), token: wild(), authenticate_on_unsubscribe: wild(),
    }
    subscription_arn: SubscriptionArnInput { subscription_arn: shared_wild(), }
    subscribed: SubscriptionArnOutput { subscription_arn: shared(), }
    create_topic: CreateTopicInput {
        name: wild(), attributes: map(), tags: some(tag()), data_protection_policy: wild(),
    }
    topic: TopicArnOutput { topic_arn: shared(), }
    topic_arn: TopicArnInput { topic_arn: shared_wild(), }
    shown: AttributesOutput { attributes: map(), }
    set_topic: SetTopicAttributesInput {
        topic_arn: shared_wild(), attribute_name: wild(), attribute_value: wild(),
    }
    set_subscription: SetSubscriptionAttributesInput {
        subscription_arn: shared_wild(), attribute_name: wild(), attribute_value: wild(),
    }
    listed_topics: ListTopicsOutput { topics: some(topic()), next_token: text(), }
    next: NextTokenInput { next_token: wild(), }
    of_topic: ListSubscriptionsByTopicInput { topic_arn: shared_wild(), next_token: wild(), }
    subscription: Subscription {
        subscription_arn: shared(), owner: text(), protocol: text(), endpoint: shared(), topic_arn: shared(),
    }
    listed_subscriptions: ListSubscriptionsOutput { subscriptions: some(subscription()), next_token: text(), }
    subscribe: SubscribeInput {
        topic_arn: shared_wild(), protocol: wild(), endpoint: shared_wild(), attributes: map(),
        return_subscription_arn: any::<bool>(),
    }
    publish: PublishInput {
        topic_arn: shared_wild(), target_arn: shared_wild(), phone_number: wild(), message: shared_wild(),
        subject: shared_wild(), message_structure: wild(), message_attributes: attributes(),
        message_deduplication_id: shared_wild(), message_group_id: shared_wild(),
    }
    published: PublishOutput { message_id: uuid(), sequence_number: shared(), }
    entry: PublishBatchRequestEntry {
        id: wild(), message: shared_wild(), subject: shared_wild(), message_structure: wild(),
        message_attributes: attributes(), message_deduplication_id: shared_wild(), message_group_id: shared_wild(),
    }
    publish_batch: PublishBatchInput { topic_arn: shared_wild(), publish_batch_request_entries: some(entry()), }
    arrived: PublishBatchResultEntry { id: text(), message_id: uuid(), sequence_number: shared(), }
    failed: BatchResultErrorEntry { id: text(), code: text(), message: text(), sender_fault: any::<bool>(), }
    published_batch: PublishBatchOutput { successful: some(arrived()), failed: some(failed()), }
    resource: ResourceArnInput { resource_arn: shared_wild(), }
    protection: DataProtectionPolicyOutput { data_protection_policy: text(), }
    protect: PutDataProtectionPolicyInput { resource_arn: shared_wild(), data_protection_policy: wild(), }
    tags: ListTagsForResourceOutput { tags: some(tag()), }
    tag_resource: TagResourceInput { resource_arn: shared_wild(), tags: some(tag()), }
    untag_resource: UntagResourceInput { resource_arn: shared_wild(), tag_keys: names(), }

    phone: PhoneNumberInput { phone_number: wild(), }
    sandbox_phone: SandboxPhoneNumberInput { phone_number: wild(), }
    opted_out: CheckIfPhoneNumberIsOptedOutOutput { is_opted_out: any::<bool>(), }
    create_application: CreatePlatformApplicationInput { name: wild(), platform: wild(), attributes: map(), }
    application_arn: PlatformApplicationArnInput { platform_application_arn: shared_wild(), }
    created_application: PlatformApplicationArnOutput { platform_application_arn: shared(), }
    set_application: SetPlatformApplicationAttributesInput {
        platform_application_arn: shared_wild(), attributes: map(),
    }
    create_endpoint: CreatePlatformEndpointInput {
        platform_application_arn: shared_wild(), token: wild(), custom_user_data: wild(), attributes: map(),
    }
    endpoint_arn: EndpointArnInput { endpoint_arn: shared_wild(), }
    created_endpoint: EndpointArnOutput { endpoint_arn: shared(), }
    set_endpoint: SetEndpointAttributesInput { endpoint_arn: shared_wild(), attributes: map(), }
    list_endpoints: ListEndpointsByPlatformApplicationInput {
        platform_application_arn: shared_wild(), next_token: wild(),
    }
    endpoint: Endpoint { endpoint_arn: shared(), attributes: map(), }
    endpoints: ListEndpointsByPlatformApplicationOutput { endpoints: some(endpoint()), next_token: text(), }
    application: PlatformApplication { platform_application_arn: shared(), attributes: map(), }
    applications: ListPlatformApplicationsOutput {
        platform_applications: some(application()), next_token: text(),
    }
    create_sandbox: CreateSmsSandboxPhoneNumberInput { phone_number: wild(), language_code: wild(), }
    verify_sandbox: VerifySmsSandboxPhoneNumberInput { phone_number: wild(), one_time_password: wild(), }
    sandbox: GetSmsSandboxAccountStatusOutput { is_in_sandbox: any::<bool>(), }
    list_sandbox: ListSmsSandboxPhoneNumbersInput { next_token: wild(), max_results: number(), }
    sandbox_number: SmsSandboxPhoneNumber { phone_number: text(), status: text(), }
    sandbox_numbers: ListSmsSandboxPhoneNumbersOutput { phone_numbers: some(sandbox_number()), next_token: text(), }
    list_origins: ListOriginationNumbersInput { next_token: wild(), max_results: number(), }
    origin: OriginationNumber { phone_number: text(), status: text(), }
    origins: ListOriginationNumbersOutput { phone_numbers: some(origin()), next_token: text(), }
    list_opted_out: ListPhoneNumbersOptedOutInput { next_token: wild(), }
    opted_out_numbers: ListPhoneNumbersOptedOutOutput { phone_numbers: texts(), next_token: text(), }
    get_sms: GetSmsAttributesInput { attribute_names: names(), }
    sms: SmsAttributesOutput { attributes: map(), }
    set_sms: SetSmsAttributesInput { attributes: map(), }
}

fn empty() -> BoxedStrategy<Empty> {
    Just(Empty {}).boxed()
}

/// The strategy of each operation; the compiler sees to it that none is forgotten.
macro_rules! strategy {
    ($operation:expr, $kind:ident, { $($name:ident: $members:ident,)* }) => {
        match $operation {
            $(Operation::$name => $members().prop_map($kind::$name).boxed(),)*
        }
    };
}

/// A request of this operation.
pub(crate) fn request_of(operation: Operation) -> BoxedStrategy<Request> {
    strategy!(operation, Request, {
        AddPermission: add_permission, CheckIfPhoneNumberIsOptedOut: phone, ConfirmSubscription: confirm,
        CreatePlatformApplication: create_application, CreatePlatformEndpoint: create_endpoint,
        CreateSMSSandboxPhoneNumber: create_sandbox, CreateTopic: create_topic, DeleteEndpoint: endpoint_arn,
        DeletePlatformApplication: application_arn, DeleteSMSSandboxPhoneNumber: sandbox_phone,
        DeleteTopic: topic_arn, GetDataProtectionPolicy: resource, GetEndpointAttributes: endpoint_arn,
        GetPlatformApplicationAttributes: application_arn, GetSMSAttributes: get_sms,
        GetSMSSandboxAccountStatus: empty, GetSubscriptionAttributes: subscription_arn,
        GetTopicAttributes: topic_arn, ListEndpointsByPlatformApplication: list_endpoints,
        ListOriginationNumbers: list_origins, ListPhoneNumbersOptedOut: list_opted_out,
        ListPlatformApplications: next, ListSMSSandboxPhoneNumbers: list_sandbox, ListSubscriptions: next,
        ListSubscriptionsByTopic: of_topic, ListTagsForResource: resource, ListTopics: next,
        OptInPhoneNumber: phone, Publish: publish, PublishBatch: publish_batch, PutDataProtectionPolicy: protect,
        RemovePermission: remove_permission, SetEndpointAttributes: set_endpoint,
        SetPlatformApplicationAttributes: set_application, SetSMSAttributes: set_sms,
        SetSubscriptionAttributes: set_subscription, SetTopicAttributes: set_topic, Subscribe: subscribe,
        TagResource: tag_resource, Unsubscribe: subscription_arn, UntagResource: untag_resource,
        VerifySMSSandboxPhoneNumber: verify_sandbox,
    })
}

/// A response of this operation.
pub(crate) fn response_of(operation: Operation) -> BoxedStrategy<Response> {
    strategy!(operation, Response, {
        AddPermission: empty, CheckIfPhoneNumberIsOptedOut: opted_out, ConfirmSubscription: subscribed,
        CreatePlatformApplication: created_application, CreatePlatformEndpoint: created_endpoint,
        CreateSMSSandboxPhoneNumber: empty, CreateTopic: topic, DeleteEndpoint: empty,
        DeletePlatformApplication: empty, DeleteSMSSandboxPhoneNumber: empty, DeleteTopic: empty,
        GetDataProtectionPolicy: protection, GetEndpointAttributes: shown,
        GetPlatformApplicationAttributes: shown, GetSMSAttributes: sms, GetSMSSandboxAccountStatus: sandbox,
        GetSubscriptionAttributes: shown, GetTopicAttributes: shown,
        ListEndpointsByPlatformApplication: endpoints, ListOriginationNumbers: origins,
        ListPhoneNumbersOptedOut: opted_out_numbers, ListPlatformApplications: applications,
        ListSMSSandboxPhoneNumbers: sandbox_numbers, ListSubscriptions: listed_subscriptions,
        ListSubscriptionsByTopic: listed_subscriptions, ListTagsForResource: tags, ListTopics: listed_topics,
        OptInPhoneNumber: empty, Publish: published, PublishBatch: published_batch,
        PutDataProtectionPolicy: empty, RemovePermission: empty, SetEndpointAttributes: empty,
        SetPlatformApplicationAttributes: empty, SetSMSAttributes: empty, SetSubscriptionAttributes: empty,
        SetTopicAttributes: empty, Subscribe: subscribed, TagResource: empty, Unsubscribe: empty,
        UntagResource: empty, VerifySMSSandboxPhoneNumber: empty,
    })
}

/// A request of any operation.
pub(crate) fn request() -> BoxedStrategy<Request> {
    proptest::sample::select(Operation::ALL).prop_flat_map(request_of).boxed()
}

/// A response of any operation.
pub(crate) fn response() -> BoxedStrategy<Response> {
    proptest::sample::select(Operation::ALL).prop_flat_map(response_of).boxed()
}
