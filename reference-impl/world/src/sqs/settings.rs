//! What a queue is set to: attributes, tags, permissions; and purge.

use super::api::{
    AddPermissionInput, AttributeMap, Empty, GetQueueAttributesInput, GetQueueAttributesOutput, ListQueueTagsOutput,
    QueueInput, RemovePermissionInput, SetQueueAttributesInput, TagQueueInput, UntagQueueInput,
};
use super::attributes::NAMES;
use super::errors::{
    OVER_LIMIT, PURGE_QUEUE_IN_PROGRESS, invalid, invalid_value, missing, required, unknown_attribute,
};
use super::queue::Queue;
use super::store::Counts;
use super::{Context, Operation, Sqs, limits};
use crate::error::ApiError;
use crate::identity::{AccountId, Arn};
use crate::policy::Policy;
use std::collections::BTreeMap;

/// The actions that AddPermission grants; the others are the owner's alone.
const GRANTABLE: [&str; 9] = [
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "SendMessage",
];

impl Sqs {
    pub(super) fn get_queue_attributes(
        &mut self,
        context: &mut Context<'_>,
        input: GetQueueAttributesInput,
    ) -> Result<GetQueueAttributesOutput, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::GetQueueAttributes)?;
        let names = input.attribute_names.unwrap_or_default();
        let known = |name: &&String| *name != "All" && !NAMES.contains(&name.as_str());
        if let Some(unknown) = names.iter().find(known) {
            return Err(unknown_attribute(unknown));
        }
        let all = names.iter().any(|name| name == "All");
        let lag = context.common.config.freedom.counter_lag();
        let queue = &mut self.queues[id];
        let counts = queue.counts(context.now, lag);
        let wanted = NAMES.into_iter().filter(|name| all || names.iter().any(|wanted| wanted == name));
        let attributes: AttributeMap =
            wanted.filter_map(|name| attribute(queue, counts, name).map(|value| (name.to_owned(), value))).collect();
        Ok(GetQueueAttributesOutput { attributes: (!attributes.is_empty()).then_some(attributes) })
    }

    pub(super) fn set_queue_attributes(
        &mut self,
        context: &mut Context<'_>,
        input: SetQueueAttributesInput,
    ) -> Result<Empty, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::SetQueueAttributes)?;
        let changes = required(input.attributes, "Attributes")?;
        let attributes = self.queues[id].attributes.with(&changes, context.common.config.profile)?;
        if changes.contains_key("RedrivePolicy") {
            self.check_redrive(&attributes, &self.queues[id].arn, context.now)?;
        }
        let Context { common, now, .. } = context;
        let lag = common.random.up_to(common.config.freedom.attribute_lag());
        self.queues[id].set_attributes(attributes, *now, lag);
        self.stir(id);
        Ok(Empty {})
    }

    pub(super) fn purge_queue(&mut self, context: &mut Context<'_>, input: QueueInput) -> Result<Empty, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::PurgeQueue)?;
        let Context { common, now, .. } = context;
        let lag = common.random.up_to(common.config.freedom.purge_lag());
        let queue = &mut self.queues[id];
        if !queue.purge(*now, lag) {
            let text = format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue.name());
            return Err(ApiError::new(&PURGE_QUEUE_IN_PROGRESS, text));
        }
        Ok(Empty {})
    }

    pub(super) fn tag_queue(&mut self, context: &mut Context<'_>, input: TagQueueInput) -> Result<Empty, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::TagQueue)?;
        let mut tags = self.queues[id].tags.clone();
        tags.extend(required(input.tags, "Tags")?);
        check_tags(&tags)?;
        self.queues[id].tags = tags;
        Ok(Empty {})
    }

    pub(super) fn untag_queue(&mut self, context: &mut Context<'_>, input: UntagQueueInput) -> Result<Empty, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::UntagQueue)?;
        let keys = required(input.tag_keys, "TagKeys")?;
        self.queues[id].tags.retain(|key, _| !keys.contains(key));
        Ok(Empty {})
    }

    pub(super) fn list_queue_tags(
        &mut self,
        context: &mut Context<'_>,
        input: QueueInput,
    ) -> Result<ListQueueTagsOutput, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::ListQueueTags)?;
        let tags = self.queues[id].tags.clone();
        Ok(ListQueueTagsOutput { tags: (!tags.is_empty()).then_some(tags) })
    }

    pub(super) fn add_permission(
        &mut self,
        context: &mut Context<'_>,
        input: AddPermissionInput,
    ) -> Result<Empty, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::AddPermission)?;
        let label = required(input.label, "Label")?;
        let accounts = input.aws_account_ids.unwrap_or_default();
        let actions = input.actions.unwrap_or_default();
        check_permission(&label, &accounts, &actions)?;
        let queue = &mut self.queues[id];
        let mut policy = queue.attributes.policy.clone().unwrap_or_else(|| default_policy(&queue.arn));
        if policy.has_label(&label) {
            return Err(invalid_value(label, "Label", "Already exists."));
        }
        let actions: Vec<String> = actions.iter().map(|action| format!("SQS:{action}")).collect();
        policy.allow(&label, &accounts, &actions, &queue.arn);
        let over = |policy: &Policy| {
            policy.len() > limits::POLICY_STATEMENTS
                || policy.principals() > limits::POLICY_PRINCIPALS
                || policy.to_text().len() > limits::POLICY_BYTES
        };
        if over(&policy) {
            return Err(ApiError::new(&OVER_LIMIT, "The policy is over its limit of statements, principals or bytes."));
        }
        replace_policy(queue, policy, context)
    }

    pub(super) fn remove_permission(
        &mut self,
        context: &mut Context<'_>,
        input: RemovePermissionInput,
    ) -> Result<Empty, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::RemovePermission)?;
        let label = required(input.label, "Label")?;
        let queue = &mut self.queues[id];
        let mut policy = queue.attributes.policy.clone();
        let removed = policy.as_mut().is_some_and(|policy| policy.remove(&label));
        if !removed {
            return Err(invalid_value(label, "Label", "can't find label."));
        }
        policy.map_or(Ok(Empty {}), |policy| replace_policy(queue, policy, context))
    }
}

