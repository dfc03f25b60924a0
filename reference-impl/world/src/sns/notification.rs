//! What subscribers get: the signed envelope, the Lambda event, and the letters of the confirmation handshake.

use super::api::MessageAttributes;
use super::signing::{CERTIFICATE_PATH, sign, text_to_sign};
use crate::{Timestamp, Uuid};
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};

/// Letters to the endpoints of subscriptions that are to be confirmed, or were ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handshake {
    Subscribe,
    Unsubscribe,
}

impl Handshake {
    /// The letter's `Type`.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Handshake::Subscribe => "SubscriptionConfirmation",
            Handshake::Unsubscribe => "UnsubscribeConfirmation",
        }
    }

    fn message(self, topic: &str) -> String {
        match self {
            Handshake::Subscribe => format!(
                "You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the \
                 SubscribeURL included in this message."
            ),
            Handshake::Unsubscribe => format!(
                "You have chosen to deactivate subscription to the topic {topic}.\nTo cancel this operation and \
                 restore the subscription, visit the SubscribeURL included in this message."
            ),
        }
    }
}

/// A message as one protocol gets it, and its signature, which all subscribers of the protocol share.
#[derive(Debug)]
pub(super) struct Spoken {
    pub(super) text: Arc<str>,
    /// By signature version 1, then 2; made when somebody first looks.
    signatures: [OnceLock<String>; 2],
}

impl Spoken {
    pub(super) fn new(text: Arc<str>) -> Self {
        Spoken { text, signatures: [OnceLock::new(), OnceLock::new()] }
    }
}

/// What all copies of a published message have in common.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) message_id: Uuid,
    pub(super) topic: Arc<str>,
    pub(super) subject: Option<Arc<str>>,
    pub(super) attributes: MessageAttributes,
    /// FIFO only.
    pub(super) sequence_number: Option<Arc<str>>,
    pub(super) at: Timestamp,
    pub(super) signature_version: u8,
    /// Scheme and authority that URLs in the envelope are built on.
    pub(super) service_url: Arc<str>,
}

impl Content {
    fn signature(&self, spoken: &Spoken, version: u8) -> String {
        let made = &spoken.signatures[usize::from(version == 2)];
        made.get_or_init(|| {
            let (id, at) = (self.message_id.to_string(), self.at.to_iso());
            let text = text_to_sign(&[
                ("Message", Some(&spoken.text)),
                ("MessageId", Some(&id)),
                ("Subject", self.subject.as_deref()),
                ("Timestamp", Some(&at)),
                ("TopicArn", Some(&self.topic)),
                ("Type", Some("Notification")),
            ]);
            sign(version, &text)
        })
        .clone()
    }

    fn certificate_url(&self) -> String {
        format!("{}{}", self.service_url, *CERTIFICATE_PATH)
    }

    fn unsubscribe_url(&self, subscription: &str) -> String {
        format!("{}/?Action=Unsubscribe&SubscriptionArn={subscription}", self.service_url)
    }

    /// The envelope that a subscription gets, JSON text with its members in AWS's order.
    pub(super) fn envelope(&self, spoken: &Spoken, subscription: &str, replayed: bool) -> String {
        let mut members = Members::default();
        members.text("Type", "Notification");
        members.text("MessageId", &self.message_id.to_string());
        members.optional("SequenceNumber", self.sequence_number.as_deref());
        members.text("TopicArn", &self.topic);
        members.optional("Subject", self.subject.as_deref());
        members.text("Message", &spoken.text);
        members.text("Timestamp", &self.at.to_iso());
        // FIFO envelopes are not signed (`sns.env.fifo-unsigned`).
        if self.sequence_number.is_none() {
            members.text("SignatureVersion", &self.signature_version.to_string());
            members.text("Signature", &self.signature(spoken, self.signature_version));
            members.text("SigningCertURL", &self.certificate_url());
        }
        members.text("UnsubscribeURL", &self.unsubscribe_url(subscription));
        if replayed {
            members.value("Replayed", &Value::Bool(true));
        }
        if !self.attributes.is_empty() {
            members.value("MessageAttributes", &attributes(&self.attributes));
        }
        members.finish()
    }

