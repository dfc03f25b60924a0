//! Latencies, as they are measured: nothing is dropped, nothing is clamped.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Recorder`] | what every worker and consumer records into |
//! | [`Op`] | an operation that was registered |
//! | [`Ended`] | how a call ended |
//! | [`Harvest`] | what was recorded since the last time it was taken |
//!
//! Samples go to one of several shards, so that threads do not wait for each other.

use hdrhistogram::Histogram;
use proofmark_backend::Timestamp;
use proofmark_record::load::histogram::empty;
use proofmark_record::load::{Kind, Tag};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

const SHARDS: usize = 8;

/// An operation, as the recorder that named it knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op(usize);

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As asked.
    Well,
    /// Refused, because there were too many.
    Throttled,
    /// In an error with this code.
    Error(String),
}

/// Where calls are recorded.
#[derive(Debug, Default)]
pub struct Recorder {
    names: RwLock<Vec<String>>,
    shards: [Mutex<Harvest>; SHARDS],
}

/// What was recorded in some time.
#[derive(Debug, Default)]
pub struct Harvest {
    /// What belongs to the measured phase.
    pub measured: Samples,
    /// What does not.
    pub other: Samples,
}

/// Histograms and counts per operation.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    operations: Vec<Counted>,
}

#[derive(Clone, Debug, Default)]
struct Counted {
    kinds: [Option<Histogram<u64>>; 4],
    attempted: u64,
    throttled: u64,
    errors: BTreeMap<String, u64>,
}

impl Recorder {
    /// Names an operation. The same name is the same operation.
    pub fn operation(&self, name: &str) -> Op {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let known = names.iter().position(|known| known == name);
        Op(known.unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        }))
    }

    /// Records a call that a plan asked for at `intended`.
    pub fn scheduled(&self, op: Op, measured: bool, [intended, sent, done]: [Timestamp; 3], ended: &Ended) {
        let times = [
            (Kind::Wait, sent.since(intended)),
            (Kind::Service, done.since(sent)),
            (Kind::Response, done.since(intended)),
        ];
        self.call(op, measured, &times, ended);
    }

    /// Records a call that nobody planned, such as a consumer's: it has no wait.
    pub fn unplanned(&self, op: Op, measured: bool, [sent, done]: [Timestamp; 2], ended: &Ended) {
        self.call(op, measured, &[(Kind::Service, done.since(sent))], ended);
    }

    /// Records how long a message took from its intended send to its receipt.
    pub fn end_to_end(&self, op: Op, measured: bool, took: Duration) {
        self.shard().of(measured).operation(op).record(Kind::EndToEnd, took);
    }

    fn call(&self, op: Op, measured: bool, times: &[(Kind, Duration)], ended: &Ended) {
        let mut shard = self.shard();
        let samples = shard.of(measured);
        let counted = samples.operation(op);
        counted.count(ended);
        // A refusal that comes fast must not make the answers look fast: calls that failed have histograms of their own.
        let timed = match ended {
            Ended::Well => counted,
            Ended::Throttled | Ended::Error(_) => {
                drop(shard);
                let failed = self.operation(&format!("{}.failed", self.name(op)));
                return self.failed(failed, measured, times);
            }
        };
        times.iter().for_each(|(kind, took)| timed.record(*kind, *took));
    }

    fn failed(&self, op: Op, measured: bool, times: &[(Kind, Duration)]) {
        let mut shard = self.shard();
        let counted = shard.of(measured).operation(op);
        counted.attempted += 1;
        times.iter().for_each(|(kind, took)| counted.record(*kind, *took));
    }

    /// Takes everything since the last time.
    #[must_use]
    pub fn harvest(&self) -> Harvest {
        let mut all = Harvest::default();
        for shard in &self.shards {
            let taken = std::mem::take(&mut *shard.lock().unwrap_or_else(PoisonError::into_inner));
            all.measured.add(&taken.measured);
            all.other.add(&taken.other);
        }
        all
    }

    /// The names of the operations, in the order in which they were first named.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.names.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn name(&self, Op(index): Op) -> String {
        self.names().get(index).cloned().unwrap_or_default()
    }

    fn shard(&self) -> MutexGuard<'_, Harvest> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static SHARD: usize = THREADS.fetch_add(1, Ordering::Relaxed) % SHARDS;
        }
        self.shards[SHARD.with(|shard| *shard)].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Harvest {
    fn of(&mut self, measured: bool) -> &mut Samples {
        if measured { &mut self.measured } else { &mut self.other }
    }
}

