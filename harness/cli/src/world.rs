//! Which world the flags ask for, opened as far as can be done before the first case.
//!
//! | Function | What it does |
//! |---|---|
//! | [`open`], [`open_with`] | makes a backend of flags and environment |
//! | [`World::probe`] | one request, to find out whether anybody answers |

mod environment;

use crate::arguments::{BackendName, ClockName, ProfileName, ReferenceArguments, TransportName, WorldArguments};
use crate::exit::Trouble;
use environment::{FIRST_KEYS, SECOND_KEYS, region};
use proofmark_backend::{
    Backend, Clock, ClockKind, Credentials, EndpointOptions, Freedom, Latency, Profile, Raw, RawError,
    ReferenceOptions, Signing, Transport, WallClock, chain,
};
use proofmark_record::{Subject, redact};
use std::time::Duration;

/// How long a target may take to answer at all.
const PROBE: Duration = Duration::from_secs(10);

/// A world that cases can run on, and how to ask for it again.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) backend: Backend,
    /// What the record says about it.
    pub(crate) subject: Subject,
    /// The flags that ask for it again, without secrets.
    pub(crate) flags: Vec<String>,
}

/// Makes a backend of flags and environment. Nothing is called yet, except STS for AWS.
///
/// # Errors
/// Wrong usage, or a target that may not be used.
pub(crate) fn open(world: &WorldArguments, reference: &ReferenceArguments) -> Result<World, Trouble> {
    open_with(world, reference, Vec::new())
}

/// The same; requests to a reference take so long.
///
/// # Errors
/// The same.
pub(crate) fn open_with(
    world: &WorldArguments,
    reference: &ReferenceArguments,
    latencies: Vec<Latency>,
) -> Result<World, Trouble> {
    match (&world.endpoint, world.backend) {
        (Some(url), _) => {
            refuse_reference_flags(reference)?;
            endpoint(url, world)
        }
        (None, Some(BackendName::Aws)) => {
            refuse_reference_flags(reference)?;
            aws(world)
        }
        (None, Some(BackendName::Reference) | None) => Ok(self::reference(reference, latencies)),
    }
}

fn refuse_reference_flags(reference: &ReferenceArguments) -> Result<(), Trouble> {
    let set = [
        ("--transport", reference.transport.is_some()),
        ("--clock", reference.clock.is_some()),
        ("--profile", reference.profile.is_some()),
        ("--adversarial", reference.adversarial),
    ];
    match set.into_iter().find(|(_, set)| *set) {
        Some((flag, _)) => Err(Trouble::Usage(format!("{flag} is about the reference; leave it out for this target"))),
        None => Ok(()),
    }
}

fn reference(arguments: &ReferenceArguments, latencies: Vec<Latency>) -> World {
    let transport = arguments.transport.unwrap_or(TransportName::InProcess);
    let clock = arguments.clock.unwrap_or(ClockName::Virtual);
    let profile = arguments.profile.unwrap_or(ProfileName::Today);
    let options = ReferenceOptions {
        transport: transport.into(),
        clock: clock.into(),
        profile: profile.into(),
        freedom: freedom(arguments.adversarial),
        latencies,
        ..ReferenceOptions::default()
    };
    let chosen = [
        ("--transport", (transport != TransportName::InProcess).then(|| name(transport))),
        ("--clock", (clock != ClockName::Virtual).then(|| name(clock))),
        ("--profile", (profile != ProfileName::Today).then(|| name(profile))),
    ];
    let mut flags: Vec<String> =
        chosen.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value?])).flatten().collect();
    flags.extend(arguments.adversarial.then(|| "--adversarial".to_owned()));
    let subject = Subject {
        backend: "reference".to_owned(),
        label: None,
        clock: name(clock),
        transport: name(transport),
        profile: Some(name(profile)),
        freedom: arguments.adversarial,
    };
    World { backend: Backend::reference(options), subject, flags }
}

/// What the services do of what they may.
pub(crate) fn freedom(adversarial: bool) -> Freedom {
    if adversarial { Freedom::adversarial() } else { Freedom::default() }
}

