//! The wire exchange of a case, so that a failure can show it: secrets are taken out when it is recorded,
//! account ids when it is shown.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Tape`] | the latest exchanges, and the count of all requests |
//! | [`Exchange`] | one request and what came of it |
//! | `Taped` | the connector that records |

use crate::Meter;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use bytes::Bytes;
use http::HeaderMap;
use proofmark_reference::bodies::{plain_request, plain_response, sdk_request, sdk_response};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many bytes of a body are kept.
const BODY_BYTES: usize = 4 * 1024;

/// How many exchanges are kept, the latest.
const EXCHANGES: usize = 64;

/// Headers and query parameters that carry or reveal credentials.
const SECRET: [&str; 6] =
    ["authorization", "x-amz-security-token", "x-amz-credential", "x-amz-signature", "cookie", "set-cookie"];

/// The one header that the SDK draws at random: without it, the same run leaves the same tape.
const RANDOM: &str = "amz-sdk-invocation-id";

/// Records what goes over the wire. Clones are the same tape.
#[derive(Clone, Debug, Default)]
pub struct Tape(Arc<Mutex<Reel>>);

#[derive(Default)]
struct Reel {
    requests: u32,
    refused: bool,
    exchanges: VecDeque<Recorded>,
    answers: Sha256,
}

impl fmt::Debug for Reel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Reel({} requests)", self.requests)
    }
}

/// An exchange as it is kept. It becomes text, and is masked, only when somebody asks: most cases pass.
struct Recorded {
    number: u32,
    method: http::Method,
    uri: http::Uri,
    request: Kept,
    response: Option<(u16, Kept)>,
    error: Option<String>,
}

/// Headers without secrets, and the beginning of the body.
struct Kept {
    headers: HeaderMap,
    body: Bytes,
    body_bytes: usize,
}

/// One request and its response, fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// The how many-th request of the case, from 1.
    pub number: u32,
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// What was sent.
    pub request: Message,
    /// The HTTP status; absent if no response came.
    pub status: Option<u16>,
    /// What came back, if anything did.
    pub response: Option<Message>,
    /// Why nothing came back.
    pub error: Option<String>,
}

/// Headers and body of one direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Names and values, secrets removed.
    pub headers: Vec<(String, String)>,
    /// The body as text, at most 4 KiB of it.
    pub body: String,
    /// The length of the whole body in bytes.
    pub body_bytes: usize,
}

impl Tape {
    /// How many requests there were.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.lock().requests
    }

    /// Whether the meter refused to let a request through.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.lock().refused
    }

    pub(crate) fn refuse(&self) {
        self.lock().refused = true;
    }

    /// The latest 64 exchanges, in the order in which they began.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.lock().exchanges.iter().map(Recorded::show).collect()
    }

    /// A digest of every answer so far, in hexadecimal: equal for two runs whose answers were the same, byte for byte.
    ///
    /// Requests are left out: the SDK writes maps in an order of its own.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(self.lock().answers.clone().finalize())
    }

    fn sent(&self, request: &http::Request<Bytes>) -> u32 {
        let mut reel = self.lock();
        reel.requests += 1;
        if reel.exchanges.len() == EXCHANGES {
            reel.exchanges.pop_front();
        }
        let number = reel.requests;
        reel.exchanges.push_back(Recorded {
            number,
            method: request.method().clone(),
            uri: request.uri().clone(),
            request: Kept::of(request.headers(), request.body()),
            response: None,
            error: None,
        });
        number
    }

    fn finish(&self, number: u32, fill: impl FnOnce(&mut Recorded)) {
        let mut reel = self.lock();
        if let Some(recorded) = reel.exchanges.iter_mut().rfind(|recorded| recorded.number == number) {
            fill(recorded);
        }
    }

    fn received(&self, number: u32, response: &http::Response<Bytes>) {
        let kept = Kept::of(response.headers(), response.body());
        let mut reel = self.lock();
        reel.answers.update(response.status().as_u16().to_be_bytes());
        reel.answers.update(response.body());
        drop(reel);
        self.finish(number, |recorded| recorded.response = Some((response.status().as_u16(), kept)));
    }

    fn failed(&self, number: u32, error: &ConnectorError) {
        let text = crate::chain(error);
        self.finish(number, |recorded| recorded.error = Some(text));
    }

    fn lock(&self) -> MutexGuard<'_, Reel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_secret(name: &str) -> bool {
    SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

impl Recorded {
    fn show(&self) -> Exchange {
        Exchange {
            number: self.number,
            method: self.method.to_string(),
            path: path(&self.uri),
            request: self.request.show(),
            status: self.response.as_ref().map(|(status, _)| *status),
            response: self.response.as_ref().map(|(_, kept)| kept.show()),
            error: self.error.as_deref().map(mask),
        }
    }
}

