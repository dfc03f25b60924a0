//! An operation of any service: found by name, read from any format, written to any format.
//!
//! This is the one place that knows which services there are; adding one means an arm in each `match`.

use proofmark_world::error::common;
use proofmark_world::{ApiError, Request, Response, Service, sns, sqs};
use serde::{Deserializer, Serialize, Serializer};

/// An operation of one of the services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Of SQS.
    Sqs(sqs::Operation),
    /// Of SNS.
    Sns(sns::Operation),
}

impl Operation {
    /// The operation of that name, if the service has one.
    pub(crate) fn find(service: Service, name: &str) -> Option<Self> {
        match service {
            Service::Sqs => sqs::Operation::from_name(name).map(Operation::Sqs),
            Service::Sns => sns::Operation::from_name(name).map(Operation::Sns),
        }
    }

    /// AWS's name of the operation.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Operation::Sqs(operation) => operation.name(),
            Operation::Sns(operation) => operation.name(),
        }
    }

    /// Reads the operation's input from any format.
    pub(crate) fn read_request<'de, D: Deserializer<'de>>(self, from: D) -> Result<Request, D::Error> {
        match self {
            Operation::Sqs(operation) => operation.read_request(from).map(Request::Sqs),
            Operation::Sns(operation) => operation.read_request(from).map(Request::Sns),
        }
    }
}

/// The output of an operation, ready for any format.
pub(crate) struct Output<'a>(pub(crate) &'a Response);

impl Output<'_> {
    /// Which operation it is an output of.
    pub(crate) const fn operation(&self) -> Operation {
        match self.0 {
            Response::Sqs(response) => Operation::Sqs(response.operation()),
            Response::Sns(response) => Operation::Sns(response.operation()),
        }
    }
}

impl Serialize for Output<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Response::Sqs(response) => response.serialize(serializer),
            Response::Sns(response) => response.serialize(serializer),
        }
    }
}

/// What is answered to a request for an operation that there is not.
pub(crate) fn unknown() -> ApiError {
    ApiError::new(&common::UNKNOWN_OPERATION, "The requested operation is not recognized by the service.")
}
