//! [`Reference`], the door of this crate, and how one is built.

use crate::activity::Activity;
use crate::caller::{DEFAULT_REGION, Known, ensure_host, identify};
use crate::clock::{Clock, SdkTime, VirtualClock, WallClock};
use crate::core::{Asked, Core, Outcome, Time};
use crate::drive::{DEFAULT_STEPS, DriveError, drive};
use crate::idle::{Idle, ReferenceClock, watched};
use crate::posts::{NoCertificate, Sender, Trust};
use crate::{Credentials, IdlePolicy, ReferenceConnector, Reply};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::date_time::{DateTime, Format};
use aws_types::SdkConfig;
use aws_types::sdk_config::{RetryConfig, StalledStreamProtectionConfig};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderValue};
use proofmark_wire::Exchange;
use proofmark_world::deliver::outside::Post;
use proofmark_world::error::common;
use proofmark_world::seen::Seen;
use proofmark_world::{
    AccountId, ApiError, Config, Fault, Freedom, KmsKey, Latency, Outage, Profile, Region, Request, Timestamp, Uuid,
    World, sns,
};
use serde::Serialize;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// AWS messaging in process. Clones are the same world.
///
/// On a virtual clock, waiting costs nothing: a long poll, a visibility timeout or fourteen days of retention
/// pass as soon as everybody waits for them, or when you [advance](Reference::advance) the clock.
///
/// ```
/// use aws_sdk_sqs::Client;
/// use proofmark_reference::Reference;
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let reference = Reference::builder().virtual_clock().build();
/// let sqs = Client::new(&reference.sdk_config());
///
/// let queue = sqs.create_queue().queue_name("orders").send().await?;
/// let queue = queue.queue_url().ok_or("a queue has a URL")?;
/// sqs.send_message().queue_url(queue).message_body("one coffee").send().await?;
///
/// let receive = || sqs.receive_message().queue_url(queue).send();
/// assert_eq!(receive().await?.messages().len(), 1);
/// assert_eq!(receive().await?.messages().len(), 0, "it is in flight");
///
/// reference.advance(Duration::from_secs(30)).await?; // the default visibility timeout
/// assert_eq!(receive().await?.messages().len(), 1, "nobody deleted it, so it is back");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Reference {
    core: Arc<Core>,
}

/// Which clock a reference is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockKind {
    /// Real time.
    Wall,
    /// Time that moves when it is told to, or when everybody waits.
    Virtual,
}

/// The clock is a wall clock; only time moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this reference is on the wall clock, which nobody can move; build it with `virtual_clock()` to advance it")]
pub struct NotVirtual;

/// A look at a running reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Which clock it is on.
    pub clock: ClockKind,
    /// Its time, in milliseconds since the epoch.
    pub now_milliseconds: u64,
    /// Requests under way.
    pub outstanding: usize,
    /// How many of them wait in the world.
    pub parked: usize,
}

