//! ReceiveMessage: short and long polls, and what a receive does to a message.

use super::api::{AttributeMap, Message, MessageAttributes, ReceiveMessageInput, ReceiveMessageOutput, Response};
use super::attributes::seconds;
use super::dedup::Returned;
use super::errors::{INVALID_ATTRIBUTE_NAME, OVER_LIMIT, invalid_value};
use super::message::{Extras, Stored, Visibility, md5_of_attributes};
use super::queue::{Queue, Waiter};
use super::send::{check_fifo_id, check_key, sequence_number};
use super::store::Slot;
use super::{Context, Due, Operation, QueueId, Sqs, limits};
use crate::error::ApiError;
use crate::identity::Protocol;
use crate::random::Generator;
use crate::world::{Common, Entry, Ticket};
use crate::{Answer, Freedom, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// The system attributes that a receive can ask for.
const SYSTEM_ATTRIBUTES: [&str; 10] = [
    "All",
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    "SequenceNumber",
    "MessageDeduplicationId",
    "MessageGroupId",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
];

/// A receive, checked and ready to be tried as often as need be.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    most: usize,
    visibility_seconds: Option<i64>,
    wait: Duration,
    system_names: Vec<String>,
    attribute_names: Vec<String>,
    attempt: Option<Arc<str>>,
}

/// What one look at a queue found.
#[derive(Default)]
struct Found {
    taken: Vec<Slot>,
    expired: Vec<Slot>,
    exhausted: Vec<Slot>,
}

impl Sqs {
    pub(super) fn receive_message(&mut self, context: &mut Context<'_>, input: ReceiveMessageInput) -> Answer {
        let planned = self.plan(context, input);
        let result = planned.and_then(|(id, plan)| {
            let messages = self.try_receive(context.common, context.now, id, &plan)?;
            let waits = messages.is_empty() && !plan.wait.is_zero();
            Ok(if waits { Err((id, plan)) } else { Ok(messages) })
        });
        match result {
            Ok(Ok(messages)) => Answer::Now(output(messages)),
            Ok(Err((id, plan))) => Answer::Later(self.wait(context, id, plan)),
            Err(error) => Answer::Now(Err(error)),
        }
    }

    fn plan(&mut self, context: &mut Context<'_>, input: ReceiveMessageInput) -> Result<(QueueId, Plan), ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::ReceiveMessage)?;
        let queue = &self.queues[id];
        check_key(queue, context.common, context.now)?;
        check_fifo_id("ReceiveRequestAttemptId", input.receive_request_attempt_id.as_deref())?;
        let wait = checked_wait(input.wait_time_seconds)?;
        let plan = Plan {
            most: checked_most(input.max_number_of_messages)?,
            visibility_seconds: checked_visibility(input.visibility_timeout)?,
            wait: seconds(wait.unwrap_or(queue.in_force(context.now).wait_time_seconds)),
            system_names: system_names(
                context.caller.protocol,
                input.message_system_attribute_names,
                input.attribute_names,
            )?,
            attribute_names: input.message_attribute_names.unwrap_or_default(),
            attempt: input.receive_request_attempt_id.filter(|_| queue.is_fifo()),
        };
        Ok((id, plan))
    }

    fn wait(&mut self, context: &mut Context<'_>, id: QueueId, plan: Plan) -> Ticket {
        let ticket = context.common.issue_ticket();
        context.common.agenda.schedule(context.now + plan.wait, Entry::Sqs(Due::EndWait(ticket)));
        self.waits.insert(ticket, id);
        self.queues[id].waiters.push_back(Waiter { ticket, plan });
        self.arm(context.common, id);
        ticket
    }

    /// Receives what can be received now; empty if nothing can.
    fn try_receive(
        &mut self,
        common: &mut Common,
        now: Timestamp,
        id: QueueId,
        plan: &Plan,
    ) -> Result<Vec<Message>, ApiError> {
        let queue = &mut self.queues[id];
        queue.settle(now);
        if let Some(messages) = repeat_attempt(queue, plan, now) {
            return Ok(messages);
        }
        let capacity = queue.in_flight_capacity(common.config.profile);
        if capacity == 0 {
            return over_capacity(queue, plan);
        }
        let redrive = queue.in_force(now).redrive.clone();
        let target = redrive.as_ref().and_then(|policy| self.find_arn(&policy.target, now));
        let most_receives = redrive.filter(|_| target.is_some()).map(|policy| policy.max_receive_count);
        let queue = &mut self.queues[id];
        queue.store.judge_tenants(now);
        let found = look(queue, plan.most.min(capacity), most_receives, now, plan, common);
        for slot in found.expired {
            queue.store.remove(slot);
        }
        let messages = take(queue, &found.taken, plan, now, common);
        if let Some(target) = target {
            for slot in found.exhausted {
                self.move_to_dead_letter_queue(id, slot, target, now);
            }
        }
        Ok(messages)
    }

