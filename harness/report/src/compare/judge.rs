//! From an interval to a word.

use super::bootstrap::Variation;
use super::cells::{Aligned, Cells};
use super::{FEWEST_BEYOND, FEWEST_BLOCKS, FEWEST_CELLS, is_judged};
use crate::figures;
use proofmark_record::comparison::{Difference, Interval, Outcome, Settings};
use proofmark_record::load::{LatencySummary, Tag};
use std::rc::Rc;

/// A difference, and how it varied if that can be told.
pub(super) struct Judged {
    difference: Difference,
    variation: Option<(Rc<Variation>, usize)>,
    /// Whether it has samples enough to be `same`. With fewer it may still be found worse or better: what is far
    /// beyond the threshold shows in a few samples, too.
    enough: bool,
}

/// Every quantile of one operation and kind, not yet judged.
pub(super) fn differences(tag: &Tag, aligned: &Aligned, settings: &Settings) -> Vec<Judged> {
    let mut quantiles = settings.quantiles.clone();
    quantiles.sort_by(f64::total_cmp);
    let enough = |quantile: &f64| lacking(aligned, *quantile, settings.threshold).is_none();
    let some = |quantile: &&f64| is_judged(tag.kind) && has_some(aligned, **quantile);
    let (told, hinted): (Vec<f64>, Vec<f64>) = quantiles.iter().filter(some).copied().partition(enough);
    let variation = |of: &[f64]| (!of.is_empty()).then(|| Rc::new(Variation::of(aligned, of, settings)));
    let variations = [variation(&told), variation(&hinted)];
    let judged = |(at, quantile): (usize, f64)| {
        let place = |of: &[f64]| of.iter().position(|other| *other == quantile);
        let [full, hint] = [(&variations[0], place(&told)), (&variations[1], place(&hinted))]
            .map(|(variation, place)| variation.clone().zip(place));
        let mut difference = unjudged(tag, aligned, quantile);
        if is_judged(tag.kind) {
            difference.reason = lacking(aligned, quantile, settings.threshold);
            // The tail may be left open for want of samples; an operation of which nothing at all is known may not.
            difference.outcome = if at == 0 { Outcome::CannotTell } else { Outcome::NotJudged };
        }
        Judged { difference, enough: full.is_some(), variation: full.or(hint) }
    };
    quantiles.into_iter().enumerate().map(judged).collect()
}

/// Whether there are samples enough for a change that is far beyond the threshold to show.
fn has_some(aligned: &Aligned, quantile: f64) -> bool {
    let samples = aligned.baseline.samples.min(aligned.candidate.samples);
    let cells = aligned.baseline.len().min(aligned.candidate.len());
    (1.0 - quantile) * samples as f64 >= FEWEST_BEYOND && cells >= FEWEST_CELLS
}

/// What is missing for `quantile` to be judged.
fn lacking(aligned: &Aligned, quantile: f64, threshold: f64) -> Option<String> {
    let samples = aligned.baseline.samples.min(aligned.candidate.samples);
    let needed = (1.0 / (threshold * threshold) / (1.0 - quantile)).round() as u64;
    let cells = aligned.baseline.len().min(aligned.candidate.len());
    if samples < needed {
        let [samples, needed] = [samples, needed].map(figures::count);
        return Some(format!("{samples} samples are too few, it takes {needed}: run longer, or raise the threshold"));
    }
    (cells < FEWEST_CELLS).then(|| format!("{cells} intervals are too few, it takes {FEWEST_CELLS}: run longer"))
}

fn unjudged(tag: &Tag, aligned: &Aligned, quantile: f64) -> Difference {
    let (baseline, candidate) = (&aligned.baseline, &aligned.candidate);
    let [baseline_ns, candidate_ns] = [baseline, candidate].map(|cells| value(cells, quantile));
    Difference {
        operation: tag.operation.clone(),
        kind: tag.kind,
        quantile,
        baseline_ns,
        candidate_ns,
        baseline_samples: baseline.samples,
        candidate_samples: candidate.samples,
        change: baseline_ns.zip(candidate_ns).map(|(one, other)| other.max(1) as f64 / one.max(1) as f64 - 1.0),
        interval: None,
        joint_interval: None,
        block_intervals: None,
        outcome: Outcome::NotJudged,
        reason: Some("the generator's own; what of it matters is in response".to_owned()),
    }
}

