//! Batches: what fails the call, and what fails an entry.

use super::support::{Queue, bodies, equal, holds, refused, seconds, standard, standard_with, text, text_attribute};
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    QueueAttributeName, SendMessageBatchRequestEntry,
};
use proofmark_conform::{Stop, case};

const PREFIX: &str = "AWS.SimpleQueueService.";

fn entry(id: &str, body: &str) -> Result<SendMessageBatchRequestEntry, Stop> {
    Ok(SendMessageBatchRequestEntry::builder().id(id).message_body(body).build()?)
}

async fn refuse_send(
    queue: &Queue<'_>,
    entries: Vec<SendMessageBatchRequestEntry>,
    code: &str,
    text: &str,
) -> Result<(), Stop> {
    let result = queue.client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries)).send().await;
    refused(queue.scope, result, &format!("{PREFIX}{code}"), 400, text)
}

fn failures(failed: &[BatchResultErrorEntry]) -> Vec<(String, String, bool)> {
    failed.iter().map(|entry| (entry.id().to_owned(), entry.code().to_owned(), entry.sender_fault())).collect()
}

case! {
    /// A batch has 1 to 10 entries: eleven are refused, ten are not.
    pub SIZE = "sqs.batch.number_of_entries",
    clauses: ["sqs.batch.max-10"],
    cost: 8 requests, 5 seconds,
    async fn number_of_entries(scope) {
        let queue = standard(scope).await?;
        queue.fill(10, None).await?;
        let eleven: Result<Vec<_>, Stop> = (0..11).map(|number| entry(&number.to_string(), "x")).collect();
        let text = "Maximum number of entries per request are 10. You have sent 11.";
        refuse_send(&queue, eleven?, "TooManyEntriesInBatchRequest", text).await?;
        let mut delete = queue.client.delete_message_batch().queue_url(&queue.url);
        let mut change = queue.client.change_message_visibility_batch().queue_url(&queue.url);
        for number in 0..11 {
            let id = number.to_string();
            delete = delete.entries(DeleteMessageBatchRequestEntry::builder().id(&id).receipt_handle("h").build()?);
            change = change.entries(
                ChangeMessageVisibilityBatchRequestEntry::builder().id(&id).receipt_handle("h").visibility_timeout(1).build()?,
            );
        }
        let code = format!("{PREFIX}TooManyEntriesInBatchRequest");
        refused(scope, delete.send().await, &code, 400, text)?;
        refused(scope, change.send().await, &code, 400, text)
    }
}

case! {
    /// A batch without entries is refused.
    pub EMPTY = "sqs.batch.no_entries",
    clauses: ["sqs.batch.empty"],
    cost: 4 requests, 5 seconds,
    protocols: [Json],
    async fn no_entries(scope) {
        let queue = standard(scope).await?;
        let text = "There should be at least one SendMessageBatchRequestEntry in the request.";
        refuse_send(&queue, Vec::new(), "EmptyBatchRequest", text).await?;
        let delete = queue.client.delete_message_batch().queue_url(&queue.url).set_entries(Some(Vec::new())).send().await;
        let text = "There should be at least one DeleteMessageBatchRequestEntry in the request.";
        refused(scope, delete, "AWS.SimpleQueueService.EmptyBatchRequest", 400, text)
    }
}

case! {
    /// An entry id has 1 to 80 letters, digits, hyphens and underscores; a wrong one fails the call.
    pub ID_FORMAT = "sqs.batch.entry_id_format",
    clauses: ["sqs.batch.id-format", "sqs.batch.whole-vs-entry"],
    cost: 8 requests, 8 seconds,
    async fn entry_id_format(scope) {
        let queue = standard(scope).await?;
        let longest = "x".repeat(80);
        queue.client.send_message_batch().queue_url(&queue.url).entries(entry(&longest, "good")?).send().await?;
        queue.drain(seconds(65)).await?;
        let text = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most \
                    80 letters long.";
        let too_long = "x".repeat(81);
        for wrong in ["", "a b", "a.b", too_long.as_str()] {
            refuse_send(&queue, vec![entry("good", "x")?, entry(wrong, "x")?], "InvalidBatchEntryId", text).await?;
        }
        queue.expect_nothing_for(seconds(3), "a batch that fails as a whole sends nothing").await
    }
}

case! {
    /// Two entries with one id fail the call, in every batch operation.
    pub DISTINCT_IDS = "sqs.batch.distinct_ids",
    clauses: ["sqs.batch.id-distinct"],
    cost: 5 requests, 5 seconds,
    async fn distinct_ids(scope) {
        let queue = standard(scope).await?;
        let twice = vec![entry("a", "x")?, entry("b", "x")?, entry("a", "x")?];
        refuse_send(&queue, twice, "BatchEntryIdsNotDistinct", "Id a repeated.").await?;
        let one = DeleteMessageBatchRequestEntry::builder().id("a").receipt_handle("h").build()?;
        let delete = queue.client.delete_message_batch().queue_url(&queue.url).entries(one.clone()).entries(one);
        refused(scope, delete.send().await, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400, "Id a repeated.")
    }
}

/// Entries of half a MiB each, less two bytes of attribute, with `more` bytes on the last.
fn halves(more: usize) -> Result<Vec<SendMessageBatchRequestEntry>, Stop> {
    let half = 1_048_576 / 2;
    let attributed = SendMessageBatchRequestEntry::builder()
        .id("a")
        .message_body("x".repeat(half - "kString".len() - 1))
        .message_attributes("k", text_attribute("String", "v")?)
        .build()?;
    Ok(vec![attributed, entry("b", &"x".repeat(half + more))?])
}

