//! Percentile curves and histograms: all runs in one picture, one pair of pictures per operation and kind.

use super::svg::{Plot, Scale, escape, legend, run_class};
use crate::figures;
use hdrhistogram::Histogram;
use proofmark_record::comparison::Comparison;
use proofmark_record::load::{LatencySummary, LoadedRun, Tag};
use std::collections::BTreeSet;

const HEIGHT: f64 = 300.0;

/// Points of a percentile curve for each factor of ten.
const POINTS_PER_DECADE: i32 = 16;

/// Bars of a histogram.
const BARS: usize = 72;

pub(super) fn section(comparison: &Comparison, runs: &[LoadedRun]) -> String {
    let names: Vec<&str> = comparison.runs.iter().map(|run| run.name.as_str()).collect();
    let tags: BTreeSet<&Tag> = runs.iter().flat_map(LoadedRun::tags).collect();
    let pictures: String =
        tags.into_iter().map(|tag| of_tag(tag, runs, &names, comparison.settings.threshold)).collect();
    let band = figures::percent(comparison.settings.threshold);
    format!(
        "<section>\n<h2>How long it took</h2>\n<p class=\"quiet\">Left: the time within which so many calls stayed; the \
         baseline’s ±{band} is shaded, and a curve is thin where fewer than {} samples lie beyond. Right: how many calls \
         took how long.</p>\n{}{pictures}</section>\n",
        LatencySummary::SAMPLES_BEYOND,
        legend(&names)
    )
}

fn of_tag(tag: &Tag, runs: &[LoadedRun], names: &[&str], threshold: f64) -> String {
    let totals: Vec<Histogram<u64>> = runs.iter().map(|run| run.total(tag)).collect();
    let samples: Vec<String> =
        names.iter().zip(&totals).map(|(name, total)| format!("{name} {}", figures::count(total.len()))).collect();
    if totals.iter().all(Histogram::is_empty) {
        return String::new();
    }
    format!(
        "<h3>{} <small>samples: {}</small></h3>\n<div class=\"pair\">\n{}{}</div>\n",
        escape(&format!("{} {}", tag.operation, tag.kind)),
        escape(&samples.join(", ")),
        percentiles(tag, &totals, names, threshold),
        bars(tag, &totals, names)
    )
}

/// The time at each percentile, against 1 / (1 - quantile), so that each further nine is equally far.
fn percentiles(tag: &Tag, totals: &[Histogram<u64>], names: &[&str], threshold: f64) -> String {
    let most = totals.iter().map(Histogram::len).max().unwrap_or_default().max(100) as f64;
    let (low, high) = extent(totals, 0.01);
    let y = Scale::log(low / (1.0 + threshold), high * (1.0 + threshold));
    let mut plot = Plot::new(&format!("percentiles of {tag}"), HEIGHT, Scale::log(1.0, most), y);
    let nines = (0..).map(|nines| 10_f64.powi(nines)).take_while(|value| *value <= most);
    let ticks: Vec<(f64, String)> =
        nines.chain([2.0]).map(|value| (value, figures::quantile(1.0 - 1.0 / value))).collect();
    plot.x_axis("percentile", &ticks);
    plot.y_axis(&times(y));
    if let Some(baseline) = totals.first().filter(|baseline| !baseline.is_empty()) {
        let told = told(baseline);
        let upper = told.iter().map(|(x, y)| (*x, y * (1.0 + threshold)));
        let lower = told.iter().rev().map(|(x, y)| (*x, y / (1.0 + threshold)));
        plot.area("band", &upper.chain(lower).collect::<Vec<_>>());
    }
    for (at, total) in totals.iter().enumerate() {
        plot.line(&format!("{} faint", run_class(at)), &curve(total));
        plot.line(&run_class(at), &told(total));
    }
    hints(&mut plot, totals, names, most);
    plot.done()
}

/// What the mouse shows: every run's time at a percentile.
fn hints(plot: &mut Plot, totals: &[Histogram<u64>], names: &[&str], most: f64) {
    for (from, to) in steps(most).into_iter().zip(steps(most).into_iter().skip(1)) {
        let quantile = 1.0 - 1.0 / (from * to).sqrt();
        let time = |(name, total): (&&str, &Histogram<u64>)| {
            format!("{name}: {}", figures::nanoseconds(total.value_at_quantile(quantile)))
        };
        let told: Vec<String> = names.iter().zip(totals).filter(|(_, total)| !total.is_empty()).map(time).collect();
        plot.hint(from, to, &format!("p{:.5}\n{}", quantile * 100.0, told.join("\n")));
    }
}

