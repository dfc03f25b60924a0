//! Writing the record of a run as it goes on, so that a run that is killed leaves a record that can be read.

use super::histogram::Tag;
use super::hlog;
use super::run::RunRecord;
use super::series::IntervalRow;
use crate::file::{WriteError, write_json};
use hdrhistogram::Histogram;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The open files of a run's directory.
#[derive(Debug)]
pub struct RunWriter {
    directory: PathBuf,
    series: File,
    histograms: File,
}

impl RunWriter {
    /// Makes the directory and the three files in it. A record that is there already is overwritten.
    ///
    /// # Errors
    /// [`WriteError`] if the directory cannot be made or written to.
    pub fn create(directory: &Path, record: &RunRecord) -> Result<Self, WriteError> {
        fs::create_dir_all(directory).map_err(|source| WriteError::new(directory, source))?;
        let series = opened(&directory.join(IntervalRow::FILE), &[])?;
        let path = directory.join(hlog::FILE);
        let header = hlog::header(record).map_err(|source| WriteError::new(&path, source))?;
        let histograms = opened(&path, &header)?;
        // This file makes the directory a run's, so it is the last.
        write_json(record, directory, RunRecord::FILE)?;
        Ok(RunWriter { directory: directory.to_owned(), series, histograms })
    }

    /// Appends an interval: its histograms, none outside the measured phase, and its row.
    ///
    /// # Errors
    /// [`WriteError`], also if a time is negative or an operation's name has a comma or a space in it.
    pub fn interval(&mut self, row: &IntervalRow, histograms: &[(Tag, &Histogram<u64>)]) -> Result<(), WriteError> {
        let lines = hlog::lines(row.from_seconds, row.to_seconds, histograms);
        let written = lines.and_then(|lines| self.histograms.write_all(&lines));
        written.map_err(|source| self.failed(hlog::FILE, source))?;
        let line = serde_json::to_vec(row).map_err(io::Error::from);
        let written = line.and_then(|line| self.series.write_all(&[line.as_slice(), b"\n"].concat()));
        written.map_err(|source| self.failed(IntervalRow::FILE, source))
    }

    /// Writes `run.json` anew: whole, or not at all.
    ///
    /// # Errors
    /// [`WriteError`]; then the one from before is still there.
    pub fn update(&mut self, record: &RunRecord) -> Result<(), WriteError> {
        write_json(record, &self.directory, RunRecord::FILE).map(drop)
    }

    fn failed(&self, file: &str, source: io::Error) -> WriteError {
        WriteError::new(&self.directory.join(file), source)
    }
}

/// A file, unbuffered, so that every write is there when the process is gone.
fn opened(path: &Path, content: &[u8]) -> Result<File, WriteError> {
    let opened = File::create(path).and_then(|mut file| file.write_all(content).map(|()| file));
    opened.map_err(|source| WriteError::new(path, source))
}
