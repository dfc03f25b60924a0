//! Posts over a socket: HTTP/1.1, with TLS for `https`, within limits.

use super::authentication::{authorized, split_user};
use super::trust::Trust;
use crate::clock::real_pause;
use bytes::Bytes;
use http::header::{HOST, HeaderValue, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use proofmark_world::deliver::outside::{POST_TIMEOUT, Post, PostOutcome};
use std::error::Error;
use std::sync::OnceLock;

/// The longest head of an answer that is read, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

type Posting = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;
type PostingError = hyper_util::client::legacy::Error;

/// Posts over HTTP/1.1, each on a connection of its own.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    trust: Trust,
    /// Made for the first post, as most worlds never post over a socket.
    client: OnceLock<Posting>,
}

impl Sender {
    /// Posts to `https` subscribers whose certificates `trust` vouches for.
    pub(crate) fn new(trust: Trust) -> Self {
        Sender { trust, client: OnceLock::new() }
    }

    /// Posts, and waits for the status as long as a subscriber may take; `None` if it takes longer, which the world
    /// knows by its own clock. The answer's body is not read, and redirects are not followed.
    pub(crate) async fn post(&self, post: &Post) -> Option<PostOutcome> {
        tokio::select! {
            outcome = self.exchange(post) => Some(outcome),
            () = real_pause(POST_TIMEOUT) => None,
        }
    }

    async fn exchange(&self, post: &Post) -> PostOutcome {
        let Some(uri) = address(&post.url) else {
            return PostOutcome::Unreachable { reason: "not an address to post to".to_owned() };
        };
        let answer = match self.send(&uri, post).await {
            Ok(answer) if answer.status() == StatusCode::UNAUTHORIZED => match authorized(post, challenges(&answer)) {
                Some(post) => self.send(&uri, &post).await,
                None => Ok(answer),
            },
            answer => answer,
        };
        answer
            .map_or_else(|error| outcome_of(&error), |answer| PostOutcome::Answered { status: answer.status().into() })
    }

    async fn send(&self, uri: &Uri, post: &Post) -> Result<Response<Incoming>, PostingError> {
        let mut request = Request::new(Full::new(Bytes::copy_from_slice(post.body.as_bytes())));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = uri.clone();
        let headers = request.headers_mut();
        for (name, value) in &post.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(*name, value);
            }
        }
        if let Some(host) = uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok()) {
            headers.insert(HOST, host);
        }
        self.client().request(request).await
    }

    fn client(&self) -> &Posting {
        self.client.get_or_init(|| {
            let connector = HttpsConnectorBuilder::new().with_tls_config(self.trust.client_config());
            let mut client = Client::builder(TokioExecutor::new());
            client.pool_max_idle_per_host(0).http1_max_buf_size(LONGEST_HEAD);
            client.build(connector.https_or_http().enable_http1().build())
        })
    }
}

fn challenges(answer: &Response<Incoming>) -> impl Iterator<Item = &str> {
    answer.headers().get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok())
}

/// The error's own text names no address, so that user information in one never reaches a log.
fn outcome_of(error: &PostingError) -> PostOutcome {
    if let Some(rustls::Error::InvalidCertificate(_)) = tls_error(error) {
        let reason = "its certificate is not signed by a known authority, or not for this name; an authority of your \
                      own is made known with `proofmark serve --trust-ca FILE`, or `Builder::trust_authority`";
        return PostOutcome::Unreachable { reason: reason.to_owned() };
    }
    match error.is_connect() {
        true => PostOutcome::Unreachable { reason: "the address could not be connected to".to_owned() },
        false => PostOutcome::Broken { reason: error.to_string() },
    }
}

/// The TLS error at the bottom of an error. One that I/O errors carry is not among their sources.
fn tls_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    if let Some(tls) = error.downcast_ref() {
        return Some(tls);
    }
    match error.downcast_ref::<std::io::Error>() {
        Some(carrier) => tls_error(carrier.get_ref()?),
        None => tls_error(error.source()?),
    }
}

/// Where to post, without user information.
fn address(url: &str) -> Option<Uri> {
    let uri: Uri = split_user(url).0.parse().ok()?;
    let mut parts = uri.into_parts();
    parts.authority.as_ref()?;
    parts.path_and_query.get_or_insert_with(|| http::uri::PathAndQuery::from_static("/"));
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_path() {
        assert_eq!(address("https://jack:secret@localhost/inbox?a=1").unwrap(), "https://localhost/inbox?a=1");
        assert_eq!(address("http://localhost").unwrap().path(), "/");
        assert!(address("nonsense").is_none());
        assert!(address("/only/a/path").is_none());
    }
}
