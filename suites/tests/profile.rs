//! The limits of September 2021 are others than today's: exactly these cases tell the difference.

use proofmark_backend::{Profile, ReferenceOptions};
use proofmark_conform::{Backend, Plan, RunOptions, Verdict, run};
use std::collections::BTreeSet;

/// What has changed since the talk, by the cases that notice.
const CHANGED: [&str; 85] = [
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
    "sqs.move.rate_and_order",
    "sqs.move.source",
    "sqs.move.task_statuses",
    "sqs.move.owner_only",
    "sqs.move.retention",
    "sqs.move.what_moves",
    // PublishBatch, since November 2021.
    "pat.any.rejected",
    "sns.batch.allowed_as_publish",
    "sns.batch.entry_ids",
    "sns.batch.fails_as_a_whole",
    "sns.batch.fifo_fails_as_a_whole",
    "sns.batch.fifo_order_and_dedup",
    "sns.batch.one_to_ten",
    "sns.batch.response_lists",
    "sns.batch.topic_and_key",
    "sns.batch.topic_only",
    "sns.batch.topic_size",
    "sns.batch.total_size",
    "sns.filter.batched",
    "sns.fifo.batch",
    "sns.fifo.required",
    // Data protection policies, since September 2022.
    "sns.tattr.data_protection",
    // MaximumMessageSize of a topic, by 2026.
    "sns.tattr.large_message_subscriptions",
    "sns.tattr.large_messages_after_mail",
    "sns.tattr.maximum_message_size",
    // Filters on the body, since November 2022; signatures of version 2, since September 2022; subjects in UTF-8.
    "sns.publish.unicode_subject",
    "sns.sub.settable_attributes",
    "sns.tattr.signature_versions",
    "sns.sig.signed",
    "sns.env.lambda_event",
    // Filters on the body, $or, suffix, equals-ignore-case and cidr, since November 2022.
    "sns.filter.addresses",
    "sns.filter.bodies",
    "sns.filter.body_presence",
    "sns.filter.cidr_rules",
    "sns.filter.dotted",
    "sns.filter.json_places",
    "sns.filter.keys",
    "sns.filter.mistakes",
    "sns.filter.nested",
    "sns.filter.nested_combinations",
    "sns.filter.nested_scope",
    "sns.filter.operands",
    "sns.filter.or",
    "sns.filter.or_combinations",
    "sns.filter.scopes",
    "sns.filter.several_ways",
    "sns.filter.shapes",
    "sns.filter.spellings",
    "sns.filter.structured",
    "sns.filter.texts",
    // Archives, since October 2023; standard queues on FIFO topics, since September 2023; FifoThroughputScope, since
    // 2024; groups on standard topics, since 2025.
    "sns.archive.ending_ahead",
    "sns.archive.ending_point",
    "sns.archive.expired",
    "sns.archive.lost",
    "sns.archive.policy_rules",
    "sns.archive.replayed",
    "sns.archive.too_many",
    "sns.dlq.fifo_group",
    "sns.fifo.subscribers",
    "sns.fifo.group_scope",
    "sns.env.group",
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
