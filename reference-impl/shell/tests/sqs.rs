//! SQS through the real SDK, in process: long polls, going away, wall clock.

use aws_sdk_sqs::Client;
use proofmark_reference::clock::VirtualClock;
use proofmark_reference::{AccountId, IdlePolicy, Reference, Region};
use std::time::Duration;

async fn queue(client: &Client) -> String {
    let created = client.create_queue().queue_name("orders").send().await.expect("it is created");
    created.queue_url.expect("a queue has a URL")
}

/// Receives with a long poll; returns how many messages came.
async fn poll(client: &Client, queue: &str, seconds: i32) -> usize {
    let receive = client.receive_message().queue_url(queue).wait_time_seconds(seconds);
    receive.send().await.expect("it is answered").messages().len()
}

async fn send(client: &Client, queue: &str) {
    client.send_message().queue_url(queue).message_body("one coffee").send().await.expect("it is sent");
}

fn elapsed(reference: &Reference) -> Duration {
    reference.clock().now().since(VirtualClock::DEFAULT_START)
}

fn held() -> Reference {
    Reference::builder().virtual_clock().idle(IdlePolicy::Hold).build()
}

#[tokio::test]
async fn an_empty_long_poll_ends_after_its_time_to_the_nanosecond() {
    let reference = held();
    let client = Client::new(&reference.sdk_config());
    let queue = queue(&client).await;
    assert_eq!(reference.drive(poll(&client, &queue, 20)).await, Ok(0));
    assert_eq!(elapsed(&reference), Duration::from_secs(20));
}

#[tokio::test]
async fn a_message_ends_a_long_poll_at_the_instant_it_is_sent() {
    let reference = held();
    let (client, clock) = (Client::new(&reference.sdk_config()), reference.clock());
    let queue = queue(&client).await;
    let sender = async {
        clock.sleep(Duration::from_secs(7)).await;
        send(&client, &queue).await;
    };
    let (received, ()) =
        reference.drive(async { tokio::join!(poll(&client, &queue, 20), sender) }).await.expect("no deadlock");
    assert_eq!((received, elapsed(&reference)), (1, Duration::from_secs(7)));
}

#[tokio::test]
async fn a_poll_that_nobody_awaits_any_more_takes_no_message() {
    let reference = held();
    let client = Client::new(&reference.sdk_config());
    let queue = queue(&client).await;
    let gone = tokio::spawn({
        let (client, queue) = (client.clone(), queue.clone());
        async move { poll(&client, &queue, 20).await }
    });
    reference.advance(Duration::from_secs(1)).await.expect("it is virtual");
    gone.abort();
    assert!(gone.await.is_err());
    send(&client, &queue).await;
    assert_eq!(poll(&client, &queue, 0).await, 1);
}

#[tokio::test]
async fn a_long_poll_on_the_wall_clock_is_woken_by_a_message() {
    let reference = Reference::builder().wall_clock().build();
    let client = Client::new(&reference.sdk_config());
    let queue = queue(&client).await;
    let (received, ()) = tokio::join!(poll(&client, &queue, 20), send(&client, &queue));
    assert_eq!(received, 1);
    let before = reference.clock().now();
    assert_eq!(poll(&client, &queue, 1).await, 0);
    assert!(reference.clock().now().since(before) >= Duration::from_secs(1));
}

#[tokio::test]
async fn accounts_and_regions_do_not_see_each_other() {
    let reference = held();
    let other = AccountId::parse("123456789012").expect("twelve digits");
    let clients = [
        Client::new(&reference.sdk_config()),
        Client::new(&reference.sdk_config_for(other, &Region::new("us-east-1"))),
        Client::new(&reference.sdk_config_for(other, &Region::new("eu-west-1"))),
    ];
    let mut urls = Vec::new();
    for client in &clients {
        urls.push(queue(client).await);
        assert_eq!(client.list_queues().send().await.expect("a list").queue_urls().len(), 1);
    }
    assert_eq!(urls[0], "https://sqs.us-east-1.amazonaws.com/000000000000/orders");
    assert_eq!(urls[2], "https://sqs.eu-west-1.amazonaws.com/123456789012/orders");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids() {
    let ids = async |seed| {
        let reference = Reference::builder().seed(seed).build();
        let client = Client::new(&reference.sdk_config());
        let queue = queue(&client).await;
        let sent = client.send_message().queue_url(&queue).message_body("x").send().await.expect("it is sent");
        sent.message_id
    };
    assert_eq!(ids(1).await, ids(1).await);
    assert_ne!(ids(1).await, ids(2).await);
}
