//! Topics: create, find, list, delete, set.

use super::api::{
    AttributesOutput, CreateTopicInput, DataProtectionPolicyOutput, Empty, ListTopicsOutput, NextTokenInput,
    PutDataProtectionPolicyInput, ResourceArnInput, SetTopicAttributesInput, TopicArnInput, TopicArnOutput,
};
use super::errors::{INVALID_STATE, TOPIC_LIMIT_EXCEEDED, invalid, invalid_because, no_such_topic, required};
use super::topic::{Counts, Setting, Settings, Topic, same_value};
use super::{Context, Operation, Sns, limits, tags};
use crate::error::ApiError;
use crate::identity::{Arn, Caller};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

impl Sns {
    /// Finds the topic that an ARN names, if the caller may do `operation` to it.
    pub(super) fn resolve(
        &self,
        context: &Context<'_, '_>,
        text: &str,
        operation: Operation,
    ) -> Result<Arc<str>, ApiError> {
        let arn = read_topic_arn(text, context.caller)?;
        let (name, topic) = self.topics.get_key_value(arn.to_string().as_str()).ok_or_else(no_such_topic)?;
        topic.authorize(context.caller, operation)?;
        Ok(name.clone())
    }

    pub(super) fn create_topic(
        &mut self,
        context: &mut Context<'_, '_>,
        input: CreateTopicInput,
    ) -> Result<TopicArnOutput, ApiError> {
        let name = required(input.name, "name")?;
        let mut requested = input.attributes.unwrap_or_default();
        if let Some(policy) = input.data_protection_policy {
            requested.insert("DataProtectionPolicy".to_owned(), policy);
        }
        let tags = tags::read(input.tags.unwrap_or_default())?;
        let is_fifo = requested.get("FifoTopic").is_some_and(|value| value == "true");
        check_name(&name, is_fifo)?;
        let caller = context.caller;
        let arn = Arn::new("sns", &caller.region, caller.account, &name);
        if let Some(topic) = self.topics.get(arn.to_string().as_str()) {
            return same_or_conflict(topic, &requested, &tags);
        }
        let mut settings = Settings::default();
        let topic = arn.to_string();
        let setting = Setting { topic: &topic, is_fifo, profile: context.profile(), prefix: "Attributes Reason: " };
        let mut others = requested.iter().filter(|(name, _)| *name != "FifoTopic");
        others.try_for_each(|(name, value)| settings.set(name, value, setting))?;
        self.check_topic_quota(caller, is_fifo)?;
        let mut topic = Topic::new(arn, settings, is_fifo);
        topic.tags = tags;
        topic.archive.began = topic.settings.archive.map(|_| context.road.now);
        let name = topic.name.clone();
        self.topics.insert(name.clone(), topic);
        Ok(TopicArnOutput { topic_arn: Some(name) })
    }

    fn check_topic_quota(&self, caller: &Caller, is_fifo: bool) -> Result<(), ApiError> {
        let most = if is_fifo { limits::FIFO_TOPICS } else { limits::STANDARD_TOPICS };
        // Counted only when it could matter: most worlds have few topics.
        if self.topics.len() < most {
            return Ok(());
        }
        let same_kind = self.topics_of(caller, "").filter(|topic| topic.is_fifo() == is_fifo).count();
        if same_kind < most {
            return Ok(());
        }
        Err(ApiError::new(&TOPIC_LIMIT_EXCEEDED, format!("Topic limit exceeded: {most}")))
    }

    /// The caller's topics after a name, in the order of their names.
    fn topics_of(&self, caller: &Caller, after: &str) -> impl Iterator<Item = &Topic> {
        let prefix = Arn::new("sns", &caller.region, caller.account, "").to_string();
        let from: Arc<str> = format!("{prefix}{after}").into();
        let range = self.topics.range((Bound::Excluded(from), Bound::Unbounded));
        range.take_while(move |(name, _)| name.starts_with(&prefix)).map(|(_, topic)| topic)
    }

    pub(super) fn delete_topic(
        &mut self,
        context: &mut Context<'_, '_>,
        input: TopicArnInput,
    ) -> Result<Empty, ApiError> {
        let text = required(input.topic_arn, "topicArn")?;
        let name = match self.resolve(context, &text, Operation::DeleteTopic) {
            Ok(name) => name,
            Err(error) if error == no_such_topic() => return Ok(Empty {}),
            Err(error) => return Err(error),
        };
        if self.topics[&name].settings.archive.is_some() {
            return Err(ApiError::new(&INVALID_STATE, "A topic with an ArchivePolicy cannot be deleted."));
        }
        let topic = self.topics.remove(&name);
        for id in topic.into_iter().flat_map(|topic| topic.subscriptions) {
            self.forget_subscription(id);
        }
        Ok(Empty {})
    }

