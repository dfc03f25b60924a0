//! Permissions between accounts, and the policy they are written into.

use super::support::{PATIENCE, Queue, equal, holds, refused, seconds, standard, text};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use proofmark_conform::ledger::Owner;
use proofmark_conform::{Seen, Stop, case};
use serde_json::Value;

async fn policy(queue: &Queue<'_>) -> Result<Option<Value>, Stop> {
    let text = queue.attribute(&QueueAttributeName::Policy).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

fn own_account(queue: &Queue<'_>) -> String {
    queue.url.rsplit('/').nth(1).unwrap_or_default().to_owned()
}

case! {
    /// AddPermission appends a statement; RemovePermission takes it away, and the policy with the last one.
    pub ADD_AND_REMOVE = "sqs.perm.add_and_remove",
    clauses: ["sqs.perm.add", "sqs.perm.remove"],
    cost: 12 requests, 5 seconds,
    async fn add_and_remove(scope) {
        let queue = standard(scope).await?;
        let (account, arn) = (own_account(&queue), queue.arn().await?);
        let add = || queue.client.add_permission().queue_url(&queue.url).aws_account_ids(&account);
        add().label("one").actions("ReceiveMessage").send().await?;
        let written = policy(&queue).await?.unwrap_or_default();
        equal("Version", "2008-10-17", written["Version"].as_str().unwrap_or_default())?;
        holds("Id", written["Id"].as_str().is_some_and(|id| id.starts_with(&format!("{arn}/"))), &written["Id"])?;
        let statement = &written["Statement"][0];
        let principal = format!("arn:aws:iam::{account}:root");
        let expected = [("Sid", "one"), ("Effect", "Allow"), ("Action", "SQS:ReceiveMessage"), ("Resource", arn.as_str())];
        for (member, value) in expected {
            equal(member, value, statement[member].as_str().unwrap_or_default())?;
        }
        equal("Principal", principal.as_str(), statement["Principal"]["AWS"].as_str().unwrap_or_default())?;
        add().label("two").actions("SendMessage").actions("GetQueueUrl").send().await?;
        equal("two statements", Some(2), policy(&queue).await?.and_then(|policy| policy["Statement"].as_array().map(Vec::len)))?;
        let remove = |label: &str| queue.client.remove_permission().queue_url(&queue.url).label(label).send();
        remove("one").await?;
        let left = policy(&queue).await?.unwrap_or_default();
        equal("the other is left", "two", left["Statement"][0]["Sid"].as_str().unwrap_or_default())?;
        remove("two").await?;
        equal("no statement, no policy", None, policy(&queue).await?)?;
        let text = "Value two for parameter Label is invalid. Reason: can't find label.";
        refused(scope, remove("two").await, "InvalidParameterValue", 400, text)
    }
}

case! {
    /// A label can be used once.
    pub DUPLICATE_LABEL = "sqs.perm.duplicate_label",
    clauses: ["sqs.perm.dup-label"],
    cost: 5 requests, 5 seconds,
    async fn duplicate_label(scope) {
        let queue = standard(scope).await?;
        let add = || {
            let request = queue.client.add_permission().queue_url(&queue.url).label("L");
            request.aws_account_ids(own_account(&queue)).actions("ReceiveMessage").send()
        };
        add().await?;
        let text = "Value L for parameter Label is invalid. Reason: Already exists.";
        refused(scope, add().await, "InvalidParameterValue", 400, text)
    }
}

case! {
    /// Labels have 1 to 80 characters, a statement at most seven actions, a policy at most twenty statements.
    pub LIMITS = "sqs.perm.limits_of_permissions",
    clauses: ["sqs.perm.limits", "wire.sqs.code-map.403-404"],
    cost: 34 requests, 8 seconds,
    async fn limits_of_permissions(scope) {
        let queue = standard(scope).await?;
        let add = |label: String, actions: &[&str]| {
            let request = queue.client.add_permission().queue_url(&queue.url).label(label).aws_account_ids(own_account(&queue));
            actions.iter().fold(request, |request, action| request.actions(*action)).send()
        };
        for wrong in [String::new(), "a b".to_owned(), "x".repeat(81)] {
            let result = add(wrong, &["SendMessage"]).await;
            holds("a wrong label is refused", result.is_err(), &result)?;
        }
        let eight = ["SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes",
            "GetQueueUrl", "PurgeQueue", "ListDeadLetterSourceQueues"];
        let text = "8 Actions were found, maximum allowed is 7.";
        refused(scope, add("eight".to_owned(), &eight).await, "OverLimit", 403, text)?;
        add("x".repeat(80), &eight[..7]).await?;
        for number in 1..20 {
            add(format!("label-{number}"), &["SendMessage"]).await?;
        }
        let more = add("one-more".to_owned(), &["SendMessage"]).await;
        holds("a twenty-first statement is refused", more.is_err(), &more)?;
        scope.observe("sqs.perm.limits", format!("a twenty-first statement: {:?}", code_of(more)));
        let nothing = add("nothing".to_owned(), &[]).await;
        holds("a grant of nothing is refused", nothing.is_err(), &nothing)?;
        scope.observe("sqs.perm.limits", format!("a grant of nothing: {:?}", code_of(nothing)));
        let nobody = queue.client.add_permission().queue_url(&queue.url).label("nobody").actions("SendMessage");
        let result = nobody.set_aws_account_ids(Some(Vec::new())).send().await;
        holds("a grant to nobody is refused", result.is_err(), &result)?;
        scope.observe("sqs.perm.limits", format!("a grant to nobody: {:?}", code_of(result)));
        for actions in [&["CreateQueue"][..], &["NoSuchAction"]] {
            let result = add("wrong".to_owned(), actions).await;
            holds("an action that cannot be granted is refused", result.is_err(), &result)?;
        }
        Ok(())
    }
}

case! {
    /// A policy has at most 8,192 bytes, 20 statements, 50 principals and 10 conditions, and must be a policy.
    pub POLICY_LIMITS = "sqs.perm.policy_limits",
    clauses: ["sqs.perm.limits"],
    cost: 9 requests, 5 seconds,
    async fn policy_limits(scope) {
        let queue = standard(scope).await?;
        let arn = queue.arn().await?;
        let statement = |extra: &str| {
            format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"sqs:SendMessage","Resource":"{arn}"{extra}}}"#, own_account(&queue))
        };
        let of = |statements: &[String]| format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        queue.set(QueueAttributeName::Policy, &of(&[statement("")])).await?;
        let twenty = vec![statement(""); 20];
        queue.set(QueueAttributeName::Policy, &of(&twenty)).await?;
        let bare = of(&[statement(r#","Sid":"""#)]).len();
        let full = format!(r#","Sid":"{}""#, "x".repeat(8_192 - bare));
        queue.set(QueueAttributeName::Policy, &of(&[statement(&full)])).await?;
        let long = format!(r#","Sid":"{}""#, "x".repeat(8_192));
        let conditioned = |count: usize| {
            let conditions: Vec<String> = (0..count).map(|number| format!(r#""aws:key{number}":"v""#)).collect();
            of(&[statement(&format!(r#","Condition":{{"StringEquals":{{{}}}}}"#, conditions.join(",")))])
        };
        queue.set(QueueAttributeName::Policy, &conditioned(10)).await?;
        let granted = |count: usize| {
            let principals = vec![format!(r#""{}""#, own_account(&queue)); count].join(",");
            let principal = format!(r#""Principal":{{"AWS":[{principals}]}}"#);
            of(&[format!(r#"{{"Effect":"Allow",{principal},"Action":"sqs:SendMessage","Resource":"{arn}"}}"#)])
        };
        queue.set(QueueAttributeName::Policy, &granted(50)).await?;
        let many = vec![statement(""); 21];
        for wrong in [of(&[statement(&long)]), of(&many), conditioned(11), granted(51), "{".to_owned(), of(&[r#"{"Effect":"Maybe"}"#.to_owned()])] {
            let set = queue.client.set_queue_attributes().queue_url(&queue.url);
            let result = set.attributes(QueueAttributeName::Policy, &wrong).send().await;
            holds("refused", result.is_err(), wrong.len())?;
        }
        Ok(())
    }
}

case! {
    /// Another account can do what it was granted, batch forms included, and nothing else.
    pub CROSS_ACCOUNT = "sqs.perm.cross_account",
    clauses: ["sqs.perm.batch-implied", "wire.auth.sqs-denied", "sqs.queue.geturl"],
    cost: 20 requests, 60 seconds,
    needs: [SecondAccount],
    async fn cross_account(scope) {
        let queue = standard(scope).await?;
        let other = scope.second_account_sqs()?;
        let denied = other.send_message().queue_url(&queue.url).message_body("x").send().await;
        refused(scope, denied, "AccessDenied", 403, "")?;
        let find = other.get_queue_url().queue_name(&queue.name).queue_owner_aws_account_id(own_account(&queue));
        let found = find.send().await;
        holds("a queue of another account is not found without a grant", found.is_err(), &found)?;
        let guest = guest_account(scope).await?;
        let add = queue.client.add_permission().queue_url(&queue.url).label("guest").aws_account_ids(guest);
        add.actions("SendMessage").actions("GetQueueUrl").send().await?;
        let look = async || {
            let sent = other.send_message().queue_url(&queue.url).message_body("granted").send().await;
            Ok(Seen::when(sent.is_ok(), format!("{:?}", sent.err().and_then(|error| error.code().map(str::to_owned)))))
        };
        scope.eventually("the grant is in force", PATIENCE, look).await?;
        let entry = SendMessageBatchRequestEntry::builder().id("1").message_body("batch").build()?;
        other.send_message_batch().queue_url(&queue.url).entries(entry).send().await?;
        let url = other.get_queue_url().queue_name(&queue.name).queue_owner_aws_account_id(own_account(&queue));
        equal("the URL by owner", Some(queue.url.as_str()), url.send().await?.queue_url())?;
        let receive = other.receive_message().queue_url(&queue.url).send().await;
        refused(scope, receive, "AccessDenied", 403, "")?;
        let sender = queue.receive().await?;
        holds("a message arrived", sender.body().is_some(), &sender)
    }
}

/// The second account's id, from the URL of a queue of its own.
async fn guest_account(scope: &proofmark_conform::Scope) -> Result<String, Stop> {
    let name = scope.name("guest");
    let url = text(scope.creating_queue_of(Owner::Second, &name)?.send().await?.queue_url());
    Ok(url.rsplit('/').nth(1).unwrap_or_default().to_owned())
}

case! {
    /// Whatever the policy says, some operations are the owner's alone.
    pub OWNER_ONLY = "sqs.perm.owner_only",
    clauses: ["sqs.perm.no-cross-account"],
    cost: 24 requests, 65 seconds,
    needs: [SecondAccount],
    async fn owner_only(scope) {
        let queue = standard(scope).await?;
        let other = scope.second_account_sqs()?;
        let open = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"{}"}}]}}"#,
            queue.arn().await?
        );
        queue.set(QueueAttributeName::Policy, &open).await?;
        scope.sleep(seconds(5)).await;
        other.send_message().queue_url(&queue.url).message_body("x").send().await?;
        let url = &queue.url;
        let denied = |what: &str, code: Option<String>| equal(what, Some("AccessDenied".to_owned()), code);
        let add = other.add_permission().queue_url(url).label("l").aws_account_ids("111111111111").actions("*").send().await;
        denied("AddPermission", code_of(add))?;
        let remove = other.remove_permission().queue_url(url).label("l").send().await;
        denied("RemovePermission", code_of(remove))?;
        let set = other.set_queue_attributes().queue_url(url).attributes(QueueAttributeName::DelaySeconds, "1").send().await;
        denied("SetQueueAttributes", code_of(set))?;
        let tag = other.tag_queue().queue_url(url).tags("k", "v").send().await;
        denied("TagQueue", code_of(tag))?;
        let untag = other.untag_queue().queue_url(url).tag_keys("k").send().await;
        denied("UntagQueue", code_of(untag))?;
        let list = other.list_queue_tags().queue_url(url).send().await;
        denied("ListQueueTags", code_of(list))?;
        let delete = other.delete_queue().queue_url(url).send().await;
        denied("DeleteQueue", code_of(delete))
    }
}

fn code_of<T, E: ProvideErrorMetadata>(result: Result<T, E>) -> Option<String> {
    result.err().and_then(|error| error.code().map(str::to_owned))
}

case! {
    /// An explicit Deny binds the owner too.
    pub DENY = "sqs.perm.deny",
    clauses: ["wire.auth.sqs-denied"],
    cost: 6 requests, 30 seconds,
    async fn deny(scope) {
        let queue = standard(scope).await?;
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":"*","Action":"sqs:PurgeQueue","Resource":"{}"}}}}"#,
            queue.arn().await?
        );
        queue.set(QueueAttributeName::Policy, &policy).await?;
        scope.sleep(seconds(5)).await;
        let purge = queue.client.purge_queue().queue_url(&queue.url).send().await;
        refused(scope, purge, "AccessDenied", 403, "")?;
        queue.send("x").await.map(|_| ())
    }
}
