//! Every number of SQS, dated and sourced. No limit is written anywhere else.

use crate::profile::Limit;
use std::ops::RangeInclusive;

const MODEL: &str = "SQS API model (botocore 1.44.5)";
const DOCUMENTED_QUOTAS: &str = "SQS developer guide, quotas";

/// A range of whole numbers that never changed.
const fn range(low: i64, high: i64) -> RangeInclusive<i64> {
    low..=high
}

/// `VisibilityTimeout`, in seconds.
pub const VISIBILITY_TIMEOUT_SECONDS: RangeInclusive<i64> = range(0, 43_200);
/// `VisibilityTimeout` of a new queue, in seconds.
pub const DEFAULT_VISIBILITY_TIMEOUT_SECONDS: i64 = 30;
/// How long a message may stay invisible after one receive, extensions included, in seconds.
pub const TOTAL_VISIBILITY_SECONDS: i64 = 43_200;
/// `MessageRetentionPeriod`, in seconds: one minute to fourteen days.
pub const RETENTION_SECONDS: RangeInclusive<i64> = range(60, 1_209_600);
/// `MessageRetentionPeriod` of a new queue, in seconds: four days.
pub const DEFAULT_RETENTION_SECONDS: i64 = 345_600;
/// `DelaySeconds`, of a queue or a message.
pub const DELAY_SECONDS: RangeInclusive<i64> = range(0, 900);
/// `ReceiveMessageWaitTimeSeconds` and `WaitTimeSeconds`.
pub const WAIT_TIME_SECONDS: RangeInclusive<i64> = range(0, 20);
/// `KmsDataKeyReusePeriodSeconds`.
pub const KMS_REUSE_SECONDS: RangeInclusive<i64> = range(60, 86_400);
/// `KmsDataKeyReusePeriodSeconds` of a new queue.
pub const DEFAULT_KMS_REUSE_SECONDS: i64 = 300;
/// The smallest `MaximumMessageSize`, in bytes.
pub const SMALLEST_MAXIMUM_MESSAGE_BYTES: i64 = 1_024;
/// The largest message and the largest batch, in bytes; also the default `MaximumMessageSize`.
pub const LARGEST_MESSAGE_BYTES: Limit<i64> = Limit { then: 262_144, now: 1_048_576, since: "2025-08", source: MODEL };
/// Whether a new queue is encrypted with keys that SQS manages.
pub const MANAGED_ENCRYPTION_BY_DEFAULT: Limit<bool> =
    Limit { then: false, now: true, since: "2022-10", source: MODEL };
/// Whether a standard queue takes a `MessageGroupId` (fair queues).
pub const GROUPS_ON_STANDARD_QUEUES: Limit<bool> = Limit { then: false, now: true, since: "2025-07", source: MODEL };
/// Whether the move-task operations exist.
pub const MOVE_TASKS: Limit<bool> = Limit { then: false, now: true, since: "2023-06", source: MODEL };

/// The longest queue name, `.fifo` included.
pub const QUEUE_NAME_CHARACTERS: usize = 80;
/// The longest batch entry id.
pub const BATCH_ENTRY_ID_CHARACTERS: usize = 80;
/// Entries of one batch.
pub const BATCH_ENTRIES: usize = 10;
/// `MaxNumberOfMessages`.
pub const MESSAGES_PER_RECEIVE: RangeInclusive<i64> = range(1, 10);
/// Message attributes of one message.
pub const MESSAGE_ATTRIBUTES: usize = 10;
/// The longest name or type of a message attribute.
pub const MESSAGE_ATTRIBUTE_NAME_CHARACTERS: usize = 256;
/// Digits of a `Number` attribute.
pub const NUMBER_DIGITS: usize = 38;
/// The decimal exponent of a `Number` attribute.
pub const NUMBER_EXPONENT: RangeInclusive<i64> = range(-128, 126);
/// The longest `MessageGroupId`, `MessageDeduplicationId` and `ReceiveRequestAttemptId`.
pub const FIFO_ID_CHARACTERS: usize = 128;

