//! The whole AWS path against a stand-in for STS: nothing but STS is called until the account is known to be allowed.
#![cfg(feature = "aws")]

use proofmark_backend::aws::{Accounts, AwsError, AwsOptions};
use proofmark_backend::{Backend, Capability, Credentials, Protocol};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const ACCOUNT: &str = "111122223333";

/// Answers every request as STS would, and notes what it was asked.
async fn stand_in() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 16 * 1024];
            let read = stream.read(&mut request).await.unwrap_or(0);
            notes.lock().unwrap().push(String::from_utf8_lossy(&request[..read]).into_owned());
            let body = format!(
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                 <GetCallerIdentityResult><Account>{ACCOUNT}</Account></GetCallerIdentityResult>\
                 </GetCallerIdentityResponse>"
            );
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}", body.len());
            let answer = format!("{head}\r\nconnection: close\r\n\r\n{body}");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (url, asked)
}

fn options(url: &str, accounts: &str) -> AwsOptions {
    AwsOptions {
        region: Some("eu-west-1".to_owned()),
        credentials: Some(Credentials::new("AKIAEXAMPLE", "secret")),
        accounts: Accounts::from_list(accounts).expect("a list"),
        endpoint: Some(url.to_owned()),
        ..AwsOptions::default()
    }
}

#[tokio::test]
async fn an_allowed_account_is_worked_in() {
    let (url, asked) = stand_in().await;
    let backend = Backend::aws(&options(&url, ACCOUNT)).await.expect("it is allowed");
    assert_eq!((backend.name(), asked.lock().unwrap().len()), ("aws", 1));
    assert!(asked.lock().unwrap()[0].contains("GetCallerIdentity"));
    assert!(!format!("{backend:?}").contains(ACCOUNT));
    let target = backend.open(0).await.expect("it opens");
    assert!(!target.is_ephemeral() && !target.capabilities().has(Capability::SecondAccount));
    assert_eq!(target.region(), "eu-west-1");
    let _ = target.sqs(Protocol::Json).list_queues().send().await;
    assert!(asked.lock().unwrap().len() > 1, "the case's requests go to the endpoint, too");
}

#[tokio::test]
async fn any_other_account_is_refused_after_one_question() {
    let (url, asked) = stand_in().await;
    let error = Backend::aws(&options(&url, "444455556666")).await.expect_err("it is not allowed");
    assert!(matches!(error, AwsError::NotAllowed { whose: "first" }));
    assert!(!format!("{error} {error:?}").contains(ACCOUNT));
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn without_an_allowlist_nothing_is_asked() {
    let (url, asked) = stand_in().await;
    let error = Backend::aws(&options(&url, "")).await.expect_err("nothing is allowed");
    assert!(matches!(error, AwsError::NoAllowlist));
    assert!(asked.lock().unwrap().is_empty());
}
