//! Publish and PublishBatch.

use super::api::{
    BatchResultErrorEntry, MessageAttributes, PublishBatchInput, PublishBatchOutput, PublishBatchRequestEntry,
    PublishBatchResultEntry, PublishInput, PublishOutput,
};
use super::delivery::Target;
use super::errors::{
    BATCH_ENTRY_IDS_NOT_DISTINCT, BATCH_REQUEST_TOO_LONG, EMPTY_BATCH_REQUEST, ENDPOINT_DISABLED,
    INVALID_BATCH_ENTRY_ID, KMS_ACCESS_DENIED, KMS_DISABLED, KMS_INVALID_STATE, KMS_NOT_FOUND, OPTED_OUT,
    PLATFORM_APPLICATION_DISABLED, TOO_MANY_ENTRIES, invalid, invalid_because, required,
};
use super::fifo::Original;
use super::message::{Texts, check_attributes, check_subject, size};
use super::notification::{Content, Spoken};
use super::subscription::phone_number;
use super::topic::Topic;
use super::{Context, Operation, Sns, filtering, limits};
use crate::error::{ApiError, ErrorCode};
use crate::sqs::sha256_hex;
use crate::world::{Common, KmsKey};
use crate::{Arn, Profile, Timestamp, Uuid};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A message on its way in, from either operation.
#[derive(Debug, Default)]
struct Outgoing {
    message: Arc<str>,
    subject: Option<Arc<str>>,
    structure: Option<String>,
    attributes: MessageAttributes,
    deduplication_id: Option<Arc<str>>,
    group: Option<Arc<str>>,
}

/// A message that was accepted: what is delivered, retried, archived and replayed.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) content: Content,
    default: Arc<Spoken>,
    others: Vec<(String, Arc<Spoken>)>,
    pub(super) group: Option<Arc<str>>,
    pub(super) deduplication_id: Option<Arc<str>>,
    pub(super) trace_header: Option<Arc<str>>,
    pub(super) at: Timestamp,
}

impl Published {
    /// What a protocol gets to hear; `key` is what message structures call it.
    pub(super) fn spoken(&self, key: &str) -> &Arc<Spoken> {
        self.others.iter().find(|(protocol, _)| protocol == key).map_or(&self.default, |(_, spoken)| spoken)
    }
}

impl Outgoing {
    fn size(&self) -> usize {
        size(&self.message, &self.attributes)
    }

    fn of(input: PublishInput) -> Result<Self, ApiError> {
        Ok(Outgoing {
            message: required(input.message, "message")?,
            subject: input.subject,
            structure: input.message_structure,
            attributes: input.message_attributes.unwrap_or_default(),
            deduplication_id: input.message_deduplication_id,
            group: input.message_group_id,
        })
    }

    fn of_entry(entry: PublishBatchRequestEntry) -> Result<Self, ApiError> {
        Ok(Outgoing {
            message: required(entry.message, "publishBatchRequestEntries.member.message")?,
            subject: entry.subject,
            structure: entry.message_structure,
            attributes: entry.message_attributes.unwrap_or_default(),
            deduplication_id: entry.message_deduplication_id,
            group: entry.message_group_id,
        })
    }

    /// What is wrong with a message wherever it goes.
    fn check(&self, profile: Profile) -> Result<Texts, ApiError> {
        if self.message.is_empty() {
            return Err(invalid("Empty message"));
        }
        check_subject(self.subject.as_deref(), profile)?;
        check_attributes(&self.attributes)?;
        Texts::read(&self.message, self.structure.as_deref())
    }

    fn check_size(&self, largest: usize) -> Result<(), ApiError> {
        if self.size() <= largest { Ok(()) } else { Err(invalid("Message too long")) }
    }

