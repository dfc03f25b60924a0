//! Many policies, of which a message is held against few.
//!
//! Each way in which a policy can match needs some key, and mostly one of some values of it. The set keeps the policy
//! under that key and those values, in a tree of the keys' names. A message is walked down that tree along its own
//! keys; the policies it meets on the way are the only ones that are tried. Operators, such as a range, stand in the
//! tree as well, and are tried there before anything else of the policy is. What needs no key at all, such as
//! `{"exists": false}`, is always tried.

use super::json::{Literal, Members, Node, Value};
use super::matcher::Matcher;
use super::policy::{Alternative, Condition};
use super::{Attributes, Body, Policy, Scope};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// No policy is kept further down than this, so that no policy can make the tree too deep to walk.
const MOST_STEPS: usize = 64;

/// Policies by id.
#[derive(Clone, Debug)]
pub struct PolicySet<Id> {
    policies: BTreeMap<Id, Kept>,
    attributes: Index<Id>,
    body: Index<Id>,
}

/// A policy, and for each of its alternatives the condition under which it is kept.
#[derive(Clone, Debug)]
struct Kept {
    policy: Policy,
    under: Vec<Option<usize>>,
}

impl<Id> Default for PolicySet<Id> {
    fn default() -> Self {
        PolicySet { policies: BTreeMap::new(), attributes: Index::default(), body: Index::default() }
    }
}

impl<Id: Copy + Ord> PolicySet<Id> {
    /// How many policies there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.policies.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// Whether some policy is held against bodies, so that reading one is worth it.
    #[must_use]
    pub fn reads_bodies(&self) -> bool {
        !self.body.root.is_empty() || !self.body.always.is_empty()
    }

    /// The policy of that id.
    #[must_use]
    pub fn get(&self, id: Id) -> Option<&Policy> {
        self.policies.get(&id).map(|kept| &kept.policy)
    }

    /// Adds a policy, in place of the one of that id if there is one.
    pub fn insert(&mut self, id: Id, policy: Policy) {
        self.remove(id);
        let index = self.index(policy.scope());
        let under = policy.alternatives().iter().map(|alternative| index.keep(id, alternative)).collect();
        self.policies.insert(id, Kept { policy, under });
    }

    /// Takes out a policy.
    pub fn remove(&mut self, id: Id) -> Option<Policy> {
        let Kept { policy, under } = self.policies.remove(&id)?;
        let index = self.index(policy.scope());
        for (alternative, under) in policy.alternatives().iter().zip(under) {
            index.forget(id, under.map(|at| &*alternative[at]));
        }
        Some(policy)
    }

    /// The ids of the policies that match, in ascending order. Without a body, no policy on bodies does.
    #[must_use]
    pub fn matching(&self, attributes: &Attributes<'_>, body: Option<&Body<'_>>) -> Vec<Id> {
        let mut matching = self.matching_members(&self.attributes, attributes.members());
        matching.extend(self.matching_members(&self.body, body.map(Body::members)));
        matching.sort_unstable();
        matching
    }

    fn matching_members(&self, index: &Index<Id>, members: Option<&Members<'_>>) -> Vec<Id> {
        let Some(members) = members else { return Vec::new() };
        let mut ids = index.candidates(members);
        ids.sort_unstable();
        ids.dedup();
        ids.retain(|id| self.policies.get(id).is_some_and(|kept| kept.policy.matches(members)));
        ids
    }

    fn index(&mut self, scope: Scope) -> &mut Index<Id> {
        match scope {
            Scope::MessageAttributes => &mut self.attributes,
            Scope::MessageBody => &mut self.body,
        }
    }
}

/// Where the policies of one scope are kept.
#[derive(Clone, Debug)]
struct Index<Id> {
    root: Step<Id>,
    always: BTreeSet<Id>,
}

/// A name in a path of keys.
#[derive(Clone, Debug)]
struct Step<Id> {
    below: FxHashMap<Box<str>, Step<Id>>,
    /// Who needs one of these values here.
    equal: FxHashMap<Literal<'static>, BTreeSet<Id>>,
    /// Who needs a value here that something else matches.
    matching: Vec<(Id, Matcher)>,
}

impl<Id> Default for Index<Id> {
    fn default() -> Self {
        Index { root: Step::default(), always: BTreeSet::new() }
    }
}

impl<Id> Default for Step<Id> {
    fn default() -> Self {
        Step { below: FxHashMap::default(), equal: FxHashMap::default(), matching: Vec::new() }
    }
}

impl<Id: Copy + Ord> Index<Id> {
    /// Keeps `id` under one of the conditions, the one that it shares with the fewest, and says which.
    fn keep(&mut self, id: Id, alternative: &Alternative) -> Option<usize> {
        let needed = alternative.iter().enumerate().filter(|(_, condition)| is_keepable(condition));
        let Some((at, condition)) = needed.min_by_key(|(_, condition)| self.neighbours(condition)) else {
            self.always.insert(id);
            return None;
        };
        let names = condition.path.split('.');
        let step = names.fold(&mut self.root, |step, name| step.below.entry(name.into()).or_default());
        condition.matchers.iter().for_each(|matcher| step.keep(id, matcher));
        Some(at)
    }

