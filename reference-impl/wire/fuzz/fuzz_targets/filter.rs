//! A filter policy and a message, separated by a line feed; the message is a body and the value of an attribute.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proofmark_world::filter::{AttributeValue, Attributes, Body, Dialect, Limits, Policy, PolicySet, Scope};

const LIMITS: Limits = Limits { dialect: Dialect::Sns, keys: 5, combinations: 150, bytes: 262_144 };

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (policy, message) = text.split_once('\n').unwrap_or((&text, ""));
    let body = Body::parse(message);
    let attributes = Attributes::from_iter([("a", AttributeValue::StringArray(message))]);
    for scope in [Scope::MessageAttributes, Scope::MessageBody] {
        let Ok(policy) = Policy::compile(policy, scope, &LIMITS) else { continue };
        let matches =
            policy.matches_attributes(&attributes) || body.as_ref().is_some_and(|body| policy.matches_body(body));
        let mut set = PolicySet::default();
        set.insert(1, policy);
        assert_eq!(set.matching(&attributes, body.as_ref()) == [1], matches);
        set.remove(1);
        assert!(set.is_empty() && !set.reads_bodies());
    }
});