    /// Bytes that the envelope has at most: every character of the texts escaped, and room for the rest.
    pub(super) fn longest_envelope(&self, spoken: &Spoken) -> usize {
        const REST: usize = 2_048;
        const ESCAPED: usize = 6;
        let of_attribute = |(name, value): (&Arc<str>, &super::api::MessageAttributeValue)| {
            let text = value.string_value.as_deref().map_or(0, str::len) * ESCAPED;
            let bytes = value.binary_value.as_ref().map_or(0, |blob| blob.0.len()) * 2;
            name.len() + value.data_type.as_deref().map_or(0, str::len) * ESCAPED + text + bytes + 32
        };
        let texts = spoken.text.len() + self.subject.as_deref().map_or(0, str::len);
        let attributes: usize = self.attributes.iter().map(of_attribute).sum();
        texts * ESCAPED + attributes + self.topic.len() * 2 + self.service_url.len() * 2 + REST
    }

    /// The event that a Lambda function gets. It always shows version 1 (`sns.env.lambda`).
    pub(super) fn lambda_event(&self, spoken: &Spoken, subscription: &str) -> String {
        let record = json!({
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "Sns": {
                "Type": "Notification",
                "MessageId": self.message_id,
                "TopicArn": &*self.topic,
                "Subject": self.subject.as_deref(),
                "Message": &*spoken.text,
                "Timestamp": self.at.to_iso(),
                "SignatureVersion": "1",
                "Signature": self.signature(spoken, 1),
                "SigningCertUrl": self.certificate_url(),
                "UnsubscribeUrl": self.unsubscribe_url(subscription),
                "MessageAttributes": attributes(&self.attributes),
            },
        });
        json!({ "Records": [record] }).to_string()
    }
}

/// Message attributes as the envelope shows them: `{"name": {"Type": …, "Value": …}}`.
fn attributes(attributes: &MessageAttributes) -> Value {
    let shown = attributes.iter().map(|(name, value)| {
        let text = match &value.binary_value {
            Some(blob) => json!(blob),
            None => json!(value.string_value.as_deref().unwrap_or_default()),
        };
        (name.to_string(), json!({ "Type": value.data_type.as_deref(), "Value": text }))
    });
    Value::Object(shown.collect::<Map<_, _>>())
}

/// A letter of the handshake, signed.
pub(super) struct Invitation<'a> {
    pub(super) handshake: Handshake,
    pub(super) message_id: Uuid,
    pub(super) topic: &'a str,
    pub(super) token: &'a str,
    pub(super) at: Timestamp,
    pub(super) signature_version: u8,
    pub(super) service_url: &'a str,
}

impl Invitation<'_> {
    /// Where a GET confirms.
    pub(super) fn subscribe_url(&self) -> String {
        let Invitation { service_url, topic, token, .. } = self;
        format!("{service_url}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}")
    }

    /// The letter, JSON text with its members in AWS's order.
    pub(super) fn text(&self) -> String {
        let (id, at, url) = (self.message_id.to_string(), self.at.to_iso(), self.subscribe_url());
        let (kind, message) = (self.handshake.kind(), self.handshake.message(self.topic));
        let signed = text_to_sign(&[
            ("Message", Some(&message)),
            ("MessageId", Some(&id)),
            ("SubscribeURL", Some(&url)),
            ("Timestamp", Some(&at)),
            ("Token", Some(self.token)),
            ("TopicArn", Some(self.topic)),
            ("Type", Some(kind)),
        ]);
        let mut members = Members::default();
        members.text("Type", kind);
        members.text("MessageId", &id);
        members.text("Token", self.token);
        members.text("TopicArn", self.topic);
        members.text("Message", &message);
        members.text("SubscribeURL", &url);
        members.text("Timestamp", &at);
        members.text("SignatureVersion", &self.signature_version.to_string());
        members.text("Signature", &sign(self.signature_version, &signed));
        members.text("SigningCertURL", &format!("{}{}", self.service_url, *CERTIFICATE_PATH));
        members.finish()
    }
}

/// A JSON object whose members keep the order that they are written in.
#[derive(Default)]
struct Members(String);

impl Members {
    fn text(&mut self, name: &str, text: &str) {
        self.value(name, &Value::from(text));
    }

    fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    fn value(&mut self, name: &str, value: &Value) {
        let comma = if self.0.is_empty() { "" } else { ",\n  " };
        self.0 += &format!("{comma}\"{name}\" : {value}");
    }

    fn finish(self) -> String {
        format!("{{\n  {}\n}}", self.0)
    }
}
