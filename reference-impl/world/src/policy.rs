//! Resource policies: what other accounts may do to a resource, and what nobody may.
//!
//! Statements are matched on principal, action and resource. Of conditions, those on the caller's account are
//! evaluated; an `Allow` with any other condition does not match, and a `Deny` with one does, so that a condition
//! the reference does not know never opens anything.

use crate::identity::{AccountId, Arn, Caller};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A policy document, parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    document: Map<String, Value>,
}

/// Who asks a policy.
#[derive(Clone, Copy, Debug)]
pub enum Requester<'a> {
    /// A user of an account.
    Account(&'a Caller),
    /// An AWS service, on behalf of one of its resources.
    Service {
        /// The service, as policies name it: `sns.amazonaws.com`.
        principal: &'a str,
        /// The resource.
        source: &'a Arn,
    },
}

impl<'a> From<&'a Caller> for Requester<'a> {
    fn from(caller: &'a Caller) -> Self {
        Requester::Account(caller)
    }
}

/// What a policy says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Some statement allows it and none denies it.
    Allow,
    /// Some statement denies it.
    Deny,
    /// No statement speaks of it.
    Silent,
}

impl Policy {
    /// Parses a policy; `None` if it is not a JSON object with statements of an effect, a principal and actions.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let Ok(Value::Object(document)) = serde_json::from_str(text) else { return None };
        let policy = Policy { document };
        let all_well_formed = policy.statements().all(well_formed);
        all_well_formed.then_some(policy)
    }

    /// A policy without statements, as AddPermission begins with.
    #[must_use]
    pub fn empty(id: &str) -> Self {
        let members = [("Version", json!("2008-10-17")), ("Id", json!(id)), ("Statement", json!([]))];
        Policy { document: members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() }
    }

    /// The same policy with one more statement.
    #[must_use]
    pub fn with(mut self, statement: Value) -> Self {
        self.push(statement);
        self
    }

    /// Whether no two statements have the same `Sid`.
    #[must_use]
    pub fn has_distinct_labels(&self) -> bool {
        let mut seen = BTreeSet::new();
        self.statements().filter_map(|statement| statement.get("Sid")?.as_str()).all(|label| seen.insert(label))
    }

    /// The policy as JSON text.
    #[must_use]
    pub fn to_text(&self) -> String {
        Value::Object(self.document.clone()).to_string()
    }

    /// How many statements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.statements().count()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many principals all statements name.
    #[must_use]
    pub fn principals(&self) -> usize {
        self.principals_of_each().sum()
    }

    /// How many principals each statement names.
    pub fn principals_of_each(&self) -> impl Iterator<Item = usize> {
        self.statements().map(|statement| principals(statement).count())
    }

    /// Whether each statement has this resource and no other.
    #[must_use]
    pub fn speaks_only_of(&self, resource: &str) -> bool {
        self.statements().all(|statement| {
            let mut resources = each(statement.get("Resource"));
            resources.next().and_then(Value::as_str) == Some(resource) && resources.next().is_none()
        })
    }

    /// How many conditions all statements have.
    #[must_use]
    pub fn conditions(&self) -> usize {
        let operators = |statement: &Value| match statement.get("Condition") {
            Some(Value::Object(operators)) => operators.values().filter_map(Value::as_object).map(Map::len).sum(),
            _ => 0,
        };
        self.statements().map(operators).sum()
    }

    /// Whether a statement has this `Sid`.
    #[must_use]
    pub fn has_label(&self, label: &str) -> bool {
        self.statements().any(|statement| has_label(statement, label))
    }

    /// Adds a statement that allows `accounts` the `actions` (such as `SQS:SendMessage`) on `resource`.
    pub fn allow(&mut self, label: &str, accounts: &[String], actions: &[String], resource: &Arn) {
        let arns: Vec<Value> = accounts
            .iter()
            .map(|account| Value::from(format!("arn:{}:iam::{account}:root", resource.partition)))
            .collect();
        let actions: Vec<Value> = actions.iter().map(|action| Value::from(action.as_str())).collect();
        let statement = json!({
            "Sid": label,
            "Effect": "Allow",
            "Principal": {"AWS": one_or_many(arns)},
            "Action": one_or_many(actions),
            "Resource": resource.to_string(),
        });
        self.push(statement);
    }

    fn push(&mut self, statement: Value) {
        match self.document.get_mut("Statement") {
            Some(Value::Array(statements)) => statements.push(statement),
            Some(single) => {
                let first = single.take();
                *single = Value::Array(vec![first, statement]);
            }
            None => {
                self.document.insert("Statement".to_owned(), Value::Array(vec![statement]));
            }
        }
    }

    /// Removes the statement of that `Sid`; false if there is none.
    pub fn remove(&mut self, label: &str) -> bool {
        let had = self.has_label(label);
        match self.document.get_mut("Statement") {
            Some(Value::Array(statements)) => statements.retain(|statement| !has_label(statement, label)),
            Some(single) if has_label(single, label) => *single = Value::Array(Vec::new()),
            _ => {}
        }
        had
    }

    /// What the policy says to `requester` doing `action` (such as `sqs:SendMessage`) on `resource`.
    #[must_use]
    pub fn decide<'a>(&self, requester: impl Into<Requester<'a>>, action: &str, resource: &Arn) -> Decision {
        let requester = requester.into();
        let resource = resource.to_string();
        let concerned = self.statements().filter(|statement| concerns(statement, requester, action, &resource));
        let mut decision = Decision::Silent;
        for statement in concerned {
            let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
            match conditions_hold(statement, requester) {
                Some(false) => {}
                _ if denies => return Decision::Deny,
                Some(true) => decision = Decision::Allow,
                None => {}
            }
        }
        decision
    }

    fn statements(&self) -> impl Iterator<Item = &Value> {
        each(self.document.get("Statement"))
    }
}

