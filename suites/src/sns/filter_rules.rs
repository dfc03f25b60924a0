//! Filter policies: what is taken and what is refused, in AWS's words.

use super::support::{Topic, subscription_attributes, topic};
use crate::sqs::support::{equal, holds, refused, text};
use aws_sdk_sns::error::SdkError;
use aws_sdk_sns::operation::set_subscription_attributes::SetSubscriptionAttributesError;
use proofmark_conform::{ErrorView, Scope, Stop, case};

/// The prefix of what SetSubscriptionAttributes says of a filter policy.
const PREFIX: &str = "Invalid parameter: FilterPolicy: ";
const BODY: &str = "MessageBody";
const ATTRIBUTES: &str = "MessageAttributes";

/// A subscription whose policy is set again and again. Nothing is delivered to its queue, which is not there.
async fn subscription(topic: &Topic<'_>, scope: &str) -> Result<String, Stop> {
    let queue = topic.queue_arn("nobody");
    let answer = topic.subscribe("sqs", &queue, &[("FilterPolicyScope", scope)]).send().await?;
    Ok(text(answer.subscription_arn()))
}

async fn set(
    scope: &Scope,
    arn: &str,
    name: &str,
    value: &str,
) -> Result<(), SdkError<SetSubscriptionAttributesError>> {
    let request = scope.sns().set_subscription_attributes().subscription_arn(arn);
    request.attribute_name(name).attribute_value(value).send().await.map(|_| ())
}

/// Wants each policy to be taken, and to be shown as it was given.
async fn taken(scope: &Scope, arn: &str, policies: &[&str]) -> Result<(), Stop> {
    for policy in policies {
        set(scope, arn, "FilterPolicy", policy).await?;
        let shown = subscription_attributes(scope, arn).await?.remove("FilterPolicy");
        equal("the policy, as it was given", Some((*policy).to_owned()), shown)?;
    }
    Ok(())
}

/// Wants each policy to be refused with the text beside it, and the one before to stay. Only the first line counts:
/// the second says where in the policy, which AWS redacts.
async fn all_refused(scope: &Scope, arn: &str, policies: &[(&str, &str)]) -> Result<(), Stop> {
    let before = subscription_attributes(scope, arn).await?.remove("FilterPolicy");
    for (policy, expected) in policies {
        let Err(error) = set(scope, arn, "FilterPolicy", policy).await else {
            return Err(Stop::mismatch(format!("{policy} is refused"), "InvalidParameter", "success"));
        };
        let Some(view) = ErrorView::of(&error) else { return Err(error.into()) };
        equal(&format!("the refusal of {policy}"), ("InvalidParameter", 400), (view.code.as_str(), view.status))?;
        let first_line = view.message.lines().next().unwrap_or_default();
        scope.warn_text(&format!("{PREFIX}{expected}"), first_line)?;
    }
    let after = subscription_attributes(scope, arn).await?.remove("FilterPolicy");
    equal("the policy after the refusals", before, after)
}

fn values(count: usize) -> String {
    (0..count).map(|number| format!("\"v{number}\"")).collect::<Vec<_>>().join(",")
}

case! {
    /// Five keys are allowed, six are not; what counts in a nested policy is open.
    pub KEYS = "sns.filter.keys",
    clauses: ["sns.filter.max-keys"],
    cost: 10 requests, 5 seconds,
    protocols: [Query],
    async fn keys(scope) {
        let topic = topic(scope).await?;
        let flat = subscription(&topic, ATTRIBUTES).await?;
        let policy = |keys: usize| {
            format!("{{{}}}", (0..keys).map(|key| format!("\"k{key}\":[\"v\"]")).collect::<Vec<_>>().join(","))
        };
        taken(scope, &flat, &[&policy(5)]).await?;
        all_refused(scope, &flat, &[(&policy(6), "Filter policy can not have more than 5 keys")]).await?;
        set(scope, &flat, "FilterPolicyScope", BODY).await?;
        let leaves = r#"{"a":{"k1":["v"],"k2":["v"],"k3":["v"]},"b":{"k1":["v"],"k2":["v"],"k3":["v"]}}"#;
        let seen = set(scope, &flat, "FilterPolicy", leaves).await;
        scope.observe("sns.filter.max-keys", if seen.is_ok() { "parent keys count" } else { "leaf keys count" });
        Ok(())
    }
}

