//! Who sends a request: read from its signature, its headers and the address it was sent to.

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{HeaderMap, Request, Uri};
use proofmark_wire::sigv4::{self, Credentials};
use proofmark_wire::{Exchange, sigv4::Scope};
use proofmark_world::{AccountId, ApiError, Caller, Region, Service, Timestamp};
use std::fmt;
use std::sync::Arc;

/// The Region of requests whose signature names none.
pub(crate) const DEFAULT_REGION: &str = "us-east-1";

/// The header that AWS X-Ray's context travels in.
const TRACE_HEADER: &str = "x-amzn-trace-id";

/// The credentials that callers may sign with. Shows how many there are, never what they are.
#[derive(Clone)]
pub(crate) struct Known(Arc<[Credentials]>);

impl Known {
    pub(crate) fn new(credentials: Vec<Credentials>) -> Self {
        Known(credentials.into())
    }

    pub(crate) fn credentials(&self) -> &[Credentials] {
        &self.0
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Known({})", self.0.len())
    }
}

/// The caller of `request`.
///
/// # Errors
/// The wire's answer to a signature that does not hold, if `known` credentials are given.
pub(crate) fn identify(
    request: &Request<Bytes>,
    exchange: &Exchange,
    known: Option<&[Credentials]>,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    let scope = exchange.scope();
    let account = match known {
        Some(known) if !is_link(exchange) => {
            let account = sigv4::verify(request, now, known)?;
            sigv4::check_service(scope, exchange.service().name())?;
            account
        }
        _ => scope.and_then(account_of).unwrap_or(AccountId::DEFAULT),
    };
    let region = scope.map_or(DEFAULT_REGION, |scope| scope.region.as_str());
    Ok(Caller {
        account,
        region: Region::new(region),
        protocol: exchange.protocol(),
        endpoint: endpoint(request).into(),
        trace_header: text(request.headers(), TRACE_HEADER).map(Arc::from),
        signed: scope.is_some(),
    })
}

/// Whether the request follows a link from one of SNS's letters, which needs no signature.
fn is_link(exchange: &Exchange) -> bool {
    let followed = matches!(exchange.operation(), Some("ConfirmSubscription" | "Unsubscribe"));
    exchange.service() == Service::Sns && exchange.scope().is_none() && followed
}

/// An access key id of twelve digits names the account.
fn account_of(scope: &Scope) -> Option<AccountId> {
    AccountId::parse(&scope.access_key)
}

/// Scheme and authority that the request was sent to; over plain TCP they are in the `Host` header.
fn endpoint(request: &Request<Bytes>) -> String {
    let scheme = request.uri().scheme_str().unwrap_or("http");
    let host = request.uri().authority().map(http::uri::Authority::as_str);
    let host = host.or_else(|| text(request.headers(), HOST.as_str())).unwrap_or("localhost");
    format!("{scheme}://{host}")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Sees to it that a request has a `Host` header, which a signature covers and HTTP/2 carries elsewhere.
pub(crate) fn ensure_host(request: &mut Request<Bytes>) {
    if !request.headers().contains_key(HOST)
        && let Some(host) = host_of(request.uri())
    {
        request.headers_mut().insert(HOST, host);
    }
}

fn host_of(uri: &Uri) -> Option<HeaderValue> {
    HeaderValue::from_str(uri.authority()?.as_str()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(uri: &str, headers: &[(&'static str, &str)]) -> Caller {
        let mut request = Request::builder().uri(uri).body(Bytes::new()).unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        ensure_host(&mut request);
        identify(&request, &Exchange::open(&request), None, Timestamp::EPOCH).unwrap()
    }

    fn signed(access_key: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={access_key}/20260101/eu-west-1/sqs/aws4_request, \
             SignedHeaders=host, Signature=0"
        )
    }

    #[test]
    fn a_twelve_digit_access_key_names_the_account() {
        let caller = caller("https://sqs.eu-west-1.amazonaws.com/", &[("authorization", &signed("123456789012"))]);
        assert_eq!(caller.account.as_str(), "123456789012");
        assert_eq!(caller.region.as_str(), "eu-west-1");
        assert_eq!(&*caller.endpoint, "https://sqs.eu-west-1.amazonaws.com");
    }

    #[test]
    fn any_other_key_is_the_default_account() {
        let caller = caller("/", &[("authorization", &signed("AKIDEXAMPLE")), ("host", "localhost:4100")]);
        assert_eq!(caller.account, AccountId::DEFAULT);
        assert_eq!(&*caller.endpoint, "http://localhost:4100");
    }

    #[test]
    fn an_unsigned_request_comes_from_the_default_region() {
        let caller = caller("/", &[("x-amzn-trace-id", "Root=1-2-3")]);
        assert_eq!(caller.region.as_str(), DEFAULT_REGION);
        assert_eq!(caller.trace_header.as_deref(), Some("Root=1-2-3"));
    }
}
