//! Subscriptions: protocols and endpoints, attributes, subscribing again, unsubscribing, listing.

use super::support::{Subscriber, Topic, create_topic, envelope, invalid, subscription_attributes, topic};
use crate::sqs::support::{Queue, equal, holds, refused, seconds, text};
use aws_sdk_sns::types::Subscription;
use proofmark_conform::{Scope, Stop, case};
use std::collections::BTreeSet;

pub(super) const MAIL: &str = "success@simulator.amazonses.com";
/// The ARN that a pending subscription has for who did not ask for it.
const PENDING: &str = "pending confirmation";
const CONFLICT: &str = "Attributes Reason: Subscription already exists with different attributes";

/// The account that owns a topic.
fn account(topic: &Topic<'_>) -> String {
    topic.arn.split(':').nth(4).unwrap_or_default().to_owned()
}

/// The ARN of something in another service, in the topic's account and Region.
fn arn_in(topic: &Topic<'_>, service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{}:{}:{resource}", topic.scope.region(), account(topic))
}

async fn listed(topic: &Topic<'_>) -> Result<Vec<Subscription>, Stop> {
    let answer = topic.scope.sns().list_subscriptions_by_topic().topic_arn(&topic.arn).send().await?;
    Ok(answer.subscriptions.unwrap_or_default())
}

case! {
    /// Subscribe knows nine protocols, and each has endpoints of its kind.
    pub PROTOCOLS = "sns.sub.known_protocols",
    clauses: ["sns.sub.protocols", "sns.sub.auto-confirm"],
    cost: 30 requests, 8 seconds,
    protocols: [Query],
    async fn known_protocols(scope) {
        let topic = topic(scope).await?;
        let role = arn_in(&topic, "iam", "role/stream").replace(&format!(":{}:", scope.region()), "::");
        let stream = [("SubscriptionRoleArn", role.as_str())];
        let good = [
            ("email", MAIL.to_owned(), &[][..], "true"),
            ("email-json", MAIL.to_owned(), &[], "true"),
            ("sms", "+14255550100".to_owned(), &[], "false"),
            ("sqs", topic.queue_arn("queue"), &[], "false"),
            ("lambda", arn_in(&topic, "lambda", "function:one"), &[], "false"),
            ("firehose", arn_in(&topic, "firehose", "deliverystream/one"), &stream, "false"),
        ];
        for (protocol, endpoint, attributes, pending) in &good {
            let arn = text(topic.subscribe(protocol, endpoint, attributes).send().await?.subscription_arn());
            let shown = subscription_attributes(scope, &arn).await?;
            let value = |name: &str| shown.get(name).map(String::as_str).unwrap_or_default();
            let expected = (*protocol, endpoint.as_str(), *pending);
            equal("protocol, endpoint, pending", expected, (value("Protocol"), value("Endpoint"), value("PendingConfirmation")))?;
            if *pending == "false" && *protocol != "sms" {
                equal(protocol, "true", value("ConfirmationWasAuthenticated"))?;
            }
        }
        let bad = [("sqs", "queue"), ("lambda", "function"), ("firehose", "stream"), ("application", "device"),
            ("email", "nobody"), ("email", "@example.com"), ("http", "https://example.com/"), ("https", "http://example.com/"), ("https", "example.com")];
        for (protocol, endpoint) in bad {
            invalid(scope, topic.subscribe(protocol, endpoint, &stream[..0]).send().await, "")?;
        }
        let without_role = topic.subscribe("firehose", &good[5].1.replace("/one", "/two"), &[]).send().await;
        invalid(scope, without_role, "")?;
        equal("none of these was subscribed", good.len(), listed(&topic).await?.len())
    }
}

