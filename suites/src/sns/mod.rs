//! The cases of Amazon SNS: one file per behaviour, one ordered list.

mod archives;
mod cross;
mod dead_letter;
mod envelopes;
mod fifo;
mod filter_rules;
mod filtering;
mod http;
mod logs;
mod publish;
mod raw;
mod retries;
pub(crate) mod support;

use proofmark_conform::Case;

/// Every case of SNS, in the order in which they are listed and reported.
pub static CASES: &[&Case] = &[
    // topics
    // topic attributes
    // subscriptions
    // confirmation
    // publish
    &publish::TO_QUEUES,
    &publish::BEFORE_SUBSCRIBE,
    &publish::EMPTY,
    // message attributes
    // batches
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
    &http::FAREWELL,
    &http::SIGNED_ONLY,
    &http::RESEND,
    &http::TOKEN_AGE,
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
    // SMS and mobile push
    // quotas
    // other accounts and Regions
    &cross::TOPIC_POLICY,
    &cross::CONFIRM,
    &cross::REGIONS,
    // patterns
];
