//! The reference on a port: HTTP/1.1 and HTTP/2 without TLS.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Server`] | what is served and within which [`Limits`]; [`Server::serve`] starts it |
//! | [`ServerHandle`] | the address, and the way to stop |
//! | [`Counting`] | who counts requests as outstanding |
//! | `control` | `/_proofmark/`: clock, reset, freedom, faults, health |
//!
//! Stopping ends long polls, answers everything that was accepted, and then closes the port.

mod control;

use crate::Reference;
use crate::activity::Outstanding;
use crate::clock::{pause_timer, real_pause};
use bytes::Bytes;
use control::Control;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use proofmark_world::ApiError;
use proofmark_world::error::common::REQUEST_TOO_LARGE;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// What a client may take and send. Times are real, whatever the world's clock.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest request body in bytes: AWS's largest message (1 MiB), base64 and form encoding included.
    pub body_bytes: usize,
    /// The longest request head in bytes.
    pub head_bytes: usize,
    /// How long a client may take to send a request's head.
    pub head_read: Duration,
    /// How long a client may take to send a request's body.
    pub body_read: Duration,
    /// How long clients may take to fetch their last answers when the server stops.
    pub farewell: Duration,
}

impl Default for Limits {
    /// 4 MiB of body, 64 KiB of head, 30 seconds for either, 10 seconds to say good-bye.
    fn default() -> Self {
        Limits {
            body_bytes: 4 * 1024 * 1024,
            head_bytes: 64 * 1024,
            head_read: Duration::from_secs(30),
            body_read: Duration::from_secs(30),
            farewell: Duration::from_secs(10),
        }
    }
}

/// Who counts requests as outstanding, which decides when a virtual clock may leap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counting {
    /// The server, from a request's head to its answer: for clients of any kind.
    #[default]
    ByServer,
    /// The client, on its side of the socket, through [`Reference::activity`]: exact, for clients of this process.
    ByClient,
}

/// A reference about to be served.
#[derive(Clone, Debug)]
pub struct Server {
    reference: Reference,
    counting: Counting,
    limits: Limits,
}

impl Server {
    /// Serves `reference`.
    #[must_use]
    pub fn new(reference: Reference) -> Self {
        Server { reference, counting: Counting::default(), limits: Limits::default() }
    }

    /// Who counts requests.
    #[must_use]
    pub fn counting(mut self, counting: Counting) -> Self {
        self.counting = counting;
        self
    }

    /// Other limits than the default ones.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Starts to accept connections, on the runtime that this is called on.
    ///
    /// # Errors
    /// If the listener does not know its address.
    pub fn serve(self, listener: TcpListener) -> io::Result<ServerHandle> {
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let control = Control::new(self.reference.clone(), address);
        let shared = Arc::new(Shared { server: self, control, stopped });
        let task = tokio::spawn(accept(shared, listener));
        Ok(ServerHandle { address, stop, task })
    }
}

/// A running server. Dropping it stops the server without waiting for it.
#[derive(Debug)]
pub struct ServerHandle {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl ServerHandle {
    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as a URL without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops accepting, ends long polls, answers what was accepted, then returns.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        // A panic in the accept loop has been reported by its thread already; the port is closed either way.
        let _ = self.task.await;
    }
}

#[derive(Debug)]
struct Shared {
    server: Server,
    control: Control,
    stopped: watch::Receiver<bool>,
}

async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut stopped = shared.stopped.clone();
    loop {
        tokio::select! {
            biased;
            () = stop_of(&mut stopped) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(converse(shared.clone(), stream, graceful.watcher()))),
                // Out of file descriptors, most likely: let some connections end before trying again.
                Err(_) => real_pause(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => (),
        }
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => (),
        () = real_pause(shared.server.limits.farewell) => (),
    }
}

/// Waits until the server is told to stop, or its handle is gone.
async fn stop_of(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Serves one connection. Whatever is wrong with it ends it and nothing else.
async fn converse(shared: Arc<Shared>, stream: TcpStream, watcher: hyper_util::server::graceful::Watcher) {
    let limits = shared.server.limits;
    let mut stopped = shared.stopped.clone();
    let mut first_byte = [0];
    let spoke = tokio::select! {
        () = stop_of(&mut stopped) => false,
        () = real_pause(limits.head_read) => false,
        peeked = stream.peek(&mut first_byte) => peeked.is_ok_and(|bytes| bytes > 0),
    };
    if !spoke || stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request| {
        let shared = shared.clone();
        async move { Ok::<_, Infallible>(shared.handle(request).await.map(Full::new)) }
    });
    let builder = connection_builder(limits);
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    // A client that breaks off or talks nonsense has been told what HTTP can tell it.
    let _ = watcher.watch(connection).await;
}

fn connection_builder(limits: Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(pause_timer()).header_read_timeout(limits.head_read).max_buf_size(limits.head_bytes);
    let head_bytes = u32::try_from(limits.head_bytes).unwrap_or(u32::MAX);
    builder.http2().timer(pause_timer()).max_header_list_size(head_bytes);
    builder
}

/// Why a request's body did not arrive.
enum BodyError {
    TooLarge,
    TooSlow,
    Broken,
}

impl Shared {
    async fn handle(&self, request: Request<Incoming>) -> Response<Bytes> {
        let _outstanding = self.count(&request);
        let (parts, body) = request.into_parts();
        let (request, body) = match self.read(body).await {
            Ok(body) => (Request::from_parts(parts, body), None),
            Err(error) => (Request::from_parts(parts, Bytes::new()), Some(error)),
        };
        match body {
            None if control::concerns(&request) => self.control.answer(&request).await,
            None => self.answer(request).await,
            Some(BodyError::TooLarge) => self.server.reference.refuse(&request, too_large()),
            Some(BodyError::TooSlow) => status(StatusCode::REQUEST_TIMEOUT),
            Some(BodyError::Broken) => status(StatusCode::BAD_REQUEST),
        }
    }

    fn count(&self, request: &Request<Incoming>) -> Option<Outstanding> {
        let counts = self.server.counting == Counting::ByServer && !control::concerns(request);
        counts.then(|| self.server.reference.activity().begin())
    }

    async fn read(&self, body: Incoming) -> Result<Bytes, BodyError> {
        let limits = self.server.limits;
        if body.size_hint().lower() > limits.body_bytes as u64 {
            return Err(BodyError::TooLarge);
        }
        tokio::select! {
            biased;
            body = Limited::new(body, limits.body_bytes).collect() => match body {
                Ok(body) => Ok(body.to_bytes()),
                Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
                Err(_) => Err(BodyError::Broken),
            },
            () = real_pause(limits.body_read) => Err(BodyError::TooSlow),
        }
    }

    /// The world's answer. When the server stops meanwhile, waits end at once.
    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let mut stopped = self.stopped.clone();
        let mut answer = std::pin::pin!(self.server.reference.answer(request));
        tokio::select! {
            biased;
            response = &mut answer => return response,
            () = stop_of(&mut stopped) => self.server.reference.end_waits(),
        }
        answer.await
    }
}

fn too_large() -> ApiError {
    ApiError::new(&REQUEST_TOO_LARGE, "Request entity is too large.")
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
