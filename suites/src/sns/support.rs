//! What the cases of SNS share: topics with queues behind them, envelopes, and patience.
//!
//! A topic may deliver twice, late and in any order, and a changed filter policy may take a quarter of an hour:
//! everything here tolerates what the documentation permits.

use crate::sqs::support::{Queue, create, equal, holds, refused, text};
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::builders::PublishFluentBuilder;
use aws_sdk_sns::operation::subscribe::builders::SubscribeFluentBuilder;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use proofmark_conform::{Scope, Stop};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

/// How long nothing must have come from a topic until nothing is taken to come any more.
pub(crate) const QUIET: Duration = Duration::from_secs(5);
/// The longest that a changed filter policy may take.
pub(crate) const FILTER_PROPAGATION: Duration = Duration::from_secs(901);

/// A topic of this case.
pub(crate) struct Topic<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) arn: String,
}

/// A standard topic.
pub(crate) async fn topic(scope: &Scope) -> Result<Topic<'_>, Stop> {
    topic_with(scope, &[]).await
}

/// A standard topic with some attributes set.
pub(crate) async fn topic_with<'a>(scope: &'a Scope, attributes: &[(&str, &str)]) -> Result<Topic<'a>, Stop> {
    create_topic(scope, &scope.name(&scope.fresh("topic")), attributes).await
}

/// A FIFO topic that wants a deduplication id with every message.
pub(crate) async fn fifo_topic(scope: &Scope) -> Result<Topic<'_>, Stop> {
    fifo_topic_with(scope, &[]).await
}

/// A FIFO topic with some attributes set.
pub(crate) async fn fifo_topic_with<'a>(scope: &'a Scope, attributes: &[(&str, &str)]) -> Result<Topic<'a>, Stop> {
    let attributes = [&[("FifoTopic", "true")], attributes].concat();
    create_topic(scope, &scope.fifo_name(&scope.fresh("topic")), &attributes).await
}

/// A topic of this name.
pub(crate) async fn create_topic<'a>(
    scope: &'a Scope,
    name: &str,
    attributes: &[(&str, &str)],
) -> Result<Topic<'a>, Stop> {
    let mut request = scope.creating_topic(name)?;
    for (attribute, value) in attributes {
        request = request.attributes(*attribute, *value);
    }
    let arn = text(request.send().await?.topic_arn());
    Ok(Topic { scope, arn })
}

/// A queue that a topic may send to, and its ARN.
pub(crate) struct Subscriber<'a> {
    pub(crate) queue: Queue<'a>,
    pub(crate) arn: String,
    /// The subscription.
    pub(crate) subscription: String,
}

impl<'a> Topic<'a> {
    /// A publish to this topic, to be completed.
    pub(crate) fn message(&self, message: &str) -> PublishFluentBuilder {
        self.scope.sns().publish().topic_arn(&self.arn).message(message)
    }

    /// Publishes a message; its id.
    pub(crate) async fn publish(&self, message: &str) -> Result<String, Stop> {
        Ok(text(self.message(message).send().await?.message_id()))
    }

    /// Publishes a message of a FIFO topic, deduplicated by its text; its id.
    pub(crate) async fn publish_to_group(&self, group: &str, message: &str) -> Result<String, Stop> {
        let request = self.message(message).message_group_id(group).message_deduplication_id(message);
        Ok(text(request.send().await?.message_id()))
    }

    /// A standard queue of this topic's owner that the topic may send to. It is not subscribed.
    pub(crate) async fn queue(&self, attributes: &[(QueueAttributeName, &str)]) -> Result<(Queue<'a>, String), Stop> {
        let name = self.scope.name(&self.scope.fresh("queue"));
        self.allowed_queue(name, attributes).await
    }

    /// The same with a FIFO queue.
    pub(crate) async fn fifo_queue(&self) -> Result<(Queue<'a>, String), Stop> {
        let name = self.scope.fifo_name(&self.scope.fresh("queue"));
        self.allowed_queue(name, &[(QueueAttributeName::FifoQueue, "true")]).await
    }

