//! Serde's way from any value into a [`Shape`].
//!
//! AWS's shapes have neither tuples nor enumerations with data; a value that has is refused. The output of an
//! operation that answers nothing is [`Shape::Absent`], and so differs from an output whose members are all absent.

use crate::shape::{Members, Shape};
use serde::ser::{Error, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use std::borrow::Cow;
use std::fmt;

/// The structure that the world's operations without output answer.
const NO_OUTPUT: &str = "Empty";

/// The shape of a value.
pub(crate) fn shape_of(value: &impl Serialize) -> Result<Shape, BuildError> {
    value.serialize(Builder)
}

/// Why a value has no shape.
#[derive(Debug)]
pub(crate) struct BuildError(String);

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for BuildError {}

impl Error for BuildError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        BuildError(message.to_string())
    }
}

fn unsupported<T>(kind: &str) -> Result<T, BuildError> {
    Err(Error::custom(format_args!("AWS has no shape for a {kind}")))
}

struct Builder;

/// Makes a number's shape.
macro_rules! build_numbers {
    ($($serialize:ident $type:ty,)*) => {
        $(fn $serialize(self, number: $type) -> Result<Shape, BuildError> {
            Ok(Shape::Number(number.into()))
        })*
    };
}

impl Serializer for Builder {
    type Ok = Shape;
    type Error = BuildError;
    type SerializeSeq = ListBuilder;
    type SerializeMap = MembersBuilder;
    type SerializeStruct = MembersBuilder;
    type SerializeTuple = Impossible<Shape, BuildError>;
    type SerializeTupleStruct = Impossible<Shape, BuildError>;
    type SerializeTupleVariant = Impossible<Shape, BuildError>;
    type SerializeStructVariant = Impossible<Shape, BuildError>;

    build_numbers! {
        serialize_i8 i8,
        serialize_i16 i16,
        serialize_i32 i32,
        serialize_i64 i64,
        serialize_u8 u8,
        serialize_u16 u16,
        serialize_u32 u32,
        serialize_u64 u64,
    }

    fn serialize_bool(self, flag: bool) -> Result<Shape, BuildError> {
        Ok(Shape::Flag(flag))
    }

    fn serialize_f32(self, number: f32) -> Result<Shape, BuildError> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<Shape, BuildError> {
        Ok(serde_json::Number::from_f64(number).map_or(Shape::Absent, Shape::Number))
    }

    fn serialize_char(self, character: char) -> Result<Shape, BuildError> {
        Ok(Shape::text(character))
    }

    fn serialize_str(self, text: &str) -> Result<Shape, BuildError> {
        Ok(Shape::text(text))
    }

    fn serialize_bytes(self, _bytes: &[u8]) -> Result<Shape, BuildError> {
        unsupported("byte string (a blob is text in base64)")
    }

    fn serialize_none(self) -> Result<Shape, BuildError> {
        Ok(Shape::Absent)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Shape, BuildError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Shape, BuildError> {
        Ok(Shape::Absent)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Shape, BuildError> {
        Ok(Shape::Absent)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Shape, BuildError> {
        Ok(Shape::text(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<Shape, BuildError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<Shape, BuildError> {
        unsupported("newtype variant")
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<ListBuilder, BuildError> {
        Ok(ListBuilder(Vec::with_capacity(length.unwrap_or_default())))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<MembersBuilder, BuildError> {
        Ok(MembersBuilder::with_capacity(length.unwrap_or_default()))
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<MembersBuilder, BuildError> {
        Ok(MembersBuilder { no_output: name == NO_OUTPUT, ..MembersBuilder::with_capacity(length) })
    }

    fn serialize_tuple(self, _length: usize) -> Result<Self::SerializeTuple, BuildError> {
        unsupported("tuple")
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<Self::SerializeTuple, BuildError> {
        unsupported("tuple structure")
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant, BuildError> {
        unsupported("tuple variant")
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant, BuildError> {
        unsupported("structure variant")
    }
}

struct ListBuilder(Vec<Shape>);

impl SerializeSeq for ListBuilder {
    type Ok = Shape;
    type Error = BuildError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BuildError> {
        self.0.push(value.serialize(Builder)?);
        Ok(())
    }

    fn end(self) -> Result<Shape, BuildError> {
        Ok(Shape::List(self.0))
    }
}

struct MembersBuilder {
    members: Members,
    key: Cow<'static, str>,
    no_output: bool,
}

impl MembersBuilder {
    fn with_capacity(length: usize) -> Self {
        MembersBuilder { members: Vec::with_capacity(length), key: Cow::Borrowed(""), no_output: false }
    }
}

impl SerializeMap for MembersBuilder {
    type Ok = Shape;
    type Error = BuildError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), BuildError> {
        let shape = key.serialize(Builder)?;
        let spelled = shape.spelled().ok_or_else(|| BuildError("a map's key must be a scalar".to_owned()))?;
        self.key = Cow::Owned(spelled.into_owned());
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BuildError> {
        self.members.push((std::mem::take(&mut self.key), value.serialize(Builder)?));
        Ok(())
    }

    fn end(self) -> Result<Shape, BuildError> {
        Ok(Shape::Members(self.members))
    }
}

impl SerializeStruct for MembersBuilder {
    type Ok = Shape;
    type Error = BuildError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), BuildError> {
        self.members.push((Cow::Borrowed(key), value.serialize(Builder)?));
        Ok(())
    }

    fn end(self) -> Result<Shape, BuildError> {
        Ok(if self.no_output { Shape::Absent } else { Shape::Members(self.members) })
    }
}
