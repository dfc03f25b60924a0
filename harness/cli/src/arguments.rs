//! Every command and flag, with the help that teaches them.

use crate::exit;
use crate::load::arguments::{LoadArguments, SearchArguments};
use crate::results::arguments::{CompareArguments, ResultsArguments};
use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Yellow.on_default().bold())
    .usage(AnsiColor::Yellow.on_default().bold())
    .literal(AnsiColor::Green.on_default());

const ABOUT: &str = "Proves that AWS messaging behaves as promised: on AWS, on an emulator, or on the reference";

// Lines of examples are 100 characters at most: that is how wide help is where there is no terminal.
const EXAMPLES: &str = "\
Examples:
  proofmark check                                   every case, on the in-process reference
  proofmark check visibility                        cases with `visibility` in a name
  proofmark check --endpoint http://localhost:4566  an emulator, clause by clause
  proofmark explain sqs.visibility.change-zero      what AWS promises, and who says so
  proofmark serve                                   the reference on port 4566, for any SDK
  proofmark load sqs.standard --rate 200            honest latency histograms";

const CHECK_EXAMPLES: &str = "\
Examples:
  proofmark check sqs '!fifo'                       with `sqs` in the name, without `fifo` in it
  proofmark check 'sqs.dlq.*' --protocol query      a glob must match a whole id
  proofmark check --transport tcp --adversarial     over a socket, with all that AWS may do
  proofmark check --format junit > junit.xml        for a CI system
  proofmark check --endpoint http://localhost:4566 --label 'emulator 1.2' --expect expected.toml
  proofmark check --rerun results/runs/<run>/check.json
                                                    what was not as expected, with the same seed
  proofmark check --backend aws --max-requests 5000
                                                    real AWS, with a hard stop

Credentials come from the environment, never from flags:
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
                                                    an endpoint gets test/test without them
  PROOFMARK_SECOND_ACCESS_KEY_ID, PROOFMARK_SECOND_SECRET_ACCESS_KEY, PROOFMARK_SECOND_SESSION_TOKEN
                                                    a second account, with --second-account";

const SERVE_EXAMPLES: &str = "\
Examples:
  proofmark serve
  proofmark serve --clock virtual                   waits end as soon as everybody waits
  proofmark serve --clock virtual --idle hold       time stands still until you advance it:
    curl -X POST -d '{\"seconds\": 30}' http://127.0.0.1:4566/_proofmark/clock/advance
  proofmark serve --credentials keys.toml           verifies signatures; one table per key:
    [[credentials]]
    access_key = \"AKIAEXAMPLE\"
    secret = \"secret\"
    account = \"111122223333\"
    session_token = \"optional\"";

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "proofmark", version, about = ABOUT, styles = STYLES, max_term_width = 120)]
#[command(after_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run cases and tell what came of them.
    Check(Box<CheckArguments>),
    /// List cases: id, protocols, cost, what each says.
    List(ListArguments),
    /// Explain one case or clause: the promise, its source, what checks it.
    Explain(ExplainArguments),
    /// Tell which clauses have a case and which have none.
    Coverage(CoverageArguments),
    /// Put load on one target or several, and time it honestly.
    Load(Box<LoadArguments>),
    /// Find the highest rate that meets an objective, as an interval.
    Search(Box<SearchArguments>),
    /// Serve the reference on a port, for an SDK in any language.
    Serve(ServeArguments),
    /// Compare load runs with the first of them, quantile by quantile, with intervals and a verdict.
    Compare(CompareArguments),
    /// List, show, merge and export load runs.
    Results(ResultsArguments),
    /// Delete what the ledgers of broken-off runs name, and nothing else.
    Clean(CleanArguments),
}

/// `proofmark check`.
#[derive(Args, Debug)]
#[command(after_help = format!("{CHECK_EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct CheckArguments {
    /// Part of, or a glob for, a case's id or a clause's; `!` before it takes units away.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    #[command(flatten)]
    pub(crate) world: WorldArguments,
    #[command(flatten)]
    pub(crate) reference: ReferenceArguments,
    #[command(flatten)]
    pub(crate) selection: SelectionArguments,
    #[command(flatten)]
    pub(crate) running: RunningArguments,
    #[command(flatten)]
    pub(crate) results: ResultArguments,
}

