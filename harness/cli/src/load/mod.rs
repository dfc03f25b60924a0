//! `proofmark load` and `proofmark search`.
//!
//! | File | What is in it |
//! |---|---|
//! | this one | the course of a load, from flags to exit code |
//! | `arguments` | the flags |
//! | `targets` | what it is put on |
//! | `part` | which part of a plan this process runs |
//! | `live` | what a terminal shows meanwhile |
//! | `search` | the highest rate that meets an objective |

pub(crate) mod arguments;
mod live;
mod part;
pub(crate) mod search;
mod targets;

use crate::exit::{Exit, Trouble};
use crate::run_id::run_id;
use crate::signals::stop_on_signal;
use crate::{output, selection};
use arguments::{CommonArguments, LoadArguments, LoadFormat};
use live::Live;
use proofmark_backend::{StopFlag, chain};
use proofmark_load::calibrate::calibrate;
use proofmark_load::{Finished, Part, Plan, Scenario, Settings, Subject};
use proofmark_record::load::LoadedRun;
use proofmark_suites::scenarios;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;
use targets::Target;

/// Into how many blocks the measured time is cut where backends take turns.
const BLOCKS: NonZeroU32 = NonZeroU32::new(10).expect("ten is above zero");

/// How long a plan is followed before anything is measured on a wall clock.
const WARM_UP: Duration = Duration::from_secs(5);

pub(crate) fn run(arguments: &LoadArguments) -> Result<Exit, Trouble> {
    let Some(name) = &arguments.scenario else {
        output::write(&listed())?;
        return Ok(Exit::AsExpected);
    };
    let scenario = find(name)?;
    let targets = targets(scenario, &arguments.common)?;
    let settings = settings(scenario, arguments, &targets)?;
    let place = place(arguments, &settings);
    targets.iter().try_for_each(Target::knock)?;
    let subjects = subjects(&targets, &arguments.common, place.as_deref())?;
    if arguments.calibrate {
        return calibrated(&settings, &subjects);
    }
    stop_on_signal(&settings.stop);
    announce(&settings, &targets);
    let mut live = Live::new(subjects.iter().any(|subject| subject.prices.is_some()));
    let finished = proofmark_load::run(&settings, &subjects, &mut |event| live.observe(event));
    live.finish();
    let finished = finished.map_err(|error| targets::trouble(&error))?;
    tell(arguments, &finished, place.as_deref())?;
    Ok(exit(&finished))
}

fn find(name: &str) -> Result<&'static Scenario, Trouble> {
    scenarios::find(name).ok_or_else(|| {
        let names = scenarios::SCENARIOS.iter().map(|scenario| scenario.name);
        let meant = selection::nearest(name, names).map_or_else(String::new, |near| format!(" Did you mean `{near}`?"));
        Trouble::Usage(format!("there is no scenario `{name}`.{meant} `proofmark load` lists them"))
    })
}

fn targets(scenario: &Scenario, common: &CommonArguments) -> Result<Vec<Target>, Trouble> {
    if scenario.name == "null" { Ok(vec![Target::null()]) } else { targets::open(common) }
}

fn settings(scenario: &'static Scenario, arguments: &LoadArguments, targets: &[Target]) -> Result<Settings, Trouble> {
    let plan = plan(arguments)?;
    let several = targets.len() > 1;
    let one = NonZeroU32::MIN;
    Ok(Settings {
        plan,
        duration: arguments.duration,
        blocks: arguments.blocks.unwrap_or(if several { BLOCKS } else { one }),
        part: part::read(arguments.part.as_deref())?,
        interval: arguments.results.interval.unwrap_or_else(|| interval(arguments.duration)),
        ..common_settings(scenario, &arguments.common, targets)?
    })
}

fn common_settings(
    scenario: &'static Scenario,
    common: &CommonArguments,
    targets: &[Target],
) -> Result<Settings, Trouble> {
    let parameters = scenario.choose(&common.parameters).map_err(|error| Trouble::Usage(chain(&error)))?;
    let is_virtual = targets.iter().all(Target::is_virtual);
    let plan = Plan::constant(100.0).map_err(|error| Trouble::Bug(chain(&error)))?;
    let workers = common.workers;
    // On virtual time a run repeats bit for bit, its name included.
    let run = if is_virtual { "virtual".to_owned() } else { run_id() };
    Ok(Settings {
        scenario,
        parameters,
        plan,
        duration: Duration::ZERO,
        warm_up: common.warm_up.unwrap_or(if is_virtual { Duration::ZERO } else { WARM_UP }),
        blocks: NonZeroU32::MIN,
        workers,
        part: Part::WHOLE,
        seed: common.reference.seed.unwrap_or(0),
        interval: Duration::from_secs(1),
        drain: common.drain,
        timeout: common.timeout,
        attempts: common.attempts,
        threads: common.threads.unwrap_or_else(processors),
        session: run.clone(),
        run,
        stop: StopFlag::default(),
        versions: versions(),
    })
}

fn processors() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn versions() -> BTreeMap<String, String> {
    let versions = [
        ("proofmark", env!("CARGO_PKG_VERSION")),
        ("aws-sdk-sqs", proofmark_load::stage::SQS_VERSION),
        ("aws-sdk-sns", proofmark_load::stage::SNS_VERSION),
    ];
    versions.into_iter().map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
}

fn plan(arguments: &LoadArguments) -> Result<Plan, Trouble> {
    let constant = || format!("constant:{}", arguments.rate.as_deref().unwrap_or("100/s"));
    let text = arguments.plan.clone().unwrap_or_else(constant);
    Plan::parse(&text, |file| std::fs::read_to_string(file)).map_err(|error| Trouble::Usage(chain(&error)))
}

