//! One queue, sent to by the plan and received from by consumers that delete what they get.

use super::{BATCH, RECEIVE, SIZE, consumers};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, SendMessageBatchRequestEntry};
use proofmark_load::scenario::SetUp;
use proofmark_load::{Arrival, Delivery, Flow, Op, Parameter, Promise, Scenario, Stage, Trouble};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Mutex;

type Boxed<'a, T = ()> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub(super) const STANDARD: Scenario = Scenario {
    name: "sqs.standard",
    summary: "point to point over a standard queue: send, receive, delete",
    parameters: &[SIZE, BATCH, consumers("4"), RECEIVE],
    stationary: true,
    set_up: |stage| Box::pin(set_up(stage, Kind::Standard)),
};

pub(super) const FIFO: Scenario = Scenario {
    name: "sqs.fifo",
    summary: "point to point over a FIFO queue of many groups, each sent to in order",
    parameters: &[SIZE, BATCH, groups("100"), consumers("4"), RECEIVE],
    stationary: true,
    set_up: FIFO_SET_UP,
};

pub(super) const HOT_GROUP: Scenario = Scenario {
    name: "sqs.hot-group",
    summary: "a FIFO queue whose messages all belong to one group, which one consumer at a time can have",
    parameters: &[SIZE, BATCH, groups("1"), consumers("4"), RECEIVE],
    stationary: true,
    set_up: FIFO_SET_UP,
};

pub(super) const LONG_POLL: Scenario = Scenario {
    name: "sqs.long-poll",
    summary: "how long it takes until a waiting consumer has a message: one consumer, one message at a time",
    parameters: &[SIZE, BATCH, consumers("1"), Parameter { default: "1", ..RECEIVE }],
    stationary: true,
    set_up: |stage| Box::pin(set_up(stage, Kind::Standard)),
};

pub(super) const BACKLOG: Scenario = Scenario {
    name: "sqs.backlog",
    summary: "a backlog is built while nobody receives, in the first half of each block, and drained after",
    parameters: &[SIZE, BATCH, consumers("4"), RECEIVE],
    stationary: false,
    set_up: |stage| Box::pin(set_up(stage, Kind::Backlog)),
};

const FIFO_SET_UP: SetUp = |stage| Box::pin(set_up(stage, Kind::Fifo));

const fn groups(default: &'static str) -> Parameter {
    Parameter { name: "groups", default, help: "how many message groups, in turn" }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Standard,
    Fifo,
    Backlog,
}

/// A queue with its consumers.
struct Queue {
    stage: Arc<Stage>,
    kind: Kind,
    url: String,
    batch: u32,
    /// One lock per group: messages of a group are sent one after the other, or their order would mean nothing.
    groups: Vec<Mutex<()>>,
    consumers: u32,
    receive: i32,
    /// Whether a backlog is being built, so that nobody receives.
    building: AtomicBool,
    sends: Op,
    receives: Op,
    deletes: Op,
}

async fn set_up(stage: &Arc<Stage>, kind: Kind) -> Result<Arc<dyn Flow>, Trouble> {
    let parameters = &stage.parameters;
    let batch = parameters.number("batch", 1..=10)?;
    let fifo = kind == Kind::Fifo;
    let groups = if fifo { parameters.number("groups", 1..=1_000_000)? } else { 0 };
    let (consumers, receive) = (parameters.number("consumers", 1..=10_000)?, parameters.number("receive", 1..=10)?);
    stage.messages(Delivery::single(Promise { ordered: fifo, exactly_once: fifo }))?;
    let url = stage.queue(if fifo { "q.fifo" } else { "q" }, &[]).await?;
    let operation = |single: &str, batched: &str| {
        stage.recorder.operation(&format!("sqs.{}", if batch == 1 { single } else { batched }))
    };
    Ok(Arc::new(Queue {
        sends: operation("SendMessage", "SendMessageBatch"),
        receives: stage.recorder.operation("sqs.ReceiveMessage"),
        deletes: stage.recorder.operation("sqs.DeleteMessageBatch"),
        stage: stage.clone(),
        kind,
        url,
        batch,
        groups: (0..groups).map(|_| Mutex::new(())).collect(),
        consumers,
        receive: i32::try_from(receive).unwrap_or(10),
        building: AtomicBool::new(false),
    }))
}

