//! Filter policies: which messages match. Each case is a table: a policy, messages, and who gets which.

use super::support::{FILTER_PROPAGATION, Subscriber, Topic, attribute, topic};
use crate::sqs::support::{equal, holds};
use aws_sdk_sns::operation::publish::builders::PublishFluentBuilder;
use aws_sdk_sns::primitives::Blob;
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use proofmark_conform::{Scope, Stop, case};

/// A policy that is left alone while others change.
const PREFIX: &str = r#"{"kind":[{"prefix":"ret"}]}"#;

/// A message with attributes: name, type and value each. Its text is its number in the table.
type Attributed<'a> = &'a [(&'a str, &'a str, &'a str)];

/// Publishes every message once to a topic on which every policy has a subscription, and wants of each policy's
/// subscription exactly the messages that the table says, by number.
async fn matches_attributes(
    scope: &Scope,
    messages: &[Attributed<'_>],
    table: &[(&str, &[usize])],
) -> Result<(), Stop> {
    let topic = topic(scope).await?;
    let subscribers = subscribe_all(&topic, "MessageAttributes", table).await?;
    for (number, attributes) in messages.iter().enumerate() {
        let mut request = topic.message(&number.to_string());
        for (name, data_type, value) in *attributes {
            request = request.message_attributes(*name, attribute(data_type, value)?);
        }
        request.send().await?;
    }
    expect_all(&subscribers, table).await
}

/// The same with bodies: the message's text is the body itself, and the table says which bodies arrive.
pub(super) async fn matches_bodies(scope: &Scope, bodies: &[&str], table: &[(&str, &[usize])]) -> Result<(), Stop> {
    let topic = topic(scope).await?;
    let subscribers = subscribe_all(&topic, "MessageBody", table).await?;
    for body in bodies {
        topic.publish(body).await?;
    }
    for (subscriber, (policy, numbers)) in subscribers.iter().zip(table) {
        let expected: Vec<&str> = numbers.iter().map(|number| bodies[*number]).collect();
        subscriber.expect(&format!("what {policy} matches"), &expected).await?;
    }
    Ok(())
}

async fn subscribe_all<'a>(
    topic: &Topic<'a>,
    scope: &str,
    table: &[(&str, &[usize])],
) -> Result<Vec<Subscriber<'a>>, Stop> {
    let mut subscribers = Vec::with_capacity(table.len());
    for (policy, _) in table {
        subscribers.push(topic.subscriber_with(&[("FilterPolicyScope", scope), ("FilterPolicy", policy)]).await?);
    }
    Ok(subscribers)
}

async fn expect_all(subscribers: &[Subscriber<'_>], table: &[(&str, &[usize])]) -> Result<(), Stop> {
    for (subscriber, (policy, numbers)) in subscribers.iter().zip(table) {
        let expected: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        subscriber.expect(&format!("what {policy} matches"), &expected).await?;
    }
    Ok(())
}

case! {
    /// Keys must all match, of the values in a key's array one; a key that is absent matches nothing.
    pub AND_OR = "sns.filter.and_or",
    clauses: ["sns.filter.and-or", "sns.filter.exact-string"],
    cost: 60 requests, 30 seconds,
    protocols: [Query],
    async fn and_or(scope) {
        matches_attributes(
            scope,
            &[
                &[("store", "String", "north"), ("kind", "String", "sale")],
                &[("store", "String", "south"), ("kind", "String", "sale")],
                &[("store", "String", "north")],
                &[],
                &[("store", "String", "North"), ("kind", "String", "sale")],
                &[("store", "String", "north "), ("kind", "String", "sale")],
            ],
            &[
                (r#"{"store":["north"],"kind":["sale"]}"#, &[0]),
                (r#"{"store":["north","south"],"kind":["sale"]}"#, &[0, 1]),
                (r#"{"store":["north"]}"#, &[0, 2]),
                (r#"{"store":["North"]}"#, &[4]),
            ],
        )
        .await
    }
}

case! {
    /// prefix, suffix and equals-ignore-case.
    pub TEXTS = "sns.filter.texts",
    clauses: ["sns.filter.prefix-suffix", "sns.filter.equals-ignore-case"],
    cost: 60 requests, 30 seconds,
    protocols: [Query],
    async fn texts(scope) {
        matches_attributes(
            scope,
            &[
                &[("name", "String", "report.pdf")],
                &[("name", "String", "Report.PDF")],
                &[("name", "String", "rep")],
                &[("name", "String", "my report")],
            ],
            &[
                (r#"{"name":[{"prefix":"rep"}]}"#, &[0, 2]),
                (r#"{"name":[{"suffix":"pdf"}]}"#, &[0]),
                (r#"{"name":[{"equals-ignore-case":"REPORT.pdf"}]}"#, &[0, 1]),
                (r#"{"name":[{"prefix":"R"},{"suffix":"port"}]}"#, &[1, 3]),
            ],
        )
        .await
    }
}

case! {
    /// anything-but wants a value that is there and is none of these; of several values one is enough.
    pub ANYTHING_BUT = "sns.filter.anything_but",
    clauses: ["sns.filter.anything-but"],
    cost: 60 requests, 30 seconds,
    protocols: [Query],
    async fn anything_but(scope) {
        matches_attributes(
            scope,
            &[
                &[("kind", "String", "sale")],
                &[("kind", "String", "return")],
                &[("kind", "Number", "7")],
                &[("other", "String", "x")],
                &[("kind", "String.Array", r#"["sale","return"]"#)],
                &[("kind", "String.Array", r#"["sale"]"#)],
            ],
            &[
                (r#"{"kind":[{"anything-but":"sale"}]}"#, &[1, 2, 4]),
                (r#"{"kind":[{"anything-but":["sale","return"]}]}"#, &[2]),
                (r#"{"kind":[{"anything-but":{"prefix":"sa"}}]}"#, &[1, 2, 4]),
                (r#"{"kind":[{"anything-but":7}]}"#, &[0, 1, 4, 5]),
                (r#"{"kind":[null,{"anything-but":"sale"}]}"#, &[1, 2, 4]),
            ],
        )
        .await
    }
}

case! {
    /// Numbers match by value, and ranges as they are written.
    pub NUMBERS = "sns.filter.numbers",
    clauses: ["sns.filter.numeric"],
    cost: 60 requests, 30 seconds,
    protocols: [Query],
    async fn numbers(scope) {
        matches_attributes(
            scope,
            &[
                &[("price", "Number", "300")],
                &[("price", "Number", "3.0e2")],
                &[("price", "Number", "100")],
                &[("price", "Number", "0")],
                &[("price", "Number", "-5.5")],
                &[("price", "Number", "100.00001")],
            ],
            &[
                (r#"{"price":[300]}"#, &[0, 1]),
                (r#"{"price":[{"numeric":["=",3.0e2]}]}"#, &[0, 1]),
                (r#"{"price":[{"numeric":[">",0,"<=",100]}]}"#, &[2]),
                (r#"{"price":[{"numeric":[">=",0,"<",100]}]}"#, &[3]),
                (r#"{"price":[{"numeric":["<",0]}]}"#, &[4]),
                (r#"{"price":[{"numeric":[">",100]}]}"#, &[0, 1, 5]),
                (r#"{"price":[{"numeric":[">=",300]}]}"#, &[0, 1]),
                (r#"{"price":[{"numeric":["<=",-5.5]}]}"#, &[4]),
            ],
        )
        .await?;
        let (most, least) = ([("price", "Number", "1000000000")], [("price", "Number", "-1000000000")]);
        let table: [(&str, &[usize]); 2] =
            [(r#"{"price":[{"numeric":[">",999999999]}]}"#, &[0]), (r#"{"price":[{"numeric":["<",-999999999]}]}"#, &[1])];
        matches_attributes(scope, &[&most, &least], &table).await
    }
}

case! {
    /// Whether a numeric rule matches a String that looks like a number is open.
    pub NUMBER_TYPE = "sns.filter.number_type",
    clauses: ["sns.filter.number-type"],
    cost: 20 requests, 15 seconds,
    protocols: [Query],
    async fn number_type(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber_with(&[("FilterPolicy", r#"{"price":[{"numeric":["=",99]}]}"#)]).await?;
        topic.message("text").message_attributes("price", attribute("String", "99")?).send().await?;
        topic.message("number").message_attributes("price", attribute("Number", "99")?).send().await?;
        let got = subscriber.drain().await?;
        holds("a Number matches", got.contains("number"), &got)?;
        scope.observe("sns.filter.number-type", if got.contains("text") { "a String matches" } else { "only a Number matches" });
        Ok(())
    }
}

case! {
    /// exists tells whether the attribute is there; exists:false takes messages without attributes too.
    pub EXISTS = "sns.filter.presence",
    clauses: ["sns.filter.exists"],
    cost: 60 requests, 30 seconds,
    protocols: [Query],
    async fn presence(scope) {
        matches_attributes(
            scope,
            &[&[("store", "String", "north")], &[("kind", "String", "sale")], &[]],
            &[
                (r#"{"store":[{"exists":true}]}"#, &[0]),
                (r#"{"store":[{"exists":false}]}"#, &[1, 2]),
                (r#"{"store":[{"exists":false}],"kind":["sale"]}"#, &[1]),
                (r#"{"store":[{"exists":false}],"kind":[{"exists":false}]}"#, &[2]),
            ],
        )
        .await
    }
}

case! {
    /// A String.Array matches if one of its elements does; true, false and null match as such.
    pub ARRAYS = "sns.filter.arrays",
    clauses: ["sns.filter.string-array", "sns.filter.bool-null"],
    cost: 60 requests, 30 seconds,
    protocols: [Query],
    async fn arrays(scope) {
        matches_attributes(
            scope,
            &[
                &[("tags", "String.Array", r#"["a","b"]"#)],
                &[("tags", "String.Array", r#"["c",100,true,null]"#)],
                &[("tags", "String.Array", "[]")],
                &[("tags", "String", "true")],
            ],
            &[
                (r#"{"tags":["b","x"]}"#, &[0]),
                (r#"{"tags":[100]}"#, &[1]),
                (r#"{"tags":[true]}"#, &[1]),
                (r#"{"tags":[null]}"#, &[1]),
                (r#"{"tags":["true"]}"#, &[3]),
                (r#"{"tags":[{"prefix":"a"}]}"#, &[0]),
            ],
        )
        .await
    }
}

case! {
    /// Filters do not see binary attributes.
    pub BINARY = "sns.filter.binary",
    clauses: ["sns.filter.binary-ignored"],
    cost: 20 requests, 15 seconds,
    protocols: [Query],
    async fn binary(scope) {
        let topic = topic(scope).await?;
        let exact = topic.subscriber_with(&[("FilterPolicy", r#"{"data":["AgME"]}"#)]).await?;
        let other = topic.subscriber_with(&[("FilterPolicy", r#"{"kind":["sale"]}"#)]).await?;
        let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([2, 3, 4])).build()?;
        topic.message("bytes").message_attributes("data", bytes).message_attributes("kind", attribute("String", "sale")?).send().await?;
        exact.expect("what a rule on a binary value matches", &[]).await?;
        other.expect("what a rule beside it matches", &["bytes"]).await
    }
}

case! {
    /// cidr matches addresses inside a block, however they are written.
    pub ADDRESSES = "sns.filter.addresses",
    clauses: ["sns.filter.cidr"],
    cost: 60 requests, 30 seconds,
    protocols: [Query],
    async fn addresses(scope) {
        matches_attributes(
            scope,
            &[
                &[("ip", "String", "10.0.0.0")],
                &[("ip", "String", "10.0.0.255")],
                &[("ip", "String", "10.0.1.0")],
                &[("ip", "String", "10.0.0.256")],
                &[("ip", "String", "2001:db8::1")],
                &[("ip", "String", "2001:0db8:0000:0000:0000:0000:0000:0001")],
                &[("ip", "String", "2001:db9::1")],
            ],
            &[
                (r#"{"ip":[{"cidr":"10.0.0.0/24"}]}"#, &[0, 1]),
                (r#"{"ip":[{"cidr":"2001:db8::/32"}]}"#, &[4, 5]),
            ],
        )
        .await
    }
}

case! {
    /// $or takes one of several sets of keys, beside the keys around it, on attributes and in bodies.
    pub OR = "sns.filter.or",
    clauses: ["sns.filter.or-operator"],
    cost: 80 requests, 40 seconds,
    protocols: [Query],
    async fn or(scope) {
        matches_attributes(
            scope,
            &[
                &[("source", "String", "a"), ("metric", "String", "cpu")],
                &[("source", "String", "a"), ("space", "String", "ec2")],
                &[("source", "String", "b"), ("metric", "String", "cpu")],
                &[("source", "String", "a")],
            ],
            &[(r#"{"source":["a"],"$or":[{"metric":["cpu","mem"]},{"space":["ec2"]}]}"#, &[0, 1])],
        )
        .await?;
        matches_bodies(
            scope,
            &[r#"{"a":{"x":"1"}}"#, r#"{"a":{"y":"2"}}"#, r#"{"a":{"y":"3"}}"#, r#"{"$or":"plain"}"#],
            &[
                (r#"{"a":{"$or":[{"x":["1"]},{"y":["2"]}]}}"#, &[0, 1]),
                (r#"{"$or":["plain"]}"#, &[3]),
            ],
        )
        .await
    }
}

case! {
    /// Under MessageBody, a body that is no JSON object is not delivered.
    pub BODIES = "sns.filter.bodies",
    clauses: ["sns.filter.body-json"],
    cost: 40 requests, 20 seconds,
    protocols: [Query],
    async fn bodies(scope) {
        matches_bodies(
            scope,
            &[r#"{"kind":"sale","count":3,"open":true,"note":null}"#, "sale", r#"["sale"]"#, r#"{"kind":"return"}"#],
            &[
                (r#"{"kind":["sale"]}"#, &[0]),
                (r#"{"count":[{"numeric":[">=",3]}],"open":[true],"note":[null]}"#, &[0]),
                (r#"{"kind":[{"exists":true}]}"#, &[0, 3]),
                (r#"{"other":[{"exists":false}]}"#, &[0, 3]),
            ],
        )
        .await
    }
}

case! {
    /// Nested keys match nested objects, and arrays on the way are searched.
    pub NESTED = "sns.filter.nested",
    clauses: ["sns.filter.body-nested", "sns.filter.body-empty-array"],
    cost: 60 requests, 30 seconds,
    protocols: [Query],
    async fn nested(scope) {
        matches_bodies(
            scope,
            &[
                r#"{"store":{"name":"north","open":true}}"#,
                r#"{"store":[{"name":"south"},{"name":"north"}]}"#,
                r#"{"store":[[{"name":"north"}],[]],"empty":[]}"#,
                r#"{"store":{"name":["west","north"]}}"#,
                r#"{"store":{"name":"east"}}"#,
                r#"{"store":{"name":[]}}"#,
            ],
            &[
                (r#"{"store":{"name":["north"]}}"#, &[0, 1, 2, 3]),
                (r#"{"store":{"name":[{"exists":true}]}}"#, &[0, 1, 2, 3, 4]),
                (r#"{"store":{"name":["north"],"open":[true]}}"#, &[0]),
            ],
        )
        .await
    }
}

case! {
    /// In bodies, exists is about innermost keys: an object that lacks the key, and an empty array, have none.
    pub BODY_PRESENCE = "sns.filter.body_presence",
    clauses: ["sns.filter.exists", "sns.filter.body-empty-array"],
    cost: 50 requests, 30 seconds,
    protocols: [Query],
    async fn body_presence(scope) {
        matches_bodies(
            scope,
            &[
                r#"{"store":{"name":"north"}}"#,
                r#"{"store":{"name":["north","west"]}}"#,
                r#"{"store":{"name":[]}}"#,
                r#"{"store":{"open":true}}"#,
                r#"{"kind":"sale"}"#,
                r#"{"store":[{"name":"east","open":true}],"kind":"sale"}"#,
            ],
            &[
                (r#"{"store":{"name":[{"exists":false}]}}"#, &[2, 3, 4]),
                (r#"{"store":{"name":["west",{"exists":false}]}}"#, &[1, 2, 3, 4]),
                (r#"{"store":{"name":[{"exists":false}]},"kind":["sale"]}"#, &[4]),
                (r#"{"store":{"name":[{"exists":true}],"open":[{"exists":false}]}}"#, &[0, 1]),
                (r#"{"store":{"name":[{"exists":true}],"open":[{"exists":true}]}}"#, &[5]),
            ],
        )
        .await?;
        let only = r#"{"other":[{"exists":false}]}"#;
        matches_bodies(scope, &[r#"{"kind":"sale"}"#, r#"{"other":1}"#, "sale"], &[(only, &[0])]).await
    }
}

case! {
    /// A message that matches a policy in several ways is delivered as one that matches it in one.
    pub SEVERAL_WAYS = "sns.filter.several_ways",
    clauses: ["sns.filter.and-or", "sns.filter.string-array", "sns.publish.at-least-once"],
    cost: 30 requests, 20 seconds,
    protocols: [Query],
    async fn several_ways(scope) {
        matches_attributes(
            scope,
            &[&[("kind", "String", "sale"), ("tags", "String.Array", r#"["new","red"]"#)], &[("kind", "String", "return")]],
            &[
                (r#"{"kind":[{"prefix":"s"},{"suffix":"e"},"sale"]}"#, &[0]),
                (r#"{"tags":["red","new",{"prefix":"n"}]}"#, &[0]),
                (r#"{"$or":[{"kind":["sale"]},{"tags":["new"]},{"kind":[{"prefix":"ret"}]}]}"#, &[0, 1]),
            ],
        )
        .await
    }
}

case! {
    /// A key with points in it matches nested keys, keys with points in them, and mixtures.
    pub DOTTED = "sns.filter.dotted",
    clauses: ["sns.filter.body-dotted"],
    cost: 30 requests, 20 seconds,
    protocols: [Query],
    async fn dotted(scope) {
        matches_bodies(
            scope,
            &[r#"{"a":{"b":{"c":"v"}}}"#, r#"{"a.b":{"c":"v"}}"#, r#"{"a":{"b.c":"v"}}"#, r#"{"a.b.c":"v"}"#, r#"{"a":{"c":"v"}}"#],
            &[(r#"{"a.b.c":["v"]}"#, &[0, 1, 2, 3])],
        )
        .await
    }
}

case! {
    /// With a text per protocol, which text a body filter looks at is open.
    pub STRUCTURED = "sns.filter.structured",
    clauses: ["sns.filter.body-structure-json"],
    cost: 15 requests, 15 seconds,
    protocols: [Query],
    async fn structured(scope) {
        let topic = topic(scope).await?;
        let attributes = [("FilterPolicyScope", "MessageBody"), ("FilterPolicy", r#"{"kind":["queue"]}"#)];
        let subscriber = topic.subscriber_with(&attributes).await?;
        let message = r#"{"default":"{\"kind\":\"other\"}","sqs":"{\"kind\":\"queue\"}"}"#;
        topic.message(message).message_structure("json").send().await?;
        let got = subscriber.drain().await?;
        let seen = if got.is_empty() { "the text of the protocol is not looked at" } else { "the text of the protocol is looked at" };
        scope.observe("sns.filter.body-structure-json", seen);
        Ok(())
    }
}

case! {
    /// A message that a filter holds back is no failure: it goes to no dead-letter queue.
    pub DROPPED = "sns.filter.dropped",
    clauses: ["sns.filter.no-match-dropped"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    async fn dropped(scope) {
        let topic = topic(scope).await?;
        let (dead, dead_arn) = topic.queue(&[]).await?;
        let redrive = format!(r#"{{"deadLetterTargetArn":"{dead_arn}"}}"#);
        let attributes = [("FilterPolicy", r#"{"kind":["sale"]}"#), ("RedrivePolicy", redrive.as_str())];
        let subscriber = topic.subscriber_with(&attributes).await?;
        topic.publish("unwanted").await?;
        subscriber.expect("the subscriber's messages", &[]).await?;
        equal("the dead-letter queue's messages", 0, dead.poll_once().await?.len())
    }
}

case! {
    /// Each entry of a batch is filtered by itself.
    pub BATCHED = "sns.filter.batched",
    clauses: ["sns.filter.batch"],
    cost: 15 requests, 15 seconds,
    protocols: [Query],
    async fn batched(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber_with(&[("FilterPolicy", r#"{"kind":["sale"]}"#)]).await?;
        let mut request = scope.sns().publish_batch().topic_arn(&topic.arn);
        for (id, kind) in [("one", "sale"), ("two", "return"), ("three", "sale")] {
            let entry = PublishBatchRequestEntry::builder().id(id).message(id);
            request = request.publish_batch_request_entries(entry.message_attributes("kind", attribute("String", kind)?).build()?);
        }
        request.send().await?;
        subscriber.expect("the entries that match", &["one", "three"]).await
    }
}

case! {
    /// A changed policy holds after a quarter of an hour at the latest; a removed one lets everything through.
    pub CHANGED = "sns.filter.changed",
    clauses: ["sns.filter.propagation-15m", "sns.filter.remove"],
    cost: 40 requests, 1900 seconds,
    protocols: [Query],
    async fn changed(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber_with(&[("FilterPolicy", r#"{"kind":["sale"]}"#)]).await?;
        let of_kind = |message: &str, kind: &str| -> Result<PublishFluentBuilder, Stop> {
            Ok(topic.message(message).message_attributes("kind", attribute("String", kind)?))
        };
        let (bare, other) = (topic.subscriber().await?, topic.subscriber_with(&[("FilterPolicy", PREFIX)]).await?);
        subscriber.set("FilterPolicy", r#"{"kind":["return"]}"#).await?;
        bare.set("FilterPolicy", r#"{"kind":[{"prefix":"re"}]}"#).await?;
        of_kind("at once", "return")?.send().await?;
        let got = subscriber.drain().await?;
        scope.observe("sns.filter.propagation-15m", if got.is_empty() { "the change came later" } else { "the change was in force at once" });
        scope.sleep(FILTER_PROPAGATION).await;
        of_kind("old", "sale")?.send().await?;
        of_kind("new", "return")?.send().await?;
        subscriber.expect("what the changed policy matches", &["new"]).await?;
        holds("what the first policy keeps away", !bare.drain().await?.contains("old"), "a sale")?;
        for one in [&subscriber, &bare] {
            one.set("FilterPolicy", "").await?;
        }
        other.drain().await?;
        scope.sleep(FILTER_PROPAGATION).await;
        of_kind("any", "sale")?.send().await?;
        of_kind("all", "return")?.send().await?;
        topic.publish("bare").await?;
        for one in [&subscriber, &bare] {
            one.expect("what comes without a policy", &["any", "all", "bare"]).await?;
        }
        other.expect("what another's policy matches still", &["all"]).await
    }
}
