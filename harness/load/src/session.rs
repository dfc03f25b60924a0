//! One scenario on one backend: opened, probed, warmed up, measured in blocks, drained, closed.
//!
//! Each step is one future; on a virtual clock it is driven, so that time leaps when everybody waits.

use crate::crew::Crew;
use crate::notes::{Kept, Notes, Stretch};
use crate::scenario::Flow;
use crate::schedule::{Arrival, Arrivals, Counts, Remaining, Schedule, Window};
use crate::settings::{Event, LoadError, Settings, Subject};
use crate::stage::{Stage, StageSettings, Trouble};
use crate::{Delivery, machine};
use proofmark_backend::{ClockKind, Timestamp, chain};
use proofmark_record::load::{IntervalRow, LoggedInterval, PhaseName, RunRecord, Status};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long a backend may take until a message comes all the way. AWS's subscriptions become active late.
const PROBE: Duration = Duration::from_secs(90);

/// How long it may take to create what a scenario needs, and to delete it.
const SET_UP: Duration = Duration::from_secs(300);

/// How long one probe is waited for before another is sent.
const PROBE_AGAIN: Duration = Duration::from_secs(3);

/// How often it is looked whether what is waited for has come.
const LOOK: Duration = Duration::from_millis(5);

/// How long it is listened for messages that should not come, after the last that should.
const LINGER: Duration = Duration::from_secs(1);

/// Told apart from the seed of the measured arrivals.
const WARM_UP_SEED: u64 = 0x005E_ED0F_AA4D;

/// A scenario on a backend.
pub(crate) struct Session<'a> {
    settings: &'a Settings,
    runtime: Runtime,
    spawns: bool,
    stage: Arc<Stage>,
    flow: Arc<dyn Flow>,
    consumers: Crew,
    notes: Notes,
    remaining: Option<Remaining>,
    /// Where in the plan the next block begins.
    elapsed: Duration,
    status: Status,
}

impl<'a> Session<'a> {
    /// Opens the backend, creates what the scenario needs, and sees that a message comes all the way.
    pub(crate) fn open(settings: &'a Settings, subject: &Subject, record: RunRecord) -> Result<Self, LoadError> {
        let spawns = subject.clock == ClockKind::Wall;
        let runtime = runtime(spawns, settings.threads)?;
        let stage = Arc::new(runtime.block_on(open_stage(settings, subject))?);
        let flow = match set_up(&runtime, settings, &stage) {
            Ok(flow) => flow,
            Err(error) => return Err(undo(&runtime, &stage, error)),
        };
        let began = stage.now();
        let mut record = record;
        record.started = jiff::Timestamp::from_nanosecond(i128::from(began.as_nanos())).unwrap_or_default();
        record.consumers = flow.consumers();
        let notes = match Notes::begin(record, subject.directory.as_deref(), subject.prices, began) {
            Ok(notes) => notes,
            Err(error) => return Err(undo(&runtime, &stage, error.into())),
        };
        let consumers = consumers(&stage, &flow, spawns, &runtime);
        let (elapsed, status) = (Duration::ZERO, Status::Running);
        let mut session =
            Session { settings, runtime, spawns, stage, flow, consumers, notes, remaining: None, elapsed, status };
        match session.probe() {
            Ok(()) => Ok(session),
            Err(error) => Err(undo(&session.runtime, &session.stage, error)),
        }
    }

    fn step<T>(&mut self, work: impl Future<Output = T>) -> Result<T, LoadError> {
        let Session { runtime, stage, consumers, .. } = self;
        drive(runtime, stage, consumers, work)
    }

    fn probe(&mut self) -> Result<(), LoadError> {
        let (stage, flow) = (self.stage.clone(), self.flow.clone());
        let began = stage.now();
        let arrived = self.step(async move { probe(&stage, &*flow).await })?;
        if let Some(trouble) = self.stage.trouble() {
            return Err(trouble.into());
        }
        if !arrived && !self.settings.stop.is_raised() {
            return Err(LoadError::NothingArrives { label: self.notes.record.label.clone(), seconds: PROBE.as_secs() });
        }
        if let Some(delivery) = self.stage.delivery() {
            delivery.count_from_here();
        }
        // What a probe took is no latency of anything.
        drop(self.stage.recorder.harvest());
        Ok(self.notes.end_phase(Stretch { phase: PhaseName::Probe, block: None }, began, self.stage.now())?)
    }

