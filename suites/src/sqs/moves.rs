//! Message move tasks: emptying a dead-letter queue.

use super::support::{
    PATIENCE, Queue, bodies, create, equal, fifo, holds, redrive_policy, refused, seconds, standard, standard_with,
    system, text, with_dead_letter_queue,
};
use aws_sdk_sqs::types::{ListMessageMoveTasksResultEntry, MessageSystemAttributeName, QueueAttributeName};
use proofmark_conform::{Scope, Seen, Stop, case};

/// A dead-letter queue and its source, with these messages in the dead-letter queue, put there by the redrive policy.
async fn dead_lettered<'a>(scope: &'a Scope, messages: &[&str]) -> Result<(Queue<'a>, Queue<'a>), Stop> {
    let (source, dead) = with_dead_letter_queue(scope, 1, &[(QueueAttributeName::VisibilityTimeout, "1")]).await?;
    for body in messages {
        source.send(body).await?;
    }
    let count = messages.len();
    for _ in 0..60 {
        source.poll_once().await?;
        scope.sleep(seconds(1)).await;
        if dead.attribute(&QueueAttributeName::ApproximateNumberOfMessages).await? == Some(count.to_string()) {
            return Ok((source, dead));
        }
    }
    dead.expect_counts(count as u64, 0, 0).await?;
    Ok((source, dead))
}

async fn newest(dead: &Queue<'_>) -> Result<ListMessageMoveTasksResultEntry, Stop> {
    let listed = dead.client.list_message_move_tasks().source_arn(dead.arn().await?).send().await?;
    let task = listed.results.unwrap_or_default().into_iter().next();
    task.ok_or_else(|| Stop::fail("a started task is listed"))
}

async fn until_status(dead: &Queue<'_>, status: &str) -> Result<ListMessageMoveTasksResultEntry, Stop> {
    let look = async || {
        let task = newest(dead).await?;
        let state = text(task.status());
        Ok(if state == status { Seen::Yes(task) } else { Seen::NotYet(state) })
    };
    dead.scope.eventually(&format!("the task is {status}"), PATIENCE, look).await
}

async fn start(dead: &Queue<'_>, destination: Option<String>, rate: Option<i32>) -> Result<String, Stop> {
    let request = dead.client.start_message_move_task().source_arn(dead.arn().await?);
    let request = request.set_destination_arn(destination).set_max_number_of_messages_per_second(rate);
    Ok(text(request.send().await?.task_handle()))
}

case! {
    /// Only a queue that is some queue's dead-letter queue can be a source.
    pub SOURCE = "sqs.move.source",
    clauses: ["sqs.move.source-must-be-dlq", "sqs.move.destination-exists"],
    cost: 6 requests, 5 seconds,
    async fn source(scope) {
        let queue = standard(scope).await?;
        let arn = queue.arn().await?;
        let result = queue.client.start_message_move_task().source_arn(&arn).send().await;
        refused(scope, result, "InvalidParameterValue", 400, "Source queue must be configured as a Dead Letter Queue.")?;
        let missing = queue.client.start_message_move_task().source_arn(format!("{arn}-not-there")).send().await;
        let text = "The resource that you specified for the SourceArn parameter doesn't exist.";
        refused(scope, missing, "ResourceNotFoundException", 404, text)
    }
}

case! {
    /// Without a destination each message returns to its own source, and the task names none.
    pub DEFAULT_DESTINATION = "sqs.move.default_destination",
    clauses: ["sqs.move.destination-default", "sqs.move.statuses"],
    cost: 40 requests, 60 seconds,
    async fn default_destination(scope) {
        let dead = create(scope, scope.name("dead"), &[]).await?;
        let policy = redrive_policy(&dead.arn().await?, 1);
        let attributes = [(QueueAttributeName::VisibilityTimeout, "1"), (QueueAttributeName::RedrivePolicy, policy.as_str())];
        let mut sources = Vec::new();
        for role in ["one", "two"] {
            let source = create(scope, scope.name(role), &attributes).await?;
            source.send(role).await?;
            source.receive().await?;
            sources.push((role, source));
        }
        scope.sleep(seconds(2)).await;
        for _ in 0..20 {
            for (_, source) in &sources {
                source.poll_once().await?;
            }
            scope.sleep(seconds(1)).await;
        }
        dead.expect_counts(2, 0, 0).await?;
        start(&dead, None, None).await?;
        let task = until_status(&dead, "COMPLETED").await?;
        equal("no destination is listed", None, task.destination_arn())?;
        equal("both were moved", 2, task.approximate_number_of_messages_moved())?;
        for (role, source) in &sources {
            let message = source.receive().await?;
            equal("its own message is back", (*role).to_owned(), text(message.body()))?;
        }
        Ok(())
    }
}

