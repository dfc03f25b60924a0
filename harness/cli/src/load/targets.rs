//! The targets that the flags ask for, and the latencies of a reference.

use super::arguments::CommonArguments;
use crate::arguments::{BackendName, ClockName, ReferenceArguments, WorldArguments};
use crate::exit::Trouble;
use crate::world::{self, World};
use proofmark_backend::budget::{Budget, Prices};
use proofmark_backend::ledger::Ledger;
use proofmark_backend::{Backend, ClockKind, Distribution, Latency, Recorded, chain};
use proofmark_load::{Subject, plan};
use proofmark_record::load::{self, Kind, LoadedRun, Tag};
use proofmark_record::redact;
use std::num::NonZeroU32;
use std::path::Path;

/// The ledger's name in a run's directory.
const LEDGER: &str = "ledger.jsonl";

/// A target, opened as far as can be done before anything is sent.
pub(super) struct Target {
    pub(super) label: String,
    world: World,
}

/// Opens every target that is asked for: the reference if nothing is.
///
/// # Errors
/// Wrong usage, or a target that may not be used.
pub(super) fn open(arguments: &CommonArguments) -> Result<Vec<Target>, Trouble> {
    let latencies = arguments.latency.iter().map(|text| latency(text)).collect::<Result<Vec<_>, _>>()?;
    let mut targets = Vec::new();
    let nothing_said = arguments.backend.is_empty() && arguments.endpoint.is_empty();
    // Flags about the reference ask for one, too.
    let asked = nothing_said || !arguments.backend.contains(&BackendName::Reference) && is_about(&arguments.reference);
    let reference = asked.then_some(&BackendName::Reference);
    for name in reference.into_iter().chain(&arguments.backend) {
        let opened =
            world::open_with(&named(*name, arguments), &reference_arguments(*name, arguments), latencies.clone())?;
        targets.push(Target { label: world::name(*name), world: opened });
    }
    for text in &arguments.endpoint {
        targets.push(endpoint(text, arguments)?);
    }
    if !latencies.is_empty() && targets.iter().all(|target| target.world.is_remote()) {
        return Err(Trouble::Usage(
            "--latency is about the reference; add --backend reference, or leave it out".to_owned(),
        ));
    }
    distinct(targets)
}

fn is_about(reference: &ReferenceArguments) -> bool {
    reference.transport.is_some() || reference.clock.is_some() || reference.profile.is_some() || reference.adversarial
}

fn named(name: BackendName, arguments: &CommonArguments) -> WorldArguments {
    WorldArguments { backend: Some(name), ..world_arguments(arguments) }
}

fn world_arguments(arguments: &CommonArguments) -> WorldArguments {
    WorldArguments {
        region: arguments.region.clone(),
        accounts: arguments.accounts.clone(),
        aws_profile: arguments.aws_profile.clone(),
        ..WorldArguments::default()
    }
}

/// Load is about real time unless a virtual clock is asked for.
fn reference_arguments(name: BackendName, arguments: &CommonArguments) -> ReferenceArguments {
    match name {
        BackendName::Aws => ReferenceArguments::default(),
        BackendName::Reference => {
            let clock = arguments.reference.clock.unwrap_or(ClockName::Wall);
            ReferenceArguments { clock: Some(clock), ..arguments.reference.clone() }
        }
    }
}

fn endpoint(text: &str, arguments: &CommonArguments) -> Result<Target, Trouble> {
    let named = text.split_once('=').filter(|(name, _)| !name.contains(['/', ':']));
    let url = named.map_or(text, |(_, url)| url);
    let host = redact::user_info(url);
    let host = host.split_once("://").map_or(host.as_str(), |(_, rest)| rest).trim_end_matches('/').to_owned();
    let wanted = WorldArguments { endpoint: Some(url.to_owned()), ..world_arguments(arguments) };
    let mut world = world::open(&wanted, &ReferenceArguments::default())?;
    world.subject.label = Some(host.clone());
    Ok(Target { label: named.map_or(host, |(name, _)| name.to_owned()), world })
}

/// Labels name directories, so no two may be the same, and none may be a path.
fn distinct(targets: Vec<Target>) -> Result<Vec<Target>, Trouble> {
    let mut seen = std::collections::BTreeSet::new();
    let targets: Vec<Target> =
        targets.into_iter().map(|target| Target { label: directory_name(&target.label), ..target }).collect();
    match targets.iter().find(|target| !seen.insert(target.label.clone())) {
        None => Ok(targets),
        Some(target) => {
            let advice = "give endpoints names: --endpoint one=http://... --endpoint two=http://...";
            Err(Trouble::Usage(format!("two targets are called `{}`; {advice}", target.label)))
        }
    }
}

fn directory_name(label: &str) -> String {
    label
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '-' })
        .collect()
}

impl Target {
    /// A target that answers at once.
    pub(super) fn null() -> Self {
        let subject = proofmark_record::Subject {
            backend: "null".to_owned(),
            label: None,
            clock: "wall".to_owned(),
            transport: "in-process".to_owned(),
            profile: None,
            freedom: false,
        };
        Target { label: "null".to_owned(), world: World { backend: Backend::null(), subject, flags: Vec::new() } }
    }

    /// Whether time is virtual.
    pub(super) fn is_virtual(&self) -> bool {
        !self.world.is_on_wall_clock()
    }

    /// Whether what is created there must be written down.
    pub(super) fn needs_record(&self) -> bool {
        self.world.is_remote() && self.world.subject.backend != "null"
    }

    /// Whether it answers at all.
    ///
    /// # Errors
    /// If it does not, with what to try.
    pub(super) fn knock(&self) -> Result<(), Trouble> {
        if self.world.subject.backend == "null" { Ok(()) } else { self.world.probe() }
    }

