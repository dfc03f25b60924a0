//! The binary as people and scripts use it.
//!
//! | Module | What is in it |
//! |---|---|
//! | `help` | what every command says about itself |
//! | `reading` | list, explain, coverage |
//! | `check` | runs on the reference: results, records, expectations, exit codes |
//! | `load_runs` | comparing load runs, and what there is to see of each |
//! | `aws` | runs on what stands in for AWS (feature `aws`) |
//! | `load` | load, search, and what their records are good for |
//! | `endpoints` | runs on servers, good and bad ones |
//! | `serve` | the server, its end, and cleaning up on it |
//! | `servers` | the servers that the tests run against |

#[cfg(feature = "aws")]
mod aws;
mod check;
mod endpoints;
mod help;
mod load;
mod load_runs;
mod reading;
mod serve;
mod servers;

use assert_cmd::Command;
use std::path::Path;

/// The binary in a directory of its own, with nothing of the environment that it reads.
fn proofmark_in(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark"));
    command.current_dir(directory);
    let variables = std::env::vars().map(|(name, _)| name);
    for name in variables.filter(|name| name.starts_with("AWS_") || name.starts_with("PROOFMARK_")) {
        command.env_remove(name);
    }
    command
}

/// What came of a command.
struct Ended {
    code: i32,
    out: String,
    err: String,
}

/// Runs the binary with these arguments, in `directory`.
fn run_in(directory: &Path, arguments: &[&str]) -> Ended {
    ended(proofmark_in(directory).args(arguments))
}

/// Runs a command to its end.
fn ended(command: &mut Command) -> Ended {
    let output = command.output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it writes UTF-8");
    Ended {
        code: output.status.code().expect("no signal ended it"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// Runs the binary with these arguments, anywhere.
fn run(arguments: &[&str]) -> Ended {
    run_in(tempfile::tempdir().expect("a directory").path(), arguments)
}
