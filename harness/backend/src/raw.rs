//! HTTP requests that no SDK would send: any method, header and body, signed right, wrong or not at all.

use crate::Identity;
use crate::signing::{SignError, SignFor, sign_request};
use crate::tape::exchange;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_types::sdk_config::SharedTimeSource;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use std::time::Duration;

/// Why a raw request did not get an answer.
#[derive(Debug, thiserror::Error)]
pub enum RawError {
    /// The backend has no credentials of that kind; ask for the capability in the case's needs.
    #[error("this backend has no credentials for {0:?}; name the capability in the case's needs")]
    NoIdentity(Identity),
    /// The credentials could not be had.
    #[error("no credentials to sign with: {0}")]
    Credentials(String),
    /// The request could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// It could not be sent, or no whole answer came.
    #[error("no answer to the request")]
    Transport(#[source] ConnectorError),
    /// It is not an HTTP request.
    #[error("not an HTTP request")]
    Http(#[from] http::Error),
}

/// How a raw request is signed. The default is: rightly, by the first account.
#[derive(Clone, Debug, Default)]
pub struct Signing {
    identity: Identity,
    wrong_secret: bool,
    without_token: bool,
    shift_seconds: i64,
    presigned: Option<Duration>,
    region: Option<String>,
    service: Option<String>,
}

impl Signing {
    /// By another identity.
    #[must_use]
    pub fn by(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self
    }

    /// With a secret that is not the access key's.
    #[must_use]
    pub fn with_wrong_secret(mut self) -> Self {
        self.wrong_secret = true;
        self
    }

    /// Without the session token that belongs to the access key.
    #[must_use]
    pub fn without_token(mut self) -> Self {
        self.without_token = true;
        self
    }

    /// By a clock that is wrong by so many seconds; negative is slow.
    #[must_use]
    pub fn with_clock_off_by(mut self, seconds: i64) -> Self {
        self.shift_seconds = seconds;
        self
    }

    /// In the query string, valid for `duration`.
    #[must_use]
    pub fn presigned_for(mut self, duration: Duration) -> Self {
        self.presigned = Some(duration);
        self
    }

    /// For another Region than the endpoint's.
    #[must_use]
    pub fn for_region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// For another service than the one that is called.
    #[must_use]
    pub fn for_service(mut self, service: &str) -> Self {
        self.service = Some(service.to_owned());
        self
    }

    fn credentials(&self, credentials: &Credentials) -> Credentials {
        let secret = if self.wrong_secret { "wrong" } else { credentials.secret_access_key() };
        let token = credentials.session_token().filter(|_| !self.without_token).map(str::to_owned);
        Credentials::new(credentials.access_key_id(), secret, token, None, "proofmark-raw")
    }
}

/// Sends raw requests over the same transport, clock and tape as the SDK clients of a target.
#[derive(Clone, Debug)]
pub struct Raw {
    pub(crate) connector: SharedHttpConnector,
    pub(crate) endpoint: String,
    pub(crate) region: String,
    pub(crate) service: &'static str,
    pub(crate) identities: Vec<(Identity, SharedCredentialsProvider)>,
    pub(crate) time: SharedTimeSource,
}

impl Raw {
    /// The same for another service than SQS: its address on AWS, and its name in signatures.
    #[must_use]
    pub fn to(mut self, service: &'static str) -> Self {
        let (own, other) = (format!("https://{}.", self.service), format!("https://{service}."));
        self.endpoint = self.endpoint.replacen(&own, &other, 1);
        self.service = service;
        self
    }

    /// Scheme and authority of the service, such as `https://sqs.us-east-1.amazonaws.com`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Starts a request to `path` (from the slash on, query included) of the service.
    #[must_use]
    pub fn request(&self, method: &str, path: &str) -> http::request::Builder {
        http::Request::builder().method(method).uri(format!("{}{path}", self.endpoint))
    }

    /// An unsigned request of the JSON protocol, as an SDK would send it.
    ///
    /// # Errors
    /// [`RawError::Http`] if `operation` cannot stand in a header.
    pub fn json(&self, operation: &str, body: impl Into<Bytes>) -> Result<http::Request<Bytes>, RawError> {
        let request = self.request("POST", "/").header(CONTENT_TYPE, "application/x-amz-json-1.0");
        Ok(request.header("x-amz-target", format!("AmazonSQS.{operation}")).body(body.into())?)
    }

    /// An unsigned request of the Query protocol; `form` is the encoded form, `Action` and `Version` included.
    ///
    /// # Errors
    /// [`RawError::Http`] if the endpoint is not a URL.
    pub fn query(&self, form: impl Into<Bytes>) -> Result<http::Request<Bytes>, RawError> {
        let request = self.request("POST", "/").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        Ok(request.body(form.into())?)
    }

    /// Signs a request.
    ///
    /// # Errors
    /// [`RawError`] if the backend lacks the identity, or the request cannot be signed.
    pub async fn sign(
        &self,
        mut request: http::Request<Bytes>,
        how: &Signing,
    ) -> Result<http::Request<Bytes>, RawError> {
        let provider = self.identities.iter().find(|(identity, _)| *identity == how.identity);
        let (_, provider) = provider.ok_or(RawError::NoIdentity(how.identity))?;
        let credentials = provider.provide_credentials().await;
        let credentials = credentials.map_err(|error| RawError::Credentials(error.to_string()))?;
        let shift = Duration::from_secs(how.shift_seconds.unsigned_abs());
        let now = self.time.now();
        let what_for = SignFor {
            region: how.region.as_deref().unwrap_or(&self.region),
            service: how.service.as_deref().unwrap_or(self.service),
            time: if how.shift_seconds < 0 { now - shift } else { now + shift },
            presigned: how.presigned,
        };
        sign_request(&mut request, &how.credentials(&credentials), &what_for)?;
        Ok(request)
    }

    /// Sends a request as it is.
    ///
    /// # Errors
    /// [`RawError::Transport`] if no whole answer came. An error status is an answer.
    pub async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, RawError> {
        exchange(&self.connector, request).await.map_err(RawError::Transport)
    }
}
