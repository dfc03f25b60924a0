//! Times, changes, quantiles and counts as people read them.

/// A time in its unit, with three digits: `812 ns`, `4.12 ms`, `63.1 s`.
pub(crate) fn time(ns: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    // What would round up to 1,000 of a unit is told in the next.
    let (size, unit) = units.into_iter().find(|(size, _)| ns >= 0.9995 * size).unwrap_or((1.0, "ns"));
    let digits = if unit == "ns" { 0 } else { decimals(ns / size) };
    format!("{:.digits$} {unit}", ns / size)
}

fn decimals(value: f64) -> usize {
    match value {
        _ if value >= 99.95 => 0,
        _ if value >= 9.995 => 1,
        _ => 2,
    }
}

/// Nanoseconds as a time.
pub(crate) fn nanoseconds(ns: u64) -> String {
    time(ns as f64)
}

/// A part of a whole as a change: `+10.1 %`, `-3.0 %`.
pub(crate) fn change(part: f64) -> String {
    let percent = part * 100.0;
    match percent {
        _ if percent.abs() < 0.05 => "0.0 %".to_owned(),
        _ if percent.abs() < 99.95 => format!("{percent:+.1} %"),
        _ => format!("{percent:+.0} %"),
    }
}

/// A part of a whole, without needless digits: `5 %`, `99.9 %`.
pub(crate) fn percent(part: f64) -> String {
    format!("{} %", (part * 1e6).round() / 1e4)
}

/// `p50`, `p99.9`.
pub(crate) fn quantile(quantile: f64) -> String {
    format!("p{}", (quantile * 1e6).round() / 1e4)
}

/// `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = (0..digits.len())
        .filter(|at| *at == 0 || (digits.len() - at).is_multiple_of(3))
        .map(|at| &digits[at..digits.len() - (digits.len() - at - 1) / 3 * 3])
        .collect();
    groups.join(",")
}

/// A rate: `999.5/s`, `0.25/s`.
pub(crate) fn rate(per_second: f64) -> String {
    let digits = if per_second >= 100.0 { 0 } else { 2 };
    format!("{per_second:.digits$}/s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits() {
        let told = [0, 812, 999, 1_000, 4_123_456, 12_345_678, 999_400, 999_600, 123_456_789_000].map(nanoseconds);
        assert_eq!(told, ["0 ns", "812 ns", "999 ns", "1.00 µs", "4.12 ms", "12.3 ms", "999 µs", "1.00 ms", "123 s"]);
    }

    #[test]
    fn changes_have_a_sign() {
        assert_eq!([0.1012, -0.03, 0.0001, 3.5].map(change), ["+10.1 %", "-3.0 %", "0.0 %", "+350 %"]);
    }

    #[test]
    fn parts_have_no_needless_digits() {
        assert_eq!([0.05, 0.999, 0.99].map(percent), ["5 %", "99.9 %", "99 %"]);
        assert_eq!([0.5, 0.99, 0.999, 0.9999].map(quantile), ["p50", "p99", "p99.9", "p99.99"]);
    }

    #[test]
    fn counts_have_their_thousands_apart() {
        let told = [0, 12, 999, 1_000, 123_456, 1_234_567].map(count);
        assert_eq!(told, ["0", "12", "999", "1,000", "123,456", "1,234,567"]);
    }
}
