//! The flags of `compare` and `results`.

use crate::arguments::ListFormat;
use crate::exit;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

const COMPARE_EXAMPLES: &str = "\
Examples:
  proofmark compare results/s1/emulator results/s1/emulator-next
                                                    the second against the first
  proofmark compare old new newer --threshold 10%   several; less than 10 % is no matter
  proofmark compare old new --format html --out page.html
                                                    one page with pictures, which opens offline
  proofmark compare old new --format markdown >> $GITHUB_STEP_SUMMARY

How to read it:
  same         all of the interval lies within the threshold
  worse        all of it lies beyond, and would for every quantile at once; better likewise
  cannot tell  it reaches across the threshold: run longer, or raise the threshold
  not judged   too few samples so far out in the tail; or `wait`, which is the generator's own
  The intervals draw neighbouring seconds together, because they are alike. Runs of one session,
  whose blocks took turns, are compared in pairs. All must be of the same scenario and plan.";

const RESULTS_EXAMPLES: &str = "\
Examples:
  proofmark results list                            every run below results/
  proofmark results show results/s1/emulator        whether it may be believed, then its numbers
  proofmark results merge results/all results/part-*
                                                    the parts of one plan as one run, exactly
  proofmark results export results/s1/emulator --tag sqs.SendMessage.response > response.hgrm
                                                    for HdrHistogram's plotters";

/// `proofmark compare`.
#[derive(Args, Debug)]
#[command(after_help = format!("{COMPARE_EXAMPLES}\n\n{}", exit::COMPARE_HELP))]
pub(crate) struct CompareArguments {
    /// Directories of runs: the baseline, then one or more to hold against it.
    #[arg(value_name = "RUN", num_args = 2.., required = true)]
    pub(crate) runs: Vec<PathBuf>,
    /// A change of less than this does not matter.
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = threshold)]
    pub(crate) threshold: f64,
    /// How often an interval is to hold the true change.
    #[arg(long, value_name = "PERCENT", default_value = "99%", value_parser = confidence)]
    pub(crate) confidence: f64,
    /// The quantiles to compare.
    #[arg(long, value_name = "LIST", default_value = "p50,p90,p99,p99.9", value_delimiter = ',', value_parser = quantile)]
    pub(crate) quantiles: Vec<f64>,
    /// How often to draw the intervals anew.
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1_000..=100_000))]
    pub(crate) draws: u32,
    /// Feeds the draws; the same seed says the same.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// What to write.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CompareFormat,
    /// Write it here instead of to standard output [default with html: comparison.html].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// What `compare` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompareFormat {
    /// Text for people.
    #[default]
    Human,
    /// All of it.
    Json,
    /// Tables.
    Markdown,
    /// A page in one file; its path is written to standard output.
    Html,
}

/// `proofmark results`.
#[derive(Args, Debug)]
#[command(after_help = RESULTS_EXAMPLES)]
pub(crate) struct ResultsArguments {
    #[command(subcommand)]
    pub(crate) command: ResultsCommand,
}

/// What to do with results.
#[derive(Debug, Subcommand)]
pub(crate) enum ResultsCommand {
    /// List the runs below a directory, the oldest first.
    List {
        /// Where to look.
        #[arg(value_name = "DIR", default_value = "results")]
        directory: PathBuf,
    },
    /// Show a run: whether it may be believed, then its numbers.
    Show {
        /// The run's directory.
        #[arg(value_name = "RUN")]
        run: PathBuf,
        /// What to write.
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Put the parts of one plan together into one run.
    Merge {
        /// Where the run goes. There must be none yet.
        #[arg(value_name = "OUT")]
        out: PathBuf,
        /// The directories of the parts.
        #[arg(value_name = "RUN", required = true, num_args = 1..)]
        runs: Vec<PathBuf>,
    },
    /// Write a run's histograms for other programs.
    Export {
        /// The run's directory.
        #[arg(value_name = "RUN")]
        run: PathBuf,
        /// What to write.
        #[arg(long, value_enum, default_value_t)]
        format: ExportFormat,
        /// Which histogram, such as sqs.SendMessage.response; needed for hgrm if there are several.
        #[arg(long, value_name = "TAG")]
        tag: Option<String>,
    },
}

/// What `results export` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// HdrHistogram's percentile table, in milliseconds.
    #[default]
    Hgrm,
    /// A line per interval, operation and kind, in nanoseconds.
    Csv,
}

fn percent(text: &str) -> Option<f64> {
    let number: f64 = text.strip_suffix('%')?.trim().parse().ok()?;
    // Rounded, because a hundredth of 99.9 is a hair more than 0.999.
    number.is_finite().then(|| (number * 1e6).round() / 1e8)
}

fn threshold(text: &str) -> Result<f64, String> {
    let usable = percent(text).filter(|part| (0.001..=1.0).contains(part));
    usable.ok_or_else(|| format!("`{text}` is not between 0.1% and 100%; write it like 5%"))
}

fn confidence(text: &str) -> Result<f64, String> {
    let usable = percent(text).filter(|part| (0.5..=0.999).contains(part));
    usable.ok_or_else(|| format!("`{text}` is not between 50% and 99.9%; write it like 99%"))
}

fn quantile(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.strip_prefix('p').and_then(|number| number.parse().ok());
    let usable = number.filter(|percent| (1.0..=99.9999).contains(percent));
    usable
        .map(|percent| (percent * 1e6).round() / 1e8)
        .ok_or_else(|| format!("`{text}` is not between p1 and p99.9999; write it like p99.9"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_in_percent_only() {
        assert_eq!([threshold("5%"), threshold("0.5 %")], [Ok(0.05), Ok(0.005)]);
        assert_eq!(confidence("99.9%"), Ok(0.999));
        for wrong in ["5", "0.05", "0%", "-5%", "101%", "nan%", "inf%", "%", ""] {
            assert!(threshold(wrong).is_err() && confidence(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn quantiles_are_read_as_they_are_written() {
        assert_eq!([quantile("p50"), quantile("p99.9"), quantile("p99")], [Ok(0.5), Ok(0.999), Ok(0.99)]);
        for wrong in ["99", "p0", "p100", "pnan", "p", "0.99"] {
            assert!(quantile(wrong).is_err(), "{wrong}");
        }
    }
}
