//! What the cases of the wire share: raw requests, and how to read their answers.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use proofmark_conform::{Raw, Scope, Signing, Stop};
use serde_json::Value;

/// A raw answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// A header, or an empty text.
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The text of the first XML element of that name; empty if there is none.
    pub(crate) fn element(&self, name: &str) -> String {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let rest = self.body.split_once(&open).map(|(_, rest)| rest).unwrap_or_default();
        rest.split_once(&close).map(|(text, _)| text).unwrap_or_default().to_owned()
    }

    /// The code of an error, whichever protocol it is in: the legacy code that SDKs show.
    pub(crate) fn code(&self) -> String {
        let header = self.header("x-amzn-query-error");
        let from_header = header.split(';').next().unwrap_or_default().to_owned();
        if from_header.is_empty() { self.element("Code") } else { from_header }
    }
}

/// A problem with a raw request is the harness's or the network's, not the service's.
pub(crate) fn ours(error: impl std::error::Error) -> Stop {
    Stop::Error(error.to_string())
}

/// Signs a request rightly and sends it.
pub(crate) async fn signed(scope: &Scope, request: Request<Bytes>) -> Result<Answer, Stop> {
    send(scope, request, &Signing::default()).await
}

/// Signs a request somehow and sends it.
pub(crate) async fn send(scope: &Scope, request: Request<Bytes>, how: &Signing) -> Result<Answer, Stop> {
    send_by(&scope.raw(), request, how).await
}

/// Signs a request somehow and sends it to the service that `raw` is for.
pub(crate) async fn send_by(raw: &Raw, request: Request<Bytes>, how: &Signing) -> Result<Answer, Stop> {
    let signed = raw.sign(request, how).await.map_err(ours)?;
    answer(raw, signed).await
}

/// Sends a request as it is.
pub(crate) async fn unsigned(scope: &Scope, request: Request<Bytes>) -> Result<Answer, Stop> {
    answer(&scope.raw(), request).await
}

/// Sends a request as it is, and takes the answer apart.
pub(crate) async fn answer(raw: &Raw, request: Request<Bytes>) -> Result<Answer, Stop> {
    let response: Response<Bytes> = raw.send(request).await.map_err(ours)?;
    let (head, body) = response.into_parts();
    Ok(Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

/// A request of the JSON protocol.
pub(crate) fn json(scope: &Scope, operation: &str, body: &str) -> Result<Request<Bytes>, Stop> {
    scope.raw().json(operation, body.to_owned()).map_err(ours)
}

/// A request of the Query protocol: an action and its parameters, posted to `/`.
pub(crate) fn query(scope: &Scope, action: &str, parameters: &[(&str, &str)]) -> Result<Request<Bytes>, Stop> {
    scope.raw().query(form(action, parameters)).map_err(ours)
}

/// The form of an action: escaped, with its version.
pub(crate) fn form(action: &str, parameters: &[(&str, &str)]) -> String {
    form_of("2012-11-05", action, parameters)
}

/// The same with the version of another service.
pub(crate) fn form_of(version: &str, action: &str, parameters: &[(&str, &str)]) -> String {
    let mut form = format!("Action={action}&Version={version}");
    for (name, value) in parameters {
        form.push_str(&format!("&{name}={}", escape(value)));
    }
    form
}

fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The path of a queue URL, on whatever host it names.
pub(crate) fn path_of(url: &str) -> String {
    let after_host = url.split("://").nth(1).and_then(|rest| rest.split_once('/'));
    format!("/{}", after_host.map(|(_, path)| path).unwrap_or_default())
}