fn one_or_many(mut values: Vec<Value>) -> Value {
    match values.len() {
        1 => values.remove(0),
        _ => Value::Array(values),
    }
}

/// IAM writes a list of one as the one.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let values = match value {
        Some(Value::Array(values)) => values.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    values.iter()
}

fn well_formed(statement: &Value) -> bool {
    let effect = statement.get("Effect").and_then(Value::as_str);
    let has = |one: &str, other: &str| statement.get(one).is_some() || statement.get(other).is_some();
    matches!(effect, Some("Allow" | "Deny")) && has("Principal", "NotPrincipal") && has("Action", "NotAction")
}

fn has_label(statement: &Value, label: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(label)
}

/// Whom a statement names: accounts and users, or services.
fn principals(statement: &Value) -> impl Iterator<Item = &str> {
    let (all, kinds) = match statement.get("Principal") {
        Some(Value::Object(kinds)) => (None, Some(kinds)),
        all => (all, None),
    };
    let of_kinds = kinds.into_iter().flat_map(Map::values).flat_map(|names| each(Some(names)));
    each(all).chain(of_kinds).filter_map(Value::as_str)
}

impl Requester<'_> {
    fn is(self, principal: &str) -> bool {
        match self {
            _ if principal == "*" => true,
            Requester::Account(caller) => {
                AccountId::parse(principal) == Some(caller.account)
                    || principal == caller.user_arn()
                    || principal.ends_with(&format!(":iam::{}:root", caller.account))
            }
            Requester::Service { principal: service, .. } => principal == service,
        }
    }

    /// The value of a condition key, if the reference knows the key.
    fn value_of(self, key: &str) -> Option<String> {
        match (key.to_ascii_lowercase().as_str(), self) {
            ("aws:principalaccount" | "aws:sourceaccount" | "aws:sourceowner", Requester::Account(caller)) => {
                Some(caller.account.to_string())
            }
            ("aws:sourceaccount" | "aws:sourceowner", Requester::Service { source, .. }) => {
                Some(source.account.to_string())
            }
            ("aws:sourcearn", Requester::Service { source, .. }) => Some(source.to_string()),
            _ => None,
        }
    }
}

