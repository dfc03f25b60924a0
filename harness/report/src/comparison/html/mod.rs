//! A comparison as a page in one file: no network, no scripts, so it opens anywhere and keeps for years.
//!
//! | Module | What it makes |
//! |---|---|
//! | [`render`] | the page, from the verdict down to how to do it again |
//! | `runs` | whether each run may be believed; machine and settings; errors |
//! | `differences` | the table of quantiles, and their changes as a forest plot |
//! | `distributions` | percentile curves and histograms, all runs in one picture |
//! | `timeline` | rate, latency, backlog, errors over time |
//! | `svg` | axes, lines and what the mouse shows |
//! | `style.css` | light and dark, wide and narrow |
//!
//! Everything that comes from files goes through [`svg::escape`].

mod differences;
mod distributions;
mod runs;
mod svg;
mod timeline;

use super::sentences;
use proofmark_record::comparison::{Comparison, Outcome};
use proofmark_record::load::LoadedRun;
use svg::escape;

const STYLE: &str = include_str!("style.css");

/// The page about `comparison` of `runs`, which `command` does again.
#[must_use]
pub fn render(comparison: &Comparison, runs: &[LoadedRun], command: &str) -> String {
    let names: Vec<&str> = comparison.runs.iter().map(|run| run.name.as_str()).collect();
    let sections = [
        heading(comparison, runs),
        runs::validity(comparison),
        differences::section(comparison),
        distributions::section(comparison, runs),
        timeline::section(runs, &names),
        runs::errors(runs, &names),
        runs::settings(runs, &names),
        reproduce(comparison, command),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        escape(&names.join(" / ")),
        sections.concat()
    )
}

fn heading(comparison: &Comparison, runs: &[LoadedRun]) -> String {
    let scenario = runs.first().map(|run| &run.run.scenario);
    let [name, summary] = [scenario.map(|of| of.name.as_str()), scenario.map(|of| of.summary.as_str())];
    let plan = runs.first().map(|run| run.run.plan.as_str()).unwrap_or_default();
    let (class, mark) = mood(comparison);
    format!(
        "<header>\n<p class=\"what\">{} · {}</p>\n<p class=\"verdict {class}\"><span class=\"mark\" aria-hidden=\"true\">{mark}\
         </span>{}</p>\n<p class=\"quiet\">{}<br/>Judged with {}.</p>\n</header>\n",
        escape(name.unwrap_or_default()),
        escape(plan),
        escape(&sentences::verdict(comparison)),
        escape(summary.unwrap_or_default()),
        escape(&sentences::settings(comparison)),
    )
}

fn mood(comparison: &Comparison) -> (&'static str, &'static str) {
    match comparison.outcome {
        _ if comparison.delivery_broken() => class_of(Outcome::Worse),
        _ if comparison.has_invalid_run() => class_of(Outcome::CannotTell),
        outcome => class_of(outcome),
    }
}

/// How an outcome looks: a class of the style, and a shape that says the same without colour.
fn class_of(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::NotJudged => ("none", "○"),
        Outcome::Same => ("good", "="),
        Outcome::Better => ("good", "▼"),
        Outcome::CannotTell => ("care", "?"),
        Outcome::Worse => ("bad", "▲"),
    }
}

fn reproduce(comparison: &Comparison, command: &str) -> String {
    format!(
        "<section>\n<h2>How to do it again</h2>\n<pre><code>{}</code></pre>\n<p class=\"quiet\">Intervals are \
         those of a block bootstrap over the runs’ interval histograms, {}. Blocks of neighbouring intervals are drawn \
         together, so that what makes them alike makes the interval wider. <em>Same</em> means that all of the interval lies \
         within the threshold, <em>worse</em> and <em>better</em> that all of it lies beyond, for all quantiles at once; \
         anything else cannot be told. Made with proofmark {}.</p>\n</section>\n",
        escape(command),
        escape(&sentences::settings(comparison)),
        escape(&comparison.proofmark),
    )
}
