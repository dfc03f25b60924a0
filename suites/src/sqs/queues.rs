//! Queues: names, URLs, creation that can be repeated, deletion, listing.

use super::support::{
    PATIENCE, PROPAGATION, Queue, create, equal, fifo, fifo_with, holds, redrive_policy, refused, seconds, standard,
    standard_with, text, with_dead_letter_queue,
};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_conform::{Scope, Seen, Stop, case};

const STANDARD_NAME: &str = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
const FIFO_NAME: &str = "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must \
                         end with .fifo suffix and be 1 to 80 in length";

fn padded(scope: &Scope, length: usize) -> String {
    let mut name = scope.name("long");
    name.push_str(&"x".repeat(length.saturating_sub(name.len())));
    name
}

async fn refuse_name(scope: &Scope, name: &str, fifo: bool, text: &str) -> Result<(), Stop> {
    let mut request = scope.creating_queue(name)?;
    if fifo {
        request = request.attributes(QueueAttributeName::FifoQueue, "true");
    }
    refused(scope, request.send().await, "InvalidParameterValue", 400, text)
}

case! {
    /// A name has 1 to 80 letters, digits, hyphens and underscores.
    pub NAME = "sqs.queue.name",
    clauses: ["sqs.queue.name-charset", "sqs.quota.identifiers"],
    cost: 9 requests, 5 seconds,
    async fn name(scope) {
        create(scope, padded(scope, 80), &[]).await?;
        for wrong in [padded(scope, 81).as_str(), "", "a/b", "a.b", "a b", "naïve"] {
            refuse_name(scope, wrong, false, STANDARD_NAME).await?;
        }
        Ok(())
    }
}

case! {
    /// Names are case-sensitive: two that differ in case are two queues.
    pub NAME_CASE = "sqs.queue.name_case",
    clauses: ["sqs.queue.name-charset", "sqs.queue.url-form"],
    cost: 5 requests, 5 seconds,
    async fn name_case(scope) {
        let lower = create(scope, scope.name("case"), &[]).await?;
        let upper = create(scope, scope.name("CASE"), &[]).await?;
        holds("two URLs", lower.url != upper.url, &upper.url)
    }
}

case! {
    /// A FIFO queue's name ends in `.fifo`, which counts toward the 80 characters; no other name may.
    pub FIFO_SUFFIX = "sqs.queue.fifo_name",
    clauses: ["sqs.queue.fifo-suffix", "sqs.queue.std-no-fifo-suffix"],
    cost: 8 requests, 5 seconds,
    async fn fifo_name(scope) {
        let longest = format!("{}.fifo", padded(scope, 75));
        create(scope, longest, &[(QueueAttributeName::FifoQueue, "true")]).await?;
        refuse_name(scope, &format!("{}.fifo", padded(scope, 76)), true, FIFO_NAME).await?;
        refuse_name(scope, &scope.name("no-suffix"), true, FIFO_NAME).await?;
        refuse_name(scope, ".fifo", true, FIFO_NAME).await?;
        refuse_name(scope, &scope.fifo_name("standard"), false, "").await
    }
}

case! {
    /// A QueueUrl ends in account and name; the ARN has partition, Region, account and name.
    pub URL_FORM = "sqs.queue.url",
    clauses: ["sqs.queue.url-form"],
    cost: 3 requests, 5 seconds,
    async fn url(scope) {
        let queue = standard(scope).await?;
        let mut parts = queue.url.rsplit('/');
        equal("the name", Some(queue.name.as_str()), parts.next())?;
        let account = parts.next().unwrap_or_default();
        holds("twelve digits", account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()), account.len())?;
        let arn = queue.arn().await?;
        let expected = format!(":sqs:{}:{account}:{}", scope.region(), queue.name);
        holds("the ARN", arn.starts_with("arn:aws") && arn.ends_with(&expected), arn.len())
    }
}