    /// How many are kept under the same condition.
    fn neighbours(&self, condition: &Condition) -> usize {
        let step = condition.path.split('.').try_fold(&self.root, |step, name| step.below.get(name));
        step.map_or(0, |step| condition.matchers.iter().map(|matcher| step.neighbours(matcher)).sum())
    }

    fn forget(&mut self, id: Id, under: Option<&Condition>) {
        match under {
            Some(condition) => self.root.forget(id, condition, Some(&condition.path)),
            None => _ = self.always.remove(&id),
        }
    }

    /// Whom a message with these members may concern, some of them repeatedly.
    fn candidates(&self, members: &Members<'_>) -> Vec<Id> {
        let mut found: Vec<Id> = self.always.iter().copied().collect();
        self.root.meet_members(members, &mut found);
        found
    }
}

fn is_keepable(condition: &Condition) -> bool {
    !condition.or_absent && condition.path.matches('.').count() < MOST_STEPS
}

impl<Id: Copy + Ord> Step<Id> {
    fn keep(&mut self, id: Id, matcher: &Matcher) {
        match matcher {
            Matcher::Exactly(literal) => _ = self.equal.entry(literal.clone()).or_default().insert(id),
            other => self.matching.push((id, other.clone())),
        }
    }

    fn neighbours(&self, matcher: &Matcher) -> usize {
        match matcher {
            Matcher::Exactly(literal) => self.equal.get(literal).map_or(0, BTreeSet::len),
            _ => self.matching.len(),
        }
    }

    /// Takes `id` out at the end of `path`, and every step that nobody needs any more.
    fn forget(&mut self, id: Id, condition: &Condition, path: Option<&str>) {
        let Some(path) = path else { return self.forget_here(id, condition) };
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        if let Some(step) = self.below.get_mut(name) {
            step.forget(id, condition, rest);
            if step.is_empty() {
                self.below.remove(name);
            }
        }
    }

    fn forget_here(&mut self, id: Id, condition: &Condition) {
        self.matching.retain(|(kept, _)| *kept != id);
        for matcher in &condition.matchers {
            let Matcher::Exactly(literal) = matcher else { continue };
            if let Some(ids) = self.equal.get_mut(literal) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.equal.remove(literal);
                }
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.below.is_empty() && self.equal.is_empty() && self.matching.is_empty()
    }

    fn meet_members(&self, members: &Members<'_>, found: &mut Vec<Id>) {
        for (name, node) in members {
            if let Some(step) = name.split('.').try_fold(self, |step, name| step.below.get(name)) {
                step.meet(node, found);
            }
        }
    }

    fn meet(&self, node: &Node<'_>, found: &mut Vec<Id>) {
        match &node.value {
            Value::Object(members) => self.meet_members(members, found),
            Value::Array(items) => items.iter().for_each(|item| self.meet(item, found)),
            Value::Scalar(literal) => {
                let matching = self.matching.iter().filter(|(_, matcher)| matcher.matches(literal));
                found.extend(matching.map(|(id, _)| *id));
                found.extend(self.equal.get(literal).into_iter().flatten());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{AttributeValue, Dialect, Limits};

    fn policy(text: &str, scope: Scope) -> Policy {
        let limits = Limits { dialect: Dialect::Sns, keys: 5, combinations: 150, bytes: 262_144 };
        Policy::compile(text, scope, &limits).unwrap()
    }

    fn on_attributes(text: &str) -> Policy {
        policy(text, Scope::MessageAttributes)
    }

    #[test]
    fn a_policy_takes_the_place_of_the_one_with_its_id() {
        let mut set = PolicySet::default();
        set.insert(1, policy(r#"{"a":["x"]}"#, Scope::MessageBody));
        set.insert(1, on_attributes(r#"{"a":["y"]}"#));
        let body = Body::parse(r#"{"a":"x"}"#).unwrap();
        let matching =
            |value| set.matching(&Attributes::from_iter([("a", AttributeValue::String(value))]), Some(&body));
        assert_eq!((matching("x"), matching("y")), (vec![], vec![1]));
        assert!(!set.reads_bodies() && set.len() == 1);
        assert_eq!(set.get(1).map(Policy::scope), Some(Scope::MessageAttributes));
    }

    #[test]
    fn policies_that_share_a_value_are_kept_under_what_they_do_not_share() {
        let mut set = PolicySet::default();
        for id in 0..100 {
            set.insert(id, on_attributes(&format!(r#"{{"source":["shop"],"status":["{id}"]}}"#)));
        }
        let values = [("source", AttributeValue::String("shop")), ("status", AttributeValue::String("7"))];
        let attributes = Attributes::from_iter(values);
        let tried = set.attributes.candidates(attributes.members().unwrap());
        // The very first met nobody anywhere.
        assert_eq!(tried, [0, 7]);
        assert_eq!(set.matching(&attributes, None), [7]);
    }

    #[test]
    fn a_key_of_a_hundred_thousand_names_is_no_deep_tree() {
        let path = vec!["a"; 100_000].join(".");
        let mut set = PolicySet::default();
        set.insert(1, policy(&format!("{{\"{path}\":[1]}}"), Scope::MessageBody));
        let body = format!("{{\"{path}\":1}}");
        assert_eq!(set.matching(&Attributes::from_iter([]), Body::parse(&body).as_ref()), [1]);
        assert!(set.remove(1).is_some() && set.is_empty());
    }
}
