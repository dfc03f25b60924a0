//! What subscribers get: the envelope and its signature.

use super::support::{Topic, attribute, envelope, topic, topic_with};
use crate::sqs::support::{equal, holds, text};
use aws_sdk_sns::primitives::Blob;
use aws_sdk_sns::types::MessageAttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use proofmark_conform::{Scope, Stop, case};
use rsa::pkcs8::DecodePublicKey;
use rsa::{Pkcs1v15Sign, RsaPublicKey};
use serde_json::Value;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use x509_cert::Certificate;
use x509_cert::der::{DecodePem, Encode};

/// What stands before a digest in the signed block (RFC 8017, section 9.2).
const SHA1_IDENTIFIER: &[u8] = b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14";
const SHA256_IDENTIFIER: &[u8] = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";

/// Fetches the certificate that a letter names, and checks the letter's signature over these members.
pub(super) async fn verify(scope: &Scope, letter: &Value, members: &[&str]) -> Result<(), Stop> {
    let url = text(letter["SigningCertURL"].as_str().or(letter["SigningCertUrl"].as_str()));
    let key = key_at(scope, &url).await?;
    let signed: String =
        members.iter().filter_map(|name| Some(format!("{name}\n{}\n", letter[*name].as_str()?))).collect();
    let signature = STANDARD.decode(text(letter["Signature"].as_str()));
    let signature = signature.map_err(|error| Stop::mismatch("the signature", "base64", error.to_string()))?;
    let verified = match letter["SignatureVersion"].as_str() {
        Some("2") => key.verify(scheme(32, SHA256_IDENTIFIER), &Sha256::digest(&signed), &signature),
        _ => key.verify(scheme(20, SHA1_IDENTIFIER), &Sha1::digest(&signed), &signature),
    };
    verified.map_err(|error| Stop::mismatch("the signature verifies", "it does", format!("{error}: {letter}")))
}

fn scheme(digest_bytes: usize, identifier: &[u8]) -> Pkcs1v15Sign {
    Pkcs1v15Sign { hash_len: Some(digest_bytes), prefix: identifier.into() }
}

async fn key_at(scope: &Scope, url: &str) -> Result<RsaPublicKey, Stop> {
    let path = path_of(url);
    let named = path.starts_with("/SimpleNotificationService-") && path.ends_with(".pem");
    holds("the certificate's address", named, url)?;
    let raw = scope.raw().to("sns");
    let request = raw.request("GET", path).body(Bytes::new()).map_err(|error| Stop::Error(error.to_string()))?;
    let answer = raw.send(request).await.map_err(|error| Stop::fail(format!("no certificate at {url}: {error}")))?;
    let pem = String::from_utf8_lossy(answer.body()).into_owned();
    let unusable = |error: String| Stop::mismatch("the certificate", "X.509 with an RSA key", error);
    let certificate = Certificate::from_pem(&pem).map_err(|error| unusable(error.to_string()))?;
    let key =
        certificate.tbs_certificate.subject_public_key_info.to_der().map_err(|error| unusable(error.to_string()))?;
    RsaPublicKey::from_public_key_der(&key).map_err(|error| unusable(error.to_string()))
}

/// Path and query of a URL.
pub(super) fn path_of(url: &str) -> &str {
    url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or(url)
}

pub(super) const NOTIFICATION: [&str; 6] = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
pub(super) const CONFIRMATION: [&str; 7] =
    ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/// The names of an object's members in the order of its text.
fn names_in_order(body: &str, names: &[&str]) -> Vec<String> {
    let mut found: Vec<(usize, &str)> =
        names.iter().filter_map(|name| Some((body.find(&format!("\"{name}\""))?, *name))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name.to_owned()).collect()
}

const ORDER: [&str; 10] = [
    "Type",
    "MessageId",
    "TopicArn",
    "Subject",
    "Message",
    "Timestamp",
    "SignatureVersion",
    "Signature",
    "SigningCertURL",
    "UnsubscribeURL",
];

