//! The Query protocol: parameters in, XML out, or JSON of the same shape for who accepts `application/json`.
//!
//! Source: AWS Query of the Smithy specification; `wire.sqs.query.*`, `wire.sqs.get-*` and
//! `wire.sqs.invalid-action` of the clause catalogue.

use crate::builder::shape_of;
use crate::dialect::{Dialect, Layout, Names};
use crate::json;
use crate::operation::{self, Operation, Output};
use crate::parameters::Parameters;
use crate::reader::Reader;
use crate::shape::{Members, Shape};
use crate::xml::write::Writer;
use bytes::Bytes;
use http::{Method, Request, header};
use proofmark_world::error::common;
use proofmark_world::{AccountId, ApiError, ErrorCode, Response, Service, Uuid};
use std::borrow::Cow;

/// The answer to a GET that asks for nothing. It is XML even for who accepts only JSON.
pub(crate) const UNKNOWN_OPERATION_BODY: &str = "<UnknownOperationException/>\n";

/// A parameter that is not of its member's type. The catalogue has no recording of it; `MalformedInput` is the
/// name under which AWS's framework reports what the JSON protocol calls a `SerializationException`.
static MALFORMED_INPUT: ErrorCode =
    ErrorCode::sender("com.amazon.coral.service#SerializationException", "MalformedInput", 400);

/// Reads a request from its query string and its form body together; the body overrules.
pub(crate) fn read(service: Service, request: &Request<Bytes>) -> Result<proofmark_world::Request, ApiError> {
    let dialect = Dialect::of(service);
    let mut parameters = parameters_of(request)?;
    let on_resource = dialect.address.as_ref().filter(|_| is_resource_path(request.uri().path()));
    let action = match parameters.member("Action").and_then(Parameters::text) {
        Some(action) => action.to_owned(),
        None if on_resource.is_some() && asks_nothing(request) => return Err(operation::unknown()),
        None => return Err(missing_action()),
    };
    let operation = Operation::find(service, &action).ok_or_else(|| invalid_action(&action))?;
    if let Some(address) = on_resource {
        if address.refused.contains(&operation.name()) {
            return Err(invalid_action(&action));
        }
        if parameters.member(address.member).is_none() {
            parameters.set(address.member, resource_url(request));
        }
    }
    let names = Names { dialect, operation: operation.name() };
    let input = operation.read_request(Reader::new(&parameters, names));
    input.map_err(|error| ApiError::new(&MALFORMED_INPUT, error.to_string()))
}

/// Writes an operation's output as XML.
pub(crate) fn write_xml(service: Service, request_id: Uuid, response: &Response) -> Result<String, ApiError> {
    let output = Output(response);
    let names = Names { dialect: Dialect::of(service), operation: output.operation().name() };
    let answer = answer(&output, request_id)?;
    Ok(Writer::new("", names).document(&format!("{}Response", names.operation), &answer))
}

/// Writes an operation's output as JSON of the XML's shape.
pub(crate) fn write_json(service: Service, request_id: Uuid, response: &Response) -> Result<Vec<u8>, ApiError> {
    let output = Output(response);
    let names = Names { dialect: Dialect::of(service), operation: output.operation().name() };
    let answer = Shape::Members(spread(names, answer(&output, request_id)?));
    json::to_bytes(&Shape::Members(vec![(Cow::Owned(format!("{}Response", names.operation)), answer)]))
}

/// Writes an error as XML.
pub(crate) fn write_error_xml(service: Service, request_id: Uuid, error: &ApiError) -> String {
    let names = Names { dialect: Dialect::of(service), operation: "" };
    let mut members = members_of([
        ("Type", Shape::text(error.code.fault.as_str())),
        ("Code", Shape::text(error.code.query_code)),
        ("Message", Shape::text(text_of(error))),
    ]);
    if names.dialect.error_detail {
        members.push((Cow::Borrowed("Detail"), Shape::structure([])));
    }
    let body = members_of([("Error", Shape::Members(members)), ("RequestId", Shape::text(request_id.to_string()))]);
    Writer::new("<?xml version=\"1.0\"?>", names).document("ErrorResponse", &body)
}

