//! Rates of blocks, and what is printed of them.

use std::time::Duration;

/// What one block came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    pub(crate) requests: u64,
    pub(crate) took: Duration,
}

impl Rate {
    #[expect(clippy::cast_precision_loss, reason = "a block has far fewer than 2^52 requests")]
    fn per_second(self) -> f64 {
        self.requests as f64 / self.took.as_secs_f64()
    }
}

/// All blocks of one contestant, in the order of the rounds.
#[derive(Debug)]
pub(crate) struct Figures {
    name: String,
    rates: Vec<f64>,
}

impl Figures {
    pub(crate) fn new(name: &str) -> Self {
        Figures { name: name.to_owned(), rates: Vec::new() }
    }

    pub(crate) fn add(&mut self, rate: Rate) {
        self.rates.push(rate.per_second());
    }

    /// This one's rate by the other's, round by round.
    fn ratios(&self, other: &Figures) -> Spread {
        Spread::of(self.rates.iter().zip(&other.rates).map(|(own, other)| own / other).collect())
    }
}

/// The middle of some numbers, and between which they lie.
struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Spread {
    fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        let at = |index: usize| numbers.get(index).copied().unwrap_or(f64::NAN);
        Spread { low: at(0), median: at(numbers.len() / 2), high: at(numbers.len().saturating_sub(1)) }
    }
}

/// Prints every contestant's rate, and how the reference, the second one, stands to the others.
#[expect(clippy::print_stdout, reason = "this is what the bench is for")]
pub(crate) fn print(work: &str, figures: &[Figures]) {
    let [canned, reference, peers @ ..] = figures else { return };
    println!("serve: {work}, 64 connections, medians of {} blocks", canned.rates.len());
    for contestant in figures {
        let Spread { low, median, high } = Spread::of(contestant.rates.clone());
        println!("  {:<28} {median:>9.0} requests/s  ({low:.0} to {high:.0})", contestant.name);
    }
    let Spread { low, median, high } = reference.ratios(canned);
    println!("  reference / canned           {median:>9.2}  ({low:.2} to {high:.2}; target: at least 0.60)");
    for peer in peers {
        let Spread { low, median, high } = reference.ratios(peer);
        println!("  reference / {:<16} {median:>9.1}  ({low:.1} to {high:.1}; target: more than 20)", peer.name);
    }
}