    async fn allowed_queue(
        &self,
        name: String,
        attributes: &[(QueueAttributeName, &str)],
    ) -> Result<(Queue<'a>, String), Stop> {
        // With the queue, not after it: a changed policy may take a minute to be in force.
        let arn = self.queue_arn(&name);
        let policy = policy(&arn, &self.arn);
        let attributes = [attributes, &[(QueueAttributeName::Policy, policy.as_str())]].concat();
        let queue = create(self.scope, name, &attributes).await?;
        Ok((queue, arn))
    }

    /// The ARN of a queue of the topic's account and Region.
    pub(crate) fn queue_arn(&self, name: &str) -> String {
        let account = self.arn.rsplit_once(':').map_or("", |(account, _)| account);
        format!("{}:{name}", account.replacen(":sns:", ":sqs:", 1))
    }

    /// Subscribes a standard queue with default attributes.
    pub(crate) async fn subscriber(&self) -> Result<Subscriber<'a>, Stop> {
        self.subscriber_with(&[]).await
    }

    /// Subscribes a standard queue, with these attributes of the subscription.
    pub(crate) async fn subscriber_with(&self, attributes: &[(&str, &str)]) -> Result<Subscriber<'a>, Stop> {
        let (queue, arn) = self.queue(&[]).await?;
        self.subscribe_queue(queue, arn, attributes).await
    }

    /// Subscribes a FIFO queue.
    pub(crate) async fn fifo_subscriber(&self) -> Result<Subscriber<'a>, Stop> {
        let (queue, arn) = self.fifo_queue().await?;
        self.subscribe_queue(queue, arn, &[]).await
    }

    /// Subscribes a queue that the topic may send to.
    pub(crate) async fn subscribe_queue(
        &self,
        queue: Queue<'a>,
        arn: String,
        attributes: &[(&str, &str)],
    ) -> Result<Subscriber<'a>, Stop> {
        let answer = self.subscribe("sqs", &arn, attributes).send().await?;
        Ok(Subscriber { queue, arn, subscription: text(answer.subscription_arn()) })
    }

    /// A Subscribe call that returns the ARN, to be completed.
    pub(crate) fn subscribe(
        &self,
        protocol: &str,
        endpoint: &str,
        attributes: &[(&str, &str)],
    ) -> SubscribeFluentBuilder {
        let mut request = self.scope.sns().subscribe().topic_arn(&self.arn).protocol(protocol).endpoint(endpoint);
        for (attribute, value) in attributes {
            request = request.attributes(*attribute, *value);
        }
        request.return_subscription_arn(true)
    }

    /// Every attribute that is set.
    pub(crate) async fn attributes(&self) -> Result<BTreeMap<String, String>, Stop> {
        let answer = self.scope.sns().get_topic_attributes().topic_arn(&self.arn).send().await?;
        Ok(answer.attributes.unwrap_or_default().into_iter().collect())
    }

    /// Sets one attribute.
    pub(crate) async fn set(&self, attribute: &str, value: &str) -> Result<(), Stop> {
        let request = self.scope.sns().set_topic_attributes().topic_arn(&self.arn);
        request.attribute_name(attribute).attribute_value(value).send().await?;
        Ok(())
    }
}

