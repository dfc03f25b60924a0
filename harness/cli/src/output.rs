//! The one place that writes to standard output: results, and nothing else. Everything else goes to standard error.

use crate::exit::Trouble;
use std::io::Write;

/// Writes `text`; colours are taken out where nobody sees them.
pub(crate) fn write(text: &str) -> Result<(), Trouble> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes a value as JSON with a line end.
pub(crate) fn write_json(value: &impl serde::Serialize) -> Result<(), Trouble> {
    write(&json(value)?)
}

/// A value as JSON with a line end.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Trouble> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Trouble::Bug(format!("no JSON: {error}")))?;
    Ok(text + "\n")
}
