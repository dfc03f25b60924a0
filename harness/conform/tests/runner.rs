//! The runner: verdicts, order, repeatability, budget, deadline, cleaning up.
//!
//! The cases here ask nothing of any service but to answer.

use proofmark_backend::{ClockKind, Fault, FaultAction, ReferenceOptions, Transport};
use proofmark_conform::budget::Budget;
use proofmark_conform::runner::RunEvent;
use proofmark_conform::{
    Backend, Case, Filter, PATIENCE, Plan, Protocol, RunOptions, RunSummary, Seen, Stop, Unit, Verdict, case, run,
    run_unit,
};
use std::time::Duration;

case! {
    /// It calls once.
    CALLS = "runner.calls",
    clauses: ["runner.clause"],
    cost: 1 requests, 0 seconds,
    async fn calls(scope) {
        scope.sqs().list_queues().send().await?;
        scope.observe("runner.clause", "an answer");
        Ok(())
    }
}

case! {
    /// It fails,
    /// and says so on two lines.
    FAILS = "runner.fails",
    clauses: ["runner.clause"],
    cost: 1 requests, 0 seconds,
    protocols: [Json],
    async fn fails(scope) {
        scope.sqs().list_queues().send().await?;
        scope.warn_text("a", "b")?;
        scope.expect_eq("the number of things", 1, 2)
    }
}

case! {
    /// It panics.
    PANICS = "runner.panics",
    clauses: [],
    cost: 0 requests, 0 seconds,
    protocols: [Json],
    async fn panics(_scope) { panic!("on purpose") }
}

case! {
    /// It never ends and never lets time pass.
    NEVER_ENDS = "runner.never_ends",
    clauses: [],
    cost: 0 requests, 0 seconds,
    protocols: [Json],
    async fn never_ends(_scope) {
        loop {
            tokio::task::yield_now().await;
        }
    }
}

case! {
    /// It waits for ever.
    WAITS = "runner.waits",
    clauses: [],
    cost: 0 requests, 0 seconds,
    protocols: [Json],
    async fn waits(scope) {
        loop {
            scope.sleep(Duration::from_secs(1)).await;
        }
    }
}

case! {
    /// It waits for what does not come.
    EVENTUALLY = "runner.eventually",
    clauses: ["runner.clause"],
    cost: 0 requests, 86400 seconds,
    protocols: [Json],
    async fn eventually(scope) {
        scope.never_within("nothing", Duration::from_secs(86_400), async || Ok(None::<()>)).await?;
        let mut looks = 0;
        let look = async || {
            looks += 1;
            Ok(Seen::<()>::NotYet(format!("{} looks", looks > 3)))
        };
        scope.eventually("the thing", Duration::from_secs(30), look).await
    }
}

case! {
    /// It needs what an endpoint lacks.
    NEEDS = "runner.needs",
    clauses: [],
    cost: 0 requests, 0 seconds,
    protocols: [Json],
    needs: [SessionCredentials],
    async fn needs(_scope) { Ok(()) }
}

static ALL: [&Case; 5] = [&CALLS, &FAILS, &PANICS, &EVENTUALLY, &NEEDS];

fn reference() -> Backend {
    Backend::reference(ReferenceOptions::default())
}

fn options(threads: usize) -> RunOptions {
    RunOptions { threads, ..RunOptions::default() }
}

fn run_all(backend: &Backend, options: &RunOptions) -> RunSummary {
    let summary = run(backend, &Plan::new(&ALL), options, |_| ());
    RunSummary { started_milliseconds: 0, took_milliseconds: 0, ..summary }
}

fn unit(case: &'static Case) -> Unit {
    Unit { case, protocol: Protocol::Json }
}

#[test]
fn a_case_says_what_its_doc_comment_says() {
    assert_eq!(FAILS.says, "It fails, and says so on two lines.");
    assert_eq!(FAILS.service(), "runner");
}

#[test]
fn every_verdict_is_given_in_the_order_of_the_plan() {
    let summary = run_all(&reference(), &options(3));
    let verdicts: Vec<_> = summary.units.iter().map(|unit| (unit.unit.as_str(), unit.verdict)).collect();
    assert_eq!(
        verdicts,
        [
            ("runner.calls/json", Verdict::Pass),
            ("runner.calls/query", Verdict::Pass),
            ("runner.fails/json", Verdict::Fail),
            ("runner.panics/json", Verdict::Error),
            ("runner.eventually/json", Verdict::Fail),
            ("runner.needs/json", Verdict::Pass),
        ]
    );
    assert_eq!(summary.requests, 3);
    assert_eq!(summary.units[0].observations[0].seen, "an answer");
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    assert_eq!(run_all(&reference(), &options(1)), run_all(&reference(), &options(4)));
}

#[test]
fn a_failure_shows_what_was_expected_what_came_the_clause_and_the_wire() {
    let result = run_unit(&reference(), unit(&FAILS), &options(1));
    let failure = result.failure.expect("it failed");
    assert_eq!(failure.to_string(), "the number of things: expected 1, got 2 [runner.clause]");
    assert_eq!(result.warnings, ["the text: expected \"a\", got \"b\""]);
    assert_eq!(result.exchanges.len(), 1);
    let exact = run_unit(&reference(), unit(&FAILS), &RunOptions { exact: true, ..options(1) });
    assert!(exact.failure.expect("it failed").to_string().starts_with("the text"));
}

