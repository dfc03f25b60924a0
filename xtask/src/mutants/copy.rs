//! The copy of the tree: made, broken, built.

use super::rewrite::{self, Mutant};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the copy is made and built. The build is kept, so that a second run builds little.
pub(super) struct Copy {
    tree: PathBuf,
    build: PathBuf,
}

impl Copy {
    /// Copies the tree as git knows it, and what git does not know yet and does not ignore.
    pub(super) fn new() -> Result<Self, String> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
        let target = std::path::absolute(target.join("mutants")).map_err(|error| error.to_string())?;
        let copy = Copy { tree: target.join("tree"), build: target.join("build") };
        copy.fill()?;
        Ok(copy)
    }

    fn fill(&self) -> Result<(), String> {
        let _ = fs::remove_dir_all(&self.tree);
        let listing = Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .output()
            .map_err(|error| format!("cannot ask git for the files: {error}"))?;
        for file in String::from_utf8_lossy(&listing.stdout).lines().filter(|file| Path::new(file).is_file()) {
            let target = self.tree.join(file);
            let folder = target.parent().unwrap_or(&self.tree);
            fs::create_dir_all(folder).map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
            fs::copy(file, &target).map_err(|error| format!("cannot copy {file}: {error}"))?;
        }
        Ok(())
    }

    /// Writes every breakage of these rooms into the copy.
    pub(super) fn break_rooms(&self, rooms: &[String]) -> Result<Vec<Mutant>, String> {
        let mut mutants = Vec::new();
        for room in rooms {
            self.break_room(room.trim_end_matches('/'), &mut mutants)?;
        }
        let library = self.tree.join("reference-impl/world/src/lib.rs");
        write(&library, &(read(&library)? + rewrite::SWITCH))?;
        Ok(mutants)
    }

    fn break_room(&self, room: &str, mutants: &mut Vec<Mutant>) -> Result<(), String> {
        let folder = self.tree.join(room);
        for file in rust_files(&folder)? {
            let name = file.strip_prefix(&folder).unwrap_or(&file).display().to_string();
            write(&file, &rewrite::rewrite(room, &name, &read(&file)?, mutants)?)?;
        }
        Ok(())
    }

    /// Builds the copy, unless an earlier build is good: the binary with every mutant in it.
    pub(super) fn build(&self, reuse: bool) -> Result<PathBuf, String> {
        let binary = self.build.join("release/proofmark");
        if reuse {
            return Ok(binary);
        }
        let built = Command::new("cargo")
            .args(["build", "--release", "--quiet", "--package", "proofmark-cli"])
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.build)
            .env("RUSTFLAGS", "-Awarnings")
            .status()
            .map_err(|error| format!("cannot run cargo: {error}"))?;
        if built.success() { Ok(binary) } else { Err("the broken copy does not build".to_owned()) }
    }
}

/// Every Rust file of a folder and the folders in it, by name.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let unreadable = |error| format!("cannot read {}; name a folder of the tree: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
