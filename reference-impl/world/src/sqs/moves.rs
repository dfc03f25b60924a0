//! Dead-letter queues, and the tasks that move their messages on.

use super::api::{
    CancelMessageMoveTaskInput, CancelMessageMoveTaskOutput, ListMessageMoveTasksInput, ListMessageMoveTasksOutput,
    ListMessageMoveTasksResultEntry, StartMessageMoveTaskInput, StartMessageMoveTaskOutput,
};
use super::errors::{
    QUEUE_DOES_NOT_EXIST, RESOURCE_NOT_FOUND, UNSUPPORTED_OPERATION, invalid, invalid_value, required,
};
use super::message::{Stored, Visibility};
use super::store::Slot;
use super::{Context, Due, QueueId, Sqs, limits};
use crate::error::{ApiError, common};
use crate::world::{Common, Entry};
use crate::{Arn, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Which move task.
pub(super) type TaskId = usize;

/// How a move task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Status {
    Running,
    Completed,
    Cancelling,
    Cancelled,
    Failed(String),
}

impl Status {
    fn name(&self) -> &'static str {
        match self {
            Status::Running => "RUNNING",
            Status::Completed => "COMPLETED",
            Status::Cancelling => "CANCELLING",
            Status::Cancelled => "CANCELLED",
            Status::Failed(_) => "FAILED",
        }
    }

    fn is_active(&self) -> bool {
        matches!(self, Status::Running | Status::Cancelling)
    }
}

/// A task that moves messages from a dead-letter queue.
#[derive(Debug)]
pub(super) struct MoveTask {
    handle: String,
    source: Arn,
    destination: Option<Arn>,
    rate: Option<i64>,
    status: Status,
    moved: i64,
    to_move: i64,
    started_at: Timestamp,
}

impl MoveTask {
    /// The time from one message to the next.
    fn interval(&self) -> Duration {
        let per_second = self.rate.unwrap_or(*limits::MOVE_TASK_RATE.end());
        Duration::from_secs(1) / u32::try_from(per_second).unwrap_or(1).max(1)
    }

    fn listed(&self) -> ListMessageMoveTasksResultEntry {
        let failure = match &self.status {
            Status::Failed(reason) => Some(reason.clone()),
            _ => None,
        };
        ListMessageMoveTasksResultEntry {
            task_handle: (self.status == Status::Running).then(|| self.handle.clone()),
            status: Some(self.status.name().to_owned()),
            source_arn: Some(self.source.clone()),
            destination_arn: self.destination.clone(),
            max_number_of_messages_per_second: self.rate,
            approximate_number_of_messages_moved: Some(self.moved),
            approximate_number_of_messages_to_move: Some(self.to_move),
            failure_reason: failure,
            started_timestamp: i64::try_from(self.started_at.as_millis()).ok(),
        }
    }
}

impl Sqs {
    /// Moves a message that was received too often. It keeps its id, its body and its receive count.
    ///
    /// A standard queue keeps the enqueue time, so that the time already spent counts against the dead-letter
    /// queue's retention; a FIFO queue starts it anew, and replaces the deduplication id by the message's own.
    pub(super) fn move_to_dead_letter_queue(&mut self, from: QueueId, slot: Slot, to: QueueId, now: Timestamp) {
        let source = self.queues[from].arn_text.clone();
        let Some(mut message) = self.queues[from].store.remove(slot) else { return };
        message.visibility = Visibility::Ready;
        message.receive = 0;
        let id = message.id.to_string();
        let fifo = self.queues[from].is_fifo();
        let extras = message.extras_mut();
        extras.dead_letter_source = Some(source);
        if fifo {
            extras.deduplication_id = Some(id.into());
            message.enqueued_at = now;
        }
        self.queues[to].take_in(message, now);
        self.stir(to);
        self.stir(from);
    }

