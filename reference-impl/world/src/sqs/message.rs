//! A message as it is kept, and the rules for what may be in one.

use super::api::{AttributeValue, Digest, MessageAttributes};
use super::errors::{INVALID_MESSAGE_CONTENTS, invalid};
use super::limits;
use crate::error::ApiError;
use crate::{Timestamp, Uuid};
use md5::{Digest as _, Md5};
use std::sync::{Arc, LazyLock};

/// Where a message is in the order of its queue. Never reused within a queue.
pub(super) type Sequence = u64;

/// Whether a message can be received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visibility {
    /// It can.
    Ready,
    /// Not before its delay is over.
    Delayed {
        /// When that is.
        until: Timestamp,
    },
    /// Somebody has received it.
    InFlight {
        /// When it becomes visible again.
        until: Timestamp,
    },
}

/// What a message says.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// A text that was sent, and its MD5.
    Sent(Arc<str>, Digest),
    /// A text that is made when somebody looks, because it is dear: a signed envelope.
    Deferred(Arc<DeferredText>),
}

/// Makes a text and its MD5.
type MakeText = Box<dyn FnOnce() -> (Arc<str>, Digest) + Send>;

/// A text, and its MD5, that are made when somebody first looks. Messages in several queues can share it.
#[derive(Debug)]
pub(crate) struct DeferredText {
    made: LazyLock<(Arc<str>, Digest), MakeText>,
    longest_bytes: usize,
}

impl DeferredText {
    /// A text that `make` makes, and that has at most `longest_bytes`.
    pub(crate) fn new(longest_bytes: usize, make: impl FnOnce() -> String + Send + 'static) -> Self {
        let make = move || {
            let text = make();
            let md5 = md5_of_body(&text);
            (text.into(), md5)
        };
        DeferredText { made: LazyLock::new(Box::new(make)), longest_bytes }
    }
}

impl Body {
    /// A text that was sent.
    pub(crate) fn sent(text: Arc<str>) -> Self {
        let md5 = md5_of_body(&text);
        Body::Sent(text, md5)
    }

    pub(super) fn text(&self) -> &Arc<str> {
        match self {
            Body::Sent(text, _) => text,
            Body::Deferred(deferred) => &deferred.made.0,
        }
    }

    pub(super) fn md5(&self) -> Digest {
        match self {
            Body::Sent(_, md5) => *md5,
            Body::Deferred(deferred) => deferred.made.1,
        }
    }

    /// The MD5, if it was asked for when the message was sent.
    pub(super) fn known_md5(&self) -> Option<Digest> {
        match self {
            Body::Sent(_, md5) => Some(*md5),
            Body::Deferred(_) => None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.longest_bytes() == 0
    }

    /// Bytes at most, without making the text.
    pub(super) fn longest_bytes(&self) -> usize {
        match self {
            Body::Sent(text, _) => text.len(),
            Body::Deferred(deferred) => deferred.longest_bytes,
        }
    }
}

/// A message in a queue.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) id: Uuid,
    pub(super) sequence: Sequence,
    pub(super) body: Body,
    pub(super) group: Option<Arc<str>>,
    pub(super) sender: Arc<str>,
    /// When SendMessage was called; never changes.
    pub(super) sent_at: Timestamp,
    /// What retention counts from.
    pub(super) enqueued_at: Timestamp,
    pub(super) visibility: Visibility,
    /// The latest receive, which the total visibility timeout counts from.
    pub(super) received_at: Timestamp,
    pub(super) first_received_at: Timestamp,
    /// Over all queues that the message was in.
    pub(super) receive_count: u32,
    /// Names the latest receive in this queue; part of the receipt handle.
    pub(super) receive: u32,
    /// Whether its visibility was changed since the latest receive.
    pub(super) changed: bool,
    /// What most messages do not have.
    pub(super) extras: Option<Box<Extras>>,
}

/// The parts that few messages have.
#[derive(Clone, Debug, Default)]
pub(super) struct Extras {
    pub(super) attributes: MessageAttributes,
    pub(super) attributes_md5: Option<Digest>,
    pub(super) trace_header: Option<Arc<str>>,
    pub(super) deduplication_id: Option<Arc<str>>,
    pub(super) dead_letter_source: Option<Arc<str>>,
    /// It was deleted once already and came back. See [`crate::Freedom::delete_reappears`].
    pub(super) reappeared: bool,
}

impl Stored {
    pub(super) fn extras_mut(&mut self) -> &mut Extras {
        self.extras.get_or_insert_default()
    }

    pub(super) fn is_ready(&self) -> bool {
        self.visibility == Visibility::Ready
    }

    pub(super) fn is_in_flight(&self) -> bool {
        matches!(self.visibility, Visibility::InFlight { .. })
    }

