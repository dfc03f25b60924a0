//! Filter policies and bodies as JSON: what is read as the same text, what is none, and where a mistake stands.

use super::filtering::matches_bodies;
use super::support::topic;
use crate::sqs::support::{equal, text};
use proofmark_conform::{ErrorView, Scope, Stop, case};

case! {
    /// A value is the same however its characters and digits are written; what is no JSON matches nothing.
    pub SPELLINGS = "sns.filter.spellings",
    clauses: ["sns.filter.exact-string", "sns.filter.numeric", "sns.filter.body-json"],
    cost: 80 requests, 40 seconds,
    protocols: [Query],
    async fn spellings(scope) {
        let wide = format!(r#"{{"wide":[{}],"kind":"wide"}}"#, vec!["{}"; 1_200].join(","));
        matches_bodies(
            scope,
            &[
                r#"{"kind":"é😀"}"#,
                r#"{"kind":"\u00e9\uD83D\uDE00"}"#,
                r#"{"kind":"\"\\\/\b\f\n\r\t"}"#,
                r#"{ "none" : { } , "count" : 1E+2 , "kind" : [ ] }"#,
                r#"{"count":100.0}"#,
                r#"{"count":1e-2}"#,
                &wide,
                // From here on it is no JSON.
                r#"{"kind":"é😀"} x"#,
                r#"{"kind":"é😀","count":0100}"#,
                r#"{"kind":"é😀","count":1.}"#,
                r#"{"kind":"é😀","count":1e}"#,
                r#"{"kind":"é😀" "count":100}"#,
                r#"{"kind" "é😀"}"#,
                r#"{"kind":"é😀","count":}"#,
                r#"{"kind":"é😀","count":tru}"#,
                r#"{"kind":"é😀","other":"\q"}"#,
                r#"{"kind":"é😀","other":"\u00g9"}"#,
                r#"{"kind":"é😀"#,
            ],
            &[
                (r#"{"kind":["é😀"]}"#, &[0, 1]),
                (r#"{"kind":["\u00E9\ud83d\ude00"]}"#, &[0, 1]),
                (r#"{"kind":["\"\\/\u0008\u000c\u000a\u000d\u0009"]}"#, &[2]),
                (r#"{"count":[100]}"#, &[3, 4]),
                (r#"{"count":[0.01]}"#, &[5]),
                (r#"{"kind":["wide"]}"#, &[6]),
                (r#"{"nothing":[{"exists":false}]}"#, &[0, 1, 2, 3, 4, 5, 6]),
            ],
        )
        .await
    }
}

/// A policy that is refused, what is said of it, and the line and the column that are named, if any are.
type Mistake<'a> = (&'a str, &'a str, Option<(u32, u32)>);

/// Wants each policy to be refused in these words. Of the second line only the place counts: what stands before it
/// names the source, which AWS has left out since 2024.
async fn all_refused(scope: &Scope, mistakes: &[Mistake<'_>]) -> Result<(), Stop> {
    let topic = topic(scope).await?;
    let body = [("FilterPolicyScope", "MessageBody")];
    let subscribed = topic.subscribe("sqs", &topic.queue_arn("nobody"), &body).send().await?;
    for (policy, words, place) in mistakes {
        let request =
            scope.sns().set_subscription_attributes().set_subscription_arn(subscribed.subscription_arn.clone());
        let Err(error) = request.attribute_name("FilterPolicy").attribute_value(*policy).send().await else {
            return Err(Stop::mismatch(format!("{policy} is refused"), "InvalidParameter", "success"));
        };
        let Some(view) = ErrorView::of(&error) else { return Err(error.into()) };
        equal(&format!("the refusal of {policy}"), ("InvalidParameter", 400), (view.code.as_str(), view.status))?;
        let (first, second) = view.message.split_once('\n').unwrap_or((&view.message, ""));
        scope.warn_text(&format!("Invalid parameter: FilterPolicy: {words}"), first)?;
        let expected = place.map(|(line, column)| format!("line: {line}, column: {column}]"));
        scope.warn_text(&expected.unwrap_or_default(), &text(second.split("; ").last()))?;
    }
    Ok(())
}

case! {
    /// A policy that is no JSON is refused in the words of Jackson, with the place where it stopped reading.
    pub PLACES = "sns.filter.json_places",
    clauses: ["sns.filter.json-errors"],
    cost: 24 requests, 10 seconds,
    protocols: [Query],
    async fn json_places(scope) {
        let parse = |words: &str| format!("failed to parse JSON. {words}");
        let start = parse("Unexpected character ('i' (code 105)): was expecting double-quote to start field name");
        let comma = parse("Unexpected character ('}' (code 125)): was expecting comma to separate Array entries");
        let colon = parse("Unexpected character ('[' (code 91)): was expecting a colon to separate field name and value");
        let control = parse("Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value");
        let quote = parse("Unexpected end-of-input: was expecting closing quote for a string value");
        let escape = parse("Unrecognized character escape 'x' (code 120)");
        let zero = parse("Invalid numeric value: Leading zeroes not allowed");
        let trailing = parse("Trailing token found after value");
        all_refused(scope, &[
            ("{invalidjson}", &start, Some((1, 3))),
            (r#"{"a":["b"} }"#, &comma, Some((1, 11))),
            (r#"{"a" ["b"]}"#, &colon, Some((1, 7))),
            ("{\"a\":[\"b\tc\"]}", &control, Some((1, 10))),
            (r#"{"a":["b]}"#, &quote, Some((1, 11))),
            (r#"{"a":["\x"]}"#, &escape, Some((1, 10))),
            (r#"{"a":[01]}"#, &zero, Some((1, 9))),
            (r#"{"a":["b"]} {}"#, &trailing, Some((1, 13))),
            ("{\n  \"😀\": 1}", r#""😀" must be an object or an array"#, Some((2, 10))),
        ])
        .await
    }
}

case! {
    /// What is JSON and no policy is refused with the place of the mistake.
    pub MISTAKES = "sns.filter.mistakes",
    clauses: [
        "sns.filter.err.value-not-array", "sns.filter.err.empty-array", "sns.filter.err.unknown-op",
        "sns.filter.err.anything-but", "sns.filter.err.numeric", "sns.filter.err.cidr", "sns.filter.or-operator",
    ],
    cost: 34 requests, 10 seconds,
    protocols: [Query],
    async fn mistakes(scope) {
        let mixed = "Inside anything but list, either all values are number or string, mixed type is not supported";
        all_refused(scope, &[
            (r#"{"a":[]}"#, "Empty arrays are not allowed", Some((1, 8))),
            (r#"{"a":{}}"#, "Empty objects are not allowed", Some((1, 8))),
            (r#"{"a":[{"anything-but":[]}]}"#, mixed, Some((1, 25))),
            (r#"{"a":[{"anything-but":["x",1]}]}"#, mixed, Some((1, 30))),
            (r#"{"a":[{"anything-but":{"prefix":""}}]}"#, "Null prefix/suffix not allowed", Some((1, 35))),
            (r#"{"a":[{"numeric":[">"]}]}"#, "Value of > must be numeric", Some((1, 23))),
            (r#"{"a":[{"numeric":["=",1,2]}]}"#, "Too many elements in numeric expression", Some((1, 26))),
            (r#"{"a":[{"numeric":[">",3,"<",3]}]}"#, "Bottom must be less than top", Some((1, 31))),
            (r#"{"a":[{"cidr":"10.0.0.0/32"}]}"#, "IPv4 mask bits must be < 32", None),
            (r#"{"a":[{"cidr":"2001:db8::/128"}]}"#, "IPv6 mask bits must be < 128", None),
            // One object is no choice, and a choice has another name: these are keys like others.
            (r#"{"$or":[{"b":["x"]}]}"#, "Unrecognized match type b", Some((1, 15))),
            (r#"{"a":[{"b":["x"]},{"c":["y"]}]}"#, "Unrecognized match type b", Some((1, 13))),
        ])
        .await?;
        let topic = topic(scope).await?;
        let operators = [("FilterPolicy", r#"{"$or":[{"prefix":"x"},{"suffix":"y"}]}"#)];
        topic.subscribe("sqs", &topic.queue_arn("nobody"), &operators).send().await?;
        Ok(())
    }
}
