//! The runner's summary as a record: judged, explained, and without account ids.

use super::command_line;
use super::place::Place;
use super::request::Request;
use crate::arguments::CheckArguments;
use crate::explain::strength;
use crate::world::World;
use jiff::Timestamp;
use jiff::civil::Date;
use proofmark_conform::{Case, Failure as Seen, RunSummary, UnitResult};
use proofmark_record::check::totals;
use proofmark_record::redact::account_ids;
use proofmark_record::{
    CheckRecord, ClauseText, Exchange, Expected, Failure, Message, Observation, UnitRecord, Verdict,
};
use serde_json::Value;
use std::collections::HashMap;

/// What a record says beside the summary.
pub(super) struct Context<'a> {
    pub(super) options: &'a CheckArguments,
    pub(super) request: &'a Request,
    pub(super) world: &'a World,
    pub(super) place: &'a Place,
    pub(super) today: Date,
}

/// The record of a run.
pub(super) fn record(summary: &RunSummary, context: &Context<'_>) -> CheckRecord {
    let cases: HashMap<&str, &'static Case> =
        context.request.plan.units().iter().map(|unit| (unit.case.id, unit.case)).collect();
    let of = |result: &UnitResult| Some(unit(result, cases.get(result.case)?, context));
    let units: Vec<UnitRecord> = summary.units.iter().filter_map(of).collect();
    CheckRecord {
        format: CheckRecord::FORMAT.to_owned(),
        proofmark: env!("CARGO_PKG_VERSION").to_owned(),
        run: context.place.run.clone(),
        subject: context.world.subject.clone(),
        seed: summary.seed,
        exact: context.request.exact,
        started: moment(summary.started_milliseconds),
        took_ms: summary.took_milliseconds,
        requests: summary.requests,
        planned: context.request.plan.units().len(),
        budget_exhausted: summary.budget_exhausted,
        totals: totals(&units),
        notes: notes(summary, context),
        reproduce: command_line::whole(context.options, context.request, context.world),
        units,
    }
}

fn moment(milliseconds: u64) -> Timestamp {
    let milliseconds = i64::try_from(milliseconds).unwrap_or_default();
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

/// What a reader should know about the run.
fn notes(summary: &RunSummary, context: &Context<'_>) -> Vec<String> {
    let expectations = &context.request.expectations;
    let expired = expectations.expired(context.today);
    let mut notes: Vec<String> = expired
        .map(|row| format!("the expectation of `{}` has expired; look again, then renew or remove it", row.case))
        .collect();
    let planned = context.request.plan.units().len();
    let ran = summary.units.len();
    if context.request.whole && ran == planned {
        let stale = expectations.stale(&summary.units);
        notes.extend(
            stale.map(|row| format!("the expectation of `{}` concerns no case; remove or rename it", row.case)),
        );
    }
    if ran < planned {
        notes.push(format!("the run was broken off: {ran} of {planned} units ran"));
    }
    notes.extend(context.place.left_behind());
    notes
}

fn unit(result: &UnitResult, case: &'static Case, context: &Context<'_>) -> UnitRecord {
    let expectations = &context.request.expectations;
    let standing = expectations.judge(result, context.today);
    let again = || command_line::of_unit(&result.unit, context.options, context.request, context.world);
    UnitRecord {
        unit: result.unit.clone(),
        case: result.case.to_owned(),
        protocol: result.protocol.to_string(),
        says: case.says.to_owned(),
        clauses: case.clauses.iter().map(ToString::to_string).collect(),
        verdict: result.verdict,
        expected: expectations.of(result, context.today).map(|row| Expected {
            verdict: row.verdict,
            reason: row.reason.clone(),
            link: row.link.clone(),
        }),
        standing,
        failure: result.failure.as_ref().map(|seen| failure(seen, case)),
        reason: result.reason.as_deref().map(account_ids),
        warnings: result.warnings.iter().map(|warning| account_ids(warning)).collect(),
        observations: result.observations.iter().map(observation).collect(),
        requests: result.requests,
        world_ms: result.world_milliseconds,
        seed: result.seed,
        fingerprint: result.fingerprint.clone(),
        replay: (result.verdict != Verdict::Pass || standing.is_loud()).then(again),
        exchanges: result.exchanges.iter().map(exchange).collect(),
        history: result.history.lines().map(event).collect(),
    }
}

fn failure(seen: &Seen, case: &Case) -> Failure {
    let cited: Vec<&str> = seen.clause.as_deref().map_or_else(|| case.clauses.to_vec(), |clause| vec![clause]);
    Failure {
        what: account_ids(&seen.what),
        expected: seen.expected.as_deref().map(account_ids),
        got: seen.got.as_deref().map(account_ids),
        clauses: cited.into_iter().filter_map(clause).collect(),
        request_id: seen.request_id.clone(),
    }
}

fn clause(id: &str) -> Option<ClauseText> {
    let clause = proofmark_suites::catalogue().get(id)?;
    Some(ClauseText {
        id: id.to_owned(),
        says: clause.says.clone(),
        strength: strength(clause).to_owned(),
        source: clause.source.clone(),
    })
}

fn observation(seen: &Observation) -> Observation {
    Observation { clause: seen.clause.clone(), seen: account_ids(&seen.seen) }
}

/// The tape has taken secrets and account ids out already.
fn exchange(taped: &proofmark_backend::Exchange) -> Exchange {
    Exchange {
        number: taped.number,
        method: taped.method.clone(),
        path: taped.path.clone(),
        request: message(&taped.request),
        status: taped.status,
        response: taped.response.as_ref().map(message),
        error: taped.error.clone(),
    }
}

fn message(taped: &proofmark_backend::tape::Message) -> Message {
    Message { headers: taped.headers.clone(), body: taped.body.clone(), body_bytes: taped.body_bytes }
}

/// One line of a history. If it is no JSON once account ids are out of it, it is kept as text.
fn event(line: &str) -> Value {
    let line = account_ids(line);
    serde_json::from_str(&line).unwrap_or(Value::String(line))
}
