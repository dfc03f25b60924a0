//! Topic-queue chaining: a topic, a queue, a worker that publishes on, another topic, another queue.

use super::{SIZE, consumers};
use crate::scenarios::queue::delete;
use proofmark_load::{Arrival, Delivery, Flow, Op, Promise, Scenario, Stage, Trouble};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub(super) const CHAIN: Scenario = Scenario {
    name: "pat.topic-queue-chain",
    summary: "a topic, a queue, workers that publish what they get to a second topic, and the queue behind that",
    parameters: &[SIZE, consumers("4")],
    stationary: true,
    set_up: |stage| Box::pin(set_up(stage)),
};

struct Chain {
    stage: Arc<Stage>,
    topics: [String; 2],
    queues: [String; 2],
    consumers: u32,
    publishes: Op,
    passes_on: Op,
    receives: Op,
    deletes: Op,
}

async fn set_up(stage: &Arc<Stage>) -> Result<Arc<dyn Flow>, Trouble> {
    let consumers = stage.parameters.number("consumers", 1..=10_000)?;
    stage.messages(Delivery::single(Promise::default()))?;
    let (first, second) = (link(stage, "1").await?, link(stage, "2").await?);
    let operation = |name| stage.recorder.operation(name);
    Ok(Arc::new(Chain {
        publishes: operation("sns.Publish"),
        passes_on: operation("sns.Publish.worker"),
        receives: operation("sqs.ReceiveMessage"),
        deletes: operation("sqs.DeleteMessageBatch"),
        stage: stage.clone(),
        topics: [first.0, second.0],
        queues: [first.1, second.1],
        consumers,
    }))
}

async fn link(stage: &Stage, name: &str) -> Result<(String, String), Trouble> {
    let topic = stage.topic(&format!("t{name}")).await?;
    let queue = stage.queue(&format!("q{name}"), &[]).await?;
    stage.subscribe(&topic, &queue, None).await?;
    Ok((topic, queue))
}

impl Flow for Chain {
    fn act<'a>(&'a self, arrival: &'a Arrival) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            let (sequence, body) = self.stage.message(arrival, |_| 0);
            let publish = self.stage.sns().publish().topic_arn(&self.topics[0]).message(body);
            if self.stage.scheduled(self.publishes, arrival, publish.send()).await.is_some() {
                self.stage.acknowledged(sequence);
            }
        })
    }

    /// Half of the consumers are workers between the topics, the others are at the chain's end.
    fn consumers(&self) -> u32 {
        2 * self.consumers
    }

    fn consume(&self, consumer: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move { if consumer < self.consumers { self.pass_on().await } else { self.collect().await } })
    }
}

impl Chain {
    /// Publishes first and deletes after, so that a worker that dies between loses nothing.
    async fn pass_on(&self) {
        let mut messages = self.stage.receive(self.receives, &self.queues[0], 20, 10).await;
        let mut passed_on = Vec::new();
        for message in messages.drain(..) {
            let publish = self.stage.sns().publish().topic_arn(&self.topics[1]);
            let publish = publish.message(message.body().unwrap_or_default());
            if self.stage.unplanned(self.passes_on, publish.send()).await.is_some() {
                passed_on.push(message);
            }
        }
        delete(&self.stage, self.deletes, &self.queues[0], &passed_on).await;
    }

    async fn collect(&self) {
        let messages = self.stage.receive(self.receives, &self.queues[1], 20, 10).await;
        for message in &messages {
            self.stage.received(self.publishes, 0, message.body().unwrap_or_default());
        }
        delete(&self.stage, self.deletes, &self.queues[1], &messages).await;
    }
}
