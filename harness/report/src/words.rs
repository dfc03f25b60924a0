//! Counts, durations and lists in words.

use proofmark_record::{CheckRecord, Standing, UnitRecord, Verdict};

/// `1 clause`, `2 clauses`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// Real time, to a tenth of a second: `4.1 s`.
pub(crate) fn seconds(milliseconds: u64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}

/// Long time in its largest unit: `71 days`, `5 hours`, `12 s`.
pub(crate) fn span(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let fitting = units.iter().find(|(length, _)| seconds >= 2 * length);
    let whole = |length: u64| usize::try_from(seconds / length).unwrap_or(usize::MAX);
    fitting.map_or_else(|| format!("{seconds} s"), |(length, name)| count(whole(*length), name))
}

/// `243 clauses, 160 cases, 312 units: 309 pass, 3 fail (1 as expected) in 4.1 s (virtual time 71 days)`.
pub(crate) fn totals(record: &CheckRecord) -> String {
    let (clauses, cases) = record.reach();
    let reach =
        format!("{}, {}, {}", count(clauses, "clause"), count(cases, "case"), count(record.units.len(), "unit"));
    let took = seconds(record.took_ms);
    let world = match record.subject.clock.as_str() {
        "virtual" => format!(" (virtual time {})", span(record.world_ms())),
        _ => String::new(),
    };
    format!("{reach}: {} in {took}{world}", verdicts(record))
}

/// `309 pass, 3 fail (1 as expected)`.
pub(crate) fn verdicts(record: &CheckRecord) -> String {
    let occurring = Verdict::ALL.into_iter().filter(|&verdict| record.total(verdict) > 0);
    let parts: Vec<String> = occurring.map(|verdict| verdict_count(record, verdict)).collect();
    if parts.is_empty() { "nothing ran".to_owned() } else { parts.join(", ") }
}

fn verdict_count(record: &CheckRecord, verdict: Verdict) -> String {
    let with = |standing: Standing| record.with(verdict).filter(|unit| unit.standing == standing).count();
    let total = record.total(verdict);
    let remark = match verdict {
        Verdict::Pass => remark(with(Standing::UnexpectedPass), "against expectation"),
        _ => remark(with(Standing::Expected), "as expected"),
    };
    format!("{total} {verdict}{remark}")
}

fn remark(number: usize, words: &str) -> String {
    if number == 0 { String::new() } else { format!(" ({number} {words})") }
}

/// Units that share a text, in the order in which the texts first occur.
pub(crate) fn grouped<'a, K: PartialEq>(
    items: impl Iterator<Item = (K, &'a UnitRecord)>,
) -> Vec<(K, Vec<&'a UnitRecord>)> {
    let mut groups: Vec<(K, Vec<&UnitRecord>)> = Vec::new();
    for (key, unit) in items {
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, units)) => units.push(unit),
            None => groups.push((key, vec![unit])),
        }
    }
    groups
}

/// The first `most` characters, and how many bytes there were if that is not all.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} [cut: {} bytes in all]", &text[..end], text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_their_largest_unit() {
        let told = [0, 59_000, 120_000, 7_200_000, 172_800_000, 6_134_400_000].map(span);
        assert_eq!(told, ["0 s", "59 s", "2 minutes", "2 hours", "2 days", "71 days"]);
    }

    #[test]
    fn seconds_have_one_digit() {
        assert_eq!([0, 49, 4_199].map(seconds), ["0.0 s", "0.0 s", "4.1 s"]);
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(shortened("éé", 1), "é [cut: 4 bytes in all]");
        assert_eq!(shortened("éé", 2), "éé");
    }
}
