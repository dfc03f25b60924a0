//! The errors of SNS, each code once, and the recurring texts.
//!
//! Source: the API model of 2026 (codes and HTTP status); the texts are those that AWS was recorded to answer.

use crate::error::{ApiError, ErrorCode};
use std::fmt::Display;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal;)*) => {
        $($(#[$doc])*
        pub static $name: ErrorCode = ErrorCode::sender(concat!("com.amazonaws.sns#", $code), $code, $status);)*
    };
}

codes! {
    /// A parameter is wrong.
    INVALID_PARAMETER = "InvalidParameter", 400;
    /// A message attribute is wrong.
    PARAMETER_VALUE_INVALID = "ParameterValueInvalid", 400;
    /// A required member is absent.
    VALIDATION_ERROR = "ValidationError", 400;
    /// No such topic, subscription or device.
    NOT_FOUND = "NotFound", 404;
    /// No such resource, said by the tagging operations.
    RESOURCE_NOT_FOUND = "ResourceNotFound", 404;
    /// No policy allows it.
    AUTHORIZATION_ERROR = "AuthorizationError", 403;
    /// The topic cannot be deleted as it is.
    INVALID_STATE = "InvalidState", 400;
    /// The device is disabled.
    ENDPOINT_DISABLED = "EndpointDisabled", 400;
    /// The platform application is disabled.
    PLATFORM_APPLICATION_DISABLED = "PlatformApplicationDisabled", 400;
    /// Too many tags.
    TAG_LIMIT_EXCEEDED = "TagLimitExceeded", 400;
    /// Too many topics.
    TOPIC_LIMIT_EXCEEDED = "TopicLimitExceeded", 403;
    /// Too many subscriptions.
    SUBSCRIPTION_LIMIT_EXCEEDED = "SubscriptionLimitExceeded", 403;
    /// Too many filter policies.
    FILTER_POLICY_LIMIT_EXCEEDED = "FilterPolicyLimitExceeded", 403;
    /// Too many replays.
    REPLAY_LIMIT_EXCEEDED = "ReplayLimitExceeded", 403;
    /// Two entries of a batch share an id.
    BATCH_ENTRY_IDS_NOT_DISTINCT = "BatchEntryIdsNotDistinct", 400;
    /// A batch is too large in sum.
    BATCH_REQUEST_TOO_LONG = "BatchRequestTooLong", 400;
    /// A batch without entries.
    EMPTY_BATCH_REQUEST = "EmptyBatchRequest", 400;
    /// A malformed batch entry id.
    INVALID_BATCH_ENTRY_ID = "InvalidBatchEntryId", 400;
    /// A batch with too many entries.
    TOO_MANY_ENTRIES = "TooManyEntriesInBatchRequest", 400;
    /// The key may not be used.
    KMS_ACCESS_DENIED = "KMSAccessDenied", 400;
    /// The key is disabled.
    KMS_DISABLED = "KMSDisabled", 400;
    /// The key is in a state that does not allow it.
    KMS_INVALID_STATE = "KMSInvalidState", 400;
    /// No such key.
    KMS_NOT_FOUND = "KMSNotFound", 400;
    /// The phone number takes no messages.
    OPTED_OUT = "OptedOut", 400;
    /// The caller's mistake with a sandbox number.
    USER_ERROR = "UserError", 400;
    /// The one-time password is wrong.
    VERIFICATION = "VerificationException", 400;
    /// Too many calls per second.
    THROTTLED = "Throttled", 429;
}

/// `Invalid parameter: <what>`.
pub(super) fn invalid(what: impl Display) -> ApiError {
    ApiError::new(&INVALID_PARAMETER, format!("Invalid parameter: {what}"))
}

/// `Invalid parameter: <parameter> Reason: <reason>`.
pub(super) fn invalid_because(parameter: &str, reason: impl Display) -> ApiError {
    invalid(format_args!("{parameter} Reason: {reason}"))
}

/// A required member is absent; `path` names it as AWS's model does, with a small initial.
pub(super) fn missing(path: &str) -> ApiError {
    ApiError::new(
        &VALIDATION_ERROR,
        format!(
            "1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"
        ),
    )
}

/// The value of a required member.
pub(super) fn required<T>(value: Option<T>, path: &str) -> Result<T, ApiError> {
    value.ok_or_else(|| missing(path))
}

pub(super) fn no_such_topic() -> ApiError {
    ApiError::new(&NOT_FOUND, "Topic does not exist")
}

pub(super) fn no_such_subscription() -> ApiError {
    ApiError::new(&NOT_FOUND, "Subscription does not exist")
}
