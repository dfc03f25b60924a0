//! The table of Amazon SQS, whose lists and maps are all flattened.
//!
//! Source: the last API model that described the Query protocol (`2012-11-05`, botocore 1.31), its
//! `locationName` and `flattened` traits. `MessageSystemAttributeNames` is younger than that model; its
//! location follows the pattern of its siblings, as Query clients in the field have it; no model states it.

use super::{Address, Dialect, Layout, Row};

/// What Amazon SQS calls things.
pub(super) static DIALECT: Dialect = Dialect {
    target_prefix: "AmazonSQS",
    json_content_type: "application/x-amz-json-1.0",
    version: "2012-11-05",
    namespace: "http://queue.amazonaws.com/doc/2012-11-05/",
    address: Some(Address { member: "QueueUrl", refused: &["CreateQueue", "ListQueues"] }),
    rows: ROWS,
    error_types: ERROR_TYPES,
    error_namespace: "com.amazonaws.sqs",
    error_prefix: "AWS.SimpleQueueService.",
    error_detail: true,
};

const NAME_VALUE: Layout = Layout::flat_map("Name", "Value");
const KEY_VALUE: Layout = Layout::flat_map("Key", "Value");

const ROWS: &[Row] = &[
    row("Attributes", "Attribute", NAME_VALUE),
    row("MessageAttributes", "MessageAttribute", NAME_VALUE),
    row("MessageSystemAttributes", "MessageSystemAttribute", NAME_VALUE),
    row("Tags", "Tag", KEY_VALUE),
    row_of(&["CreateQueue"], "tags", "Tag", KEY_VALUE),
    list("AttributeNames", "AttributeName"),
    list("MessageAttributeNames", "MessageAttributeName"),
    list("MessageSystemAttributeNames", "MessageSystemAttributeName"),
    list("TagKeys", "TagKey"),
    list("AWSAccountIds", "AWSAccountId"),
    list("Actions", "ActionName"),
    list("StringListValues", "StringListValue"),
    list("BinaryListValues", "BinaryListValue"),
    list("Failed", "BatchResultErrorEntry"),
    list("Results", "ListMessageMoveTasksResultEntry"),
    list_of(&["ListQueues"], "QueueUrls", "QueueUrl"),
    list_of(&["ListDeadLetterSourceQueues"], "queueUrls", "QueueUrl"),
    list_of(&["ReceiveMessage"], "Messages", "Message"),
    list_of(&["SendMessageBatch"], "Entries", "SendMessageBatchRequestEntry"),
    list_of(&["SendMessageBatch"], "Successful", "SendMessageBatchResultEntry"),
    list_of(&["DeleteMessageBatch"], "Entries", "DeleteMessageBatchRequestEntry"),
    list_of(&["DeleteMessageBatch"], "Successful", "DeleteMessageBatchResultEntry"),
    list_of(&["ChangeMessageVisibilityBatch"], "Entries", "ChangeMessageVisibilityBatchRequestEntry"),
    list_of(&["ChangeMessageVisibilityBatch"], "Successful", "ChangeMessageVisibilityBatchResultEntry"),
    row("SenderFault", "SenderFault", Layout::Flag),
    number("ApproximateNumberOfMessagesMoved"),
    number("ApproximateNumberOfMessagesToMove"),
    number("MaxNumberOfMessagesPerSecond"),
    number("StartedTimestamp"),
];

/// Sources: the `awsQueryError` traits of the Smithy model, and what AWS was seen to answer outside of it.
const ERROR_TYPES: &[(&str, &str)] = &[
    ("AWS.SimpleQueueService.NonExistentQueue", "com.amazonaws.sqs#QueueDoesNotExist"),
    ("QueueAlreadyExists", "com.amazonaws.sqs#QueueNameExists"),
    ("KMS.AccessDeniedException", "com.amazonaws.sqs#KmsAccessDenied"),
    ("KMS.DisabledException", "com.amazonaws.sqs#KmsDisabled"),
    ("KMS.InvalidStateException", "com.amazonaws.sqs#KmsInvalidState"),
    ("KMS.InvalidKeyUsageException", "com.amazonaws.sqs#KmsInvalidKeyUsage"),
    ("KMS.NotFoundException", "com.amazonaws.sqs#KmsNotFound"),
    ("KMS.OptInRequired", "com.amazonaws.sqs#KmsOptInRequired"),
    ("KMS.ThrottlingException", "com.amazonaws.sqs#KmsThrottled"),
    ("InvalidParameterValue", "com.amazon.coral.service#InvalidParameterValueException"),
    ("MissingParameter", "com.amazon.coral.service#MissingRequiredParameterException"),
    ("AccessDenied", "com.amazon.coral.service#AccessDeniedException"),
];

const fn row(member: &'static str, location: &'static str, layout: Layout) -> Row {
    row_of(&[], member, location, layout)
}

const fn row_of(
    operations: &'static [&'static str],
    member: &'static str,
    location: &'static str,
    layout: Layout,
) -> Row {
    Row { operations, member, location, layout }
}

const fn list(member: &'static str, location: &'static str) -> Row {
    row(member, location, Layout::FLAT_LIST)
}

const fn list_of(operations: &'static [&'static str], member: &'static str, location: &'static str) -> Row {
    row_of(operations, member, location, Layout::FLAT_LIST)
}

const fn number(member: &'static str) -> Row {
    row(member, member, Layout::Number)
}
