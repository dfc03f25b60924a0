//! What the load generator itself does per operation, without any service.
//!
//! | Figure | What is done |
//! |---|---|
//! | `plan/<plan>` | the next arrival |
//! | `payload/write`, `payload/read` | a message of 300 bytes is made, or told to be as it was sent |
//! | `record` | wait, service and response of a call go into their histograms |
//! | `harvest` | a second of 1,000 such calls is taken from the recorder |

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use proofmark_backend::{Distribution, Timestamp};
use proofmark_load::payload::{Letterhead, Payloads};
use proofmark_load::{Ended, Plan, Recorder};
use std::hint::black_box;

const PLANS: [&str; 4] = ["constant:1000/s", "poisson:1000/s", "ramp:0/s..1000/s@600s", "sine:1000/s~500/s@60s"];

fn plans(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plan");
    for text in PLANS {
        let plan = Plan::parse(text, |_| Err(std::io::Error::other("none is a trace"))).expect("it is a plan");
        let mut arrivals = plan.arrivals(0);
        group.bench_function(text, |bencher| bencher.iter(|| black_box(arrivals.next())));
    }
    group.finish();
}

fn payloads(criterion: &mut Criterion) {
    let payloads = Payloads::new("bench", 1, 0, Distribution::Fixed(300));
    let head = Letterhead { sequence: 12_345, group: 0, intended: Timestamp::from_seconds(1) };
    let body = payloads.write(head);
    let mut group = criterion.benchmark_group("payload");
    group.bench_function("write", |bencher| bencher.iter(|| payloads.write(black_box(head))));
    group.bench_function("read", |bencher| bencher.iter(|| payloads.read(black_box(&body))));
    group.finish();
}

fn recording(criterion: &mut Criterion) {
    let recorder = Recorder::default();
    let op = recorder.operation("sqs.SendMessage");
    let mut micros = 0;
    let mut call = || {
        micros = (micros * 7 + 13) % 50_000;
        let at = |micros: u64| Timestamp::from_nanos(micros * 1_000);
        recorder.scheduled(op, true, [at(0), at(micros), at(2 * micros)], &Ended::Well);
    };
    criterion.bench_function("record", |bencher| bencher.iter(&mut call));
    let mut group = criterion.benchmark_group("harvest");
    group.throughput(Throughput::Elements(1_000));
    group.bench_function("1000 calls", |bencher| {
        let fill = || (0..1_000).for_each(|_| call());
        bencher.iter_batched(fill, |()| black_box(recorder.harvest()), BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(benches, plans, payloads, recording);
criterion_main!(benches);
