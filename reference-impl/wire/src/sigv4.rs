//! Signature Version 4: who signed a request, and whether the signature holds.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Scope`] | the credential scope that a request claims, not verified |
//! | [`Credentials`] | an access key that the reference knows |
//! | [`verify`] | from a request to the account that signed it |
//! | `authorization` | the `Authorization` header and the presigned query parameters |
//! | `canonical` | the canonical request and the string to sign |
//! | `date` | `20210928T120000Z` and back |
//!
//! Source: "Create a signed AWS API request" of the IAM user guide; `wire.auth.*` of the clause catalogue.

mod authorization;
mod canonical;
mod date;

use authorization::{Authorization, Place};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use proofmark_world::error::common;
use proofmark_world::{AccountId, ApiError, ErrorCode, Timestamp};
use sha2::Sha256;
use std::fmt;

/// How far a signature's date may be from the service's.
const TOLERANCE_SECONDS: u64 = 15 * 60;

/// The credential scope that a request claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The access key id.
    pub access_key: String,
    /// The day of the signing key, `YYYYMMDD`.
    pub date: String,
    /// The Region.
    pub region: String,
    /// The service, by its signing name.
    pub service: String,
}

impl Scope {
    /// Reads the scope that a request claims in its `Authorization` header or its `X-Amz-Credential` parameter.
    #[must_use]
    pub fn claimed_by(request: &Request<Bytes>) -> Option<Scope> {
        authorization::claimed_scope(request)
    }

    /// Parses `<access key>/<date>/<region>/<service>/aws4_request`. An access key may itself contain slashes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Scope> {
        let mut parts = text.rsplitn(5, '/');
        let (end, service, region) = (parts.next()?, parts.next()?, parts.next()?);
        let (date, access_key) = (parts.next()?, parts.next()?);
        (end == "aws4_request" && !access_key.is_empty()).then(|| Scope {
            access_key: access_key.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
        })
    }
}

/// An access key that the reference knows. Its `Debug` form has no secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret: String,
    /// The token that must come with the key, if the key is a session's.
    pub session_token: Option<String>,
    /// The account that the key belongs to.
    pub account: AccountId,
    /// When the session ends, if it does.
    pub expires: Option<Timestamp>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Credentials");
        debug.field("access_key", &self.access_key).field("account", &self.account);
        debug.field("session", &self.session_token.is_some()).field("expires", &self.expires);
        debug.finish_non_exhaustive()
    }
}

/// Verifies a request's signature at time `now`, and says whose it is.
///
/// # Errors
/// AWS's own: `MissingAuthenticationToken`, `IncompleteSignature`, `InvalidClientTokenId`, `ExpiredToken` and
/// `SignatureDoesNotMatch`, in the order in which they are looked for.
pub fn verify(request: &Request<Bytes>, now: Timestamp, known: &[Credentials]) -> Result<AccountId, ApiError> {
    let authorization = Authorization::read(request)?;
    let credentials = credentials_of(&authorization, known)?;
    check_session(credentials, now)?;
    check_date(&authorization, now.as_seconds())?;
    check_signature(request, &authorization, credentials)?;
    Ok(credentials.account)
}

/// Wants a signature to be made for the service that is called: it opens no other.
///
/// # Errors
/// `SignatureDoesNotMatch`, as AWS has it.
pub fn check_service(scope: Option<&Scope>, service: &str) -> Result<(), ApiError> {
    match scope {
        Some(scope) if scope.service != service => {
            Err(mismatch(format!("Credential should be scoped to correct service: '{service}'.")))
        }
        _ => Ok(()),
    }
}

fn credentials_of<'k>(authorization: &Authorization, known: &'k [Credentials]) -> Result<&'k Credentials, ApiError> {
    let token = authorization.token.as_deref().unwrap_or_default();
    let fits = |credentials: &&Credentials| {
        let expected = credentials.session_token.as_deref().unwrap_or_default();
        credentials.access_key == authorization.scope.access_key && equal(expected.as_bytes(), token.as_bytes())
    };
    let invalid =
        || refusal(&common::INVALID_CLIENT_TOKEN_ID, "The security token included in the request is invalid.");
    known.iter().find(fits).ok_or_else(invalid)
}

