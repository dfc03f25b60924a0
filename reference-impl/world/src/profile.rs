//! Dated limits: what AWS allowed then, and what it allows now.

use serde::{Deserialize, Serialize};

/// The date whose limits are in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Profile {
    /// 28 September 2021, the day of the talk the project grew out of.
    #[serde(rename = "2021-09")]
    September2021,
    /// The newest values in the tables.
    #[default]
    #[serde(rename = "today")]
    Today,
}

/// One documented number with its history.
#[derive(Clone, Copy, Debug)]
pub struct Limit<T: Copy> {
    /// The value in force in September 2021.
    pub then: T,
    /// The value in force today.
    pub now: T,
    /// Since when `now` holds, as `YYYY-MM`; empty if it always did.
    pub since: &'static str,
    /// Where the values come from.
    pub source: &'static str,
}

impl<T: Copy> Limit<T> {
    /// A value that has not changed since 2021.
    #[must_use]
    pub const fn steady(value: T, source: &'static str) -> Self {
        Limit { then: value, now: value, since: "", source }
    }

    /// The value in force in `profile`.
    #[must_use]
    pub const fn at(&self, profile: Profile) -> T {
        match profile {
            Profile::September2021 => self.then,
            Profile::Today => self.now,
        }
    }
}
