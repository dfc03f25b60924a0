//! Comparing proves itself on runs that were made up, so that the truth is known. Seconds of a run are alike, as they
//! are in real ones: without blocks, the intervals would be too narrow and these tests would fail.

mod synthetic;

use proofmark_record::comparison::{Comparison, Difference, Interval, Outcome, Settings};
use proofmark_record::load::{Counts, Kind, LoadedRun, LoggedInterval, Tag};
use proofmark_report::compare::{compare, usual_settings};
use synthetic::load_sample::OPERATION;
use synthetic::{Chance, Model};

const SEEDS: u64 = 100;

/// Two and a half minutes at 500 per second.
const ENOUGH: Model = Model {
    middle_ns: 4e6,
    scatter: 0.3,
    seconds_scatter: 0.015,
    persistence: 0.6,
    tail: 1.0,
    body: 1.0,
    seconds: 150,
    per_second: 500,
};

fn settings(seed: u64) -> Settings {
    Settings { replicas: 600, seed, ..usual_settings() }
}

/// Compares a run of one model with one of another.
fn compared(baseline: &Model, candidate: &Model, seed: u64) -> Comparison {
    let runs = [baseline.run("a", 2 * seed), candidate.run("b", 2 * seed + 1)];
    compare(&runs, &settings(seed))
}

fn at(comparison: &Comparison, quantile: f64) -> &Difference {
    let mut all = comparison.candidates[0].differences.iter();
    all.find(|difference| difference.quantile == quantile).expect("it is compared")
}

fn count(of: impl Fn(u64) -> bool) -> usize {
    (0..SEEDS).filter(|seed| of(*seed)).count()
}

#[test]
fn a_run_compared_with_its_like_is_the_same_and_intervals_hold_the_truth() {
    let all: Vec<Comparison> = (0..SEEDS).map(|seed| compared(&ENOUGH, &ENOUGH, seed)).collect();
    let same = all.iter().filter(|comparison| comparison.outcome == Outcome::Same).count();
    assert!(same >= 95, "{same} of {SEEDS} are the same");
    for quantile in [0.5, 0.9, 0.99] {
        let intervals: Vec<Interval> = all.iter().filter_map(|comparison| at(comparison, quantile).interval).collect();
        let missing = intervals.iter().filter(|interval| interval.low > 0.0 || interval.high < 0.0).count();
        // One is the mean of intervals that are exact, and four are beyond chance; the truth is that seconds which are
        // alike tell little of how alike they are, so a few more miss.
        assert!(missing <= 5, "{missing} of {} intervals of {quantile} miss the truth", intervals.len());
    }
}

#[test]
fn a_tail_that_is_a_tenth_slower_is_found() {
    let slower = Model { tail: 1.1, ..ENOUGH };
    let found = count(|seed| {
        let comparison = compared(&ENOUGH, &slower, seed);
        comparison.outcome == Outcome::Worse && at(&comparison, 0.99).outcome == Outcome::Worse
    });
    assert!(found >= 80, "{found} of {SEEDS} are found");
}

#[test]
fn a_change_of_the_middle_alone_is_found_there_and_not_in_the_tail() {
    let slower = Model { body: 1.1, ..ENOUGH };
    for seed in 0..10 {
        let comparison = compared(&ENOUGH, &slower, seed);
        assert_eq!((comparison.outcome, at(&comparison, 0.5).outcome), (Outcome::Worse, Outcome::Worse), "{seed}");
        assert_ne!(at(&comparison, 0.99).outcome, Outcome::Worse, "{seed}");
    }
}

#[test]
fn the_other_way_round_slower_is_faster() {
    let slower = Model { tail: 1.2, body: 1.2, ..ENOUGH };
    for seed in 0..5 {
        assert_eq!(compared(&ENOUGH, &slower, seed).outcome, Outcome::Worse);
        assert_eq!(compared(&slower, &ENOUGH, seed).outcome, Outcome::Better);
    }
}

#[test]
fn too_few_samples_never_are_the_same() {
    let short = Model { per_second: 5, seconds: 60, ..ENOUGH };
    for seed in 0..20 {
        let comparison = compared(&short, &short, seed);
        assert_eq!(comparison.outcome, Outcome::CannotTell);
        let reason = at(&comparison, 0.5).reason.as_deref().unwrap_or_default();
        assert!(reason.contains("300 samples are too few, it takes 800: run longer"), "{reason}");
    }
}

