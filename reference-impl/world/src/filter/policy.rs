//! A policy: what it must be to be accepted, and what it compiles to.

use super::grammar::{Fault, Field, Grammar};
use super::json::{self, Literal, Members, SyntaxError};
use super::matcher::Matcher;
use super::message::{Attributes, Body};
use super::{Dialect, search};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// What a policy is held against: `FilterPolicyScope`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The message attributes. Policies are flat.
    #[default]
    MessageAttributes,
    /// The message body, a JSON object. Policies nest as the body does.
    MessageBody,
}

impl Scope {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Scope::MessageAttributes => "MessageAttributes",
            Scope::MessageBody => "MessageBody",
        }
    }

    /// The scope of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Scope::MessageAttributes, Scope::MessageBody].into_iter().find(|scope| scope.name() == name)
    }
}

/// What is allowed. The values are the service's, from its dated table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Which operators there are.
    pub dialect: Dialect,
    /// How many keys a policy may have.
    pub keys: usize,
    /// How many combinations of values a policy may have.
    pub combinations: u64,
    /// How long the text of a policy may be, in bytes.
    pub bytes: usize,
}

/// Why a policy is refused. Displayed, it is AWS's text behind `FilterPolicy: `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// The text is longer than that many bytes. No source records AWS's words for it.
    TooLong(usize),
    /// The text is no JSON: Jackson's message.
    Json(String),
    /// The text is no policy: the matching library's message.
    Grammar(String),
    /// A policy on message attributes has keys below keys. AWS writes this text without `FilterPolicy: ` before it.
    NestedAttributes,
    /// There are more keys than that.
    TooManyKeys(usize),
    /// There are more combinations of values than allowed.
    TooComplex,
}

impl PolicyError {
    /// Whether AWS writes `FilterPolicy: ` before the text.
    #[must_use]
    pub fn names_filter_policy(&self) -> bool {
        *self != PolicyError::NestedAttributes
    }

    fn json(text: &str, error: &SyntaxError) -> Self {
        PolicyError::Json(format!("{}\n at {}", error.message, json::location(text, error.at)))
    }

    fn grammar(text: &str, fault: Fault) -> Self {
        PolicyError::Grammar(match fault.at {
            Some(at) => format!("{}\n at {}", fault.message, json::location(text, at)),
            None => fault.message,
        })
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::TooLong(bytes) => write!(formatter, "Filter policy can not be longer than {bytes} bytes"),
            PolicyError::Json(message) => write!(formatter, "failed to parse JSON. {message}"),
            PolicyError::Grammar(message) => formatter.write_str(message),
            PolicyError::NestedAttributes => {
                formatter.write_str("Filter policy scope MessageAttributes does not support nested filter policy")
            }
            PolicyError::TooManyKeys(keys) => write!(formatter, "Filter policy can not have more than {keys} keys"),
            PolicyError::TooComplex => formatter.write_str("Filter policy is too complex"),
        }
    }
}

impl std::error::Error for PolicyError {}

/// What one key must be.
#[derive(Debug)]
pub(super) struct Condition {
    /// The names down to the key, joined with points: `a.b` is `b` in `a`, and is the key `a.b` as well.
    pub(super) path: Box<str>,
    /// One of them must match a value of the key.
    pub(super) matchers: Vec<Matcher>,
    /// Or there is no such key.
    pub(super) or_absent: bool,
}

impl Condition {
    pub(super) fn matches(&self, value: &Literal<'_>) -> bool {
        self.matchers.iter().any(|matcher| matcher.matches(value))
    }
}

/// Conditions that must hold together.
pub(super) type Alternative = Vec<Arc<Condition>>;

/// A filter policy, checked and compiled.
#[derive(Clone, Debug)]
pub struct Policy {
    scope: Scope,
    complexity: u64,
    /// The policy matches if one of them does. There are at most as many as combinations are allowed.
    alternatives: Vec<Alternative>,
}

impl Policy {
    /// Checks a policy and compiles it.
    ///
    /// The order of the checks is AWS's as far as it was recorded: first the JSON, then the grammar, then nesting
    /// under `MessageAttributes`, the keys, the combinations.
    ///
    /// # Errors
    /// [`PolicyError`] with AWS's text.
    pub fn compile(text: &str, scope: Scope, limits: &Limits) -> Result<Self, PolicyError> {
        if text.len() > limits.bytes {
            return Err(PolicyError::TooLong(limits.bytes));
        }
        let root = json::parse(text).map_err(|error| PolicyError::json(text, &error))?;
        let fields = Grammar { dialect: limits.dialect, source: text }
            .policy(&root)
            .map_err(|fault| PolicyError::grammar(text, fault))?;
        let complexity = check(&fields, scope, limits)?;
        Ok(Policy { scope, complexity, alternatives: alternatives(&fields, "", vec![Alternative::new()]) })
    }

