//! A summary in Markdown: totals, what did not pass, how to do it again.

use crate::junit::headline;
use crate::words;
use proofmark_record::{CheckRecord, Standing, UnitRecord, Verdict};
use std::fmt::{self, Write};

/// How much of a text stands in a table, in characters.
const CELL: usize = 300;

/// Shows `record` as Markdown.
#[must_use]
pub fn render(record: &CheckRecord) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = write_all(&mut text, record);
    text
}

fn write_all(out: &mut String, record: &CheckRecord) -> fmt::Result {
    let subject = &record.subject;
    let name = subject.label.as_deref().unwrap_or(&subject.backend);
    writeln!(out, "# Conformance of {}\n", cell(name))?;
    writeln!(out, "{}.\n", words::totals(record))?;
    writeln!(out, "| | |\n|---|---|")?;
    row(out, "Backend", &format!("{}, {} clock, {}", subject.backend, subject.clock, subject.transport))?;
    subject.profile.iter().try_for_each(|profile| row(out, "Limits of", profile))?;
    row(out, "Began", &record.started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())?;
    row(out, "Requests", &record.requests.to_string())?;
    row(out, "Proofmark", &record.proofmark)?;
    writeln!(out, "\n```sh\n{}\n```", record.reproduce)?;
    write_units(out, "Against expectation", record.loud())?;
    let expected = record.units.iter().filter(|unit| unit.standing == Standing::Expected);
    write_units(out, "Not passed, as expected", expected.filter(|unit| unit.verdict != Verdict::Pass))?;
    let quiet = record.units.iter().filter(|unit| unit.standing == Standing::NotJudged);
    write_units(out, "Not judged", quiet)?;
    write_notes(out, record)
}

fn row(out: &mut String, name: &str, text: &str) -> fmt::Result {
    writeln!(out, "| {name} | {} |", cell(text))
}

fn write_units<'a>(out: &mut String, title: &str, units: impl Iterator<Item = &'a UnitRecord>) -> fmt::Result {
    let mut units = units.peekable();
    if units.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "\n## {title}\n\n| Unit | Verdict | What came of it |\n|---|---|---|")?;
    units.try_for_each(|unit| writeln!(out, "| `{}` | {} | {} |", unit.unit, unit.verdict, cell(&headline(unit))))
}

fn write_notes(out: &mut String, record: &CheckRecord) -> fmt::Result {
    if record.notes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Notes\n")?;
    record.notes.iter().try_for_each(|note| writeln!(out, "* {}", cell(note)))
}

/// Text that stays in its cell and means nothing to Markdown or HTML.
pub(crate) fn cell(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let escaped = words::shortened(&flat, CELL).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('|', "\\|")
}