case! {
    /// Any other protocol is refused by name.
    pub UNKNOWN_PROTOCOL = "sns.sub.unknown_protocols",
    clauses: ["sns.sub.protocols"],
    cost: 8 requests, 4 seconds,
    protocols: [Query],
    async fn unknown_protocols(scope) {
        let topic = topic(scope).await?;
        for protocol in ["queue", "SQS", "email_json", ""] {
            let result = topic.subscribe(protocol, &topic.queue_arn("queue"), &[]).send().await;
            invalid(scope, result, &format!("Amazon SNS does not support this protocol string: {protocol}"))?;
        }
        let nowhere = scope.sns().subscribe().topic_arn(&topic.arn).protocol("sqs").send().await;
        invalid(scope, nowhere, "")?;
        equal("nothing was subscribed", 0, listed(&topic).await?.len())
    }
}

case! {
    /// The endpoint of an sqs subscription is the ARN of a queue, which need not be there.
    pub SQS_ENDPOINT = "sns.sub.sqs_endpoints",
    clauses: ["sns.sub.sqs-endpoint"],
    cost: 10 requests, 4 seconds,
    protocols: [Query],
    async fn sqs_endpoints(scope) {
        let topic = topic(scope).await?;
        let url = format!("https://sqs.{}.amazonaws.com/{}/queue", scope.region(), account(&topic));
        for wrong in [url.as_str(), "arn:aws:sqs", "", &topic.arn, &arn_in(&topic, "lambda", "function:one")] {
            invalid(scope, topic.subscribe("sqs", wrong, &[]).send().await, "SQS endpoint ARN")?;
        }
        let missing = topic.queue_arn(&scope.name("missing"));
        topic.subscribe("sqs", &missing, &[]).send().await?;
        let endpoints: Vec<Option<String>> = listed(&topic).await?.into_iter().map(|one| one.endpoint).collect();
        equal("one subscription", vec![Some(missing)], endpoints)
    }
}

case! {
    /// Own queues are confirmed from the start; mail, and queues of other accounts, begin as pending.
    pub AUTO_CONFIRM = "sns.sub.confirmed_or_pending",
    clauses: ["sns.sub.auto-confirm", "sns.sub.pending-response"],
    cost: 12 requests, 4 seconds,
    protocols: [Query],
    async fn confirmed_or_pending(scope) {
        let topic = topic(scope).await?;
        let foreign = topic.queue_arn("queue").replace(&account(&topic), "123456789012");
        for (protocol, endpoint) in [("email", MAIL), ("sqs", foreign.as_str())] {
            let request = topic.subscribe(protocol, endpoint, &[]);
            let answered = request.clone().return_subscription_arn(false).send().await?;
            equal("in place of the ARN", Some(PENDING), answered.subscription_arn())?;
            let arn = text(request.send().await?.subscription_arn());
            holds("the ARN, if it is asked for", arn.starts_with(&topic.arn), &arn)?;
            let shown = subscription_attributes(scope, &arn).await?;
            equal("pending", Some("true"), shown.get("PendingConfirmation").map(String::as_str))?;
            equal("authenticated", Some("false"), shown.get("ConfirmationWasAuthenticated").map(String::as_str))?;
        }
        let request = topic.subscribe("sqs", &topic.queue_arn("queue"), &[]).return_subscription_arn(false);
        let own = text(request.send().await?.subscription_arn());
        let arns: Vec<String> = listed(&topic).await?.iter().map(|one| text(one.subscription_arn())).collect();
        let pending = "PendingConfirmation".to_owned();
        equal("in lists", vec![pending.clone(), pending, own], arns)
    }
}

