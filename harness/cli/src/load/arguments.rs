//! The flags of `load` and `search`, with the help that teaches them.

use crate::arguments::{BackendName, ReferenceArguments};
use crate::exit;
use clap::{Args, ValueEnum};
use proofmark_load::plan;
use proofmark_load::search::Slo;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

const LOAD_EXAMPLES: &str = "\
Examples:
  proofmark load                                    the scenarios and their parameters
  proofmark load sqs.standard --rate 200 --duration 30s
  proofmark load sns.fan-out -p queues=50 -p size=lognormal:2000,0.6 --plan poisson:100/s
  proofmark load sqs.fifo --transport tcp --endpoint other=http://localhost:4566
                                                    the reference and another, in turns; then compare
  proofmark load sqs.standard --clock virtual --latency '*=lognormal:12ms,0.4' --duration 24h --rate 1
                                                    a day in seconds, the same bytes each time
  proofmark load sqs.standard --rate 1000 --part 3/8
                                                    the third of eight processes; `results merge` adds them
  proofmark load null --calibrate                   what the generator itself costs here

Arrival plans (--plan):
  constant:100/s   poisson:100/s   step:100/s@30s,200/s@30s   ramp:10/s..500/s@60s
  sine:100/s~50/s@60s   burst:50@1s   trace:FILE (seconds, one per line)   closed:16 (16 workers, no plan)

Latency is timed from when an operation should have been sent. Percentiles without samples enough are not shown.";

const SEARCH_EXAMPLES: &str = "\
Examples:
  proofmark search sqs.standard --slo 'response p99 < 50ms' --transport tcp
  proofmark search sns.fan-out --slo 'end-to-end p99 < 200ms' --endpoint http://localhost:4566 --to 2000
  proofmark search sqs.standard --slo 'response p99 < 20ms' --clock virtual --latency '*=fixed:5ms@8'
                                                    eight servers of 5 ms each: where is the knee?";

/// `proofmark load`.
#[derive(Args, Debug)]
#[command(after_help = format!("{LOAD_EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct LoadArguments {
    /// What to do; the scenarios are listed without one.
    pub(crate) scenario: Option<String>,
    /// When operations are sent [default: constant:100/s].
    #[arg(long, value_name = "PLAN", conflicts_with = "rate")]
    pub(crate) plan: Option<String>,
    /// So many operations per second, evenly spaced: short for --plan constant:N/s.
    #[arg(long, value_name = "N")]
    pub(crate) rate: Option<String>,
    /// How long it is measured, on each target.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub(crate) duration: Duration,
    /// Into how many blocks the measured time is cut [default: 10 with several targets, else 1].
    #[arg(long, value_name = "N")]
    pub(crate) blocks: Option<NonZeroU32>,
    /// Run one of several equal parts of the plan: 3/8, or `auto` in an array of Slurm, AWS Batch or Kubernetes.
    #[arg(long, value_name = "K/N")]
    pub(crate) part: Option<String>,
    /// Measure the generator itself, beside a bare loop of SDK calls.
    #[arg(long)]
    pub(crate) calibrate: bool,
    #[command(flatten)]
    pub(crate) common: CommonArguments,
    #[command(flatten)]
    pub(crate) results: LoadResultArguments,
}

/// `proofmark search`.
#[derive(Args, Debug)]
#[command(after_help = format!("{SEARCH_EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct SearchArguments {
    /// What to do: `proofmark load` lists the scenarios.
    pub(crate) scenario: String,
    /// An objective: [OPERATION] wait|service|response|end-to-end p50..p99.99|mean|max < TIME. All must be met.
    #[arg(long, value_name = "SLO", required = true, value_parser = slo)]
    pub(crate) slo: Vec<Slo>,
    /// The lowest rate, per second.
    #[arg(long, value_name = "N", default_value_t = 10.0, value_parser = rate)]
    pub(crate) from: f64,
    /// The highest rate, per second.
    #[arg(long, value_name = "N", default_value_t = 10_000.0, value_parser = rate)]
    pub(crate) to: f64,
    /// How close the two ends of the answer are, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0, value_parser = percent)]
    pub(crate) precision: f64,
    /// How long each rate is measured.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub(crate) duration: Duration,
    /// What to write to standard output.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: LoadFormat,
    #[command(flatten)]
    pub(crate) common: CommonArguments,
}

