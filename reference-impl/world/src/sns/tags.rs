//! Tags of topics.

use super::api::{Empty, ListTagsForResourceOutput, ResourceArnInput, Tag, TagResourceInput, UntagResourceInput};
use super::errors::{RESOURCE_NOT_FOUND, TAG_LIMIT_EXCEEDED, invalid, no_such_topic, required};
use super::topic::Topic;
use super::{Context, Operation, Sns, limits};
use crate::error::ApiError;
use std::collections::BTreeMap;

/// Reads tags, each key once.
pub(super) fn read(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut read = BTreeMap::new();
    for tag in tags {
        let key = required(tag.key, "tags.member.key")?;
        let value = required(tag.value, "tags.member.value")?;
        check(&key, &value)?;
        if read.insert(key, value).is_some() {
            return Err(invalid("Duplicated keys are not allowed."));
        }
    }
    check_count(&read)?;
    Ok(read)
}

fn check(key: &str, value: &str) -> Result<(), ApiError> {
    let key_fits = (1..=limits::TAG_KEY_CHARACTERS).contains(&key.chars().count());
    if !key_fits || key.to_ascii_lowercase().starts_with("aws:") {
        return Err(invalid("Tags Reason: a tag key has 1 to 128 characters and no aws: prefix"));
    }
    if value.chars().count() > limits::TAG_VALUE_CHARACTERS {
        return Err(invalid("Tags Reason: a tag value has at most 256 characters"));
    }
    Ok(())
}

fn check_count(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags.len() <= limits::TAGS {
        return Ok(());
    }
    Err(ApiError::new(&TAG_LIMIT_EXCEEDED, "Could not complete request: tag quota of per resource exceeded"))
}

impl Sns {
    fn tagged(
        &mut self,
        context: &Context<'_, '_>,
        arn: Option<std::sync::Arc<str>>,
        operation: Operation,
    ) -> Result<&mut Topic, ApiError> {
        let arn = required(arn, "resourceArn")?;
        let name = self.resolve(context, &arn, operation).map_err(|error| match error == no_such_topic() {
            true => ApiError::new(&RESOURCE_NOT_FOUND, "Resource does not exist"),
            false => error,
        })?;
        self.topics.get_mut(&name).ok_or_else(no_such_topic)
    }

    pub(super) fn tag_resource(
        &mut self,
        context: &mut Context<'_, '_>,
        input: TagResourceInput,
    ) -> Result<Empty, ApiError> {
        let tags = read(input.tags.unwrap_or_default())?;
        let topic = self.tagged(context, input.resource_arn, Operation::TagResource)?;
        let mut all = topic.tags.clone();
        all.extend(tags);
        check_count(&all)?;
        topic.tags = all;
        Ok(Empty {})
    }

    pub(super) fn untag_resource(
        &mut self,
        context: &mut Context<'_, '_>,
        input: UntagResourceInput,
    ) -> Result<Empty, ApiError> {
        let topic = self.tagged(context, input.resource_arn, Operation::UntagResource)?;
        for key in input.tag_keys.unwrap_or_default() {
            topic.tags.remove(&key);
        }
        Ok(Empty {})
    }

    pub(super) fn list_tags_for_resource(
        &mut self,
        context: &mut Context<'_, '_>,
        input: ResourceArnInput,
    ) -> Result<ListTagsForResourceOutput, ApiError> {
        let topic = self.tagged(context, input.resource_arn, Operation::ListTagsForResource)?;
        let tag = |(key, value): (&String, &String)| Tag { key: Some(key.clone()), value: Some(value.clone()) };
        Ok(ListTagsForResourceOutput { tags: Some(topic.tags.iter().map(tag).collect()) })
    }
}
