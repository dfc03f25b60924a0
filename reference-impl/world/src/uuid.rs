//! UUIDs as SQS and SNS use them: message ids and request ids.

use serde::{Deserialize, Serialize};
use std::fmt;

const HEX: &[u8; 16] = b"0123456789abcdef";
const DASH_BEFORE_BYTE: [usize; 4] = [4, 6, 8, 10];

/// A UUID, written as 36 lower-case characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uuid(u128);

impl Uuid {
    /// A version 4 UUID from 128 random bits (RFC 9562, section 5.4).
    #[must_use]
    pub const fn from_random(bits: u128) -> Self {
        let version = (bits & !(0xf << 76)) | (4 << 76);
        Uuid((version & !(0b11 << 62)) | (0b10 << 62))
    }

    /// The number as stored.
    #[must_use]
    pub const fn as_u128(self) -> u128 {
        self.0
    }

    fn write(self, text: &mut [u8; 36]) {
        let mut at = 0;
        for (index, byte) in self.0.to_be_bytes().into_iter().enumerate() {
            if DASH_BEFORE_BYTE.contains(&index) {
                text[at] = b'-';
                at += 1;
            }
            text[at] = HEX[usize::from(byte >> 4)];
            text[at + 1] = HEX[usize::from(byte & 0xf)];
            at += 2;
        }
    }

    fn with_text<T>(self, use_text: impl FnOnce(&str) -> T) -> T {
        let mut text = [0; 36];
        self.write(&mut text);
        use_text(std::str::from_utf8(&text).unwrap_or_default())
    }

    /// Parses the 36-character form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 36 && [8, 13, 18, 23].iter().all(|&dash| bytes[dash] == b'-');
        shaped.then_some(())?;
        let digits: String = text.chars().filter(|&character| character != '-').collect();
        (digits.len() == 32).then(|| u128::from_str_radix(&digits, 16).ok().map(Uuid))?
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| formatter.write_str(text))
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for Uuid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_text(|text| serializer.serialize_str(text))
    }
}

impl<'de> Deserialize<'de> for Uuid {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Uuid::parse(&text).ok_or_else(|| serde::de::Error::custom("malformed UUID"))
    }
}
