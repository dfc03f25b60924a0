//! Text for a terminal: what is least urgent first, failures last, then one line with the totals.
//!
//! | Section | What it tells |
//! |---|---|
//! | observations, passes | only in [`Detail::Full`] |
//! | warnings | each text once, with the units that it is about |
//! | unsupported, disabled | each reason once, with the units |
//! | as expected | what did not pass and was not meant to |
//! | the rest | one block per unit: promise, source, expected, got, wire, replay |
//! | notes, totals | the end, where the eye is |

mod block;
mod wire;

use crate::words;
use anstyle::{AnsiColor, Style};
use proofmark_record::{CheckRecord, Standing, UnitRecord, Verdict};
use std::fmt::{self, Display, Write};

/// How much is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What somebody has to do something about.
    #[default]
    Brief,
    /// Everything: passes, observations, every exchange with every header.
    Full,
}

/// How many units a group names before it counts the rest.
const NAMED_UNITS: usize = 6;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const CARE: Style = AnsiColor::Yellow.on_default();
pub(crate) const QUIET: Style = Style::new().dimmed();
pub(crate) const LOUD: Style = Style::new().bold();

/// Text in a style.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Shows `record` for people.
#[must_use]
pub fn render(record: &CheckRecord, detail: Detail) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = write_all(&mut text, record, detail);
    text
}

fn write_all(out: &mut String, record: &CheckRecord, detail: Detail) -> fmt::Result {
    if detail == Detail::Full {
        write_passes(out, record)?;
    }
    write_observations(out, record, detail)?;
    write_warnings(out, record, detail)?;
    write_reasons(out, record, detail)?;
    write_expected(out, record)?;
    in_order_of_urgency(record).try_for_each(|unit| block::write(out, unit, record, detail))?;
    if !out.is_empty() {
        writeln!(out)?;
    }
    record.notes.iter().try_for_each(|note| writeln!(out, "{}: {note}", styled(CARE, "note")))?;
    writeln!(out, "{}", styled(mood(record), words::totals(record)))
}

/// Green if all is well, red if something is against expectation.
fn mood(record: &CheckRecord) -> Style {
    let missing = [Verdict::Inconclusive, Verdict::Disabled].into_iter().any(|verdict| record.total(verdict) > 0);
    match (record.loud().next(), missing) {
        (Some(_), _) => BAD,
        (None, true) => CARE,
        (None, false) => GOOD,
    }
}

/// The units that get a block of their own: missing evidence, then our mistakes, then unexpected passes and failures.
fn in_order_of_urgency(record: &CheckRecord) -> impl Iterator<Item = &UnitRecord> {
    let inconclusive = record.with(Verdict::Inconclusive).filter(|unit| unit.standing != Standing::Expected);
    let loud = |verdict| record.with(verdict).filter(|unit| unit.standing.is_loud());
    let order = [Verdict::Unsupported, Verdict::Disabled, Verdict::Error, Verdict::Pass, Verdict::Fail];
    inconclusive.filter(|unit| !unit.standing.is_loud()).chain(order.into_iter().flat_map(loud))
}

fn write_passes(out: &mut String, record: &CheckRecord) -> fmt::Result {
    let passes = record.with(Verdict::Pass).filter(|unit| unit.standing == Standing::Expected);
    for unit in passes {
        writeln!(out, "{} {} {}", styled(GOOD, "pass"), unit.unit, styled(QUIET, &unit.says))?;
    }
    Ok(())
}

fn write_observations(out: &mut String, record: &CheckRecord, detail: Detail) -> fmt::Result {
    let seen = record.units.iter().flat_map(|unit| unit.observations.iter().map(move |seen| (unit, seen)));
    if detail == Detail::Full {
        return seen.into_iter().try_for_each(|(unit, observation)| {
            writeln!(out, "{} {}: {} {}", styled(QUIET, "seen"), observation.clause, observation.seen, quiet_unit(unit))
        });
    }
    match seen.count() {
        0 => Ok(()),
        number => {
            let told = words::count(number, "observation");
            writeln!(out, "{}", styled(QUIET, format!("{told} of clauses that bind nobody: see --verbose")))
        }
    }
}

fn quiet_unit(unit: &UnitRecord) -> String {
    styled(QUIET, format!("({})", unit.unit))
}

fn write_warnings(out: &mut String, record: &CheckRecord, detail: Detail) -> fmt::Result {
    let warnings = record.units.iter().flat_map(|unit| unit.warnings.iter().map(move |text| (text.as_str(), unit)));
    for (warning, units) in words::grouped(warnings) {
        writeln!(out, "{} {warning}", styled(CARE, "warning"))?;
        writeln!(out, "        {}", styled(QUIET, names(&units, detail)))?;
    }
    Ok(())
}

/// What could not be run, told once per reason.
fn write_reasons(out: &mut String, record: &CheckRecord, detail: Detail) -> fmt::Result {
    for verdict in [Verdict::Unsupported, Verdict::Disabled] {
        let quiet = record.with(verdict).filter(|unit| unit.standing == Standing::NotJudged);
        let reasons = quiet.map(|unit| (unit.reason.as_deref().unwrap_or("no reason given"), unit));
        for (reason, units) in words::grouped(reasons) {
            let number = words::count(units.len(), "unit");
            writeln!(out, "{} {reason}: {number}", styled(CARE, verdict))?;
            writeln!(out, "        {}", styled(QUIET, names(&units, detail)))?;
        }
    }
    Ok(())
}

fn write_expected(out: &mut String, record: &CheckRecord) -> fmt::Result {
    let as_expected = record.units.iter().filter(|unit| unit.standing == Standing::Expected);
    for unit in as_expected {
        let Some(expected) = &unit.expected else { continue };
        let link = expected.link.as_deref().map(|link| format!(" <{link}>")).unwrap_or_default();
        let word = styled(QUIET, format!("{} as expected", unit.verdict));
        writeln!(out, "{word} {}: {}{link}", unit.unit, expected.reason)?;
    }
    Ok(())
}

fn names(units: &[&UnitRecord], detail: Detail) -> String {
    let most = if detail == Detail::Full { usize::MAX } else { NAMED_UNITS };
    let named: Vec<&str> = units.iter().take(most).map(|unit| unit.unit.as_str()).collect();
    match units.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
