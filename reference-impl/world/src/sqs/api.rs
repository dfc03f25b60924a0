//! The shapes of SQS, member for member as AWS's model of 2026 has them, and the list of its 23 operations.
//!
//! Members that AWS requires are `Option` here too: a request that lacks one is AWS's to refuse, with AWS's
//! error, and not the decoder's.

use crate::blob::Blob;
use crate::operations::{input, operations};
use crate::{Arn, Uuid};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

operations! {
    /// Grants other accounts actions on a queue.
    AddPermission(AddPermissionInput) -> Empty;
    /// Stops a running move task.
    CancelMessageMoveTask(CancelMessageMoveTaskInput) -> CancelMessageMoveTaskOutput;
    /// Sets when an in-flight message becomes visible again.
    ChangeMessageVisibility(ChangeMessageVisibilityInput) -> Empty;
    /// The same for up to ten messages.
    ChangeMessageVisibilityBatch(ChangeMessageVisibilityBatchInput) -> BatchOutput<BatchEntryId>;
    /// Creates a queue, or returns the equal one that exists.
    CreateQueue(CreateQueueInput) -> QueueUrlOutput;
    /// Deletes a message by receipt handle.
    DeleteMessage(DeleteMessageInput) -> Empty;
    /// The same for up to ten messages.
    DeleteMessageBatch(DeleteMessageBatchInput) -> BatchOutput<BatchEntryId>;
    /// Deletes a queue with all that is in it.
    DeleteQueue(QueueInput) -> Empty;
    /// Reads a queue's attributes.
    GetQueueAttributes(GetQueueAttributesInput) -> GetQueueAttributesOutput;
    /// Finds the URL of a queue by name.
    GetQueueUrl(GetQueueUrlInput) -> QueueUrlOutput;
    /// Lists the queues that use a queue as their dead-letter queue.
    ListDeadLetterSourceQueues(ListDeadLetterSourceQueuesInput) -> ListDeadLetterSourceQueuesOutput;
    /// Lists the newest move tasks of a source queue.
    ListMessageMoveTasks(ListMessageMoveTasksInput) -> ListMessageMoveTasksOutput;
    /// Reads a queue's tags.
    ListQueueTags(QueueInput) -> ListQueueTagsOutput;
    /// Lists queues of the caller's account and Region.
    ListQueues(ListQueuesInput) -> ListQueuesOutput;
    /// Removes every message of a queue.
    PurgeQueue(QueueInput) -> Empty;
    /// Receives up to ten messages, waiting for them if asked to.
    ReceiveMessage(ReceiveMessageInput) -> ReceiveMessageOutput;
    /// Withdraws a permission by its label.
    RemovePermission(RemovePermissionInput) -> Empty;
    /// Sends a message.
    SendMessage(SendMessageInput) -> SendMessageOutput;
    /// Sends up to ten messages.
    SendMessageBatch(SendMessageBatchInput) -> BatchOutput<SendMessageBatchResultEntry>;
    /// Changes a queue's attributes.
    SetQueueAttributes(SetQueueAttributesInput) -> Empty;
    /// Starts moving the messages of a dead-letter queue.
    StartMessageMoveTask(StartMessageMoveTaskInput) -> StartMessageMoveTaskOutput;
    /// Adds or overwrites tags.
    TagQueue(TagQueueInput) -> Empty;
    /// Removes tags.
    UntagQueue(UntagQueueInput) -> Empty;
}

/// Attribute names to values; every SQS attribute value is a string.
pub type AttributeMap = BTreeMap<String, String>;

/// An output without members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

input! {
    /// Input of AddPermission.
    AddPermissionInput {
        /// The queue.
        queue_url: Arc<str>,
        /// The new statement's label (`Sid`).
        label: String,
        /// The accounts that are granted the actions.
        #[serde(rename = "AWSAccountIds")]
        aws_account_ids: Vec<String>,
        /// The actions, without the `SQS:` prefix; `*` for all.
        actions: Vec<String>,
    }
}

input! {
    /// Input of RemovePermission.
    RemovePermissionInput {
        /// The queue.
        queue_url: Arc<str>,
        /// The statement's label.
        label: String,
    }
}

input! {
    /// Input of the operations that take nothing but a queue.
    QueueInput {
        /// The queue.
        queue_url: Arc<str>,
    }
}

input! {
    /// Input of CreateQueue.
    CreateQueueInput {
        /// The name, at most 80 characters.
        queue_name: String,
        /// Attributes that differ from their defaults.
        attributes: AttributeMap,
        /// Tags; the only member AWS spells in lower case.
        #[serde(rename = "tags")]
        tags: BTreeMap<String, String>,
    }
}