    pub(super) fn expired(&self, now: Timestamp, retention: std::time::Duration) -> bool {
        now >= self.enqueued_at + retention
    }
}

/// MD5 of a body.
pub(super) fn md5_of_body(body: &str) -> Digest {
    Digest(Md5::digest(body.as_bytes()).into())
}

/// MD5 of message attributes, as AWS documents it: for each, by name, the length-prefixed name and type, one byte
/// for the transport type, and the length-prefixed value. `None` if there are no attributes.
#[must_use]
pub fn md5_of_attributes<'a>(
    attributes: impl IntoIterator<Item = (&'a Arc<str>, &'a AttributeValue)>,
) -> Option<Digest> {
    let mut hash = Md5::new();
    let mut any = false;
    for (name, value) in attributes {
        any = true;
        let data_type = value.data_type.as_deref().unwrap_or_default();
        update_with_length(&mut hash, name.as_bytes());
        update_with_length(&mut hash, data_type.as_bytes());
        let (transport, bytes) = transported(value);
        hash.update([transport]);
        update_with_length(&mut hash, bytes);
    }
    any.then(|| Digest(hash.finalize().into()))
}

fn transported(value: &AttributeValue) -> (u8, &[u8]) {
    match &value.binary_value {
        Some(blob) => (2, &blob.0),
        None => (1, value.string_value.as_deref().unwrap_or_default().as_bytes()),
    }
}

fn update_with_length(hash: &mut Md5, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    hash.update(length.to_be_bytes());
    hash.update(bytes);
}

/// The bytes that count toward the size limits: body, and name, type and value of every attribute.
pub(super) fn size(body_bytes: usize, attributes: &MessageAttributes) -> usize {
    let attribute_bytes: usize = attributes
        .iter()
        .map(|(name, value)| {
            name.len() + value.data_type.as_deref().unwrap_or_default().len() + transported(value).1.len()
        })
        .sum();
    body_bytes + attribute_bytes
}

/// Whether XML 1.0 allows the character, which is SQS's rule for bodies and attribute values.
fn allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether every byte is printable ASCII: true for most bodies, and quick to find out.
fn plain(text: &str) -> bool {
    // To its end, without an early way out, so that many bytes are looked at in one step.
    text.bytes().fold(true, |plain, byte| plain & (0x20..0x7f).contains(&byte))
}

fn contains_only_allowed(text: &str) -> bool {
    plain(text) || text.chars().all(allowed)
}

/// Checks the characters of a body. A text that another service makes is JSON, which escapes what is not allowed.
pub(super) fn check_body(body: &Body) -> Result<(), ApiError> {
    match body {
        Body::Sent(text, _) if !contains_only_allowed(text) => {}
        _ => return Ok(()),
    }
    let text = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | \
                #xE000 to #xFFFD | #x10000 to #x10FFFF";
    Err(ApiError::new(&INVALID_MESSAGE_CONTENTS, text))
}

/// Checks the attributes that a sender gives a message.
pub(super) fn check_attributes(attributes: &MessageAttributes) -> Result<(), ApiError> {
    if attributes.len() > limits::MESSAGE_ATTRIBUTES {
        let (count, maximum) = (attributes.len(), limits::MESSAGE_ATTRIBUTES);
        return Err(invalid(format!(
            "Number of message attributes [{count}] exceeds the allowed maximum [{maximum}]."
        )));
    }
    attributes.iter().try_for_each(|(name, value)| {
        check_attribute_name(name)?;
        check_attribute_value("user", name, value)
    })
}

/// Checks the system attributes that a sender gives a message: only `AWSTraceHeader` is one.
pub(super) fn check_system_attributes(attributes: &MessageAttributes) -> Result<(), ApiError> {
    attributes.iter().try_for_each(|(name, value)| {
        if &**name != "AWSTraceHeader" {
            return Err(invalid(format!("Message system attribute name '{name}' is invalid.")));
        }
        check_attribute_value("system", name, value)?;
        let header = value.string_value.as_deref().unwrap_or_default();
        if value.data_type.as_deref() != Some("String") || !header.contains("Root=") {
            return Err(invalid(
                "Message system attribute 'AWSTraceHeader' must be a String with a valid X-Ray header.",
            ));
        }
        Ok(())
    })
}

fn check_attribute_name(name: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(invalid("Message (user) attribute name must be non-empty."));
    }
    if name.chars().count() > limits::MESSAGE_ATTRIBUTE_NAME_CHARACTERS {
        return Err(invalid(format!(
            "Length of message attribute name must be less than {} bytes.",
            limits::MESSAGE_ATTRIBUTE_NAME_CHARACTERS
        )));
    }
    let reserved = ["aws.", "amazon."].iter().any(|prefix| name.to_ascii_lowercase().starts_with(prefix));
    let charset = name.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '.'));
    if reserved || !charset || name.starts_with('.') || name.ends_with('.') {
        return Err(invalid(format!(
            "The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore \
             (_), hyphen (-), and period (.) characters; it must not begin with AWS. or Amazon., nor begin or end \
             with a period."
        )));
    }
    Ok(())
}

