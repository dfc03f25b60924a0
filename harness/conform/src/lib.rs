//! What AWS promises, what checks it, and what came of it.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`clause`] | the catalogue: one promise per row, apart from the cases |
//! | [`case`](mod@case) | a case: one behaviour in one place, declared with [`case!`] |
//! | [`scope`] | what a case's body gets: clients, names, time, assertions, a history |
//! | [`stop`] | why a body ended early |
//! | [`history`], [`checkers`] | what happened, and what may be concluded from it |
//! | [`expectations`] | what is expected to come of a case where that is not a pass |
//! | [`plan`], [`budget`] | which units run, and what they may cost |
//! | [`runner`], [`summary`] | running them, and the result |
//! | [`ledger`], [`sweep`](mod@sweep) | what a run creates, and deleting what a broken-off one left behind |
//!
//! A case never learns which backend it runs on.

pub mod budget;
pub mod case;
pub mod checkers;
pub mod clause;
pub mod expectations;
pub mod history;
pub mod plan;
pub mod runner;
pub mod scope;
pub mod stop;
pub mod summary;
pub mod sweep;

pub use case::{Body, Case, Cost, Unit};
pub use clause::{Catalogue, Clause, Strength};
pub use history::History;
pub use plan::{Filter, Plan};
pub use proofmark_backend::StopFlag;
pub use proofmark_backend::ledger;
pub use proofmark_backend::{
    Backend, Capability, Identity, KmsKey, Letter, Outage, OutageKind, Protocol, Raw, Received, Reply, Signing,
    Subscriber, Timestamp,
};
/// What came of a unit, how that stands to what was expected, and what was seen: as records say it.
pub use proofmark_record::{Observation, Standing, Verdict};
pub use runner::{RunOptions, run, run_unit};
pub use scope::{PATIENCE, Scope, Seen};
pub use stop::{Citing, ErrorView, Failure, Outcome, Stop};
pub use summary::{RunSummary, UnitResult};
