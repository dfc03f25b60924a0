//! Tags.

use super::support::{Queue, create, equal, holds, standard};
use proofmark_conform::{Stop, case};
use std::collections::BTreeMap;

async fn tags(queue: &Queue<'_>) -> Result<BTreeMap<String, String>, Stop> {
    let answer = queue.client.list_queue_tags().queue_url(&queue.url).send().await?;
    Ok(answer.tags.unwrap_or_default().into_iter().collect())
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

case! {
    /// Tags are added, overwritten and removed by case-sensitive key; values may be empty; removing none succeeds.
    pub CHANGE = "sqs.tags.change",
    clauses: ["sqs.tags.crud", "wire.sqs.empty-lists-absent"],
    cost: 12 requests, 5 seconds,
    async fn change(scope) {
        let queue = standard(scope).await?;
        let untagged = queue.client.list_queue_tags().queue_url(&queue.url).send().await?;
        equal("no tags, no member", None, untagged.tags())?;
        let tag = || queue.client.tag_queue().queue_url(&queue.url);
        tag().tags("key", "1").tags("Key", "2").tags("empty", "").send().await?;
        equal("three tags", map(&[("key", "1"), ("Key", "2"), ("empty", "")]), tags(&queue).await?)?;
        tag().tags("key", "3").send().await?;
        queue.client.untag_queue().queue_url(&queue.url).tag_keys("Key").tag_keys("missing").send().await?;
        equal("one overwritten, one removed", map(&[("key", "3"), ("empty", "")]), tags(&queue).await?)
    }
}

case! {
    /// CreateQueue takes tags; creating again does not compare them.
    pub CREATE = "sqs.tags.on_create",
    clauses: ["sqs.tags.crud"],
    cost: 6 requests, 5 seconds,
    async fn on_create(scope) {
        let name = scope.name("tagged");
        scope.creating_queue(&name)?.tags("key", "1").send().await?;
        let queue = create(scope, name.clone(), &[]).await?;
        equal("the tag", map(&[("key", "1")]), tags(&queue).await?)?;
        scope.creating_queue(&name)?.tags("key", "other").send().await?;
        let reserved = scope.creating_queue(&scope.name("reserved"))?.tags("aws:key", "1").send().await;
        holds("a reserved tag is refused", reserved.is_err(), &reserved)
    }
}

case! {
    /// A queue takes fifty tags; keys have 1 to 128 characters, values up to 256, and `aws:` is reserved.
    pub LIMITS = "sqs.tags.limits_of_tags",
    clauses: ["sqs.tags.limits"],
    cost: 10 requests, 5 seconds,
    async fn limits_of_tags(scope) {
        let queue = standard(scope).await?;
        let mut request = queue.client.tag_queue().queue_url(&queue.url);
        for number in 0..49 {
            request = request.tags(format!("key-{number}"), "v");
        }
        request.tags("k".repeat(128), "v".repeat(256)).send().await?;
        equal("fifty tags", 50, tags(&queue).await?.len())?;
        let one = create(scope, scope.name("one"), &[]).await?;
        let long_key = "k".repeat(129);
        let long_value = "v".repeat(257);
        for (key, value) in [("", "v"), (long_key.as_str(), "v"), ("k", long_value.as_str()), ("aws:k", "v"), ("AWS:k", "v")] {
            let result = one.client.tag_queue().queue_url(&one.url).tags(key, value).send().await;
            holds("refused", result.is_err(), (key.len(), value.len()))?;
        }
        let more = queue.client.tag_queue().queue_url(&queue.url).tags("one-more", "v").send().await;
        holds("fifty-one are refused", more.is_err(), &more)?;
        equal("still fifty", 50, tags(&queue).await?.len())
    }
}
