//! Every number of SNS, dated and sourced. No limit is written anywhere else.

use crate::profile::Limit;
use std::ops::RangeInclusive;
use std::time::Duration;

const MODEL: &str = "SNS API model (botocore 1.44.5)";
const GUIDE: &str = "SNS developer guide";

/// The longest topic name, `.fifo` included.
pub const TOPIC_NAME_CHARACTERS: usize = 256;
/// The longest display name.
pub const DISPLAY_NAME_CHARACTERS: usize = 100;
/// How much of the display name an SMS begins with.
pub const SMS_DISPLAY_NAME_CHARACTERS: usize = 10;
/// The largest message unless the topic says otherwise, in bytes.
pub const MESSAGE_BYTES: usize = 262_144;
/// `MaximumMessageSize` of a topic; only its default in 2021, when it could not be set.
pub const MAXIMUM_MESSAGE_BYTES: Limit<(usize, usize)> =
    Limit { then: (MESSAGE_BYTES, MESSAGE_BYTES), now: (1_024, 1_048_576), since: "2026", source: MODEL };
/// Subscriptions of a topic whose messages may be larger than the default.
pub const LARGE_MESSAGE_SUBSCRIPTIONS: usize = 100;
/// The longest subject; documented as "less than 100 characters".
pub const SUBJECT_CHARACTERS: usize = 100;
/// Whether a subject may have other characters than ASCII, and begin with any.
pub const UNICODE_SUBJECTS: Limit<bool> = Limit { then: false, now: true, since: "by 2026", source: MODEL };
/// The longest name of a message attribute, in bytes.
pub const ATTRIBUTE_NAME_BYTES: usize = 256;
/// Message attributes that a raw delivery to SQS can carry.
pub const RAW_ATTRIBUTES: usize = 10;
/// The longest `MessageGroupId` and `MessageDeduplicationId`.
pub const FIFO_ID_CHARACTERS: usize = 128;
/// Whether standard topics take a `MessageGroupId`.
pub const GROUPS_ON_STANDARD_TOPICS: Limit<bool> = Limit { then: false, now: true, since: "2025", source: MODEL };
/// Whether PublishBatch exists.
pub const PUBLISH_BATCH: Limit<bool> = Limit { then: false, now: true, since: "2021-11", source: MODEL };
/// Entries of one batch.
pub const BATCH_ENTRIES: usize = 10;
/// The longest batch entry id.
pub const BATCH_ENTRY_ID_CHARACTERS: usize = 80;
/// Characters of one SMS message in all its parts.
pub const SMS_BYTES: usize = 1_600;

/// Whether filters may look at the body (`FilterPolicyScope`).
pub const BODY_FILTERS: Limit<bool> = Limit { then: false, now: true, since: "2022-11", source: MODEL };
/// Filter policies of a topic.
pub const FILTER_POLICIES_PER_TOPIC: usize = 200;
/// Filter policies of an account in a Region.
pub const FILTER_POLICIES: Limit<usize> = Limit { then: 200, now: 10_000, since: "2022", source: GUIDE };

/// Whether messages can be signed with SHA-256 (`SignatureVersion` 2).
pub const SIGNATURE_VERSION_2: Limit<bool> = Limit { then: false, now: true, since: "2022-09", source: MODEL };
/// Whether a FIFO topic delivers to standard queues.
pub const STANDARD_QUEUES_ON_FIFO_TOPICS: Limit<bool> =
    Limit { then: false, now: true, since: "2023-09", source: GUIDE };
/// Whether `FifoThroughputScope` exists.
pub const FIFO_THROUGHPUT_SCOPE: Limit<bool> = Limit { then: false, now: true, since: "2024", source: MODEL };
/// Whether FIFO topics can archive and replay.
pub const ARCHIVES: Limit<bool> = Limit { then: false, now: true, since: "2023-10", source: GUIDE };
/// Days that an archive keeps messages.
pub const ARCHIVE_DAYS: RangeInclusive<u64> = 1..=365;
/// Replays of a topic that run at once. AWS documents the error and not the number.
pub const REPLAYS_PER_TOPIC: usize = 100;
/// How long a replay takes to begin. AWS documents none; a replay is seen `Pending` first.
pub const REPLAY_START: Duration = Duration::from_secs(1);
/// The deduplication window.
pub const DEDUPLICATION: Duration = Duration::from_secs(300);

/// How long a confirmation token can be used (the model's two days; older guides say three).
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(2 * 86_400);
/// Pending subscriptions of an account in a Region.
pub const PENDING_SUBSCRIPTIONS: usize = 5_000;
/// Subscriptions of a FIFO topic.
pub const FIFO_SUBSCRIPTIONS: usize = 100;
/// Subscriptions of a standard topic.
pub const STANDARD_SUBSCRIPTIONS: usize = 12_500_000;
/// Standard topics of an account in a Region.
pub const STANDARD_TOPICS: usize = 100_000;
/// FIFO topics of an account in a Region.
pub const FIFO_TOPICS: usize = 1_000;
/// E-mail deliveries of a subscription in a second; more deactivate it.
pub const EMAILS_PER_SECOND: usize = 10;

/// `numRetries` of a delivery policy.
pub const HTTP_RETRIES: RangeInclusive<i64> = 0..=100;
/// `minDelayTarget` and `maxDelayTarget`, in seconds.
pub const HTTP_DELAY_SECONDS: RangeInclusive<i64> = 1..=3_600;
/// All delays of a delivery policy together.
pub const HTTP_TOTAL_DELAY: Duration = Duration::from_secs(3_600);

/// Bytes of a topic policy.
pub const POLICY_BYTES: usize = 30_720;
/// Statements of a topic policy.
pub const POLICY_STATEMENTS: usize = 100;
/// Principals of a topic policy.
pub const POLICY_PRINCIPALS: RangeInclusive<usize> = 1..=200;
/// Whether topics have data protection policies.
pub const DATA_PROTECTION: Limit<bool> = Limit { then: false, now: true, since: "2022-09", source: MODEL };
/// Characters of a data protection policy.
pub const DATA_PROTECTION_CHARACTERS: usize = 30_720;
/// `<Protocol>SuccessFeedbackSampleRate`, in percent.
pub const SAMPLE_RATE: RangeInclusive<i64> = 0..=100;

/// Tags of a topic.
pub const TAGS: usize = 50;
/// The longest tag key.
pub const TAG_KEY_CHARACTERS: usize = 128;
/// The longest tag value.
pub const TAG_VALUE_CHARACTERS: usize = 256;

/// Entries of a page.
pub const PAGE: usize = 100;
/// The longest name of a platform application.
pub const APPLICATION_NAME_CHARACTERS: usize = 256;
/// Bytes of `CustomUserData`.
pub const CUSTOM_USER_DATA_BYTES: usize = 2_048;
/// The longest sender id of an SMS.
pub const SENDER_ID_CHARACTERS: usize = 11;
/// Numbers of an SMS sandbox.
pub const SANDBOX_NUMBERS: usize = 10;
/// How long a number that opted in cannot be opted in again.
pub const OPT_IN_INTERVAL: Duration = Duration::from_secs(30 * 86_400);
/// Keys of a filter policy.
pub const FILTER_KEYS: usize = 5;
/// Combinations of values of a filter policy.
pub const FILTER_COMBINATIONS: u64 = 150;
/// Bytes of a filter policy.
pub const FILTER_BYTES: usize = 262_144;
