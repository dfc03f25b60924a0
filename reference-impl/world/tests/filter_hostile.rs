//! Policies and bodies that are made to be expensive: they are refused or matched in bounded time and memory.
//!
//! A file of its own, because the memory that is measured is the process's.

use proofmark_world::filter::{AttributeValue, Attributes, Body, Dialect, Limits, Policy, PolicySet, Scope};
use proptest::prelude::*;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const LIMITS: Limits = Limits { dialect: Dialect::Sns, keys: 5, combinations: 150, bytes: 262_144 };

/// What one policy and one body may take, where they take milliseconds: only something that explodes takes as long.
const LONGEST: Duration = Duration::from_secs(20);

/// What the whole process may take, in KiB, with texts of up to half a MiB.
const MOST_MEMORY_KIB: u64 = 96 * 1024;

fn repeated(item: &str, count: usize) -> String {
    vec![item; count].join(",")
}

fn nested(depth: usize, inner: &str) -> String {
    format!("{}{inner}{}", r#"{"a":"#.repeat(depth), "}".repeat(depth))
}

/// Many values, keys and branches, great depth, and what is never closed.
fn policy() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec![
        r#"{"prefix":"aaaa"}"#,
        r#"{"suffix":"aaab"}"#,
        r#"{"anything-but":{"prefix":"aaaa"}}"#,
        r#"{"equals-ignore-case":"AAAA"}"#,
        r#"{"numeric":[">=",0,"<",1]}"#,
        r#"{"cidr":"10.0.0.0/8"}"#,
        r#"{"exists":false}"#,
        r#"{"wildcard":"*a*a*a*a*a*a*b"}"#,
        "1e999999999",
    ]);
    let values =
        (operator, 1..8_000usize).prop_map(|(value, count)| format!(r#"{{"a":[{}]}}"#, repeated(value, count)));
    let keys = (1..8_000usize).prop_map(|count| {
        let keys: Vec<String> = (0..count).map(|key| format!(r#""{key}":[1,2]"#)).collect();
        format!("{{{}}}", keys.join(","))
    });
    let branches = (1..160usize, 1..6usize).prop_map(|(count, keys)| {
        let keys: Vec<String> = (0..keys).map(|key| format!(r#""{key}":[1,2,3]"#)).collect();
        format!(r#"{{"$or":[{}]}}"#, repeated(&format!("{{{}}}", keys.join(",")), count))
    });
    let doubled = (1..14usize).prop_map(|depth| {
        (0..depth).fold(r#"{"a":[1]}"#.to_owned(), |inner, _| format!(r#"{{"$or":[{inner},{inner}]}}"#))
    });
    let beside = (1..2_000usize).prop_map(|count| {
        let pairs: Vec<String> = (0..count).map(|_| r#"{"$or":[{"a":[1]},{"b":[2]}]}"#.to_owned()).collect();
        format!(r#"{{"$or":[{}]}}"#, pairs.join(","))
    });
    let deep = (1..40_000usize).prop_map(|depth| nested(depth, "[1]"));
    let open = (1..200_000usize, "[\\[{]").prop_map(|(count, bracket)| format!(r#"{{"a":{}"#, bracket.repeat(count)));
    prop_oneof![values, keys, branches, doubled, beside, deep, open]
}

fn body() -> impl Strategy<Value = String> {
    let text = (1..200_000usize).prop_map(|count| format!(r#"{{"a":"{}"}}"#, "a".repeat(count)));
    let array = (1..100_000usize).prop_map(|count| format!(r#"{{"a":[{}]}}"#, repeated("2", count)));
    let objects =
        (1..8_000usize).prop_map(|count| format!(r#"{{"a":[{}]}}"#, repeated(r#"{"a":[{"a":1},{"b":2}]}"#, count)));
    let deep = (1..50_000usize).prop_map(|depth| nested(depth, "1"));
    prop_oneof![text, array, objects, deep]
}

/// Compiles the policy and asks whether it lets the body through, alone and in a set.
fn compile_and_match(policy: &str, body: &str) {
    let parsed = Body::parse(body);
    let attributes = Attributes::from_iter([("a", AttributeValue::StringArray(body))]);
    for scope in [Scope::MessageAttributes, Scope::MessageBody] {
        let Ok(policy) = Policy::compile(policy, scope, &LIMITS) else { continue };
        let alone =
            policy.matches_attributes(&attributes) || parsed.as_ref().is_some_and(|body| policy.matches_body(body));
        let mut set = PolicySet::default();
        set.insert(1, policy);
        assert_eq!(set.matching(&attributes, parsed.as_ref()) == [1], alone);
    }
}

/// The most memory that this process ever had, in KiB; `None` where the system does not say.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn nothing_explodes(policy in policy(), body in body()) {
        let start = policy.chars().take(40).collect::<String>();
        let (done, ended) = mpsc::channel();
        let work = thread::spawn(move || {
            compile_and_match(&policy, &body);
            // Nobody listens any more if it took too long, which the other side tells.
            let _ = done.send(());
        });
        let in_time = ended.recv_timeout(LONGEST);
        prop_assert!(in_time != Err(mpsc::RecvTimeoutError::Timeout), "{} ... takes too long", start);
        prop_assert!(work.join().is_ok(), "{} ... panics", start);
        let memory = peak_memory_kib().unwrap_or_default();
        prop_assert!(memory < MOST_MEMORY_KIB, "{} ... took {} KiB", start, memory);
    }
}
