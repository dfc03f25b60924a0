//! JUnit's XML: one suite per service, one test per unit.
//!
//! A failure is what is against expectation. What was expected, or says nothing about the world, is skipped with the
//! reason, so that a dashboard that knows only red and green shows neither.

use proofmark_record::{CheckRecord, Standing, UnitRecord, Verdict};
use quick_junit::{NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// Shows `record` as JUnit's XML.
///
/// # Errors
/// If it cannot be written as XML.
pub fn render(record: &CheckRecord) -> Result<String, SerializeError> {
    let mut report = Report::new("proofmark");
    report.set_time(Duration::from_millis(record.took_ms));
    for service in services(record) {
        report.add_test_suite(suite(record, service));
    }
    report.to_string()
}

/// The services, in the order in which they first occur.
fn services(record: &CheckRecord) -> Vec<&str> {
    let mut services = Vec::new();
    for service in record.units.iter().map(service_of) {
        if !services.contains(&service) {
            services.push(service);
        }
    }
    services
}

fn service_of(unit: &UnitRecord) -> &str {
    unit.case.split('.').next().unwrap_or(&unit.case)
}

fn suite(record: &CheckRecord, service: &str) -> TestSuite {
    let mut suite = TestSuite::new(service);
    let subject = &record.subject;
    let properties = [
        ("backend", Some(subject.backend.as_str())),
        ("label", subject.label.as_deref()),
        ("clock", Some(subject.clock.as_str())),
        ("transport", Some(subject.transport.as_str())),
        ("profile", subject.profile.as_deref()),
        ("reproduce", Some(record.reproduce.as_str())),
    ];
    for (name, value) in properties {
        suite.properties.extend(value.map(|value| Property::new(name, value)));
    }
    suite.add_test_cases(record.units.iter().filter(|unit| service_of(unit) == service).map(test_case));
    suite
}

fn test_case(unit: &UnitRecord) -> TestCase {
    let mut test = TestCase::new(unit.unit.as_str(), status(unit));
    test.set_classname(service_of(unit));
    test.properties.push(Property::new("world_milliseconds", unit.world_ms.to_string()));
    let said = unit.warnings.iter().map(|warning| format!("warning: {warning}"));
    let seen = unit.observations.iter().map(|seen| format!("seen: {}: {}", seen.clause, seen.seen));
    let out: Vec<String> = said.chain(seen).collect();
    if !out.is_empty() {
        test.set_system_out(out.join("\n"));
    }
    test
}

fn status(unit: &UnitRecord) -> TestCaseStatus {
    match (unit.standing, unit.verdict) {
        (Standing::Expected, Verdict::Pass) => TestCaseStatus::success(),
        (Standing::Expected | Standing::NotJudged, _) => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(unit.verdict.name()).set_message(headline(unit));
            status
        }
        (_, Verdict::Error) => non_success(NonSuccessKind::Error, unit),
        (..) => non_success(NonSuccessKind::Failure, unit),
    }
}

fn non_success(kind: NonSuccessKind, unit: &UnitRecord) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(unit.verdict.name()).set_message(headline(unit)).set_description(description(unit));
    status
}

/// What came of it, in one line.
pub(crate) fn headline(unit: &UnitRecord) -> String {
    let expected = unit.expected.as_ref();
    match (unit.standing, &unit.failure, &unit.reason) {
        (Standing::UnexpectedPass, ..) => {
            format!("it passes, and was expected not to: {}", expected.map_or("", |row| row.reason.as_str()))
        }
        (Standing::Expected, ..) if expected.is_some() => {
            format!("{} as expected: {}", unit.verdict, expected.map_or("", |row| row.reason.as_str()))
        }
        (_, Some(failure), _) => {
            let part = |word: &str, text: &Option<String>| text.as_ref().map(|text| format!(", {word} {text}"));
            let expected = part("expected", &failure.expected).unwrap_or_default();
            format!("{}{expected}{}", failure.what, part("got", &failure.got).unwrap_or_default())
        }
        (_, None, Some(reason)) => reason.clone(),
        (_, None, None) => unit.verdict.to_string(),
    }
}

fn description(unit: &UnitRecord) -> String {
    let failure = unit.failure.iter();
    let clauses = failure.clone().flat_map(|failure| &failure.clauses);
    let clauses = clauses.map(|clause| format!("{}: {} [{}]", clause.id, clause.says, clause.source));
    let request = failure.filter_map(|failure| failure.request_id.as_ref()).map(|id| format!("request: {id}"));
    let replay = unit.replay.iter().map(|replay| format!("replay: {replay}"));
    std::iter::once(unit.says.clone()).chain(clauses).chain(request).chain(replay).collect::<Vec<_>>().join("\n")
}
