//! SNS's retry schedule at full length, in the world alone.
//!
//! | Figure | What is done |
//! |---|---|
//! | `schedule` | one queue is down for good: all 100,016 attempts of one message, each instant checked |
//! | `outage` | a thousand queues are down for 23 days: a hundred million attempts, run once, with its memory |
//!
//! Nothing here touches a clock or a socket. The outage takes about a minute; it is run only when it is asked for by
//! name: `cargo bench --bench retries -- outage`.

use criterion::{Criterion, Throughput, criterion_group};
use proofmark_world::deliver::schedule::Schedule;
use proofmark_world::sns::api::{CreateTopicInput, PublishInput, SubscribeInput};
use proofmark_world::sns::{Request, Response};
use proofmark_world::{AccountId, Answer, Caller, Config, Outage, Protocol, Region, Timestamp, World};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The retries of an endpoint that AWS manages, as the documentation has them.
const RETRIES: usize = 100_015;
const DOWN: usize = 1_000;
const PAGE_BYTES: usize = 4_096;

/// A world with one topic and some queues that are down for good.
struct Outaged {
    world: World,
    caller: Caller,
    topic: Arc<str>,
    now: Timestamp,
}

impl Outaged {
    fn new(queues: usize, note_attempts: bool) -> Self {
        let caller = Caller {
            account: AccountId::DEFAULT,
            region: Region::new("us-east-1"),
            protocol: Protocol::Query,
            endpoint: "http://localhost:4566".into(),
            trace_header: None,
            signed: true,
        };
        let outages = vec![Outage::of("arn:aws:sqs:*")];
        let world = World::new(Config { outages, note_attempts, ..Config::default() });
        let now = Timestamp::from_seconds(1_767_225_600);
        let mut outaged = Outaged { world, caller, topic: "".into(), now };
        let create = CreateTopicInput { name: Some("bench".to_owned()), ..CreateTopicInput::default() };
        let Response::CreateTopic(created) = outaged.call(Request::CreateTopic(create)) else { panic!("no topic") };
        outaged.topic = created.topic_arn.expect("a topic has an ARN");
        for number in 0..queues {
            outaged.call(Request::Subscribe(SubscribeInput {
                topic_arn: Some(outaged.topic.clone()),
                protocol: Some("sqs".to_owned()),
                endpoint: Some(format!("arn:aws:sqs:us-east-1:000000000000:queue-{number}").into()),
                ..SubscribeInput::default()
            }));
        }
        outaged
    }

    fn call(&mut self, request: Request) -> Response {
        match self.world.call(self.now, &self.caller, proofmark_world::Request::Sns(request)) {
            Answer::Now(Ok(proofmark_world::Response::Sns(response))) => response,
            other => panic!("the world answered {other:?}"),
        }
    }

    /// Publishes one message and lets 24 days pass.
    fn run(&mut self) {
        let topic_arn = Some(self.topic.clone());
        self.call(Request::Publish(PublishInput {
            topic_arn,
            message: Some("hello".into()),
            ..PublishInput::default()
        }));
        self.world.run_until(self.now + Duration::from_secs(24 * 86_400));
    }
}

/// Checks every attempt of the one message against the schedule.
fn check(outaged: &Outaged) {
    let attempts = outaged.world.seen().attempts();
    assert_eq!(attempts.len(), RETRIES + 1, "the first attempt and every retry");
    let mut due = outaged.now;
    for (attempt, retry) in attempts.iter().zip(0..) {
        due = due + Schedule::AWS_MANAGED.delay(retry).unwrap_or_default();
        assert_eq!((attempt.at, attempt.retry), (due, retry), "each at its instant");
    }
}

fn schedule(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("retries");
    group.throughput(Throughput::Elements(RETRIES as u64)).sample_size(10);
    group.bench_function("schedule", |bencher| {
        bencher.iter(|| {
            let mut outaged = Outaged::new(1, true);
            outaged.run();
            check(&outaged);
        });
    });
    group.finish();
}

/// What the operating system has given this process, in bytes.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or_default() * PAGE_BYTES
}

#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench measures real time and prints it")]
fn outage() {
    let before = resident_bytes();
    let mut outaged = Outaged::new(DOWN, false);
    let began = Instant::now();
    outaged.run();
    let took = began.elapsed();
    let attempts = (RETRIES + 1) * DOWN;
    let failed =
        outaged.world.seen().metrics().values().filter_map(|all| all.get("NumberOfNotificationsFailed")).sum::<u64>();
    assert_eq!(failed, DOWN as u64, "SNS gave each up once");
    let per_second = attempts as f64 / took.as_secs_f64();
    let bytes = resident_bytes().saturating_sub(before);
    println!(
        "retries/outage: {attempts} attempts over 23 days in {:.1} s, {per_second:.0} a second, {} KiB more memory",
        took.as_secs_f64(),
        bytes / 1_024
    );
}

criterion_group!(benches, schedule);

fn main() {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    if has("--bench") && has("outage") {
        outage();
        return;
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