/// What both have.
#[derive(Args, Clone, Debug)]
pub(crate) struct CommonArguments {
    /// A parameter of the scenario, NAME=VALUE; may be given again.
    #[arg(long = "param", short = 'p', value_name = "NAME=VALUE", help_heading = "Scenario")]
    pub(crate) parameters: Vec<String>,
    /// The plan is followed for so long before anything is measured [default: 5s; 0s on a virtual clock].
    #[arg(long, value_name = "TIME", value_parser = duration_or_zero, help_heading = "Running")]
    pub(crate) warm_up: Option<Duration>,
    /// How many operations may be in flight at once.
    #[arg(long, value_name = "N", default_value = "64", help_heading = "Running")]
    pub(crate) workers: NonZeroU32,
    /// How many threads they are spread over [default: one per processor].
    #[arg(long, value_name = "N", help_heading = "Running")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// How long a call may take.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration, help_heading = "Running")]
    pub(crate) timeout: Duration,
    /// How long messages may take after the last was sent, before they count as lost.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration, help_heading = "Running")]
    pub(crate) drain: Duration,
    /// How often the SDK tries a call; more than 1 hides failures in latency.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Running")]
    pub(crate) attempts: u32,
    /// A target that has a name: the reference or AWS; may be given again, beside --endpoint.
    #[arg(long, value_enum, help_heading = "Target")]
    pub(crate) backend: Vec<BackendName>,
    /// A target at a URL, with a name before it if wished: other=http://localhost:4566. May be given again.
    #[arg(long, value_name = "[NAME=]URL", help_heading = "Target")]
    pub(crate) endpoint: Vec<String>,
    /// The Region [default: AWS_REGION, else us-east-1].
    #[arg(long, help_heading = "Target")]
    pub(crate) region: Option<String>,
    /// AWS: the accounts to work in, a TOML file [default: the list in PROOFMARK_AWS_ACCOUNTS].
    #[arg(long, value_name = "FILE", help_heading = "Target")]
    pub(crate) accounts: Option<PathBuf>,
    /// AWS: the profile of the account.
    #[arg(long, value_name = "NAME", help_heading = "Target")]
    pub(crate) aws_profile: Option<String>,
    /// Stop for good after this many requests, on each target.
    #[arg(long, value_name = "N", help_heading = "Target")]
    pub(crate) max_requests: Option<u64>,
    /// Stop for good when requests have cost this much, on each target.
    #[arg(long, value_name = "USD", value_parser = crate::arguments::dollars, help_heading = "Target")]
    pub(crate) budget: Option<u64>,
    #[command(flatten)]
    pub(crate) reference: ReferenceArguments,
    /// How long requests to the reference take: OPERATION=DISTRIBUTION[@SERVERS]. OPERATION is sqs.SendMessage, sqs or *;
    /// DISTRIBUTION is fixed:5ms, uniform:1ms..9ms, lognormal:12ms,0.4 or recorded:RUN. With SERVERS, requests queue.
    #[arg(long, value_name = "MODEL", help_heading = "Reference")]
    pub(crate) latency: Vec<String>,
}

/// Where results go.
#[derive(Args, Debug)]
#[command(next_help_heading = "Results")]
pub(crate) struct LoadResultArguments {
    /// How long an interval of the time series is [default: 1s, or a three-hundredth of the duration].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) interval: Option<Duration>,
    /// What to write to standard output.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: LoadFormat,
    /// Where the record goes [default: results/runs/<run>]; with several targets, a directory each in it.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write no record.
    #[arg(long, conflicts_with = "out")]
    pub(crate) no_record: bool,
}

/// What `load` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LoadFormat {
    /// Text for people.
    #[default]
    Human,
    /// The records.
    Json,
}

fn duration(text: &str) -> Result<Duration, String> {
    plan::duration(text).map_err(|error| error.to_string())
}

fn duration_or_zero(text: &str) -> Result<Duration, String> {
    if ["0", "0s"].contains(&text) { Ok(Duration::ZERO) } else { duration(text) }
}

fn slo(text: &str) -> Result<Slo, String> {
    text.parse().map_err(|error: proofmark_load::search::NoSlo| error.to_string())
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| (1e-3..=1e7).contains(rate));
    rate.ok_or_else(|| format!("`{text}` is no rate per second; write a number from 0.001 to ten million"))
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = text.trim_end_matches('%').parse().ok().filter(|percent: &f64| (0.1..=100.0).contains(percent));
    percent.ok_or_else(|| format!("`{text}` is no percentage; write a number from 0.1 to 100"))
}
