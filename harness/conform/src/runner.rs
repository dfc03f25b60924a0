//! Running units: in parallel, each alone in a world of its own.
//!
//! | Item | What it does |
//! |---|---|
//! | [`run`] | a whole plan on several threads, with events as it goes |
//! | [`run_unit`] | one unit, for `cargo test` and for replays |
//! | [`RunOptions`] | seed, threads, deadline, budget, ledger |
//! | [`RunEvent`] | what a live display shows |
//!
//! A unit's world depends on the run's seed and the unit's name only, so results do not depend on the number of
//! threads, and one unit can be repeated alone.

use crate::budget::{Budget, Prices};
use crate::ledger::Ledger;
use crate::plan::unit_seed;
use crate::scope::Setting;
use crate::summary::{RunSummary, UnitResult};
use crate::{Body, Citing, Outcome, PATIENCE, Plan, Scope, Stop, StopFlag, Unit, Verdict};
use proofmark_backend::{Backend, Clock, Meter, WallClock, chain};
use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::task::Poll;
use std::time::Duration;

/// Why a unit that was under way when the run was told to stop has no verdict.
const BROKEN_OFF: &str = "the run was told to stop";

/// How a plan is run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The run's id, part of every name: lower-case letters and digits, twelve at most.
    pub run: String,
    /// Feeds every unit's world.
    pub seed: u64,
    /// How many units run at once.
    pub threads: usize,
    /// Whether a text that differs fails a case.
    pub exact: bool,
    /// How much real time a unit may take beyond three times what its cost says: more than [`PATIENCE`], or a case
    /// that waits in vain is broken off before it can say what for.
    pub deadline: Duration,
    /// How often a virtual clock may leap in one unit.
    pub steps: u64,
    /// What the run may cost.
    pub budget: Budget,
    /// What requests cost.
    pub prices: Prices,
    /// Where creations are written down first.
    pub ledger: Ledger,
    /// Units whose cost says that they wait longer than this are not run, and unsupported.
    pub longest: Option<Duration>,
    /// Ends the run early. Units under way are broken off and cleaned up after.
    pub stop: StopFlag,
}

impl Default for RunOptions {
    /// Run `local`, seed 0, one thread per processor, a minute more than [`PATIENCE`], a million leaps, no budget, no ledger,
    /// no unit too long.
    fn default() -> Self {
        RunOptions {
            run: "local".to_owned(),
            seed: 0,
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            exact: false,
            deadline: PATIENCE + Duration::from_secs(60),
            steps: 1_000_000,
            budget: Budget::default(),
            prices: Prices::default(),
            ledger: Ledger::default(),
            longest: None,
            stop: StopFlag::default(),
        }
    }
}

/// What happens during a run.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "one event is alive at a time")]
pub enum RunEvent {
    /// A unit began.
    Started {
        /// Its place in the plan.
        index: usize,
        /// Its name.
        unit: String,
    },
    /// A unit ended.
    Finished {
        /// Its place in the plan.
        index: usize,
        /// What came of it.
        result: UnitResult,
    },
}

/// Runs a plan to its end, or until it is told to stop; units that did not run are not in the summary. `observe` is called on this thread, as things happen.
pub fn run(backend: &Backend, plan: &Plan, options: &RunOptions, mut observe: impl FnMut(&RunEvent)) -> RunSummary {
    let clock = WallClock::new();
    let started = clock.now();
    let meter = options.budget.meter(&options.prices);
    let units = run_threads(backend, plan, options, &meter, &mut observe);
    RunSummary {
        run: options.run.clone(),
        backend: backend.name().to_owned(),
        seed: options.seed,
        started_milliseconds: started.as_millis(),
        took_milliseconds: milliseconds(clock.now().since(started)),
        requests: meter.spent(),
        budget_exhausted: units.iter().any(|unit| unit.verdict == Verdict::Disabled),
        units,
    }
}

fn run_threads(
    backend: &Backend,
    plan: &Plan,
    options: &RunOptions,
    meter: &Meter,
    observe: &mut impl FnMut(&RunEvent),
) -> Vec<UnitResult> {
    let next = AtomicUsize::new(0);
    let (events, received) = channel();
    let mut results: Vec<Option<UnitResult>> = vec![None; plan.units().len()];
    std::thread::scope(|threads| {
        for _ in 0..options.threads.clamp(1, plan.units().len().max(1)) {
            let (events, next) = (events.clone(), &next);
            threads.spawn(move || work(backend, plan, options, meter, next, &events));
        }
        drop(events);
        for event in received {
            observe(&event);
            if let RunEvent::Finished { index, result } = event {
                results[index] = Some(result);
            }
        }
    });
    results.into_iter().flatten().collect()
}

/// One thread's share: the next unit that nobody has taken, until there is none.
fn work(
    backend: &Backend,
    plan: &Plan,
    options: &RunOptions,
    meter: &Meter,
    next: &AtomicUsize,
    events: &Sender<RunEvent>,
) {
    while !options.stop.is_raised() {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(&unit) = plan.units().get(index) else { return };
        // Nobody receives any more only if the observer panicked; then the scope ends with that panic.
        let _ = events.send(RunEvent::Started { index, unit: unit.name() });
        let result = run_metered(backend, unit, options, meter);
        if !result.was_broken_off() {
            let _ = events.send(RunEvent::Finished { index, result });
        }
    }
}

/// Runs one unit in a world of its own, on a runtime of its own.
#[must_use]
pub fn run_unit(backend: &Backend, unit: Unit, options: &RunOptions) -> UnitResult {
    run_metered(backend, unit, options, &options.budget.meter(&options.prices))
}

