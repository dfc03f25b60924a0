//! Purging a queue.

use super::support::{PROPAGATION, equal, fifo_with, refused, seconds, standard, standard_with, text};
use aws_sdk_sqs::types::QueueAttributeName;
use proofmark_conform::case;

case! {
    /// A purge removes visible, in-flight and delayed messages within a minute.
    pub REMOVES_ALL = "sqs.purge.removes_everything",
    clauses: ["sqs.purge.removes-all"],
    cost: 16 requests, 110 seconds,
    async fn removes_everything(scope) {
        let queue = fifo_with(scope, &[(QueueAttributeName::VisibilityTimeout, "80")]).await?;
        queue.send_to_group("in-flight", "1").await?;
        queue.receive().await?;
        queue.send_to_group("visible", "2").await?;
        let delayed = standard(scope).await?;
        delayed.message("3").delay_seconds(75).send().await?;
        for url in [&queue.url, &delayed.url] {
            queue.client.purge_queue().queue_url(url).send().await?;
        }
        scope.sleep(PROPAGATION).await;
        queue.expect_counts(0, 0, 0).await?;
        delayed.expect_counts(0, 0, 0).await?;
        queue.expect_nothing_for(seconds(30), "neither the visible nor the in-flight one comes back").await?;
        delayed.expect_nothing_for(seconds(20), "nor does the delayed one").await
    }
}

case! {
    /// For a minute after a purge older messages may still come, and newer ones may be lost; what was seen is recorded.
    pub DURING = "sqs.purge.during_the_minute",
    clauses: ["sqs.purge.during"],
    cost: 10 requests, 70 seconds,
    async fn during_the_minute(scope) {
        let queue = standard(scope).await?;
        queue.send("before").await?;
        queue.client.purge_queue().queue_url(&queue.url).send().await?;
        let still = queue.poll_once().await?.len();
        queue.send("after").await?;
        scope.sleep(PROPAGATION).await;
        let kept = queue.drain(seconds(5)).await?;
        scope.observe("sqs.purge.during", format!("{still} older message came; the newer one was kept: {}", kept.contains("after")));
        equal("the older message is gone", false, kept.contains("before"))
    }
}

case! {
    /// A purged message does not come back, whatever is done with its receipt handle.
    pub HANDLES = "sqs.purge.handles",
    clauses: ["sqs.purge.removes-all"],
    cost: 10 requests, 90 seconds,
    async fn handles(scope) {
        let queue = standard_with(scope, &[(QueueAttributeName::VisibilityTimeout, "600")]).await?;
        queue.send("x").await?;
        let message = queue.receive().await?;
        queue.client.purge_queue().queue_url(&queue.url).send().await?;
        scope.sleep(PROPAGATION).await;
        // Accepted or refused, both are good.
        let _ = queue.change(&message, 0).await;
        queue.expect_nothing_for(seconds(20), "the message is gone").await
    }
}

case! {
    /// A second purge within a minute is refused; after a minute it is not.
    pub ONCE_A_MINUTE = "sqs.purge.once_a_minute",
    clauses: ["sqs.purge.once-per-60s", "wire.sqs.code-map.403-404"],
    cost: 6 requests, 65 seconds,
    async fn once_a_minute(scope) {
        let queue = standard(scope).await?;
        let purge = || queue.client.purge_queue().queue_url(&queue.url).send();
        purge().await?;
        scope.sleep(seconds(50)).await;
        let text = format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", text(Some(&queue.name)));
        refused(scope, purge().await, "AWS.SimpleQueueService.PurgeQueueInProgress", 403, &text)?;
        scope.sleep(seconds(11)).await;
        purge().await?;
        Ok(())
    }
}