#[test]
fn too_few_intervals_never_are_the_same() {
    let short = Model { per_second: 20_000, seconds: 10, ..ENOUGH };
    for seed in 0..3 {
        let comparison = compared(&short, &short, seed);
        assert_eq!(comparison.outcome, Outcome::CannotTell);
        let reason = at(&comparison, 0.5).reason.as_deref().unwrap_or_default();
        assert!(reason.contains("10 intervals are too few"), "{reason}");
    }
}

#[test]
fn intervals_that_are_all_alike_never_are_the_same() {
    let drifting = Model { persistence: 0.995, seconds_scatter: 0.1, ..ENOUGH };
    let same = (0..20).filter(|seed| compared(&drifting, &drifting, *seed).outcome == Outcome::Same).count();
    assert_eq!(same, 0);
}

#[test]
fn a_tail_without_samples_enough_is_left_open_and_said_so() {
    let comparison = compared(&ENOUGH, &ENOUGH, 1);
    let tail = at(&comparison, 0.999);
    assert_eq!((comparison.outcome, tail.outcome, tail.interval), (Outcome::Same, Outcome::NotJudged, None));
    assert!(tail.reason.as_deref().is_some_and(|reason| reason.contains("it takes 400,000")), "{tail:?}");
    assert!(tail.baseline_ns.is_some(), "it is shown all the same");
}

/// Two runs whose blocks took turns, so that the same drift was in both.
fn took_turns(candidate: &Model, sessions: [&str; 2]) -> Comparison {
    let model = Model { seconds_scatter: 0.15, persistence: 0.9, ..ENOUGH };
    let mut chance = Chance::new(5);
    let drift = model.drift(&mut chance);
    let mut runs = [("a", ENOUGH), ("b", *candidate)].map(|(label, of)| of.run_with(label, &drift, 5, &mut chance));
    runs.iter_mut().zip(sessions).for_each(|(run, session)| run.run.session = session.to_owned());
    compare(&runs, &settings(5))
}

#[test]
fn what_slows_both_at_once_cancels_out_when_blocks_took_turns() {
    let paired = took_turns(&ENOUGH, ["one", "one"]);
    assert!(paired.candidates[0].paired);
    assert_eq!(paired.outcome, Outcome::Same);
    let mut both = [ENOUGH.run("a", 1), ENOUGH.run("b", 2)];
    both[1].run.run = both[0].run.run.clone();
    both.iter_mut()
        .flat_map(|run| &mut run.intervals)
        .enumerate()
        .for_each(|(at, one)| one.block = Some(at as u32 % 150 / 30));
    assert!(compare(&both, &settings(5)).candidates[0].paired, "runs of a session may share its id");
    both[1].run.label = both[0].run.label.clone();
    assert!(!compare(&both, &settings(5)).candidates[0].paired, "a run does not take turns with itself");
    let apart = took_turns(&ENOUGH, ["one", "another"]);
    assert!(!apart.candidates[0].paired);
    assert_eq!(apart.outcome, Outcome::CannotTell);
    let slower = took_turns(&Model { body: 1.1, tail: 1.1, ..ENOUGH }, ["one", "one"]);
    assert_eq!(slower.outcome, Outcome::Worse);
}

#[test]
fn the_same_seed_says_the_same() {
    let runs = [ENOUGH.run("a", 1), ENOUGH.run("b", 2)];
    assert_eq!(compare(&runs, &settings(3)), compare(&runs, &settings(3)));
    assert_ne!(compare(&runs, &settings(3)), compare(&runs, &settings(4)));
}

#[test]
fn joint_intervals_hold_the_others() {
    let comparison = compared(&ENOUGH, &ENOUGH, 2);
    for difference in &comparison.candidates[0].differences {
        let Some((alone, joint)) = difference.interval.zip(difference.joint_interval) else { continue };
        assert!(alone.is_within(joint.low, joint.high), "{difference:?}");
    }
}