impl Flow for Queue {
    fn act<'a>(&'a self, arrival: &'a Arrival) -> Boxed<'a> {
        Box::pin(async move {
            let building = self.kind == Kind::Backlog && arrival.measured && arrival.progress < 0.5;
            self.building.store(building, Ordering::Relaxed);
            let group = self.group(arrival);
            let _in_turn = match self.groups.get(group as usize) {
                Some(group) => Some(group.lock().await),
                None => None,
            };
            if self.batch == 1 { self.send(arrival, group).await } else { self.send_batch(arrival, group).await }
        })
    }

    fn consumers(&self) -> u32 {
        self.consumers
    }

    fn consume(&self, _: u32) -> Boxed<'_> {
        Box::pin(async move {
            if self.building.load(Ordering::Relaxed) {
                return self.stage.clock().sleep(std::time::Duration::from_millis(10)).await;
            }
            let messages = self.stage.receive(self.receives, &self.url, 20, self.receive).await;
            for message in &messages {
                self.stage.received(self.sends, 0, message.body().unwrap_or_default());
            }
            delete(&self.stage, self.deletes, &self.url, &messages).await;
        })
    }
}

impl Queue {
    fn group(&self, arrival: &Arrival) -> u32 {
        let groups = self.groups.len().max(1) as u64;
        u32::try_from(arrival.number % groups).unwrap_or(0)
    }

    fn is_fifo(&self) -> bool {
        self.kind == Kind::Fifo
    }

    async fn send(&self, arrival: &Arrival, group: u32) {
        let (sequence, body) = self.stage.message(arrival, |_| group);
        let mut send = self.stage.sqs().send_message().queue_url(&self.url).message_body(body);
        if self.is_fifo() {
            send = send.message_group_id(group.to_string()).message_deduplication_id(sequence.to_string());
        }
        if self.stage.scheduled(self.sends, arrival, send.send()).await.is_some() {
            self.stage.acknowledged(sequence);
        }
    }

    async fn send_batch(&self, arrival: &Arrival, group: u32) {
        let messages: Vec<(u64, String)> = (0..self.batch).map(|_| self.stage.message(arrival, |_| group)).collect();
        let sequences: Vec<u64> = messages.iter().map(|(sequence, _)| *sequence).collect();
        let entries = messages.into_iter().map(|(sequence, body)| self.entry(sequence, group, body)).collect();
        let send = self.stage.sqs().send_message_batch().queue_url(&self.url).set_entries(Some(entries));
        let Some(sent) = self.stage.scheduled(self.sends, arrival, send.send()).await else { return };
        for refused in sent.failed() {
            self.stage.refused(self.sends, arrival.measured, refused.code());
        }
        let refused = |sequence: u64| sent.failed().iter().any(|entry| entry.id() == sequence.to_string());
        sequences
            .into_iter()
            .filter(|sequence| !refused(*sequence))
            .for_each(|sequence| self.stage.acknowledged(sequence));
    }

    fn entry(&self, sequence: u64, group: u32, body: String) -> SendMessageBatchRequestEntry {
        let fifo = |text: String| self.is_fifo().then_some(text);
        let entry = SendMessageBatchRequestEntry::builder()
            .id(sequence.to_string())
            .message_body(body)
            .set_message_group_id(fifo(group.to_string()))
            .set_message_deduplication_id(fifo(sequence.to_string()));
        entry.build().expect("an id and a body are all that an entry must have")
    }
}

/// Deletes received messages, ten at most, in one request.
pub(super) async fn delete(stage: &Stage, op: Op, queue: &str, messages: &[Message]) {
    let entries: Vec<_> = messages
        .iter()
        .enumerate()
        .map(|(index, message)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(index.to_string());
            let entry = entry.receipt_handle(message.receipt_handle().unwrap_or_default());
            entry.build().expect("an id and a receipt handle are all that an entry must have")
        })
        .collect();
    if entries.is_empty() {
        return;
    }
    let measured = stage.is_measuring();
    let delete = stage.sqs().delete_message_batch().queue_url(queue).set_entries(Some(entries));
    if let Some(deleted) = stage.unplanned(op, delete.send()).await {
        deleted.failed().iter().for_each(|refused| stage.refused(op, measured, refused.code()));
    }
}
