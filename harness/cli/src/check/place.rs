//! The run's directory: the record, the summary, and the ledger of what was created on somebody else's machine.

use crate::arguments::{CheckArguments, CheckFormat};
use crate::exit::Trouble;
use crate::run_id::run_id;
use crate::world::World;
use proofmark_conform::ledger::Ledger;
use proofmark_record::{CheckRecord, Summary};
use std::fs;
use std::path::{Path, PathBuf};

/// The ledger's name in the run's directory.
const LEDGER: &str = "ledger.jsonl";

/// Where a run writes.
#[derive(Debug)]
pub(super) struct Place {
    /// The run's id.
    pub(super) run: String,
    directory: PathBuf,
    record: bool,
    summary: Option<PathBuf>,
    keeps_ledger: bool,
}

impl Place {
    pub(super) fn new(options: &CheckArguments, world: &World) -> Self {
        let run = run_id();
        let results = &options.results;
        let directory = results.out.clone().unwrap_or_else(|| Path::new("results").join("runs").join(&run));
        Place {
            run,
            directory,
            record: !results.no_record,
            summary: results.summary.clone(),
            keeps_ledger: world.is_remote(),
        }
    }

    /// The ledger of this run. A reference is gone after the run, and needs none.
    ///
    /// # Errors
    /// If it cannot be opened; then nothing may be created.
    pub(super) fn ledger(&self) -> Result<Ledger, Trouble> {
        if !self.keeps_ledger {
            return Ok(Ledger::default());
        }
        let path = self.ledger_path();
        let opened = fs::create_dir_all(&self.directory).and_then(|()| Ledger::append_to(&path));
        opened.map_err(|error| {
            Trouble::file(format!("cannot open the ledger {}; choose another --out", path.display()), error)
        })
    }

    fn ledger_path(&self) -> PathBuf {
        self.directory.join(LEDGER)
    }

    /// What to do about resources that may still exist. An empty ledger of a run without a record is removed.
    pub(super) fn left_behind(&self) -> Option<String> {
        if !self.keeps_ledger {
            return None;
        }
        let path = self.ledger_path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        let number = match Ledger::left_behind(&text) {
            Ok(left) => left.len(),
            Err(_) => return Some(format!("{} is damaged; look for queues named pm-...", path.display())),
        };
        if number > 0 {
            return Some(format!(
                "{number} of the run's resources may be left behind; `proofmark clean {}`",
                path.display()
            ));
        }
        if !self.record {
            // Both are of no use to anybody; if they stay, nothing is lost. A directory with something else in it stays.
            let _ = fs::remove_file(&path).and_then(|()| fs::remove_dir(&self.directory));
        }
        None
    }

    /// Writes what the flags ask for.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub(super) fn save(&self, record: &CheckRecord) -> Result<(), Trouble> {
        if self.record {
            record.write(&self.directory)?;
        }
        if let Some(directory) = &self.summary {
            Summary::of(record).write(directory)?;
        }
        Ok(())
    }

    /// Says on standard error where the record is, to people.
    pub(super) fn tell(&self, format: CheckFormat) {
        if self.record && format == CheckFormat::Human {
            anstream::eprintln!("record: {}", self.directory.join(CheckRecord::FILE).display());
        }
    }
}
