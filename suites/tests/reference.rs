//! Every case against the reference, each one a test of `cargo test`, by name: `cargo test -p proofmark-suites dlq`.

use libtest_mimic::{Arguments, Failed, Trial};
use proofmark_conform::{Backend, Plan, RunOptions, Unit, UnitResult, Verdict, run_unit};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let backend = Arc::new(Backend::reference(proofmark_backend::ReferenceOptions::default()));
    let plan = Plan::new(&proofmark_suites::cases());
    let trials = plan.units().iter().map(|&unit| trial(&backend, unit)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(backend: &Arc<Backend>, unit: Unit) -> Trial {
    let backend = backend.clone();
    Trial::test(unit.name(), move || judge(&run_unit(&backend, unit, &RunOptions::default())))
}

/// The reference passes every case, and words every error as the clauses do.
fn judge(result: &UnitResult) -> Result<(), Failed> {
    if result.verdict == Verdict::Pass && result.warnings.is_empty() {
        return Ok(());
    }
    let failure = result.failure.as_ref().map(ToString::to_string).or_else(|| result.reason.clone());
    let why = failure.unwrap_or_default();
    Err(format!("{}: {why}\nwarnings: {:?}", result.verdict, result.warnings).into())
}
