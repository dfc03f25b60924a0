//! JSON as the filter policies of AWS are read: a tree that remembers where each value stood in the text.
//!
//! | Item | What it is |
//! |---|---|
//! | [`parse`] | text to [`Node`], or a [`SyntaxError`] |
//! | [`Node`], [`Value`] | a value and its place |
//! | [`Literal`] | what a field can be equal to |
//! | [`location`] | the second line of AWS's messages |
//!
//! AWS reads policies with the Java library Jackson and shows its messages to the caller, so the messages here are
//! Jackson's for the common mistakes, and a place is where Jackson's reader stood when it noticed. Numbers keep
//! their text until they are known to be comparable. Nesting is bounded, as it is in Jackson.

use super::number::Number;
use std::borrow::Cow;

/// How deep arrays and objects may be nested: Jackson's default, which AWS is not known to change.
const MOST_NESTED: usize = 1_000;

const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// A value and its place in the text, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node<'a> {
    pub(super) value: Value<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'a> Node<'a> {
    /// Where Jackson's reader stands after it has seen what kind of value this is: strings are not yet read then.
    pub(super) fn opened(&self) -> usize {
        match &self.value {
            Value::Scalar(Literal::String(_)) | Value::Array(_) | Value::Object(_) => self.start + 1,
            Value::Scalar(_) => self.end,
        }
    }

    /// The text of a string.
    pub(super) fn as_text(&self) -> Option<&Cow<'a, str>> {
        match &self.value {
            Value::Scalar(Literal::String(text)) => Some(text),
            _ => None,
        }
    }
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Scalar(Literal<'a>),
    Array(Vec<Node<'a>>),
    Object(Members<'a>),
}

/// The members of an object, in the order of the text, repeated keys included.
pub(super) type Members<'a> = Vec<(Cow<'a, str>, Node<'a>)>;

/// A value that is neither array nor object. A string is never equal to a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Literal<'a> {
    String(Cow<'a, str>),
    Number(Number<'a>),
    True,
    False,
    Null,
}

impl Literal<'_> {
    pub(super) fn into_owned(self) -> Literal<'static> {
        match self {
            Literal::String(text) => Literal::String(Cow::Owned(text.into_owned())),
            Literal::Number(number) => Literal::Number(number.into_owned()),
            Literal::True => Literal::True,
            Literal::False => Literal::False,
            Literal::Null => Literal::Null,
        }
    }
}

/// Why a text is no JSON, and where the reader stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) message: String,
    pub(super) at: usize,
}

/// The line that Jackson adds to a message: the place, without the source, which AWS has left out since 2024.
pub(super) fn location(text: &str, at: usize) -> String {
    let (line, column) = line_and_column(text, at);
    format!(
        "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
    )
}

/// Lines and columns count from one; columns count UTF-16 units, as Java does.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line = before.split('\n').next_back().unwrap_or_default();
    (before.matches('\n').count() + 1, line.encode_utf16().count() + 1)
}

