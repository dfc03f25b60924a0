//! Throw-away stand-in for the wire: SQS over JSON only. Replaced by the real crate.
use bytes::Bytes;
use proofmark_world::error::common;
use proofmark_world::{ApiError, Protocol, Request, Response, Service, Uuid, sqs};

/// One request's way in and its reply's way out.
#[derive(Debug)]
pub struct Exchange {
    operation: Option<String>,
    scope: Option<sigv4::Scope>,
}

impl Exchange {
    /// Looks at a request's headers.
    #[must_use]
    pub fn open(request: &http::Request<Bytes>) -> Exchange {
        let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
        let operation = target.and_then(|target| target.strip_prefix("AmazonSQS.")).map(str::to_owned);
        Exchange { operation, scope: sigv4::Scope::read(request) }
    }
    /// The protocol.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        Protocol::Json
    }
    /// The service.
    #[must_use]
    pub fn service(&self) -> Service {
        Service::Sqs
    }
    /// The credential scope.
    #[must_use]
    pub fn scope(&self) -> Option<&sigv4::Scope> {
        self.scope.as_ref()
    }
    /// The operation.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.operation.as_deref()
    }
    /// Decodes.
    /// # Errors
    /// Undecodable.
    pub fn request(&self, request: &http::Request<Bytes>) -> Result<Request, ApiError> {
        let operation = self.operation().and_then(sqs::Operation::from_name);
        let bad = || ApiError::new(&common::INTERNAL_FAILURE, "stub");
        let mut from = serde_json::Deserializer::from_slice(request.body());
        Ok(Request::Sqs(operation.ok_or_else(bad)?.read_request(&mut from).map_err(|_| bad())?))
    }
    /// Encodes.
    #[must_use]
    pub fn reply(&self, id: Uuid, result: &Result<Response, ApiError>) -> http::Response<Bytes> {
        let (status, code, body) = match result {
            Ok(Response::Sqs(response)) => (200, None, serde_json::to_vec(response).unwrap_or_default()),
            Err(error) => (
                error.code.status,
                Some(format!("{};Sender", error.code.query_code)),
                serde_json::to_vec(&serde_json::json!({"__type": error.code.json_type, "message": error.message}))
                    .unwrap_or_default(),
            ),
        };
        let mut builder = http::Response::builder()
            .status(status)
            .header("x-amzn-requestid", id.to_string())
            .header("content-type", "application/x-amz-json-1.0");
        if let Some(code) = code {
            builder = builder.header("x-amzn-query-error", code);
        }
        builder.body(Bytes::from(body)).unwrap_or_default()
    }
}

/// Signatures.
pub mod sigv4 {
    use bytes::Bytes;
    use proofmark_world::{AccountId, ApiError, Timestamp};

    /// Credential scope.
    #[derive(Clone, Debug)]
    pub struct Scope {
        /// Key.
        pub access_key: String,
        /// Date.
        pub date: String,
        /// Region.
        pub region: String,
        /// Service.
        pub service: String,
    }

    impl Scope {
        pub(crate) fn read(request: &http::Request<Bytes>) -> Option<Self> {
            let text = request.headers().get("authorization")?.to_str().ok()?;
            let credential = text.split("Credential=").nth(1)?.split(',').next()?;
            let mut parts = credential.split('/').map(str::to_owned);
            Some(Scope {
                access_key: parts.next()?,
                date: parts.next()?,
                region: parts.next()?,
                service: parts.next()?,
            })
        }
    }

    /// Known credentials.
    #[derive(Clone)]
    pub struct Credentials {
        /// Key.
        pub access_key: String,
        /// Secret.
        pub secret: String,
        /// Token.
        pub session_token: Option<String>,
        /// Account.
        pub account: AccountId,
        /// Expiry.
        pub expires: Option<Timestamp>,
    }

    /// Verifies.
    /// # Errors
    /// Unknown key.
    pub fn verify(request: &http::Request<Bytes>, _: Timestamp, known: &[Credentials]) -> Result<AccountId, ApiError> {
        let scope = Scope::read(request);
        known
            .iter()
            .find(|known| scope.as_ref().is_some_and(|scope| scope.access_key == known.access_key))
            .map(|known| known.account)
            .ok_or_else(|| ApiError::new(&proofmark_world::error::common::INVALID_CLIENT_TOKEN_ID, "stub"))
    }
}

/// Query on behalf of a JSON client.
pub mod query_client {
    use bytes::Bytes;
    /// What is remembered.
    #[derive(Debug)]
    pub struct Pending;
    /// Not translatable.
    #[derive(Debug, thiserror::Error)]
    #[error("not translatable")]
    pub struct TranslateError;
    /// To Query.
    /// # Errors
    /// Never.
    pub fn to_query(request: &http::Request<Bytes>) -> Result<(Pending, http::Request<Bytes>), TranslateError> {
        Ok((Pending, request.clone()))
    }
    /// To JSON.
    /// # Errors
    /// Never.
    pub fn to_json(_: &Pending, response: http::Response<Bytes>) -> Result<http::Response<Bytes>, TranslateError> {
        Ok(response)
    }
}
