//! What is taken from the environment: credentials, so that they stand on no command line, and the Region.

use crate::exit::Trouble;
use proofmark_backend::Credentials;

/// The variables of one account's keys.
pub(super) struct Keys {
    access_key: &'static str,
    secret: &'static str,
    token: &'static str,
}

pub(super) const FIRST_KEYS: Keys =
    Keys { access_key: "AWS_ACCESS_KEY_ID", secret: "AWS_SECRET_ACCESS_KEY", token: "AWS_SESSION_TOKEN" };

pub(super) const SECOND_KEYS: Keys = Keys {
    access_key: "PROOFMARK_SECOND_ACCESS_KEY_ID",
    secret: "PROOFMARK_SECOND_SECRET_ACCESS_KEY",
    token: "PROOFMARK_SECOND_SESSION_TOKEN",
};

impl Keys {
    /// The credentials, if there are any.
    ///
    /// # Errors
    /// Wrong usage if only half of them is there.
    pub(super) fn read(&self) -> Result<Option<Credentials>, Trouble> {
        match (variable(self.access_key), variable(self.secret)) {
            (Some(access_key), Some(secret)) => {
                let credentials = Credentials::new(access_key, secret);
                Ok(Some(Credentials { session_token: variable(self.token), ..credentials }))
            }
            (None, None) => Ok(None),
            (Some(_), None) => Err(Trouble::Usage(half(self.access_key, self.secret))),
            (None, Some(_)) => Err(Trouble::Usage(half(self.secret, self.access_key))),
        }
    }

    /// Says that they are wanted and not there.
    pub(super) fn missing(&self) -> String {
        format!("set {} and {}, or leave --second-account out", self.access_key, self.secret)
    }
}

fn half(set: &str, missing: &str) -> String {
    format!("{set} is set and {missing} is not; set both, or neither")
}

/// A variable that is set to something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The Region: as given, else as in the environment, else `us-east-1`.
pub(super) fn region(given: Option<&str>) -> String {
    let given = given.map(str::to_owned);
    let set = || ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(variable);
    given.or_else(set).unwrap_or_else(|| "us-east-1".to_owned())
}
