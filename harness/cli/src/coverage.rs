//! `proofmark coverage`: which clauses have a case.

use crate::arguments::{CoverageArguments, CoverageFormat};
use crate::exit::{Exit, Trouble};
use crate::explain::strength;
use crate::output;
use proofmark_conform::{Case, Clause, Strength};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::{self, Write};

const STRENGTHS: [Strength; 4] = [Strength::Guaranteed, Strength::Observed, Strength::Permitted, Strength::Open];

pub(crate) fn run(options: &CoverageArguments) -> Result<Exit, Trouble> {
    let coverage = Coverage::new(&proofmark_suites::cases());
    match options.format {
        CoverageFormat::Human => output::write(&human(&coverage))?,
        CoverageFormat::Markdown => output::write(&markdown(&coverage))?,
        CoverageFormat::Json => output::write_json(&coverage.counts())?,
    }
    let complete = coverage.uncovered().next().is_none();
    Ok(if complete { Exit::AsExpected } else { Exit::AgainstExpectation })
}

/// How a clause stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cover {
    Covered,
    Uncovered,
    /// No case can show it; the clause says why.
    Uncoverable,
}

struct Coverage(Vec<(&'static Clause, Cover)>);

/// What `--format json` writes.
#[derive(Debug, Serialize)]
struct Counts {
    services: BTreeMap<String, ServiceCounts>,
}

#[derive(Debug, Default, Serialize)]
struct ServiceCounts {
    clauses: usize,
    covered: usize,
    uncoverable: usize,
    uncovered: Vec<String>,
}

impl Coverage {
    fn new(cases: &[&'static Case]) -> Self {
        let covered = |id: &str| cases.iter().any(|case| case.clauses.contains(&id));
        let cover = |clause: &Clause| match &clause.uncoverable {
            Some(_) => Cover::Uncoverable,
            None if covered(&clause.id) => Cover::Covered,
            None => Cover::Uncovered,
        };
        Coverage(proofmark_suites::catalogue().iter().map(|clause| (clause, cover(clause))).collect())
    }

    fn uncovered(&self) -> impl Iterator<Item = &'static Clause> {
        self.standing(Cover::Uncovered)
    }

    fn standing(&self, wanted: Cover) -> impl Iterator<Item = &'static Clause> {
        self.0.iter().filter(move |(_, cover)| *cover == wanted).map(|(clause, _)| *clause)
    }

    fn counts(&self) -> Counts {
        let mut services: BTreeMap<String, ServiceCounts> = BTreeMap::new();
        for (clause, cover) in &self.0 {
            let counts = services.entry(service(clause).to_owned()).or_default();
            counts.clauses += 1;
            match cover {
                Cover::Covered => counts.covered += 1,
                Cover::Uncoverable => counts.uncoverable += 1,
                Cover::Uncovered => counts.uncovered.push(clause.id.clone()),
            }
        }
        Counts { services }
    }

    /// Per service and strength: all, covered, uncovered, uncoverable. Rows without a clause are left out.
    fn rows(&self) -> Vec<(&'static str, &'static str, [usize; 4])> {
        let mut services: Vec<&str> = self.0.iter().map(|(clause, _)| service(clause)).collect();
        services.sort_unstable();
        services.dedup();
        let pairs = services.into_iter().flat_map(|service| STRENGTHS.map(|strength| (service, strength)));
        pairs.filter_map(|(service, strength)| self.row(service, strength)).collect()
    }

    fn row(&self, of: &'static str, binding: Strength) -> Option<(&'static str, &'static str, [usize; 4])> {
        let mut concerned = self.0.iter().filter(|(clause, _)| service(clause) == of && clause.strength == binding);
        let name = strength(concerned.clone().next()?.0);
        let count = |wanted: Cover| concerned.clone().filter(|(_, cover)| *cover == wanted).count();
        let [covered, uncovered, uncoverable] = [Cover::Covered, Cover::Uncovered, Cover::Uncoverable].map(count);
        Some((of, name, [concerned.by_ref().count(), covered, uncovered, uncoverable]))
    }
}

/// The service that a clause is about: its id up to the first dot.
fn service(clause: &Clause) -> &str {
    clause.id.split('.').next().unwrap_or(&clause.id)
}

fn human(coverage: &Coverage) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = write_human(&mut text, coverage);
    text
}

fn write_human(out: &mut String, coverage: &Coverage) -> fmt::Result {
    writeln!(out, "service  strength    clauses  covered  uncovered  uncoverable")?;
    for (service, strength, [clauses, covered, uncovered, uncoverable]) in coverage.rows() {
        writeln!(out, "{service:8} {strength:10} {clauses:8} {covered:8} {uncovered:10} {uncoverable:12}")?;
    }
    let uncoverable = coverage.standing(Cover::Uncoverable);
    let reason = |clause: &Clause| clause.uncoverable.clone().unwrap_or_default();
    section(out, "No case can show", uncoverable.map(|clause| format!("{}: {}", clause.id, reason(clause))))?;
    let uncovered = coverage.uncovered();
    section(out, "Without a case", uncovered.map(|clause| format!("{} ({})", clause.id, strength(clause))))
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) -> fmt::Result {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title} ({}):", lines.len())?;
    lines.iter().try_for_each(|line| writeln!(out, "  {line}"))
}

fn markdown(coverage: &Coverage) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = write_markdown(&mut text, coverage);
    text
}

fn write_markdown(out: &mut String, coverage: &Coverage) -> fmt::Result {
    writeln!(out, "| Service | Strength | Clauses | Covered | Uncovered | Uncoverable |\n|---|---|--:|--:|--:|--:|")?;
    for (service, strength, [clauses, covered, uncovered, uncoverable]) in coverage.rows() {
        writeln!(out, "| {service} | {strength} | {clauses} | {covered} | {uncovered} | {uncoverable} |")?;
    }
    for clause in coverage.uncovered() {
        writeln!(out, "\n* without a case: `{}`", clause.id)?;
    }
    for clause in coverage.standing(Cover::Uncoverable) {
        writeln!(out, "\n* no case can show `{}`: {}", clause.id, clause.uncoverable.as_deref().unwrap_or_default())?;
    }
    Ok(())
}
