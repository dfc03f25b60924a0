//! Cases about SQS, the same on every backend that can be had here.

use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_backend::{ClockKind, EndpointOptions, ReferenceOptions, Transport};
use proofmark_conform::checkers::{no_duplicates, no_loss, order_per_group};
use proofmark_conform::history::{Event, What};
use proofmark_conform::ledger::Ledger;
use proofmark_conform::{Backend, Case, Plan, RunOptions, RunSummary, Seen, UnitResult, Verdict, case, run};
use proofmark_reference::Reference;
use proofmark_reference::server::{Server, ServerHandle};
use std::time::Duration;

case! {
    /// A message comes back when its visibility timeout is over.
    COMES_BACK = "sqs.visibility.comes_back",
    clauses: ["sqs.visibility.default"],
    cost: 8 requests, 2 seconds,
    async fn comes_back(scope) {
        let queue = scope.create_queue("orders", &[(QueueAttributeName::VisibilityTimeout, "1")]).await?;
        let sqs = scope.sqs();
        sqs.send_message().queue_url(&queue).message_body("one coffee").send().await?;
        let receive = async || {
            let received = sqs.receive_message().queue_url(&queue).wait_time_seconds(1).send().await?;
            Ok(Seen::some_or(received.messages().first().cloned(), "no message"))
        };
        let first = scope.eventually("the message", Duration::from_secs(10), receive).await?;
        let again = scope.eventually("the message again", Duration::from_secs(10), receive).await?;
        scope.expect_eq("the message that came back", first.message_id(), again.message_id())
    }
}

case! {
    /// A missing queue is refused with its code and text.
    MISSING = "sqs.queue.missing",
    clauses: ["wire.sqs.missing-queue-text"],
    cost: 1 requests, 0 seconds,
    async fn missing(scope) {
        let result = scope.sqs().get_queue_url().queue_name(scope.name("nowhere")).send().await;
        let error = scope.expect_error(result, "AWS.SimpleQueueService.NonExistentQueue", 400)?;
        scope.check(error.message.contains("does not exist"), format!("the text is {:?}", error.message))
    }
}

case! {
    /// The messages of a group come in order, none twice, none lost.
    IN_ORDER = "sqs.fifo.in_order",
    clauses: ["sqs.fifo.order"],
    cost: 30 requests, 5 seconds,
    async fn in_order(scope) {
        let deduplicate = [(QueueAttributeName::ContentBasedDeduplication, "true")];
        let queue = scope.create_fifo_queue("orders", &deduplicate).await?;
        for number in 0..10 {
            let began = scope.now();
            let send = scope.sqs().send_message().queue_url(&queue).message_group_id("g");
            let sent = send.message_body(number.to_string()).send().await?;
            let sequence = sent.sequence_number().and_then(|number| number.parse().ok());
            let what = What::Sent {
                message_id: sent.message_id().unwrap_or_default().to_owned(),
                group: Some("g".to_owned()),
                sequence,
            };
            scope.history().push(Event { began, ended: scope.now(), queue: "orders".to_owned(), what });
        }
        for _ in 0..10 {
            let began = scope.now();
            let received = scope.sqs().receive_message().queue_url(&queue).wait_time_seconds(1).send().await?;
            let span = (began, scope.now());
            scope.history().received("orders", span, Duration::from_secs(30), received.messages());
            for message in received.messages() {
                let handle = message.receipt_handle().unwrap_or_default();
                scope.sqs().delete_message().queue_url(&queue).receipt_handle(handle).send().await?;
            }
        }
        let events = scope.history().events();
        no_loss(&events).settle()?;
        no_duplicates(&events).settle()?;
        order_per_group(&events).settle()
    }
}

case! {
    /// Another account's queue cannot be read.
    OTHER_ACCOUNT = "sqs.access.other_account",
    clauses: ["sqs.access.cross-account"],
    cost: 2 requests, 0 seconds,
    needs: [SecondAccount],
    async fn other_account(scope) {
        let queue = scope.create_queue("mine", &[]).await?;
        let other = scope.second_account_sqs()?;
        let refused = other.receive_message().queue_url(queue).send().await.is_err();
        scope.check(refused, "another account received from the queue")
    }
}

static CASES: [&Case; 4] = [&COMES_BACK, &MISSING, &IN_ORDER, &OTHER_ACCOUNT];

fn run_on(backend: &Backend, options: &RunOptions) -> RunSummary {
    run(backend, &Plan::new(&CASES), options, |_| ())
}

fn assert_passes(summary: &RunSummary) {
    for unit in &summary.units {
        let UnitResult { unit, verdict, failure, reason, exchanges, .. } = unit;
        assert_eq!(*verdict, Verdict::Pass, "{unit}: {failure:?} {reason:?} {exchanges:#?}");
    }
}

#[test]
fn cases_pass_on_the_reference_over_both_transports() {
    for transport in [Transport::InProcess, Transport::Tcp] {
        let backend = Backend::reference(ReferenceOptions { transport, ..ReferenceOptions::default() });
        assert_passes(&run_on(&backend, &RunOptions::default()));
    }
}

#[test]
fn cases_pass_on_a_wall_clock() {
    let options = ReferenceOptions { clock: ClockKind::Wall, ..ReferenceOptions::default() };
    let summary = run(&Backend::reference(options), &Plan::new(&[&COMES_BACK]), &RunOptions::default(), |_| ());
    assert_passes(&summary);
}

#[test]
fn two_runs_of_the_reference_are_the_same() {
    let backend = Backend::reference(ReferenceOptions::default());
    let shown = |summary: RunSummary| format!("{:?}", summary.units);
    let one = RunOptions { threads: 1, ..RunOptions::default() };
    assert_eq!(shown(run_on(&backend, &one)), shown(run_on(&backend, &RunOptions::default())));
}

/// A served reference, as an emulator that happens to be good.
fn served() -> (tokio::runtime::Runtime, ServerHandle) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let reference = Reference::builder().virtual_clock().build();
    let server = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        Server::new(reference).serve(listener).expect("it serves")
    });
    (runtime, server)
}

#[test]
fn an_endpoint_is_left_as_it_was_found() {
    let path = std::env::temp_dir().join(format!("proofmark-endpoint-{}.jsonl", std::process::id()));
    let (runtime, server) = served();
    let backend = Backend::endpoint(EndpointOptions::new(server.url()));
    let options =
        RunOptions { run: "r1".to_owned(), ledger: Ledger::append_to(&path).expect("a file"), ..RunOptions::default() };
    let summary = run_on(&backend, &options);
    let ledger = std::fs::read_to_string(&path).expect("a ledger");
    std::fs::remove_file(&path).expect("it goes");
    let verdicts: Vec<_> = summary.units.iter().map(|unit| (unit.case, unit.verdict)).collect();
    assert_eq!(verdicts[7], ("sqs.access.other_account", Verdict::Unsupported));
    assert_eq!(verdicts[2], ("sqs.queue.missing", Verdict::Pass), "{summary:#?}");
    assert!(ledger.lines().count() >= 8, "four queues, created and deleted: {ledger}");
    assert_eq!(Ledger::left_behind(&ledger).expect("a ledger"), []);
    assert!(summary.units.iter().all(|unit| unit.warnings.is_empty()), "{summary:#?}");
    runtime.block_on(server.shutdown());
}