    /// Follows the plan's beginning for a while; nothing of it is measured.
    pub(crate) fn warm_up(&mut self, observe: &mut dyn FnMut(&Event<'_>)) -> Result<(), LoadError> {
        let lasts = self.settings.warm_up;
        if !lasts.is_zero() {
            let remaining = remaining(self.settings, self.settings.seed ^ WARM_UP_SEED);
            let stretch = Stretch { phase: PhaseName::WarmUp, block: None };
            self.follow(remaining, stretch, lasts, Duration::ZERO, observe)?;
        }
        if let Some(delivery) = self.stage.delivery() {
            delivery.measure_from_here();
        }
        self.remaining = Some(remaining(self.settings, self.settings.seed));
        Ok(())
    }

    /// Follows the plan for one block, measures, and waits until what was sent has come.
    pub(crate) fn block(
        &mut self,
        block: Option<u32>,
        lasts: Duration,
        observe: &mut dyn FnMut(&Event<'_>),
    ) -> Result<(), LoadError> {
        let Some(remaining) = self.remaining.take() else { return Ok(()) };
        self.stage.set_measuring(true);
        let stretch = Stretch { phase: PhaseName::Measure, block };
        let rest = self.follow(remaining, stretch, lasts, self.elapsed, observe)?;
        self.elapsed += lasts;
        self.remaining = Some(rest);
        let drained = self.drain(Stretch { phase: PhaseName::Drain, block }, self.settings.drain, observe);
        self.stage.set_measuring(false);
        drained
    }

    fn follow(
        &mut self,
        remaining: Remaining,
        stretch: Stretch,
        lasts: Duration,
        plan_from: Duration,
        observe: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Remaining, LoadError> {
        let Session { settings, runtime, spawns, stage, flow, consumers, notes, .. } = self;
        let began = stage.now();
        let measured = stretch.phase == PhaseName::Measure;
        let origin = Timestamp::from_nanos(began.as_nanos().saturating_sub(nanos(plan_from)));
        let window = Window { origin, from: began, until: began + lasts, measured };
        let schedule = Arc::new(Schedule::new(remaining, window));
        let cpu = machine::cpu_time();
        notes.begin_phase(stage);
        let work = async {
            let mut workers = Crew::new(*spawns);
            for _ in 0..settings.workers.get() {
                workers.add(Box::pin(work(stage.clone(), flow.clone(), schedule.clone())));
            }
            let mut watch = Watch { settings, stage, notes, stretch, observe };
            watch.until(Some(&schedule), workers.finished(), began + lasts + settings.timeout + settings.drain).await
        };
        let ended = drive(runtime, stage, consumers, work)??;
        let counts = schedule.counts(stage.now());
        if measured {
            let cpu = cpu.zip(machine::cpu_time()).map(|(before, after)| after.saturating_sub(before));
            let lasted = stage.now().since(began).max(Duration::from_nanos(1));
            let lasted = if ended == Ended::Done { lasts.max(Duration::from_nanos(1)) } else { lasted.min(lasts) };
            notes.kept(&Kept { counts, lasted, cpu, lateness: schedule.lateness() });
        }
        notes.end_phase(stretch, began, stage.now())?;
        self.note(ended);
        Ok(schedule.rest())
    }

    /// Waits until every message that was taken has come, but not for ever.
    fn drain(
        &mut self,
        stretch: Stretch,
        most: Duration,
        observe: &mut dyn FnMut(&Event<'_>),
    ) -> Result<(), LoadError> {
        let Session { settings, runtime, stage, consumers, notes, .. } = self;
        if stage.delivery().is_none() {
            return Ok(());
        }
        let began = stage.now();
        notes.begin_phase(stage);
        let work = async {
            let mut watch = Watch { settings, stage, notes, stretch, observe };
            watch.until(None, all_arrived(stage), began + most).await
        };
        drive(runtime, stage, consumers, work)??;
        notes.end_phase(stretch, began, stage.now()).map_err(LoadError::from)
    }

    /// Waits for what is still missing, tells what came of the run, and deletes what was created.
    pub(crate) fn close(mut self, observe: &mut dyn FnMut(&Event<'_>)) -> Result<Finished, LoadError> {
        if !self.settings.stop.is_raised() {
            let stage = self.stage.clone();
            self.step(async move { stage.clock().sleep(LINGER).await })?;
        }
        if self.status == Status::Running {
            self.status = if self.settings.stop.is_raised() { Status::Interrupted } else { Status::Complete };
        }
        let steady =
            (self.settings.scenario.stationary && self.settings.plan.is_steady()).then(|| self.main_operation());
        self.notes.end(&self.stage, self.status, steady.flatten().as_deref())?;
        let Session { runtime, stage, flow, consumers, notes, .. } = self;
        // Tasks are ended on the runtime that they run on.
        let inside = runtime.enter();
        drop((consumers, flow));
        drop(inside);
        let left = if stage.target().is_ephemeral() { Vec::new() } else { runtime.block_on(stage.tear_down()) };
        let trouble = stage.trouble();
        observe(&Event::Closed { label: &notes.record.label, left: &left });
        if let Ok(stage) = Arc::try_unwrap(stage) {
            runtime.block_on(stage.into_target().close());
        }
        let lateness_p99_ns = notes.lateness_p99();
        let (series, intervals) = (notes.series().to_vec(), notes.whole());
        Ok(Finished { series, intervals, record: notes.record, trouble, left, lateness_p99_ns })
    }

    /// The operation with the most scheduled calls.
    fn main_operation(&self) -> Option<String> {
        let calls = self.notes.totals.iter(&self.notes.names);
        let most = calls.filter(|(name, _)| !name.ends_with(".failed")).max_by_key(|(_, view)| {
            view.kinds()
                .find(|(kind, _)| *kind == proofmark_record::load::Kind::Response)
                .map_or(0, |(_, all)| all.len())
        });
        most.map(|(name, _)| name.to_owned())
    }

    fn note(&mut self, ended: Ended) {
        if self.status == Status::Running {
            self.status = match ended {
                Ended::Done => Status::Running,
                Ended::TooLate => Status::Deadline,
                Ended::Halted if self.stage.trouble().is_some() => Status::Failed,
                Ended::Halted => Status::Interrupted,
            };
        }
    }
}

/// A run that has ended.
#[derive(Debug)]
pub struct Finished {
    /// Its record.
    pub record: RunRecord,
    /// What happened in each interval.
    pub series: Vec<IntervalRow>,
    /// What was measured of each operation and kind, all intervals in one.
    pub intervals: Vec<LoggedInterval>,
    /// Why it could not go on, if it could not.
    pub trouble: Option<Trouble>,
    /// What could not be deleted, with why.
    pub left: Vec<String>,
    /// How late free workers woke, at p99 in nanoseconds.
    pub lateness_p99_ns: u64,
}

/// How a phase ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Done,
    TooLate,
    Halted,
}

/// Whoever writes down what happens while others work.
struct Watch<'a> {
    settings: &'a Settings,
    stage: &'a Stage,
    notes: &'a mut Notes,
    stretch: Stretch,
    observe: &'a mut dyn FnMut(&Event<'_>),
}

impl Watch<'_> {
    /// Writes a row per interval until `work` is done, the deadline has passed, or the run is halted.
    async fn until(
        &mut self,
        schedule: Option<&Schedule>,
        work: impl Future<Output = ()>,
        deadline: Timestamp,
    ) -> Result<Ended, LoadError> {
        let clock = self.stage.clock();
        let mut work = std::pin::pin!(work);
        let mut next = clock.now() + self.settings.interval;
        loop {
            let ended = tokio::select! {
                biased;
                () = &mut work => Some(Ended::Done),
                () = clock.sleep_until(next.min(deadline)) => (deadline <= next).then_some(Ended::TooLate),
                () = self.halted() => Some(Ended::Halted),
            };
            self.row(schedule)?;
            match ended {
                // Workers that were stopped have ended, too.
                Some(Ended::Done) if self.stage.halt().is_raised() => return Ok(Ended::Halted),
                Some(ended) => return Ok(ended),
                None => next = next + self.settings.interval,
            }
        }
    }

    /// Waits until the run is halted, and a little longer, so that calls under way can end.
    async fn halted(&self) {
        self.stage.halt().raised().await;
        self.stage.clock().sleep(Duration::from_secs(2)).await;
    }

    fn row(&mut self, schedule: Option<&Schedule>) -> Result<(), LoadError> {
        let counts = schedule.map_or_else(Counts::default, |schedule| schedule.counts(self.stage.now()));
        self.notes.interval(self.stage, self.stretch, counts)?;
        let Some(row) = self.notes.series().last() else { return Ok(()) };
        (self.observe)(&Event::Interval {
            label: &self.notes.record.label,
            row,
            totals: &self.notes.totals,
            names: &self.notes.names,
        });
        Ok(())
    }
}

async fn open_stage(settings: &Settings, subject: &Subject) -> Result<Stage, LoadError> {
    let unreachable =
        |error: &dyn std::fmt::Display| LoadError::Open { label: subject.label.clone(), why: error.to_string() };
    let target = subject.backend.open(settings.seed).await.map_err(|error| unreachable(&chain(&error)))?;
    let target = target.untaped(subject.meter.clone()).attempting(settings.attempts);
    let stage_settings = StageSettings {
        run: settings.run.clone(),
        scenario: settings.scenario.name,
        seed: settings.seed,
        producer: settings.part.index.get(),
        timeout: settings.timeout,
        ledger: subject.ledger.clone(),
        stop: settings.stop.clone(),
    };
    Ok(Stage::new(target, settings.parameters.clone(), stage_settings))
}

fn runtime(spawns: bool, threads: std::num::NonZeroUsize) -> Result<Runtime, LoadError> {
    let built = if spawns {
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads.get()).enable_all().build()
    } else {
        // Virtual time is exact and repeats on one thread only.
        tokio::runtime::Builder::new_current_thread().enable_all().build()
    };
    built.map_err(LoadError::Runtime)
}

