//! HTTP subscribers: the handshake, the headers, retries and their policies.

use super::envelopes::{CONFIRMATION, NOTIFICATION, path_of, verify};
use super::support::{Topic, subscription_attributes, topic, topic_with};
use crate::sqs::support::{equal, holds, refused, seconds, text};
use bytes::Bytes;
use md5::{Digest, Md5};
use proofmark_conform::{Received, Reply, Scope, Seen, Stop, Subscriber, case};
use serde_json::Value;
use std::time::Duration;

const KIND: &str = "x-amz-sns-message-type";

/// A subscription of an HTTP subscriber that was confirmed by its link.
struct Confirmed {
    subscriber: Subscriber,
    subscription: String,
}

/// Subscribes an HTTP subscriber and confirms it.
async fn confirmed(scope: &Scope, topic: &Topic<'_>, attributes: &[(&str, &str)]) -> Result<Confirmed, Stop> {
    let subscriber = scope.subscriber(&scope.fresh("subscriber")).await?;
    topic.subscribe("http", subscriber.url(), attributes).send().await?;
    let invitation = post(scope, &subscriber, "SubscriptionConfirmation", 0).await?;
    let subscription = follow(scope, &text(letter(&invitation)["SubscribeURL"].as_str())).await?;
    Ok(Confirmed { subscriber, subscription })
}

/// Follows a link without a signature, and returns the subscription that the answer names, if it does.
async fn follow(scope: &Scope, url: &str) -> Result<String, Stop> {
    let raw = scope.raw().to("sns");
    let request =
        raw.request("GET", path_of(url)).body(Bytes::new()).map_err(|error| Stop::Error(error.to_string()))?;
    let answer = raw.send(request).await.map_err(|error| Stop::fail(format!("no answer at {url}: {error}")))?;
    let body = String::from_utf8_lossy(answer.body()).into_owned();
    equal(&format!("the link works: {body}"), 200, answer.status().as_u16())?;
    Ok(text(body.split("<SubscriptionArn>").nth(1).and_then(|rest| rest.split('<').next())))
}

fn of_kind(subscriber: &Subscriber, kind: &str) -> Vec<Received> {
    subscriber
        .received()
        .into_iter()
        .filter(|post| post.headers.get(KIND).is_some_and(|header| header == kind))
        .collect()
}

/// The post of that kind with that number, sooner or later.
async fn post(scope: &Scope, subscriber: &Subscriber, kind: &str, number: usize) -> Result<Received, Stop> {
    scope
        .eventually(&format!("a {kind} arrives"), seconds(20), async || {
            Ok(Seen::some_or(of_kind(subscriber, kind).get(number).cloned(), format!("{:?}", subscriber.received())))
        })
        .await
}

fn letter(post: &Received) -> Value {
    serde_json::from_str(&post.body).unwrap_or_default()
}

/// The instants of the notifications of one message, in seconds since the first. A message that is delivered twice
/// is thinned out: only as many posts as were asked for count.
fn instants(posts: &[Received]) -> Vec<f64> {
    let first = posts.first().map(|post| post.at).unwrap_or_default();
    posts.iter().map(|post| post.at.since(first).as_secs_f64()).collect()
}

