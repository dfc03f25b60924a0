//! Retries: every attempt of the schedules, watched at its instant.

use super::support::{Topic, topic, topic_with};
use crate::sqs::support::{equal, holds, seconds};
use proofmark_conform::{Outage, OutageKind, Scope, Stop, case};
use std::collections::BTreeSet;
use std::time::Duration;

/// Takes an endpoint down for good, publishes one message to it, waits, and returns the instants of all attempts of
/// one delivery, in seconds since the first.
async fn attempts(
    scope: &Scope,
    topic: &Topic<'_>,
    endpoint: &str,
    kind: OutageKind,
    within: Duration,
) -> Result<Vec<f64>, Stop> {
    let reference = scope.insight()?;
    reference.note_attempts(true);
    reference.set_outages(vec![Outage { kind, ..Outage::of(endpoint) }]);
    let id = topic.publish("will it arrive?").await?;
    scope.sleep(within).await;
    let instants = reference.seen(|seen| {
        let ours: Vec<_> = seen
            .attempts()
            .iter()
            .filter(|one| one.message_id.to_string() == id && &*one.endpoint == endpoint)
            .collect();
        let delivery = ours.first().map(|one| one.delivery);
        ours.iter().filter(|one| Some(one.delivery) == delivery).map(|one| one.at).collect::<Vec<_>>()
    });
    reference.note_attempts(false);
    let first = instants.first().copied().ok_or_else(|| Stop::fail("no attempt was made"))?;
    Ok(instants.iter().map(|at| at.since(first).as_secs_f64()).collect())
}