    /// What the policy is held against.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// How many combinations of values AWS counts in the policy.
    #[must_use]
    pub const fn complexity(&self) -> u64 {
        self.complexity
    }

    /// Whether a message with these attributes matches. A policy on bodies matches no attributes.
    #[must_use]
    pub fn matches_attributes(&self, attributes: &Attributes<'_>) -> bool {
        self.scope == Scope::MessageAttributes && attributes.members().is_some_and(|members| self.matches(members))
    }

    /// Whether a message with this body matches. A policy on attributes matches no body.
    #[must_use]
    pub fn matches_body(&self, body: &Body<'_>) -> bool {
        self.scope == Scope::MessageBody && self.matches(body.members())
    }

    pub(super) fn matches(&self, members: &Members<'_>) -> bool {
        self.alternatives.iter().any(|conditions| search::holds(conditions, members))
    }

    pub(super) fn alternatives(&self) -> &[Alternative] {
        &self.alternatives
    }
}

fn check(fields: &[Field<'_>], scope: Scope, limits: &Limits) -> Result<u64, PolicyError> {
    if scope == Scope::MessageAttributes && fields.iter().any(is_nested) {
        return Err(PolicyError::NestedAttributes);
    }
    let mut keys = BTreeSet::new();
    collect_keys(fields, &mut keys);
    if keys.len() > limits.keys {
        return Err(PolicyError::TooManyKeys(limits.keys));
    }
    let complexity = complexity(fields, 1);
    if complexity > limits.combinations { Err(PolicyError::TooComplex) } else { Ok(complexity) }
}

fn is_nested(field: &Field<'_>) -> bool {
    match field {
        Field::Leaf { .. } => false,
        Field::Nested { .. } => true,
        Field::Or(branches) => branches.iter().flatten().any(is_nested),
    }
}

/// The keys that AWS counts. Of keys below keys only the upper ones are counted, which is one reading of two pages
/// that disagree; `$or` is no key, and the keys in its branches stand beside it.
fn collect_keys<'f>(fields: &'f [Field<'_>], keys: &mut BTreeSet<&'f str>) {
    for field in fields {
        match field {
            Field::Leaf { name, .. } | Field::Nested { name, .. } => _ = keys.insert(*name),
            Field::Or(branches) => branches.iter().for_each(|branch| collect_keys(branch, keys)),
        }
    }
}

/// The combinations of values: for each key the number of its values times how deep it is nested, multiplied; for
/// an `$or` the sum over its branches. Nothing is expanded to know it.
fn complexity(fields: &[Field<'_>], depth: u64) -> u64 {
    let factor = |field: &Field<'_>| match field {
        Field::Leaf { values, .. } => depth.saturating_mul(*values as u64),
        Field::Nested { fields, .. } => complexity(fields, depth + 1),
        Field::Or(branches) => {
            branches.iter().fold(0, |sum: u64, branch| sum.saturating_add(complexity(branch, depth)))
        }
    };
    fields.iter().map(factor).fold(1, u64::saturating_mul)
}

/// Each of `so_far` with the conditions of `fields`; an `$or` makes as many of each as it has branches.
fn alternatives(fields: &[Field<'_>], above: &str, mut so_far: Vec<Alternative>) -> Vec<Alternative> {
    for field in fields {
        match field {
            Field::Leaf { name, matchers, or_absent, .. } => {
                let condition = Condition {
                    path: format!("{above}{name}").into(),
                    matchers: matchers.clone(),
                    or_absent: *or_absent,
                };
                let condition = Arc::new(condition);
                so_far.iter_mut().for_each(|alternative| alternative.push(Arc::clone(&condition)));
            }
            Field::Nested { name, fields } => so_far = alternatives(fields, &format!("{above}{name}."), so_far),
            Field::Or(branches) => {
                let branch = |fields: &Vec<Field<'_>>| alternatives(fields, above, so_far.clone());
                so_far = branches.iter().flat_map(branch).collect();
            }
        }
    }
    so_far
}
