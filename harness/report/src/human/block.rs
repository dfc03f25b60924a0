//! One unit that somebody has to do something about, whole: what was promised, what came, how to see it again.

use super::{BAD, CARE, Detail, LOUD, QUIET, styled, wire};
use proofmark_record::{CheckRecord, ClauseText, Failure, Standing, UnitRecord, Verdict};
use std::fmt::{self, Write};

/// How many clauses a failure that cites none shows.
const UNCITED_CLAUSES: usize = 3;

pub(super) fn write(out: &mut String, unit: &UnitRecord, record: &CheckRecord, detail: Detail) -> fmt::Result {
    writeln!(out, "\n{} {}", headline(unit), styled(LOUD, &unit.unit))?;
    writeln!(out, "  {}", unit.says)?;
    write_expectation(out, unit)?;
    if let Some(reason) = &unit.reason {
        line(out, "why", reason)?;
    }
    if let Some(failure) = &unit.failure {
        write_failure(out, failure)?;
    }
    wire::write(out, unit, detail)?;
    let replay = unit.replay.as_deref().unwrap_or(&record.reproduce);
    line(out, "replay", replay)
}

fn headline(unit: &UnitRecord) -> String {
    match (unit.standing, unit.verdict) {
        (Standing::UnexpectedPass, _) => styled(BAD, "UNEXPECTED PASS"),
        (_, Verdict::Inconclusive) => styled(CARE, "INCONCLUSIVE"),
        (_, verdict) => styled(BAD, verdict.name().to_uppercase()),
    }
}

fn write_expectation(out: &mut String, unit: &UnitRecord) -> fmt::Result {
    let Some(expected) = &unit.expected else { return Ok(()) };
    line(out, "was to", &format!("{}: {}", expected.verdict, expected.reason))?;
    if unit.standing == Standing::UnexpectedPass {
        line(out, "so", "take its row out of the file of expectations")?;
    }
    expected.link.iter().try_for_each(|link| line(out, "link", link))
}

fn write_failure(out: &mut String, failure: &Failure) -> fmt::Result {
    failure.clauses.iter().take(UNCITED_CLAUSES).try_for_each(|clause| write_clause(out, clause))?;
    if let Some(more) = failure.clauses.len().checked_sub(UNCITED_CLAUSES).filter(|&more| more > 0) {
        line(out, "", &format!("and {more} more clauses; no single one was cited"))?;
    }
    line(out, "at", &failure.what)?;
    failure.expected.iter().try_for_each(|expected| line(out, "expected", expected))?;
    failure.got.iter().try_for_each(|got| line(out, "got", got))?;
    failure.request_id.iter().try_for_each(|id| line(out, "request", id))
}

fn write_clause(out: &mut String, clause: &ClauseText) -> fmt::Result {
    line(out, "clause", &format!("{} ({})", clause.id, clause.strength))?;
    line(out, "", &clause.says)?;
    line(out, "source", &clause.source)
}

/// A label and what belongs to it; further lines of the text stand below its first one.
pub(super) fn line(out: &mut String, label: &str, text: &str) -> fmt::Result {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    writeln!(out, "  {} {first}", styled(QUIET, format_args!("{label:<9}")))?;
    lines.try_for_each(|more| writeln!(out, "            {more}"))
}
