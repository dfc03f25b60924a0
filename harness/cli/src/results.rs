//! `proofmark results`: load runs that are there.

pub(crate) mod arguments;

use crate::arguments::ListFormat;
use crate::exit::{Exit, Trouble};
use crate::output;
use arguments::{ExportFormat, ResultsArguments, ResultsCommand};
use proofmark_backend::chain;
use proofmark_record::load::{LoadedRun, RunRecord, Tag, merge};
use proofmark_report::{export, run as shown};
use std::fs;
use std::path::{Path, PathBuf};

/// Runs are at most so many directories below the one that is listed: results/<session>/<label>.
const DEEPEST: usize = 4;

pub(crate) fn run(options: &ResultsArguments) -> Result<Exit, Trouble> {
    match &options.command {
        ResultsCommand::List { directory } => list(directory),
        ResultsCommand::Show { run, format } => show(run, *format),
        ResultsCommand::Merge { out, runs } => put_together(out, runs),
        ResultsCommand::Export { run, format, tag } => exported(run, *format, tag.as_deref()),
    }
}

fn list(directory: &Path) -> Result<Exit, Trouble> {
    let mut found = Vec::new();
    search(directory, DEEPEST, &mut found)
        .map_err(|error| Trouble::file(format!("cannot list {}", directory.display()), error))?;
    let mut runs = Vec::new();
    for path in found {
        match RunRecord::read(&path.join(RunRecord::FILE)) {
            Ok(record) => runs.push((path, record)),
            Err(error) => anstream::eprintln!("proofmark: {}", chain(&error)),
        }
    }
    runs.sort_by_key(|(_, record)| record.started);
    if runs.is_empty() {
        let shown = directory.display();
        anstream::eprintln!("no load run below {shown}; `proofmark load` makes them, or give their directory");
    }
    output::write(&shown::list(&runs))?;
    Ok(Exit::AsExpected)
}

/// The directories of runs, in order of their names.
fn search(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if directory.join(RunRecord::FILE).is_file() {
        found.push(directory.to_owned());
    }
    let mut below: Vec<PathBuf> =
        fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    below.sort();
    let directories = below.into_iter().filter(|path| depth > 0 && path.is_dir() && !path.is_symlink());
    directories.into_iter().try_for_each(|path| search(&path, depth - 1, found))
}

fn show(directory: &Path, format: ListFormat) -> Result<Exit, Trouble> {
    let loaded = LoadedRun::read(directory)?;
    match format {
        ListFormat::Human => output::write(&shown::render(&loaded))?,
        ListFormat::Json => output::write_json(&loaded.run)?,
    }
    Ok(Exit::AsExpected)
}

fn put_together(out: &Path, directories: &[PathBuf]) -> Result<Exit, Trouble> {
    if out.join(RunRecord::FILE).exists() {
        let out = out.display();
        return Err(Trouble::Usage(format!("{out} is a run already; name a directory that is not there yet")));
    }
    let parts: Vec<LoadedRun> = directories.iter().map(|path| LoadedRun::read(path)).collect::<Result<_, _>>()?;
    let merged = merge(&parts, out).map_err(|unlike| Trouble::Usage(unlike.to_string()))?;
    merged.write()?;
    output::write(&shown::render(merged.run()))?;
    Ok(Exit::AsExpected)
}

fn exported(directory: &Path, format: ExportFormat, tag: Option<&str>) -> Result<Exit, Trouble> {
    let loaded = LoadedRun::read(directory)?;
    let text = match format {
        ExportFormat::Csv => export::csv(&loaded),
        ExportFormat::Hgrm => export::hgrm(&loaded, &chosen(&loaded, tag)?),
    };
    output::write(&text)?;
    Ok(Exit::AsExpected)
}

/// The tag that was asked for, or the only one.
fn chosen(loaded: &LoadedRun, tag: Option<&str>) -> Result<Tag, Trouble> {
    let tags = loaded.tags();
    let wanted = |known: &&&Tag| tag.is_none_or(|tag| tag == known.to_string());
    let mut fitting = tags.iter().filter(wanted);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok((*only).clone()),
        _ => {
            let all: Vec<String> = tags.iter().map(ToString::to_string).collect();
            let (shown, all) = (loaded.directory.display(), all.join(", "));
            Err(Trouble::Usage(format!("say which histogram of {shown} with --tag; it has: {all}")))
        }
    }
}