    /// Notes that somebody who waits at the queue may now have something.
    pub(super) fn stir(&mut self, id: QueueId) {
        let waited_at = self.queues.get(id).is_some_and(|queue| !queue.waiters.is_empty());
        if waited_at && !self.stirred.contains(&id) {
            self.stirred.push(id);
        }
    }

    /// Serves those who wait at the queues that were stirred. Serving one can stir another (a dead-letter queue).
    pub(super) fn serve_stirred(&mut self, common: &mut Common, now: Timestamp) {
        while let Some(id) = self.stirred.pop() {
            self.serve(common, now, id);
            self.arm(common, id);
        }
    }

    fn serve(&mut self, common: &mut Common, now: Timestamp, id: QueueId) {
        let Some(queue) = self.queues.get_mut(id) else { return };
        for waiter in std::mem::take(&mut queue.waiters) {
            match self.try_receive(common, now, id, &waiter.plan) {
                Ok(messages) if messages.is_empty() => self.queues[id].waiters.push_back(waiter),
                result => {
                    self.waits.remove(&waiter.ticket);
                    common.answer(waiter.ticket, result.and_then(output));
                }
            }
        }
    }

    /// Puts the next wake-up of a queue that is waited at on the agenda.
    fn arm(&mut self, common: &mut Common, id: QueueId) {
        let Some(queue) = self.queues.get_mut(id) else { return };
        if queue.waiters.is_empty() {
            return;
        }
        let Some(due) = queue.store.next_change() else { return };
        if queue.wake_at.is_none_or(|scheduled| due < scheduled) {
            queue.wake_at = Some(due);
            common.agenda.schedule(due, Entry::Sqs(Due::Wake(id)));
        }
    }

    pub(super) fn wake(&mut self, id: QueueId, now: Timestamp) {
        if let Some(queue) = self.queues.get_mut(id) {
            if queue.wake_at.is_some_and(|scheduled| scheduled <= now) {
                queue.wake_at = None;
            }
            self.stir(id);
        }
    }

    /// Answers a wait that has lasted long enough with nothing, which is what it has found until now.
    pub(super) fn end_wait(&mut self, common: &mut Common, ticket: Ticket) {
        if self.leave(ticket) {
            common.answer(ticket, output(Vec::new()));
        }
    }

    /// Forgets a waiting receive.
    pub(crate) fn cancel(&mut self, ticket: Ticket) {
        self.leave(ticket);
    }

    fn leave(&mut self, ticket: Ticket) -> bool {
        let Some(id) = self.waits.remove(&ticket) else { return false };
        if let Some(queue) = self.queues.get_mut(id) {
            queue.waiters.retain(|waiter| waiter.ticket != ticket);
        }
        true
    }

    /// Answers every waiting receive with nothing.
    pub(crate) fn end_waits(&mut self, common: &mut Common) {
        let mut tickets: Vec<Ticket> = self.waits.keys().copied().collect();
        tickets.sort_unstable();
        for ticket in tickets {
            self.end_wait(common, ticket);
        }
    }
}

fn output(messages: Vec<Message>) -> Result<crate::Response, ApiError> {
    let messages = (!messages.is_empty()).then_some(messages);
    Ok(crate::Response::Sqs(Response::ReceiveMessage(ReceiveMessageOutput { messages })))
}

fn checked_most(number: Option<i64>) -> Result<usize, ApiError> {
    let (low, high) = (limits::MESSAGES_PER_RECEIVE.start(), limits::MESSAGES_PER_RECEIVE.end());
    let number = number.unwrap_or(*low);
    if limits::MESSAGES_PER_RECEIVE.contains(&number) {
        return Ok(usize::try_from(number).unwrap_or_default());
    }
    let reason = format!("Must be between {low} and {high}, if provided.");
    Err(invalid_value(number, "MaxNumberOfMessages", reason))
}

fn checked_wait(number: Option<i64>) -> Result<Option<i64>, ApiError> {
    match number {
        Some(number) if !limits::WAIT_TIME_SECONDS.contains(&number) => {
            let (low, high) = (limits::WAIT_TIME_SECONDS.start(), limits::WAIT_TIME_SECONDS.end());
            let reason = format!("Must be >= {low} and <= {high}, if provided.");
            Err(invalid_value(number, "WaitTimeSeconds", reason))
        }
        number => Ok(number),
    }
}

