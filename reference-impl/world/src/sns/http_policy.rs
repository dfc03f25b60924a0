//! Delivery policies of HTTP/S endpoints: reading, checking, filling in.
//!
//! Source: SNS developer guide, creating an HTTP/S delivery policy; the texts were recorded on AWS where a clause of
//! the catalogue says so.

use super::limits;
use crate::deliver::schedule::{BackoffFunction, Schedule};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The Content-Type of notifications unless a policy names another.
pub(super) const DEFAULT_CONTENT_TYPE: &str = "text/plain; charset=UTF-8";

/// What `headerContentType` may be.
const CONTENT_TYPES: [&str; 17] = [
    "application/atom+xml",
    "application/json",
    "application/octet-stream",
    "application/soap+xml",
    "application/x-www-form-urlencoded",
    "application/xhtml+xml",
    "application/xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/plain",
    "text/xml",
    "text/plain; charset=UTF-8",
    "application/json; charset=UTF-8",
    "application/xml; charset=UTF-8",
    "text/html; charset=UTF-8",
    "text/xml; charset=UTF-8",
];

/// The parts of a delivery policy that are set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct HttpPolicy {
    pub(super) retry: Option<RetryPolicy>,
    pub(super) receives_per_second: Option<u32>,
    pub(super) content_type: Option<String>,
    /// A topic's policy only: whether subscriptions cannot have their own.
    pub(super) overrides_disabled: bool,
}

/// `healthyRetryPolicy`, as it was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RetryPolicy {
    shortest_seconds: u32,
    longest_seconds: u32,
    retries: u32,
    no_delay: u32,
    shortest_delay: u32,
    longest_delay: u32,
    function: BackoffFunction,
}

impl Default for RetryPolicy {
    /// Three retries, twenty seconds apart.
    fn default() -> Self {
        RetryPolicy {
            shortest_seconds: 20,
            longest_seconds: 20,
            retries: 3,
            no_delay: 0,
            shortest_delay: 0,
            longest_delay: 0,
            function: BackoffFunction::Linear,
        }
    }
}

impl RetryPolicy {
    pub(super) fn schedule(&self) -> Schedule {
        let phases = self.no_delay + self.shortest_delay + self.longest_delay;
        Schedule {
            immediate: self.no_delay,
            pre_backoff: self.shortest_delay,
            backoff: self.retries.saturating_sub(phases),
            post_backoff: self.longest_delay,
            shortest: Duration::from_secs(self.shortest_seconds.into()),
            longest: Duration::from_secs(self.longest_seconds.into()),
            function: self.function,
        }
    }

    fn to_json(self) -> Value {
        json!({
            "minDelayTarget": self.shortest_seconds,
            "maxDelayTarget": self.longest_seconds,
            "numRetries": self.retries,
            "numMaxDelayRetries": self.longest_delay,
            "numNoDelayRetries": self.no_delay,
            "numMinDelayRetries": self.shortest_delay,
            "backoffFunction": self.function.name(),
        })
    }
}

/// Reads a topic's `DeliveryPolicy`: `{"http": {"defaultHealthyRetryPolicy": …, "defaultThrottlePolicy": …,
/// "defaultRequestPolicy": …, "disableSubscriptionOverrides": …}}`.
pub(super) fn read_for_topic(text: &str) -> Result<HttpPolicy, String> {
    let policy = object(text)?;
    let empty = Map::new();
    let http = policy.get("http").and_then(Value::as_object).unwrap_or(&empty);
    let overrides_disabled = http.get("disableSubscriptionOverrides").and_then(Value::as_bool).unwrap_or(false);
    let policy = read(http, ["defaultHealthyRetryPolicy", "defaultThrottlePolicy", "defaultRequestPolicy"], false)?;
    Ok(HttpPolicy { overrides_disabled, ..policy })
}