    pub(super) fn start_message_move_task(
        &mut self,
        context: &mut Context<'_>,
        input: StartMessageMoveTaskInput,
    ) -> Result<StartMessageMoveTaskOutput, ApiError> {
        check_available(context)?;
        let source_text = required(input.source_arn, "SourceArn")?;
        let source = self.own_queue(context, &source_text, "SourceArn")?;
        let destination = match &input.destination_arn {
            Some(text) => Some(self.own_queue(context, text, "DestinationArn")?),
            None => None,
        };
        let rate = checked_rate(input.max_number_of_messages_per_second)?;
        self.check_move(context.now, source, destination)?;
        let arn = self.queues[source].arn.clone();
        let id = context.common.random.uuid();
        let handle = STANDARD.encode(json!({"taskId": id, "sourceArn": arn.to_string()}).to_string());
        let counts = self.queues[source].counts(context.now, Duration::ZERO);
        self.tasks.push(MoveTask {
            handle: handle.clone(),
            source: arn,
            destination: destination.map(|id| self.queues[id].arn.clone()),
            rate,
            status: Status::Running,
            moved: 0,
            to_move: i64::try_from(counts.ready).unwrap_or(i64::MAX),
            started_at: context.now,
        });
        let start = context.now + Duration::from_secs(limits::MOVE_TASK_START_SECONDS);
        context.common.agenda.schedule(start, Entry::Sqs(Due::Move(self.tasks.len() - 1)));
        Ok(StartMessageMoveTaskOutput { task_handle: Some(handle) })
    }

    fn own_queue(&self, context: &Context<'_>, text: &str, parameter: &str) -> Result<QueueId, ApiError> {
        let arn = Arn::parse(text).filter(|arn| &*arn.service == "sqs");
        let arn = arn.ok_or_else(|| invalid(format!("You must use this format to specify the {parameter}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>")))?;
        let own = arn.account == context.caller.account && arn.region == context.caller.region;
        let id = self.find_arn(&arn, context.now).filter(|_| own);
        id.ok_or_else(|| {
            let text = format!("The resource that you specified for the {parameter} parameter doesn't exist.");
            ApiError::new(&RESOURCE_NOT_FOUND, text)
        })
    }

    fn check_move(&self, now: Timestamp, source: QueueId, destination: Option<QueueId>) -> Result<(), ApiError> {
        let from = &self.queues[source];
        if self.sources_of(&from.arn, now).next().is_none() {
            return Err(invalid("Source queue must be configured as a Dead Letter Queue."));
        }
        if destination.is_some_and(|to| self.queues[to].is_fifo() != from.is_fifo()) {
            return Err(invalid("Source and destination queues must be of the same type."));
        }
        let active = |task: &&MoveTask| task.status.is_active() && task.source.account == from.arn.account;
        if self.tasks.iter().filter(active).any(|task| task.source == from.arn) {
            return Err(invalid(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given \
                 time.",
            ));
        }
        if self.tasks.iter().filter(active).count() >= limits::MOVE_TASKS_PER_ACCOUNT {
            let text = format!("There can be at most {} active tasks.", limits::MOVE_TASKS_PER_ACCOUNT);
            return Err(ApiError::new(&UNSUPPORTED_OPERATION, text));
        }
        Ok(())
    }

    /// Moves one message, and puts the next step on the agenda.
    pub(super) fn step_move_task(&mut self, common: &mut Common, now: Timestamp, id: TaskId) {
        let task = &self.tasks[id];
        let status = match &task.status {
            Status::Cancelling => Status::Cancelled,
            Status::Running => self.move_one(common, id, now),
            ended => ended.clone(),
        };
        let task = &mut self.tasks[id];
        task.status = status;
        if task.status == Status::Running {
            common.agenda.schedule(now + task.interval(), Entry::Sqs(Due::Move(id)));
        }
    }

    fn move_one(&mut self, common: &mut Common, id: TaskId, now: Timestamp) -> Status {
        let task = &self.tasks[id];
        if now.since(task.started_at) >= Duration::from_secs(limits::MOVE_TASK_SECONDS) {
            return Status::Failed("MaxMessageMoveTaskDurationExceeded".to_owned());
        }
        let Some(from) = self.find_arn(&task.source, now) else {
            return Status::Failed(QUEUE_DOES_NOT_EXIST.query_code.to_owned());
        };
        let Some((slot, origin)) = self.oldest(from, now) else { return Status::Completed };
        let task = &self.tasks[id];
        let destination = task.destination.clone().or_else(|| origin.as_deref().and_then(Arn::parse));
        let Some(destination) = destination else {
            return Status::Failed("CouldNotDetermineMessageSource".to_owned());
        };
        let Some(to) = self.find_arn(&destination, now) else {
            return Status::Failed(QUEUE_DOES_NOT_EXIST.query_code.to_owned());
        };
        if let Some(message) = self.queues[from].store.remove(slot) {
            let message = anew(message, common, now);
            self.queues[to].take_in(message, now);
            self.tasks[id].moved += 1;
            self.stir(to);
        }
        Status::Running
    }

