//! Replaying what an archive holds to one subscription.

use super::Sns;
use super::archive::ReplayStatus;
use super::delivery::Target;
use super::subscription::SubscriptionId;
use crate::Timestamp;
use crate::deliver::Road;

impl Sns {
    /// Delivers to a subscription what its topic's archive holds between the points of its replay policy.
    pub(super) fn replay(&mut self, road: &mut Road<'_>, id: SubscriptionId) {
        let Some(subscription) = self.subscriptions.get_mut(&id) else { return };
        let Some(replay) = subscription.settings.replay.as_mut() else { return };
        if replay.status != ReplayStatus::Pending {
            return;
        }
        let Some(topic) = self.topics.get_mut(&subscription.topic) else { return };
        let Some(policy) = topic.settings.archive else {
            replay.status = ReplayStatus::Failed;
            return;
        };
        topic.archive.expire(policy, road.now);
        // What is published from now on is delivered as it comes.
        let end = replay.end.unwrap_or(Timestamp::NEVER).min(road.now);
        let messages = topic.archive.between(replay.start, end);
        replay.status = match replay.end {
            Some(end) if end > road.now => ReplayStatus::InProgress,
            _ => ReplayStatus::Completed,
        };
        if let Some(end) = replay.end.filter(|end| *end > road.now) {
            road.common.agenda.schedule(end, crate::world::Entry::Sns(super::Due::EndReplay(id)));
        }
        for message in messages {
            self.start_delivery(road, Target::Subscription(id), &message, true);
        }
    }

    /// A replay whose ending point lay ahead is over.
    pub(super) fn end_replay(&mut self, id: SubscriptionId) {
        let subscription = self.subscriptions.get_mut(&id);
        let replay = subscription.and_then(|subscription| subscription.settings.replay.as_mut());
        if let Some(replay) = replay.filter(|replay| replay.status == ReplayStatus::InProgress) {
            replay.status = ReplayStatus::Completed;
        }
    }
}