input! {
    /// Output of CreateQueue and GetQueueUrl.
    QueueUrlOutput {
        /// The queue's URL.
        queue_url: Arc<str>,
    }
}

input! {
    /// Input of GetQueueUrl.
    GetQueueUrlInput {
        /// The queue's name.
        queue_name: String,
        /// The owner, if it is not the caller.
        #[serde(rename = "QueueOwnerAWSAccountId")]
        queue_owner_aws_account_id: String,
    }
}

input! {
    /// Input of ListQueues.
    ListQueuesInput {
        /// Only names that begin with this.
        queue_name_prefix: String,
        /// The page to continue with.
        next_token: String,
        /// Page size, 1 to 1,000.
        max_results: i64,
    }
}

input! {
    /// Output of ListQueues.
    ListQueuesOutput {
        /// The URLs; absent if there are none.
        queue_urls: Vec<Arc<str>>,
        /// Present if there is another page and the request had `MaxResults`.
        next_token: String,
    }
}

input! {
    /// Input of ListDeadLetterSourceQueues.
    ListDeadLetterSourceQueuesInput {
        /// The dead-letter queue.
        queue_url: Arc<str>,
        /// The page to continue with.
        next_token: String,
        /// Page size, 1 to 1,000.
        max_results: i64,
    }
}

input! {
    /// Output of ListDeadLetterSourceQueues.
    ListDeadLetterSourceQueuesOutput {
        /// The source queues; present even if empty. AWS spells it with a lower-case `q`.
        #[serde(rename = "queueUrls")]
        queue_urls: Vec<Arc<str>>,
        /// As in ListQueues.
        next_token: String,
    }
}

input! {
    /// Input of GetQueueAttributes.
    GetQueueAttributesInput {
        /// The queue.
        queue_url: Arc<str>,
        /// Which attributes to return; `All` for all.
        attribute_names: Vec<String>,
    }
}

input! {
    /// Output of GetQueueAttributes.
    GetQueueAttributesOutput {
        /// The attributes asked for that are set; absent if there are none.
        attributes: AttributeMap,
    }
}

input! {
    /// Input of SetQueueAttributes.
    SetQueueAttributesInput {
        /// The queue.
        queue_url: Arc<str>,
        /// The attributes to change.
        attributes: AttributeMap,
    }
}

input! {
    /// Input of TagQueue.
    TagQueueInput {
        /// The queue.
        queue_url: Arc<str>,
        /// The tags to add or overwrite.
        tags: BTreeMap<String, String>,
    }
}

input! {
    /// Input of UntagQueue.
    UntagQueueInput {
        /// The queue.
        queue_url: Arc<str>,
        /// The keys to remove.
        tag_keys: Vec<String>,
    }
}

input! {
    /// Output of ListQueueTags.
    ListQueueTagsOutput {
        /// The tags; absent if there are none.
        tags: BTreeMap<String, String>,
    }
}

input! {
    /// A message attribute or message system attribute: a type and a value of it.
    AttributeValue {
        /// The value of a `String` or `Number`.
        string_value: Arc<str>,
        /// The value of a `Binary`.
        binary_value: Blob,
        /// Reserved by AWS; refused.
        string_list_values: Vec<String>,
        /// Reserved by AWS; refused.
        binary_list_values: Vec<Blob>,
        /// `String`, `Number` or `Binary`, with an optional `.label`.
        data_type: Arc<str>,
    }
}

/// Message attributes by name. Shared, because a message and all its receives hold the same ones.
pub type MessageAttributes = BTreeMap<Arc<str>, AttributeValue>;

input! {
    /// Input of SendMessage.
    SendMessageInput {
        /// The queue.
        queue_url: Arc<str>,
        /// The body.
        message_body: Arc<str>,
        /// Seconds before the message becomes visible; overrides the queue's.
        delay_seconds: i64,
        /// Attributes for the consumer.
        message_attributes: MessageAttributes,
        /// Attributes for AWS: only `AWSTraceHeader`.
        message_system_attributes: MessageAttributes,
        /// FIFO: names a send for the deduplication window.
        message_deduplication_id: Arc<str>,
        /// FIFO: the ordering group. Standard: the tenant, for fair queues.
        message_group_id: Arc<str>,
    }
}

