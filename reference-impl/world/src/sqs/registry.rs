//! Queues by account, Region and name: create, find, list, delete; and who may call what.

use super::api::{
    CreateQueueInput, Empty, GetQueueUrlInput, ListDeadLetterSourceQueuesInput, ListDeadLetterSourceQueuesOutput,
    ListQueuesInput, ListQueuesOutput, QueueInput, QueueUrlOutput,
};
use super::attributes::{Attributes, asks_for_fifo};
use super::errors::{
    ACCESS_DENIED, INVALID_ADDRESS, QUEUE_DELETED_RECENTLY, QUEUE_NAME_EXISTS, REQUEST_THROTTLED, invalid,
    invalid_value, no_such_queue, required,
};
use super::queue::Queue;
use super::{Context, Operation, QueueId, Sqs, limits};
use crate::error::ApiError;
use crate::identity::{AccountId, Arn, Caller, Region};
use crate::policy::Decision;
use crate::{Response, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// An account in a Region.
pub(super) type AreaKey = (AccountId, Region);

/// The queues of one account in one Region.
#[derive(Debug, Default)]
pub(super) struct Area {
    pub(super) queues: BTreeMap<Arc<str>, QueueId>,
    /// When a name was last freed.
    deleted: BTreeMap<Arc<str>, Timestamp>,
}

impl Sqs {
    /// Finds the queue that a URL (or bare name) names, if the caller may do `operation` on it now.
    pub(super) fn resolve(
        &mut self,
        context: &Context<'_>,
        url: Option<&Arc<str>>,
        operation: Operation,
    ) -> Result<QueueId, ApiError> {
        let url = required(url, "QueueUrl")?;
        let (account, name) = split_url(url, context.caller).ok_or_else(|| {
            ApiError::new(&INVALID_ADDRESS, format!("The address {url} is not valid for this endpoint."))
        })?;
        let id = self.find(account, &context.caller.region, name, context.now).ok_or_else(no_such_queue)?;
        let queue = &mut self.queues[id];
        queue.settle(context.now);
        authorize(queue, context.caller, operation)?;
        let config = &context.common.config;
        if config.quotas && !queue.admit(operation, config.profile, context.now) {
            return Err(ApiError::new(&REQUEST_THROTTLED, "Rate exceeded"));
        }
        Ok(id)
    }

    fn find(&self, account: AccountId, region: &Region, name: &str, now: Timestamp) -> Option<QueueId> {
        let id = *self.areas.get(&(account, region.clone()))?.queues.get(name)?;
        self.queues.get(id).filter(|queue| queue.answers_at(now)).map(|_| id)
    }

    /// Finds a queue by ARN.
    pub(super) fn find_arn(&self, arn: &Arn, now: Timestamp) -> Option<QueueId> {
        (&*arn.service == "sqs").then_some(())?;
        self.find(arn.account, &arn.region, &arn.resource, now)
    }

    pub(super) fn create_queue(
        &mut self,
        context: &mut Context<'_>,
        input: CreateQueueInput,
    ) -> Result<QueueUrlOutput, ApiError> {
        let name = required(input.queue_name, "QueueName")?;
        let requested = input.attributes.unwrap_or_default();
        let tags = input.tags.unwrap_or_default();
        let profile = context.common.config.profile;
        let fifo = asks_for_fifo(&requested)?;
        check_name(&name, fifo)?;
        super::settings::check_tags(&tags)?;
        let attributes = Attributes::new(profile, fifo).with(&requested, profile)?;
        let caller = context.caller;
        if let Some(id) = self.find_existing(caller, &name) {
            if context.now < self.queues[id].gone_at {
                return self.same_or_conflict(id, &requested, context);
            }
            self.forget(caller, &name, id);
        }
        self.check_not_deleted_recently(context, &name)?;
        let arn = Arn::new("sqs", &caller.region, caller.account, &name);
        self.check_redrive(&attributes, &arn, context.now)?;
        self.created += 1;
        let mut queue = Queue::new(self.created, arn, attributes, profile, context.now);
        queue.tags = tags;
        let Context { common, now, .. } = context;
        queue.usable_at = *now + common.random.up_to(common.config.freedom.create_lag());
        let url = queue_url(&queue, caller);
        let id = self.queues.insert(queue);
        let area = self.areas.entry((caller.account, caller.region.clone())).or_default();
        area.queues.insert(name.into(), id);
        Ok(QueueUrlOutput { queue_url: Some(url) })
    }

    fn find_existing(&self, caller: &Caller, name: &str) -> Option<QueueId> {
        self.areas.get(&(caller.account, caller.region.clone()))?.queues.get(name).copied()
    }

    fn same_or_conflict(
        &self,
        id: QueueId,
        requested: &BTreeMap<String, String>,
        context: &Context<'_>,
    ) -> Result<QueueUrlOutput, ApiError> {
        let queue = &self.queues[id];
        let fresh = Attributes::new(context.common.config.profile, queue.is_fifo());
        let requested_values = fresh.with(requested, context.common.config.profile)?;
        let differing = requested
            .keys()
            .find(|name| !same_value(requested_values.get(name).as_deref(), queue.attributes.get(name).as_deref()));
        match differing {
            Some(name) => Err(ApiError::new(
                &QUEUE_NAME_EXISTS,
                format!("A queue already exists with the same name and a different value for attribute {name}"),
            )),
            None => Ok(QueueUrlOutput { queue_url: Some(queue_url(queue, context.caller)) }),
        }
    }

    fn check_not_deleted_recently(&self, context: &Context<'_>, name: &str) -> Result<(), ApiError> {
        let caller = context.caller;
        let area = self.areas.get(&(caller.account, caller.region.clone()));
        let deleted = area.and_then(|area| area.deleted.get(name));
        let wait = Duration::from_secs(limits::RECREATE_SECONDS);
        if deleted.is_some_and(|at| context.now < *at + wait) {
            let text =
                "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
            return Err(ApiError::new(&QUEUE_DELETED_RECENTLY, text));
        }
        Ok(())
    }

    /// Checks that a queue's redrive policy names a queue that can be its dead-letter queue.
    pub(super) fn check_redrive(&self, attributes: &Attributes, source: &Arn, now: Timestamp) -> Result<(), ApiError> {
        let Some(redrive) = &attributes.redrive else { return Ok(()) };
        let text = attributes.get("RedrivePolicy").unwrap_or_default();
        let refuse = |reason: &str| Err(invalid_value(&text, "RedrivePolicy", reason));
        if (redrive.target.account, &redrive.target.region) != (source.account, &source.region) {
            return refuse("Dead-letter target owner should be same as the source.");
        }
        let Some(target) = self.find_arn(&redrive.target, now).map(|id| &self.queues[id]) else {
            return refuse("Dead letter target does not exist.");
        };
        if target.is_fifo() != attributes.fifo.is_some() {
            return refuse("Dead-letter queue must be same type of queue as the source.");
        }
        match &target.attributes.redrive_allow {
            Some(policy) if !policy.allows(source) => {
                refuse("Queue does not have permission to use the dead letter queue.")
            }
            _ => Ok(()),
        }
    }

    pub(super) fn delete_queue(&mut self, context: &mut Context<'_>, input: QueueInput) -> Result<Empty, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::DeleteQueue)?;
        let Context { common, now, caller } = context;
        let lag = common.random.up_to(common.config.freedom.delete_lag());
        let queue = &mut self.queues[id];
        queue.gone_at = *now + lag;
        let name = queue.name().clone();
        for waiter in std::mem::take(&mut queue.waiters) {
            self.waits.remove(&waiter.ticket);
            common.answer(waiter.ticket, Err(no_such_queue()));
        }
        let area = self.areas.entry((caller.account, caller.region.clone())).or_default();
        area.deleted.insert(name.clone(), *now);
        if lag.is_zero() {
            self.forget(caller, &name, id);
        }
        Ok(Empty {})
    }

    fn forget(&mut self, caller: &Caller, name: &str, id: QueueId) {
        if let Some(area) = self.areas.get_mut(&(caller.account, caller.region.clone())) {
            area.queues.remove(name);
        }
        self.queues.try_remove(id);
    }

    pub(super) fn get_queue_url(
        &mut self,
        context: &mut Context<'_>,
        input: GetQueueUrlInput,
    ) -> Result<QueueUrlOutput, ApiError> {
        let name = required(input.queue_name, "QueueName")?;
        let caller = context.caller;
        let owner = match input.queue_owner_aws_account_id {
            Some(owner) => AccountId::parse(&owner)
                .ok_or_else(|| invalid_value(owner, "QueueOwnerAWSAccountId", "Must be a 12-digit account id."))?,
            None => caller.account,
        };
        let id = self.find(owner, &caller.region, &name, context.now).ok_or_else(no_such_queue)?;
        authorize(&self.queues[id], caller, Operation::GetQueueUrl)?;
        Ok(QueueUrlOutput { queue_url: Some(queue_url(&self.queues[id], caller)) })
    }

    pub(super) fn list_queues(
        &mut self,
        context: &mut Context<'_>,
        input: ListQueuesInput,
    ) -> Result<ListQueuesOutput, ApiError> {
        let prefix = input.queue_name_prefix.unwrap_or_default();
        let caller = context.caller;
        let area = self.areas.get(&(caller.account, caller.region.clone()));
        let named = area.into_iter().flat_map(|area| area.queues.range(Arc::from(prefix.as_str())..));
        let urls = named
            .take_while(|(name, _)| name.starts_with(&prefix))
            .filter_map(|(name, &id)| self.queues.get(id).map(|queue| (name, queue)))
            .filter(|(_, queue)| queue.answers_at(context.now))
            .map(|(name, queue)| (name.clone(), queue_url(queue, caller)));
        let page = page(urls, input.next_token.as_deref(), input.max_results)?;
        Ok(ListQueuesOutput { queue_urls: (!page.urls.is_empty()).then_some(page.urls), next_token: page.next_token })
    }

    pub(super) fn list_dead_letter_source_queues(
        &mut self,
        context: &mut Context<'_>,
        input: ListDeadLetterSourceQueuesInput,
    ) -> Result<ListDeadLetterSourceQueuesOutput, ApiError> {
        let id = self.resolve(context, input.queue_url.as_ref(), Operation::ListDeadLetterSourceQueues)?;
        let caller = context.caller;
        let urls = self
            .sources_of(&self.queues[id].arn, context.now)
            .map(|queue| (queue.name().clone(), queue_url(queue, caller)));
        let page = page(urls, input.next_token.as_deref(), input.max_results)?;
        Ok(ListDeadLetterSourceQueuesOutput { queue_urls: Some(page.urls), next_token: page.next_token })
    }

    /// The queues whose dead-letter queue is `target`, by name.
    pub(super) fn sources_of<'a>(&'a self, target: &'a Arn, now: Timestamp) -> impl Iterator<Item = &'a Queue> {
        let area = self.areas.get(&(target.account, target.region.clone()));
        let queues = area.into_iter().flat_map(|area| area.queues.values());
        queues.filter_map(|&id| self.queues.get(id)).filter(move |queue| {
            queue.answers_at(now) && queue.attributes.redrive.as_ref().is_some_and(|policy| policy.target == *target)
        })
    }
}

struct Page {
    urls: Vec<Arc<str>>,
    next_token: Option<String>,
}

/// One page of URLs that come sorted by name. A token is the last name of the page before.
fn page(
    urls: impl Iterator<Item = (Arc<str>, Arc<str>)>,
    token: Option<&str>,
    max_results: Option<i64>,
) -> Result<Page, ApiError> {
    let (low, high) = (limits::LIST_RESULTS.start(), limits::LIST_RESULTS.end());
    if let Some(number) = max_results.filter(|number| !limits::LIST_RESULTS.contains(number)) {
        let reason = format!("MaxResults must be an integer between {low} and {high}.");
        return Err(invalid_value(number, "MaxResults", reason));
    }
    let after = token.map(read_token).transpose()?;
    let size = usize::try_from(max_results.unwrap_or(*high)).unwrap_or_default();
    let mut rest = urls.filter(|(name, _)| after.as_ref().is_none_or(|after| **name > **after)).peekable();
    let mut last = None;
    let mut page = Page { urls: Vec::new(), next_token: None };
    for (name, url) in rest.by_ref().take(size) {
        last = Some(name);
        page.urls.push(url);
    }
    if max_results.is_some() && rest.peek().is_some() {
        page.next_token = last.map(|name| URL_SAFE_NO_PAD.encode(&*name));
    }
    Ok(page)
}

fn read_token(token: &str) -> Result<String, ApiError> {
    let name = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| invalid("Invalid or expired next token."))
}

