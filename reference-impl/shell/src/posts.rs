//! HTTP posts to subscribers: to a function of this process, or over a socket.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Subscribers`] | functions that answer posts to some URLs, at the instant of the post |
//! | [`Sender`] | posts over HTTP/1.1, within limits |
//!
//! A post over a socket counts as a request under way, so that a virtual clock waits for its outcome.

use crate::clock::real_pause;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, HeaderValue, WWW_AUTHENTICATE};
use http::uri::{Authority, Scheme};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use proofmark_world::Timestamp;
use proofmark_world::deliver::outside::{POST_TIMEOUT, Post, PostOutcome};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// What a subscriber of this process does with a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It answers with this status.
    Status(u16),
    /// It takes the post and never answers.
    Hang,
    /// It breaks the connection.
    Break,
    /// Nobody is there.
    Absent,
}

/// Called with each post and the instant of it, while the world stands still: it must not call the reference.
type Handler = Arc<dyn Fn(&Post, Timestamp) -> Reply + Send + Sync>;

/// Functions that answer posts, by what the URLs begin with.
#[derive(Clone, Default)]
pub(crate) struct Subscribers(Arc<Mutex<Vec<(String, Handler)>>>);

impl fmt::Debug for Subscribers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subscribers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        formatter.debug_list().entries(subscribers.iter().map(|(prefix, _)| prefix)).finish()
    }
}

impl Subscribers {
    pub(crate) fn add(&self, prefix: &str, handler: Handler) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((prefix.to_owned(), handler));
    }

    /// The reply of the subscriber that the post is for, if it is one of this process.
    pub(crate) fn answer(&self, post: &Post, now: Timestamp) -> Option<Reply> {
        let handler = {
            let subscribers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            subscribers.iter().find(|(prefix, _)| post.url.starts_with(prefix)).map(|(_, handler)| handler.clone())
        };
        handler.map(|handler| handler(post, now))
    }
}

impl Reply {
    /// What came of the post; `None` if nothing comes of it.
    pub(crate) fn outcome(self) -> Option<PostOutcome> {
        match self {
            Reply::Status(status) => Some(PostOutcome::Answered { status }),
            Reply::Hang => None,
            Reply::Break => Some(PostOutcome::Broken { reason: "the connection was closed".to_owned() }),
            Reply::Absent => Some(PostOutcome::Unreachable { reason: "nobody is there".to_owned() }),
        }
    }
}

/// Posts over HTTP/1.1, each on a connection of its own.
#[derive(Clone, Debug)]
pub(crate) struct Sender(Client<HttpConnector, Full<Bytes>>);

impl Default for Sender {
    fn default() -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(true);
        Sender(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
    }
}

impl Sender {
    /// Posts, and waits for the status as long as a subscriber may take; `None` if it takes longer, which the world
    /// knows by its own clock. The answer's body is not read, and redirects are not followed.
    pub(crate) async fn post(&self, post: &Post) -> Option<PostOutcome> {
        tokio::select! {
            outcome = self.exchange(post) => Some(outcome),
            () = real_pause(POST_TIMEOUT) => None,
        }
    }

    async fn exchange(&self, post: &Post) -> PostOutcome {
        let Some((uri, user)) = address(&post.url) else {
            return PostOutcome::Unreachable { reason: "not an address to post to".to_owned() };
        };
        if uri.scheme() == Some(&Scheme::HTTPS) {
            let reason = "this build has no TLS; subscribe an http:// address, or a function of the test's process";
            return PostOutcome::Unreachable { reason: reason.to_owned() };
        }
        match self.send(&uri, post, None).await {
            Ok(answer) if asks_for_password(&answer) => match user {
                Some(user) => {
                    self.send(&uri, post, Some(&user)).await.map_or_else(outcome_of, |answer| answered(&answer))
                }
                None => answered(&answer),
            },
            Ok(answer) => answered(&answer),
            Err(error) => outcome_of(error),
        }
    }

    async fn send(
        &self,
        uri: &Uri,
        post: &Post,
        user: Option<&str>,
    ) -> Result<Response<Incoming>, hyper_util::client::legacy::Error> {
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
        if let Some(mut value) = user.and_then(|user| HeaderValue::from_str(&basic(user)).ok()) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        self.0.request(request).await
    }
}

fn basic(user: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(user))
}

fn answered(answer: &Response<Incoming>) -> PostOutcome {
    PostOutcome::Answered { status: answer.status().as_u16() }
}

fn outcome_of(error: hyper_util::client::legacy::Error) -> PostOutcome {
    // The error's own text names no address, so that user information in one never reaches a log.
    match error.is_connect() {
        true => PostOutcome::Unreachable { reason: "the address could not be connected to".to_owned() },
        false => PostOutcome::Broken { reason: error.to_string() },
    }
}

fn asks_for_password(answer: &Response<Incoming>) -> bool {
    let scheme = answer.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    answer.status() == StatusCode::UNAUTHORIZED && scheme.to_ascii_lowercase().starts_with("basic")
}

/// The address without its user information, and that.
fn address(url: &str) -> Option<(Uri, Option<String>)> {
    let uri: Uri = url.parse().ok()?;
    let mut parts = uri.into_parts();
    let authority = parts.authority.take()?;
    let (user, host) = match authority.as_str().rsplit_once('@') {
        Some((user, host)) => (Some(user.to_owned()), host.to_owned()),
        None => (None, authority.as_str().to_owned()),
    };
    parts.authority = Some(host.parse::<Authority>().ok()?);
    parts.path_and_query.get_or_insert_with(|| http::uri::PathAndQuery::from_static("/"));
    Some((Uri::from_parts(parts).ok()?, user))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_information_stays_out_of_the_address() {
        let (uri, user) = address("http://jack:secret@localhost:8080/inbox?a=1").unwrap();
        assert_eq!(
            (uri.to_string().as_str(), user.as_deref()),
            ("http://localhost:8080/inbox?a=1", Some("jack:secret"))
        );
        assert_eq!(address("http://localhost").unwrap().0.path(), "/");
        assert!(address("nonsense").is_none());
    }
}
