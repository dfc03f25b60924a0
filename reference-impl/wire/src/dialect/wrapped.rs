//! A made-up service whose lists and maps are not flattened, as SNS's are: the other half of the tables.

use super::{Dialect, Layout, Names, Row};
use crate::builder::shape_of;
use crate::form_writer::FormWriter;
use crate::parameters::Parameters;
use crate::reader::Reader;
use crate::shape::{Members, Shape};
use crate::xml::read::{self, Element};
use crate::xml::write::Writer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

static DIALECT: Dialect = Dialect {
    target_prefix: "Made",
    json_content_type: "application/x-amz-json-1.0",
    version: "2010-03-31",
    namespace: "http://made.up/",
    address: None,
    rows: &[
        wrapped("Topics", Layout::List { item: Some("member") }),
        wrapped("Attributes", Layout::Map { entry: Some("entry"), key: "key", value: "value" }),
        wrapped("MessageAttributes", Layout::Map { entry: Some("entry"), key: "Name", value: "Value" }),
        wrapped("Count", Layout::Number),
    ],
    error_types: &[],
    error_namespace: "made",
    error_prefix: "",
    error_detail: false,
};

const NAMES: Names<'static> = Names { dialect: &DIALECT, operation: "List" };

const fn wrapped(member: &'static str, layout: Layout) -> Row {
    Row { operations: &[], member, location: member, layout }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Topic {
    topic_arn: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listing {
    topics: Vec<Topic>,
    attributes: BTreeMap<String, String>,
    message_attributes: BTreeMap<String, Topic>,
    count: u32,
}

fn listing() -> Listing {
    let topic = |arn: &str| Topic { topic_arn: arn.to_owned() };
    Listing {
        topics: vec![topic("a"), topic("b")],
        attributes: [("k".to_owned(), "v".to_owned())].into(),
        message_attributes: [("n".to_owned(), topic("c"))].into(),
        count: 3,
    }
}

fn members() -> Members {
    match shape_of(&listing()) {
        Ok(Shape::Members(members)) => members,
        other => panic!("not a structure: {other:?}"),
    }
}

#[test]
fn forms() {
    let mut form = String::new();
    FormWriter::new(&mut form, NAMES).members(&members());
    assert_eq!(
        form,
        "&Topics.member.1.TopicArn=a&Topics.member.2.TopicArn=b&Attributes.entry.1.key=k&Attributes.entry.1.value=v\
         &MessageAttributes.entry.1.Name=n&MessageAttributes.entry.1.Value.TopicArn=c&Count=3"
    );
    let mut parameters = Parameters::default();
    parameters.add_form(form.as_bytes()).unwrap();
    assert_eq!(Listing::deserialize(Reader::new(&parameters, NAMES)), Ok(listing()));
}

#[test]
fn documents() {
    let document = Writer::new("", NAMES).document("List", &members());
    assert_eq!(
        document,
        "<List xmlns=\"http://made.up/\"><Topics><member><TopicArn>a</TopicArn></member><member><TopicArn>b</TopicArn>\
         </member></Topics><Attributes><entry><key>k</key><value>v</value></entry></Attributes><MessageAttributes>\
         <entry><Name>n</Name><Value><TopicArn>c</TopicArn></Value></entry></MessageAttributes><Count>3</Count></List>"
    );
    let root = Element::parse(&document).unwrap();
    let json = serde_json::to_vec(&Shape::Members(read::members(&root, NAMES))).unwrap();
    assert_eq!(serde_json::from_slice::<Listing>(&json).unwrap(), listing());
}

#[test]
fn an_empty_wrapped_list_is_there() {
    let root = Element::parse("<List><Topics/></List>").unwrap();
    assert_eq!(Shape::Members(read::members(&root, NAMES)), Shape::structure([("Topics", Shape::List(Vec::new()))]));
}
