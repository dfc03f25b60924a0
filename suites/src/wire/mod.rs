//! The cases of the wire: protocols and their envelopes, signatures, pages.

mod protocols;
mod signatures;
mod sns;
mod support;

use proofmark_conform::Case;

/// Every case of the wire, in the order in which they are listed and reported.
pub static CASES: &[&Case] = &[
    &protocols::BOTH,
    &protocols::FLAT,
    &protocols::NO_OUTPUT,
    &protocols::EMPTY_LISTS,
    &protocols::JSON_ERROR,
    &protocols::QUERY_ERROR,
    &protocols::REQUEST_ID,
    &protocols::GET,
    &protocols::GET_WITHOUT_ACTION,
    &protocols::INVALID_ACTION,
    &protocols::PARAMETER_WINS,
    &protocols::JSON_ON_QUEUE_URL,
    &protocols::NAME_AS_URL,
    &protocols::MISSING_PARAMETER,
    &protocols::MALFORMED,
    &protocols::PAGES,
    &protocols::MISSING_QUEUE,
    &protocols::ADDRESS,
    &signatures::MISSING,
    &signatures::MISMATCH,
    &signatures::CLOCK_SKEW,
    &signatures::TOKENS,
    &signatures::INCOMPLETE,
    &signatures::PRESIGNED,
    &sns::QUERY,
    &sns::NO_JSON,
    &sns::ERROR,
    &sns::REQUIRED,
    &sns::CODES,
    &sns::GET,
    &sns::MAPS,
    &sns::DENIED,
    &sns::TOPICS,
];