#[test]
fn latencies_that_never_vary_are_compared_too() {
    let constant = Model { scatter: 0.0, seconds_scatter: 0.0, ..ENOUGH };
    assert_eq!(compared(&constant, &constant, 0).outcome, Outcome::Same);
    assert_eq!(compared(&constant, &Model { body: 1.06, ..constant }, 0).outcome, Outcome::Worse);
    assert_eq!(
        compared(&Model { middle_ns: 0.0, ..constant }, &Model { middle_ns: 0.0, ..constant }, 0).outcome,
        Outcome::Same
    );
}

#[test]
fn unlike_loads_are_shown_and_not_judged() {
    let [one, mut other] = [ENOUGH.run("a", 1), ENOUGH.run("b", 2)];
    other.run.plan = "constant:2000/s".to_owned();
    other.run.scenario.parameters.clear();
    other.run.machine.cores = 64;
    let comparison = compare(&[one, other], &settings(0));
    let candidate = &comparison.candidates[0];
    assert_eq!(comparison.outcome, Outcome::CannotTell);
    assert_eq!(
        candidate.obstacles,
        [
            "not the same load: the plan is constant:1000/s there and constant:2000/s here",
            "not the same load: `payload` is 256 bytes there and not set here"
        ]
    );
    assert_eq!(candidate.notes, ["the number of cores is 2 there and 64 here"]);
    assert_eq!(at(&comparison, 0.5).outcome, Outcome::Same, "the numbers are there");
}

#[test]
fn runs_without_an_operation_in_common_cannot_be_told() {
    let [one, mut other] = [ENOUGH.run("a", 1), ENOUGH.run("b", 2)];
    other.intervals.iter_mut().for_each(|interval| interval.tag.operation = "sns.Publish".to_owned());
    let comparison = compare(&[one, other], &settings(0));
    assert_eq!(comparison.outcome, Outcome::CannotTell);
    assert!(comparison.candidates[0].obstacles[0].contains("no operation in common"));
    let empty = LoadedRun { intervals: Vec::new(), ..ENOUGH.run("c", 3) };
    assert_eq!(compare(&[empty.clone(), empty], &settings(0)).outcome, Outcome::CannotTell);
}

#[test]
fn waits_are_shown_and_not_judged() {
    let with_waits = |seed: u64, wait_ns: f64| {
        let mut run = ENOUGH.run(if seed == 1 { "a" } else { "b" }, seed);
        let waits = Model { middle_ns: wait_ns, ..ENOUGH }.run("waits", seed).intervals;
        let tag = Tag::new(OPERATION, Kind::Wait);
        run.intervals.extend(waits.into_iter().map(|interval| LoggedInterval { tag: tag.clone(), ..interval }));
        run
    };
    let comparison = compare(&[with_waits(1, 2_000.0), with_waits(2, 9_000.0)], &settings(0));
    assert_eq!(comparison.outcome, Outcome::Same);
    let waits: Vec<_> = comparison.candidates[0].differences.iter().filter(|one| one.kind == Kind::Wait).collect();
    assert_eq!(waits.len(), 4);
    assert!(waits.iter().all(|wait| wait.outcome == Outcome::NotJudged && wait.interval.is_none()));
    assert!(waits[0].change.is_some_and(|change| change > 3.0));
}

#[test]
fn an_operation_that_one_interval_misses_is_compared_all_the_same() {
    let [one, mut other] = [ENOUGH.run("a", 1), ENOUGH.run("b", 2)];
    other.intervals[3].counts = Counts::default();
    other.intervals.remove(70);
    assert_eq!(compare(&[one, other], &settings(0)).outcome, Outcome::Same);
}

#[test]
fn runs_that_share_a_label_are_told_apart() {
    let runs = [ENOUGH.run("a", 1), ENOUGH.run("a", 2), ENOUGH.run("c", 3)];
    let mut short = runs.map(|run| LoadedRun { intervals: Vec::new(), ..run });
    short[1].run.run = "another".to_owned();
    let names =
        |runs: &[LoadedRun]| compare(runs, &settings(0)).runs.into_iter().map(|run| run.name).collect::<Vec<_>>();
    assert_eq!(names(&short), ["a (20260101-000000-a)", "a (another)", "c"]);
    short[1].run.run = short[0].run.run.clone();
    assert_eq!(names(&short), ["a (number 1)", "a (number 2)", "c"]);
}
