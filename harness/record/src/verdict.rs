//! What came of a unit, and how that stands to what was expected.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What came of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
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

    /// From the least to the most worth telling, for a clause or case that several units judge.
    const BY_WEIGHT: [Verdict; 6] =
        [Verdict::Pass, Verdict::Unsupported, Verdict::Disabled, Verdict::Inconclusive, Verdict::Error, Verdict::Fail];

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

    /// The one of two that is more worth telling: a failure before an error before missing evidence.
    #[must_use]
    pub fn worse(self, other: Verdict) -> Verdict {
        let weight = |verdict| Verdict::BY_WEIGHT.iter().position(|known| *known == verdict);
        if weight(other) > weight(self) { other } else { self }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// How a verdict stands to what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// As expected.
    Expected,
    /// It passed, and was expected not to.
    UnexpectedPass,
    /// It did not pass, and was expected to, or not in this way.
    Unexpected,
    /// It says nothing about the world, and nothing else was expected.
    NotJudged,
}

impl Standing {
    /// Whether the run must not be called good.
    #[must_use]
    pub const fn is_loud(self) -> bool {
        matches!(self, Standing::UnexpectedPass | Standing::Unexpected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_outweighs_everything() {
        for verdict in Verdict::ALL {
            assert_eq!(verdict.worse(Verdict::Fail), Verdict::Fail);
            assert_eq!(verdict.worse(Verdict::Pass), verdict);
        }
    }

    #[test]
    fn the_word_is_the_one_in_files() {
        for verdict in Verdict::ALL {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.to_string());
        }
    }
}
