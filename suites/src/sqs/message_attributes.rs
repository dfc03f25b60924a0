//! Message attributes, system attributes, and their digests.

use super::support::{Queue, equal, fifo_with, holds, refused, standard, system, text, text_attribute};
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    Message, MessageAttributeValue, MessageSystemAttributeName, MessageSystemAttributeNameForSends,
    MessageSystemAttributeValue, QueueAttributeName,
};
use proofmark_conform::{Scope, Stop, case};

const TRACE_HEADER: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

async fn refuse(
    scope: &Scope,
    queue: &Queue<'_>,
    name: &str,
    value: MessageAttributeValue,
    text: &str,
) -> Result<(), Stop> {
    let result = queue.message("x").message_attributes(name, value).send().await;
    refused(scope, result, "InvalidParameterValue", 400, text)
}

case! {
    /// Ten attributes are accepted, and eleven are refused.
    pub AT_MOST_TEN = "sqs.mattr.at_most_ten",
    clauses: ["sqs.mattr.max-10"],
    cost: 4 requests, 5 seconds,
    async fn at_most_ten(scope) {
        let queue = standard(scope).await?;
        let mut request = queue.message("x");
        for number in 0..10 {
            request = request.message_attributes(format!("a{number}"), text_attribute("String", "v")?);
        }
        request.clone().send().await?;
        let eleven = request.message_attributes("a10", text_attribute("String", "v")?).send().await;
        let text = "Number of message attributes [11] exceeds the allowed maximum [10].";
        refused(scope, eleven, "InvalidParameterValue", 400, text)
    }
}

case! {
    /// Names: 256 characters, no reserved prefix, no period at either end. Two periods in a row are measured.
    pub NAMES = "sqs.mattr.names",
    clauses: ["sqs.mattr.name-rules"],
    cost: 16 requests, 10 seconds,
    async fn names(scope) {
        let queue = standard(scope).await?;
        let value = text_attribute("String", "v")?;
        for good in ["a", "A.b-c_d", "x".repeat(256).as_str()] {
            queue.message("x").message_attributes(good, value.clone()).send().await?;
        }
        let doubtful = queue.message("x").message_attributes("a..b", value.clone()).send().await;
        scope.observe("sqs.mattr.name-rules", if doubtful.is_ok() { "`a..b` is accepted" } else { "`a..b` is refused" });
        let mut wrongly_accepted = Vec::new();
        for bad in ["AWS.x", "aws.x", "Amazon.x", "aMaZoN.x", ".a", "a.", "a b", "x".repeat(257).as_str()] {
            if queue.message("x").message_attributes(bad, value.clone()).send().await.is_ok() {
                wrongly_accepted.push(bad.to_owned());
            }
        }
        scope.observe("sqs.mattr.name-rules", format!("wrongly accepted: {wrongly_accepted:?}"));
        Ok(())
    }
}

case! {
    /// The types are String, Number and Binary, each with an optional label; lists of values are not implemented.
    pub TYPES = "sqs.mattr.types_and_labels",
    clauses: ["sqs.mattr.types"],
    cost: 12 requests, 5 seconds,
    async fn types_and_labels(scope) {
        let queue = standard(scope).await?;
        let binary = |kind: &str| MessageAttributeValue::builder().data_type(kind).binary_value(Blob::new(b"\x01\x02")).build();
        let good = queue
            .message("x")
            .message_attributes("text", text_attribute("String.label", "v")?)
            .message_attributes("number", text_attribute("Number.int", "1")?)
            .message_attributes("bytes", binary("Binary.png")?);
        good.send().await?;
        let message = queue.receive().await?;
        let types: Vec<String> = ["bytes", "number", "text"]
            .iter()
            .filter_map(|name| message.message_attributes.as_ref()?.get(*name).map(|value| value.data_type().to_owned()))
            .collect();
        equal("types as sent, labels included", vec!["Binary.png".to_owned(), "Number.int".into(), "String.label".into()], types)?;
        let bytes = message.message_attributes.as_ref().and_then(|all| all.get("bytes")?.binary_value.clone());
        equal("bytes as sent", Some(Blob::new(b"\x01\x02")), bytes)?;
        for bad in ["Boolean", "string", "", &format!("String.{}", "x".repeat(250))] {
            refuse(scope, &queue, "a", text_attribute(bad, "v")?, "").await?;
        }
        let list = MessageAttributeValue::builder().data_type("String").string_value("v").string_list_values("v").build()?;
        let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new(b"v"));
        let list_of_bytes = bytes.binary_list_values(Blob::new(b"v")).build()?;
        for (kind, list) in [("texts", list), ("bytes", list_of_bytes)] {
            let listed = queue.message("x").message_attributes("a", list).send().await;
            let treatment = if listed.is_ok() { "ignored" } else { "refused" };
            scope.observe("sqs.mattr.types", format!("a list of {kind} is {treatment}"));
        }
        let longest = format!("String.{}", "x".repeat(249));
        queue.message("x").message_attributes("a", text_attribute(&longest, "v")?).send().await?;
        Ok(())
    }
}

