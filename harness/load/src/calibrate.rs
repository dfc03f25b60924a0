//! What the generator itself costs: beside a bare loop of SDK calls, and how late it is at half that rate.

use crate::machine::cores;
use crate::plan::Plan;
use crate::run::run;
use crate::settings::{LoadError, Settings, Subject};
use proofmark_backend::{Backend, Clock, Protocol, Target, WallClock, chain};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The generator's own limits on this machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Calls per second of a loop that does nothing but call the SDK.
    pub bare_per_second: f64,
    /// Calls per second of the generator.
    pub generator_per_second: f64,
    /// The rate at which its lateness was measured: half of the bare one.
    pub paced_per_second: f64,
    /// The rate that was kept then.
    pub kept_per_second: f64,
    /// How late free workers woke then, at p99 in nanoseconds.
    pub lateness_p99_ns: u64,
}

impl Calibration {
    /// The share of the bare rate that the generator reaches.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.generator_per_second / self.bare_per_second.max(f64::MIN_POSITIVE)
    }
}

/// How many rounds the two are compared in, turn by turn, so that what else the machine does hits both.
const ROUNDS: u32 = 5;

/// Measures the generator, on a subject that answers at once; `settings` says the scenario and how many work.
///
/// # Errors
/// [`LoadError`]
pub fn calibrate(settings: &Settings, subject: &Subject) -> Result<Calibration, LoadError> {
    let each = settings.duration / (2 * ROUNDS + 2);
    let (mut bare, mut generator) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(bare_rate(settings, subject, each)?);
        let text = format!("closed:{}", settings.workers);
        generator.push(follow(settings, subject, &text, each)?.0);
    }
    let (bare, generator) = (median(bare), median(generator));
    let paced = (bare / 2.0).max(1.0).round();
    let (kept, lateness_p99_ns) = follow(settings, subject, &format!("constant:{paced}/s"), 2 * each)?;
    Ok(Calibration {
        bare_per_second: bare,
        generator_per_second: generator,
        paced_per_second: paced,
        kept_per_second: kept,
        lateness_p99_ns,
    })
}

/// The rate that was kept, and the lateness.
fn follow(settings: &Settings, subject: &Subject, plan: &str, lasts: Duration) -> Result<(f64, u64), LoadError> {
    let plan = Plan::parse(plan, |_| Err(std::io::Error::other("it has no trace")));
    let plan = plan.map_err(|error| LoadError::Drive(error.to_string()))?;
    let settings = Settings { plan, duration: lasts, warm_up: Duration::from_millis(200), ..settings.clone() };
    let finished = run(&settings, std::slice::from_ref(subject), &mut |_| ())?;
    let finished = finished.first();
    Ok(finished.map_or((0.0, 0), |finished| (finished.record.offered.rate_kept, finished.lateness_p99_ns)))
}

/// As many loops as there are workers, on as many threads, each calling the SDK and nothing else.
fn bare_rate(settings: &Settings, subject: &Subject, lasts: Duration) -> Result<f64, LoadError> {
    let threads = settings.threads.get().min(cores() as usize).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let runtime = runtime.map_err(LoadError::Runtime)?;
    runtime.block_on(async {
        let target = open(&subject.backend).await?;
        let (clock, calls) = (WallClock::new(), Arc::new(AtomicU64::new(0)));
        let client = target.sqs(Protocol::Json);
        let began = clock.now();
        let loops: Vec<_> = (0..settings.workers.get())
            .map(|_| {
                let (client, clock, calls) = (client.clone(), clock.clone(), calls.clone());
                tokio::spawn(async move {
                    while clock.now().since(began) < lasts {
                        let send = client.send_message().queue_url("http://null/0/q").message_body("x".repeat(300));
                        // That it is answered is the null backend's business; only the calls count.
                        let _ = send.send().await;
                        calls.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        for one in loops {
            // A loop that panics has called too little, which shows.
            let _ = one.await;
        }
        Ok(calls.load(Ordering::Relaxed) as f64 / clock.now().since(began).as_secs_f64())
    })
}

async fn open(backend: &Backend) -> Result<Target, LoadError> {
    let opened = backend.open(0).await;
    let opened = opened.map_err(|error| LoadError::Open { label: "null".to_owned(), why: chain(&error) })?;
    Ok(opened.untaped(Default::default()).attempting(1))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