case! {
    /// Subscribing again gives back the subscription there is, if no more is asked for than it has.
    pub AGAIN = "sns.sub.subscribe_again",
    clauses: ["sns.sub.idempotent"],
    cost: 18 requests, 5 seconds,
    protocols: [Query],
    async fn subscribe_again(scope) {
        let topic = topic(scope).await?;
        let endpoint = topic.queue_arn("queue");
        let has = [("RawMessageDelivery", "true"), ("FilterPolicy", r#"{"k":["v"]}"#)];
        let arn = text(topic.subscribe("sqs", &endpoint, &has).send().await?.subscription_arn());
        let spaced = [("FilterPolicy", r#"{ "k": [ "v" ] }"#), ("FilterPolicyScope", "MessageAttributes"), ("RedrivePolicy", "")];
        for attributes in [&has[..], &has[..1], &has[1..], &spaced[..], &[]] {
            let again = topic.subscribe("sqs", &endpoint, attributes).send().await?;
            equal("the same subscription", Some(arn.as_str()), again.subscription_arn())?;
        }
        let before = subscription_attributes(scope, &arn).await?;
        let redrive = format!(r#"{{"deadLetterTargetArn":"{}"}}"#, topic.queue_arn("dead"));
        for other in [("RawMessageDelivery", "false"), ("FilterPolicy", r#"{"k":["w"]}"#), ("RedrivePolicy", &redrive),
            ("FilterPolicyScope", "MessageBody"), ("FilterPolicy", "")] {
            invalid(scope, topic.subscribe("sqs", &endpoint, &[other]).send().await, CONFLICT)?;
        }
        equal("nothing has changed", before, subscription_attributes(scope, &arn).await?)?;
        let plain = topic.subscribe("sqs", &topic.queue_arn("plain"), &[]).send().await?;
        let same = topic.subscribe("sqs", &topic.queue_arn("plain"), &[("RawMessageDelivery", "false")]).send().await?;
        equal("a default is an attribute", plain.subscription_arn(), same.subscription_arn())?;
        let scoped = |scope: &'static str| topic.subscribe("sqs", &topic.queue_arn("plain"), &[("FilterPolicyScope", scope)]).send();
        equal("so is a scope", plain.subscription_arn(), scoped("MessageAttributes").await?.subscription_arn())?;
        invalid(scope, scoped("MessageBody").await, CONFLICT)?;
        equal("two subscriptions", 2, listed(&topic).await?.len())
    }
}

/// The subscriptions that a queue's messages came by, which their links to unsubscribe name.
async fn came_by(queue: &Queue<'_>) -> Result<BTreeSet<String>, Stop> {
    let mut links = BTreeSet::new();
    let deadline = queue.scope.now() + seconds(10);
    while queue.scope.now() < deadline {
        for message in queue.poll_once().await? {
            links.insert(text(envelope(&message)?["UnsubscribeURL"].as_str()));
            queue.delete(&message).await?;
        }
    }
    Ok(links)
}

case! {
    /// However often it is subscribed, an endpoint has one subscription, by which all messages come.
    pub NO_DUPLICATES = "sns.sub.subscribed_often",
    clauses: ["sns.sub.no-dup-delivery", "sns.sub.idempotent"],
    cost: 20 requests, 30 seconds,
    protocols: [Query],
    async fn subscribed_often(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        for _ in 0..3 {
            let again = topic.subscribe("sqs", &subscriber.arn, &[]).send().await?;
            equal("the same", Some(subscriber.subscription.as_str()), again.subscription_arn())?;
        }
        topic.publish("once").await?;
        let links = came_by(&subscriber.queue).await?;
        let own = links.iter().all(|link| link.contains(&subscriber.subscription));
        holds("all messages came by the one subscription", links.len() == 1 && own, &links)
    }
}

case! {
    /// Phone numbers are brought to one form; what is no number is refused.
    pub SMS_FORMAT = "sns.sub.phone_numbers",
    clauses: ["sns.sub.sms-format"],
    cost: 20 requests, 5 seconds,
    protocols: [Query],
    async fn phone_numbers(scope) {
        let topic = topic(scope).await?;
        for written in ["+14255550100", "+1-425-555-0100", "+1 425.555-0100"] {
            topic.subscribe("sms", written, &[]).send().await?;
        }
        let endpoints: Vec<Option<String>> = listed(&topic).await?.into_iter().map(|one| one.endpoint).collect();
        equal("one number", vec![Some("+14255550100".to_owned())], endpoints)?;
        for wrong in ["+1--4255550100", "+1 .4255550100", "+1425abc0100", "+14255550100.", "/14255550100", "+", "", "+-14255550100"] {
            invalid(scope, topic.subscribe("sms", wrong, &[]).send().await, &format!("Invalid SMS endpoint: {wrong}"))?;
        }
        equal("still one", 1, listed(&topic).await?.len())
    }
}

async fn refuse_set(subscriber: &Subscriber<'_>, name: &str, value: &str, text: &str) -> Result<(), Stop> {
    let scope = subscriber.queue.scope;
    let set = scope.sns().set_subscription_attributes().subscription_arn(&subscriber.subscription);
    invalid(scope, set.attribute_name(name).attribute_value(value).send().await, text)
}

case! {
    /// Seven attributes can be set, each is read back, and every other name is refused.
    pub ATTRIBUTES = "sns.sub.settable_attributes",
    clauses: ["sns.sub.attr-names", "sns.sub.get-fields"],
    cost: 34 requests, 15 seconds,
    protocols: [Query],
    async fn settable_attributes(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let before = subscriber.attributes().await?;
        for name in ["", "rawmessagedelivery", "Endpoint", "Protocol", "Owner", "PendingConfirmation", "ReplayPolicy", "DisplayName"] {
            refuse_set(&subscriber, name, "true", "AttributeName").await?;
            let result = topic.subscribe("sqs", &topic.queue_arn("other"), &[(name, "true")]).send().await;
            invalid(scope, result, "AttributeName")?;
        }
        equal("nothing has changed", before.clone(), subscriber.attributes().await?)?;
        let redrive = format!(r#"{{"deadLetterTargetArn":"{}"}}"#, topic.queue_arn("dead"));
        let policy = r#"{"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":2,"numRetries":3}}"#;
        let set = [("FilterPolicy", r#"{"k":["v"]}"#), ("FilterPolicyScope", "MessageBody"), ("RawMessageDelivery", "true"),
            ("RedrivePolicy", &redrive), ("DeliveryPolicy", policy), ("SubscriptionRoleArn", "arn:aws:iam::111111111111:role/r")];
        for (name, value) in set {
            subscriber.set(name, value).await?;
            equal(name, Some(value), subscriber.attributes().await?.get(name).map(String::as_str))?;
        }
        for (name, value) in set {
            let default = ["FilterPolicyScope", "RawMessageDelivery"].contains(&name);
            let value = if !default { "" } else if value == "true" { "false" } else { "MessageAttributes" };
            subscriber.set(name, value).await?;
        }
        equal("as at first", before, subscriber.attributes().await?)
    }
}

case! {
    /// RawMessageDelivery is true or false, and nothing else.
    pub RAW_VALUES = "sns.sub.raw_message_delivery",
    clauses: ["sns.sub.raw-values"],
    cost: 16 requests, 8 seconds,
    protocols: [Query],
    async fn raw_message_delivery(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        subscriber.set("RawMessageDelivery", "true").await?;
        for wrong in ["x", "1", "yes", ""] {
            let text = format!("RawMessageDelivery: Invalid value [{wrong}]. Must be true or false.");
            refuse_set(&subscriber, "RawMessageDelivery", wrong, &text).await?;
            let result = topic.subscribe("sqs", &topic.queue_arn("other"), &[("RawMessageDelivery", wrong)]).send().await;
            invalid(scope, result, &format!("Attributes Reason: {text}"))?;
        }
        equal("still raw", Some("true"), subscriber.attributes().await?.get("RawMessageDelivery").map(String::as_str))?;
        let raw = [("RawMessageDelivery", "true")];
        for (protocol, endpoint) in [("email", MAIL), ("sms", "+14255550100")] {
            invalid(scope, topic.subscribe(protocol, endpoint, &raw).send().await, "")?;
        }
        equal("one subscription", 1, listed(&topic).await?.len())
    }
}

case! {
    /// What GetSubscriptionAttributes shows of a new subscription, and what only once there is a filter policy.
    pub FIELDS = "sns.sub.shown_attributes",
    clauses: ["sns.sub.get-fields"],
    cost: 8 requests, 5 seconds,
    protocols: [Query],
    async fn shown_attributes(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let shown = subscriber.attributes().await?;
        let expected = ["ConfirmationWasAuthenticated", "Endpoint", "Owner", "PendingConfirmation", "Protocol", "RawMessageDelivery",
            "SubscriptionArn", "SubscriptionPrincipal", "TopicArn"];
        equal("the attributes", expected.to_vec(), shown.keys().map(String::as_str).collect())?;
        let owner = account(&topic);
        let values = [("Endpoint", subscriber.arn.as_str()), ("Owner", &owner), ("PendingConfirmation", "false"),
            ("ConfirmationWasAuthenticated", "true"), ("Protocol", "sqs"), ("RawMessageDelivery", "false"),
            ("SubscriptionArn", &subscriber.subscription), ("TopicArn", &topic.arn)];
        for (name, value) in values {
            equal(name, Some(value), shown.get(name).map(String::as_str))?;
        }
        let principal = shown.get("SubscriptionPrincipal").cloned().unwrap_or_default();
        holds("an ARN of the account", principal.starts_with("arn:aws:") && principal.contains(&owner), &principal)?;
        subscriber.set("FilterPolicy", r#"{"k":["v"]}"#).await?;
        let scope_of = subscriber.attributes().await?;
        equal("the scope of the filter", Some("MessageAttributes"), scope_of.get("FilterPolicyScope").map(String::as_str))
    }
}

case! {
    /// A subscription that does not exist has no attributes to read or set.
    pub MISSING = "sns.sub.missing_subscription",
    clauses: ["sns.sub.get-missing"],
    cost: 8 requests, 4 seconds,
    protocols: [Query],
    async fn missing_subscription(scope) {
        let topic = topic(scope).await?;
        let missing = format!("{}:11111111-2222-4333-8444-555555555555", topic.arn);
        let get = |arn: &str| scope.sns().get_subscription_attributes().subscription_arn(arn).send();
        refused(scope, get(&missing).await, "NotFound", 404, "Subscription does not exist")?;
        let set = scope.sns().set_subscription_attributes().subscription_arn(&missing).attribute_name("RawMessageDelivery");
        refused(scope, set.attribute_value("true").send().await, "NotFound", 404, "Subscription does not exist")?;
        let short = "SubscriptionArn Reason: An ARN must have at least 6 elements, not 2";
        invalid(scope, get("arn:aws").await, short)
    }
}

case! {
    /// Unsubscribe takes any well-formed ARN of a subscription, there or not, and nothing else.
    pub UNSUBSCRIBE = "sns.sub.unsubscribe_twice",
    clauses: ["sns.sub.unsubscribe-idempotent"],
    cost: 12 requests, 5 seconds,
    protocols: [Query],
    async fn unsubscribe_twice(scope) {
        let topic = topic(scope).await?;
        let arn = text(topic.subscribe("sqs", &topic.queue_arn("queue"), &[]).send().await?.subscription_arn());
        let unsubscribe = |arn: &str| scope.sns().unsubscribe().subscription_arn(arn).send();
        invalid(scope, unsubscribe("").await, "SubscriptionArn Reason: no value for required parameter")?;
        for (wrong, parts) in [("x", 1), ("arn:aws:sns", 3)] {
            let text = format!("SubscriptionArn Reason: An ARN must have at least 6 elements, not {parts}");
            invalid(scope, unsubscribe(wrong).await, &text)?;
        }
        invalid(scope, unsubscribe(&topic.arn).await, "SubscriptionId")?;
        invalid(scope, unsubscribe(&format!("{}:no-uuid", topic.arn)).await, "SubscriptionId")?;
        equal("still subscribed", 1, listed(&topic).await?.len())?;
        for _ in 0..2 {
            unsubscribe(&arn).await?;
        }
        equal("no longer", 0, listed(&topic).await?.len())?;
        unsubscribe(&format!("{}:11111111-2222-4333-8444-555555555555", topic.arn)).await?;
        let gone = scope.sns().get_subscription_attributes().subscription_arn(&arn).send().await;
        refused(scope, gone, "NotFound", 404, "Subscription does not exist")
    }
}

case! {
    /// Who is unsubscribed soon gets nothing more, while others do.
    pub UNSUBSCRIBED = "sns.sub.unsubscribed_gets_nothing",
    clauses: ["sns.sub.unsubscribe-propagation"],
    cost: 30 requests, 130 seconds,
    protocols: [Query],
    async fn unsubscribed_gets_nothing(scope) {
        let topic = topic(scope).await?;
        let (leaves, stays) = (topic.subscriber().await?, topic.subscriber().await?);
        scope.sns().unsubscribe().subscription_arn(&leaves.subscription).send().await?;
        topic.publish("at once").await?;
        scope.sleep(seconds(60)).await;
        topic.publish("a minute later").await?;
        stays.expect("who stays gets both", &["at once", "a minute later"]).await?;
        let got = leaves.drain().await?;
        scope.observe("sns.sub.unsubscribe-propagation", format!("published at once after Unsubscribe, and arrived: {}", got.contains("at once")));
        holds("nothing a minute later", !got.contains("a minute later"), &got)
    }
}

case! {
    /// A subscription stays when its queue is deleted, and delivers again when there is a queue again.
    pub SURVIVES = "sns.sub.survives_its_queue",
    clauses: ["sns.sub.survives-endpoint-delete"],
    cost: 30 requests, 200 seconds,
    protocols: [Query],
    async fn survives_its_queue(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let before = subscriber.attributes().await?;
        subscriber.queue.client.delete_queue().queue_url(&subscriber.queue.url).send().await?;
        scope.sleep(seconds(61)).await;
        topic.publish("nobody there").await?;
        scope.sleep(seconds(5)).await;
        equal("the subscription is as it was", before, subscriber.attributes().await?)?;
        let policy = super::support::policy(&subscriber.arn, &topic.arn);
        let attributes = [(aws_sdk_sqs::types::QueueAttributeName::Policy, policy.as_str())];
        let queue = crate::sqs::support::create(scope, subscriber.queue.name.clone(), &attributes).await?;
        topic.publish("there again").await?;
        let back = Subscriber { queue, ..subscriber };
        back.expect("what comes", &["there again"]).await
    }
}

/// Subscribes so many queues that need not be there, and returns their ARNs.
async fn subscribe_many(topic: &Topic<'_>, count: usize) -> Result<BTreeSet<String>, Stop> {
    let mut arns = BTreeSet::new();
    for number in 0..count {
        let answer = topic.subscribe("sqs", &topic.queue_arn(&format!("q{number}")), &[]).send().await?;
        arns.insert(text(answer.subscription_arn()));
    }
    Ok(arns)
}

fn check_entry(topic: &Topic<'_>, entry: &Subscription) -> Result<(), Stop> {
    let expected = (Some(topic.arn.clone()), Some("sqs".to_owned()), Some(account(topic)));
    equal("topic, protocol, owner", expected, (entry.topic_arn.clone(), entry.protocol.clone(), entry.owner.clone()))?;
    let endpoint = text(entry.endpoint());
    holds("the endpoint", endpoint.starts_with(&topic.queue_arn("q")), &endpoint)
}

case! {
    /// The subscriptions of a topic come in pages of 100, each once.
    pub BY_TOPIC = "sns.sub.list_by_topic",
    clauses: ["sns.sub.list-by-topic", "wire.pagination.sns"],
    cost: 112 requests, 20 seconds,
    protocols: [Query],
    async fn list_by_topic(scope) {
        let topic = topic(scope).await?;
        let expected = subscribe_many(&topic, 101).await?;
        let list = || scope.sns().list_subscriptions_by_topic().topic_arn(&topic.arn);
        let first = list().send().await?;
        equal("a page", 100, first.subscriptions().len())?;
        holds("a token", first.next_token().is_some_and(|token| !token.is_empty()), first.next_token())?;
        let last = list().set_next_token(first.next_token.clone()).send().await?;
        equal("the rest, without a token", (1, None), (last.subscriptions().len(), last.next_token()))?;
        let all = [first.subscriptions(), last.subscriptions()].concat();
        all.iter().try_for_each(|entry| check_entry(&topic, entry))?;
        equal("each once", expected, all.iter().map(|entry| text(entry.subscription_arn())).collect())?;
        invalid(scope, list().next_token("no token").send().await, "")
    }
}

case! {
    /// ListSubscriptions has those of all topics, in pages of 100, each once.
    pub ALL = "sns.sub.list_all",
    clauses: ["wire.pagination.sns"],
    cost: 130 requests, 20 seconds,
    protocols: [Query],
    async fn list_all(scope) {
        let (one, other) = (topic(scope).await?, create_topic(scope, &scope.name("other"), &[]).await?);
        let mut expected = subscribe_many(&one, 60).await?;
        expected.extend(subscribe_many(&other, 60).await?);
        let (mut found, mut token, mut tokens) = (Vec::new(), None, 0);
        loop {
            let page = scope.sns().list_subscriptions().set_next_token(token).send().await?;
            holds("at most 100 a page", page.subscriptions().len() <= 100, page.subscriptions().len())?;
            found.extend(page.subscriptions().iter().map(|entry| text(entry.subscription_arn())));
            token = page.next_token;
            tokens += 1;
            if token.is_none() {
                break;
            }
        }
        holds("several pages", tokens > 1, tokens)?;
        found.retain(|arn| expected.contains(arn));
        equal("none twice", expected.len(), found.len())?;
        equal("all of them", expected, found.into_iter().collect())
    }
}

case! {
    /// Another account can neither see, change nor end a subscription that is not its own.
    pub FOREIGN = "sns.sub.of_another_account",
    clauses: ["wire.auth.sns-denied", "sns.sub.get-missing", "wire.sns.code-map"],
    cost: 12 requests, 5 seconds,
    protocols: [Query],
    needs: [SecondAccount],
    async fn of_another_account(scope) {
        let topic = topic(scope).await?;
        let subscriber = topic.subscriber().await?;
        let other = scope.sns_as(proofmark_conform::Identity::Second)?;
        let before = subscriber.attributes().await?;
        let arn = &subscriber.subscription;
        let get = other.get_subscription_attributes().subscription_arn(arn).send().await;
        refused(scope, get, "AuthorizationError", 403, "")?;
        let set = other.set_subscription_attributes().subscription_arn(arn).attribute_name("RawMessageDelivery");
        refused(scope, set.attribute_value("true").send().await, "AuthorizationError", 403, "")?;
        let unsubscribe = other.unsubscribe().subscription_arn(arn).send().await;
        refused(scope, unsubscribe, "AuthorizationError", 403, "")?;
        let list = other.list_subscriptions_by_topic().topic_arn(&topic.arn).send().await;
        refused(scope, list, "AuthorizationError", 403, "")?;
        equal("nothing has changed", before, subscriber.attributes().await?)
    }
}

async fn confirm(scope: &Scope, topic: &str, token: &str) -> Result<(), Stop> {
    let confirm = scope.sns().confirm_subscription().topic_arn(topic).token(token);
    let text = if token.len() < 32 || token.contains('z') { "Token" } else { "Invalid token" };
    invalid(scope, confirm.send().await, text)
}

case! {
    /// A token that is malformed, or that nobody was given, confirms nothing; nor does one for no topic.
    pub TOKENS = "sns.sub.wrong_tokens",
    clauses: ["sns.confirm.errors"],
    cost: 10 requests, 5 seconds,
    protocols: [Query],
    async fn wrong_tokens(scope) {
        let topic = topic(scope).await?;
        let pending = topic.subscribe("email", MAIL, &[]).send().await?;
        for wrong in ["", "token", &"z".repeat(352), &"a".repeat(352)] {
            confirm(scope, &topic.arn, wrong).await?;
        }
        for wrong in ["arn:aws:sns", "topic", &topic.queue_arn("queue")] {
            let confirm = scope.sns().confirm_subscription().topic_arn(wrong).token("a".repeat(352));
            invalid(scope, confirm.send().await, "Topic")?;
        }
        let shown = subscription_attributes(scope, &text(pending.subscription_arn())).await?;
        equal("still pending", Some("true"), shown.get("PendingConfirmation").map(String::as_str))
    }
}
