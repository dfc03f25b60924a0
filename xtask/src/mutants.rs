//! Mutation testing by schemata: every mutant is compiled in at once, and a variable of the environment picks one.
//!
//! The tree is copied, the rooms in question are rewritten in the copy so that each place to break asks
//! `mutant::on(n)`, and the suites run for each mutant. One build instead of hundreds.
//!
//! | Module | What is in it |
//! |---|---|
//! | this one | the course of it, and its options |
//! | `rewrite` | where a program can be broken, and how that is written into it |
//! | `copy` | the copy of the tree |
//! | `judge` | what the suites make of a mutant |
//! | `equivalent` | the mutants that no client can tell from the reference, with reasons |
//! | `report` | the shares, and the file with what came of it |

mod copy;
mod equivalent;
mod judge;
mod report;
mod rewrite;

use copy::Copy;
use equivalent::Equivalents;
use indicatif::{ProgressBar, ProgressStyle};
use judge::{Judge, Outcome};
use report::Report;
use rewrite::Mutant;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// A folder whose code is broken, with the folders in it; may be given several times.
    #[arg(long = "room", value_name = "FOLDER", default_value = "reference-impl/world/src/sqs")]
    rooms: Vec<String>,
    /// Which cases judge, as for `proofmark check`; may be given several times [default: `wire.`, and the name of
    /// each room with a dot behind it].
    #[arg(long = "cases", value_name = "FILTER")]
    cases: Vec<String>,
    /// List the mutants, and run none.
    #[arg(long)]
    list: bool,
    /// How many suites run at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Only mutants whose file or description contains this.
    #[arg(long)]
    only: Option<String>,
    /// Only mutants that survived in this earlier report.
    #[arg(long, value_name = "REPORT")]
    survivors_of: Option<PathBuf>,
    /// Write what came of it to this file, as JSON.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Judge only every so many-th mutant, for a quicker look.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// Do not build again: the copy of an earlier run is good.
    #[arg(long)]
    reuse: bool,
    /// The least share of mutants that must be killed or noticed, in percent of those that make a difference.
    #[arg(long, default_value_t = 90.0)]
    at_least: f64,
    /// Feeds every id and chance of every run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A mutant, and what came of it.
struct Judged {
    mutant: Mutant,
    outcome: Outcome,
}

/// Breaks the reference and runs the suites against each breakage.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let equivalents = Equivalents::read(&options.rooms)?;
    let copy = Copy::new()?;
    let mutants = copy.break_rooms(&options.rooms)?;
    equivalents.check_not_stale(&mutants)?;
    let chosen = chosen(&mutants, options)?;
    if options.list {
        return print_list(&chosen);
    }
    let judge = Judge::new(copy.build(options.reuse)?, &cases(options), options.seed)?;
    let judged = judge_all(&judge, &chosen, options.jobs)?;
    let report = Report::new(judged, &equivalents, options, mutants.len());
    report.print();
    if let Some(path) = &options.out {
        report.write(path)?;
    }
    report.verdict(options.at_least)
}

fn chosen(mutants: &[Mutant], options: &Options) -> Result<Vec<Mutant>, String> {
    let earlier = options.survivors_of.as_deref().map(report::survivors).transpose()?;
    let survived = |mutant: &Mutant| earlier.as_ref().is_none_or(|names| names.contains(&mutant.name));
    let matching = mutants.iter().filter(|mutant| mutant.matches(options.only.as_deref()) && survived(mutant));
    Ok(matching.step_by(options.every.max(1)).cloned().collect())
}

/// The cases that judge.
fn cases(options: &Options) -> Vec<String> {
    if !options.cases.is_empty() {
        return options.cases.clone();
    }
    let name = |room: &String| Path::new(room).file_name().map(|name| format!("{}.", name.display()));
    options.rooms.iter().filter_map(name).chain(["wire.".to_owned()]).collect()
}

fn judge_all(judge: &Judge, mutants: &[Mutant], jobs: usize) -> Result<Vec<Judged>, String> {
    let bar = ProgressBar::new(u64::try_from(mutants.len()).unwrap_or_default());
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} mutants, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let next = AtomicUsize::new(0);
    let judged = Mutex::new(Vec::new());
    let work = || -> Result<(), String> {
        while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = judge.judge(mutant.id)?;
            judged.lock().unwrap_or_else(|lock| lock.into_inner()).push(Judged { mutant: mutant.clone(), outcome });
            tell_progress(&bar);
        }
        Ok(())
    };
    std::thread::scope(|threads| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| threads.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| Err("a worker panicked".to_owned())))
    })?;
    bar.finish_and_clear();
    let mut judged = judged.into_inner().unwrap_or_else(|lock| lock.into_inner());
    judged.sort_by_key(|judged| judged.mutant.id);
    Ok(judged)
}

/// Moves the bar; where there is no terminal to draw it on, says something now and then.
fn tell_progress(bar: &ProgressBar) {
    bar.inc(1);
    if bar.is_hidden() && bar.position().is_multiple_of(50) {
        eprintln!("{} of {} mutants", bar.position(), bar.length().unwrap_or_default());
    }
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn print_list(mutants: &[Mutant]) -> Result<(), String> {
    for mutant in mutants {
        println!("{mutant}");
    }
    println!("{} mutants", mutants.len());
    Ok(())
}
