//! What happened when: rate, latency, backlog, errors, each run from its own start.

use super::distributions::tick;
use super::svg::{Plot, Scale, escape, legend, run_class};
use crate::figures;
use proofmark_record::load::{IntervalLatency, IntervalRow, Kind, LoadedRun, PhaseName};
use std::collections::BTreeSet;

const HEIGHT: f64 = 240.0;

/// More points than this are no picture: neighbours are put together, of which the worst is shown.
const MOST_POINTS: usize = 240;

pub(super) fn section(runs: &[LoadedRun], names: &[&str]) -> String {
    if runs.iter().all(|run| run.series.is_empty()) {
        return String::new();
    }
    let timeline = Timeline::new(runs, names);
    let operations: BTreeSet<&String> =
        runs.iter().flat_map(|run| &run.series).flat_map(|row| row.operations.keys()).collect();
    let latencies: String = operations.into_iter().map(|operation| timeline.latency(operation)).collect();
    format!(
        "<section>\n<h2>Over time</h2>\n<p class=\"quiet\">Seconds from each run’s start. Before the measured phase it is \
         shaded; the dotted line is what the plan asked for.</p>\n{}<div class=\"pair\">\n{}{latencies}{}{}</div>\n</section>\n",
        legend(names),
        timeline.rate(),
        timeline.counts("backlog: asked for and not sent, sent and not received", "backlog", |row| row.backlog),
        timeline.counts("errors and throttles per interval", "errors", |row| row.errors + row.throttles),
    )
}

/// The series of all runs, thinned out.
struct Timeline<'a> {
    names: &'a [&'a str],
    runs: Vec<Vec<&'a [IntervalRow]>>,
    x: Scale,
    /// When the last run began to measure, if all were in the same phase until then.
    warm_until: f64,
}

