//! Patterns over cases and clauses, and what was perhaps meant by one that matches nothing.

use crate::exit::Trouble;
use proofmark_conform::{Filter, Plan};

/// How alike two names must be for one to be suggested for the other.
const ALIKE: f64 = 0.6;

/// How many names are suggested.
const SUGGESTIONS: usize = 4;

/// The units of every case that `patterns` select.
///
/// # Errors
/// Wrong usage if a pattern matches nothing at all: a typing mistake must not make a run smaller unseen.
pub(crate) fn plan(patterns: &[String]) -> Result<Plan, Trouble> {
    let all = Plan::new(&proofmark_suites::cases());
    for pattern in patterns {
        let bare = pattern.strip_prefix('!').unwrap_or(pattern);
        if all.clone().filtered(&Filter::new([bare])).units().is_empty() {
            return Err(Trouble::Usage(unknown(bare)));
        }
    }
    let plan = all.filtered(&Filter::new(patterns));
    if plan.units().is_empty() {
        return Err(Trouble::Usage("the filters together leave no unit; leave one of them out".to_owned()));
    }
    Ok(plan)
}

/// Says that nothing has this name, and which names are like it.
pub(crate) fn unknown(name: &str) -> String {
    let near = near(name);
    if near.is_empty() {
        return format!("no case or clause matches `{name}`; `proofmark list` shows what there is");
    }
    format!("no case or clause matches `{name}`; did you mean one of these?\n  {}", near.join("\n  "))
}

/// The ids of cases and clauses that are like `name`, the most alike first.
fn near(name: &str) -> Vec<String> {
    let cases = proofmark_suites::cases().into_iter().map(|case| case.id.to_owned());
    let clauses = proofmark_suites::catalogue().iter().map(|clause| clause.id.clone());
    let mut ranked: Vec<(f64, String)> = cases.chain(clauses).map(|id| (alike(name, &id), id)).collect();
    ranked.retain(|(alike, _)| *alike >= ALIKE);
    ranked.sort_by(|(left, left_id), (right, right_id)| right.total_cmp(left).then_with(|| left_id.cmp(right_id)));
    ranked.dedup_by(|(_, left), (_, right)| left == right);
    ranked.into_iter().take(SUGGESTIONS).map(|(_, id)| id).collect()
}

/// The one of `names` that `name` is most like, if any is.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let ranked = names.map(|known| (alike(name, known), known)).filter(|(alike, _)| *alike >= ALIKE);
    ranked.max_by(|(left, _), (right, _)| left.total_cmp(right)).map(|(_, known)| known)
}

/// From 0 to 1: how like `name` is to an id, or to one of the id's parts.
fn alike(name: &str, id: &str) -> f64 {
    let parts = id.split('.').map(|part| strsim::normalized_damerau_levenshtein(name, part));
    parts.fold(strsim::normalized_damerau_levenshtein(name, id), f64::max)
}
