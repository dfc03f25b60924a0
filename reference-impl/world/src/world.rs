//! The door of the world: calls in, answers and effects out, time as an argument.

use crate::agenda::Agenda;
use crate::deliver::Road;
use crate::deliver::outside::{POST_TIMEOUT, Post, PostId, PostOutcome};
use crate::error::ApiError;
use crate::latency::Latencies;
use crate::random::Generator;
use crate::seen::Seen;
use crate::sns::Sns;
use crate::sqs::Sqs;
use crate::{Caller, Fault, FaultAction, Freedom, Latency, Outage, Profile, Request, Response, Timestamp, Uuid};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Names an answer that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(u64);

/// What a call answers.
#[derive(Debug)]
pub enum Answer {
    /// At once.
    Now(Result<Response, ApiError>),
    /// Later: an [`Effect::Answer`] with this ticket will carry the result.
    Later(Ticket),
}

/// Something that the world asks of its surroundings.
#[derive(Debug)]
pub enum Effect {
    /// A waiting call is answered.
    Answer {
        /// The call.
        ticket: Ticket,
        /// Its result.
        result: Result<Response, ApiError>,
    },
    /// An HTTP POST is to be made. Its outcome comes back by [`World::post_finished`].
    Post {
        /// Names it.
        id: PostId,
        /// What to post, and where to.
        post: Box<Post>,
    },
}

/// How a world is set up. A run is its configuration plus its inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Feeds every id, every jitter and every freedom.
    pub seed: u64,
    /// Which date's limits are in force.
    pub profile: Profile,
    /// What the services may do.
    pub freedom: Freedom,
    /// What goes wrong with requests.
    pub faults: Vec<Fault>,
    /// How long requests take.
    pub latencies: Vec<Latency>,
    /// Which endpoints are down.
    pub outages: Vec<Outage>,
    /// Whether every delivery attempt is noted, for [`Seen::attempts`].
    pub note_attempts: bool,
    /// Whether request quotas (calls per second) are enforced, as on AWS.
    pub quotas: bool,
    /// The KMS keys that exist, by id, alias or ARN. `alias/aws/sqs` always does.
    pub kms_keys: BTreeMap<String, KmsKey>,
}

/// The state of a KMS key, as far as services notice it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KmsKey {
    /// It can be used.
    Enabled,
    /// It was disabled.
    Disabled,
    /// It is about to be deleted.
    PendingDeletion,
    /// Its policy does not let the service use it.
    AccessDenied,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            seed: 0,
            profile: Profile::Today,
            freedom: Freedom::default(),
            faults: Vec::new(),
            latencies: Vec::new(),
            outages: Vec::new(),
            note_attempts: false,
            quotas: true,
            kms_keys: BTreeMap::new(),
        }
    }
}

/// What every service works with: the configuration, the agenda, the generator, and the effects so far.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) config: Config,
    pub(crate) agenda: Agenda<Entry>,
    pub(crate) random: Generator,
    /// What a test may look at.
    pub(crate) seen: Seen,
    effects: Vec<Effect>,
    latencies: Latencies,
    /// Calls with a latency that wait in a service, by the ticket that they have there.
    waiting: FxHashMap<Ticket, Homeward>,
    tickets: u64,
    posts: FxHashMap<PostId, PostOwner>,
    posted: u64,
}

/// Who is told the outcome of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PostOwner {
    /// SNS.
    Sns(crate::sns::Awaiting),
}

impl Common {
    /// A ticket that no call has yet.
    pub(crate) fn issue_ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// Answers a waiting call.
    pub(crate) fn answer(&mut self, ticket: Ticket, result: Result<Response, ApiError>) {
        self.effects.push(Effect::Answer { ticket, result });
    }

    /// Asks something of the surroundings.
    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Names a post whose outcome `owner` is told: what comes of it, or that nothing came in time.
    pub(crate) fn issue_post(&mut self, owner: PostOwner, now: Timestamp) -> PostId {
        self.posted += 1;
        let id = PostId(self.posted);
        self.posts.insert(id, owner);
        self.agenda.schedule(now + POST_TIMEOUT, Entry::PostTimeout(id));
        id
    }
}

/// An entry of the agenda: which service it wakes, and for what.
#[derive(Debug)]
pub(crate) enum Entry {
    /// SQS has something to do.
    Sqs(crate::sqs::Due),
    /// SNS has something to do.
    Sns(crate::sns::Due),
    /// A post has had its time.
    PostTimeout(PostId),
    /// An answer that a fault held back, or that is on its way.
    Release(Ticket, Box<Result<Response, ApiError>>),
    /// A request with a latency arrives.
    Arrive(Box<Underway>),
}

