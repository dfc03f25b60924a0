//! What a terminal shows while a load goes on. On anything else, one line per phase.

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use proofmark_backend::budget::Prices;
use proofmark_load::Event;
use proofmark_load::recorder::Samples;
use proofmark_record::load::{IntervalRow, Kind};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// Watches a run.
pub(super) struct Live {
    bar: ProgressBar,
    phase: String,
    lasts: Option<Duration>,
    /// Where in the phase the last interval ended, from where it began.
    began: BTreeMap<String, f64>,
    requests: u64,
    costs: bool,
}

impl Live {
    /// `costs` tells whether requests cost money.
    pub(super) fn new(costs: bool) -> Self {
        let bar = ProgressBar::new_spinner();
        // The template is a constant; if it were wrong, the default one would do.
        bar.set_style(
            ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        Live { bar, phase: String::new(), lasts: None, began: BTreeMap::new(), requests: 0, costs }
    }

    pub(super) fn observe(&mut self, event: &Event<'_>) {
        match event {
            Event::Phase { label, what, lasts } => self.begin(label, what, *lasts),
            Event::Interval { label, row, totals, names } => self.interval(label, row, totals, names),
            Event::Closed { label, left } => self.closed(label, left),
        }
    }

    fn begin(&mut self, label: &str, what: &str, lasts: Option<Duration>) {
        self.phase = format!("{label}: {what}");
        self.lasts = lasts;
        self.began.remove(label);
        let lasts = lasts.filter(|lasts| !lasts.is_zero()).map(|lasts| format!(", {}", HumanDuration(lasts)));
        let line = format!("{}{}", self.phase, lasts.unwrap_or_default());
        self.bar.set_message(line.clone());
        if self.bar.is_hidden() {
            anstream::eprintln!("{line}");
        }
    }

    fn interval(&mut self, label: &str, row: &IntervalRow, totals: &Samples, names: &[String]) {
        self.requests += row.requests;
        let began = *self.began.entry(label.to_owned()).or_insert(row.from_seconds);
        let mut text = format!("{} {:.0} s", self.phase, row.to_seconds - began);
        if let Some(lasts) = self.lasts {
            let _ = write!(text, " of {:.0} s", lasts.as_secs_f64());
        }
        text.push_str(&rates(row));
        if self.costs {
            let _ = write!(text, "  {:.4} USD", Prices::default().micros(self.requests) as f64 / 1e6);
        }
        for (name, view) in totals.iter(names).filter(|(name, _)| !name.ends_with(".failed")) {
            for (kind, all) in view.kinds().filter(|(kind, _)| matches!(kind, Kind::Response | Kind::EndToEnd)) {
                let [p50, p99, max] = [all.value_at_quantile(0.5), all.value_at_quantile(0.99), all.max()].map(time);
                let _ = write!(text, "\n    {:<34} {:<11} p50 {p50}  p99 {p99}  max {max}", name, kind.name());
            }
        }
        self.bar.set_message(text);
        self.bar.tick();
    }

    fn closed(&self, label: &str, left: &[String]) {
        for what in left {
            self.bar.suspend(|| anstream::eprintln!("proofmark: {label}: left behind, see the ledger: {what}"));
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn rates(row: &IntervalRow) -> String {
    let seconds = (row.to_seconds - row.from_seconds).max(1e-9);
    let per_second = |count: u64| count as f64 / seconds;
    format!(
        "  asked {:.0}/s, sent {:.0}/s, in flight {}, backlog {}, errors {}, throttles {}",
        per_second(row.asked),
        per_second(row.sent),
        row.in_flight,
        row.backlog,
        row.errors,
        row.throttles
    )
}

/// Nanoseconds, for people.
fn time(nanos: u64) -> String {
    format!("{:>8}", format!("{:.2?}", Duration::from_nanos(nanos)))
}