/// Does `work` while the consumers go on; on a virtual clock, time leaps whenever all of them wait.
fn drive<T>(
    runtime: &Runtime,
    stage: &Stage,
    consumers: &mut Crew,
    work: impl Future<Output = T>,
) -> Result<T, LoadError> {
    driven(runtime.block_on(stage.target().drive(consumers.beside(work), u64::MAX)))
}

fn driven<T>(driven: Result<T, proofmark_backend::DriveError>) -> Result<T, LoadError> {
    driven.map_err(|error| LoadError::Drive(error.to_string()))
}

/// Creates what the scenario needs, but does not wait for ever.
fn set_up(runtime: &Runtime, settings: &Settings, stage: &Arc<Stage>) -> Result<Arc<dyn Flow>, LoadError> {
    let work = async {
        tokio::select! {
            biased;
            flow = (settings.scenario.set_up)(stage) => flow,
            () = stage.clock().sleep(SET_UP) => Err(too_slow("what the scenario needs was not created")),
            () = stage.halt().raised() => Err(Trouble::Failed("it was stopped before it began".to_owned())),
        }
    };
    Ok(driven(runtime.block_on(stage.target().drive(work, u64::MAX)))??)
}

fn too_slow(what: &str) -> Trouble {
    Trouble::Failed(format!("{what} within {} s", SET_UP.as_secs()))
}

