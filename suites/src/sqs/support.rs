//! What the cases of SQS share: queues that are ready to use, patient receives, and expectations of errors.
//!
//! Patience is the point. A standard queue may deliver twice, out of order, or overlook a message on a short poll;
//! an attribute may take a minute to be in force. Everything here tolerates what the documentation permits.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::operation::receive_message::builders::ReceiveMessageFluentBuilder;
use aws_sdk_sqs::operation::send_message::SendMessageOutput;
use aws_sdk_sqs::operation::send_message::builders::SendMessageFluentBuilder;
use aws_sdk_sqs::types::{
    Message, MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
};
pub(crate) use proofmark_conform::PATIENCE;
use proofmark_conform::{ErrorView, Protocol, Scope, Seen, Stop, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

/// The longest that a changed attribute, a purge or a counter may take.
pub(crate) const PROPAGATION: Duration = Duration::from_secs(61);

/// Whole seconds.
pub(crate) const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

/// A queue of this case.
pub(crate) struct Queue<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) client: Client,
    pub(crate) url: String,
    pub(crate) name: String,
}

/// A standard queue with default attributes.
pub(crate) async fn standard(scope: &Scope) -> Result<Queue<'_>, Stop> {
    create(scope, scope.name(&scope.fresh("standard")), &[]).await
}

/// A standard queue with some attributes set.
pub(crate) async fn standard_with<'a>(
    scope: &'a Scope,
    attributes: &[(QueueAttributeName, &str)],
) -> Result<Queue<'a>, Stop> {
    create(scope, scope.name(&scope.fresh("standard")), attributes).await
}

/// A FIFO queue that wants a deduplication id with every message.
pub(crate) async fn fifo(scope: &Scope) -> Result<Queue<'_>, Stop> {
    fifo_with(scope, &[]).await
}

/// A FIFO queue with some attributes set.
pub(crate) async fn fifo_with<'a>(
    scope: &'a Scope,
    attributes: &[(QueueAttributeName, &str)],
) -> Result<Queue<'a>, Stop> {
    let mut all = vec![(QueueAttributeName::FifoQueue, "true")];
    all.extend_from_slice(attributes);
    create(scope, scope.fifo_name(&scope.fresh("fifo")), &all).await
}

/// Creates a queue and waits until it answers, which may take a second.
pub(crate) async fn create<'a>(
    scope: &'a Scope,
    name: String,
    attributes: &[(QueueAttributeName, &str)],
) -> Result<Queue<'a>, Stop> {
    let client = scope.sqs().clone();
    let mut request = scope.creating_queue(&name)?;
    for (attribute, value) in attributes {
        request = request.attributes(attribute.clone(), *value);
    }
    let url = request.send().await?.queue_url.unwrap_or_default();
    let queue = Queue { scope, client, url, name };
    scope
        .eventually("a new queue answers", seconds(10), async || {
            match queue.client.get_queue_attributes().queue_url(&queue.url).send().await {
                Ok(_) => Ok(Seen::Yes(())),
                Err(error) => match ErrorView::of(&error) {
                    Some(refusal) => Ok(Seen::NotYet(refusal.to_string())),
                    None => Err(error.into()),
                },
            }
        })
        .await?;
    Ok(queue)
}

