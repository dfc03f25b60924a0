//! One world opened for one case.

use crate::meter::Exhausted;
use crate::query::QueryConnector;
use crate::raw::Raw;
use crate::tape::{Tape, Taped};
use crate::transport::{FixedClient, Metered};
use crate::{Capabilities, Identity, Meter, Subscriber};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_types::SdkConfig;
use aws_types::sdk_config::{RetryConfig, SharedTimeSource, StalledStreamProtectionConfig};
use proofmark_reference::clock::{Clock, SdkTime};
use proofmark_reference::{DriveError, Protocol, Reference};
use std::future::Future;
use std::sync::Arc;

/// A world with everything that a case needs to talk to it. Each case gets its own.
#[derive(Debug)]
pub struct Target {
    parts: Parts,
    connector: SharedHttpConnector,
    tape: Tape,
    meter: Meter,
}

/// What a backend knows about the world it opened.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) connector: SharedHttpConnector,
    pub(crate) clock: Arc<dyn Clock>,
    /// The reference whose virtual clock leaps when everybody waits.
    pub(crate) reference: Option<Reference>,
    /// Whether it is called without a socket.
    pub(crate) in_process: bool,
    pub(crate) region: String,
    /// Where the SDK sends requests to, if not to AWS's own address.
    pub(crate) endpoint: Option<String>,
    pub(crate) identities: Vec<(Identity, SharedCredentialsProvider)>,
    pub(crate) capabilities: Capabilities,
    /// Whether the world is gone with this value, so that nothing needs to be cleaned up.
    pub(crate) ephemeral: bool,
    pub(crate) server: Option<proofmark_reference::server::ServerHandle>,
    /// How often clients try; the SDK's default if absent.
    pub(crate) attempts: Option<u32>,
}

impl Parts {
    fn retries(&self) -> RetryConfig {
        match self.attempts {
            None => RetryConfig::standard(),
            Some(0 | 1) => RetryConfig::disabled(),
            Some(attempts) => RetryConfig::standard().with_max_attempts(attempts),
        }
    }
}

impl Target {
    pub(crate) fn new(parts: Parts) -> Self {
        let tape = Tape::default();
        let meter = Meter::default();
        let connector = taped(&parts, &tape, meter.clone());
        Target { connector, parts, tape, meter }
    }

    /// Counts the requests of all clients made from now on with `meter`, which may refuse them.
    #[must_use]
    pub fn metered(mut self, meter: Meter) -> Self {
        self.connector = taped(&self.parts, &self.tape, meter.clone());
        self.meter = meter;
        self
    }

    /// Counts the requests of all clients made from now on with `meter`, and keeps no tape of them: for load.
    #[must_use]
    pub fn untaped(mut self, meter: Meter) -> Self {
        let inner = self.parts.connector.clone();
        self.connector = SharedHttpConnector::new(Metered { inner, meter: meter.clone() });
        self.meter = meter;
        self
    }

    /// The count of requests.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// From now on clients try a request so often, a first time included, when it fails for a passing reason.
    #[must_use]
    pub fn attempting(mut self, attempts: u32) -> Self {
        self.parts.attempts = Some(attempts);
        self
    }

    /// Sets requests aside for deleting what is about to be created.
    ///
    /// # Errors
    /// [`Exhausted`] if fewer are left; then the tape counts as refused.
    pub fn set_aside(&self, requests: u64) -> Result<(), Exhausted> {
        self.meter.set_aside(requests).inspect_err(|_| self.tape.refuse())
    }

    /// Ends setting so many requests aside.
    pub fn release(&self, requests: u64) {
        self.meter.release(requests);
    }

    /// From now on clients delete what was created; the budget has set their requests aside, and refuses none.
    #[must_use]
    pub fn cleaning(self) -> Self {
        let meter = self.meter.cleaning();
        self.metered(meter)
    }

    /// An SQS client of the first account that speaks `protocol`.
    #[must_use]
    pub fn sqs(&self, protocol: Protocol) -> aws_sdk_sqs::Client {
        let first = &self.parts.identities[0].1;
        aws_sdk_sqs::Client::new(&self.sdk_config(first, protocol))
    }

    /// An SQS client of another identity; `None` if this world does not have it.
    #[must_use]
    pub fn sqs_for(&self, identity: Identity, protocol: Protocol) -> Option<aws_sdk_sqs::Client> {
        let (_, credentials) = self.parts.identities.iter().find(|(known, _)| *known == identity)?;
        Some(aws_sdk_sqs::Client::new(&self.sdk_config(credentials, protocol)))
    }

