//! What may be concluded from a history: pure functions, the same for every backend.
//!
//! | Checker | What it wants |
//! |---|---|
//! | [`no_loss`] | every message that was sent was received |
//! | [`no_duplicates`] | nobody receives a message that is invisible (FIFO: never) |
//! | [`visibility`] | the same for a standard queue, which may do it now and then |
//! | [`fan_out`] | what is published reaches every queue behind the topic, and nothing else does |
//! | [`order_per_group`] | the messages of a group come in the order in which they were sent (FIFO) |
//!
//! A checker that had nothing to look at says so: no evidence is not a pass.

mod fan_out;
mod loss;
mod order;
mod visibility;

pub use fan_out::{fan_out, repeats};
pub use loss::no_loss;
pub use order::order_per_group;
pub use visibility::{no_duplicates, visibility};

use crate::{Outcome, Stop};
use std::fmt::Write;

/// How many findings a failure spells out.
const SHOWN: usize = 5;

/// What a checker concludes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It holds for everything that was looked at.
    Holds {
        /// How many things were looked at.
        looked_at: usize,
    },
    /// It does not hold.
    Broken(Vec<Finding>),
    /// There was nothing to look at.
    NoEvidence(&'static str),
}

/// One thing that should not have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The message.
    pub message_id: String,
    /// What happened to it.
    pub says: String,
}

impl Judgement {
    fn of(looked_at: usize, findings: Vec<Finding>, evidence: &'static str) -> Self {
        match (looked_at, findings) {
            (_, findings) if !findings.is_empty() => Judgement::Broken(findings),
            (0, _) => Judgement::NoEvidence(evidence),
            (looked_at, _) => Judgement::Holds { looked_at },
        }
    }

    /// The judgement as a case's outcome.
    ///
    /// # Errors
    /// A failure if it is broken; inconclusive if there is no evidence.
    pub fn settle(self) -> Outcome {
        match self {
            Judgement::Holds { .. } => Ok(()),
            Judgement::Broken(findings) => Err(Stop::fail(spell_out(&findings))),
            Judgement::NoEvidence(missing) => Err(Stop::Inconclusive(missing.to_owned())),
        }
    }
}

fn spell_out(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { message_id, says } in findings.iter().take(SHOWN) {
        let _ = write!(text, "message {message_id} {says}; ");
    }
    if findings.len() > SHOWN {
        let _ = write!(text, "and {} more; ", findings.len() - SHOWN);
    }
    text.trim_end_matches("; ").to_owned()
}

/// Histories for the checkers' own tests.
#[cfg(test)]
mod made_up {
    use crate::history::{Event, What};
    use proofmark_backend::Timestamp;

    pub(super) fn at(second: u64, what: What) -> Event {
        let moment = Timestamp::from_seconds(second);
        Event { began: moment, ended: moment, queue: "q".to_owned(), what }
    }

    pub(super) fn sent(second: u64, id: &str, group: &str, sequence: u128) -> Event {
        let (group, sequence) = (Some(group.to_owned()), Some(sequence));
        at(second, What::Sent { message_id: id.to_owned(), group, sequence })
    }

    pub(super) fn received(second: u64, id: &str, visibility_seconds: u64) -> Event {
        let (message_id, receipt) = (id.to_owned(), format!("{id}@{second}"));
        at(second, What::Received { message_id, receipt, visibility_seconds, group: None, sequence: None })
    }

    pub(super) fn deleted(second: u64, id: &str) -> Event {
        at(second, What::Deleted { message_id: id.to_owned() })
    }

    pub(super) fn changed(second: u64, id: &str, seconds: u64) -> Event {
        at(second, What::VisibilityChanged { message_id: id.to_owned(), seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_spells_out_the_first_findings_and_counts_the_rest() {
        let finding = |number: usize| Finding { message_id: number.to_string(), says: "is lost".to_owned() };
        let text = spell_out(&(0..7).map(finding).collect::<Vec<_>>());
        assert!(text.starts_with("message 0 is lost; message 1 is lost;"), "{text}");
        assert!(text.ends_with("and 2 more"), "{text}");
    }

    #[test]
    fn no_evidence_is_no_pass() {
        assert!(matches!(Judgement::NoEvidence("x").settle(), Err(Stop::Inconclusive(_))));
        assert_eq!(Judgement::Holds { looked_at: 1 }.settle(), Ok(()));
    }
}