/// Reads a subscription's `DeliveryPolicy`: `{"healthyRetryPolicy": …, "throttlePolicy": …, "requestPolicy": …}`.
/// `sicklyRetryPolicy` and `guaranteed` are accepted and mean nothing any more.
pub(super) fn read_for_subscription(text: &str) -> Result<HttpPolicy, String> {
    read(&object(text)?, ["healthyRetryPolicy", "throttlePolicy", "requestPolicy"], true)
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(policy)) => Ok(policy),
        Ok(_) => Err("DeliveryPolicy: must be a JSON object".to_owned()),
        Err(error) => Err(format!("DeliveryPolicy: failed to parse JSON. {error}")),
    }
}

fn read(policy: &Map<String, Value>, names: [&str; 3], complete: bool) -> Result<HttpPolicy, String> {
    let part = |name: &str| policy.get(name).and_then(Value::as_object);
    let [retry, throttle, request] = names.map(part);
    let retry = retry.map(|retry| read_retry(retry, complete)).transpose()?;
    let receives_per_second = throttle.map(read_throttle).transpose()?.flatten();
    let content_type = request.map(read_content_type).transpose()?.flatten();
    Ok(HttpPolicy { retry, receives_per_second, content_type, overrides_disabled: false })
}

/// A subscription's policy must name the three main values; a topic's may leave them to the default.
fn read_retry(policy: &Map<String, Value>, complete: bool) -> Result<RetryPolicy, String> {
    let default = RetryPolicy::default();
    let whole = |name: &str| match policy.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_i64();
            number.map(Some).ok_or_else(|| format!("DeliveryPolicy: healthyRetryPolicy.{name} must be an integer"))
        }
    };
    let main = |name: &str, default: u32| match whole(name)? {
        None if complete => Err(format!("DeliveryPolicy: healthyRetryPolicy.{name} must be specified")),
        given => Ok(given.unwrap_or_else(|| default.into())),
    };
    let retries = main("numRetries", default.retries)?;
    let shortest = main("minDelayTarget", default.shortest_seconds)?;
    let longest = main("maxDelayTarget", default.longest_seconds)?;
    check_range("numRetries", retries, limits::HTTP_RETRIES)?;
    check_range("minDelayTarget", shortest, limits::HTTP_DELAY_SECONDS)?;
    check_range("maxDelayTarget", longest, limits::HTTP_DELAY_SECONDS)?;
    if longest < shortest {
        let text = "DeliveryPolicy: healthyRetryPolicy.maxDelayTarget must be greater than or equal to minDelayTarget";
        return Err(text.to_owned());
    }
    let phase = |name: &str| {
        let count = whole(name)?.unwrap_or(0);
        check_range(name, count, limits::HTTP_RETRIES)?;
        Ok::<i64, String>(count)
    };
    let (no_delay, shortest_delay, longest_delay) =
        (phase("numNoDelayRetries")?, phase("numMinDelayRetries")?, phase("numMaxDelayRetries")?);
    if no_delay + shortest_delay + longest_delay > retries {
        let text = "DeliveryPolicy: healthyRetryPolicy.numRetries must be greater than or equal to the sum of \
                    numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries";
        return Err(text.to_owned());
    }
    let small = |number: i64| u32::try_from(number).unwrap_or_default();
    let read = RetryPolicy {
        shortest_seconds: small(shortest),
        longest_seconds: small(longest),
        retries: small(retries),
        no_delay: small(no_delay),
        shortest_delay: small(shortest_delay),
        longest_delay: small(longest_delay),
        function: read_function(policy.get("backoffFunction"))?,
    };
    if read.schedule().total_delay() > limits::HTTP_TOTAL_DELAY {
        let most = limits::HTTP_TOTAL_DELAY.as_secs();
        return Err(format!(
            "DeliveryPolicy: healthyRetryPolicy: the total retry delay must not exceed {most} seconds"
        ));
    }
    Ok(read)
}

fn check_range(name: &str, value: i64, range: std::ops::RangeInclusive<i64>) -> Result<(), String> {
    if value < *range.start() {
        let least = range.start();
        return Err(format!("DeliveryPolicy: healthyRetryPolicy.{name} must be greater than or equal to {least}"));
    }
    if value > *range.end() {
        let most = range.end();
        return Err(format!("DeliveryPolicy: healthyRetryPolicy.{name} must be less than or equal to {most}"));
    }
    Ok(())
}

