//! Filter policies: what is accepted, what is refused with which words, and what matches.
//!
//! Messages and their columns are those recorded on AWS in May 2024 where a recording exists.

use proofmark_world::filter::{AttributeValue, Attributes, Body, Dialect, Limits, Policy, PolicyError, Scope};

const LIMITS: Limits = Limits { dialect: Dialect::Sns, keys: 5, combinations: 150, bytes: 262_144 };

fn compile(text: &str, scope: Scope) -> Result<Policy, PolicyError> {
    Policy::compile(text, scope, &LIMITS)
}

fn on_attributes(text: &str) -> Policy {
    compile(text, Scope::MessageAttributes).unwrap_or_else(|error| panic!("{text} is refused: {error}"))
}

fn on_body(text: &str) -> Policy {
    compile(text, Scope::MessageBody).unwrap_or_else(|error| panic!("{text} is refused: {error}"))
}

/// The first line of the message, and the column of the second, if there is one.
fn refusal(text: &str, scope: Scope) -> (String, Option<usize>) {
    let message = compile(text, scope).expect_err(text).to_string();
    let (first, second) = message.split_once('\n').unwrap_or((&message, ""));
    let column = second.strip_suffix(']').and_then(|line| line.rsplit_once("line: 1, column: "));
    (first.to_owned(), column.map(|(_, column)| column.parse().expect("a number")))
}

fn matches_attribute(policy: &str, value: AttributeValue<'_>) -> bool {
    on_attributes(policy).matches_attributes(&Attributes::from_iter([("key", value)]))
}

fn matches_body(policy: &str, body: &str) -> bool {
    Body::parse(body).is_some_and(|body| on_body(policy).matches_body(&body))
}

fn values(count: usize) -> String {
    (0..count).map(|number| format!("\"value{number}\"")).collect::<Vec<_>>().join(",")
}