impl Kept {
    fn of(headers: &HeaderMap, body: &Bytes) -> Self {
        let mut headers = headers.clone();
        for name in SECRET.iter().chain([&RANDOM]) {
            headers.remove(*name);
        }
        let beginning = Bytes::copy_from_slice(&body[..body.len().min(BODY_BYTES)]);
        Kept { headers, body: beginning, body_bytes: body.len() }
    }

    fn show(&self) -> Message {
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.to_string(), mask(&String::from_utf8_lossy(value.as_bytes())))
        };
        Message {
            headers: self.headers.iter().map(header).collect(),
            body: mask_body(&String::from_utf8_lossy(&self.body)),
            body_bytes: self.body_bytes,
        }
    }
}

fn path(uri: &http::Uri) -> String {
    match uri.query() {
        None => mask(uri.path()),
        Some(query) => format!("{}?{}", mask(uri.path()), mask_query(query)),
    }
}

/// A body that is a form may carry a signature in its fields.
fn mask_body(body: &str) -> String {
    if body.contains("X-Amz-") { mask_query(body) } else { mask(body) }
}

fn mask_query(query: &str) -> String {
    let fields = query.split('&').map(|field| match field.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}=***"),
        _ => mask(field),
    });
    fields.collect::<Vec<_>>().join("&")
}

/// Replaces every run of exactly twelve digits, which is how an account id looks.
pub(crate) fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        let digits = rest[start..].find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len() - start);
        masked.push_str(&rest[..start]);
        masked.push_str(if digits == 12 { "************" } else { &rest[start..start + digits] });
        rest = &rest[start + digits..];
    }
    masked + rest
}

/// Records every exchange of `inner` on `tape`, as long as `meter` allows one.
#[derive(Clone, Debug)]
pub(crate) struct Taped {
    pub(crate) inner: SharedHttpConnector,
    pub(crate) tape: Tape,
    pub(crate) meter: Meter,
}

impl Taped {
    fn spend(&self) -> Result<(), ConnectorError> {
        self.meter.spend().map_err(|exhausted| {
            self.tape.refuse();
            ConnectorError::user(exhausted.into())
        })
    }
}

impl HttpConnector for Taped {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            this.spend()?;
            let request = plain_request(request).await?;
            let number = this.tape.sent(&request);
            let response = match exchange(&this.inner, request).await {
                Ok(response) => response,
                Err(error) => {
                    this.tape.failed(number, &error);
                    return Err(error);
                }
            };
            this.tape.received(number, &response);
            sdk_response(response)
        })
    }
}

/// Sends a request in memory through an SDK connector and collects the response.
pub(crate) async fn exchange(
    connector: &SharedHttpConnector,
    request: http::Request<Bytes>,
) -> Result<http::Response<Bytes>, ConnectorError> {
    plain_response(connector.call(sdk_request(request)?).await?).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_are_masked_and_other_numbers_are_not() {
        assert_eq!(mask("arn:aws:sqs:us-east-1:123456789012:q"), "arn:aws:sqs:us-east-1:************:q");
        assert_eq!(mask("1767225600000 1"), "1767225600000 1");
        assert_eq!(mask("123456789012"), "************");
    }

    #[test]
    fn credentials_never_reach_the_tape() {
        let tape = Tape::default();
        let request = http::Request::builder()
            .uri("https://sqs.us-east-1.amazonaws.com/?Action=ListQueues&X-Amz-Signature=hush&X-Amz-Credential=hush")
            .header("Authorization", "hush")
            .header("X-Amz-Security-Token", "hush")
            .header("X-Amz-Date", "20260101T000000Z");
        tape.sent(&request.body(Bytes::from("Action=x&X-Amz-Signature=hush")).unwrap());
        let shown = format!("{:?}", tape.exchanges());
        assert!(!shown.contains("hush"), "{shown}");
        assert!(shown.contains("20260101T000000Z") && shown.contains("Action=ListQueues"), "{shown}");
    }

    #[test]
    fn a_long_body_is_cut_and_an_old_exchange_forgotten() {
        let tape = Tape::default();
        for _ in 0..EXCHANGES + 3 {
            tape.sent(&http::Request::new(Bytes::from(vec![b'x'; BODY_BYTES + 1])));
        }
        let exchanges = tape.exchanges();
        assert_eq!((tape.requests(), exchanges.len(), exchanges[0].number), (67, EXCHANGES, 4));
        assert_eq!((exchanges[0].request.body.len(), exchanges[0].request.body_bytes), (BODY_BYTES, BODY_BYTES + 1));
    }
}