case! {
    /// A queue gets an envelope with these members in this order.
    pub ENVELOPE = "sns.env.envelope",
    clauses: ["sns.env.sqs", "sns.env.messageid", "sns.env.unsubscribe-url", "sns.env.attrs-not-sqs-attrs"],
    cost: 12 requests, 10 seconds,
    protocols: [Query],
    async fn whole_envelope(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let request = topic.message("hello \"you\"\n").subject("a subject");
        let id = text(request.message_attributes("kind", attribute("String", "sale")?).send().await?.message_id());
        let message = subscriber.take().await?;
        let letter = envelope(&message)?;
        let order = [&ORDER[..], &["MessageAttributes"]].concat();
        equal("the members, in order", order.iter().map(ToString::to_string).collect(), names_in_order(&text(message.body()), &order))?;
        equal("Type", Some("Notification"), letter["Type"].as_str())?;
        equal("MessageId", Some(id.as_str()), letter["MessageId"].as_str())?;
        holds("the queue's own id is another", message.message_id() != Some(id.as_str()), &message)?;
        equal("TopicArn", Some(topic.arn.as_str()), letter["TopicArn"].as_str())?;
        equal("Subject", Some("a subject"), letter["Subject"].as_str())?;
        equal("Message", Some("hello \"you\"\n"), letter["Message"].as_str())?;
        let at = text(letter["Timestamp"].as_str());
        holds("Timestamp: ISO 8601 to the millisecond", at.len() == 24 && at.ends_with('Z') && at.as_bytes()[19] == b'.', &at)?;
        equal("SignatureVersion", Some("1"), letter["SignatureVersion"].as_str())?;
        let attributes = serde_json::json!({"kind": {"Type": "String", "Value": "sale"}});
        equal("MessageAttributes", &attributes, &letter["MessageAttributes"])?;
        let unsubscribe = text(letter["UnsubscribeURL"].as_str());
        let expected = format!("/?Action=Unsubscribe&SubscriptionArn={}", subscriber.subscription);
        equal("UnsubscribeURL", expected.as_str(), path_of(&unsubscribe))?;
        holds("no message attributes of its own", message.message_attributes().is_none(), &message)
    }
}

case! {
    /// Subject and MessageAttributes are left out when there are none; text of any kind comes unchanged.
    pub OPTIONAL = "sns.env.optional",
    clauses: ["sns.env.optional-fields", "sns.publish.unicode"],
    cost: 10 requests, 10 seconds,
    protocols: [Query],
    async fn optional(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let message = "\u{e9}\u{20ac}\u{1f600} <&> \\ \t";
        topic.publish(message).await?;
        let letter = subscriber.envelope().await?;
        equal("the text", Some(message), letter["Message"].as_str())?;
        holds("neither member", letter.get("Subject").is_none() && letter.get("MessageAttributes").is_none(), &letter)
    }
}

case! {
    /// Binary attributes are base64 in the envelope; more than ten attributes are none too many.
    pub BINARY = "sns.env.binary",
    clauses: ["sns.env.binary-base64", "sns.mattr.no-count-limit"],
    cost: 10 requests, 10 seconds,
    protocols: [Query],
    async fn binary(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([2, 3, 4])).build()?;
        let mut request = topic.message("x").message_attributes("data", bytes);
        for number in 0..10 {
            request = request.message_attributes(format!("a{number}"), attribute("Number", "1")?);
        }
        request.send().await?;
        let letter = subscriber.envelope().await?;
        equal("eleven attributes", Some(11), letter["MessageAttributes"].as_object().map(serde_json::Map::len))?;
        equal("base64", Some("AgME"), letter["MessageAttributes"]["data"]["Value"].as_str())
    }
}

case! {
    /// Signature version 1 is SHA-1 with RSA, 2 is SHA-256; both verify with the certificate at SigningCertURL.
    pub SIGNED = "sns.sig.signed",
    clauses: ["sns.sig.notification-string", "sns.sig.algorithms", "sns.tattr.signature-version"],
    cost: 24 requests, 20 seconds,
    protocols: [Query],
    async fn signed(scope) {
        for version in ["1", "2"] {
            let topic = topic_with(scope, &[("SignatureVersion", version)]).await?;
            let subscriber = topic.subscriber().await?;
            topic.message("signed").subject("a subject").send().await?;
            let letter = subscriber.envelope().await?;
            equal("SignatureVersion", Some(version), letter["SignatureVersion"].as_str())?;
            verify(scope, &letter, &NOTIFICATION).await?;
            topic.publish("signed, without a subject").await?;
            verify(scope, &subscriber.envelope().await?, &NOTIFICATION).await?;
        }
        let unknown = topic_with(scope, &[("SignatureVersion", "3")]).await;
        holds("there is no version 3", unknown.is_err(), "it was created")
    }
}

