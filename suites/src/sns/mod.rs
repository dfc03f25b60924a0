//! The cases of Amazon SNS: one file per behaviour, one ordered list.

mod publish;
pub(crate) mod support;

use proofmark_conform::Case;

/// Every case of SNS, in the order in which they are listed and reported.
pub static CASES: &[&Case] = &[
    // topics
    // topic attributes
    // subscriptions
    // confirmation
    // publish
    &publish::TO_QUEUES,
    &publish::BEFORE_SUBSCRIBE,
    &publish::EMPTY,
    // message attributes
    // batches
    // filters
    // envelopes and signatures
    // raw delivery
    // retries and HTTP
    // dead-letter queues
    // FIFO topics
    // archives
    // logs and metrics
    // permissions, tags, encryption
    // SMS and mobile push
    // quotas
    // other accounts and Regions
    // patterns
];
