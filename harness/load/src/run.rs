//! A scenario on one backend or several, interleaved.
//!
//! | Item | What it is |
//! |---|---|
//! | [`run`] | the whole of it |
//! | [`Settings`], [`Subject`] | what is run, and on what |
//! | [`Event`] | what a live display shows |
//! | [`LoadError`] | why nothing came of it |
//!
//! With several backends, the measured time is cut into blocks, and each round of blocks goes through the backends in
//! an order drawn from the seed: what drifts on the machine meanwhile then hits all of them alike.

use crate::machine;
use crate::plan::{Part, Plan};
use crate::recorder::Samples;
use crate::scenario::{Parameters, Scenario};
use crate::session::{Finished, Session};
use crate::stage::Trouble;
use proofmark_backend::budget::Prices;
use proofmark_backend::ledger::Ledger;
use proofmark_backend::{Backend, ClockKind, Generator, Meter, StopFlag, Timestamp};
use proofmark_record::WriteError;
use proofmark_record::load::{self, IntervalRow, RunRecord, Status};
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
    /// What the record calls the run's start, if not the backend's time.
    pub started: Option<Timestamp>,
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

/// Runs a scenario on every subject, and hands back what came of each, in their order.
///
/// A run that was stopped early, or could not go on, is finished with what was measured.
///
/// # Errors
/// [`LoadError`] if a subject cannot be opened, or a record cannot be written.
pub fn run(
    settings: &Settings,
    subjects: &[Subject],
    observe: &mut dyn FnMut(&Event<'_>),
) -> Result<Vec<Finished>, LoadError> {
    let mut sessions = open_all(settings, subjects, observe)?;
    let followed = follow_all(settings, subjects, &mut sessions, observe);
    let finished: Result<Vec<_>, _> = sessions.into_iter().map(|session| session.close(observe)).collect();
    followed.and(finished)
}

fn open_all<'a>(
    settings: &'a Settings,
    subjects: &[Subject],
    observe: &mut dyn FnMut(&Event<'_>),
) -> Result<Vec<Session<'a>>, LoadError> {
    let mut sessions = Vec::new();
    for subject in subjects {
        observe(&Event::Phase { label: &subject.label, what: "probing".to_owned(), lasts: None });
        match Session::open(settings, subject, record(settings, subject)) {
            Ok(session) => sessions.push(session),
            Err(error) => {
                // Those that were opened delete what they created; that one was not is what to tell.
                sessions.into_iter().for_each(|session: Session<'_>| drop(session.close(observe)));
                return Err(error);
            }
        }
    }
    Ok(sessions)
}

fn follow_all(
    settings: &Settings,
    subjects: &[Subject],
    sessions: &mut [Session<'_>],
    observe: &mut dyn FnMut(&Event<'_>),
) -> Result<(), LoadError> {
    for (session, subject) in sessions.iter_mut().zip(subjects) {
        let what = "warming up".to_owned();
        observe(&Event::Phase { label: &subject.label, what, lasts: Some(settings.warm_up) });
        session.warm_up(observe)?;
    }
    let mut random = Generator::from_seed(settings.seed);
    let lasts = settings.duration / settings.blocks.get();
    for block in 0..settings.blocks.get() {
        for index in order(sessions.len(), &mut random) {
            if settings.stop.is_raised() {
                return Ok(());
            }
            let numbered = (settings.blocks.get() > 1).then_some(block);
            let what = measuring(block, settings.blocks.get());
            observe(&Event::Phase { label: &subjects[index].label, what, lasts: Some(lasts) });
            sessions[index].block(numbered, lasts, observe)?;
        }
    }
    Ok(())
}

fn measuring(block: u32, blocks: u32) -> String {
    if blocks == 1 { "measuring".to_owned() } else { format!("measuring, block {} of {blocks}", block + 1) }
}

/// The numbers below `count`, shuffled.
fn order(count: usize, random: &mut Generator) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, random.below(last + 1));
    }
    order
}

fn record(settings: &Settings, subject: &Subject) -> RunRecord {
    let whole = settings.part == Part::WHOLE;
    RunRecord {
        format: RunRecord::FORMAT.to_owned(),
        proofmark: env!("CARGO_PKG_VERSION").to_owned(),
        run: settings.run.clone(),
        session: settings.session.clone(),
        label: subject.label.clone(),
        subject: subject.described.clone(),
        scenario: load::Scenario {
            name: settings.scenario.name.to_owned(),
            summary: settings.scenario.summary.to_owned(),
            parameters: settings.parameters.to_map(),
        },
        plan: settings.plan.to_string(),
        duration_seconds: settings.duration.as_secs_f64(),
        seed: settings.seed,
        part: (!whole).then(|| load::Part { index: settings.part.index.get(), of: settings.part.of.get() }),
        workers: settings.workers.get(),
        consumers: 0,
        versions: settings.versions.clone(),
        machine: machine::machine(),
        started: jiff::Timestamp::UNIX_EPOCH,
        status: Status::Running,
        phases: Vec::new(),
        operations: Vec::new(),
        delivery: None,
        validity: load::Validity::default(),
        cost: load::Cost::default(),
        interval_seconds: settings.interval.as_secs_f64(),
        offered: load::Offered::default(),
    }
}
