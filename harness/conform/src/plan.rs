//! Which units run, and in which order.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Plan`] | units in the order of the lists of cases |
//! | [`Filter`] | patterns over unit names, clause ids and services |

use crate::{Case, Unit};
use proofmark_backend::Protocol;

/// Units in the order in which they are listed and reported.
#[derive(Clone, Debug)]
pub struct Plan {
    units: Vec<Unit>,
}

impl Plan {
    /// Every unit of `cases`: each case over each of its protocols.
    #[must_use]
    pub fn new(cases: &[&'static Case]) -> Self {
        let units = |&case: &&'static Case| case.protocols.iter().map(move |&protocol| Unit { case, protocol });
        Plan { units: cases.iter().flat_map(units).collect() }
    }

    /// Only the units that `filter` selects.
    #[must_use]
    pub fn filtered(mut self, filter: &Filter) -> Self {
        self.units.retain(|unit| filter.selects(unit));
        self
    }

    /// Only the units over `protocol`.
    #[must_use]
    pub fn over(mut self, protocol: Protocol) -> Self {
        self.units.retain(|unit| unit.protocol == protocol);
        self
    }

    /// Only the units with these names.
    #[must_use]
    pub fn named(mut self, names: &[String]) -> Self {
        self.units.retain(|unit| names.contains(&unit.name()));
        self
    }

    /// At most `count` units, picked by `seed` and kept in order.
    #[must_use]
    pub fn sampled(mut self, count: usize, seed: u64) -> Self {
        let mut ranked: Vec<u64> = self.units.iter().map(|unit| rank(unit, seed)).collect();
        ranked.sort_unstable();
        if let Some(&first_left_out) = ranked.get(count) {
            self.units.retain(|unit| rank(unit, seed) < first_left_out);
        }
        self
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }
}

fn rank(unit: &Unit, seed: u64) -> u64 {
    mix(seed, &unit.name())
}

/// The seed of a unit: the run's seed and the unit's name, mixed.
#[must_use]
pub fn unit_seed(run_seed: u64, unit: &Unit) -> u64 {
    mix(run_seed, &unit.name())
}

fn mix(seed: u64, name: &str) -> u64 {
    // The finalizer of SplitMix64, so that names that differ little get seeds that differ much.
    let mut mixed = stable_hash(name) ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A hash that is the same on every machine and in every version: FNV-1a, 64 bits.
pub(crate) fn stable_hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Patterns that select units.
///
/// A pattern matches if it is part of a unit's name, or of the id of a clause that its case covers; with `*` in it,
/// it must match the whole of one of them. A pattern that begins with `!` takes units away. Without any pattern that
/// selects, every unit is selected.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl Filter {
    /// Reads patterns.
    pub fn new<P: AsRef<str>>(patterns: impl IntoIterator<Item = P>) -> Self {
        let mut filter = Filter::default();
        for pattern in patterns {
            match pattern.as_ref().strip_prefix('!') {
                Some(unwanted) => filter.unwanted.push(unwanted.to_owned()),
                None => filter.wanted.push(pattern.as_ref().to_owned()),
            }
        }
        filter
    }

    /// Whether `unit` is to run.
    #[must_use]
    pub fn selects(&self, unit: &Unit) -> bool {
        let matched = |patterns: &[String]| patterns.iter().any(|pattern| concerns(pattern, unit));
        (self.wanted.is_empty() || matched(&self.wanted)) && !matched(&self.unwanted)
    }
}

fn concerns(pattern: &str, unit: &Unit) -> bool {
    let matches = |text: &str| if pattern.contains('*') { glob(pattern, text) } else { text.contains(pattern) };
    matches(&unit.name()) || matches(unit.case.id) || unit.case.clauses.iter().any(|clause| matches(clause))
}

/// Whether `text` as a whole matches `pattern`, in which `*` stands for anything.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let last = parts.pop();
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case;

    case! {
        /// One.
        ONE = "sqs.visibility.one",
        clauses: ["sqs.visibility.default"],
        cost: 1 requests, 0 seconds,
        async fn one(_scope) { Ok(()) }
    }
    case! {
        /// Two.
        TWO = "wire.two",
        clauses: ["wire.sqs.protocols"],
        cost: 1 requests, 0 seconds,
        protocols: [Query],
        async fn two(_scope) { Ok(()) }
    }

    fn names(plan: &Plan) -> Vec<String> {
        plan.units().iter().map(Unit::name).collect()
    }

    fn selected(patterns: &[&str]) -> Vec<String> {
        names(&Plan::new(&[&ONE, &TWO]).filtered(&Filter::new(patterns)))
    }

    #[test]
    fn a_case_makes_a_unit_per_protocol() {
        assert_eq!(
            names(&Plan::new(&[&ONE, &TWO])),
            ["sqs.visibility.one/json", "sqs.visibility.one/query", "wire.two/query"]
        );
        assert_eq!(names(&Plan::new(&[&ONE, &TWO]).over(Protocol::Json)), ["sqs.visibility.one/json"]);
    }

    #[test]
    fn patterns_are_parts_or_globs_of_names_and_clauses() {
        assert_eq!(selected(&["visibility"]).len(), 2);
        assert_eq!(selected(&["wire.sqs.*"]), ["wire.two/query"]);
        assert_eq!(selected(&["sqs.*/json"]), ["sqs.visibility.one/json"]);
        assert_eq!(selected(&["sqs.*"]).len(), 2, "a glob matches from the beginning");
        assert_eq!(selected(&["!query"]), ["sqs.visibility.one/json"]);
        assert_eq!(selected(&["nothing"]), [] as [&str; 0]);
        assert_eq!(selected(&[]).len(), 3);
    }

    #[test]
    fn units_are_picked_by_their_whole_names() {
        let named = |name: &str| names(&Plan::new(&[&ONE, &TWO]).named(&[name.to_owned()]));
        assert_eq!(named("wire.two/query"), ["wire.two/query"]);
        assert_eq!(named("two/query"), [] as [&str; 0]);
    }

    #[test]
    fn globs_match_the_whole_text() {
        assert!(glob("a*c", "abc") && glob("*", "") && glob("a*b*c", "aXbYc") && glob("*c", "abc"));
        assert!(!glob("a*c", "abcd") && !glob("a*b", "ba") && !glob("ab*ba", "aba"));
    }

    #[test]
    fn a_sample_is_repeatable_and_in_order() {
        let sample = |seed| names(&Plan::new(&[&ONE, &TWO]).sampled(2, seed));
        assert_eq!(sample(1).len(), 2);
        assert_eq!(sample(1), sample(1));
        assert_eq!(names(&Plan::new(&[&ONE]).sampled(9, 0)).len(), 2);
    }

    #[test]
    fn seeds_depend_on_the_run_and_on_the_unit() {
        let [one, two] = [&ONE, &TWO].map(|case| Unit { case, protocol: Protocol::Query });
        assert_ne!(unit_seed(0, &one), unit_seed(0, &two));
        assert_ne!(unit_seed(0, &one), unit_seed(1, &one));
    }
}
