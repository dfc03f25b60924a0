//! What people and programs read of a comparison.

mod synthetic;

use proofmark_record::comparison::{Comparison, Settings};
use proofmark_record::load::{LoadedRun, RunRecord};
use proofmark_report::compare::{compare, usual_settings};
use proofmark_report::comparison::{html, human, markdown};
use synthetic::Model;
use synthetic::load_sample::{self, delivery, record};

const MODEL: Model = Model {
    middle_ns: 4e6,
    scatter: 0.3,
    seconds_scatter: 0.015,
    persistence: 0.6,
    tail: 1.0,
    body: 1.0,
    seconds: 90,
    per_second: 500,
};

/// A run as it is read from a directory.
fn run(record: RunRecord, model: &Model, seed: u64) -> LoadedRun {
    let directory = tempfile::tempdir().expect("a directory");
    load_sample::write(directory.path(), record, &model.samples(seed), 1);
    LoadedRun::read(directory.path()).expect("it is read")
}

fn baseline() -> LoadedRun {
    run(RunRecord { delivery: Some(delivery(45_000, 0)), ..record("emulator") }, &MODEL, 1)
}

fn slower() -> LoadedRun {
    run(RunRecord { delivery: Some(delivery(45_000, 0)), ..record("emulator-next") }, &Model { tail: 1.25, ..MODEL }, 2)
}

fn compared(runs: &[LoadedRun]) -> Comparison {
    compare(runs, &Settings { replicas: 500, ..usual_settings() })
}

/// What is seen where nobody sees colours.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// A run with a name that would do harm, a generator that was too slow, and messages that were lost.
fn harmful() -> LoadedRun {
    let record = RunRecord {
        label: "<script>alert('|')</script>".to_owned(),
        delivery: Some(delivery(45_000, 3)),
        workers: 2,
        ..load_sample::invalid("x")
    };
    run(record, &MODEL, 3)
}

#[test]
fn a_slower_tail_for_people() {
    insta::assert_snapshot!(plain(&human::render(&compared(&[baseline(), slower()]))));
}

#[test]
fn a_slower_tail_in_markdown() {
    insta::assert_snapshot!(markdown::render(&compared(&[baseline(), slower()])));
}

#[test]
fn runs_that_are_not_to_be_believed_for_people() {
    insta::assert_snapshot!(plain(&human::render(&compared(&[baseline(), slower(), harmful()]))));
}

#[test]
fn runs_that_are_not_to_be_believed_in_markdown() {
    let told = markdown::render(&compared(&[baseline(), harmful()]));
    assert!(
        told.starts_with("# delivery broken: &lt;script&gt;alert('\\|')&lt;/script&gt;: 3 messages lost\n"),
        "{told}"
    );
    assert!(told.contains("| **no**: schedule kept: 71 % sent on time,"), "{told}");
}

#[test]
fn the_same_is_told_as_such() {
    let told = plain(&human::render(&compared(&[baseline(), run(record("again"), &MODEL, 4)])));
    assert!(told.ends_with("\nsame: none of 9 quantiles differs by the threshold or more\n"), "{told}");
}

#[test]
fn unlike_loads_are_told_as_such() {
    let other = run(RunRecord { plan: "constant:2/s".to_owned(), workers: 1, ..record("other") }, &MODEL, 4);
    let told = plain(&human::render(&compared(&[baseline(), other])));
    assert!(told.contains("  not judged not the same load: the plan is constant:1000/s there and constant:2/s here\n"));
    assert!(told.contains("  note the number of workers is 16 there and 1 here\n"), "{told}");
    assert!(
        told.ends_with("\ncannot tell: not the same load: the plan is constant:1000/s there and constant:2/s here\n")
    );
}

#[test]
fn a_comparison_as_json_is_as_its_schema_says() {
    let short = Model { seconds: 20, per_second: 3, ..MODEL };
    let runs = [("a", 1), ("b", 2)].map(|(label, seed)| run(record(label), &short, seed));
    let json = serde_json::to_value(compared(&runs)).expect("JSON");
    let schema = include_str!("../../record/schema/compare-1.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).expect("JSON")).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).expect("JSON"));
}

fn page(runs: &[LoadedRun]) -> String {
    html::render(&compared(runs), runs, "proofmark compare a b")
}

#[test]
fn a_page_needs_nothing_from_elsewhere_and_runs_nothing() {
    let page = page(&[baseline(), slower(), harmful()]);
    for elsewhere in ["<script", "<link", "<img", "<iframe", "src=", "href=", "@import", "url(", "http"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    assert!(page.contains("&lt;script&gt;alert(&#39;|&#39;)&lt;/script&gt;"));
}

#[test]
fn a_page_says_whether_runs_may_be_believed_before_any_time() {
    let page = page(&[baseline(), harmful()]);
    let body = &page[page.find("<body>").expect("a body")..];
    let at = |text: &str| body.find(text).unwrap_or_else(|| panic!("{text}"));
    let sections = [
        "delivery broken: ",
        "May they be believed?",
        "not valid",
        " against ",
        "How long it took",
        "Over time",
        "Calls, errors, throttles",
        "Machine and settings",
        "How to do it again",
    ];
    let places = sections.map(at);
    assert!(places.is_sorted(), "{places:?}");
    assert!(at("not valid") < at(" ms"), "before any time");
}

#[test]
fn every_tag_of_a_page_is_closed() {
    let page = page(&[baseline(), slower(), harmful()]);
    let mut open: Vec<&str> = Vec::new();
    for tag in page.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        match tag {
            _ if tag.starts_with('!') || tag.ends_with('/') || name == "meta" => {}
            _ if tag.starts_with('/') => assert_eq!(open.pop(), Some(name)),
            _ => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_page_about_runs_without_a_sample_is_a_page() {
    let empty = LoadedRun { intervals: Vec::new(), series: Vec::new(), ..baseline() };
    let page = page(&[empty.clone(), empty]);
    assert!(page.contains("cannot tell") && page.ends_with("</html>\n"));
}
