//! Serde's view of a parameter tree: typed inputs read from it, led by the service's names.
//!
//! | Serde asks for | What is read |
//! |---|---|
//! | a structure | each member from its own location; what is absent is not there |
//! | a list | the numbered items, below `member` if the list is not flattened |
//! | a map | the numbered entries, each a key and a value |
//! | a number or boolean | the text, parsed |

use crate::dialect::{Layout, Names};
use crate::json::shortened;
use crate::parameters::Parameters;
use serde::Deserializer;
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::fmt;

static NOTHING: Parameters = Parameters::EMPTY;

/// Why an input could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReadError(String);

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        ReadError(shortened(&message.to_string()))
    }
}

/// Reads one node of the tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    node: &'a Parameters,
    names: Names<'a>,
    layout: Layout,
}

impl<'a> Reader<'a> {
    /// Reads the members of an operation's input from the root of the tree.
    pub(crate) fn new(root: &'a Parameters, names: Names<'a>) -> Self {
        Reader { node: root, names, layout: Layout::Plain }
    }

    fn at(self, node: &'a Parameters, layout: Layout) -> Self {
        Reader { node, layout, ..self }
    }

    fn text(self) -> Result<&'a str, ReadError> {
        match self.node.text() {
            Some(text) => Ok(text),
            None if self.node.has_parts() => Err(de::Error::custom("unexpected list or structure")),
            None => Ok(""),
        }
    }

    fn parsed<T: std::str::FromStr>(self, kind: &str) -> Result<T, ReadError> {
        let text = self.text()?;
        text.parse().map_err(|_| de::Error::custom(format_args!("'{}' is not {kind}", shortened(text))))
    }

    fn items(self, below: Option<&str>) -> Box<dyn Iterator<Item = &'a Parameters> + 'a> {
        match below {
            Some(name) => Box::new(self.node.member(name).unwrap_or(&NOTHING).items()),
            None => Box::new(self.node.items()),
        }
    }
}

/// Parses the text and hands the number to the visitor.
macro_rules! read_numbers {
    ($($deserialize:ident $visit:ident $type:ty,)*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
            visitor.$visit(self.parsed::<$type>("a number")?)
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = ReadError;

    read_numbers! {
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_f32 visit_f32 f32,
        deserialize_f64 visit_f64 f64,
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_bool(self.parsed("true or false")?)
    }

    /// Only what is there is read at all, so it is always `Some`.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let below = if let Layout::List { item } = self.layout { item } else { None };
        visitor.visit_seq(Items { reader: self, items: self.items(below) })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let Layout::Map { entry, key, value } = self.layout else {
            return Err(de::Error::custom("unexpected map"));
        };
        visitor.visit_map(Entries { reader: self, items: self.items(entry), key, value, current: &NOTHING })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_map(Members { reader: self, fields: fields.iter(), current: None })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_enum(IntoDeserializer::<ReadError>::into_deserializer(self.text()?))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }
}

/// The members of a structure that are there.
struct Members<'a> {
    reader: Reader<'a>,
    fields: std::slice::Iter<'static, &'static str>,
    current: Option<Reader<'a>>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        for field in self.fields.by_ref() {
            let (location, layout) = self.reader.names.place(field);
            if let Some(node) = self.reader.node.member(location) {
                self.current = Some(self.reader.at(node, layout));
                return seed.deserialize(StrDeserializer::new(field)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let reader = self.current.take().ok_or_else(|| de::Error::custom("a value without a name"))?;
        seed.deserialize(reader)
    }
}

/// The items of a list.
struct Items<'a> {
    reader: Reader<'a>,
    items: Box<dyn Iterator<Item = &'a Parameters> + 'a>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
        self.items.next().map(|node| seed.deserialize(self.reader.at(node, Layout::Plain))).transpose()
    }
}

/// The entries of a map. A key or value that was not sent is empty: the service's to refuse.
struct Entries<'a> {
    reader: Reader<'a>,
    items: Box<dyn Iterator<Item = &'a Parameters> + 'a>,
    key: &'static str,
    value: &'static str,
    current: &'a Parameters,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        let Some(entry) = self.items.next() else { return Ok(None) };
        self.current = entry;
        let key = entry.member(self.key).unwrap_or(&NOTHING);
        seed.deserialize(self.reader.at(key, Layout::Plain)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let value = self.current.member(self.value).unwrap_or(&NOTHING);
        seed.deserialize(self.reader.at(value, Layout::Plain))
    }
}