impl Subscriber<'_> {
    /// Every attribute of the subscription that is set.
    pub(crate) async fn attributes(&self) -> Result<BTreeMap<String, String>, Stop> {
        subscription_attributes(self.queue.scope, &self.subscription).await
    }

    /// Sets one attribute of the subscription.
    pub(crate) async fn set(&self, attribute: &str, value: &str) -> Result<(), Stop> {
        let request = self.queue.scope.sns().set_subscription_attributes().subscription_arn(&self.subscription);
        request.attribute_name(attribute).attribute_value(value).send().await?;
        Ok(())
    }

    /// Receives and deletes one message, sooner or later.
    pub(crate) async fn take(&self) -> Result<Message, Stop> {
        let message = self.queue.receive().await?;
        self.queue.delete(&message).await?;
        Ok(message)
    }

    /// The envelope of one message, sooner or later.
    pub(crate) async fn envelope(&self) -> Result<Value, Stop> {
        envelope(&self.take().await?)
    }

    /// The `Message`s of all envelopes that come until it is quiet, each once.
    pub(crate) async fn drain(&self) -> Result<BTreeSet<String>, Stop> {
        let bodies = self.queue.drain(QUIET).await?;
        let ids: Vec<Value> = bodies.iter().map(|body| id_of(body)).collect();
        let repeated = ids.iter().enumerate().filter(|(at, id)| ids[..*at].contains(id)).count();
        if repeated > 0 {
            self.queue.scope.observe("sns.publish.at-least-once", format!("{repeated} of {} came again", ids.len()));
        }
        bodies.iter().map(|body| message_of(body)).collect()
    }

    /// Wants exactly these messages to come, in whatever order and however often.
    pub(crate) async fn expect(&self, what: &str, messages: &[&str]) -> Result<(), Stop> {
        let expected: BTreeSet<String> = messages.iter().map(|message| (*message).to_owned()).collect();
        equal(what, expected, self.drain().await?)
    }
}

/// Every attribute of a subscription that is set.
pub(crate) async fn subscription_attributes(scope: &Scope, arn: &str) -> Result<BTreeMap<String, String>, Stop> {
    let answer = scope.sns().get_subscription_attributes().subscription_arn(arn).send().await?;
    Ok(answer.attributes.unwrap_or_default().into_iter().collect())
}

/// Fails unless the call was refused with `InvalidParameter` and this text behind `Invalid parameter: `.
pub(crate) fn invalid<T: Debug, E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static>(
    scope: &Scope,
    result: Result<T, SdkError<E>>,
    text: &str,
) -> Result<(), Stop> {
    let text = if text.is_empty() { String::new() } else { format!("Invalid parameter: {text}") };
    refused(scope, result, "InvalidParameter", 400, &text)
}

/// Fails unless the call was refused because there is no such topic.
pub(crate) fn no_topic<T: Debug, E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static>(
    scope: &Scope,
    result: Result<T, SdkError<E>>,
) -> Result<(), Stop> {
    refused(scope, result, "NotFound", 404, "Topic does not exist")
}

/// A queue policy that lets a topic send.
pub(crate) fn policy(queue: &str, topic: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"sns.amazonaws.com"}},"Action":"sqs:SendMessage","Resource":"{queue}","Condition":{{"ArnEquals":{{"aws:SourceArn":"{topic}"}}}}}}]}}"#
    )
}

/// The envelope in a message.
pub(crate) fn envelope(message: &Message) -> Result<Value, Stop> {
    let body = text(message.body());
    serde_json::from_str(&body)
        .map_err(|error| Stop::mismatch("the body is an envelope", "JSON", format!("{error}: {body}")))
}

fn id_of(body: &str) -> Value {
    serde_json::from_str::<Value>(body).unwrap_or_default()["MessageId"].take()
}

/// The `Message` of the envelope in a body.
pub(crate) fn message_of(body: &str) -> Result<String, Stop> {
    let envelope: Value = serde_json::from_str(body).unwrap_or_default();
    let message = envelope["Message"].as_str();
    holds("the body is an envelope with a Message", message.is_some(), body)?;
    Ok(text(message))
}

/// A message attribute with a text: `String`, `Number`, `String.Array` or another type.
pub(crate) fn attribute(data_type: &str, value: &str) -> Result<MessageAttributeValue, Stop> {
    Ok(MessageAttributeValue::builder().data_type(data_type).string_value(value).build()?)
}
