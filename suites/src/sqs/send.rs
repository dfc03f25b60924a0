//! Sending: sizes in bytes, characters, digests, ids.

use super::support::{
    PROPAGATION, bodies, equal, fifo, holds, refused, seconds, standard, standard_with, text, text_attribute,
};
use aws_sdk_sqs::types::{
    MessageSystemAttributeNameForSends, MessageSystemAttributeValue, QueueAttributeName, SendMessageBatchRequestEntry,
};
use proofmark_conform::{Stop, case};

/// The largest message, in bytes. Source: `sqs.send.max-1mib`.
const LARGEST: usize = 1_048_576;
/// One more than the largest, as the service words it.
const TOO_LONG: &str = "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.";

case! {
    /// A body of exactly 1 MiB is accepted, and one byte more is refused.
    pub LARGEST_BODY = "sqs.send.largest_body",
    clauses: ["sqs.send.max-1mib"],
    cost: 4 requests, 5 seconds,
    async fn largest_body(scope) {
        let queue = standard(scope).await?;
        queue.send(&"x".repeat(LARGEST)).await?;
        let longer = queue.message(&"x".repeat(LARGEST + 1)).send().await;
        refused(scope, longer, "InvalidParameterValue", 400, TOO_LONG)
    }
}

case! {
    /// Size is counted in bytes of UTF-8, not in characters.
    pub SIZE_IS_BYTES = "sqs.send.size_is_bytes",
    clauses: ["sqs.send.max-1mib"],
    cost: 4 requests, 5 seconds,
    async fn size_is_bytes(scope) {
        let queue = standard(scope).await?;
        queue.send(&"é".repeat(LARGEST / 2)).await?;
        let longer = queue.message(&"é".repeat(LARGEST / 2 + 1)).send().await;
        refused(scope, longer, "InvalidParameterValue", 400, TOO_LONG)
    }
}

case! {
    /// Name, type and value of every message attribute count toward the size.
    pub ATTRIBUTES_COUNT = "sqs.send.attributes_count",
    clauses: ["sqs.send.max-1mib"],
    cost: 4 requests, 5 seconds,
    async fn attributes_count(scope) {
        let queue = standard(scope).await?;
        let attribute = text_attribute("String", "value")?;
        let rest = LARGEST - "name".len() - "String".len() - "value".len();
        let fitting = queue.message(&"x".repeat(rest)).message_attributes("name", attribute.clone());
        fitting.send().await?;
        let longer = queue.message(&"x".repeat(rest + 1)).message_attributes("name", attribute).send().await;
        refused(scope, longer, "InvalidParameterValue", 400, TOO_LONG)
    }
}

case! {
    /// System attributes do not count toward the size.
    pub SYSTEM_ATTRIBUTES_DO_NOT_COUNT = "sqs.send.system_attributes_do_not_count",
    clauses: ["sqs.send.sysattr-not-counted"],
    cost: 3 requests, 5 seconds,
    async fn system_attributes_do_not_count(scope) {
        let queue = standard(scope).await?;
        let header = MessageSystemAttributeValue::builder()
            .data_type("String")
            .string_value("Root=1-5759e988-bd862e3fe1be46a994272793")
            .build()?;
        let full = queue.message(&"x".repeat(LARGEST));
        full.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, header).send().await?;
        Ok(())
    }
}

case! {
    /// A queue's own MaximumMessageSize is inclusive, and named in the refusal.
    pub QUEUE_LIMIT = "sqs.send.queue_limit",
    clauses: ["sqs.send.queue-limit"],
    cost: 4 requests, 5 seconds,
    async fn queue_limit(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::MaximumMessageSize, "1024")]).await?;
        queue.send(&"x".repeat(1_024)).await?;
        let longer = queue.message(&"x".repeat(1_025)).send().await;
        let text = "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.";
        refused(scope, longer, "InvalidParameterValue", 400, text)
    }
}

