//! SendMessage and SendMessageBatch.

use super::api::{
    BatchOutput, Digest, MessageAttributes, SendMessageBatchInput, SendMessageBatchRequestEntry,
    SendMessageBatchResultEntry, SendMessageInput, SendMessageOutput, SequenceNumber,
};
use super::attributes::seconds;
use super::dedup::Original;
use super::errors::{
    BATCH_REQUEST_TOO_LONG, INVALID_PARAMETER_VALUE, KMS_ACCESS_DENIED, KMS_DISABLED, KMS_INVALID_STATE, KMS_NOT_FOUND,
    invalid, invalid_value, missing, no_such_queue, required,
};
use super::message::{
    Body, Extras, Sequence, Stored, Visibility, check_attributes, check_body, check_system_attributes,
    md5_of_attributes, size,
};
use super::queue::Queue;
use super::{Context, Operation, QueueId, Sqs, batch, limits};
use crate::deliver::Failure;
use crate::error::ApiError;
use crate::policy::{Decision, Requester};
use crate::world::{Common, KmsKey};
use crate::{Arn, Timestamp, Uuid};
use sha2::{Digest as _, Sha256};
use std::fmt::Write;
use std::sync::Arc;

/// Sequence numbers look like AWS's: twenty digits, growing, not consecutive.
const FIRST_SEQUENCE_NUMBER: u128 = 18_850_000_000_000_000_000;
const SEQUENCE_NUMBER_STEP: u128 = 256;

/// A message on its way in, from either operation.
struct Outgoing {
    body: Option<Body>,
    delay_seconds: Option<i64>,
    attributes: MessageAttributes,
    system_attributes: MessageAttributes,
    deduplication_id: Option<Arc<str>>,
    group: Option<Arc<str>>,
    in_batch: bool,
}

/// Who sends a message, and at which instant.
struct Sending<'a> {
    common: &'a mut Common,
    now: Timestamp,
    sender: Arc<str>,
    trace_header: Option<Arc<str>>,
}

/// A message that another service puts into a queue, on behalf of one of its resources.
pub(crate) struct Consignment<'a> {
    /// The service, as policies name it: `sns.amazonaws.com`.
    pub(crate) principal: &'static str,
    /// The resource.
    pub(crate) source: &'a Arn,
    /// What receivers see as `SenderId`.
    pub(crate) sender: Arc<str>,
    pub(crate) body: Body,
    pub(crate) attributes: MessageAttributes,
    pub(crate) group: Option<Arc<str>>,
    pub(crate) deduplication_id: Option<Arc<str>>,
    pub(crate) trace_header: Option<Arc<str>>,
}

/// What the sender is told.
struct Accepted {
    id: Uuid,
    body_md5: Option<Digest>,
    attributes_md5: Option<Digest>,
    system_attributes_md5: Option<Digest>,
    sequence_number: Option<SequenceNumber>,
}

impl Outgoing {
    fn size(&self) -> usize {
        size(self.body.as_ref().map_or(0, Body::longest_bytes), &self.attributes)
    }
}

