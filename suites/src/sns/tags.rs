//! The tags of topics.

use super::support::{Topic, create_topic, topic};
use super::topics::tag;
use crate::sqs::support::{equal, holds, refused};
use proofmark_conform::{Stop, case};
use std::collections::BTreeMap;

async fn tags(topic: &Topic<'_>) -> Result<BTreeMap<String, String>, Stop> {
    let answer = topic.scope.sns().list_tags_for_resource().resource_arn(&topic.arn).send().await?;
    Ok(answer.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect())
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

case! {
    /// Tags are added, overwritten and removed by their keys, whose case matters.
    pub CHANGE = "sns.tags.change",
    clauses: ["sns.tags.limits"],
    cost: 10 requests, 4 seconds,
    protocols: [Query],
    async fn change(scope) {
        let topic = topic(scope).await?;
        equal("no tags", map(&[]), tags(&topic).await?)?;
        let add = || scope.sns().tag_resource().resource_arn(&topic.arn);
        add().tags(tag("key", "1")?).tags(tag("Key", "2")?).tags(tag("empty", "")?).send().await?;
        equal("three", map(&[("key", "1"), ("Key", "2"), ("empty", "")]), tags(&topic).await?)?;
        add().tags(tag("key", "3")?).send().await?;
        scope.sns().untag_resource().resource_arn(&topic.arn).tag_keys("Key").tag_keys("missing").send().await?;
        equal("one overwritten, one removed", map(&[("key", "3"), ("empty", "")]), tags(&topic).await?)
    }
}

case! {
    /// A topic has up to fifty tags.
    pub FIFTY = "sns.tags.at_most_fifty",
    clauses: ["sns.tags.limits", "wire.sns.code-map"],
    cost: 12 requests, 4 seconds,
    protocols: [Query],
    async fn at_most_fifty(scope) {
        let topic = topic(scope).await?;
        let mut request = scope.sns().tag_resource().resource_arn(&topic.arn);
        for number in 0..50 {
            request = request.tags(tag(&format!("key-{number}"), "v")?);
        }
        request.send().await?;
        let add = |key: &'static str| Ok::<_, Stop>(scope.sns().tag_resource().resource_arn(&topic.arn).tags(tag(key, "new")?));
        refused(scope, add("one-more")?.send().await, "TagLimitExceeded", 400, "")?;
        let both = add("key-0")?.tags(tag("one-more", "v")?).send().await;
        refused(scope, both, "TagLimitExceeded", 400, "")?;
        equal("none is changed", Some("v"), tags(&topic).await?.get("key-0").map(String::as_str))?;
        add("key-0")?.send().await?;
        equal("overwriting is none more", 50, tags(&topic).await?.len())?;
        let mut create = scope.creating_topic(&scope.name("overloaded"))?;
        for number in 0..51 {
            create = create.tags(tag(&format!("key-{number}"), "v")?);
        }
        refused(scope, create.send().await, "TagLimitExceeded", 400, "")
    }
}

case! {
    /// Keys have 1 to 128 characters and do not begin with `aws:`, values up to 256.
    pub LENGTHS = "sns.tags.lengths",
    clauses: ["sns.tags.limits"],
    cost: 18 requests, 4 seconds,
    protocols: [Query],
    async fn lengths(scope) {
        let topic = topic(scope).await?;
        let (key, value) = ("k".repeat(128), "é".repeat(256));
        scope.sns().tag_resource().resource_arn(&topic.arn).tags(tag(&key, &value)?).tags(tag("k", "")?).send().await?;
        let expected = map(&[(&key, &value), ("k", "")]);
        equal("as they were given", expected.clone(), tags(&topic).await?)?;
        let (long_key, long_value) = (format!("{key}k"), format!("{value}é"));
        for (key, value) in [("", "v"), (long_key.as_str(), "v"), ("k", long_value.as_str()), ("aws:k", "v"), ("AWS:k", "v")] {
            let result = scope.sns().tag_resource().resource_arn(&topic.arn).tags(tag("good", "v")?).tags(tag(key, value)?).send().await;
            holds("refused", result.is_err(), (key.len(), value.len()))?;
            let create = scope.creating_topic(&scope.name("refused"))?.tags(tag(key, value)?).send().await;
            holds("refused at creation", create.is_err(), (key.len(), value.len()))?;
        }
        equal("nothing has changed", expected, tags(&topic).await?)
    }
}

case! {
    /// Tags can be given at creation, and belong to their topic alone.
    pub ON_CREATE = "sns.tags.on_create",
    clauses: ["sns.tags.limits"],
    cost: 8 requests, 4 seconds,
    protocols: [Query],
    async fn on_create(scope) {
        let name = scope.name("tagged");
        scope.creating_topic(&name)?.tags(tag("key", "1")?).send().await?;
        let tagged = create_topic(scope, &name, &[]).await?;
        equal("the tag", map(&[("key", "1")]), tags(&tagged).await?)?;
        equal("of another topic", map(&[]), tags(&topic(scope).await?).await?)
    }
}
