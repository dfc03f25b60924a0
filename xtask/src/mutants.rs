//! Mutation testing by schemata: every mutant is compiled in at once, and a variable of the environment picks one.
//!
//! The tree is copied, the copy's `world/src/sqs` is rewritten so that each place to break asks `mutant::on(n)`, and
//! the suites run once per mutant. One build instead of hundreds; a run per mutant takes about a second.

mod rewrite;

use indicatif::{ProgressBar, ProgressStyle};
use rewrite::Mutant;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The room that is broken.
const BROKEN_ROOM: &str = "reference-impl/world/src/sqs";
/// Where the copy of the tree is made.
const COPY: &str = "target/mutants/tree";
/// Where the copy is built; kept, so that a second run builds little.
const BUILD: &str = "target/mutants/build";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// List the mutants, and run none.
    #[arg(long)]
    list: bool,
    /// How many suites run at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Only mutants whose file or description contains this.
    #[arg(long)]
    only: Option<String>,
    /// Write the outcome of every mutant to this file, as JSON.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Judge only every so many-th mutant, for a quicker look.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// Do not build again: the copy of an earlier run is good.
    #[arg(long)]
    reuse: bool,
    /// The least share of mutants that must be killed, in percent.
    #[arg(long, default_value_t = 90.0)]
    at_least: f64,
    /// Seconds after which a suite counts as hanging, which kills the mutant.
    #[arg(long, default_value_t = 60)]
    timeout: u64,
}

/// What the suites made of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    /// A case failed.
    Killed,
    /// The run did not end.
    Hung,
    /// Nothing noticed.
    Survived,
}

#[derive(Serialize)]
struct Judged<'a> {
    #[serde(flatten)]
    mutant: &'a Mutant,
    outcome: Outcome,
}

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    room: &'static str,
    of: usize,
    judged: usize,
    killed: usize,
    killed_percent: f64,
    survivors: Vec<Judged<'a>>,
}

/// Breaks the reference and runs the suites against each breakage.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    copy_tree()?;
    let mutants = break_room()?;
    let matching = mutants.iter().filter(|mutant| mutant.matches(options.only.as_deref()));
    let chosen: Vec<&Mutant> = matching.step_by(options.every.max(1)).collect();
    if options.list {
        return print_list(&chosen);
    }
    let binary = if options.reuse { built()? } else { build()? };
    if judge(&binary, 0, options.timeout)? != Outcome::Survived {
        return Err("the suites fail on the unbroken copy; mend that first".to_owned());
    }
    let judged = judge_all(&binary, &chosen, options)?;
    report(&judged, mutants.len(), options)
}

fn copy_tree() -> Result<(), String> {
    let _ = fs::remove_dir_all(COPY);
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()
        .map_err(|error| format!("cannot ask git for the files: {error}"))?;
    for file in String::from_utf8_lossy(&listing.stdout).lines().filter(|file| Path::new(file).is_file()) {
        let target = Path::new(COPY).join(file);
        let folder = target.parent().unwrap_or(Path::new(COPY));
        fs::create_dir_all(folder).map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
        fs::copy(file, &target).map_err(|error| format!("cannot copy {file}: {error}"))?;
    }
    Ok(())
}

