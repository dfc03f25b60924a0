//! Filter policies: which messages a subscription wants.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`Policy`] | a policy, checked and compiled once: `policy` |
//! | [`PolicySet`] | many policies, of which a message is held against few: `set` |
//! | [`Attributes`], [`Body`] | a message, taken apart once for all subscriptions: `message` |
//! | [`PolicyError`] | why a policy is refused, in AWS's words: `policy` |
//! | `grammar`, `numeric`, `cidr` | from JSON to fields and operators, with AWS's messages |
//! | `matcher`, `number` | one alternative of a key, and how numbers compare |
//! | `search` | a policy's conditions against the tree of a message |
//! | `json` | the reader, which knows where it is |
//!
//! The grammar is that of the library event-ruler, with which AWS matches. What is Amazon SNS's own, the limits and
//! the two scopes, is in `policy` and `message`.

mod cidr;
mod grammar;
mod json;
mod matcher;
mod message;
mod number;
mod numeric;
mod policy;
mod search;
mod set;

pub use grammar::Dialect;
pub use message::{AttributeValue, Attributes, Body};
pub use policy::{Limits, Policy, PolicyError, Scope};
pub use set::PolicySet;