input! {
    /// Output of SendMessage.
    SendMessageOutput {
        /// MD5 of the body, lower-case hexadecimal.
        #[serde(rename = "MD5OfMessageBody")]
        md5_of_message_body: Digest,
        /// MD5 of the message attributes, if there are any.
        #[serde(rename = "MD5OfMessageAttributes")]
        md5_of_message_attributes: Digest,
        /// MD5 of the message system attributes, if there are any.
        #[serde(rename = "MD5OfMessageSystemAttributes")]
        md5_of_message_system_attributes: Digest,
        /// The message's id.
        message_id: Uuid,
        /// FIFO only: the position in the group.
        sequence_number: SequenceNumber,
    }
}

input! {
    /// One message of SendMessageBatch.
    SendMessageBatchRequestEntry {
        /// Names the entry within the call.
        id: String,
        /// The body.
        message_body: Arc<str>,
        /// As in SendMessage.
        delay_seconds: i64,
        /// As in SendMessage.
        message_attributes: MessageAttributes,
        /// As in SendMessage.
        message_system_attributes: MessageAttributes,
        /// As in SendMessage.
        message_deduplication_id: Arc<str>,
        /// As in SendMessage.
        message_group_id: Arc<str>,
    }
}

input! {
    /// Input of SendMessageBatch.
    SendMessageBatchInput {
        /// The queue.
        queue_url: Arc<str>,
        /// One to ten messages.
        entries: Vec<SendMessageBatchRequestEntry>,
    }
}

input! {
    /// One accepted message of SendMessageBatch.
    SendMessageBatchResultEntry {
        /// The entry's id.
        id: String,
        /// The message's id.
        message_id: Uuid,
        /// As in SendMessage.
        #[serde(rename = "MD5OfMessageBody")]
        md5_of_message_body: Digest,
        /// As in SendMessage.
        #[serde(rename = "MD5OfMessageAttributes")]
        md5_of_message_attributes: Digest,
        /// As in SendMessage.
        #[serde(rename = "MD5OfMessageSystemAttributes")]
        md5_of_message_system_attributes: Digest,
        /// As in SendMessage.
        sequence_number: SequenceNumber,
    }
}

input! {
    /// An entry of a batch that failed alone.
    BatchResultErrorEntry {
        /// The entry's id.
        id: String,
        /// Whether the caller is at fault.
        sender_fault: bool,
        /// The error's Query code.
        code: String,
        /// The text for people.
        message: String,
    }
}

input! {
    /// The id of a batch entry that succeeded.
    BatchEntryId {
        /// The entry's id.
        id: String,
    }
}

/// Output of the three batch operations; both members are always present over JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, bound(deserialize = "T: Deserialize<'de>"))]
pub struct BatchOutput<T> {
    /// The entries that were carried out.
    pub successful: Vec<T>,
    /// The entries that were not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<BatchResultErrorEntry>,
}

impl<T> Default for BatchOutput<T> {
    fn default() -> Self {
        BatchOutput { successful: Vec::new(), failed: Vec::new() }
    }
}

input! {
    /// Input of ReceiveMessage.
    ReceiveMessageInput {
        /// The queue.
        queue_url: Arc<str>,
        /// The older way to ask for system attributes.
        attribute_names: Vec<String>,
        /// Which system attributes to return; `All` for all.
        message_system_attribute_names: Vec<String>,
        /// Which message attributes to return; `All`, `.*`, `prefix.*` or names.
        message_attribute_names: Vec<String>,
        /// 1 to 10; 1 if absent.
        max_number_of_messages: i64,
        /// Seconds, 0 to 43,200; the queue's if absent.
        visibility_timeout: i64,
        /// Seconds to wait for a message, 0 to 20; the queue's if absent.
        wait_time_seconds: i64,
        /// FIFO: names the attempt, so that it can be repeated after a lost answer.
        receive_request_attempt_id: Arc<str>,
    }
}

input! {
    /// Output of ReceiveMessage.
    ReceiveMessageOutput {
        /// The messages; absent if there are none.
        messages: Vec<Message>,
    }
}

input! {
    /// A received message.
    Message {
        /// The message's id, the same at every receive.
        message_id: Uuid,
        /// Names this receive of the message.
        receipt_handle: Arc<str>,
        /// MD5 of the body.
        #[serde(rename = "MD5OfBody")]
        md5_of_body: Digest,
        /// The body.
        body: Arc<str>,
        /// The system attributes asked for.
        attributes: BTreeMap<String, String>,
        /// MD5 of the message attributes returned.
        #[serde(rename = "MD5OfMessageAttributes")]
        md5_of_message_attributes: Digest,
        /// The message attributes asked for.
        message_attributes: MessageAttributes,
    }
}

input! {
    /// Input of DeleteMessage.
    DeleteMessageInput {
        /// The queue.
        queue_url: Arc<str>,
        /// The handle of a receive.
        receipt_handle: Arc<str>,
    }
}

