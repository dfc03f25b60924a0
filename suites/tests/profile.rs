//! The limits of September 2021 are others than today's: exactly these cases tell the difference.

use proofmark_backend::{Profile, ReferenceOptions};
use proofmark_conform::{Backend, Plan, RunOptions, Verdict, run};
use std::collections::BTreeSet;

/// What has changed since the talk, by the cases that notice.
const CHANGED: [&str; 30] = [
    // Messages and batches of 1 MiB, since August 2025; SSE-SQS by default, since October 2022.
    "sqs.attr.fifo_defaults",
    "sqs.attr.maximum_size_range",
    "sqs.attr.standard_defaults",
    "sqs.batch.total_size",
    "sqs.send.attributes_count",
    "sqs.send.largest_body",
    "sqs.send.size_is_bytes",
    "sqs.send.system_attributes_do_not_count",
    "sqs.sse.one_kind",
    "sqs.sse.switch",
    // Fair queues, since July 2025.
    "sqs.standard.fair_queue",
    "sqs.standard.group_id",
    "sqs.standard.group_id_format",
    "sqs.standard.noisy_tenant",
    "sqs.standard.noisy_tenant_drained",
    // Message move tasks, since June 2023.
    "sqs.move.bodies",
    "sqs.move.cancel_refused",
    "sqs.move.cancel_task",
    "sqs.move.default_destination",
    "sqs.move.destination",
    "sqs.move.failed_task",
    "sqs.move.most_tasks",
    "sqs.move.moved_message",
    "sqs.move.one_active_task",
    "sqs.move.owner_only",
    "sqs.move.rate_and_order",
    "sqs.move.retention",
    "sqs.move.source",
    "sqs.move.task_statuses",
    "sqs.move.what_moves",
];

#[test]
fn the_limits_of_2021_fail_exactly_the_cases_about_what_changed() {
    let small: Vec<_> = proofmark_suites::cases().into_iter().filter(|case| case.cost.requests <= 2_000).collect();
    let options = ReferenceOptions { profile: Profile::September2021, ..ReferenceOptions::default() };
    let summary = run(&Backend::reference(options), &Plan::new(&small), &RunOptions::default(), |_| {});
    let failed: BTreeSet<&str> =
        summary.units.iter().filter(|unit| unit.verdict != Verdict::Pass).map(|unit| unit.case).collect();
    assert_eq!(failed, BTreeSet::from(CHANGED));
}