case! {
    /// A Number has up to 38 digits and a magnitude from 10^-128 to 10^126.
    pub NUMBERS = "sqs.mattr.numbers",
    clauses: ["sqs.mattr.number"],
    cost: 14 requests, 5 seconds,
    async fn numbers(scope) {
        let queue = standard(scope).await?;
        let longest = "9".repeat(38);
        for good in ["0", "-1.5", "1e126", "1e-128", "0.001e-125", "00012", longest.as_str()] {
            queue.message("x").message_attributes("a", text_attribute("Number", good)?).send().await?;
        }
        let too_long = "9".repeat(39);
        for bad in ["one", "1.2.3", "1e127", "1e-129", "0.0001e-125", "NaN", too_long.as_str()] {
            refuse(scope, &queue, "a", text_attribute("Number", bad)?, "").await?;
        }
        Ok(())
    }
}

case! {
    /// Name, type and value must not be empty.
    pub NOT_EMPTY = "sqs.mattr.not_empty",
    clauses: ["sqs.mattr.nonempty"],
    cost: 6 requests, 5 seconds,
    async fn not_empty(scope) {
        let queue = standard(scope).await?;
        let text = "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.";
        refuse(scope, &queue, "ErrorDetails", text_attribute("String", "")?, text).await?;
        refuse(scope, &queue, "ErrorDetails", text_attribute("", "v")?, "").await?;
        refuse(scope, &queue, "", text_attribute("String", "v")?, "").await?;
        let empty = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new(b"")).build()?;
        refuse(scope, &queue, "ErrorDetails", empty, "").await
    }
}

/// Names, types and values.
type Attributes = &'static [(&'static str, &'static str, &'static str)];

/// The vectors of `sqs.mattr.md5`, as AWS was recorded to answer them.
const VECTORS: [(Attributes, &str); 4] = [
    (&[("k", "String", "x")], "a45daa70926828a2f0a1db3418e6feb4"),
    (&[("timestamp", "Number", "1493147359900")], "235c5c510d26fb653d073faed50ae77c"),
    (&[("Hello", "String", "There")], "a311262e065454b75da111d535b8dacd"),
    (
        &[("Help.Me", "String", "Me"), ("Hello", "String", "There"), ("General", "String", "Kenobi")],
        "4c360f3fdafd970e05fae2f149d997f5",
    ),
];

case! {
    /// The digest of attributes covers names, types and values by name, on send and on receive.
    pub DIGEST = "sqs.mattr.digest",
    clauses: ["sqs.mattr.md5"],
    cost: 14 requests, 8 seconds,
    async fn digest(scope) {
        for (attributes, expected) in VECTORS {
            let queue = standard(scope).await?;
            let mut request = queue.message("x");
            for (name, kind, value) in attributes {
                request = request.message_attributes(*name, text_attribute(kind, value)?);
            }
            equal("digest on send", Some(expected), request.send().await?.md5_of_message_attributes())?;
            equal("digest on receive", Some(expected), queue.receive().await?.md5_of_message_attributes())?;
        }
        Ok(())
    }
}