    /// The oldest visible message of a queue, and the queue that it was dead-lettered from.
    fn oldest(&mut self, from: QueueId, now: Timestamp) -> Option<(Slot, Option<Arc<str>>)> {
        let queue = &mut self.queues[from];
        queue.settle(now);
        let retention = queue.in_force(now).retention();
        let (mut oldest, mut expired) = (None, Vec::new());
        queue.store.for_each_next(|slot, message| {
            if message.expired(now, retention) {
                expired.push(slot);
                return true;
            }
            oldest = Some((slot, message.extras.as_ref().and_then(|extras| extras.dead_letter_source.clone())));
            false
        });
        for slot in expired {
            queue.store.remove(slot);
        }
        oldest
    }

    pub(super) fn cancel_message_move_task(
        &mut self,
        context: &mut Context<'_>,
        input: CancelMessageMoveTaskInput,
    ) -> Result<CancelMessageMoveTaskOutput, ApiError> {
        check_available(context)?;
        let handle = required(input.task_handle, "TaskHandle")?;
        let source = task_source(&handle).ok_or_else(|| invalid("Value for parameter TaskHandle is invalid."))?;
        self.own_queue(context, &source, "SourceArn")?;
        let task = self.tasks.iter_mut().find(|task| task.handle == handle);
        let task = task.ok_or_else(|| ApiError::new(&RESOURCE_NOT_FOUND, "Task does not exist."))?;
        if task.status != Status::Running {
            return Err(invalid("Only active tasks can be cancelled."));
        }
        task.status = Status::Cancelling;
        Ok(CancelMessageMoveTaskOutput { approximate_number_of_messages_moved: Some(task.moved) })
    }

    pub(super) fn list_message_move_tasks(
        &mut self,
        context: &mut Context<'_>,
        input: ListMessageMoveTasksInput,
    ) -> Result<ListMessageMoveTasksOutput, ApiError> {
        check_available(context)?;
        let source = required(input.source_arn, "SourceArn")?;
        let id = self.own_queue(context, &source, "SourceArn")?;
        let (low, high) = (limits::MOVE_TASK_RESULTS.start(), limits::MOVE_TASK_RESULTS.end());
        let most = input.max_results.unwrap_or(*low);
        if !limits::MOVE_TASK_RESULTS.contains(&most) {
            let reason = format!("Must be between {low} and {high}, if provided.");
            return Err(invalid_value(most, "MaxResults", reason));
        }
        let arn = &self.queues[id].arn;
        let newest_first = self.tasks.iter().rev().filter(|task| task.source == *arn);
        let results = newest_first.take(usize::try_from(most).unwrap_or_default()).map(MoveTask::listed).collect();
        Ok(ListMessageMoveTasksOutput { results: Some(results) })
    }
}

fn check_available(context: &Context<'_>) -> Result<(), ApiError> {
    if limits::MOVE_TASKS.at(context.common.config.profile) {
        return Ok(());
    }
    Err(ApiError::new(&common::INVALID_ACTION, "Message move tasks did not exist at the date of this profile."))
}

fn checked_rate(rate: Option<i64>) -> Result<Option<i64>, ApiError> {
    match rate {
        Some(number) if !limits::MOVE_TASK_RATE.contains(&number) => {
            let (low, high) = (limits::MOVE_TASK_RATE.start(), limits::MOVE_TASK_RATE.end());
            let reason = format!("Must be between {low} and {high}, if provided.");
            Err(invalid_value(number, "MaxNumberOfMessagesPerSecond", reason))
        }
        rate => Ok(rate),
    }
}

/// The source queue that a task handle names; `None` if it is no task handle.
fn task_source(handle: &str) -> Option<String> {
    let bytes = STANDARD.decode(handle).ok()?;
    let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    value.get("taskId")?.as_str()?;
    Some(value.get("sourceArn")?.as_str()?.to_owned())
}

/// The message as a new one: a redriven message has a new id, and its time starts again.
fn anew(mut message: Stored, common: &mut Common, now: Timestamp) -> Stored {
    message.id = common.random.uuid();
    message.enqueued_at = now;
    message.sent_at = now;
    message.receive = 0;
    message.receive_count = 0;
    message.first_received_at = Timestamp::NEVER;
    if let Some(extras) = message.extras.as_mut() {
        extras.dead_letter_source = None;
    }
    message
}