/// The name that people write for a value.
pub(crate) fn name(value: impl clap::ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn endpoint(url: &str, arguments: &WorldArguments) -> Result<World, Trouble> {
    let region = region(arguments.region.as_deref());
    let second_account = match arguments.second_account {
        true => Some(SECOND_KEYS.read()?.ok_or_else(|| Trouble::Usage(SECOND_KEYS.missing()))?),
        false => None,
    };
    let options = EndpointOptions {
        region: region.clone(),
        credentials: FIRST_KEYS.read()?.unwrap_or_else(|| Credentials::new("test", "test")),
        second_account,
        strict_signatures: arguments.strict_signatures,
        ..EndpointOptions::new(url)
    };
    let mut flags = vec!["--endpoint".to_owned(), redact::user_info(url), "--region".to_owned(), region];
    flags.extend(arguments.second_account.then(|| "--second-account".to_owned()));
    flags.extend(arguments.strict_signatures.then(|| "--strict-signatures".to_owned()));
    Ok(World { backend: Backend::endpoint(options), subject: remote("endpoint"), flags })
}

fn remote(backend: &str) -> Subject {
    Subject {
        backend: backend.to_owned(),
        label: None,
        clock: name(ClockName::Wall),
        transport: name(TransportName::Tcp),
        profile: None,
        freedom: false,
    }
}

#[cfg(not(feature = "aws"))]
fn aws(_: &WorldArguments) -> Result<World, Trouble> {
    let how = "cargo install --path harness/cli --features aws";
    Err(Trouble::Usage(format!("this build has neither TLS nor a credentials chain; build one that has: {how}")))
}

#[cfg(feature = "aws")]
fn aws(arguments: &WorldArguments) -> Result<World, Trouble> {
    use proofmark_backend::aws::{ACCOUNTS_VARIABLE, Accounts, AwsOptions};
    let accounts = match &arguments.accounts {
        Some(path) => {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|error| Trouble::file(format!("cannot read {}", path.display()), error))?;
            Accounts::from_toml(&text)
        }
        None => Accounts::from_list(&environment::variable(ACCOUNTS_VARIABLE).unwrap_or_default()),
    };
    let options = AwsOptions {
        region: arguments.region.clone(),
        profile: arguments.aws_profile.clone(),
        second_profile: arguments.second_aws_profile.clone(),
        credentials: None,
        accounts: accounts.map_err(|error| Trouble::Usage(chain(&error)))?,
        endpoint: None,
    };
    let backend = runtime()?.block_on(Backend::aws(&options)).map_err(|error| Trouble::Target(chain(&error)))?;
    let file = arguments.accounts.as_ref().map(|path| path.display().to_string());
    let valued = [
        ("--accounts", &file),
        ("--region", &arguments.region),
        ("--aws-profile", &arguments.aws_profile),
        ("--second-aws-profile", &arguments.second_aws_profile),
    ];
    let valued = valued.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value.clone()?])).flatten();
    let flags = ["--backend", "aws"].map(str::to_owned).into_iter().chain(valued).collect();
    // A run that only looks like one on AWS must not be taken for one.
    let label = backend.instead_of_aws().map(|url| format!("{}, in the place of AWS", redact::user_info(url)));
    Ok(World { backend, subject: Subject { label, ..remote("aws") }, flags })
}

impl World {
    /// Whether waiting takes real time.
    pub(crate) fn is_on_wall_clock(&self) -> bool {
        self.subject.clock == name(ClockName::Wall)
    }

    /// Whether it is somebody else's, so that it may be away, and what is left in it stays.
    pub(crate) fn is_remote(&self) -> bool {
        self.subject.backend != "reference"
    }

    /// Sends one request, to find out whether anybody answers. Any answer will do.
    ///
    /// # Errors
    /// Wrong usage if nothing can be sent there; the target does not answer, with what to try.
    pub(crate) fn probe(&self) -> Result<(), Trouble> {
        if self.is_remote() { runtime()?.block_on(self.knock()) } else { Ok(()) }
    }

    async fn knock(&self) -> Result<(), Trouble> {
        let target = self.backend.open(0).await.map_err(|error| Trouble::Usage(chain(&error)))?;
        let answered = tokio::select! {
            answered = ask(target.raw()) => answered.map_err(|error| chain(&error)),
            () = WallClock::new().sleep(PROBE) => Err(format!("no answer within {} s", PROBE.as_secs())),
        };
        answered.map_err(|why| Trouble::Target(self.silent(&why)))
    }

    fn silent(&self, why: &str) -> String {
        let place = self.flags.get(1).map_or("the target", String::as_str);
        format!("{place} does not answer ({why}); see that the server runs and that scheme, host and port are right")
    }
}

async fn ask(raw: Raw) -> Result<(), RawError> {
    let request = raw.sign(raw.json("ListQueues", "{}")?, &Signing::default()).await?;
    raw.send(request).await.map(drop)
}

/// A runtime for what is done before and after the cases.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Trouble::Bug(format!("no runtime: {error}")))
}

impl From<TransportName> for Transport {
    fn from(name: TransportName) -> Self {
        match name {
            TransportName::InProcess => Transport::InProcess,
            TransportName::Tcp => Transport::Tcp,
        }
    }
}

impl From<ClockName> for ClockKind {
    fn from(name: ClockName) -> Self {
        match name {
            ClockName::Wall => ClockKind::Wall,
            ClockName::Virtual => ClockKind::Virtual,
        }
    }
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::September2021 => Profile::September2021,
            ProfileName::Today => Profile::Today,
        }
    }
}
