//! What filter policies cost: compiling one, and holding a message against many.
//!
//! | Figure | What is done |
//! |---|---|
//! | `compile` | one policy with a prefix, two values and a range is checked and compiled |
//! | `set/<kind>/<policies>` | one message is taken apart and held against a set of that many distinct policies |
//! | `scan/<kind>/<policies>` | the same, trying each policy |
//!
//! Kinds: `values` differ in a value of one key, which is what routing looks like; `keys` differ in the key; `bodies`
//! differ in a value deep in the body; `ranges` differ in a range of numbers, and each range has to be tried. One policy
//! of each set matches the message.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use proofmark_world::filter::{AttributeValue, Attributes, Body, Dialect, Limits, Policy, PolicySet, Scope};
use std::hint::black_box;
use std::time::Duration;

const LIMITS: Limits = Limits { dialect: Dialect::Sns, keys: 5, combinations: 150, bytes: 262_144 };
const POLICIES: [usize; 2] = [10, 1_000];
const BODY: &str =
    r#"{"source":"shop","detail":{"order":{"status":"7","items":[{"sku":"a"},{"sku":"b"}]},"total":99.5}}"#;
const POLICY: &str =
    r#"{"source":["shop"],"kind":["order","return",{"prefix":"re"}],"total":[{"numeric":[">",0,"<=",100]}]}"#;

/// How the policies of a set differ.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    scope: Scope,
    policy: fn(usize) -> String,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "values",
        scope: Scope::MessageAttributes,
        policy: |number| format!(r#"{{"source":["shop"],"status":["{number}"]}}"#),
    },
    Kind {
        name: "keys",
        scope: Scope::MessageAttributes,
        policy: |number| format!(r#"{{"key-{number}":[{{"prefix":"a"}}]}}"#),
    },
    Kind {
        name: "bodies",
        scope: Scope::MessageBody,
        policy: |number| format!(r#"{{"source":["shop"],"detail":{{"order":{{"status":["{number}"]}}}}}}"#),
    },
    Kind {
        name: "ranges",
        scope: Scope::MessageAttributes,
        policy: |number| format!(r#"{{"total":[{{"numeric":[">=",{number},"<",{number}.5]}}]}}"#),
    },
];

fn compiled(kind: Kind, number: usize) -> Policy {
    Policy::compile(&(kind.policy)(number), kind.scope, &LIMITS).expect("a policy")
}

fn attributes() -> Attributes<'static> {
    Attributes::from_iter([
        ("source", AttributeValue::String("shop")),
        ("status", AttributeValue::String("7")),
        ("key-7", AttributeValue::String("abc")),
        ("total", AttributeValue::Number("7.25")),
        ("tags", AttributeValue::StringArray(r#"["new","paid"]"#)),
    ])
}

fn matching(kind: Kind, set: &PolicySet<usize>) -> Vec<usize> {
    let body = (kind.scope == Scope::MessageBody).then(|| Body::parse(black_box(BODY)).expect("an object"));
    set.matching(&attributes(), body.as_ref())
}

fn scan(policies: &[Policy]) -> usize {
    let attributes = attributes();
    let body = Body::parse(black_box(BODY)).expect("an object");
    let matches = |policy: &&Policy| policy.matches_attributes(&attributes) || policy.matches_body(&body);
    policies.iter().filter(matches).count()
}

fn compile(criterion: &mut Criterion) {
    criterion.bench_function("filter/compile", |bencher| {
        bencher.iter(|| Policy::compile(black_box(POLICY), Scope::MessageAttributes, &LIMITS));
    });
}

fn sets(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("filter/set");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).sample_size(50);
    for (kind, count) in KINDS.iter().flat_map(|kind| POLICIES.map(|count| (*kind, count))) {
        let mut set = PolicySet::default();
        (0..count).for_each(|number| set.insert(number, compiled(kind, number)));
        assert_eq!(matching(kind, &set), [7], "{}", kind.name);
        group.bench_function(BenchmarkId::new(kind.name, count), |bencher| bencher.iter(|| matching(kind, &set)));
    }
    group.finish();
}

fn scans(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("filter/scan");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).sample_size(50);
    for (kind, count) in KINDS.iter().flat_map(|kind| POLICIES.map(|count| (*kind, count))) {
        let policies: Vec<Policy> = (0..count).map(|number| compiled(kind, number)).collect();
        group.bench_function(BenchmarkId::new(kind.name, count), |bencher| bencher.iter(|| scan(&policies)));
    }
    group.finish();
}

criterion_group!(benches, compile, sets, scans);
criterion_main!(benches);