    /// What a topic of its kind asks of a message.
    fn check_for(&self, topic: &Topic, profile: Profile) -> Result<(), ApiError> {
        check_fifo_id("MessageGroupId", self.group.as_deref())?;
        check_fifo_id("MessageDeduplicationId", self.deduplication_id.as_deref())?;
        if !topic.is_fifo() {
            let group = self.group.is_some() && !limits::GROUPS_ON_STANDARD_TOPICS.at(profile);
            let ids = [("MessageDeduplicationId", self.deduplication_id.is_some()), ("MessageGroupId", group)];
            return ids.iter().find(|(_, given)| *given).map_or(Ok(()), |(name, _)| Err(not_for_standard(name)));
        }
        if self.group.is_none() {
            return Err(invalid("The MessageGroupId parameter is required for FIFO topics"));
        }
        if self.deduplication_id.is_none() && !topic.settings.deduplicates_by_content() {
            return Err(invalid(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly",
            ));
        }
        Ok(())
    }
}

fn not_for_standard(parameter: &str) -> ApiError {
    let reason = format!("The request includes {parameter} parameter that is not valid for this topic type");
    invalid_because(parameter, reason)
}

/// A group or deduplication id has 1 to 128 alphanumeric or punctuation characters.
fn check_fifo_id(parameter: &str, id: Option<&str>) -> Result<(), ApiError> {
    let fits = |id: &str| {
        (1..=limits::FIFO_ID_CHARACTERS).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if id.is_none_or(fits) {
        return Ok(());
    }
    let reason = format!("{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
    Err(invalid_because(parameter, reason))
}

impl Sns {
    pub(super) fn publish(
        &mut self,
        context: &mut Context<'_, '_>,
        input: PublishInput,
    ) -> Result<PublishOutput, ApiError> {
        let destinations = [&input.topic_arn, &input.target_arn].into_iter().flatten().count();
        let phone = input.phone_number.clone();
        if destinations + usize::from(phone.is_some()) != 1 {
            return Err(invalid_because("TopicArn or TargetArn", "no value for required parameter"));
        }
        let target = input.topic_arn.clone().or_else(|| input.target_arn.clone());
        let message = Outgoing::of(input)?;
        match (target, phone) {
            (Some(target), _) if is_device(&target) => self.publish_to_device(context, &target, message),
            (Some(target), _) => self.publish_to_topic(context, &target, message),
            (None, phone) => self.publish_to_phone(context, &phone.unwrap_or_default(), message),
        }
    }

    fn publish_to_topic(
        &mut self,
        context: &mut Context<'_, '_>,
        topic: &str,
        message: Outgoing,
    ) -> Result<PublishOutput, ApiError> {
        let texts = message.check(context.profile())?;
        let name = self.resolve(context, topic, Operation::Publish)?;
        let topic = &self.topics[&name];
        message.check_size(topic.settings.largest_message_bytes())?;
        message.check_for(topic, context.profile())?;
        check_key(topic, context.road.common)?;
        let (message_id, sequence_number) = self.accept(context, &name, message, &texts);
        Ok(PublishOutput { message_id: Some(message_id), sequence_number })
    }

    fn publish_to_phone(
        &mut self,
        context: &mut Context<'_, '_>,
        phone: &str,
        message: Outgoing,
    ) -> Result<PublishOutput, ApiError> {
        let number = phone_number(phone);
        let number =
            number.ok_or_else(|| invalid_because("PhoneNumber", format_args!("{phone} is not valid to publish to")))?;
        let texts = message.check(context.profile())?;
        if message.message.len() > limits::SMS_BYTES {
            return Err(invalid("Message too long"));
        }
        if self.opted_out.contains(&number) {
            return Err(ApiError::new(&OPTED_OUT, "The phone number takes no more messages"));
        }
        Ok(self.send_directly(context, Target::Phone(number.into()), message, &texts))
    }

    fn publish_to_device(
        &mut self,
        context: &mut Context<'_, '_>,
        arn: &Arc<str>,
        message: Outgoing,
    ) -> Result<PublishOutput, ApiError> {
        let texts = message.check(context.profile())?;
        message.check_size(limits::MESSAGE_BYTES)?;
        let device = self.devices.get(arn).filter(|device| device.account == context.caller.account);
        let Some(device) = device else {
            return Err(invalid_because("TargetArn", "No endpoint found for the target arn specified"));
        };
        if self.applications.get(&device.application).is_some_and(|application| !application.is_enabled()) {
            return Err(ApiError::new(&PLATFORM_APPLICATION_DISABLED, "Platform application is disabled"));
        }
        if !device.is_enabled() {
            return Err(ApiError::new(&ENDPOINT_DISABLED, "Endpoint is disabled"));
        }
        Ok(self.send_directly(context, Target::Device(arn.clone()), message, &texts))
    }

    fn send_directly(
        &mut self,
        context: &mut Context<'_, '_>,
        target: Target,
        message: Outgoing,
        texts: &Texts,
    ) -> PublishOutput {
        let message_id = context.road.common.random.uuid();
        let content = content(context, "".into(), 1, message_id, None, &message);
        let published = Arc::new(published(content, texts, message, None, context));
        self.start_delivery(&mut *context.road, target, &published, false);
        PublishOutput { message_id: Some(message_id), sequence_number: None }
    }

    pub(super) fn publish_batch(
        &mut self,
        context: &mut Context<'_, '_>,
        input: PublishBatchInput,
    ) -> Result<PublishBatchOutput, ApiError> {
        if !limits::PUBLISH_BATCH.at(context.profile()) {
            return Err(super::no_such_action(Operation::PublishBatch));
        }
        let arn = required(input.topic_arn, "topicArn")?;
        let entries = input.publish_batch_request_entries.unwrap_or_default();
        let name = self.resolve(context, &arn, Operation::PublishBatch)?;
        let ids: Vec<String> = entries.iter().map(|entry| entry.id.clone().unwrap_or_default()).collect();
        check_entries(&ids)?;
        let topic = &self.topics[&name];
        let messages: Vec<Outgoing> = entries.into_iter().map(Outgoing::of_entry).collect::<Result<_, _>>()?;
        let total: usize = messages.iter().map(Outgoing::size).sum();
        if total > topic.settings.largest_message_bytes() {
            let text = "The length of all the messages put together is more than the limit.";
            return Err(ApiError::new(&BATCH_REQUEST_TOO_LONG, text));
        }
        // Whatever is wrong with one entry fails the whole call (`sns.batch.attr-error-whole`).
        let mut checked = Vec::with_capacity(messages.len());
        for message in messages {
            let texts = message.check(context.profile())?;
            message.check_for(topic, context.profile())?;
            checked.push((message, texts));
        }
        check_key(topic, context.road.common)?;
        let mut successful = Vec::with_capacity(checked.len());
        for (id, (message, texts)) in ids.into_iter().zip(checked) {
            let (message_id, sequence_number) = self.accept(context, &name, message, &texts);
            successful.push(PublishBatchResultEntry { id: Some(id), message_id: Some(message_id), sequence_number });
        }
        Ok(PublishBatchOutput { successful: Some(successful), failed: Some(Vec::<BatchResultErrorEntry>::new()) })
    }

    /// Takes a checked message in, and begins to deliver it; a duplicate is answered as the first was.
    fn accept(
        &mut self,
        context: &mut Context<'_, '_>,
        name: &Arc<str>,
        message: Outgoing,
        texts: &Texts,
    ) -> (Uuid, Option<Arc<str>>) {
        let now = context.road.now;
        let Some(topic) = self.topics.get_mut(name) else { return (context.road.common.random.uuid(), None) };
        let by_content = topic.settings.deduplicates_by_content().then(|| sha256_hex(&message.message).into());
        let deduplication_id = topic.is_fifo().then(|| message.deduplication_id.clone().or(by_content)).flatten();
        let scope = message.group.clone().filter(|_| topic.settings.deduplicates_per_group());
        if let Some((fifo, id)) = topic.fifo.as_mut().zip(deduplication_id.as_ref())
            && let Some(original) = fifo.find(scope.as_ref(), id, now)
        {
            return (original.message_id, Some(original.sequence_number));
        }
        let message_id = context.road.common.random.uuid();
        let sequence_number = topic.fifo.as_mut().map(super::fifo::Fifo::next_sequence_number);
        if let Some(((fifo, id), number)) =
            topic.fifo.as_mut().zip(deduplication_id.as_ref()).zip(sequence_number.clone())
        {
            fifo.remember(scope.as_ref(), id, Original { message_id, sequence_number: number }, now);
        }
        let seen = &mut context.road.common.seen;
        seen.count(name, "NumberOfMessagesPublished", 1);
        seen.count(name, "PublishSize", message.size() as u64);
        let version = topic.settings.signature_version();
        let content = content(context, name.clone(), version, message_id, sequence_number.clone(), &message);
        let published = Arc::new(published(content, texts, message, deduplication_id, context));
        if let Some(policy) = topic.settings.archive {
            topic.archive.keep(policy, &published, now);
        }
        let (wanted_by, filtered_out) =
            filtering::wanted_by(topic, &self.subscriptions, &published.content.attributes, texts);
        if filtered_out > 0 {
            context.road.common.seen.count(name, "NumberOfNotificationsFilteredOut", filtered_out);
        }
        for subscription in wanted_by {
            self.start_delivery(&mut *context.road, Target::Subscription(subscription), &published, false);
        }
        (message_id, sequence_number)
    }
}

fn content(
    context: &Context<'_, '_>,
    topic: Arc<str>,
    signature_version: u8,
    message_id: Uuid,
    sequence_number: Option<Arc<str>>,
    message: &Outgoing,
) -> Content {
    Content {
        message_id,
        topic,
        subject: message.subject.clone(),
        attributes: message.attributes.clone(),
        sequence_number,
        at: context.road.now,
        signature_version,
        service_url: context.caller.endpoint.clone(),
    }
}

fn published(
    content: Content,
    texts: &Texts,
    message: Outgoing,
    deduplication_id: Option<Arc<str>>,
    context: &Context<'_, '_>,
) -> Published {
    let speak = |text: &Arc<str>| Arc::new(Spoken::new(text.clone()));
    let (default, others) = match texts {
        Texts::Same(text) => (speak(text), Vec::new()),
        Texts::PerProtocol { default, others } => {
            (speak(default), others.iter().map(|(protocol, text)| (protocol.clone(), speak(text))).collect())
        }
    };
    let at = content.at;
    let trace_header = context.caller.trace_header.clone();
    Published { content, default, others, group: message.group, deduplication_id, trace_header, at }
}

/// Whether an ARN names a device: `arn:…:endpoint/<platform>/<application>/<id>`.
fn is_device(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.resource.starts_with("endpoint/"))
}

fn check_entries(ids: &[String]) -> Result<(), ApiError> {
    let fail = |code: &'static ErrorCode, text: String| Err(ApiError::new(code, text));
    if ids.is_empty() {
        return fail(&EMPTY_BATCH_REQUEST, "The batch request doesn't contain any entries.".to_owned());
    }
    if ids.len() > limits::BATCH_ENTRIES {
        return fail(&TOO_MANY_ENTRIES, "The batch request contains more entries than permissible.".to_owned());
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    for id in ids {
        if id.is_empty() || !id.bytes().all(allowed) {
            let text =
                format!("The Id of a batch entry in the batch request contains an impermissible character: {id}");
            return fail(&INVALID_BATCH_ENTRY_ID, text);
        }
        if id.len() > limits::BATCH_ENTRY_ID_CHARACTERS {
            return fail(
                &INVALID_BATCH_ENTRY_ID,
                format!("The Id of a batch entry in the batch request is too long: {id}"),
            );
        }
    }
    if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        let text = "Two or more batch entries in the request have the same Id.";
        return fail(&BATCH_ENTRY_IDS_NOT_DISTINCT, text.to_owned());
    }
    Ok(())
}

/// Checks that the topic's key, if it has one, can be used.
fn check_key(topic: &Topic, common: &Common) -> Result<(), ApiError> {
    let Some(key) = topic.settings.get("KmsMasterKeyId").filter(|key| !key.ends_with("alias/aws/sns")) else {
        return Ok(());
    };
    let (code, text) = match common.config.kms_keys.get(key) {
        Some(KmsKey::Enabled) => return Ok(()),
        Some(KmsKey::Disabled) => (&KMS_DISABLED, format!("{key} is disabled.")),
        Some(KmsKey::PendingDeletion) => (&KMS_INVALID_STATE, format!("{key} is pending deletion.")),
        Some(KmsKey::AccessDenied) => (&KMS_ACCESS_DENIED, format!("The key policy of {key} denies its use.")),
        None => (&KMS_NOT_FOUND, format!("Invalid keyId {key}.")),
    };
    Err(ApiError::new(code, text))
}
