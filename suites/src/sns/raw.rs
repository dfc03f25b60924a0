//! Raw delivery: the message as it is.

use super::support::{attribute, topic};
use crate::sqs::support::{equal, holds};
use aws_sdk_sns::primitives::Blob;
use aws_sdk_sns::types::MessageAttributeValue;
use proofmark_conform::case;

const RAW: (&str, &str) = ("RawMessageDelivery", "true");

case! {
    /// Raw to a queue is the message verbatim, its attributes as the queue message's own, and nothing else.
    pub TO_QUEUE = "sns.raw.to_queue",
    clauses: ["sns.raw.protocols", "sns.raw.sqs-attrs", "sns.raw.subject-lost", "sns.sig.raw-none"],
    cost: 12 requests, 10 seconds,
    protocols: [Query],
    async fn to_queue(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber_with(&[RAW]).await?;
        let bytes = MessageAttributeValue::builder().data_type("Binary.x").binary_value(Blob::new([2, 3, 4])).build()?;
        let request = topic.message("{\"as\": \"is\"}").subject("lost");
        let request = request.message_attributes("kind", attribute("String.label", "sale")?);
        request.message_attributes("data", bytes).send().await?;
        let message = subscriber.take().await?;
        equal("the body", Some("{\"as\": \"is\"}"), message.body())?;
        let attributes = message.message_attributes.clone().unwrap_or_default();
        equal("two attributes", 2, attributes.len())?;
        equal("the type is kept", Some(("String.label", Some("sale"))), attributes.get("kind").map(|kind| (kind.data_type(), kind.string_value())))?;
        let data = attributes.get("data").and_then(|data| data.binary_value()).map(|blob| blob.as_ref().to_vec());
        equal("the bytes are kept", Some(vec![2, 3, 4]), data)?;
        holds("a digest of them", message.md5_of_message_attributes().is_some(), &message)
    }
}

case! {
    /// Raw to a queue with more than ten attributes can never arrive: it goes to the dead-letter queue at once.
    pub ELEVEN = "sns.raw.eleven_attributes",
    clauses: ["sns.raw.max-10"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    async fn eleven_attributes(scope) {
        let topic = topic(scope).await?;
        let (dead, dead_arn) = topic.queue(&[]).await?;
        let redrive = format!(r#"{{"deadLetterTargetArn":"{dead_arn}"}}"#);
        let without = topic.subscriber_with(&[RAW]).await?;
        let with = topic.subscriber_with(&[RAW, ("RedrivePolicy", redrive.as_str())]).await?;
        for count in [10, 11] {
            let mut request = topic.message(&format!("{count} attributes"));
            for number in 0..count {
                request = request.message_attributes(format!("a{number}"), attribute("String", "v")?);
            }
            request.send().await?;
        }
        for subscriber in [&without, &with] {
            let got: Vec<String> = subscriber.queue.drain(super::support::QUIET).await?.into_iter().collect();
            equal("what arrived", vec!["10 attributes".to_owned()], got)?;
        }
        let lost: Vec<String> = dead.drain(super::support::QUIET).await?.into_iter().collect();
        equal("what the dead-letter queue got", vec!["11 attributes".to_owned()], lost)
    }
}

case! {
    /// A raw message keeps its attributes on its way to the dead-letter queue.
    pub DEAD_LETTER = "sns.raw.dead_letter",
    clauses: ["sns.raw.sqs-attrs", "sns.raw.max-10", "sns.dlq.payload"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    async fn dead_letter(scope) {
        let topic = topic(scope).await?;
        let (dead, dead_arn) = topic.queue(&[]).await?;
        let redrive = format!(r#"{{"deadLetterTargetArn":"{dead_arn}"}}"#);
        topic.subscribe("sqs", &topic.queue_arn("nobody"), &[RAW, ("RedrivePolicy", &redrive)]).send().await?;
        let mut request = topic.message("ten");
        for number in 0..10 {
            request = request.message_attributes(format!("a{number}"), attribute("String", "v")?);
        }
        request.send().await?;
        let message = dead.receive().await?;
        equal("the body", Some("ten"), message.body())?;
        equal("its attributes", Some(10), message.message_attributes().map(|attributes| attributes.len()))
    }
}

case! {
    /// Raw to a Firehose stream is the message, and else the envelope.
    pub TO_STREAM = "sns.raw.to_stream",
    clauses: ["sns.raw.protocols"],
    cost: 12 requests, 10 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn to_stream(scope) {
        let topic = topic(scope).await?;
        let stream = |name: &str| topic.queue_arn("x").replacen(":sqs:", ":firehose:", 1).replace(":x", &format!(":deliverystream/{name}"));
        let role = ("SubscriptionRoleArn", "arn:aws:iam::111122223333:role/firehose");
        topic.subscribe("firehose", &stream("raw"), &[role, RAW]).send().await?;
        topic.subscribe("firehose", &stream("enveloped"), &[role]).send().await?;
        topic.publish("as it is").await?;
        equal("raw", "as it is".to_owned(), super::sms::letter(scope, "firehose", &stream("raw")).await?)?;
        let enveloped = super::sms::letter(scope, "firehose", &stream("enveloped")).await?;
        equal("enveloped", "as it is".to_owned(), super::support::message_of(&enveloped)?)
    }
}
