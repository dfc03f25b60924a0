//! Whatever is done to a queue, in whatever order: nothing is lost, nothing comes twice while it is hidden, groups
//! keep their order, and the counters add up.

use proofmark_world::sqs::api::{
    ChangeMessageVisibilityInput, CreateQueueInput, DeleteMessageInput, GetQueueAttributesInput, Message,
    ReceiveMessageInput, SendMessageInput,
};
use proofmark_world::sqs::{Request as Sqs, Response as Answered};
use proofmark_world::{AccountId, Answer, Caller, Config, Protocol, Region, Request, Response, Timestamp, World};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

const URL: &str = "http://localhost:4566/000000000000/";
const TIMEOUT_SECONDS: u64 = 30;

/// One thing that a client does. Numbers choose among the messages that are held, if there are any.
#[derive(Clone, Debug)]
enum Step {
    Send { group: u8 },
    Receive { most: i64 },
    Delete { which: usize },
    Release { which: usize },
    Wait { seconds: u64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..3u8).prop_map(|group| Step::Send { group }),
        3 => (1..=10i64).prop_map(|most| Step::Receive { most }),
        2 => any::<usize>().prop_map(|which| Step::Delete { which }),
        1 => any::<usize>().prop_map(|which| Step::Release { which }),
        1 => (1..40u64).prop_map(|seconds| Step::Wait { seconds }),
    ];
    prop::collection::vec(step, 1..120)
}

/// A message that is held: its handle, its group, and until when nobody else may have it.
struct Held {
    body: String,
    group: String,
    handle: Arc<str>,
    until: Timestamp,
}

struct Run {
    world: World,
    caller: Caller,
    url: Arc<str>,
    fifo: bool,
    now: Timestamp,
    sent: u32,
    /// Undeleted bodies by group, in the order they were sent.
    alive: BTreeMap<String, Vec<String>>,
    held: Vec<Held>,
}

impl Run {
    fn new(fifo: bool) -> Self {
        let name = if fifo { "queue.fifo" } else { "queue" };
        let mut run = Run {
            world: World::new(Config { quotas: false, ..Config::default() }),
            caller: Caller {
                account: AccountId::DEFAULT,
                region: Region::new("us-east-1"),
                protocol: Protocol::Json,
                endpoint: "http://localhost:4566".into(),
                trace_header: None,
                signed: true,
            },
            url: format!("{URL}{name}").into(),
            fifo,
            now: Timestamp::from_seconds(1_700_000_000),
            sent: 0,
            alive: BTreeMap::new(),
            held: Vec::new(),
        };
        let attributes = fifo.then(|| BTreeMap::from([("FifoQueue".to_owned(), "true".to_owned())]));
        run.call(Sqs::CreateQueue(CreateQueueInput { queue_name: Some(name.to_owned()), attributes, tags: None }));
        run
    }

    fn call(&mut self, request: Sqs) -> Answered {
        match self.world.call(self.now, &self.caller, Request::Sqs(request)) {
            Answer::Now(Ok(Response::Sqs(response))) => response,
            other => panic!("not answered: {other:?}"),
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Send { group } => self.send(&format!("group-{group}")),
            Step::Receive { most } => self.receive(*most),
            Step::Delete { which } => self.delete(*which),
            Step::Release { which } => self.release(*which),
            Step::Wait { seconds } => self.now = self.now + Duration::from_secs(*seconds),
        }
    }

    fn send(&mut self, group: &str) {
        self.sent += 1;
        let body = self.sent.to_string();
        let group = if self.fifo { group } else { "" };
        self.alive.entry(group.to_owned()).or_default().push(body.clone());
        let input = SendMessageInput {
            queue_url: Some(self.url.clone()),
            message_body: Some(body.as_str().into()),
            message_group_id: self.fifo.then(|| group.into()),
            message_deduplication_id: self.fifo.then(|| body.as_str().into()),
            ..SendMessageInput::default()
        };
        self.call(Sqs::SendMessage(input));
    }

