//! Latencies: what they are of, what is kept of each interval, and what is told of them all.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Kind`], [`Tag`] | which stretch of which operation was timed |
//! | [`empty`] | the one kind of histogram that runs record into |
//! | [`Counts`], [`LoggedInterval`] | a histogram of one interval, without its empty buckets |
//! | [`LatencySummary`], [`QuantileValue`] | count, mean, extremes, and the quantiles that have samples enough |

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Which stretch of an operation was timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// From when it was to be sent until it was sent.
    Wait,
    /// From when it was sent until it was done.
    Service,
    /// From when it was to be sent until it was done.
    Response,
    /// From when a message was to be sent until it was received.
    EndToEnd,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 4] = [Kind::Wait, Kind::Service, Kind::Response, Kind::EndToEnd];

    /// The kind as records name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Wait => "wait",
            Kind::Service => "service",
            Kind::Response => "response",
            Kind::EndToEnd => "end-to-end",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What a histogram is of. As text it is `sqs.SendMessage.response`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// Service and operation: `sqs.SendMessage`.
    pub operation: String,
    /// Which stretch was timed.
    pub kind: Kind,
}

impl Tag {
    /// What a histogram of `operation`'s `kind` is of.
    #[must_use]
    pub fn new(operation: impl Into<String>, kind: Kind) -> Self {
        Tag { operation: operation.into(), kind }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&format!("{}.{}", self.operation, self.kind))
    }
}

/// A text is not `<operation>.<kind>`.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an operation, a dot, and wait, service, response or end-to-end")]
pub struct NoTag(String);

impl FromStr for Tag {
    type Err = NoTag;

    fn from_str(text: &str) -> Result<Self, NoTag> {
        let (operation, kind) = text.rsplit_once('.').ok_or_else(|| NoTag(text.to_owned()))?;
        let kind = Kind::ALL.into_iter().find(|known| known.name() == kind);
        kind.map(|kind| Tag::new(operation, kind)).ok_or_else(|| NoTag(text.to_owned()))
    }
}

/// Decimal digits of a value that are kept: buckets are at most a thousandth wide.
const SIGNIFICANT_DIGITS: u8 = 3;

/// A histogram of nanoseconds that grows as it must: the one kind that runs record into.
#[must_use]
pub fn empty() -> Histogram<u64> {
    Histogram::new(SIGNIFICANT_DIGITS).expect("five digits and fewer are allowed")
}

/// A histogram without its empty buckets: each bucket's value in nanoseconds and how many samples are in it,
/// ascending. One interval has few buckets that are not empty, and a run has many intervals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(Vec<(u64, u64)>);

impl Counts {
    /// What is in `histogram`.
    #[must_use]
    pub fn of(histogram: &Histogram<u64>) -> Self {
        Counts(histogram.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value())).collect())
    }

    /// Each bucket's value and its samples, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u64, u64)> + '_ {
        self.0.iter().copied()
    }

    /// How many samples there are.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.0.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Adds them to `histogram`.
    pub fn add_to(&self, histogram: &mut Histogram<u64>) {
        for (value, count) in self.iter() {
            // The histogram grows for every value there is, so recording does not fail.
            let _ = histogram.record_n(value, count);
        }
    }

    /// The histogram that they are of.
    #[must_use]
    pub fn histogram(&self) -> Histogram<u64> {
        let mut histogram = empty();
        self.add_to(&mut histogram);
        histogram
    }
}

/// What was recorded of one operation and kind in one interval of the measured phase.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedInterval {
    /// What it is of.
    pub tag: Tag,
    /// The block of an interleaved session that it is part of, as the series says.
    pub block: Option<u32>,
    /// When it began: seconds from the run's start, to the millisecond.
    pub from_seconds: f64,
    /// When it ended.
    pub to_seconds: f64,
    /// The latencies.
    pub counts: Counts,
}

impl LoggedInterval {
    /// The histogram as it was recorded.
    #[must_use]
    pub fn histogram(&self) -> Histogram<u64> {
        self.counts.histogram()
    }
}

/// What is told of many latencies. Times are in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LatencySummary {
    /// Samples.
    pub count: u64,
    /// Their mean.
    pub mean_ns: f64,
    /// The shortest.
    pub min_ns: u64,
    /// The longest.
    pub max_ns: u64,
    /// The quantiles that have samples enough.
    #[serde(default)]
    pub quantiles: Vec<QuantileValue>,
}

/// A quantile of latencies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuantileValue {
    /// Which: 0.99 is the time that 99 of 100 stay within.
    pub quantile: f64,
    /// That time, in nanoseconds.
    pub ns: u64,
}

impl LatencySummary {
    /// The quantiles that are told if there are samples enough.
    pub const QUANTILES: [f64; 6] = [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999];

    /// So many samples must lie beyond a quantile for it to be told: fewer, and a handful of samples is the number.
    pub const SAMPLES_BEYOND: u64 = 10;

    /// What is told of `histogram`.
    #[must_use]
    pub fn of(histogram: &Histogram<u64>) -> Self {
        let told = Self::QUANTILES.into_iter().filter(|&quantile| Self::has_enough(histogram.len(), quantile));
        let value = |quantile| QuantileValue { quantile, ns: histogram.value_at_quantile(quantile) };
        LatencySummary {
            count: histogram.len(),
            mean_ns: histogram.mean(),
            min_ns: histogram.min(),
            max_ns: histogram.max(),
            quantiles: told.map(value).collect(),
        }
    }

    /// Whether of `samples` there are enough beyond `quantile` for it to be told.
    #[must_use]
    pub fn has_enough(samples: u64, quantile: f64) -> bool {
        // A hair is added because 1 - 0.999 is a little less than 0.001.
        (1.0 - quantile) * samples as f64 + 1e-6 >= Self::SAMPLES_BEYOND as f64
    }

    /// The time at `quantile`, if it is told.
    #[must_use]
    pub fn at(&self, quantile: f64) -> Option<u64> {
        self.quantiles.iter().find(|value| (value.quantile - quantile).abs() < 1e-9).map(|value| value.ns)
    }
}
