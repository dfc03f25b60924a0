//! A case: one behaviour, in one place.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Case`] | id, clauses, needs, cost and body |
//! | [`case!`](crate::case!) | how one is written |
//! | [`Unit`] | a case over one protocol: what is run, named and judged |

use crate::clause::ProtocolName;
use crate::{Outcome, Scope};
use proofmark_backend::{Capability, Protocol};
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// A body under way. It stays on its thread, so it may hold what cannot leave it.
pub type Body<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// One behaviour to check. Written with [`case!`](crate::case!), listed in one place per service.
#[derive(Debug)]
pub struct Case {
    /// An append-only name: `sqs.visibility.change_to_zero`.
    pub id: &'static str,
    /// What it checks, in one sentence.
    pub says: &'static str,
    /// The clauses that it covers.
    pub clauses: &'static [&'static str],
    /// The protocols that it runs over.
    pub protocols: &'static [Protocol],
    /// What the world must be able to do.
    pub needs: &'static [Capability],
    /// What a run of it takes on AWS.
    pub cost: Cost,
    /// What it does.
    pub body: for<'a> fn(&'a Scope) -> Body<'a>,
}

/// What a case takes on AWS, over one protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Requests sent, about.
    pub requests: u32,
    /// Seconds waited, about.
    pub seconds: u32,
}

impl Case {
    /// Both protocols, for a case that names none.
    pub const BOTH_PROTOCOLS: &'static [Protocol] = &[Protocol::Json, Protocol::Query];

    /// The service that it is about: the id up to the first dot.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.id.split('.').next().unwrap_or(self.id)
    }
}

/// A case over one protocol.
///
/// Its name is always `<case id>/<protocol>`, also for a case that has but one, so that names stay when
/// protocols are added.
#[derive(Clone, Copy)]
pub struct Unit {
    /// The case.
    pub case: &'static Case,
    /// What its clients speak.
    pub protocol: Protocol,
}

impl Unit {
    /// `sqs.visibility.change_to_zero/json`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.case.id, ProtocolName::from(self.protocol))
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Unit({})", self.name())
    }
}

/// Declares a [`Case`] as a static. The doc comment is what the case says; the body ends in `Ok(())`.
///
/// ```
/// use proofmark_conform::case;
///
/// case! {
///     /// A change to zero makes the message receivable at once.
///     pub CHANGE_TO_ZERO = "sqs.visibility.change_to_zero",
///     clauses: ["sqs.visibility.change-zero"],
///     cost: 5 requests, 2 seconds,
///     protocols: [Json],       // optional: both if absent
///     needs: [SecondAccount],  // optional: nothing if absent
///     async fn change_to_zero(scope) {
///         let queue = scope.create_queue("orders", &[]).await?;
///         scope.sqs().send_message().queue_url(&queue).message_body("one coffee").send().await?;
///         Ok(())
///     }
/// }
///
/// assert_eq!(CHANGE_TO_ZERO.says, "A change to zero makes the message receivable at once.");
/// assert_eq!(CHANGE_TO_ZERO.cost.requests, 5);
/// ```
#[macro_export]
macro_rules! case {
    (
        $(#[doc = $says:literal])+
        $visibility:vis $name:ident = $id:literal,
        clauses: [$($clause:literal),* $(,)?],
        cost: $requests:literal requests, $seconds:literal seconds,
        $(protocols: [$($protocol:ident),+ $(,)?],)?
        $(needs: [$($need:ident),* $(,)?],)?
        async fn $body:ident($scope:ident) $block:block
    ) => {
        $(#[doc = $says])+
        $visibility static $name: $crate::Case = {
            async fn $body($scope: &$crate::Scope) -> $crate::Outcome $block
            $crate::Case {
                id: $id,
                says: concat!($($says),+).trim_ascii(),
                clauses: &[$($clause),*],
                protocols: $crate::case!(@protocols $($($protocol),+)?),
                needs: &[$($($crate::Capability::$need),*)?],
                cost: $crate::Cost { requests: $requests, seconds: $seconds },
                body: |scope| ::std::boxed::Box::pin($body(scope)),
            }
        };
    };
    (@protocols) => { $crate::Case::BOTH_PROTOCOLS };
    (@protocols $($protocol:ident),+) => { &[$($crate::Protocol::$protocol),+] };
}
