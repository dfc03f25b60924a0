//! What AWS promises, and the cases that check it.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`catalogue`] | the clauses of `suites/clauses/`, parsed |
//! | [`sqs`] | the cases of Amazon SQS, one file per behaviour |
//! | [`sns`] | the cases of Amazon SNS |
//! | [`patterns`] | the talk's patterns, over several services |
//! | [`scenarios`] | the load scenarios |
//! | [`wire`] | the cases of the wire: envelopes, protocols, signatures |
//!
//! A case is one unit in one file and one line in its service's list; everything else is generated from the lists.

pub mod patterns;
pub mod scenarios;
pub mod sns;
pub mod sqs;
pub mod wire;

use proofmark_conform::{Case, Catalogue};
use std::sync::LazyLock;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let files = [
        include_str!("../clauses/wire.toml"),
        include_str!("../clauses/sqs.toml"),
        include_str!("../clauses/sns.toml"),
        include_str!("../clauses/patterns.toml"),
    ];
    Catalogue::parse(&files).unwrap_or_else(|error| panic!("the clause catalogue is malformed: {error}"))
});

/// Every case of every service, in the order of the lists.
#[must_use]
pub fn cases() -> Vec<&'static Case> {
    [wire::CASES, sqs::CASES, sns::CASES, patterns::CASES].concat()
}

/// The clause catalogue.
///
/// # Panics
/// If a file under `suites/clauses/` is malformed, which a test rules out.
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}
