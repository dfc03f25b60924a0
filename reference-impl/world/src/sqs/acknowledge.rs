//! What a consumer does with a receipt handle: delete the message, or change how long it stays invisible.

use super::api::{
    BatchEntryId, BatchOutput, ChangeMessageVisibilityBatchInput, ChangeMessageVisibilityInput,
    DeleteMessageBatchInput, DeleteMessageInput, Empty,
};
use super::attributes::seconds;
use super::errors::{RECEIPT_HANDLE_IS_INVALID, invalid_value, required};
use super::handle::ReceiptHandle;
use super::message::{Stored, Visibility};
use super::queue::Queue;
use super::receive::checked_visibility;
use super::store::Slot;
use super::{Context, Operation, QueueId, Sqs, batch, limits};
use crate::Timestamp;
use crate::error::ApiError;
use crate::world::Common;
use std::sync::Arc;
use std::time::Duration;

/// How long a message that was deleted and comes back stays away at most.
const LONGEST_REAPPEARANCE: Duration = Duration::from_secs(60);

impl Sqs {
    pub(super) fn delete_message(
        &mut self,
        context: &mut Context<'_>,
        input: DeleteMessageInput,
    ) -> Result<Empty, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::DeleteMessage)?;
        let handle = required(input.receipt_handle, "ReceiptHandle")?;
        self.delete(context, id, &handle).map(|()| Empty {})
    }

    pub(super) fn delete_message_batch(
        &mut self,
        context: &mut Context<'_>,
        input: DeleteMessageBatchInput,
    ) -> Result<BatchOutput<BatchEntryId>, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::DeleteMessageBatch)?;
        let entries = input.entries.unwrap_or_default();
        let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_deref().unwrap_or_default()).collect();
        batch::check_entries(&ids, "DeleteMessageBatchRequestEntry")?;
        Ok(batch::each(
            entries,
            |entry| entry.id.clone().unwrap_or_default(),
            |entry| {
                let handle = required(entry.receipt_handle, "ReceiptHandle")?;
                self.delete(context, id, &handle)?;
                Ok(BatchEntryId { id: entry.id })
            },
        ))
    }

    fn delete(&mut self, context: &mut Context<'_>, id: QueueId, text: &Arc<str>) -> Result<(), ApiError> {
        let queue = &mut self.queues[id];
        let handle = decode(queue, text)?;
        let slot = slot_of(&handle);
        let Some(message) = queue.store.find(slot, handle.sequence) else { return Ok(()) };
        let current = message.receive == handle.receive;
        if queue.is_fifo() {
            if !current || !message.is_in_flight() {
                return Err(invalid_value(text, "ReceiptHandle", "The receipt handle has expired."));
            }
        } else if !current && context.common.random.chance(context.common.config.freedom.old_handle_ignored) {
            return Ok(());
        }
        let reappearance = reappearance(queue, message, context.common);
        match reappearance {
            Some(after) => reappear(queue, slot, context.now + after),
            None => drop(queue.store.remove(slot)),
        }
        self.stir(id);
        Ok(())
    }

    pub(super) fn change_message_visibility(
        &mut self,
        context: &mut Context<'_>,
        input: ChangeMessageVisibilityInput,
    ) -> Result<Empty, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::ChangeMessageVisibility)?;
        let handle = required(input.receipt_handle, "ReceiptHandle")?;
        let timeout = required(input.visibility_timeout, "VisibilityTimeout")?;
        self.change_visibility(context.now, id, &handle, timeout).map(|()| Empty {})
    }

    pub(super) fn change_message_visibility_batch(
        &mut self,
        context: &mut Context<'_>,
        input: ChangeMessageVisibilityBatchInput,
    ) -> Result<BatchOutput<BatchEntryId>, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::ChangeMessageVisibilityBatch)?;
        let entries = input.entries.unwrap_or_default();
        let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_deref().unwrap_or_default()).collect();
        batch::check_entries(&ids, "ChangeMessageVisibilityBatchRequestEntry")?;
        Ok(batch::each(
            entries,
            |entry| entry.id.clone().unwrap_or_default(),
            |entry| {
                let handle = required(entry.receipt_handle, "ReceiptHandle")?;
                let timeout = required(entry.visibility_timeout, "VisibilityTimeout")?;
                self.change_visibility(context.now, id, &handle, timeout)?;
                Ok(BatchEntryId { id: entry.id })
            },
        ))
    }

    fn change_visibility(
        &mut self,
        now: Timestamp,
        id: QueueId,
        text: &Arc<str>,
        timeout_seconds: i64,
    ) -> Result<(), ApiError> {
        let queue = &mut self.queues[id];
        let handle = decode(queue, text)?;
        checked_visibility(Some(timeout_seconds))?;
        let slot = slot_of(&handle);
        let found = queue.store.find(slot, handle.sequence);
        let Some(message) = found.filter(|message| message.sequence == handle.sequence) else {
            return Err(not_available(text));
        };
        if message.receive != handle.receive || !message.is_in_flight() {
            // Recorded on AWS: a standard queue says yes, and nobody has seen what it does; ours does nothing.
            return if queue.is_fifo() { Err(not_available(text)) } else { Ok(()) };
        }
        check_total(message, now, timeout_seconds)?;
        queue.store.update(slot, |message| message.changed = true);
        let until = now + seconds(timeout_seconds);
        let visibility = if timeout_seconds == 0 { Visibility::Ready } else { Visibility::InFlight { until } };
        queue.store.set_visibility(slot, visibility);
        self.stir(id);
        Ok(())
    }
}

fn decode(queue: &Queue, text: &str) -> Result<ReceiptHandle, ApiError> {
    let handle = ReceiptHandle::decode(text).filter(|handle| handle.queue == queue.serial);
    handle.ok_or_else(|| {
        let text = format!("The input receipt handle \"{text}\" is not a valid receipt handle.");
        ApiError::new(&RECEIPT_HANDLE_IS_INVALID, text)
    })
}

fn slot_of(handle: &ReceiptHandle) -> Slot {
    usize::try_from(handle.slot).unwrap_or(usize::MAX)
}

fn not_available(handle: &str) -> ApiError {
    invalid_value(handle, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")
}

/// A message may stay invisible for twelve hours after one receive, and no change may take it beyond.
fn check_total(message: &Stored, now: Timestamp, timeout_seconds: i64) -> Result<(), ApiError> {
    let total = now.since(message.received_at) + seconds(timeout_seconds);
    if total <= seconds(limits::TOTAL_VISIBILITY_SECONDS) {
        return Ok(());
    }
    let limit = limits::TOTAL_VISIBILITY_SECONDS;
    let reason = format!("Total VisibilityTimeout for the message is beyond the limit [{limit} seconds]");
    Err(invalid_value(timeout_seconds, "VisibilityTimeout", reason))
}

/// After how long a deleted message comes back, if it does.
fn reappearance(queue: &Queue, message: &Stored, common: &mut Common) -> Option<Duration> {
    let once_is_enough = message.extras.as_ref().is_some_and(|extras| extras.reappeared);
    let comes_back =
        !queue.is_fifo() && !once_is_enough && common.random.chance(common.config.freedom.delete_reappears);
    comes_back.then(|| common.random.up_to(LONGEST_REAPPEARANCE))
}

fn reappear(queue: &mut Queue, slot: Slot, until: Timestamp) {
    queue.store.update(slot, |message| message.extras_mut().reappeared = true);
    queue.store.set_visibility(slot, Visibility::InFlight { until });
}