fn read_function(value: Option<&Value>) -> Result<BackoffFunction, String> {
    match value {
        None | Some(Value::Null) => Ok(BackoffFunction::default()),
        Some(value) => value.as_str().and_then(BackoffFunction::from_name).ok_or_else(|| {
            "DeliveryPolicy: healthyRetryPolicy.backoffFunction must be linear, arithmetic, geometric or exponential"
                .to_owned()
        }),
    }
}

fn read_throttle(policy: &Map<String, Value>) -> Result<Option<u32>, String> {
    match policy.get("maxReceivesPerSecond") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let rate = value.as_i64().filter(|rate| *rate >= 1).and_then(|rate| u32::try_from(rate).ok());
            rate.map(Some).ok_or_else(|| {
                "DeliveryPolicy: throttlePolicy.maxReceivesPerSecond must be greater than or equal to 1".to_owned()
            })
        }
    }
}

fn read_content_type(policy: &Map<String, Value>) -> Result<Option<String>, String> {
    match policy.get("headerContentType").and_then(Value::as_str) {
        None => Ok(None),
        Some(name) if CONTENT_TYPES.contains(&name) => Ok(Some(name.to_owned())),
        Some(name) => Err(format!("DeliveryPolicy: requestPolicy.headerContentType {name} is not supported")),
    }
}

/// `EffectiveDeliveryPolicy` of a topic: what is set, with the rest filled in.
pub(super) fn effective_for_topic(policy: &HttpPolicy) -> String {
    let mut http = Map::new();
    http.insert("defaultHealthyRetryPolicy".to_owned(), policy.retry.unwrap_or_default().to_json());
    http.insert("disableSubscriptionOverrides".to_owned(), policy.overrides_disabled.into());
    if let Some(rate) = policy.receives_per_second {
        http.insert("defaultThrottlePolicy".to_owned(), json!({ "maxReceivesPerSecond": rate }));
    }
    let content_type = policy.content_type.as_deref().unwrap_or(DEFAULT_CONTENT_TYPE);
    http.insert("defaultRequestPolicy".to_owned(), json!({ "headerContentType": content_type }));
    json!({ "http": http }).to_string()
}

/// What holds for one subscription: its own policy before its topic's, unless the topic forbids it.
pub(super) fn in_force(topic: &HttpPolicy, subscription: Option<&HttpPolicy>) -> HttpPolicy {
    let own = subscription.filter(|_| !topic.overrides_disabled);
    let of = |policy: &HttpPolicy| (policy.retry, policy.receives_per_second, policy.content_type.clone());
    let (retry, receives_per_second, content_type) = own.map(of).unwrap_or_default();
    let (topic_retry, topic_rate, topic_type) = of(topic);
    HttpPolicy {
        retry: retry.or(topic_retry),
        receives_per_second: receives_per_second.or(topic_rate),
        content_type: content_type.or(topic_type),
        overrides_disabled: topic.overrides_disabled,
    }
}

/// `EffectiveDeliveryPolicy` of a subscription.
pub(super) fn effective_for_subscription(policy: &HttpPolicy) -> String {
    let mut effective = Map::new();
    effective.insert("healthyRetryPolicy".to_owned(), policy.retry.unwrap_or_default().to_json());
    effective.insert("sicklyRetryPolicy".to_owned(), Value::Null);
    let throttle = policy.receives_per_second.map(|rate| json!({ "maxReceivesPerSecond": rate }));
    effective.insert("throttlePolicy".to_owned(), throttle.unwrap_or(Value::Null));
    let content_type = policy.content_type.as_deref().unwrap_or(DEFAULT_CONTENT_TYPE);
    effective.insert("requestPolicy".to_owned(), json!({ "headerContentType": content_type }));
    effective.insert("guaranteed".to_owned(), false.into());
    Value::Object(effective).to_string()
}
