//! What may be in a message: attributes, subject, structure, size.

use super::api::{MessageAttributeValue, MessageAttributes};
use super::errors::{PARAMETER_VALUE_INVALID, invalid, missing};
use super::limits;
use crate::Profile;
use crate::error::ApiError;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The texts of a message: one for all, or one per protocol.
#[derive(Clone, Debug)]
pub(super) enum Texts {
    /// The same for every protocol.
    Same(Arc<str>),
    /// `MessageStructure=json`: by protocol, with a default.
    PerProtocol { default: Arc<str>, others: Vec<(String, Arc<str>)> },
}

impl Texts {
    /// Reads the message as its structure says.
    pub(super) fn read(message: &Arc<str>, structure: Option<&str>) -> Result<Self, ApiError> {
        match structure {
            None | Some("") => Ok(Texts::Same(message.clone())),
            Some("json") => per_protocol(message),
            Some(_) => Err(invalid("MessageStructure")),
        }
    }

    /// The text for a protocol, as the keys of the structure name it: `sqs`, `email`, `APNS` and so on.
    pub(super) fn for_protocol(&self, key: &str) -> &Arc<str> {
        match self {
            Texts::Same(text) => text,
            Texts::PerProtocol { default, others } => {
                others.iter().find(|(protocol, _)| protocol == key).map_or(default, |(_, text)| text)
            }
        }
    }
}

fn per_protocol(message: &str) -> Result<Texts, ApiError> {
    let Ok(Value::Object(texts)) = serde_json::from_str::<Value>(message) else {
        return Err(invalid("Message Structure - JSON message body failed to parse"));
    };
    let Some(default) = texts.get("default").and_then(Value::as_str) else {
        return Err(invalid("Message Structure - No default entry in JSON message body"));
    };
    Ok(Texts::PerProtocol { default: default.into(), others: strings(&texts) })
}

/// The protocols whose value is a string; AWS ignores the others.
fn strings(texts: &Map<String, Value>) -> Vec<(String, Arc<str>)> {
    let string = |(key, value): (&String, &Value)| value.as_str().map(|text| (key.clone(), text.into()));
    texts.iter().filter_map(string).collect()
}

/// Bytes of a message, attributes included.
pub(super) fn size(message: &str, attributes: &MessageAttributes) -> usize {
    let of_attribute = |(name, value): (&Arc<str>, &MessageAttributeValue)| {
        let text = value.string_value.as_deref().map_or(0, str::len);
        let bytes = value.binary_value.as_ref().map_or(0, |blob| blob.0.len());
        name.len() + value.data_type.as_deref().map_or(0, str::len) + text + bytes
    };
    message.len() + attributes.iter().map(of_attribute).sum::<usize>()
}

/// Checks a subject: neither empty nor long, and on one line.
pub(super) fn check_subject(subject: Option<&str>, profile: Profile) -> Result<(), ApiError> {
    let Some(subject) = subject else { return Ok(()) };
    let fits = (1..limits::SUBJECT_CHARACTERS).contains(&subject.chars().count());
    let printable = !subject.chars().any(char::is_control);
    // In 2021: ASCII that begins with a letter, a digit or punctuation.
    let plain = subject.is_ascii() && !subject.starts_with(' ');
    let characters = printable && (plain || limits::UNICODE_SUBJECTS.at(profile));
    if fits && characters { Ok(()) } else { Err(invalid("Subject")) }
}

/// Checks the attributes that a publisher gives a message.
pub(super) fn check_attributes(attributes: &MessageAttributes) -> Result<(), ApiError> {
    attributes.iter().try_for_each(|(name, value)| {
        check_name(name)?;
        check_value(name, value)
    })
}

fn wrong(text: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(&PARAMETER_VALUE_INVALID, text)
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if name.len() > limits::ATTRIBUTE_NAME_BYTES {
        let most = limits::ATTRIBUTE_NAME_BYTES;
        return Err(wrong(format!("Length of message attribute name must be less than {most} bytes.")));
    }
    let allowed = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    if let Some(character) = name.chars().find(|character| !allowed(character)) {
        return Err(wrong(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include \
             alphanumeric characters, hyphens, underscores, or dots.",
            u32::from(character)
        )));
    }
    if name.starts_with('.') {
        return Err(wrong("Invalid message attribute name starting with character '.' was found."));
    }
    if name.ends_with('.') {
        return Err(wrong("Invalid message attribute name ending with character '.' was found."));
    }
    if name.contains("..") {
        return Err(wrong("Message attribute name can not have successive '.' character."));
    }
    Ok(())
}

fn check_value(name: &str, value: &MessageAttributeValue) -> Result<(), ApiError> {
    let data_type = value.data_type.as_deref().unwrap_or_default();
    if data_type.is_empty() {
        return Err(missing(&format!("messageAttributes.{name}.member.dataType")));
    }
    let (base, label) = data_type.split_once('.').map_or((data_type, None), |(base, label)| (base, Some(label)));
    let known = matches!(base, "String" | "Number" | "Binary") && label != Some("");
    if !known {
        return Err(wrong(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes \
             is Binary, Number, and String."
        )));
    }
    check_field(name, data_type, base == "Binary", value)
}

/// Checks that the value is where its type says, and not empty.
fn check_field(name: &str, data_type: &str, binary: bool, value: &MessageAttributeValue) -> Result<(), ApiError> {
    let text = value.string_value.as_deref().filter(|text| !text.is_empty());
    let bytes = value.binary_value.as_ref().filter(|blob| !blob.0.is_empty());
    let (right, other, field) = match binary {
        true => (bytes.is_some(), text.is_some(), "Binary"),
        false => (text.is_some(), bytes.is_some(), "String"),
    };
    if !right && !other {
        return Err(wrong(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type \
             '{data_type}'."
        )));
    }
    if !right {
        return Err(wrong(format!("The message attribute '{name}' with type '{data_type}' must use field '{field}'.")));
    }
    Ok(())
}
