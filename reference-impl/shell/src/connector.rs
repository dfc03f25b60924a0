//! The SDK's HTTP client without a socket: requests go straight to the world.

use crate::Reference;
use crate::bodies::{plain_request, sdk_response};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

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