/// Which world.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Target")]
pub(crate) struct WorldArguments {
    /// Which world to check: the reference if nothing else is said.
    #[arg(long, value_enum, conflicts_with = "endpoint")]
    pub(crate) backend: Option<BackendName>,
    /// Check the server at this URL, such as http://localhost:4566.
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The Region [default: AWS_REGION, else us-east-1].
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// Take credentials of a second account from the environment.
    #[arg(long, requires = "endpoint")]
    pub(crate) second_account: bool,
    /// The endpoint verifies signatures.
    #[arg(long, requires = "endpoint")]
    pub(crate) strict_signatures: bool,
    /// AWS: the accounts to work in, a TOML file [default: the list in PROOFMARK_AWS_ACCOUNTS].
    #[arg(long, value_name = "FILE")]
    pub(crate) accounts: Option<PathBuf>,
    /// AWS: the profile of the first account.
    #[arg(long, value_name = "NAME")]
    pub(crate) aws_profile: Option<String>,
    /// AWS: the profile of a second account.
    #[arg(long, value_name = "NAME")]
    pub(crate) second_aws_profile: Option<String>,
}

/// What kind of reference.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Reference")]
pub(crate) struct ReferenceArguments {
    /// How requests reach it [default: in-process].
    #[arg(long, value_enum)]
    pub(crate) transport: Option<TransportName>,
    /// Its clock; on a virtual one waiting costs nothing [default: virtual].
    #[arg(long, value_enum)]
    pub(crate) clock: Option<ClockName>,
    /// Which date's limits are in force [default: today].
    #[arg(long, value_enum)]
    pub(crate) profile: Option<ProfileName>,
    /// Do everything that AWS may do and is not obliged to: duplicate, reorder, lag.
    #[arg(long)]
    pub(crate) adversarial: bool,
    /// Feeds every id and chance; the same seed does the same again [default: 0].
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

/// Which units.
#[derive(Args, Debug)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectionArguments {
    /// Only over this protocol.
    #[arg(long, value_enum)]
    pub(crate) protocol: Option<ProtocolChoice>,
    /// At most N units, picked by the seed.
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
    /// What was not as expected in this record, with its seed and its kind of reference.
    #[arg(long, value_name = "RECORD", conflicts_with_all = ["filters", "sample", "protocol"])]
    pub(crate) rerun: Option<PathBuf>,
}

/// How they run.
#[derive(Args, Debug)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunningArguments {
    /// How many units run at once [default: one per processor; 8 on a wall clock].
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Stop at the first verdict against expectation.
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// A text for people that differs fails a case instead of being warned about.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Stop for good after this many requests.
    #[arg(long, value_name = "N")]
    pub(crate) max_requests: Option<u64>,
    /// Stop for good when requests have cost this much.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub(crate) budget: Option<u64>,
    /// On a wall clock: run no unit that waits longer than this.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    pub(crate) max_seconds: u64,
    /// Verdicts that are expected on this target, with reasons: a TOML file.
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,
}

/// Where results go.
#[derive(Args, Debug)]
#[command(next_help_heading = "Results")]
pub(crate) struct ResultArguments {
    /// What to write to standard output.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
    /// Tell everything: passes, observations, every exchange.
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// What the target is called in the record: product and version.
    #[arg(long, value_name = "NAME")]
    pub(crate) label: Option<String>,
    /// Where the record goes [default: results/runs/<run>].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write no record.
    #[arg(long, conflicts_with = "out")]
    pub(crate) no_record: bool,
    /// Also write a summary, fit to be committed: a verdict per clause and case.
    #[arg(long, value_name = "DIR")]
    pub(crate) summary: Option<PathBuf>,
}

/// `proofmark list`.
#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// As for `check`.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// What to write.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
}

