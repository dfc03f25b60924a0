//! What people and CI systems read, for every kind of end that a run can come to.

#[path = "../../record/tests/sample/mod.rs"]
mod sample;

use proofmark_record::{
    CheckRecord, ClauseText, Exchange, Expected, Failure, Message, Observation, Standing, UnitRecord, Verdict,
};
use proofmark_report::{Detail, Format, render};
use sample::record;

fn unit(case: &str, protocol: &str) -> UnitRecord {
    UnitRecord {
        unit: format!("{case}/{protocol}"),
        case: case.to_owned(),
        protocol: protocol.to_owned(),
        says: "A change to zero makes the message receivable at once.".to_owned(),
        clauses: vec!["sqs.visibility.change-zero".to_owned()],
        verdict: Verdict::Pass,
        expected: None,
        standing: Standing::Expected,
        failure: None,
        reason: None,
        warnings: Vec::new(),
        observations: Vec::new(),
        requests: 3,
        world_ms: 86_400_000,
        seed: 42,
        fingerprint: String::new(),
        replay: None,
        exchanges: Vec::new(),
        history: Vec::new(),
    }
}

fn ended(case: &str, verdict: Verdict, standing: Standing, reason: &str) -> UnitRecord {
    let replay = Some(format!("proofmark check {case}/json --seed 7"));
    UnitRecord { verdict, standing, reason: Some(reason.to_owned()), replay, ..unit(case, "json") }
}

fn message(headers: &[(&str, &str)], body: &str) -> Message {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Message { headers, body: body.to_owned(), body_bytes: body.len() }
}

fn exchange(number: u32) -> Exchange {
    let target = [("x-amz-target", "AmazonSQS.ReceiveMessage"), ("user-agent", "aws-sdk-rust/1")];
    Exchange {
        number,
        method: "POST".to_owned(),
        path: "/".to_owned(),
        request: message(&target, "{\"QueueUrl\":\"https://x/************/q\"}"),
        status: Some(200),
        response: Some(message(&[("x-amzn-RequestId", "r-1")], "{\"Messages\":[]}")),
        error: None,
    }
}

fn lost(number: u32) -> Exchange {
    Exchange { status: None, response: None, error: Some("connection reset".to_owned()), ..exchange(number) }
}

fn clause(id: &str) -> ClauseText {
    ClauseText {
        id: id.to_owned(),
        says: "A ChangeMessageVisibility of 0 lets the message be received again without any wait.".to_owned(),
        strength: "guaranteed".to_owned(),
        source: "AWS documentation: ChangeMessageVisibility".to_owned(),
    }
}

fn failed(case: &str) -> UnitRecord {
    let failure = Failure {
        what: "the number of messages".to_owned(),
        expected: Some("1".to_owned()),
        got: Some("0".to_owned()),
        clauses: vec![clause("sqs.visibility.change-zero")],
        request_id: Some("r-1".to_owned()),
    };
    UnitRecord {
        failure: Some(failure),
        reason: None,
        exchanges: vec![exchange(1), exchange(2), exchange(3), lost(4)],
        ..ended(case, Verdict::Fail, Standing::Unexpected, "")
    }
}

fn expected(case: &str, verdict: Verdict, standing: Standing) -> UnitRecord {
    let row = Expected {
        verdict: Verdict::Fail,
        reason: "the emulator has no <Query> | protocol".to_owned(),
        link: Some("https://example.invalid/issues/1".to_owned()),
    };
    UnitRecord { expected: Some(row), reason: None, ..ended(case, verdict, standing, "") }
}

fn all_pass() -> CheckRecord {
    let warned =
        UnitRecord { warnings: vec!["the text: expected \"a\", got \"b\"".to_owned()], ..unit("sqs.a", "query") };
    let seen = Observation { clause: "sqs.standard.at-least-once".to_owned(), seen: "no duplicate of 200".to_owned() };
    record(vec![unit("sqs.a", "json"), warned, UnitRecord { observations: vec![seen], ..unit("sqs.b", "json") }])
}

fn mixed() -> CheckRecord {
    let mut units = vec![
        unit("sqs.pass", "json"),
        failed("sqs.visibility.change_to_zero"),
        expected("sqs.known", Verdict::Fail, Standing::Expected),
        expected("sqs.mended", Verdict::Pass, Standing::UnexpectedPass),
        ended("sqs.missing", Verdict::Inconclusive, Standing::NotJudged, "0 of 40 receives brought a message"),
        ended("wire.broken", Verdict::Error, Standing::Unexpected, "the case panicked: on purpose"),
        ended("wire.left_out", Verdict::Disabled, Standing::NotJudged, "the budget has 2 requests left"),
    ];
    let lacking = |index| ended(&format!("sqs.n{index}"), Verdict::Unsupported, Standing::NotJudged, "it needs quotas");
    units.extend((0..8).map(lacking));
    let notes = vec!["the expectation of `sqs.old` has expired; look again, then renew or remove it".to_owned()];
    CheckRecord { notes, budget_exhausted: true, ..record(units) }
}

fn shown(record: &CheckRecord, format: Format) -> String {
    anstream::adapter::strip_str(&render(record, format).expect("it can be shown")).to_string()
}

#[test]
fn a_run_in_which_all_pass() {
    insta::assert_snapshot!(shown(&all_pass(), Format::Human(Detail::Brief)));
}

#[test]
fn a_run_in_which_all_pass_in_full() {
    insta::assert_snapshot!(shown(&all_pass(), Format::Human(Detail::Full)));
}

#[test]
fn a_run_with_every_verdict() {
    insta::assert_snapshot!(shown(&mixed(), Format::Human(Detail::Brief)));
}

#[test]
fn a_failure_in_full() {
    insta::assert_snapshot!(shown(&record(vec![failed("sqs.a")]), Format::Human(Detail::Full)));
}

#[test]
fn a_failure_that_cites_no_clause_of_many() {
    let mut unit = failed("sqs.a");
    let failure = unit.failure.as_mut().expect("it failed");
    failure.clauses = (0..5).map(|index| clause(&format!("sqs.clause-{index}"))).collect();
    unit.exchanges.clear();
    insta::assert_snapshot!(shown(&record(vec![unit]), Format::Human(Detail::Brief)));
}

#[test]
fn a_run_of_nothing_on_a_wall_clock() {
    let mut record = record(Vec::new());
    record.subject.clock = "wall".to_owned();
    insta::assert_snapshot!(shown(&record, Format::Human(Detail::Brief)));
}

#[test]
fn colours_say_how_it_went() {
    let last = |record: &CheckRecord| {
        let text = render(record, Format::Human(Detail::Brief)).expect("it can be shown");
        text.lines().last().unwrap_or_default().split('m').next().unwrap_or_default().to_owned()
    };
    let missing = record(vec![ended("sqs.a", Verdict::Inconclusive, Standing::NotJudged, "nothing came")]);
    assert_eq!([last(&all_pass()), last(&missing)], ["\u{1b}[32", "\u{1b}[33"]);
    assert!(last(&mixed()).starts_with("\u{1b}[1"), "bold red");
}

#[test]
fn junit() {
    insta::assert_snapshot!(shown(&mixed(), Format::Junit));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(shown(&mixed(), Format::Markdown));
}

#[test]
fn json_is_the_record() {
    let text = shown(&mixed(), Format::Json);
    let read: CheckRecord = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(read, mixed());
}