/// A run's own quantile, if it has samples enough to be told.
fn value(cells: &Cells, quantile: f64) -> Option<u64> {
    cells.quantile(quantile).filter(|_| LatencySummary::has_enough(cells.samples, quantile))
}

/// Judges all differences of a candidate: each interval for itself, and all of them at once.
pub(super) fn jointly(all: Vec<Judged>, settings: &Settings) -> Vec<Difference> {
    let enough = all.iter().filter(|judged| judged.enough).count();
    let any = all.iter().filter(|judged| judged.variation.is_some()).count();
    let verdict =
        |judged: Judged| if judged.enough { judged.verdict(enough, settings) } else { judged.hint(any, settings) };
    all.into_iter().map(verdict).collect()
}

impl Judged {
    /// What has too few samples is worse or better if it is so by far, and else is left as it was.
    fn hint(self, at_once: usize, settings: &Settings) -> Difference {
        let unknown = self.difference.clone();
        let hinted = self.verdict(at_once, settings);
        if matches!(hinted.outcome, Outcome::Worse | Outcome::Better) { hinted } else { unknown }
    }

    fn verdict(self, at_once: usize, settings: &Settings) -> Difference {
        let Judged { mut difference, variation, .. } = self;
        let Some((variation, place)) = variation else { return difference };
        difference.block_intervals = u32::try_from(variation.block_intervals).ok();
        if variation.blocks < FEWEST_BLOCKS {
            difference.outcome = Outcome::CannotTell;
            difference.reason = Some(few_blocks(&variation));
            return difference;
        }
        let alone = Range::new(variation.interval(place, settings.confidence, 1));
        let joint = Range::new(variation.interval(place, settings.confidence, at_once));
        let verdict = Verdict { change: variation.estimates[place], alone, joint, least: settings.threshold.ln_1p() };
        difference.interval = Some(alone.change());
        difference.joint_interval = Some(joint.change());
        difference.outcome = verdict.outcome();
        difference.reason = verdict.reason();
        difference
    }
}

fn few_blocks(variation: &Variation) -> String {
    let Variation { block_intervals, blocks, .. } = variation;
    format!(
        "{block_intervals} intervals in a row are alike, and there are only {blocks} such blocks; \
         it takes {FEWEST_BLOCKS}: run longer"
    )
}

/// From where to where, as logarithms of ratios.
#[derive(Clone, Copy)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn new((low, high): (f64, f64)) -> Self {
        Range { low, high }
    }

    fn change(self) -> Interval {
        Interval { low: self.low.exp_m1(), high: self.high.exp_m1() }
    }
}

/// One quantile's change with its intervals, and the least change that matters, as logarithms of ratios.
struct Verdict {
    change: f64,
    alone: Range,
    joint: Range,
    least: f64,
}

impl Verdict {
    fn outcome(&self) -> Outcome {
        match self {
            Verdict { joint, least, .. } if joint.low > *least => Outcome::Worse,
            Verdict { joint, least, .. } if joint.high < -least => Outcome::Better,
            Verdict { alone, least, .. } if -least <= alone.low && alone.high <= *least => Outcome::Same,
            _ => Outcome::CannotTell,
        }
    }

    /// Why it cannot be told, and what it would take.
    fn reason(&self) -> Option<String> {
        if self.outcome() != Outcome::CannotTell {
            return None;
        }
        if self.alone.low > self.least || self.alone.high < -self.least {
            return Some("beyond the threshold by itself, but not among so many quantiles: run longer".to_owned());
        }
        Some(match self.times_as_long() {
            _ if self.distance() < self.least / 2.0 => "the change is about as large as the threshold".to_owned(),
            times if times > MOST_TIMES => {
                "the interval is very wide: run much longer, or on a quieter machine".to_owned()
            }
            times => {
                format!("the interval reaches across the threshold: a run about {times:.0} times as long would tell")
            }
        })
    }

    /// How far the change is from the threshold.
    fn distance(&self) -> f64 {
        (self.change.abs() - self.least).abs()
    }

    /// How many times as long a run would have an interval that ends before the threshold: intervals shrink with the
    /// square root of the length.
    fn times_as_long(&self) -> f64 {
        let range = if self.change.abs() < self.least { self.alone } else { self.joint };
        let reach = (range.high - self.change).max(self.change - range.low);
        (reach / self.distance()).powi(2).max(2.0).ceil()
    }
}

/// Longer than so many times, nobody runs anything again.
const MOST_TIMES: f64 = 20.0;
