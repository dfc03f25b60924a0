//! What a case's body gets. It is the same on every backend, and does not say which one it is.
//!
//! | File | What it adds to [`Scope`] |
//! |---|---|
//! | this one | clients, names, time, what was seen |
//! | `waiting` | `eventually`, `never_within`, `sleep` |
//! | `expecting` | assertions that say what was expected and what came |
//! | `resources` | creating queues, and deleting what was created |

mod expecting;
mod resources;
mod waiting;

pub use waiting::{PATIENCE, Seen};

use crate::clause::ProtocolName;
use crate::history::History;
use crate::ledger::{Ledger, Resource};
use crate::plan::stable_hash;
use crate::{Observation, Stop, Unit};
use aws_sdk_sqs::Client;
use proofmark_backend::{Clock, Identity, Protocol, Raw, Reference, Subscriber, Target, Timestamp};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The longest name of a queue.
const NAME_CHARACTERS: usize = 80;

/// How units of one run are told apart and graded.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// The run's id: lower-case letters and digits, twelve at most, part of every name.
    pub run: String,
    /// Whether a text that differs fails the case instead of being warned about.
    pub exact: bool,
    /// Where creations are written down first.
    pub ledger: Ledger,
}

/// What a case's body gets.
#[derive(Debug)]
pub struct Scope {
    target: Target,
    clock: Arc<dyn Clock>,
    sqs: Client,
    sns: aws_sdk_sns::Client,
    unit: Unit,
    setting: Setting,
    history: History,
    notes: Mutex<Notes>,
    fresh: AtomicU32,
}

/// What a scope collects for the verdict.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) warnings: Vec<String>,
    pub(crate) observations: Vec<Observation>,
    resources: Vec<Resource>,
}

impl Scope {
    /// The scope of one unit on the world that was opened for it.
    #[must_use]
    pub fn new(target: Target, unit: Unit, setting: Setting) -> Self {
        let (clock, sqs, sns) = (target.clock(), target.sqs(unit.protocol), target.sns());
        Scope {
            target,
            clock,
            sqs,
            sns,
            unit,
            setting,
            history: History::default(),
            notes: Mutex::default(),
            fresh: AtomicU32::new(0),
        }
    }

    /// The SQS client, speaking the protocol of this unit.
    #[must_use]
    pub fn sqs(&self) -> &Client {
        &self.sqs
    }

    /// The SNS client.
    #[must_use]
    pub fn sns(&self) -> &aws_sdk_sns::Client {
        &self.sns
    }

    /// An SNS client of any identity. Name the capability in the case's needs.
    ///
    /// # Errors
    /// [`Stop::Unsupported`] if this world does not have it.
    pub fn sns_as(&self, identity: Identity) -> Result<aws_sdk_sns::Client, Stop> {
        let client = self.target.sns_for(identity);
        client.ok_or_else(|| Stop::Unsupported(format!("there are no credentials for {identity:?} here")))
    }

    /// An SQS client of the second account. Name `SecondAccount` in the case's needs.
    ///
    /// # Errors
    /// [`Stop::Unsupported`] if this world has no second account.
    pub fn second_account_sqs(&self) -> Result<Client, Stop> {
        self.sqs_as(Identity::Second)
    }

    /// An SQS client of any identity. Name the capability in the case's needs.
    ///
    /// # Errors
    /// [`Stop::Unsupported`] if this world does not have it.
    pub fn sqs_as(&self, identity: Identity) -> Result<Client, Stop> {
        let client = self.target.sqs_for(identity, self.unit.protocol);
        client.ok_or_else(|| Stop::Unsupported(format!("there are no credentials for {identity:?} here")))
    }

    /// The SQS client speaking the other protocol, for what both must agree on.
    #[must_use]
    pub fn sqs_over(&self, protocol: Protocol) -> Client {
        self.target.sqs(protocol)
    }

    /// An HTTP subscriber that this world can reach. Name `HttpSubscriber` in the case's needs.
    ///
    /// # Errors
    /// An error if no port can be listened on.
    pub async fn subscriber(&self, role: &str) -> Result<Subscriber, Stop> {
        let subscriber = self.target.subscriber(&self.name(role)).await;
        subscriber.map_err(|error| Stop::Error(format!("no port to listen on for a subscriber: {error}")))
    }

    /// The same over `https`, with a certificate that this world trusts. Name `HttpsSubscriber` in the case's needs.
    ///
    /// # Errors
    /// [`Stop::Unsupported`] on a world without.
    pub fn https_subscriber(&self, role: &str) -> Result<Subscriber, Stop> {
        let subscriber = self.target.https_subscriber(&self.name(role));
        subscriber.ok_or_else(|| Stop::Unsupported("no certificate of a subscriber here would be trusted".to_owned()))
    }

    /// The reference itself: outages, letters, logs, metrics, attempts. Name `Insight` in the case's needs.
    ///
    /// # Errors
    /// [`Stop::Unsupported`] on every other world.
    pub fn insight(&self) -> Result<&Reference, Stop> {
        let insight = self.target.insight();
        insight.ok_or_else(|| Stop::Unsupported("only the reference lets itself be looked into".to_owned()))
    }

    /// A client for requests that no SDK would send.
    #[must_use]
    pub fn raw(&self) -> Raw {
        self.target.raw()
    }

    /// The protocol of this unit.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.unit.protocol
    }

    /// The protocol of this unit, as the catalogue calls it.
    #[must_use]
    pub fn protocol_name(&self) -> ProtocolName {
        self.unit.protocol.into()
    }

    /// The Region that the clients are configured for.
    #[must_use]
    pub fn region(&self) -> &str {
        self.target.region()
    }

    /// A name for a resource that nothing else has: `pm-<run>-<unit>-<role>`, 80 characters at most.
    ///
    /// The same role gives the same name.
    #[must_use]
    pub fn name(&self, role: &str) -> String {
        self.name_ending(role, "")
    }

    /// The same for a FIFO queue: it ends in `.fifo`.
    #[must_use]
    pub fn fifo_name(&self, role: &str) -> String {
        self.name_ending(role, ".fifo")
    }

    /// A role that this scope has not given out yet: `role-1`, `role-2` and so on. For names of things that a case
    /// makes several of.
    #[must_use]
    pub fn fresh(&self, role: &str) -> String {
        format!("{role}-{}", self.fresh.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn name_ending(&self, role: &str, ending: &str) -> String {
        let unit = stable_hash(&self.unit.name()) & 0xffff_ffff;
        let mut name = format!("pm-{}-{unit:08x}-{role}", self.setting.run);
        name.truncate(NAME_CHARACTERS - ending.len());
        name + ending
    }

    /// The time on the clock that this world lives on.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What happened to messages, for the checkers.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Notes what was seen of a clause that binds nobody (`permitted` or `open`).
    pub fn observe(&self, clause: &str, seen: impl Into<String>) {
        let observation = Observation { clause: clause.to_owned(), seen: seen.into() };
        self.notes().observations.push(observation);
    }

    /// Notes something that is not wrong enough to fail.
    pub fn warn(&self, warning: impl Into<String>) {
        self.notes().warnings.push(warning.into());
    }

    pub(crate) fn unit(&self) -> Unit {
        self.unit
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn into_target(self) -> Target {
        self.target
    }

    /// The scope once its body has ended: what it created can be deleted, whatever the budget says.
    pub(crate) fn cleaning(self) -> Self {
        Scope { target: self.target.cleaning(), ..self }
    }

    pub(crate) fn take_notes(&self) -> Notes {
        std::mem::take(&mut *self.notes())
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
