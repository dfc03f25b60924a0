//! Random inputs and outputs of every operation, and the HTTP messages they travel in.
//!
//! What the Query protocol cannot express is left out: empty maps, empty structures in lists, and, in outputs,
//! empty lists and characters that XML has no way to write.

#![allow(dead_code, reason = "each test file uses its own part")]

use bytes::Bytes;
use http::Request as HttpRequest;
use proofmark_world::blob::Blob;
use proofmark_world::sqs::api::*;
use proofmark_world::{AccountId, Arn, Region, Uuid};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A JSON request as an SDK sends it.
pub(crate) fn json_request(request: &Request) -> HttpRequest<Bytes> {
    let target = format!("AmazonSQS.{}", request.operation().name());
    json_request_with(&target, serde_json::to_vec(request).unwrap())
}

/// A JSON request with any target and body.
pub(crate) fn json_request_with(target: &str, body: impl Into<Bytes>) -> HttpRequest<Bytes> {
    HttpRequest::post("https://sqs.eu-west-1.amazonaws.com/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", target)
        .header("authorization", "AWS4-HMAC-SHA256 Credential=A/20210928/eu-west-1/sqs/aws4_request")
        .header("x-amz-date", "20210928T120000Z")
        .header("x-amz-user-agent", "test")
        .body(body.into())
        .unwrap()
}

/// A Query request in a form.
pub(crate) fn form_request(path: &str, form: impl Into<Bytes>) -> HttpRequest<Bytes> {
    HttpRequest::post(path)
        .header("host", "localhost:9324")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into())
        .unwrap()
}

/// Declares the strategy of each structure, every member of which may be absent.
macro_rules! structures {
    ($($name:ident: $type:ident { $($field:ident: $strategy:expr,)* })*) => {
        $(fn $name() -> BoxedStrategy<$type> {
            ($(option::of($strategy),)*).prop_map(|($($field,)*)| $type { $($field,)* }).boxed()
        })*
    };
}

pub(crate) mod sns;

fn wild() -> BoxedStrategy<String> {
    any::<String>().boxed()
}

fn text() -> BoxedStrategy<String> {
    "[\\PC\\r\\n\\t&<>\"']{0,12}".boxed()
}

fn shared_wild() -> BoxedStrategy<Arc<str>> {
    wild().prop_map(Arc::from).boxed()
}

fn shared() -> BoxedStrategy<Arc<str>> {
    text().prop_map(Arc::from).boxed()
}

fn number() -> BoxedStrategy<i64> {
    any::<i64>().boxed()
}

fn names() -> BoxedStrategy<Vec<String>> {
    vec(wild(), 0..4).boxed()
}

fn some_texts() -> BoxedStrategy<Vec<Arc<str>>> {
    vec(shared(), 1..4).boxed()
}

fn map() -> BoxedStrategy<BTreeMap<String, String>> {
    btree_map(text(), text(), 1..4).boxed()
}

fn attributes() -> BoxedStrategy<MessageAttributes> {
    btree_map(shared(), attribute().prop_filter("empty", |value| *value != AttributeValue::default()), 1..4).boxed()
}

fn blob() -> BoxedStrategy<Blob> {
    vec(any::<u8>(), 0..12).prop_map(|bytes| Blob(bytes.into())).boxed()
}

fn uuid() -> BoxedStrategy<Uuid> {
    any::<u128>().prop_map(Uuid::from_random).boxed()
}

fn digest() -> BoxedStrategy<Digest> {
    any::<[u8; 16]>().prop_map(Digest).boxed()
}

fn sequence() -> BoxedStrategy<SequenceNumber> {
    any::<u128>().prop_map(SequenceNumber).boxed()
}

fn arn() -> BoxedStrategy<Arn> {
    "[a-z]{1,8}".prop_map(|name| Arn::new("sqs", &Region::new("eu-west-1"), AccountId::DEFAULT, &name)).boxed()
}

