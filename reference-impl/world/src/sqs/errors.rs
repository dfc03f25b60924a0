//! The errors of SQS, each code once, and the recurring texts.

use crate::error::{ApiError, ErrorCode};
use std::fmt::Display;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $json:literal, $query:literal, $status:literal;)*) => {
        $($(#[$doc])* pub static $name: ErrorCode = ErrorCode::sender($json, $query, $status);)*
    };
}

codes! {
    /// The queue does not exist.
    QUEUE_DOES_NOT_EXIST = "com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", 400;
    /// A queue of that name exists with other attributes.
    QUEUE_NAME_EXISTS = "com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists", 400;
    /// The name was freed less than a minute ago.
    QUEUE_DELETED_RECENTLY =
        "com.amazonaws.sqs#QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently", 400;
    /// Two entries of a batch share an id.
    BATCH_ENTRY_IDS_NOT_DISTINCT =
        "com.amazonaws.sqs#BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400;
    /// A batch is too large in sum.
    BATCH_REQUEST_TOO_LONG =
        "com.amazonaws.sqs#BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong", 400;
    /// A batch without entries.
    EMPTY_BATCH_REQUEST = "com.amazonaws.sqs#EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", 400;
    /// A malformed batch entry id.
    INVALID_BATCH_ENTRY_ID =
        "com.amazonaws.sqs#InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId", 400;
    /// A batch with too many entries.
    TOO_MANY_ENTRIES =
        "com.amazonaws.sqs#TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400;
    /// The operation is not possible here.
    UNSUPPORTED_OPERATION =
        "com.amazonaws.sqs#UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", 400;
    /// No such attribute.
    INVALID_ATTRIBUTE_NAME = "com.amazonaws.sqs#InvalidAttributeName", "InvalidAttributeName", 400;
    /// An attribute out of range.
    INVALID_ATTRIBUTE_VALUE = "com.amazonaws.sqs#InvalidAttributeValue", "InvalidAttributeValue", 400;
    /// Characters that a message must not contain.
    INVALID_MESSAGE_CONTENTS = "com.amazonaws.sqs#InvalidMessageContents", "InvalidMessageContents", 400;
    /// A second purge within a minute.
    PURGE_QUEUE_IN_PROGRESS =
        "com.amazonaws.sqs#PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress", 403;
    /// A limit is reached.
    OVER_LIMIT = "com.amazonaws.sqs#OverLimit", "OverLimit", 403;
    /// Too many calls per second.
    REQUEST_THROTTLED = "com.amazonaws.sqs#RequestThrottled", "RequestThrottled", 403;
    /// Not a receipt handle of this queue.
    RECEIPT_HANDLE_IS_INVALID = "com.amazonaws.sqs#ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404;
    /// Not a queue's URL.
    INVALID_ADDRESS = "com.amazonaws.sqs#InvalidAddress", "InvalidAddress", 404;
    /// No such resource.
    RESOURCE_NOT_FOUND = "com.amazonaws.sqs#ResourceNotFoundException", "ResourceNotFoundException", 404;
    /// The key may not be used.
    KMS_ACCESS_DENIED = "com.amazonaws.sqs#KmsAccessDenied", "KMS.AccessDeniedException", 400;
    /// The key is disabled.
    KMS_DISABLED = "com.amazonaws.sqs#KmsDisabled", "KMS.DisabledException", 400;
    /// The key is in a state that does not allow it.
    KMS_INVALID_STATE = "com.amazonaws.sqs#KmsInvalidState", "KMS.InvalidStateException", 400;
    /// No such key.
    KMS_NOT_FOUND = "com.amazonaws.sqs#KmsNotFound", "KMS.NotFoundException", 400;
    /// Unmodelled: a parameter's value is not allowed.
    INVALID_PARAMETER_VALUE =
        "com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue", 400;
    /// Unmodelled: a required parameter is absent.
    MISSING_PARAMETER = "com.amazon.coral.service#MissingRequiredParameterException", "MissingParameter", 400;
    /// Unmodelled: no policy allows it.
    ACCESS_DENIED = "com.amazon.coral.service#AccessDeniedException", "AccessDenied", 403;
}

/// The queue does not exist; the two protocols word it differently.
pub(super) fn no_such_queue() -> ApiError {
    ApiError::new(&QUEUE_DOES_NOT_EXIST, "The specified queue does not exist.")
        .with_query_message("The specified queue does not exist for this wsdl version.")
}

/// A required parameter is absent.
pub(super) fn missing(parameter: &str) -> ApiError {
    ApiError::new(&MISSING_PARAMETER, format!("The request must contain the parameter {parameter}."))
}

/// `InvalidParameterValue` with a text of its own.
pub(super) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(&INVALID_PARAMETER_VALUE, message)
}

/// `InvalidParameterValue` in its most common wording.
pub(super) fn invalid_value(value: impl Display, parameter: &str, reason: impl Display) -> ApiError {
    invalid(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"))
}

/// The attribute is not one of a queue's.
pub(super) fn unknown_attribute(name: &str) -> ApiError {
    ApiError::new(&INVALID_ATTRIBUTE_NAME, format!("Unknown Attribute {name}."))
}

/// The attribute's value is out of range or of another type.
pub(super) fn invalid_attribute_value(name: &str) -> ApiError {
    ApiError::new(&INVALID_ATTRIBUTE_VALUE, format!("Invalid value for the parameter {name}."))
}

/// Takes a required member, or says that it is missing.
pub(super) fn required<T>(member: Option<T>, parameter: &str) -> Result<T, ApiError> {
    member.ok_or_else(|| missing(parameter))
}