case! {
    /// Bodies and attributes of all entries together have at most 1 MiB.
    pub TOTAL_SIZE = "sqs.batch.total_size",
    clauses: ["sqs.batch.total-size"],
    cost: 4 requests, 5 seconds,
    async fn total_size(scope) {
        let queue = standard(scope).await?;
        queue.client.send_message_batch().queue_url(&queue.url).set_entries(Some(halves(0)?)).send().await?;
        let text = "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.";
        refuse_send(&queue, halves(1)?, "BatchRequestTooLong", text).await
    }
}

case! {
    /// The total goes by the service's limit, not the queue's; an entry over the queue's limit fails alone.
    pub QUEUE_LIMIT = "sqs.batch.limit_of_queue",
    clauses: ["sqs.batch.total-not-queue-limit", "sqs.batch.entry-too-big", "sqs.batch.whole-vs-entry"],
    cost: 5 requests, 5 seconds,
    async fn limit_of_queue(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::MaximumMessageSize, "1024")]).await?;
        let (fits, long) = ("x".repeat(1_024), "x".repeat(1_025));
        let send = |entries| queue.client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries)).send();
        let both = send(vec![entry("a", &fits)?, entry("b", &fits)?]).await?;
        equal("two that fit", (2, 0), (both.successful().len(), both.failed().len()))?;
        let mixed = send(vec![entry("a", &fits)?, entry("b", &long)?]).await?;
        equal("the good one", 1, mixed.successful().len())?;
        let expected = vec![("b".to_owned(), "InvalidParameterValue".to_owned(), true)];
        equal("the long one fails alone", expected, failures(mixed.failed()))?;
        let reason = mixed.failed().first().and_then(|entry| entry.message()).unwrap_or_default();
        let text = "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.";
        scope.warn_text(text, reason)
    }
}

case! {
    /// A bad entry fails alone; the answer is 200 with both lists, and the good ones are carried out.
    pub PARTIAL = "sqs.batch.partial_failure",
    clauses: ["sqs.batch.partial-failure"],
    cost: 5 requests, 5 seconds,
    protocols: [Json],
    async fn partial_failure(scope) {
        let queue = standard(scope).await?;
        let entries = vec![entry("good", "good")?, entry("bad", "\u{8}")?, entry("fine", "fine")?];
        let answer = queue.client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries)).send().await?;
        let ids: Vec<&str> = answer.successful().iter().map(|entry| entry.id()).collect();
        equal("the good ones", vec!["good", "fine"], ids)?;
        equal("the bad one", vec![("bad".to_owned(), "InvalidMessageContents".to_owned(), true)], failures(answer.failed()))?;
        let mut received = bodies(&queue.receive_distinct(2).await?);
        received.sort();
        equal("only the good ones arrive", vec!["fine".to_owned(), "good".into()], received)
    }
}

case! {
    /// DeleteMessageBatch reports each entry, one with an invalid handle as failed.
    pub DELETE = "sqs.batch.delete",
    clauses: ["sqs.batch.delete-mixed", "sqs.delete.removes"],
    cost: 8 requests, 70 seconds,
    async fn delete(scope) {
        let queue = standard(scope).await?;
        queue.send("x").await?;
        let message = queue.receive().await?;
        let good = DeleteMessageBatchRequestEntry::builder().id("good").receipt_handle(text(message.receipt_handle())).build()?;
        let bad = DeleteMessageBatchRequestEntry::builder().id("bad").receipt_handle("garbage").build()?;
        let answer = queue.client.delete_message_batch().queue_url(&queue.url).entries(good).entries(bad).send().await?;
        equal("the good one", vec!["good"], answer.successful().iter().map(|entry| entry.id()).collect())?;
        equal("the bad one", vec![("bad".to_owned(), "ReceiptHandleIsInvalid".to_owned(), true)], failures(answer.failed()))?;
        scope.sleep(seconds(31)).await;
        let left = queue.drain(seconds(3)).await?.len();
        scope.observe("sqs.delete.may-reappear", format!("{left} came back"));
        Ok(())
    }
}

case! {
    /// ChangeMessageVisibilityBatch carries out the good entries and reports the bad ones.
    pub CHANGE = "sqs.batch.change_visibility",
    clauses: ["sqs.batch.partial-failure", "sqs.visibility.change-zero"],
    cost: 7 requests, 6 seconds,
    async fn change_visibility(scope) {
        let queue = super::support::fifo(scope).await?;
        queue.send_to_group("g", "x").await?;
        let message = queue.receive().await?;
        let entry = |id: &str, handle: &str, timeout: i32| {
            ChangeMessageVisibilityBatchRequestEntry::builder().id(id).receipt_handle(handle).visibility_timeout(timeout).build()
        };
        let handle = text(message.receipt_handle());
        let request = queue.client.change_message_visibility_batch().queue_url(&queue.url);
        let request = request.entries(entry("late", &handle, 43_201)?).entries(entry("bad", "garbage", 0)?);
        let answer = request.entries(entry("good", &handle, 0)?).send().await?;
        equal("the good one", vec!["good"], answer.successful().iter().map(|entry| entry.id()).collect())?;
        let expected = [("late", "InvalidParameterValue"), ("bad", "ReceiptHandleIsInvalid")];
        let expected = expected.map(|(id, code)| (id.to_owned(), code.to_owned(), true)).to_vec();
        equal("the bad ones", expected, failures(answer.failed()))?;
        let before = scope.now();
        queue.receive().await?;
        holds("it is visible at once", scope.now().since(before) < seconds(3), scope.now().since(before))
    }
}
