//! Load runs made up: latencies that are alike from one second to the next, as real ones are.
#![allow(dead_code, reason = "each test that includes this uses its own part of it")]

#[path = "../../../record/tests/load_sample/mod.rs"]
pub(crate) mod load_sample;

use load_sample::Samples;
use proofmark_record::load::{Counts, Kind, LoadedRun, LoggedInterval, Tag, histogram};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::path::PathBuf;

/// How latencies are made up. Each is the middle one, times what slows its second, times its own chance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    /// The middle latency, in nanoseconds.
    pub(crate) middle_ns: f64,
    /// How far single latencies scatter.
    pub(crate) scatter: f64,
    /// How far seconds scatter.
    pub(crate) seconds_scatter: f64,
    /// How much of what slowed a second slows the next.
    pub(crate) persistence: f64,
    /// The slowest of 44 are slower by this factor.
    pub(crate) tail: f64,
    /// All others are slower by this factor.
    pub(crate) body: f64,
    /// Seconds measured.
    pub(crate) seconds: usize,
    /// Samples in each.
    pub(crate) per_second: usize,
}

impl Default for Model {
    fn default() -> Self {
        Model {
            middle_ns: 4e6,
            scatter: 0.3,
            seconds_scatter: 0.02,
            persistence: 0.7,
            tail: 1.0,
            body: 1.0,
            seconds: 120,
            per_second: 1_000,
        }
    }
}

/// A made-up clock of normal chances.
pub(crate) struct Chance(Pcg64Mcg);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Chance(Pcg64Mcg::seed_from_u64(seed))
    }

    /// A value of the standard normal distribution (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let (radius, angle): (f64, f64) = (self.0.random(), self.0.random());
        (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }
}

impl Model {
    /// What slows each second, as a logarithm.
    pub(crate) fn drift(&self, chance: &mut Chance) -> Vec<f64> {
        let fresh = (1.0 - self.persistence * self.persistence).sqrt();
        let mut level = chance.normal();
        let mut next = || {
            level = self.persistence * level + fresh * chance.normal();
            level * self.seconds_scatter
        };
        (0..self.seconds).map(|_| next()).collect()
    }

    /// The latencies of a second.
    pub(crate) fn second(&self, drift: f64, chance: &mut Chance) -> Vec<u64> {
        let sample = |own: f64| {
            let factor = if own > 2.0 { self.tail } else { self.body };
            (self.middle_ns * (drift + self.scatter * own).exp() * factor) as u64
        };
        (0..self.per_second).map(|_| sample(chance.normal())).collect()
    }

    /// A run with response times only.
    pub(crate) fn run(&self, label: &str, seed: u64) -> LoadedRun {
        let mut chance = Chance::new(seed);
        let drift = self.drift(&mut chance);
        self.run_with(label, &drift, 1, &mut chance)
    }

    /// The same with a given drift, in blocks.
    pub(crate) fn run_with(&self, label: &str, drift: &[f64], blocks: usize, chance: &mut Chance) -> LoadedRun {
        let per_block = drift.len().div_ceil(blocks);
        let interval = |(at, drift): (usize, &f64)| LoggedInterval {
            tag: Tag::new(load_sample::OPERATION, Kind::Response),
            block: (blocks > 1).then(|| u32::try_from(at / per_block).expect("few blocks")),
            from_seconds: at as f64,
            to_seconds: at as f64 + 1.0,
            counts: counts(&self.second(*drift, chance)),
        };
        LoadedRun {
            directory: PathBuf::from(label),
            run: load_sample::record(label),
            series: Vec::new(),
            intervals: drift.iter().enumerate().map(interval).collect(),
            truncated: None,
        }
    }
}

impl Model {
    /// The samples of every second, of three kinds that hang together.
    pub(crate) fn samples(&self, seed: u64) -> Vec<Samples> {
        let mut chance = Chance::new(seed);
        let drift = self.drift(&mut chance);
        drift.into_iter().map(|drift| self.kinds(drift, &mut chance)).collect()
    }

    fn kinds(&self, drift: f64, chance: &mut Chance) -> Samples {
        let service = self.second(drift, chance);
        let waits = Model { middle_ns: 20_000.0, scatter: 0.8, ..Model::default() };
        let wait: Vec<u64> = waits.second(drift, chance).into_iter().take(service.len()).collect();
        let response: Vec<u64> = service.iter().zip(&wait).map(|(service, wait)| service + wait).collect();
        let travel: Vec<u64> = response.iter().map(|response| response + response / 2).collect();
        vec![(Kind::Wait, wait), (Kind::Service, service), (Kind::Response, response), (Kind::EndToEnd, travel)]
    }
}

fn counts(samples: &[u64]) -> Counts {
    let mut histogram = histogram::empty();
    samples.iter().for_each(|sample| histogram.record(*sample).expect("it grows"));
    Counts::of(&histogram)
}