case! {
    /// A changed MaximumMessageSize is in force within a minute.
    pub QUEUE_LIMIT_CHANGED = "sqs.send.queue_limit_changed",
    clauses: ["sqs.send.queue-limit", "sqs.attr.propagation-60s"],
    cost: 6 requests, 65 seconds,
    async fn queue_limit_changed(scope) {
        let queue = standard(scope).await?;
        queue.set(QueueAttributeName::MaximumMessageSize, "1024").await?;
        let at_once = queue.message(&"x".repeat(1_025)).send().await;
        scope.observe("sqs.attr.propagation-60s", if at_once.is_ok() { "the change lagged" } else { "in force at once" });
        scope.sleep(PROPAGATION).await;
        let longer = queue.message(&"x".repeat(1_025)).send().await;
        refused(scope, longer, "InvalidParameterValue", 400, "")
    }
}

case! {
    /// An empty body is refused as a missing parameter; one byte is enough.
    pub SHORTEST_BODY = "sqs.send.shortest_body",
    clauses: ["sqs.send.min-body"],
    cost: 4 requests, 5 seconds,
    async fn shortest_body(scope) {
        let queue = standard(scope).await?;
        queue.send("x").await?;
        let empty = queue.message("").send().await;
        let text = "The request must contain the parameter MessageBody.";
        refused(scope, empty, "MissingParameter", 400, text)
    }
}

case! {
    /// Every character that XML 1.0 allows is kept, and any other is refused.
    pub CHARACTERS = "sqs.send.characters",
    clauses: ["sqs.send.charset"],
    cost: 10 requests, 5 seconds,
    async fn characters(scope) {
        let queue = standard(scope).await?;
        let allowed = "\t\n \u{20}\u{7f}\u{D7FF}\u{E000}\u{FFFD}\u{10000}\u{10FFFF}";
        queue.send(allowed).await?;
        let message = queue.receive().await?;
        equal("the body comes back as sent", allowed.to_owned(), text(message.body()))?;
        for refused_character in ['\u{0}', '\u{8}', '\u{b}', '\u{1f}', '\u{FFFE}', '\u{FFFF}'] {
            let result = queue.message(&format!("a{refused_character}b")).send().await;
            refused(scope, result, "InvalidMessageContents", 400, "")?;
        }
        Ok(())
    }
}

case! {
    /// String attribute values take the same characters as bodies.
    pub ATTRIBUTE_CHARACTERS = "sqs.send.attribute_characters",
    clauses: ["sqs.send.attr-charset"],
    cost: 4 requests, 5 seconds,
    protocols: [Json],
    async fn attribute_characters(scope) {
        let queue = standard(scope).await?;
        let with = |value: &str| Ok::<_, Stop>(queue.message("x").message_attributes("a", text_attribute("String", value)?));
        with("tab\tnew\nline")?.send().await?;
        let Err(error) = with("\u{8}")?.send().await else {
            return Err(Stop::mismatch("an attribute with U+0008 is refused", "an error", "success"));
        };
        let code = aws_sdk_sqs::error::ProvideErrorMetadata::code(&error).unwrap_or_default().to_owned();
        holds("the code", ["InvalidParameterValue", "InvalidMessageContents"].contains(&code.as_str()), &code)
    }
}

case! {
    /// MD5OfMessageBody is the lower-case MD5 of the body's bytes, on send and on receive.
    pub BODY_DIGEST = "sqs.send.body_digest",
    clauses: ["sqs.send.md5-body"],
    cost: 4 requests, 5 seconds,
    async fn body_digest(scope) {
        let queue = standard(scope).await?;
        let sent = queue.send("message").await?;
        let expected = Some("78e731027d8fd50ed642340b7c9a63b3");
        equal("MD5OfMessageBody", expected, sent.md5_of_message_body())?;
        equal("MD5OfBody", expected, queue.receive().await?.md5_of_body())
    }
}

