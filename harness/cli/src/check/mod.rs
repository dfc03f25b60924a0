//! `proofmark check`: running cases and telling what came of them.
//!
//! | File | What is in it |
//! |---|---|
//! | this one | the course of a run, from flags to exit code |
//! | `request` | what is asked for: units, kind of reference, expectations |
//! | `live` | the line on a terminal while it runs, and stopping early |
//! | `place` | the run's directory: record, summary, ledger |
//! | `recording` | the runner's summary as a record |
//! | `command_line` | the command lines that do it again |

mod command_line;
mod live;
mod place;
mod recording;
mod request;

use crate::arguments::{CheckArguments, CheckFormat};
use crate::exit::{self, Exit, Trouble};
use crate::output;
use crate::signals::stop_on_signal;
use crate::world::{self, World};
use live::Live;
use place::Place;
use proofmark_backend::{Clock, WallClock, chain};
use proofmark_conform::RunOptions;
use proofmark_conform::budget::{Budget, Estimate, Prices, estimate};
use proofmark_record::CheckRecord;
use proofmark_report::{Detail, Format};
use request::Request;
use std::num::NonZeroUsize;
use std::time::Duration;

/// How many units run at once on a wall clock, where they mostly wait.
const JOBS_THAT_WAIT: usize = 8;

pub(crate) fn run(options: &CheckArguments) -> Result<Exit, Trouble> {
    let request = Request::new(options)?;
    let world = open(options, &request)?;
    world.probe()?;
    let place = Place::new(options, &world);
    let run_options = run_options(options, &request, &world, &place)?;
    announce(&request, &world, &run_options);
    let record = conduct(options, &request, &world, &place, &run_options);
    place.save(&record)?;
    output::write(&proofmark_report::render(&record, format(options)).map_err(|error| Trouble::Bug(chain(&error)))?)?;
    place.tell(options.results.format);
    Ok(exit::of_record(&record))
}

fn open(options: &CheckArguments, request: &Request) -> Result<World, Trouble> {
    let mut world = world::open(&options.world, &request.reference)?;
    if options.results.label.is_some() {
        world.subject.label.clone_from(&options.results.label);
    }
    Ok(world)
}

fn run_options(
    options: &CheckArguments,
    request: &Request,
    world: &World,
    place: &Place,
) -> Result<RunOptions, Trouble> {
    let running = &options.running;
    let defaults = RunOptions::default();
    let threads = if world.is_on_wall_clock() { JOBS_THAT_WAIT } else { defaults.threads };
    Ok(RunOptions {
        // On a reference names need not differ between runs, and the same names make the same run.
        run: if world.is_remote() { place.run.clone() } else { defaults.run.clone() },
        seed: request.seed,
        threads: running.jobs.map_or(threads, NonZeroUsize::get),
        exact: request.exact,
        budget: Budget { requests: running.max_requests, micros: running.budget },
        ledger: place.ledger()?,
        longest: world.is_on_wall_clock().then(|| Duration::from_secs(running.max_seconds)),
        ..defaults
    })
}

/// Says on standard error what a run on somebody else's machine will take.
fn announce(request: &Request, world: &World, options: &RunOptions) {
    if !world.is_remote() {
        return;
    }
    let Estimate { requests, micros, .. } = estimate(&request.plan, &Prices::default());
    if let Some(label) = &world.subject.label {
        anstream::eprintln!("proofmark: the target is {label}");
    }
    let money = format!("{}.{:06} USD on AWS", micros / 1_000_000, micros % 1_000_000);
    anstream::eprintln!("proofmark: {} units, about {requests} requests ({money})", request.plan.units().len());
    let allowed = options.budget.meter(&options.prices).left();
    if requests > allowed {
        anstream::eprintln!("proofmark: the budget is {allowed} requests; units that do not fit are left out");
    }
}

fn conduct(
    options: &CheckArguments,
    request: &Request,
    world: &World,
    place: &Place,
    run_options: &RunOptions,
) -> CheckRecord {
    let today = proofmark_conform::expectations::date_of(WallClock::new().now());
    stop_on_signal(&run_options.stop);
    let mut live = Live::new(request, today, options.running.fail_fast.then(|| run_options.stop.clone()));
    let summary = proofmark_conform::run(&world.backend, &request.plan, run_options, |event| live.observe(event));
    live.finish();
    recording::record(&summary, &recording::Context { options, request, world, place, today })
}

fn format(options: &CheckArguments) -> Format {
    let detail = if options.results.verbose { Detail::Full } else { Detail::Brief };
    match options.results.format {
        CheckFormat::Human => Format::Human(detail),
        CheckFormat::Json => Format::Json,
        CheckFormat::Junit => Format::Junit,
        CheckFormat::Markdown => Format::Markdown,
    }
}
