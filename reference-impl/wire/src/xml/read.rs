//! XML to shapes, for the client's half. Namespaces are ignored; nesting is bounded.

use crate::dialect::{Layout, Names};
use crate::shape::{Members, Shape};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;

/// Deeper than any answer of AWS.
const DEEPEST: usize = 32;

/// An element: its text, and the elements in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// The name, without a namespace prefix.
    pub(crate) name: String,
    /// The text directly in it.
    pub(crate) text: String,
    /// The elements in it, in order.
    pub(crate) children: Vec<Element>,
}

/// Why a text is no XML document that an AWS service would send.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// The text is not well formed.
    #[error("the document is not well formed: {0}")]
    Malformed(String),
    /// The document ends inside an element, or has none.
    #[error("the document is cut short")]
    Incomplete,
    /// Elements are nested deeper than in any answer of AWS.
    #[error("the document is nested too deeply")]
    TooDeep,
}

impl Element {
    /// Parses a document into its root element.
    pub(crate) fn parse(document: &str) -> Result<Element, XmlError> {
        let mut reader = Reader::from_str(document);
        let mut open = Vec::new();
        loop {
            let event = reader.read_event().map_err(malformed)?;
            if let Some(root) = take_event(&mut open, event)? {
                return Ok(root);
            }
        }
    }

    /// The first element of that name in this one.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first element of that name in this one.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }
}

/// Brings the stack of open elements up to date; answers the root once it is closed.
fn take_event(open: &mut Vec<Element>, event: Event<'_>) -> Result<Option<Element>, XmlError> {
    match event {
        Event::Start(start) => push_open(open, &start)?,
        Event::Empty(start) => {
            push_open(open, &start)?;
            return close(open);
        }
        Event::End(_) => return close(open),
        Event::Text(text) => push_text(open, &text.xml10_content()),
        Event::CData(text) => push_text(open, &text.xml10_content()),
        Event::GeneralRef(reference) => push_reference(open, &reference)?,
        Event::Eof => return Err(XmlError::Incomplete),
        Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
    }
    Ok(None)
}

fn push_open(open: &mut Vec<Element>, start: &BytesStart<'_>) -> Result<(), XmlError> {
    if open.len() >= DEEPEST {
        return Err(XmlError::TooDeep);
    }
    let name = start.local_name().into_inner().to_owned();
    open.push(Element { name, ..Element::default() });
    Ok(())
}

fn close(open: &mut Vec<Element>) -> Result<Option<Element>, XmlError> {
    let closed = open.pop().ok_or(XmlError::Incomplete)?;
    let Some(parent) = open.last_mut() else { return Ok(Some(closed)) };
    parent.children.push(closed);
    Ok(None)
}

fn push_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn push_reference(open: &mut [Element], reference: &BytesRef<'_>) -> Result<(), XmlError> {
    let name = reference.xml10_content();
    if let Some(character) = reference.resolve_char_ref().map_err(malformed)? {
        push_text(open, character.encode_utf8(&mut [0; 4]));
        return Ok(());
    }
    let text = resolve_predefined_entity(&name).ok_or_else(|| XmlError::Malformed(format!("unknown entity {name}")))?;
    push_text(open, text);
    Ok(())
}

fn malformed(error: impl ToString) -> XmlError {
    XmlError::Malformed(error.to_string())
}

/// The members that an element's children are, under the names of the JSON protocol.
pub(crate) fn members(element: &Element, names: Names<'_>) -> Members {
    let mut members = Members::new();
    for child in &element.children {
        let (member, layout) = names.member(&child.name);
        let at = members.iter().position(|(name, _)| name == member).unwrap_or_else(|| {
            members.push((Cow::Owned(member.to_owned()), Shape::Absent));
            members.len() - 1
        });
        if let Some((_, shape)) = members.get_mut(at) {
            add(shape, child, layout, names);
        }
    }
    members
}

/// Adds one more element to what the member is so far: flattened lists and maps come piece by piece.
fn add(shape: &mut Shape, element: &Element, layout: Layout, names: Names<'_>) {
    match layout {
        Layout::List { item: None } => push_item(shape, value(element, names)),
        Layout::List { item: Some(item) } => {
            let items = element.children.iter().filter(|child| child.name == item);
            *shape = Shape::List(items.map(|child| value(child, names)).collect());
        }
        Layout::Map { entry: None, key, value } => add_entry(shape, element, (key, value), names),
        Layout::Map { entry: Some(entry), key, value } => {
            *shape = Shape::Members(Members::new());
            let entries = element.children.iter().filter(|child| child.name == entry);
            entries.for_each(|child| add_entry(shape, child, (key, value), names));
        }
        Layout::Plain => *shape = value(element, names),
        Layout::Number | Layout::Flag => *shape = literal(element),
    }
}

fn add_entry(shape: &mut Shape, entry: &Element, (key, value_name): (&str, &str), names: Names<'_>) {
    let key = entry.text_of(key).unwrap_or_default().to_owned();
    let value = entry.child(value_name).map_or(Shape::Absent, |element| value(element, names));
    push_entry(shape, (Cow::Owned(key), value));
}

fn value(element: &Element, names: Names<'_>) -> Shape {
    if element.children.is_empty() {
        return Shape::text(element.text.as_str());
    }
    Shape::Members(members(element, names))
}

/// A number or boolean. Text that is neither stays text, for the SDK to complain of.
fn literal(element: &Element) -> Shape {
    let parsed = serde_json::from_str(&element.text).ok();
    let scalar = parsed.filter(|shape| matches!(shape, Shape::Number(_) | Shape::Flag(_)));
    scalar.unwrap_or_else(|| Shape::text(element.text.as_str()))
}

fn push_item(shape: &mut Shape, item: Shape) {
    match shape {
        Shape::List(items) => items.push(item),
        other => *other = Shape::List(vec![item]),
    }
}

fn push_entry(shape: &mut Shape, entry: (Cow<'static, str>, Shape)) {
    match shape {
        Shape::Members(entries) => entries.push(entry),
        other => *other = Shape::Members(vec![entry]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_what_was_escaped() {
        let element = Element::parse("<?xml version=\"1.0\"?><a xmlns=\"x\"> <b>&lt;&#xD;&#10;&quot;</b><c/></a>");
        let element = element.unwrap();
        assert_eq!(element.text_of("b"), Some("<\r\n\""));
        assert_eq!(element.text_of("c"), Some(""));
    }

    #[test]
    fn refuses_what_is_no_document() {
        assert_eq!(Element::parse(""), Err(XmlError::Incomplete));
        assert_eq!(Element::parse("<a><b></b>"), Err(XmlError::Incomplete));
        assert_eq!(Element::parse(&"<a>".repeat(100_000)), Err(XmlError::TooDeep));
        assert!(matches!(Element::parse("<a>&unknown;</a>"), Err(XmlError::Malformed(_))));
        assert!(matches!(Element::parse("<a></b>"), Err(XmlError::Malformed(_))));
    }
}
