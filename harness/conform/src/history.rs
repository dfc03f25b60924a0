//! What happened to messages during a case, in the order in which it was known.
//!
//! Checkers judge a history; written as JSON lines it can be judged again later.

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use proofmark_backend::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Something that happened: between `began` and `ended`, as the client saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When the request was sent, in nanoseconds since the epoch.
    pub began: Timestamp,
    /// When its answer was there, in nanoseconds since the epoch.
    pub ended: Timestamp,
    /// The queue, by the name that the case gave it.
    pub queue: String,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum What {
    /// It was accepted by the queue.
    Sent {
        /// The message's id.
        message_id: String,
        /// Its group, in a FIFO queue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// Its sequence number, in a FIFO queue.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "digits")]
        sequence: Option<u128>,
    },
    /// It was received.
    Received {
        /// The message's id.
        message_id: String,
        /// The receipt handle of this delivery.
        receipt: String,
        /// For how many seconds nobody else shall receive it, from the receive on.
        visibility_seconds: u64,
        /// Its group, if the receive asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// Its sequence number, if the receive asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "digits")]
        sequence: Option<u128>,
    },
    /// It was deleted.
    Deleted {
        /// The message's id.
        message_id: String,
    },
    /// Its visibility timeout was changed.
    VisibilityChanged {
        /// The message's id.
        message_id: String,
        /// Seconds from the change on.
        seconds: u64,
    },
}

impl What {
    /// The message that it happened to.
    #[must_use]
    pub fn message_id(&self) -> &str {
        match self {
            What::Sent { message_id, .. }
            | What::Received { message_id, .. }
            | What::Deleted { message_id }
            | What::VisibilityChanged { message_id, .. } => message_id,
        }
    }
}

/// The events of one case.
#[derive(Debug, Default)]
pub struct History(Mutex<Vec<Event>>);

impl History {
    /// Notes an event.
    pub fn push(&self, event: Event) {
        self.events_mut().push(event);
    }

    /// Notes every message of one receive, in its order.
    pub fn received(
        &self,
        queue: &str,
        (began, ended): (Timestamp, Timestamp),
        visibility: Duration,
        messages: &[Message],
    ) {
        for message in messages {
            let what = what_was_received(message, visibility);
            self.push(Event { began, ended, queue: queue.to_owned(), what });
        }
    }

    /// The events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.events_mut().clone()
    }

    /// One JSON object per line and event, always the same for the same events.
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        self.events().iter().map(|event| serde_json::to_string(event).unwrap_or_default() + "\n").collect()
    }

    /// Reads what [`History::to_json_lines`] wrote.
    ///
    /// # Errors
    /// If a line is not an event.
    pub fn from_json_lines(text: &str) -> Result<Self, serde_json::Error> {
        let events: Result<Vec<Event>, _> = text.lines().map(serde_json::from_str).collect();
        Ok(History(Mutex::new(events?)))
    }

    fn events_mut(&self) -> MutexGuard<'_, Vec<Event>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn what_was_received(message: &Message, visibility: Duration) -> What {
    let attribute = |name| message.attributes().and_then(|attributes| attributes.get(&name)).cloned();
    What::Received {
        message_id: message.message_id().unwrap_or_default().to_owned(),
        receipt: message.receipt_handle().unwrap_or_default().to_owned(),
        visibility_seconds: visibility.as_secs(),
        group: attribute(MessageSystemAttributeName::MessageGroupId),
        sequence: attribute(MessageSystemAttributeName::SequenceNumber).and_then(|number| number.parse().ok()),
    }
}

/// Sequence numbers are longer than a JSON number may be relied on to keep, so they are written as text, as AWS does.
mod digits {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
    pub(super) fn serialize<S: Serializer>(number: &Option<u128>, to: S) -> Result<S::Ok, S::Error> {
        match number {
            Some(number) => to.collect_str(number),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u128>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_survives_being_written_and_read() {
        let history = History::default();
        let span = (Timestamp::from_seconds(1), Timestamp::from_seconds(2));
        let message = Message::builder()
            .message_id("m")
            .receipt_handle("r")
            .attributes(MessageSystemAttributeName::SequenceNumber, "18850000000000000001")
            .build();
        history.received("orders", span, Duration::from_secs(30), &[message]);
        let lines = history.to_json_lines();
        let sequence = "18850000000000000001";
        assert_eq!(
            lines,
            format!(
                "{{\"began\":1000000000,\"ended\":2000000000,\"queue\":\"orders\",\"event\":\"received\",\
                 \"message_id\":\"m\",\"receipt\":\"r\",\"visibility_seconds\":30,\"sequence\":\"{sequence}\"}}\n"
            )
        );
        assert_eq!(History::from_json_lines(&lines).unwrap().events(), history.events());
    }
}