input! {
    /// One entry of DeleteMessageBatch.
    DeleteMessageBatchRequestEntry {
        /// Names the entry within the call.
        id: String,
        /// The handle of a receive.
        receipt_handle: Arc<str>,
    }
}

input! {
    /// Input of DeleteMessageBatch.
    DeleteMessageBatchInput {
        /// The queue.
        queue_url: Arc<str>,
        /// One to ten entries.
        entries: Vec<DeleteMessageBatchRequestEntry>,
    }
}

input! {
    /// Input of ChangeMessageVisibility.
    ChangeMessageVisibilityInput {
        /// The queue.
        queue_url: Arc<str>,
        /// The handle of a receive.
        receipt_handle: Arc<str>,
        /// Seconds from now, 0 to 43,200.
        visibility_timeout: i64,
    }
}

input! {
    /// One entry of ChangeMessageVisibilityBatch.
    ChangeMessageVisibilityBatchRequestEntry {
        /// Names the entry within the call.
        id: String,
        /// The handle of a receive.
        receipt_handle: Arc<str>,
        /// Seconds from now, 0 to 43,200.
        visibility_timeout: i64,
    }
}

input! {
    /// Input of ChangeMessageVisibilityBatch.
    ChangeMessageVisibilityBatchInput {
        /// The queue.
        queue_url: Arc<str>,
        /// One to ten entries.
        entries: Vec<ChangeMessageVisibilityBatchRequestEntry>,
    }
}

input! {
    /// Input of StartMessageMoveTask.
    StartMessageMoveTaskInput {
        /// The dead-letter queue to empty.
        source_arn: String,
        /// Where to; each message's own source queue if absent.
        destination_arn: String,
        /// 1 to 500; as fast as the service sees fit if absent.
        max_number_of_messages_per_second: i64,
    }
}

input! {
    /// Output of StartMessageMoveTask.
    StartMessageMoveTaskOutput {
        /// Names the task, for CancelMessageMoveTask.
        task_handle: String,
    }
}

input! {
    /// Input of CancelMessageMoveTask.
    CancelMessageMoveTaskInput {
        /// The task.
        task_handle: String,
    }
}

input! {
    /// Output of CancelMessageMoveTask.
    CancelMessageMoveTaskOutput {
        /// How many messages had been moved when the task was cancelled.
        approximate_number_of_messages_moved: i64,
    }
}

input! {
    /// Input of ListMessageMoveTasks.
    ListMessageMoveTasksInput {
        /// The source queue.
        source_arn: String,
        /// 1 to 10; 1 if absent.
        max_results: i64,
    }
}

input! {
    /// Output of ListMessageMoveTasks.
    ListMessageMoveTasksOutput {
        /// The newest tasks first.
        results: Vec<ListMessageMoveTasksResultEntry>,
    }
}

input! {
    /// One move task.
    ListMessageMoveTasksResultEntry {
        /// Only while the task runs.
        task_handle: String,
        /// `RUNNING`, `COMPLETED`, `CANCELLING`, `CANCELLED` or `FAILED`.
        status: String,
        /// The source queue.
        source_arn: Arn,
        /// The destination, if one was given.
        destination_arn: Arn,
        /// The rate, if one was given.
        max_number_of_messages_per_second: i64,
        /// How many were moved so far.
        approximate_number_of_messages_moved: i64,
        /// How many there were to move when the task started.
        approximate_number_of_messages_to_move: i64,
        /// Only if the status is `FAILED`.
        failure_reason: String,
        /// Milliseconds since the epoch.
        started_timestamp: i64,
    }
}

/// An MD5 digest, written as 32 lower-case hexadecimal characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(pub [u8; 16]);

impl Digest {
    fn hex(self) -> [u8; 32] {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (index, byte) in self.0.into_iter().enumerate() {
            text[2 * index] = HEX[usize::from(byte >> 4)];
            text[2 * index + 1] = HEX[usize::from(byte & 0xf)];
        }
        text
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hex = self.hex();
        serializer.serialize_str(std::str::from_utf8(&hex).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = u128::from_str_radix(&text, 16).map_err(serde::de::Error::custom)?;
        Ok(Digest(number.to_be_bytes()))
    }
}

/// A FIFO sequence number: a decimal string of 20 digits that grows within its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SequenceNumber(pub u128);

impl Serialize for SequenceNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:020}", self.0))
    }
}

impl<'de> Deserialize<'de> for SequenceNumber {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(SequenceNumber).map_err(serde::de::Error::custom)
    }
}
