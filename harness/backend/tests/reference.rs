//! The reference as a backend: in process and over TCP, both protocols, virtual time, the tape.
//!
//! Answers that come late are made with a fault, so that these tests need no service to work.

use proofmark_backend::{
    Backend, Capability, Fault, FaultAction, Identity, Protocol, ReferenceOptions, Signing, Target, Transport,
};
use std::time::Duration;

fn backend(transport: Transport, milliseconds: u64) -> Backend {
    let faults = vec![Fault::new(FaultAction::DelayAnswer { milliseconds })];
    Backend::reference(ReferenceOptions { transport, faults, ..ReferenceOptions::default() })
}

async fn list(client: &aws_sdk_sqs::Client) -> Result<(), String> {
    client.list_queues().send().await.map(drop).map_err(|error| format!("{error:?}"))
}

/// Two calls after each other and two beside each other, each twenty seconds long; returns the virtual seconds.
async fn three_rounds(target: &Target, protocol: Protocol) -> u64 {
    let client = target.sqs(protocol);
    let started = target.clock().now();
    let body = async {
        list(&client).await?;
        list(&client).await?;
        tokio::try_join!(list(&client), list(&client))
    };
    target.drive(body, 1_000).await.expect("no deadlock").expect("every call is answered");
    target.clock().now().since(started).as_secs()
}

#[tokio::test]
async fn virtual_time_is_exact_on_both_transports_and_in_both_protocols() {
    for transport in [Transport::InProcess, Transport::Tcp] {
        for protocol in [Protocol::Json, Protocol::Query] {
            let target = backend(transport, 20_000).open(7).await.expect("it opens");
            assert_eq!(three_rounds(&target, protocol).await, 60, "{transport:?} {protocol:?}");
            assert_eq!(target.tape().requests(), 4);
            target.close().await;
        }
    }
}

#[tokio::test]
async fn a_client_that_goes_away_over_tcp_leaves_nothing_parked() {
    let target = backend(Transport::Tcp, 20_000).open(7).await.expect("it opens");
    let (client, clock) = (target.sqs(Protocol::Json), target.clock());
    let body = async {
        tokio::select! {
            answered = list(&client) => answered,
            () = clock.sleep(Duration::from_secs(5)) => Err("gave up".to_owned()),
        }
    };
    assert_eq!(target.drive(body, 1_000).await.expect("no deadlock").unwrap_err(), "gave up");
    let started = clock.now();
    target.drive(list(&client), 1_000).await.expect("no deadlock").expect("it is answered");
    assert_eq!(clock.now().since(started).as_secs(), 20);
}

#[tokio::test]
async fn the_reference_knows_four_identities() {
    let target = backend(Transport::InProcess, 0).open(7).await.expect("it opens");
    assert!(target.capabilities().has(Capability::SecondAccount));
    for identity in [Identity::First, Identity::Second, Identity::Session, Identity::Expired] {
        assert!(target.sqs_for(identity, Protocol::Json).is_some());
    }
}

#[tokio::test]
async fn a_raw_request_travels_the_same_road() {
    for transport in [Transport::InProcess, Transport::Tcp] {
        let target = backend(transport, 0).open(7).await.expect("it opens");
        let raw = target.raw();
        let request = raw.json("ListQueues", "{}").expect("a request");
        let signed = raw.sign(request, &Signing::default()).await.expect("signed");
        let response = target.drive(raw.send(signed), 1_000).await.expect("no deadlock").expect("an answer");
        assert_eq!(response.status(), 200, "{response:?}");
        let presigned =
            raw.request("GET", "/?Action=ListQueues&Version=2012-11-05").body("".into()).expect("a request");
        let how = Signing::default().presigned_for(Duration::from_secs(60));
        let presigned = raw.sign(presigned, &how).await.expect("signed");
        assert!(presigned.uri().query().is_some_and(|query| query.contains("X-Amz-Signature")));
        target.drive(raw.send(presigned), 1_000).await.expect("no deadlock").expect("an answer");
        let tape = format!("{:?}", target.tape().exchanges());
        assert!(!tape.contains("AKIA") && tape.contains("X-Amz-Signature=***"), "{tape}");
        target.close().await;
    }
}
