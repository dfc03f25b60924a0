//! The policy of a topic, and that of the queues behind it.

use super::support::{Topic, invalid, topic};
use super::topic_attributes::as_json;
use crate::sqs::support::{PATIENCE, create, equal, holds, refused, seconds, text};
use aws_sdk_sns::operation::add_permission::builders::AddPermissionFluentBuilder;
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_conform::{Identity, Seen, Stop, case};
use serde_json::{Value, json};

const OUT_OF_SCOPE: &str = "Policy statement action out of service scope!";

/// A policy that allows an account an action.
pub(super) fn allowing(topic: &Topic<'_>, account: &str, action: &str) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": account}, "Action": action, "Resource": topic.arn});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

async fn policy(topic: &Topic<'_>) -> Result<Value, Stop> {
    Ok(as_json(&topic.attributes().await?, "Policy"))
}

async fn labels(topic: &Topic<'_>) -> Result<Vec<String>, Stop> {
    let policy = policy(topic).await?;
    let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
    Ok(statements.iter().map(|statement| text(statement["Sid"].as_str())).collect())
}

fn account(topic: &Topic<'_>) -> String {
    topic.arn.split(':').nth(4).unwrap_or_default().to_owned()
}

/// AddPermission for the topic's own account, to be completed.
fn add(topic: &Topic<'_>, label: &str) -> AddPermissionFluentBuilder {
    topic.scope.sns().add_permission().topic_arn(&topic.arn).label(label).aws_account_id(account(topic))
}

case! {
    /// AddPermission adds a statement to the default policy; RemovePermission takes it out.
    pub ADD_AND_REMOVE = "sns.perm.add_and_remove",
    clauses: ["sns.perm.add", "sns.perm.remove"],
    cost: 16 requests, 5 seconds,
    protocols: [Query],
    async fn add_and_remove(scope) {
        let topic = topic(scope).await?;
        let before = policy(&topic).await?;
        add(&topic, "one").action_name("Publish").send().await?;
        add(&topic, "two").action_name("Subscribe").action_name("GetTopicAttributes").send().await?;
        let root = format!("arn:aws:iam::{}:root", account(&topic));
        let statement = |label: &str, actions: Value| {
            json!({"Sid": label, "Effect": "Allow", "Principal": {"AWS": root}, "Action": actions, "Resource": topic.arn})
        };
        let expected = json!([before["Statement"][0], statement("one", "SNS:Publish".into()),
            statement("two", json!(["SNS:Subscribe", "SNS:GetTopicAttributes"]))]);
        equal("the statements", expected, policy(&topic).await?["Statement"].clone())?;
        invalid(scope, add(&topic, "one").action_name("Subscribe").send().await, "Statement already exists")?;
        let remove = |label: &str| scope.sns().remove_permission().topic_arn(&topic.arn).label(label).send();
        remove("one").await?;
        equal("one is gone", vec!["__default_statement_ID".to_owned(), "two".into()], labels(&topic).await?)?;
        remove("two").await?;
        equal("as at first", before, policy(&topic).await?)
    }
}

case! {
    /// Only the actions of topics can be allowed, and only to accounts; a refused call adds nothing.
    pub WRONG = "sns.perm.wrong_permissions",
    clauses: ["sns.perm.add"],
    cost: 14 requests, 5 seconds,
    protocols: [Query],
    async fn wrong_permissions(scope) {
        let topic = topic(scope).await?;
        for wrong in ["CreateTopic", "NoSuchAction", "publish", ""] {
            invalid(scope, add(&topic, "l").action_name("Publish").action_name(wrong).send().await, OUT_OF_SCOPE)?;
        }
        let nothing = add(&topic, "l").set_action_name(Some(Vec::new())).send().await;
        invalid(scope, nothing, "")?;
        for wrong in ["1234", "nobody"] {
            invalid(scope, add(&topic, "l").aws_account_id(wrong).action_name("Publish").send().await, "")?;
        }
        let nobody = scope.sns().add_permission().topic_arn(&topic.arn).label("l").action_name("Publish");
        invalid(scope, nobody.set_aws_account_id(Some(Vec::new())).send().await, "")?;
        equal("the default statement only", vec!["__default_statement_ID".to_owned()], labels(&topic).await?)
    }
}

case! {
    /// What AddPermission allows another account it can do, until RemovePermission; nothing else, and not before.
    pub GRANT = "sns.perm.grant",
    clauses: ["sns.perm.add", "sns.perm.remove", "wire.auth.sns-denied"],
    cost: 40 requests, 200 seconds,
    protocols: [Query],
    needs: [SecondAccount],
    async fn grant(scope) {
        let topic = topic(scope).await?;
        let other = scope.sns_as(Identity::Second)?;
        let guest = text(scope.creating_topic_of(proofmark_conform::ledger::Owner::Second, &scope.name("guest"))?.send().await?.topic_arn());
        let guest = guest.split(':').nth(4).unwrap_or_default().to_owned();
        let publish = || other.publish().topic_arn(&topic.arn).message("x").send();
        refused(scope, publish().await, "AuthorizationError", 403, "")?;
        scope.sns().add_permission().topic_arn(&topic.arn).label("guest").aws_account_id(guest).action_name("Publish").send().await?;
        let allowed = async |wanted: bool| {
            let is = publish().await.is_ok();
            Ok(Seen::when(is == wanted, format!("allowed: {is}")))
        };
        scope.eventually("the grant is in force", PATIENCE, async || allowed(true).await).await?;
        let set = other.set_topic_attributes().topic_arn(&topic.arn).attribute_name("DisplayName").attribute_value("x");
        refused(scope, set.send().await, "AuthorizationError", 403, "")?;
        refused(scope, other.delete_topic().topic_arn(&topic.arn).send().await, "AuthorizationError", 403, "")?;
        scope.sns().remove_permission().topic_arn(&topic.arn).label("guest").send().await?;
        scope.eventually("the grant is taken back", PATIENCE, async || allowed(false).await).await
    }
}

case! {
    /// A Deny binds the owner too.
    pub DENY = "sns.perm.deny_the_owner",
    clauses: ["wire.auth.sns-denied"],
    cost: 10 requests, 70 seconds,
    protocols: [Query],
    async fn deny_the_owner(scope) {
        let topic = topic(scope).await?;
        let deny = allowing(&topic, "*", "sns:Publish").replace("Allow", "Deny");
        topic.set("Policy", &deny).await?;
        let denied = async || {
            let answer = topic.message("x").send().await;
            Ok(Seen::when(answer.is_err(), "allowed"))
        };
        scope.eventually("the policy is in force", PATIENCE, denied).await?;
        refused(scope, topic.message("x").send().await, "AuthorizationError", 403, "")?;
        equal("the rest is allowed", Some(""), topic.attributes().await?.get("DisplayName").map(String::as_str))
    }
}

/// A policy with these statements.
fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A statement that allows these accounts to publish.
fn statement(topic: &Topic<'_>, label: &str, accounts: usize) -> Value {
    let accounts: Vec<String> =
        (0..accounts).map(|number| format!("{:012}", 100_000_000_000_u64 + number as u64)).collect();
    json!({"Sid": label, "Effect": "Allow", "Principal": {"AWS": accounts}, "Action": "SNS:Publish", "Resource": topic.arn})
}

async fn refuse(topic: &Topic<'_>, policy: &str) -> Result<(), Stop> {
    let before = topic.attributes().await?;
    let set = topic.scope.sns().set_topic_attributes().topic_arn(&topic.arn).attribute_name("Policy");
    invalid(topic.scope, set.attribute_value(policy).send().await, "")?;
    equal("the policy is as it was", before, topic.attributes().await?)
}

case! {
    /// A policy has up to 100 statements, each of 1 to 200 principals, and 30 KB.
    pub POLICY_LIMITS = "sns.perm.policy_limits",
    clauses: ["sns.perm.policy-limits"],
    cost: 28 requests, 8 seconds,
    protocols: [Query],
    async fn policy_limits(scope) {
        let topic = topic(scope).await?;
        let statements = |count: usize| -> Vec<Value> {
            (0..count).map(|number| statement(&topic, &format!("s{number}"), 1)).collect()
        };
        topic.set("Policy", &document(&statements(100))).await?;
        refuse(&topic, &document(&statements(101))).await?;
        topic.set("Policy", &document(&[statement(&topic, "a", 200), statement(&topic, "b", 200)])).await?;
        refuse(&topic, &document(&[statement(&topic, "a", 201)])).await?;
        refuse(&topic, &document(&[statement(&topic, "a", 0)])).await?;
        let short = document(&[statement(&topic, "a", 1)]);
        let of = |bytes: usize| format!("{short}{}", " ".repeat(bytes - short.len()));
        topic.set("Policy", &of(30_720)).await?;
        refuse(&topic, &of(30_721)).await
    }
}

case! {
    /// A policy speaks of its topic alone, and no Sid comes twice.
    pub POLICY_RESOURCE = "sns.perm.policy_resource",
    clauses: ["sns.perm.policy-limits"],
    cost: 22 requests, 6 seconds,
    protocols: [Query],
    async fn policy_resource(scope) {
        let topic = topic(scope).await?;
        let right = statement(&topic, "a", 1);
        topic.set("Policy", &document(std::slice::from_ref(&right))).await?;
        for resource in [json!("*"), json!(topic.queue_arn("queue")), json!([topic.arn, topic.queue_arn("queue")]), json!([]), Value::Null] {
            let mut wrong = right.clone();
            (wrong["Sid"], wrong["Resource"]) = (json!("b"), resource);
            refuse(&topic, &document(&[right.clone(), wrong])).await?;
        }
        refuse(&topic, &document(&[right.clone(), right])).await?;
        for wrong in ["{", "[]", "text", r#"{"Statement":[{"Effect":"Maybe"}]}"#] {
            refuse(&topic, wrong).await?;
        }
        Ok(())
    }
}

case! {
    /// The hundredth statement is the last that AddPermission can add.
    pub MOST_PERMISSIONS = "sns.perm.most_permissions",
    clauses: ["sns.perm.policy-limits", "sns.perm.add"],
    cost: 104 requests, 15 seconds,
    protocols: [Query],
    async fn most_permissions(scope) {
        let topic = topic(scope).await?;
        for number in 1..100 {
            add(&topic, &format!("l{number}")).action_name("Publish").send().await?;
        }
        invalid(scope, add(&topic, "more").action_name("Publish").send().await, "")?;
        equal("a hundred statements", 100, labels(&topic).await?.len())
    }
}

case! {
    /// A queue whose policy does not let the topic send gets nothing: Publish succeeds, and the delivery fails for good.
    pub QUEUE_POLICY = "sns.perm.queue_policy",
    clauses: ["sns.perm.sqs-queue-policy"],
    cost: 40 requests, 60 seconds,
    protocols: [Query],
    async fn queue_policy(scope) {
        let topic = topic(scope).await?;
        let (dead, dead_arn) = topic.queue(&[]).await?;
        let redrive = format!(r#"{{"deadLetterTargetArn":"{dead_arn}"}}"#);
        let closed = create(scope, scope.name("closed"), &[]).await?;
        let name = scope.name("other-topic-only");
        let other = super::support::policy(&topic.queue_arn(&name), &format!("{}-other", topic.arn));
        let elsewhere = create(scope, name, &[(QueueAttributeName::Policy, &other)]).await?;
        for queue in [&closed, &elsewhere] {
            topic.subscribe("sqs", &topic.queue_arn(&queue.name), &[("RedrivePolicy", &redrive)]).send().await?;
        }
        let open = topic.subscriber().await?;
        topic.publish("hello").await?;
        open.expect("the open queue's messages", &["hello"]).await?;
        for queue in [&closed, &elsewhere] {
            queue.expect_nothing_for(seconds(5), "the topic may not send to it").await?;
        }
        // What fails by the client's fault is not tried again for 23 days first.
        let messages = dead.receive_distinct(2).await?;
        holds("both deliveries were given up at once", messages.len() == 2, messages.len())
    }
}
