//! Makes an SDK that speaks JSON speak AWS Query: translates the request, signs it again, translates the response.

use crate::signing::{SignFor, sign_request};
use crate::tape::exchange;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_types::sdk_config::SharedTimeSource;
use bytes::Bytes;
use proofmark_reference::bodies::{plain_request, sdk_response};
use proofmark_reference::query_client::{to_json, to_query};

/// Stands between an SDK client and `inner`.
#[derive(Clone, Debug)]
pub(crate) struct QueryConnector {
    pub(crate) inner: SharedHttpConnector,
    pub(crate) credentials: SharedCredentialsProvider,
    pub(crate) region: String,
    pub(crate) service: &'static str,
    pub(crate) time: SharedTimeSource,
}

impl HttpConnector for QueryConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move { this.translate(request).await })
    }
}

impl QueryConnector {
    async fn translate(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = plain_request(request).await?;
        let (pending, mut query) = to_query(&request).map_err(user_error)?;
        self.sign(&mut query).await?;
        let response = exchange(&self.inner, query).await?;
        sdk_response(to_json(&pending, response).map_err(|error| ConnectorError::other(error.into(), None))?)
    }

    async fn sign(&self, request: &mut http::Request<Bytes>) -> Result<(), ConnectorError> {
        let credentials: Credentials = self.credentials.provide_credentials().await.map_err(user_error)?;
        let what_for = SignFor { region: &self.region, service: self.service, time: self.time.now(), presigned: None };
        sign_request(request, &credentials, &what_for).map_err(user_error)
    }
}

fn user_error(error: impl std::error::Error + Send + Sync + 'static) -> ConnectorError {
    ConnectorError::user(error.into())
}
