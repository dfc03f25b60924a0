//! Assertions that say what was expected and what came.
//!
//! Code and behaviour are graded apart from text for people: see [`Scope::warn_text`].

use super::Scope;
use crate::{ErrorView, Failure, Outcome, Stop};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;
use std::fmt::Debug;

impl Scope {
    /// Wants `holds`; `what` says what is wrong if it does not.
    ///
    /// # Errors
    /// A failure.
    pub fn check(&self, holds: bool, what: impl Into<String>) -> Outcome {
        if holds { Ok(()) } else { Err(Stop::fail(what)) }
    }

    /// Wants `got` to be `expected`.
    ///
    /// # Errors
    /// A failure with both.
    pub fn expect_eq<E: Debug + PartialEq<G>, G: Debug>(&self, what: &str, expected: E, got: G) -> Outcome {
        if expected == got {
            return Ok(());
        }
        Err(Stop::mismatch(what, format!("{expected:?}"), format!("{got:?}")))
    }

    /// Wants a call to be refused with `code` and HTTP `status`.
    ///
    /// # Errors
    /// A failure if it succeeded or was refused otherwise; an error if it got no answer.
    pub fn expect_error<T: Debug, E>(
        &self,
        result: Result<T, SdkError<E, HttpResponse>>,
        code: &str,
        status: u16,
    ) -> Result<ErrorView, Stop>
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let expected = format!("{status} `{code}`");
        let error = match result {
            Ok(answer) => return Err(Stop::mismatch("a call", expected, format!("success: {answer:?}"))),
            Err(error) => error,
        };
        let Some(view) = ErrorView::of(&error) else { return Err(error.into()) };
        if view.code == code && view.status == status {
            return Ok(view);
        }
        Err(Stop::Fail(Box::new(Failure {
            what: "a call".to_owned(),
            expected: Some(expected),
            got: Some(view.to_string()),
            clause: None,
            request_id: view.request_id,
        })))
    }

    /// Compares a text for people. A difference is a warning, unless the run is exact.
    ///
    /// # Errors
    /// A failure with both texts, in an exact run.
    pub fn warn_text(&self, expected: &str, got: &str) -> Outcome {
        if expected == got {
            return Ok(());
        }
        let stop = Stop::mismatch("the text", format!("{expected:?}"), format!("{got:?}"));
        if self.setting.exact {
            return Err(stop);
        }
        self.warn(stop.to_string());
        Ok(())
    }
}
