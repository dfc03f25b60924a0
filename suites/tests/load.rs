//! The load generator proves itself, on virtual time: what it would hide if it were dishonest must show.

use proofmark_backend::{
    Backend, ClockKind, Distribution, Fault, FaultAction, Latency, Meter, ReferenceOptions, StopFlag,
};
use proofmark_load::scenario::SetUp;
use proofmark_load::{Arrival, Finished, Flow, Parameter, Part, Plan, Scenario, Settings, Stage, Subject, run};
use proofmark_record::load::{Judgement, Kind, LoadedRun, Status, Tag};
use proofmark_suites::scenarios::{SCENARIOS, find};
use std::collections::BTreeMap;
use std::future::Future;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("above zero")
}

fn settings(scenario: &'static Scenario, plan: &str, seconds: u64) -> Settings {
    Settings {
        scenario,
        parameters: scenario.choose(&[]).unwrap(),
        plan: Plan::parse(plan, |_| unreachable!("no trace")).unwrap(),
        duration: Duration::from_secs(seconds),
        warm_up: Duration::ZERO,
        blocks: count(1),
        workers: count(10),
        part: Part::WHOLE,
        seed: 1,
        interval: Duration::from_secs(1),
        drain: Duration::from_secs(60),
        timeout: Duration::from_secs(30),
        attempts: 1,
        threads: NonZeroUsize::MIN,
        run: "test".to_owned(),
        session: "test".to_owned(),
        stop: StopFlag::default(),
        versions: BTreeMap::new(),
    }
}

fn subject(options: ReferenceOptions, directory: Option<&Path>) -> Subject {
    Subject {
        label: "reference".to_owned(),
        backend: Backend::reference(options),
        clock: ClockKind::Virtual,
        described: proofmark_record::load::Subject { clock: "virtual".to_owned(), ..Default::default() },
        directory: directory.map(Path::to_owned),
        ledger: Default::default(),
        meter: Meter::default(),
        prices: None,
    }
}

fn on_reference(settings: &Settings, options: ReferenceOptions) -> Finished {
    let finished = run(settings, &[subject(options, None)], &mut |_| ()).unwrap();
    finished.into_iter().next().unwrap()
}

fn latency(distribution: Distribution, servers: Option<u32>) -> ReferenceOptions {
    let servers = servers.and_then(NonZeroU32::new);
    let latency = Latency { service: None, operation: None, nanoseconds: distribution, servers };
    ReferenceOptions { latencies: vec![latency], quotas: false, ..ReferenceOptions::default() }
}

/// Samples of `kind` that took longer than `than`.
fn longer(directory: &Path, kind: Kind, than: Duration) -> u64 {
    let loaded = LoadedRun::read(directory).unwrap();
    let total = loaded.total(&Tag::new("sqs.SendMessage", kind));
    let nanos = u64::try_from(than.as_nanos()).unwrap();
    total.iter_recorded().filter(|step| step.value_iterated_to() > nanos).map(|step| step.count_at_value()).sum()
}

#[test]
fn a_target_that_freezes_for_a_second_shows_in_the_response_and_not_in_the_service() {
    let directory = tempfile::tempdir().unwrap();
    // What is sent within that second is answered a second later. The virtual clock starts at this instant.
    let begins = 1_767_225_600_000 + 2_000;
    let freeze = Fault {
        from_milliseconds: begins,
        until_milliseconds: Some(begins + 1_000),
        ..Fault::new(FaultAction::DelayAnswer { milliseconds: 1_000 }).on("sqs", "SendMessage")
    };
    let options = ReferenceOptions { faults: vec![freeze], ..latency(Distribution::Fixed(1_000_000), None) };
    let settings = settings(find("sqs.standard").unwrap(), "constant:1000/s", 4);
    run(&settings, &[subject(options, Some(directory.path()))], &mut |_| ()).unwrap();
    let slow = |kind, millis| longer(directory.path(), kind, Duration::from_millis(millis));
    let responses = [slow(Kind::Response, 100), slow(Kind::Response, 500), slow(Kind::Response, 900)];
    // A thousand pile up in that second, and ten workers of a millisecond each catch up at ten times the rate: who was
    // to be sent a second before the thaw waits a second, who was to be sent right before it a tenth of one.
    for (seen, expected) in responses.into_iter().zip([1_000, 556, 111]) {
        assert!(seen.abs_diff(expected) <= 12, "responses are spread evenly up to a second: {responses:?}");
    }
    assert_eq!(slow(Kind::Service, 100), 10, "one for each worker");
    assert!(slow(Kind::Wait, 100) >= responses[0] - 20, "the rest of it was wait");
}

/// The consumers of a scenario, and a thief who takes one message and deletes it.
struct Robbed {
    honest: Arc<dyn Flow>,
    stage: Arc<Stage>,
    robbed: AtomicBool,
}

type Boxed<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

impl Flow for Robbed {
    fn act<'a>(&'a self, arrival: &'a Arrival) -> Boxed<'a> {
        self.honest.act(arrival)
    }

    fn consumers(&self) -> u32 {
        self.honest.consumers()
    }

    fn consume(&self, consumer: u32) -> Boxed<'_> {
        let ready = self.stage.delivery().is_some_and(|delivery| delivery.begun() > 5_000);
        if !ready || self.robbed.swap(true, Ordering::Relaxed) {
            return self.honest.consume(consumer);
        }
        Box::pin(async move {
            let sqs = self.stage.sqs();
            let queue = sqs.list_queues().send().await.unwrap().queue_urls.unwrap().remove(0);
            let got = sqs.receive_message().queue_url(&queue).wait_time_seconds(20).send().await.unwrap();
            let stolen = &got.messages()[0];
            sqs.delete_message()
                .queue_url(&queue)
                .set_receipt_handle(stolen.receipt_handle.clone())
                .send()
                .await
                .unwrap();
        })
    }
}