fn check_attribute_value(kind: &str, name: &str, value: &AttributeValue) -> Result<(), ApiError> {
    let data_type = value.data_type.as_deref().unwrap_or_default();
    let base = data_type.split('.').next().unwrap_or_default();
    if data_type.is_empty() {
        return Err(invalid(format!(
            "The message attribute '{name}' must contain a non-empty message attribute type."
        )));
    }
    if data_type.chars().count() > limits::MESSAGE_ATTRIBUTE_NAME_CHARACTERS {
        return Err(invalid(format!("The type of message attribute '{name}' is too long.")));
    }
    if value.string_list_values.as_ref().is_some_and(|list| !list.is_empty())
        || value.binary_list_values.as_ref().is_some_and(|list| !list.is_empty())
    {
        return Err(invalid(format!("Message attribute list values in attribute '{name}' are not supported.")));
    }
    match base {
        "String" | "Number" => check_text(kind, name, base, value),
        "Binary" => match &value.binary_value {
            Some(blob) if !blob.0.is_empty() => Ok(()),
            _ => Err(empty_value(kind, name, base)),
        },
        _ => Err(invalid(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes \
             is Binary, Number, and String."
        ))),
    }
}

fn check_text(kind: &str, name: &str, base: &str, value: &AttributeValue) -> Result<(), ApiError> {
    let text = value.string_value.as_deref().unwrap_or_default();
    if text.is_empty() {
        return Err(empty_value(kind, name, base));
    }
    if !contains_only_allowed(text) {
        return Err(invalid(format!(
            "Invalid characters found in message attribute '{name}'. Valid unicode characters are #x9 | #xA | #xD | \
             #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
        )));
    }
    if base == "Number" && !is_number(text) {
        return Err(invalid(format!("Can't cast the value of message ({kind}) attribute '{name}' to a number.")));
    }
    Ok(())
}

fn empty_value(kind: &str, name: &str, base: &str) -> ApiError {
    invalid(format!("Message ({kind}) attribute '{name}' must contain a non-empty value of type '{base}'."))
}

/// Whether `text` is a decimal number within SQS's precision and magnitude.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()),
        None => (unsigned, Some(0)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits_only = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    let Some(exponent) = exponent.filter(|_| digits_only && !(whole.is_empty() && fraction.is_empty())) else {
        return false;
    };
    let all: String = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return true;
    }
    let leading_zeros = all.len() - significant.len();
    let position = i64::try_from(whole.len()).unwrap_or(i64::MAX) - i64::try_from(leading_zeros).unwrap_or(0) - 1;
    significant.trim_end_matches('0').len() <= limits::NUMBER_DIGITS
        && limits::NUMBER_EXPONENT.contains(&exponent.saturating_add(position))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(data_type: &str, text: &str) -> AttributeValue {
        AttributeValue {
            data_type: Some(data_type.into()),
            string_value: Some(text.into()),
            ..AttributeValue::default()
        }
    }

    fn digest(attributes: &[(&str, &str, &str)]) -> String {
        let map: MessageAttributes =
            attributes.iter().map(|(name, kind, text)| ((*name).into(), attribute(kind, text))).collect();
        serde_json::to_string(&md5_of_attributes(&map)).unwrap_or_default().replace('"', "")
    }

    /// The digests that AWS was recorded to answer (`sqs.mattr.md5`).
    #[test]
    fn attribute_digests_match_the_recorded_ones() {
        assert_eq!(digest(&[("k", "String", "x")]), "a45daa70926828a2f0a1db3418e6feb4");
        assert_eq!(digest(&[("timestamp", "Number", "1493147359900")]), "235c5c510d26fb653d073faed50ae77c");
        assert_eq!(
            digest(&[("Help.Me", "String", "Me"), ("Hello", "String", "There"), ("General", "String", "Kenobi")]),
            "4c360f3fdafd970e05fae2f149d997f5"
        );
    }

    #[test]
    fn numbers_keep_within_precision_and_magnitude() {
        let longest = "9".repeat(38);
        let magnitudes = ["1e126", "1e-128", "123.456", "-0", "+.5", "00012"];
        assert!(magnitudes.iter().all(|text| is_number(text)) && is_number(&longest));
        let too_long = "9".repeat(39);
        let wrong = ["1e127", "1e-129", "", "-", ".", "1.2.3", "abc", "1e", "NaN"];
        assert!(!wrong.iter().any(|text| is_number(text)) && !is_number(&too_long));
    }
}
