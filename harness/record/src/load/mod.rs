//! The record of one load run: a directory per run and backend.
//!
//! | Module | File | What is in it |
//! |---|---|---|
//! | [`run`] | `run.json` | what was run on what, what came of it, and whether it may be believed |
//! | [`series`] | `series.ndjson` | one line per interval, warm-up and drain too |
//! | [`histogram`] | `histograms.hlog` | latencies of the measured phase: a histogram per interval, operation and kind |
//! | [`hlog`] | | how those stand in an HdrHistogram interval log |
//! | [`writer`], [`reader`] | all three | writing as the run goes on; reading, also of a run that was killed |
//! | [`merge`](mod@merge) | all three | the parts of one plan, put together exactly |
//!
//! `run.json` is written at the start, after each phase and at the end, whole or not at all. The other two are
//! appended to and flushed per interval, so a run that was killed leaves everything up to its last interval.

pub mod histogram;
mod hlog;
pub mod merge;
pub mod reader;
pub mod run;
pub mod series;
pub mod writer;

pub use histogram::{Counts, Kind, LatencySummary, LoggedInterval, QuantileValue, Tag};
pub use merge::{Merged, Unlike, merge};
pub use reader::LoadedRun;
pub use run::{
    Check, CheckVerdict, Cost, Delivery, Judgement, Machine, Offered, OperationSummary, Part, Phase, PhaseName,
    RunRecord, Scenario, Status, Subject, Validity,
};
pub use series::{IntervalLatency, IntervalRow};
pub use writer::RunWriter;
