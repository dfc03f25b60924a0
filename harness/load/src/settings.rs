//! What is run, on what, what happens meanwhile, and why nothing came of it.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Settings`], [`Subject`] | what is run, and on what |
//! | [`Event`] | what a live display shows |
//! | [`LoadError`] | why nothing came of it |

use crate::parameters::Parameters;
use crate::plan::{Part, Plan};
use crate::recorder::Samples;
use crate::scenario::Scenario;
use crate::stage::Trouble;
use proofmark_backend::budget::Prices;
use proofmark_backend::ledger::Ledger;
use proofmark_backend::{Backend, ClockKind, Meter, StopFlag};
use proofmark_record::WriteError;
use proofmark_record::load::{self, IntervalRow};
use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

/// What is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The scenario.
    pub scenario: &'static Scenario,
    /// What was chosen about it.
    pub parameters: Parameters,
    /// When operations are sent.
    pub plan: Plan,
    /// How long it is measured, on each backend.
    pub duration: Duration,
    /// How long the plan is followed before.
    pub warm_up: Duration,
    /// Into how many blocks the measured time is cut.
    pub blocks: NonZeroU32,
    /// How many operations may be in flight.
    pub workers: NonZeroU32,
    /// Which part of the plan this process follows.
    pub part: Part,
    /// Feeds the plan, the payloads, the order of blocks and a reference.
    pub seed: u64,
    /// How long an interval of the series is.
    pub interval: Duration,
    /// How long messages may take after the last was sent, before they count as lost.
    pub drain: Duration,
    /// How long a call may take.
    pub timeout: Duration,
    /// How often the SDK tries a call; 1 makes every failure visible.
    pub attempts: u32,
    /// How many threads a wall clock's work is spread over.
    pub threads: NonZeroUsize,
    /// The run's id, part of every name: lower-case letters and digits, twelve at most.
    pub run: String,
    /// The id that interleaved runs share.
    pub session: String,
    /// Ends the run early.
    pub stop: StopFlag,
    /// Versions of what is involved, for the record.
    pub versions: BTreeMap<String, String>,
}

/// What it is run on.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What the run is called where several are shown.
    pub label: String,
    /// The backend.
    pub backend: Backend,
    /// Its clock.
    pub clock: ClockKind,
    /// The same, for the record.
    pub described: load::Subject,
    /// Where the record goes; nowhere if absent.
    pub directory: Option<PathBuf>,
    /// Where creations are written down first.
    pub ledger: Ledger,
    /// The requests that are allowed.
    pub meter: Meter,
    /// What requests cost; nothing if absent.
    pub prices: Option<Prices>,
}

/// What happens during a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// A phase begins on a backend.
    Phase {
        /// The backend's label.
        label: &'a str,
        /// What is done, for people.
        what: String,
        /// How long it takes if all goes well.
        lasts: Option<Duration>,
    },
    /// An interval has ended.
    Interval {
        /// The backend's label.
        label: &'a str,
        /// What happened in it.
        row: &'a IntervalRow,
        /// What was measured so far.
        totals: &'a Samples,
        /// The names of the operations in it.
        names: &'a [String],
    },
    /// A backend is done with.
    Closed {
        /// The backend's label.
        label: &'a str,
        /// What could not be deleted.
        left: &'a [String],
    },
}

/// Why nothing came of a run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A backend cannot be opened.
    #[error("cannot open {label}: {why}")]
    Open {
        /// Its label.
        label: String,
        /// Why not.
        why: String,
    },
    /// No message came all the way.
    #[error(
        "no message came all the way through {label} within {seconds} s; look at its permissions and subscriptions, or \
         whether it does what the scenario needs: `proofmark check` tells"
    )]
    NothingArrives {
        /// The backend's label.
        label: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The scenario could not be set up.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// The record cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The system gives no threads.
    #[error("no runtime")]
    Runtime(#[source] std::io::Error),
    /// Virtual time came to a stop: a mistake in a scenario.
    #[error("virtual time stopped: {0}")]
    Drive(String),
}
