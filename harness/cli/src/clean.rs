//! `proofmark clean`: deleting what the ledgers of broken-off runs name, and nothing else.

use crate::arguments::{CleanArguments, ReferenceArguments};
use crate::exit::{Exit, Trouble};
use crate::output;
use crate::world::{self, World};
use proofmark_backend::chain;
use proofmark_conform::ledger::{Entry, Ledger};
use proofmark_conform::sweep::{Swept, sweep};
use std::path::Path;

pub(crate) fn run(options: &CleanArguments) -> Result<Exit, Trouble> {
    let ledgers: Result<Vec<_>, Trouble> = options.ledgers.iter().map(|path| Ok((path, read(path)?))).collect();
    let ledgers = ledgers?;
    let world = world::open(&options.world, &ReferenceArguments::default())?;
    if !world.is_remote() {
        let what = "a reference is gone after its run; name where the run was with --endpoint or --backend aws";
        return Err(Trouble::Usage(what.to_owned()));
    }
    world.probe()?;
    let mut complete = true;
    for (path, left) in ledgers {
        let swept = clean(&world, path, &left)?;
        complete &= swept.kept.is_empty();
        output::write(&told(path, &swept))?;
    }
    Ok(if complete { Exit::AsExpected } else { Exit::Inconclusive })
}

fn read(path: &Path) -> Result<Vec<Entry>, Trouble> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| Trouble::file(format!("cannot read {shown}"), error))?;
    Ledger::left_behind(&text).map_err(|error| Trouble::file(format!("{shown} is not a ledger, or is damaged"), error))
}

fn clean(world: &World, path: &Path, left: &[Entry]) -> Result<Swept, Trouble> {
    let ledger = Ledger::append_to(path);
    let ledger = ledger.map_err(|error| Trouble::file(format!("cannot append to {}", path.display()), error))?;
    world::runtime()?.block_on(async {
        let target = world.backend.open(0).await.map_err(|error| Trouble::Target(chain(&error)))?;
        Ok(sweep(&target, left, &ledger).await)
    })
}

fn told(path: &Path, swept: &Swept) -> String {
    let Swept { deleted, absent, kept } = swept;
    let mut text =
        format!("{}: {} deleted, {} not there, {} kept\n", path.display(), deleted.len(), absent.len(), kept.len());
    for (resource, why) in kept {
        text += &format!("  {resource}: {why}\n");
    }
    text
}
