//! The worlds that a case can run on, each as configured `aws-sdk-*` clients.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`Backend`] | which world: the reference, an endpoint, AWS (feature `aws`) |
//! | [`Target`] | that world opened for one case: clients, raw requests, clock, tape |
//! | [`capability`] | what a world can do that not all can |
//! | [`identity`] | who calls, and credentials that never show themselves |
//! | [`raw`] | HTTP requests that no SDK would send, signed right or wrong |
//! | [`tape`] | the wire exchange of a case, with secrets and account ids taken out |
//! | [`subscriber`] | an HTTP subscriber for a case |
//! | [`meter`], [`budget`] | the requests of a whole run, with a limit, and what they cost |
//! | [`ledger`] | what a run creates, written down before it is created |
//! | [`StopFlag`] | ends a run early |
//! | [`chain()`](chain()) | an error with all its causes, in one line |
//! | `reference`, `endpoint`, `aws` | the three worlds |
//! | `query` | makes an SDK that speaks JSON speak AWS Query |
//! | `transport`, `signing` | HTTP clients as the SDK takes them, and SigV4 |
//!
//! Above this crate nobody knows which world it is.

#[cfg(feature = "aws")]
pub mod aws;
mod backend;
pub mod budget;
pub mod capability;
mod chain;
mod endpoint;
pub mod identity;
pub mod ledger;
pub mod meter;
mod query;
pub mod raw;
mod reference;
mod signing;
mod stop_flag;
pub mod subscriber;
pub mod tape;
mod target;
mod transport;

pub use backend::{Backend, OpenError};
pub use capability::{Capabilities, Capability};
pub use chain::chain;
pub use endpoint::EndpointOptions;
pub use identity::{Credentials, Identity};
pub use meter::Meter;
pub use raw::{Raw, RawError, Signing};
pub use reference::{ReferenceOptions, Transport};
pub use stop_flag::StopFlag;
pub use subscriber::{Received, Subscriber};
pub use tape::{Exchange, Tape};
pub use target::Target;

pub use proofmark_reference::clock::{Clock, WallClock};
/// The vocabulary of the reference that is also the harness's.
pub use proofmark_reference::{
    AccountId, Attempt, ClockKind, Distribution, DistributionError, DriveError, Fault, FaultAction, Freedom, Generator,
    KmsKey, Latency, Letter, LogEntry, Outage, OutageKind, Profile, Protocol, Recorded, Reference, Reply, Seen,
    Timestamp,
};
