//! What a world can do that not every world can. A case says what it needs.

use std::fmt;

/// Something that a case may need and a world may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    /// Credentials of a second account.
    SecondAccount,
    /// Waiting costs no real time.
    VirtualTime,
    /// Quotas of calls per second are enforced.
    Quotas,
    /// Signatures are verified.
    StrictSignatures,
    /// Credentials with a session token, both valid and expired.
    SessionCredentials,
    /// An HTTP subscriber of the case's can be reached.
    HttpSubscriber,
    /// The same with a certificate that the world trusts.
    HttpsSubscriber,
    /// Endpoints can be taken down, and letters, logs, metrics and attempts can be looked at.
    Insight,
}

impl Capability {
    /// Every capability.
    pub const ALL: &'static [Capability] = &[
        Capability::SecondAccount,
        Capability::VirtualTime,
        Capability::Quotas,
        Capability::StrictSignatures,
        Capability::SessionCredentials,
        Capability::HttpSubscriber,
        Capability::HttpsSubscriber,
        Capability::Insight,
    ];

    /// The name people read and write: `second-account`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Capability::SecondAccount => "second-account",
            Capability::VirtualTime => "virtual-time",
            Capability::Quotas => "quotas",
            Capability::StrictSignatures => "strict-signatures",
            Capability::SessionCredentials => "session-credentials",
            Capability::HttpSubscriber => "http-subscriber",
            Capability::HttpsSubscriber => "https-subscriber",
            Capability::Insight => "insight",
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A set of capabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(u32);

impl Capabilities {
    /// The set with `capability` in it.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Capabilities(self.0 | capability.bit())
    }

    /// The set with `capability` in it, if `present`.
    #[must_use]
    pub const fn with_if(self, capability: Capability, present: bool) -> Self {
        if present { self.with(capability) } else { self }
    }

    /// Whether `capability` is in the set.
    #[must_use]
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }

    /// The first of `needs` that is not in the set.
    #[must_use]
    pub fn lacking(self, needs: &[Capability]) -> Option<Capability> {
        needs.iter().copied().find(|&need| !self.has(need))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_missing_need_is_named() {
        let set = Capabilities::default().with(Capability::Quotas);
        assert_eq!(set.lacking(&[Capability::Quotas]), None);
        assert_eq!(set.lacking(&[Capability::Quotas, Capability::VirtualTime]), Some(Capability::VirtualTime));
    }
}