impl Samples {
    fn operation(&mut self, Op(index): Op) -> &mut Counted {
        if self.operations.len() <= index {
            self.operations.resize_with(index + 1, Counted::default);
        }
        &mut self.operations[index]
    }

    /// Adds what `other` has.
    pub fn add(&mut self, other: &Samples) {
        for (index, counted) in other.operations.iter().enumerate() {
            self.operation(Op(index)).add(counted);
        }
    }

    /// Each operation that has samples, with `names` from [`Recorder::names`].
    pub fn iter<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = (&'a str, View<'a>)> {
        let named = names.iter().map(String::as_str).zip(self.operations.iter().map(View));
        named.filter(|(_, view)| !view.is_empty())
    }

    /// The histograms that have samples, with what they are of.
    #[must_use]
    pub fn tagged<'a>(&'a self, names: &'a [String]) -> Vec<(Tag, &'a Histogram<u64>)> {
        let tagged = self
            .iter(names)
            .flat_map(|(name, view)| view.kinds().map(move |(kind, histogram)| (Tag::new(name, kind), histogram)));
        tagged.collect()
    }
}

/// What was recorded of one operation.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(&'a Counted);

impl<'a> View<'a> {
    /// The histograms that have samples, in nanoseconds.
    pub fn kinds(self) -> impl Iterator<Item = (Kind, &'a Histogram<u64>)> {
        Kind::ALL.into_iter().zip(&self.0.kinds).filter_map(|(kind, histogram)| Some((kind, histogram.as_ref()?)))
    }

    /// Calls.
    #[must_use]
    pub fn attempted(self) -> u64 {
        self.0.attempted
    }

    /// Calls that were refused because there were too many.
    #[must_use]
    pub fn throttled(self) -> u64 {
        self.0.throttled
    }

    /// Calls that ended in an error, by its code.
    #[must_use]
    pub fn errors(self) -> &'a BTreeMap<String, u64> {
        &self.0.errors
    }

    fn is_empty(self) -> bool {
        self.0.attempted == 0 && self.0.kinds.iter().all(Option::is_none)
    }
}

impl Counted {
    fn count(&mut self, ended: &Ended) {
        self.attempted += 1;
        match ended {
            Ended::Well => (),
            Ended::Throttled => self.throttled += 1,
            Ended::Error(code) => *self.errors.entry(code.clone()).or_default() += 1,
        }
    }

    fn record(&mut self, kind: Kind, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        // The histogram grows for every value there is, so recording does not fail.
        let _ = self.kinds[kind as usize].get_or_insert_with(empty).record(nanos);
    }

    fn add(&mut self, other: &Counted) {
        self.attempted += other.attempted;
        self.throttled += other.throttled;
        for (code, count) in &other.errors {
            *self.errors.entry(code.clone()).or_default() += count;
        }
        for (mine, theirs) in self.kinds.iter_mut().zip(&other.kinds) {
            if let Some(theirs) = theirs {
                // Both are of the kind that grows for every value there is, so adding does not fail.
                let _ = mine.get_or_insert_with(empty).add(theirs);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_late_call_is_charged_its_wait() {
        let recorder = Recorder::default();
        let op = recorder.operation("sqs.SendMessage");
        recorder.scheduled(op, true, [at(0), at(1_000), at(1_010)], &Ended::Well);
        let (harvest, names) = (recorder.harvest(), recorder.names());
        let max: Vec<(String, u64)> =
            harvest.measured.tagged(&names).iter().map(|(tag, all)| (tag.to_string(), all.max() / 1_000_000)).collect();
        let expected =
            [("sqs.SendMessage.wait", 1_000), ("sqs.SendMessage.service", 10), ("sqs.SendMessage.response", 1_010)];
        assert_eq!(max, expected.map(|(tag, millis)| (tag.to_owned(), millis)));
    }

    #[test]
    fn calls_that_failed_are_counted_and_timed_apart() {
        let recorder = Recorder::default();
        let op = recorder.operation("a");
        recorder.unplanned(op, true, [at(0), at(1)], &Ended::Throttled);
        recorder.unplanned(op, true, [at(0), at(1)], &Ended::Error("Timeout".to_owned()));
        recorder.unplanned(op, false, [at(0), at(1)], &Ended::Well);
        let (harvest, names) = (recorder.harvest(), recorder.names());
        let seen: Vec<_> = harvest.measured.iter(&names).map(|(name, view)| (name, view.attempted())).collect();
        assert_eq!(seen, [("a", 2), ("a.failed", 2)]);
        assert!(recorder.harvest().measured.tagged(&names).is_empty(), "it was taken");
    }
}
