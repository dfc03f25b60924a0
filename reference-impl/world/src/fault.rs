//! What may go wrong, on demand and in a window of time: [`Fault`]s strike requests, [`Outage`]s strike deliveries.

use crate::deliver::Failure;
use crate::error::{ApiError, common};
use crate::{Request, Timestamp};
use serde::{Deserialize, Serialize};

/// What a fault does to a request that it strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultAction {
    /// 400 `Throttling`, `Rate exceeded`.
    Throttle,
    /// 500 `InternalFailure`; the request is not carried out.
    InternalFailure,
    /// 503 `ServiceUnavailable`; the request is not carried out.
    Unavailable,
    /// The request is carried out, and its answer comes this many milliseconds later.
    DelayAnswer {
        /// How much later.
        milliseconds: u64,
    },
}

/// A fault and when it strikes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What happens.
    pub action: FaultAction,
    /// Only requests to this service (`sqs`); all services if absent.
    #[serde(default)]
    pub service: Option<String>,
    /// Only this operation (`SendMessage`); all operations if absent.
    #[serde(default)]
    pub operation: Option<String>,
    /// The share of requests it strikes, 0 to 1; all of them if absent.
    #[serde(default = "always")]
    pub probability: f64,
    /// From when on, in milliseconds since the epoch; from the beginning if absent.
    #[serde(default)]
    pub from_milliseconds: u64,
    /// Until when, in milliseconds since the epoch; for ever if absent.
    #[serde(default)]
    pub until_milliseconds: Option<u64>,
}

const fn always() -> f64 {
    1.0
}

impl Fault {
    /// A fault that strikes every request.
    #[must_use]
    pub fn new(action: FaultAction) -> Self {
        Fault {
            action,
            service: None,
            operation: None,
            probability: 1.0,
            from_milliseconds: 0,
            until_milliseconds: None,
        }
    }

    /// Only for one operation of one service.
    #[must_use]
    pub fn on(mut self, service: &str, operation: &str) -> Self {
        self.service = Some(service.to_owned());
        self.operation = Some(operation.to_owned());
        self
    }

    /// Whether the fault concerns `request` at `now`; chance is left to the caller.
    #[must_use]
    pub fn concerns(&self, request: &Request, now: Timestamp) -> bool {
        let millis = now.as_millis();
        let in_window = millis >= self.from_milliseconds && self.until_milliseconds.is_none_or(|until| millis < until);
        in_window
            && self.service.as_deref().is_none_or(|service| service == request.service().name())
            && self.operation.as_deref().is_none_or(|operation| operation == request.operation())
    }
}

impl FaultAction {
    /// The error that the fault answers with, if it answers at all.
    #[must_use]
    pub fn error(self) -> Option<ApiError> {
        match self {
            FaultAction::Throttle => Some(ApiError::new(&common::THROTTLING, "Rate exceeded")),
            FaultAction::InternalFailure => {
                Some(ApiError::new(&common::INTERNAL_FAILURE, "We encountered an internal error. Please try again."))
            }
            FaultAction::Unavailable => {
                Some(ApiError::new(&common::SERVICE_UNAVAILABLE, "Service is currently unavailable."))
            }
            FaultAction::DelayAnswer { .. } => None,
        }
    }
}

/// How an endpoint fails while it is down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutageKind {
    /// With a 503, which is tried again.
    #[default]
    ServerError,
    /// With a 403, which is not tried again.
    ClientError,
    /// With a 429, which is tried again.
    Throttle,
}

/// An endpoint that is down for a while: deliveries to it fail without reaching it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// The endpoint, as subscriptions name it: an ARN, a URL, an address. A `*` at its end stands for anything.
    pub endpoint: String,
    /// How it fails.
    #[serde(default)]
    pub kind: OutageKind,
    /// From when on, in milliseconds since the epoch; from the beginning if absent.
    #[serde(default)]
    pub from_milliseconds: u64,
    /// Until when, in milliseconds since the epoch; for ever if absent.
    #[serde(default)]
    pub until_milliseconds: Option<u64>,
}

impl Outage {
    /// An outage of one endpoint, from the beginning and for ever.
    #[must_use]
    pub fn of(endpoint: &str) -> Self {
        let kind = OutageKind::ServerError;
        Outage { endpoint: endpoint.to_owned(), kind, from_milliseconds: 0, until_milliseconds: None }
    }

    /// Whether deliveries to `endpoint` fail at `now`.
    #[must_use]
    pub fn concerns(&self, endpoint: &str, now: Timestamp) -> bool {
        let millis = now.as_millis();
        let in_window = millis >= self.from_milliseconds && self.until_milliseconds.is_none_or(|until| millis < until);
        in_window
            && match self.endpoint.strip_suffix('*') {
                Some(beginning) => endpoint.starts_with(beginning),
                None => endpoint == self.endpoint,
            }
    }

    pub(crate) fn failure(&self) -> Failure {
        match self.kind {
            OutageKind::ServerError => Failure::server(503, "the endpoint is down"),
            OutageKind::ClientError => Failure::client(403, "the endpoint refuses"),
            OutageKind::Throttle => Failure::throttled(429, "the endpoint takes no more for now"),
        }
    }
}
