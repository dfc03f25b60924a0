//! The one road between services, and to the outside: every source of events delivers by it.
//!
//! | Item | What it is |
//! |---|---|
//! | [`schedule`] | when a failed delivery is tried again |
//! | [`Road`] | carries a parcel to a queue, a web server or the inbox, at one instant |
//! | [`Failure`] | why it did not arrive, which decides whether it is tried again |
//! | [`outside`] | what the world asks of its surroundings: HTTP posts and their outcomes |
//! | [`inbox`] | where letters to people, phones, devices, functions and streams lie |

pub mod inbox;
pub mod outside;
pub mod schedule;

use crate::identity::Arn;
use crate::sqs::{Consignment, Sqs};
use crate::world::{Common, PostOwner};
use crate::{Effect, Timestamp};
use inbox::Letter;
use outside::Post;

/// Why a delivery did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It can never arrive: the endpoint is gone, or refuses. Not tried again.
    Client(Refusal),
    /// The endpoint failed. Tried again.
    Server(Refusal),
    /// The endpoint takes no more for now. Tried again.
    Throttled(Refusal),
}

/// What the endpoint answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// HTTP status, as delivery logs show it.
    pub(crate) status: u16,
    /// The provider's words.
    pub(crate) response: String,
}

impl Failure {
    pub(crate) fn client(status: u16, response: impl Into<String>) -> Self {
        Failure::Client(Refusal { status, response: response.into() })
    }

    pub(crate) fn server(status: u16, response: impl Into<String>) -> Self {
        Failure::Server(Refusal { status, response: response.into() })
    }

    pub(crate) fn throttled(status: u16, response: impl Into<String>) -> Self {
        Failure::Throttled(Refusal { status, response: response.into() })
    }

    pub(crate) const fn refusal(&self) -> &Refusal {
        match self {
            Failure::Client(refusal) | Failure::Server(refusal) | Failure::Throttled(refusal) => refusal,
        }
    }
}

/// Carries parcels, at one instant.
pub(crate) struct Road<'a> {
    pub(crate) common: &'a mut Common,
    pub(crate) sqs: &'a mut Sqs,
    pub(crate) now: Timestamp,
}

impl Road<'_> {
    /// Puts a message into a queue, on behalf of the resource `source` of a service.
    pub(crate) fn put_in_queue(&mut self, queue: &Arn, parcel: Consignment<'_>) -> Result<(), Failure> {
        self.sqs.deliver(self.common, self.now, queue, parcel)
    }

    /// Leaves a letter in the inbox.
    pub(crate) fn leave_letter(&mut self, letter: Letter) {
        self.common.seen.inbox.push(letter);
    }

    /// Asks the surroundings to post; the outcome comes back to `owner`.
    pub(crate) fn post(&mut self, post: Post, owner: PostOwner) {
        let id = self.common.issue_post(owner, self.now);
        self.common.effect(Effect::Post { id, post: Box::new(post) });
    }

    /// Whether the knobs let a parcel through to an endpoint. To be asked first, because a parcel can be dear to make.
    pub(crate) fn reach(&self, endpoint: &str) -> Result<(), Failure> {
        let outages = &self.common.config.outages;
        match outages.iter().find(|outage| outage.concerns(endpoint, self.now)) {
            Some(outage) => Err(outage.failure()),
            None => Ok(()),
        }
    }
}
