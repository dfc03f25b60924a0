//! The load client: it writes prebuilt bytes and reads an answer by its length.

use crate::figures::Rate;
use proofmark_reference::clock::{Clock, WallClock};
use proofmark_world::Timestamp;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How much longer than asked for a block may take before the server is taken to hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection to a server, made anew whenever the server has closed it.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    received: Vec<u8>,
}

/// What the head of an answer says.
struct Head {
    body_at: usize,
    body_bytes: usize,
    successful: bool,
    closes: bool,
}

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Connection { address, stream: None, received: Vec::with_capacity(4_096) }
    }

    /// Sends a request and returns the answer's body. Anything but a success is an error.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> io::Result<&[u8]> {
        // A server may close a connection that had nothing to do; the next request opens another.
        let reused = self.stream.is_some();
        match self.try_exchange(request).await {
            Err(error) if reused && error.kind() == io::ErrorKind::UnexpectedEof => {
                self.stream = None;
                self.try_exchange(request).await?;
            }
            outcome => outcome?,
        }
        let body_at = Head::read(&self.received).map_or(0, |head| head.body_at);
        Ok(&self.received[body_at..])
    }

    async fn try_exchange(&mut self, request: &[u8]) -> io::Result<()> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(stream);
        }
        let Some(stream) = &mut self.stream else { return Err(io::ErrorKind::NotConnected.into()) };
        stream.write_all(request).await?;
        self.received.clear();
        let head = loop {
            if stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let complete = |head: &Head| self.received.len() >= head.body_at + head.body_bytes;
            if let Some(head) = Head::read(&self.received).filter(complete) {
                break head;
            }
        };
        if head.closes {
            self.stream = None;
        }
        if head.successful {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&self.received).into_owned()))
    }
}

impl Head {
    /// Reads a head; `None` if it is not all there yet.
    fn read(received: &[u8]) -> Option<Head> {
        let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
        let first = received.get(..12)?;
        let mut head = Head {
            body_at: end + 4,
            body_bytes: 0,
            successful: &first[9..] == b"200",
            closes: first.starts_with(b"HTTP/1.0"),
        };
        for line in received[..end].split(|&byte| byte == b'\n').skip(1) {
            if let Some(length) = value_of(line, b"content-length:") {
                head.body_bytes = length.parse().ok()?;
            } else if let Some(option) = value_of(line, b"connection:") {
                head.closes = option.eq_ignore_ascii_case("close");
            }
        }
        Some(head)
    }
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let (start, value) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then(|| std::str::from_utf8(value).unwrap_or_default().trim())
}

/// One request for one server, over many connections.
#[derive(Debug)]
pub(crate) struct Load {
    name: String,
    request: Arc<[u8]>,
    idle: Vec<Connection>,
}

/// A server, and the request that it is to be asked.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) request: Vec<u8>,
}

impl Load {
    /// Opens the connections, and sees to it that each of them gets an answer.
    pub(crate) async fn new(name: &str, target: Target, connections: usize) -> Self {
        let mut idle = Vec::with_capacity(connections);
        for _ in 0..connections {
            let mut connection = Connection::to(target.address);
            connection.exchange(&target.request).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            idle.push(connection);
        }
        Load { name: name.to_owned(), request: target.request.into(), idle }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Asks on all connections, as fast as the answers come, for that long.
    pub(crate) async fn block(&mut self, clock: &WallClock, duration: Duration) -> Rate {
        let started = clock.now();
        let mut asking = JoinSet::new();
        for connection in self.idle.drain(..) {
            asking.spawn(ask_until(connection, self.request.clone(), clock.clone(), started + duration));
        }
        let guard = clock.sleep(duration + PATIENCE);
        let asked = tokio::select! {
            asked = asking.join_all() => asked,
            () = guard => panic!("{} does not answer any more", self.name),
        };
        let took = clock.now().since(started);
        let mut requests = 0;
        for (connection, answered) in asked {
            self.idle.push(connection);
            requests += answered.unwrap_or_else(|error| panic!("{}: {error}", self.name));
        }
        Rate { requests, took }
    }
}

async fn ask_until(
    mut connection: Connection,
    request: Arc<[u8]>,
    clock: WallClock,
    end: Timestamp,
) -> (Connection, io::Result<u64>) {
    let mut answered = 0;
    while clock.now() < end {
        if let Err(error) = connection.exchange(&request).await {
            return (connection, Err(error));
        }
        answered += 1;
    }
    (connection, Ok(answered))
}