case! {
    /// GetQueueUrl finds a queue by name; one that does not exist is refused.
    pub GET_URL = "sqs.queue.get_url",
    clauses: ["sqs.queue.geturl"],
    cost: 5 requests, 5 seconds,
    async fn get_url(scope) {
        let queue = standard(scope).await?;
        let found = scope.sqs().get_queue_url().queue_name(&queue.name).send().await?;
        equal("the URL", Some(queue.url.as_str()), found.queue_url())?;
        let account = queue.url.rsplit('/').nth(1).unwrap_or_default();
        let owned = scope.sqs().get_queue_url().queue_name(&queue.name).queue_owner_aws_account_id(account);
        equal("the URL, by owner", Some(queue.url.as_str()), owned.send().await?.queue_url())?;
        let missing = scope.sqs().get_queue_url().queue_name(scope.name("missing")).send().await;
        refused(scope, missing, "AWS.SimpleQueueService.NonExistentQueue", 400, "")
    }
}

case! {
    /// Creating a queue again with no attributes, or with some of its current ones, returns the same URL.
    pub CREATE_AGAIN = "sqs.queue.create_again",
    clauses: [
        "sqs.queue.create-idempotent.none", "sqs.queue.create-idempotent.subset", "sqs.queue.create-ignores-counters",
        "sqs.queue.create-usable-1s",
    ],
    cost: 9 requests, 5 seconds,
    async fn create_again(scope) {
        let attributes = [(QueueAttributeName::VisibilityTimeout, "60"), (QueueAttributeName::DelaySeconds, "1")];
        let queue = standard_with(scope, &attributes).await?;
        queue.send("x").await?;
        queue.receive().await?;
        for number in 0..=2 {
            let mut request = scope.creating_queue(&queue.name)?;
            for (name, value) in &attributes[..number] {
                request = request.attributes(name.clone(), *value);
            }
            equal("the same URL", Some(queue.url.as_str()), request.send().await?.queue_url())?;
        }
        let at_once = scope.creating_queue(&scope.name("fresh"))?;
        let url = text(at_once.send().await?.queue_url());
        let sent = scope.sqs().send_message().queue_url(url).message_body("x").send().await;
        scope.observe("sqs.queue.create-usable-1s", if sent.is_ok() { "usable at once" } else { "not usable at once" });
        Ok(())
    }
}

async fn create_conflict(queue: &Queue<'_>, attribute: QueueAttributeName, value: &str) -> Result<(), Stop> {
    let text =
        format!("A queue already exists with the same name and a different value for attribute {}", attribute.as_str());
    let mut request = queue.scope.creating_queue(&queue.name)?.attributes(attribute, value);
    if queue.name.ends_with(".fifo") {
        request = request.attributes(QueueAttributeName::FifoQueue, "true");
    }
    let result = request.send().await;
    refused(queue.scope, result, "QueueAlreadyExists", 400, &text)
}

case! {
    /// Creating a queue again with another value of an attribute is refused, by its current attributes.
    pub CREATE_CONFLICT = "sqs.queue.create_conflict",
    clauses: ["sqs.queue.create-conflict", "sqs.queue.create-compares-current"],
    cost: 8 requests, 65 seconds,
    async fn create_conflict_case(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::DelaySeconds, "1")]).await?;
        create_conflict(&queue, QueueAttributeName::DelaySeconds, "2").await?;
        create_conflict(&queue, QueueAttributeName::VisibilityTimeout, "31").await?;
        queue.set(QueueAttributeName::DelaySeconds, "2").await?;
        scope.sleep(PROPAGATION).await;
        create_conflict(&queue, QueueAttributeName::DelaySeconds, "1").await?;
        let same = scope.creating_queue(&queue.name)?.attributes(QueueAttributeName::DelaySeconds, "2");
        equal("the current value", Some(queue.url.as_str()), same.send().await?.queue_url())?;
        let (source, dead) = with_dead_letter_queue(scope, 2, &[]).await?;
        let arn = dead.arn().await?;
        create_conflict(&source, QueueAttributeName::RedrivePolicy, &redrive_policy(&arn, 3)).await?;
        let spaced = redrive_policy(&arn, 2).replace(',', ", ");
        let respaced = scope.creating_queue(&source.name)?.attributes(QueueAttributeName::RedrivePolicy, spaced).send().await;
        scope.observe("sqs.queue.create-compares-current", format!("a policy that only looks different is the same: {}", respaced.is_ok()));
        let ordered = fifo(scope).await?;
        create_conflict(&ordered, QueueAttributeName::ContentBasedDeduplication, "true").await
    }
}