/// The delays between attempts.
fn gaps(instants: &[f64]) -> Vec<f64> {
    instants.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Whether a delay is what it should be, with the jitter that AWS applies: never less, at most half more.
fn about(expected: f64, got: f64) -> bool {
    (expected - 0.001..=expected * 1.5 + 0.001).contains(&got)
}

fn all_about(what: &str, expected: f64, got: &[f64]) -> Result<(), Stop> {
    let wrong = got.iter().enumerate().find(|(_, gap)| !about(expected, **gap));
    holds(what, wrong.is_none(), (expected, wrong))
}

/// Checks a phase of backoff: it starts at the shortest delay, ends at the longest, and never shrinks by more than
/// the jitter.
fn backs_off(gaps: &[f64], shortest: f64, longest: f64) -> Result<(), Stop> {
    let (first, last) = (gaps.first().copied().unwrap_or_default(), gaps.last().copied().unwrap_or_default());
    holds("backoff starts at the shortest delay", about(shortest, first), first)?;
    holds("backoff ends at the longest", about(longest, last), last)?;
    let grows = gaps.windows(2).all(|pair| pair[1] * 1.5 + 0.001 >= pair[0]);
    holds("backoff grows", grows, gaps)
}

/// What 23 days and some jitter take at most.
const MANAGED: Duration = Duration::from_secs(36 * 86_400);

/// All attempts of the schedule of endpoints that AWS manages.
fn check_managed(instants: &[f64]) -> Result<(), Stop> {
    let gaps = gaps(instants);
    equal("retries", 100_015, gaps.len())?;
    all_about("phase 1: three at once", 0.0, &gaps[..3])?;
    all_about("phase 2: two after a second each", 1.0, &gaps[3..5])?;
    backs_off(&gaps[5..15], 1.0, 20.0)?;
    all_about("phase 4: 100,000 after twenty seconds each", 20.0, &gaps[15..])?;
    let days = instants.last().copied().unwrap_or_default() / 86_400.0;
    holds("over about 23 days", (23.0..36.0).contains(&days), days)
}

case! {
    /// SNS retries a queue that is down 100,015 times over 23 days, in four phases, each attempt at its instant.
    pub MANAGED_QUEUE = "sns.retry.queue_100015",
    clauses: [
        "sns.retry.managed.total", "sns.retry.managed.immediate", "sns.retry.managed.prebackoff",
        "sns.retry.managed.backoff", "sns.retry.managed.postbackoff", "sns.retry.jitter",
    ],
    cost: 10 requests, 3110400 seconds,
    protocols: [Query],
    needs: [Insight, VirtualTime],
    async fn queue_100015(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let instants = attempts(scope, &topic, &subscriber.arn, OutageKind::ServerError, MANAGED).await?;
        check_managed(&instants)?;
        let exact = gaps(&instants).iter().skip(15).all(|gap| (gap - 20.0).abs() < 0.001);
        scope.observe("sns.retry.jitter", if exact { "no jitter" } else { "jitter" });
        Ok(())
    }
}

case! {
    /// Lambda functions and Firehose streams are retried as queues are; a throttled stream as a customer's endpoint.
    pub MANAGED_OTHERS = "sns.retry.lambda_and_firehose",
    clauses: ["sns.retry.managed.total", "sns.retry.firehose"],
    cost: 10 requests, 9331200 seconds,
    protocols: [Query],
    needs: [Insight, VirtualTime],
    async fn lambda_and_firehose(scope) {
        let topic = topic(scope).await?;
        let queue = topic.queue_arn("x");
        let function = queue.replacen(":sqs:", ":lambda:", 1).replace(":x", ":function:x");
        topic.subscribe("lambda", &function, &[]).send().await?;
        check_managed(&attempts(scope, &topic, &function, OutageKind::ServerError, MANAGED).await?)?;
        let stream = queue.replacen(":sqs:", ":firehose:", 1).replace(":x", ":deliverystream/x");
        let role = "arn:aws:iam::111122223333:role/firehose";
        topic.subscribe("firehose", &stream, &[("SubscriptionRoleArn", role)]).send().await?;
        check_managed(&attempts(scope, &topic, &stream, OutageKind::ServerError, MANAGED).await?)?;
        check_customer(&attempts(scope, &topic, &stream, OutageKind::Throttle, seconds(86_400)).await?)
    }
}

/// All attempts of the schedule of endpoints that customers manage.
fn check_customer(instants: &[f64]) -> Result<(), Stop> {
    let gaps = gaps(instants);
    equal("retries", 50, gaps.len())?;
    all_about("two after ten seconds each", 10.0, &gaps[..2])?;
    backs_off(&gaps[2..12], 10.0, 600.0)?;
    all_about("38 after ten minutes each", 600.0, &gaps[12..])
}

case! {
    /// A phone, an e-mail address and a device that are down are retried fifty times over some hours.
    pub CUSTOMER = "sns.retry.customer_50",
    clauses: ["sns.retry.customer.total"],
    cost: 10 requests, 86400 seconds,
    protocols: [Query],
    needs: [Insight, VirtualTime],
    async fn customer_50(scope) {
        let topic = topic(scope).await?;
        topic.subscribe("sms", "+12065550123", &[]).send().await?;
        check_customer(&attempts(scope, &topic, "+12065550123", OutageKind::ServerError, seconds(86_400)).await?)
    }
}

case! {
    /// A queue that is down for an hour gets its message when it is back, and other queues of the topic at once.
    pub RECOVERS = "sns.retry.recovers",
    clauses: ["sns.retry.independent-subs", "sns.publish.ack-durable"],
    cost: 20 requests, 3700 seconds,
    protocols: [Query],
    needs: [Insight, VirtualTime],
    async fn recovers(scope) {
        let topic = topic(scope).await?;
        let (down, up) = (topic.subscriber().await?, topic.subscriber().await?);
        let until = scope.now() + seconds(3_600);
        let outage = Outage { until_milliseconds: Some(until.as_millis()), ..Outage::of(&down.arn) };
        scope.insight()?.set_outages(vec![outage]);
        topic.publish("late").await?;
        up.expect("the queue that is up", &["late"]).await?;
        down.expect("the queue that is down", &[]).await?;
        scope.sleep(seconds(3_600)).await;
        down.expect("the queue that was down", &["late"]).await
    }
}

case! {
    /// An endpoint that refuses gets no second attempt.
    pub CLIENT_ERROR = "sns.retry.client_error",
    clauses: ["sns.retry.client-error"],
    cost: 10 requests, 100 seconds,
    protocols: [Query],
    needs: [Insight, VirtualTime],
    async fn client_error(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let instants = attempts(scope, &topic, &subscriber.arn, OutageKind::ClientError, seconds(100)).await?;
        equal("attempts", 1, instants.len())
    }
}

case! {
    /// Only HTTP/S policies can be set: a queue's schedule stays what it is.
    pub NOT_CONFIGURABLE = "sns.retry.not_configurable",
    clauses: ["sns.retry.not-configurable"],
    cost: 10 requests, 100 seconds,
    protocols: [Query],
    needs: [Insight, VirtualTime],
    async fn not_configurable(scope) {
        let policy = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":1,"numRetries":0}}}"#;
        let topic = topic_with(scope, &[("DeliveryPolicy", policy)]).await?;
        let subscriber = topic.subscriber().await?;
        let instants = attempts(scope, &topic, &subscriber.arn, OutageKind::ServerError, seconds(60)).await?;
        holds("the queue is retried all the same", instants.len() > 10, instants)
    }
}

case! {
    /// While one message of a group is retried, whether the later ones wait is open; their order holds.
    pub GROUP_WAITS = "sns.retry.group_waits",
    clauses: ["sns.fifo.failure-blocks-group"],
    cost: 20 requests, 700 seconds,
    protocols: [Query],
    needs: [Insight, VirtualTime],
    async fn group_waits(scope) {
        let topic = super::support::fifo_topic(scope).await?;
        let subscriber = topic.fifo_subscriber().await?;
        let until = scope.now() + seconds(600);
        scope.insight()?.set_outages(vec![Outage { until_milliseconds: Some(until.as_millis()), ..Outage::of(&subscriber.arn) }]);
        topic.publish_to_group("g", "first").await?;
        scope.sleep(seconds(590)).await;
        for message in ["second", "third"] {
            topic.publish_to_group("g", message).await?;
        }
        scope.sleep(seconds(60)).await;
        let got = subscriber.queue.receive_distinct(3).await?;
        let mut messages = Vec::new();
        for message in &got {
            messages.push(super::support::envelope(message)?["Message"].as_str().unwrap_or_default().to_owned());
        }
        let waits = messages == ["first", "second", "third"];
        scope.observe("sns.fifo.failure-blocks-group", if waits { "the later ones wait" } else { "the later ones overtake" });
        equal("all of them", 3, messages.iter().collect::<BTreeSet<_>>().len())
    }
}
