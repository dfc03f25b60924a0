//! The table of Amazon SNS, which speaks the Query protocol only: lists below `member`, maps below `entry`.
//!
//! Source: the API model `2010-03-31` (botocore 1.44.5), its `locationName` traits; `wire.sns.*` of the catalogue.

use super::{Dialect, Layout, Row};

/// What Amazon SNS calls things.
pub(super) static DIALECT: Dialect = Dialect {
    // No model gives SNS a JSON protocol; the name follows the pattern of its siblings.
    target_prefix: "AmazonSimpleNotificationService",
    json_content_type: "application/x-amz-json-1.0",
    version: "2010-03-31",
    namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
    address: None,
    rows: ROWS,
    error_types: &[],
    error_namespace: "com.amazonaws.sns",
    error_prefix: "",
    error_detail: false,
};

const ENTRIES: Layout = Layout::Map { entry: Some("entry"), key: "key", value: "value" };

const ROWS: &[Row] = &[
    map("Attributes"),
    map("attributes"),
    // The request's list, which shares its name with the answer's map.
    Row { member: "attributeNames", location: "attributes", layout: MEMBERS, operations: &[] },
    Row {
        member: "MessageAttributes",
        location: "MessageAttributes",
        layout: Layout::Map { entry: Some("entry"), key: "Name", value: "Value" },
        operations: &[],
    },
    list("AWSAccountId"),
    list("ActionName"),
    list("Endpoints"),
    list("Failed"),
    list("PhoneNumbers"),
    list("PlatformApplications"),
    list("PublishBatchRequestEntries"),
    list("Subscriptions"),
    list("Successful"),
    list("TagKeys"),
    list("Tags"),
    list("Topics"),
    list("phoneNumbers"),
    flag("IsInSandbox"),
    flag("SenderFault"),
    flag("isOptedOut"),
];

const MEMBERS: Layout = Layout::List { item: Some("member") };

const fn list(member: &'static str) -> Row {
    Row { operations: &[], member, location: member, layout: MEMBERS }
}

const fn map(member: &'static str) -> Row {
    Row { operations: &[], member, location: member, layout: ENTRIES }
}

const fn flag(member: &'static str) -> Row {
    Row { operations: &[], member, location: member, layout: Layout::Flag }
}
