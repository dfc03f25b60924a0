//! How fast the world is by itself, and how much memory a queued message takes.
//!
//! | Figure | What is done |
//! |---|---|
//! | `standard/<backlog>` | send, receive and delete one message of 256 bytes behind a backlog of that many |
//! | `fifo/<backlog>` | the same on a FIFO queue, a thousand groups |
//! | memory | resident bytes before and after a million such messages are sent |
//!
//! One element is one cycle of three calls. Nothing here touches a clock or a socket.

use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group};
use proofmark_world::sqs::api::{CreateQueueInput, DeleteMessageInput, ReceiveMessageInput, SendMessageInput};
use proofmark_world::sqs::{Request, Response};
use proofmark_world::{AccountId, Answer, Caller, Config, Protocol, Region, Timestamp, World};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const BACKLOGS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const MEMORY_MESSAGES: usize = 1_000_000;
const BODY_BYTES: usize = 256;
const GROUPS: usize = 1_000;
const PAGE_BYTES: usize = 4_096;

/// How far time moves with each cycle. A FIFO queue remembers the deduplication ids of five minutes; at a
/// thousand messages a second that is a table of 300,000.
const STANDARD_STEP: Duration = Duration::from_micros(1);
const FIFO_STEP: Duration = Duration::from_millis(1);

/// A world with one queue, and the one who calls it.
struct Bench {
    world: World,
    now: Timestamp,
    step: Duration,
    caller: Caller,
    url: Arc<str>,
    body: Arc<str>,
    groups: Vec<Arc<str>>,
    sent: usize,
}

impl Bench {
    fn standard() -> Self {
        Bench::new("bench", STANDARD_STEP, Vec::new())
    }

    fn fifo() -> Self {
        let groups = (0..GROUPS).map(|number| format!("group-{number}").into()).collect();
        Bench::new("bench.fifo", FIFO_STEP, groups)
    }

    fn new(name: &str, step: Duration, groups: Vec<Arc<str>>) -> Self {
        let caller = Caller {
            account: AccountId::DEFAULT,
            region: Region::new("us-east-1"),
            protocol: Protocol::Json,
            endpoint: "http://localhost:4566".into(),
            trace_header: None,
            signed: true,
        };
        // Quotas would stop a FIFO queue at 300 calls per second of the world's time.
        let world = World::new(Config { quotas: false, ..Config::default() });
        let now = Timestamp::from_seconds(1_767_225_600);
        let mut bench = Bench { world, now, step, caller, url: "".into(), body: "".into(), groups, sent: 0 };
        bench.create(name);
        bench
    }

    fn create(&mut self, name: &str) {
        let fifo = BTreeMap::from([("FifoQueue".to_owned(), "true".to_owned())]);
        let attributes = (!self.groups.is_empty()).then_some(fifo);
        let input = CreateQueueInput { queue_name: Some(name.to_owned()), attributes, tags: None };
        let Response::CreateQueue(created) = self.call(Request::CreateQueue(input)) else { panic!("not created") };
        self.url = created.queue_url.expect("a queue has a URL");
        self.body = "x".repeat(BODY_BYTES).into();
    }

    fn filled(mut self, messages: usize) -> Self {
        for _ in 0..messages {
            self.now = self.now + self.step;
            self.send();
        }
        self
    }

    fn call(&mut self, request: Request) -> Response {
        match self.world.call(self.now, &self.caller, proofmark_world::Request::Sqs(request)) {
            Answer::Now(Ok(proofmark_world::Response::Sqs(response))) => response,
            other => panic!("the world answered {other:?}"),
        }
    }

    /// Sends a message whose body is its own, as it is when it comes over a wire.
    fn send(&mut self) {
        self.sent += 1;
        let group = (!self.groups.is_empty()).then(|| self.groups[self.sent % GROUPS].clone());
        let input = SendMessageInput {
            queue_url: Some(self.url.clone()),
            message_body: Some(Arc::from(&*self.body)),
            message_deduplication_id: group.as_ref().map(|_| self.sent.to_string().into()),
            message_group_id: group,
            ..SendMessageInput::default()
        };
        self.call(Request::SendMessage(input));
    }

    fn receive(&mut self) -> Arc<str> {
        let input = ReceiveMessageInput { queue_url: Some(self.url.clone()), ..ReceiveMessageInput::default() };
        let Response::ReceiveMessage(received) = self.call(Request::ReceiveMessage(input)) else {
            panic!("no receive")
        };
        let message = received.messages.and_then(|mut messages| messages.pop());
        message.and_then(|message| message.receipt_handle).expect("there is always a message")
    }

    fn delete(&mut self, receipt_handle: Arc<str>) {
        let input = DeleteMessageInput { queue_url: Some(self.url.clone()), receipt_handle: Some(receipt_handle) };
        self.call(Request::DeleteMessage(input));
    }

    fn cycle(&mut self) {
        self.now = self.now + self.step;
        self.send();
        let handle = self.receive();
        self.delete(handle);
    }
}

fn cycles(criterion: &mut Criterion) {
    bench_backlogs(criterion, "standard", Bench::standard);
    bench_backlogs(criterion, "fifo", Bench::fifo);
}

fn bench_backlogs(criterion: &mut Criterion, kind: &str, empty: fn() -> Bench) {
    let mut group = criterion.benchmark_group(format!("world/send-receive-delete/{kind}"));
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3)).sample_size(30);
    group.throughput(Throughput::Elements(1));
    for backlog in BACKLOGS {
        bench_backlog(&mut group, backlog, empty);
    }
    group.finish();
}

fn bench_backlog<M: criterion::measurement::Measurement>(
    group: &mut BenchmarkGroup<'_, M>,
    backlog: usize,
    empty: fn() -> Bench,
) {
    let mut filled = None;
    group.bench_function(BenchmarkId::from_parameter(backlog), |bencher| {
        // Filled only if the benchmark is chosen, and only once.
        let bench = filled.get_or_insert_with(|| empty().filled(backlog));
        bencher.iter(|| bench.cycle());
    });
}

/// What the operating system has given this process, in bytes.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or_default() * PAGE_BYTES
}

#[expect(clippy::print_stdout, reason = "this is what the bench is for")]
fn print_memory() {
    let bench = Bench::standard();
    let before = resident_bytes();
    let bench = bench.filled(MEMORY_MESSAGES);
    let bytes = resident_bytes().saturating_sub(before) / MEMORY_MESSAGES;
    drop(bench);
    println!("memory per queued 256-byte message: {bytes} bytes");
}

criterion_group!(benches, cycles);

fn main() {
    // Under `cargo test --benches` every figure would be one of an unoptimised build.
    if std::env::args().any(|argument| argument == "--bench") {
        print_memory();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
