//! The JSON protocol: one operation per `X-Amz-Target`, bodies straight between bytes and typed values.
//!
//! Source: AWS JSON 1.0 of the Smithy specification; `wire.sqs.json.*` of the clause catalogue.

use crate::objects::Objects;
use crate::operation::{Operation, Output};
use proofmark_world::error::common;
use proofmark_world::{ApiError, Request, Response};
use serde::Serialize;

/// How much of a decoder's complaint is passed on; the rest may be the caller's whole body.
const LONGEST_REASON: usize = 200;

/// Reads an operation's input. An empty body is an input without members.
pub(crate) fn read(operation: Operation, body: &[u8]) -> Result<Request, ApiError> {
    let body = if body.is_empty() { b"{}" } else { body };
    let mut json = serde_json::Deserializer::from_slice(body);
    let request = operation.read_request(Objects(&mut json)).and_then(|request| json.end().map(|()| request));
    request.map_err(|error| ApiError::new(&common::SERIALIZATION, shortened(&error.to_string())))
}

/// Writes an operation's output.
pub(crate) fn write(response: &Response) -> Result<Vec<u8>, ApiError> {
    to_bytes(&Output(response))
}

/// Writes any value.
pub(crate) fn to_bytes(value: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(value).map_err(|error| ApiError::new(&common::INTERNAL_FAILURE, error.to_string()))
}

/// Writes an error's body.
pub(crate) fn write_error(error: &ApiError) -> Vec<u8> {
    let body = ErrorBody { json_type: error.code.json_type, message: &error.message };
    serde_json::to_vec(&body).unwrap_or_default()
}

/// The body of a JSON error.
#[derive(Serialize)]
pub(crate) struct ErrorBody<'a> {
    /// The shape, with its namespace.
    #[serde(rename = "__type")]
    pub(crate) json_type: &'a str,
    /// The text for people.
    pub(crate) message: &'a str,
}

/// The first characters of a text.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_REASON).collect()
}