/// The account and name that a QueueUrl names; a bare name is the caller's.
fn split_url<'a>(url: &'a str, caller: &Caller) -> Option<(AccountId, &'a str)> {
    let Some(after_scheme) = after_scheme(url) else {
        return (!url.contains('/')).then_some((caller.account, url));
    };
    let (_, path) = after_scheme.split_once('/')?;
    let (account, name) = path.trim_end_matches('/').rsplit_once('/')?;
    let account = account.rsplit('/').next()?;
    Some((AccountId::parse(account)?, name))
}

fn after_scheme(url: &str) -> Option<&str> {
    // Every call comes by here, and almost every URL has one of these two; searching costs more than the rest.
    let usual = ["http://", "https://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    usual.or_else(|| url.split_once("://").map(|(_, after_scheme)| after_scheme))
}

/// The URL of a queue, on the endpoint that the caller uses.
pub(super) fn queue_url(queue: &Queue, caller: &Caller) -> Arc<str> {
    format!("{}/{}/{}", caller.endpoint, queue.arn.account, queue.name()).into()
}

/// Whether two attribute values mean the same; policies are compared as JSON.
fn same_value(one: Option<&str>, other: Option<&str>) -> bool {
    let json = |text: Option<&str>| text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    one == other || json(one).is_some_and(|value| value.is_object() && Some(value) == json(other))
}

fn check_name(name: &str, fifo: bool) -> Result<(), ApiError> {
    let stem = if fifo { name.strip_suffix(".fifo") } else { Some(name) };
    let charset = |stem: &str| {
        !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if name.len() <= limits::QUEUE_NAME_CHARACTERS && stem.is_some_and(charset) {
        return Ok(());
    }
    Err(invalid(if fifo {
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with \
         .fifo suffix and be 1 to 80 in length"
    } else {
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
    }))
}

/// The operations that a queue's owner can never grant (`sqs.perm.no-cross-account`).
const OWNER_ONLY: [Operation; 10] = [
    Operation::AddPermission,
    Operation::CancelMessageMoveTask,
    Operation::DeleteQueue,
    Operation::ListMessageMoveTasks,
    Operation::ListQueueTags,
    Operation::RemovePermission,
    Operation::SetQueueAttributes,
    Operation::StartMessageMoveTask,
    Operation::TagQueue,
    Operation::UntagQueue,
];

/// The name that policies know an operation by: a batch goes by its single form.
fn policy_action(operation: Operation) -> &'static str {
    let name = operation.name();
    name.strip_suffix("Batch").unwrap_or(name)
}

fn authorize(queue: &Queue, caller: &Caller, operation: Operation) -> Result<(), ApiError> {
    let own = caller.account == queue.arn.account;
    let Some(policy) = &queue.attributes.policy else {
        return if own { Ok(()) } else { Err(denied(queue, caller, operation)) };
    };
    let decision = policy.decide(caller, &format!("sqs:{}", policy_action(operation)), &queue.arn);
    let grantable = !OWNER_ONLY.contains(&operation);
    match decision {
        Decision::Deny => Err(denied(queue, caller, operation)),
        Decision::Allow if own || grantable => Ok(()),
        Decision::Silent if own => Ok(()),
        _ => Err(denied(queue, caller, operation)),
    }
}

fn denied(queue: &Queue, caller: &Caller, operation: Operation) -> ApiError {
    let action = policy_action(operation).to_ascii_lowercase();
    ApiError::new(
        &ACCESS_DENIED,
        format!(
            "User: {} is not authorized to perform: sqs:{action} on resource: {} because no resource-based policy \
             allows the sqs:{action} action",
            caller.user_arn(),
            queue.arn
        ),
    )
}

impl From<super::Response> for Response {
    fn from(response: super::Response) -> Self {
        Response::Sqs(response)
    }
}