structures! {
    attribute: AttributeValue {
        string_value: shared(), binary_value: blob(), string_list_values: vec(text(), 1..3),
        binary_list_values: vec(blob(), 1..3), data_type: shared(),
    }
    add_permission: AddPermissionInput {
        queue_url: shared_wild(), label: wild(), aws_account_ids: names(), actions: names(),
    }
    remove_permission: RemovePermissionInput { queue_url: shared_wild(), label: wild(), }
    queue: QueueInput { queue_url: shared_wild(), }
    create_queue: CreateQueueInput { queue_name: wild(), attributes: map(), tags: map(), }
    get_queue_url: GetQueueUrlInput { queue_name: wild(), queue_owner_aws_account_id: wild(), }
    list_queues: ListQueuesInput { queue_name_prefix: wild(), next_token: wild(), max_results: number(), }
    list_sources: ListDeadLetterSourceQueuesInput {
        queue_url: shared_wild(), next_token: wild(), max_results: number(),
    }
    get_attributes: GetQueueAttributesInput { queue_url: shared_wild(), attribute_names: names(), }
    set_attributes: SetQueueAttributesInput { queue_url: shared_wild(), attributes: map(), }
    tag_queue: TagQueueInput { queue_url: shared_wild(), tags: map(), }
    untag_queue: UntagQueueInput { queue_url: shared_wild(), tag_keys: names(), }
    send_message: SendMessageInput {
        queue_url: shared_wild(), message_body: shared_wild(), delay_seconds: number(),
        message_attributes: attributes(), message_system_attributes: attributes(),
        message_deduplication_id: shared_wild(), message_group_id: shared_wild(),
    }
    send_entry: SendMessageBatchRequestEntry {
        id: wild(), message_body: shared_wild(), delay_seconds: number(),
        message_attributes: attributes(), message_system_attributes: attributes(),
        message_deduplication_id: shared_wild(), message_group_id: shared_wild(),
    }
    receive_message: ReceiveMessageInput {
        queue_url: shared_wild(), attribute_names: names(), message_system_attribute_names: names(),
        message_attribute_names: names(), max_number_of_messages: number(), visibility_timeout: number(),
        wait_time_seconds: number(), receive_request_attempt_id: shared_wild(),
    }
    delete_message: DeleteMessageInput { queue_url: shared_wild(), receipt_handle: shared_wild(), }
    delete_entry: DeleteMessageBatchRequestEntry { id: wild(), receipt_handle: shared_wild(), }
    change_visibility: ChangeMessageVisibilityInput {
        queue_url: shared_wild(), receipt_handle: shared_wild(), visibility_timeout: number(),
    }
    change_entry: ChangeMessageVisibilityBatchRequestEntry {
        id: wild(), receipt_handle: shared_wild(), visibility_timeout: number(),
    }
    start_move: StartMessageMoveTaskInput {
        source_arn: wild(), destination_arn: wild(), max_number_of_messages_per_second: number(),
    }
    cancel_move: CancelMessageMoveTaskInput { task_handle: wild(), }
    list_moves: ListMessageMoveTasksInput { source_arn: wild(), max_results: number(), }

    queue_url: QueueUrlOutput { queue_url: shared(), }
    listed_queues: ListQueuesOutput { queue_urls: some_texts(), next_token: text(), }
    listed_sources: ListDeadLetterSourceQueuesOutput { queue_urls: some_texts(), next_token: text(), }
    queue_attributes: GetQueueAttributesOutput { attributes: map(), }
    queue_tags: ListQueueTagsOutput { tags: map(), }
    sent: SendMessageOutput {
        md5_of_message_body: digest(), md5_of_message_attributes: digest(),
        md5_of_message_system_attributes: digest(), message_id: uuid(), sequence_number: sequence(),
    }
    sent_entry: SendMessageBatchResultEntry {
        id: text(), message_id: uuid(), md5_of_message_body: digest(), md5_of_message_attributes: digest(),
        md5_of_message_system_attributes: digest(), sequence_number: sequence(),
    }
    failed_entry: BatchResultErrorEntry { id: text(), sender_fault: any::<bool>(), code: text(), message: text(), }
    message: Message {
        message_id: uuid(), receipt_handle: shared(), md5_of_body: digest(), body: shared(), attributes: map(),
        md5_of_message_attributes: digest(), message_attributes: attributes(),
    }
    received: ReceiveMessageOutput { messages: vec(message().prop_filter("empty", |m| *m != Message::default()), 1..4), }
    started_move: StartMessageMoveTaskOutput { task_handle: text(), }
    cancelled_move: CancelMessageMoveTaskOutput { approximate_number_of_messages_moved: number(), }
    moved: ListMessageMoveTasksResultEntry {
        task_handle: text(), status: text(), source_arn: arn(), destination_arn: arn(),
        max_number_of_messages_per_second: number(), approximate_number_of_messages_moved: number(),
        approximate_number_of_messages_to_move: number(), failure_reason: text(), started_timestamp: number(),
    }
    listed_moves: ListMessageMoveTasksOutput {
        results: vec(moved().prop_filter("empty", |m| *m != ListMessageMoveTasksResultEntry::default()), 1..3),
    }
}

