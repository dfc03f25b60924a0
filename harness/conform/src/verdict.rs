//! What came of a unit.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What came of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every promise was kept.
    Pass,
    /// A promise was not kept.
    Fail,
    /// This world cannot do what the case needs.
    Unsupported,
    /// It was not run: the budget was used up.
    Disabled,
    /// Nothing was wrong, and not enough was seen.
    Inconclusive,
    /// The harness or the case did wrong, not the world.
    Error,
}

impl Verdict {
    /// Every verdict, in the order in which they are shown.
    pub const ALL: [Verdict; 6] =
        [Verdict::Pass, Verdict::Fail, Verdict::Unsupported, Verdict::Disabled, Verdict::Inconclusive, Verdict::Error];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Unsupported => "unsupported",
            Verdict::Disabled => "disabled",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Error => "error",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What was seen of a clause that binds nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The clause, `permitted` or `open`.
    pub clause: String,
    /// What was seen.
    pub seen: String,
}
