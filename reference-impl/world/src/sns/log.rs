//! Delivery status logging: what CloudWatch Logs would hold.

use super::Sns;
use super::delivery::DeliveryId;
use super::subscription::Protocol;
use crate::deliver::{Refusal, Road};
use crate::seen::LogEntry;
use md5::{Digest, Md5};
use serde_json::json;
use std::sync::Arc;

/// How a delivery ended.
pub(super) enum Outcome<'a> {
    Arrived(u16),
    Failed(&'a Refusal),
}

impl Sns {
    /// Writes a log entry, if the topic logs such deliveries: all failures, and of successes the share asked for.
    pub(super) fn write_log(&self, road: &mut Road<'_>, id: DeliveryId, outcome: &Outcome<'_>) {
        let delivery = &self.deliveries[id];
        let content = &delivery.published.content;
        let Some(topic) = self.topics.get(&content.topic) else { return };
        let Some((protocol, destination)) = self.logged(id) else { return };
        let Some(prefix) = protocol.logged_as() else { return };
        let setting = |name: &str| topic.settings.get(&format!("{prefix}{name}"));
        let wanted = match outcome {
            Outcome::Failed(_) => setting("FailureFeedbackRoleArn").is_some(),
            Outcome::Arrived(_) => {
                let rate = setting("SuccessFeedbackSampleRate").and_then(|rate| rate.parse::<f64>().ok());
                let share = rate.unwrap_or(100.0) / 100.0;
                setting("SuccessFeedbackRoleArn").is_some() && road.common.random.chance(share)
            }
        };
        if !wanted {
            return;
        }
        let (status, status_code, response) = match outcome {
            Outcome::Arrived(code) => ("SUCCESS", *code, "delivered"),
            Outcome::Failed(refusal) => ("FAILURE", refusal.status, refusal.response.as_str()),
        };
        let digest: String = Md5::digest(delivery.published.spoken(protocol.name()).text.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let text = json!({
            "notification": {
                "messageMD5Sum": digest,
                "messageId": content.message_id,
                "topicArn": &*content.topic,
                "timestamp": content.at.to_iso(),
            },
            "delivery": {
                "deliveryId": road.common.random.uuid(),
                "destination": &*destination,
                "providerResponse": response,
                "dwellTimeMs": road.now.since(delivery.began).as_millis() as u64,
                "attempts": delivery.attempts(),
                "statusCode": status_code,
            },
            "status": status,
        });
        let ending = if status == "FAILURE" { "/Failure" } else { "" };
        let arn = &topic.arn;
        let group = format!("sns/{}/{}/{}{ending}", arn.region, arn.account, arn.resource);
        let at_milliseconds = road.now.as_millis();
        road.common.seen.write_log(LogEntry { at_milliseconds, group, text: text.to_string() });
    }

    fn logged(&self, id: DeliveryId) -> Option<(Protocol, Arc<str>)> {
        let target = self.deliveries[id].target();
        Some((self.protocol_of(target)?, self.endpoint_of(target)?))
    }
}
