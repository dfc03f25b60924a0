//! House rules that no compiler knows.

use std::fs;
use std::path::{Path, PathBuf};

/// Longer than this, a file is more than one room.
const LONGEST_FILE_LINES: usize = 700;

/// Text that must not be in the files below a folder, and what to write instead.
const BANNED: &[(&str, &str, &str)] = &[
    ("reference-impl/world/src", "SystemTime", "take `now` as an argument"),
    ("reference-impl/world/src", "Instant::now", "take `now` as an argument"),
    ("reference-impl/world/src", "async fn", "the world has no async: hand back a ticket"),
    ("suites/src", "proofmark_backend::Backend", "a case never learns which backend it runs on"),
    ("suites/src", "proofmark_world::World", "a case talks to a service, not to the reference"),
    ("suites/src", ".create_queue()", "start with `scope.creating_queue(name)`, which writes the ledger first"),
    ("suites/src", "tokio::time", "wait with `scope.sleep`, which a virtual clock can skip"),
];

/// Checks every Rust file that git knows.
pub(crate) fn run() -> Result<(), String> {
    let problems: Vec<String> = rust_files()?.iter().flat_map(|file| problems_of(file)).collect();
    if problems.is_empty() {
        println_ok();
        return Ok(());
    }
    Err(format!("the tree is not tidy:\n  {}", problems.join("\n  ")))
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn println_ok() {
    println!("tidy: nothing to mend");
}

fn rust_files() -> Result<Vec<PathBuf>, String> {
    let listing = std::process::Command::new("git")
        .args(["ls-files", "*.rs"])
        .output()
        .map_err(|error| format!("cannot ask git for the files: {error}"))?;
    Ok(String::from_utf8_lossy(&listing.stdout).lines().map(PathBuf::from).filter(|path| path.exists()).collect())
}

fn problems_of(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let shown = file.display();
    let lines = text.lines().count();
    let mut problems = Vec::new();
    if lines > LONGEST_FILE_LINES {
        problems.push(format!("{shown}: {lines} lines; split it (at most {LONGEST_FILE_LINES})"));
    }
    let rules = BANNED.iter().filter(|(folder, _, _)| file.starts_with(folder));
    for (_, banned, instead) in rules {
        let found = text.lines().position(|line| !line.trim_start().starts_with("//") && line.contains(banned));
        if let Some(line) = found {
            problems.push(format!("{shown}:{}: `{banned}`: {instead}", line + 1));
        }
    }
    problems
}