/// Writes an error as JSON.
pub(crate) fn write_error_json(request_id: Uuid, error: &ApiError) -> Vec<u8> {
    let members = [
        ("Code", Shape::text(error.code.query_code)),
        ("Message", Shape::text(text_of(error))),
        ("Type", Shape::text(error.code.fault.as_str())),
    ];
    let request_id = Shape::text(request_id.to_string());
    json::to_bytes(&Shape::structure([("Error", Shape::structure(members)), ("RequestId", request_id)]))
        .unwrap_or_default()
}

/// Whether the path is a resource's, as in `/123456789012/name`, and not the service's own.
fn is_resource_path(path: &str) -> bool {
    let mut segments = path.split('/').skip(1);
    let account = segments.next().and_then(AccountId::parse);
    account.is_some() && segments.next().is_some_and(|name| !name.is_empty()) && segments.next().is_none()
}

/// Scheme and authority as the caller sees them, and the path.
fn resource_url(request: &Request<Bytes>) -> String {
    let uri = request.uri();
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let host = host.or(uri.authority().map(http::uri::Authority::as_str)).unwrap_or_default();
    format!("{}://{host}{}", uri.scheme_str().unwrap_or("http"), uri.path())
}

fn asks_nothing(request: &Request<Bytes>) -> bool {
    request.method() == Method::GET && request.uri().query().unwrap_or_default().is_empty()
}

fn parameters_of(request: &Request<Bytes>) -> Result<Parameters, ApiError> {
    let mut parameters = Parameters::default();
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let read = parameters.add_form(query).and_then(|()| parameters.add_form(request.body()));
    read.map_err(|_| ApiError::new(&common::MALFORMED_QUERY_STRING, "The query string contains a syntax error."))?;
    Ok(parameters)
}

fn missing_action() -> ApiError {
    ApiError::new(&common::MISSING_ACTION, "The request must contain the parameter Action.")
}

fn invalid_action(action: &str) -> ApiError {
    let action = json::shortened(action);
    ApiError::new(&common::INVALID_ACTION, format!("The action {action} is not valid for this endpoint."))
}

fn text_of(error: &ApiError) -> &str {
    error.query_message.as_deref().unwrap_or(&error.message)
}

fn members_of<const N: usize>(members: [(&'static str, Shape); N]) -> Members {
    members.into_iter().map(|(name, shape)| (Cow::Borrowed(name), shape)).collect()
}

/// Result and metadata. An operation without output has no result element; an output without members has an empty one.
fn answer(output: &Output<'_>, request_id: Uuid) -> Result<Members, ApiError> {
    let result = shape_of(output).map_err(|error| ApiError::new(&common::INTERNAL_FAILURE, error.to_string()))?;
    let metadata = Shape::structure([("RequestId", Shape::text(request_id.to_string()))]);
    let mut answer = Members::with_capacity(2);
    if result != Shape::Absent {
        answer.push((Cow::Owned(format!("{}Result", output.operation().name())), result));
    }
    answer.push((Cow::Borrowed("ResponseMetadata"), metadata));
    Ok(answer)
}

/// Turns maps into the lists of entries that they are in the Query protocol.
fn spread(names: Names<'_>, members: Members) -> Members {
    let spread = |(name, shape): (Cow<'static, str>, Shape)| {
        let (_, layout) = names.place(&name);
        (name, spread_shape(names, layout, shape))
    };
    members.into_iter().map(spread).collect()
}

fn spread_shape(names: Names<'_>, layout: Layout, shape: Shape) -> Shape {
    match (shape, layout) {
        (Shape::Members(entries), Layout::Map { key, value, .. }) => {
            let entry = |(name, shape): (Cow<'static, str>, Shape)| {
                Shape::structure([(key, Shape::text(name)), (value, spread_shape(names, Layout::Plain, shape))])
            };
            Shape::List(entries.into_iter().map(entry).collect())
        }
        (Shape::Members(members), _) => Shape::Members(spread(names, members)),
        (Shape::List(items), _) => {
            Shape::List(items.into_iter().map(|item| spread_shape(names, Layout::Plain, item)).collect())
        }
        (scalar, _) => scalar,
    }
}
