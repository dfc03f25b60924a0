//! Whatever the policies and the messages are: nothing panics, a set of policies finds what trying each one finds,
//! and nesting and arrays mean what a slow and plain reading of them says.

use proofmark_world::filter::{AttributeValue, Attributes, Body, Dialect, Limits, Policy, PolicySet, Scope};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const LIMITS: Limits = Limits { dialect: Dialect::Sns, keys: 5, combinations: 150, bytes: 262_144 };

/// Few names and values, so that policies and messages meet.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[ab]", 1 => "[ab]\\.[ab]", 1 => Just(String::new())]
}

fn literal() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => "[xy]{0,2}".prop_map(Value::from),
        2 => (-2..3i64).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!("10.0.0.1")),
    ]
}

fn alternative() -> impl Strategy<Value = Value> {
    let text = || "[xy]{0,2}";
    prop_oneof![
        8 => literal(),
        1 => text().prop_map(|text| json!({"prefix": text})),
        1 => text().prop_map(|text| json!({"suffix": text})),
        1 => text().prop_map(|text| json!({"equals-ignore-case": text.to_uppercase()})),
        1 => text().prop_map(|text| json!({"anything-but": text})),
        1 => prop::collection::vec(-2..3i64, 1..3).prop_map(|numbers| json!({"anything-but": numbers})),
        1 => "[xy]{1,2}".prop_map(|text| json!({"anything-but": {"prefix": text}})),
        1 => (-2..3i64).prop_map(|number| json!({"numeric": [">", number]})),
        1 => any::<bool>().prop_map(|exists| json!({"exists": exists})),
        1 => Just(json!({"cidr": "10.0.0.0/24"})),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop::collection::vec(alternative(), 1..3).prop_map(Value::from)
}

fn object(value: impl Strategy<Value = Value>, fields: std::ops::Range<usize>) -> impl Strategy<Value = Value> {
    prop::collection::btree_map(name(), value, fields).prop_map(Value::from_iter)
}

fn flat_policy() -> impl Strategy<Value = String> {
    let branches = prop::collection::vec(object(leaf(), 1..3), 2..4);
    (object(leaf(), 1..4), prop::option::weighted(0.3, branches)).prop_map(|(mut policy, branches)| {
        if let Some(branches) = branches {
            policy["$or"] = branches.into();
        }
        policy.to_string()
    })
}

fn nested_policy() -> impl Strategy<Value = String> {
    let field = leaf().prop_recursive(2, 6, 2, |inner| {
        let branches = prop::collection::vec(object(inner.clone(), 1..2), 2..3);
        prop_oneof![2 => object(inner, 1..3), 1 => branches.prop_map(|branches| json!({"$or": branches}))]
    });
    object(field, 1..4).prop_map(|policy| policy.to_string())
}

fn body() -> impl Strategy<Value = String> {
    let value = literal().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from), object(inner, 0..3)]
    });
    object(value, 0..4).prop_map(|body| body.to_string())
}

fn attributes() -> impl Strategy<Value = BTreeMap<String, (u8, String)>> {
    let array = prop::collection::vec(literal(), 0..3).prop_map(|items| (2, Value::from(items).to_string()));
    let value = prop_oneof![
        3 => "[xy]{0,2}".prop_map(|text| (0, text)),
        2 => (-2..3i64).prop_map(|number| (1, number.to_string())),
        2 => array,
        1 => Just((3, String::new())),
    ];
    prop::collection::btree_map(name(), value, 0..4)
}

fn as_attributes(attributes: &BTreeMap<String, (u8, String)>) -> Attributes<'_> {
    let value = |kind, text| match kind {
        0 => AttributeValue::String(text),
        1 => AttributeValue::Number(text),
        2 => AttributeValue::StringArray(text),
        _ => AttributeValue::Binary,
    };
    attributes.iter().map(|(name, (kind, text))| (&**name, value(*kind, text))).collect()
}

fn policies() -> impl Strategy<Value = Vec<Policy>> {
    let policy = prop_oneof![
        flat_policy().prop_map(|text| Policy::compile(&text, Scope::MessageAttributes, &LIMITS)),
        nested_policy().prop_map(|text| Policy::compile(&text, Scope::MessageBody, &LIMITS)),
    ];
    prop::collection::vec(policy.prop_filter_map("refused", Result::ok), 0..24)
}

