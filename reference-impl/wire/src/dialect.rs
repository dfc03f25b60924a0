//! What the protocols of one service call things: one table per service, read by every codec of this crate.
//!
//! | Item | What it says |
//! |---|---|
//! | [`Dialect`] | the service's constants: target prefix, version, namespace, and its rows |
//! | [`Row`] | where one member travels in the Query protocol, if not under its own name |
//! | [`Layout`] | how lists and maps are spelled: flattened (SQS) or with `member` and `entry` (most others) |
//! | [`Names`] | the rows as one operation sees them |
//! | [`sqs`], [`sns`] | the tables of the services |
//!
//! A member without a row travels under its own name as a scalar or a structure.

mod sns;
mod sqs;
#[cfg(test)]
mod wrapped;

use proofmark_world::Service;

/// The constants of one service.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// What stands before the dot in `X-Amz-Target`.
    pub(crate) target_prefix: &'static str,
    /// The content type of the service's JSON answers.
    pub(crate) json_content_type: &'static str,
    /// The Query protocol's `Version`.
    pub(crate) version: &'static str,
    /// The namespace of the Query protocol's answers.
    pub(crate) namespace: &'static str,
    /// How the path of a URL names a resource, if the service has such URLs.
    pub(crate) address: Option<Address>,
    /// Where members travel in the Query protocol.
    pub(crate) rows: &'static [Row],
    /// Query codes whose JSON `__type` is not the code itself.
    pub(crate) error_types: &'static [(&'static str, &'static str)],
    /// The namespace of the `__type` of every other error.
    pub(crate) error_namespace: &'static str,
    /// What the Query protocol puts before codes that the JSON protocol has without it.
    pub(crate) error_prefix: &'static str,
    /// Whether the Query protocol's errors end with an empty `Detail`.
    pub(crate) error_detail: bool,
}

/// A service whose resources have URLs at the service's own endpoint, such as queues.
#[derive(Debug)]
pub(crate) struct Address {
    /// The input member that the URL stands for.
    pub(crate) member: &'static str,
    /// Operations that do not work on such a URL.
    pub(crate) refused: &'static [&'static str],
}

/// Where one member travels in the Query protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// The operations that the row is for; none means all.
    pub(crate) operations: &'static [&'static str],
    /// The member, as the model and the JSON protocol name it.
    pub(crate) member: &'static str,
    /// The parameter or element.
    pub(crate) location: &'static str,
    /// How the value is spelled.
    pub(crate) layout: Layout,
}

/// How a value is spelled in the Query protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Text, or a structure.
    Plain,
    /// A number, which XML does not tell from text.
    Number,
    /// A boolean, likewise.
    Flag,
    /// A list, whose items stand below `item` unless the list is flattened.
    List {
        /// `member`, for most services; `None` if the list is flattened.
        item: Option<&'static str>,
    },
    /// A map, whose entries stand below `entry` unless the map is flattened.
    Map {
        /// `entry`, for most services; `None` if the map is flattened.
        entry: Option<&'static str>,
        /// What an entry's key is called.
        key: &'static str,
        /// What an entry's value is called.
        value: &'static str,
    },
}

impl Layout {
    /// A list whose items repeat its own name.
    pub(crate) const FLAT_LIST: Layout = Layout::List { item: None };

    /// A map whose entries repeat its own name.
    pub(crate) const fn flat_map(key: &'static str, value: &'static str) -> Layout {
        Layout::Map { entry: None, key, value }
    }
}

impl Dialect {
    /// The dialect of a service.
    pub(crate) const fn of(service: Service) -> &'static Dialect {
        match service {
            Service::Sqs => &sqs::DIALECT,
            Service::Sns => &sns::DIALECT,
        }
    }

    /// The JSON `__type` of an error that is known by its Query code.
    pub(crate) fn error_type(&self, query_code: &str) -> String {
        if let Some((_, json_type)) = self.error_types.iter().find(|(code, _)| *code == query_code) {
            return (*json_type).to_owned();
        }
        let shape = query_code.strip_prefix(self.error_prefix).unwrap_or(query_code);
        format!("{}#{shape}", self.error_namespace)
    }
}

/// The rows of a dialect as one operation sees them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    /// The service's table.
    pub(crate) dialect: &'static Dialect,
    /// The operation, by AWS's name.
    pub(crate) operation: &'a str,
}

impl Names<'_> {
    /// Where a member travels, and how.
    pub(crate) fn place(self, member: &str) -> (&str, Layout) {
        self.rows().find(|row| row.member == member).map_or((member, Layout::Plain), |row| (row.location, row.layout))
    }

    /// Which member arrives at a location, and how.
    pub(crate) fn member(self, location: &str) -> (&str, Layout) {
        let row = self.rows().find(|row| row.location == location);
        row.map_or((location, Layout::Plain), |row| (row.member, row.layout))
    }

    fn rows(self) -> impl Iterator<Item = &'static Row> {
        let applies = move |row: &&Row| row.operations.is_empty() || row.operations.contains(&self.operation);
        self.dialect.rows.iter().filter(applies)
    }
}
