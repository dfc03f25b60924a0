//! What can be chosen about a scenario, and what was.

use proofmark_backend::Distribution;
use std::collections::BTreeMap;

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

impl Parameters {
    /// The defaults of `known`, and what was chosen instead: each of the form `name=value`.
    pub(crate) fn of(scenario: &'static str, known: &[Parameter], choices: &[String]) -> Result<Self, ParameterError> {
        let mut chosen: BTreeMap<_, _> =
            known.iter().map(|parameter| (parameter.name, parameter.default.to_owned())).collect();
        for choice in choices {
            let (name, value) = choice.split_once('=').ok_or_else(|| ParameterError::NotAPair(choice.clone()))?;
            let found = known.iter().find(|parameter| parameter.name == name);
            let found = found.ok_or_else(|| unknown(scenario, known, name))?;
            chosen.insert(found.name, value.to_owned());
        }
        Ok(Parameters(chosen))
    }

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

fn unknown(scenario: &'static str, known: &[Parameter], name: &str) -> ParameterError {
    let names: Vec<_> = known.iter().map(|parameter| parameter.name).collect();
    let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    ParameterError::Unknown { scenario, name: name.to_owned(), known }
}
