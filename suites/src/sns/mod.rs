//! The cases of Amazon SNS: one file per behaviour, one ordered list.

mod batches;
mod encryption;
mod message_attributes;
mod permissions;
mod publish;
mod push;
mod quotas;
mod sms;
mod subscriptions;
pub(crate) mod support;
mod tags;
mod topic_attributes;
mod topics;

use proofmark_conform::Case;

/// Every case of SNS, in the order in which they are listed and reported.
pub static CASES: &[&Case] = &[
    // topics
    &topics::NAMES,
    &topics::SHORTEST_NAME,
    &topics::FIFO_NAMES,
    &topics::ARNS,
    &topics::AGAIN,
    &topics::FIFO_AGAIN,
    &topics::TAGS,
    &topics::FIFO_FALSE,
    &topics::DELETE,
    &topics::DELETE_LOSES,
    &topics::RECREATE,
    &topics::MISSING,
    &topics::BAD_ARN,
    &topics::PER_REGION,
    &topics::REQUIRED,
    // topic attributes
    &topic_attributes::DEFAULTS,
    &topic_attributes::DEFAULT_POLICY,
    &topic_attributes::DELIVERY_POLICY,
    &topic_attributes::COUNTS,
    &topic_attributes::MAXIMUM_MESSAGE_SIZE,
    &topic_attributes::LARGE_MESSAGES,
    &topic_attributes::LARGE_MESSAGES_AFTER_MAIL,
    &topic_attributes::DISPLAY_NAME,
    &topic_attributes::DISPLAY_NAME_IN_SMS,
    &topic_attributes::SIGNATURE_VERSION,
    &topic_attributes::TRACING,
    &topic_attributes::NAMES,
    // subscriptions
    &subscriptions::PROTOCOLS,
    &subscriptions::UNKNOWN_PROTOCOL,
    &subscriptions::SQS_ENDPOINT,
    &subscriptions::AUTO_CONFIRM,
    &subscriptions::AGAIN,
    &subscriptions::NO_DUPLICATES,
    &subscriptions::SMS_FORMAT,
    &subscriptions::ATTRIBUTES,
    &subscriptions::RAW_VALUES,
    &subscriptions::FIELDS,
    &subscriptions::MISSING,
    &subscriptions::UNSUBSCRIBE,
    &subscriptions::UNSUBSCRIBED,
    &subscriptions::SURVIVES,
    &subscriptions::BY_TOPIC,
    &subscriptions::ALL,
    &subscriptions::FOREIGN,
    // confirmation
    &subscriptions::TOKENS,
    // publish
    &publish::TO_QUEUES,
    &publish::BEFORE_SUBSCRIBE,
    &publish::EMPTY,
    &publish::SIZE,
    &publish::SUBJECT,
    &publish::UNICODE_SUBJECT,
    &publish::DESTINATIONS,
    &publish::WRONG_TARGETS,
    &publish::STRUCTURE,
    &publish::STRUCTURE_SELECTS,
    &publish::STRUCTURE_LETTERS,
    &publish::UNICODE,
    &publish::AT_LEAST_ONCE,
    // message attributes
    &message_attributes::TYPES,
    &message_attributes::UNKNOWN_TYPES,
    &message_attributes::VALUES,
    &message_attributes::NAMES,
    &message_attributes::NAME_LENGTH,
    &message_attributes::MANY,
    &message_attributes::RESERVED,
    // batches
    &batches::COUNT,
    &batches::IDS,
    &batches::TOTAL_SIZE,
    &batches::TOPIC_SIZE,
    &batches::WHOLE,
    &batches::WHOLE_FIFO,
    &batches::RESPONSE,
    &batches::FIFO_ORDER,
    &batches::TOPIC_ONLY,
    &batches::CONDITIONS,
    &batches::ALLOWED,
    // filters
    // envelopes and signatures
    // raw delivery
    // retries and HTTP
    // dead-letter queues
    // FIFO topics
    // archives
    // logs and metrics
    // permissions, tags, encryption
    &permissions::ADD_AND_REMOVE,
    &permissions::WRONG,
    &permissions::GRANT,
    &permissions::DENY,
    &permissions::POLICY_LIMITS,
    &permissions::POLICY_RESOURCE,
    &permissions::MOST_PERMISSIONS,
    &permissions::QUEUE_POLICY,
    &tags::CHANGE,
    &tags::FIFTY,
    &tags::LENGTHS,
    &tags::ON_CREATE,
    &encryption::UNUSABLE_KEY,
    &encryption::ENCRYPTED_QUEUE,
    // SMS and mobile push
    &sms::WRONG_SETTINGS,
    &sms::SETTINGS,
    &sms::OPT_IN,
    &sms::OPTED_OUT,
    &sms::TOO_LONG,
    &sms::ARRIVES,
    &sms::SANDBOX,
    &push::APP_NAMES,
    &push::APPLICATIONS,
    &push::ENDPOINT_AGAIN,
    &push::CUSTOM_USER_DATA,
    &push::DISABLED,
    &push::SUBSCRIBED,
    &push::PAGES,
    // quotas
    &quotas::FIFO_TOPICS,
    &quotas::FIFO_SUBSCRIPTIONS,
    &quotas::PENDING,
    &quotas::FILTER_POLICIES,
    // other accounts and Regions
    // patterns
];