#[test]
fn what_is_no_policy_is_refused_in_the_words_of_the_library_where_its_reader_stood() {
    let recorded = [
        (r#"{"key":[["value"]]}"#, "Match value must be String, number, true, false, or null", 10),
        (r#"{"key":[{"wrong-operator":true}]}"#, "Unrecognized match type wrong-operator", 31),
        (r#"{"key":[{"suffix":"value","prefix":"value2"}]}"#, "Only one key allowed in match expression", 37),
        (r#"{"key":[{"suffix":100}]}"#, "suffix match pattern must be a string", 22),
        (r#"{"key":[{"suffix":null}]}"#, "suffix match pattern must be a string", 23),
        (r#"{"key":[{"suffix":[]}]}"#, "suffix match pattern must be a string", 20),
        (r#"{"key":[{"suffix":["test","test2"]}]}"#, "suffix match pattern must be a string", 20),
        (r#"{"key":{"suffix":"value"}}"#, "\"suffix\" must be an object or an array", 19),
        (r#"{"key":{"suffix":"value","prefix":"value"}}"#, "\"suffix\" must be an object or an array", 19),
        (r#"{"key":{"not-an-operator":"value"}}"#, "\"not-an-operator\" must be an object or an array", 28),
        (r#"{"key_a":"value_one"}"#, "\"key_a\" must be an object or an array", 11),
        (r#"{"key":[{"numeric":[]}]}"#, "Invalid member in numeric match: ]", 22),
        (r#"{"key":[{"numeric":["operator"]}]}"#, "Unrecognized numeric range operator: operator", 32),
        (r#"{"key":[{"numeric":[1,"<="]}]}"#, "Invalid member in numeric match: 1", 22),
        (r#"{"key":[{"numeric":["=","000"]}]}"#, "Value of equals must be numeric", 26),
        (r#"{"key":[{"numeric":[">="]}]}"#, "Value of >= must be numeric", 26),
        (r#"{"key":[{"numeric":["<",100,">",10]}]}"#, "Too many elements in numeric expression", 30),
        (r#"{"key":[{"numeric":[">=",1,">",2]}]}"#, "Bad numeric range operator: >", 31),
        (r#"{"key":[{"numeric":[">",3,"<",1]}]}"#, "Bottom must be less than top", 33),
        (r#"{"key":[{"numeric":[">",20,"<="]}]}"#, "Value of <= must be numeric", 33),
        (r#"{"key":[{"numeric":[">",20,30]}]}"#, "Bad value in numeric range: 30", 30),
        (r#"{"key":[{"numeric":[">",20,"test"]}]}"#, "Bad numeric range operator: test", 34),
        (r#"{"key":[{"numeric":[">","20","<","30"]}]}"#, "Value of > must be numeric", 26),
        (r#"{"key":[{"numeric":[">",20,"<","30"]}]}"#, "Value of < must be numeric", 33),
        (r#"{"key":[{"numeric":[">",20,"<",30,"<",50]}]}"#, "Too many terms in numeric range expression", 36),
        (r#"{"key":[{"exists":null}]}"#, "exists match pattern must be either true or false.", 23),
        (r#"{"key":[{"exists":"no"}]}"#, "exists match pattern must be either true or false.", 20),
        (
            r#"{"key":[{"anything-but":{"wrong-operator":null}}]}"#,
            "Unsupported anything-but pattern: wrong-operator",
            47,
        ),
        (r#"{"key":[{"anything-but":{"suffix":"test"}}]}"#, "Unsupported anything-but pattern: suffix", 36),
        (r#"{"key":[{"anything-but":{"exists":false}}]}"#, "Unsupported anything-but pattern: exists", 40),
        (r#"{"key":[{"anything-but":{"prefix":false}}]}"#, "prefix match pattern must be a string", 40),
    ];
    for (policy, message, column) in recorded {
        assert_eq!(refusal(policy, Scope::MessageAttributes), (message.to_owned(), Some(column)), "{policy}");
    }
}

#[test]
fn more_that_is_no_policy_is_refused_in_the_words_of_the_library() {
    const MIXED: &str = "Inside anything but list, either all values are number or string, mixed type is not supported";
    const TOO_MANY: &str = "Too many elements in numeric expression";
    const RANGE: &str = "Value must be between -1.0E9 and 1.0E9, inclusive";
    let cases = [
        (r#"[]"#, "Filter is not an object"),
        (r#""text""#, "Filter is not an object"),
        (r#"{"key":[]}"#, "Empty arrays are not allowed"),
        (r#"{"key":{}}"#, "Empty objects are not allowed"),
        (r#"{"key":[{}]}"#, "Match expression name not found"),
        (r#"{"key":[{"wildcard":"a*"}]}"#, "Unrecognized match type wildcard"),
        (r#"{"key":[{"EXISTS":true}]}"#, "Unrecognized match type EXISTS"),
        (r#"{"key":[{"prefix":"a","prefix":"b"}]}"#, "Only one key allowed in match expression"),
        (r#"{"key":[{"prefix":1}]}"#, "prefix match pattern must be a string"),
        (r#"{"key":[{"equals-ignore-case":true}]}"#, "equals-ignore-case match pattern must be a string"),
        (r#"{"key":[{"cidr":["10.0.0.0/8"]}]}"#, "prefix match pattern must be a string"),
        (r#"{"key":[{"cidr":"10.0.0.0"}]}"#, "Malformed CIDR, one '/' required"),
        (r#"{"key":[{"cidr":"10.0.0.0/"}]}"#, "Malformed CIDR, one '/' required"),
        (r#"{"key":[{"cidr":"10.0.0.0/8/8"}]}"#, "Malformed CIDR, one '/' required"),
        (r#"{"key":[{"cidr":"10.0.0.0/eight"}]}"#, "Malformed CIDR, mask bits must be an integer"),
        (r#"{"key":[{"cidr":"10.0.0.0/-1"}]}"#, "Malformed CIDR, mask bits must not be negative"),
        (r#"{"key":[{"cidr":"10.0.0.0/32"}]}"#, "IPv4 mask bits must be < 32"),
        (r#"{"key":[{"cidr":"2001:db8::/128"}]}"#, "IPv6 mask bits must be < 128"),
        (r#"{"key":[{"cidr":"10.0.0/24"}]}"#, "Nonstandard IP address: 10.0.0"),
        (r#"{"key":[{"anything-but":null}]}"#, "Value of anything-but must be an array or single string/number value."),
        (r#"{"key":[{"anything-but":true}]}"#, "Value of anything-but must be an array or single string/number value."),
        (r#"{"key":[{"anything-but":{}}]}"#, "Anything-But expression name not found"),
        (r#"{"key":[{"anything-but":{"prefix":""}}]}"#, "Null prefix/suffix not allowed"),
        (r#"{"key":[{"anything-but":{"prefix":"a","suffix":"b"}}]}"#, "Only one key allowed in match expression"),
        (r#"{"key":[{"anything-but":{"prefix":"a"},"exists":true}]}"#, "Only one key allowed in match expression"),
        (r#"{"key":[{"anything-but":[]}]}"#, MIXED),
        (r#"{"key":[{"anything-but":["a",1]}]}"#, MIXED),
        (r#"{"key":[{"anything-but":["a",null]}]}"#, "Inside anything but list, start|null|boolean is not supported."),
        (r#"{"key":[{"anything-but":[1000000001]}]}"#, RANGE),
        (r#"{"key":[{"anything-but":-1e10}]}"#, RANGE),
        (r#"{"key":[{"anything-but":"a","exists":true}]}"#, TOO_MANY),
        (r#"{"key":[{"anything-but":["a"],"exists":true}]}"#, TOO_MANY),
        (r#"{"key":[{"numeric":["=",1],"exists":true}]}"#, TOO_MANY),
        (r#"{"key":[{"numeric":["=",1,2]}]}"#, TOO_MANY),
        (r#"{"key":[{"numeric":["<=",1,2]}]}"#, TOO_MANY),
        (r#"{"key":[{"numeric":1}]}"#, "Value of numeric must be an array."),
        (r#"{"key":[{"numeric":[[]]}]}"#, "Invalid member in numeric match: ["),
        (r#"{"key":[{"numeric":[{}]}]}"#, "Invalid member in numeric match: {"),
        (r#"{"key":[{"numeric":[null]}]}"#, "Invalid member in numeric match: null"),
        (r#"{"key":[{"numeric":[">",null]}]}"#, "Value of > must be numeric"),
        (r#"{"key":[{"numeric":[">",2,"<",2]}]}"#, "Bottom must be less than top"),
        (r#"{"key":[{"numeric":["<",1000000000.1]}]}"#, RANGE),
    ];
    for (policy, message) in cases {
        assert_eq!(refusal(policy, Scope::MessageBody).0, message, "{policy}");
    }
}

#[test]
fn what_is_no_json_is_refused_in_the_words_of_the_reader() {
    let cases = [
        ("", "No content to map due to end-of-input", 1),
        ("{invalidjson}", "Unexpected character ('i' (code 105)): was expecting double-quote to start field name", 3),
        (
            r#"{"a":["b"],}"#,
            "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
            13,
        ),
        (
            r#"{"a" ["b"]}"#,
            "Unexpected character ('[' (code 91)): was expecting a colon to separate field name and value",
            7,
        ),
        (r#"{"a":["b"} }"#, "Unexpected character ('}' (code 125)): was expecting comma to separate Array entries", 11),
        (
            r#"{"a":["b"] "c"}"#,
            "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
            13,
        ),
        (
            "{\"a\":[\"b\nc\"]}",
            "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value",
            0,
        ),
        (r#"{"a":["b]}"#, "Unexpected end-of-input: was expecting closing quote for a string value", 11),
        (r#"{"a":["\x"]}"#, "Unrecognized character escape 'x' (code 120)", 10),
        (r#"{"a":[01]}"#, "Invalid numeric value: Leading zeroes not allowed", 9),
        (r#"{"a":["b"]} {}"#, "Trailing token found after value", 13),
    ];
    for (policy, message, column) in cases {
        let (first, place) = refusal(policy, Scope::MessageAttributes);
        assert_eq!(first, format!("failed to parse JSON. {message}"), "{policy}");
        assert_eq!(place.unwrap_or_default(), column, "{policy}");
    }
}

#[test]
fn an_unknown_word_and_a_missing_end_are_named() {
    let (message, column) = refusal("not json", Scope::MessageAttributes);
    assert!(message.starts_with("failed to parse JSON. Unrecognized token 'not': was expecting "), "{message}");
    assert_eq!(column, Some(4));
    for (policy, kind) in [(r#"{"a":["b"]"#, "Object"), (r#"{"a":["#, "Array"), (r#"{"a":["b","#, "Array")] {
        let (message, _) = refusal(policy, Scope::MessageAttributes);
        let start = format!("failed to parse JSON. Unexpected end-of-input: expected close marker for {kind} ");
        assert!(message.starts_with(&start), "{message}");
    }
}

#[test]
fn every_way_to_break_a_number_or_an_escape_is_refused() {
    for broken in ["-", "1.", "1.e5", "1e", "1e+", "-x", "+1", ".5", r#""\u12"#, r#""\u12G4""#, r#""\"#, "tru", "nan"] {
        let policy = format!("{{\"a\":[{broken}]}}");
        assert!(matches!(compile(&policy, Scope::MessageBody), Err(PolicyError::Json(_))), "{policy}");
    }
    for good in ["-0", "1.5", "1e5", "1E-5", "0.5e+3", r#""\u00e9\ud83d\ude00\ud800\b\f\n\r\t\/""#] {
        on_body(&format!("{{\"a\":[{good}]}}"));
    }
}

#[test]
fn lines_and_columns_are_counted_in_utf_16_units() {
    let error = compile("{\n  \"😀\": 1}", Scope::MessageBody).expect_err("no array").to_string();
    assert!(error.ends_with("line: 2, column: 10]"), "{error}");
}

#[test]
fn nesting_is_refused_for_attributes_and_not_for_bodies() {
    let nested = r#"{"object":{"key":[{"prefix":"auto-"}]}}"#;
    let error = compile(nested, Scope::MessageAttributes).expect_err("nested");
    assert!(!error.names_filter_policy());
    assert_eq!(error.to_string(), "Filter policy scope MessageAttributes does not support nested filter policy");
    on_body(nested);
    let in_or = r#"{"$or":[{"a":{"b":[1]}},{"c":[1]}]}"#;
    assert_eq!(compile(in_or, Scope::MessageAttributes).err(), Some(PolicyError::NestedAttributes));
}

#[test]
fn there_are_at_most_five_keys_of_which_only_the_upper_ones_count() {
    let flat = |count: usize| {
        let keys = (0..count).map(|number| format!("\"key{number}\":[1]")).collect::<Vec<_>>();
        format!("{{{}}}", keys.join(","))
    };
    on_attributes(&flat(5));
    let error = compile(&flat(6), Scope::MessageAttributes).expect_err("six keys");
    assert!(error.names_filter_policy());
    assert_eq!(error.to_string(), "Filter policy can not have more than 5 keys");
    on_body(r#"{"a":{"b":[1],"c":[1],"d":[1],"e":[1],"f":[1],"g":[1]}}"#);
    let or = r#"{"a":[1],"b":[1],"c":[1],"$or":[{"d":[1]},{"e":[1],"f":[1]}]}"#;
    assert_eq!(compile(or, Scope::MessageAttributes).err(), Some(PolicyError::TooManyKeys(5)));
    on_attributes(r#"{"a":[1],"b":[1],"c":[1],"$or":[{"d":[1]},{"e":[1],"a":[2]}]}"#);
}

#[test]
fn there_are_at_most_150_combinations() {
    assert_eq!(on_attributes(&format!("{{\"key\":[{}]}}", values(150))).complexity(), 150);
    let refused =
        [format!("{{\"key\":[{}]}}", values(151)), format!("{{\"key1\":[{}],\"key2\":[{}]}}", values(100), values(51))];
    for policy in refused {
        assert_eq!(refusal(&policy, Scope::MessageAttributes).0, "Filter policy is too complex");
    }
}

#[test]
fn combinations_multiply_with_the_depth_and_add_up_over_or() {
    let nested =
        r#"{"key_a":{"key_b":{"key_c":["1","2","3","4"]}},"key_d":{"key_e":["1","2","3"]},"key_f":["1","2","3"]}"#;
    assert_eq!(compile(nested, Scope::MessageBody).err(), Some(PolicyError::TooComplex));
    assert_eq!(on_body(r#"{"key_a":{"key_b":{"key_c":[1,2,3,4]}},"key_d":{"key_e":[1,2,3]}}"#).complexity(), 72);
    let or = |sources: &str, spaces: &str| {
        format!(
            r#"{{"source":[{sources}],"$or":[{{"metricName":["1","2","3","4","5","6"]}},{{"metricType":["1","2","3","4"],
            "$or":[{{"metricId":[1234,4321,5678,9012]}},{{"spaceId":[{spaces}]}}]}}]}}"#
        )
    };
    assert_eq!(on_attributes(&or("1,2,3", "1,2,3,4,5,6,7")).complexity(), 150);
    assert_eq!(compile(&or("1,2,3,4", "1,2,3,4"), Scope::MessageAttributes).err(), Some(PolicyError::TooComplex));
    let nested_or = r#"{"$or":[{"metricName":[1,2,3]},{"namespace":[1,2]}],
        "detail":{"scope":[1,2],"$or":[{"source":[1]},{"type":[1,2,3]}]}}"#;
    assert_eq!(compile(nested_or, Scope::MessageBody).err(), Some(PolicyError::TooComplex));
}

#[test]
fn combinations_beyond_counting_are_refused_without_being_expanded() {
    let mut policy = r#"{"a":[1]}"#.to_owned();
    for _ in 0..200 {
        policy = format!("{{\"$or\":[{policy},{policy}]}}");
        if policy.len() > 100_000 {
            break;
        }
    }
    assert_eq!(compile(&policy, Scope::MessageBody).err(), Some(PolicyError::TooComplex));
    let deep = format!("{}[1]{}", r#"{"a":"#.repeat(400), "}".repeat(400));
    assert_eq!(compile(&deep, Scope::MessageBody).err(), Some(PolicyError::TooComplex));
    let deeper = format!("{}[1]{}", r#"{"a":"#.repeat(30_000), "}".repeat(30_000));
    assert!(
        compile(&deeper, Scope::MessageBody).is_err_and(|error| error.to_string().contains("nesting depth (1001)"))
    );
}

#[test]
fn a_policy_has_at_most_262144_bytes() {
    let policy = |bytes: usize| format!("{{\"key\":[\"{}\"]}}", "x".repeat(bytes - 12));
    assert_eq!(policy(262_144).len(), 262_144);
    on_attributes(&policy(262_144));
    assert_eq!(compile(&policy(262_145), Scope::MessageAttributes).err(), Some(PolicyError::TooLong(262_144)));
}

#[test]
fn operators_that_are_newer_than_2021_were_unknown_then() {
    let then = Limits { dialect: Dialect::Sns2021, ..LIMITS };
    let compile = |policy: &str| Policy::compile(policy, Scope::MessageAttributes, &then);
    for known in [r#"{"prefix":"a"}"#, r#"{"anything-but":"a"}"#, r#"{"numeric":["=",1]}"#, r#"{"exists":false}"#] {
        assert!(compile(&format!("{{\"key\":[{known}]}}")).is_ok(), "{known}");
    }
    for name in ["suffix", "equals-ignore-case", "cidr"] {
        let error = compile(&format!("{{\"key\":[{{\"{name}\":\"10.0.0.0/8\"}}]}}")).expect_err(name).to_string();
        assert!(error.starts_with(&format!("Unrecognized match type {name}\n")), "{error}");
    }
    let error = compile(r#"{"$or":[{"a":[1]},{"b":[1]}]}"#).expect_err("no $or").to_string();
    assert!(error.starts_with("Unrecognized match type a\n"), "{error}");
}

#[test]
fn all_keys_must_match_and_one_value_of_each() {
    let policy = on_attributes(r#"{"store":["a","b"],"event":["c"]}"#);
    let message = |pairs: &[(&'static str, &'static str)]| {
        let pairs = pairs.iter().map(|(name, value)| (*name, AttributeValue::String(value)));
        policy.matches_attributes(&pairs.collect())
    };
    assert!(message(&[("store", "b"), ("event", "c"), ("other", "x")]));
    assert!(!message(&[("store", "c"), ("event", "c")]));
    assert!(!message(&[("store", "a"), ("event", "a")]));
    assert!(!message(&[("store", "a")]));
    assert!(!message(&[]));
}

#[test]
fn strings_match_as_their_operator_says() {
    let cases = [
        (r#""Value""#, "Value", true),
        (r#""Value""#, "value", false),
        (r#""Value""#, "Value ", false),
        (r#""""#, "", true),
        (r#""99""#, "99", true),
        ("99", "99", false),
        ("true", "true", false),
        (r#"{"prefix":"Val"}"#, "Value", true),
        (r#"{"prefix":"val"}"#, "Value", false),
        (r#"{"prefix":""}"#, "Value", true),
        (r#"{"suffix":"ue"}"#, "Value", true),
        (r#"{"suffix":"Ue"}"#, "Value", false),
        (r#"{"equals-ignore-case":"STRASSE"}"#, "Strasse", true),
        (r#"{"equals-ignore-case":"ÄPFEL"}"#, "äpfel", true),
        (r#"{"equals-ignore-case":"a"}"#, "ab", false),
        (r#"{"anything-but":"a"}"#, "b", true),
        (r#"{"anything-but":"a"}"#, "a", false),
        (r#"{"anything-but":["a","b"]}"#, "b", false),
        (r#"{"anything-but":["a","b"]}"#, "c", true),
        (r#"{"anything-but":5}"#, "5", true),
        (r#"{"anything-but":{"prefix":"a"}}"#, "ab", false),
        (r#"{"anything-but":{"prefix":"a"}}"#, "ba", true),
        (r#"{"exists":true}"#, "", true),
        (r#"{"exists":false}"#, "", false),
        (r#"{"numeric":["=",99]}"#, "99", false),
        (r#"{"cidr":"10.0.0.0/24"}"#, "10.0.0.255", true),
        (r#"{"cidr":"10.0.0.0/24"}"#, "10.0.1.0", false),
        (r#"{"cidr":"10.0.0.0/24"}"#, "9.255.255.255", false),
        (r#"{"cidr":"10.0.0.0/24"}"#, "10.0.0.256", false),
        (r#"{"cidr":"10.0.0.0/24"}"#, "::a00:1", false),
        (r#"{"cidr":"0.0.0.0/0"}"#, "255.255.255.255", true),
        (r#"{"cidr":"2001:db8::/64"}"#, "2001:0db8:0000:0000:ffff:ffff:ffff:ffff", true),
        (r#"{"cidr":"2001:db8::/64"}"#, "2001:db8:0:1::", false),
    ];
    for (rule, value, expected) in cases {
        let policy = format!("{{\"key\":[{rule}]}}");
        assert_eq!(matches_attribute(&policy, AttributeValue::String(value)), expected, "{rule} against {value}");
        let body = format!("{{\"key\":\"{value}\"}}");
        assert_eq!(matches_body(&policy, &body), expected, "{rule} against {body}");
    }
}

#[test]
fn numbers_match_by_value() {
    let cases = [
        ("300", "3.0e2", true),
        ("300", "300.00", true),
        ("300", "301", false),
        (r#""300""#, "300", false),
        ("0.00001", "0.00002", false),
        ("0.29", "0.28999", false),
        ("0.000001", "0.000002", true),
        ("-1", "1", false),
        ("123456789012", "123456789012", true),
        ("123456789012", "1.23456789012e11", false),
        (r#"{"numeric":["=",5]}"#, "5.0", true),
        (r#"{"numeric":[">",0,"<=",100]}"#, "0", false),
        (r#"{"numeric":[">",0,"<=",100]}"#, "0.00001", true),
        (r#"{"numeric":[">",0,"<=",100]}"#, "100", true),
        (r#"{"numeric":[">",0,"<=",100]}"#, "100.00001", false),
        (r#"{"numeric":[">=",0,"<",100]}"#, "0", true),
        (r#"{"numeric":[">=",0,"<",100]}"#, "100", false),
        (r#"{"numeric":["<",5]}"#, "5", false),
        (r#"{"numeric":["<",5]}"#, "-1000000000", true),
        (r#"{"numeric":["<=",5]}"#, "5", true),
        (r#"{"numeric":[">",5]}"#, "1000000000", true),
        (r#"{"numeric":[">",5]}"#, "5", false),
        (r#"{"numeric":[">=",5]}"#, "5", true),
        (r#"{"numeric":[">",5]}"#, "1000000001", false),
        (r#"{"anything-but":5}"#, "5.0", false),
        (r#"{"anything-but":[4,5]}"#, "6", true),
        (r#"{"anything-but":"5"}"#, "5", true),
        (r#"{"anything-but":{"prefix":"5"}}"#, "5", true),
        (r#"{"prefix":"5"}"#, "5", false),
        (r#"{"suffix":"5"}"#, "5", false),
        (r#"{"equals-ignore-case":"5"}"#, "5", false),
        (r#"{"exists":true}"#, "5", true),
    ];
    for (rule, value, expected) in cases {
        let policy = format!("{{\"key\":[{rule}]}}");
        assert_eq!(matches_attribute(&policy, AttributeValue::Number(value)), expected, "{rule} against {value}");
        assert_eq!(matches_body(&policy, &format!("{{\"key\":{value}}}")), expected, "{rule} against {value}");
    }
}

#[test]
fn what_calls_itself_a_number_and_is_none_equals_nothing_but_itself() {
    for odd in ["NaN", "inf", "-infinity", "abc", ""] {
        assert!(
            !matches_attribute(r#"{"key":[0,{"numeric":["<=",1000000000]}]}"#, AttributeValue::Number(odd)),
            "{odd}"
        );
    }
}

#[test]
fn booleans_and_null_match_in_bodies_and_arrays() {
    for literal in ["true", "false", "null"] {
        let policy = format!("{{\"key\":[{literal}]}}");
        for other in ["true", "false", "null", "\"true\"", "\"null\"", "1"] {
            let expected = literal == other;
            assert_eq!(matches_body(&policy, &format!("{{\"key\":{other}}}")), expected);
            let array = format!("[{other}]");
            assert_eq!(matches_attribute(&policy, AttributeValue::StringArray(&array)), expected);
        }
    }
    assert!(matches_body(r#"{"key":[{"anything-but":"a"}]}"#, r#"{"key":null}"#));
    assert!(matches_body(r#"{"key":[{"exists":true}]}"#, r#"{"key":null}"#));
}

#[test]
fn one_element_of_a_string_array_is_enough() {
    let array = AttributeValue::StringArray(r#"["a", 5, true]"#);
    for (rule, expected) in [
        (r#""a""#, true),
        (r#""b""#, false),
        ("5", true),
        ("true", true),
        ("false", false),
        (r#"{"prefix":"a"}"#, true),
        (r#"{"numeric":[">",4]}"#, true),
        (r#"{"anything-but":["a"]}"#, true),
        (r#"{"exists":true}"#, true),
        (r#"{"exists":false}"#, false),
    ] {
        assert_eq!(matches_attribute(&format!("{{\"key\":[{rule}]}}"), array), expected, "{rule}");
    }
    let all_named = AttributeValue::StringArray(r#"["a","b"]"#);
    assert!(!matches_attribute(r#"{"key":[{"anything-but":["a","b"]}]}"#, all_named));
    assert!(!matches_attribute(r#"{"key":[{"exists":true}]}"#, AttributeValue::StringArray("[]")));
}

#[test]
fn an_invalid_string_array_matches_no_policy() {
    for invalid in ["a", "", "[", r#"{"a":1}"#, "[[1]]", r#"[{"a":1}]"#] {
        assert!(
            !matches_attribute(r#"{"other":[{"exists":false}]}"#, AttributeValue::StringArray(invalid)),
            "{invalid}"
        );
    }
    assert!(matches_attribute(r#"{"other":[{"exists":false}]}"#, AttributeValue::StringArray("[1]")));
}

#[test]
fn binary_attributes_are_not_there() {
    assert!(!matches_attribute(r#"{"key":[{"exists":true}]}"#, AttributeValue::Binary));
    assert!(matches_attribute(r#"{"key":[{"exists":false}]}"#, AttributeValue::Binary));
}

#[test]
fn data_types_are_told_apart_by_what_stands_before_the_label() {
    let typed = |data_type| AttributeValue::typed(data_type, "1");
    assert_eq!(typed("String"), AttributeValue::String("1"));
    assert_eq!(typed("String.mine"), AttributeValue::String("1"));
    assert_eq!(typed("String.Array"), AttributeValue::StringArray("1"));
    assert_eq!(typed("Number"), AttributeValue::Number("1"));
    assert_eq!(typed("Number.mine"), AttributeValue::Number("1"));
    assert_eq!(typed("Binary"), AttributeValue::Binary);
    assert_eq!(typed("Binary.mine"), AttributeValue::Binary);
}

#[test]
fn quotation_marks_and_backslashes_are_escaped_twice_for_attributes_and_once_for_bodies() {
    let once = r#"{"key":["say \"a\\b\""]}"#;
    let twice = r#"{"key":["say \\\"a\\\\b\\\""]}"#;
    let value = r#"say "a\b""#;
    assert!(matches_attribute(twice, AttributeValue::String(value)));
    assert!(!matches_attribute(once, AttributeValue::String(value)));
    assert!(matches_attribute(twice, AttributeValue::StringArray(r#"["say \"a\\b\""]"#)));
    assert!(matches_body(once, r#"{"key":"say \"a\\b\""}"#));
}

#[test]
fn a_key_that_must_be_absent_is_so_in_messages_without_any_attributes() {
    let nothing = Attributes::from_iter([]);
    assert!(on_attributes(r#"{"key":[{"exists":false}]}"#).matches_attributes(&nothing));
    assert!(on_attributes(r#"{"key":["a",{"exists":false}]}"#).matches_attributes(&nothing));
    assert!(!on_attributes(r#"{"key":[null,{"anything-but":"whatever"}]}"#).matches_attributes(&nothing));
    assert!(!on_attributes(r#"{"key":[{"exists":true}]}"#).matches_attributes(&nothing));
    assert!(matches_attribute(r#"{"key":["a",{"exists":false}]}"#, AttributeValue::String("a")));
    assert!(!matches_attribute(r#"{"key":["a",{"exists":false}]}"#, AttributeValue::String("b")));
}

#[test]
fn an_empty_policy_matches_everything() {
    assert!(on_attributes("{}").matches_attributes(&Attributes::from_iter([])));
    assert!(matches_body("{}", r#"{"a":1}"#));
    assert_eq!(on_body("{}").complexity(), 1);
}

#[test]
fn a_policy_matches_in_its_own_scope_only() {
    let body = Body::parse(r#"{"key":"a"}"#).expect("an object");
    let attributes = Attributes::from_iter([("key", AttributeValue::String("a"))]);
    assert!(!on_attributes(r#"{"key":["a"]}"#).matches_body(&body));
    assert!(!on_body(r#"{"key":["a"]}"#).matches_attributes(&attributes));
    for scope in [Scope::MessageAttributes, Scope::MessageBody] {
        assert_eq!(Scope::named(scope.name()), Some(scope));
        assert_eq!(compile("{}", scope).expect("empty").scope(), scope);
    }
    assert_eq!(Scope::named("messagebody"), None);
}

#[test]
fn or_joins_with_its_siblings_at_every_level() {
    let policy = r#"{"$or":[{"metricName":["CPUUtilization","ReadLatency"]},{"namespace":["AWS/EC2","AWS/ES"]}],
        "detail":{"scope":["Service"],"$or":[{"source":["aws.cloudwatch"]},{"type":["Alarm"]}]}}"#;
    for (body, expected) in [
        (r#"{"metricName":"CPUUtilization","detail":{"scope":"aws.cloudwatch","type":"Alarm"}}"#, false),
        (r#"{"metricName":"CPUUtilization","detail":{"scope":"Service","type":"CPUUtilization"}}"#, false),
        (r#"{"metricName":"CPUUtilization","detail":{"type":"Alarm"}}"#, false),
        (r#"{"metricName":"CPUUtilization","detail":{"scope":"Service"}}"#, false),
        (r#"{"metricName":"CPUUtilization","scope":"Service"}"#, false),
        (r#"{"metricName":"AWS/EC2","detail":{"scope":"Service","type":"Alarm"}}"#, false),
        (r#"{"metricName":"ReadLatency","detail":{"scope":"Service","source":"aws.cloudwatch"}}"#, true),
        (r#"{"namespace":"AWS/ES","detail":{"scope":"Service","source":"aws.cloudwatch"}}"#, true),
        (r#"{"namespace":"AWS/EC2","detail":{"scope":"Service","type":"Alarm"}}"#, true),
    ] {
        assert_eq!(matches_body(policy, body), expected, "{body}");
    }
}

#[test]
fn what_does_not_look_like_an_or_is_a_key() {
    assert!(matches_body(r#"{"$or":["a",{"prefix":"b"}]}"#, r#"{"$or":"bc"}"#));
    assert!(matches_body(r#"{"$or":[{"prefix":"a"},{"suffix":"b"}]}"#, r#"{"$or":"cb"}"#));
    assert!(matches_body(r#"{"$or":{"a":[1]}}"#, r#"{"$or":{"a":1}}"#));
    assert_eq!(refusal(r#"{"$or":[{"a":[1]}]}"#, Scope::MessageBody).0, "Unrecognized match type a");
    assert_eq!(refusal(r#"{"$or":[{"a":[1]},{}]}"#, Scope::MessageBody).0, "Empty objects are not allowed");
}

#[test]
fn bodies_must_be_json_objects() {
    for text in ["text", "\"text\"", "[]", "1", "null", "", "{", r#"{"a":1} b"#, r#"{"a":nope}"#] {
        assert!(Body::parse(text).is_none(), "{text}");
    }
    let deepest = format!("{{\"a\":{}{}}}", "[".repeat(999), "]".repeat(999));
    assert!(Body::parse(&deepest).is_some());
    assert!(Body::parse(&format!("{{\"a\":[{deepest}]}}")).is_none());
}

#[test]
fn the_deepest_message_is_searched_in_half_the_stack_of_a_thread() {
    let body = format!("{{\"a\":{}1,{{\"a\":2}}{}}}", "[".repeat(998), "]".repeat(998));
    let search = move || matches_body(r#"{"a":[1],"b":[{"exists":false}],"a.a":[2]}"#, &body);
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(search).expect("a thread");
    assert!(thread.join().expect("no overflow"));
}

#[test]
fn nested_keys_are_found_where_they_are() {
    let policy =
        r#"{"object":{"key":[{"prefix":"auto-"},"hard"],"nested_key":[{"exists":false}]},"test":[{"exists":false}]}"#;
    for (body, expected) in [
        (r#"{"object":{"key":"auto-test"}}"#, true),
        (r#"{"object":{"key":"hard"}}"#, true),
        (r#"{"object":{"key":"test-auto"}}"#, false),
        (r#"{"object":{"key":"auto-test"},"test":"just-exists"}"#, false),
        (r#"{"object":{"key":"auto-test","nested_key":"just-exists"}}"#, false),
        (r#"{"object":{"test":"auto-test"}}"#, false),
        (r#"{"test":"auto-test"}"#, false),
        (r#"{"key":"auto-test"}"#, false),
        (r#"{"object":"auto-test"}"#, false),
    ] {
        assert_eq!(matches_body(policy, body), expected, "{body}");
    }
    assert!(!matches_body(r#"{"object":[{"exists":true}]}"#, r#"{"object":{"key":1}}"#));
    assert!(matches_body(r#"{"object":[{"exists":false}]}"#, r#"{"object":{"key":1}}"#));
}

#[test]
fn points_in_keys_are_the_same_as_nesting() {
    for body in [
        r#"{"object":{"nested":{"test":"value"}}}"#,
        r#"{"object.nested.test":"value"}"#,
        r#"{"object.nested":{"test":"value"}}"#,
        r#"{"object":{"nested.test":"value"}}"#,
    ] {
        for policy in [r#"{"object.nested.test":["value"]}"#, r#"{"object":{"nested.test":["value"]}}"#] {
            assert!(matches_body(policy, body), "{policy} against {body}");
            assert!(!matches_body(policy, &body.replace("value", "other")), "{policy} against {body}");
        }
    }
    assert!(!matches_body(r#"{"objects":["a"]}"#, r#"{"object":"a"}"#));
    assert!(!matches_body(r#"{"object.a":["a"]}"#, r#"{"object":"a"}"#));
    assert!(!matches_body(r#"{"object":["a"]}"#, r#"{"object.a":"a"}"#));
}

#[test]
fn several_ways_to_one_key_are_all_tried() {
    let body = r#"{"a":{"b":1},"a.b":2,"c":1,"c":2}"#;
    for (policy, expected) in [
        (r#"{"a":{"b":[1]}}"#, true),
        (r#"{"a":{"b":[2]}}"#, true),
        (r#"{"a":{"b":[3]}}"#, false),
        (r#"{"c":[1]}"#, true),
        (r#"{"c":[2]}"#, true),
        (r#"{"c":[{"exists":false}]}"#, false),
        (r#"{"a":{"c":[{"exists":false}]}}"#, true),
    ] {
        assert_eq!(matches_body(policy, body), expected, "{policy}");
    }
    assert!(matches_body(r#"{"a":{"b":{"c":[{"exists":false}]}},"d":[1]}"#, r#"{"a":{"b":1},"a.b":2,"d":1}"#));
}

#[test]
fn arrays_are_searched_to_any_depth() {
    let routes = r#"{"headers":{"route-to":["queue1"]}}"#;
    assert!(matches_body(routes, r#"{"headers":{"route-to":["queue0","queue1"]}}"#));
    assert!(matches_body(routes, r#"{"headers":{"route-to":[["queue0"],[["queue1"]]]}}"#));
    assert!(!matches_body(routes, r#"{"headers":{"route-to":["queue2"]}}"#));
    let records =
        r#"{"Records":{"s3":{"object":{"key":[{"prefix":"auto-"}]}},"eventName":[{"prefix":"ObjectCreated:"}]}}"#;
    let record = |event: &str, object: &str| format!(r#"{{"eventName":"{event}","s3":{{"object":{object}}}}}"#);
    let created = record("ObjectCreated:Put", r#"[[{"key":"auto-1"}]]"#);
    let removed = record("ObjectRemoved:Delete", r#"{"key":"home-1"}"#);
    assert!(matches_body(records, &format!(r#"{{"Records":[{created},{removed}]}}"#)));
    assert!(matches_body(records, &format!(r#"{{"Records":[{removed},{created}]}}"#)));
    let mixed = [record("ObjectCreated:Put", r#"{"key":"home-1"}"#), record("Other", r#"{"key":"auto-1"}"#)].join(",");
    assert!(!matches_body(records, &format!(r#"{{"Records":[{mixed}]}}"#)), "the keys are met in different elements");
}

#[test]
fn keys_below_one_array_are_met_in_one_element_and_below_two_arrays_in_one_of_each() {
    let policy = r#"{"a":{"x":[1],"y":[2]},"b":{"x":[1]}}"#;
    assert!(matches_body(policy, r#"{"a":[{"x":0},{"x":1,"y":2}],"b":[{"x":0},{"x":1}]}"#));
    assert!(!matches_body(policy, r#"{"a":[{"x":1},{"y":2}],"b":[{"x":1}]}"#));
    assert!(!matches_body(policy, r#"{"a":[{"x":1,"y":2}],"b":[{"y":1}]}"#));
    let apart = r#"{"a":{"x":[1]},"b":{"x":[1]},"a.y":[2]}"#;
    assert!(!matches_body(apart, r#"{"a":[{"x":1},{"y":2}],"b":{"x":1}}"#));
    let with_absence = r#"{"a":{"x":[1],"y":[{"exists":false}]}}"#;
    assert!(matches_body(with_absence, r#"{"a":[{"x":1},{"y":2}]}"#));
    assert!(!matches_body(with_absence, r#"{"a":[{"x":1,"y":2},{"z":1}]}"#));
    let only_absence = r#"{"a":{"y":[{"exists":false}]}}"#;
    assert!(!matches_body(only_absence, r#"{"a":[{"x":1},{"y":2}]}"#));
    assert!(matches_body(only_absence, r#"{"a":[{"x":1},{"x":2}]}"#));
}

#[test]
fn empty_arrays_hold_nothing_and_disturb_nothing() {
    assert!(matches_body(r#"{"a":["x"]}"#, r#"{"a":"x","b":[]}"#));
    assert!(!matches_body(r#"{"a":[{"exists":true}]}"#, r#"{"a":[]}"#));
    assert!(!matches_body(r#"{"a":[null]}"#, r#"{"a":[]}"#));
    assert!(matches_body(r#"{"a":[{"exists":false}]}"#, r#"{"a":[]}"#));
    assert!(!matches_body(r#"{"a":[5,{"exists":false}]}"#, r#"{"a":[1,[]]}"#));
    assert!(matches_body(r#"{"a":[5,{"exists":false}]}"#, r#"{"a":[1,[5]]}"#));
}

#[test]
fn of_a_repeated_key_in_a_policy_the_last_counts() {
    assert!(matches_body(r#"{"a":["x"],"a":["y"]}"#, r#"{"a":"y"}"#));
    assert!(!matches_body(r#"{"a":["x"],"a":["y"]}"#, r#"{"a":"x"}"#));
}

#[test]
fn escapes_are_decoded_in_policies_and_bodies() {
    assert!(matches_body(r#"{"k\u0065y":["\u00e9\ud83d\ude00\n"]}"#, "{\"key\":\"é😀\\u000a\"}"));
    assert!(matches_body(r#"{"a":["\ud800x"]}"#, r#"{"a":"\ud800x"}"#));
    assert!(matches_body(r#"{"a":["\ud800\u0041"]}"#, r#"{"a":"\udc00A"}"#));
}
