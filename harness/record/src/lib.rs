//! The file formats under `results/`: each with a version in its first field and a JSON schema in `schema/`.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`check`] | the record of one `proofmark check`: every unit, with the wire exchange of what did not pass |
//! | [`verdict`] | what came of a unit, and how that stands to what was expected |
//! | [`search`] | the result of a search for the highest rate |
//! | [`summary`] | the record without its evidence: a verdict per clause and case, fit to be committed |
//! | [`load`] | the record of one load run: what was done, a histogram per interval, a time series |
//! | [`comparison`] | what came of comparing load runs |
//! | [`file`](mod@file) | writing whole files or none, and reading with errors that say what to do |
//! | [`redact`] | taking account ids and credentials out of text |
//!
//! A reader ignores fields that it does not know; the version is raised when a field changes its meaning.

pub mod check;
pub mod comparison;
pub mod file;
pub mod load;
pub mod redact;
pub mod search;
pub mod summary;
pub mod verdict;

pub use check::{
    CheckRecord, ClauseText, Exchange, Expected, Failure, Message, Observation, Subject, Totals, UnitRecord,
};
pub use file::{ReadError, WriteError};
pub use search::{SearchRecord, SearchStep};
pub use summary::Summary;
pub use verdict::{Standing, Verdict};