case! {
    /// On receive the digest covers only the attributes that are returned, and is absent if none is.
    pub DIGEST_OF_SUBSET = "sqs.mattr.digest_of_subset",
    clauses: ["sqs.mattr.md5-subset", "sqs.mattr.receive-filter"],
    cost: 12 requests, 10 seconds,
    async fn digest_of_subset(scope) {
        let queue = standard(scope).await?;
        let send = queue
            .message("x")
            .message_attributes("Hello", text_attribute("String", "There")?)
            .message_attributes("Help.Me", text_attribute("String", "Me")?)
            .message_attributes("Help.You", text_attribute("String", "You")?);
        send.send().await?;
        let asked = async |names: &[&str]| -> Result<(Vec<String>, Option<String>), Stop> {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let message = queue
                .receive_as(|poll| poll.set_message_attribute_names(Some(names.clone())).visibility_timeout(0))
                .await?;
            Ok((attribute_names(&message), message.md5_of_message_attributes))
        };
        let (names, digest) = asked(&["Hello"]).await?;
        equal("one by name", vec!["Hello".to_owned()], names)?;
        equal("its digest", Some("a311262e065454b75da111d535b8dacd".to_owned()), digest)?;
        equal("a prefix", vec!["Help.Me".to_owned(), "Help.You".into()], asked(&["Help.*"]).await?.0)?;
        equal("none asked, none returned", (Vec::new(), None), asked(&[]).await?)?;
        equal("absent and illegal names are ignored", vec!["Hello".to_owned()], asked(&["Hello", "Nope", "a b!"]).await?.0)?;
        for all in ["All", ".*", "*"] {
            equal(all, 3, asked(&[all]).await?.0.len())?;
        }
        Ok(())
    }
}

fn attribute_names(message: &Message) -> Vec<String> {
    let mut names: Vec<String> = message.message_attributes.iter().flatten().map(|(name, _)| name.clone()).collect();
    names.sort();
    names
}

async fn send_traced(queue: &Queue<'_>) -> Result<aws_sdk_sqs::operation::send_message::SendMessageOutput, Stop> {
    let header = MessageSystemAttributeValue::builder().data_type("String").string_value(TRACE_HEADER).build()?;
    let request = queue.message("x").message_attributes("k", text_attribute("String", "x")?);
    Ok(request.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, header).send().await?)
}

case! {
    /// AWSTraceHeader is the one system attribute a sender can set; it has a digest of its own.
    pub TRACE_HEADER_SENT = "sqs.sysattr.trace_header",
    clauses: ["sqs.sysattr.trace-only", "sqs.mattr.md5"],
    cost: 6 requests, 5 seconds,
    async fn trace_header(scope) {
        let queue = standard(scope).await?;
        let sent = send_traced(&queue).await?;
        equal("its digest", Some("5ae4d5d7636402d80f4eb6d213245a88"), sent.md5_of_message_system_attributes())?;
        equal("the other digest is untouched", Some("a45daa70926828a2f0a1db3418e6feb4"), sent.md5_of_message_attributes())?;
        let message = queue.receive().await?;
        equal("the header on receive", Some(TRACE_HEADER.to_owned()), system(&message, &MessageSystemAttributeName::AwsTraceHeader))?;
        let other = MessageSystemAttributeValue::builder().data_type("String").string_value("v").build()?;
        let unknown = MessageSystemAttributeNameForSends::from("Other");
        let header = MessageSystemAttributeValue::builder().data_type("String").string_value(TRACE_HEADER).build()?;
        for value in [&other, &header] {
            let result = queue.message("x").message_system_attributes(unknown.clone(), value.clone()).send().await;
            holds("another system attribute is refused", result.is_err(), &result)?;
        }
        let number = MessageSystemAttributeValue::builder().data_type("Number").string_value("1").build()?;
        for malformed in [other, number] {
            let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
            let result = queue.message("x").message_system_attributes(name, malformed).send().await;
            holds("a malformed header is refused", result.is_err(), &result)?;
        }
        Ok(())
    }
}

