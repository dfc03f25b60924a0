//! One HTTP exchange: how it speaks, its request decoded, its reply encoded.
//!
//! | Step | What happens |
//! |---|---|
//! | [`Exchange::open`] | the head decides protocol, service and rendering; it never fails, so every later error can be rendered |
//! | [`Exchange::request`] | bytes to a typed request |
//! | [`Exchange::reply`] | a typed response or error to bytes |

use crate::dialect::Dialect;
use crate::operation::Operation;
use crate::sigv4::Scope;
use crate::{form, json, operation, query};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use proofmark_world::error::common;
use proofmark_world::{ApiError, Protocol, Request, Response, Service, Uuid};

static TARGET: HeaderName = HeaderName::from_static("x-amz-target");
static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
static QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

const XML: &str = "text/xml";
const QUERY_JSON: &str = "application/json";

/// How one HTTP exchange speaks. Decided when it is opened, and never in doubt after that.
#[derive(Clone, Debug)]
pub struct Exchange {
    speech: Speech,
    service: Service,
    operation: Named,
    scope: Option<Scope>,
}

/// The protocol, and how its replies are rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    Json,
    QueryXml,
    QueryJson,
}

/// The operation that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    Known(Operation),
    Unknown(String),
    Nothing,
}

impl Exchange {
    /// Decides how the exchange speaks. Neither the credentials nor the operation need be right for that.
    #[must_use]
    pub fn open(request: &http::Request<Bytes>) -> Exchange {
        let scope = Scope::claimed_by(request);
        let target = request.headers().get(&TARGET).and_then(|value| value.to_str().ok());
        let service = service_of(target, scope.as_ref(), request);
        let speech = speech_of(service, request);
        let named = match (speech, target) {
            (Speech::Json, Some(target)) => Named::by_target(service, target),
            (Speech::Json, None) => Named::Nothing,
            _ => Named::by_action(service, request),
        };
        Exchange { speech, service, operation: named, scope }
    }

    /// The protocol of request and reply.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        match self.speech {
            Speech::Json => Protocol::Json,
            Speech::QueryXml | Speech::QueryJson => Protocol::Query,
        }
    }

    /// The service that the request is for.
    #[must_use]
    pub fn service(&self) -> Service {
        self.service
    }

    /// The credential scope that the request claims. It is not verified; see [`crate::sigv4::verify`].
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// The operation's name as sent, whether or not there is such an operation.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        match &self.operation {
            Named::Known(operation) => Some(operation.name()),
            Named::Unknown(name) => Some(name),
            Named::Nothing => None,
        }
    }

    /// Decodes the request.
    ///
    /// # Errors
    /// AWS's errors for requests that cannot be read: an unknown operation, a malformed body, a wrong type.
    pub fn request(&self, request: &http::Request<Bytes>) -> Result<Request, ApiError> {
        match (self.speech, &self.operation) {
            (Speech::Json, Named::Known(operation)) => json::read(*operation, request.body()),
            (Speech::Json, _) => Err(operation::unknown()),
            _ => query::read(self.service, request),
        }
    }

    /// Encodes a result of the request, or an error that came before there was one.
    #[must_use]
    pub fn reply(&self, request_id: Uuid, result: &Result<Response, ApiError>) -> http::Response<Bytes> {
        let written = match result {
            Ok(response) => self.output(request_id, response),
            Err(error) => Err(error.clone()),
        };
        let mut reply = written.unwrap_or_else(|error| self.error(request_id, &error));
        if let Ok(value) = HeaderValue::try_from(request_id.to_string()) {
            reply.headers_mut().insert(REQUEST_ID.clone(), value);
        }
        reply
    }

    fn output(&self, request_id: Uuid, response: &Response) -> Result<http::Response<Bytes>, ApiError> {
        let body = match self.speech {
            Speech::Json => json::write(response)?.into(),
            Speech::QueryXml => query::write_xml(self.service, request_id, response)?.into(),
            Speech::QueryJson => query::write_json(self.service, request_id, response)?.into(),
        };
        Ok(self.response(StatusCode::OK, self.content_type(), body))
    }

    fn error(&self, request_id: Uuid, error: &ApiError) -> http::Response<Bytes> {
        let status = StatusCode::from_u16(error.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if self.speech != Speech::Json && error.code == &common::UNKNOWN_OPERATION {
            return self.response(status, XML, Bytes::from_static(query::UNKNOWN_OPERATION_BODY.as_bytes()));
        }
        let body = match self.speech {
            Speech::Json => json::write_error(error).into(),
            Speech::QueryXml => query::write_error_xml(self.service, request_id, error).into(),
            Speech::QueryJson => query::write_error_json(request_id, error).into(),
        };
        let mut response = self.response(status, self.content_type(), body);
        if self.speech == Speech::Json {
            insert_query_error(&mut response, error);
        }
        response
    }

    fn response(&self, status: StatusCode, content_type: &'static str, body: Bytes) -> http::Response<Bytes> {
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    }

    fn content_type(&self) -> &'static str {
        match self.speech {
            Speech::Json => Dialect::of(self.service).json_content_type,
            Speech::QueryXml => XML,
            Speech::QueryJson => QUERY_JSON,
        }
    }
}

