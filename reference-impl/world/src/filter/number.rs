//! Numbers as filters compare them: between plus and minus a billion, with five digits after the point.
//!
//! 300, 300.0 and 3e2 are one number; 0.000001 and 0.000002 are too. A number outside the range cannot be compared,
//! and equals only what is written the same way, such as the number of an AWS account.

use std::borrow::Cow;

/// The largest number that can be compared, and, negative, the smallest.
const LARGEST: f64 = 1e9;
/// Units in one: five digits after the point.
const UNITS: f64 = 1e5;

/// A number in a policy or a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Number<'a> {
    /// One that can be compared, in hundred-thousandths.
    Comparable(i64),
    /// One that cannot: its text.
    Written(Cow<'a, str>),
}

impl<'a> Number<'a> {
    /// The number that `text` stands for. What is no number at all is equal only to itself.
    pub(super) fn parse(text: &'a str) -> Self {
        let value = text.parse().unwrap_or(f64::NAN);
        if value.abs() <= LARGEST {
            Number::Comparable((value * UNITS).round() as i64)
        } else {
            Number::Written(Cow::Borrowed(text))
        }
    }

    pub(super) fn into_owned(self) -> Number<'static> {
        match self {
            Number::Comparable(units) => Number::Comparable(units),
            Number::Written(text) => Number::Written(Cow::Owned(text.into_owned())),
        }
    }
}