impl<'a> Timeline<'a> {
    fn new(runs: &'a [LoadedRun], names: &'a [&'a str]) -> Self {
        let rows = || runs.iter().flat_map(|run| &run.series);
        let end = rows().map(|row| row.to_seconds).fold(1.0, f64::max);
        let measured =
            |run: &LoadedRun| run.series.iter().find(|row| row.phase == PhaseName::Measure).map(|row| row.from_seconds);
        let warm_until = runs.iter().filter_map(measured).fold(f64::INFINITY, f64::min);
        let warm_until = if warm_until.is_finite() { warm_until } else { 0.0 };
        Timeline { names, runs: runs.iter().map(thinned).collect(), x: Scale::linear(0.0, end), warm_until }
    }

    fn plot(&self, title: &str, y: Scale, label: impl Fn(f64) -> String) -> Plot {
        let mut plot = Plot::new(title, HEIGHT, self.x, y);
        if self.warm_until > 0.0 {
            plot.band("warm", 0.0, self.warm_until);
        }
        let seconds: Vec<(f64, String)> = self.x.ticks(8.0).into_iter().map(|at| (at, format!("{at}"))).collect();
        plot.x_axis("seconds", &seconds);
        plot.y_axis(&y.ticks(4.0).into_iter().map(|value| (value, label(value))).collect::<Vec<_>>());
        plot
    }

    fn rate(&self) -> String {
        let of = |rows: &[IntervalRow], count: fn(&IntervalRow) -> u64| {
            rows.iter().map(count).sum::<u64>() as f64 / length(rows).max(1e-9)
        };
        let sent = |rows: &[IntervalRow]| Some(of(rows, |row| row.sent));
        let asked = |rows: &[IntervalRow]| Some(of(rows, |row| row.asked));
        let most = self.most(&sent).max(self.most(&asked));
        let mut plot = self.plot("rate", Scale::linear(0.0, most * 1.1), |value| format!("{value}"));
        self.draw(&mut plot, "asked", &asked);
        self.draw(&mut plot, "", &sent);
        self.hints(&mut plot, |rows| {
            format!("{} of {}", figures::rate(of(rows, |row| row.sent)), figures::rate(of(rows, |row| row.asked)))
        });
        figure("sent per second", &plot.done())
    }

    fn counts(&self, title: &str, name: &str, count: fn(&IntervalRow) -> u64) -> String {
        let worst = |rows: &[IntervalRow]| rows.iter().map(count).max().map(|worst| worst as f64);
        let y = Scale::linear(0.0, (self.most(&worst) * 1.1).max(4.0));
        let mut plot = self.plot(name, y, |value| figures::count(value as u64));
        self.draw(&mut plot, "", &worst);
        self.hints(&mut plot, |rows| figures::count(rows.iter().map(count).max().unwrap_or_default()));
        figure(title, &plot.done())
    }

    /// The middle and the tail of an operation: of the response, or whatever kind there is.
    fn latency(&self, operation: &str) -> String {
        let kinds: BTreeSet<Kind> =
            self.rows().filter_map(|row| row.operations.get(operation)).flat_map(|of| of.keys().copied()).collect();
        let wanted = [Kind::Response, Kind::EndToEnd, Kind::Service, Kind::Wait];
        let Some(kind) = wanted.into_iter().find(|kind| kinds.contains(kind)) else { return String::new() };
        let latencies = |rows: &[IntervalRow]| -> Vec<IntervalLatency> {
            rows.iter().filter_map(|row| row.operations.get(operation)?.get(&kind).copied()).collect()
        };
        let tail = |rows: &[IntervalRow]| latencies(rows).iter().map(|one| one.p99_ns.max(1)).max().map(|ns| ns as f64);
        let middle =
            |rows: &[IntervalRow]| latencies(rows).iter().map(|one| one.p50_ns.max(1)).max().map(|ns| ns as f64);
        let y = Scale::log(self.least(&middle) / 1.1, self.most(&tail) * 1.1);
        let mut plot = self.plot(&format!("latency of {operation}"), y, tick);
        self.draw(&mut plot, "soft", &middle);
        self.draw(&mut plot, "", &tail);
        let told = |ns: Option<f64>| ns.map(figures::time).unwrap_or_else(|| "none".to_owned());
        self.hints(&mut plot, |rows| format!("p50 {}, p99 {}", told(middle(rows)), told(tail(rows))));
        figure(&format!("{operation} {kind}: p99, and p50 thin"), &plot.done())
    }

    fn rows(&self) -> impl Iterator<Item = &'a IntervalRow> + '_ {
        self.runs.iter().flatten().copied().flatten()
    }

    fn most(&self, value: &impl Fn(&[IntervalRow]) -> Option<f64>) -> f64 {
        self.runs.iter().flatten().filter_map(|rows| value(rows)).fold(0.0, f64::max)
    }

    fn least(&self, value: &impl Fn(&[IntervalRow]) -> Option<f64>) -> f64 {
        self.runs.iter().flatten().filter_map(|rows| value(rows)).fold(f64::INFINITY, f64::min)
    }

    /// A line per run, which breaks where the run paused.
    fn draw(&self, plot: &mut Plot, class: &str, value: &impl Fn(&[IntervalRow]) -> Option<f64>) {
        for (at, run) in self.runs.iter().enumerate() {
            let class = format!("{} {class}", run_class(at));
            let mut points: Vec<(f64, f64)> = Vec::new();
            let mut last_end = f64::NEG_INFINITY;
            for rows in run {
                let (from, to) = ends(rows);
                if from > last_end + 0.5 * (to - from) {
                    plot.line(&class, &std::mem::take(&mut points));
                }
                points.extend(value(rows).map(|value| (f64::midpoint(from, to), value)));
                last_end = to;
            }
            plot.line(&class, &points);
        }
    }

    /// What the mouse shows: every run that has something at that time.
    fn hints(&self, plot: &mut Plot, told: impl Fn(&[IntervalRow]) -> String) {
        let all: BTreeSet<[u64; 2]> =
            self.runs.iter().flatten().map(|rows| [ends(rows).0, ends(rows).1].map(milliseconds)).collect();
        for [from, to] in all {
            let [from, to] = [from, to].map(|at| at as f64 / 1000.0);
            let middle = f64::midpoint(from, to);
            let here = |rows: &&&[IntervalRow]| ends(rows).0 <= middle && middle < ends(rows).1;
            let lines = self
                .names
                .iter()
                .zip(&self.runs)
                .filter_map(|(name, run)| Some(format!("{name}: {}", told(run.iter().find(here)?))));
            plot.hint(from, to, &format!("{from} s to {to} s\n{}", lines.collect::<Vec<_>>().join("\n")));
        }
    }
}

fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

/// Neighbours together, so that there are no more than fit into a picture.
fn thinned(run: &LoadedRun) -> Vec<&[IntervalRow]> {
    let each = run.series.len().div_ceil(MOST_POINTS).max(1);
    run.series.chunks(each).collect()
}

fn ends(rows: &[IntervalRow]) -> (f64, f64) {
    let from = rows.first().map(|row| row.from_seconds).unwrap_or_default();
    (from, rows.last().map(|row| row.to_seconds).unwrap_or_default())
}

fn length(rows: &[IntervalRow]) -> f64 {
    rows.iter().map(|row| row.to_seconds - row.from_seconds).sum()
}

fn figure(title: &str, picture: &str) -> String {
    format!("<figure><figcaption>{}</figcaption>{picture}</figure>\n", escape(title))
}