impl Sqs {
    pub(super) fn send_message(
        &mut self,
        context: &mut Context<'_>,
        input: SendMessageInput,
    ) -> Result<SendMessageOutput, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::SendMessage)?;
        let outgoing = Outgoing {
            body: input.message_body.map(Body::sent),
            delay_seconds: input.delay_seconds,
            attributes: input.message_attributes.unwrap_or_default(),
            system_attributes: input.message_system_attributes.unwrap_or_default(),
            deduplication_id: input.message_deduplication_id,
            group: input.message_group_id,
            in_batch: false,
        };
        let queue = &self.queues[id];
        check_key(queue, context.common, context.now)?;
        check_fifo_members(queue, &outgoing, context.now)?;
        let mut sending = self.sending(context);
        let accepted = self.accept(&mut sending, id, outgoing)?;
        Ok(SendMessageOutput {
            md5_of_message_body: accepted.body_md5,
            md5_of_message_attributes: accepted.attributes_md5,
            md5_of_message_system_attributes: accepted.system_attributes_md5,
            message_id: Some(accepted.id),
            sequence_number: accepted.sequence_number,
        })
    }

    pub(super) fn send_message_batch(
        &mut self,
        context: &mut Context<'_>,
        input: SendMessageBatchInput,
    ) -> Result<BatchOutput<SendMessageBatchResultEntry>, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::SendMessageBatch)?;
        let entries = input.entries.unwrap_or_default();
        let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_deref().unwrap_or_default()).collect();
        batch::check_entries(&ids, "SendMessageBatchRequestEntry")?;
        let outgoing: Vec<(String, Outgoing)> = entries.into_iter().map(outgoing_entry).collect();
        let queue = &self.queues[id];
        check_total_size(&outgoing, limits::LARGEST_MESSAGE_BYTES.at(context.common.config.profile))?;
        check_key(queue, context.common, context.now)?;
        for (_, message) in &outgoing {
            check_fifo_members(queue, message, context.now).map_err(as_batch_fault)?;
        }
        let mut sending = self.sending(context);
        Ok(batch::each(
            outgoing,
            |(id, _)| id.clone(),
            |(entry_id, message)| {
                self.accept(&mut sending, id, message).map(|accepted| result_entry(entry_id, &accepted))
            },
        ))
    }

    /// Takes a message from another service, if the queue lets that service send.
    pub(crate) fn deliver(
        &mut self,
        common: &mut Common,
        now: Timestamp,
        queue: &Arn,
        parcel: Consignment<'_>,
    ) -> Result<(), Failure> {
        let id = self.find_arn(queue, now).ok_or_else(|| refused(&no_such_queue()))?;
        self.queues[id].settle(now);
        let queue = &self.queues[id];
        let requester = Requester::Service { principal: parcel.principal, source: parcel.source };
        let policy = queue.in_force(now).policy.as_ref();
        let decision = policy.map(|policy| policy.decide(requester, "sqs:SendMessage", &queue.arn));
        if decision != Some(Decision::Allow) {
            return Err(Failure::client(403, format!("no policy of {} lets {} send to it", queue.arn, parcel.source)));
        }
        check_service_key(queue, common, now).map_err(|error| refused(&error))?;
        let outgoing = Outgoing {
            body: Some(parcel.body),
            delay_seconds: None,
            attributes: parcel.attributes,
            system_attributes: MessageAttributes::new(),
            deduplication_id: parcel.deduplication_id,
            group: parcel.group,
            in_batch: false,
        };
        check_fifo_members(queue, &outgoing, now).map_err(|error| refused(&error))?;
        let mut sending = Sending { common, now, sender: parcel.sender, trace_header: parcel.trace_header };
        self.accept(&mut sending, id, outgoing).map_err(|error| refused(&error))?;
        self.serve_stirred(sending.common, now);
        Ok(())
    }

    fn sending<'a>(&mut self, context: &'a mut Context<'_>) -> Sending<'a> {
        let caller = context.caller;
        let sender = self.senders.entry(caller.account).or_insert_with(|| caller.user_id().into()).clone();
        Sending { common: context.common, now: context.now, sender, trace_header: caller.trace_header.clone() }
    }

    fn accept(&mut self, sending: &mut Sending<'_>, id: QueueId, message: Outgoing) -> Result<Accepted, ApiError> {
        let profile_allows_groups = limits::GROUPS_ON_STANDARD_QUEUES.at(sending.common.config.profile);
        let now = sending.now;
        let queue = &mut self.queues[id];
        check_message(queue, &message, now, profile_allows_groups)?;
        let body = required(message.body, "MessageBody")?;
        let attributes_md5 = md5_of_attributes(&message.attributes);
        let system_attributes_md5 = md5_of_attributes(&message.system_attributes);
        let deduplication_id = deduplication_id(queue, message.deduplication_id, &body, now);
        let body_md5 = body.known_md5();
        let duplicate = deduplication_id.as_ref().zip(message.group.as_ref()).and_then(|(id, group)| {
            let scope = queue.scope_in_force(now);
            queue.deduplication.find(scope, group, id, now)
        });
        if let Some(original) = duplicate {
            return Ok(Accepted {
                id: original.message_id,
                body_md5,
                attributes_md5,
                system_attributes_md5,
                sequence_number: Some(original.sequence_number),
            });
        }
        let message_id = sending.common.random.uuid();
        let sequence_number = queue.is_fifo().then(|| sequence_number(queue.store.next_sequence()));
        if let (Some(id), Some(group), Some(sequence_number)) = (&deduplication_id, &message.group, sequence_number) {
            queue.deduplication.remember(group, id, Original { message_id, sequence_number }, now);
        }
        let trace = message.system_attributes.into_iter().find_map(|(_, value)| value.string_value);
        let extras = Extras {
            attributes: message.attributes,
            attributes_md5,
            trace_header: trace.or_else(|| sending.trace_header.clone()),
            deduplication_id,
            ..Extras::default()
        };
        let visibility = first_visibility(queue, message.delay_seconds, now);
        queue.store.insert(
            Stored {
                id: message_id,
                sequence: 0,
                body,
                group: message.group,
                sender: sending.sender.clone(),
                sent_at: now,
                enqueued_at: now,
                visibility,
                received_at: now,
                first_received_at: Timestamp::NEVER,
                receive_count: 0,
                receive: 0,
                changed: false,
                extras: extras.or_none(),
            },
            now,
        );
        self.stir(id);
        Ok(Accepted { id: message_id, body_md5, attributes_md5, system_attributes_md5, sequence_number })
    }
}

