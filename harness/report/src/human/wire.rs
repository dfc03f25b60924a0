//! The wire exchange of a unit, as much of it as helps.

use super::block::line;
use super::{Detail, QUIET, styled};
use crate::words::{count, shortened};
use proofmark_record::{Exchange, Message, UnitRecord};
use std::fmt::{self, Write};

/// How many exchanges a brief report shows: the latest, for the last answer is most often the wrong one.
const BRIEF_EXCHANGES: usize = 3;

/// How much of a body a brief report shows, in characters.
const BRIEF_BODY: usize = 600;

/// The headers that a brief report shows: what the protocol hangs on.
const TELLING: [&str; 6] =
    ["content-type", "x-amz-target", "x-amzn-requestid", "x-amzn-query-error", "x-amzn-query-mode", "retry-after"];

pub(super) fn write(out: &mut String, unit: &UnitRecord, detail: Detail) -> fmt::Result {
    let hidden = match detail {
        Detail::Brief => unit.exchanges.len().saturating_sub(BRIEF_EXCHANGES),
        Detail::Full => 0,
    };
    if hidden > 0 {
        line(out, "wire", &format!("{}: see --verbose, or the record", count(hidden, "earlier exchange")))?;
    }
    unit.exchanges[hidden..].iter().try_for_each(|exchange| write_exchange(out, exchange, detail))
}

fn write_exchange(out: &mut String, exchange: &Exchange, detail: Detail) -> fmt::Result {
    let Exchange { number, method, path, status, .. } = exchange;
    let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    line(out, "wire", &format!("#{number} {method} {path} -> {status}"))?;
    write_message(out, '>', &exchange.request, detail)?;
    exchange.response.iter().try_for_each(|response| write_message(out, '<', response, detail))?;
    exchange.error.iter().try_for_each(|error| write_line(out, '!', error))
}

fn write_message(out: &mut String, direction: char, message: &Message, detail: Detail) -> fmt::Result {
    let shown = |name: &str| detail == Detail::Full || TELLING.iter().any(|telling| telling.eq_ignore_ascii_case(name));
    for (name, value) in message.headers.iter().filter(|(name, _)| shown(name)) {
        write_line(out, direction, &format!("{name}: {value}"))?;
    }
    match message.body.as_str() {
        "" => Ok(()),
        body if detail == Detail::Full => write_line(out, direction, body),
        body => write_line(out, direction, &shortened(body, BRIEF_BODY)),
    }
}

fn write_line(out: &mut String, direction: char, text: &str) -> fmt::Result {
    text.lines().try_for_each(|line| writeln!(out, "            {} {line}", styled(QUIET, direction)))
}