case! {
    /// The signature is over the message: another text does not verify.
    pub TAMPERED = "sns.sig.tampered",
    clauses: ["sns.sig.notification-string"],
    cost: 10 requests, 10 seconds,
    protocols: [Query],
    async fn tampered(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        topic.publish("signed").await?;
        let mut letter = subscriber.envelope().await?;
        verify(scope, &letter, &NOTIFICATION).await?;
        letter["Message"] = "changed".into();
        let verdict = verify(scope, &letter, &NOTIFICATION).await;
        holds("a changed text does not verify", verdict.is_err(), &letter)
    }
}

case! {
    /// A trace header on Publish comes out as the queue message's AWSTraceHeader.
    pub TRACE = "sns.env.trace_header",
    clauses: ["sns.env.trace"],
    cost: 10 requests, 10 seconds,
    protocols: [Query],
    async fn trace_header(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        let request = topic.message("traced").customize();
        request.mutate_request(move |request| _ = request.headers_mut().insert("x-amzn-trace-id", header)).send().await?;
        let message = subscriber.take().await?;
        let seen = crate::sqs::support::system(&message, &aws_sdk_sqs::types::MessageSystemAttributeName::AwsTraceHeader);
        equal("AWSTraceHeader", Some(header.to_owned()), seen)
    }
}

case! {
    /// A standard topic passes a group on to standard queues, and refuses one that is malformed.
    pub GROUP = "sns.env.group",
    clauses: ["sns.env.group-forward"],
    cost: 12 requests, 10 seconds,
    protocols: [Query],
    async fn group(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        topic.message("grouped").message_group_id("tenant-1").send().await?;
        let message = subscriber.take().await?;
        let group = crate::sqs::support::system(&message, &aws_sdk_sqs::types::MessageSystemAttributeName::MessageGroupId);
        equal("MessageGroupId", Some("tenant-1".to_owned()), group)?;
        for wrong in ["a b", &"x".repeat(129)] {
            let answer = topic.message("grouped").message_group_id(wrong).send().await;
            crate::sqs::support::refused(scope, answer, "InvalidParameter", 400, "")?;
        }
        topic.message("grouped").message_group_id("x".repeat(128)).send().await?;
        Ok(())
    }
}

/// The letters that arrived at an address.
fn letters(scope: &Scope, endpoint: &str) -> Result<Vec<proofmark_conform::Letter>, Stop> {
    let of = |letter: &&proofmark_conform::Letter| &*letter.endpoint == endpoint;
    Ok(scope.insight()?.seen(|seen| seen.inbox.letters().filter(of).cloned().collect()))
}

async fn letter_to(scope: &Scope, endpoint: &str, number: usize) -> Result<proofmark_conform::Letter, Stop> {
    scope
        .eventually("a letter arrives", crate::sqs::support::seconds(5), async || {
            let letters = letters(scope, endpoint)?;
            Ok(proofmark_conform::Seen::some_or(letters.get(number).cloned(), format!("{letters:?}")))
        })
        .await
}

/// Subscribes an address, and follows the link in the letter that it gets.
async fn confirm_by_letter(scope: &Scope, topic: &Topic<'_>, protocol: &str, address: &str) -> Result<(), Stop> {
    topic.subscribe(protocol, address, &[]).send().await?;
    let invitation = letter_to(scope, address, 0).await?;
    let token =
        invitation.body.split("Token=").nth(1).map(|rest| rest.split(['"', '\n', '&']).next().unwrap_or_default());
    scope.sns().confirm_subscription().topic_arn(&topic.arn).token(text(token)).send().await?;
    Ok(())
}