fn gaps(posts: &[Received]) -> Vec<f64> {
    instants(posts).windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Whether a delay is what it should be: never less, at most half more, and the time that the posts themselves take.
fn about(expected: f64, got: f64) -> bool {
    (expected - 0.1..=expected * 1.5 + 1.5).contains(&got)
}

fn retry_policy(rest: &str) -> String {
    format!(r#"{{"healthyRetryPolicy":{{{rest}}}}}"#)
}

case! {
    /// An HTTP subscription is confirmed with the link in a signed letter; until then nothing is delivered.
    pub HANDSHAKE = "sns.confirm.handshake",
    clauses: [
        "sns.env.http-confirmation", "sns.sig.confirmation-string", "sns.confirm.ok", "sns.confirm.no-delivery-before",
        "sns.sub.pending-response", "sns.sub.auto-confirm", "wire.sns.get-publish",
    ],
    cost: 20 requests, 30 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn handshake(scope) {
        let topic = topic(scope).await?;
        let subscriber = scope.subscriber("subscriber").await?;
        let answer = topic.subscribe("http", subscriber.url(), &[]).return_subscription_arn(false).send().await?;
        equal("the answer", Some("pending confirmation"), answer.subscription_arn())?;
        let invitation = post(scope, &subscriber, "SubscriptionConfirmation", 0).await?;
        let letter = letter(&invitation);
        equal("the kind", Some("SubscriptionConfirmation"), letter["Type"].as_str())?;
        equal("the topic", Some(topic.arn.as_str()), letter["TopicArn"].as_str())?;
        equal("the signature's version", Some("1"), letter["SignatureVersion"].as_str())?;
        let expected = format!("You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the SubscribeURL included in this message.", topic.arn);
        scope.warn_text(&expected, letter["Message"].as_str().unwrap_or_default())?;
        let url = text(letter["SubscribeURL"].as_str());
        holds("the link", path_of(&url).starts_with("/?Action=ConfirmSubscription&TopicArn=") && url.contains("&Token="), &url)?;
        equal("no subscription in the headers", None, invitation.headers.get("x-amz-sns-subscription-arn"))?;
        verify(scope, &letter, &CONFIRMATION).await?;
        topic.publish("too early").await?;
        let arn = follow(scope, &url).await?;
        holds("the subscription", arn.starts_with(&topic.arn), &arn)?;
        equal("the same again", arn.clone(), follow(scope, &url).await?)?;
        topic.publish("in time").await?;
        let notification = post(scope, &subscriber, "Notification", 0).await?;
        equal("the first notification", Some("in time"), self::letter(&notification)["Message"].as_str())
    }
}

case! {
    /// A notification has these headers, and the envelope as its body.
    pub HEADERS = "sns.env.http_headers",
    clauses: ["sns.env.http-notification"],
    cost: 15 requests, 20 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn http_headers(scope) {
        let topic = topic(scope).await?;
        let Confirmed { subscriber, subscription } = confirmed(scope, &topic, &[]).await?;
        let id = topic.publish("hello").await?;
        let notification = post(scope, &subscriber, "Notification", 0).await?;
        let header = |name: &str| notification.headers.get(name).map(String::as_str);
        equal("the message", Some(id.as_str()), header("x-amz-sns-message-id"))?;
        equal("the topic", Some(topic.arn.as_str()), header("x-amz-sns-topic-arn"))?;
        equal("the subscription", Some(subscription.as_str()), header("x-amz-sns-subscription-arn"))?;
        equal("the type", Some("text/plain; charset=UTF-8"), header("content-type"))?;
        equal("the agent", Some("Amazon Simple Notification Service Agent"), header("user-agent"))?;
        equal("not raw", None, header("x-amz-sns-rawdelivery"))?;
        let letter = letter(&notification);
        equal("the envelope", (Some(id.as_str()), Some("hello")), (letter["MessageId"].as_str(), letter["Message"].as_str()))?;
        verify(scope, &letter, &NOTIFICATION).await
    }
}

case! {
    /// Raw to HTTP is the message as the body, a header that says so, and no message attributes.
    pub RAW = "sns.raw.http_body",
    clauses: ["sns.raw.http", "sns.raw.protocols"],
    cost: 15 requests, 20 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn http_body(scope) {
        let topic = topic(scope).await?;
        let Confirmed { subscriber, .. } = confirmed(scope, &topic, &[("RawMessageDelivery", "true")]).await?;
        let attribute = super::support::attribute("String", "sale")?;
        topic.message("as it is").message_attributes("kind", attribute).send().await?;
        let notification = post(scope, &subscriber, "Notification", 0).await?;
        equal("the body", "as it is", notification.body.as_str())?;
        equal("the header", Some("true"), notification.headers.get("x-amz-sns-rawdelivery").map(String::as_str))?;
        holds("no attributes", !notification.headers.values().any(|value| value.contains("sale")), &notification)
    }
}

case! {
    /// An address where nobody is, or that is no address, cannot be subscribed.
    pub UNREACHABLE = "sns.sub.unreachable",
    clauses: ["sns.sub.http-unreachable"],
    cost: 8 requests, 20 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn unreachable(scope) {
        let topic = topic(scope).await?;
        let unreachable = "Invalid parameter: Unreachable Endpoint";
        for endpoint in ["http://127.0.0.1:1/nobody", "http://host_with_underscores.example.com/"] {
            let answer = topic.subscribe("http", endpoint, &[]).return_subscription_arn(false).send().await;
            refused(scope, answer, "InvalidParameter", 400, unreachable)?;
        }
        refused(scope, topic.subscribe("http", "http:///nowhere", &[]).send().await, "InvalidParameter", 400, unreachable)?;
        let answer = topic.subscribe("https", "http://127.0.0.1:1/", &[]).send().await;
        refused(scope, answer, "InvalidParameter", 400, "")?;
        let listed = scope.sns().list_subscriptions_by_topic().topic_arn(&topic.arn).send().await?;
        equal("no subscription is left", 0, listed.subscriptions().len())
    }
}

case! {
    /// By default a failed post is retried three times, twenty seconds apart, with the same id and body.
    pub DEFAULT_RETRIES = "sns.http.default_retries",
    clauses: ["sns.http.default-retry", "sns.retry.same-message-id", "sns.retry.exhausted"],
    cost: 15 requests, 130 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn default_retries(scope) {
        let topic = topic(scope).await?;
        let Confirmed { subscriber, .. } = confirmed(scope, &topic, &[]).await?;
        subscriber.otherwise(Reply::Status(500));
        let posts = attempts(scope, &topic, &subscriber, 4, seconds(120)).await?;
        holds("twenty seconds apart", gaps(&posts).iter().all(|gap| about(20.0, *gap)), gaps(&posts))?;
        let first = (&posts[0].body, posts[0].headers.get("x-amz-sns-message-id"));
        let same = posts.iter().all(|post| (&post.body, post.headers.get("x-amz-sns-message-id")) == first);
        holds("the same id and body", same, &posts)
    }
}

/// Publishes a message and returns its posts after a while. A message that the topic delivered twice, which it may,
/// is left aside, and another is published: its posts cannot be told apart.
async fn attempts(
    scope: &Scope,
    topic: &Topic<'_>,
    subscriber: &Subscriber,
    expected: usize,
    within: Duration,
) -> Result<Vec<Received>, Stop> {
    let mut posts = Vec::new();
    for _ in 0..5 {
        let id = topic.publish("refused").await?;
        scope.sleep(within).await;
        let of_message = |post: &Received| post.headers.get("x-amz-sns-message-id") == Some(&id);
        posts = of_kind(subscriber, "Notification").into_iter().filter(of_message).collect();
        if posts.len() != 2 * expected {
            break;
        }
    }
    equal("posts", expected, posts.len())?;
    Ok(posts)
}

case! {
    /// A policy's phases come in order: at once, the shortest delay, backoff, the longest delay.
    pub PHASES = "sns.http.phases",
    clauses: ["sns.http.phase-order", "sns.http.deprecated"],
    cost: 15 requests, 60 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn phases(scope) {
        let topic = topic(scope).await?;
        let retry = r#""minDelayTarget":1,"maxDelayTarget":4,"numRetries":9,"numNoDelayRetries":2,"numMinDelayRetries":2,"numMaxDelayRetries":2"#;
        let policy = format!(r#"{{"healthyRetryPolicy":{{{retry}}},"sicklyRetryPolicy":null,"guaranteed":false}}"#);
        let Confirmed { subscriber, .. } = confirmed(scope, &topic, &[("DeliveryPolicy", policy.as_str())]).await?;
        subscriber.otherwise(Reply::Status(503));
        let gaps = gaps(&attempts(scope, &topic, &subscriber, 10, seconds(50)).await?);
        let expected = [0.0, 0.0, 1.0, 1.0, 1.0, 2.5, 4.0, 4.0, 4.0];
        let right = gaps.iter().zip(expected).all(|(gap, expected)| about(expected, *gap));
        holds("the delays of the phases", right, &gaps)
    }
}

case! {
    /// A policy with the first three phases of the schedule of AWS-managed endpoints: sixteen posts.
    pub MANAGED_PROXY = "sns.http.managed_phases",
    clauses: ["sns.http.managed-proxy", "sns.retry.managed.immediate", "sns.retry.managed.prebackoff", "sns.retry.managed.backoff"],
    cost: 15 requests, 130 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn managed_phases(scope) {
        let topic = topic(scope).await?;
        let policy = retry_policy(r#""minDelayTarget":1,"maxDelayTarget":20,"numRetries":15,"numNoDelayRetries":3,"numMinDelayRetries":2,"numMaxDelayRetries":0,"backoffFunction":"exponential""#);
        let Confirmed { subscriber, .. } = confirmed(scope, &topic, &[("DeliveryPolicy", policy.as_str())]).await?;
        subscriber.otherwise(Reply::Status(500));
        let gaps = gaps(&attempts(scope, &topic, &subscriber, 16, seconds(125)).await?);
        let first: Vec<bool> = gaps.iter().zip([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]).map(|(gap, expected)| about(expected, *gap)).collect();
        holds("the first six delays", first.iter().all(|right| *right), &gaps)?;
        holds("the last is twenty seconds", about(20.0, gaps[14]), &gaps)
    }
}

case! {
    /// The four backoff functions all go from the shortest to the longest delay, linear above the others.
    pub FUNCTIONS = "sns.http.functions",
    clauses: ["sns.http.backoff-functions"],
    cost: 40 requests, 300 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn functions(scope) {
        let mut midpoints = Vec::new();
        for function in ["linear", "arithmetic", "geometric", "exponential"] {
            let topic = topic(scope).await?;
            let policy = retry_policy(&format!(r#""minDelayTarget":1,"maxDelayTarget":25,"numRetries":5,"backoffFunction":"{function}""#));
            let Confirmed { subscriber, .. } = confirmed(scope, &topic, &[("DeliveryPolicy", policy.as_str())]).await?;
            subscriber.otherwise(Reply::Status(500));
            let gaps = gaps(&attempts(scope, &topic, &subscriber, 6, seconds(110)).await?);
            holds(&format!("{function}: from the shortest to the longest"), about(1.0, gaps[0]) && about(25.0, gaps[4]), &gaps)?;
            midpoints.push(gaps[2]);
        }
        // With a fifth of jitter the neighbours may change places; the ends of the list may not.
        holds("linear is above exponential at the midpoint", midpoints[0] > midpoints[3], &midpoints)
    }
}

case! {
    /// Every number of a policy has its bounds.
    pub PARAMETERS = "sns.http.parameters",
    clauses: [
        "sns.http.param.minDelayTarget", "sns.http.param.maxDelayTarget", "sns.http.param.numRetries",
        "sns.http.param.phases", "sns.http.required-fields", "sns.http.max-3600",
    ],
    cost: 40 requests, 20 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn parameters(scope) {
        let topic = topic(scope).await?;
        let subscriber = scope.subscriber("subscriber").await?;
        let arn = text(topic.subscribe("http", subscriber.url(), &[]).send().await?.subscription_arn());
        let set = async |policy: &str| {
            let request = scope.sns().set_subscription_attributes().subscription_arn(&arn);
            request.attribute_name("DeliveryPolicy").attribute_value(retry_policy(policy)).send().await
        };
        for right in [
            r#""minDelayTarget":1,"maxDelayTarget":1,"numRetries":0"#,
            r#""minDelayTarget":1,"maxDelayTarget":1,"numRetries":100"#,
            r#""minDelayTarget":3600,"maxDelayTarget":3600,"numRetries":1"#,
            r#""minDelayTarget":1,"maxDelayTarget":2,"numRetries":6,"numNoDelayRetries":1,"numMinDelayRetries":2,"numMaxDelayRetries":3"#,
            r#""minDelayTarget":36,"maxDelayTarget":36,"numRetries":100"#,
        ] {
            set(right).await?;
        }
        let before = subscription_attributes(scope, &arn).await?.remove("DeliveryPolicy");
        for wrong in [
            r#""minDelayTarget":0,"maxDelayTarget":1,"numRetries":1"#,
            r#""minDelayTarget":3,"maxDelayTarget":2,"numRetries":1"#,
            r#""minDelayTarget":1,"maxDelayTarget":3601,"numRetries":1"#,
            r#""minDelayTarget":1,"maxDelayTarget":1,"numRetries":-1"#,
            r#""minDelayTarget":1,"maxDelayTarget":1,"numRetries":101"#,
            r#""minDelayTarget":1,"maxDelayTarget":1,"numRetries":5,"numNoDelayRetries":-1"#,
            r#""minDelayTarget":1,"maxDelayTarget":2,"numRetries":5,"numNoDelayRetries":1,"numMinDelayRetries":2,"numMaxDelayRetries":3"#,
            r#""minDelayTarget":1,"maxDelayTarget":1"#,
            r#""maxDelayTarget":1,"numRetries":1"#,
            r#""minDelayTarget":1,"numRetries":1"#,
            r#""minDelayTarget":37,"maxDelayTarget":37,"numRetries":100"#,
            r#""minDelayTarget":1,"maxDelayTarget":2,"numRetries":1,"backoffFunction":"quadratic""#,
        ] {
            refused(scope, set(wrong).await, "InvalidParameter", 400, "")?;
        }
        equal("the policy after the refusals", before, subscription_attributes(scope, &arn).await?.remove("DeliveryPolicy"))?;
        let policy = retry_policy(r#""minDelayTarget":0,"maxDelayTarget":1,"numRetries":1"#);
        let answer = topic.subscribe("http", "http://127.0.0.1:1/", &[("DeliveryPolicy", policy.as_str())]).send().await;
        let expected = "Invalid parameter: Attributes Reason: DeliveryPolicy: healthyRetryPolicy.minDelayTarget must be greater than or equal to 1";
        refused(scope, answer, "InvalidParameter", 400, expected)
    }
}

case! {
    /// maxReceivesPerSecond spreads what is delivered; it is 1 or more.
    pub THROTTLE = "sns.http.throttled",
    clauses: ["sns.http.throttle"],
    cost: 40 requests, 30 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn throttled(scope) {
        let topic = topic(scope).await?;
        let policy = r#"{"throttlePolicy":{"maxReceivesPerSecond":5}}"#;
        let Confirmed { subscriber, .. } = confirmed(scope, &topic, &[("DeliveryPolicy", policy)]).await?;
        for number in 0..20 {
            topic.publish(&number.to_string()).await?;
        }
        post(scope, &subscriber, "Notification", 19).await?;
        let posts = instants(&of_kind(&subscriber, "Notification"));
        holds("twenty take nearly four seconds", posts[19] >= 3.7, &posts)?;
        let unlimited = confirmed(scope, &topic, &[]).await?;
        topic.publish("x").await?;
        post(scope, &unlimited.subscriber, "Notification", 0).await?;
        let slowest = r#"{"http":{"defaultThrottlePolicy":{"maxReceivesPerSecond":1}}}"#;
        let slow = topic_with(scope, &[("DeliveryPolicy", slowest)]).await?;
        let queue = slow.subscriber().await?;
        let began = scope.now();
        for number in 0..30 {
            slow.publish(&number.to_string()).await?;
        }
        for _ in 0..30 {
            queue.take().await?;
        }
        holds("a queue is not throttled", scope.now().since(began) < seconds(25), scope.now().since(began))?;
        let wrong = r#"{"throttlePolicy":{"maxReceivesPerSecond":0}}"#;
        let answer = topic.subscribe("http", "http://127.0.0.1:1/", &[("DeliveryPolicy", wrong)]).send().await;
        refused(scope, answer, "InvalidParameter", 400, "")
    }
}

case! {
    /// A subscription's policy comes before its topic's, unless the topic forbids it.
    pub OVERRIDE = "sns.http.overrides",
    clauses: ["sns.http.override", "sns.tattr.delivery-policy-merge"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn overrides(scope) {
        let of_topic = |disabled: bool| {
            format!(r#"{{"http":{{"defaultHealthyRetryPolicy":{{"minDelayTarget":7,"maxDelayTarget":7,"numRetries":7}},"disableSubscriptionOverrides":{disabled}}}}}"#)
        };
        let topic = topic_with(scope, &[("DeliveryPolicy", &of_topic(false))]).await?;
        let own = retry_policy(r#""minDelayTarget":2,"maxDelayTarget":2,"numRetries":2"#);
        let subscriber = scope.subscriber("subscriber").await?;
        let arn = text(topic.subscribe("http", subscriber.url(), &[("DeliveryPolicy", own.as_str())]).send().await?.subscription_arn());
        let retries = async || -> Result<Option<i64>, Stop> {
            let shown = subscription_attributes(scope, &arn).await?.remove("EffectiveDeliveryPolicy").unwrap_or_default();
            let policy: Value = serde_json::from_str(&shown).unwrap_or_default();
            Ok(policy["healthyRetryPolicy"]["numRetries"].as_i64())
        };
        equal("its own", Some(2), retries().await?)?;
        topic.set("DeliveryPolicy", &of_topic(true)).await?;
        equal("its topic's", Some(7), retries().await?)?;
        topic.set("DeliveryPolicy", "").await?;
        equal("its own again", Some(2), retries().await?)?;
        let request = scope.sns().set_subscription_attributes().subscription_arn(&arn).attribute_name("DeliveryPolicy");
        request.attribute_value("").send().await?;
        equal("the default", Some(3), retries().await?)?;
        let limited = r#"{"http":{"defaultThrottlePolicy":{"maxReceivesPerSecond":4},"defaultRequestPolicy":{"headerContentType":"application/json"}}}"#;
        topic.set("DeliveryPolicy", limited).await?;
        let effective = |attributes: std::collections::BTreeMap<String, String>| super::topic_attributes::as_json(&attributes, "EffectiveDeliveryPolicy");
        let of_topic = effective(topic.attributes().await?);
        equal("the topic's rate", Some(4), of_topic["http"]["defaultThrottlePolicy"]["maxReceivesPerSecond"].as_i64())?;
        let mut shown = effective(subscription_attributes(scope, &arn).await?);
        let healthy = shown["healthyRetryPolicy"].take();
        equal("the default", Some(3), healthy["numRetries"].as_i64())?;
        let expected = serde_json::json!({
            "healthyRetryPolicy": null, "sicklyRetryPolicy": null, "throttlePolicy": {"maxReceivesPerSecond": 4},
            "requestPolicy": {"headerContentType": "application/json"}, "guaranteed": false,
        });
        equal("the rest of what is in force", expected, shown)
    }
}

case! {
    /// headerContentType sets the type of notifications, and of nothing else; it is one of a list.
    pub CONTENT_TYPE = "sns.http.content_type",
    clauses: ["sns.http.content-type"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn content_type(scope) {
        let topic = topic(scope).await?;
        let policy = r#"{"requestPolicy":{"headerContentType":"application/json"}}"#;
        let Confirmed { subscriber, .. } = confirmed(scope, &topic, &[("DeliveryPolicy", policy)]).await?;
        topic.publish("hello").await?;
        let notification = post(scope, &subscriber, "Notification", 0).await?;
        equal("the notification's", Some("application/json"), notification.headers.get("content-type").map(String::as_str))?;
        let invitation = post(scope, &subscriber, "SubscriptionConfirmation", 0).await?;
        equal("the invitation's", Some("text/plain; charset=UTF-8"), invitation.headers.get("content-type").map(String::as_str))?;
        let wrong = r#"{"requestPolicy":{"headerContentType":"image/png"}}"#;
        let answer = topic.subscribe("http", "http://127.0.0.1:1/", &[("DeliveryPolicy", wrong)]).send().await;
        refused(scope, answer, "InvalidParameter", 400, "")
    }
}

case! {
    /// A subscriber that does not answer, or breaks off, is retried.
    pub SILENT = "sns.http.silent",
    clauses: ["sns.http.timeout-15s"],
    cost: 15 requests, 70 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn silent(scope) {
        let topic = topic(scope).await?;
        let policy = retry_policy(r#""minDelayTarget":1,"maxDelayTarget":1,"numRetries":3"#);
        let Confirmed { subscriber, .. } = confirmed(scope, &topic, &[("DeliveryPolicy", policy.as_str())]).await?;
        subscriber.then([Reply::Hang, Reply::Break]);
        topic.publish("hello").await?;
        let third = post(scope, &subscriber, "Notification", 2);
        scope.sleep(seconds(40)).await;
        third.await?;
        let gaps = gaps(&of_kind(&subscriber, "Notification"));
        holds("fifteen seconds of silence, then a second", gaps.iter().any(|gap| (15.5..20.0).contains(gap)), &gaps)
    }
}

/// What a subscriber got that asks for a name and a password with `challenge` from its confirmation on: whether the
/// `Authorization` of each notification was there, and what it was.
async fn asked(scope: &Scope, subscriber: &Subscriber, challenge: &'static str) -> Result<Vec<Option<String>>, Stop> {
    let topic = topic(scope).await?;
    let (scheme, rest) = subscriber.url().split_once("://").unwrap_or_default();
    topic.subscribe(scheme, &format!("{scheme}://jack:secret@{rest}"), &[]).send().await?;
    let invitation = post(scope, subscriber, "SubscriptionConfirmation", 0).await?;
    follow(scope, &text(letter(&invitation)["SubscribeURL"].as_str())).await?;
    subscriber.then([Reply::Challenge(challenge)]);
    topic.publish("hello").await?;
    post(scope, subscriber, "Notification", 0).await?;
    scope.sleep(seconds(2)).await;
    let posts = of_kind(subscriber, "Notification");
    Ok(posts.iter().map(|post| post.headers.get("authorization").cloned()).collect())
}

fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What Digest asks to be proved with (RFC 2617, without a quality of protection).
fn proof(nonce: &str) -> String {
    md5(&format!("{}:{nonce}:{}", md5("jack:inbox:secret"), md5("POST:/")))
}

case! {
    /// A name and a password in the URL are sent once a subscriber asks for them, and only over https.
    pub PASSWORDS = "sns.http.passwords",
    clauses: ["sns.http.auth"],
    cost: 30 requests, 60 seconds,
    protocols: [Query],
    needs: [HttpSubscriber, HttpsSubscriber],
    async fn passwords(scope) {
        let basic = scope.https_subscriber("basic")?;
        let sent = asked(scope, &basic, r#"Basic realm="inbox""#).await?;
        equal("unasked", Some(&None), sent.first())?;
        equal("asked", Some(&Some("Basic amFjazpzZWNyZXQ=".to_owned())), sent.get(1))?;
        let digest = scope.https_subscriber("digest")?;
        let sent = asked(scope, &digest, r#"Digest realm="inbox", nonce="once""#).await?;
        equal("unasked", Some(&None), sent.first())?;
        let answer = text(sent.get(1).and_then(Option::as_deref));
        let proved = answer.starts_with("Digest ") && answer.contains(&format!(r#"response="{}""#, proof("once")));
        holds("proved", proved, &answer)?;
        let plain = scope.subscriber("plain").await?;
        let sent = asked(scope, &plain, r#"Basic realm="inbox""#).await?;
        holds("nothing over http", sent.iter().all(Option::is_none), &sent)
    }
}

/// How often a message was posted to a subscriber that answers with one status, and whether it became a dead letter.
async fn answered(scope: &Scope, status: u16) -> Result<(usize, bool), Stop> {
    let topic = topic(scope).await?;
    let (dead, dead_arn) = topic.queue(&[]).await?;
    let policy = retry_policy(r#""minDelayTarget":1,"maxDelayTarget":1,"numRetries":2"#);
    let redrive = format!(r#"{{"deadLetterTargetArn":"{dead_arn}"}}"#);
    let attributes = [("DeliveryPolicy", policy.as_str()), ("RedrivePolicy", redrive.as_str())];
    let Confirmed { subscriber, .. } = confirmed(scope, &topic, &attributes).await?;
    subscriber.otherwise(Reply::Status(status));
    topic.publish("hello").await?;
    scope.sleep(seconds(10)).await;
    let posts = of_kind(&subscriber, "Notification").len();
    Ok((posts, !dead.drain(Duration::from_secs(3)).await?.is_empty()))
}

case! {
    /// 2xx is taken, 5xx and 429 are retried; what 3xx and other 4xx mean is open.
    pub STATUSES = "sns.http.statuses",
    clauses: ["sns.http.status-success", "sns.http.status-4xx", "sns.http.redirect"],
    cost: 80 requests, 100 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn statuses(scope) {
        for taken in [200, 204] {
            let (posts, dead) = answered(scope, taken).await?;
            holds(&format!("{taken} is taken"), posts <= 2 && !dead, (posts, dead))?;
        }
        for failed in [500, 503, 429] {
            let (posts, dead) = answered(scope, failed).await?;
            holds(&format!("{failed} is retried twice, and then a dead letter"), posts % 3 == 0 && posts > 0 && dead, (posts, dead))?;
        }
        for (open, clause) in [(403, "sns.http.status-4xx"), (404, "sns.http.status-success"), (302, "sns.http.redirect")] {
            let (posts, dead) = answered(scope, open).await?;
            let retried = if posts > 2 { "retried" } else { "not retried" };
            let end = if dead { "a dead letter" } else { "taken" };
            scope.observe(clause, format!("{open} is {retried} and {end}"));
        }
        Ok(())
    }
}

case! {
    /// An unsubscribe by the link in a letter is answered with a letter, whose link brings the subscription back.
    pub FAREWELL = "sns.confirm.farewell",
    clauses: ["sns.confirm.unsubscribe-message", "sns.sub.unsubscribe-propagation"],
    cost: 25 requests, 60 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn farewell(scope) {
        let topic = topic(scope).await?;
        let Confirmed { subscriber, subscription } = confirmed(scope, &topic, &[]).await?;
        topic.publish("first").await?;
        let notification = post(scope, &subscriber, "Notification", 0).await?;
        follow(scope, &text(letter(&notification)["UnsubscribeURL"].as_str())).await?;
        let farewell = post(scope, &subscriber, "UnsubscribeConfirmation", 0).await?;
        verify(scope, &letter(&farewell), &CONFIRMATION).await?;
        let named = farewell.headers.get("x-amz-sns-subscription-arn").map(String::as_str);
        equal("the subscription in the headers", Some(subscription.as_str()), named)?;
        scope.sleep(seconds(5)).await;
        let before = of_kind(&subscriber, "Notification").len();
        topic.publish("unheard").await?;
        scope.sleep(seconds(5)).await;
        let heard = of_kind(&subscriber, "Notification").len() > before;
        scope.observe("sns.sub.unsubscribe-propagation", if heard { "it still arrived" } else { "it stopped at once" });
        let again = follow(scope, &text(letter(&farewell)["SubscribeURL"].as_str())).await?;
        equal("the same subscription", subscription.clone(), again)?;
        subscription_attributes(scope, &subscription).await?;
        let listed = scope.sns().list_subscriptions_by_topic().topic_arn(&topic.arn).send().await?;
        equal("it is listed", vec![Some(subscription.as_str())], listed.subscriptions().iter().map(|one| one.subscription_arn()).collect())?;
        topic.publish("heard again").await?;
        let last = post(scope, &subscriber, "Notification", before + usize::from(heard)).await?;
        equal("the notification", Some("heard again"), letter(&last)["Message"].as_str())
    }
}

case! {
    /// Who asks for signed unsubscribing is not unsubscribed by a link.
    pub SIGNED_ONLY = "sns.confirm.signed_only",
    clauses: ["sns.confirm.authenticate-unsub"],
    cost: 20 requests, 20 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn signed_only(scope) {
        let topic = topic(scope).await?;
        let subscriber = scope.subscriber("subscriber").await?;
        topic.subscribe("http", subscriber.url(), &[]).send().await?;
        let invitation = post(scope, &subscriber, "SubscriptionConfirmation", 0).await?;
        let request = scope.sns().confirm_subscription().topic_arn(&topic.arn).authenticate_on_unsubscribe("true");
        let arn = text(request.token(text(letter(&invitation)["Token"].as_str())).send().await?.subscription_arn());
        let raw = scope.raw().to("sns");
        let link = format!("/?Action=Unsubscribe&SubscriptionArn={arn}");
        let request = raw.request("GET", &link).body(Bytes::new()).map_err(|error| Stop::Error(error.to_string()))?;
        let answer = raw.send(request).await.map_err(|error| Stop::fail(error.to_string()))?;
        equal("the link is refused", 403, answer.status().as_u16())?;
        let shown = subscription_attributes(scope, &arn).await?;
        equal("confirmed by a signed call", Some("true"), shown.get("ConfirmationWasAuthenticated").map(String::as_str))?;
        scope.sns().unsubscribe().subscription_arn(&arn).send().await?;
        let gone = scope.sns().get_subscription_attributes().subscription_arn(&arn).send().await;
        refused(scope, gone, "NotFound", 404, "Subscription does not exist")?;
        scope.sleep(seconds(5)).await;
        equal("no farewell to a signed call", 0, of_kind(&subscriber, "UnsubscribeConfirmation").len())
    }
}

case! {
    /// Subscribing an address that is still pending sends another invitation.
    pub RESEND = "sns.confirm.resent",
    clauses: ["sns.confirm.resend"],
    cost: 10 requests, 10 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn resent(scope) {
        let topic = topic(scope).await?;
        let subscriber = scope.subscriber("subscriber").await?;
        topic.subscribe("http", subscriber.url(), &[]).send().await?;
        let first = post(scope, &subscriber, "SubscriptionConfirmation", 0).await?;
        topic.subscribe("http", subscriber.url(), &[]).send().await?;
        let second = post(scope, &subscriber, "SubscriptionConfirmation", 1).await?;
        holds("another token", letter(&first)["Token"] != letter(&second)["Token"], letter(&second))?;
        let listed = scope.sns().list_subscriptions_by_topic().topic_arn(&topic.arn).send().await?;
        equal("one subscription", 1, listed.subscriptions().len())
    }
}

case! {
    /// How long a token can be used is open: two days, or three. After four it cannot.
    pub TOKEN_AGE = "sns.confirm.token_age",
    clauses: ["sns.confirm.token-lifetime"],
    cost: 10 requests, 350000 seconds,
    protocols: [Query],
    needs: [HttpSubscriber, VirtualTime],
    async fn token_age(scope) {
        let topic = topic(scope).await?;
        let mut seen = Vec::new();
        for days in [1, 2, 3, 4] {
            let subscriber = scope.subscriber(&scope.fresh("subscriber")).await?;
            topic.subscribe("http", subscriber.url(), &[]).send().await?;
            let invitation = post(scope, &subscriber, "SubscriptionConfirmation", 0).await?;
            scope.sleep(seconds(days * 86_400 + 1)).await;
            let request = scope.sns().confirm_subscription().topic_arn(&topic.arn);
            let answer = request.token(text(letter(&invitation)["Token"].as_str())).send().await;
            seen.push(answer.is_ok());
        }
        scope.observe("sns.confirm.token-lifetime", format!("after 1, 2, 3 and 4 days: {seen:?}"));
        holds("after a day it confirms, after four days it does not", seen[0] && !seen[3], &seen)
    }
}

case! {
    /// A token confirms whichever topic of the Region is named, and needs a topic's ARN beside it.
    pub TOKEN_TOPIC = "sns.confirm.other_topic",
    clauses: ["sns.confirm.topic-ignored", "sns.confirm.errors"],
    cost: 12 requests, 10 seconds,
    protocols: [Query],
    needs: [HttpSubscriber],
    async fn other_topic(scope) {
        let topic = topic(scope).await?;
        let subscriber = scope.subscriber("subscriber").await?;
        topic.subscribe("http", subscriber.url(), &[]).send().await?;
        let invitation = post(scope, &subscriber, "SubscriptionConfirmation", 0).await?;
        let token = text(letter(&invitation)["Token"].as_str());
        let confirm = async |arn: &str| scope.sns().confirm_subscription().topic_arn(arn).token(&token).send().await;
        let elsewhere = if scope.region() == "eu-west-1" { "us-east-1" } else { "eu-west-1" };
        for wrong in ["nonsense", &topic.arn.replacen(scope.region(), elsewhere, 1)] {
            refused(scope, confirm(wrong).await, "InvalidParameter", 400, "Invalid parameter: Topic")?;
        }
        let confirmed = confirm(&format!("{}-which-is-not", topic.arn)).await?;
        let arn = text(confirmed.subscription_arn());
        holds("the topic that was subscribed", arn.starts_with(&format!("{}:", topic.arn)), arn)
    }
}
