//! A run's histograms for other programs.
//!
//! | Function | What it makes |
//! |---|---|
//! | [`hgrm`] | the percentile table that HdrHistogram's plotters read, in milliseconds |
//! | [`csv`] | a line per interval, operation and kind |

use hdrhistogram::Histogram;
use proofmark_record::load::{LoadedRun, Tag};
use std::fmt::Write;

/// Lines of the table for each halving of what is left above a percentile.
const TICKS_PER_HALVING: u32 = 5;

/// The percentile table of everything recorded of `tag`, as HdrHistogram's own tools write it: values in milliseconds.
#[must_use]
pub fn hgrm(run: &LoadedRun, tag: &Tag) -> String {
    let total = run.total(tag);
    let mut text = format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    for step in total.iter_quantiles(TICKS_PER_HALVING).skip_while(|_| total.is_empty()) {
        let (quantile, value) = (step.quantile_iterated_to(), milliseconds(step.value_iterated_to()));
        let below = total.count_between(0, step.value_iterated_to());
        // Writing into a string does not fail.
        let _ = match quantile < 1.0 {
            true => writeln!(text, "{value:12.3} {quantile:2.12} {below:10} {:14.2}", 1.0 / (1.0 - quantile)),
            false => writeln!(text, "{value:12.3} {quantile:2.12} {below:10} {:>14}", "inf"),
        };
    }
    text + &footer(&total)
}

fn milliseconds(ns: u64) -> f64 {
    ns as f64 / 1e6
}

fn footer(total: &Histogram<u64>) -> String {
    format!(
        "#[Mean    = {:12.3}, StdDeviation   = {:12.3}]\n#[Max     = {:12.3}, Total count    = {:12}]\n\
         #[Buckets = {:12}, SubBuckets     = {:12}]\n",
        total.mean() / 1e6,
        total.stdev() / 1e6,
        milliseconds(total.max()),
        total.len(),
        total.buckets(),
        2 * 10_u64.pow(u32::from(total.sigfig())).next_power_of_two(),
    )
}

/// A line per interval, operation and kind of the measured phase; times in nanoseconds.
#[must_use]
pub fn csv(run: &LoadedRun) -> String {
    let mut text = String::from(
        "from_seconds,to_seconds,block,operation,kind,count,mean_ns,min_ns,p50_ns,p90_ns,p99_ns,p999_ns,max_ns\n",
    );
    for interval in &run.intervals {
        let histogram = interval.histogram();
        let block = interval.block.map(|block| block.to_string()).unwrap_or_default();
        let quantiles = [0.5, 0.9, 0.99, 0.999].map(|quantile| histogram.value_at_quantile(quantile).to_string());
        let _ = writeln!(
            text,
            "{:.3},{:.3},{block},{},{},{},{:.0},{},{},{}",
            interval.from_seconds,
            interval.to_seconds,
            interval.tag.operation,
            interval.tag.kind,
            histogram.len(),
            histogram.mean(),
            histogram.min(),
            quantiles.join(","),
            histogram.max(),
        );
    }
    text
}