impl Extras {
    /// Boxes the extras if there is anything in them.
    fn or_none(self) -> Option<Box<Self>> {
        let any = !self.attributes.is_empty() || self.trace_header.is_some() || self.deduplication_id.is_some();
        any.then(|| Box::new(self))
    }
}

/// The number that senders and receivers of a FIFO queue see for a place in its order.
pub(super) fn sequence_number(sequence: Sequence) -> SequenceNumber {
    SequenceNumber(FIRST_SEQUENCE_NUMBER + u128::from(sequence) * SEQUENCE_NUMBER_STEP)
}

fn outgoing_entry(entry: SendMessageBatchRequestEntry) -> (String, Outgoing) {
    let outgoing = Outgoing {
        body: entry.message_body.map(Body::sent),
        delay_seconds: entry.delay_seconds,
        attributes: entry.message_attributes.unwrap_or_default(),
        system_attributes: entry.message_system_attributes.unwrap_or_default(),
        deduplication_id: entry.message_deduplication_id,
        group: entry.message_group_id,
        in_batch: true,
    };
    (entry.id.unwrap_or_default(), outgoing)
}

fn result_entry(id: String, accepted: &Accepted) -> SendMessageBatchResultEntry {
    SendMessageBatchResultEntry {
        id: Some(id),
        message_id: Some(accepted.id),
        md5_of_message_body: accepted.body_md5,
        md5_of_message_attributes: accepted.attributes_md5,
        md5_of_message_system_attributes: accepted.system_attributes_md5,
        sequence_number: accepted.sequence_number,
    }
}

fn first_visibility(queue: &Queue, delay_seconds: Option<i64>, now: Timestamp) -> Visibility {
    let of_queue = queue.in_force(now).delay_seconds;
    // A FIFO message can only say 0, and then the queue's delay still applies.
    let delay = if queue.is_fifo() { of_queue } else { delay_seconds.unwrap_or(of_queue) };
    if delay > 0 { Visibility::Delayed { until: now + seconds(delay) } } else { Visibility::Ready }
}

/// The id that a FIFO message is deduplicated by: the sender's, or the hash of the body.
fn deduplication_id(queue: &Queue, given: Option<Arc<str>>, body: &Body, now: Timestamp) -> Option<Arc<str>> {
    let by_content = queue.in_force(now).fifo.as_ref().is_some_and(|fifo| fifo.content_based_deduplication);
    given.or_else(|| by_content.then(|| sha256_hex(body.text()).into()))
}

