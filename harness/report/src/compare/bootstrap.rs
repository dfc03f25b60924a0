//! Drawing cells anew, many times: how a quantile's change would have varied.

use super::block_length::Dependence;
use super::cells::{Aligned, Cells};
use super::distribution;
use proofmark_record::comparison::Settings;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// How the change of each quantile varied. Changes are logarithms of ratios.
pub(super) struct Variation {
    /// The change of each quantile.
    pub(super) estimates: Vec<f64>,
    /// By how much the drawn changes of each quantile differ from the middle, sorted.
    deviations: Vec<Vec<f64>>,
    /// How many intervals were drawn together.
    pub(super) block_intervals: usize,
    /// How many such blocks the shorter run has.
    pub(super) blocks: usize,
    /// By how much the deviations of each quantile are too small.
    shortfalls: Vec<f64>,
}

impl Variation {
    /// Draws the cells of both runs anew as often as the settings say.
    pub(super) fn of(aligned: &Aligned, quantiles: &[f64], settings: &Settings) -> Self {
        let dependences = dependences(aligned, quantiles);
        let block = dependences.iter().map(|each| each.block_length).max().unwrap_or(1);
        let cells = aligned.baseline.len().min(aligned.candidate.len());
        Variation {
            estimates: quantiles.iter().map(|quantile| change(aligned, *quantile)).collect(),
            deviations: deviations(aligned, quantiles, block, settings),
            block_intervals: block * aligned.intervals_per_cell,
            blocks: cells / block,
            shortfalls: shortfalls(&dependences, quantiles.len(), block),
        }
    }

    /// Where the true change lies, with `confidence`, if `at_once` of them are to hold at once.
    pub(super) fn interval(&self, quantile: usize, confidence: f64, at_once: usize) -> (f64, f64) {
        let (estimate, deviations) = (self.estimates[quantile], &self.deviations[quantile]);
        let tail = (1.0 - confidence) / 2.0;
        let at = |part: f64| deviations[((part * deviations.len() as f64) as usize).min(deviations.len() - 1)];
        let stretch = self.shortfalls[quantile] * self.stretch(tail, at_once);
        // When draws lean to one side, the estimate may lie at their edge; it is plausible itself.
        (estimate + (at(tail) * stretch).min(0.0), estimate + (at(1.0 - tail) * stretch).max(0.0))
    }

    /// By how much an interval is too narrow because there are few blocks, and because several are to hold.
    fn stretch(&self, tail: f64, at_once: usize) -> f64 {
        let blocks = self.blocks as f64;
        let student = distribution::student(1.0 - tail / at_once.max(1) as f64, blocks - 1.0);
        (blocks / (blocks - 1.0)).sqrt() * student / distribution::normal(1.0 - tail)
    }
}

fn change(aligned: &Aligned, quantile: f64) -> f64 {
    let logarithm = |cells: &Cells| (cells.quantile(quantile).unwrap_or_default().max(1) as f64).ln();
    logarithm(&aligned.candidate) - logarithm(&aligned.baseline)
}

/// How alike neighbours are: for each quantile in each run, or in the difference of the runs if they took turns.
fn dependences(aligned: &Aligned, quantiles: &[f64]) -> Vec<Dependence> {
    let runs = [&aligned.baseline, &aligned.candidate];
    let series = |quantile: f64| {
        let [one, other] = runs.map(|cells| cells.influence(quantile));
        if aligned.paired { vec![difference(&one, &other)] } else { vec![one, other] }
    };
    quantiles.iter().flat_map(|quantile| series(*quantile)).map(|series| Dependence::of(&series)).collect()
}

fn difference(one: &[f64], other: &[f64]) -> Vec<f64> {
    one.iter().zip(other).map(|(one, other)| other - one).collect()
}

/// The worst of the runs for each quantile.
fn shortfalls(dependences: &[Dependence], quantiles: usize, block: usize) -> Vec<f64> {
    let runs = (dependences.len() / quantiles).max(1);
    let worst = |runs: &[Dependence]| runs.iter().map(|each| each.shortfall(block)).fold(1.0, f64::max);
    dependences.chunks(runs).map(worst).collect()
}

/// Draws as often as the settings say, and tells by how much each quantile's change then differs.
fn deviations(aligned: &Aligned, quantiles: &[f64], length: usize, settings: &Settings) -> Vec<Vec<f64>> {
    let mut random = Pcg64Mcg::seed_from_u64(settings.seed);
    let [baseline, candidate] = [&aligned.baseline, &aligned.candidate].map(|cells| cells.blocks(length));
    let mut starts =
        |cells: usize| -> Vec<usize> { (0..cells.div_ceil(length)).map(|_| random.random_range(0..cells)).collect() };
    let mut drawn = vec![Vec::with_capacity(settings.replicas as usize); quantiles.len()];
    for _ in 0..settings.replicas {
        let one = starts(aligned.baseline.len());
        let other = if aligned.paired { one.clone() } else { starts(aligned.candidate.len()) };
        let logarithms = [baseline.logarithms(&one, quantiles), candidate.logarithms(&other, quantiles)];
        let changes = difference(&logarithms[0], &logarithms[1]);
        drawn.iter_mut().zip(changes).for_each(|(all, change)| all.push(change));
    }
    // The last block of a draw may reach beyond the end, so a draw is a little longer than the run.
    let cells = aligned.baseline.len().max(aligned.candidate.len());
    let longer = (cells.div_ceil(length) * length) as f64 / cells as f64;
    drawn.into_iter().map(|changes| centred(changes, longer.sqrt())).collect()
}

/// The differences from the middle, times `factor`, sorted.
fn centred(mut changes: Vec<f64>, factor: f64) -> Vec<f64> {
    let mean = changes.iter().sum::<f64>() / changes.len().max(1) as f64;
    changes.iter_mut().for_each(|change| *change = (*change - mean) * factor);
    changes.sort_by(f64::total_cmp);
    changes
}