/// Batches: entries that have at least an id.
macro_rules! batches {
    ($($name:ident: $type:ident of $entry:ident;)*) => {
        $(fn $name() -> BoxedStrategy<$type> {
            let entries = vec($entry().prop_filter("no id", |entry| entry.id.is_some()), 0..3);
            (option::of(shared_wild()), option::of(entries))
                .prop_map(|(queue_url, entries)| $type { queue_url, entries })
                .boxed()
        })*
    };
}

batches! {
    send_batch: SendMessageBatchInput of send_entry;
    delete_batch: DeleteMessageBatchInput of delete_entry;
    change_batch: ChangeMessageVisibilityBatchInput of change_entry;
}

fn outcome<T: Clone + std::fmt::Debug + 'static>(successful: BoxedStrategy<T>) -> BoxedStrategy<BatchOutput<T>> {
    let failed = failed_entry().prop_filter("no id", |entry| entry.id.is_some());
    (vec(successful, 0..3), vec(failed, 0..3))
        .prop_map(|(successful, failed)| BatchOutput { successful, failed })
        .boxed()
}

fn entry_id() -> BoxedStrategy<BatchEntryId> {
    text().prop_map(|id| BatchEntryId { id: Some(id) }).boxed()
}

fn empty() -> BoxedStrategy<Empty> {
    Just(Empty {}).boxed()
}

/// A request of any operation.
pub(crate) fn request() -> BoxedStrategy<Request> {
    use Request as R;
    let queues = prop_oneof![
        add_permission().prop_map(R::AddPermission),
        remove_permission().prop_map(R::RemovePermission),
        create_queue().prop_map(R::CreateQueue),
        queue().prop_map(R::DeleteQueue),
        queue().prop_map(R::PurgeQueue),
        queue().prop_map(R::ListQueueTags),
        get_attributes().prop_map(R::GetQueueAttributes),
        set_attributes().prop_map(R::SetQueueAttributes),
        tag_queue().prop_map(R::TagQueue),
        untag_queue().prop_map(R::UntagQueue),
    ];
    let lists = prop_oneof![
        get_queue_url().prop_map(R::GetQueueUrl),
        list_queues().prop_map(R::ListQueues),
        list_sources().prop_map(R::ListDeadLetterSourceQueues),
        start_move().prop_map(R::StartMessageMoveTask),
        cancel_move().prop_map(R::CancelMessageMoveTask),
        list_moves().prop_map(R::ListMessageMoveTasks),
    ];
    let messages = prop_oneof![
        send_message().prop_map(R::SendMessage),
        send_batch().prop_map(R::SendMessageBatch),
        receive_message().prop_map(R::ReceiveMessage),
        delete_message().prop_map(R::DeleteMessage),
        delete_batch().prop_map(R::DeleteMessageBatch),
        change_visibility().prop_map(R::ChangeMessageVisibility),
        change_batch().prop_map(R::ChangeMessageVisibilityBatch),
    ];
    prop_oneof![queues, lists, messages].boxed()
}

/// A response of any operation.
pub(crate) fn response() -> BoxedStrategy<Response> {
    use Response as R;
    let sent_entry = sent_entry().prop_filter("no id", |entry| entry.id.is_some()).boxed();
    let silent = prop_oneof![
        empty().prop_map(R::AddPermission),
        empty().prop_map(R::ChangeMessageVisibility),
        empty().prop_map(R::DeleteMessage),
        empty().prop_map(R::DeleteQueue),
        empty().prop_map(R::PurgeQueue),
        empty().prop_map(R::RemovePermission),
        empty().prop_map(R::SetQueueAttributes),
        empty().prop_map(R::TagQueue),
        empty().prop_map(R::UntagQueue),
    ];
    let queues = prop_oneof![
        queue_url().prop_map(R::CreateQueue),
        queue_url().prop_map(R::GetQueueUrl),
        listed_queues().prop_map(R::ListQueues),
        listed_sources().prop_map(R::ListDeadLetterSourceQueues),
        queue_attributes().prop_map(R::GetQueueAttributes),
        queue_tags().prop_map(R::ListQueueTags),
        started_move().prop_map(R::StartMessageMoveTask),
        cancelled_move().prop_map(R::CancelMessageMoveTask),
        listed_moves().prop_map(R::ListMessageMoveTasks),
    ];
    let messages = prop_oneof![
        sent().prop_map(R::SendMessage),
        outcome(sent_entry).prop_map(R::SendMessageBatch),
        received().prop_map(R::ReceiveMessage),
        outcome(entry_id()).prop_map(R::DeleteMessageBatch),
        outcome(entry_id()).prop_map(R::ChangeMessageVisibilityBatch),
    ];
    prop_oneof![1 => silent, 4 => queues, 8 => messages].boxed()
}
