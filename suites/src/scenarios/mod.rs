//! The load scenarios: what one arrival does, and what consumers do, through the SDK.
//!
//! | File | Scenarios |
//! |---|---|
//! | `queue` | `sqs.standard`, `sqs.fifo`, `sqs.hot-group`, `sqs.long-poll`, `sqs.backlog` |
//! | `dead_letters` | `sqs.dlq-flood` |
//! | `topic` | `sns.publish`, `sns.fan-out`, `sns.filtered-fan-out` |
//! | `topic_queue_chain` | `pat.topic-queue-chain` |
//! | `null` | `null`: what the generator itself costs |
//!
//! A scenario is one unit in one file and one line here.

mod dead_letters;
mod null;
mod queue;
mod topic;
mod topic_queue_chain;

use proofmark_load::{Parameter, Scenario};

/// Every scenario, in the order in which they are listed.
pub const SCENARIOS: &[&Scenario] = &[
    &queue::STANDARD,
    &queue::FIFO,
    &queue::HOT_GROUP,
    &queue::LONG_POLL,
    &queue::BACKLOG,
    &dead_letters::FLOOD,
    &topic::PUBLISH,
    &topic::FAN_OUT,
    &topic::FILTERED,
    &topic_queue_chain::CHAIN,
    &null::NULL,
];

/// The scenario of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().copied().find(|scenario| scenario.name == name)
}

const SIZE: Parameter = Parameter {
    name: "size",
    default: "300",
    help: "bytes of a message: a number, uniform:LOW..HIGH or lognormal:MEDIAN,SIGMA",
};

const fn consumers(default: &'static str) -> Parameter {
    Parameter { name: "consumers", default, help: "how many receive at once, on each queue" }
}

const RECEIVE: Parameter =
    Parameter { name: "receive", default: "10", help: "messages asked for in a receive, 1 to 10" };

const BATCH: Parameter =
    Parameter { name: "batch", default: "1", help: "messages of one request, 1 to 10; the plan counts requests" };
