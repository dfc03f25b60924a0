//! What a scenario works with on one backend: clients, names, timed calls, the account of its messages.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Stage`] | all of it |
//! | [`Trouble`] | why a run cannot go on |
//! | [`Stage::scheduled`], [`Stage::unplanned`] | a timed call |
//! | [`Stage::queue`], [`Stage::topic`] | resources, written into the ledger before they are created |

use crate::delivery::Delivery;
use crate::parameters::{ParameterError, Parameters};
use crate::payload::{Letterhead, Payloads};
use crate::recorder::{Ended, Op, Recorder};
use crate::schedule::Arrival;
use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use proofmark_backend::ledger::{Act, Entry, Ledger, Owner, Resource};
use proofmark_backend::{Clock, Protocol, StopFlag, Target, Timestamp, chain};
use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The version of the SDK's SQS crate.
pub const SQS_VERSION: &str = aws_sdk_sqs::meta::PKG_VERSION;

/// The version of the SDK's SNS crate.
pub const SNS_VERSION: &str = aws_sdk_sns::meta::PKG_VERSION;

/// Codes by which services say that there were too many requests.
const THROTTLES: [&str; 8] = [
    "Throttling",
    "ThrottlingException",
    "Throttled",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "SlowDown",
];

/// Why a run cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// A parameter cannot be followed.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The requests that were allowed are used up.
    #[error("the budget is used up; what was created is being deleted")]
    OverBudget,
    /// The backend refused something that every backend must do, or a scenario is wrong.
    #[error("{0}")]
    Failed(String),
}

/// What a scenario works with.
pub struct Stage {
    target: Target,
    sqs: aws_sdk_sqs::Client,
    sns: aws_sdk_sns::Client,
    clock: Arc<dyn Clock>,
    /// What was chosen about the scenario.
    pub parameters: Parameters,
    /// Where calls are recorded.
    pub recorder: Recorder,
    payloads: OnceLock<Payloads>,
    delivery: OnceLock<Delivery>,
    settings: StageSettings,
    created: Mutex<Vec<Resource>>,
    measuring: AtomicBool,
    in_flight: AtomicU64,
    trouble: OnceLock<Trouble>,
    halt: StopFlag,
}

/// What a run sets about its stages.
#[derive(Clone, Debug)]
pub struct StageSettings {
    /// The run's id, part of every name: lower-case letters and digits, twelve at most.
    pub run: String,
    /// The scenario.
    pub scenario: &'static str,
    /// Feeds the payloads.
    pub seed: u64,
    /// Which part of the run this process is.
    pub producer: u32,
    /// How long a call may take.
    pub timeout: Duration,
    /// Where creations are written down first.
    pub ledger: Ledger,
    /// Raised when the run is to end early.
    pub stop: StopFlag,
}

/// The requests that deleting one resource takes.
const REQUESTS_TO_DELETE: u64 = 2;

impl Stage {
    pub(crate) fn new(target: Target, parameters: Parameters, settings: StageSettings) -> Self {
        Stage {
            sqs: target.sqs(Protocol::Json),
            sns: target.sns(),
            clock: target.clock(),
            target,
            parameters,
            recorder: Recorder::default(),
            payloads: OnceLock::new(),
            delivery: OnceLock::new(),
            created: Mutex::default(),
            measuring: AtomicBool::new(false),
            in_flight: AtomicU64::new(0),
            trouble: OnceLock::new(),
            halt: settings.stop.clone(),
            settings,
        }
    }

    /// The SQS client.
    #[must_use]
    pub fn sqs(&self) -> &aws_sdk_sqs::Client {
        &self.sqs
    }

    /// The SNS client.
    #[must_use]
    pub fn sns(&self) -> &aws_sdk_sns::Client {
        &self.sns
    }

