//! `proofmark list`: the cases, one line each.

use crate::arguments::{ListArguments, ListFormat};
use crate::exit::{Exit, Trouble};
use crate::{output, selection};
use proofmark_conform::Case;
use proofmark_conform::clause::ProtocolName;
use serde_json::{Value, json};
use std::fmt::Write;

pub(crate) fn run(options: &ListArguments) -> Result<Exit, Trouble> {
    let plan = selection::plan(&options.filters)?;
    let mut cases: Vec<&Case> = plan.units().iter().map(|unit| unit.case).collect();
    cases.dedup_by_key(|case| case.id);
    match options.format {
        ListFormat::Human => output::write(&human(&cases))?,
        ListFormat::Json => output::write_json(&cases.iter().map(|case| object(case)).collect::<Vec<_>>())?,
    }
    Ok(Exit::AsExpected)
}

fn human(cases: &[&Case]) -> String {
    let widest = cases.iter().map(|case| case.id.len()).max().unwrap_or_default();
    let mut text = String::new();
    for case in cases {
        let (id, protocols) = (case.id, protocols(case).join(","));
        // Writing into a string does not fail.
        let _ = writeln!(text, "{id:widest$}  {protocols:10}  {:>9}  {}", waits(case.cost.seconds), case.says);
    }
    let units: usize = cases.iter().map(|case| case.protocols.len()).sum();
    let _ = writeln!(text, "cases: {}, units: {units}; the third column is the wait on a wall clock", cases.len());
    text
}

/// How long a case waits on a wall clock: `90 s`, `15 min`, `4 days`.
pub(crate) fn waits(seconds: u32) -> String {
    match seconds {
        0..300 => format!("{seconds} s"),
        300..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The protocols that a case runs over.
pub(crate) fn protocols(case: &Case) -> Vec<String> {
    case.protocols.iter().map(|&protocol| ProtocolName::from(protocol).to_string()).collect()
}

fn object(case: &Case) -> Value {
    json!({
        "id": case.id,
        "service": case.service(),
        "says": case.says,
        "clauses": case.clauses,
        "protocols": protocols(case),
        "needs": case.needs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "requests": case.cost.requests,
        "seconds": case.cost.seconds,
    })
}