const ROB: SetUp = |stage| {
    Box::pin(async move {
        let honest = (find("sqs.standard").expect("it is listed").set_up)(stage).await?;
        let robbed = AtomicBool::new(false);
        Ok(Arc::new(Robbed { honest, stage: stage.clone(), robbed }) as Arc<dyn Flow>)
    })
};

static ROBBED: Scenario = Scenario {
    name: "robbed",
    summary: "a target that loses one message in ten thousand",
    parameters: &[
        Parameter { name: "size", default: "64", help: "" },
        Parameter { name: "batch", default: "10", help: "" },
        Parameter { name: "consumers", default: "1", help: "" },
        Parameter { name: "receive", default: "10", help: "" },
    ],
    stationary: true,
    set_up: ROB,
};

#[test]
fn a_target_that_loses_one_message_in_ten_thousand_has_failed() {
    let finished = on_reference(&settings(&ROBBED, "constant:200/s", 5), ReferenceOptions::default());
    let delivery = finished.record.delivery.unwrap();
    assert_eq!((delivery.sent, delivery.lost, delivery.judgement), (10_000, 1, Judgement::Broken));
    assert_eq!(delivery.reasons, ["1 message lost"]);
}

#[test]
fn a_day_of_load_repeats_bit_for_bit() {
    let files = || {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings {
            interval: Duration::from_secs(600),
            ..settings(find("sqs.standard").unwrap(), "poisson:0.02/s", 86_400)
        };
        let options = latency(Distribution::LogNormal { median: 12_000_000, sigma: 0.5 }, None);
        run(&settings, &[subject(options, Some(directory.path()))], &mut |_| ()).unwrap();
        ["run.json", "series.ndjson", "histograms.hlog"].map(|file| std::fs::read(directory.path().join(file)).unwrap())
    };
    let (first, second) = (files(), files());
    assert!(first == second, "the same seed leaves the same record");
    assert!(first[2].len() > 5_000, "and there is something in it");
}

#[test]
fn every_scenario_delivers_everything_on_the_reference() {
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.name != "null") {
        let settings = Settings { warm_up: Duration::from_secs(1), ..settings(scenario, "constant:50/s", 6) };
        let Finished { record, trouble, .. } = on_reference(&settings, latency(Distribution::Fixed(2_000_000), None));
        assert_eq!((record.status, trouble), (Status::Complete, None), "{}", scenario.name);
        assert!(record.validity.valid, "{}: {:#?}", scenario.name, record.validity);
        assert_eq!(record.offered.sent, 300, "{}", scenario.name);
        if scenario.name != "sns.publish" {
            let delivery = record.delivery.unwrap();
            assert_eq!((delivery.judgement, delivery.sent), (Judgement::Kept, delivery.received), "{}", scenario.name);
            assert!(delivery.sent >= 300 && delivery.foreign == 0, "{}: {delivery:?}", scenario.name);
        }
    }
}

#[test]
fn the_parts_of_a_run_make_up_the_whole() {
    let sent = |part| {
        let settings = Settings { part, ..settings(find("sqs.standard").unwrap(), "poisson:50/s", 4) };
        on_reference(&settings, ReferenceOptions::default()).record.delivery.unwrap().sent
    };
    let parts: u64 = (1..=3).map(|index| sent(Part { index: count(index), of: count(3) })).sum();
    assert_eq!(parts, sent(Part::WHOLE));
}

#[test]
fn what_a_target_cannot_keep_up_with_makes_the_run_invalid() {
    // One server of 10 ms serves 100 a second, sends, receives and deletes together.
    let settings = settings(find("sqs.standard").unwrap(), "constant:200/s", 10);
    let record = on_reference(&settings, latency(Distribution::Fixed(10_000_000), Some(1))).record;
    assert!(!record.validity.valid);
    let failed: Vec<_> = record
        .validity
        .checks
        .iter()
        .filter(|check| check.verdict == proofmark_record::load::CheckVerdict::Failed)
        .map(|check| check.name.as_str())
        .collect();
    assert!(failed.contains(&"schedule"), "{failed:?}");
}

#[test]
fn interleaved_backends_are_measured_in_blocks_of_their_own() {
    let fast = subject(latency(Distribution::Fixed(5_000_000), None), None);
    let slow = Subject { label: "slow".to_owned(), ..subject(latency(Distribution::Fixed(50_000_000), None), None) };
    let settings = Settings { blocks: count(4), ..settings(find("sqs.standard").unwrap(), "constant:100/s", 8) };
    let finished = run(&settings, &[fast, slow], &mut |_| ()).unwrap();
    for (finished, millis) in finished.iter().zip([5, 50]) {
        assert_eq!(finished.record.offered.sent, 800);
        let summary = &finished.record.operation("sqs.SendMessage").unwrap().kinds[&Kind::Response];
        assert_eq!(summary.at(0.5).map(|ns| ns / 1_000_000), Some(millis));
        let blocks: Vec<_> = finished.record.phases.iter().filter_map(|phase| phase.block).collect();
        assert_eq!(blocks, [0, 0, 1, 1, 2, 2, 3, 3], "each is measured and drained");
    }
}