case! {
    /// A destination must exist and be of the same type.
    pub DESTINATION = "sqs.move.destination",
    clauses: ["sqs.move.destination-exists", "sqs.move.same-type"],
    cost: 12 requests, 15 seconds,
    async fn destination(scope) {
        let (_source, dead) = with_dead_letter_queue(scope, 1, &[]).await?;
        let arn = dead.arn().await?;
        let to = |destination: String| {
            dead.client.start_message_move_task().source_arn(&arn).destination_arn(destination).send()
        };
        let text = "The resource that you specified for the DestinationArn parameter doesn't exist.";
        refused(scope, to(format!("{arn}-not-there")).await, "ResourceNotFoundException", 404, text)?;
        let other_type = fifo(scope).await?;
        let result = to(other_type.arn().await?).await;
        holds("a FIFO destination for a standard source is refused", result.is_err(), &result)
    }
}

case! {
    /// One task at a time for a source; another can start when it has ended.
    pub ONE_ACTIVE = "sqs.move.one_active_task",
    clauses: ["sqs.move.one-active", "sqs.move.list-limits"],
    cost: 40 requests, 60 seconds,
    async fn one_active_task(scope) {
        let (_source, dead) = dead_lettered(scope, &["1", "2", "3"]).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        let destination = Some(other.arn().await?);
        start(&dead, destination.clone(), Some(1)).await?;
        let second = dead.client.start_message_move_task().source_arn(dead.arn().await?).send().await;
        let text = "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
        refused(scope, second, "InvalidParameterValue", 400, text)?;
        until_status(&dead, "COMPLETED").await?;
        start(&dead, destination, Some(7)).await?;
        let list = dead.client.list_message_move_tasks().source_arn(dead.arn().await?);
        let one = list.clone().send().await?;
        equal("one task by default, the newest", vec![Some(7)], one.results().iter().map(|task| task.max_number_of_messages_per_second()).collect())?;
        equal("both with a larger page", 2, list.clone().max_results(10).send().await?.results().len())?;
        for wrong in [0, 11] {
            let result = list.clone().max_results(wrong).send().await;
            holds("MaxResults is 1 to 10", result.is_err(), &result)?;
        }
        Ok(())
    }
}

case! {
    /// A task moves no faster than it is told to, oldest first; the rate is 1 to 500.
    pub RATE = "sqs.move.rate_and_order",
    clauses: ["sqs.move.rate", "sqs.move.order"],
    cost: 50 requests, 40 seconds,
    async fn rate_and_order(scope) {
        let (_source, dead) = dead_lettered(scope, &["1"]).await?;
        for body in ["2", "3", "4"] {
            dead.send(body).await?;
            scope.sleep(seconds(1)).await;
        }
        let other = create(scope, scope.name("other"), &[]).await?;
        for wrong in [0, 501] {
            let request = dead.client.start_message_move_task().source_arn(dead.arn().await?);
            let result = request.max_number_of_messages_per_second(wrong).send().await;
            holds("the rate is 1 to 500", result.is_err(), &result)?;
        }
        let before = scope.now();
        start(&dead, Some(other.arn().await?), Some(1)).await?;
        let mut order = Vec::new();
        for _ in 0..4 {
            let message = other.receive_as(|poll| poll.wait_time_seconds(20)).await?;
            other.delete(&message).await?;
            order.push(text(message.body()));
        }
        let took = scope.now().since(before);
        holds("four messages at one a second take three seconds", took >= seconds(3), took)?;
        order.dedup();
        equal("oldest first", vec!["1".to_owned(), "2".into(), "3".into(), "4".into()], order)
    }
}