/// Checks a visibility timeout, of a receive or of a change.
pub(super) fn checked_visibility(number: Option<i64>) -> Result<Option<i64>, ApiError> {
    match number {
        Some(number) if !limits::VISIBILITY_TIMEOUT_SECONDS.contains(&number) => {
            let (low, high) = (limits::VISIBILITY_TIMEOUT_SECONDS.start(), limits::VISIBILITY_TIMEOUT_SECONDS.end());
            let reason = format!("Must be between {low} and {high}, if provided.");
            Err(invalid_value(number, "VisibilityTimeout", reason))
        }
        number => Ok(number),
    }
}

/// Which system attributes to return: the newer member wins over JSON, the older one narrows it over Query.
fn system_names(
    protocol: Protocol,
    newer: Option<Vec<String>>,
    older: Option<Vec<String>>,
) -> Result<Vec<String>, ApiError> {
    let (newer, older) = (newer.unwrap_or_default(), older.unwrap_or_default());
    let unknown = |name: &&String| !SYSTEM_ATTRIBUTES.contains(&name.as_str());
    if let Some(name) = newer.iter().chain(&older).find(unknown) {
        return Err(ApiError::new(&INVALID_ATTRIBUTE_NAME, format!("Unknown Attribute {name}.")));
    }
    let narrowed = |older: Vec<String>| {
        let wanted = |name: &String| newer.iter().any(|newer| newer == "All" || newer == name);
        older.into_iter().filter(wanted).collect()
    };
    Ok(match (newer.is_empty(), older.is_empty(), protocol) {
        (true, _, _) => older,
        (false, false, Protocol::Query) => narrowed(older),
        (false, _, _) => newer,
    })
}

/// A standard queue says so on a short poll; a long poll, and a FIFO queue, just find nothing.
fn over_capacity(queue: &Queue, plan: &Plan) -> Result<Vec<Message>, ApiError> {
    if queue.is_fifo() || !plan.wait.is_zero() {
        return Ok(Vec::new());
    }
    let text = "Too many messages have been received without being deleted.\n\
                Please delete your received messages or let them timeout before receiving more.";
    Err(ApiError::new(&OVER_LIMIT, text))
}

/// Looks for messages to hand out, and for those that must go.
fn look(
    queue: &Queue,
    most: usize,
    most_receives: Option<u32>,
    now: Timestamp,
    plan: &Plan,
    common: &mut Common,
) -> Found {
    let Freedom { reorder, short_poll_miss, .. } = common.config.freedom;
    let random = &mut common.random;
    let standard = !queue.is_fifo();
    let miss = if standard && plan.wait.is_zero() { short_poll_miss } else { 0.0 };
    let reordered = standard && random.chance(reorder);
    let enough = if reordered { most * 3 } else { most };
    let retention = queue.in_force(now).retention();
    let mut found = Found::default();
    queue.store.for_each_next(|slot, message| {
        if message.expired(now, retention) {
            found.expired.push(slot);
        } else if most_receives.is_some_and(|most| message.receive_count >= most) {
            found.exhausted.push(slot);
        } else if !random.chance(miss) {
            found.taken.push(slot);
        }
        found.taken.len() < enough
    });
    if reordered {
        shuffle(&mut found.taken, random);
        found.taken.truncate(most);
    }
    found
}

fn shuffle(slots: &mut [Slot], random: &mut Generator) {
    for last in (1..slots.len()).rev() {
        slots.swap(last, random.below(last + 1));
    }
}

fn take(queue: &mut Queue, slots: &[Slot], plan: &Plan, now: Timestamp, common: &mut Common) -> Vec<Message> {
    let of_queue = queue.in_force(now).visibility_timeout_seconds;
    let timeout = seconds(plan.visibility_seconds.unwrap_or(of_queue));
    let duplicate = if queue.is_fifo() { 0.0 } else { common.config.freedom.duplicate };
    let mut messages = Vec::with_capacity(slots.len());
    for &slot in slots {
        queue.store.update(slot, |message| receive(message, now));
        if !timeout.is_zero() && !common.random.chance(duplicate) {
            queue.store.set_visibility(slot, Visibility::InFlight { until: now + timeout });
        }
        messages.extend(queue.store.get(slot).map(|message| shown(queue, slot, message, plan)));
    }
    if let Some(attempt) = plan.attempt.as_ref().filter(|_| !messages.is_empty()) {
        let returned = slots.iter().filter_map(|&slot| {
            let message = queue.store.get(slot)?;
            Some(Returned { slot, sequence: message.sequence, receive: message.receive })
        });
        queue.attempts.remember(attempt, returned.collect(), now);
    }
    messages
}

