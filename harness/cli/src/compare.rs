//! `proofmark compare`: load runs against the first of them.

use crate::exit::{Exit, Trouble};
use crate::output;
use crate::results::arguments::{CompareArguments, CompareFormat};
use proofmark_record::comparison::{Comparison, Outcome, Settings};
use proofmark_record::load::LoadedRun;
use proofmark_report::compare::compare;
use proofmark_report::comparison::{html, human, markdown};
use std::fs;
use std::path::{Path, PathBuf};

/// Where a page goes if nothing else is said.
const PAGE: &str = "comparison.html";

pub(crate) fn run(options: &CompareArguments) -> Result<Exit, Trouble> {
    let runs: Vec<LoadedRun> = options.runs.iter().map(|path| LoadedRun::read(path)).collect::<Result<_, _>>()?;
    let comparison = compare(&runs, &settings(options));
    let text = match options.format {
        CompareFormat::Human => human::render(&comparison),
        CompareFormat::Json => output::json(&comparison)?,
        CompareFormat::Markdown => markdown::render(&comparison),
        CompareFormat::Html => html::render(&comparison, &runs, &command(options)),
    };
    write(&text, options)?;
    Ok(exit(&comparison))
}

fn settings(options: &CompareArguments) -> Settings {
    Settings {
        threshold: options.threshold,
        confidence: options.confidence,
        quantiles: options.quantiles.clone(),
        replicas: options.draws,
        seed: options.seed,
    }
}

fn write(text: &str, options: &CompareArguments) -> Result<(), Trouble> {
    let page = (options.format == CompareFormat::Html).then(|| PathBuf::from(PAGE));
    let Some(path) = options.out.clone().or(page) else { return output::write(text) };
    let plain = anstream::adapter::strip_str(text).to_string();
    fs::write(&path, plain).map_err(|error| Trouble::file(format!("cannot write {}", path.display()), error))?;
    output::write(&format!("{}\n", path.display()))
}

/// Lost messages outweigh everything, then numbers that are not to be believed.
fn exit(comparison: &Comparison) -> Exit {
    match comparison.outcome {
        _ if comparison.delivery_broken() => Exit::AgainstExpectation,
        _ if comparison.has_invalid_run() => Exit::Inconclusive,
        Outcome::Worse => Exit::AgainstExpectation,
        Outcome::CannotTell | Outcome::NotJudged => Exit::Inconclusive,
        Outcome::Same | Outcome::Better => Exit::AsExpected,
    }
}

/// The command line that does it again.
fn command(options: &CompareArguments) -> String {
    let runs: Vec<String> = options.runs.iter().map(|path| quoted(path)).collect();
    let percent = |part: f64| format!("{}%", (part * 1e6).round() / 1e4);
    let quantiles: Vec<String> =
        options.quantiles.iter().map(|quantile| format!("p{}", (quantile * 1e6).round() / 1e4)).collect();
    format!(
        "proofmark compare {} --threshold {} --confidence {} --quantiles {} --draws {} --seed {}",
        runs.join(" "),
        percent(options.threshold),
        percent(options.confidence),
        quantiles.join(","),
        options.draws,
        options.seed
    )
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+:@,".contains(character);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
