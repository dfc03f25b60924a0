//! Virtual time through the real SDK: leaping, advancing, driving, dropping.
//!
//! Answers that come late are made with a fault, so that these tests need no service to work.

use aws_sdk_sqs::Client;
use proofmark_reference::clock::VirtualClock;
use proofmark_reference::{Distribution, DriveError, Fault, FaultAction, IdlePolicy, Latency, Reference};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Every answer comes `milliseconds` late.
fn slow(milliseconds: u64) -> Vec<Fault> {
    vec![Fault::new(FaultAction::DelayAnswer { milliseconds })]
}

fn slow_reference(milliseconds: u64) -> Reference {
    Reference::builder().virtual_clock().faults(slow(milliseconds)).idle(IdlePolicy::Hold).build()
}

async fn call(client: &Client) -> bool {
    client.list_queues().send().await.is_ok()
}

fn elapsed(reference: &Reference) -> Duration {
    reference.clock().now().since(VirtualClock::DEFAULT_START)
}

#[tokio::test]
async fn driving_leaps_to_the_answer_and_not_further() {
    let reference = slow_reference(20_000);
    let client = Client::new(&reference.sdk_config());
    reference.drive(call(&client)).await.expect("the answer wakes it");
    assert_eq!(elapsed(&reference), Duration::from_secs(20));
}

#[tokio::test]
async fn driving_waits_for_tasks_that_the_body_spawned() {
    let reference = slow_reference(1_000);
    let client = Client::new(&reference.sdk_config());
    let body = async {
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { call(&client).await && call(&client).await })
            })
            .collect();
        for task in tasks {
            task.await.expect("no task panics");
        }
    };
    reference.drive(body).await.expect("every task ends");
    assert_eq!(elapsed(&reference), Duration::from_secs(2), "all waited together, twice");
}

#[tokio::test]
async fn driving_wakes_sleepers_in_the_order_of_their_instants() {
    let reference = slow_reference(0);
    let clock = reference.clock();
    let seen = Mutex::new(Vec::new());
    let sleeper = |seconds| {
        let (clock, seen) = (&clock, &seen);
        async move {
            clock.sleep(Duration::from_secs(seconds)).await;
            seen.lock().unwrap().push(clock.now().since(VirtualClock::DEFAULT_START).as_secs());
        }
    };
    reference.drive(async { tokio::join!(sleeper(30), sleeper(10), sleeper(20)) }).await.expect("all wake");
    assert_eq!(*seen.lock().unwrap(), [10, 20, 30]);
}

#[tokio::test]
async fn a_future_that_nothing_can_wake_is_a_deadlock() {
    let reference = slow_reference(0);
    let result = reference.drive(std::future::pending::<()>()).await;
    assert!(matches!(result, Err(DriveError::Deadlock { parked: 0, .. })), "{result:?}");
}

#[tokio::test]
async fn an_endless_loop_runs_out_of_steps() {
    let reference = slow_reference(0);
    let clock = reference.clock();
    let body = async {
        loop {
            clock.sleep(Duration::from_secs(1)).await;
        }
    };
    let result: Result<(), _> = reference.drive_for(body, 50).await;
    assert!(matches!(result, Err(DriveError::TooManySteps { steps: 50, .. })), "{result:?}");
}

#[tokio::test]
async fn driving_waits_for_what_happens_outside() {
    let reference = slow_reference(0);
    let outside = tokio::task::spawn_blocking(|| 7);
    assert_eq!(reference.drive(outside).await.expect("woken from another thread").unwrap(), 7);
}

#[tokio::test]
async fn advancing_lets_a_periodic_task_act_at_each_of_its_instants() {
    let reference = slow_reference(0);
    let (clock, seen) = (reference.clock(), Arc::new(Mutex::new(Vec::new())));
    let noted = seen.clone();
    let task = tokio::spawn(async move {
        loop {
            clock.sleep(Duration::from_secs(10)).await;
            noted.lock().unwrap().push(clock.now().since(VirtualClock::DEFAULT_START).as_secs());
        }
    });
    reference.advance(Duration::from_secs(35)).await.expect("it is virtual");
    task.abort();
    assert_eq!(*seen.lock().unwrap(), [10, 20, 30]);
    assert_eq!(elapsed(&reference), Duration::from_secs(35));
}

#[tokio::test]
async fn advancing_answers_what_comes_due_on_the_way() {
    let reference = slow_reference(20_000);
    let client = Client::new(&reference.sdk_config());
    let answered = tokio::spawn(async move { call(&client).await });
    reference.advance(Duration::from_secs(19)).await.expect("it is virtual");
    assert_eq!(reference.health().parked, 1);
    assert!(!answered.is_finished());
    reference.advance(Duration::from_secs(1)).await.expect("it is virtual");
    answered.await.expect("it has its answer");
    assert_eq!(reference.health().outstanding, 0);
}

