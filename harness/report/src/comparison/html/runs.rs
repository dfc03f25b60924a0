//! The runs themselves: whether they may be believed, their errors, their settings.

use super::svg::{escape, run_class};
use crate::comparison::sentences;
use crate::figures;
use proofmark_record::comparison::{Comparison, RunInBrief};
use proofmark_record::load::{Check, CheckVerdict, LoadedRun, OperationSummary, RunRecord};

/// Whether each run may be believed, before any of its numbers.
pub(super) fn validity(comparison: &Comparison) -> String {
    let card = |(at, run): (usize, &RunInBrief)| card(at, run);
    let cards: String = comparison.runs.iter().enumerate().map(card).collect();
    format!("<section>\n<h2>May they be believed?</h2>\n<div class=\"cards\">\n{cards}</div>\n</section>\n")
}

fn card(at: usize, run: &RunInBrief) -> String {
    let role = if at == 0 { "baseline" } else { "candidate" };
    let (class, mark, word) = if run.is_valid() { ("good", "✓", "valid") } else { ("bad", "✗", "not valid") };
    let truncated = run.truncated.iter().map(|what| remark("care", "!", what));
    let because = run.invalid_because.iter().map(|why| remark("bad", "✗", why));
    let checks = run.validity.checks.iter().filter(|check| check.verdict != CheckVerdict::Failed).map(check_item);
    let messages = run.delivery.iter().map(|delivery| {
        let (class, mark) = if delivery.is_broken() { ("bad", "✗") } else { ("good", "✓") };
        let reasons =
            if delivery.reasons.is_empty() { String::new() } else { format!(": {}", delivery.reasons.join("; ")) };
        remark(class, mark, &format!("messages: {}{reasons}", sentences::delivery(delivery)))
    });
    let items: String = because.chain(truncated).chain(messages).chain(checks).collect();
    format!(
        "<article class=\"card\">\n<h3><i class=\"swatch {}\"></i>{} <small>{role}</small></h3>\n\
         <p class=\"badge {class}\">{mark} {word}</p>\n<ul class=\"checks\">\n{items}</ul>\n</article>\n",
        run_class(at),
        escape(&run.name),
    )
}

fn remark(class: &str, mark: &str, text: &str) -> String {
    format!("<li><b class=\"{class}\" aria-hidden=\"true\">{mark}</b>{}</li>\n", escape(text))
}

fn check_item(check: &Check) -> String {
    let (class, mark) = match check.verdict {
        CheckVerdict::Ok => ("good", "✓"),
        CheckVerdict::Warning => ("care", "!"),
        CheckVerdict::Failed => ("bad", "✗"),
        CheckVerdict::NotMeasured => ("none", "○"),
    };
    remark(class, mark, &check.sentence())
}

/// What went wrong, by operation.
pub(super) fn errors(runs: &[LoadedRun], names: &[&str]) -> String {
    let row = |name: &str, operation: &OperationSummary| {
        let codes: Vec<String> =
            operation.errors.iter().map(|(code, count)| format!("{code} × {}", figures::count(*count))).collect();
        let cells = [operation.attempted, operation.succeeded, operation.throttled].map(figures::count);
        let codes = if codes.is_empty() { "none".to_owned() } else { codes.join(", ") };
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td>{}</td></tr>\n",
            escape(&operation.operation),
            escape(name),
            cells[0],
            cells[1],
            cells[2],
            escape(&codes)
        )
    };
    let mut operations: Vec<&str> =
        runs.iter().flat_map(|run| &run.run.operations).map(|one| one.operation.as_str()).collect();
    operations.sort_unstable();
    operations.dedup();
    let of = |operation: &str| -> String {
        let found = runs.iter().zip(names).filter_map(|(run, name)| Some((name, run.run.operation(operation)?)));
        found.map(|(name, summary)| row(name, summary)).collect()
    };
    let rows: String = operations.into_iter().map(of).collect();
    format!(
        "<section>\n<h2>Calls, errors, throttles</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>Operation</th><th>Run</th>\
         <th class=\"n\">Calls</th><th class=\"n\">Succeeded</th><th class=\"n\">Throttled</th><th>Errors</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table></div>\n</section>\n"
    )
}

/// What was run on what, from where: what differs is marked.
pub(super) fn settings(runs: &[LoadedRun], names: &[&str]) -> String {
    let heads: String = names.iter().map(|name| format!("<th>{}</th>", escape(name))).collect();
    let columns: Vec<Vec<(String, String)>> = runs.iter().map(|run| facts(&run.run)).collect();
    let mut keys: Vec<&String> = Vec::new();
    for (key, _) in columns.iter().flatten() {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let rows: String = keys.into_iter().map(|key| settings_row(key, &columns)).collect();
    format!(
        "<section>\n<h2>Machine and settings</h2>\n<div class=\"wide\"><table>\n<thead><tr><th></th>{heads}</tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table></div>\n</section>\n"
    )
}

fn settings_row(key: &str, columns: &[Vec<(String, String)>]) -> String {
    let value = |column: &Vec<(String, String)>| {
        column.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    let differs = if values.iter().all(|value| *value == values[0]) { "" } else { " class=\"differs\"" };
    let cells: String = values.iter().map(|value| format!("<td>{}</td>", escape(value))).collect();
    format!("<tr{differs}><th scope=\"row\">{}</th>{cells}</tr>\n", escape(key))
}

fn facts(run: &RunRecord) -> Vec<(String, String)> {
    let subject = &run.subject;
    let optional = |value: &Option<String>| value.clone().unwrap_or_default();
    let plain = [
        ("backend", subject.backend.clone()),
        ("endpoint", optional(&subject.endpoint)),
        ("Region", optional(&subject.region)),
        ("transport", subject.transport.clone()),
        ("clock", subject.clock.clone()),
        ("limits of", optional(&subject.profile)),
        ("latency model", optional(&subject.latency_model)),
        ("scenario", run.scenario.name.clone()),
        ("plan", run.plan.clone()),
        ("duration", format!("{} s", run.duration_seconds)),
        ("rate kept", format!("{} of {}", figures::rate(run.offered.rate_kept), figures::rate(run.offered.rate_asked))),
        ("workers", run.workers.to_string()),
        ("consumers", run.consumers.to_string()),
        ("seed", run.seed.to_string()),
        ("began", run.started.strftime("%Y-%m-%d %H:%M:%SZ").to_string()),
        ("run", run.run.clone()),
        ("part", run.part.map(|part| format!("{} of {}", part.index, part.of)).unwrap_or_default()),
        ("requests", figures::count(run.cost.requests)),
        ("cost", format!("${:.4}", run.cost.dollars)),
        ("system", format!("{} {}", run.machine.os, run.machine.kernel)),
        ("processor", format!("{} × {}", run.machine.cores, run.machine.cpu)),
        ("memory", format!("{:.1} GiB", run.machine.memory_bytes as f64 / 1_073_741_824.0)),
        ("proofmark", run.proofmark.clone()),
    ];
    let parameters = run.scenario.parameters.iter().map(|(name, value)| (format!("parameter {name}"), value.clone()));
    let versions = run.versions.iter().map(|(name, version)| (format!("version of {name}"), version.clone()));
    let told = plain.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(parameters).chain(versions);
    told.filter(|(_, value)| !value.is_empty()).collect()
}
