//! Encryption at rest: which kind, with which key.

use super::support::{PROPAGATION, equal, refused, standard, standard_with, text, text_attribute};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use proofmark_conform::case;

const TEXT: &str =
    "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.";

case! {
    /// A queue has one kind of encryption: a KMS key turns SQS's own off, and both together are refused.
    pub ONE_KIND = "sqs.sse.one_kind",
    clauses: ["sqs.sse.mutually-exclusive", "sqs.sse.key-not-checked"],
    cost: 9 requests, 5 seconds,
    async fn one_kind(scope) {
        let queue = standard(scope).await?;
        let (key, managed) = (QueueAttributeName::KmsMasterKeyId, QueueAttributeName::SqsManagedSseEnabled);
        let set = || queue.client.set_queue_attributes().queue_url(&queue.url);
        let both = set().attributes(key.clone(), "testKeyId").attributes(managed.clone(), "true").send().await;
        refused(scope, both, "InvalidAttributeName", 400, TEXT)?;
        queue.set(key.clone(), "testKeyId").await?;
        equal("the key, though it does not exist", Some("testKeyId".to_owned()), queue.attribute(&key).await?)?;
        equal("SQS's own is off", Some("false".to_owned()), queue.attribute(&managed).await?)?;
        let created = scope.creating_queue(&scope.name("both"))?;
        let both = created.attributes(key, "testKeyId").attributes(managed, "true").send().await;
        refused(scope, both, "InvalidAttributeName", 400, TEXT)
    }
}

case! {
    /// The kind can be changed: giving up a key and taking SQS's own is one request, and no key is no change.
    pub SWITCH = "sqs.sse.switch",
    clauses: ["sqs.sse.mutually-exclusive"],
    cost: 12 requests, 5 seconds,
    async fn switch(scope) {
        let queue = standard(scope).await?;
        let (key, managed) = (QueueAttributeName::KmsMasterKeyId, QueueAttributeName::SqsManagedSseEnabled);
        let set = || queue.client.set_queue_attributes().queue_url(&queue.url);
        queue.set(key.clone(), "").await?;
        equal("no key, as before", Some("true".to_owned()), queue.attribute(&managed).await?)?;
        queue.set(key.clone(), "testKeyId").await?;
        let beside = set().attributes(managed.clone(), "true").send().await;
        let code = beside.err().and_then(|error| error.code().map(str::to_owned));
        scope.observe("sqs.sse.mutually-exclusive", format!("SQS's own beside a key that is set: {code:?}"));
        set().attributes(key.clone(), "").attributes(managed.clone(), "true").send().await?;
        equal("the key is given up", None, queue.attribute(&key).await?)?;
        equal("SQS's own is on", Some("true".to_owned()), queue.attribute(&managed).await?)
    }
}

case! {
    /// With the key that AWS keeps for SQS a queue works as without one.
    pub AWS_KEY = "sqs.sse.aws_key",
    clauses: ["sqs.sse.scope"],
    cost: 5 requests, 65 seconds,
    async fn aws_key(scope) {
        let queue = standard(scope).await?;
        queue.set(QueueAttributeName::KmsMasterKeyId, "alias/aws/sqs").await?;
        scope.sleep(PROPAGATION).await;
        queue.send("x").await?;
        queue.receive().await.map(|_| ())
    }
}

case! {
    /// With a key that cannot be used, sends and receives fail with a KMS code.
    pub UNUSABLE_KEY = "sqs.sse.unusable_key",
    clauses: ["sqs.sse.kms-errors", "sqs.sse.key-not-checked", "wire.sqs.code-map.403-404"],
    cost: 5 requests, 65 seconds,
    async fn unusable_key(scope) {
        let queue = standard(scope).await?;
        queue.set(QueueAttributeName::KmsMasterKeyId, "11111111-2222-4333-8444-555555555555").await?;
        scope.sleep(PROPAGATION).await;
        refused(scope, queue.message("x").send().await, "KMS.NotFoundException", 400, "")?;
        let entry = SendMessageBatchRequestEntry::builder().id("1").message_body("x").build()?;
        let batch = queue.client.send_message_batch().queue_url(&queue.url).entries(entry).send().await;
        refused(scope, batch, "KMS.NotFoundException", 400, "")?;
        refused(scope, queue.poll().send().await, "KMS.NotFoundException", 400, "")
    }
}

case! {
    /// Encryption changes nothing that a consumer sees: body, digests and semantics stay.
    pub UNSEEN = "sqs.sse.unseen",
    clauses: ["sqs.sse.scope"],
    cost: 10 requests, 70 seconds,
    async fn unseen(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::SqsManagedSseEnabled, "false")]).await?;
        let mut digests = Vec::new();
        for managed in ["false", "true"] {
            queue.set(QueueAttributeName::SqsManagedSseEnabled, managed).await?;
            let sent = queue.message("message").message_attributes("k", text_attribute("String", "x")?).send().await?;
            digests.push((text(sent.md5_of_message_body()), text(sent.md5_of_message_attributes())));
            let message = queue.receive().await?;
            equal("the body", Some("message"), message.body())?;
            queue.delete(&message).await?;
        }
        equal("the digests", digests[0].clone(), digests[1].clone())
    }
}
