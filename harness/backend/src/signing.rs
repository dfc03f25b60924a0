//! SigV4 over a request in memory.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningParams, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use std::time::{Duration, SystemTime};

/// Why a request could not be signed; the signer's own words are the source.
#[derive(Debug, thiserror::Error)]
#[error("the request cannot be signed: {0}")]
pub struct SignError(String);

/// What a signature is made for.
#[derive(Clone, Debug)]
pub(crate) struct SignFor<'a> {
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) time: SystemTime,
    /// In the query string, valid for this long, instead of in a header.
    pub(crate) presigned: Option<Duration>,
}

/// Signs `request` in place; its URI must be absolute. An older signature is taken off first.
pub(crate) fn sign_request(
    request: &mut http::Request<Bytes>,
    credentials: &Credentials,
    what_for: &SignFor<'_>,
) -> Result<(), SignError> {
    unsign(request.headers_mut());
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(what_for.region)
        .name(what_for.service)
        .time(what_for.time)
        .settings(settings(what_for.presigned))
        .build()
        .map_err(|error| SignError(error.to_string()))?;
    let signable = signable(request)?;
    let signed = sign(signable, &SigningParams::V4(params)).map_err(|error| SignError(error.to_string()))?;
    signed.into_parts().0.apply_to_request_http1x(request);
    Ok(())
}

fn signable(request: &http::Request<Bytes>) -> Result<SignableRequest<'_>, SignError> {
    let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Bytes(request.body());
    SignableRequest::new(request.method().as_str(), request.uri().to_string(), headers, body)
        .map_err(|error| SignError(error.to_string()))
}

fn settings(presigned: Option<Duration>) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if presigned.is_some() {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = presigned;
    }
    settings
}

/// Takes a signature's headers off.
pub(crate) fn unsign(headers: &mut HeaderMap) {
    for name in [AUTHORIZATION.as_str(), "x-amz-date", "x-amz-security-token"] {
        headers.remove(name);
    }
}