impl Reference {
    /// Starts to describe a reference: virtual clock, seed 0, today's limits, no freedom, no faults, quotas on.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The clock that everything about this reference lives on.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(ReferenceClock(self.core.clone()))
    }

    /// Which kind of clock that is.
    #[must_use]
    pub fn clock_kind(&self) -> ClockKind {
        match self.core.time {
            Time::Wall(_) => ClockKind::Wall,
            Time::Virtual(_) => ClockKind::Virtual,
        }
    }

    /// Moves the virtual clock on by `duration`, one event after the other, each at its own instant.
    ///
    /// Between two events other tasks get their turn, so a task that sleeps and acts does so at the right time.
    ///
    /// # Errors
    /// [`NotVirtual`] on a wall clock.
    pub async fn advance(&self, duration: Duration) -> Result<Timestamp, NotVirtual> {
        self.advance_to(self.core.time.now() + duration).await
    }

    /// Moves the virtual clock to `target` like [`Reference::advance`]; does nothing if that is past.
    ///
    /// # Errors
    /// [`NotVirtual`] on a wall clock.
    pub async fn advance_to(&self, target: Timestamp) -> Result<Timestamp, NotVirtual> {
        let Time::Virtual(clock) = &self.core.time else { return Err(NotVirtual) };
        let _hold = self.core.idle.hold();
        self.settle().await;
        self.core.posts_done().await;
        while self.core.step(target).is_some() {
            self.settle().await;
            self.core.posts_done().await;
        }
        clock.advance_to(target);
        self.core.activity.touch();
        Ok(clock.now())
    }

    /// Lets tasks run that the last step has woken.
    async fn settle(&self) {
        loop {
            let before = self.core.activity.counts();
            for _ in 0..4 {
                tokio::task::yield_now().await;
            }
            if self.core.activity.counts() == before {
                return;
            }
        }
    }

    /// Runs `future` to its end. On a virtual clock time leaps whenever everybody waits, and only then.
    ///
    /// Exact and repeatable on a current-thread runtime. Run one at a time per reference; what shall happen
    /// together belongs into one future. On a wall clock this is the future itself.
    ///
    /// # Errors
    /// [`DriveError`] if nothing could ever wake the future, or time leapt ten million times.
    pub async fn drive<F: Future>(&self, future: F) -> Result<F::Output, DriveError> {
        self.drive_for(future, DEFAULT_STEPS).await
    }

    /// [`Reference::drive`] with another limit on the number of leaps.
    ///
    /// # Errors
    /// The same.
    pub async fn drive_for<F: Future>(&self, future: F, steps: u64) -> Result<F::Output, DriveError> {
        match self.clock_kind() {
            ClockKind::Wall => Ok(future.await),
            ClockKind::Virtual => drive(&self.core, future, steps).await,
        }
    }

    /// Everything an SDK client needs to talk to this reference: default account, `us-east-1`.
    ///
    /// HTTP client, time source, sleep and credentials are the reference's; retries are the SDK's standard ones.
    #[must_use]
    pub fn sdk_config(&self) -> SdkConfig {
        let account = self.known().and_then(<[_]>::first).map_or(AccountId::DEFAULT, |known| known.account);
        self.sdk_config_for(account, &Region::new(DEFAULT_REGION))
    }

    /// The same for a client of another account or Region.
    ///
    /// With a list of credentials, the account's entry in it signs; an account without one gets refused.
    #[must_use]
    pub fn sdk_config_for(&self, account: AccountId, region: &Region) -> SdkConfig {
        let time = SdkTime::new(self.clock());
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_types::region::Region::new(region.as_str().to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(self.credentials_of(account)))
            .http_client(self.connector())
            .time_source(time.clone())
            .sleep_impl(time)
            .retry_config(RetryConfig::standard())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build()
    }

    fn credentials_of(&self, account: AccountId) -> aws_credential_types::Credentials {
        let known = self.known().and_then(|known| known.iter().find(|known| known.account == account));
        let (key, secret) = known.map_or((account.as_str(), "secret"), |known| (&known.access_key, &known.secret));
        let token = known.and_then(|known| known.session_token.clone());
        aws_credential_types::Credentials::new(key, secret, token, None, "proofmark-reference")
    }

    fn known(&self) -> Option<&[Credentials]> {
        self.core.known.as_ref().map(Known::credentials)
    }

    /// The SDK's HTTP client with this reference at the other end.
    #[must_use]
    pub fn connector(&self) -> ReferenceConnector {
        ReferenceConnector::new(self.clone())
    }

    /// Answers one HTTP request: the one road that the connector and the server both take.
    ///
    /// A long poll answers when the world does. Dropping the future tells the world that the client went away.
    pub async fn call(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let _outstanding = self.core.activity.begin();
        self.answer(request).await
    }

    /// Answers a request that somebody else counts as outstanding.
    pub(crate) async fn answer(&self, mut request: http::Request<Bytes>) -> http::Response<Bytes> {
        ensure_host(&mut request);
        if request.method() == http::Method::GET && request.uri().path() == *sns::CERTIFICATE_PATH {
            return self.dated(certificate());
        }
        let exchange = Exchange::open(&request);
        let (id, outcome) = match self.understand(&exchange, &request) {
            Ok((caller, request)) => self.carry_out(&caller, request).await,
            Err(error) => (self.request_id(), Err(error)),
        };
        self.dated(exchange.reply(id, &outcome))
    }

    /// The response with the world's date: the SDK corrects the clock it signs by with it.
    fn dated(&self, mut response: http::Response<Bytes>) -> http::Response<Bytes> {
        let seconds = i64::try_from(self.core.time.now().as_seconds()).unwrap_or(i64::MAX);
        let date = DateTime::from_secs(seconds).fmt(Format::HttpDate).ok();
        if let Some(date) = date.and_then(|date| HeaderValue::from_str(&date).ok()) {
            response.headers_mut().insert(DATE, date);
        }
        response
    }

    fn understand(
        &self,
        exchange: &Exchange,
        request: &http::Request<Bytes>,
    ) -> Result<(proofmark_world::Caller, Request), ApiError> {
        let caller = identify(request, exchange, self.known(), self.core.time.now())?;
        Ok((caller, exchange.request(request)?))
    }

    async fn carry_out(&self, caller: &proofmark_world::Caller, request: Request) -> (Uuid, Outcome) {
        match self.core.ask(caller, request) {
            (id, Asked::Now(outcome)) => (id, outcome),
            (id, Asked::Later(mut parked)) => {
                let outcome = watched(&self.core, parked.result()).await;
                (id, outcome.unwrap_or_else(|| Err(discarded())))
            }
        }
    }

    /// Refuses a request that is not worth reading.
    pub(crate) fn refuse(&self, request: &http::Request<Bytes>, error: ApiError) -> http::Response<Bytes> {
        self.dated(Exchange::open(request).reply(self.request_id(), &Err(error)))
    }

    fn request_id(&self) -> Uuid {
        self.core.touch_world(|world, _| world.request_id())
    }

    /// Empties the world: queues, messages, counters and generator start anew. Waiting calls are answered first.
    pub fn reset(&self) {
        self.core.reset();
    }

    /// Ends every long poll now, with what it would answer if its time were up.
    pub fn end_waits(&self) {
        self.core.touch_world(|world, _| world.end_waits());
    }

    /// What the services may do at present.
    #[must_use]
    pub fn freedom(&self) -> Freedom {
        self.core.touch_world(|world, _| world.config().freedom.clone())
    }

    /// Changes what the services may do, from the next call on.
    pub fn set_freedom(&self, freedom: Freedom) {
        self.core.touch_world(|world, _| world.set_freedom(freedom));
    }

    /// What goes wrong at present.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.core.touch_world(|world, _| world.config().faults.clone())
    }

    /// Changes what goes wrong, from the next call on.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.core.touch_world(|world, _| world.set_faults(faults));
    }

    /// How long requests take at present.
    #[must_use]
    pub fn latencies(&self) -> Vec<Latency> {
        self.core.touch_world(|world, _| world.config().latencies.clone())
    }

    /// Changes how long requests take, from the next call on.
    pub fn set_latencies(&self, latencies: Vec<Latency>) {
        self.core.touch_world(|world, _| world.set_latencies(latencies));
    }

    /// Puts a KMS key into some state, and makes it if it is not there, by id, alias or ARN.
    pub fn set_kms_key(&self, key: &str, state: KmsKey) {
        self.core.touch_world(|world, _| world.set_kms_key(key, state));
    }

    /// Which endpoints are down at present.
    #[must_use]
    pub fn outages(&self) -> Vec<Outage> {
        self.core.touch_world(|world, _| world.config().outages.clone())
    }

    /// Changes which endpoints are down, from the next delivery on.
    pub fn set_outages(&self, outages: Vec<Outage>) {
        self.core.touch_world(|world, _| world.set_outages(outages));
    }

    /// Notes every delivery attempt from now on, or none, and forgets those noted so far.
    pub fn note_attempts(&self, noted: bool) {
        self.core.touch_world(|world, _| world.note_attempts(noted));
    }

    /// A phone answers STOP: it takes no more messages. False if it took none before, or is no phone number.
    pub fn opt_out(&self, number: &str) -> bool {
        self.core.touch_world(|world, _| world.opt_out(number))
    }

    /// Looks at letters, delivery logs, metrics and attempts.
    pub fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        self.core.touch_world(|world, _| look(world.seen()))
    }

    /// Answers HTTP posts to URLs that begin with `prefix` with a function, at the instant of the post.
    ///
    /// The world stands still meanwhile: the function must not call the reference, or it waits for ever.
    pub fn subscriber(&self, prefix: &str, answer: impl Fn(&Post, Timestamp) -> Reply + Send + Sync + 'static) {
        self.core.subscribers.add(prefix, Arc::new(answer));
    }

    /// What the virtual clock does when everybody waits.
    #[must_use]
    pub fn idle_policy(&self) -> IdlePolicy {
        self.core.idle.policy()
    }

    /// Changes what the virtual clock does when everybody waits.
    pub fn set_idle_policy(&self, policy: IdlePolicy) {
        self.core.idle.set_policy(policy);
    }

    /// How it is doing.
    #[must_use]
    pub fn health(&self) -> Health {
        let counts = self.core.activity.counts();
        Health {
            clock: self.clock_kind(),
            now_milliseconds: self.core.time.now().as_millis(),
            outstanding: counts.outstanding,
            parked: counts.parked,
        }
    }

    /// The count of requests under way, for clients that count on their side of a socket.
    #[must_use]
    pub fn activity(&self) -> &Activity {
        &self.core.activity
    }
}

