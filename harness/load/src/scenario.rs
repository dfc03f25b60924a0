//! What a load scenario is: a name, parameters, and what one arrival and one consumer's round do.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Scenario`] | one unit in one place, as the list of scenarios has it |
//! | [`Flow`] | a scenario set up on one backend |

use crate::parameters::{Parameter, ParameterError, Parameters};
use crate::schedule::Arrival;
use crate::stage::{Stage, Trouble};
use futures_util::future::BoxFuture;
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

impl Scenario {
    /// Reads choices of the form `name=value`.
    ///
    /// # Errors
    /// [`ParameterError`]
    pub fn choose(&self, choices: &[String]) -> Result<Parameters, ParameterError> {
        Parameters::of(self.name, self.parameters, choices)
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