/// The places along the percentile axis at which curves are drawn.
fn steps(most: f64) -> Vec<f64> {
    let place = |step: i32| 10_f64.powf(f64::from(step) / f64::from(POINTS_PER_DECADE));
    (0..).map(place).take_while(|value| *value <= most * 1.0001).collect()
}

fn curve(total: &Histogram<u64>) -> Vec<(f64, f64)> {
    if total.is_empty() {
        return Vec::new();
    }
    let at = |place: f64| (place, total.value_at_quantile(1.0 - 1.0 / place).max(1) as f64);
    steps(total.len() as f64).into_iter().map(at).collect()
}

/// The part of the curve that has samples enough.
fn told(total: &Histogram<u64>) -> Vec<(f64, f64)> {
    let enough = |place: f64| LatencySummary::has_enough(total.len(), 1.0 - 1.0 / place);
    curve(total).into_iter().filter(|(place, _)| enough(*place)).collect()
}

/// From the time at `tail` of all samples to the longest.
fn extent(totals: &[Histogram<u64>], tail: f64) -> (f64, f64) {
    let filled = || totals.iter().filter(|total| !total.is_empty());
    let low = filled().map(|total| total.value_at_quantile(tail)).min().unwrap_or(1);
    let high = filled().map(Histogram::max).max().unwrap_or(1);
    (low.max(1) as f64, high.max(1) as f64)
}

fn times(scale: Scale) -> Vec<(f64, String)> {
    scale.ticks(5.0).into_iter().map(|value| (value, tick(value))).collect()
}

/// A round time without needless digits: `2 ms`, `1.5 s`.
pub(super) fn tick(ns: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")];
    let (size, unit) = units.into_iter().find(|(size, _)| ns >= 0.9995 * size).unwrap_or((1.0, "ns"));
    format!("{} {unit}", (ns / size * 1e3).round() / 1e3)
}

/// How many samples took how long, as a part of all: steps along a logarithmic axis.
fn bars(tag: &Tag, totals: &[Histogram<u64>], names: &[&str]) -> String {
    let (low, _) = extent(totals, 0.001);
    let high = totals.iter().map(|total| total.value_at_quantile(0.9995)).max().unwrap_or(1) as f64;
    let x = Scale::log(low / 1.02, high * 1.02);
    let edges = edges(low / 1.02, (high * 1.02).max(low * 1.1));
    let parts: Vec<Vec<f64>> = totals.iter().map(|total| parts(total, &edges)).collect();
    let most = parts.iter().flatten().copied().fold(1e-9, f64::max);
    let y = Scale::linear(0.0, most * 1.05);
    let mut plot = Plot::new(&format!("histogram of {tag}"), HEIGHT, x, y);
    plot.x_axis("time", &times(x));
    plot.y_axis(&y.ticks(5.0).into_iter().map(|part| (part, figures::percent(part))).collect::<Vec<_>>());
    for (at, parts) in parts.iter().enumerate() {
        let outline = outline(parts, &edges);
        plot.area(&format!("fill {}", run_class(at)), &outline);
        plot.line(&run_class(at), &outline);
    }
    for (bar, ends) in edges.windows(2).enumerate() {
        let told = names.iter().zip(&parts).map(|(name, parts)| format!("{name}: {:.2} %", parts[bar] * 100.0));
        let told: Vec<String> = told.collect();
        plot.hint(
            ends[0],
            ends[1],
            &format!("{} to {}\n{}", figures::time(ends[0]), figures::time(ends[1]), told.join("\n")),
        );
    }
    plot.done()
}

fn edges(low: f64, high: f64) -> Vec<f64> {
    (0..=BARS).map(|at| low * (high / low).powf(at as f64 / BARS as f64)).collect()
}

fn parts(total: &Histogram<u64>, edges: &[f64]) -> Vec<f64> {
    let mut parts = vec![0.0; edges.len() - 1];
    for step in total.iter_recorded() {
        let value = step.value_iterated_to() as f64;
        let bar = edges.partition_point(|edge| *edge <= value);
        if (1..edges.len()).contains(&bar) {
            parts[bar - 1] += step.count_at_value() as f64 / total.len() as f64;
        }
    }
    parts
}

fn outline(parts: &[f64], edges: &[f64]) -> Vec<(f64, f64)> {
    let steps = parts.iter().zip(edges.windows(2)).flat_map(|(part, ends)| [(ends[0], *part), (ends[1], *part)]);
    let (first, last) = (edges[0], edges[edges.len() - 1]);
    [(first, 0.0)].into_iter().chain(steps).chain([(last, 0.0)]).collect()
}
