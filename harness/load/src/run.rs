//! A scenario on one backend or several, interleaved.
//!
//! With several backends, the measured time is cut into blocks, and each round of blocks goes through the backends in
//! an order drawn from the seed: what drifts on the machine meanwhile then hits all of them alike.

use crate::machine;
use crate::plan::Part;
use crate::session::{Finished, Session};
use crate::settings::{Event, LoadError, Settings, Subject};
use proofmark_backend::Generator;
use proofmark_record::load::{self, RunRecord, Status};

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
