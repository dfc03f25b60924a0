//! Amazon SQS.

pub mod api;

use crate::world::{Common, Ticket};
use crate::{Answer, Caller, Timestamp};
pub use api::{Operation, Request, Response};

/// SQS in every account and Region.
#[derive(Debug, Default)]
pub(crate) struct Sqs {}

/// What SQS has on the agenda.
#[derive(Debug)]
pub(crate) enum Due {}

impl Sqs {
    /// Carries out one request.
    pub(crate) fn call(&mut self, common: &mut Common, now: Timestamp, caller: &Caller, request: Request) -> Answer {
        let _ = (common, now, caller, request);
        Answer::Now(Ok(crate::Response::Sqs(Response::DeleteQueue(api::Empty {}))))
    }

    /// Does what the agenda says.
    pub(crate) fn run(&mut self, common: &mut Common, now: Timestamp, due: Due) {
        let _ = (common, now);
        match due {}
    }

    /// Forgets a waiting receive.
    pub(crate) fn cancel(&mut self, _ticket: Ticket) {}

    /// Answers every waiting receive with nothing.
    pub(crate) fn end_waits(&mut self, _common: &mut Common, _now: Timestamp) {}
}
