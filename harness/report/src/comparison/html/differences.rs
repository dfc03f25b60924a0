//! Quantile by quantile: the table, and the changes with their intervals as a forest plot.

use super::class_of;
use super::svg::{Scale, escape};
use crate::comparison::sentences;
use crate::figures;
use proofmark_record::comparison::{Candidate, Comparison, Difference, RunInBrief, Settings};

/// Changes beyond this are drawn at the edge.
const FARTHEST: f64 = 0.5;

pub(super) fn section(comparison: &Comparison) -> String {
    let pairs = comparison.candidates.iter().zip(comparison.runs.iter().skip(1));
    pairs.map(|(candidate, run)| of_candidate(candidate, run, comparison)).collect()
}

fn of_candidate(candidate: &Candidate, run: &RunInBrief, comparison: &Comparison) -> String {
    let baseline = &comparison.runs[0];
    let paired = if candidate.paired { " Blocks of the two took turns, so they are compared in pairs." } else { "" };
    let remarks = candidate.obstacles.iter().chain(&candidate.notes);
    let remarks: String = remarks.map(|text| format!("<li>{}</li>\n", escape(text))).collect();
    let remarks = if remarks.is_empty() { String::new() } else { format!("<ul class=\"remarks\">\n{remarks}</ul>\n") };
    let sentence = match comparison.candidates.as_slice() {
        // It is at the top of the page.
        [_] => String::new(),
        _ => format!("{}.", escape(&sentences::of_candidate(candidate))),
    };
    let doubt = [baseline, run].into_iter().filter(|run| !run.is_valid());
    let doubt: String = doubt
        .map(|run| {
            format!("<p class=\"badge bad\">✗ the numbers of {} are not to be believed</p>\n", escape(&run.name))
        })
        .collect();
    format!(
        "<section>\n<h2>{} against {}</h2>\n<p>{sentence}{paired}</p>\n{doubt}{remarks}{}{}</section>\n",
        escape(&candidate.name),
        escape(&baseline.name),
        forests(candidate, &comparison.settings),
        table(candidate, &baseline.name),
    )
}

fn table(candidate: &Candidate, baseline: &str) -> String {
    let operations = candidate.differences.chunk_by(|one, other| one.operation == other.operation);
    let rows: String = operations.map(group).collect();
    format!(
        "<div class=\"wide\"><table>\n<thead><tr><th>Time</th><th></th><th class=\"n\">{}</th>\
         <th class=\"n\">{}</th><th class=\"n\">Change</th><th class=\"n\">Interval</th><th>Verdict</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table></div>\n",
        escape(baseline),
        escape(&candidate.name)
    )
}

fn group(differences: &[Difference]) -> String {
    let operation = escape(&differences[0].operation);
    let rows: String = differences.iter().map(row).collect();
    format!("<tr class=\"group\"><th colspan=\"7\" scope=\"rowgroup\">{operation}</th></tr>\n{rows}")
}

fn row(difference: &Difference) -> String {
    let (class, mark) = class_of(difference.outcome);
    let reason = difference.reason.as_deref().map(|reason| format!(" <small>{}</small>", escape(reason)));
    let [baseline, candidate] = [difference.baseline_ns, difference.candidate_ns].map(sentences::time);
    format!(
        "<tr><td class=\"kind\">{}</td><td>{}</td><td class=\"n\">{baseline}</td><td class=\"n\">{candidate}</td>\
         <td class=\"n\">{}</td><td class=\"n\">{}</td><td><b class=\"{class}\">{mark} {}</b>{}</td></tr>\n",
        difference.kind,
        figures::quantile(difference.quantile),
        sentences::change(difference),
        sentences::interval(difference),
        difference.outcome,
        reason.unwrap_or_default(),
    )
}

/// The changes with their intervals over the band in which a change does not matter, operation by operation.
fn forests(candidate: &Candidate, settings: &Settings) -> String {
    let drawn: Vec<&Difference> = candidate.differences.iter().filter(|one| one.interval.is_some()).collect();
    let reach = reach(&drawn, settings.threshold);
    let by_operation = drawn.chunk_by(|one, other| one.operation == other.operation);
    by_operation.map(|differences| forest(differences, reach, settings)).collect()
}