#[tokio::test]
async fn without_driving_the_clock_leaps_when_nothing_happens() {
    let reference = Reference::builder().faults(slow(1_209_600_000)).build();
    let client = Client::new(&reference.sdk_config());
    call(&client).await;
    assert_eq!(elapsed(&reference), Duration::from_secs(14 * 86_400));
}

#[tokio::test]
async fn the_sdks_own_retries_sleep_on_the_virtual_clock() {
    let reference = Reference::builder().faults(vec![Fault::new(FaultAction::Unavailable)]).build();
    let client = Client::new(&reference.sdk_config());
    assert!(!call(&client).await, "three attempts, all refused");
    assert!(elapsed(&reference) > Duration::ZERO);
}

#[tokio::test]
async fn a_dropped_call_leaves_nothing_parked() {
    let reference = slow_reference(20_000);
    let client = Client::new(&reference.sdk_config());
    let task = tokio::spawn(async move { call(&client).await });
    reference.advance(Duration::from_secs(1)).await.expect("it is virtual");
    assert_eq!((reference.health().outstanding, reference.health().parked), (1, 1));
    task.abort();
    assert!(task.await.is_err_and(|error| error.is_cancelled()));
    assert_eq!((reference.health().outstanding, reference.health().parked), (0, 0));
}

#[tokio::test]
async fn a_reset_answers_who_waits_and_empties_the_world() {
    let reference = slow_reference(20_000);
    let client = Client::new(&reference.sdk_config());
    let task = tokio::spawn(async move { call(&client).await });
    reference.advance(Duration::from_secs(1)).await.expect("it is virtual");
    reference.reset();
    task.await.expect("it was answered");
    assert_eq!((reference.health().outstanding, reference.health().parked), (0, 0));
}

#[tokio::test]
async fn a_wall_clock_answers_in_its_own_time_and_cannot_be_advanced() {
    let reference = Reference::builder().wall_clock().faults(slow(3)).build();
    let client = Client::new(&reference.sdk_config());
    let before = reference.clock().now();
    reference.drive(call(&client)).await.expect("a wall clock just waits");
    assert!(reference.clock().now().since(before) >= Duration::from_millis(3));
    assert!(reference.advance(Duration::from_secs(1)).await.is_err());
}

/// A reference whose every request takes 100 ms, `servers` at once.
fn with_latency(servers: Option<u32>) -> Reference {
    let latency = Latency {
        service: None,
        operation: None,
        nanoseconds: Distribution::Fixed(100_000_000),
        servers: servers.and_then(NonZeroU32::new),
    };
    Reference::builder().virtual_clock().latencies(vec![latency]).idle(IdlePolicy::Hold).build()
}

#[tokio::test]
async fn a_message_takes_half_a_latency_there_and_half_a_latency_back() {
    let reference = with_latency(None);
    let (client, clock) = (Client::new(&reference.sdk_config()), reference.clock());
    let body = async {
        let queue = client.create_queue().queue_name("q").send().await.expect("it is new").queue_url;
        let queue = queue.expect("a queue has a URL");
        let receives = async {
            let got = client.receive_message().queue_url(&queue).wait_time_seconds(20).send().await;
            assert_eq!(got.expect("it waits").messages().len(), 1);
            elapsed(&reference)
        };
        let sends = async {
            clock.sleep(Duration::from_secs(1)).await;
            client.send_message().queue_url(&queue).message_body("m").send().await.expect("it is there");
            elapsed(&reference)
        };
        tokio::join!(receives, sends)
    };
    let (received, sent) = reference.drive(body).await.expect("both end");
    assert_eq!(sent, Duration::from_millis(1_200), "100 ms after it was sent");
    assert_eq!(received, sent, "it arrives after 50 ms, and the answer to the one who waited takes 50 ms");
}

#[tokio::test]
async fn with_one_server_requests_queue() {
    let reference = with_latency(Some(1));
    let client = Client::new(&reference.sdk_config());
    let three = async { tokio::join!(call(&client), call(&client), call(&client)) };
    reference.drive(three).await.expect("all are answered");
    assert_eq!(elapsed(&reference), Duration::from_millis(300));
}

#[tokio::test]
async fn a_request_under_way_is_answered_when_waits_end_and_forgotten_when_dropped() {
    let reference = with_latency(None);
    let client = Client::new(&reference.sdk_config());
    let ended = async {
        let ends = async {
            tokio::task::yield_now().await;
            reference.end_waits();
        };
        tokio::join!(call(&client), ends).0
    };
    assert!(reference.drive(ended).await.expect("it is answered"));
    assert_eq!(elapsed(&reference), Duration::ZERO);
    {
        let mut dropped = Box::pin(call(&client));
        let polled =
            std::future::poll_fn(|context| std::task::Poll::Ready(dropped.as_mut().poll(context).is_pending()));
        assert!(polled.await);
    }
    assert_eq!(reference.health().parked, 0);
}
