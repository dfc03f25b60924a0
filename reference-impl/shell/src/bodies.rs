//! Between the SDK's requests and responses and `http`'s with their bodies in memory.

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;

/// The SDK's request as `http` has it, with its body in memory.
///
/// # Errors
/// A user error if it is not HTTP, or its body cannot be read.
pub async fn plain_request(request: HttpRequest) -> Result<http::Request<Bytes>, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    Ok(http::Request::from_parts(parts, in_memory(body).await?))
}

/// A request in memory as the SDK's HTTP clients take it.
///
/// # Errors
/// A user error if a header is not text.
pub fn sdk_request(request: http::Request<Bytes>) -> Result<HttpRequest, ConnectorError> {
    HttpRequest::try_from(request.map(SdkBody::from)).map_err(|error| ConnectorError::user(error.into()))
}

/// The SDK's response as `http` has it, once all of its body is there.
///
/// # Errors
/// An I/O error if the body breaks off.
pub async fn plain_response(response: HttpResponse) -> Result<http::Response<Bytes>, ConnectorError> {
    let response = response.try_into_http1x().map_err(|error| ConnectorError::other(error.into(), None))?;
    let (parts, body) = response.into_parts();
    Ok(http::Response::from_parts(parts, in_memory(body).await?))
}

/// A response in memory as the SDK takes it.
///
/// # Errors
/// If a header is not text.
pub fn sdk_response(response: http::Response<Bytes>) -> Result<HttpResponse, ConnectorError> {
    HttpResponse::try_from(response.map(SdkBody::from)).map_err(|error| ConnectorError::other(error.into(), None))
}

async fn in_memory(body: SdkBody) -> Result<Bytes, ConnectorError> {
    if let Some(bytes) = body.bytes() {
        return Ok(Bytes::copy_from_slice(bytes));
    }
    let collected = ByteStream::new(body).collect().await;
    Ok(collected.map_err(|error| ConnectorError::io(error.into()))?.into_bytes())
}