case! {
    /// A queue's type cannot change.
    pub TYPE_IS_FIXED = "sqs.queue.type_is_fixed",
    clauses: ["sqs.queue.type-immutable"],
    cost: 7 requests, 5 seconds,
    async fn type_is_fixed(scope) {
        let set = async |queue: &Queue<'_>, value: &str| {
            let request = queue.client.set_queue_attributes().queue_url(&queue.url);
            request.attributes(QueueAttributeName::FifoQueue, value).send().await
        };
        let ordered = fifo(scope).await?;
        set(&ordered, "true").await?;
        let text = "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.";
        refused(scope, set(&ordered, "false").await, "InvalidAttributeValue", 400, text)?;
        let plain = standard(scope).await?;
        for value in ["true", "false"] {
            refused(scope, set(&plain, value).await, "InvalidAttributeName", 400, "Unknown Attribute FifoQueue.")?;
        }
        Ok(())
    }
}

case! {
    /// A standard queue refuses the attributes of FIFO queues, some in other words than others.
    pub FIFO_ATTRIBUTES = "sqs.queue.fifo_attributes",
    clauses: ["sqs.queue.fifo-attrs-on-standard"],
    cost: 5 requests, 5 seconds,
    async fn fifo_attributes(scope) {
        let unknown = |name: &str| format!("Unknown Attribute {name}.");
        let only_fifo = |name: &str| format!("You can specify the {name} only when FifoQueue is set to true.");
        for (attribute, value, text) in [
            (QueueAttributeName::ContentBasedDeduplication, "true", unknown("ContentBasedDeduplication")),
            (QueueAttributeName::FifoQueue, "false", unknown("FifoQueue")),
            (QueueAttributeName::DeduplicationScope, "queue", only_fifo("DeduplicationScope")),
            (QueueAttributeName::FifoThroughputLimit, "perQueue", only_fifo("FifoThroughputLimit")),
        ] {
            let result = scope.creating_queue(&scope.name("plain"))?.attributes(attribute, value).send().await;
            refused(scope, result, "InvalidAttributeName", 400, &text)?;
        }
        Ok(())
    }
}

case! {
    /// Booleans are taken with a capital and reported without.
    pub BOOLEANS = "sqs.queue.booleans",
    clauses: ["sqs.queue.bool-case"],
    cost: 5 requests, 5 seconds,
    async fn booleans(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::ContentBasedDeduplication, "True")]).await?;
        let shown = queue.attribute(&QueueAttributeName::ContentBasedDeduplication).await?;
        equal("in lower case", Some("true".to_owned()), shown)?;
        let wrong = queue.client.set_queue_attributes().queue_url(&queue.url);
        let result = wrong.attributes(QueueAttributeName::ContentBasedDeduplication, "yes").send().await;
        refused(scope, result, "InvalidAttributeValue", 400, "")
    }
}

async fn until_gone(queue: &Queue<'_>) -> Result<(), Stop> {
    let look = async || {
        let found = queue.client.get_queue_url().queue_name(&queue.name).send().await;
        Ok(Seen::when(found.is_err(), "it is still found"))
    };
    queue.scope.eventually("a deleted queue is gone", PATIENCE, look).await
}

