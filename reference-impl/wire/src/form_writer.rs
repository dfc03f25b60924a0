//! Shapes to form parameters, led by the service's names: the client's half of what `parameters` and `reader` read.

use crate::dialect::{Layout, Names};
use crate::form;
use crate::shape::{Members, Shape};

/// Appends parameters to a form that already has some.
pub(crate) struct FormWriter<'a> {
    out: &'a mut String,
    names: Names<'a>,
}

impl<'a> FormWriter<'a> {
    /// Appends to `out`.
    pub(crate) fn new(out: &'a mut String, names: Names<'a>) -> Self {
        FormWriter { out, names }
    }

    /// Appends an operation's input.
    pub(crate) fn members(&mut self, members: &Members) {
        self.members_below("", members);
    }

    fn members_below(&mut self, prefix: &str, members: &Members) {
        for (member, shape) in members {
            let (location, layout) = self.names.place(member);
            self.value(&joined(prefix, location), layout, shape);
        }
    }

    fn value(&mut self, name: &str, layout: Layout, shape: &Shape) {
        match (shape, layout) {
            (Shape::Members(entries), Layout::Map { entry, key, value }) => {
                self.entries(&below(name, entry), (key, value), entries);
            }
            (Shape::Members(members), _) => self.members_below(name, members),
            // An empty list must not look like an absent one: it is an error of its own in a batch.
            (Shape::List(items), _) if items.is_empty() => self.parameter(name, ""),
            (Shape::List(items), Layout::List { item }) => self.items(&below(name, item), items),
            (Shape::List(items), _) => self.items(name, items),
            (scalar, _) => scalar.spelled().into_iter().for_each(|text| self.parameter(name, &text)),
        }
    }

    fn items(&mut self, name: &str, items: &[Shape]) {
        for (index, item) in items.iter().enumerate() {
            self.value(&format!("{name}.{}", index + 1), Layout::Plain, item);
        }
    }

    fn entries(&mut self, name: &str, (key, value): (&str, &str), entries: &Members) {
        for (index, (entry, shape)) in entries.iter().enumerate() {
            let index = index + 1;
            self.parameter(&format!("{name}.{index}.{key}"), entry);
            self.value(&format!("{name}.{index}.{value}"), Layout::Plain, shape);
        }
    }

    fn parameter(&mut self, name: &str, value: &str) {
        self.out.push('&');
        form::encode_into(self.out, name, b"");
        self.out.push('=');
        form::encode_into(self.out, value, b"");
    }
}

fn joined(prefix: &str, location: &str) -> String {
    if prefix.is_empty() { location.to_owned() } else { format!("{prefix}.{location}") }
}

fn below(name: &str, item: Option<&str>) -> String {
    item.map_or_else(|| name.to_owned(), |item| joined(name, item))
}