/// The certificate that notifications are signed with.
fn certificate() -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from_static(sns::CERTIFICATE.as_bytes()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-pem-file"));
    response
}

/// The answer of a call whose world was reset under it.
fn discarded() -> ApiError {
    ApiError::new(&common::SERVICE_UNAVAILABLE, "The reference was reset while this request waited.")
}

/// Describes a [`Reference`].
#[derive(Clone, Debug)]
pub struct Builder {
    config: Config,
    start: Option<Timestamp>,
    idle: IdlePolicy,
    known: Option<Known>,
    trust: Trust,
}

impl Default for Builder {
    fn default() -> Self {
        Builder {
            config: Config::default(),
            start: Some(VirtualClock::DEFAULT_START),
            idle: IdlePolicy::default(),
            known: None,
            trust: Trust::default(),
        }
    }
}

impl Builder {
    /// Time stands still at 2026-01-01T00:00:00Z until it is moved. The default.
    #[must_use]
    pub fn virtual_clock(self) -> Self {
        self.virtual_clock_at(VirtualClock::DEFAULT_START)
    }

    /// Time stands still at `start` until it is moved.
    #[must_use]
    pub fn virtual_clock_at(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }

    /// Real time.
    #[must_use]
    pub fn wall_clock(mut self) -> Self {
        self.start = None;
        self
    }