    /// The clock that this backend lives on.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn into_target(self) -> Target {
        self.target
    }

    /// Says how long messages are, and what becomes of them; both once, while the scenario is set up.
    ///
    /// # Errors
    /// If the parameter `size` cannot be read.
    pub fn messages(&self, delivery: Delivery) -> Result<(), Trouble> {
        let StageSettings { run, producer, seed, .. } = &self.settings;
        let payloads = Payloads::new(run, *producer, *seed, self.parameters.bytes("size")?);
        let first = self.payloads.set(payloads).is_ok() && self.delivery.set(delivery).is_ok();
        if first { Ok(()) } else { Err(Trouble::Failed("the scenario set its messages up twice".to_owned())) }
    }

    /// What becomes of messages; `None` if the scenario sends none.
    #[must_use]
    pub fn delivery(&self) -> Option<&Delivery> {
        self.delivery.get()
    }

    /// The next message of an arrival: its number and its body.
    ///
    /// # Panics
    /// If the scenario did not call [`Stage::messages`] when it was set up.
    #[must_use]
    pub fn message(&self, arrival: &Arrival, group: impl FnOnce(u64) -> u32) -> (u64, String) {
        let (payloads, delivery) = self.payloads.get().zip(self.delivery.get()).expect("set_up calls `messages`");
        let sequence = delivery.begin();
        let head = Letterhead { sequence, group: group(sequence), intended: arrival.intended };
        (sequence, payloads.write(head))
    }

    /// A body was received on one of the legs; its end-to-end latency is recorded for `op`.
    pub fn received(&self, op: Op, leg: u32, body: &str) {
        let Some((payloads, delivery)) = self.payloads.get().zip(self.delivery.get()) else { return };
        let receipt = delivery.receive(payloads, leg, body, self.now());
        if let Some(took) = receipt.end_to_end {
            self.recorder.end_to_end(op, receipt.measured, took);
        }
    }

    /// The service has taken a message.
    pub fn acknowledged(&self, sequence: u64) {
        if let Some(delivery) = self.delivery.get() {
            delivery.acknowledge(sequence);
        }
    }

    /// Makes the call that an arrival asks for. `None` if it was throttled, failed, or took too long.
    pub async fn scheduled<T, E>(
        &self,
        op: Op,
        arrival: &Arrival,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Option<T>
    where
        E: Coded,
    {
        let sent = self.now();
        let (ended, value) = self.timed(call).await;
        self.recorder.scheduled(op, arrival.measured, [arrival.intended, sent, self.now()], &ended);
        value
    }

    /// Makes a call that no plan asks for, such as a consumer's. `None` as for [`Stage::scheduled`].
    pub async fn unplanned<T, E>(
        &self,
        op: Op,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Option<T>
    where
        E: Coded,
    {
        let (sent, measured) = (self.now(), self.is_measuring());
        let (ended, value) = self.timed(call).await;
        self.recorder.unplanned(op, measured, [sent, self.now()], &ended);
        value
    }

    /// Receives messages of a queue, for `op` if there were any: how long nothing comes is no latency.
    pub async fn receive(&self, op: Op, queue: &str, wait_seconds: i32, most: i32) -> Vec<aws_sdk_sqs::types::Message> {
        let (sent, measured) = (self.now(), self.is_measuring());
        let receive = self.sqs.receive_message().queue_url(queue).wait_time_seconds(wait_seconds);
        let (ended, got) = self.timed(receive.max_number_of_messages(most).send()).await;
        let messages = got.and_then(|got| got.messages).unwrap_or_default();
        if ended != Ended::Well {
            self.recorder.unplanned(op, measured, [sent, self.now()], &ended);
            self.pause_after_failure().await;
        } else if !messages.is_empty() {
            self.recorder.unplanned(op, measured, [sent, self.now()], &ended);
        }
        messages
    }

    /// A consumer whose receive failed does not ask again at once.
    async fn pause_after_failure(&self) {
        self.clock.sleep(Duration::from_millis(100)).await;
    }

    async fn timed<T, E>(&self, call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>) -> (Ended, Option<T>)
    where
        E: Coded,
    {
        let _in_flight = InFlight::of(&self.in_flight);
        let result = tokio::select! {
            biased;
            result = call => result,
            () = self.clock.sleep(self.settings.timeout) => return (Ended::Error("Timeout".to_owned()), None),
        };
        match result {
            Ok(value) => (Ended::Well, Some(value)),
            Err(error) => (self.ended(&error), None),
        }
    }

    fn ended<E: Coded>(&self, error: &SdkError<E, HttpResponse>) -> Ended {
        let SdkError::ServiceError(service) = error else {
            if self.target.meter().left() == 0 {
                self.give_up(Trouble::OverBudget);
            }
            return Ended::Error(kind_of_failure(error).to_owned());
        };
        let code = service.err().code().unwrap_or("Unknown").to_owned();
        // SQS's Query names carry a prefix: `AWS.SimpleQueueService.RequestThrottled`.
        if THROTTLES.contains(&code.rsplit('.').next().unwrap_or_default()) {
            return Ended::Throttled;
        }
        if (400..500).contains(&service.raw().status().as_u16()) {
            self.fail(format!("the service refuses what the scenario sends: {}", chain(error)));
        }
        Ended::Error(code)
    }

    /// The run cannot go on. The first reason counts.
    pub fn fail(&self, why: impl Into<String>) {
        self.give_up(Trouble::Failed(why.into()));
    }

    fn give_up(&self, trouble: Trouble) {
        // A later reason mostly follows from the first.
        let _ = self.trouble.set(trouble);
        self.halt.raise();
    }

    /// Counts messages of a batch that a service refused one by one.
    pub fn refused(&self, op: Op, measured: bool, code: &str) {
        let now = self.now();
        self.recorder.unplanned(op, measured, [now, now], &Ended::Error(code.to_owned()));
    }

    /// Raised when the run is to end early.
    pub(crate) fn halt(&self) -> &StopFlag {
        &self.halt
    }

    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.trouble.get().cloned()
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> u64 {
        self.target.meter().spent()
    }

    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn set_measuring(&self, measuring: bool) {
        self.measuring.store(measuring, Ordering::Relaxed);
    }

    /// Whether what happens now is measured.
    pub fn is_measuring(&self) -> bool {
        self.measuring.load(Ordering::Relaxed)
    }

    /// Creates a queue and hands back its URL. A name that ends in `.fifo` makes a FIFO queue.
    ///
    /// # Errors
    /// If the ledger cannot be written, or the service refuses.
    pub async fn queue(&self, role: &str, attributes: &[(QueueAttributeName, &str)]) -> Result<String, Trouble> {
        let name = self.name(role);
        self.about_to_create(Resource::Queue { name: name.clone(), owner: Owner::First })?;
        let mut create = self.sqs.create_queue().queue_name(&name);
        if name.ends_with(".fifo") {
            create = create.attributes(QueueAttributeName::FifoQueue, "true");
        }
        let create = attributes.iter().fold(create, |create, (name, value)| create.attributes(name.clone(), *value));
        let created = create.send().await.map_err(|error| failed("create a queue", &error))?;
        created.queue_url.ok_or_else(|| Trouble::Failed("the service created a queue without a URL".to_owned()))
    }

    /// The ARN of a queue.
    ///
    /// # Errors
    /// If the service does not tell.
    pub async fn queue_arn(&self, url: &str) -> Result<String, Trouble> {
        let get = self.sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::QueueArn);
        let got = get.send().await.map_err(|error| failed("ask for a queue's ARN", &error))?;
        let arn = got.attributes.and_then(|mut all| all.remove(&QueueAttributeName::QueueArn));
        arn.ok_or_else(|| Trouble::Failed("the service knows no ARN of the queue it created".to_owned()))
    }

    /// Creates a topic and hands back its ARN. A name that ends in `.fifo` makes a FIFO topic.
    ///
    /// # Errors
    /// If the ledger cannot be written, or the service refuses.
    pub async fn topic(&self, role: &str) -> Result<String, Trouble> {
        let name = self.name(role);
        self.about_to_create(Resource::Topic { name: name.clone(), owner: Owner::First })?;
        let mut create = self.sns.create_topic().name(&name);
        if name.ends_with(".fifo") {
            create = create.attributes("FifoTopic", "true");
        }
        let created = create.send().await.map_err(|error| failed("create a topic", &error))?;
        created.topic_arn.ok_or_else(|| Trouble::Failed("the service created a topic without an ARN".to_owned()))
    }

    /// Subscribes a queue to a topic, raw, and lets the topic send to it.
    ///
    /// # Errors
    /// If the service refuses.
    pub async fn subscribe(&self, topic: &str, queue: &str, filter_policy: Option<&str>) -> Result<(), Trouble> {
        let arn = self.queue_arn(queue).await?;
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"sns.amazonaws.com"}},"Action":"sqs:SendMessage","Resource":"{arn}","Condition":{{"ArnEquals":{{"aws:SourceArn":"{topic}"}}}}}}]}}"#
        );
        let allow = self.sqs.set_queue_attributes().queue_url(queue).attributes(QueueAttributeName::Policy, policy);
        allow.send().await.map_err(|error| failed("let the topic send to the queue", &error))?;
        let subscribe = self.sns.subscribe().topic_arn(topic).protocol("sqs").endpoint(arn);
        let mut subscribe = subscribe.attributes("RawMessageDelivery", "true");
        if let Some(policy) = filter_policy {
            subscribe = subscribe.attributes("FilterPolicy", policy);
        }
        subscribe.send().await.map(drop).map_err(|error| failed("subscribe the queue to the topic", &error))
    }

    fn name(&self, role: &str) -> String {
        format!("pm-{}-{}-{role}", self.settings.run, self.settings.scenario.replace('.', "-"))
    }

    fn about_to_create(&self, resource: Resource) -> Result<(), Trouble> {
        self.target.set_aside(REQUESTS_TO_DELETE).map_err(|_| Trouble::OverBudget)?;
        self.note(Act::Create, resource.clone())
            .map_err(|error| Trouble::Failed(format!("nothing is created that the ledger does not name: {error}")))?;
        self.created.lock().unwrap_or_else(PoisonError::into_inner).push(resource);
        Ok(())
    }

    fn note(&self, what: Act, resource: Resource) -> std::io::Result<()> {
        let (run, unit) = (self.settings.run.clone(), self.settings.scenario.to_owned());
        let region = self.target.region().to_owned();
        self.settings.ledger.write(&Entry { at: self.now(), run, unit, region, what, resource })
    }

    /// Deletes what was created, the latest first. What cannot be deleted stays in the ledger, and is told.
    pub(crate) async fn tear_down(&self) -> Vec<String> {
        let created = std::mem::take(&mut *self.created.lock().unwrap_or_else(PoisonError::into_inner));
        let mut left = Vec::new();
        for resource in created.into_iter().rev() {
            self.target.release(REQUESTS_TO_DELETE);
            let deleted = match self.delete(&resource).await {
                Ok(()) => self.note(Act::Deleted, resource.clone()).map_err(|error| error.to_string()),
                Err(why) => Err(why),
            };
            left.extend(deleted.err().map(|why| format!("{resource}: {why}")));
        }
        left
    }

    async fn delete(&self, resource: &Resource) -> Result<(), String> {
        match resource {
            Resource::Queue { name, .. } => {
                let found = self.sqs.get_queue_url().queue_name(name).send().await.map_err(|error| chain(&error))?;
                let delete = self.sqs.delete_queue().set_queue_url(found.queue_url);
                delete.send().await.map(drop).map_err(|error| chain(&error))
            }
            Resource::Topic { name, .. } => {
                // Creating a topic that exists hands back its ARN.
                let mut find = self.sns.create_topic().name(name);
                if name.ends_with(".fifo") {
                    find = find.attributes("FifoTopic", "true");
                }
                let found = find.send().await.map_err(|error| chain(&error))?;
                let delete = self.sns.delete_topic().set_topic_arn(found.topic_arn);
                delete.send().await.map(drop).map_err(|error| chain(&error))
            }
        }
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Stage").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// An error of a service that has a code.
pub trait Coded: Error + Send + Sync + 'static {
    /// The code.
    fn code(&self) -> Option<&str>;
}

impl<E> Coded for E
where
    E: aws_sdk_sqs::error::ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn code(&self) -> Option<&str> {
        aws_sdk_sqs::error::ProvideErrorMetadata::code(self)
    }
}

fn kind_of_failure<E>(error: &SdkError<E, HttpResponse>) -> &'static str {
    match error {
        SdkError::TimeoutError(_) => "Timeout",
        SdkError::DispatchFailure(_) => "Connection",
        SdkError::ResponseError(_) => "BadResponse",
        _ => "NotSent",
    }
}

fn failed(what: &str, error: &(impl Error + 'static)) -> Trouble {
    Trouble::Failed(format!("cannot {what}: {}", chain(error)))
}

/// Counts a call for as long as it goes on.
struct InFlight<'a>(&'a AtomicU64);

impl<'a> InFlight<'a> {
    fn of(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        InFlight(count)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
