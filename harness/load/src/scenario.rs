//! What a load scenario is: a name, parameters, and what one arrival and one consumer's round do.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Scenario`] | one unit in one place, as the list of scenarios has it |
//! | [`Flow`] | a scenario set up on one backend |
//! | [`Arrival`] | one operation that the plan asks for |
//! | [`Parameter`], [`Parameters`] | what can be chosen, and what was |

use crate::stage::{Stage, Trouble};
use futures_util::future::BoxFuture;
use proofmark_backend::{Distribution, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A load scenario.
#[derive(Debug)]
pub struct Scenario {
    /// Its name: service and behaviour, such as `sqs.standard`.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What can be chosen.
    pub parameters: &'static [Parameter],
    /// Whether latencies should be the same all the time at a steady rate; a backlog's are not.
    pub stationary: bool,
    /// Creates what it needs.
    pub set_up: SetUp,
}

/// Creates what a scenario needs, and hands back what to do with it.
pub type SetUp = for<'a> fn(&'a Arc<Stage>) -> BoxFuture<'a, Result<Arc<dyn Flow>, Trouble>>;

/// A scenario that was set up. It never learns on which backend.
pub trait Flow: Send + Sync {
    /// Does what one arrival asks for, and records it.
    fn act<'a>(&'a self, arrival: &'a Arrival) -> BoxFuture<'a, ()>;

    /// How many consumers receive.
    fn consumers(&self) -> u32 {
        0
    }

    /// One round of a consumer: a receive, and what follows from it.
    fn consume(&self, _consumer: u32) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

/// One operation that the plan asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// The how many-th of the plan that this process follows.
    pub number: u64,
    /// When it is to be sent.
    pub intended: Timestamp,
    /// Whether it is part of what is measured.
    pub measured: bool,
    /// Where in the phase it is: 0 at its start, 1 at its end.
    pub progress: f64,
}

/// Something about a scenario that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What is chosen if nobody does.
    pub default: &'static str,
    /// What it is about, with its unit.
    pub help: &'static str,
}

/// What was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<&'static str, String>);

/// Why a choice cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// There is no such thing to choose.
    #[error("`{scenario}` has no parameter `{name}`; it has {known}")]
    Unknown {
        /// The scenario.
        scenario: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// It is not `name=value`.
    #[error("`{0}` is no parameter; write name=value")]
    NotAPair(String),
    /// The value cannot be read.
    #[error("`{name}` cannot be `{value}`: {why}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Scenario {
    /// Reads choices of the form `name=value`.
    ///
    /// # Errors
    /// [`ParameterError`]
    pub fn choose(&self, choices: &[String]) -> Result<Parameters, ParameterError> {
        let mut chosen: BTreeMap<_, _> =
            self.parameters.iter().map(|parameter| (parameter.name, parameter.default.to_owned())).collect();
        for choice in choices {
            let (name, value) = choice.split_once('=').ok_or_else(|| ParameterError::NotAPair(choice.clone()))?;
            let known = self.parameters.iter().find(|parameter| parameter.name == name);
            let known = known.ok_or_else(|| self.unknown(name))?;
            chosen.insert(known.name, value.to_owned());
        }
        Ok(Parameters(chosen))
    }

    fn unknown(&self, name: &str) -> ParameterError {
        let names: Vec<_> = self.parameters.iter().map(|parameter| parameter.name).collect();
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        ParameterError::Unknown { scenario: self.name, name: name.to_owned(), known }
    }
}

impl Parameters {
    /// Names and values, for the record.
    #[must_use]
    pub fn to_map(&self) -> BTreeMap<String, String> {
        self.0.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    /// A whole number within bounds.
    ///
    /// # Errors
    /// [`ParameterError::Value`]
    pub fn number(&self, name: &'static str, bounds: std::ops::RangeInclusive<u32>) -> Result<u32, ParameterError> {
        let value = self.text(name);
        let number = value.parse().ok().filter(|number| bounds.contains(number));
        let why = || format!("it is a whole number from {} to {}", bounds.start(), bounds.end());
        number.ok_or_else(|| ParameterError::Value { name, value: value.to_owned(), why: why() })
    }

    /// A distribution of bytes.
    ///
    /// # Errors
    /// [`ParameterError::Value`]
    pub fn bytes(&self, name: &'static str) -> Result<Distribution, ParameterError> {
        let value = self.text(name);
        Distribution::parse(value, |number| number.trim().parse().ok()).map_err(|error| ParameterError::Value {
            name,
            value: value.to_owned(),
            why: error.to_string(),
        })
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENARIO: Scenario = Scenario {
        name: "s",
        summary: "",
        parameters: &[Parameter { name: "consumers", default: "4", help: "" }],
        stationary: true,
        set_up: |_| Box::pin(async { Err(Trouble::Failed("only a test".to_owned())) }),
    };

    fn choose(choice: &str) -> Result<Parameters, ParameterError> {
        SCENARIO.choose(&[choice.to_owned()])
    }

    #[test]
    fn what_is_not_chosen_has_its_default() {
        assert_eq!(SCENARIO.choose(&[]).unwrap().number("consumers", 0..=9), Ok(4));
        assert_eq!(choose("consumers=9").unwrap().number("consumers", 0..=9), Ok(9));
    }

    #[test]
    fn a_wrong_choice_is_told_with_what_there_is() {
        assert!(choose("consumer=1").unwrap_err().to_string().ends_with("it has consumers"));
        assert!(matches!(choose("consumers"), Err(ParameterError::NotAPair(_))));
        let error = choose("consumers=10").unwrap().number("consumers", 0..=9).unwrap_err();
        assert_eq!(error.to_string(), "`consumers` cannot be `10`: it is a whole number from 0 to 9");
    }
}
