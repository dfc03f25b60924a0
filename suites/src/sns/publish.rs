//! Publishing: what is taken, what is refused, who gets it.

use super::support::{QUIET, Topic, attribute, invalid, message_of, topic};
use crate::sqs::support::{equal, holds, seconds, text};
use aws_sdk_sns::primitives::Blob;
use aws_sdk_sns::types::MessageAttributeValue;
use proofmark_conform::{Stop, case};
use serde_json::json;
use std::collections::BTreeSet;

case! {
    /// A published message reaches every subscribed queue, and Publish returns its id.
    pub TO_QUEUES = "sns.publish.to_queues",
    clauses: ["sns.publish.ack-durable", "sns.sub.auto-confirm"],
    cost: 20 requests, 130 seconds,
    protocols: [Query],
    async fn to_queues(scope) {
        let topic = topic(scope).await?;
        let (one, other) = (topic.subscriber().await?, topic.subscriber().await?);
        let id = topic.publish("hello").await?;
        holds("an id", id.len() == 36, &id)?;
        one.expect("the first queue's messages", &["hello"]).await?;
        other.expect("the second queue's messages", &["hello"]).await
    }
}

case! {
    /// What was published before a subscription existed never reaches it.
    pub BEFORE_SUBSCRIBE = "sns.publish.before_subscribe",
    clauses: ["sns.topic.publish-before-subscribe", "sns.topic.no-retention"],
    cost: 15 requests, 80 seconds,
    protocols: [Query],
    async fn before_subscribe(scope) {
        let topic = topic(scope).await?;
        topic.publish("too early").await?;
        let subscriber = topic.subscriber().await?;
        topic.publish("in time").await?;
        subscriber.expect("the messages", &["in time"]).await
    }
}

case! {
    /// An empty message is refused, and reaches nobody.
    pub EMPTY = "sns.publish.empty_message",
    clauses: ["sns.publish.empty"],
    cost: 12 requests, 15 seconds,
    protocols: [Query],
    async fn empty_message(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        invalid(scope, topic.message("").send().await, "Empty message")?;
        invalid(scope, topic.message("").subject("subject").send().await, "Empty message")?;
        subscriber.expect("nothing", &[]).await
    }
}

case! {
    /// Body, attribute names, types and values count, in bytes, up to 262,144.
    pub SIZE = "sns.publish.largest_message",
    clauses: ["sns.publish.max-size"],
    cost: 24 requests, 90 seconds,
    protocols: [Query],
    async fn largest_message(scope) {
        let topic = topic(scope).await?;
        // Raw, because an envelope would not fit into a queue of the same limit.
        let subscriber = topic.subscriber_with(&[("RawMessageDelivery", "true")]).await?;
        let too_long = "Message too long";
        let largest = "x".repeat(262_144);
        topic.publish(&largest).await?;
        invalid(scope, topic.message(&format!("{largest}x")).send().await, too_long)?;
        // "é" has two bytes.
        invalid(scope, topic.message(&"é".repeat(131_073)).send().await, too_long)?;
        // 8 of the name, 6 of the type, 5 of the value; 6, 6 and 4.
        let with = |message: &str| {
            let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([0, 1, 2, 3])).build()?;
            Ok::<_, Stop>(topic.message(message).message_attributes("eight_eh", attribute("String", "fiver")?).message_attributes("sixsix", bytes))
        };
        let body = "y".repeat(262_144 - 19 - 16);
        with(&body)?.send().await?;
        invalid(scope, with(&format!("{body}y"))?.send().await, too_long)?;
        // The subject does not count.
        let subject = "z".repeat(262_144);
        topic.message(&subject).subject("subject").send().await?;
        equal("the three that fit", BTreeSet::from([largest, body, subject]), subscriber.queue.drain(QUIET).await?)
    }
}

case! {
    /// A subject is not empty, on one line, and shorter than 100 characters.
    pub SUBJECT = "sns.publish.subjects",
    clauses: ["sns.publish.subject"],
    cost: 30 requests, 20 seconds,
    protocols: [Query],
    async fn subjects(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        for good in ["x", &"x".repeat(99), "a: b!"] {
            topic.message("x").subject(good).send().await?;
            let envelope = subscriber.envelope().await?;
            holds("a subject arrives", envelope["Subject"].as_str().is_some_and(|subject| !subject.is_empty()), &envelope)?;
        }
        let hundred = topic.message("x").subject("x".repeat(100)).send().await;
        let seen = if hundred.is_ok() { "accepted" } else { "refused" };
        scope.observe("sns.publish.subject", format!("100 characters are {seen}"));
        for wrong in ["", "a\nb", "a\rb", "a\tb", "a\u{7f}b", &"x".repeat(101)] {
            invalid(scope, topic.message("x").subject(wrong).send().await, "Subject")?;
        }
        Ok(())
    }
}

