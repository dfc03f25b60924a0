//! The parameters of a Query request as a tree: `Attribute.1.Name=x` is three levels deep.
//!
//! The tree is bounded. Indexes are keys of an ordered map, so `Attribute.999999999.Name` costs one entry;
//! lists are read in index order, whatever gaps there are. Names of more than [`DEEPEST`] segments are
//! dropped: no member is that deep, and Query ignores parameters it does not know.

use crate::form::{self, Malformed};
use std::collections::BTreeMap;

/// More segments than any parameter of any service has.
const DEEPEST: usize = 8;

/// One node: its own value, and what stands below it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    text: Option<String>,
    members: BTreeMap<String, Parameters>,
    items: BTreeMap<u64, Parameters>,
}

impl Parameters {
    /// No parameters.
    pub(crate) const EMPTY: Parameters = Parameters { text: None, members: BTreeMap::new(), items: BTreeMap::new() };

    /// Adds the parameters of a form or query string; later values overrule earlier ones.
    pub(crate) fn add_form(&mut self, encoded: &[u8]) -> Result<(), Malformed> {
        for (name, value) in form::pairs(encoded) {
            let (name, value) = (form::decode(name)?, form::decode(value)?);
            self.set(&name, value.into_owned());
        }
        Ok(())
    }

    /// Adds one parameter by its dotted name.
    pub(crate) fn set(&mut self, name: &str, value: String) {
        if name.split('.').count() <= DEEPEST {
            name.split('.').fold(self, Parameters::below).text = Some(value);
        }
    }

    /// The parameter's value, if it has one itself.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Whether there are parameters below this one.
    pub(crate) fn has_parts(&self) -> bool {
        !self.members.is_empty() || !self.items.is_empty()
    }

    /// What stands below by that name.
    pub(crate) fn member(&self, name: &str) -> Option<&Parameters> {
        self.members.get(name)
    }

    /// What stands below by number, in order.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Parameters> {
        self.items.values()
    }

    fn below(&mut self, segment: &str) -> &mut Parameters {
        let digits = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
        match segment.parse() {
            Ok(index) if digits => self.items.entry(index).or_default(),
            _ => self.members.entry(segment.to_owned()).or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(form: &str) -> Parameters {
        let mut tree = Parameters::default();
        tree.add_form(form.as_bytes()).unwrap();
        tree
    }

    #[test]
    fn lists_are_read_in_index_order_with_gaps() {
        let tree = tree("A.999999999999=c&A.2=a&A.10=b");
        let items: Vec<_> = tree.member("A").unwrap().items().filter_map(Parameters::text).collect();
        assert_eq!(items, ["a", "b", "c"]);
    }

    #[test]
    fn numbers_too_large_for_an_index_are_names() {
        let tree = tree("A.99999999999999999999999=x&A.+1=y");
        assert_eq!(tree.member("A").unwrap().items().count(), 0);
    }

    #[test]
    fn the_tree_has_a_bottom() {
        assert_eq!(tree("a.b.c.d.e.f.g.h.i=1"), Parameters::default());
        assert!(tree("a.b.c.d.e.f.g.h=1").has_parts());
    }

    #[test]
    fn later_values_overrule_earlier_ones() {
        assert_eq!(tree("a=1&a=2").member("a").unwrap().text(), Some("2"));
    }
}
