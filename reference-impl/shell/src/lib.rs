//! AWS messaging in process: the pure world of `proofmark-world` with a clock, a connector and a port.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`Reference`] | the door: build one, get an SDK configuration, move its clock, drive a future |
//! | [`clock`] | wall and virtual time, and the SDK's view of them |
//! | [`bodies`] | the SDK's requests and responses with their bodies in memory |
//! | [`activity`] | who waits for whom, shared by clients and server |
//! | [`server`] | the same world on a port, with a control surface under `/_proofmark/` |
//! | `core`, `drive`, `idle` | the world behind its lock, and when a virtual clock moves |
//! | `posts` | HTTP posts to subscribers |
//! | `caller`, `connector` | who sends a request, and the SDK's HTTP client without a socket |
//!
//! Nothing else below `reference-impl/` does I/O, and nothing else in the workspace reads time.

pub mod activity;
pub mod bodies;
mod caller;
pub mod clock;
mod connector;
mod core;
mod drive;
mod idle;
mod posts;
mod reference;
pub mod server;

pub use connector::ReferenceConnector;
pub use drive::{DEFAULT_STEPS, DriveError};
pub use idle::IdlePolicy;
pub use posts::{NoCertificate, Reply};
pub use proofmark_wire::query_client;
pub use proofmark_wire::sigv4::Credentials;
pub use proofmark_world::deliver::inbox::Letter;
pub use proofmark_world::deliver::outside::Post;
pub use proofmark_world::distribution::{DistributionError, Recorded};
pub use proofmark_world::random::Generator;
pub use proofmark_world::seen::{Attempt, LogEntry, Seen};
pub use reference::{Builder, ClockKind, Health, NotVirtual, Reference};

/// The vocabulary of the world that this crate's interface uses.
pub use proofmark_world::{
    AccountId, Distribution, Fault, FaultAction, Freedom, KmsKey, Latency, Outage, OutageKind, Profile, Protocol,
    Region, Timestamp,
};
