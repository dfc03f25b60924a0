//! The SDK's HTTP client without a socket: requests go straight to the world.

use crate::Reference;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;

/// An `HttpClient` and `HttpConnector` whose other end is a [`Reference`].
#[derive(Clone, Debug)]
pub struct ReferenceConnector(Reference);

impl ReferenceConnector {
    /// A client of `reference`.
    #[must_use]
    pub fn new(reference: Reference) -> Self {
        ReferenceConnector(reference)
    }
}

impl HttpClient for ReferenceConnector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for ReferenceConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let reference = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = plain_request(request).await?;
            sdk_response(reference.call(request).await)
        })
    }
}

/// The SDK's request with its body in memory.
async fn plain_request(request: HttpRequest) -> Result<http::Request<Bytes>, ConnectorError> {
    let user_error = |error| ConnectorError::user(error);
    let (parts, body) = request.try_into_http1x().map_err(|error| user_error(error.into()))?.into_parts();
    let body = match body.bytes() {
        Some(bytes) => Bytes::copy_from_slice(bytes),
        None => ByteStream::new(body).collect().await.map_err(|error| user_error(error.into()))?.into_bytes(),
    };
    Ok(http::Request::from_parts(parts, body))
}

fn sdk_response(response: http::Response<Bytes>) -> Result<HttpResponse, ConnectorError> {
    let response = response.map(SdkBody::from);
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}
