//! Who calls, and with which credentials.

use aws_credential_types::provider::SharedCredentialsProvider;
use std::fmt;

/// Whose credentials sign a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The account that cases work in.
    #[default]
    First,
    /// Another account (`Capability::SecondAccount`).
    Second,
    /// The first account with a session token (`Capability::SessionCredentials`).
    Session,
    /// The first account with a session token that has expired (`Capability::SessionCredentials`).
    Expired,
}

/// Static credentials. Neither `Debug` nor anything else shows them.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
}

impl Credentials {
    /// Long-lived credentials.
    #[must_use]
    pub fn new(access_key: impl Into<String>, secret: impl Into<String>) -> Self {
        Credentials { access_key: access_key.into(), secret: secret.into(), session_token: None }
    }

    /// The same with a session token.
    #[must_use]
    pub fn with_session_token(mut self, token: impl Into<String>) -> Self {
        self.session_token = Some(token.into());
        self
    }

    pub(crate) fn provider(&self) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(aws_credential_types::Credentials::new(
            self.access_key.clone(),
            self.secret.clone(),
            self.session_token.clone(),
            None,
            "proofmark",
        ))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(not shown)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let shown = format!("{:?}", Credentials::new("AKIA", "hush").with_session_token("token"));
        assert_eq!(shown, "Credentials(not shown)");
    }
}