case! {
    /// Up to 150 combinations of values are allowed: the product over the keys.
    pub COMBINATIONS = "sns.filter.combinations",
    clauses: ["sns.filter.max-150"],
    cost: 12 requests, 5 seconds,
    protocols: [Query],
    async fn combinations(scope) {
        let topic = topic(scope).await?;
        let flat = subscription(&topic, ATTRIBUTES).await?;
        let one = |count| format!(r#"{{"a":[{}]}}"#, values(count));
        let two = |first, second| format!(r#"{{"a":[{}],"b":[{}]}}"#, values(first), values(second));
        taken(scope, &flat, &[&one(150), &two(10, 15), &two(15, 10)]).await?;
        let complex = "Filter policy is too complex";
        all_refused(scope, &flat, &[(&one(151), complex), (&two(10, 16), complex), (&two(2, 76), complex)]).await
    }
}

case! {
    /// In a body, a leaf counts its values times how deep it is; the product over the leaves is at most 150.
    pub NESTED_COMBINATIONS = "sns.filter.nested_combinations",
    clauses: ["sns.filter.nested-multiplier"],
    cost: 12 requests, 5 seconds,
    protocols: [Query],
    async fn nested_combinations(scope) {
        let topic = topic(scope).await?;
        let body = subscription(&topic, BODY).await?;
        let deep = |count| format!(r#"{{"a":{{"b":{{"c":[{}]}}}}}}"#, values(count));
        taken(scope, &body, &[&deep(50), r#"{"a":{"b":["1","2","3"]},"c":["4","5"]}"#]).await?;
        let documented = r#"{"key_a":{"key_b":{"key_c":{"key_d":["v1","v2","v3"]}}},"key_e":{"key_f":{"key_g":["v1","v2"]}},"key_h":{"key_i":{"key_j":["v1"]}}}"#;
        let complex = "Filter policy is too complex";
        all_refused(scope, &body, &[(&deep(51), complex), (documented, complex)]).await
    }
}

case! {
    /// With $or, the combinations of the alternatives are added up.
    pub OR_COMBINATIONS = "sns.filter.or_combinations",
    clauses: ["sns.filter.or-sum"],
    cost: 12 requests, 5 seconds,
    protocols: [Query],
    async fn or_combinations(scope) {
        let topic = topic(scope).await?;
        let flat = subscription(&topic, ATTRIBUTES).await?;
        let or = |first, second| format!(r#"{{"$or":[{{"a":[{}]}},{{"b":[{}]}}]}}"#, values(first), values(second));
        let beside = |first| format!(r#"{{"c":["1","2"],"$or":[{{"a":[{}]}},{{"b":[{}]}}]}}"#, values(first), values(37));
        taken(scope, &flat, &[&or(75, 75), &or(149, 1), &beside(38)]).await?;
        let complex = "Filter policy is too complex";
        all_refused(scope, &flat, &[(&or(76, 76), complex), (&or(80, 80), complex), (&beside(39), complex)]).await
    }
}

case! {
    /// A policy has at most 262,144 bytes.
    pub BYTES = "sns.filter.bytes",
    clauses: ["sns.filter.size-256k"],
    cost: 6 requests, 5 seconds,
    protocols: [Query],
    async fn bytes(scope) {
        let topic = topic(scope).await?;
        let flat = subscription(&topic, ATTRIBUTES).await?;
        let sized = |bytes: usize| format!(r#"{{"a":["{}"]}}"#, "x".repeat(bytes - r#"{"a":[""]}"#.len()));
        set(scope, &flat, "FilterPolicy", &sized(262_144)).await?;
        let answer = set(scope, &flat, "FilterPolicy", &sized(262_145)).await;
        refused(scope, answer, "InvalidParameter", 400, "")
    }
}

case! {
    /// A topic has at most 200 filter policies.
    pub COUNT = "sns.filter.count",
    clauses: ["sns.filter.count-quota"],
    cost: 410 requests, 60 seconds,
    protocols: [Query],
    async fn count(scope) {
        let topic = topic(scope).await?;
        let policy = [("FilterPolicy", r#"{"a":["b"]}"#)];
        let queue = |number: usize| topic.queue_arn(&format!("nobody-{number}"));
        for number in 0..200 {
            topic.subscribe("sqs", &queue(number), &policy).send().await?;
        }
        let answer = topic.subscribe("sqs", &queue(200), &policy).send().await;
        refused(scope, answer, "FilterPolicyLimitExceeded", 403, "")?;
        let without = topic.subscribe("sqs", &queue(200), &[]).send().await?;
        let answer = set(scope, &text(without.subscription_arn()), "FilterPolicy", policy[0].1).await;
        refused(scope, answer, "FilterPolicyLimitExceeded", 403, "")
    }
}

case! {
    /// An empty value removes the policy, and its scope is shown no more.
    pub REMOVE = "sns.filter.remove_policy",
    clauses: ["sns.filter.remove"],
    cost: 7 requests, 5 seconds,
    protocols: [Query],
    async fn remove_policy(scope) {
        let topic = topic(scope).await?;
        let arn = subscription(&topic, ATTRIBUTES).await?;
        taken(scope, &arn, &[r#"{"a":["b"]}"#]).await?;
        holds("the scope beside a policy", subscription_attributes(scope, &arn).await?.contains_key("FilterPolicyScope"), ())?;
        set(scope, &arn, "FilterPolicy", "").await?;
        let shown = subscription_attributes(scope, &arn).await?;
        holds("no policy and no scope", !shown.contains_key("FilterPolicy") && !shown.contains_key("FilterPolicyScope"), &shown)
    }
}

case! {
    /// The scope is MessageAttributes or MessageBody.
    pub SCOPES = "sns.filter.scopes",
    clauses: ["sns.filter.scope-values"],
    cost: 10 requests, 5 seconds,
    protocols: [Query],
    async fn scopes(scope) {
        let topic = topic(scope).await?;
        let arn = subscription(&topic, ATTRIBUTES).await?;
        taken(scope, &arn, &[r#"{"a":["b"]}"#]).await?;
        equal("the default", Some(ATTRIBUTES.to_owned()), subscription_attributes(scope, &arn).await?.remove("FilterPolicyScope"))?;
        set(scope, &arn, "FilterPolicyScope", BODY).await?;
        equal("the other", Some(BODY.to_owned()), subscription_attributes(scope, &arn).await?.remove("FilterPolicyScope"))?;
        let answer = set(scope, &arn, "FilterPolicyScope", "Message").await;
        let expected = "Invalid parameter: FilterPolicyScope: Invalid value [Message]. Please use either MessageBody or MessageAttributes";
        refused(scope, answer, "InvalidParameter", 400, expected)
    }
}

case! {
    /// Keys below keys need the scope MessageBody.
    pub NESTED_SCOPE = "sns.filter.nested_scope",
    clauses: ["sns.filter.scope-nested"],
    cost: 8 requests, 5 seconds,
    protocols: [Query],
    async fn nested_scope(scope) {
        let topic = topic(scope).await?;
        let arn = subscription(&topic, ATTRIBUTES).await?;
        let nested = r#"{"a":{"b":["c"]}}"#;
        let expected = "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy";
        refused(scope, set(scope, &arn, "FilterPolicy", nested).await, "InvalidParameter", 400, expected)?;
        set(scope, &arn, "FilterPolicyScope", BODY).await?;
        taken(scope, &arn, &[nested]).await?;
        refused(scope, set(scope, &arn, "FilterPolicyScope", ATTRIBUTES).await, "InvalidParameter", 400, expected)
    }
}

case! {
    /// A text that is no JSON is refused as such; Subscribe says where the attribute came from.
    pub JSON = "sns.filter.json",
    clauses: ["sns.filter.json-errors"],
    cost: 8 requests, 5 seconds,
    protocols: [Query],
    async fn json(scope) {
        let topic = topic(scope).await?;
        let arn = subscription(&topic, ATTRIBUTES).await?;
        for policy in [r#"{"a":["b"]"#, "nonsense", r#"{"a":}"#, "{'a':['b']}"] {
            let Err(error) = set(scope, &arn, "FilterPolicy", policy).await else {
                return Err(Stop::mismatch(policy, "InvalidParameter", "success"));
            };
            let Some(view) = ErrorView::of(&error) else { return Err(error.into()) };
            equal("the code", ("InvalidParameter", 400), (view.code.as_str(), view.status))?;
            let expected = "Invalid parameter: FilterPolicy: failed to parse JSON. ";
            holds("the text", view.message.starts_with(expected), &view.message)?;
        }
        let answer = topic.subscribe("sqs", &topic.queue_arn("other"), &[("FilterPolicy", "{")]).send().await;
        let Err(error) = answer else { return Err(Stop::mismatch("{", "InvalidParameter", "success")) };
        let view = ErrorView::of(&error).map(|view| view.message).unwrap_or_default();
        holds("the text of Subscribe", view.starts_with("Invalid parameter: Attributes Reason: FilterPolicy: failed to parse JSON. "), view)
    }
}

case! {
    /// What a key may be: an array of values, or an object.
    pub SHAPES = "sns.filter.shapes",
    clauses: ["sns.filter.err.value-not-array", "sns.filter.err.empty-array", "sns.filter.err.bad-value"],
    cost: 12 requests, 5 seconds,
    protocols: [Query],
    async fn shapes(scope) {
        let topic = topic(scope).await?;
        let arn = subscription(&topic, BODY).await?;
        taken(scope, &arn, &[r#"{"a":["s",1,true,false,null]}"#, r#"{"a":{"b":["c"]}}"#]).await?;
        all_refused(scope, &arn, &[
            (r#"{"key_a":"value"}"#, r#""key_a" must be an object or an array"#),
            (r#"{"key_a":1}"#, r#""key_a" must be an object or an array"#),
            (r#"{"key_a":[]}"#, "Empty arrays are not allowed"),
            (r#"{"key_a":[["nested"]]}"#, "Match value must be String, number, true, false, or null"),
        ])
        .await
    }
}

case! {
    /// Operators that there are not, and two in one object, are refused.
    pub UNKNOWN_OPERATORS = "sns.filter.unknown_operators",
    clauses: ["sns.filter.err.unknown-op", "sns.filter.wildcard"],
    cost: 8 requests, 5 seconds,
    protocols: [Query],
    async fn unknown_operators(scope) {
        let topic = topic(scope).await?;
        let arn = subscription(&topic, ATTRIBUTES).await?;
        all_refused(scope, &arn, &[
            (r#"{"a":[{"starts-with":"x"}]}"#, "Unrecognized match type starts-with"),
            (r#"{"a":[{"prefix":"x","suffix":"y"}]}"#, "Only one key allowed in match expression"),
        ])
        .await?;
        let seen = set(scope, &arn, "FilterPolicy", r#"{"a":[{"wildcard":"x*"}]}"#).await;
        scope.observe("sns.filter.wildcard", if seen.is_ok() { "wildcard is taken" } else { "wildcard is refused" });
        Ok(())
    }
}

case! {
    /// The operators on texts want texts, exists wants true or false, anything-but knows values and prefix.
    pub OPERANDS = "sns.filter.operands",
    clauses: ["sns.filter.err.string-ops", "sns.filter.err.exists", "sns.filter.err.anything-but"],
    cost: 16 requests, 5 seconds,
    protocols: [Query],
    async fn operands(scope) {
        let topic = topic(scope).await?;
        let arn = subscription(&topic, ATTRIBUTES).await?;
        taken(scope, &arn, &[
            r#"{"a":[{"prefix":"x"},{"suffix":"y"},{"exists":true}]}"#,
            r#"{"a":[{"anything-but":"x"},{"anything-but":["x","y"]},{"anything-but":[1,2]},{"anything-but":{"prefix":"x"}}]}"#,
        ])
        .await?;
        all_refused(scope, &arn, &[
            (r#"{"a":[{"prefix":100}]}"#, "prefix match pattern must be a string"),
            (r#"{"a":[{"suffix":100}]}"#, "suffix match pattern must be a string"),
            (r#"{"a":[{"cidr":["bad"]}]}"#, "prefix match pattern must be a string"),
            (r#"{"a":[{"exists":"no"}]}"#, "exists match pattern must be either true or false."),
            (r#"{"a":[{"anything-but":{"suffix":"x"}}]}"#, "Unsupported anything-but pattern: suffix"),
            (r#"{"a":[{"anything-but":{"exists":false}}]}"#, "Unsupported anything-but pattern: exists"),
            (r#"{"a":[{"anything-but":{"prefix":100}}]}"#, "prefix match pattern must be a string"),
        ])
        .await
    }
}

case! {
    /// A numeric expression is one comparison, or a range from its lower to its upper end.
    pub NUMBERS = "sns.filter.numeric_rules",
    clauses: ["sns.filter.err.numeric"],
    cost: 18 requests, 5 seconds,
    protocols: [Query],
    async fn numeric_rules(scope) {
        let topic = topic(scope).await?;
        let arn = subscription(&topic, ATTRIBUTES).await?;
        taken(scope, &arn, &[
            r#"{"a":[{"numeric":["=",1]},{"numeric":["<",1]},{"numeric":[">=",-1.5]}]}"#,
            r#"{"a":[{"numeric":[">",0,"<=",100]}]}"#,
        ])
        .await?;
        all_refused(scope, &arn, &[
            (r#"{"a":[{"numeric":[]}]}"#, "Invalid member in numeric match: ]"),
            (r#"{"a":[{"numeric":[1]}]}"#, "Invalid member in numeric match: 1"),
            (r#"{"a":[{"numeric":["!",1]}]}"#, "Unrecognized numeric range operator: !"),
            (r#"{"a":[{"numeric":["=","1"]}]}"#, "Value of equals must be numeric"),
            (r#"{"a":[{"numeric":[">=","1"]}]}"#, "Value of >= must be numeric"),
            (r#"{"a":[{"numeric":["<",100,">",10]}]}"#, "Too many elements in numeric expression"),
            (r#"{"a":[{"numeric":[">=",1,">",2]}]}"#, "Bad numeric range operator: >"),
            (r#"{"a":[{"numeric":[">",3,"<",1]}]}"#, "Bottom must be less than top"),
            (r#"{"a":[{"numeric":[">",20,30]}]}"#, "Bad value in numeric range: 30"),
            (r#"{"a":[{"numeric":[">",0,"<",100,"<",200]}]}"#, "Too many terms in numeric range expression"),
        ])
        .await
    }
}

case! {
    /// A CIDR block has an address, a slash and mask bits.
    pub BLOCKS = "sns.filter.cidr_rules",
    clauses: ["sns.filter.err.cidr"],
    cost: 10 requests, 5 seconds,
    protocols: [Query],
    async fn cidr_rules(scope) {
        let topic = topic(scope).await?;
        let arn = subscription(&topic, ATTRIBUTES).await?;
        taken(scope, &arn, &[r#"{"a":[{"cidr":"10.0.0.0/24"},{"cidr":"2001:db8::/64"}]}"#]).await?;
        all_refused(scope, &arn, &[
            (r#"{"a":[{"cidr":"10.0.0.0"}]}"#, "Malformed CIDR, one '/' required"),
            (r#"{"a":[{"cidr":"10.0.0.0/x"}]}"#, "Malformed CIDR, mask bits must be an integer"),
            (r#"{"a":[{"cidr":"10.0.0.256/24"}]}"#, "Nonstandard IP address: 10.0.0.256"),
        ])
        .await
    }
}
