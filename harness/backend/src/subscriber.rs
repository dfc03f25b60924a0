//! An HTTP subscriber of a case: an address that takes posts, and answers as the case says.
//!
//! | Where it is | When |
//! |---|---|
//! | a function of this process | the reference without a socket, and whatever is `https` |
//! | a port on the loopback interface | everything else on this machine |

use crate::{Clock, Timestamp};
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use proofmark_reference::{Post, Reference, Reply};
use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The longest post that is kept, in bytes: the longest message with room for its envelope.
const LONGEST_POST: usize = 8 * 1024 * 1024;

/// An address that takes posts.
#[derive(Debug)]
pub struct Subscriber {
    url: String,
    shared: Arc<Shared>,
    /// Ends with the subscriber.
    _listener: Option<JoinSet<()>>,
}

#[derive(Debug)]
struct Shared {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    received: Vec<Received>,
    next: VecDeque<Reply>,
    otherwise: Reply,
}

/// One post that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// When, on the clock of the world.
    pub at: Timestamp,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

impl Subscriber {
    /// A function that answers posts of a reference. `name` tells it from others of the same world.
    pub(crate) fn in_process(reference: &Reference, clock: Arc<dyn Clock>, scheme: &str, name: &str) -> Self {
        let shared = Arc::new(Shared::new(clock));
        let url = format!("{scheme}://{name}.subscriber.test/");
        let answering = shared.clone();
        reference.subscriber(&url, move |post, at| answering.take(received(post, at)));
        Subscriber { url, shared, _listener: None }
    }

    /// A port on the loopback interface.
    pub(crate) async fn on_loopback(clock: Arc<dyn Clock>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let shared = Arc::new(Shared::new(clock));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, shared.clone()));
        Ok(Subscriber { url, shared, _listener: Some(tasks) })
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What has arrived, in the order of arrival.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.lock().received.clone()
    }

    /// Answers the next posts with these replies, one each.
    pub fn then(&self, replies: impl IntoIterator<Item = Reply>) {
        self.shared.lock().next.extend(replies);
    }

    /// Answers every other post with this reply; 200 if nothing is said.
    pub fn otherwise(&self, reply: Reply) {
        self.shared.lock().otherwise = reply;
    }
}

impl Shared {
    fn new(clock: Arc<dyn Clock>) -> Self {
        let state = State { received: Vec::new(), next: VecDeque::new(), otherwise: Reply::Status(200) };
        Shared { clock, state: Mutex::new(state) }
    }

    fn take(&self, received: Received) -> Reply {
        let mut state = self.lock();
        state.received.push(received);
        state.next.pop_front().unwrap_or(state.otherwise)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn received(post: &Post, at: Timestamp) -> Received {
    let headers = post.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Received { at, headers, body: post.body.to_string() }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, shared.clone()));
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let shared = shared.clone();
        async move { answer(request, &shared).await }
    });
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A reply that breaks the connection ends it with an error, which is what it is for.
    let _ = connection.await;
}

/// Breaks the connection instead of answering.
#[derive(Debug, thiserror::Error)]
#[error("the subscriber breaks the connection")]
struct Broken;

async fn answer(request: Request<Incoming>, shared: &Shared) -> Result<Response<Full<Bytes>>, Broken> {
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = request.headers().iter().map(header).collect();
    let body = Limited::new(request.into_body(), LONGEST_POST).collect().await.map_err(|_| Broken)?;
    let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    match shared.take(Received { at: shared.clock.now(), headers, body }) {
        Reply::Status(status) => respond(StatusCode::from_u16(status).map_err(|_| Broken)?),
        Reply::Challenge(challenge) => {
            let mut response = respond(StatusCode::UNAUTHORIZED)?;
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            Ok(response)
        }
        Reply::Hang => pending().await,
        Reply::Break | Reply::Absent => Err(Broken),
    }
}

fn respond(status: StatusCode) -> Result<Response<Full<Bytes>>, Broken> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    Ok(response)
}