case! {
    /// An e-mail is the message with its subject and a footer; as JSON it is the envelope.
    pub MAIL = "sns.env.mail",
    clauses: ["sns.env.email"],
    cost: 12 requests, 10 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn mail(scope) {
        let topic = topic(scope).await?;
        confirm_by_letter(scope, &topic, "email", "one@example.com").await?;
        confirm_by_letter(scope, &topic, "email-json", "two@example.com").await?;
        topic.publish("hello").await?;
        let plain = letter_to(scope, "one@example.com", 1).await?;
        equal("the default subject", Some("AWS Notification Message"), plain.subject.as_deref())?;
        holds("the text and a footer", plain.body.starts_with("hello\n") && plain.body.contains("Action=Unsubscribe"), &plain)?;
        let json = letter_to(scope, "two@example.com", 1).await?;
        let letter: Value = serde_json::from_str(&json.body).unwrap_or_default();
        equal("the envelope", Some("hello"), letter["Message"].as_str())
    }
}

case! {
    /// A Lambda function gets an event with one record, whose members are spelled in Lambda's way.
    pub LAMBDA = "sns.env.lambda_event",
    clauses: ["sns.env.lambda", "sns.env.optional-fields", "sns.retry.lambda-async"],
    cost: 8 requests, 10 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn lambda_event(scope) {
        let topic = topic_with(scope, &[("SignatureVersion", "2")]).await?;
        let function = topic.queue_arn("handler").replacen(":sqs:", ":lambda:", 1).replace(":handler", ":function:handler");
        let subscribed = topic.subscribe("lambda", &function, &[]).send().await?;
        let id = topic.publish("hello").await?;
        let event: Value = serde_json::from_str(&letter_to(scope, &function, 0).await?.body).unwrap_or_default();
        equal("one record", Some(1), event["Records"].as_array().map(Vec::len))?;
        let record = &event["Records"][0];
        equal("the source", (Some("aws:sns"), Some("1.0")), (record["EventSource"].as_str(), record["EventVersion"].as_str()))?;
        equal("the subscription", subscribed.subscription_arn(), record["EventSubscriptionArn"].as_str())?;
        let sns = &record["Sns"];
        equal("the message", (Some(id.as_str()), Some("hello")), (sns["MessageId"].as_str(), sns["Message"].as_str()))?;
        equal("what is absent", (&Value::Null, &serde_json::json!({})), (&sns["Subject"], &sns["MessageAttributes"]))?;
        equal("the version shown", Some("1"), sns["SignatureVersion"].as_str())?;
        holds("Url, not URL", sns["SigningCertUrl"].is_string() && sns["UnsubscribeUrl"].is_string(), sns)?;
        verify(scope, sns, &NOTIFICATION).await?;
        // What the function does is no failure of the delivery: handing the event over once is all SNS does.
        equal("one letter", 1, letters(scope, &function)?.iter().map(|letter| &letter.body).collect::<std::collections::BTreeSet<_>>().len())
    }
}

case! {
    /// More than ten e-mails in a second deactivate their subscription: it is pending again.
    pub MAIL_RATE = "sns.env.mail_rate",
    clauses: ["sns.quota.email-10tps"],
    cost: 40 requests, 10 seconds,
    protocols: [Query],
    needs: [Insight],
    async fn mail_rate(scope) {
        let topic = topic(scope).await?;
        let address = "busy@example.com";
        let arn = text(topic.subscribe("email", address, &[]).send().await?.subscription_arn());
        let token = letter_to(scope, address, 0).await?.body;
        let token = text(token.split("Token=").nth(1).and_then(|rest| rest.split_whitespace().next()));
        scope.sns().confirm_subscription().topic_arn(&topic.arn).token(token).send().await?;
        for number in 0..10 {
            topic.publish(&number.to_string()).await?;
            scope.sleep(crate::sqs::support::seconds(2)).await;
        }
        let pending = async || -> Result<Option<String>, Stop> {
            Ok(super::support::subscription_attributes(scope, &arn).await?.remove("PendingConfirmation"))
        };
        equal("slowly it stays", Some("false".to_owned()), pending().await?)?;
        let before = letters(scope, address)?.len();
        for number in 0..30 {
            topic.publish(&format!("fast {number}")).await?;
        }
        scope.sleep(crate::sqs::support::seconds(5)).await;
        equal("quickly it is deactivated", Some("true".to_owned()), pending().await?)?;
        let more = letters(scope, address)?.len() - before;
        holds("some of them arrived, and not all", (10..30).contains(&more), more)
    }
}