fn concerns(statement: &Value, requester: Requester<'_>, action: &str, resource: &str) -> bool {
    let acted = |pattern: &str| glob(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase());
    let patterns = |key: &str| each(statement.get(key)).filter_map(Value::as_str).collect::<Vec<_>>();
    let actions = match statement.get("NotAction") {
        Some(_) => !patterns("NotAction").into_iter().any(acted),
        None => patterns("Action").into_iter().any(acted),
    };
    let resources = patterns("Resource");
    let on_resource = resources.is_empty() || resources.into_iter().any(|pattern| glob(pattern, resource));
    principals(statement).any(|principal| requester.is(principal)) && actions && on_resource
}

/// Whether the statement's conditions hold; `None` if one of them is unknown to the reference.
fn conditions_hold(statement: &Value, requester: Requester<'_>) -> Option<bool> {
    let Some(Value::Object(operators)) = statement.get("Condition") else { return Some(true) };
    let mut all = Some(true);
    for (operator, keys) in operators {
        for (key, values) in keys.as_object()? {
            match condition_holds(operator, key, values, requester) {
                Some(false) => return Some(false),
                Some(true) => {}
                None => all = None,
            }
        }
    }
    all
}

fn condition_holds(operator: &str, key: &str, values: &Value, requester: Requester<'_>) -> Option<bool> {
    let actual = requester.value_of(key)?;
    let mut wanted = each(Some(values)).filter_map(Value::as_str);
    match operator {
        "StringEquals" => Some(wanted.any(|value| value == actual)),
        "StringNotEquals" => Some(!wanted.any(|value| value == actual)),
        "StringLike" | "ArnLike" | "ArnEquals" => Some(wanted.any(|pattern| glob(pattern, &actual))),
        "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => Some(!wanted.any(|pattern| glob(pattern, &actual))),
        _ => None,
    }
}

/// Matches IAM's `*` and `?`, in time linear in the text for each `*`.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at_pattern, mut at_text, mut star, mut resume) = (0, 0, None, 0);
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                star = Some(at_pattern);
                resume = at_text;
                at_pattern += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[at_text] => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => {
                let Some(last_star) = star else { return false };
                at_pattern = last_star + 1;
                resume += 1;
                at_text = resume;
            }
        }
    }
    pattern[at_pattern..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Protocol, Region};

    fn caller(account: &str) -> Caller {
        Caller {
            account: AccountId::parse(account).unwrap_or(AccountId::DEFAULT),
            region: Region::new("us-east-1"),
            protocol: Protocol::Json,
            endpoint: "http://localhost".into(),
            trace_header: None,
            signed: true,
        }
    }

    fn queue() -> Arn {
        Arn::new("sqs", &Region::new("us-east-1"), AccountId::DEFAULT, "orders")
    }

    #[test]
    fn a_permission_allows_its_accounts_and_actions_only() {
        let mut policy = Policy::empty("id");
        policy.allow("label", &["111111111111".to_owned()], &["SQS:SendMessage".to_owned()], &queue());
        let decide = |account, action| policy.decide(&caller(account), action, &queue());
        assert_eq!(decide("111111111111", "sqs:SendMessage"), Decision::Allow);
        assert_eq!(decide("111111111111", "sqs:ReceiveMessage"), Decision::Silent);
        assert_eq!(decide("222222222222", "sqs:SendMessage"), Decision::Silent);
        assert!(policy.remove("label") && policy.is_empty() && !policy.remove("label"));
    }

    #[test]
    fn an_unknown_condition_never_opens_anything() {
        let statement = |effect: &str| {
            format!(
                r#"{{"Statement": {{"Effect": "{effect}", "Principal": "*", "Action": "sqs:*",
                    "Condition": {{"IpAddress": {{"aws:SourceIp": "10.0.0.0/8"}}}}}}}}"#
            )
        };
        let decide = |text: &str| {
            Policy::parse(text).map(|policy| policy.decide(&caller("111111111111"), "sqs:SendMessage", &queue()))
        };
        assert_eq!(decide(&statement("Allow")), Some(Decision::Silent));
        assert_eq!(decide(&statement("Deny")), Some(Decision::Deny));
    }

    #[test]
    fn globs_match_as_iam_does() {
        assert!(glob("*", "") && glob("a*c", "abbc") && glob("a?c", "abc") && glob("*b*", "abc"));
        assert!(!glob("a?c", "ac") && !glob("a*c", "abd") && !glob("", "a"));
    }
}
