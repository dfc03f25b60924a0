//! From the JSON of a policy to its fields, with AWS's message for what is wrong.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Dialect`] | which operators there are |
//! | [`Grammar`] | a policy's fields, checked |
//! | [`Field`] | a key with its alternatives, a key with keys below it, or an `$or` |
//! | [`Fault`] | what is wrong, and where |
//!
//! Messages and their places are those of the library that AWS matches with. EventBridge's event patterns are this
//! grammar with more operators: they are another [`Dialect`] with more rows in [`OPERATORS`].

use super::json::{Literal, Members, Node, Value};
use super::matcher::Matcher;
use super::number::Number;
use super::{cidr, numeric};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Which operators a policy may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Amazon SNS in September 2021: before `$or`, `suffix`, `equals-ignore-case` and `cidr`.
    Sns2021,
    /// Amazon SNS today. `wildcard` is not documented for SNS and stays unknown, and `anything-but` takes no
    /// operator but `prefix`: AWS was recorded refusing `suffix` there in May 2024.
    Sns,
}

#[derive(Clone, Copy)]
enum Operator {
    Prefix,
    AnythingBut,
    Numeric,
    Exists,
    Suffix,
    EqualsIgnoreCase,
    Cidr,
}

/// Every operator; those that are newer than 2021 come last.
const OPERATORS: [(&str, Operator); 7] = [
    ("prefix", Operator::Prefix),
    ("anything-but", Operator::AnythingBut),
    ("numeric", Operator::Numeric),
    ("exists", Operator::Exists),
    ("suffix", Operator::Suffix),
    ("equals-ignore-case", Operator::EqualsIgnoreCase),
    ("cidr", Operator::Cidr),
];
const OPERATORS_OF_2021: usize = 4;

/// Names of operators, of those that others have, and of those that may come: an array of objects that use one of
/// them is no `$or`.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// What is wrong with a policy, and where in its text, if AWS says where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) at: Option<usize>,
}

impl Fault {
    pub(super) fn at<T>(at: usize, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { message: message.into(), at: Some(at) })
    }
}

/// A member of a policy.
pub(super) enum Field<'a> {
    Leaf { name: &'a str, matchers: Vec<Matcher>, or_absent: bool, values: usize },
    Nested { name: &'a str, fields: Vec<Field<'a>> },
    Or(Vec<Vec<Field<'a>>>),
}

impl Dialect {
    fn operator(self, name: &str) -> Option<Operator> {
        let known = match self {
            Dialect::Sns2021 => &OPERATORS[..OPERATORS_OF_2021],
            Dialect::Sns => &OPERATORS,
        };
        known.iter().find(|(known, _)| *known == name).map(|(_, operator)| *operator)
    }

    fn has_or(self) -> bool {
        self != Dialect::Sns2021
    }
}

/// A dialect at work on a text.
#[derive(Clone, Copy)]
pub(super) struct Grammar<'t> {
    pub(super) dialect: Dialect,
    pub(super) source: &'t str,
}