impl Queue<'_> {
    /// A send to this queue, to be completed.
    pub(crate) fn message(&self, body: &str) -> SendMessageFluentBuilder {
        self.client.send_message().queue_url(&self.url).message_body(body)
    }

    /// Sends a message to a standard queue.
    pub(crate) async fn send(&self, body: &str) -> Result<SendMessageOutput, Stop> {
        Ok(self.message(body).send().await?)
    }

    /// Sends a message to a FIFO queue, deduplicated by its body.
    pub(crate) async fn send_to_group(&self, group: &str, body: &str) -> Result<SendMessageOutput, Stop> {
        Ok(self.message(body).message_group_id(group).message_deduplication_id(body).send().await?)
    }

    /// Sends `count` messages, ten at a time, with bodies `0`, `1`, ...; to a FIFO queue, in one group.
    pub(crate) async fn fill(&self, count: usize, group: Option<&str>) -> Result<(), Stop> {
        self.fill_by(count, |_| group.map(str::to_owned)).await
    }

    /// The same, with a group for each message by its number.
    pub(crate) async fn fill_by(&self, count: usize, group: impl Fn(usize) -> Option<String>) -> Result<(), Stop> {
        let numbers: Vec<usize> = (0..count).collect();
        for ten in numbers.chunks(10) {
            let mut request = self.client.send_message_batch().queue_url(&self.url);
            for number in ten {
                let mut entry = SendMessageBatchRequestEntry::builder()
                    .id(number.to_string())
                    .message_body(number.to_string())
                    .set_message_group_id(group(*number));
                if self.name.ends_with(".fifo") {
                    entry = entry.message_deduplication_id(number.to_string());
                }
                request = request.entries(entry.build()?);
            }
            let answer = request.send().await?;
            equal("every entry of the batch is accepted", 0, answer.failed().len())?;
        }
        Ok(())
    }

    /// A receive of up to ten messages with everything that is known of them, waiting two seconds.
    pub(crate) fn poll(&self) -> ReceiveMessageFluentBuilder {
        let poll = self.client.receive_message().queue_url(&self.url).max_number_of_messages(10).wait_time_seconds(2);
        self.asking_for(poll, "All").message_attribute_names("All")
    }

    /// The receive, asking for this system attribute: in the newer member over JSON, in the older one over Query, whose
    /// clients know no other.
    #[expect(deprecated, reason = "Query clients have the older member only")]
    pub(crate) fn asking_for(&self, poll: ReceiveMessageFluentBuilder, name: &str) -> ReceiveMessageFluentBuilder {
        match self.scope.protocol() {
            Protocol::Json => {
                poll.set_message_system_attribute_names(Some(vec![MessageSystemAttributeName::from(name)]))
            }
            Protocol::Query => poll.set_attribute_names(Some(vec![QueueAttributeName::from(name)])),
        }
    }

    /// The messages of one receive.
    pub(crate) async fn poll_once(&self) -> Result<Vec<Message>, Stop> {
        Ok(self.poll().send().await?.messages.unwrap_or_default())
    }

    /// Receives one message, sooner or later.
    pub(crate) async fn receive(&self) -> Result<Message, Stop> {
        self.receive_as(|poll| poll).await
    }

    /// Receives one message with a receive of the caller's making, sooner or later.
    pub(crate) async fn receive_as(
        &self,
        shape: impl Fn(ReceiveMessageFluentBuilder) -> ReceiveMessageFluentBuilder,
    ) -> Result<Message, Stop> {
        let one = async || {
            let answer = shape(self.poll().max_number_of_messages(1)).send().await?;
            Ok(Seen::some_or(answer.messages.unwrap_or_default().pop(), "nothing was received"))
        };
        self.scope.eventually("a message is received", PATIENCE, one).await
    }

    /// Waits for the next message, and says how long after `since` it came.
    pub(crate) async fn arrives_after(&self, since: Timestamp) -> Result<Duration, Stop> {
        let deadline = self.scope.now() + PATIENCE;
        while self.scope.now() < deadline {
            if !self.poll().wait_time_seconds(20).send().await?.messages().is_empty() {
                return Ok(self.scope.now().since(since));
            }
        }
        Err(Stop::mismatch("a message comes", format!("within {} s", PATIENCE.as_secs()), "none did"))
    }

    /// Receives `count` different messages, sooner or later, in the order they came.
    pub(crate) async fn receive_distinct(&self, count: usize) -> Result<Vec<Message>, Stop> {
        let mut messages: Vec<Message> = Vec::new();
        let deadline = self.scope.now() + PATIENCE;
        while messages.len() < count && self.scope.now() < deadline {
            for message in self.poll_once().await? {
                if !messages.iter().any(|known| known.message_id == message.message_id) {
                    messages.push(message);
                }
            }
        }
        equal("as many different messages as were sent", count, messages.len())?;
        Ok(messages)
    }

    /// Receives and deletes until nothing has come for `quiet`; the bodies that came, each once.
    pub(crate) async fn drain(&self, quiet: Duration) -> Result<BTreeSet<String>, Stop> {
        let mut bodies = BTreeSet::new();
        let mut last = self.scope.now();
        while self.scope.now() < last + quiet {
            for message in self.poll_once().await? {
                self.delete(&message).await?;
                bodies.insert(text(message.body()));
                last = self.scope.now();
            }
        }
        Ok(bodies)
    }

    /// Fails if anything is received within `duration`. Only for queues where nothing may be.
    pub(crate) async fn expect_nothing_for(&self, duration: Duration, why: &str) -> Result<(), Stop> {
        let deadline = self.scope.now() + duration;
        while self.scope.now() < deadline {
            let left = deadline.since(self.scope.now()).as_secs().min(20);
            let wait = i32::try_from(left.max(1)).unwrap_or(1);
            let messages = self.poll().wait_time_seconds(wait).send().await?.messages.unwrap_or_default();
            if let Some(message) = messages.first() {
                return Err(Stop::mismatch(why, "no message", format!("{:?}", message.body())));
            }
        }
        Ok(())
    }

    /// Deletes a received message.
    pub(crate) async fn delete(&self, message: &Message) -> Result<(), Stop> {
        let handle = text(message.receipt_handle());
        self.client.delete_message().queue_url(&self.url).receipt_handle(handle).send().await?;
        Ok(())
    }

    /// Changes a received message's visibility timeout.
    pub(crate) async fn change(&self, message: &Message, timeout_seconds: i32) -> Result<(), Stop> {
        self.client
            .change_message_visibility()
            .queue_url(&self.url)
            .set_receipt_handle(message.receipt_handle.clone())
            .visibility_timeout(timeout_seconds)
            .send()
            .await?;
        Ok(())
    }

    /// Sets one attribute.
    pub(crate) async fn set(&self, attribute: QueueAttributeName, value: &str) -> Result<(), Stop> {
        self.client.set_queue_attributes().queue_url(&self.url).attributes(attribute, value).send().await?;
        Ok(())
    }

    /// Every attribute that is set.
    pub(crate) async fn attributes(&self) -> Result<BTreeMap<String, String>, Stop> {
        let request = self.client.get_queue_attributes().queue_url(&self.url);
        let answer = request.attribute_names(QueueAttributeName::All).send().await?;
        let attributes = answer.attributes.unwrap_or_default();
        Ok(attributes.into_iter().map(|(name, value)| (name.as_str().to_owned(), value)).collect())
    }

    /// One attribute, if it is set.
    pub(crate) async fn attribute(&self, attribute: &QueueAttributeName) -> Result<Option<String>, Stop> {
        Ok(self.attributes().await?.remove(attribute.as_str()))
    }

    /// The queue's ARN.
    pub(crate) async fn arn(&self) -> Result<String, Stop> {
        Ok(self.attribute(&QueueAttributeName::QueueArn).await?.unwrap_or_default())
    }

    /// Waits until the three counters are as expected: visible, in flight, delayed.
    pub(crate) async fn expect_counts(&self, visible: u64, in_flight: u64, delayed: u64) -> Result<(), Stop> {
        let expected = [visible, in_flight, delayed].map(|number| number.to_string());
        let deadline = self.scope.now() + PATIENCE;
        loop {
            let got = self.counts().await?;
            if got == expected {
                return Ok(());
            }
            if self.scope.now() >= deadline {
                return Err(Stop::mismatch(
                    "the counters settle: visible, in flight, delayed",
                    expected.join(" / "),
                    got.join(" / "),
                ));
            }
            self.scope.sleep(seconds(5)).await;
        }
    }

    async fn counts(&self) -> Result<[String; 3], Stop> {
        let attributes = self.attributes().await?;
        let value = |name: QueueAttributeName| attributes.get(name.as_str()).cloned().unwrap_or_default();
        Ok([
            value(QueueAttributeName::ApproximateNumberOfMessages),
            value(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
            value(QueueAttributeName::ApproximateNumberOfMessagesDelayed),
        ])
    }
}