    pub(super) fn list_topics(
        &mut self,
        context: &mut Context<'_, '_>,
        input: NextTokenInput,
    ) -> Result<ListTopicsOutput, ApiError> {
        let after = read_token(input.next_token.as_deref())?;
        let topics = self.topics_of(context.caller, &after);
        let (topics, last) = page(topics, |topic| topic.arn.resource.to_string());
        let topics = topics.into_iter().map(|topic| TopicArnOutput { topic_arn: Some(topic.name.clone()) }).collect();
        Ok(ListTopicsOutput { topics: Some(topics), next_token: last })
    }

    pub(super) fn get_topic_attributes(
        &mut self,
        context: &mut Context<'_, '_>,
        input: TopicArnInput,
    ) -> Result<AttributesOutput, ApiError> {
        let text = required(input.topic_arn, "topicArn")?;
        let name = self.resolve(context, &text, Operation::GetTopicAttributes)?;
        let counts = self.counts_seen(context, &name);
        let topic = &self.topics[&name];
        let mut attributes = topic.attributes(counts);
        if let Some(began) = topic.archive.began {
            attributes.insert("BeginningArchiveTime".to_owned(), began.to_iso());
        }
        Ok(AttributesOutput { attributes: Some(attributes) })
    }

    /// The counters, as old as the freedom knob lets them be (`sns.tattr.counts-eventual`).
    fn counts_seen(&mut self, context: &mut Context<'_, '_>, name: &Arc<str>) -> Counts {
        let fresh = self.counts(name);
        let (now, lag) = (context.road.now, context.road.common.config.freedom.counter_lag());
        let Some(topic) = self.topics.get_mut(name).filter(|_| !lag.is_zero()) else { return fresh };
        match topic.counted {
            Some((at, counts)) if now < at + lag => counts,
            _ => {
                topic.counted = Some((now, fresh));
                fresh
            }
        }
    }

    fn counts(&self, name: &Arc<str>) -> Counts {
        let Some(topic) = self.topics.get(name) else { return Counts::default() };
        let confirmed = |id| self.subscriptions.get(id).is_some_and(|subscription| subscription.confirmed);
        let confirmed = topic.subscriptions.iter().filter(|id| confirmed(id)).count();
        Counts { confirmed, pending: topic.subscriptions.len() - confirmed, deleted: topic.deleted }
    }

    pub(super) fn set_topic_attributes(
        &mut self,
        context: &mut Context<'_, '_>,
        input: SetTopicAttributesInput,
    ) -> Result<Empty, ApiError> {
        let text = required(input.topic_arn, "topicArn")?;
        let attribute = required(input.attribute_name, "attributeName")?;
        let value = input.attribute_value.unwrap_or_default();
        let name = self.resolve(context, &text, Operation::SetTopicAttributes)?;
        let (now, profile) = (context.road.now, context.profile());
        let can_be_large = self.takes_large_messages(&name);
        let topic = self.topics.get_mut(&name).ok_or_else(no_such_topic)?;
        let mut settings = topic.settings.clone();
        let setting = Setting { topic: &name, is_fifo: topic.fifo.is_some(), profile, prefix: "" };
        settings.set(&attribute, &value, setting)?;
        if settings.takes_large_messages() && !can_be_large {
            let reason = "a topic of more than 100 subscriptions, or of others than SQS, Lambda and Firehose, takes 262144 \
                          bytes at most";
            return Err(invalid_because("MaximumMessageSize", reason));
        }
        topic.settings = settings;
        match topic.settings.archive {
            Some(policy) => {
                topic.archive.began.get_or_insert(now);
                topic.archive.expire(policy, now);
            }
            None => topic.archive.discard(),
        }
        Ok(Empty {})
    }

    /// Whether the subscriptions of a topic are few enough, and of the kinds, for large messages.
    fn takes_large_messages(&self, name: &Arc<str>) -> bool {
        let Some(topic) = self.topics.get(name) else { return false };
        let mut subscriptions = topic.subscriptions.iter().filter_map(|id| self.subscriptions.get(id));
        topic.subscriptions.len() <= limits::LARGE_MESSAGE_SUBSCRIPTIONS
            && subscriptions.all(|subscription| subscription.protocol.takes_large_messages())
    }