fn check_session(credentials: &Credentials, now: Timestamp) -> Result<(), ApiError> {
    if credentials.expires.is_some_and(|expires| expires <= now) {
        return Err(refusal(&common::EXPIRED_TOKEN, "The security token included in the request is expired"));
    }
    Ok(())
}

fn check_date(authorization: &Authorization, now: u64) -> Result<(), ApiError> {
    let signed = authorization.seconds;
    let (lifetime, date) = (authorization.lifetime_seconds(), &authorization.date);
    if signed > now.saturating_add(TOLERANCE_SECONDS) {
        return Err(mismatch(not_yet_current(date, now)));
    }
    if signed.saturating_add(lifetime) < now {
        return Err(mismatch(expired(date, now, lifetime)));
    }
    if !date.starts_with(&authorization.scope.date) || authorization.scope.date.len() != date::DAY_LENGTH {
        let (claimed, day) = (&authorization.scope.date, date.get(..date::DAY_LENGTH).unwrap_or_default());
        return Err(mismatch(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{claimed}' != '{day}', from '{date}'."
        )));
    }
    Ok(())
}

fn expired(signed: &str, now: u64, lifetime: u64) -> String {
    let (now_text, earliest) = (date::format(now), date::format(now.saturating_sub(lifetime)));
    format!("Signature expired: {signed} is now earlier than {earliest} ({now_text} - {} min.)", lifetime / 60)
}

fn not_yet_current(signed: &str, now: u64) -> String {
    let (now_text, latest) = (date::format(now), date::format(now.saturating_add(TOLERANCE_SECONDS)));
    let minutes = TOLERANCE_SECONDS / 60;
    format!("Signature not yet current: {signed} is still later than {latest} ({now_text} + {minutes} min.)")
}

fn check_signature(
    request: &Request<Bytes>,
    authorization: &Authorization,
    credentials: &Credentials,
) -> Result<(), ApiError> {
    if !authorization.signed_headers.iter().any(|name| name == "host") {
        return Err(mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
    }
    let key = signing_key(&credentials.secret, &authorization.scope);
    let payloads = canonical::payload_hashes(request, authorization.place == Place::Query);
    let canonical: Vec<_> =
        payloads.iter().map(|payload| canonical::request(request, &authorization.signed_headers, payload)).collect();
    let holds = |canonical: &String| {
        let text = canonical::string_to_sign(&authorization.date, &authorization.scope, canonical);
        hmac(&key, text.as_bytes()).verify_slice(&authorization.signature).is_ok()
    };
    if canonical.iter().any(holds) {
        return Ok(());
    }
    Err(mismatch(explained(authorization, canonical.first().map_or("", String::as_str))))
}

/// AWS tells the signer what it would have signed, which is all one needs to find the difference.
fn explained(authorization: &Authorization, canonical: &str) -> String {
    let text = canonical::string_to_sign(&authorization.date, &authorization.scope, canonical);
    format!(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
         Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String \
         for this request should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{text}'\n"
    )
}

fn signing_key(secret: &str, scope: &Scope) -> Vec<u8> {
    let secret = format!("AWS4{secret}");
    let parts = [&scope.date, &scope.region, &scope.service, "aws4_request"];
    parts.iter().fold(secret.into_bytes(), |key, part| hmac(&key, part.as_bytes()).finalize().into_bytes().to_vec())
}

fn hmac(key: &[u8], text: &[u8]) -> Hmac<Sha256> {
    // Every length is a valid HMAC key, so the error cannot occur; an all-zero key keeps the signature from matching.
    let keyed = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()));
    keyed.chain_update(text)
}

/// Compares without telling by its duration where the difference is.
fn equal(left: &[u8], right: &[u8]) -> bool {
    let difference = left.iter().zip(right).fold(0, |difference, (left, right)| difference | (left ^ right));
    left.len() == right.len() && std::hint::black_box(difference) == 0
}

fn mismatch(text: impl Into<String>) -> ApiError {
    refusal(&common::SIGNATURE_DOES_NOT_MATCH, text)
}

fn refusal(code: &'static ErrorCode, text: impl Into<String>) -> ApiError {
    ApiError::new(code, text.into())
}
