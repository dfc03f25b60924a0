//! HTTP posts to subscribers: to a function of this process, or over a socket.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Subscribers`] | functions that answer posts to some URLs, at the instant of the post |
//! | `sender` | posts over HTTP/1.1, within limits |
//! | `trust` | which certificates of `https` subscribers are good |
//! | `authentication` | names and passwords, when a subscriber asks for them |
//!
//! A post over a socket counts as a request under way, so that a virtual clock waits for its outcome.

mod authentication;
mod sender;
mod trust;

pub(crate) use sender::Sender;
pub use trust::NoCertificate;
pub(crate) use trust::Trust;

use authentication::{authorized, split_user};
use proofmark_world::Timestamp;
use proofmark_world::deliver::outside::{Post, PostOutcome};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// What a subscriber of this process does with a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It answers with this status.
    Status(u16),
    /// It answers 401, and asks for a name and a password with this `WWW-Authenticate`.
    Challenge(&'static str),
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

    /// The reply of the subscriber that the post is for, if it is one of this process. One that asks for a name and
    /// a password gets the post again with them, if its URL has them.
    pub(crate) fn answer(&self, post: &Post, now: Timestamp) -> Option<Reply> {
        let handler = self.handler(&post.url)?;
        let reply = handler(post, now);
        let Reply::Challenge(challenge) = reply else { return Some(reply) };
        Some(authorized(post, [challenge]).map_or(reply, |post| handler(&post, now)))
    }

    fn handler(&self, url: &str) -> Option<Handler> {
        let (address, _) = split_user(url);
        let subscribers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = subscribers.iter().find(|(prefix, _)| address.starts_with(prefix))?;
        Some(found.1.clone())
    }
}

impl Reply {
    /// What came of the post; `None` if nothing comes of it.
    pub(crate) fn outcome(self) -> Option<PostOutcome> {
        match self {
            Reply::Status(status) => Some(PostOutcome::Answered { status }),
            Reply::Challenge(_) => Some(PostOutcome::Answered { status: 401 }),
            Reply::Hang => None,
            Reply::Break => Some(PostOutcome::Broken { reason: "the connection was closed".to_owned() }),
            Reply::Absent => Some(PostOutcome::Unreachable { reason: "nobody is there".to_owned() }),
        }
    }
}
