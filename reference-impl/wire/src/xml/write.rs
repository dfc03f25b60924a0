//! Shapes to XML.

use crate::dialect::{Layout, Names};
use crate::shape::{Members, Shape};

/// Writes elements one after another.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    out: String,
    names: Names<'a>,
}

impl<'a> Writer<'a> {
    /// Begins with a prolog, which may be empty.
    pub(crate) fn new(prolog: &str, names: Names<'a>) -> Self {
        Writer { out: prolog.to_owned(), names }
    }

    /// Writes the root element with the service's namespace, and ends the document.
    pub(crate) fn document(mut self, root: &str, members: &Members) -> String {
        let namespace = self.names.dialect.namespace;
        self.push(&["<", root, " xmlns=\"", namespace, "\">"]);
        self.members(members);
        self.push(&["</", root, ">"]);
        self.out
    }

    fn members(&mut self, members: &Members) {
        for (member, shape) in members {
            let (location, layout) = self.names.place(member);
            self.value(location, layout, shape);
        }
    }

    fn value(&mut self, location: &str, layout: Layout, shape: &Shape) {
        match shape {
            Shape::Absent => {}
            Shape::List(items) => self.list(location, layout, items),
            Shape::Members(members) => self.map_or_structure(location, layout, members),
            Shape::Flag(_) | Shape::Number(_) | Shape::Text(_) => {
                self.within(location, |writer| push_escaped(&mut writer.out, &shape.spelled().unwrap_or_default()));
            }
        }
    }

    fn list(&mut self, location: &str, layout: Layout, items: &[Shape]) {
        let Layout::List { item: Some(item) } = layout else {
            return self.all(location, items);
        };
        self.within(location, |writer| writer.all(item, items));
    }

    fn all(&mut self, location: &str, items: &[Shape]) {
        for item in items {
            self.value(location, Layout::Plain, item);
        }
    }

    fn map_or_structure(&mut self, location: &str, layout: Layout, members: &Members) {
        match layout {
            Layout::Map { entry: Some(entry), key, value } => {
                self.within(location, |writer| writer.entries(entry, key, value, members));
            }
            Layout::Map { entry: None, key, value } => self.entries(location, key, value, members),
            _ if members.is_empty() => self.push(&["<", location, "/>"]),
            _ => self.within(location, |writer| writer.members(members)),
        }
    }

    fn entries(&mut self, location: &str, key: &str, value: &str, members: &Members) {
        for (name, shape) in members {
            self.within(location, |writer| {
                writer.within(key, |writer| push_escaped(&mut writer.out, name));
                writer.value(value, Layout::Plain, shape);
            });
        }
    }

    fn within(&mut self, location: &str, content: impl FnOnce(&mut Self)) {
        self.push(&["<", location, ">"]);
        content(self);
        self.push(&["</", location, ">"]);
    }

    fn push(&mut self, parts: &[&str]) {
        self.out.extend(parts.iter().copied());
    }
}

/// Escapes as SQS does: `"` and carriage returns too, so that a body comes back byte for byte. A character that
/// XML 1.0 cannot carry at all becomes U+FFFD; only an error's text can hold one.
fn push_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => out.push(character),
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_sqs_escapes() {
        let mut out = String::new();
        push_escaped(&mut out, "a<b>&\"c\"'\r\n\t\u{1}\u{ffff}é😀");
        assert_eq!(out, "a&lt;b&gt;&amp;&quot;c&quot;'&#xD;\n\t\u{fffd}\u{fffd}é😀");
    }
}