case! {
    /// A running task has a handle and counts; an ended one has none; only a failed one has a reason.
    pub STATUSES = "sqs.move.task_statuses",
    clauses: ["sqs.move.statuses"],
    cost: 50 requests, 100 seconds,
    async fn task_statuses(scope) {
        let (_source, dead) = dead_lettered(scope, &["1", "2", "3"]).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        let handle = start(&dead, Some(other.arn().await?), Some(1)).await?;
        let running = until_status(&dead, "RUNNING").await?;
        equal("a running task's handle", Some(handle.as_str()), running.task_handle())?;
        equal("how many there are to move", Some(3), running.approximate_number_of_messages_to_move())?;
        equal("where to", Some(other.arn().await?), running.destination_arn().map(str::to_owned))?;
        let done = until_status(&dead, "COMPLETED").await?;
        equal("an ended task's handle and reason", (None, None), (done.task_handle(), done.failure_reason()))?;
        equal("all were moved", 3, done.approximate_number_of_messages_moved())?;
        holds("when it began, in milliseconds", done.started_timestamp() > 1_600_000_000_000, done.started_timestamp())
    }
}

case! {
    /// A task whose destination is deleted fails, and says so.
    pub FAILED = "sqs.move.failed_task",
    clauses: ["sqs.move.statuses"],
    cost: 40 requests, 130 seconds,
    async fn failed_task(scope) {
        let (_source, dead) = dead_lettered(scope, &["1"]).await?;
        dead.fill(150, None).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        start(&dead, Some(other.arn().await?), Some(1)).await?;
        other.client.delete_queue().queue_url(&other.url).send().await?;
        let failed = until_status(&dead, "FAILED").await?;
        equal("the reason", Some("AWS.SimpleQueueService.NonExistentQueue"), failed.failure_reason())
    }
}

case! {
    /// A running task can be cancelled; what was moved stays moved.
    pub CANCEL = "sqs.move.cancel_task",
    clauses: ["sqs.move.cancel"],
    cost: 50 requests, 60 seconds,
    async fn cancel_task(scope) {
        let (_source, dead) = dead_lettered(scope, &["1"]).await?;
        dead.fill(20, None).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        let handle = start(&dead, Some(other.arn().await?), Some(1)).await?;
        other.receive().await?;
        let cancel = || dead.client.cancel_message_move_task().task_handle(&handle).send();
        let moved = cancel().await?.approximate_number_of_messages_moved();
        holds("some and not all were moved", (1..21).contains(&moved), moved)?;
        until_status(&dead, "CANCELLED").await?;
        let again = cancel().await;
        holds("an ended task cannot be cancelled", again.is_err(), &again)?;
        scope.sleep(seconds(5)).await;
        let rest = dead.drain(seconds(65)).await?.len();
        holds("the rest stays", rest >= 15, rest)
    }
}

case! {
    /// A malformed task handle, and one of no task, are refused differently.
    pub CANCEL_ERRORS = "sqs.move.cancel_refused",
    clauses: ["sqs.move.cancel-errors"],
    cost: 20 requests, 30 seconds,
    async fn cancel_refused(scope) {
        let (_source, dead) = dead_lettered(scope, &["1"]).await?;
        let malformed = dead.client.cancel_message_move_task().task_handle("garbage").send().await;
        let text = "Value for parameter TaskHandle is invalid.";
        refused(scope, malformed, "InvalidParameterValue", 400, text)?;
        let handle = start(&dead, None, None).await?;
        let other = unknown_task(&handle)?;
        let unknown = dead.client.cancel_message_move_task().task_handle(other).send().await;
        refused(scope, unknown, "ResourceNotFoundException", 404, "Task does not exist.")
    }
}

/// A handle of the same form that names no task: base64 of JSON with another task id, as recorded on AWS.
fn unknown_task(handle: &str) -> Result<String, Stop> {
    let decoded = aws_smithy_types::base64::decode(handle)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    let mut value = decoded.ok_or_else(|| Stop::Inconclusive("task handles are not JSON in base64 here".to_owned()))?;
    value["taskId"] = "00000000-0000-4000-8000-000000000000".into();
    Ok(aws_smithy_types::base64::encode(value.to_string()))
}