impl Grammar<'_> {
    /// The branches of an `$or`. Where the form is another one, the key is a key like others.
    fn branches<'n, 'a>(self, name: &str, items: &'n [Node<'a>]) -> Option<Vec<Branch<'n, 'a>>> {
        let branch = |node: &'n Node<'a>| match &node.value {
            Value::Object(members) => members.iter().all(is_free).then_some((node, members)),
            Value::Array(_) | Value::Scalar(_) => None,
        };
        if self.dialect.has_or() && name == "$or" && items.len() > 1 {
            items.iter().map(branch).collect()
        } else {
            None
        }
    }

    /// The fields of a whole policy.
    pub(super) fn policy<'n>(self, root: &'n Node<'_>) -> Result<Vec<Field<'n>>, Fault> {
        match &root.value {
            Value::Object(members) if !members.is_empty() => self.fields(members),
            // An empty policy takes filtering away, as the guide of 2022 tells its readers to do.
            Value::Object(_) => Ok(Vec::new()),
            _ => Fault::at(root.opened(), "Filter is not an object"),
        }
    }

    fn object<'n>(self, node: &Node<'_>, members: &'n Members<'_>) -> Result<Vec<Field<'n>>, Fault> {
        if members.is_empty() {
            return Fault::at(node.end, "Empty objects are not allowed");
        }
        self.fields(members)
    }

    fn fields<'n>(self, members: &'n Members<'_>) -> Result<Vec<Field<'n>>, Fault> {
        last_of_each(members).map(|(name, node)| self.field(name, node)).collect()
    }

    fn field<'n>(self, name: &'n str, node: &'n Node<'_>) -> Result<Field<'n>, Fault> {
        match &node.value {
            Value::Object(members) => Ok(Field::Nested { name, fields: self.object(node, members)? }),
            Value::Array(items) => match self.branches(name, items) {
                Some(branches) => {
                    let fields = branches.into_iter().map(|(node, members)| self.object(node, members));
                    fields.collect::<Result<_, _>>().map(Field::Or)
                }
                None => self.leaf(name, node, items),
            },
            Value::Scalar(_) => Fault::at(node.opened(), format!("\"{name}\" must be an object or an array")),
        }
    }

    fn leaf<'n>(self, name: &'n str, node: &Node<'_>, items: &[Node<'_>]) -> Result<Field<'n>, Fault> {
        if items.is_empty() {
            return Fault::at(node.end, "Empty arrays are not allowed");
        }
        let mut matchers = Vec::new();
        for item in items {
            matchers.extend(self.alternative(item)?);
        }
        let or_absent = matchers.len() < items.len();
        Ok(Field::Leaf { name, matchers, or_absent, values: items.len() })
    }

    /// `None` is `{"exists": false}`: no value at all.
    fn alternative(self, node: &Node<'_>) -> Result<Option<Matcher>, Fault> {
        match &node.value {
            Value::Scalar(literal) => Ok(Some(Matcher::Exactly(literal.clone().into_owned()))),
            Value::Object(members) => self.expression(node, members),
            Value::Array(_) => Fault::at(node.opened(), "Match value must be String, number, true, false, or null"),
        }
    }

    fn expression(self, node: &Node<'_>, members: &Members<'_>) -> Result<Option<Matcher>, Fault> {
        let Some((name, operand)) = members.first() else {
            return Fault::at(node.end, "Match expression name not found");
        };
        let Some(operator) = self.dialect.operator(name) else {
            return Fault::at(operand.opened(), format!("Unrecognized match type {name}"));
        };
        let matcher = operator.matcher(self.source, operand)?;
        match members.get(1) {
            Some((_, second)) => Fault::at(second.opened(), operator.second_key(operand)),
            None => Ok(matcher),
        }
    }
}

/// An object in an `$or`, and its members.
type Branch<'n, 'a> = (&'n Node<'a>, &'n Members<'a>);

fn is_free((name, _): &(Cow<'_, str>, Node<'_>)) -> bool {
    !RESERVED.contains(&&**name)
}

/// Of members with one name the last counts.
fn last_of_each<'n>(members: &'n Members<'_>) -> impl Iterator<Item = (&'n str, &'n Node<'n>)> {
    let last: FxHashMap<&str, usize> = members.iter().enumerate().map(|(at, (name, _))| (&**name, at)).collect();
    let numbered = members.iter().enumerate();
    numbered.filter(move |(at, (name, _))| last[&**name] == *at).map(|(_, (name, node))| (&**name, node))
}