fn receive(message: &mut Stored, now: Timestamp) {
    message.receive += 1;
    message.receive_count += 1;
    message.received_at = now;
    message.first_received_at = message.first_received_at.min(now);
    message.changed = false;
}

/// Repeats an attempt: the same messages under the same handles, hidden for another full timeout. Not if one of
/// them was deleted, changed, or has become visible and was received by somebody else.
fn repeat_attempt(queue: &mut Queue, plan: &Plan, now: Timestamp) -> Option<Vec<Message>> {
    let attempt = plan.attempt.as_deref()?;
    let returned = queue.attempts.find(attempt, now)?.to_vec();
    let untouched = returned.iter().all(|returned| {
        let message = queue.store.find(returned.slot, returned.sequence);
        message.is_some_and(|message| message.receive == returned.receive && !message.changed && message.is_in_flight())
    });
    untouched.then_some(())?;
    let timeout = seconds(plan.visibility_seconds.unwrap_or(queue.in_force(now).visibility_timeout_seconds));
    let mut messages = Vec::new();
    for Returned { slot, .. } in returned {
        queue.store.set_visibility(slot, Visibility::InFlight { until: now + timeout });
        messages.extend(queue.store.get(slot).map(|message| shown(queue, slot, message, plan)));
    }
    Some(messages)
}

/// A message as this receive shows it.
fn shown(queue: &Queue, slot: Slot, message: &Stored, plan: &Plan) -> Message {
    let attributes = message.extras.as_deref().map(|extras| chosen_attributes(extras, &plan.attribute_names));
    let attributes = attributes.filter(|attributes| !attributes.is_empty());
    let whole = |attributes: &MessageAttributes| {
        message.extras.as_deref().filter(|extras| extras.attributes.len() == attributes.len())
    };
    let attributes_md5 = attributes.as_ref().and_then(|attributes| match whole(attributes) {
        Some(extras) => extras.attributes_md5,
        None => md5_of_attributes(attributes),
    });
    let system: AttributeMap = system_attributes(queue, message, &plan.system_names);
    Message {
        message_id: Some(message.id),
        receipt_handle: Some(queue.handle(slot, message.sequence, message.receive).encode()),
        md5_of_body: Some(message.body.md5()),
        body: Some(message.body.text().clone()),
        attributes: (!system.is_empty()).then_some(system),
        md5_of_message_attributes: attributes_md5,
        message_attributes: attributes,
    }
}

fn chosen_attributes(extras: &Extras, names: &[String]) -> MessageAttributes {
    let chosen = |name: &str| {
        names.iter().any(|wanted| match wanted.strip_suffix(".*") {
            Some(prefix) => name.starts_with(prefix),
            None => matches!(wanted.as_str(), "All" | "*") || wanted == name,
        })
    };
    extras
        .attributes
        .iter()
        .filter(|(name, _)| chosen(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn system_attributes(queue: &Queue, message: &Stored, names: &[String]) -> AttributeMap {
    if names.is_empty() {
        return AttributeMap::new();
    }
    let all = names.iter().any(|name| name == "All");
    let wanted = SYSTEM_ATTRIBUTES.into_iter().filter(|name| all || names.iter().any(|wanted| wanted == name));
    wanted.filter_map(|name| system_attribute(queue, message, name).map(|value| (name.to_owned(), value))).collect()
}

fn system_attribute(queue: &Queue, message: &Stored, name: &str) -> Option<String> {
    let extras = message.extras.as_deref();
    match name {
        "SenderId" => Some(message.sender.to_string()),
        "SentTimestamp" => Some(message.sent_at.as_millis().to_string()),
        "ApproximateReceiveCount" => Some(message.receive_count.to_string()),
        "ApproximateFirstReceiveTimestamp" => Some(message.first_received_at.as_millis().to_string()),
        "SequenceNumber" => queue.is_fifo().then(|| format!("{:020}", sequence_number(message.sequence).0)),
        "MessageDeduplicationId" => extras?.deduplication_id.as_deref().map(str::to_owned),
        "MessageGroupId" => message.group.as_deref().map(str::to_owned),
        "AWSTraceHeader" => extras?.trace_header.as_deref().map(str::to_owned),
        "DeadLetterQueueSourceArn" => extras?.dead_letter_source.as_deref().map(str::to_owned),
        _ => None,
    }
}