fn run_metered(backend: &Backend, unit: Unit, options: &RunOptions, meter: &Meter) -> UnitResult {
    let mut result = blank(unit, options);
    if let Some(need) = backend.capabilities().lacking(unit.case.needs) {
        result.settle(Err(Stop::Unsupported(format!("it needs {need}"))));
        return result;
    }
    if let Some(longest) = options.longest.filter(|longest| waits(unit) > *longest) {
        let reason = format!("it waits longer than the {} s that this run allows a unit", longest.as_secs());
        result.settle(Err(Stop::Unsupported(reason)));
        return result;
    }
    let Ok(share) = meter.for_unit(unit.case.cost.requests.into()) else {
        result.disable(meter);
        return result;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => perform(&runtime, backend, unit, options, &share, &mut result),
        Err(error) => result.settle(Err(Stop::Error(format!("no runtime for the unit: {error}")))),
    }
    share.give_back();
    result
}

fn waits(unit: Unit) -> Duration {
    Duration::from_secs(unit.case.cost.seconds.into())
}

fn perform(
    runtime: &tokio::runtime::Runtime,
    backend: &Backend,
    unit: Unit,
    options: &RunOptions,
    meter: &Meter,
    result: &mut UnitResult,
) {
    runtime.block_on(async {
        match backend.open(result.seed).await {
            Ok(target) => {
                live(Scope::new(target.metered(meter.clone()), unit, setting(options)), options, result).await
            }
            Err(error) => result.settle(Err(Stop::Error(chain(&error)))),
        }
    });
}

fn setting(options: &RunOptions) -> Setting {
    Setting { run: options.run.clone(), exact: options.exact, ledger: options.ledger.clone() }
}

/// Runs the body, cleans up after it, and writes down what came of it.
async fn live(scope: Scope, options: &RunOptions, result: &mut UnitResult) {
    let started = scope.now();
    let outcome = body(&scope, options).await;
    result.world_milliseconds = milliseconds(scope.now().since(started));
    let scope = scope.cleaning();
    if !scope.target().is_ephemeral() {
        scope.clean_up().await;
    }
    result.collect(&scope, outcome);
    scope.into_target().close().await;
}

async fn body(scope: &Scope, options: &RunOptions) -> Outcome {
    let case = scope.unit().case;
    let limit = options.deadline + 3 * Duration::from_secs(u64::from(case.cost.seconds));
    let body = scope.target().drive(catching((case.body)(scope)), options.steps);
    tokio::select! {
        biased;
        driven = body => driven.unwrap_or_else(|error| Err(Stop::Error(error.to_string()))),
        () = options.stop.raised() => Err(Stop::Error(BROKEN_OFF.to_owned())),
        () = WallClock::new().sleep(limit) => Err(Stop::Error(format!("not done after {} s", limit.as_secs()))),
    }
}

/// The body, with a panic turned into an error: one case's mistake is not the run's end.
async fn catching(mut body: Body<'_>) -> Outcome {
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(context)));
        polled.unwrap_or_else(|panic| {
            Poll::Ready(Err(Stop::Error(format!("the case panicked: {}", panic_text(&*panic)))))
        })
    })
    .await
}

fn blank(unit: Unit, options: &RunOptions) -> UnitResult {
    UnitResult {
        unit: unit.name(),
        case: unit.case.id,
        protocol: unit.protocol.into(),
        verdict: Verdict::Error,
        failure: None,
        reason: None,
        warnings: Vec::new(),
        observations: Vec::new(),
        requests: 0,
        fingerprint: String::new(),
        world_milliseconds: 0,
        seed: unit_seed(options.seed, &unit),
        exchanges: Vec::new(),
        history: String::new(),
    }
}

impl UnitResult {
    /// Whether the run was told to stop while this unit was under way, so that nothing came of it.
    fn was_broken_off(&self) -> bool {
        self.reason.as_deref() == Some(BROKEN_OFF)
    }

    fn settle(&mut self, outcome: Outcome) {
        (self.verdict, self.failure, self.reason) = match outcome {
            Ok(()) => (Verdict::Pass, None, None),
            Err(Stop::Fail(failure)) => (Verdict::Fail, Some(*failure), None),
            Err(Stop::Inconclusive(missing)) => (Verdict::Inconclusive, None, Some(missing)),
            Err(Stop::Unsupported(reason)) => (Verdict::Unsupported, None, Some(reason)),
            Err(Stop::Error(reason)) => (Verdict::Error, None, Some(reason)),
        };
    }

    fn disable(&mut self, meter: &Meter) {
        self.verdict = Verdict::Disabled;
        self.reason = Some(format!("the budget has {} requests left", meter.left()));
    }

    fn break_off(&mut self) {
        self.verdict = Verdict::Disabled;
        self.reason = Some("the budget was used up while it ran".to_owned());
    }

    fn collect(&mut self, scope: &Scope, outcome: Outcome) {
        let outcome = match (outcome, scope.unit().case.clauses) {
            (Err(Stop::Fail(failure)), [clause]) if failure.clause.is_none() => Err(Stop::Fail(failure)).citing(clause),
            (outcome, _) => outcome,
        };
        self.settle(outcome);
        if self.verdict != Verdict::Pass && scope.target().tape().was_refused() {
            // What the world did not show after that is no evidence against it.
            self.failure = None;
            self.break_off();
        }
        let notes = scope.take_notes();
        (self.warnings, self.observations) = (notes.warnings, notes.observations);
        self.requests = scope.target().tape().requests();
        self.fingerprint = scope.target().tape().fingerprint();
        if self.verdict != Verdict::Pass {
            self.exchanges = scope.target().tape().exchanges();
            self.history = scope.history().to_json_lines();
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