impl Named {
    fn by_target(service: Service, target: &str) -> Named {
        let (prefix, name) = target.rsplit_once('.').unwrap_or(("", target));
        let ours = prefix == Dialect::of(service).target_prefix;
        let operation = Operation::find(service, name).filter(|_| ours);
        operation.map_or_else(|| Named::Unknown(name.to_owned()), Named::Known)
    }

    fn by_action(service: Service, request: &http::Request<Bytes>) -> Named {
        let Some(name) = form_value(request, "Action") else { return Named::Nothing };
        Operation::find(service, &name).map_or_else(|| Named::Unknown(name), Named::Known)
    }
}

/// The body overrules the query string, as it does when the request is read.
fn form_value(request: &http::Request<Bytes>, name: &str) -> Option<String> {
    let in_query = || form::find(request.uri().query()?.as_bytes(), name);
    form::find(request.body(), name).or_else(in_query).map(|value| value.into_owned())
}

/// The model of SNS has the Query protocol only (`wire.sns.protocol`).
const fn has_json(service: Service) -> bool {
    matches!(service, Service::Sqs)
}

fn speech_of(service: Service, request: &http::Request<Bytes>) -> Speech {
    let header_has = |name: &HeaderName, part: &str| {
        let text = request.headers().get(name).and_then(|value| value.to_str().ok());
        text.is_some_and(|text| text.to_ascii_lowercase().contains(part))
    };
    let as_json = request.headers().contains_key(&TARGET) || header_has(&CONTENT_TYPE, "application/x-amz-json-1.");
    if as_json && has_json(service) {
        return Speech::Json;
    }
    if header_has(&ACCEPT, QUERY_JSON) { Speech::QueryJson } else { Speech::QueryXml }
}

/// By the target's prefix, else by the service of the credential scope, else by the Query protocol's `Version`, else
/// SQS.
fn service_of(target: Option<&str>, scope: Option<&Scope>, request: &http::Request<Bytes>) -> Service {
    let prefix = target.and_then(|target| target.rsplit_once('.')).map(|(prefix, _)| prefix);
    let speaks = |service: &Service| prefix == Some(Dialect::of(*service).target_prefix);
    let by_target = Service::ALL.iter().copied().find(speaks);
    let by_scope = || Service::from_name(&scope?.service);
    by_target.or_else(by_scope).or_else(|| unsigned_service(request)).unwrap_or(Service::Sqs)
}

/// Of a request without a signature, such as a link in a letter: the service whose version it names, or that alone
/// has the action.
fn unsigned_service(request: &http::Request<Bytes>) -> Option<Service> {
    let all = || Service::ALL.iter().copied();
    let version = form_value(request, "Version");
    let by_version = all().find(|service| version.as_deref() == Some(Dialect::of(*service).version));
    let action = form_value(request, "Action")?;
    by_version.or_else(|| all().find(|service| Operation::find(*service, &action).is_some()))
}

fn insert_query_error(response: &mut http::Response<Bytes>, error: &ApiError) {
    let text = format!("{};{}", error.code.query_code, error.code.fault.as_str());
    if let Ok(value) = HeaderValue::try_from(text) {
        response.headers_mut().insert(QUERY_ERROR.clone(), value);
    }
}
