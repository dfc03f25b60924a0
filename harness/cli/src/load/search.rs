//! `proofmark search`: the highest rate that meets an objective, as an interval.

use super::arguments::{CommonArguments, LoadFormat, SearchArguments};
use super::targets::{self, Target};
use super::{common_settings, find, run_id, subjects};
use crate::exit::{Exit, Trouble};
use crate::output;
use crate::signals::stop_on_signal;
use proofmark_backend::chain;
use proofmark_load::search::{Found, Range, Step, search, why_missed};
use proofmark_load::{Plan, Settings};
use proofmark_record::load::Scenario;
use proofmark_record::{SearchRecord, SearchStep};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) fn run(arguments: &SearchArguments) -> Result<Exit, Trouble> {
    let scenario = find(&arguments.scenario)?;
    let common = &arguments.common;
    let targets = if scenario.name == "null" { vec![Target::null()] } else { targets::open(common)? };
    let [target] = &targets[..] else { return Err(Trouble::Usage("search on one target at a time".to_owned())) };
    if arguments.from > arguments.to {
        return Err(Trouble::Usage("--from is above --to; nothing lies between them".to_owned()));
    }
    let settings = common_settings(scenario, common, &targets)?;
    let settings = Settings { duration: arguments.duration, interval: interval(arguments.duration), ..settings };
    target.knock()?;
    stop_on_signal(&settings.stop);
    let place = Path::new("results").join("runs").join(run_id());
    let range = Range { from: arguments.from, to: arguments.to, precision: 1.0 + arguments.precision / 100.0 };
    let mut steps = 0;
    let found = search(range, |rate| {
        steps += 1;
        step(arguments, &settings, target, &place.join(steps.to_string()), rate)
    })?;
    tell(arguments, &settings, target, &found)?;
    Ok(if found.met.is_some() { Exit::AsExpected } else { Exit::AgainstExpectation })
}

/// Runs one rate; why it missed the objectives, if it did.
fn step(
    arguments: &SearchArguments,
    settings: &Settings,
    target: &Target,
    place: &Path,
    rate: f64,
) -> Result<Option<String>, Trouble> {
    let plan = Plan::constant(rate).map_err(|error| Trouble::Usage(chain(&error)))?;
    // Names differ from step to step, so that nothing of the last one is in the way.
    let run = if target.is_virtual() { settings.run.clone() } else { run_id() };
    let settings = Settings { plan, session: run.clone(), run, ..settings.clone() };
    let subjects = subjects_at(target, &arguments.common, place)?;
    let finished = proofmark_load::run(&settings, &subjects, &mut |_| ()).map_err(|error| targets::trouble(&error))?;
    if settings.stop.is_raised() {
        return Err(Trouble::Target("the search was stopped before it found anything".to_owned()));
    }
    let why = finished.first().and_then(|finished| why_missed(finished, &arguments.slo));
    anstream::eprintln!("{rate:>10.1}/s  {}", why.as_deref().unwrap_or("met"));
    Ok(why)
}

fn subjects_at(
    target: &Target,
    common: &CommonArguments,
    place: &Path,
) -> Result<Vec<proofmark_load::Subject>, Trouble> {
    let place: Option<PathBuf> = target.needs_record().then(|| place.to_owned());
    subjects(std::slice::from_ref(target), common, place.as_deref())
}

/// A backlog that grows needs several intervals to show.
fn interval(duration: Duration) -> Duration {
    (duration / 20).clamp(Duration::from_millis(100), Duration::from_secs(60))
}

fn tell(arguments: &SearchArguments, settings: &Settings, target: &Target, found: &Found) -> Result<(), Trouble> {
    match arguments.format {
        LoadFormat::Human => output::write(&sentence(arguments, found)),
        LoadFormat::Json => output::write_json(&record(arguments, settings, target, found)),
    }
}

fn record(arguments: &SearchArguments, settings: &Settings, target: &Target, found: &Found) -> SearchRecord {
    let step = |step: &Step| SearchStep { rate: step.rate, missed: step.missed.clone() };
    SearchRecord {
        format: SearchRecord::FORMAT.to_owned(),
        proofmark: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: Scenario {
            name: settings.scenario.name.to_owned(),
            summary: settings.scenario.summary.to_owned(),
            parameters: settings.parameters.to_map(),
        },
        subject: target.described(&arguments.common),
        slo: arguments.slo.iter().map(ToString::to_string).collect(),
        met: found.met,
        missed: found.missed,
        steps: found.steps.iter().map(step).collect(),
    }
}

fn sentence(arguments: &SearchArguments, found: &Found) -> String {
    let slos: Vec<String> = arguments.slo.iter().map(ToString::to_string).collect();
    let (slos, scenario) = (slos.join(", "), &arguments.scenario);
    match (found.met, found.missed) {
        (Some(met), Some(missed)) => {
            format!("{scenario} meets {slos} up to a rate between {met:.1}/s and {missed:.1}/s, with a flat backlog\n")
        }
        (Some(met), None) => {
            format!("{scenario} meets {slos} at {met:.1}/s, the highest rate that was tried; raise --to\n")
        }
        (None, _) => {
            format!("{scenario} misses {slos} even at {:.1}/s; lower --from, or the objective\n", arguments.from)
        }
    }
}
