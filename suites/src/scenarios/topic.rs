//! One topic, and the queues behind it: none, some, or some with filters.

use super::{SIZE, consumers};
use crate::scenarios::queue::delete;
use aws_sdk_sns::types::MessageAttributeValue;
use proofmark_load::{Arrival, Delivery, Flow, Op, Parameter, Promise, Scenario, Stage, Trouble};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

type Boxed<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

const QUEUES: Parameter = Parameter { name: "queues", default: "10", help: "how many queues subscribe, 1 to 1000" };

pub(super) const PUBLISH: Scenario = Scenario {
    name: "sns.publish",
    summary: "publishing to a topic that nobody subscribes to",
    parameters: &[SIZE],
    stationary: true,
    set_up: |stage| Box::pin(set_up(stage, Fan::None)),
};

pub(super) const FAN_OUT: Scenario = Scenario {
    name: "sns.fan-out",
    summary: "publishing to a topic with several queues, each of which gets every message",
    parameters: &[SIZE, QUEUES, consumers("1")],
    stationary: true,
    set_up: |stage| Box::pin(set_up(stage, Fan::All)),
};

pub(super) const FILTERED: Scenario = Scenario {
    name: "sns.filtered-fan-out",
    summary: "publishing to a topic with several queues, each of which filters its share of the messages",
    parameters: &[SIZE, QUEUES, consumers("1")],
    stationary: true,
    set_up: |stage| Box::pin(set_up(stage, Fan::Filtered)),
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fan {
    None,
    All,
    Filtered,
}

struct Topic {
    stage: Arc<Stage>,
    fan: Fan,
    topic: String,
    queues: Vec<String>,
    consumers: u32,
    publishes: Op,
    receives: Op,
    deletes: Op,
}

async fn set_up(stage: &Arc<Stage>, fan: Fan) -> Result<Arc<dyn Flow>, Trouble> {
    let parameters = &stage.parameters;
    let (count, consumers) = match fan {
        Fan::None => (0, 0),
        Fan::All | Fan::Filtered => (parameters.number("queues", 1..=1_000)?, parameters.number("consumers", 1..=100)?),
    };
    stage.messages(Delivery::to_legs(Promise::default(), count, move |leg, sequence| {
        fan == Fan::All || sequence % u64::from(count) == u64::from(leg)
    }))?;
    let topic = stage.topic("t").await?;
    let mut queues = Vec::new();
    for leg in 0..count {
        let queue = stage.queue(&format!("q{leg}"), &[]).await?;
        let policy = (fan == Fan::Filtered).then(|| format!(r#"{{"share":["{leg}"]}}"#));
        stage.subscribe(&topic, &queue, policy.as_deref()).await?;
        queues.push(queue);
    }
    let operation = |name| stage.recorder.operation(name);
    Ok(Arc::new(Topic {
        publishes: operation("sns.Publish"),
        receives: operation("sqs.ReceiveMessage"),
        deletes: operation("sqs.DeleteMessageBatch"),
        stage: stage.clone(),
        fan,
        topic,
        queues,
        consumers,
    }))
}

impl Flow for Topic {
    fn act<'a>(&'a self, arrival: &'a Arrival) -> Boxed<'a> {
        Box::pin(async move {
            let (sequence, body) = self.stage.message(arrival, |_| 0);
            let mut publish = self.stage.sns().publish().topic_arn(&self.topic).message(body);
            if self.fan == Fan::Filtered {
                publish = publish.message_attributes("share", share(sequence, self.queues.len()));
            }
            if self.stage.scheduled(self.publishes, arrival, publish.send()).await.is_some() {
                self.stage.acknowledged(sequence);
            }
        })
    }

    fn consumers(&self) -> u32 {
        self.consumers * u32::try_from(self.queues.len()).unwrap_or(u32::MAX)
    }

    fn consume(&self, consumer: u32) -> Boxed<'_> {
        Box::pin(async move {
            let leg = consumer as usize % self.queues.len();
            let queue = &self.queues[leg];
            let messages = self.stage.receive(self.receives, queue, 20, 10).await;
            for message in &messages {
                let leg = u32::try_from(leg).unwrap_or(u32::MAX);
                self.stage.received(self.publishes, leg, message.body().unwrap_or_default());
            }
            delete(&self.stage, self.deletes, queue, &messages).await;
        })
    }
}

/// The attribute that says whose share a message is.
fn share(sequence: u64, queues: usize) -> MessageAttributeValue {
    let share = sequence % queues.max(1) as u64;
    let value = MessageAttributeValue::builder().data_type("String").string_value(share.to_string());
    value.build().expect("a type is all that an attribute must have")
}