    /// An SNS client of the first account.
    #[must_use]
    pub fn sns(&self) -> aws_sdk_sns::Client {
        let first = &self.parts.identities[0].1;
        aws_sdk_sns::Client::new(&self.sdk_config(first, Protocol::Json))
    }

    /// An SNS client of another identity; `None` if this world does not have it.
    #[must_use]
    pub fn sns_for(&self, identity: Identity) -> Option<aws_sdk_sns::Client> {
        let (_, credentials) = self.parts.identities.iter().find(|(known, _)| *known == identity)?;
        Some(aws_sdk_sns::Client::new(&self.sdk_config(credentials, Protocol::Json)))
    }

    fn sdk_config(&self, credentials: &SharedCredentialsProvider, protocol: Protocol) -> SdkConfig {
        let time = SdkTime::new(self.clock());
        let mut builder = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_types::region::Region::new(self.parts.region.clone()))
            .credentials_provider(credentials.clone())
            .http_client(FixedClient(self.connector_for(credentials, protocol)))
            .time_source(time.clone())
            .sleep_impl(time)
            .retry_config(self.parts.retries())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        builder.set_endpoint_url(self.parts.endpoint.clone());
        builder.build()
    }

    fn connector_for(&self, credentials: &SharedCredentialsProvider, protocol: Protocol) -> SharedHttpConnector {
        match protocol {
            Protocol::Json => self.connector.clone(),
            Protocol::Query => SharedHttpConnector::new(QueryConnector {
                inner: self.connector.clone(),
                credentials: credentials.clone(),
                region: self.parts.region.clone(),
                service: "sqs",
                time: self.time(),
            }),
        }
    }

    fn time(&self) -> SharedTimeSource {
        SharedTimeSource::new(SdkTime::new(self.clock()))
    }

    /// A client for requests that no SDK would send.
    #[must_use]
    pub fn raw(&self) -> Raw {
        let region = &self.parts.region;
        let endpoint = self.parts.endpoint.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        Raw {
            connector: self.connector.clone(),
            service: "sqs",
            endpoint: endpoint.unwrap_or_else(|| format!("https://sqs.{region}.amazonaws.com")),
            region: region.clone(),
            identities: self.parts.identities.clone(),
            time: self.time(),
        }
    }

    /// An HTTP subscriber that this world can reach. `name` tells it from others of the same world.
    ///
    /// # Errors
    /// If no port can be listened on.
    pub async fn subscriber(&self, name: &str) -> std::io::Result<Subscriber> {
        match &self.parts.reference {
            Some(reference) if self.parts.in_process => {
                Ok(Subscriber::in_process(reference, self.clock(), "http", name))
            }
            _ => Subscriber::on_loopback(self.clock()).await,
        }
    }

    /// The same over `https`; `None` if this world trusts no certificate that a subscriber here could have. The
    /// reference asks for none of a function of its own process.
    #[must_use]
    pub fn https_subscriber(&self, name: &str) -> Option<Subscriber> {
        let reference = self.parts.reference.as_ref()?;
        Some(Subscriber::in_process(reference, self.clock(), "https", name))
    }

    /// The reference itself, for what no AWS API shows; `None` on every other world.
    #[must_use]
    pub fn insight(&self) -> Option<&Reference> {
        self.parts.reference.as_ref()
    }

    /// The clock that this world lives on.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.parts.clock.clone()
    }

    /// The Region that the clients are configured for.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.parts.region
    }

    /// Runs `future` to its end; on a virtual clock, time leaps at most `steps` times when everybody waits.
    ///
    /// # Errors
    /// [`DriveError`] if nothing can ever wake the future, or the steps are used up.
    pub async fn drive<F: Future>(&self, future: F, steps: u64) -> Result<F::Output, DriveError> {
        match &self.parts.reference {
            Some(reference) => reference.drive_for(future, steps).await,
            None => Ok(future.await),
        }
    }

    /// What this world can do.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.parts.capabilities
    }

    /// Whether the world goes away with this value, so that nothing needs to be cleaned up.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        self.parts.ephemeral
    }

    /// What went over the wire so far.
    #[must_use]
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Closes what was opened for this case: an embedded server answers what it accepted, then ends.
    pub async fn close(self) {
        if let Some(server) = self.parts.server {
            server.shutdown().await;
        }
    }
}

fn taped(parts: &Parts, tape: &Tape, meter: Meter) -> SharedHttpConnector {
    SharedHttpConnector::new(Taped { inner: parts.connector.clone(), tape: tape.clone(), meter })
}
