//! `proofmark`: parse, then call one function.
//!
//! | Module | What is in it |
//! |---|---|
//! | `arguments` | every command and flag, with the help that teaches them |
//! | `exit` | the exit codes, and mistakes that end a command |
//! | `check` | running cases and telling what came of them |
//! | `world` | which world the flags ask for |
//! | `selection` | patterns, and what was perhaps meant by one that matches nothing |
//! | `list`, `explain`, `coverage` | the cases and clauses, to read |
//! | `load` | load on one target or several, and the search for the highest rate |
//! | `serve` | the reference on a port |
//! | `compare`, `results` | load runs: one against the other, and each for itself |
//! | `clean` | deleting what a ledger names |
//! | `run_id` | names of runs |
//! | `signals` | what tells this process to end |
//! | `output` | the one place that writes to standard output |

mod arguments;
mod check;
mod clean;
mod compare;
mod coverage;
mod exit;
mod explain;
mod list;
mod load;
mod output;
mod results;
mod run_id;
mod selection;
mod serve;
mod signals;
mod world;

use arguments::{Arguments, Command};
use clap::Parser;
use exit::{Exit, Trouble};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = std::panic::catch_unwind(|| run(&arguments.command));
    exit::code(ended)
}

fn run(command: &Command) -> Result<Exit, Trouble> {
    match command {
        Command::Check(options) => check::run(options),
        Command::List(options) => list::run(options),
        Command::Explain(options) => explain::run(options),
        Command::Coverage(options) => coverage::run(options),
        Command::Serve(options) => serve::run(options),
        Command::Compare(options) => compare::run(options),
        Command::Results(options) => results::run(options),
        Command::Clean(options) => clean::run(options),
        Command::Load(options) => load::run(options),
        Command::Search(options) => load::search::run(options),
    }
}
