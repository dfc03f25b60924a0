//! What is expected to come of a case on one backend, where that is not a pass.
//!
//! ```toml
//! [[expect]]
//! case = "sqs.visibility.change_to_zero/query"   # without the protocol: over all of them
//! verdict = "fail"
//! reason = "the emulator has no Query protocol"
//! link = "https://example.invalid/issues/1"      # optional
//! expires = "2027-01-31"                         # optional: the last day on which it is expected
//! ```
//!
//! An unexpected pass is as loud as an unexpected failure. What has expired is no longer expected, and reported.

use crate::summary::UnitResult;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proofmark_backend::Timestamp;
use proofmark_record::{Standing, Verdict};
use serde::{Deserialize, Serialize};

/// A verdict that is expected on one backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// A case's id, or a unit's name.
    pub case: String,
    /// What is expected to come of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Where that is discussed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The last day on which it is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
}

/// Why expectations cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ExpectationsError {
    /// Not TOML, or not expectations.
    #[error("the expectations are not readable; correct the place that is named")]
    Malformed(#[from] toml::de::Error),
    /// Two rows for one case.
    #[error("`{0}` is expected twice; keep one of the rows")]
    Twice(String),
    /// A row that says what is expected anyway.
    #[error("`{0}` is expected to pass, as every case is; take the row out")]
    Pass(String),
    /// A row without a reason.
    #[error("`{0}` has no reason; say why it is expected")]
    NoReason(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    expect: Vec<Expectation>,
}

/// The expectations of one backend.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    rows: Vec<Expectation>,
}

impl Expectations {
    /// Reads a file of expectations.
    ///
    /// # Errors
    /// [`ExpectationsError`]
    pub fn parse(text: &str) -> Result<Self, ExpectationsError> {
        let File { expect: rows } = toml::from_str(text)?;
        for (index, row) in rows.iter().enumerate() {
            let case = || row.case.clone();
            if row.verdict == Verdict::Pass {
                return Err(ExpectationsError::Pass(case()));
            }
            if row.reason.trim().is_empty() {
                return Err(ExpectationsError::NoReason(case()));
            }
            if rows[..index].iter().any(|earlier| earlier.case == row.case) {
                return Err(ExpectationsError::Twice(case()));
            }
        }
        Ok(Expectations { rows })
    }

    /// What is expected of a unit on `today`. A row for the unit goes before a row for its case.
    #[must_use]
    pub fn of(&self, unit: &UnitResult, today: Date) -> Option<&Expectation> {
        let row = |name: &str| self.rows.iter().find(|row| row.case == name && !row.has_expired(today));
        row(&unit.unit).or_else(|| row(unit.case))
    }

    /// How a unit's verdict stands to what was expected on `today`.
    #[must_use]
    pub fn judge(&self, unit: &UnitResult, today: Date) -> Standing {
        match (self.of(unit, today), unit.verdict) {
            (Some(row), verdict) if row.verdict == verdict => Standing::Expected,
            (None, Verdict::Pass) => Standing::Expected,
            (Some(_), Verdict::Pass) => Standing::UnexpectedPass,
            (_, Verdict::Unsupported | Verdict::Disabled | Verdict::Inconclusive) => Standing::NotJudged,
            (_, Verdict::Fail | Verdict::Error) => Standing::Unexpected,
        }
    }

    /// The rows that have expired by `today`.
    pub fn expired(&self, today: Date) -> impl Iterator<Item = &Expectation> {
        self.rows.iter().filter(move |row| row.has_expired(today))
    }

    /// The rows that concern none of `units`: a case was renamed, or is gone.
    pub fn stale<'a>(&'a self, units: &'a [UnitResult]) -> impl Iterator<Item = &'a Expectation> {
        let concerns = |row: &Expectation, unit: &UnitResult| row.case == unit.unit || row.case == unit.case;
        self.rows.iter().filter(move |row| !units.iter().any(|unit| concerns(row, unit)))
    }
}

impl Expectation {
    fn has_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }
}