fn break_room() -> Result<Vec<Mutant>, String> {
    let room = Path::new(COPY).join(BROKEN_ROOM);
    let mut files: Vec<PathBuf> = fs::read_dir(&room)
        .map_err(|error| format!("cannot read {}: {error}", room.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    files.sort();
    let mut mutants = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let broken = rewrite::rewrite(&name, &text, &mut mutants)?;
        fs::write(&file, broken).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    let library = Path::new(COPY).join("reference-impl/world/src/lib.rs");
    let text = fs::read_to_string(&library).map_err(|error| format!("cannot read the world: {error}"))?;
    fs::write(&library, text + rewrite::SWITCH).map_err(|error| format!("cannot write the world: {error}"))?;
    Ok(mutants)
}

fn build() -> Result<PathBuf, String> {
    let built = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--package", "proofmark-cli"])
        .current_dir(COPY)
        .env("CARGO_TARGET_DIR", std::path::absolute(BUILD).map_err(|error| error.to_string())?)
        .env("RUSTFLAGS", "-Awarnings")
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if built.success() { self::built() } else { Err("the broken copy does not build".to_owned()) }
}

/// The binary with every mutant in it.
fn built() -> Result<PathBuf, String> {
    std::path::absolute(Path::new(BUILD).join("release/proofmark")).map_err(|error| error.to_string())
}

/// The cases with a hundred thousand messages, which run only if no other has noticed.
const LARGE: [&str; 4] = ["inflight", "send.backlog", "longest_task", "most_tasks"];

fn judge(binary: &Path, mutant: u32, timeout: u64) -> Result<Outcome, String> {
    let small: Vec<String> =
        ["sqs.", "wire."].map(str::to_owned).into_iter().chain(LARGE.map(|large| format!("!{large}"))).collect();
    match judge_with(binary, mutant, timeout, &small)? {
        Outcome::Survived => judge_with(binary, mutant, timeout, &LARGE.map(str::to_owned)),
        outcome => Ok(outcome),
    }
}

fn judge_with(binary: &Path, mutant: u32, timeout: u64, filter: &[String]) -> Result<Outcome, String> {
    let status = Command::new("timeout")
        .arg(timeout.to_string())
        .arg(binary)
        .args(["check", "--fail-fast", "--jobs", "1", "--no-record", "--format", "json"])
        .args(filter)
        .env(rewrite::VARIABLE, mutant.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("cannot run the suites: {error}"))?;
    Ok(match status.code() {
        Some(0) => Outcome::Survived,
        Some(124) => Outcome::Hung,
        _ => Outcome::Killed,
    })
}

fn judge_all<'a>(binary: &Path, mutants: &[&'a Mutant], options: &Options) -> Result<Vec<Judged<'a>>, String> {
    let bar = ProgressBar::new(u64::try_from(mutants.len()).unwrap_or_default());
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} mutants, {eta} left  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let next = AtomicUsize::new(0);
    let judged = Mutex::new(Vec::new());
    let failure = Mutex::new(None);
    std::thread::scope(|threads| {
        for _ in 0..options.jobs {
            threads.spawn(|| {
                while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match judge(binary, mutant.id, options.timeout) {
                        Ok(outcome) => {
                            judged.lock().unwrap_or_else(|lock| lock.into_inner()).push(Judged { mutant, outcome })
                        }
                        Err(problem) => *failure.lock().unwrap_or_else(|lock| lock.into_inner()) = Some(problem),
                    }
                    bar.inc(1);
                    if bar.is_hidden() && bar.position().is_multiple_of(50) {
                        eprintln!("{} of {} mutants", bar.position(), mutants.len());
                    }
                }
            });
        }
    });
    bar.finish_and_clear();
    match failure.into_inner().unwrap_or_else(|lock| lock.into_inner()) {
        Some(problem) => Err(problem),
        None => Ok(judged.into_inner().unwrap_or_else(|lock| lock.into_inner())),
    }
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn print_list(mutants: &[&Mutant]) -> Result<(), String> {
    for mutant in mutants {
        println!("{mutant}");
    }
    println!("{} mutants", mutants.len());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn report(judged: &[Judged<'_>], of: usize, options: &Options) -> Result<(), String> {
    let mut survivors: Vec<Judged<'_>> = judged
        .iter()
        .filter(|judged| judged.outcome == Outcome::Survived)
        .map(|judged| Judged { mutant: judged.mutant, outcome: judged.outcome })
        .collect();
    survivors.sort_by_key(|judged| judged.mutant.id);
    for survivor in &survivors {
        println!("survived: {}", survivor.mutant);
    }
    let killed = judged.len() - survivors.len();
    let percent = 100.0 * killed as f64 / judged.len().max(1) as f64;
    println!("{killed} of {} mutants killed ({percent:.1} %); there are {of}", judged.len());
    let report = Report {
        format: "proofmark-mutants/1",
        room: BROKEN_ROOM,
        of,
        judged: judged.len(),
        killed,
        killed_percent: (percent * 10.0).round() / 10.0,
        survivors,
    };
    if let Some(path) = &options.out {
        let text = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        fs::write(path, text + "\n").map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    let enough = percent >= options.at_least;
    if enough { Ok(()) } else { Err(format!("fewer than {} % of the mutants were killed", options.at_least)) }
}