/// A request on its way to the service.
#[derive(Debug)]
pub(crate) struct Underway {
    caller: Caller,
    request: Request,
    homeward: Homeward,
}

/// Whose answer it is, and how long it takes.
#[derive(Clone, Copy, Debug)]
struct Homeward {
    ticket: Ticket,
    back: Duration,
}

/// AWS messaging, all accounts and Regions of it.
#[derive(Debug)]
pub struct World {
    common: Common,
    sqs: Sqs,
    sns: Sns,
    now: Timestamp,
}

impl World {
    /// An empty world.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let random = Generator::from_seed(config.seed);
        let common = Common {
            seen: Seen::new(config.note_attempts),
            latencies: Latencies::new(config.latencies.clone()),
            waiting: FxHashMap::default(),
            config,
            agenda: Agenda::default(),
            random,
            effects: Vec::new(),
            tickets: 0,
            posts: FxHashMap::default(),
            posted: 0,
        };
        World { common, sqs: Sqs::default(), sns: Sns::default(), now: Timestamp::EPOCH }
    }

    /// Carries out one request at `now`, after everything that was due before it.
    ///
    /// Time never runs backwards: a `now` before the last one counts as the last one.
    pub fn call(&mut self, now: Timestamp, caller: &Caller, request: Request) -> Answer {
        self.run_until(now);
        let Common { latencies, random, .. } = &mut self.common;
        let Some(travel) = latencies.travel(&request, self.now, random) else { return self.arrive(caller, request) };
        let ticket = self.common.issue_ticket();
        let homeward = Homeward { ticket, back: travel.back };
        let underway = Underway { caller: caller.clone(), request, homeward };
        self.common.agenda.schedule(self.now + travel.there, Entry::Arrive(Box::new(underway)));
        Answer::Later(ticket)
    }

    /// A request has reached its service.
    fn arrive(&mut self, caller: &Caller, request: Request) -> Answer {
        match self.strike(&request) {
            Some(FaultAction::DelayAnswer { milliseconds }) => {
                let answer = self.dispatch(caller, request);
                self.delay(answer, Duration::from_millis(milliseconds))
            }
            Some(action) => match action.error() {
                Some(error) => Answer::Now(Err(error)),
                None => self.dispatch(caller, request),
            },
            None => self.dispatch(caller, request),
        }
    }

    fn dispatch(&mut self, caller: &Caller, request: Request) -> Answer {
        match request {
            Request::Sqs(request) => self.sqs.call(&mut self.common, self.now, caller, request),
            Request::Sns(request) => {
                let (sns, mut road) = self.sns_and_road();
                sns.call(&mut road, caller, request)
            }
        }
    }

    fn sns_and_road(&mut self) -> (&mut Sns, Road<'_>) {
        let World { common, sqs, sns, now } = self;
        (sns, Road { common, sqs, now: *now })
    }

    fn strike(&mut self, request: &Request) -> Option<FaultAction> {
        if self.common.config.faults.is_empty() {
            return None;
        }
        let Common { config, random, .. } = &mut self.common;
        config
            .faults
            .iter()
            .find(|fault| fault.concerns(request, self.now) && random.chance(fault.probability))
            .map(|fault| fault.action)
    }

    /// A request that was on its way has arrived: its answer sets out, now or when there is one.
    fn arrive_late(&mut self, underway: Underway) {
        let Underway { caller, request, homeward } = underway;
        match self.arrive(&caller, request) {
            Answer::Now(result) => self.send_home(homeward, result),
            Answer::Later(inner) => {
                self.common.waiting.insert(inner, homeward);
            }
        }
    }

    fn send_home(&mut self, Homeward { ticket, back }: Homeward, result: Result<Response, ApiError>) {
        if back.is_zero() {
            self.common.answer(ticket, result);
        } else {
            self.common.agenda.schedule(self.now + back, Entry::Release(ticket, Box::new(result)));
        }
    }

    fn delay(&mut self, answer: Answer, by: Duration) -> Answer {
        match answer {
            Answer::Now(result) => {
                let ticket = self.common.issue_ticket();
                self.common.agenda.schedule(self.now + by, Entry::Release(ticket, Box::new(result)));
                Answer::Later(ticket)
            }
            waiting @ Answer::Later(_) => waiting,
        }
    }

    /// Gives up a waiting call, because nobody is there to take its answer. Does nothing if it was answered.
    pub fn cancel(&mut self, ticket: Ticket) {
        let inner = self.common.waiting.iter().find(|(_, homeward)| homeward.ticket == ticket).map(|(inner, _)| *inner);
        if let Some(inner) = inner {
            self.common.waiting.remove(&inner);
            return self.cancel(inner);
        }
        self.sqs.cancel(ticket);
        self.sns.cancel(ticket);
        let answers =
            |effect: &Effect| matches!(effect, Effect::Answer { ticket: answered, .. } if *answered == ticket);
        self.common.effects.retain(|effect| !answers(effect));
    }

    /// Ends every waiting call now, with what it would answer if its time were up.
    pub fn end_waits(&mut self) {
        for entry in self.common.agenda.take_if(|entry| matches!(entry, Entry::Arrive(_))) {
            if let Entry::Arrive(underway) = entry {
                self.arrive_late(*underway);
            }
        }
        self.common.waiting.values_mut().for_each(|homeward| homeward.back = Duration::ZERO);
        self.sqs.end_waits(&mut self.common);
        self.sns.end_waits(&mut self.common);
        for entry in self.common.agenda.take_if(|entry| matches!(entry, Entry::Release(..))) {
            if let Entry::Release(ticket, result) = entry {
                self.common.answer(ticket, *result);
            }
        }
    }

    /// Does everything that is due by `now`, each thing at its own instant.
    pub fn run_until(&mut self, now: Timestamp) {
        while let Some((due, entry)) = self.common.agenda.pop_due(now) {
            self.now = self.now.max(due);
            match entry {
                Entry::Sqs(due) => self.sqs.run(&mut self.common, self.now, due),
                Entry::Sns(due) => {
                    let (sns, mut road) = self.sns_and_road();
                    sns.run(&mut road, due);
                }
                Entry::PostTimeout(id) => {
                    self.settle_post(id, &PostOutcome::Broken { reason: "no answer in time".to_owned() });
                }
                Entry::Release(ticket, result) => self.common.answer(ticket, *result),
                Entry::Arrive(underway) => self.arrive_late(*underway),
            }
        }
        self.now = self.now.max(now);
    }

    /// Takes the outcome of a post. One that is unknown, or comes too late, changes nothing.
    pub fn post_finished(&mut self, now: Timestamp, id: PostId, outcome: &PostOutcome) {
        self.run_until(now);
        self.settle_post(id, outcome);
    }

    fn settle_post(&mut self, id: PostId, outcome: &PostOutcome) {
        let Some(PostOwner::Sns(awaiting)) = self.common.posts.remove(&id) else { return };
        let (sns, mut road) = self.sns_and_road();
        sns.post_finished(&mut road, awaiting, outcome);
    }

    /// A phone answers STOP: it takes no more messages. False if it took none before, or is no phone number.
    pub fn opt_out(&mut self, number: &str) -> bool {
        self.sns.opt_out(number)
    }

    /// What a test may look at.
    #[must_use]
    pub const fn seen(&self) -> &Seen {
        &self.common.seen
    }

    /// When the next thing happens without a call, if anything does.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.common.agenda.next_due()
    }

    /// Takes the effects since the last time. Call it after every `call`, `run_until` and `end_waits`.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        if !self.common.waiting.is_empty() {
            self.send_answers_home();
        }
        std::mem::take(&mut self.common.effects)
    }

    /// Answers of calls with a latency go to whoever sent the call, and take their time.
    fn send_answers_home(&mut self) {
        for effect in std::mem::take(&mut self.common.effects) {
            match effect {
                Effect::Answer { ticket, result } => match self.common.waiting.remove(&ticket) {
                    Some(homeward) => self.send_home(homeward, result),
                    None => self.common.answer(ticket, result),
                },
                other @ Effect::Post { .. } => self.common.effect(other),
            }
        }
    }

    /// The latest instant the world has been told of.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// A request id, from the world's generator.
    pub fn request_id(&mut self) -> Uuid {
        self.common.random.uuid()
    }

    /// The configuration in force.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.common.config
    }

    /// Turns the freedom knobs.
    pub fn set_freedom(&mut self, freedom: Freedom) {
        self.common.config.freedom = freedom;
    }

    /// Puts a KMS key into some state, and makes it if it is not there.
    pub fn set_kms_key(&mut self, key: &str, state: KmsKey) {
        self.common.config.kms_keys.insert(key.to_owned(), state);
    }

    /// Replaces the outages.
    pub fn set_outages(&mut self, outages: Vec<Outage>) {
        self.common.config.outages = outages;
    }

    /// Notes every delivery attempt from now on, or none, and forgets those noted so far.
    pub fn note_attempts(&mut self, noted: bool) {
        self.common.config.note_attempts = noted;
        self.common.seen.note_attempts(noted);
    }

    /// Replaces the latencies; requests under way keep theirs.
    pub fn set_latencies(&mut self, latencies: Vec<Latency>) {
        self.common.latencies = Latencies::new(latencies.clone());
        self.common.config.latencies = latencies;
    }

    /// Replaces the faults.
    pub fn set_faults(&mut self, faults: Vec<Fault>) {
        self.common.config.faults = faults;
    }
}
