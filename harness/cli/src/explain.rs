//! `proofmark explain`: one case or clause, whole.

use crate::arguments::ExplainArguments;
use crate::exit::{Exit, Trouble};
use crate::list::{protocols, waits};
use crate::{output, selection};
use proofmark_conform::{Case, Clause};
use std::fmt::{self, Write};

/// What there is to explain.
#[derive(Clone, Copy)]
enum Subject {
    Case(&'static Case),
    Clause(&'static Clause),
}

pub(crate) fn run(options: &ExplainArguments) -> Result<Exit, Trouble> {
    let subject = find(&options.name)?;
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = match subject {
        Subject::Case(case) => write_case(&mut text, case),
        Subject::Clause(clause) => write_clause_and_cases(&mut text, clause),
    };
    output::write(&text)?;
    Ok(Exit::AsExpected)
}

impl Subject {
    fn id(&self) -> &'static str {
        match self {
            Subject::Case(case) => case.id,
            Subject::Clause(clause) => &clause.id,
        }
    }
}

/// The case or clause of that name, or the only one with that part in its name. A unit's name is its case's.
fn find(name: &str) -> Result<Subject, Trouble> {
    let name = name.split('/').next().unwrap_or(name);
    let cases = proofmark_suites::cases().into_iter().map(Subject::Case);
    let all: Vec<Subject> = cases.chain(proofmark_suites::catalogue().iter().map(Subject::Clause)).collect();
    if let Some(exact) = all.iter().find(|subject| subject.id() == name) {
        return Ok(*exact);
    }
    let mut partial = all.iter().filter(|subject| subject.id().contains(name));
    match (partial.next(), partial.next()) {
        (Some(only), None) => Ok(*only),
        (None, _) => Err(Trouble::Usage(selection::unknown(name))),
        (Some(_), Some(_)) => Err(Trouble::Usage(ambiguous(name, &all))),
    }
}

fn ambiguous(name: &str, all: &[Subject]) -> String {
    let ids: Vec<&str> = all.iter().map(Subject::id).filter(|id| id.contains(name)).collect();
    let shown = ids.iter().take(12).copied().collect::<Vec<_>>().join("\n  ");
    format!("`{name}` is part of {} names; give one of them whole:\n  {shown}", ids.len())
}

fn write_case(out: &mut String, case: &Case) -> fmt::Result {
    writeln!(out, "{}: a case\n\n  {}\n", case.id, case.says)?;
    field(out, "protocols", &protocols(case).join(", "))?;
    let needs = case.needs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    field(out, "needs", if needs.is_empty() { "nothing" } else { &needs })?;
    field(
        out,
        "cost",
        &format!("{} requests, {} of waiting, per protocol", case.cost.requests, waits(case.cost.seconds)),
    )?;
    field(out, "run it", &format!("proofmark check {}", case.id))?;
    for id in case.clauses {
        writeln!(out)?;
        match proofmark_suites::catalogue().get(id) {
            Some(clause) => write_clause(out, clause)?,
            None => writeln!(out, "{id}: not in the catalogue")?,
        }
    }
    Ok(())
}

fn write_clause_and_cases(out: &mut String, clause: &Clause) -> fmt::Result {
    write_clause(out, clause)?;
    let cases = proofmark_suites::cases();
    let covering: Vec<&&Case> = cases.iter().filter(|case| case.clauses.contains(&clause.id.as_str())).collect();
    match covering.as_slice() {
        [] => field(out, "checked", "by no case"),
        covering => {
            covering.iter().try_for_each(|case| field(out, "checked", &format!("by {}: {}", case.id, case.says)))
        }
    }
}

fn write_clause(out: &mut String, clause: &Clause) -> fmt::Result {
    writeln!(out, "{}: a clause, {}\n\n  {}\n", clause.id, strength(clause), clause.says)?;
    field(out, "source", &clause.source)?;
    clause.then.iter().try_for_each(|then| field(out, "2021-09", then))?;
    clause.now.iter().try_for_each(|now| field(out, "today", now))?;
    clause.uncoverable.iter().try_for_each(|why| field(out, "no case", why))
}

/// How binding a clause is, in a word.
pub(crate) fn strength(clause: &Clause) -> &'static str {
    use proofmark_conform::Strength::{Guaranteed, Observed, Open, Permitted};
    match clause.strength {
        Guaranteed => "guaranteed",
        Observed => "observed",
        Permitted => "permitted",
        Open => "open",
    }
}

fn field(out: &mut String, name: &str, text: &str) -> fmt::Result {
    writeln!(out, "  {name:<10}{text}")
}