case! {
    /// A subject may have any letters.
    pub UNICODE_SUBJECT = "sns.publish.unicode_subject",
    clauses: ["sns.publish.subject"],
    cost: 10 requests, 10 seconds,
    protocols: [Query],
    async fn unicode_subject(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let subject = "é☕".repeat(49);
        topic.message("x").subject(&subject).send().await?;
        equal("as it was published", Some(subject.as_str()), subscriber.envelope().await?["Subject"].as_str())?;
        topic.message("x").subject(" begins with a space").send().await?;
        Ok(())
    }
}

case! {
    /// A message goes to exactly one of a topic, a target and a phone number; a target may be a topic.
    pub DESTINATIONS = "sns.publish.one_destination_only",
    clauses: ["sns.publish.one-destination"],
    cost: 16 requests, 15 seconds,
    protocols: [Query],
    async fn one_destination_only(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let publish = || scope.sns().publish().message("wrong");
        invalid(scope, publish().send().await, "TopicArn or TargetArn Reason: no value for required parameter")?;
        let (arn, phone) = (topic.arn.as_str(), "+14255550100");
        invalid(scope, publish().topic_arn(arn).target_arn(arn).send().await, "")?;
        invalid(scope, publish().topic_arn(arn).phone_number(phone).send().await, "")?;
        invalid(scope, publish().target_arn(arn).phone_number(phone).send().await, "")?;
        invalid(scope, publish().topic_arn(arn).target_arn(arn).phone_number(phone).send().await, "")?;
        scope.sns().publish().target_arn(arn).message("right").send().await?;
        subscriber.expect("what was published to the target", &["right"]).await
    }
}

case! {
    /// What is no phone number cannot be published to, nor can a device that is not there.
    pub WRONG_TARGETS = "sns.publish.wrong_targets",
    clauses: ["sns.publish.phone", "sns.publish.missing-target"],
    cost: 12 requests, 4 seconds,
    protocols: [Query],
    async fn wrong_targets(scope) {
        let topic = topic(scope).await?;
        for wrong in ["+1--4255550100", "phone", "+14255550100.", "", "+123"] {
            let published = scope.sns().publish().phone_number(wrong).message("x").send().await;
            invalid(scope, published, &format!("PhoneNumber Reason: {wrong} is not valid to publish to"))?;
        }
        let account = topic.arn.rsplit_once(':').map_or("", |(account, _)| account);
        let device = format!("{account}:endpoint/GCM/missing/11111111-2222-4333-8444-555555555555");
        let published = scope.sns().publish().target_arn(device).message("x").send().await;
        invalid(scope, published, "TargetArn Reason: No endpoint found for the target arn specified")
    }
}