pub(crate) fn sha256_hex(body: &str) -> String {
    Sha256::digest(body.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn check_total_size(messages: &[(String, Outgoing)], largest: i64) -> Result<(), ApiError> {
    let total: usize = messages.iter().map(|(_, message)| message.size()).sum();
    if i64::try_from(total).is_ok_and(|total| total <= largest) {
        return Ok(());
    }
    let text = format!("Batch requests cannot be longer than {largest} bytes. You have sent {total} bytes.");
    Err(ApiError::new(&BATCH_REQUEST_TOO_LONG, text))
}

/// What a FIFO queue needs to know of a message; in a batch, a message without it fails the whole call.
fn check_fifo_members(queue: &Queue, message: &Outgoing, now: Timestamp) -> Result<(), ApiError> {
    let Some(fifo) = &queue.in_force(now).fifo else { return Ok(()) };
    if message.group.is_none() {
        return Err(missing("MessageGroupId"));
    }
    if message.deduplication_id.is_none() && !fifo.content_based_deduplication {
        return Err(invalid(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
             explicitly",
        ));
    }
    Ok(())
}

/// A missing member of a batch entry is reported as a wrong value.
fn as_batch_fault(error: ApiError) -> ApiError {
    ApiError { code: &INVALID_PARAMETER_VALUE, ..error }
}

/// Checks one message, except for what fails a whole batch.
fn check_message(queue: &Queue, message: &Outgoing, now: Timestamp, groups_on_standard: bool) -> Result<(), ApiError> {
    let body = message.body.as_ref().filter(|body| !body.is_empty()).ok_or_else(|| missing("MessageBody"))?;
    check_size(queue, message, now)?;
    check_body(body)?;
    check_attributes(&message.attributes)?;
    check_system_attributes(&message.system_attributes)?;
    check_delay(queue, message.delay_seconds)?;
    check_fifo_id("MessageGroupId", message.group.as_deref())?;
    check_fifo_id("MessageDeduplicationId", message.deduplication_id.as_deref())?;
    let not_for_standard = |value: &Option<Arc<str>>, parameter| match value {
        Some(value) if !queue.is_fifo() => Err(not_for_this_queue(value, parameter)),
        _ => Ok(()),
    };
    not_for_standard(&message.deduplication_id, "MessageDeduplicationId")?;
    if groups_on_standard { Ok(()) } else { not_for_standard(&message.group, "MessageGroupId") }
}

fn not_for_this_queue(value: impl std::fmt::Display, parameter: &str) -> ApiError {
    invalid_value(value, parameter, "The request include parameter that is not valid for this queue type.")
}

fn check_size(queue: &Queue, message: &Outgoing, now: Timestamp) -> Result<(), ApiError> {
    let largest = queue.in_force(now).maximum_message_bytes;
    let fits = |size: usize| i64::try_from(size).is_ok_and(|size| size <= largest);
    // The text itself is made and measured only if it might be too long.
    let exact = || message.body.as_ref().map_or(0, |body| size(body.text().len(), &message.attributes));
    if fits(message.size()) || fits(exact()) {
        return Ok(());
    }
    let verdict = if message.in_batch { "cannot be validated" } else { "are invalid" };
    Err(invalid(format!("One or more parameters {verdict}. Reason: Message must be shorter than {largest} bytes.")))
}

fn check_delay(queue: &Queue, delay_seconds: Option<i64>) -> Result<(), ApiError> {
    let Some(delay) = delay_seconds else { return Ok(()) };
    if !limits::DELAY_SECONDS.contains(&delay) {
        let (low, high) = (limits::DELAY_SECONDS.start(), limits::DELAY_SECONDS.end());
        let reason = format!("DelaySeconds must be >= {low} and <= {high}.");
        return Err(invalid_value(delay, "DelaySeconds", reason));
    }
    if queue.is_fifo() && delay > 0 {
        return Err(not_for_this_queue(delay, "DelaySeconds"));
    }
    Ok(())
}

/// Checks a group, deduplication or attempt id: 1 to 128 alphanumeric or punctuation characters.
pub(super) fn check_fifo_id(parameter: &str, id: Option<&str>) -> Result<(), ApiError> {
    let Some(id) = id else { return Ok(()) };
    let fits = (1..=limits::FIFO_ID_CHARACTERS).contains(&id.len());
    if fits && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let reason = format!("{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
    Err(invalid_value(id, parameter, reason))
}

/// The refusal of another service's message, for that service's delivery log.
fn refused(error: &ApiError) -> Failure {
    Failure::client(error.code.status, error.to_string())
}

/// Checks that another service can use the queue's key: never the one that AWS manages for SQS.
fn check_service_key(queue: &Queue, common: &Common, now: Timestamp) -> Result<(), ApiError> {
    match &queue.in_force(now).kms_key {
        Some(key) if is_managed_key(key) => {
            let text = format!("The key policy of {key} does not let other services use it.");
            Err(ApiError::new(&KMS_ACCESS_DENIED, text))
        }
        _ => check_key(queue, common, now),
    }
}

fn is_managed_key(key: &str) -> bool {
    key.ends_with("alias/aws/sqs")
}

/// Checks that the queue's key, if it has one, can be used.
pub(super) fn check_key(queue: &Queue, common: &Common, now: Timestamp) -> Result<(), ApiError> {
    let Some(key) = &queue.in_force(now).kms_key else { return Ok(()) };
    if is_managed_key(key) {
        return Ok(());
    }
    let (code, text) = match common.config.kms_keys.get(key) {
        Some(KmsKey::Enabled) => return Ok(()),
        Some(KmsKey::Disabled) => (&KMS_DISABLED, format!("{key} is disabled.")),
        Some(KmsKey::PendingDeletion) => (&KMS_INVALID_STATE, format!("{key} is pending deletion.")),
        Some(KmsKey::AccessDenied) => (&KMS_ACCESS_DENIED, format!("The key policy of {key} denies its use.")),
        None => (&KMS_NOT_FOUND, format!("Invalid keyId {key}.")),
    };
    Err(ApiError::new(code, text))
}