/// The ids of the policies that match, tried one by one.
fn scan(policies: &BTreeMap<usize, Policy>, attributes: &Attributes<'_>, body: Option<&Body<'_>>) -> Vec<usize> {
    let matches =
        |policy: &Policy| policy.matches_attributes(attributes) || body.is_some_and(|body| policy.matches_body(body));
    policies.iter().filter(|(_, policy)| matches(policy)).map(|(id, _)| *id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_the_compiler_panic(text in any::<String>(), near in "[\\[\\]{}\",:a0-9.$or\\\\-]{0,60}") {
        for text in [text, near] {
            for scope in [Scope::MessageAttributes, Scope::MessageBody] {
                if let Err(error) = Policy::compile(&text, scope, &LIMITS) {
                    prop_assert!(!error.to_string().is_empty());
                }
            }
            let _ = Body::parse(&text);
            let _ = Attributes::from_iter([("a", AttributeValue::StringArray(&text))]);
        }
    }

    #[test]
    fn a_policy_cut_anywhere_is_refused(text in nested_policy(), at in any::<prop::sample::Index>()) {
        let cut = &text[..at.index(text.len())];
        prop_assert!(Policy::compile(cut, Scope::MessageBody, &LIMITS).is_err());
    }

    #[test]
    fn what_another_reader_takes_for_json_is_json_here_too(body in body(), spaces in "[ \t\r\n]{0,3}") {
        let spread = body.replace(',', &format!("{spaces},{spaces}"));
        prop_assert_eq!(Body::parse(&spread).is_some(), serde_json::from_str::<Map<String, Value>>(&spread).is_ok());
    }

    #[test]
    fn a_set_finds_what_trying_each_policy_finds(
        policies in policies(),
        removed in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        messages in prop::collection::vec((attributes(), body()), 1..6),
    ) {
        let mut set = PolicySet::default();
        let mut kept: BTreeMap<usize, Policy> = BTreeMap::new();
        // From the end, so that ascending ids are not an accident.
        for (id, policy) in policies.iter().enumerate().rev() {
            set.insert(id, policy.clone());
            kept.insert(id, policy.clone());
        }
        for index in removed.iter().filter(|_| !policies.is_empty()) {
            let id = index.index(policies.len());
            prop_assert_eq!(set.remove(id).is_some(), kept.remove(&id).is_some());
        }
        prop_assert_eq!(set.len(), kept.len());
        prop_assert_eq!(set.reads_bodies(), kept.values().any(|policy| policy.scope() == Scope::MessageBody));
        for (attributes, body) in &messages {
            let attributes = as_attributes(attributes);
            let body = Body::parse(body);
            for body in [None, body.as_ref()] {
                prop_assert_eq!(set.matching(&attributes, body), scan(&kept, &attributes, body));
            }
        }
    }

    #[test]
    fn arrays_mean_what_choosing_one_value_for_each_key_says(
        policy in prop::collection::btree_map("[ab](\\.[ab]){0,2}", "[xy]", 1..4),
        body in plain_body(),
    ) {
        let text = serde_json::to_string(&policy.iter().map(|(path, value)| (path, [value])).collect::<BTreeMap<_, _>>());
        let compiled = Policy::compile(&text.unwrap(), Scope::MessageBody, &LIMITS).unwrap();
        let text = body.to_string();
        let expected = some_choice_fits(&policy.into_iter().collect::<Vec<_>>(), &leaves(&body), &Places::new());
        prop_assert_eq!(compiled.matches_body(&Body::parse(&text).unwrap()), expected, "{}", text);
    }
}

/// A body without points in its keys, so that each path of keys leads to one place.
fn plain_body() -> impl Strategy<Value = Value> {
    let object = |value| prop::collection::btree_map("[ab]", value, 0..3).prop_map(Value::from_iter);
    let value = "[xy]".prop_map(Value::from).prop_recursive(5, 32, 4, move |inner| {
        prop_oneof![2 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from), 1 => object(inner.boxed())]
    });
    prop::collection::btree_map("[ab]", value, 0..3).prop_map(Value::from_iter)
}

/// Which element of which array a value stands in. Values that are themselves the elements stand in none.
type Places = BTreeMap<usize, usize>;

struct Leaf {
    path: String,
    value: String,
    places: Places,
}

/// Every string in a body with its path and the places it stands in.
fn leaves(body: &Value) -> Vec<Leaf> {
    let mut found = Vec::new();
    let mut arrays = 0;
    collect(body, "", &Places::new(), &mut arrays, &mut found);
    found
}

fn collect(value: &Value, path: &str, places: &Places, arrays: &mut usize, found: &mut Vec<Leaf>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(member, &below, places, arrays, found);
            }
        }
        Value::Array(items) => {
            let array = *arrays;
            *arrays += 1;
            for (at, item) in items.iter().enumerate() {
                let mut places = places.clone();
                if !item.is_string() {
                    places.insert(array, at);
                }
                collect(item, path, &places, arrays, found);
            }
        }
        other => {
            let value = other.as_str().unwrap_or_default().to_owned();
            found.push(Leaf { path: path.to_owned(), value, places: places.clone() });
        }
    }
}

/// Whether for each wanted value a leaf can be chosen, such that no two leaves stand in different elements of one
/// array.
fn some_choice_fits(wanted: &[(String, String)], leaves: &[Leaf], chosen: &Places) -> bool {
    let Some(((path, value), others)) = wanted.split_first() else { return true };
    let fits = |leaf: &&Leaf| leaf.path == *path && leaf.value == *value;
    leaves.iter().filter(fits).any(|leaf| {
        let agrees = leaf.places.iter().all(|(array, at)| chosen.get(array).is_none_or(|before| before == at));
        let mut together = chosen.clone();
        together.extend(&leaf.places);
        agrees && some_choice_fits(others, leaves, &together)
    })
}