/// The date of a moment, in UTC; the epoch's if it is out of range.
#[must_use]
pub fn date_of(moment: Timestamp) -> Date {
    let seconds = i64::try_from(moment.as_seconds()).unwrap_or_default();
    jiff::Timestamp::from_second(seconds).unwrap_or_default().to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clause::ProtocolName;
    use jiff::civil::date;

    fn unit(verdict: Verdict) -> UnitResult {
        UnitResult {
            unit: "sqs.a/json".to_owned(),
            case: "sqs.a",
            protocol: ProtocolName::Json,
            verdict,
            failure: None,
            reason: None,
            warnings: Vec::new(),
            observations: Vec::new(),
            requests: 0,
            fingerprint: String::new(),
            world_milliseconds: 0,
            seed: 0,
            exchanges: Vec::new(),
            history: String::new(),
        }
    }

    fn row(case: &str, verdict: &str) -> String {
        format!("[[expect]]\ncase = \"{case}\"\nverdict = \"{verdict}\"\nreason = \"so\"\nexpires = \"2026-06-30\"\n")
    }

    fn standing(text: &str, verdict: Verdict, today: Date) -> Standing {
        Expectations::parse(text).unwrap().judge(&unit(verdict), today)
    }

    const BEFORE: Date = date(2026, 6, 30);
    const AFTER: Date = date(2026, 7, 1);

    #[test]
    fn an_unexpected_pass_is_as_loud_as_an_unexpected_failure() {
        assert_eq!(standing("", Verdict::Pass, BEFORE), Standing::Expected);
        assert!(standing("", Verdict::Fail, BEFORE).is_loud());
        assert_eq!(standing(&row("sqs.a", "fail"), Verdict::Fail, BEFORE), Standing::Expected);
        assert_eq!(standing(&row("sqs.a", "fail"), Verdict::Pass, BEFORE), Standing::UnexpectedPass);
        assert!(standing(&row("sqs.a", "fail"), Verdict::Error, BEFORE).is_loud());
        assert_eq!(standing("", Verdict::Unsupported, BEFORE), Standing::NotJudged);
    }

    #[test]
    fn the_row_of_a_unit_goes_before_the_row_of_its_case() {
        let both = row("sqs.a", "fail") + &row("sqs.a/json", "error");
        assert_eq!(standing(&both, Verdict::Error, BEFORE), Standing::Expected);
        assert_eq!(standing(&both, Verdict::Fail, BEFORE), Standing::Unexpected);
    }

    #[test]
    fn what_has_expired_is_no_longer_expected_and_reported() {
        assert_eq!(standing(&row("sqs.a", "fail"), Verdict::Fail, AFTER), Standing::Unexpected);
        let expectations = Expectations::parse(&row("sqs.a", "fail")).unwrap();
        assert_eq!((expectations.expired(BEFORE).count(), expectations.expired(AFTER).count()), (0, 1));
    }

    #[test]
    fn a_row_that_concerns_nothing_is_stale() {
        let expectations = Expectations::parse(&(row("sqs.a", "fail") + &row("sqs.gone", "fail"))).unwrap();
        let stale: Vec<_> = expectations.stale(&[unit(Verdict::Fail)]).map(|row| row.case.clone()).collect();
        assert_eq!(stale, ["sqs.gone"]);
    }

    #[test]
    fn senseless_files_are_refused() {
        let refused = |text: &str| Expectations::parse(text).unwrap_err().to_string();
        assert!(refused(&(row("sqs.a", "fail") + &row("sqs.a", "fail"))).contains("twice"));
        assert!(refused(&row("sqs.a", "pass")).contains("take the row out"));
        assert!(refused(&row("sqs.a", "fail").replace("\"so\"", "\" \"")).contains("no reason"));
        assert!(refused(&(row("sqs.a", "fail") + "colour = 1")).contains("not readable"));
    }

    #[test]
    fn dates_are_utc() {
        assert_eq!(date_of(Timestamp::from_seconds(1_767_225_599)), date(2025, 12, 31));
        assert_eq!(date_of(Timestamp::from_seconds(1_767_225_600)), date(2026, 1, 1));
    }
}
