//! A flood of messages that nobody can handle: each is received, given back, and ends in a dead-letter queue.

use super::{SIZE, consumers};
use crate::scenarios::queue::delete;
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_load::{Arrival, Delivery, Flow, Op, Parameter, Promise, Scenario, Stage, Trouble};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub(super) const FLOOD: Scenario = Scenario {
    name: "sqs.dlq-flood",
    summary: "every message fails as often as it may, and arrives in the dead-letter queue",
    parameters: &[
        SIZE,
        Parameter { name: "receives", default: "3", help: "how often a message fails before it moves, 1 to 1000" },
        consumers("4"),
    ],
    stationary: true,
    set_up: |stage| Box::pin(set_up(stage)),
};

struct Flood {
    stage: Arc<Stage>,
    source: String,
    dead_letters: String,
    consumers: u32,
    sends: Op,
    receives: Op,
    gives_back: Op,
    deletes: Op,
}

async fn set_up(stage: &Arc<Stage>) -> Result<Arc<dyn Flow>, Trouble> {
    let receives = stage.parameters.number("receives", 1..=1_000)?;
    let consumers = stage.parameters.number("consumers", 1..=10_000)?;
    stage.messages(Delivery::single(Promise::default()))?;
    let dead_letters = stage.queue("dead", &[]).await?;
    let arn = stage.queue_arn(&dead_letters).await?;
    let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"{receives}"}}"#);
    let source = stage.queue("q", &[(QueueAttributeName::RedrivePolicy, &policy)]).await?;
    let operation = |name| stage.recorder.operation(name);
    Ok(Arc::new(Flood {
        sends: operation("sqs.SendMessage"),
        receives: operation("sqs.ReceiveMessage"),
        gives_back: operation("sqs.ChangeMessageVisibility"),
        deletes: operation("sqs.DeleteMessageBatch"),
        stage: stage.clone(),
        source,
        dead_letters,
        consumers,
    }))
}

impl Flow for Flood {
    fn act<'a>(&'a self, arrival: &'a Arrival) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            let (sequence, body) = self.stage.message(arrival, |_| 0);
            let send = self.stage.sqs().send_message().queue_url(&self.source).message_body(body);
            if self.stage.scheduled(self.sends, arrival, send.send()).await.is_some() {
                self.stage.acknowledged(sequence);
            }
        })
    }

    /// Half of the consumers fail to handle messages, the others read dead letters.
    fn consumers(&self) -> u32 {
        2 * self.consumers
    }

    fn consume(&self, consumer: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move { if consumer < self.consumers { self.fail().await } else { self.collect().await } })
    }
}

impl Flood {
    async fn fail(&self) {
        for message in self.stage.receive(self.receives, &self.source, 20, 10).await {
            let handle = message.receipt_handle().unwrap_or_default();
            let change = self.stage.sqs().change_message_visibility().queue_url(&self.source);
            let change = change.receipt_handle(handle).visibility_timeout(0);
            self.stage.unplanned(self.gives_back, change.send()).await;
        }
    }

    async fn collect(&self) {
        let messages = self.stage.receive(self.receives, &self.dead_letters, 20, 10).await;
        for message in &messages {
            self.stage.received(self.sends, 0, message.body().unwrap_or_default());
        }
        delete(&self.stage, self.deletes, &self.dead_letters, &messages).await;
    }
}