/// A second, or long enough that a run has about three hundred.
fn interval(duration: Duration) -> Duration {
    Duration::from_secs((duration.as_secs() / 300).max(1))
}

/// The directory that the records go to; `None` if none is to be written.
fn place(arguments: &LoadArguments, settings: &Settings) -> Option<PathBuf> {
    if arguments.results.no_record || arguments.calibrate {
        return None;
    }
    let chosen = arguments.results.out.clone();
    let name = if settings.run == "virtual" { run_id() } else { settings.run.clone() };
    Some(chosen.unwrap_or_else(|| Path::new("results").join("runs").join(name)))
}

fn subjects(targets: &[Target], common: &CommonArguments, place: Option<&Path>) -> Result<Vec<Subject>, Trouble> {
    let directory = |target: &Target| match targets.len() {
        1 => place.map(Path::to_owned),
        _ => place.map(|place| place.join(&target.label)),
    };
    targets.iter().map(|target| target.subject(common, directory(target).as_deref())).collect()
}

/// Says on standard error what a run will take.
fn announce(settings: &Settings, targets: &[Target]) {
    let operations = settings.plan.expected(settings.duration).map_or_else(
        || format!("{} workers, each as fast as it can", settings.workers),
        |count| format!("about {:.0} operations", count / f64::from(settings.part.of.get())),
    );
    let labels: Vec<&str> = targets.iter().map(|target| target.label.as_str()).collect();
    let (name, plan) = (settings.scenario.name, &settings.plan);
    let seconds = settings.duration.as_secs_f64();
    anstream::eprintln!("proofmark: {name}, {plan} for {seconds} s on {}: {operations} on each", labels.join(", "));
}

fn tell(arguments: &LoadArguments, finished: &[Finished], place: Option<&Path>) -> Result<(), Trouble> {
    match arguments.results.format {
        LoadFormat::Json => {
            let records: Vec<_> = finished.iter().map(|finished| &finished.record).collect();
            output::write_json(&records)?;
        }
        LoadFormat::Human => {
            for finished in finished {
                output::write(&summary(finished))?;
            }
        }
    }
    for (finished, trouble) in finished.iter().filter_map(|finished| Some((finished, finished.trouble.as_ref()?))) {
        anstream::eprintln!("proofmark: {}: {trouble}", finished.record.label);
    }
    if let Some(place) = place {
        anstream::eprintln!("record: {}", place.display());
        if finished.len() > 1 {
            let runs: Vec<_> =
                finished.iter().map(|finished| place.join(&finished.record.label).display().to_string()).collect();
            anstream::eprintln!("next:   proofmark compare {}", runs.join(" "));
        }
    }
    Ok(())
}

/// What came of one target, for people.
fn summary(finished: &Finished) -> String {
    let Finished { record, series, intervals, .. } = finished;
    proofmark_report::run::render(&LoadedRun {
        directory: PathBuf::new(),
        run: record.clone(),
        series: series.clone(),
        intervals: intervals.clone(),
        truncated: None,
    })
}

/// The first that applies to any of the runs counts.
fn exit(finished: &[Finished]) -> Exit {
    let any = |holds: fn(&Finished) -> bool| finished.iter().any(holds);
    if any(|finished| finished.trouble == Some(proofmark_load::Trouble::OverBudget)) {
        Exit::OverBudget
    } else if any(|finished| finished.record.delivery_broken()) {
        Exit::AgainstExpectation
    } else if any(|finished| !finished.record.validity.valid) {
        Exit::Inconclusive
    } else {
        Exit::AsExpected
    }
}

/// The scenarios, to read.
fn listed() -> String {
    let mut text = String::new();
    for scenario in scenarios::SCENARIOS {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}\n    {}", scenario.name, scenario.summary);
        for parameter in scenario.parameters {
            let setting = format!("{}={}", parameter.name, parameter.default);
            let _ = writeln!(text, "      -p {setting:<14} {}", parameter.help);
        }
    }
    text
}

fn calibrated(settings: &Settings, subjects: &[Subject]) -> Result<Exit, Trouble> {
    let [subject] = subjects else { return Err(Trouble::Usage("calibrate with one target: load null".to_owned())) };
    if subject.described.backend != "null" {
        return Err(Trouble::Usage("--calibrate is about the generator: proofmark load null --calibrate".to_owned()));
    }
    let found = calibrate(settings, subject).map_err(|error| targets::trouble(&error))?;
    let share = 100.0 * found.share();
    let late = Duration::from_nanos(found.lateness_p99_ns);
    output::write(&format!(
        "a bare loop of SDK calls  {:>9.0} calls/s, {} at once on {} threads\n\
         the generator             {:>9.0} calls/s, {share:.0} % of it (80 % or more is good)\n\
         at half the bare rate     {:>9.0} calls/s kept of {:.0}; free workers woke {late:.1?} late at p99 (under 1 ms is good)\n\
         Waits and responses shorter than that lateness mean nothing on this machine.\n",
        found.bare_per_second,
        settings.workers,
        settings.threads,
        found.generator_per_second,
        found.kept_per_second,
        found.paced_per_second,
    ))?;
    let good = share >= 80.0 && late < Duration::from_millis(1);
    Ok(if good { Exit::AsExpected } else { Exit::Inconclusive })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_listed_with_its_parameters() {
        let text = listed();
        for scenario in scenarios::SCENARIOS {
            assert!(text.contains(scenario.name) && text.contains(scenario.summary), "{}", scenario.name);
        }
    }

    #[test]
    fn a_day_has_about_three_hundred_intervals() {
        assert_eq!(interval(Duration::from_secs(30)), Duration::from_secs(1));
        assert_eq!(interval(Duration::from_secs(86_400)), Duration::from_secs(288));
    }
}