case! {
    /// A moved message is a new one; whether its receive count starts again is open, and measured.
    pub NEW_MESSAGE = "sqs.move.moved_message",
    clauses: ["sqs.move.new-message"],
    cost: 30 requests, 40 seconds,
    async fn moved_message(scope) {
        let (_source, dead) = dead_lettered(scope, &["1"]).await?;
        let before = dead.receive_as(|poll| poll.visibility_timeout(0)).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        start(&dead, Some(other.arn().await?), None).await?;
        let after = other.receive_as(|poll| poll.wait_time_seconds(20)).await?;
        equal("the body", before.body(), after.body())?;
        let renamed = before.message_id() != after.message_id();
        let count = system(&after, &MessageSystemAttributeName::ApproximateReceiveCount).unwrap_or_default();
        scope.observe("sqs.move.new-message", format!("new id: {renamed}; receive count {count}"));
        let anew = |name| system(&before, &name) != system(&after, &name);
        let sent_anew = anew(MessageSystemAttributeName::SentTimestamp);
        let received_anew = anew(MessageSystemAttributeName::ApproximateFirstReceiveTimestamp);
        let source = system(&after, &MessageSystemAttributeName::DeadLetterQueueSourceArn).is_some();
        scope.observe(
            "sqs.move.new-message",
            format!("new time of sending: {sent_anew}, of the first receive: {received_anew}; still names its source: {source}"),
        );
        Ok(())
    }
}

case! {
    /// Whether the retention of a moved message starts over is measured.
    pub RETENTION = "sqs.move.retention",
    clauses: ["sqs.move.new-message"],
    cost: 16 requests, 440_000 seconds,
    async fn retention(scope) {
        let (_source, dead) = with_dead_letter_queue(scope, 1, &[]).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        dead.send("x").await?;
        scope.sleep(seconds(3 * 86_400)).await;
        start(&dead, Some(other.arn().await?), None).await?;
        until_status(&dead, "COMPLETED").await?;
        scope.sleep(seconds(2 * 86_400)).await;
        let kept = !other.poll().wait_time_seconds(20).send().await?.messages().is_empty();
        scope.observe("sqs.move.new-message", format!("five days after its first send, retention of four: still there {kept}"));
        Ok(())
    }
}

/// Starts a task and waits until it has ended, without another call to either queue: how much there was to move.
async fn move_untouched(dead: &Queue<'_>, arn: &str, destination: String) -> Result<(i64, i64), Stop> {
    dead.client.start_message_move_task().source_arn(arn).destination_arn(destination).send().await?;
    let look = async || {
        let listed = dead.client.list_message_move_tasks().source_arn(arn).send().await?;
        let ended = listed.results().first().filter(|task| task.status() == Some("COMPLETED"));
        let numbers = |task: &ListMessageMoveTasksResultEntry| {
            (
                task.approximate_number_of_messages_to_move().unwrap_or_default(),
                task.approximate_number_of_messages_moved(),
            )
        };
        Ok(Seen::some_or(ended.map(numbers), format!("{:?}", listed.results())))
    };
    dead.scope.eventually("the task has ended", PATIENCE, look).await
}

case! {
    /// A task moves the messages that nobody holds any more, and none whose retention is over.
    pub WHAT_MOVES = "sqs.move.what_moves",
    clauses: ["sqs.move.order", "sqs.move.destination-exists"],
    cost: 24 requests, 270 seconds,
    async fn what_moves(scope) {
        let retention = [(QueueAttributeName::MessageRetentionPeriod, "200")];
        let dead = create(scope, scope.name("dead"), &retention).await?;
        let arn = dead.arn().await?;
        standard_with(scope, &[(QueueAttributeName::RedrivePolicy, &redrive_policy(&arn, 1))]).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        let destination = other.arn().await?;
        dead.send("too old").await?;
        scope.sleep(seconds(140)).await;
        dead.send("let go").await?;
        for _ in 0..20 {
            dead.poll().visibility_timeout(5).wait_time_seconds(1).send().await?;
        }
        scope.sleep(seconds(80)).await;
        equal("to move, and moved", (1, 1), move_untouched(&dead, &arn, destination).await?)?;
        equal("the one", vec!["let go".to_owned()], bodies(&other.receive_distinct(1).await?))
    }
}

