//! Letters to people, phones, devices, and to services that the reference does not run (yet): a test reads them.

use crate::Timestamp;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// Letters beyond this many push the oldest out.
pub const CAPACITY: usize = 10_000;

/// One delivered letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// When it arrived.
    pub at_milliseconds: u64,
    /// `email`, `email-json`, `sms`, `application`, `lambda` or `firehose`.
    pub protocol: &'static str,
    /// Whom it is for: an address, a number or an ARN.
    pub endpoint: Arc<str>,
    /// Subject line of an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The body, as the recipient would see it.
    pub body: String,
}

/// Where letters lie, the oldest first.
#[derive(Debug, Default)]
pub struct Inbox {
    letters: VecDeque<Letter>,
}

impl Inbox {
    pub(crate) fn push(&mut self, letter: Letter) {
        if self.letters.len() == CAPACITY {
            self.letters.pop_front();
        }
        self.letters.push_back(letter);
    }

    /// The letters, the oldest first.
    pub fn letters(&self) -> impl Iterator<Item = &Letter> {
        self.letters.iter()
    }
}

impl Letter {
    /// A letter that arrives now.
    pub(crate) fn new(now: Timestamp, protocol: &'static str, endpoint: Arc<str>, body: String) -> Self {
        Letter { at_milliseconds: now.as_millis(), protocol, endpoint, subject: None, body }
    }
}