case! {
    /// The service gives each message an id, which every receive repeats.
    pub MESSAGE_ID = "sqs.send.message_id",
    clauses: ["sqs.send.messageid", "sqs.quota.identifiers"],
    cost: 6 requests, 8 seconds,
    async fn message_id(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::VisibilityTimeout, "1")]).await?;
        let sent = text(queue.send("x").await?.message_id());
        holds("the id has 1 to 100 characters", (1..=100).contains(&sent.len()), &sent)?;
        for _ in 0..2 {
            let message = queue.receive().await?;
            equal("the id of a receive", sent.clone(), text(message.message_id()))?;
            let handle = text(message.receipt_handle());
            holds("the handle has 1 to 1,024 characters", (1..=1_024).contains(&handle.len()), &handle)?;
        }
        let other = text(queue.send("x").await?.message_id());
        holds("another message has another id", other != sent, &other)
    }
}

case! {
    /// Every message that was accepted is received: nothing is lost.
    pub NOTHING_IS_LOST = "sqs.send.nothing_is_lost",
    clauses: ["sqs.send.durable-before-ack", "sqs.standard.at-least-once", "sqs.standard.best-effort-order"],
    cost: 300 requests, 40 seconds,
    async fn nothing_is_lost(scope) {
        let queue = standard(scope).await?;
        queue.fill(200, None).await?;
        let mut in_order = Vec::new();
        let mut received = std::collections::BTreeSet::new();
        while received.len() < 200 {
            let messages = queue.poll_once().await?;
            if messages.is_empty() {
                received.extend(queue.drain(seconds(35)).await?);
                break;
            }
            for message in messages {
                queue.delete(&message).await?;
                in_order.push(text(message.body()));
                received.insert(text(message.body()));
            }
        }
        let duplicates = in_order.len().saturating_sub(received.len());
        let sorted = in_order.iter().map(|body| body.parse::<u32>().unwrap_or(0)).is_sorted();
        scope.observe("sqs.standard.at-least-once", format!("{duplicates} duplicates of 200"));
        scope.observe("sqs.standard.best-effort-order", if sorted { "in order" } else { "out of order" });
        equal("different messages received", 200, received.len())
    }
}

case! {
    /// The backlog takes more messages than can ever be in flight.
    pub BACKLOG = "sqs.send.backlog",
    clauses: ["sqs.send.unlimited-backlog"],
    cost: 12_002 requests, 240 seconds,
    protocols: [Json],
    async fn backlog(scope) {
        let queue = standard(scope).await?;
        queue.fill(120_010, None).await?;
        queue.expect_counts(120_010, 0, 0).await
    }
}

case! {
    /// The answer names digests only of what was sent, and a sequence number only on FIFO queues.
    pub ANSWER_MEMBERS = "sqs.send.answer_members",
    clauses: ["sqs.send.response-fields"],
    cost: 6 requests, 5 seconds,
    async fn answer_members(scope) {
        let queue = standard(scope).await?;
        let plain = queue.send("x").await?;
        equal("no attributes, no digest of them", None, plain.md5_of_message_attributes())?;
        equal("no system attributes, no digest of them", None, plain.md5_of_message_system_attributes())?;
        equal("no sequence number on a standard queue", None, plain.sequence_number())?;
        let attributed = queue.message("x").message_attributes("k", text_attribute("String", "x")?).send().await?;
        equal("digest of attributes", Some("a45daa70926828a2f0a1db3418e6feb4"), attributed.md5_of_message_attributes())?;
        equal("still none of system attributes", None, attributed.md5_of_message_system_attributes())?;
        let ordered = fifo(scope).await?.send_to_group("g", "x").await?;
        holds("a sequence number on a FIFO queue", ordered.sequence_number().is_some(), &ordered)
    }
}

case! {
    /// The last message of a batch that just fits is kept whole.
    pub ROUND_TRIP = "sqs.send.round_trip",
    clauses: ["wire.sqs.xml-escaping"],
    cost: 4 requests, 5 seconds,
    async fn round_trip(scope) {
        let queue = standard(scope).await?;
        let body = "a\r\nb \"quoted\" <tag attr='x'>&amp;</tag> \u{1F600}";
        let entry = SendMessageBatchRequestEntry::builder().id("1").message_body(body).build()?;
        queue.client.send_message_batch().queue_url(&queue.url).entries(entry).send().await?;
        let messages = vec![queue.receive().await?];
        equal("the body comes back as sent", vec![body.to_owned()], bodies(&messages))
    }
}
