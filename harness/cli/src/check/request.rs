//! What is asked for: which units, which kind of reference, and what is expected of them.

use crate::arguments::{CheckArguments, ProtocolChoice, ReferenceArguments};
use crate::exit::Trouble;
use crate::selection;
use crate::world::name;
use clap::ValueEnum;
use proofmark_backend::chain;
use proofmark_conform::expectations::Expectations;
use proofmark_conform::{Plan, Protocol};
use proofmark_record::{CheckRecord, Standing, Subject, UnitRecord, Verdict};
use std::path::Path;

/// What is asked for.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) plan: Plan,
    pub(super) reference: ReferenceArguments,
    pub(super) seed: u64,
    pub(super) exact: bool,
    pub(super) expectations: Expectations,
    /// The arguments that select these units again.
    pub(super) selecting: Vec<String>,
    /// Whether every unit of every case is in the plan.
    pub(super) whole: bool,
}

impl Request {
    /// Reads flags and the files that they name.
    ///
    /// # Errors
    /// Wrong usage.
    pub(super) fn new(options: &CheckArguments) -> Result<Self, Trouble> {
        let expectations = expectations(options.running.expect.as_deref())?;
        match &options.selection.rerun {
            Some(path) => Request::again(options, expectations, &CheckRecord::read(path)?),
            None => Request::filtered(options, expectations),
        }
    }

    fn filtered(options: &CheckArguments, expectations: Expectations) -> Result<Self, Trouble> {
        let seed = options.reference.seed.unwrap_or_default();
        let mut plan = selection::plan(&options.filters)?;
        let mut selecting = options.filters.clone();
        if let Some(protocol) = options.selection.protocol {
            plan = plan.over(protocol.into());
            selecting.extend(["--protocol".to_owned(), name(protocol)]);
        }
        if let Some(count) = options.selection.sample {
            plan = plan.sampled(count, seed);
            selecting.extend(["--sample".to_owned(), count.to_string()]);
        }
        if plan.units().is_empty() {
            return Err(Trouble::Usage("no unit is left; leave out a filter, --protocol or --sample".to_owned()));
        }
        let (reference, exact) = (options.reference.clone(), options.running.exact);
        let whole = selecting.is_empty();
        Ok(Request { plan, reference, seed, exact, expectations, selecting, whole })
    }

    /// What was not as expected in `record`, on the same kind of reference with the same seed.
    fn again(options: &CheckArguments, expectations: Expectations, record: &CheckRecord) -> Result<Self, Trouble> {
        let selecting: Vec<String> =
            record.units.iter().filter(|unit| is_open(unit)).map(|unit| unit.unit.clone()).collect();
        if selecting.is_empty() {
            return Err(Trouble::Usage(
                "everything in that record is as expected; there is nothing to run again".to_owned(),
            ));
        }
        let plan = Plan::new(&proofmark_suites::cases()).named(&selecting);
        if plan.units().is_empty() {
            return Err(Trouble::Usage("none of that record's units is there any more; run a new check".to_owned()));
        }
        let chosen = options.world.endpoint.is_some() || options.world.backend.is_some();
        if record.subject.backend != "reference" && !chosen {
            let backend = &record.subject.backend;
            return Err(Trouble::Usage(format!(
                "that record is of an {backend}; give its --endpoint or --backend again"
            )));
        }
        let reference = if chosen { options.reference.clone() } else { merged(&options.reference, &record.subject) };
        let seed = options.reference.seed.unwrap_or(record.seed);
        let exact = options.running.exact || record.exact;
        Ok(Request { plan, reference, seed, exact, expectations, selecting, whole: false })
    }
}

/// Whether somebody may want to see a unit again.
fn is_open(unit: &UnitRecord) -> bool {
    let missing = matches!(unit.verdict, Verdict::Inconclusive | Verdict::Disabled);
    unit.standing.is_loud() || (missing && unit.standing == Standing::NotJudged)
}

/// Flags go before what a record says.
fn merged(flags: &ReferenceArguments, subject: &Subject) -> ReferenceArguments {
    ReferenceArguments {
        transport: flags.transport.or_else(|| value(&subject.transport)),
        clock: flags.clock.or_else(|| value(&subject.clock)),
        profile: flags.profile.or_else(|| subject.profile.as_deref().and_then(value)),
        adversarial: flags.adversarial || subject.freedom,
        seed: flags.seed,
    }
}

fn value<T: ValueEnum>(name: &str) -> Option<T> {
    T::from_str(name, false).ok()
}

fn expectations(path: Option<&Path>) -> Result<Expectations, Trouble> {
    let Some(path) = path else { return Ok(Expectations::default()) };
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| Trouble::file(format!("cannot read {shown}"), error))?;
    Expectations::parse(&text).map_err(|error| Trouble::Usage(format!("{shown}: {}", chain(&error))))
}

impl From<ProtocolChoice> for Protocol {
    fn from(choice: ProtocolChoice) -> Self {
        match choice {
            ProtocolChoice::Json => Protocol::Json,
            ProtocolChoice::Query => Protocol::Query,
        }
    }
}