case! {
    /// Another account can neither start, cancel nor list the tasks of a queue.
    pub OWNER_ONLY = "sqs.move.owner_only",
    clauses: ["sqs.perm.no-cross-account"],
    cost: 40 requests, 60 seconds,
    needs: [SecondAccount],
    async fn owner_only(scope) {
        let (_source, dead) = dead_lettered(scope, &["1", "2", "3"]).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        let arn = dead.arn().await?;
        let guest = scope.second_account_sqs()?;
        let started = guest.start_message_move_task().source_arn(&arn).destination_arn(other.arn().await?).send().await;
        holds("a start is refused", started.is_err(), &started)?;
        let handle = start(&dead, Some(other.arn().await?), Some(1)).await?;
        let cancelled = guest.cancel_message_move_task().task_handle(&handle).send().await;
        holds("a cancel is refused", cancelled.is_err(), &cancelled)?;
        let listed = guest.list_message_move_tasks().source_arn(&arn).send().await;
        holds("a list is refused", listed.is_err(), &listed)?;
        until_status(&dead, "COMPLETED").await.map(|_| ())
    }
}

case! {
    /// A task runs for 36 hours at most.
    pub LONGEST = "sqs.move.longest_task",
    clauses: ["sqs.move.quotas"],
    cost: 14_000 requests, 129_700 seconds,
    protocols: [Json],
    needs: [VirtualTime],
    async fn longest_task(scope) {
        let (_source, dead) = dead_lettered(scope, &["1"]).await?;
        dead.fill(130_000, None).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        start(&dead, Some(other.arn().await?), Some(1)).await?;
        scope.sleep(seconds(35 * 3_600)).await;
        equal("still running after 35 hours", Some("RUNNING"), newest(&dead).await?.status())?;
        scope.sleep(seconds(2 * 3_600)).await;
        let ended = newest(&dead).await?;
        holds("ended after 36 hours, and not completed", ended.status() == Some("FAILED"), &ended)
    }
}

case! {
    /// An account runs a hundred tasks at once, and no more.
    pub MOST_TASKS = "sqs.move.most_tasks",
    clauses: ["sqs.move.quotas"],
    cost: 700 requests, 60 seconds,
    protocols: [Json],
    needs: [VirtualTime],
    async fn most_tasks(scope) {
        let source = standard_with(scope, &[]).await?;
        let mut dead_letter_queues = Vec::new();
        for number in 0..101 {
            let dead = create(scope, scope.name(&format!("dead-{number}")), &[]).await?;
            source.set(QueueAttributeName::RedrivePolicy, &redrive_policy(&dead.arn().await?, 1)).await?;
            dead.fill(10, None).await?;
            dead_letter_queues.push(dead);
        }
        let destination = source.arn().await?;
        let mut refused_at = None;
        for (number, dead) in dead_letter_queues.iter().enumerate() {
            source.set(QueueAttributeName::RedrivePolicy, &redrive_policy(&dead.arn().await?, 1)).await?;
            let request = dead.client.start_message_move_task().source_arn(dead.arn().await?);
            let request = request.destination_arn(&destination).max_number_of_messages_per_second(1);
            if request.send().await.is_err() {
                refused_at = Some(number);
                break;
            }
        }
        equal("the hundred-and-first is refused", Some(100), refused_at)
    }
}

case! {
    /// The messages of a task come to the destination whole.
    pub BODIES = "sqs.move.bodies",
    clauses: ["sqs.move.order"],
    cost: 40 requests, 40 seconds,
    async fn bodies_arrive(scope) {
        let (_source, dead) = dead_lettered(scope, &["1", "2", "3"]).await?;
        let other = create(scope, scope.name("other"), &[]).await?;
        start(&dead, Some(other.arn().await?), None).await?;
        until_status(&dead, "COMPLETED").await?;
        let mut arrived = bodies(&other.receive_distinct(3).await?);
        arrived.sort();
        equal("all three", vec!["1".to_owned(), "2".into(), "3".into()], arrived)
    }
}