case! {
    /// A delete takes up to a minute; then the queue is unknown. What a second delete says is open.
    pub DELETE = "sqs.queue.delete",
    clauses: ["sqs.queue.delete-async", "sqs.queue.delete-missing"],
    cost: 12 requests, 65 seconds,
    async fn delete(scope) {
        let queue = standard(scope).await?;
        let delete = || queue.client.delete_queue().queue_url(&queue.url).send();
        delete().await?;
        let sent = queue.message("x").send().await;
        scope.observe("sqs.queue.delete-async", if sent.is_ok() { "a call still succeeded" } else { "gone at once" });
        until_gone(&queue).await?;
        let send = queue.message("x").send().await;
        refused(scope, send, "AWS.SimpleQueueService.NonExistentQueue", 400, "")?;
        let again = delete().await;
        let code = again.as_ref().err().and_then(ProvideErrorMetadata::code).unwrap_or("success").to_owned();
        scope.observe("sqs.queue.delete-missing", &code);
        holds("success or NonExistentQueue", ["success", "AWS.SimpleQueueService.NonExistentQueue"].contains(&code.as_str()), &code)
    }
}

case! {
    /// A name is free again a minute after its delete, and the new queue is empty.
    pub RECREATE = "sqs.queue.recreate",
    clauses: ["sqs.queue.recreate-60s", "sqs.queue.recreate-empty"],
    cost: 14 requests, 75 seconds,
    async fn recreate(scope) {
        let queue = standard(scope).await?;
        queue.send("old").await?;
        queue.client.delete_queue().queue_url(&queue.url).send().await?;
        until_gone(&queue).await?;
        let again = scope.creating_queue(&queue.name)?;
        let text = "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
        let at_once = again.clone().send().await;
        if at_once.is_ok() {
            return Err(Stop::mismatch("a create within a minute", "QueueDeletedRecently", "success"));
        }
        refused(scope, at_once, "AWS.SimpleQueueService.QueueDeletedRecently", 400, text)?;
        scope.sleep(PROPAGATION).await;
        again.send().await?;
        scope.sleep(seconds(2)).await;
        queue.expect_nothing_for(seconds(3), "the new queue is empty").await
    }
}

case! {
    /// A name deleted less than a minute ago is refused at the latest moment too.
    pub RECREATE_EARLY = "sqs.queue.recreate_early",
    clauses: ["sqs.queue.recreate-60s"],
    cost: 8 requests, 65 seconds,
    needs: [VirtualTime],
    async fn recreate_early(scope) {
        let queue = standard(scope).await?;
        queue.client.delete_queue().queue_url(&queue.url).send().await?;
        scope.sleep(std::time::Duration::from_millis(59_900)).await;
        let early = scope.creating_queue(&queue.name)?.send().await;
        // Until the delete has gone through, the name still answers with the old queue.
        if let Err(error) = &early {
            equal("the code", Some("AWS.SimpleQueueService.QueueDeletedRecently"), error.code())?;
        } else {
            scope.observe("sqs.queue.delete-async", "the deleted queue still answered");
        }
        scope.sleep(seconds(1)).await;
        scope.creating_queue(&queue.name)?.send().await.map(|_| ()).map_err(Stop::from)
    }
}

case! {
    /// ListQueues filters by a case-sensitive prefix.
    pub LIST = "sqs.queue.list",
    clauses: ["sqs.queue.list-prefix"],
    cost: 12 requests, 10 seconds,
    async fn list(scope) {
        let one = create(scope, scope.name("list-one"), &[]).await?;
        let two = create(scope, scope.name("list-two"), &[]).await?;
        create(scope, scope.name("other"), &[]).await?;
        let listed = async |prefix: String| -> Result<Vec<String>, Stop> {
            let mut urls = scope.sqs().list_queues().queue_name_prefix(prefix).send().await?.queue_urls().to_vec();
            urls.sort();
            Ok(urls)
        };
        let mut expected = vec![one.url.clone(), two.url.clone()];
        expected.sort();
        let look = async || {
            let urls = listed(scope.name("list")).await?;
            Ok(Seen::when(urls == expected, format!("{} queues", urls.len())))
        };
        scope.eventually("the two with the prefix are listed", PATIENCE, look).await?;
        equal("a prefix in the wrong case", Vec::<String>::new(), listed(scope.name("LIST")).await?)?;
        equal("the whole name", vec![one.url.clone()], listed(one.name.clone()).await?)
    }
}