impl Operator {
    fn matcher(self, source: &str, operand: &Node<'_>) -> Result<Option<Matcher>, Fault> {
        match self {
            Operator::Prefix => Ok(Some(Matcher::Prefix(text(operand, "prefix")?.into()))),
            Operator::Suffix => Ok(Some(Matcher::Suffix(text(operand, "suffix")?.into()))),
            Operator::EqualsIgnoreCase => {
                let text = text(operand, "equals-ignore-case")?;
                Ok(Some(Matcher::EqualsIgnoreCase(text.chars().flat_map(char::to_lowercase).collect())))
            }
            // The library calls it a prefix here too.
            Operator::Cidr => match cidr::block(text(operand, "prefix")?) {
                Ok(block) => Ok(Some(Matcher::Cidr(block))),
                Err(message) => Err(Fault { message, at: None }),
            },
            Operator::Numeric => numeric::range(source, operand).map(Some),
            Operator::AnythingBut => anything_but(operand).map(Some),
            Operator::Exists => exists(operand),
        }
    }

    /// What AWS says of a second key beside this operator with this operand.
    fn second_key(self, operand: &Node<'_>) -> &'static str {
        match (self, &operand.value) {
            (Operator::Numeric, _) | (Operator::AnythingBut, Value::Scalar(_) | Value::Array(_)) => {
                "Too many elements in numeric expression"
            }
            _ => "Only one key allowed in match expression",
        }
    }
}

fn text<'n>(operand: &'n Node<'_>, operator: &str) -> Result<&'n str, Fault> {
    match operand.as_text() {
        Some(text) => Ok(text),
        None => Fault::at(operand.opened(), format!("{operator} match pattern must be a string")),
    }
}

fn exists(operand: &Node<'_>) -> Result<Option<Matcher>, Fault> {
    match operand.value {
        Value::Scalar(Literal::True) => Ok(Some(Matcher::Exists)),
        Value::Scalar(Literal::False) => Ok(None),
        _ => Fault::at(operand.opened(), "exists match pattern must be either true or false."),
    }
}

fn anything_but(operand: &Node<'_>) -> Result<Matcher, Fault> {
    match &operand.value {
        Value::Array(items) => refused_list(operand, items),
        Value::Object(members) => anything_but_operator(operand, members),
        Value::Scalar(Literal::String(_) | Literal::Number(_)) => Ok(Matcher::AnythingBut(vec![refused(operand)?])),
        Value::Scalar(_) => {
            let message = "Value of anything-but must be an array or single string/number value.";
            Fault::at(operand.opened(), message)
        }
    }
}

fn anything_but_operator(operand: &Node<'_>, members: &Members<'_>) -> Result<Matcher, Fault> {
    let Some((name, prefix)) = members.first() else {
        return Fault::at(operand.end, "Anything-But expression name not found");
    };
    if name != "prefix" {
        return Fault::at(prefix.opened(), format!("Unsupported anything-but pattern: {name}"));
    }
    let text = text(prefix, "prefix")?;
    if text.is_empty() {
        return Fault::at(prefix.end, "Null prefix/suffix not allowed");
    }
    match members.get(1) {
        Some((_, second)) => Fault::at(second.opened(), "Only one key allowed in match expression"),
        None => Ok(Matcher::AnythingButPrefix(text.into())),
    }
}

fn refused_list(operand: &Node<'_>, items: &[Node<'_>]) -> Result<Matcher, Fault> {
    let refused: Vec<Literal<'static>> = items.iter().map(refused).collect::<Result<_, _>>()?;
    let numbers = refused.iter().filter(|literal| matches!(literal, Literal::Number(_))).count();
    if refused.is_empty() || (numbers != 0 && numbers != refused.len()) {
        let message = "Inside anything but list, either all values are number or string, mixed type is not supported";
        return Fault::at(operand.end, message);
    }
    Ok(Matcher::AnythingBut(refused))
}

fn refused(node: &Node<'_>) -> Result<Literal<'static>, Fault> {
    match &node.value {
        Value::Scalar(Literal::Number(Number::Written(_))) => Fault::at(node.opened(), numeric::OUT_OF_RANGE),
        Value::Scalar(literal @ (Literal::String(_) | Literal::Number(_))) => Ok(literal.clone().into_owned()),
        _ => Fault::at(node.opened(), "Inside anything but list, start|null|boolean is not supported."),
    }
}
