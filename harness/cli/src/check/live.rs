//! The line on a terminal while a run goes on, and stopping it at the first verdict against expectation.

use super::request::Request;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use proofmark_conform::expectations::Expectations;
use proofmark_conform::runner::RunEvent;
use proofmark_conform::{StopFlag, UnitResult};

/// Watches a run. On anything but a terminal it shows nothing.
pub(super) struct Live<'a> {
    bar: ProgressBar,
    expectations: &'a Expectations,
    today: Date,
    /// What to raise at the first verdict against expectation.
    fail_fast: Option<StopFlag>,
    loud: usize,
    world_seconds: u64,
}

impl<'a> Live<'a> {
    pub(super) fn new(request: &'a Request, today: Date, fail_fast: Option<StopFlag>) -> Self {
        let bar = ProgressBar::new(request.plan.units().len() as u64);
        // The template is a constant; if it were wrong, the default one would do.
        bar.set_style(
            ProgressStyle::with_template("{pos}/{len} units  {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Live { bar, expectations: &request.expectations, today, fail_fast, loud: 0, world_seconds: 0 }
    }

    pub(super) fn observe(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Started { unit, .. } => self.bar.set_message(self.message(unit)),
            RunEvent::Finished { result, .. } => self.finished(result),
        }
    }

    fn finished(&mut self, result: &UnitResult) {
        self.world_seconds += result.world_milliseconds / 1000;
        if self.expectations.judge(result, self.today).is_loud() {
            self.loud += 1;
            self.fail_fast.iter().for_each(StopFlag::raise);
        }
        self.bar.inc(1);
    }

    fn message(&self, unit: &str) -> String {
        let hours = self.world_seconds / 3600;
        format!("{} against expectation, {} d {} h on the world's clock  {unit}", self.loud, hours / 24, hours % 24)
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
