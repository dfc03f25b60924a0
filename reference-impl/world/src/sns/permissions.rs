//! AddPermission and RemovePermission.

use super::api::{AddPermissionInput, Empty, RemovePermissionInput};
use super::errors::{invalid, no_such_topic, required};
use super::{Context, Operation, Sns, limits};
use crate::error::ApiError;
use crate::identity::AccountId;

/// The actions that a topic policy can allow.
const ACTIONS: [&str; 11] = [
    "*",
    "AddPermission",
    "DeleteTopic",
    "GetDataProtectionPolicy",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "ListTagsForResource",
    "Publish",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
];

impl Sns {
    pub(super) fn add_permission(
        &mut self,
        context: &mut Context<'_, '_>,
        input: AddPermissionInput,
    ) -> Result<Empty, ApiError> {
        let text = required(input.topic_arn, "topicArn")?;
        let label = required(input.label, "label")?;
        let accounts = input.aws_account_id.unwrap_or_default();
        let actions = input.action_name.unwrap_or_default();
        let name = self.resolve(context, &text, Operation::AddPermission)?;
        check(&accounts, &actions)?;
        let topic = self.topics.get_mut(&name).ok_or_else(no_such_topic)?;
        let mut policy = topic.policy();
        if policy.has_label(&label) {
            return Err(invalid("Statement already exists"));
        }
        let actions: Vec<String> = actions.iter().map(|action| format!("SNS:{action}")).collect();
        policy.allow(&label, &accounts, &actions, &topic.arn);
        if policy.len() > limits::POLICY_STATEMENTS || policy.to_text().len() > limits::POLICY_BYTES {
            return Err(invalid("Policy: over the limit of bytes, statements or principals"));
        }
        topic.settings.set_policy(policy);
        Ok(Empty {})
    }

    pub(super) fn remove_permission(
        &mut self,
        context: &mut Context<'_, '_>,
        input: RemovePermissionInput,
    ) -> Result<Empty, ApiError> {
        let text = required(input.topic_arn, "topicArn")?;
        let label = required(input.label, "label")?;
        let name = self.resolve(context, &text, Operation::RemovePermission)?;
        let topic = self.topics.get_mut(&name).ok_or_else(no_such_topic)?;
        let mut policy = topic.policy();
        if policy.remove(&label) {
            topic.settings.set_policy(policy);
        }
        Ok(Empty {})
    }
}

fn check(accounts: &[String], actions: &[String]) -> Result<(), ApiError> {
    if !actions.iter().all(|action| ACTIONS.contains(&action.as_str())) || actions.is_empty() {
        return Err(invalid("Policy statement action out of service scope!"));
    }
    let known = accounts.iter().all(|account| AccountId::parse(account).is_some());
    if known && !accounts.is_empty() { Ok(()) } else { Err(invalid("PrincipalId: unable to verify")) }
}
