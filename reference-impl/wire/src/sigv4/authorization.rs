//! What a request says about its signature, in the `Authorization` header or in presigned query parameters.

use super::{Scope, TOLERANCE_SECONDS, date, refusal};
use crate::form;
use bytes::Bytes;
use http::Request;
use proofmark_world::ApiError;
use proofmark_world::error::common;
use std::borrow::Cow;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A presigned request lives at most a week.
const LONGEST_LIFETIME_SECONDS: u64 = 7 * 24 * 60 * 60;

/// Where the signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the `Authorization` header.
    Header,
    /// In the query string of a presigned URL.
    Query,
}

/// A readable claim of a signature.
#[derive(Debug)]
pub(super) struct Authorization {
    pub(super) place: Place,
    pub(super) scope: Scope,
    /// The names, in lower case and in the order given.
    pub(super) signed_headers: Vec<String>,
    /// The signature's bytes; empty, and so never right, if it is not hexadecimal.
    pub(super) signature: Vec<u8>,
    /// When it was signed: `20210928T120000Z`.
    pub(super) date: String,
    /// The same in seconds since the epoch.
    pub(super) seconds: u64,
    /// The session token that came along.
    pub(super) token: Option<String>,
    /// `X-Amz-Expires`, for presigned requests.
    expires_seconds: Option<u64>,
}

impl Authorization {
    /// Reads whichever kind of signature the request has.
    pub(super) fn read(request: &Request<Bytes>) -> Result<Authorization, ApiError> {
        if request.headers().contains_key(http::header::AUTHORIZATION) {
            return from_header(request);
        }
        if ["X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential"]
            .iter()
            .any(|name| parameter(request, name).is_some())
        {
            return from_query(request);
        }
        Err(refusal(&common::MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token"))
    }

    /// How long after its date the signature holds.
    pub(super) fn lifetime_seconds(&self) -> u64 {
        self.expires_seconds.unwrap_or(TOLERANCE_SECONDS)
    }
}

/// The scope that the request claims, whether or not the rest can be read.
pub(super) fn claimed_scope(request: &Request<Bytes>) -> Option<Scope> {
    match header(request, "authorization") {
        Some(text) => Scope::parse(field(text, "Credential")?),
        None => Scope::parse(&parameter(request, "X-Amz-Credential")?),
    }
}

fn from_header(request: &Request<Bytes>) -> Result<Authorization, ApiError> {
    let text = header(request, "authorization").unwrap_or_default();
    let algorithm = text.split_whitespace().next().unwrap_or_default();
    if algorithm != ALGORITHM {
        return Err(incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
    }
    let date = header(request, "x-amz-date");
    let required = [("Credential", "parameter"), ("Signature", "parameter"), ("SignedHeaders", "parameter")];
    let mut missing: Vec<_> =
        required.iter().filter(|(name, _)| field(text, name).is_none()).map(missing_text).collect();
    if date.is_none() {
        missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".to_owned());
    }
    if !missing.is_empty() {
        return Err(incomplete(missing.join(" ")));
    }
    let field = |name| Cow::Borrowed(field(text, name).unwrap_or_default());
    let token = header(request, "x-amz-security-token").map(str::to_owned);
    let parts = Parts {
        credential: field("Credential"),
        signed_headers: field("SignedHeaders"),
        signature: field("Signature"),
        date: Cow::Borrowed(date.unwrap_or_default()),
    };
    parts.assemble(Place::Header, token, None)
}

fn missing_text((name, kind): &(&str, &str)) -> String {
    format!("Authorization header requires '{name}' {kind}.")
}

fn from_query(request: &Request<Bytes>) -> Result<Authorization, ApiError> {
    let required = |name: &str| {
        let missing = || incomplete(format!("AWS query-string parameters must include '{name}'."));
        parameter(request, name).ok_or_else(missing)
    };
    let algorithm = required("X-Amz-Algorithm")?;
    if algorithm != ALGORITHM {
        return Err(incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
    }
    let parts = Parts {
        credential: required("X-Amz-Credential")?,
        signature: required("X-Amz-Signature")?,
        signed_headers: required("X-Amz-SignedHeaders")?,
        date: required("X-Amz-Date")?,
    };
    let expires = parameter(request, "X-Amz-Expires").map(|text| lifetime(&text)).transpose()?;
    let token = parameter(request, "X-Amz-Security-Token").map(Cow::into_owned);
    parts.assemble(Place::Query, token, expires)
}

fn lifetime(text: &str) -> Result<u64, ApiError> {
    let within = |seconds: &u64| (1..=LONGEST_LIFETIME_SECONDS).contains(seconds);
    let wrong = || incomplete(format!("X-Amz-Expires must be between 1 and {LONGEST_LIFETIME_SECONDS} seconds."));
    text.parse().ok().filter(within).ok_or_else(wrong)
}

struct Parts<'a> {
    credential: Cow<'a, str>,
    signed_headers: Cow<'a, str>,
    signature: Cow<'a, str>,
    date: Cow<'a, str>,
}

impl Parts<'_> {
    fn assemble(
        self,
        place: Place,
        token: Option<String>,
        expires_seconds: Option<u64>,
    ) -> Result<Authorization, ApiError> {
        let Parts { credential, signed_headers, signature, date } = self;
        let bad_credential = || {
            incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
            ))
        };
        let bad_date = || incomplete(format!("Date must be in ISO-8601 'basic format'. Got '{date}'."));
        Ok(Authorization {
            place,
            scope: Scope::parse(&credential).ok_or_else(bad_credential)?,
            signed_headers: signed_headers.split(';').map(str::to_ascii_lowercase).collect(),
            signature: hex::decode(signature.as_bytes()).unwrap_or_default(),
            seconds: date::parse(&date).ok_or_else(bad_date)?,
            date: date.into_owned(),
            token,
            expires_seconds,
        })
    }
}

fn header<'r>(request: &'r Request<Bytes>, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn parameter<'r>(request: &'r Request<Bytes>, name: &str) -> Option<Cow<'r, str>> {
    form::find(request.uri().query()?.as_bytes(), name)
}

/// One `Name=value` of `AWS4-HMAC-SHA256 Name=value, Name=value`.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, fields) = text.trim_start().split_once(' ')?;
    let value = |field: &'t str| field.trim().strip_prefix(name)?.strip_prefix('=');
    fields.split(',').find_map(value).filter(|value| !value.is_empty())
}

fn incomplete(text: String) -> ApiError {
    refusal(&common::INCOMPLETE_SIGNATURE, text)
}
