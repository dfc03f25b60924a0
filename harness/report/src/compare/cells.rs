//! Histograms as cells in time: the same steps for every operation, and for both runs if they took turns.

use proofmark_record::load::{Counts, LoadedRun, LoggedInterval, Tag};
use std::collections::{BTreeMap, BTreeSet};

/// More cells than this do not make intervals better, only slower: neighbours are added up until there are no more.
const MOST_CELLS: usize = 400;

/// Whether blocks of the two runs took turns: they are of one session and have the same number of blocks.
pub(super) fn took_turns(baseline: &LoadedRun, candidate: &LoadedRun) -> bool {
    let blocks = |run: &LoadedRun| run.intervals.iter().map(|interval| interval.block).collect::<BTreeSet<_>>().len();
    baseline.run.session == candidate.run.session
        && baseline.run.label != candidate.run.label
        && blocks(baseline) > 1
        && blocks(baseline) == blocks(candidate)
}

/// The cells of one operation and kind in both runs.
pub(super) struct Aligned {
    pub(super) baseline: Cells,
    pub(super) candidate: Cells,
    /// Cells at the same index were measured at nearly the same time.
    pub(super) paired: bool,
    /// How many intervals a cell is.
    pub(super) intervals_per_cell: usize,
}

impl Aligned {
    pub(super) fn new(baseline: &LoadedRun, candidate: &LoadedRun, tag: &Tag, paired: bool, threshold: f64) -> Self {
        let mut blocks = [timeline(baseline, tag), timeline(candidate, tag)];
        if paired {
            let [one, other] = &mut blocks;
            one.iter_mut().zip(other).for_each(|(one, other)| even(one, other));
        }
        let [one, other] = blocks.map(|blocks| blocks.concat());
        let intervals_per_cell = one.len().max(other.len()).div_ceil(MOST_CELLS).max(1);
        let width = Width::for_threshold(threshold);
        let cells = |steps: &[Step]| Cells::new(&coarse(steps, intervals_per_cell), width);
        Aligned { baseline: cells(&one), candidate: cells(&other), paired, intervals_per_cell }
    }
}

/// Buckets and their samples, ascending.
type Step = BTreeMap<u64, u64>;

/// A step for every interval of the run in which anything was recorded, block by block.
fn timeline(run: &LoadedRun, tag: &Tag) -> Vec<Vec<Step>> {
    let mut blocks: BTreeMap<Option<u32>, BTreeMap<u64, Step>> = BTreeMap::new();
    for interval in &run.intervals {
        let step = blocks.entry(interval.block).or_default().entry(milliseconds(interval)).or_default();
        if interval.tag == *tag {
            add(step, &interval.counts);
        }
    }
    blocks.into_values().map(|steps| steps.into_values().collect()).collect()
}

fn milliseconds(interval: &LoggedInterval) -> u64 {
    (interval.from_seconds * 1000.0).round() as u64
}

fn add(step: &mut Step, counts: &Counts) {
    counts.iter().for_each(|(value, count)| *step.entry(value).or_default() += count);
}

/// Makes two blocks equally long. What is over goes into the last step, so that no sample is left out.
fn even(one: &mut Vec<Step>, other: &mut Vec<Step>) {
    let length = one.len().min(other.len());
    for steps in [one, other] {
        let over = sum(&steps[length..]);
        steps.truncate(length);
        if let Some(last) = steps.last_mut() {
            over.into_iter().for_each(|(value, count)| *last.entry(value).or_default() += count);
        }
    }
}

fn coarse(steps: &[Step], each: usize) -> Vec<Step> {
    if each == 1 { steps.to_vec() } else { steps.chunks(each).map(sum).collect() }
}

fn sum(steps: &[Step]) -> Step {
    let mut sum = Step::new();
    for (value, count) in steps.iter().flatten() {
        *sum.entry(*value).or_default() += count;
    }
    sum
}

/// A series of histograms over one list of buckets.
pub(super) struct Cells {
    /// The value of each bucket, ascending. Buckets are wider than a histogram's: see [`Width`].
    values: Vec<u64>,
    /// Each cell's samples in each bucket.
    cells: Vec<Vec<u64>>,
    /// All cells together, in a histogram's own buckets.
    total: Step,
    /// All samples.
    pub(super) samples: u64,
}

