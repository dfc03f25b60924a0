//! How a command ends: the exit codes, in one place, and the mistakes behind them.

use proofmark_backend::chain;
use proofmark_record::{CheckRecord, ReadError, Standing, Verdict, WriteError};
use std::any::Any;
use std::error::Error;
use std::io;
use std::process::ExitCode;

/// The exit codes. They are part of the interface: scripts and nightly jobs read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything is as expected.
    AsExpected = 0,
    /// A verdict is against expectation, or a clause is not covered.
    AgainstExpectation = 1,
    /// The command line, or a file that it names, is wrong. Nothing was run.
    Usage = 2,
    /// The target does not answer, or may not be used.
    Target = 3,
    /// Not enough was seen, or not everything was run.
    Inconclusive = 4,
    /// The budget was used up.
    OverBudget = 5,
    /// A mistake in proofmark or in a case.
    OurBug = 70,
}

/// The codes as the help tells them.
pub(crate) const HELP: &str = "\
Exit codes:
   0  as expected
   1  a verdict against expectation; for `coverage`, a clause without a case; for `load`, a message
      lost or a promise broken; for `search`, no rate meets the objective; for `compare`, worse
   2  wrong usage: a flag, a filter or a file; nothing was run
   3  the target does not answer, or may not be used; nothing was run
   4  inconclusive: evidence is missing, the run was broken off, or its numbers may not be believed
   5  over budget: units were left out
  70  a mistake of ours: a panic, or a case that ended in `error`";

/// The codes of `compare` as its help tells them.
pub(crate) const COMPARE_HELP: &str = "\
Exit codes:
   0  the same, or better
   1  worse; or a service broke a promise about messages, such as losing one
   2  wrong usage: a flag, no run's directory, a record of another version; nothing was compared
   4  cannot tell, or a run is not valid, so that its numbers are not to be believed
  70  a mistake of ours: a panic";

/// Why a command ended before it was done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// A file that the command line names cannot be used.
    #[error("{0}")]
    File(String, #[source] Box<dyn Error + Send + Sync>),
    /// A record cannot be used.
    #[error(transparent)]
    Record(#[from] ReadError),
    /// A record cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The target does not answer, or may not be used.
    #[error("{0}")]
    Target(String),
    /// Nobody reads standard output any more, or it is full.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
    /// A mistake of ours.
    #[error("{0}")]
    Bug(String),
}

impl Trouble {
    /// A file that cannot be used, and why.
    pub(crate) fn file(what: String, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Trouble::File(what, source.into())
    }

    fn exit(&self) -> Exit {
        match self {
            Trouble::Usage(_) | Trouble::File(..) | Trouble::Record(_) | Trouble::Write(_) => Exit::Usage,
            Trouble::Target(_) => Exit::Target,
            // Somebody who closes a pipe early, as `head` does, has seen enough.
            Trouble::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::AsExpected,
            Trouble::Output(_) => Exit::Usage,
            Trouble::Bug(_) => Exit::OurBug,
        }
    }
}

/// The process's exit code; what went wrong is told on standard error.
pub(crate) fn code(ended: Result<Result<Exit, Trouble>, Box<dyn Any + Send>>) -> ExitCode {
    let exit = match ended {
        Ok(Ok(exit)) => exit,
        Ok(Err(trouble)) => told(&trouble),
        Err(_) => {
            // The panic's own message is on standard error already.
            anstream::eprintln!("proofmark: this is a mistake in proofmark; please report it with the lines above");
            Exit::OurBug
        }
    };
    ExitCode::from(exit as u8)
}

fn told(trouble: &Trouble) -> Exit {
    let exit = trouble.exit();
    if exit != Exit::AsExpected {
        anstream::eprintln!("proofmark: {}", chain(trouble));
    }
    exit
}

/// What a run comes to. The first that applies counts: a failure of the target outweighs everything.
pub(crate) fn of_record(record: &CheckRecord) -> Exit {
    let any_loud = |bug: bool| record.loud().any(|unit| (unit.verdict == Verdict::Error) == bug);
    let not_judged = |unit: &proofmark_record::UnitRecord| unit.standing == Standing::NotJudged;
    let inconclusive = record.with(Verdict::Inconclusive).any(not_judged);
    let cases = [
        (any_loud(false), Exit::AgainstExpectation),
        (any_loud(true), Exit::OurBug),
        (record.budget_exhausted, Exit::OverBudget),
        (inconclusive || record.units.len() < record.planned, Exit::Inconclusive),
    ];
    cases.into_iter().find(|(applies, _)| *applies).map_or(Exit::AsExpected, |(_, exit)| exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_code() {
        let all = [
            Exit::AsExpected,
            Exit::AgainstExpectation,
            Exit::Usage,
            Exit::Target,
            Exit::Inconclusive,
            Exit::OverBudget,
            Exit::OurBug,
        ];
        let told: Vec<u8> = HELP.lines().filter_map(|line| line.get(..4)?.trim().parse().ok()).collect();
        assert_eq!(told, all.map(|exit| exit as u8));
    }

    #[test]
    fn a_closed_pipe_is_no_mistake() {
        assert_eq!(Trouble::from(io::Error::from(io::ErrorKind::BrokenPipe)).exit(), Exit::AsExpected);
        assert_eq!(Trouble::from(io::Error::from(io::ErrorKind::StorageFull)).exit(), Exit::Usage);
    }

    #[test]
    fn causes_stand_in_one_line() {
        let trouble = Trouble::file("cannot read x".to_owned(), io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(chain(&trouble), "cannot read x: entity not found");
    }
}
