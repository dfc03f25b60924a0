//! How many neighbouring cells are drawn together, and what that leaves out.
//!
//! *Length.* The rule of Politis and White 2004 for the circular block bootstrap, with the correction of 2009: from the
//! autocorrelation of the series, up to the lag after which it is noise, follow the bias of short blocks and the
//! variance of long ones; the length at which both together are least grows with the cube root of the series.
//!
//! *What it leaves out.* Blocks do not know how alike the end of one is to the start of the next, so their sum varies
//! less than the series does. By how much, is the ratio of the long-run variance to that of blocks. The long-run
//! variance is estimated in two ways, of which the larger counts: with the same window over the autocorrelation, and
//! as that of a series in which likeness decays from lag to lag at the rate of the first (Andrews 1991; its first
//! autocorrelation corrected for bias after Kendall 1954). The first is short where there are few intervals, the
//! second where likeness has a long tail.

/// How alike neighbours of a series are.
pub(super) struct Dependence {
    /// How many are drawn together.
    pub(super) block_length: usize,
    /// The autocovariances from lag zero on.
    covariances: Vec<f64>,
    /// The variance of the mean, times the length.
    long_run_variance: f64,
}

impl Dependence {
    pub(super) fn of(series: &[f64]) -> Self {
        let count = series.len();
        let covariances = autocovariances(series, count / 2);
        let size = series.iter().map(|value| value * value).sum::<f64>();
        let variance = covariances.first().copied().unwrap_or_default();
        // What does not vary has a variance of rounding errors, which are very much alike.
        if variance <= 1e-24 * size {
            return Dependence { block_length: 1, covariances: Vec::new(), long_run_variance: 0.0 };
        }
        let (windowed, block_length) = windowed(&covariances, count);
        let long_run_variance = windowed.max(decaying(&covariances, count));
        Dependence { block_length, covariances, long_run_variance }
    }

    /// By how much the scatter of blocks of `length` is less than that of the series: blocks do not know how alike the
    /// end of one is to the start of the next.
    pub(super) fn shortfall(&self, length: usize) -> f64 {
        let variance = self.covariances.first().copied().unwrap_or_default();
        let weighted = |at: usize| (1.0 - at as f64 / length as f64) * self.covariances[at];
        let of_blocks = variance + 2.0 * (1..length.min(self.covariances.len())).map(weighted).sum::<f64>();
        if of_blocks <= 0.0 { 1.0 } else { (self.long_run_variance / of_blocks).max(1.0).sqrt() }
    }
}

/// The long-run variance by a window over the autocovariances, and the best length of blocks.
fn windowed(covariances: &[f64], count: usize) -> (f64, usize) {
    let lag = (2 * last_telling_lag(covariances, count)).min(covariances.len() - 1);
    let weighted = |at: usize| flat_top(at as f64 / lag as f64) * covariances[at];
    let variance = covariances[0] + 2.0 * (1..=lag).map(weighted).sum::<f64>();
    if lag == 0 || variance <= 0.0 {
        return (covariances[0], 1);
    }
    let curvature = 2.0 * (1..=lag).map(|at| at as f64 * weighted(at)).sum::<f64>();
    let of_blocks = 4.0 / 3.0 * variance * variance;
    let length = (2.0 * curvature * curvature / of_blocks * count as f64).cbrt();
    (variance, (length.ceil() as usize).clamp(1, longest(count)))
}

/// The long-run variance if likeness decays at the rate of the first lag.
fn decaying(covariances: &[f64], count: usize) -> f64 {
    let first = covariances.get(1).map_or(0.0, |first| first / covariances[0]);
    let corrected = (first + (1.0 + 3.0 * first) / count as f64).clamp(0.0, 0.97);
    covariances[0] * (1.0 + corrected) / (1.0 - corrected)
}

/// No block is longer than this: there must be several.
fn longest(count: usize) -> usize {
    ((3.0 * (count as f64).sqrt()) as usize).min(count / 3).max(1)
}

fn autocovariances(series: &[f64], most: usize) -> Vec<f64> {
    let count = series.len() as f64;
    let mean = series.iter().sum::<f64>() / count;
    let centred: Vec<f64> = series.iter().map(|value| value - mean).collect();
    let at_lag = |lag: usize| centred.iter().zip(&centred[lag..]).map(|(one, other)| one * other).sum::<f64>() / count;
    (0..=most.min(series.len().saturating_sub(1))).map(at_lag).collect()
}

/// The last lag before a run of lags at which the autocorrelation is no more than noise.
fn last_telling_lag(covariances: &[f64], count: usize) -> usize {
    let digits = (count as f64).log10();
    let noise = 2.0 * (digits / count as f64).sqrt() * covariances[0];
    let quiet = |lag: usize| covariances.get(lag).is_none_or(|covariance| covariance.abs() < noise);
    let run = 5.max(digits.sqrt() as usize);
    let most = (count as f64).sqrt() as usize + run;
    (0..most).find(|lag| (lag + 1..=lag + run).all(quiet)).unwrap_or(most)
}

/// The lag window: one up to the middle, then down to zero.
fn flat_top(at: f64) -> f64 {
    (2.0 * (1.0 - at)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    fn series(persistence: f64, count: usize, seed: u64) -> Vec<f64> {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut value = 0.0;
        let mut next = || {
            value = persistence * value + random.random::<f64>() - 0.5;
            value
        };
        (0..count).map(|_| next()).collect()
    }

    fn of(series: &[f64]) -> usize {
        Dependence::of(series).block_length
    }

    #[test]
    fn neighbours_that_are_not_alike_are_drawn_one_by_one() {
        let short = (0..20).filter(|seed| of(&series(0.0, 200, *seed)) <= 3).count();
        assert!(short >= 17, "{short}");
    }

    #[test]
    fn the_more_alike_neighbours_are_the_longer_the_blocks() {
        let mean = |persistence: f64| (0..20).map(|seed| of(&series(persistence, 400, seed))).sum::<usize>() / 20;
        let [little, much] = [0.5, 0.9].map(mean);
        // For such a series the rule's limit is (2 (2r/(1-r²))² · 3/4 · n)^(1/3): 10 and 38 here.
        assert!((4..=14).contains(&little), "{little}");
        assert!((20..=60).contains(&much), "{much}");
    }

    #[test]
    fn series_without_anything_to_learn_have_blocks_of_one() {
        assert_eq!([of(&[]), of(&[1.0]), of(&[3.0; 50])], [1, 1, 1]);
    }
}