/// `proofmark explain`.
#[derive(Args, Debug)]
pub(crate) struct ExplainArguments {
    /// The id of a case or a clause, or a part that only one of them has.
    #[arg(value_name = "CASE|CLAUSE")]
    pub(crate) name: String,
}

/// `proofmark coverage`.
#[derive(Args, Debug)]
pub(crate) struct CoverageArguments {
    /// What to write.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CoverageFormat,
}

/// `proofmark serve`.
#[derive(Args, Debug)]
#[command(after_help = SERVE_EXAMPLES)]
pub(crate) struct ServeArguments {
    /// Where to listen; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4566")]
    pub(crate) listen: SocketAddr,
    /// Listen on an address that other machines can reach. There is no TLS.
    #[arg(long)]
    pub(crate) allow_remote: bool,
    /// Real time, or time that leaps when everybody waits.
    #[arg(long, value_enum, default_value = "wall")]
    pub(crate) clock: ClockName,
    /// What a virtual clock does when everybody waits [default: leap].
    #[arg(long, value_enum)]
    pub(crate) idle: Option<IdleName>,
    /// Feeds every id and chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Which date's limits are in force.
    #[arg(long, value_enum, default_value = "today")]
    pub(crate) profile: ProfileName,
    /// Do everything that AWS may do and is not obliged to.
    #[arg(long)]
    pub(crate) adversarial: bool,
    /// Do not enforce quotas of calls per second.
    #[arg(long = "no-quotas", action = ArgAction::SetFalse)]
    pub(crate) quotas: bool,
    /// Verify signatures against the keys in this TOML file, and refuse all others.
    #[arg(long, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,
    /// Post to https subscribers whose certificates an authority in this PEM file signed, too; may be given several
    /// times.
    #[arg(long = "trust-ca", value_name = "FILE")]
    pub(crate) trust_ca: Vec<PathBuf>,
}

/// `proofmark clean`.
#[derive(Args, Debug)]
pub(crate) struct CleanArguments {
    /// Ledgers of runs: results/runs/<run>/ledger.jsonl.
    #[arg(value_name = "LEDGER", required = true)]
    pub(crate) ledgers: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) world: WorldArguments,
}

/// A world that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BackendName {
    /// The reference, in this process.
    Reference,
    /// Real AWS.
    Aws,
}

/// How requests reach a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TransportName {
    /// Without a socket.
    InProcess,
    /// Over TCP on the loopback interface.
    Tcp,
}

/// A reference's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClockName {
    /// Real time.
    Wall,
    /// Time that leaps.
    Virtual,
}

/// What a virtual clock does when everybody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum IdleName {
    /// It leaps to the next event.
    Leap,
    /// It stands still until it is advanced.
    Hold,
}

/// A date whose limits are in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileName {
    /// 28 September 2021.
    #[value(name = "2021-09")]
    September2021,
    /// The newest values.
    Today,
}

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProtocolChoice {
    /// AWS JSON.
    Json,
    /// AWS Query.
    Query,
}

/// What `check` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Text for people.
    #[default]
    Human,
    /// The record.
    Json,
    /// XML for CI systems.
    Junit,
    /// A summary.
    Markdown,
}

/// What `list` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Text for people.
    #[default]
    Human,
    /// One array.
    Json,
}

/// What `coverage` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageFormat {
    /// Text for people.
    #[default]
    Human,
    /// Counts per service.
    Json,
    /// A table.
    Markdown,
}

/// Dollars with at most six decimals, in millionths.
pub(crate) fn dollars(text: &str) -> Result<u64, String> {
    let advice = || format!("`{text}` is not an amount of dollars; write one like 0.25");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 6 {
        return Err(advice());
    }
    format!("{whole}{fraction:0<6}").parse().map_err(|_| advice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn dollars_are_read_to_the_millionth() {
        assert_eq!(dollars("0.25"), Ok(250_000));
        assert_eq!(dollars("3"), Ok(3_000_000));
        for wrong in ["", ".5", "-1", "1.2.3", "1e3", "0.1234567", "99999999999999999999"] {
            assert!(dollars(wrong).is_err(), "{wrong}");
        }
    }
}
