//! The cases of Amazon SNS: one file per behaviour, one ordered list.

mod archives;
mod batches;
mod cross;
mod dead_letter;
mod encryption;
mod envelopes;
mod fifo;
mod filter_rules;
mod filtering;
mod http;
mod logs;
mod message_attributes;
mod permissions;
mod publish;
mod push;
mod quotas;
mod raw;
mod retries;
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
    &topic_attributes::DATA_PROTECTION,
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
    &filter_rules::KEYS,
    &filter_rules::COMBINATIONS,
    &filter_rules::NESTED_COMBINATIONS,
    &filter_rules::OR_COMBINATIONS,
    &filter_rules::BYTES,
    &filter_rules::COUNT,
    &filter_rules::REMOVE,
    &filter_rules::SCOPES,
    &filter_rules::NESTED_SCOPE,
    &filter_rules::JSON,
    &filter_rules::SHAPES,
    &filter_rules::UNKNOWN_OPERATORS,
    &filter_rules::OPERANDS,
    &filter_rules::NUMBERS,
    &filter_rules::BLOCKS,
    &filtering::AND_OR,
    &filtering::TEXTS,
    &filtering::ANYTHING_BUT,
    &filtering::NUMBERS,
    &filtering::NUMBER_TYPE,
    &filtering::EXISTS,
    &filtering::ARRAYS,
    &filtering::BINARY,
    &filtering::ADDRESSES,
    &filtering::OR,
    &filtering::BODIES,
    &filtering::NESTED,
    &filtering::DOTTED,
    &filtering::STRUCTURED,
    &filtering::DROPPED,
    &filtering::BATCHED,
    &filtering::CHANGED,
    // envelopes and signatures
    &envelopes::ENVELOPE,
    &envelopes::OPTIONAL,
    &envelopes::BINARY,
    &envelopes::SIGNED,
    &envelopes::TAMPERED,
    &envelopes::TRACE,
    &envelopes::GROUP,
    &envelopes::MAIL,
    &envelopes::LAMBDA,
    &envelopes::MAIL_RATE,
    // raw delivery
    &raw::TO_QUEUE,
    &raw::ELEVEN,
    // retries and HTTP
    &retries::MANAGED_QUEUE,
    &retries::MANAGED_OTHERS,
    &retries::CUSTOMER,
    &retries::RECOVERS,
    &retries::CLIENT_ERROR,
    &retries::NOT_CONFIGURABLE,
    &retries::GROUP_WAITS,
    &http::HANDSHAKE,
    &http::HEADERS,
    &http::RAW,
    &http::UNREACHABLE,
    &http::DEFAULT_RETRIES,
    &http::PHASES,
    &http::MANAGED_PROXY,
    &http::FUNCTIONS,
    &http::PARAMETERS,
    &http::THROTTLE,
    &http::OVERRIDE,
    &http::CONTENT_TYPE,
    &http::SILENT,
    &http::STATUSES,
    &http::PASSWORDS,
    &http::FAREWELL,
    &http::SIGNED_ONLY,
    &http::RESEND,
    &http::TOKEN_AGE,
    &http::TOKEN_TOPIC,
    // dead-letter queues
    &dead_letter::POLICY,
    &dead_letter::DENIED,
    &dead_letter::RAW,
    &dead_letter::GONE,
    &dead_letter::CLOSED,
    &dead_letter::FIFO,
    &dead_letter::INVITATION,
    // FIFO topics
    &fifo::REQUIRED,
    &fifo::STANDARD_ID,
    &fifo::ENDPOINTS,
    &fifo::ORDER,
    &fifo::FORWARDED,
    &fifo::WINDOW,
    &fifo::SCOPE,
    &fifo::CONTENT,
    &fifo::BATCH,
    &fifo::FILTERED,
    // archives
    &archives::POLICY,
    &archives::REPLAY,
    &archives::ENDING,
    &archives::EXPIRED,
    &archives::TOO_MANY,
    // logs and metrics
    &logs::ATTRIBUTES,
    &logs::FORMAT,
    &logs::SAMPLING,
    &logs::METRICS,
    &logs::FAILED,
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
    &encryption::KEY_STATES,
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
    &cross::TOPIC_POLICY,
    &cross::CONFIRM,
    &cross::REGIONS,
    // patterns
];