/// In-flight messages of a standard queue.
pub const IN_FLIGHT_STANDARD: Limit<usize> = Limit::steady(120_000, DOCUMENTED_QUOTAS);
/// In-flight messages of a FIFO queue.
pub const IN_FLIGHT_FIFO: Limit<usize> = Limit { then: 20_000, now: 120_000, since: "2024-11", source: MODEL };
/// How many messages a FIFO queue looks through for a group that is free.
pub const FIFO_SCAN_WINDOW: Limit<usize> =
    Limit { then: 20_000, now: 120_000, since: "2024-11", source: DOCUMENTED_QUOTAS };

/// The deduplication window, in seconds.
pub const DEDUPLICATION_SECONDS: u64 = 300;
/// How long a `ReceiveRequestAttemptId` can be repeated, in seconds.
pub const RECEIVE_ATTEMPT_SECONDS: u64 = 300;
/// How long a changed `DeduplicationScope` takes to be in force, in seconds (recorded on AWS: not at once).
pub const DEDUPLICATION_SCOPE_LAG_SECONDS: u64 = 60;

/// How long a deleted queue's name stays taken, in seconds.
pub const RECREATE_SECONDS: u64 = 60;
/// How long after a purge the next one is refused, in seconds.
pub const PURGE_SECONDS: u64 = 60;

/// `maxReceiveCount` of a redrive policy.
pub const MAX_RECEIVE_COUNT: RangeInclusive<i64> = range(1, 1_000);
/// Source queues that a redrive-allow policy can name.
pub const REDRIVE_ALLOW_SOURCES: usize = 10;

/// `MaxResults` of the queue listings.
pub const LIST_RESULTS: RangeInclusive<i64> = range(1, 1_000);
/// `MaxResults` of ListMessageMoveTasks.
pub const MOVE_TASK_RESULTS: RangeInclusive<i64> = range(1, 10);
/// `MaxNumberOfMessagesPerSecond` of a move task.
pub const MOVE_TASK_RATE: RangeInclusive<i64> = range(1, 500);
/// How long a move task may run, in seconds: 36 hours.
pub const MOVE_TASK_SECONDS: u64 = 36 * 3_600;
/// Running move tasks of an account.
pub const MOVE_TASKS_PER_ACCOUNT: usize = 100;
/// How long a move task takes to begin, in seconds. AWS documents none; a task is seen `RUNNING` first.
pub const MOVE_TASK_START_SECONDS: u64 = 1;

/// Tags of a queue.
pub const TAGS: usize = 50;
/// The longest tag key.
pub const TAG_KEY_CHARACTERS: usize = 128;
/// The longest tag value.
pub const TAG_VALUE_CHARACTERS: usize = 256;

/// The longest permission label.
pub const LABEL_CHARACTERS: usize = 80;
/// Actions of one statement of AddPermission.
pub const ACTIONS_PER_STATEMENT: usize = 7;
/// Bytes of a policy.
pub const POLICY_BYTES: usize = 8_192;
/// Statements of a policy.
pub const POLICY_STATEMENTS: usize = 20;
/// Principals of a policy.
pub const POLICY_PRINCIPALS: usize = 50;
/// Conditions of a policy.
pub const POLICY_CONDITIONS: usize = 10;

/// Calls per second, action and FIFO queue, without high throughput.
pub const FIFO_CALLS_PER_SECOND: u32 = 300;
/// The same with high throughput, in the largest Regions.
pub const FIFO_HIGH_THROUGHPUT_CALLS_PER_SECOND: Limit<u32> =
    Limit { then: 3_000, now: 70_000, since: "2023-11", source: DOCUMENTED_QUOTAS };

/// A tenant of a fair queue is noisy from this many in-flight messages on...
pub const NOISY_IN_FLIGHT: usize = 30;
/// ...if they are more than one in this many of the queue's in-flight messages.
pub const NOISY_SHARE: usize = 10;
/// ...until it is drained or has sent nothing for this many seconds.
pub const NOISY_SECONDS: u64 = 300;