/// Reads one value that is all of `text`.
pub(super) fn parse(text: &str) -> Result<Node<'_>, SyntaxError> {
    let mut parser = Parser { text, at: 0, open: Vec::new() };
    let root = parser.value()?;
    match parser.peek_token() {
        None => Ok(root),
        Some(_) => parser.fail("Trailing token found after value"),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// The arrays and objects that are not closed yet: their Jackson name, and where they began.
    open: Vec<(&'static str, usize)>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no space.
    fn peek_token(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    fn value(&mut self) -> Result<Node<'a>, SyntaxError> {
        let first = self.peek_token();
        let start = self.at;
        let value = match first {
            Some(b'{') => self.nested("Object", Self::object)?,
            Some(b'[') => self.nested("Array", Self::array)?,
            Some(b'"') => Value::Scalar(Literal::String(self.string("string value")?)),
            Some(b'-' | b'0'..=b'9') => Value::Scalar(self.number()?),
            Some(_) => Value::Scalar(self.word()?),
            None => return self.ended(),
        };
        Ok(Node { value, start, end: self.at })
    }

    fn nested(
        &mut self,
        kind: &'static str,
        read: fn(&mut Self) -> Result<Value<'a>, SyntaxError>,
    ) -> Result<Value<'a>, SyntaxError> {
        self.open.push((kind, self.at + 1));
        self.at += 1;
        if self.open.len() > MOST_NESTED {
            let depth = self.open.len();
            let limit = "from `StreamReadConstraints.getMaxNestingDepth()`";
            return self.fail(format!(
                "Document nesting depth ({depth}) exceeds the maximum allowed ({MOST_NESTED}, {limit})"
            ));
        }
        let value = read(self)?;
        self.open.pop();
        Ok(value)
    }

    fn array(&mut self) -> Result<Value<'a>, SyntaxError> {
        let mut items = Vec::new();
        if self.peek_token() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            if self.closes(b']', "was expecting comma to separate Array entries")? {
                return Ok(Value::Array(items));
            }
        }
    }

    fn object(&mut self) -> Result<Value<'a>, SyntaxError> {
        let mut members = Vec::new();
        if self.peek_token() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            members.push(self.member()?);
            if self.closes(b'}', "was expecting comma to separate Object entries")? {
                return Ok(Value::Object(members));
            }
        }
    }

    fn member(&mut self) -> Result<(Cow<'a, str>, Node<'a>), SyntaxError> {
        if self.peek_token() != Some(b'"') {
            return self.unexpected(": was expecting double-quote to start field name");
        }
        let name = self.string("name")?;
        if self.peek_token() != Some(b':') {
            return self.unexpected(": was expecting a colon to separate field name and value");
        }
        self.at += 1;
        Ok((name, self.value()?))
    }

    /// Steps over a comma or the closing `mark`, and says whether it was the mark.
    fn closes(&mut self, mark: u8, expected: &str) -> Result<bool, SyntaxError> {
        let next = self.peek_token();
        if next != Some(mark) && next != Some(b',') {
            return self.unexpected(&format!(": {expected}"));
        }
        self.at += 1;
        Ok(next == Some(mark))
    }

    fn number(&mut self) -> Result<Literal<'a>, SyntaxError> {
        let start = self.at;
        self.skip(b"-");
        let whole = self.at;
        self.digits("expected digit (0-9) to follow minus sign, for valid numeric value")?;
        if self.at > whole + 1 && self.text.as_bytes()[whole] == b'0' {
            return self.fail("Invalid numeric value: Leading zeroes not allowed");
        }
        if self.skip(b".") {
            self.digits("Decimal point not followed by a digit")?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits("Exponent indicator not followed by a digit")?;
        }
        Ok(Literal::Number(Number::parse(&self.text[start..self.at])))
    }

    /// Steps over one byte if it is one of `bytes`.
    fn skip(&mut self, bytes: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| bytes.contains(&byte));
        self.at += usize::from(found);
        found
    }

    fn digits(&mut self, expected: &str) -> Result<(), SyntaxError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { self.unexpected(&format!(" in numeric value: {expected}")) } else { Ok(()) }
    }

    fn word(&mut self) -> Result<Literal<'a>, SyntaxError> {
        let rest = &self.text[self.at..];
        let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$');
        let word = &rest[..rest.find(|character| !is_part(character)).unwrap_or(rest.len())];
        if word.is_empty() {
            return self.unexpected(&format!(": expected a valid value {VALUES}"));
        }
        self.at += word.len();
        match word {
            "true" => Ok(Literal::True),
            "false" => Ok(Literal::False),
            "null" => Ok(Literal::Null),
            _ => self.fail(format!("Unrecognized token '{word}': was expecting {VALUES}")),
        }
    }

    /// Reads a string, `what` it may be; borrowed from the text unless something in it is escaped.
    fn string(&mut self, what: &str) -> Result<Cow<'a, str>, SyntaxError> {
        self.at += 1;
        let mut read = Cow::Borrowed("");
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)) {
                self.at += 1;
            }
            let plain = &self.text[start..self.at];
            // Adding to an empty borrowed string borrows.
            read += plain;
            match self.peek() {
                None => return self.fail(format!("Unexpected end-of-input: was expecting closing quote for a {what}")),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(read);
                }
                Some(b'\\') => read.to_mut().push(self.escaped()?),
                Some(code) => {
                    self.at += 1;
                    let illegal = format!("Illegal unquoted character ((CTRL-CHAR, code {code}))");
                    return self.fail(format!("{illegal}: has to be escaped using backslash to be included in {what}"));
                }
            }
        }
    }

    fn escaped(&mut self) -> Result<char, SyntaxError> {
        self.at += 1;
        let Some(character) = self.text[self.at..].chars().next() else { return self.ended() };
        self.at += character.len_utf8();
        match character {
            '"' | '\\' | '/' => Ok(character),
            'b' => Ok('\u{8}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'u' => self.unicode(),
            _ => self.fail(format!("Unrecognized character escape {}", shown(character))),
        }
    }

    /// A character written as one or two UTF-16 units; half a pair becomes the replacement character.
    fn unicode(&mut self) -> Result<char, SyntaxError> {
        let first = self.unit()?;
        let is_high = (0xD800..0xDC00).contains(&first);
        if !is_high || !self.text[self.at..].starts_with("\\u") {
            return Ok(char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        self.at += 2;
        let units = [first, self.unit()?];
        let pair = char::decode_utf16(units).next();
        if let Some(Ok(character)) = pair {
            return Ok(character);
        }
        self.at = before;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn unit(&mut self) -> Result<u16, SyntaxError> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return self.unexpected(": expected a hex-digit for character escape sequence");
            };
            unit = unit << 4 | digit as u16;
            self.at += 1;
        }
        Ok(unit)
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T, SyntaxError> {
        Err(SyntaxError { message: message.into(), at: self.at })
    }

    /// Fails over the next character, and stands behind it as Jackson does.
    fn unexpected<T>(&mut self, expected: &str) -> Result<T, SyntaxError> {
        let Some(character) = self.text[self.at..].chars().next() else { return self.ended() };
        self.at += character.len_utf8();
        self.fail(format!("Unexpected character ({}){expected}", shown(character)))
    }

    fn ended<T>(&self) -> Result<T, SyntaxError> {
        let Some((kind, start)) = self.open.last() else { return self.fail("No content to map due to end-of-input") };
        let marker = format!("start marker at {}", location(self.text, *start));
        self.fail(format!("Unexpected end-of-input: expected close marker for {kind} ({marker})"))
    }
}

fn shown(character: char) -> String {
    let code = u32::from(character);
    if character.is_control() { format!("(CTRL-CHAR, code {code})") } else { format!("'{character}' (code {code})") }
}
