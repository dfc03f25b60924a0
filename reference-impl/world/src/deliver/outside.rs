//! What the world asks of its surroundings: HTTP posts to subscribers, and what came of them.

use std::sync::Arc;
use std::time::Duration;

/// How long a subscriber may take to answer (SNS developer guide, HTTP/S delivery).
pub const POST_TIMEOUT: Duration = Duration::from_secs(15);

/// Names a post whose outcome is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PostId(pub(crate) u64);

/// An HTTP POST to a subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Where to, with scheme; user information in it is sent only after a 401 that asks for it.
    pub url: Arc<str>,
    /// Header names, in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Arc<str>,
}

/// What came of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostOutcome {
    /// The subscriber answered.
    Answered {
        /// With this HTTP status.
        status: u16,
    },
    /// Nobody could be reached at the address.
    Unreachable {
        /// Why.
        reason: String,
    },
    /// Somebody was reached, and did not answer as HTTP asks, or in time.
    Broken {
        /// Why.
        reason: String,
    },
}