/// A queue whose dead-letter queue takes messages after `receives` receives: the source and the dead-letter queue.
pub(crate) async fn with_dead_letter_queue<'a>(
    scope: &'a Scope,
    receives: u32,
    attributes: &[(QueueAttributeName, &str)],
) -> Result<(Queue<'a>, Queue<'a>), Stop> {
    let fifo = attributes.iter().any(|(name, _)| *name == QueueAttributeName::FifoQueue);
    let name = |role: &str| if fifo { scope.fifo_name(&scope.fresh(role)) } else { scope.name(&scope.fresh(role)) };
    let kind: Vec<_> = attributes.iter().filter(|(name, _)| *name == QueueAttributeName::FifoQueue).cloned().collect();
    let dead = create(scope, name("dead"), &kind).await?;
    let policy = redrive_policy(&dead.arn().await?, receives);
    let mut all = attributes.to_vec();
    all.push((QueueAttributeName::RedrivePolicy, policy.as_str()));
    let source = create(scope, name("source"), &all).await?;
    Ok((source, dead))
}

/// A redrive policy.
pub(crate) fn redrive_policy(target: &str, receives: u32) -> String {
    format!(r#"{{"deadLetterTargetArn":"{target}","maxReceiveCount":{receives}}}"#)
}

/// An attribute of a message, of type `String` or `Number`.
pub(crate) fn text_attribute(data_type: &str, value: &str) -> Result<MessageAttributeValue, Stop> {
    Ok(MessageAttributeValue::builder().data_type(data_type).string_value(value).build()?)
}

/// A system attribute of a received message.
pub(crate) fn system(message: &Message, name: &MessageSystemAttributeName) -> Option<String> {
    message.attributes.as_ref().and_then(|attributes| attributes.get(name)).cloned()
}

/// The text, or an empty one.
pub(crate) fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// The bodies of messages, in order.
pub(crate) fn bodies(messages: &[Message]) -> Vec<String> {
    messages.iter().map(|message| text(message.body())).collect()
}

/// Whether a wait that was measured from an answer took about so many seconds: the answer was on its way for a moment
/// while the service already counted.
pub(crate) fn about(waited: Duration, expected_seconds: u64) -> bool {
    lasted(waited, expected_seconds, Duration::from_millis(500), seconds(4))
}

/// The same for a wait that was measured from before the request, and so cannot seem shorter than it was.
pub(crate) fn about_since_request(waited: Duration, expected_seconds: u64) -> bool {
    lasted(waited, expected_seconds, Duration::from_millis(100), seconds(3))
}

fn lasted(waited: Duration, expected_seconds: u64, early: Duration, late: Duration) -> bool {
    let expected = seconds(expected_seconds);
    waited + early >= expected && waited < expected + late
}

/// Fails unless the two are equal.
pub(crate) fn equal<T: PartialEq + Debug>(what: &str, expected: T, got: T) -> Result<(), Stop> {
    if expected == got { Ok(()) } else { Err(Stop::mismatch(what, format!("{expected:?}"), format!("{got:?}"))) }
}

/// Fails unless the condition holds.
pub(crate) fn holds(what: &str, condition: bool, got: impl Debug) -> Result<(), Stop> {
    if condition { Ok(()) } else { Err(Stop::mismatch(what, "it holds", format!("{got:?}"))) }
}

/// Fails unless the call was refused with this code and HTTP status. A different text is a warning.
pub(crate) fn refused<T: Debug, E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static>(
    scope: &Scope,
    result: Result<T, SdkError<E>>,
    code: &str,
    status: u16,
    text: &str,
) -> Result<(), Stop> {
    let what = format!("the call is refused with {code} ({status})");
    let error = match result {
        Ok(answer) => return Err(Stop::mismatch(what, code, format!("success: {answer:?}"))),
        Err(error) => error,
    };
    let Some(view) = ErrorView::of(&error) else { return Err(error.into()) };
    equal(&what, (code, status), (view.code.as_str(), view.status))?;
    if text.is_empty() { Ok(()) } else { scope.warn_text(text, &view.message) }
}

/// Runs two things at once; the first failure stops both.
pub(crate) async fn both<A, B>(
    one: impl Future<Output = Result<A, Stop>>,
    other: impl Future<Output = Result<B, Stop>>,
) -> Result<(A, B), Stop> {
    tokio::try_join!(one, other)
}
