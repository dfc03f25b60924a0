//! AWS messaging as a deterministic state machine: no I/O, no async, no clock, no threads, no global state.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`World`] | the door: `call`, `run_until`, `next_due`, `take_effects` |
//! | [`sqs`] | Amazon SQS: shapes, limits, errors, queues |
//! | [`sns`] | Amazon SNS: shapes, limits, errors, topics and subscriptions |
//! | [`filter`] | filter policies: which messages somebody wants |
//! | [`deliver`] | the one road between services and to the outside, and its retry schedules |
//! | [`seen`] | what a test may look at: the inbox, delivery logs, metrics, attempts |
//! | [`identity`] | accounts, Regions, ARNs, the caller |
//! | [`error`] | error codes with both faces, typed once |
//! | [`time`], [`agenda`] | time as a value, and what happens later |
//! | [`profile`] | dated limits |
//! | [`freedom`], [`fault`] | what AWS may do, and what may go wrong: knobs, off by default |
//! | [`latency`], [`distribution`] | how long requests take: a knob, off by default |
//! | [`policy`] | resource policies between accounts |
//! | [`filter`] | filter policies: which messages a subscription wants |
//! | [`random`], [`uuid`], [`blob`] | the seeded generator and the small value types |
//!
//! The same seed and the same inputs give the same outputs, byte for byte.

pub mod agenda;
pub mod blob;
pub mod deliver;
pub mod distribution;
pub mod error;
pub mod fault;
pub mod filter;
pub mod freedom;
pub mod identity;
pub mod latency;
mod operations;
pub mod policy;
pub mod profile;
pub mod random;
pub mod seen;
pub mod service;
pub mod sns;
pub mod sqs;
pub mod time;
pub mod uuid;
mod world;

pub use distribution::Distribution;
pub use error::{ApiError, ErrorCode};
pub use fault::{Fault, FaultAction, Outage, OutageKind};
pub use freedom::Freedom;
pub use identity::{AccountId, Arn, Caller, Protocol, Region};
pub use latency::Latency;
pub use profile::Profile;
pub use service::{Request, Response, Service};
pub use time::Timestamp;
pub use uuid::Uuid;
pub use world::{Answer, Config, Effect, KmsKey, Ticket, World};
