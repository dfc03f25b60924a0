//! The cases of the wire.

use proofmark_conform::Case;

/// Every case of the wire, in the order in which they are listed and reported.
pub static CASES: &[&Case] = &[];