    /// What a run is put on, with its record and its ledger in `directory`.
    ///
    /// # Errors
    /// If the ledger cannot be opened; then nothing may be created.
    pub(super) fn subject(&self, arguments: &CommonArguments, directory: Option<&Path>) -> Result<Subject, Trouble> {
        let prices = (self.world.subject.backend == "aws").then(Prices::default);
        let budget = Budget { requests: arguments.max_requests, micros: arguments.budget };
        Ok(Subject {
            label: self.label.clone(),
            backend: self.world.backend.clone(),
            clock: if self.is_virtual() { ClockKind::Virtual } else { ClockKind::Wall },
            described: self.described(arguments),
            directory: directory.map(Path::to_owned),
            ledger: self.ledger(directory)?,
            meter: budget.meter(&Prices::default()),
            prices,
        })
    }

    /// What the record says about it.
    pub(super) fn described(&self, arguments: &CommonArguments) -> load::Subject {
        let subject = &self.world.subject;
        let model = arguments.latency.join(" ");
        load::Subject {
            backend: subject.backend.clone(),
            transport: subject.transport.clone(),
            clock: subject.clock.clone(),
            endpoint: subject.label.clone(),
            region: arguments.region.clone(),
            profile: subject.profile.clone(),
            latency_model: (!self.world.is_remote() && !model.is_empty()).then_some(model),
        }
    }

    fn ledger(&self, directory: Option<&Path>) -> Result<Ledger, Trouble> {
        if !self.needs_record() {
            return Ok(Ledger::default());
        }
        let Some(directory) = directory else {
            let why = "what is created on somebody else's machine is written down first";
            return Err(Trouble::Usage(format!("--no-record is for the reference only: {why}")));
        };
        let path = directory.join(LEDGER);
        let opened = std::fs::create_dir_all(directory).and_then(|()| Ledger::append_to(&path));
        opened.map_err(|error| {
            Trouble::file(format!("cannot open the ledger {}; choose another --out", path.display()), error)
        })
    }
}

/// Reads `OPERATION=DISTRIBUTION[@SERVERS]`.
fn latency(text: &str) -> Result<Latency, Trouble> {
    let wrong = |why: &str| Trouble::Usage(format!("`{text}` is no latency: {why}"));
    let (operation, model) = text.split_once('=').ok_or_else(|| wrong("write OPERATION=DISTRIBUTION"))?;
    let (model, servers) = match model.rsplit_once('@') {
        None => (model, None),
        Some((model, servers)) => {
            let servers: NonZeroU32 = servers.parse().map_err(|_| wrong("servers are a whole number above 0"))?;
            (model, Some(servers))
        }
    };
    let nanoseconds = match model.strip_prefix("recorded:") {
        Some(run) => recorded(Path::new(run), operation)?,
        None => Distribution::parse(model, |number| u64::try_from(plan::duration(number).ok()?.as_nanos()).ok())
            .map_err(|error| wrong(&format!("{error}, with units such as 5ms")))?,
    };
    let named = |part: &str| (!part.is_empty() && part != "*").then(|| part.to_owned());
    let (service, operation) = operation.split_once('.').unwrap_or((operation, "*"));
    Ok(Latency { service: named(service), operation: named(operation), nanoseconds, servers })
}

/// The service times of an operation, as a run recorded them.
fn recorded(run: &Path, operation: &str) -> Result<Distribution, Trouble> {
    let loaded = LoadedRun::read(run)?;
    let total = loaded.total(&Tag::new(operation, Kind::Service));
    let counts: Vec<(u64, u64)> =
        total.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value())).collect();
    let recorded = Recorded::try_from(counts).map_err(|_| {
        let known: Vec<_> = loaded.run.operations.iter().map(|summary| summary.operation.as_str()).collect();
        Trouble::Usage(format!("{} has no service times of `{operation}`; it has {}", run.display(), known.join(", ")))
    })?;
    Ok(Distribution::Recorded(recorded))
}

/// What went wrong with a load, as a mistake of whoever it is.
pub(super) fn trouble(error: &proofmark_load::LoadError) -> Trouble {
    use proofmark_load::LoadError;
    let text = chain(error);
    match error {
        LoadError::Open { .. } | LoadError::NothingArrives { .. } => Trouble::Target(text),
        LoadError::Trouble(proofmark_load::Trouble::Parameter(_)) => Trouble::Usage(text),
        LoadError::Trouble(_) => Trouble::Target(text),
        LoadError::Write(_) => Trouble::Usage(text),
        LoadError::Runtime(_) | LoadError::Drive(_) => Trouble::Bug(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Latency {
        latency(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn latencies_are_read_with_units() {
        let all = read("*=fixed:5ms");
        assert_eq!((all.service, all.operation, all.nanoseconds), (None, None, Distribution::Fixed(5_000_000)));
        let one = read("sqs.SendMessage=lognormal:12ms,0.4@8");
        assert_eq!((one.service.as_deref(), one.operation.as_deref()), (Some("sqs"), Some("SendMessage")));
        assert_eq!(one.servers.map(NonZeroU32::get), Some(8));
        assert_eq!(read("sqs=1ms").service.as_deref(), Some("sqs"));
        for wrong in ["", "sqs", "sqs=", "sqs=5", "sqs=fixed:5ms@0", "sqs=wobbly:5ms", "*=recorded:nowhere"] {
            assert!(latency(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_label_names_a_directory() {
        assert_eq!(directory_name("localhost:4566"), "localhost-4566");
        assert_eq!(directory_name("../x"), "..-x");
    }
}
