//! A message, taken apart once and then held against every policy.

use super::json::{self, Literal, Members, Node, Value};
use super::number::Number;
use std::borrow::Cow;

/// The value of one message attribute, as filters see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeValue<'a> {
    /// `String`, and `String.` with a label of the sender's.
    String(&'a str),
    /// `Number`, and `Number.` with a label.
    Number(&'a str),
    /// `String.Array`: the text of a JSON array of strings, numbers, booleans and nulls.
    StringArray(&'a str),
    /// Filters do not see binary values: to them, even to `exists`, the attribute is not there.
    Binary,
}

impl<'a> AttributeValue<'a> {
    /// The value of an attribute with this `DataType` and this `StringValue`.
    #[must_use]
    pub fn typed(data_type: &str, string_value: &'a str) -> Self {
        match data_type.split('.').next() {
            Some("String") if data_type == "String.Array" => AttributeValue::StringArray(string_value),
            Some("String") => AttributeValue::String(string_value),
            Some("Number") => AttributeValue::Number(string_value),
            _ => AttributeValue::Binary,
        }
    }
}

/// The attributes of one message.
#[derive(Clone, Debug)]
pub struct Attributes<'a> {
    /// `None` if one of them is invalid, which no policy on attributes matches.
    members: Option<Members<'a>>,
}

impl<'a> Attributes<'a> {
    pub(super) fn members(&self) -> Option<&Members<'a>> {
        self.members.as_ref()
    }
}

impl<'a> FromIterator<(&'a str, AttributeValue<'a>)> for Attributes<'a> {
    fn from_iter<I: IntoIterator<Item = (&'a str, AttributeValue<'a>)>>(attributes: I) -> Self {
        let mut members = Vec::new();
        for (name, value) in attributes {
            let node = match value {
                AttributeValue::String(text) => Some(scalar(Literal::String(escaped(text.into())))),
                AttributeValue::Number(text) => Some(scalar(Literal::Number(Number::parse(text)))),
                AttributeValue::StringArray(text) => json::parse(text).ok().and_then(array),
                AttributeValue::Binary => continue,
            };
            let Some(node) = node else { return Attributes { members: None } };
            members.push((name.into(), node));
        }
        Attributes { members: Some(members) }
    }
}

/// `None` if the value is no array, or has arrays or objects in it.
fn array(node: Node<'_>) -> Option<Node<'_>> {
    let Value::Array(items) = node.value else { return None };
    let items = items.into_iter().map(element).collect::<Option<_>>()?;
    Some(Node { value: Value::Array(items), start: 0, end: 0 })
}

fn element(node: Node<'_>) -> Option<Node<'_>> {
    match node.value {
        Value::Scalar(Literal::String(text)) => Some(scalar(Literal::String(escaped(text)))),
        Value::Scalar(literal) => Some(scalar(literal)),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn scalar(literal: Literal<'_>) -> Node<'_> {
    Node { value: Value::Scalar(literal), start: 0, end: 0 }
}

/// A policy on attributes has to escape quotation marks and backslashes twice to match them, says the guide: once
/// for the policy's own JSON, and once more because the attribute is compared as JSON text.
fn escaped(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains(['"', '\\']) { text.replace('\\', "\\\\").replace('"', "\\\"").into() } else { text }
}

/// The body of one message, if it is a JSON object.
#[derive(Clone, Debug)]
pub struct Body<'a> {
    members: Members<'a>,
}

impl<'a> Body<'a> {
    /// Reads a body; `None` if it is no JSON object, which no policy on bodies matches.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        match json::parse(text).ok()?.value {
            Value::Object(members) => Some(Body { members }),
            Value::Array(_) | Value::Scalar(_) => None,
        }
    }

    pub(super) fn members(&self) -> &Members<'a> {
        &self.members
    }
}
