//! The archive of a FIFO topic, and replaying from it.

use super::support::{Subscriber, Topic, envelope, fifo_topic_with, topic_with};
use crate::sqs::support::{equal, holds, refused, seconds, text};
use proofmark_conform::{Scope, Seen, Stop, Timestamp, case};
use serde_json::Value;

const ARCHIVE: (&str, &str) = ("ArchivePolicy", r#"{"MessageRetentionPeriod":"7"}"#);

fn replay(from: Timestamp, to: Option<Timestamp>) -> String {
    let end = to.map(|to| format!(r#","EndingPoint":"{}""#, to.to_iso())).unwrap_or_default();
    format!(r#"{{"PointType":"Timestamp","StartingPoint":"{}"{end}}}"#, from.to_iso())
}

async fn status(subscriber: &Subscriber<'_>) -> Result<String, Stop> {
    Ok(subscriber.attributes().await?.remove("ReplayStatus").unwrap_or_default())
}

/// Waits until a replay is over, and returns every status that was seen on the way.
async fn completed(scope: &Scope, subscriber: &Subscriber<'_>) -> Result<Vec<String>, Stop> {
    let mut seen = Vec::new();
    scope
        .eventually("the replay is over", seconds(600), async || {
            let status = status(subscriber).await?;
            if seen.last() != Some(&status) {
                seen.push(status.clone());
            }
            Ok(Seen::when(status == "Completed", status))
        })
        .await?;
    Ok(seen)
}

async fn publish(topic: &Topic<'_>, messages: &[&str]) -> Result<(), Stop> {
    for message in messages {
        topic.publish_to_group("g", message).await?;
    }
    Ok(())
}

case! {
    /// An archive keeps for 1 to 365 days, exists on FIFO topics only, and keeps its topic from being deleted.
    pub POLICY = "sns.archive.policy_rules",
    clauses: ["sns.archive.policy"],
    cost: 15 requests, 5 seconds,
    protocols: [Query],
    async fn policy_rules(scope) {
        let topic = fifo_topic_with(scope, &[ARCHIVE]).await?;
        equal("the policy", Some(ARCHIVE.1.to_owned()), topic.attributes().await?.remove("ArchivePolicy"))?;
        holds("since when", topic.attributes().await?.contains_key("BeginningArchiveTime"), ())?;
        for days in ["1", "365"] {
            topic.set("ArchivePolicy", &format!(r#"{{"MessageRetentionPeriod":{days}}}"#)).await?;
        }
        let set = async |policy: &str| {
            let request = scope.sns().set_topic_attributes().topic_arn(&topic.arn);
            request.attribute_name("ArchivePolicy").attribute_value(policy).send().await
        };
        for wrong in [r#"{"MessageRetentionPeriod":0}"#, r#"{"MessageRetentionPeriod":366}"#, "{}", "nonsense"] {
            refused(scope, set(wrong).await, "InvalidParameter", 400, "")?;
        }
        let answer = scope.sns().delete_topic().topic_arn(&topic.arn).send().await;
        refused(scope, answer, "InvalidState", 400, "")?;
        topic.set("ArchivePolicy", "").await?;
        scope.sns().delete_topic().topic_arn(&topic.arn).send().await?;
        let standard = topic_with(scope, &[ARCHIVE]).await;
        holds("a standard topic has none", standard.is_err(), "it was created")
    }
}

case! {
    /// A replay delivers what the archive holds from a point on, marked as replayed, and then what is new.
    pub REPLAY = "sns.archive.replayed",
    clauses: ["sns.archive.replay", "sns.archive.replayed-marker"],
    cost: 40 requests, 60 seconds,
    protocols: [Query],
    async fn replayed(scope) {
        let topic = fifo_topic_with(scope, &[ARCHIVE]).await?;
        let before = topic.fifo_subscriber().await?;
        publish(&topic, &["too-old"]).await?;
        scope.sleep(seconds(10)).await;
        let start = scope.now();
        publish(&topic, &["first", "second"]).await?;
        let original = envelopes(&before, 3).await?;
        scope.sleep(seconds(5)).await;
        let (queue, arn) = topic.fifo_queue().await?;
        let subscriber = topic.subscribe_queue(queue, arn, &[("ReplayPolicy", &replay(start, None))]).await?;
        holds("it is pending first", ["Pending", "In progress"].contains(&status(&subscriber).await?.as_str()), status(&subscriber).await?)?;
        completed(scope, &subscriber).await?;
        let replayed = envelopes(&subscriber, 2).await?;
        for (one, other) in original[1..].iter().zip(&replayed) {
            let same = ["Message", "MessageId", "Timestamp"].iter().all(|name| one[*name] == other[*name]);
            holds("message, id and time are the original's", same, (one, other))?;
            holds("it says that it is replayed", other.get("Replayed").is_some() && one.get("Replayed").is_none(), other)?;
        }
        publish(&topic, &["new"]).await?;
        subscriber.expect("what is new", &["new"]).await
    }
}

async fn envelopes(subscriber: &Subscriber<'_>, count: usize) -> Result<Vec<Value>, Stop> {
    let mut envelopes = Vec::new();
    for _ in 0..count {
        envelopes.push(envelope(&subscriber.take().await?)?);
    }
    Ok(envelopes)
}

case! {
    /// A replay with an ending point delivers up to it, and nothing that is new.
    pub ENDING = "sns.archive.ending_point",
    clauses: ["sns.archive.replay"],
    cost: 40 requests, 120 seconds,
    protocols: [Query],
    async fn ending_point(scope) {
        let topic = fifo_topic_with(scope, &[ARCHIVE]).await?;
        let start = scope.now();
        publish(&topic, &["first"]).await?;
        scope.sleep(seconds(10)).await;
        let end = scope.now();
        scope.sleep(seconds(10)).await;
        publish(&topic, &["second"]).await?;
        scope.sleep(seconds(5)).await;
        let (queue, arn) = topic.fifo_queue().await?;
        let subscriber = topic.subscribe_queue(queue, arn, &[("ReplayPolicy", &replay(start, Some(end)))]).await?;
        completed(scope, &subscriber).await?;
        publish(&topic, &["third"]).await?;
        subscriber.expect("what came", &["first"]).await?;
        for wrong in [r#"{"PointType":"Timestamp"}"#, r#"{"PointType":"Place","StartingPoint":"2026-01-01T00:00:00.000Z"}"#, "nonsense", &replay(end, Some(start))] {
            let request = scope.sns().set_subscription_attributes().subscription_arn(&subscriber.subscription);
            let answer = request.attribute_name("ReplayPolicy").attribute_value(wrong).send().await;
            refused(scope, answer, "InvalidParameter", 400, "")?;
        }
        Ok(())
    }
}

case! {
    /// What is older than the archive's days is gone.
    pub EXPIRED = "sns.archive.expired",
    clauses: ["sns.archive.policy", "sns.topic.no-retention"],
    cost: 20 requests, 700000 seconds,
    protocols: [Query],
    needs: [VirtualTime],
    async fn expired(scope) {
        let topic = fifo_topic_with(scope, &[ARCHIVE]).await?;
        let start = scope.now();
        publish(&topic, &["old"]).await?;
        scope.sleep(seconds(6 * 86_400)).await;
        publish(&topic, &["newer"]).await?;
        scope.sleep(seconds(86_400 + 60)).await;
        let (queue, arn) = topic.fifo_queue().await?;
        let subscriber = topic.subscribe_queue(queue, arn, &[("ReplayPolicy", &replay(start, None))]).await?;
        completed(scope, &subscriber).await?;
        subscriber.expect("what the archive still held", &["newer"]).await
    }
}

case! {
    /// A hundred replays of a topic run at once; one more is refused.
    pub TOO_MANY = "sns.archive.too_many",
    clauses: ["sns.archive.limit-error"],
    cost: 400 requests, 60 seconds,
    protocols: [Query],
    needs: [VirtualTime],
    async fn too_many(scope) {
        let topic = fifo_topic_with(scope, &[ARCHIVE]).await?;
        let future = scope.now() + seconds(3_600);
        let policy = replay(scope.now(), Some(future));
        let mut refusal = None;
        for number in 0..100 {
            let queue = topic.queue_arn(&format!("nobody-{number}.fifo"));
            let arn = text(topic.subscribe("sqs", &queue, &[]).send().await?.subscription_arn());
            // Twice as many as run: a replay that is asked for anew counts anew only for its own subscription.
            let request = scope.sns().set_subscription_attributes().subscription_arn(arn);
            let answer = request.attribute_name("ReplayPolicy").attribute_value(&policy).send().await;
            refusal = refusal.or(answer.err());
        }
        match refusal {
            None => Ok(()),
            Some(error) => refused(scope, Err::<(), _>(error), "ReplayLimitExceeded", 403, ""),
        }
    }
}

case! {
    /// A replay up to a point that lies ahead goes on until then, and then the subscription gets nothing new.
    pub AHEAD = "sns.archive.ending_ahead",
    clauses: ["sns.archive.replay"],
    cost: 30 requests, 700 seconds,
    protocols: [Query],
    needs: [VirtualTime],
    async fn ending_ahead(scope) {
        let topic = fifo_topic_with(scope, &[ARCHIVE]).await?;
        let start = scope.now();
        publish(&topic, &["before"]).await?;
        scope.sleep(seconds(10)).await;
        let end = scope.now() + seconds(300);
        let (queue, arn) = topic.fifo_queue().await?;
        let subscriber = topic.subscribe_queue(queue, arn, &[("ReplayPolicy", &replay(start, Some(end)))]).await?;
        scope.sleep(seconds(60)).await;
        equal("on its way", "In progress".to_owned(), status(&subscriber).await?)?;
        publish(&topic, &["meanwhile"]).await?;
        scope.sleep(seconds(241)).await;
        equal("at its end", "Completed".to_owned(), status(&subscriber).await?)?;
        publish(&topic, &["after"]).await?;
        subscriber.expect("what came", &["before", "meanwhile"]).await
    }
}

case! {
    /// Without an archive a replay fails. An archive that is switched off is lost, and begins anew when it is back.
    pub LOST = "sns.archive.lost",
    clauses: ["sns.archive.policy", "sns.archive.replay"],
    cost: 30 requests, 120 seconds,
    protocols: [Query],
    async fn lost_archive(scope) {
        let topic = fifo_topic_with(scope, &[ARCHIVE]).await?;
        let start = scope.now();
        let began = topic.attributes().await?.remove("BeginningArchiveTime");
        publish(&topic, &["lost"]).await?;
        scope.sleep(seconds(5)).await;
        topic.set("ArchivePolicy", "").await?;
        equal("no archive", None, topic.attributes().await?.remove("BeginningArchiveTime"))?;
        topic.set("ArchivePolicy", ARCHIVE.1).await?;
        let again = topic.attributes().await?.remove("BeginningArchiveTime");
        holds("it begins anew", again.is_some() && again > began, (&began, &again))?;
        publish(&topic, &["kept"]).await?;
        let (queue, arn) = topic.fifo_queue().await?;
        let subscriber = topic.subscribe_queue(queue, arn, &[("ReplayPolicy", &replay(start, None))]).await?;
        completed(scope, &subscriber).await?;
        subscriber.expect("what is replayed", &["kept"]).await
    }
}