case! {
    /// With MessageStructure=json a message is an object with a string under `default`.
    pub STRUCTURE = "sns.publish.message_structure",
    clauses: ["sns.publish.structure-json"],
    cost: 22 requests, 15 seconds,
    protocols: [Query],
    async fn message_structure(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let publish = |message: &str| topic.message(message).message_structure("json").send();
        let no_default = "Message Structure - No default entry in JSON message body";
        for wrong in ["{}", r#"{"sqs":"x"}"#, r#"{"default":1}"#, r#"{"default":null}"#, r#"{"default":{"a":"b"}}"#, r#"{"Default":"x"}"#] {
            invalid(scope, publish(wrong).await, no_default)?;
        }
        for wrong in ["text", "{", r#"{"default":"x""#, r#"{"default":"x"} and more"#] {
            invalid(scope, publish(wrong).await, "Message Structure - JSON message body failed to parse")?;
        }
        for wrong in ["[]", "1", r#""text""#] {
            invalid(scope, publish(wrong).await, "")?;
        }
        invalid(scope, topic.message("x").message_structure("xml").send().await, "")?;
        publish(r#"{"default":"structured"}"#).await?;
        topic.message(r#"{"default":"x"}"#).send().await?;
        subscriber.expect("the text, and without a structure the message", &["structured", r#"{"default":"x"}"#]).await
    }
}

case! {
    /// Each protocol gets the text under its key, and else the default.
    pub STRUCTURE_SELECTS = "sns.publish.structure_selects",
    clauses: ["sns.publish.structure-select", "sns.publish.structure-dup-keys"],
    cost: 30 requests, 30 seconds,
    protocols: [Query],
    async fn structure_selects(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let publish = |message: &str| topic.message(message).message_structure("json").send();
        publish(r#"{"default":"not this","sqs":"for queues","http":"nor this","SQS":"nor that"}"#).await?;
        publish(r#"{"default":"the default","sqs":{"no":"string"},"email":"mail","nobody":1}"#).await?;
        publish(r#"{"default":"","sqs":"over an empty default"}"#).await?;
        subscriber.expect("the messages", &["for queues", "the default", "over an empty default"]).await?;
        let twice = publish(r#"{"default":"first","default":"second"}"#).await;
        let seen = match twice {
            Ok(_) => format!("accepted, and delivered are {:?}", subscriber.drain().await?),
            Err(_) => "refused".to_owned(),
        };
        scope.observe("sns.publish.structure-dup-keys", format!("a key that appears twice is {seen}"));
        Ok(())
    }
}

case! {
    /// Phones and mailboxes get the texts under their keys.
    pub STRUCTURE_LETTERS = "sns.publish.structure_of_letters",
    clauses: ["sns.publish.structure-select"],
    cost: 12 requests, 15 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn structure_of_letters(scope) {
        let topic = topic(scope).await?;
        topic.subscribe("sms", "+14255550100", &[]).send().await?;
        let function = topic.arn.replace(":sns:", ":lambda:").replace(":pm-", ":function:pm-");
        topic.subscribe("lambda", &function, &[]).send().await?;
        let message = r#"{"default":"for all","sms":"for phones","lambda":"for functions"}"#;
        topic.message(message).message_structure("json").send().await?;
        equal("the SMS", "for phones".to_owned(), super::sms::letter(scope, "sms", "+14255550100").await?)?;
        let event = super::sms::letter(scope, "lambda", &function).await?;
        holds("the event", event.contains("for functions") && !event.contains("for all"), &event)?;
        scope.sns().publish().phone_number("+14255550101").message(message).message_structure("json").send().await?;
        equal("a direct SMS", "for phones".to_owned(), super::sms::letter(scope, "sms", "+14255550101").await?)
    }
}

case! {
    /// Text of any script arrives as it was published.
    pub UNICODE = "sns.publish.unicode_text",
    clauses: ["sns.publish.unicode", "sns.publish.ack-durable"],
    cost: 20 requests, 30 seconds,
    protocols: [Query],
    async fn unicode_text(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let texts = ["żółć ☕ 日本語 🎉", "\"quoted\" \\ back/slash", "lines\nand\ttabs", "<tag> & entity; + %41", " spaces "];
        for text in texts {
            topic.publish(text).await?;
        }
        subscriber.expect("the messages", &texts).await?;
        let structured = json!({"default": "☕ \"in\" JSON"}).to_string();
        topic.message(&structured).message_structure("json").send().await?;
        subscriber.expect("the structured message", &["☕ \"in\" JSON"]).await
    }
}

/// Takes what a queue gets until it is quiet: the messages in the order they came, however often.
async fn arrivals(topic: &Topic<'_>, queue: &crate::sqs::support::Queue<'_>) -> Result<Vec<String>, Stop> {
    let mut messages = Vec::new();
    let mut last = topic.scope.now();
    while topic.scope.now() < last + seconds(5) {
        for message in queue.poll_once().await? {
            queue.delete(&message).await?;
            messages.push(message_of(&text(message.body()))?);
            last = topic.scope.now();
        }
    }
    Ok(messages)
}

case! {
    /// No message that was acknowledged is lost; some may come twice, in any order.
    pub AT_LEAST_ONCE = "sns.publish.none_is_lost",
    clauses: ["sns.publish.at-least-once", "sns.publish.ack-durable"],
    cost: 120 requests, 60 seconds,
    protocols: [Query],
    async fn none_is_lost(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let published: Vec<String> = (0..40).map(|number| format!("{number:02}")).collect();
        for message in &published {
            topic.publish(message).await?;
        }
        let arrived = arrivals(&topic, &subscriber.queue).await?;
        let mut distinct = arrived.clone();
        distinct.sort();
        distinct.dedup();
        equal("every message", published, distinct)?;
        let overtaken = arrived.windows(2).filter(|pair| pair[0] > pair[1]).count();
        let twice = arrived.len() - 40;
        scope.observe("sns.publish.at-least-once", format!("of 40 messages {twice} came again, {overtaken} were overtaken"));
        Ok(())
    }
}