fn default_policy(queue: &Arn) -> Policy {
    Policy::empty(&format!("{queue}/SQSDefaultPolicy"))
}

fn replace_policy(queue: &mut Queue, policy: Policy, context: &mut Context<'_>) -> Result<Empty, ApiError> {
    let mut attributes = queue.attributes.clone();
    attributes.replace_policy(policy)?;
    queue.set_attributes(attributes, context.now, std::time::Duration::ZERO);
    Ok(Empty {})
}

fn attribute(queue: &Queue, counts: Counts, name: &str) -> Option<String> {
    match name {
        "ApproximateNumberOfMessages" => Some(counts.ready.to_string()),
        "ApproximateNumberOfMessagesDelayed" => Some(counts.delayed.to_string()),
        "ApproximateNumberOfMessagesNotVisible" => Some(counts.in_flight.to_string()),
        "CreatedTimestamp" => Some(queue.created_at.as_seconds().to_string()),
        "LastModifiedTimestamp" => Some(queue.modified_at.as_seconds().to_string()),
        "QueueArn" => Some(queue.arn.to_string()),
        _ => queue.attributes.get(name),
    }
}

/// Checks the tags that a queue would have.
pub(super) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags.len() > limits::TAGS {
        return Err(invalid(format!("Too many tags added for queue. The maximum is {}.", limits::TAGS)));
    }
    tags.iter().try_for_each(|(key, value)| {
        let key_fits = (1..=limits::TAG_KEY_CHARACTERS).contains(&key.chars().count());
        if !key_fits || key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid_value(key, "Tag.Key", "A tag key has 1 to 128 characters and no aws: prefix."));
        }
        if value.chars().count() > limits::TAG_VALUE_CHARACTERS {
            return Err(invalid_value(value, "Tag.Value", "A tag value has at most 256 characters."));
        }
        Ok(())
    })
}

fn check_permission(label: &str, accounts: &[String], actions: &[String]) -> Result<(), ApiError> {
    let charset = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if label.is_empty() || label.len() > limits::LABEL_CHARACTERS || !charset {
        let reason = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.";
        return Err(invalid_value(label, "Label", reason));
    }
    if accounts.is_empty() {
        return Err(missing("AWSAccountIds"));
    }
    if actions.is_empty() {
        return Err(missing("Actions"));
    }
    if actions.len() > limits::ACTIONS_PER_STATEMENT {
        let (found, allowed) = (actions.len(), limits::ACTIONS_PER_STATEMENT);
        let text = format!("{found} Actions were found, maximum allowed is {allowed}.");
        return Err(ApiError::new(&OVER_LIMIT, text));
    }
    if let Some(account) = accounts.iter().find(|account| AccountId::parse(account).is_none()) {
        return Err(invalid_value(account, "PrincipalId", "Unable to verify."));
    }
    match actions.iter().find(|action| !GRANTABLE.contains(&action.as_str())) {
        Some(action) => Err(invalid_value(
            format!("SQS:{action}"),
            "ActionName",
            "Only the queue owner is allowed to invoke this action.",
        )),
        None => Ok(()),
    }
}
