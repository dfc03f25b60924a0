//! An ordered tree of any input or output: what the Query protocol's writers, and its client, work on.
//!
//! The JSON protocol never makes one; it goes straight between bytes and typed values.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Number;
use std::borrow::Cow;
use std::fmt;

/// A value of any shape.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Nothing: an absent member.
    Absent,
    /// A boolean.
    Flag(bool),
    /// A number.
    Number(Number),
    /// Text, also of binary values, timestamps and digests.
    Text(String),
    /// A list.
    List(Vec<Shape>),
    /// A structure or a map; only the service's table knows which.
    Members(Members),
}

/// Named values in order.
pub(crate) type Members = Vec<(Cow<'static, str>, Shape)>;

impl Shape {
    /// Text of any kind.
    pub(crate) fn text(text: impl Into<String>) -> Shape {
        Shape::Text(text.into())
    }

    /// A structure with these members.
    pub(crate) fn structure<const N: usize>(members: [(&'static str, Shape); N]) -> Shape {
        Shape::Members(members.into_iter().map(|(name, shape)| (Cow::Borrowed(name), shape)).collect())
    }

    /// How a scalar is spelled in a form or in XML; `None` for what is no scalar.
    pub(crate) fn spelled(&self) -> Option<Cow<'_, str>> {
        match self {
            Shape::Flag(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
            Shape::Number(number) => Some(Cow::Owned(number.to_string())),
            Shape::Text(text) => Some(Cow::Borrowed(text)),
            Shape::Absent | Shape::List(_) | Shape::Members(_) => None,
        }
    }
}

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Shape::Absent => serializer.serialize_none(),
            Shape::Flag(flag) => serializer.serialize_bool(*flag),
            Shape::Number(number) => number.serialize(serializer),
            Shape::Text(text) => serializer.serialize_str(text),
            Shape::List(items) => items.serialize(serializer),
            Shape::Members(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, shape) in members {
                    map.serialize_entry(name, shape)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Absent)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Shape, E> {
        Ok(Shape::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Shape, E> {
        Ok(Shape::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Shape, E> {
        Ok(Shape::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Shape, E> {
        Ok(Number::from_f64(number).map_or(Shape::Absent, Shape::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(Shape::text(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Shape, E> {
        Ok(Shape::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Shape, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Shape::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Shape, A::Error> {
        let mut members = Members::new();
        while let Some((name, shape)) = access.next_entry::<String, Shape>()? {
            members.push((Cow::Owned(name), shape));
        }
        Ok(Shape::Members(members))
    }
}
