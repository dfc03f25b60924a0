//! The operator `numeric`: `["=", 5]`, `[">", 0]`, `["<=", 9]`, or a lower and an upper bound together.

use super::grammar::Fault;
use super::json::{Literal, Node, Value};
use super::matcher::Matcher;
use super::number::Number;
use std::ops::Bound;

/// What AWS's library says of a number that it cannot compare, in its own spelling of a billion.
pub(super) const OUT_OF_RANGE: &str = "Value must be between -1.0E9 and 1.0E9, inclusive";
const TOO_MANY: &str = "Too many elements in numeric expression";

/// The range that an operand of `numeric` describes.
pub(super) fn range(source: &str, operand: &Node<'_>) -> Result<Matcher, Fault> {
    let Value::Array(items) = &operand.value else {
        return Fault::at(operand.opened(), "Value of numeric must be an array.");
    };
    Terms { source, items, end: operand.end }.range()
}

struct Terms<'n, 'a> {
    source: &'n str,
    items: &'n [Node<'a>],
    end: usize,
}

impl Terms<'_, '_> {
    fn range(&self) -> Result<Matcher, Fault> {
        let Some(operator) = self.items.first().and_then(Node::as_text) else {
            return Fault::at(self.place(0), format!("Invalid member in numeric match: {}", self.shown(0)));
        };
        let (bottom, top) = match &**operator {
            "=" => self.last(1, "equals").map(|value| (Bound::Included(value), Bound::Included(value))),
            "<" => self.last(1, "<").map(|top| (Bound::Unbounded, Bound::Excluded(top))),
            "<=" => self.last(1, "<=").map(|top| (Bound::Unbounded, Bound::Included(top))),
            ">" => self.number(1, ">").and_then(|value| self.from(value, Bound::Excluded(value))),
            ">=" => self.number(1, ">=").and_then(|value| self.from(value, Bound::Included(value))),
            _ => Fault::at(self.place(1), format!("Unrecognized numeric range operator: {operator}")),
        }?;
        Ok(Matcher::Numeric(bottom, top))
    }

    /// What follows a lower bound: nothing, or an upper bound.
    fn from(&self, value: i64, bottom: Bound<i64>) -> Result<(Bound<i64>, Bound<i64>), Fault> {
        let Some(node) = self.items.get(2) else { return Ok((bottom, Bound::Unbounded)) };
        let Some(operator) = node.as_text() else {
            return Fault::at(node.opened(), format!("Bad value in numeric range: {}", self.shown(2)));
        };
        let bound = match &**operator {
            "<" => Bound::Excluded,
            "<=" => Bound::Included,
            _ => return Fault::at(node.end, format!("Bad numeric range operator: {operator}")),
        };
        let top = self.number(3, operator)?;
        if self.items.len() > 4 {
            return Fault::at(self.place(4), "Too many terms in numeric range expression");
        }
        if value >= top {
            return Fault::at(self.end, "Bottom must be less than top");
        }
        Ok((bottom, bound(top)))
    }

    /// The number at `index`, behind which there is nothing.
    fn last(&self, index: usize, operator: &str) -> Result<i64, Fault> {
        let value = self.number(index, operator)?;
        if self.items.len() > index + 1 { Fault::at(self.place(index + 1), TOO_MANY) } else { Ok(value) }
    }

    fn number(&self, index: usize, operator: &str) -> Result<i64, Fault> {
        match self.items.get(index).map(|node| &node.value) {
            Some(Value::Scalar(Literal::Number(Number::Comparable(units)))) => Ok(*units),
            Some(Value::Scalar(Literal::Number(Number::Written(_)))) => Fault::at(self.end, OUT_OF_RANGE),
            _ => Fault::at(self.place(index), format!("Value of {operator} must be numeric")),
        }
    }

    /// Where the reader stands when it has met the term at `index`, or the end of the array in its place.
    fn place(&self, index: usize) -> usize {
        self.items.get(index).map_or(self.end, Node::opened)
    }

    /// How the library shows the term at `index`, which is no string: a number as it is written, an array or an
    /// object by its bracket.
    fn shown(&self, index: usize) -> &str {
        self.items.get(index).map_or("]", |node| &self.source[node.start..node.opened()])
    }
}
