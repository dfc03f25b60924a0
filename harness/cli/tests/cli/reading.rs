//! list, explain, coverage.

use crate::run;
use serde_json::{Value, json};

const CASE: &str = "sqs.visibility.change_to_zero";
const CLAUSE: &str = "sqs.visibility.change-zero";

#[test]
fn a_list_has_a_line_per_case_and_the_totals() {
    let ended = run(&["list", CASE]);
    assert_eq!((ended.code, ended.out.lines().count()), (0, 2));
    assert!(ended.out.starts_with("sqs.visibility.change_to_zero  json,query  "), "{}", ended.out);
    assert!(ended.out.contains("\ncases: 1, units: 2;"), "{}", ended.out);
}

#[test]
fn a_list_as_json_has_what_a_program_needs() {
    let cases: Value = serde_json::from_str(&run(&["list", CASE, "--format", "json"]).out).expect("JSON");
    assert_eq!((&cases[0]["id"], &cases[0]["service"]), (&json!(CASE), &json!("sqs")));
    assert!(cases[0]["clauses"].as_array().expect("a list").contains(&json!(CLAUSE)));
    assert!(cases[0]["requests"].is_u64() && cases[0]["seconds"].is_u64() && cases[0]["needs"].is_array());
}

#[test]
fn a_clause_filter_lists_the_cases_that_cover_it() {
    let ended = run(&["list", CLAUSE]);
    assert!(ended.out.contains(CASE), "{}", ended.out);
}

#[test]
fn a_case_is_explained_with_its_clauses() {
    let told = run(&["explain", CASE]).out;
    assert!(told.starts_with("sqs.visibility.change_to_zero: a case\n"), "{told}");
    for part in
        ["\nsqs.visibility.change-zero: a clause, ", "  source    ", "  protocols json, query\n", "  cost      "]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_clause_is_explained_with_its_cases() {
    let told = run(&["explain", CLAUSE]).out;
    assert!(told.starts_with("sqs.visibility.change-zero: a clause, "), "{told}");
    assert!(told.contains("  checked   by sqs.visibility.change_to_zero: "), "{told}");
}

#[test]
fn a_unit_is_explained_as_its_case() {
    let [unit, case] = ["/query", ""].map(|end| run(&["explain", &format!("{CASE}{end}")]).out);
    assert_eq!(unit, case);
}

#[test]
fn what_is_not_there_is_told_with_what_is_like_it() {
    let ended = run(&["explain", "sqs.visibility.change_to_zeroo"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.err.contains("did you mean") && ended.err.contains("sqs.visibility.change_to_zero\n"),
        "{}",
        ended.err
    );
    let ended = run(&["explain", "qqqqqqqqqq"]);
    assert!(ended.err.contains("`proofmark list` shows"), "{}", ended.err);
}

#[test]
fn a_part_of_many_names_is_ambiguous() {
    let ended = run(&["explain", "visibility"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("give one of them whole"), "{}", ended.err);
}

#[test]
fn coverage_adds_up_and_its_exit_code_says_whether_it_is_complete() {
    let ended = run(&["coverage", "--format", "json"]);
    let coverage: Value = serde_json::from_str(&ended.out).expect("JSON");
    let services = coverage["services"].as_object().expect("services");
    let mut complete = true;
    for counts in services.values() {
        let uncovered = counts["uncovered"].as_array().expect("a list").len() as u64;
        let number = |name: &str| counts[name].as_u64().expect("a number");
        assert_eq!(number("clauses"), number("covered") + number("uncoverable") + uncovered);
        assert_eq!(counts.as_object().expect("an object").len(), 4);
        complete &= uncovered == 0;
    }
    assert!(services.contains_key("sqs") && services.contains_key("wire"));
    assert_eq!(ended.code, i32::from(!complete));
}

#[test]
fn coverage_for_people_names_what_cannot_be_covered_and_why() {
    let ended = run(&["coverage"]);
    assert!(ended.out.contains("No case can show") && ended.out.contains("shows only in a load test"), "{}", ended.out);
    assert!(run(&["coverage", "--format", "markdown"]).out.starts_with("| Service | Strength |"));
}
