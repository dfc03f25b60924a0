//! Writing whole files or none, and reading with errors that say what to do.

use crate::load::RunRecord;
use crate::{CheckRecord, Summary};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why a file was not written. What was there before is still there.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}; name a directory that you may write to", path.display())]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

impl WriteError {
    pub(crate) fn new(path: &Path, source: io::Error) -> Self {
        WriteError { path: path.to_owned(), source }
    }
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not there, or may not be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It ends in the middle.
    #[error("{} ends in the middle: it was not copied whole; copy it again, or run it again", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// Something else than was asked for.
    #[error("{} is not a {wanted} file; give the {} of a run", path.display(), file_of(wanted))]
    NotOne {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        wanted: &'static str,
    },
    /// A version that this build does not read.
    #[error(
        "{} is of format {found}, and this build reads {wanted}; read it with proofmark {writer}, which wrote it, \
         or run it again",
        path.display()
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: String,
        /// The format that is read.
        wanted: &'static str,
        /// The version of proofmark that wrote it.
        writer: String,
    },
    /// The right format with a field that is missing or wrong.
    #[error("{} was edited, or damaged; copy it again, or run it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which field.
        source: serde_json::Error,
    },
    /// A file of lines, one of which is none of its kind.
    #[error("line {line} of {} was edited, or damaged; copy it again, or run it again", path.display())]
    DamagedLine {
        /// The file.
        path: PathBuf,
        /// The how many-th line, from 1.
        line: usize,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A directory, or something else, that is not the directory of a load run.
    #[error(
        "{} is not the directory of a load run: there is no {} in it; `proofmark results list` shows those that are",
        path.display(),
        RunRecord::FILE
    )]
    NotARun {
        /// What was given.
        path: PathBuf,
    },
}

/// What files of a format are called.
fn file_of(format: &str) -> &'static str {
    match format {
        RunRecord::FORMAT => RunRecord::FILE,
        Summary::FORMAT => Summary::FILE,
        _ => CheckRecord::FILE,
    }
}

impl CheckRecord {
    /// Writes `check.json` into `directory`, which is created if it is not there; returns the file's path.
    ///
    /// # Errors
    /// [`WriteError`]; then no file is there, or the one from before.
    pub fn write(&self, directory: &Path) -> Result<PathBuf, WriteError> {
        write_json(self, directory, Self::FILE)
    }

    /// Reads what [`CheckRecord::write`] wrote.
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        read_json(path, Self::FORMAT)
    }
}

impl Summary {
    /// Writes `summary.json` into `directory`, which is created if it is not there; returns the file's path.
    ///
    /// # Errors
    /// [`WriteError`]; then no file is there, or the one from before.
    pub fn write(&self, directory: &Path) -> Result<PathBuf, WriteError> {
        write_json(self, directory, Self::FILE)
    }

    /// Reads what [`Summary::write`] wrote.
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        read_json(path, Self::FORMAT)
    }
}

pub(crate) fn write_json(value: &impl Serialize, directory: &Path, name: &str) -> Result<PathBuf, WriteError> {
    let path = directory.join(name);
    // The temporary file is beside the other, because a rename is atomic only within one file system.
    let temporary = directory.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = write_through(value, directory, &temporary).and_then(|()| fs::rename(&temporary, &path));
    match written {
        Ok(()) => Ok(path),
        Err(source) => {
            // Nothing more can be done about a leftover; the first error is the one to tell.
            let _ = fs::remove_file(&temporary);
            Err(WriteError { path, source })
        }
    }
}

fn write_through(value: &impl Serialize, directory: &Path, temporary: &Path) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    fs::create_dir_all(directory)?;
    let mut file = File::create(temporary)?;
    file.write_all(&text)?;
    file.sync_all()
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path, wanted: &'static str) -> Result<T, ReadError> {
    let text = fs::read_to_string(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
    let value: Value = serde_json::from_str(&text).map_err(|error| unreadable(&error, path, wanted))?;
    check_format(&value, path, wanted)?;
    serde_json::from_value(value).map_err(|source| ReadError::Damaged { path: path.to_owned(), source })
}

fn unreadable(error: &serde_json::Error, path: &Path, wanted: &'static str) -> ReadError {
    let path = path.to_owned();
    match error.classify() {
        Category::Eof => ReadError::Truncated { path },
        _ => ReadError::NotOne { path, wanted },
    }
}

fn check_format(value: &Value, path: &Path, wanted: &'static str) -> Result<(), ReadError> {
    let text = |field: &str| value.get(field).and_then(Value::as_str);
    let family = |format: &str| format.split('/').next().map(str::to_owned);
    match text("format") {
        Some(found) if found == wanted => Ok(()),
        Some(found) if family(found) == family(wanted) => Err(ReadError::OtherVersion {
            path: path.to_owned(),
            found: found.to_owned(),
            wanted,
            writer: text("proofmark").unwrap_or("of another version").to_owned(),
        }),
        _ => Err(ReadError::NotOne { path: path.to_owned(), wanted }),
    }
}
