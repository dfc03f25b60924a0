//! The archive of a FIFO topic, and replaying from it.

use super::limits;
use super::publish::Published;
use crate::Timestamp;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// `ArchivePolicy`: `{"MessageRetentionPeriod": days}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ArchivePolicy {
    retention: Duration,
}

impl ArchivePolicy {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let policy: Value =
            serde_json::from_str(text).map_err(|_| "ArchivePolicy: failed to parse JSON.".to_owned())?;
        // AWS takes the number as a number and as a string.
        let days = policy.get("MessageRetentionPeriod");
        let days = days.and_then(|days| days.as_u64().or_else(|| days.as_str()?.parse().ok()));
        match days {
            Some(days) if limits::ARCHIVE_DAYS.contains(&days) => {
                Ok(ArchivePolicy { retention: Duration::from_secs(days * 86_400) })
            }
            _ => Err(format!(
                "ArchivePolicy: MessageRetentionPeriod must be between {} and {} days",
                limits::ARCHIVE_DAYS.start(),
                limits::ARCHIVE_DAYS.end()
            )),
        }
    }
}

/// What was published, as long as the policy keeps it.
#[derive(Debug, Default)]
pub(super) struct Archive {
    messages: VecDeque<Arc<Published>>,
    /// Since when there is an archive.
    pub(super) began: Option<Timestamp>,
}

impl Archive {
    pub(super) fn keep(&mut self, policy: ArchivePolicy, message: &Arc<Published>, now: Timestamp) {
        self.expire(policy, now);
        self.messages.push_back(message.clone());
    }

    pub(super) fn expire(&mut self, policy: ArchivePolicy, now: Timestamp) {
        while self.messages.pop_front_if(|message| message.at + policy.retention <= now).is_some() {}
    }

    pub(super) fn discard(&mut self) {
        self.messages.clear();
        self.began = None;
    }

    /// What was published from `start` to `end`.
    pub(super) fn between(&self, start: Timestamp, end: Timestamp) -> Vec<Arc<Published>> {
        self.messages.iter().filter(|message| (start..=end).contains(&message.at)).cloned().collect()
    }
}

/// How far a replay has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplayStatus {
    Pending,
    InProgress,
    Completed,
    Failed,
}

impl ReplayStatus {
    pub(super) const fn name(self) -> &'static str {
        match self {
            ReplayStatus::Pending => "Pending",
            ReplayStatus::InProgress => "In progress",
            ReplayStatus::Completed => "Completed",
            ReplayStatus::Failed => "Failed",
        }
    }
}

/// `ReplayPolicy`: `{"PointType": "Timestamp", "StartingPoint": …, "EndingPoint": …}`, and how far it has come.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Replay {
    pub(super) text: String,
    pub(super) start: Timestamp,
    /// After it the subscription receives nothing new.
    pub(super) end: Option<Timestamp>,
    pub(super) status: ReplayStatus,
}

impl Replay {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let policy: Value = serde_json::from_str(text).map_err(|_| "ReplayPolicy: failed to parse JSON.".to_owned())?;
        if policy.get("PointType").and_then(Value::as_str) != Some("Timestamp") {
            return Err("ReplayPolicy: PointType must be Timestamp".to_owned());
        }
        let point = |name: &str| policy.get(name).and_then(Value::as_str).map(|text| read_point(name, text));
        let start =
            point("StartingPoint").unwrap_or_else(|| Err("ReplayPolicy: StartingPoint is required".to_owned()))?;
        let end = point("EndingPoint").transpose()?;
        if end.is_some_and(|end| end < start) {
            return Err("ReplayPolicy: EndingPoint must be after StartingPoint".to_owned());
        }
        Ok(Replay { text: text.to_owned(), start, end, status: ReplayStatus::Pending })
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.status, ReplayStatus::Pending | ReplayStatus::InProgress)
    }

    /// Whether the replay keeps messages published at `now` from the subscription.
    pub(super) fn withholds(&self, now: Timestamp) -> bool {
        self.end.is_some_and(|end| now > end)
    }
}

fn read_point(name: &str, text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_iso(text).ok_or_else(|| format!("ReplayPolicy: {name} must be an ISO 8601 timestamp"))
}
