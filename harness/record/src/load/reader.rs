//! Reading the record of a run, also of one that was killed.

use super::histogram::{self, LoggedInterval, Tag};
use super::hlog;
use super::run::RunRecord;
use super::series::IntervalRow;
use crate::file::ReadError;
use hdrhistogram::Histogram;
use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The record of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedRun {
    /// Where it was read from.
    pub directory: PathBuf,
    /// `run.json`.
    pub run: RunRecord,
    /// Every interval, in order.
    pub series: Vec<IntervalRow>,
    /// The histograms of the measured phase, in order.
    pub intervals: Vec<LoggedInterval>,
    /// What is missing because a file ends in the middle of a line, if one does.
    pub truncated: Option<String>,
}

impl LoadedRun {
    /// Reads a run's directory. Files that end in the middle of a line are read up to there.
    ///
    /// # Errors
    /// [`ReadError`] if it is no run's directory, is of another version, or was damaged.
    pub fn read(directory: &Path) -> Result<Self, ReadError> {
        let path = directory.join(RunRecord::FILE);
        if !path.is_file() {
            return Err(ReadError::NotARun { path: directory.to_owned() });
        }
        let run = RunRecord::read(&path)?;
        let series = Lines::read(directory, IntervalRow::FILE)?;
        let histograms = Lines::read(directory, hlog::FILE)?;
        let rows: Vec<IntervalRow> = series.parsed(|line| Ok(Some(serde_json::from_slice(line)?)))?;
        let entries = histograms.parsed(hlog::entry)?;
        let intervals = entries.into_iter().map(|entry| logged(entry, &rows)).collect();
        let torn: Vec<String> = [series.torn(), histograms.torn()].into_iter().flatten().collect();
        let truncated = (!torn.is_empty()).then(|| torn.join("; "));
        Ok(LoadedRun { directory: directory.to_owned(), run, series: rows, intervals, truncated })
    }

    /// Everything that was recorded of `tag`.
    #[must_use]
    pub fn total(&self, tag: &Tag) -> Histogram<u64> {
        let mut total = histogram::empty();
        self.of(tag).for_each(|interval| interval.counts.add_to(&mut total));
        total
    }

    /// The intervals of `tag` in `block`; those of every block if none is given.
    pub fn intervals_of<'a>(
        &'a self,
        tag: &'a Tag,
        block: Option<u32>,
    ) -> impl Iterator<Item = &'a LoggedInterval> + 'a {
        self.of(tag).filter(move |interval| block.is_none() || interval.block == block)
    }

    /// What there are histograms of.
    #[must_use]
    pub fn tags(&self) -> BTreeSet<&Tag> {
        self.intervals.iter().map(|interval| &interval.tag).collect()
    }

    fn of<'a>(&'a self, tag: &'a Tag) -> impl Iterator<Item = &'a LoggedInterval> + 'a {
        self.intervals.iter().filter(move |interval| interval.tag == *tag)
    }
}

/// An interval in the block that the series has at its middle; its ends are rounded to milliseconds.
fn logged(entry: hlog::Entry, rows: &[IntervalRow]) -> LoggedInterval {
    let hlog::Entry { tag, from_seconds, to_seconds, counts } = entry;
    let middle = f64::midpoint(from_seconds, to_seconds);
    let block = rows.get(rows.partition_point(|row| row.to_seconds <= middle)).and_then(|row| row.block);
    LoggedInterval { tag, block, from_seconds, to_seconds, counts }
}

/// A file of lines, the last of which may be torn.
struct Lines {
    path: PathBuf,
    content: Vec<u8>,
}

impl Lines {
    fn read(directory: &Path, file: &str) -> Result<Self, ReadError> {
        let path = directory.join(file);
        match fs::read(&path) {
            Ok(content) => Ok(Lines { path, content }),
            Err(source) => Err(ReadError::Io { path, source }),
        }
    }

    /// What `parse` makes of the lines that are whole.
    fn parsed<T>(
        &self,
        parse: impl Fn(&[u8]) -> Result<Option<T>, Box<dyn Error + Send + Sync>>,
    ) -> Result<Vec<T>, ReadError> {
        let whole = &self.content[..self.whole_bytes()];
        let lines = whole.split_inclusive(|byte| *byte == b'\n').enumerate();
        let damaged = |line, source| ReadError::DamagedLine { path: self.path.clone(), line, source };
        lines.filter_map(|(at, line)| parse(line).map_err(|source| damaged(at + 1, source)).transpose()).collect()
    }

    /// How far lines are whole.
    fn whole_bytes(&self) -> usize {
        self.content.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
    }

    /// What is missing, if the last line is torn.
    fn torn(&self) -> Option<String> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let torn = self.content.len() - self.whole_bytes();
        (torn > 0).then(|| format!("{name} ends in the middle of a line; its last {torn} bytes were left out"))
    }
}