fn forest(drawn: &[&Difference], reach: f64, settings: &Settings) -> String {
    let rows: String = drawn.iter().enumerate().map(|(at, one)| forest_row(at, one, reach)).collect();
    let height = ROW * drawn.len() as f64 + 34.0;
    let (low, high) = (-settings.threshold / (1.0 + settings.threshold), settings.threshold);
    let (from, to) = (place(low, reach), place(high, reach));
    let ticks: String = Scale::linear(-reach, reach).ticks(6.0).into_iter().map(|at| tick(at, reach, height)).collect();
    let (middle, bottom) = (place(0.0, reach), height - 22.0);
    let operation = escape(&drawn[0].operation);
    format!(
        "<figure><figcaption>{operation}: faster ◂ change of the time with its {} interval ▸ slower; \
         shaded: ±{} does not matter</figcaption>\
         <div class=\"picture tall\"><svg viewBox=\"0 0 {FOREST_WIDTH} {height}\" role=\"img\" \
         aria-label=\"changes of {operation} with intervals\">\
         <rect class=\"band\" x=\"{from:.1}\" y=\"4\" width=\"{:.1}\" height=\"{:.1}\"/>{ticks}\
         <line class=\"zero\" x1=\"{middle:.1}\" x2=\"{middle:.1}\" y1=\"4\" y2=\"{bottom}\"/>{rows}</svg></div></figure>\n",
        figures::percent(settings.confidence),
        figures::percent(settings.threshold),
        to - from,
        bottom - 4.0,
    )
}

const FOREST_WIDTH: f64 = 720.0;
const FOREST_LEFT: f64 = 138.0;
const FOREST_RIGHT: f64 = 112.0;
const ROW: f64 = 24.0;

fn reach(drawn: &[&Difference], threshold: f64) -> f64 {
    let ends = drawn.iter().filter_map(|one| one.interval).map(|interval| interval.high.abs().max(interval.low.abs()));
    (ends.fold(2.0 * threshold, f64::max) * 1.05).min(FARTHEST)
}

fn place(change: f64, reach: f64) -> f64 {
    let part = (change.clamp(-reach, reach) + reach) / (2.0 * reach);
    FOREST_LEFT + part * (FOREST_WIDTH - FOREST_LEFT - FOREST_RIGHT)
}

fn tick(at: f64, reach: f64, height: f64) -> String {
    let (x, bottom) = (place(at, reach), height - 22.0);
    format!(
        "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"4\" y2=\"{bottom}\"/>\
         <text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
        bottom + 14.0,
        round_change(at)
    )
}

/// A round change without needless digits: `+20 %`.
fn round_change(part: f64) -> String {
    let sign = if part > 1e-9 { "+" } else { "" };
    format!("{sign}{}", figures::percent(part + 0.0))
}

fn forest_row(at: usize, difference: &Difference, reach: f64) -> String {
    let Some((alone, joint)) = difference.interval.zip(difference.joint_interval) else { return String::new() };
    let y = ROW * at as f64 + 18.0;
    let (class, mark) = class_of(difference.outcome);
    let [low, high, joint_low, joint_high] =
        [alone.low, alone.high, joint.low, joint.high].map(|end| place(end, reach));
    let x = place(difference.change.unwrap_or_default(), reach);
    let name = format!("{} {}", difference.kind, figures::quantile(difference.quantile));
    let hint = format!(
        "{name}: {} ({}); for all at once {} to {}",
        sentences::change(difference),
        sentences::interval(difference),
        figures::change(joint.low),
        figures::change(joint.high)
    );
    format!(
        "<g class=\"{class}\"><title>{}</title><text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
         <line class=\"thin\" x1=\"{joint_low:.1}\" x2=\"{joint_high:.1}\" y1=\"{y}\" y2=\"{y}\"/>\
         <line class=\"thick\" x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{y}\" y2=\"{y}\"/>\
         <circle cx=\"{x:.1}\" cy=\"{y}\" r=\"5\"/>\
         <text class=\"word\" x=\"{:.1}\" y=\"{:.1}\">{mark} {}</text></g>",
        escape(&hint),
        FOREST_LEFT - 14.0,
        y + 4.0,
        escape(&name),
        FOREST_WIDTH - FOREST_RIGHT + 14.0,
        y + 4.0,
        difference.outcome
    )
}
