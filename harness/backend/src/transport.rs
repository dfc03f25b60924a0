//! HTTP clients as the SDK takes them: one connector for all settings, counted, with its body in memory.

use crate::Meter;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use proofmark_reference::activity::Activity;
use proofmark_reference::bodies::{plain_response, sdk_response};

/// The SDK's HTTP client that hands out the same connector whatever the settings.
#[derive(Clone, Debug)]
pub(crate) struct FixedClient(pub(crate) SharedHttpConnector);

impl HttpClient for FixedClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.0.clone()
    }
}

/// Counts a request as outstanding until the whole response is here.
///
/// The embedded server then knows when all that was asked is parked, with nothing left in a socket.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) inner: SharedHttpConnector,
    pub(crate) activity: Activity,
}

impl HttpConnector for Counted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Counted { inner, activity } = self.clone();
        HttpConnectorFuture::new(async move {
            let _outstanding = activity.begin();
            let response = inner.call(request).await?;
            sdk_response(plain_response(response).await?)
        })
    }
}

/// Sends as long as `meter` allows a request, and keeps nothing.
#[derive(Clone, Debug)]
pub(crate) struct Metered {
    pub(crate) inner: SharedHttpConnector,
    pub(crate) meter: Meter,
}

impl HttpConnector for Metered {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.meter.spend() {
            Ok(()) => self.inner.call(request),
            Err(exhausted) => HttpConnectorFuture::ready(Err(ConnectorError::user(exhausted.into()))),
        }
    }
}

/// Answers every request at once with the same message id: what is left is the cost of whoever asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Null;

impl HttpConnector for Null {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        const BODY: &str = r#"{"MessageId":"00000000-0000-4000-8000-000000000000"}"#;
        let mut response = http::Response::new(bytes::Bytes::from_static(BODY.as_bytes()));
        let json = http::HeaderValue::from_static("application/x-amz-json-1.0");
        response.headers_mut().insert(http::header::CONTENT_TYPE, json);
        HttpConnectorFuture::ready(sdk_response(response))
    }
}

/// A client over TCP without TLS.
pub(crate) fn plain_tcp() -> SharedHttpConnector {
    SharedHttpConnector::new(aws_smithy_http_client::Connector::builder().build_http())
}

/// A client over TCP with TLS, or without where the URL says so.
#[cfg(feature = "aws")]
pub(crate) fn tls() -> SharedHttpConnector {
    tls_keeping(usize::MAX)
}

/// The same for what outlives a case's runtime, and so must not keep connections of one.
#[cfg(feature = "aws")]
pub(crate) fn tls_without_pool() -> SharedHttpConnector {
    tls_keeping(0)
}

#[cfg(feature = "aws")]
fn tls_keeping(idle_connections: usize) -> SharedHttpConnector {
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
    let builder = aws_smithy_http_client::Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring));
    SharedHttpConnector::new(builder.pool_max_idle_per_host(idle_connections).build())
}
