//! Checks of the tree by the tree.
//!
//! | Command | What it does |
//! |---|---|
//! | `cargo xtask tidy` | house rules that no compiler knows: file length, clocks, backend names in cases |
//! | `cargo xtask mutants` | breaks the reference in hundreds of ways and counts how many the suites notice |

mod mutants;
mod tidy;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Checks of the tree by the tree")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the house rules that no compiler knows.
    Tidy,
    /// Break the reference in hundreds of ways, one at a time, and count how many the suites notice.
    Mutants(mutants::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Tidy => tidy::run(),
        Command::Mutants(options) => mutants::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}