impl Cells {
    fn new(steps: &[Step], width: Width) -> Self {
        let total = sum(steps);
        let values: BTreeSet<u64> = total.keys().map(|value| width.bucket(*value)).collect();
        let values: Vec<u64> = values.into_iter().collect();
        let dense = |step: &Step| {
            let mut cell = vec![0; values.len()];
            for (value, count) in step {
                cell[values.partition_point(|bucket| *bucket < width.bucket(*value))] += count;
            }
            cell
        };
        Cells { cells: steps.iter().map(dense).collect(), samples: total.values().sum(), total, values }
    }

    /// How many cells there are.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The time of `quantile`, as precise as it was recorded; none if there is no sample.
    pub(super) fn quantile(&self, quantile: f64) -> Option<u64> {
        let mut left = rank(quantile, self.samples);
        let mut reaches = |count: u64| {
            left = left.saturating_sub(count);
            left == 0
        };
        self.total.iter().find(|(_, count)| reaches(**count)).map(|(value, _)| *value)
    }

    /// For each cell: how many of its samples lie beyond `quantile`, less how many ought to, as a part of all samples.
    /// This is what moves a quantile: where it is above zero, the quantile was longer.
    pub(super) fn influence(&self, quantile: f64) -> Vec<f64> {
        let limit = self.quantile(quantile).unwrap_or_default();
        let first_beyond = self.values.partition_point(|value| *value <= limit);
        let part = |cell: &Vec<u64>| {
            let beyond: u64 = cell[first_beyond..].iter().sum();
            let all: u64 = cell.iter().sum();
            (beyond as f64 - (1.0 - quantile) * all as f64) / self.samples.max(1) as f64
        };
        self.cells.iter().map(part).collect()
    }

    /// The sums of every `length` neighbours, from each cell on; after the last comes the first again.
    pub(super) fn blocks(&self, length: usize) -> Blocks<'_> {
        let block = |from: usize| {
            let mut sum = vec![0; self.values.len()];
            (from..from + length).for_each(|at| add_up(&mut sum, &self.cells[at % self.len()]));
            sum
        };
        Blocks { values: &self.values, sums: (0..self.len()).map(block).collect() }
    }
}

/// Histograms of neighbouring cells together, one for each cell that they may begin with.
pub(super) struct Blocks<'a> {
    values: &'a [u64],
    sums: Vec<Vec<u64>>,
}

impl Blocks<'_> {
    /// The logarithms of the `quantiles`, which ascend, of the blocks that begin at `starts`, together.
    pub(super) fn logarithms(&self, starts: &[usize], quantiles: &[f64]) -> Vec<f64> {
        let mut counts = vec![0; self.values.len()];
        starts.iter().for_each(|start| add_up(&mut counts, &self.sums[*start]));
        let samples: u64 = counts.iter().sum();
        let (mut at, mut reached) = (0, counts[0]);
        let mut place = |quantile: &f64| {
            while reached < rank(*quantile, samples) {
                at += 1;
                reached += counts[at];
            }
            (self.values[at].max(1) as f64).ln()
        };
        quantiles.iter().map(&mut place).collect()
    }
}

fn add_up(sum: &mut [u64], cell: &[u64]) {
    sum.iter_mut().zip(cell).for_each(|(sum, count)| *sum += count);
}

/// The how many-th sample in ascending order a quantile is.
fn rank(quantile: f64, samples: u64) -> u64 {
    ((quantile * samples as f64).ceil() as u64).min(samples)
}

/// How wide buckets are: a sixteenth of the threshold and less, in powers of two. Histograms have ten times as many
/// buckets as it takes to see a change of 5 %, and adding up the others is what takes time.
#[derive(Clone, Copy)]
pub(super) struct Width {
    /// How many of a value's leading bits are kept.
    bits: u32,
}

impl Width {
    pub(super) fn for_threshold(threshold: f64) -> Self {
        Width { bits: ((16.0 / threshold).log2().ceil() as u32).clamp(4, 12) }
    }

    /// The lowest value of the bucket that `value` is in.
    fn bucket(self, value: u64) -> u64 {
        let dropped = (u64::BITS - value.leading_zeros()).saturating_sub(self.bits);
        value >> dropped << dropped
    }
}
