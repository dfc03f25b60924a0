//! Topics: their names and ARNs, creating them again, deleting them.

use super::support::{Topic, attribute, create_topic, fifo_topic_with, invalid, no_topic, topic, topic_with};
use crate::sqs::support::{equal, holds, refused, text};
use aws_sdk_sns::types::Tag;
use proofmark_conform::{ErrorView, Scope, Stop, case};

fn is_uuid(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

pub(super) fn tag(key: &str, value: &str) -> Result<Tag, Stop> {
    Ok(Tag::builder().key(key).value(value).build()?)
}

/// An SNS client of the reference in another Region.
fn sns_in(scope: &Scope, region: &'static str) -> Result<aws_sdk_sns::Client, Stop> {
    let region = aws_sdk_sns::config::Region::from_static(region);
    let config = scope.insight()?.sdk_config().into_builder().region(region).build();
    Ok(aws_sdk_sns::Client::new(&config))
}

/// Creates a topic of this name with one attribute, and wants its name to be refused.
async fn refuse_name(scope: &Scope, name: &str, fifo: Option<&str>) -> Result<(), Stop> {
    let request = scope.creating_topic(name)?;
    let request = fifo.into_iter().fold(request, |request, value| request.attributes("FifoTopic", value));
    invalid(scope, request.send().await, "Topic Name")
}

case! {
    /// A name has up to 256 characters, letters, digits, hyphens and underscores.
    pub NAMES = "sns.topic.names",
    clauses: ["sns.topic.name"],
    cost: 30 requests, 10 seconds,
    protocols: [Query],
    async fn names(scope) {
        let longest = format!("{:x<256}", scope.name("longest_-09AZaz"));
        let topic = create_topic(scope, &longest, &[]).await?;
        holds("the name in the ARN", topic.arn.ends_with(&longest), &topic.arn)?;
        refuse_name(scope, &format!("{longest}x"), None).await?;
        let stem = scope.name("wrong");
        for character in [".", " ", "!", "/", "*", "é", ":"] {
            refuse_name(scope, &format!("{stem}{character}"), None).await?;
        }
        refuse_name(scope, "", None).await
    }
}

case! {
    /// One character is a name.
    pub SHORTEST_NAME = "sns.topic.shortest_name",
    clauses: ["sns.topic.name"],
    cost: 3 requests, 2 seconds,
    protocols: [Query],
    // Elsewhere somebody might have a topic of that name.
    needs: [Insight],
    async fn shortest_name(scope) {
        let topic = create_topic(scope, "x", &[]).await?;
        holds("the ARN", topic.arn.ends_with(":x"), &topic.arn)
    }
}

case! {
    /// The names of FIFO topics, and no others, end in `.fifo`, which counts.
    pub FIFO_NAMES = "sns.topic.fifo_names",
    clauses: ["sns.topic.name"],
    cost: 24 requests, 10 seconds,
    protocols: [Query],
    async fn fifo_names(scope) {
        let stem = format!("{:x<251}", scope.name("longest"));
        let fifo = create_topic(scope, &format!("{stem}.fifo"), &[("FifoTopic", "true")]).await?;
        equal("FifoTopic", Some("true"), fifo.attributes().await?.get("FifoTopic").map(String::as_str))?;
        refuse_name(scope, &format!("{stem}x.fifo"), Some("true")).await?;
        let name = scope.name("fifo");
        for wrong in [".fifo".to_owned(), name.clone(), format!("{name}.Fifo"), format!("{name}.fifo.fifo")] {
            refuse_name(scope, &wrong, Some("true")).await?;
        }
        refuse_name(scope, &format!("{name}.fifo"), None).await?;
        refuse_name(scope, &format!("{name}.fifo"), Some("false")).await
    }
}

case! {
    /// ARNs: the account's, the Region's and the name's; of a subscription, the topic's and a UUID.
    pub ARNS = "sns.topic.arns",
    clauses: ["sns.topic.arn"],
    cost: 8 requests, 5 seconds,
    protocols: [Query],
    async fn arns(scope) {
        let name = scope.name("topic");
        let topic = create_topic(scope, &name, &[]).await?;
        let attributes = topic.attributes().await?;
        let parts: Vec<&str> = topic.arn.split(':').collect();
        let owner = attributes.get("Owner").map(String::as_str).unwrap_or_default();
        equal("the ARN", vec!["arn", "aws", "sns", scope.region(), owner, name.as_str()], parts)?;
        equal("TopicArn", Some(&topic.arn), attributes.get("TopicArn"))?;
        let subscriber = topic.subscriber().await?;
        let (of, id) = subscriber.subscription.rsplit_once(':').unwrap_or_default();
        equal("the subscription's topic", topic.arn.as_str(), of)?;
        holds("a UUID", is_uuid(id), id)
    }
}

case! {
    /// Creating a topic again gives back the one there is, if no more is asked for than it has.
    pub AGAIN = "sns.topic.create_again",
    clauses: ["sns.topic.create-idempotent", "sns.topic.create-attr-conflict"],
    cost: 16 requests, 5 seconds,
    protocols: [Query],
    async fn create_again(scope) {
        let name = scope.name("topic");
        let has = [("DisplayName", "one"), ("DeliveryPolicy", r#"{"http":{"disableSubscriptionOverrides":true}}"#)];
        let topic = create_topic(scope, &name, &has).await?;
        let spaced = [("DeliveryPolicy", r#"{ "http": { "disableSubscriptionOverrides": true } }"#)];
        for attributes in [&has[..], &has[..1], &has[1..], &spaced[..], &[], &[("FifoTopic", "false")]] {
            let again = create_topic(scope, &name, attributes).await?;
            equal("the same topic", &topic.arn, &again.arn)?;
        }
        let before = topic.attributes().await?;
        let text = "Attributes Reason: Topic already exists with different attributes";
        for (name_of, value) in [("DisplayName", "other"), ("TracingConfig", "Active"), ("DisplayName", "")] {
            let result = scope.creating_topic(&name)?.attributes(name_of, value).send().await;
            invalid(scope, result, text)?;
        }
        equal("nothing has changed", before, topic.attributes().await?)
    }
}

case! {
    /// The defaults of a FIFO topic count as its attributes; asking for others is a conflict.
    pub FIFO_AGAIN = "sns.topic.create_fifo_again",
    clauses: ["sns.topic.create-idempotent", "sns.topic.create-attr-conflict"],
    cost: 8 requests, 5 seconds,
    protocols: [Query],
    async fn create_fifo_again(scope) {
        let topic = fifo_topic_with(scope, &[]).await?;
        let name = topic.arn.rsplit(':').next().unwrap_or_default();
        let again = create_topic(scope, name, &[("FifoTopic", "true"), ("ContentBasedDeduplication", "false")]).await?;
        equal("the same topic", &topic.arn, &again.arn)?;
        let create = scope.creating_topic(name)?.attributes("FifoTopic", "true");
        let result = create.attributes("ContentBasedDeduplication", "true").send().await;
        invalid(scope, result, "Attributes Reason: Topic already exists with different attributes")
    }
}

case! {
    /// Creating a topic again with other tags is a conflict; one key twice is refused.
    pub TAGS = "sns.topic.create_with_tags",
    clauses: ["sns.topic.create-idempotent", "sns.topic.create-tag-conflict", "sns.topic.dup-tag-keys"],
    cost: 12 requests, 5 seconds,
    protocols: [Query],
    async fn create_with_tags(scope) {
        let name = scope.name("tagged");
        let create = || Ok::<_, Stop>(scope.creating_topic(&name)?.tags(tag("one", "1")?));
        let arn = text(create()?.tags(tag("two", "2")?).send().await?.topic_arn());
        equal("some of its tags", Some(arn.as_str()), create()?.send().await?.topic_arn())?;
        let conflict = "Tags Reason: Topic already exists with different tags";
        invalid(scope, create()?.tags(tag("three", "3")?).send().await, conflict)?;
        invalid(scope, scope.creating_topic(&name)?.tags(tag("one", "other")?).send().await, conflict)?;
        let twice = "Duplicated keys are not allowed.";
        invalid(scope, create()?.tags(tag("one", "2")?).send().await, twice)?;
        let result = scope.sns().tag_resource().resource_arn(&arn).tags(tag("k", "1")?).tags(tag("k", "1")?).send().await;
        invalid(scope, result, twice)?;
        let tags = scope.sns().list_tags_for_resource().resource_arn(&arn).send().await?;
        equal("still two tags", 2, tags.tags().len())
    }
}

case! {
    /// A standard topic may be created as such in so many words; no topic changes its type.
    pub FIFO_FALSE = "sns.topic.fifo_false",
    clauses: ["sns.topic.fifo-false"],
    cost: 8 requests, 5 seconds,
    protocols: [Query],
    async fn fifo_false(scope) {
        let standard = topic_with(scope, &[("FifoTopic", "false")]).await?;
        let fifo = fifo_topic_with(scope, &[]).await?;
        for (topic, value) in [(&standard, "true"), (&standard, "false"), (&fifo, "false")] {
            let set = scope.sns().set_topic_attributes().topic_arn(&topic.arn).attribute_name("FifoTopic");
            invalid(scope, set.attribute_value(value).send().await, "AttributeName")?;
        }
        equal("still FIFO", Some("true"), fifo.attributes().await?.get("FifoTopic").map(String::as_str))
    }
}

case! {
    /// A topic can be deleted twice, and its subscriptions go with it.
    pub DELETE = "sns.topic.delete_twice",
    clauses: ["sns.topic.delete-idempotent", "sns.topic.missing", "sns.sub.survives-topic-delete"],
    cost: 10 requests, 10 seconds,
    protocols: [Query],
    async fn delete_twice(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        for _ in 0..2 {
            scope.sns().delete_topic().topic_arn(&topic.arn).send().await?;
        }
        no_topic(scope, scope.sns().get_topic_attributes().topic_arn(&topic.arn).send().await)?;
        let still = scope.sns().get_subscription_attributes().subscription_arn(&subscriber.subscription).send().await;
        let seen = match &still {
            Ok(_) => "it answers".to_owned(),
            Err(error) => ErrorView::of(error).map_or_else(String::new, |view| view.to_string()),
        };
        scope.observe("sns.sub.survives-topic-delete", format!("the subscription of a deleted topic: {seen}"));
        let malformed = scope.sns().delete_topic().topic_arn("arn:aws:sns").send().await;
        invalid(scope, malformed, "TopicArn Reason: An ARN must have at least 6 elements, not 3")
    }
}

case! {
    /// What a deleted topic had accepted may be lost.
    pub DELETE_LOSES = "sns.topic.delete_after_publish",
    clauses: ["sns.topic.delete-loses-messages"],
    cost: 20 requests, 80 seconds,
    protocols: [Query],
    async fn delete_after_publish(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        for number in 0..5 {
            topic.publish(&number.to_string()).await?;
        }
        scope.sns().delete_topic().topic_arn(&topic.arn).send().await?;
        let arrived = subscriber.drain().await?.len();
        scope.observe("sns.topic.delete-loses-messages", format!("{arrived} of 5 arrived after the topic was deleted"));
        Ok(())
    }
}

case! {
    /// A name is free as soon as its topic is deleted. The new topic has nothing of the old one.
    pub RECREATE = "sns.topic.recreate",
    clauses: ["sns.topic.recreate-immediate", "sns.topic.delete-loses-messages"],
    cost: 20 requests, 80 seconds,
    protocols: [Query],
    async fn recreate(scope) {
        let name = scope.name("topic");
        let arn = text(scope.creating_topic(&name)?.tags(tag("k", "old")?).send().await?.topic_arn());
        let old = Topic { scope, arn: arn.clone() };
        old.set("DisplayName", "old").await?;
        let subscriber = old.subscriber().await?;
        scope.sns().delete_topic().topic_arn(&arn).send().await?;
        let again = scope.creating_topic(&name)?.tags(tag("k", "new")?).send().await?;
        equal("the same ARN", Some(arn.as_str()), again.topic_arn())?;
        let tags = scope.sns().list_tags_for_resource().resource_arn(&arn).send().await?;
        equal("the new tag", vec![tag("k", "new")?], tags.tags().to_vec())?;
        equal("no display name", Some(""), old.attributes().await?.get("DisplayName").map(String::as_str))?;
        let listed = scope.sns().list_subscriptions_by_topic().topic_arn(&arn).send().await?;
        equal("no subscriptions", 0, listed.subscriptions().len())?;
        old.publish("for the new topic").await?;
        scope.observe("sns.topic.delete-loses-messages", "the subscriptions of a deleted topic are gone");
        subscriber.expect("what the old subscriber gets", &[]).await
    }
}

case! {
    /// Whatever is asked of a topic that does not exist is answered NotFound; by the tags, ResourceNotFound.
    pub MISSING = "sns.topic.missing_topic",
    clauses: ["sns.topic.missing", "sns.sub.unknown-topic", "sns.publish.unknown-topic", "sns.perm.remove", "sns.sub.list-by-topic",
        "sns.tags.limits", "wire.sns.code-map"],
    cost: 14 requests, 5 seconds,
    protocols: [Query],
    async fn missing_topic(scope) {
        let real = topic(scope).await?;
        let (arn, sns) = (format!("{}-missing", real.arn), scope.sns());
        let missing = Topic { scope, arn: arn.clone() };
        no_topic(scope, sns.get_topic_attributes().topic_arn(&arn).send().await)?;
        let set = sns.set_topic_attributes().topic_arn(&arn).attribute_name("DisplayName").attribute_value("x");
        no_topic(scope, set.send().await)?;
        no_topic(scope, missing.subscribe("sqs", &real.queue_arn("q"), &[]).send().await)?;
        no_topic(scope, sns.list_subscriptions_by_topic().topic_arn(&arn).send().await)?;
        no_topic(scope, missing.message("x").send().await)?;
        let add = sns.add_permission().topic_arn(&arn).label("l").aws_account_id("111111111111").action_name("Publish");
        no_topic(scope, add.send().await)?;
        no_topic(scope, sns.remove_permission().topic_arn(&arn).label("l").send().await)?;
        let text = "Resource does not exist";
        let tagged = sns.tag_resource().resource_arn(&arn).tags(tag("k", "v")?).send().await;
        refused(scope, tagged, "ResourceNotFound", 404, text)?;
        let untagged = sns.untag_resource().resource_arn(&arn).tag_keys("k").send().await;
        refused(scope, untagged, "ResourceNotFound", 404, text)?;
        refused(scope, sns.list_tags_for_resource().resource_arn(&arn).send().await, "ResourceNotFound", 404, text)
    }
}

case! {
    /// An ARN with too few parts is told how many it has; one of another service or Region is no TopicArn.
    pub BAD_ARN = "sns.topic.bad_arns",
    clauses: ["sns.topic.bad-arn", "sns.topic.wrong-region"],
    cost: 20 requests, 5 seconds,
    protocols: [Query],
    async fn bad_arns(scope) {
        let topic = topic(scope).await?;
        for (arn, parts) in [("", 1), ("no-arn", 1), ("arn:aws:sns", 3), ("arn:aws:sns:us-east-1:111111111111", 5)] {
            let bad = Topic { scope, arn: arn.to_owned() };
            let text = format!("TopicArn Reason: An ARN must have at least 6 elements, not {parts}");
            invalid(scope, bad.message("x").send().await, &text)?;
            invalid(scope, bad.subscribe("sqs", &topic.queue_arn("q"), &[]).send().await, &text)?;
            invalid(scope, scope.sns().get_topic_attributes().topic_arn(arn).send().await, &text)?;
        }
        let elsewhere = if scope.region() == "eu-west-1" { "us-east-1" } else { "eu-west-1" };
        let other_region = topic.arn.replace(scope.region(), elsewhere);
        for arn in [other_region, topic.arn.replace(":sns:", ":sqs:"), format!("{}:sub", topic.arn)] {
            let bad = Topic { scope, arn: arn.clone() };
            invalid(scope, bad.message("x").send().await, "TopicArn")?;
            invalid(scope, bad.subscribe("sqs", &topic.queue_arn("q"), &[]).send().await, "TopicArn")?;
            invalid(scope, scope.sns().get_topic_attributes().topic_arn(&arn).send().await, "TopicArn")?;
            invalid(scope, scope.sns().delete_topic().topic_arn(&arn).send().await, "TopicArn")?;
        }
        Ok(())
    }
}

case! {
    /// One name in two Regions names two topics.
    pub PER_REGION = "sns.topic.names_per_region",
    clauses: ["sns.topic.names-per-region", "sns.topic.wrong-region"],
    cost: 10 requests, 5 seconds,
    protocols: [Query],
    // The ledger knows one Region, so that a topic in another could be left behind elsewhere.
    needs: [Insight],
    async fn names_per_region(scope) {
        let name = scope.name("topic");
        let here = create_topic(scope, &name, &[("DisplayName", "here")]).await?;
        let other = sns_in(scope, "eu-west-1")?;
        let created = other.create_topic().name(&name).attributes("DisplayName", "there").send().await?;
        let there = text(created.topic_arn());
        equal("its own ARN", here.arn.replace(scope.region(), "eu-west-1"), there.clone())?;
        let shown = other.get_topic_attributes().topic_arn(&there).send().await?.attributes.unwrap_or_default();
        equal("its own attributes", Some("there"), shown.get("DisplayName").map(String::as_str))?;
        let listed = other.list_topics().send().await?;
        equal("one topic there", vec![Some(there.as_str())], listed.topics().iter().map(|topic| topic.topic_arn()).collect())?;
        invalid(scope, scope.sns().publish().topic_arn(&there).message("x").send().await, "TopicArn")?;
        other.delete_topic().topic_arn(&there).send().await?;
        equal("the other is still there", Some("here"), here.attributes().await?.get("DisplayName").map(String::as_str))
    }
}

case! {
    /// Every operation wants its required members, and says where one is missing.
    pub REQUIRED = "sns.topic.required_members",
    clauses: ["wire.sns.validation-error"],
    cost: 10 requests, 5 seconds,
    protocols: [Query],
    async fn required_members(scope) {
        let (topic, sns) = (topic(scope).await?, scope.sns());
        let text = |path: &str| {
            format!("1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null")
        };
        refused(scope, sns.create_topic().send().await, "ValidationError", 400, &text("name"))?;
        refused(scope, sns.get_topic_attributes().send().await, "ValidationError", 400, &text("topicArn"))?;
        let set = sns.set_topic_attributes().topic_arn(&topic.arn).send().await;
        refused(scope, set, "ValidationError", 400, &text("attributeName"))?;
        let subscribed = sns.subscribe().topic_arn(&topic.arn).send().await;
        refused(scope, subscribed, "ValidationError", 400, &text("protocol"))?;
        let published = sns.publish().topic_arn(&topic.arn).send().await;
        refused(scope, published, "ValidationError", 400, &text("message"))?;
        let typeless = topic.message("x").message_attributes("attr1", attribute("", "v")?).send().await;
        refused(scope, typeless, "ValidationError", 400, &text("messageAttributes.attr1.member.dataType"))
    }
}
