//! The cases of Amazon SNS: one file per behaviour, one ordered list.

mod publish;
pub(crate) mod support;

use proofmark_conform::Case;

/// Every case of SNS, in the order in which they are listed and reported.
pub static CASES: &[&Case] = &[
    // publish
    &publish::TO_QUEUES,
    &publish::BEFORE_SUBSCRIBE,
    &publish::EMPTY,
];
