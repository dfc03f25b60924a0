//! What the three batch operations share: which faults fail the call, and which fail their entry alone.

use super::api::{BatchOutput, BatchResultErrorEntry};
use super::errors::{BATCH_ENTRY_IDS_NOT_DISTINCT, EMPTY_BATCH_REQUEST, INVALID_BATCH_ENTRY_ID, TOO_MANY_ENTRIES};
use super::limits;
use crate::error::{ApiError, Fault};
use std::collections::BTreeSet;

/// Checks the number of entries and their ids; any fault fails the whole call. `kind` is the entry's shape.
pub(super) fn check_entries(ids: &[&str], kind: &str) -> Result<(), ApiError> {
    if ids.is_empty() {
        let text = format!("There should be at least one {kind} in the request.");
        return Err(ApiError::new(&EMPTY_BATCH_REQUEST, text));
    }
    if ids.len() > limits::BATCH_ENTRIES {
        let (most, sent) = (limits::BATCH_ENTRIES, ids.len());
        let text = format!("Maximum number of entries per request are {most}. You have sent {sent}.");
        return Err(ApiError::new(&TOO_MANY_ENTRIES, text));
    }
    if !ids.iter().all(|id| well_formed(id)) {
        let text = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                    It can be at most 80 letters long.";
        return Err(ApiError::new(&INVALID_BATCH_ENTRY_ID, text));
    }
    let mut seen = BTreeSet::new();
    match ids.iter().find(|id| !seen.insert(**id)) {
        Some(repeated) => Err(ApiError::new(&BATCH_ENTRY_IDS_NOT_DISTINCT, format!("Id {repeated} repeated."))),
        None => Ok(()),
    }
}

fn well_formed(id: &str) -> bool {
    let charset = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (1..=limits::BATCH_ENTRY_ID_CHARACTERS).contains(&id.len()) && charset
}

/// Carries out each entry, and sorts the results.
pub(super) fn each<E, T>(
    entries: Vec<E>,
    id_of: impl Fn(&E) -> String,
    mut carry_out: impl FnMut(E) -> Result<T, ApiError>,
) -> BatchOutput<T> {
    let mut output = BatchOutput::default();
    for entry in entries {
        let id = id_of(&entry);
        match carry_out(entry) {
            Ok(result) => output.successful.push(result),
            Err(error) => output.failed.push(failed(id, &error)),
        }
    }
    output
}

fn failed(id: String, error: &ApiError) -> BatchResultErrorEntry {
    BatchResultErrorEntry {
        id: Some(id),
        sender_fault: Some(error.code.fault == Fault::Sender),
        code: Some(error.code.query_code.to_owned()),
        message: Some(error.message.clone().into_owned()),
    }
}
