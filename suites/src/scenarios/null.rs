//! Nothing but the generator: a request that a connector answers at once, so that what is left is our own cost.

use super::SIZE;
use proofmark_load::{Arrival, Delivery, Flow, Op, Promise, Scenario, Stage, Trouble};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub(super) const NULL: Scenario = Scenario {
    name: "null",
    summary: "requests that are answered at once, without a server: what the generator itself costs",
    parameters: &[SIZE],
    stationary: true,
    set_up: |stage| Box::pin(set_up(stage)),
};

struct Null {
    stage: Arc<Stage>,
    sends: Op,
}

async fn set_up(stage: &Arc<Stage>) -> Result<Arc<dyn Flow>, Trouble> {
    // No leg wants a message, because none comes back.
    stage.messages(Delivery::to_legs(Promise::default(), 0, |_, _| false))?;
    Ok(Arc::new(Null { sends: stage.recorder.operation("sqs.SendMessage"), stage: stage.clone() }))
}

impl Flow for Null {
    fn act<'a>(&'a self, arrival: &'a Arrival) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            let (_, body) = self.stage.message(arrival, |_| 0);
            let send = self.stage.sqs().send_message().queue_url("http://null/0/q").message_body(body);
            self.stage.scheduled(self.sends, arrival, send.send()).await;
        })
    }
}
