//! Whether conditions hold together in the tree of a message.
//!
//! A condition holds if a value at its path matches. Arrays are searched, to any depth, and all conditions that
//! reach below one array must be met in the same element of it. A condition that may also be absent holds where
//! there is no value at its path: in the element that the other conditions chose, or, if nothing chooses, in all.
//!
//! Each condition visits each node at most once, so the work is bounded by the size of the message times the number
//! of conditions, whatever the two look like.

use super::json::{Literal, Members, Node, Value};
use super::policy::{Alternative, Condition};

/// What becomes of conditions below a node. The order matters: the worst of several conditions counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// One of them fails.
    Fails,
    /// All hold, at least one of them by a value.
    Met,
    /// All hold, because there is nothing.
    Absent,
}

impl Outcome {
    /// Of both together.
    fn and(self, other: Outcome) -> Outcome {
        self.min(other)
    }
}

/// A condition on its way down.
#[derive(Clone, Copy)]
struct Goal<'c> {
    condition: &'c Condition,
    /// What is left of the path; `None` at its end.
    rest: Option<&'c str>,
    /// Whether it would hold if there is nothing below.
    or_absent: bool,
}

impl<'c> Goal<'c> {
    fn new(condition: &'c Condition) -> Self {
        Goal { condition, rest: Some(&condition.path), or_absent: condition.or_absent }
    }

    /// The goal below the member `name`, if its path leads there.
    fn below(self, name: &str) -> Option<Self> {
        let rest = self.rest?.strip_prefix(name)?;
        if rest.is_empty() {
            return Some(Goal { rest: None, ..self });
        }
        rest.strip_prefix('.').map(|rest| Goal { rest: Some(rest), ..self })
    }

    fn nothing(self) -> Outcome {
        if self.or_absent { Outcome::Absent } else { Outcome::Fails }
    }
}

/// Whether all `conditions` hold in an object.
pub(super) fn holds(conditions: &Alternative, members: &Members<'_>) -> bool {
    let goals: Vec<Goal<'_>> = conditions.iter().map(|condition| Goal::new(condition)).collect();
    in_members(members, &goals) != Outcome::Fails
}

fn in_node(node: &Node<'_>, goals: &[Goal<'_>]) -> Outcome {
    match &node.value {
        Value::Scalar(literal) => all(goals, |goal| in_scalar(literal, goal)),
        Value::Object(members) => in_members(members, goals),
        Value::Array(items) => in_array(items, goals),
    }
}

fn all<'c>(goals: &[Goal<'c>], outcome: impl Fn(Goal<'c>) -> Outcome) -> Outcome {
    goals.iter().map(|goal| outcome(*goal)).fold(Outcome::Absent, Outcome::and)
}

fn in_scalar(literal: &Literal<'_>, goal: Goal<'_>) -> Outcome {
    match goal.rest {
        Some(_) => goal.nothing(),
        None if goal.condition.matches(literal) => Outcome::Met,
        None => Outcome::Fails,
    }
}

/// An object itself is no value: a goal that ends here finds nothing.
fn in_members(members: &Members<'_>, goals: &[Goal<'_>]) -> Outcome {
    let mut outcome = Outcome::Absent;
    let mut single = Vec::with_capacity(goals.len());
    for goal in goals {
        let mut ways = ways(members, *goal);
        match (ways.next(), ways.next()) {
            (None, _) => outcome = outcome.and(goal.nothing()),
            (Some(way), None) => single.push(way),
            (Some(first), Some(second)) => {
                let ways = [first, second].into_iter().chain(ways);
                outcome = outcome.and(either(ways.map(|(at, goal)| in_node(&members[at].1, &[goal]))));
            }
        }
    }
    single.sort_by_key(|(at, _)| *at);
    for together in single.chunk_by(|one, other| one.0 == other.0) {
        let goals: Vec<Goal<'_>> = together.iter().map(|(_, goal)| *goal).collect();
        outcome = outcome.and(in_node(&members[together[0].0].1, &goals));
    }
    outcome
}

/// The members on the goal's path, by their position, and the goal below each.
fn ways<'c>(members: &Members<'_>, goal: Goal<'c>) -> impl Iterator<Item = (usize, Goal<'c>)> {
    let numbered = members.iter().enumerate();
    numbered.filter_map(move |(at, (name, _))| Some((at, goal.below(name)?)))
}

/// Repeated keys and keys with points can lead to one path in several ways: one that is met is enough.
fn either(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let mut all_absent = true;
    for outcome in outcomes {
        if outcome == Outcome::Met {
            return outcome;
        }
        all_absent &= outcome == Outcome::Absent;
    }
    if all_absent { Outcome::Absent } else { Outcome::Fails }
}

/// Values that stand in the array themselves are for everyone; of arrays and objects in it, one is chosen.
fn in_array(items: &[Node<'_>], goals: &[Goal<'_>]) -> Outcome {
    let scalars = || {
        items.iter().filter_map(|item| match &item.value {
            Value::Scalar(literal) => Some(literal),
            Value::Array(_) | Value::Object(_) => None,
        })
    };
    let met = |goal: &Goal<'_>| goal.rest.is_none() && scalars().any(|literal| goal.condition.matches(literal));
    let has_scalars = scalars().next().is_some();
    let left: Vec<Goal<'_>> = goals
        .iter()
        .filter(|goal| !met(goal))
        .map(|goal| Goal { or_absent: goal.or_absent && !(has_scalars && goal.rest.is_none()), ..*goal })
        .collect();
    let here = if left.len() < goals.len() { Outcome::Met } else { Outcome::Absent };
    let containers = items.iter().filter(|item| !left.is_empty() && !matches!(item.value, Value::Scalar(_)));
    match either(containers.map(|item| in_node(item, &left))) {
        // Nothing chose an element, perhaps because there is none.
        Outcome::Absent => here.and(all(&left, Goal::nothing)),
        chosen => chosen,
    }
}
