//! The services of the world, and a request or response of any of them.

use crate::{sns, sqs};

/// An AWS service that the world implements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Amazon Simple Queue Service.
    Sqs,
    /// Amazon Simple Notification Service.
    Sns,
}

impl Service {
    /// Every service.
    pub const ALL: &'static [Service] = &[Service::Sqs, Service::Sns];

    /// The name in ARNs and in a signature's credential scope.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Service::Sqs => "sqs",
            Service::Sns => "sns",
        }
    }

    /// The service of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Service::ALL.iter().copied().find(|service| service.name() == name)
    }
}

/// A request to any service.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// To SQS.
    Sqs(sqs::Request),
    /// To SNS.
    Sns(sns::Request),
}

impl Request {
    /// The service that the request is for.
    #[must_use]
    pub const fn service(&self) -> Service {
        match self {
            Request::Sqs(_) => Service::Sqs,
            Request::Sns(_) => Service::Sns,
        }
    }

    /// AWS's name of the operation.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        match self {
            Request::Sqs(request) => request.operation().name(),
            Request::Sns(request) => request.operation().name(),
        }
    }
}

/// A response of any service.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// Of SQS.
    Sqs(sqs::Response),
    /// Of SNS.
    Sns(sns::Response),
}