    pub(super) fn get_data_protection_policy(
        &mut self,
        context: &mut Context<'_, '_>,
        input: ResourceArnInput,
    ) -> Result<DataProtectionPolicyOutput, ApiError> {
        check_data_protection(context, Operation::GetDataProtectionPolicy)?;
        let text = required(input.resource_arn, "resourceArn")?;
        let name = self.resolve(context, &text, Operation::GetDataProtectionPolicy)?;
        let policy = self.topics[&name].settings.get("DataProtectionPolicy").unwrap_or_default();
        Ok(DataProtectionPolicyOutput { data_protection_policy: Some(policy.to_owned()) })
    }

    pub(super) fn put_data_protection_policy(
        &mut self,
        context: &mut Context<'_, '_>,
        input: PutDataProtectionPolicyInput,
    ) -> Result<Empty, ApiError> {
        check_data_protection(context, Operation::PutDataProtectionPolicy)?;
        let text = required(input.resource_arn, "resourceArn")?;
        let policy = required(input.data_protection_policy, "dataProtectionPolicy")?;
        let name = self.resolve(context, &text, Operation::PutDataProtectionPolicy)?;
        let profile = context.profile();
        let topic = self.topics.get_mut(&name).ok_or_else(no_such_topic)?;
        let setting = Setting { topic: &name, is_fifo: topic.fifo.is_some(), profile, prefix: "" };
        topic.settings.set("DataProtectionPolicy", &policy, setting)?;
        Ok(Empty {})
    }
}

fn check_data_protection(context: &Context<'_, '_>, operation: Operation) -> Result<(), ApiError> {
    if limits::DATA_PROTECTION.at(context.profile()) { Ok(()) } else { Err(super::no_such_action(operation)) }
}

/// Reads the ARN of a topic in the caller's Region.
pub(super) fn read_topic_arn(text: &str, caller: &Caller) -> Result<Arn, ApiError> {
    let arn = read_arn("TopicArn", text)?;
    let is_topic = &*arn.service == "sns" && !arn.resource.contains([':', '/']);
    if is_topic && arn.region == caller.region { Ok(arn) } else { Err(invalid("TopicArn")) }
}

/// Reads an ARN, or says how many parts it has.
pub(super) fn read_arn(parameter: &str, text: &str) -> Result<Arn, ApiError> {
    let elements = text.split(':').count();
    if elements < 6 {
        let reason = format!("An ARN must have at least 6 elements, not {elements}");
        return Err(invalid_because(parameter, reason));
    }
    Arn::parse(text).ok_or_else(|| invalid(parameter))
}

fn check_name(name: &str, is_fifo: bool) -> Result<(), ApiError> {
    let stem = if is_fifo { name.strip_suffix(".fifo") } else { Some(name) };
    let charset = |stem: &str| {
        !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let fits = name.len() <= limits::TOPIC_NAME_CHARACTERS;
    if fits && stem.is_some_and(charset) { Ok(()) } else { Err(invalid("Topic Name")) }
}

/// A topic that exists is returned to whoever asks for no more than it has.
fn same_or_conflict(
    topic: &Topic,
    requested: &BTreeMap<String, String>,
    tags: &BTreeMap<String, String>,
) -> Result<TopicArnOutput, ApiError> {
    let same =
        |(name, value): (&String, &String)| topic.current(name).is_some_and(|current| same_value(&current, value));
    if !requested.iter().all(same) {
        return Err(invalid_because("Attributes", "Topic already exists with different attributes"));
    }
    if !tags.iter().all(|(key, value)| topic.tags.get(key) == Some(value)) {
        return Err(invalid_because("Tags", "Topic already exists with different tags"));
    }
    Ok(TopicArnOutput { topic_arn: Some(topic.name.clone()) })
}

/// One page of what comes in order, and the token of the next page if there is one: its last item's key.
pub(super) fn page<T>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let mut items = items.peekable();
    let page: Vec<T> = items.by_ref().take(limits::PAGE).collect();
    let more = items.peek().is_some();
    let token = page.last().filter(|_| more).map(|last| STANDARD.encode(key(last)));
    (page, token)
}

/// Reads a token: the key after which to go on.
pub(super) fn read_token(token: Option<&str>) -> Result<String, ApiError> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(String::new()) };
    let key = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| invalid("NextToken"))
}
