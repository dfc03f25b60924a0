//! Histograms as lines of an HdrHistogram interval log: V2 encoding, deflated, a tag per line, nanoseconds.
//!
//! Start times and durations stand there in seconds with three decimals, as in every such log.

use super::histogram::{Counts, Tag};
use super::run::RunRecord;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::interval_log::{
    IntervalLogHistogram, IntervalLogIterator, IntervalLogWriterBuilder, LogEntry, Tag as LogTag,
};
use hdrhistogram::serialization::{Deserializer, V2DeflateSerializer};
use std::error::Error;
use std::io;
use std::time::{Duration, SystemTime};

/// The name of the file in a run's directory.
pub(crate) const FILE: &str = "histograms.hlog";

/// What stands before the first histogram.
pub(crate) fn header(record: &RunRecord) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let began = SystemTime::from(record.started);
    IntervalLogWriterBuilder::new()
        .add_comment(&format!("[Logged with proofmark {}, run {}]", record.proofmark, record.run))
        .add_comment("[Values are nanoseconds; a tag is an operation and wait, service, response or end-to-end]")
        .with_start_time(began)
        .with_base_time(began)
        .begin_log_with(&mut text, &mut V2DeflateSerializer::new())?;
    Ok(text)
}

/// The lines of one interval.
pub(crate) fn lines(from_seconds: f64, to_seconds: f64, histograms: &[(Tag, &Histogram<u64>)]) -> io::Result<Vec<u8>> {
    let (from, to) = (duration(from_seconds)?, duration(to_seconds)?);
    let mut text = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let mut log = IntervalLogWriterBuilder::new().begin_log_with(&mut text, &mut serializer)?;
    for (tag, histogram) in histograms {
        let name = tag.to_string();
        let tag = LogTag::new(&name)
            .ok_or_else(|| io::Error::other(format!("`{name}` has a comma or a space, which no tag may have")))?;
        log.write_histogram(histogram, from, to.saturating_sub(from), Some(tag)).map_err(io::Error::other)?;
    }
    Ok(text)
}

fn duration(seconds: f64) -> io::Result<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(io::Error::other)
}

/// A histogram with its tag and its time, as one line tells.
pub(crate) struct Entry {
    pub(crate) tag: Tag,
    pub(crate) from_seconds: f64,
    pub(crate) to_seconds: f64,
    pub(crate) counts: Counts,
}

/// Reads one line, with its line end; nothing if it is a comment or a legend.
pub(crate) fn entry(line: &[u8]) -> Result<Option<Entry>, Box<dyn Error + Send + Sync>> {
    for found in IntervalLogIterator::new(line) {
        match found {
            Ok(LogEntry::Interval(interval)) => return decoded(&interval).map(Some),
            Ok(LogEntry::StartTime(_) | LogEntry::BaseTime(_)) => {}
            Err(_) => return Err("it is not a line of an interval log".into()),
        }
    }
    Ok(None)
}

fn decoded(interval: &IntervalLogHistogram<'_>) -> Result<Entry, Box<dyn Error + Send + Sync>> {
    let tag = interval.tag().ok_or("it has no tag")?.as_str().parse()?;
    let bytes = STANDARD.decode(interval.encoded_histogram())?;
    let histogram: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice())?;
    let from_seconds = interval.start_timestamp().as_secs_f64();
    let to_seconds = from_seconds + interval.duration().as_secs_f64();
    Ok(Entry { tag, from_seconds, to_seconds, counts: Counts::of(&histogram) })
}
