//! SigV4's dates, `20210928T120000Z`, to and from seconds since the epoch.
//!
//! The calendar arithmetic counts days in years that begin in March, so that a leap day is a year's last.

/// How much of a date names the day.
pub(super) const DAY_LENGTH: usize = 8;

const SECONDS_PER_DAY: u64 = 86_400;
/// From 0000-03-01 to 1970-01-01.
const DAYS_BEFORE_EPOCH: u64 = 719_468;
const DAYS_PER_ERA: u64 = 146_097;
const YEARS_PER_ERA: u64 = 400;

/// Parses a date; `None` if it is malformed, impossible or before 1970.
pub(super) fn parse(text: &str) -> Option<u64> {
    let shaped = text.len() == 16 && text.get(8..9)? == "T" && text.ends_with('Z');
    shaped.then_some(())?;
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<u64>().ok()
    };
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    let possible = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    possible.then_some(())?;
    Some(day_number(year, month, day)? * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second)
}

/// Formats a point in time.
pub(super) fn format(seconds: u64) -> String {
    let (year, month, day) = calendar(seconds / SECONDS_PER_DAY);
    let of_day = seconds % SECONDS_PER_DAY;
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

fn day_number(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (era, of_era) = (year / YEARS_PER_ERA, year % YEARS_PER_ERA);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    days.checked_sub(DAYS_BEFORE_EPOCH)
}

fn calendar(days: u64) -> (u64, u64, u64) {
    let days = days + DAYS_BEFORE_EPOCH;
    let (era, of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * YEARS_PER_ERA + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        for (text, seconds) in [
            ("19700101T000000Z", 0),
            ("20000229T235959Z", 951_868_799),
            ("20210928T120000Z", 1_632_830_400),
            ("20380119T031408Z", 2_147_483_648),
        ] {
            assert_eq!(parse(text), Some(seconds));
            assert_eq!(format(seconds), text);
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in ["", "20210928", "20211328T120000Z", "2021092xT120000Z", "20210928T240000Z", "19691231T235959Z"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("2021092éT12000Z"), None);
    }

    #[test]
    fn every_day_comes_back() {
        for day in (0..220_000).step_by(17) {
            let seconds = day * SECONDS_PER_DAY + 3_661;
            assert_eq!(parse(&format(seconds)), Some(seconds));
        }
    }
}
