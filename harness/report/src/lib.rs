//! What people and CI systems read of a record.
//!
//! | Module | What it makes |
//! |---|---|
//! | [`compare`](mod@compare) | which of two load runs is faster, and how sure that is |
//! | [`comparison`] | what that comes to, for a terminal, a pull request, a browser |
//! | [`human`] | text for a terminal: failures last, then one line with the totals |
//! | [`junit`] | XML for CI systems |
//! | [`markdown`] | a summary for a pull request or a page |
//! | `words` | counts, durations and lists in words |
//!
//! Everything is made of a [`CheckRecord`] alone, so a saved record can be shown again. Text for a terminal carries
//! colours; write it through `anstream`, which takes them out where nobody sees them.

pub mod compare;
pub mod comparison;
mod figures;
pub mod human;
pub mod junit;
pub mod markdown;
mod words;

use proofmark_record::CheckRecord;

pub use human::Detail;

/// How a record is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Human(Detail),
    /// The record itself.
    Json,
    /// JUnit's XML.
    Junit,
    /// A summary in Markdown.
    Markdown,
}

/// Why a record cannot be shown in a format.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The record is not JSON: a map in it has keys that are not text.
    #[error("the record cannot be written as JSON; this is a mistake in proofmark")]
    Json(#[from] serde_json::Error),
    /// The report is not XML.
    #[error("the record cannot be written as JUnit; this is a mistake in proofmark")]
    Junit(#[from] quick_junit::SerializeError),
}

/// Shows `record` in `format`, with a line end at the end.
///
/// # Errors
/// [`RenderError`], which no record that was written by this version causes.
pub fn render(record: &CheckRecord, format: Format) -> Result<String, RenderError> {
    Ok(match format {
        Format::Human(detail) => human::render(record, detail),
        Format::Json => serde_json::to_string_pretty(record)? + "\n",
        Format::Junit => junit::render(record)?,
        Format::Markdown => markdown::render(record),
    })
}
