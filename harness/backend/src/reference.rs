//! The reference as a backend: a fresh world for every case, in process or behind a port of its own.

use crate::target::Parts;
use crate::transport::{Counted, plain_tcp};
use crate::{Capabilities, Capability, Credentials, Identity, OpenError, Target};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use proofmark_reference::server::{Counting, Server, ServerHandle};
use proofmark_reference::{
    AccountId, Builder, ClockKind, Fault, Freedom, IdlePolicy, KmsKey, Latency, Profile, Reference, Timestamp,
};

/// How requests reach the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Without a socket.
    #[default]
    InProcess,
    /// Over TCP, to an embedded server on the loopback interface.
    Tcp,
}

/// What kind of reference a case gets.
#[derive(Clone, Debug)]
pub struct ReferenceOptions {
    /// How requests reach it.
    pub transport: Transport,
    /// Which clock it is on.
    pub clock: ClockKind,
    /// Mixed into every case's seed.
    pub seed: u64,
    /// Which date's limits are in force.
    pub profile: Profile,
    /// What the services may do.
    pub freedom: Freedom,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// How long requests take.
    pub latencies: Vec<Latency>,
    /// Whether quotas of calls per second are enforced.
    pub quotas: bool,
    /// The KMS keys that exist, by id, alias or ARN.
    pub kms_keys: Vec<(String, KmsKey)>,
}

impl Default for ReferenceOptions {
    /// In process, on a virtual clock, with today's limits and quotas, no freedom and no faults.
    fn default() -> Self {
        ReferenceOptions {
            transport: Transport::InProcess,
            clock: ClockKind::Virtual,
            seed: 0,
            profile: Profile::Today,
            freedom: Freedom::default(),
            faults: Vec::new(),
            latencies: Vec::new(),
            quotas: true,
            kms_keys: Vec::new(),
        }
    }
}

const REGION: &str = "us-east-1";
const FIRST_ACCOUNT: &str = "111122223333";
const SECOND_ACCOUNT: &str = "444455556666";

impl ReferenceOptions {
    pub(crate) fn capabilities(&self) -> Capabilities {
        Capabilities::default()
            .with(Capability::SecondAccount)
            .with(Capability::StrictSignatures)
            .with(Capability::SessionCredentials)
            .with(Capability::HttpSubscriber)
            .with(Capability::HttpsSubscriber)
            .with(Capability::Insight)
            .with_if(Capability::VirtualTime, self.clock == ClockKind::Virtual)
            .with_if(Capability::Quotas, self.quotas)
    }

    pub(crate) async fn open(&self, case_seed: u64) -> Result<Target, OpenError> {
        let reference = self.build(self.seed ^ case_seed);
        let (connector, server) = match self.transport {
            Transport::InProcess => (SharedHttpConnector::new(reference.connector()), None),
            Transport::Tcp => {
                let server = embedded_server(&reference).await?;
                let counted = Counted { inner: plain_tcp(), activity: reference.activity().clone() };
                (SharedHttpConnector::new(counted), Some(server))
            }
        };
        Ok(Target::new(Parts {
            connector,
            clock: reference.clock(),
            reference: Some(reference),
            in_process: self.transport == Transport::InProcess,
            region: REGION.to_owned(),
            endpoint: server.as_ref().map(ServerHandle::url),
            identities: KEYS.iter().map(|keys| (keys.identity, keys.credentials().provider())).collect(),
            capabilities: self.capabilities(),
            ephemeral: true,
            server,
            attempts: None,
        }))
    }

    fn build(&self, seed: u64) -> Reference {
        let builder = match self.clock {
            ClockKind::Virtual => Reference::builder().virtual_clock(),
            ClockKind::Wall => Reference::builder().wall_clock(),
        };
        let with_keys =
            |builder: Builder| self.kms_keys.iter().fold(builder, |builder, (key, state)| builder.kms_key(key, *state));
        with_keys(builder)
            .seed(seed)
            .profile(self.profile)
            .freedom(self.freedom.clone())
            .faults(self.faults.clone())
            .latencies(self.latencies.clone())
            .quotas(self.quotas)
            .credentials(KEYS.iter().filter_map(Keys::known).collect())
            .idle(IdlePolicy::Hold)
            .build()
    }
}

async fn embedded_server(reference: &Reference) -> Result<ServerHandle, OpenError> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.map_err(OpenError::Listen)?;
    Server::new(reference.clone()).counting(Counting::ByClient).serve(listener).map_err(OpenError::Listen)
}

/// Credentials of a world that is gone after the case. They open nothing else.
struct Keys {
    identity: Identity,
    access_key: &'static str,
    account: &'static str,
    token: Option<&'static str>,
    expires: Option<Timestamp>,
}

const KEYS: [Keys; 4] = [
    keys(Identity::First, "AKIAPROOFMARKFIRST00", FIRST_ACCOUNT),
    keys(Identity::Second, "AKIAPROOFMARKSECOND0", SECOND_ACCOUNT),
    Keys { token: Some("session"), ..keys(Identity::Session, "ASIAPROOFMARKSESSION", FIRST_ACCOUNT) },
    Keys {
        token: Some("expired"),
        expires: Some(Timestamp::EPOCH),
        ..keys(Identity::Expired, "ASIAPROOFMARKEXPIRED", FIRST_ACCOUNT)
    },
];

const fn keys(identity: Identity, access_key: &'static str, account: &'static str) -> Keys {
    Keys { identity, access_key, account, token: None, expires: None }
}

impl Keys {
    fn credentials(&self) -> Credentials {
        let credentials = Credentials::new(self.access_key, "proofmark");
        Credentials { session_token: self.token.map(str::to_owned), ..credentials }
    }

    fn known(&self) -> Option<proofmark_reference::Credentials> {
        let Credentials { access_key, secret, session_token } = self.credentials();
        let account = AccountId::parse(self.account)?;
        Some(proofmark_reference::Credentials { access_key, secret, session_token, account, expires: self.expires })
    }
}
