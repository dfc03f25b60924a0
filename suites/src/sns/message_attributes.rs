//! The attributes that a publisher gives a message: types, values, names, number.

use super::support::Topic;
use super::support::{attribute, topic};
use crate::sqs::support::{equal, holds, refused, text};
use aws_sdk_sns::primitives::Blob;
use aws_sdk_sns::types::MessageAttributeValue;
use proofmark_conform::{Stop, case};

fn binary(data_type: &str, bytes: &[u8]) -> Result<MessageAttributeValue, Stop> {
    Ok(MessageAttributeValue::builder().data_type(data_type).binary_value(Blob::new(bytes)).build()?)
}

/// Wants a message with this attribute to be refused.
async fn refuse(topic: &Topic<'_>, name: &str, value: MessageAttributeValue, expected: &str) -> Result<(), Stop> {
    let result = topic.message("x").message_attributes(name, value).send().await;
    refused(topic.scope, result, "ParameterValueInvalid", 400, expected)
}

case! {
    /// The types are String, Number, Binary and String.Array, with suffixes of the publisher's; all arrive as they were.
    pub TYPES = "sns.mattr.known_types",
    clauses: ["sns.mattr.types"],
    cost: 12 requests, 10 seconds,
    protocols: [Query],
    async fn known_types(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let texts = [("a", "String", "é"), ("b", "String.Array", r#"["x",1,true,null]"#), ("c", "String.prefixed", "x"),
            ("d", "Number", "-1.5"), ("e", "Number.int", "7")];
        let mut request = topic.message("x").message_attributes("f", binary("Binary", b"\x00\xff")?);
        request = request.message_attributes("g", binary("Binary.png", b"png")?);
        for (name, data_type, value) in texts {
            request = request.message_attributes(name, attribute(data_type, value)?);
        }
        request.send().await?;
        let arrived = subscriber.envelope().await?["MessageAttributes"].clone();
        let bytes = [("f", "Binary", "AP8="), ("g", "Binary.png", "cG5n")];
        for (name, data_type, value) in texts.into_iter().chain(bytes) {
            let shown = (arrived[name]["Type"].as_str(), arrived[name]["Value"].as_str());
            equal(name, (Some(data_type), Some(value)), shown)?;
        }
        equal("and no more", Some(7), arrived.as_object().map(serde_json::Map::len))
    }
}

case! {
    /// Any other type is refused, and the message reaches nobody.
    pub UNKNOWN_TYPES = "sns.mattr.unknown_types",
    clauses: ["sns.mattr.types", "wire.sns.code-map"],
    cost: 28 requests, 15 seconds,
    protocols: [Query],
    async fn unknown_types(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let text = "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.";
        for wrong in ["Stringprefixed", "String.", "string", "Boolean", "Number.", ".String", "Array"] {
            refuse(&topic, "attr1", attribute(wrong, "1")?, text).await?;
        }
        refuse(&topic, "attr1", binary("Bytes", b"x")?, text).await?;
        refuse(&topic, "attr1", binary("Binary.", b"x")?, text).await?;
        subscriber.expect("nothing", &[]).await
    }
}

case! {
    /// An attribute has a value, in the field of its type.
    pub VALUES = "sns.mattr.values_in_fields",
    clauses: ["sns.mattr.value-required", "sns.mattr.field-mismatch"],
    cost: 20 requests, 5 seconds,
    protocols: [Query],
    async fn values_in_fields(scope) {
        let topic = topic(scope).await?;
        let empty = |data_type: &str| MessageAttributeValue::builder().data_type(data_type).build();
        for data_type in ["String", "Number", "Binary", "String.Array"] {
            let text = format!("The message attribute 'attr1' must contain non-empty message attribute value for message attribute type '{data_type}'.");
            refuse(&topic, "attr1", empty(data_type)?, &text).await?;
        }
        let text = |data_type: &str| format!("The message attribute 'attr1' must contain non-empty message attribute value for message attribute type '{data_type}'.");
        refuse(&topic, "attr1", attribute("String", "")?, &text("String")).await?;
        refuse(&topic, "attr1", binary("Binary", b"")?, &text("Binary")).await?;
        let wrong_field = |data_type: &str, field: &str| format!("The message attribute 'attr1' with type '{data_type}' must use field '{field}'.");
        refuse(&topic, "attr1", binary("Number", b"1")?, &wrong_field("Number", "String")).await?;
        refuse(&topic, "attr1", binary("String", b"1")?, &wrong_field("String", "String")).await?;
        refuse(&topic, "attr1", attribute("Binary", "1")?, &wrong_field("Binary", "Binary")).await
    }
}

case! {
    /// A name has letters, digits, hyphens, underscores, and single dots inside.
    pub NAMES = "sns.mattr.name_characters",
    clauses: ["sns.mattr.name-charset"],
    cost: 26 requests, 15 seconds,
    protocols: [Query],
    async fn name_characters(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let value = attribute("String", "v")?;
        let good = "A.b-c_d.9";
        topic.message("x").message_attributes(good, value.clone()).send().await?;
        equal("as it was", Some("v"), subscriber.envelope().await?["MessageAttributes"][good]["Value"].as_str())?;
        for (name, code) in [("a^b", "5E"), ("a b", "20"), ("é", "E9"), ("a/b", "2F")] {
            let text = format!("Invalid non-alphanumeric character '#x{code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.");
            refuse(&topic, name, value.clone(), &text).await?;
        }
        let starting = "Invalid message attribute name starting with character '.' was found.";
        refuse(&topic, ".a", value.clone(), starting).await?;
        let ending = "Invalid message attribute name ending with character '.' was found.";
        refuse(&topic, "a.", value.clone(), ending).await?;
        refuse(&topic, "a..b", value, "Message attribute name can not have successive '.' character.").await
    }
}

case! {
    /// Names have up to 255 or 256 bytes.
    pub NAME_LENGTH = "sns.mattr.longest_name",
    clauses: ["sns.mattr.name-length"],
    cost: 12 requests, 8 seconds,
    protocols: [Query],
    async fn longest_name(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let value = attribute("String", "v")?;
        let longest = "n".repeat(255);
        topic.message("x").message_attributes(&longest, value.clone()).send().await?;
        equal("as it was", Some("v"), subscriber.envelope().await?["MessageAttributes"][&longest]["Value"].as_str())?;
        let one_more = topic.message("x").message_attributes("n".repeat(256), value.clone()).send().await;
        let seen = if one_more.is_ok() { "accepted" } else { "refused" };
        scope.observe("sns.mattr.name-length", format!("a name of 256 bytes is {seen}"));
        let text = "Length of message attribute name must be less than 256 bytes.";
        refuse(&topic, &"n".repeat(257), value, text).await
    }
}

case! {
    /// SNS sets no limit to the number of attributes.
    pub MANY = "sns.mattr.many_attributes",
    clauses: ["sns.mattr.no-count-limit"],
    cost: 10 requests, 8 seconds,
    protocols: [Query],
    async fn many_attributes(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let mut request = topic.message("x");
        for number in 0..40 {
            request = request.message_attributes(format!("a{number}"), attribute("Number", &number.to_string())?);
        }
        request.send().await?;
        let arrived = subscriber.envelope().await?["MessageAttributes"].clone();
        equal("all forty", Some(40), arrived.as_object().map(serde_json::Map::len))?;
        let right = |number: i32| arrived[format!("a{number}")]["Value"].as_str() == Some(&number.to_string());
        holds("each with its value", (0..40).all(right), &arrived)
    }
}

case! {
    /// Attributes that tell SNS how to send an SMS or a push message are taken with any message, and change no text.
    pub RESERVED = "sns.mattr.reserved_names",
    clauses: ["sns.mattr.reserved"],
    cost: 14 requests, 15 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn reserved_names(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let reserved = [("AWS.SNS.SMS.SMSType", "String", "Transactional"), ("AWS.SNS.SMS.SenderID", "String", "Proofmark"),
            ("AWS.SNS.SMS.MaxPrice", "Number", "0.5"), ("AWS.SNS.MOBILE.GCM.TTL", "Number", "60")];
        let (mut to_topic, mut to_phone) = (topic.message("text"), scope.sns().publish().phone_number("+14255550100").message("text"));
        for (name, data_type, value) in reserved {
            to_topic = to_topic.message_attributes(name, attribute(data_type, value)?);
            to_phone = to_phone.message_attributes(name, attribute(data_type, value)?);
        }
        to_topic.send().await?;
        let envelope = subscriber.envelope().await?;
        equal("the text", "text".to_owned(), text(envelope["Message"].as_str()))?;
        scope.observe("sns.mattr.reserved", format!("in the envelope: {}", envelope["MessageAttributes"]));
        to_phone.send().await?;
        equal("the SMS", "text".to_owned(), super::sms::letter(scope, "sms", "+14255550100").await?)
    }
}