/// Deletes what was created, and tells what is left. What cannot be deleted stays in the ledger.
fn tear_down(runtime: &Runtime, stage: &Stage) -> Vec<String> {
    if stage.target().is_ephemeral() {
        return Vec::new();
    }
    runtime.block_on(async {
        tokio::select! {
            biased;
            left = stage.tear_down() => left,
            () = stage.clock().sleep(SET_UP) => vec![too_slow("not everything was deleted").to_string()],
        }
    })
}

/// Deletes what was created before something went wrong.
fn undo(runtime: &Runtime, stage: &Stage, why: LoadError) -> LoadError {
    // Why it all went wrong is what to tell.
    drop(tear_down(runtime, stage));
    why
}

fn consumers(stage: &Arc<Stage>, flow: &Arc<dyn Flow>, spawns: bool, runtime: &Runtime) -> Crew {
    // Tasks are spawned on the runtime that is entered.
    let _inside = runtime.enter();
    let mut crew = Crew::new(spawns);
    for consumer in 0..flow.consumers() {
        let (stage, flow) = (stage.clone(), flow.clone());
        crew.add(Box::pin(async move {
            while stage.trouble().is_none() {
                flow.consume(consumer).await;
            }
        }));
    }
    crew
}

/// One worker: the next arrival, again and again.
async fn work(stage: Arc<Stage>, flow: Arc<dyn Flow>, schedule: Arc<Schedule>) {
    while let Some(arrival) = schedule.next(stage.clock(), stage.halt()).await {
        flow.act(&arrival).await;
    }
}

fn remaining(settings: &Settings, seed: u64) -> Remaining {
    let open = settings.plan.closed_workers().is_none();
    let arrivals = || -> Option<std::iter::Peekable<Arrivals>> {
        open.then(|| (Box::new(settings.plan.arrivals_of(seed, settings.part)) as Arrivals).peekable())
    };
    Remaining { arrivals: arrivals(), asked: arrivals(), number: 0 }
}

/// Sends probes until one has come all the way; false if none did.
async fn probe(stage: &Stage, flow: &dyn Flow) -> bool {
    let deadline = stage.now() + PROBE;
    while stage.now() < deadline && !stage.halt().is_raised() {
        let first = stage.delivery().map_or(0, Delivery::begun);
        let arrival = Arrival { number: 0, intended: stage.now(), measured: false, progress: 0.0 };
        flow.act(&arrival).await;
        let Some(delivery) = stage.delivery() else { return true };
        let again = stage.now() + PROBE_AGAIN;
        while stage.now() < again && !stage.halt().is_raised() {
            let sent = delivery.begun();
            if sent > first && (first..sent).all(|sequence| delivery.has_arrived(sequence)) {
                return true;
            }
            stage.clock().sleep(LOOK).await;
        }
    }
    false
}

async fn all_arrived(stage: &Stage) {
    while stage.delivery().is_some_and(|delivery| delivery.outstanding() > 0) && stage.trouble().is_none() {
        stage.clock().sleep(LOOK).await;
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
