//! Why a case's body ended early, and what it saw.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Stop`] | the world is wrong, evidence is missing, the world cannot do it, or the case is wrong |
//! | [`Failure`] | what was expected, what came, and which clause says so |
//! | [`ErrorView`] | an error as a client sees it |
//!
//! `?` on an SDK call makes the right one of these: a refusal is the world's, a call that never got out is ours.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use proofmark_backend::chain;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;

/// What a case's body comes to.
pub type Outcome = Result<(), Stop>;

/// Why a body ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The world did not do what the clause says.
    Fail(Box<Failure>),
    /// Nothing was wrong, and not enough was seen. Says what evidence is missing.
    Inconclusive(String),
    /// This world cannot do it.
    Unsupported(String),
    /// The case, the harness or the network did wrong, not the world.
    Error(String),
}

/// A promise that was not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What was looked at.
    pub what: String,
    /// What should have been there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// The clause that says so, if one was cited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// AWS's id of the request that showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Stop {
    /// A failure in one sentence.
    #[must_use]
    pub fn fail(what: impl Into<String>) -> Self {
        Stop::Fail(Box::new(Failure { what: what.into(), ..Failure::default() }))
    }

    /// A failure with what should have been and what was.
    #[must_use]
    pub fn mismatch(what: impl Into<String>, expected: impl Into<String>, got: impl Into<String>) -> Self {
        let (expected, got) = (Some(expected.into()), Some(got.into()));
        Stop::Fail(Box::new(Failure { what: what.into(), expected, got, ..Failure::default() }))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)?;
        if let Some(expected) = &self.expected {
            write!(formatter, ": expected {expected}")?;
        }
        if let Some(got) = &self.got {
            write!(formatter, ", got {got}")?;
        }
        if let Some(clause) = &self.clause {
            write!(formatter, " [{clause}]")?;
        }
        self.request_id.iter().try_for_each(|id| write!(formatter, " (request {id})"))
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Fail(failure) => write!(formatter, "{failure}"),
            Stop::Inconclusive(missing) => write!(formatter, "inconclusive: {missing}"),
            Stop::Unsupported(reason) => write!(formatter, "unsupported: {reason}"),
            Stop::Error(reason) => write!(formatter, "error: {reason}"),
        }
    }
}

/// Names the clause that an assertion is about, where a case covers several.
pub trait Citing {
    /// Puts the clause's id into the failure, if this is one.
    #[must_use]
    fn citing(self, clause: &str) -> Self;
}

impl<T> Citing for Result<T, Stop> {
    fn citing(self, clause: &str) -> Self {
        self.map_err(|stop| match stop {
            Stop::Fail(mut failure) => {
                failure.clause = Some(clause.to_owned());
                Stop::Fail(failure)
            }
            other => other,
        })
    }
}

/// An error as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorView {
    /// The code that the SDK shows.
    pub code: String,
    /// The text for people.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// AWS's id of the request.
    pub request_id: Option<String>,
}

impl fmt::Display for ErrorView {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} `{}`: {}", self.status, self.code, self.message)
    }
}

impl ErrorView {
    /// What the service answered; `None` if the call failed without an answer.
    #[must_use]
    pub fn of<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<Self> {
        let SdkError::ServiceError(service) = error else { return None };
        let meta = service.err().meta();
        Some(ErrorView {
            code: meta.code().unwrap_or_default().to_owned(),
            message: meta.message().unwrap_or_default().to_owned(),
            status: service.raw().status().as_u16(),
            request_id: meta.request_id().map(str::to_owned),
        })
    }

    /// Whether the service asked to be called less often.
    #[must_use]
    pub fn is_throttle(&self) -> bool {
        ["Throttling", "ThrottlingException", "RequestThrottled", "TooManyRequestsException"]
            .contains(&self.code.as_str())
    }
}

impl<E> From<SdkError<E, HttpResponse>> for Stop
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        match (ErrorView::of(&error), &error) {
            (Some(view), _) if view.is_throttle() => {
                Stop::Inconclusive(format!("the service throttled the case: {view}; run fewer units at once"))
            }
            (Some(view), _) => refused(view),
            (None, SdkError::ResponseError(_)) => Stop::fail(format!("the answer is not readable: {}", chain(&error))),
            (None, _) => Stop::Error(format!("a call got no answer: {}", chain(&error))),
        }
    }
}

fn refused(view: ErrorView) -> Stop {
    Stop::Fail(Box::new(Failure {
        what: "a call was refused".to_owned(),
        expected: Some("success".to_owned()),
        got: Some(view.to_string()),
        clause: None,
        request_id: view.request_id,
    }))
}

impl From<aws_smithy_types::error::operation::BuildError> for Stop {
    fn from(error: aws_smithy_types::error::operation::BuildError) -> Self {
        Stop::Error(format!("the case built a request that lacks something: {error}"))
    }
}

impl From<proofmark_backend::RawError> for Stop {
    fn from(error: proofmark_backend::RawError) -> Self {
        Stop::Error(format!("a raw request got no answer: {}", chain(&error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reads_as_one_sentence() {
        let stop = Err::<(), _>(Stop::mismatch("the number of messages", "1", "2")).citing("sqs.x").unwrap_err();
        assert_eq!(stop.to_string(), "the number of messages: expected 1, got 2 [sqs.x]");
    }

    #[test]
    fn citing_changes_nothing_but_failures() {
        let stop = Stop::Inconclusive("0 of 40 receives".to_owned());
        assert_eq!(Err::<(), _>(stop.clone()).citing("sqs.x"), Err(stop));
    }
}
