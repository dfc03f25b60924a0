//! One alternative in the array of a policy's key, and what it matches.

use super::json::Literal;
use super::number::Number;
use std::net::IpAddr;
use std::ops::{Bound, RangeBounds, RangeInclusive};

/// What a value can be held against. The absence of a value is not here: see `Condition::or_absent`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Matcher {
    Exactly(Literal<'static>),
    Prefix(Box<str>),
    Suffix(Box<str>),
    /// Held in lower case.
    EqualsIgnoreCase(Box<str>),
    AnythingBut(Vec<Literal<'static>>),
    AnythingButPrefix(Box<str>),
    Numeric(Bound<i64>, Bound<i64>),
    Cidr(RangeInclusive<IpAddr>),
    Exists,
}

impl Matcher {
    /// Operators on text match no other kind of value, operators on numbers match numbers only; `anything-but`
    /// matches whatever is there and not named.
    pub(super) fn matches(&self, value: &Literal<'_>) -> bool {
        match (self, value) {
            (Matcher::Exists, _) => true,
            (Matcher::Exactly(wanted), _) => wanted == value,
            (Matcher::AnythingBut(refused), _) => !refused.contains(value),
            (Matcher::AnythingButPrefix(prefix), Literal::String(text)) => !text.starts_with(&**prefix),
            (Matcher::AnythingButPrefix(_), _) => true,
            (Matcher::Prefix(prefix), Literal::String(text)) => text.starts_with(&**prefix),
            (Matcher::Suffix(suffix), Literal::String(text)) => text.ends_with(&**suffix),
            (Matcher::EqualsIgnoreCase(lower), Literal::String(text)) => {
                text.chars().flat_map(char::to_lowercase).eq(lower.chars())
            }
            (Matcher::Cidr(block), Literal::String(text)) => {
                text.parse().is_ok_and(|address: IpAddr| block.contains(&address))
            }
            // That a String attribute "99" is no number is what the examples of the guide say; emulators differ.
            (Matcher::Numeric(bottom, top), Literal::Number(Number::Comparable(units))) => {
                (*bottom, *top).contains(units)
            }
            _ => false,
        }
    }
}
