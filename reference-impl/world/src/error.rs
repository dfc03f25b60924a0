//! Errors, typed once. A protocol renders an [`ApiError`]; nothing else invents a code.

use std::borrow::Cow;
use std::fmt;

/// Whose fault an error is, in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller's: HTTP 4xx.
    Sender,
    /// The service's: HTTP 5xx.
    Receiver,
}

impl Fault {
    /// `Sender` or `Receiver`, as the Query protocol's `<Type>` has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Fault::Sender => "Sender",
            Fault::Receiver => "Receiver",
        }
    }
}

/// One error code with both of its faces.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// The JSON protocol's `__type`, namespace included: `com.amazonaws.sqs#QueueDoesNotExist`.
    pub json_type: &'static str,
    /// The Query protocol's `<Code>`, also carried by the JSON header `x-amzn-query-error`.
    pub query_code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Whose fault it is.
    pub fault: Fault,
}

impl ErrorCode {
    /// A code of the caller's making.
    #[must_use]
    pub const fn sender(json_type: &'static str, query_code: &'static str, status: u16) -> Self {
        ErrorCode { json_type, query_code, status, fault: Fault::Sender }
    }

    /// A code of the service's making.
    #[must_use]
    pub const fn receiver(json_type: &'static str, query_code: &'static str, status: u16) -> Self {
        ErrorCode { json_type, query_code, status, fault: Fault::Receiver }
    }
}

/// What a failed call answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// Code, status and fault.
    pub code: &'static ErrorCode,
    /// The text for people, as the JSON protocol shows it.
    pub message: Cow<'static, str>,
    /// The Query protocol's text where it differs.
    pub query_message: Option<Cow<'static, str>>,
}

impl ApiError {
    /// An error whose text is the same in both protocols.
    pub fn new(code: &'static ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        ApiError { code, message: message.into(), query_message: None }
    }

    /// The same error with another text for the Query protocol.
    #[must_use]
    pub fn with_query_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.query_message = Some(message.into());
        self
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code.query_code, self.message)
    }
}

impl std::error::Error for ApiError {}

/// Codes that every AWS service shares. Source: the CommonErrors pages of the SQS and SNS API references.
pub mod common {
    use super::ErrorCode;

    /// The action is not one of the service's.
    pub static INVALID_ACTION: ErrorCode =
        ErrorCode::sender("com.amazon.coral.service#InvalidAction", "InvalidAction", 400);
    /// The JSON protocol's answer to an unknown `X-Amz-Target`.
    pub static UNKNOWN_OPERATION: ErrorCode =
        ErrorCode::sender("com.amazon.coral.service#UnknownOperationException", "UnknownOperationException", 404);
    /// The body is not what the protocol says.
    pub static SERIALIZATION: ErrorCode =
        ErrorCode::sender("com.amazon.coral.service#SerializationException", "SerializationException", 400);
    /// The form or query string cannot be read.
    pub static MALFORMED_QUERY_STRING: ErrorCode =
        ErrorCode::sender("com.amazon.coral.service#MalformedQueryString", "MalformedQueryString", 404);
    /// The request names no action.
    pub static MISSING_ACTION: ErrorCode =
        ErrorCode::sender("com.amazon.coral.service#MissingAction", "MissingAction", 400);
    /// The request is larger than the service reads.
    pub static REQUEST_TOO_LARGE: ErrorCode =
        ErrorCode::sender("com.amazon.coral.service#RequestEntityTooLargeException", "RequestEntityTooLarge", 413);
    /// A request without credentials.
    pub static MISSING_AUTHENTICATION_TOKEN: ErrorCode = ErrorCode::sender(
        "com.amazon.coral.service#MissingAuthenticationTokenException",
        "MissingAuthenticationToken",
        403,
    );
    /// The signature does not match the request, or is too old.
    pub static SIGNATURE_DOES_NOT_MATCH: ErrorCode =
        ErrorCode::sender("com.amazon.coral.service#SignatureDoesNotMatchException", "SignatureDoesNotMatch", 403);
    /// The `Authorization` header cannot be read.
    pub static INCOMPLETE_SIGNATURE: ErrorCode =
        ErrorCode::sender("com.amazon.coral.service#IncompleteSignatureException", "IncompleteSignature", 400);
    /// The access key is unknown.
    pub static INVALID_CLIENT_TOKEN_ID: ErrorCode =
        ErrorCode::sender("com.amazon.coral.service#UnrecognizedClientException", "InvalidClientTokenId", 403);
    /// The session token has expired.
    pub static EXPIRED_TOKEN: ErrorCode =
        ErrorCode::sender("com.amazon.coral.service#ExpiredTokenException", "ExpiredToken", 403);
    /// Too many requests; also the fault knob's throttle.
    pub static THROTTLING: ErrorCode =
        ErrorCode::sender("com.amazon.coral.availability#ThrottlingException", "Throttling", 400);
    /// The service failed; the fault knob's 500.
    pub static INTERNAL_FAILURE: ErrorCode =
        ErrorCode::receiver("com.amazon.coral.service#InternalFailure", "InternalFailure", 500);
    /// The service is unavailable; the fault knob's 503.
    pub static SERVICE_UNAVAILABLE: ErrorCode =
        ErrorCode::receiver("com.amazon.coral.service#ServiceUnavailableException", "ServiceUnavailable", 503);
}
