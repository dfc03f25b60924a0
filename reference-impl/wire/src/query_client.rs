//! The client's half of the Query protocol, so that an SDK that speaks JSON can be run over it.
//!
//! | Function | What it does |
//! |---|---|
//! | [`to_query`] | a JSON request of the SDK becomes an unsigned form to the same URL |
//! | [`to_json`] | the XML answer becomes the JSON answer that the SDK waits for |
//!
//! Nothing passes through the world's types: whatever a foreign service answers reaches the SDK member for
//! member, even what AWS would not have answered. What XML cannot express is lost: an empty list is absent.

use crate::dialect::{Dialect, Names};
use crate::form_writer::FormWriter;
use crate::json::ErrorBody;
use crate::shape::{Members, Shape};
use crate::xml::read::{self, Element};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use proofmark_world::Service;
use std::str::Utf8Error;

pub use crate::xml::read::XmlError;

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");

/// The headers of JSON and of the signature over it.
const REMOVED: [&str; 6] = [
    "x-amz-target",
    "x-amz-date",
    "x-amz-content-sha256",
    "x-amz-security-token",
    "x-amz-region-set",
    "x-amzn-query-mode",
];

/// An answer that is waited for: which operation's it will be.
#[derive(Clone, Debug)]
pub struct Pending {
    dialect: &'static Dialect,
    operation: String,
}

impl Pending {
    /// The operation's name.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    fn names(&self) -> Names<'_> {
        Names { dialect: self.dialect, operation: &self.operation }
    }
}

/// Why a message cannot be translated.
#[derive(Debug, thiserror::Error)]
pub enum TranslateError {
    /// The request's `X-Amz-Target` names no service that has a Query protocol.
    #[error("the request is not a JSON request of a known service: its target is {0:?}")]
    Target(Option<String>),
    /// The request's body is not a JSON object.
    #[error("the request's body is not a JSON object")]
    RequestBody(#[source] Option<serde_json::Error>),
    /// The answer's body is not text.
    #[error("the answer's body is not UTF-8")]
    Encoding(#[from] Utf8Error),
    /// The answer's body is not XML.
    #[error("the answer's body cannot be read as XML")]
    Xml(#[from] XmlError),
    /// The answer is XML, but of something else.
    #[error("the answer is <{found}>, not <{expected}>")]
    Root {
        /// The root element that the operation's answer has.
        expected: String,
        /// The root element that came.
        found: String,
    },
    /// The answer's JSON cannot be written.
    #[error("the answer cannot be written as JSON")]
    AnswerBody(#[source] serde_json::Error),
}

/// Turns a JSON request into a Query request to the same URL, without a signature.
///
/// # Errors
/// If the request is not a JSON request of a service that has a Query protocol.
pub fn to_query(request: &Request<Bytes>) -> Result<(Pending, Request<Bytes>), TranslateError> {
    let pending = pending_of(request)?;
    let mut body = format!("Action={}&Version={}", pending.operation, pending.dialect.version);
    FormWriter::new(&mut body, pending.names()).members(&input_of(request.body())?);
    let mut query = Request::new(Bytes::from(body));
    *query.method_mut() = Method::POST;
    *query.uri_mut() = request.uri().clone();
    *query.version_mut() = request.version();
    *query.headers_mut() = request.headers().clone();
    reseal(query.headers_mut(), FORM);
    query.headers_mut().remove(AUTHORIZATION);
    REMOVED.iter().for_each(|name| drop(query.headers_mut().remove(*name)));
    Ok((pending, query))
}

/// Turns the answer to a Query request into the answer to the JSON request that it was made from.
///
/// An error answer without an AWS error in it (a proxy's page, an empty 503) is passed on as it came, so that the
/// SDK can judge its status.
///
/// # Errors
/// If a successful answer is not the operation's XML.
pub fn to_json(pending: &Pending, response: Response<Bytes>) -> Result<Response<Bytes>, TranslateError> {
    if response.status().is_success() { success(pending, response) } else { failure(pending, response) }
}

fn success(pending: &Pending, response: Response<Bytes>) -> Result<Response<Bytes>, TranslateError> {
    let root = Element::parse(std::str::from_utf8(response.body())?)?;
    let expected = format!("{}Response", pending.operation);
    if root.name != expected {
        return Err(TranslateError::Root { expected, found: root.name });
    }
    let result = root.child(&format!("{}Result", pending.operation));
    let members = result.map(|result| read::members(result, pending.names())).unwrap_or_default();
    let body = serde_json::to_vec(&Shape::Members(members)).map_err(TranslateError::AnswerBody)?;
    let request_id = root.child("ResponseMetadata").and_then(|metadata| metadata.text_of("RequestId"));
    Ok(answer(pending, response, request_id, body))
}

fn failure(pending: &Pending, response: Response<Bytes>) -> Result<Response<Bytes>, TranslateError> {
    let root = std::str::from_utf8(response.body()).ok().and_then(|text| Element::parse(text).ok());
    let Some((root, error)) = root.as_ref().and_then(|root| Some((root, root.child("Error")?))) else {
        return Ok(response);
    };
    let code = error.text_of("Code").unwrap_or_default();
    let fault = error.text_of("Type").unwrap_or("Sender");
    let message = error.text_of("Message").unwrap_or_default();
    let body = ErrorBody { json_type: &pending.dialect.error_type(code), message };
    let body = serde_json::to_vec(&body).map_err(TranslateError::AnswerBody)?;
    let mut answer = answer(pending, response, root.text_of("RequestId"), body);
    insert(answer.headers_mut(), "x-amzn-query-error", &format!("{code};{fault}"));
    Ok(answer)
}

/// The same response with another body; its own request id header, if it has one, stays.
fn answer(pending: &Pending, response: Response<Bytes>, request_id: Option<&str>, body: Vec<u8>) -> Response<Bytes> {
    let mut answer = response.map(|_| Bytes::from(body));
    reseal(answer.headers_mut(), HeaderValue::from_static(pending.dialect.json_content_type));
    if let Some(request_id) = request_id.filter(|_| !answer.headers().contains_key("x-amzn-requestid")) {
        insert(answer.headers_mut(), "x-amzn-requestid", request_id);
    }
    answer
}

/// A new body has another type, and a length that whoever sends it knows best.
fn reseal(headers: &mut HeaderMap, content_type: HeaderValue) {
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, content_type);
}

/// A foreign text that no header can hold is left out.
fn insert(headers: &mut HeaderMap, name: &'static str, text: &str) {
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn pending_of(request: &Request<Bytes>) -> Result<Pending, TranslateError> {
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
    let found = target.and_then(|target| {
        let (prefix, operation) = target.split_once('.')?;
        let mut dialects = Service::ALL.iter().map(|service| Dialect::of(*service));
        let dialect = dialects.find(|dialect| dialect.target_prefix == prefix)?;
        let named = !operation.is_empty() && operation.bytes().all(|byte| byte.is_ascii_alphanumeric());
        named.then(|| Pending { dialect, operation: operation.to_owned() })
    });
    found.ok_or_else(|| TranslateError::Target(target.map(str::to_owned)))
}

fn input_of(body: &[u8]) -> Result<Members, TranslateError> {
    if body.is_empty() {
        return Ok(Members::new());
    }
    match serde_json::from_slice(body) {
        Ok(Shape::Members(members)) => Ok(members),
        Ok(_) => Err(TranslateError::RequestBody(None)),
        Err(error) => Err(TranslateError::RequestBody(Some(error))),
    }
}
