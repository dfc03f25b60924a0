//! Load: honest latency histograms of a scenario on any backend, and whether they may be believed.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`plan`] | arrival plans: when the nth operation is to be sent |
//! | [`scenario`], [`parameters`] | what a scenario is; the scenarios themselves are in `suites` |
//! | [`stage`] | what a scenario works with: clients, timed calls, resources |
//! | [`payload`], [`delivery`] | what messages say, and what became of each |
//! | [`recorder`] | wait, service, response and end-to-end, as histograms |
//! | [`settings`], [`run`](mod@run) | a scenario on several backends, interleaved |
//! | [`search`] | the highest rate that meets an objective |
//! | [`calibrate`] | what the generator itself costs |
//! | `validity` | whether a run's numbers may be believed |
//! | `session`, `schedule`, `crew`, `notes` | one backend's phases, who works in them, what is written down |
//! | [`machine`] | where the load comes from |
//!
//! Latency is timed from when an operation *should* have been sent. Operations that are late wait in no hidden queue:
//! their wait is a histogram of its own, and part of the response.

pub mod calibrate;
mod crew;
pub mod delivery;
pub mod machine;
mod notes;
pub mod parameters;
pub mod payload;
pub mod plan;
pub mod recorder;
pub mod run;
pub mod scenario;
mod schedule;
pub mod search;
mod session;
pub mod settings;
pub mod stage;
mod validity;

pub use delivery::{Delivery, Promise};
pub use parameters::{Parameter, ParameterError, Parameters};
pub use plan::{Part, Plan, PlanError};
pub use recorder::{Ended, Op, Recorder};
pub use run::run;
pub use scenario::{Flow, Scenario};
pub use schedule::Arrival;
pub use session::Finished;
pub use settings::{Event, LoadError, Settings, Subject};
pub use stage::{Stage, Trouble};