    fn receive(&mut self, most: i64) {
        let input = ReceiveMessageInput {
            queue_url: Some(self.url.clone()),
            max_number_of_messages: Some(most),
            ..ReceiveMessageInput::default()
        };
        let Answered::ReceiveMessage(output) = self.call(Sqs::ReceiveMessage(input)) else { panic!("another answer") };
        let messages = output.messages.unwrap_or_default();
        assert!(messages.len() <= usize::try_from(most).unwrap());
        self.held.retain(|held| held.until > self.now);
        for message in messages {
            self.check_and_hold(&message);
        }
    }

    fn check_and_hold(&mut self, message: &Message) {
        let body = message.body.clone().unwrap().to_string();
        assert!(!self.held.iter().any(|held| held.body == body), "{body} was received while it was hidden");
        let (group, bodies) = self.alive.iter().find(|(_, bodies)| bodies.contains(&body)).expect("it was not deleted");
        if self.fifo {
            let before = bodies.iter().take_while(|other| **other != body);
            let skipped: Vec<_> = before.filter(|other| !self.held.iter().any(|held| held.body == **other)).collect();
            assert!(skipped.is_empty(), "{body} came before {skipped:?} of its group");
        }
        let until = self.now + Duration::from_secs(TIMEOUT_SECONDS);
        let handle = message.receipt_handle.clone().unwrap();
        self.held.push(Held { body, group: group.clone(), handle, until });
    }

    fn take_held(&mut self, which: usize) -> Option<Held> {
        self.held.retain(|held| held.until > self.now);
        (!self.held.is_empty()).then(|| self.held.remove(which % self.held.len()))
    }

    fn delete(&mut self, which: usize) {
        let Some(held) = self.take_held(which) else { return };
        self.alive.entry(held.group).or_default().retain(|body| *body != held.body);
        let (queue_url, receipt_handle) = (Some(self.url.clone()), Some(held.handle));
        self.call(Sqs::DeleteMessage(DeleteMessageInput { queue_url, receipt_handle }));
    }

    fn release(&mut self, which: usize) {
        let Some(held) = self.take_held(which) else { return };
        let input = ChangeMessageVisibilityInput {
            queue_url: Some(self.url.clone()),
            receipt_handle: Some(held.handle),
            visibility_timeout: Some(0),
        };
        self.call(Sqs::ChangeMessageVisibility(input));
    }

    fn check_counters(&mut self) {
        self.held.retain(|held| held.until > self.now);
        let input = GetQueueAttributesInput {
            queue_url: Some(self.url.clone()),
            attribute_names: Some(vec!["All".to_owned()]),
        };
        let Answered::GetQueueAttributes(output) = self.call(Sqs::GetQueueAttributes(input)) else {
            panic!("another answer")
        };
        let attributes = output.attributes.unwrap();
        let alive: usize = self.alive.values().map(Vec::len).sum();
        assert_eq!(attributes["ApproximateNumberOfMessagesNotVisible"], self.held.len().to_string());
        assert_eq!(attributes["ApproximateNumberOfMessages"], (alive - self.held.len()).to_string());
        assert_eq!(attributes["ApproximateNumberOfMessagesDelayed"], "0");
    }

    /// Receives and deletes everything that is left, which must be all that was not deleted.
    fn drain(mut self) {
        self.now = self.now + Duration::from_secs(TIMEOUT_SECONDS + 1);
        let expected: BTreeSet<String> = self.alive.values().flatten().cloned().collect();
        let mut drained = BTreeSet::new();
        loop {
            self.receive(10);
            if self.held.is_empty() {
                break;
            }
            drained.extend(self.held.iter().map(|held| held.body.clone()));
            while !self.held.is_empty() {
                self.delete(0);
            }
        }
        assert_eq!(drained, expected, "lost, or not deleted");
    }
}

proptest! {
    #[test]
    fn a_queue_keeps_its_promises(fifo: bool, steps in steps()) {
        let mut run = Run::new(fifo);
        for step in &steps {
            run.step(step);
            run.check_counters();
        }
        run.drain();
    }
}
