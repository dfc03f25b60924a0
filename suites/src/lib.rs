//! What AWS promises, and the cases that check it. A stand-in until the cases are there.

use proofmark_conform::{Case, Catalogue, case};
use std::sync::LazyLock;
use std::time::Duration;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let files = [include_str!("../clauses/wire.toml"), include_str!("../clauses/sqs.toml")];
    Catalogue::parse(&files).unwrap_or_else(|error| panic!("the clause catalogue is malformed: {error}"))
});

/// Every case of every service, in the order of the lists.
#[must_use]
pub fn cases() -> Vec<&'static Case> {
    vec![&SEND_RECEIVE, &RETENTION]
}

/// The clause catalogue.
///
/// # Panics
/// If a file under `suites/clauses/` is malformed, which a test rules out.
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

case! {
    /// What is sent can be received.
    pub SEND_RECEIVE = "sqs.send.received",
    clauses: ["sqs.queue.url-form"],
    cost: 4 requests, 1 seconds,
    async fn send_receive(scope) {
        let queue = scope.create_queue("orders", &[]).await?;
        scope.sqs().send_message().queue_url(&queue).message_body("one coffee").send().await?;
        let got = scope.sqs().receive_message().queue_url(&queue).wait_time_seconds(20).send().await?;
        scope.expect_eq("the number of messages", 1, got.messages().len())
    }
}

case! {
    /// A message is gone after four days.
    pub RETENTION = "sqs.retention.four_days",
    clauses: ["sqs.queue.name-charset"],
    cost: 4 requests, 345600 seconds,
    async fn retention(scope) {
        let queue = scope.create_queue("orders", &[]).await?;
        scope.sqs().send_message().queue_url(&queue).message_body("one coffee").send().await?;
        scope.sleep(Duration::from_secs(345_601)).await;
        let got = scope.sqs().receive_message().queue_url(&queue).send().await?;
        scope.expect_eq("the number of messages", 0, got.messages().len())
    }
}