    /// Feeds every id, jitter and freedom of the world.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
        self
    }

    /// Which date's limits are in force.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.config.profile = profile;
        self
    }

    /// What the services may do and are not obliged to.
    #[must_use]
    pub fn freedom(mut self, freedom: Freedom) -> Self {
        self.config.freedom = freedom;
        self
    }

    /// What goes wrong.
    #[must_use]
    pub fn faults(mut self, faults: Vec<Fault>) -> Self {
        self.config.faults = faults;
        self
    }

    /// How long requests take.
    #[must_use]
    pub fn latencies(mut self, latencies: Vec<Latency>) -> Self {
        self.config.latencies = latencies;
        self
    }

    /// Whether quotas of calls per second are enforced.
    #[must_use]
    pub fn quotas(mut self, enforced: bool) -> Self {
        self.config.quotas = enforced;
        self
    }

    /// Adds a KMS key in some state, by id, alias or ARN. `alias/aws/sqs` is always there.
    #[must_use]
    pub fn kms_key(mut self, key: impl Into<String>, state: KmsKey) -> Self {
        self.config.kms_keys.insert(key.into(), state);
        self
    }

    /// Verifies every signature (SigV4) against these credentials and refuses all others.
    #[must_use]
    pub fn credentials(mut self, known: Vec<Credentials>) -> Self {
        self.known = Some(Known::new(known));
        self
    }

    /// Trusts the authorities of a PEM file too when it posts to `https` subscribers, beside those that browsers trust.
    ///
    /// # Errors
    /// [`NoCertificate`] if there is none in it, or one that cannot be read.
    pub fn trust_authority(mut self, pem: &[u8]) -> Result<Self, NoCertificate> {
        self.trust.add(pem)?;
        Ok(self)
    }

    /// What a virtual clock does when everybody waits.
    #[must_use]
    pub fn idle(mut self, policy: IdlePolicy) -> Self {
        self.idle = policy;
        self
    }

    /// Builds it. On a wall clock this starts the one thread that keeps the world's time.
    #[must_use]
    pub fn build(self) -> Reference {
        let time = match self.start {
            Some(start) => Time::Virtual(VirtualClock::starting_at(start)),
            None => Time::Wall(WallClock::new()),
        };
        let sender = Sender::new(self.trust);
        Reference { core: Core::new(World::new(self.config), time, Idle::new(self.idle), self.known, sender) }
    }
}