#[test]
fn a_day_of_waiting_takes_no_time_and_the_last_state_is_told() {
    let result = run_unit(&reference(), unit(&EVENTUALLY), &options(1));
    assert_eq!(result.failure.unwrap().to_string(), "the thing: expected within 30 s, got true looks [runner.clause]");
    assert_eq!(result.world_milliseconds, 86_430_000);
}

#[test]
fn a_panic_is_an_error_with_its_message() {
    let result = run_unit(&reference(), unit(&PANICS), &options(1));
    assert_eq!(result.reason.as_deref(), Some("the case panicked: on purpose"));
}

#[test]
fn what_never_ends_is_ended() {
    let short = RunOptions { deadline: Duration::from_millis(5), steps: 100, ..options(1) };
    let never = run_unit(&reference(), unit(&NEVER_ENDS), &short);
    assert!(never.reason.unwrap().starts_with("not done after"));
    let waits = run_unit(&reference(), unit(&WAITS), &RunOptions { steps: 100, ..options(1) });
    assert!(waits.reason.unwrap().starts_with("not done after 100 steps"));
}

#[test]
fn a_case_that_waits_in_vain_can_say_so_before_it_is_ended() {
    assert!(RunOptions::default().deadline > PATIENCE);
}

#[test]
fn a_lacking_capability_is_unsupported_and_no_call_is_made() {
    let endpoint = Backend::endpoint(proofmark_backend::EndpointOptions::new("http://127.0.0.1:9"));
    let result = run_unit(&endpoint, unit(&NEEDS), &options(1));
    assert_eq!(result.verdict, Verdict::Unsupported);
    assert_eq!(result.reason.as_deref(), Some("it needs session-credentials"));
}

#[test]
fn a_used_up_budget_disables_the_rest() {
    let budget = Budget { requests: Some(2), micros: None };
    let summary = run_all(&reference(), &RunOptions { budget, ..options(1) });
    assert!(summary.budget_exhausted);
    assert_eq!(summary.requests, 2);
    assert_eq!(summary.units[2].verdict, Verdict::Disabled);
    assert_eq!(summary.totals()[&Verdict::Disabled], 1, "what costs nothing still runs");
}

#[test]
fn a_raised_flag_ends_the_run_and_leaves_the_rest_out() {
    let stopped = options(1);
    stopped.stop.raise();
    assert_eq!(run_all(&reference(), &stopped).units, []);
}

#[test]
fn a_unit_under_way_is_broken_off_and_left_out() {
    let plan = Plan::new(&[&NEVER_ENDS]);
    let endless = RunOptions { steps: u64::MAX, ..options(1) };
    let stop = endless.stop.clone();
    let summary = run(&reference(), &plan, &endless, |event| {
        assert!(matches!(event, RunEvent::Started { .. }), "nothing came of it: {event:?}");
        stop.raise();
    });
    assert_eq!(summary.units, []);
}

#[test]
fn a_unit_that_waits_too_long_is_unsupported_and_says_why() {
    let short = RunOptions { longest: Some(Duration::from_secs(900)), ..options(1) };
    let result = run_unit(&reference(), unit(&EVENTUALLY), &short);
    assert_eq!((result.verdict, result.requests), (Verdict::Unsupported, 0));
    assert_eq!(result.reason.unwrap(), "it waits longer than the 900 s that this run allows a unit");
}

#[test]
fn throttling_is_no_evidence_against_the_world() {
    let faults = vec![Fault::new(FaultAction::Throttle)];
    let backend = Backend::reference(ReferenceOptions { faults, ..ReferenceOptions::default() });
    let result = run_unit(&backend, unit(&CALLS), &options(1));
    assert_eq!(result.verdict, Verdict::Inconclusive, "{:?}", result.reason);
}

#[test]
fn an_unreachable_endpoint_is_an_error_and_not_a_failure() {
    let endpoint = Backend::endpoint(proofmark_backend::EndpointOptions::new("http://127.0.0.1:9"));
    let plan = Plan::new(&[&CALLS]).filtered(&Filter::new(["json"]));
    let mut events = 0;
    let summary = run(&endpoint, &plan, &options(1), |event| {
        events += 1;
        assert!(matches!(event, RunEvent::Started { .. } | RunEvent::Finished { .. }));
    });
    assert_eq!((events, summary.units[0].verdict), (2, Verdict::Error));
}

#[test]
fn the_same_cases_come_to_the_same_over_tcp() {
    let over = |transport| {
        let backend = Backend::reference(ReferenceOptions { transport, ..ReferenceOptions::default() });
        let summary = run_all(&backend, &options(2));
        summary.units.into_iter().map(|unit| (unit.unit, unit.verdict, unit.world_milliseconds)).collect::<Vec<_>>()
    };
    assert_eq!(over(Transport::InProcess), over(Transport::Tcp));
}

#[test]
fn a_wall_clock_runs_the_same_case() {
    let options_on_wall = ReferenceOptions { clock: ClockKind::Wall, ..ReferenceOptions::default() };
    let result = run_unit(&Backend::reference(options_on_wall), unit(&CALLS), &options(1));
    assert_eq!(result.verdict, Verdict::Pass, "{:?}", result.reason);
}

#[test]
fn stops_are_compared_by_what_they_say() {
    assert_ne!(Stop::fail("a"), Stop::fail("b"));
}