case! {
    /// `All` returns every system attribute that there is; otherwise only those named.
    pub SYSTEM_ATTRIBUTES = "sqs.sysattr.all_and_named",
    clauses: ["sqs.sysattr.all-set", "sqs.sysattr.senderid", "sqs.receive.first-timestamp-stable"],
    cost: 10 requests, 8 seconds,
    async fn all_and_named(scope) {
        let queue = standard(scope).await?;
        send_traced(&queue).await?;
        let all = queue.receive_as(|poll| poll.visibility_timeout(0)).await?;
        let expected = ["AWSTraceHeader", "ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SenderId", "SentTimestamp"];
        equal("the system attributes of a standard message", expected.map(str::to_owned).to_vec(), system_names(&all))?;
        for name in [MessageSystemAttributeName::SentTimestamp, MessageSystemAttributeName::ApproximateFirstReceiveTimestamp] {
            let millis = system(&all, &name).unwrap_or_default();
            holds("a time in milliseconds", millis.len() == 13 && millis.bytes().all(|byte| byte.is_ascii_digit()), &millis)?;
        }
        holds("a sender", system(&all, &MessageSystemAttributeName::SenderId).is_some_and(|id| !id.is_empty()), &all)?;
        let one = queue.receive_as(|poll| queue.asking_for(poll, "SenderId")).await?;
        equal("only the one named", vec!["SenderId".to_owned()], system_names(&one))
    }
}

case! {
    /// FIFO messages show their group, deduplication id and sequence number too.
    pub FIFO_SYSTEM_ATTRIBUTES = "sqs.sysattr.fifo",
    clauses: ["sqs.sysattr.all-set", "sqs.fifo.sequence-number"],
    cost: 4 requests, 5 seconds,
    async fn fifo_system_attributes(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::ContentBasedDeduplication, "true")]).await?;
        let sent = queue.message("x").message_group_id("g").message_deduplication_id("d").send().await?;
        let message = queue.receive().await?;
        equal("group", Some("g".to_owned()), system(&message, &MessageSystemAttributeName::MessageGroupId))?;
        equal("deduplication id", Some("d".to_owned()), system(&message, &MessageSystemAttributeName::MessageDeduplicationId))?;
        let number = system(&message, &MessageSystemAttributeName::SequenceNumber);
        equal("the same sequence number on send and receive", text(sent.sequence_number()), number.unwrap_or_default())
    }
}

case! {
    /// An X-Amzn-Trace-Id header of the request becomes the message's AWSTraceHeader.
    pub TRACE_HEADER_OF_REQUEST = "sqs.sysattr.trace_header_of_request",
    clauses: ["sqs.sysattr.trace-http-header"],
    cost: 4 requests, 5 seconds,
    protocols: [Json],
    async fn trace_header_of_request(scope) {
        let queue = standard(scope).await?;
        let request = queue.message("x").customize().mutate_request(|request| {
            request.headers_mut().insert("x-amzn-trace-id", TRACE_HEADER);
        });
        request.send().await?;
        let message = queue.receive().await?;
        equal("the header on receive", Some(TRACE_HEADER.to_owned()), system(&message, &MessageSystemAttributeName::AwsTraceHeader))
    }
}

case! {
    /// Naming system attributes in both members: JSON goes by the newer, Query narrows by the older.
    pub NAMES_IN_BOTH_MEMBERS = "sqs.sysattr.names_in_both_members",
    clauses: ["sqs.sysattr.names-merge"],
    cost: 4 requests, 5 seconds,
    async fn names_in_both_members(scope) {
        let queue = standard(scope).await?;
        queue.send("x").await?;
        #[expect(deprecated, reason = "the older member is what the case is about")]
        let message = queue
            .receive_as(|poll| {
                poll.set_message_system_attribute_names(Some(vec![MessageSystemAttributeName::All]))
                    .set_attribute_names(Some(vec![QueueAttributeName::from("SenderId")]))
            })
            .await?;
        let got = system_names(&message);
        match scope.protocol() {
            proofmark_conform::Protocol::Json => holds("the newer member's All wins", got.len() > 1, &got),
            proofmark_conform::Protocol::Query => equal("the older member narrows", vec!["SenderId".to_owned()], got),
        }
    }
}

fn system_names(message: &Message) -> Vec<String> {
    let names = message.attributes.iter().flatten().map(|(name, _)| name.as_str().to_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}
