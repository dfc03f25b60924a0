//! Posts over real sockets: subscribers that behave badly, TLS, and names and passwords.

use aws_sdk_sns::Client;
use proofmark_reference::{IdlePolicy, NoCertificate, Reference};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A post as it arrived, its head in lower case.
#[derive(Clone, Debug)]
struct Arrived {
    head: String,
    body: String,
}

impl Arrived {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// What a subscriber writes for an answer to the post with this number.
type Script = Arc<dyn Fn(usize, &Arrived) -> Vec<u8> + Send + Sync>;

/// A subscriber on the loopback interface.
struct Inbox {
    port: u16,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    /// Bytes of answers that were taken.
    taken: Arc<AtomicUsize>,
}

impl Inbox {
    /// With TLS if there are acceptors: each connection gets the next, and the last gets all others.
    async fn open(tls: Vec<TlsAcceptor>, script: impl Fn(usize, &Arrived) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let inbox = Inbox {
            port: listener.local_addr().expect("an address").port(),
            arrived: Arc::default(),
            taken: Arc::default(),
        };
        let (arrived, taken, script) = (inbox.arrived.clone(), inbox.taken.clone(), Arc::new(script));
        tokio::spawn(async move {
            let mut connections = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let tls = tls.get(connections).or(tls.last()).cloned();
                connections += 1;
                let (arrived, taken) = (arrived.clone(), taken.clone());
                let script: Script = script.clone();
                tokio::spawn(async move {
                    match tls {
                        None => converse(stream, &arrived, &taken, &script).await,
                        // A client that does not like the certificate says so to itself.
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => converse(stream, &arrived, &taken, &script).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        inbox
    }

    fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    fn url(&self, scheme_and_user: &str) -> String {
        format!("{scheme_and_user}localhost:{}/inbox", self.port)
    }
}

/// Reads one post and answers it; `None` if the other side ended early.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    arrived: &Mutex<Vec<Arrived>>,
    taken: &AtomicUsize,
    script: &Script,
) -> Option<()> {
    let mut bytes = Vec::new();
    let post = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(post) = whole_post(&bytes) {
            break post;
        }
    };
    let answer = {
        let mut arrived = arrived.lock().unwrap();
        arrived.push(post.clone());
        script(arrived.len() - 1, &post)
    };
    for part in answer.chunks(64 * 1024) {
        stream.write_all(part).await.ok()?;
        taken.fetch_add(part.len(), Ordering::Relaxed);
    }
    stream.shutdown().await.ok()
}

fn whole_post(bytes: &[u8]) -> Option<Arrived> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let post = Arrived { head: lower_names(head), body: body.to_owned() };
    let length: usize = post.header("content-length")?.parse().ok()?;
    (body.len() == length).then_some(post)
}

fn lower_names(head: &str) -> String {
    let lower = |line: &str| match line.split_once(": ") {
        Some((name, value)) => format!("{}: {value}\n", name.to_lowercase()),
        None => format!("{line}\n"),
    };
    head.lines().map(lower).collect()
}

fn status(line: &str, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n{headers}\r\n").into_bytes()
}

fn held() -> Reference {
    Reference::builder().virtual_clock().idle(IdlePolicy::Hold).build()
}

/// A topic that logs every delivery over HTTP.
async fn topic(sns: &Client) -> String {
    let role = "arn:aws:iam::111122223333:role/feedback";
    let create = sns.create_topic().name("news").attributes("HTTPSuccessFeedbackRoleArn", role);
    let create =
        create.attributes("HTTPFailureFeedbackRoleArn", role).attributes("HTTPSuccessFeedbackSampleRate", "100");
    create.send().await.expect("it is created").topic_arn.expect("a topic has an ARN")
}

/// Subscribes an inbox to a new topic and confirms it; returns the topic.
async fn subscribed(reference: &Reference, inbox: &Inbox, protocol: &str, url: &str) -> String {
    let sns = Client::new(&reference.sdk_config());
    let topic = topic(&sns).await;
    sns.subscribe().topic_arn(&topic).protocol(protocol).endpoint(url).send().await.expect("it can be reached");
    let invitation = inbox.arrived().pop().expect("an invitation");
    let invitation: Value = serde_json::from_str(&invitation.body).expect("JSON");
    let token = invitation["Token"].as_str().expect("a token");
    sns.confirm_subscription().topic_arn(&topic).token(token).send().await.expect("it is confirmed");
    topic
}

async fn publish(reference: &Reference, topic: &str) {
    let sns = Client::new(&reference.sdk_config());
    sns.publish().topic_arn(topic).message("hello").send().await.expect("it is published");
    reference.advance(Duration::from_secs(120)).await.expect("the clock is virtual");
}

fn delivery_log(reference: &Reference) -> Vec<Value> {
    reference.seen(|seen| seen.log().map(|entry| serde_json::from_str(&entry.text).expect("JSON")).collect())
}

/// Publishes to an HTTP inbox which, once it is confirmed, answers like this; returns the posts and the log.
async fn answered_with(answer: Vec<u8>) -> (Inbox, usize, Value) {
    let script = move |number, _: &Arrived| if number == 0 { status("200 OK", "") } else { answer.clone() };
    let inbox = Inbox::open(Vec::new(), script).await;
    let reference = held();
    let topic = subscribed(&reference, &inbox, "http", &inbox.url("http://")).await;
    publish(&reference, &topic).await;
    let log = delivery_log(&reference);
    assert_eq!(log.len(), 1, "one entry when it is over: {log:?}");
    let posts = inbox.arrived().len() - 1;
    (inbox, posts, log[0].clone())
}

#[tokio::test]
async fn an_answer_of_any_length_is_taken_by_its_status() {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n".to_vec();
    answer.resize(100_000_000, b'x');
    let (inbox, posts, log) = answered_with(answer).await;
    assert_eq!((posts, &log["status"]), (1, &Value::from("SUCCESS")));
    let taken = inbox.taken.load(Ordering::Relaxed);
    assert!(taken < 50_000_000, "no more is taken than fits into the sockets' buffers, not {taken} bytes");
}

#[tokio::test]
async fn what_is_not_http_is_retried_and_logged_as_a_failure() {
    let mut endless = b"HTTP/1.1 200 OK\r\n".to_vec();
    endless.resize(10_000_000, b'x');
    for answer in
        [b"\x16\x03\x01 this is not HTTP\r\n\r\n".to_vec(), b"".to_vec(), b"HTTP/1.1 OK 200\r\n\r\n".to_vec(), endless]
    {
        let start = String::from_utf8_lossy(&answer[..answer.len().min(20)]).into_owned();
        let (inbox, posts, log) = answered_with(answer).await;
        assert_eq!((posts, &log["status"]), (4, &Value::from("FAILURE")), "{start:?}: {log}");
        assert_eq!(log["delivery"]["attempts"], 4, "{start:?}: {log}");
        let taken = inbox.taken.load(Ordering::Relaxed);
        assert!(taken < 40_000_000, "four times 10 MB were not all read: {taken}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Inbox::open(Vec::new(), |_, _| status("200 OK", "")).await;
    for redirect in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let location = format!("location: {}\r\n", elsewhere.url("http://"));
        let (_inbox, posts, log) = answered_with(status(redirect, &location)).await;
        assert_eq!((posts, &log["status"]), (1, &Value::from("SUCCESS")), "{log}");
        assert_eq!(log["delivery"]["statusCode"].to_string(), redirect[..3], "{log}");
    }
    assert!(elsewhere.arrived().is_empty());
}

/// An authority, and an acceptor with a certificate of it for `localhost`.
fn authority() -> (String, TlsAcceptor) {
    let key = KeyPair::generate().expect("a key");
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "an authority of this test");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = ca.self_signed(&key).expect("it signs itself").pem();
    let issuer = Issuer::new(ca, key);
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name").signed_by(&key, &issuer);
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.expect("it is signed").der().clone()], key);
    (pem, TlsAcceptor::from(Arc::new(config.expect("a configuration"))))
}

fn trusting(pem: &str) -> Reference {
    let builder = Reference::builder().virtual_clock().idle(IdlePolicy::Hold);
    builder.trust_authority(pem.as_bytes()).expect("a certificate").build()
}

#[tokio::test]
async fn https_is_posted_to_over_tls() {
    let (pem, tls) = authority();
    let inbox = Inbox::open(vec![tls], |_, _| status("200 OK", "")).await;
    let reference = trusting(&pem);
    let topic = subscribed(&reference, &inbox, "https", &inbox.url("https://")).await;
    publish(&reference, &topic).await;
    let posts = inbox.arrived();
    assert_eq!(posts.len(), 2, "an invitation and a notification");
    assert_eq!(posts[1].header("host"), Some(format!("localhost:{}", inbox.port).as_str()));
    assert_eq!(posts[1].header("x-amz-sns-message-type"), Some("Notification"));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_no_good() {
    let (_, tls) = authority();
    let inbox = Inbox::open(vec![tls], |_, _| status("200 OK", "")).await;
    for reference in [held(), trusting(&authority().0)] {
        let sns = Client::new(&reference.sdk_config());
        let topic = topic(&sns).await;
        let subscribe = sns.subscribe().topic_arn(&topic).protocol("https").endpoint(inbox.url("https://"));
        let refused = subscribe.send().await.expect_err("nobody vouches for it").into_service_error();
        assert!(refused.to_string().contains("Unreachable Endpoint"), "{refused}");
    }
    assert!(inbox.arrived().is_empty());
}

#[tokio::test]
async fn what_to_do_about_a_certificate_is_in_the_log() {
    let ((pem, good), (_, bad)) = (authority(), authority());
    let inbox = Inbox::open(vec![good, bad], |_, _| status("200 OK", "")).await;
    let reference = trusting(&pem);
    let topic = subscribed(&reference, &inbox, "https", &inbox.url("https://")).await;
    publish(&reference, &topic).await;
    let log = delivery_log(&reference);
    assert_eq!((log.len(), &log[0]["status"]), (1, &Value::from("FAILURE")));
    assert!(log[0].to_string().contains("--trust-ca FILE"), "{}", log[0]);
    assert_eq!(inbox.arrived().len(), 1, "the invitation and nothing else");
}

#[test]
fn a_file_without_certificates_is_refused() {
    let nonsense = "-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n";
    for pem in ["", "nonsense", nonsense] {
        assert_eq!(Reference::builder().trust_authority(pem.as_bytes()).err(), Some(NoCertificate), "{pem}");
    }
}

/// Subscribes an inbox that asks for a password with `challenge`, publishes, and returns what was posted.
async fn asked_for_password(scheme: &str, challenge: &'static str) -> Vec<Arrived> {
    let (pem, tls) = authority();
    let inbox = Inbox::open(Vec::from_iter((scheme == "https").then_some(tls)), move |_, post| {
        let asks = || status("401 Unauthorized", &format!("www-authenticate: {challenge}\r\n"));
        if post.header("authorization").is_some() { status("200 OK", "") } else { asks() }
    });
    let inbox = inbox.await;
    let url = inbox.url(&format!("{scheme}://jack:se%20cret@"));
    let reference = trusting(&pem);
    let topic = subscribed(&reference, &inbox, scheme, &url).await;
    publish(&reference, &topic).await;
    let posts = inbox.arrived();
    assert!(posts.iter().all(|post| !post.head.contains("@localhost")), "the address itself carries no password");
    posts
}

#[tokio::test]
async fn a_name_and_a_password_are_sent_when_asked_for_over_https() {
    for (challenge, expected) in [
        (r#"Basic realm="inbox""#, "Basic amFjazpzZSBjcmV0"),
        (
            r#"Digest realm="inbox", nonce="n", qop="auth""#,
            r#"Digest username="jack", realm="inbox", nonce="n", uri="/inbox", response=""#,
        ),
    ] {
        let posts = asked_for_password("https", challenge).await;
        let sent: Vec<_> = posts.iter().map(|post| post.header("authorization")).collect();
        assert_eq!(sent.len(), 4, "invitation and notification, each twice: {sent:?}");
        for pair in sent.chunks(2) {
            assert_eq!(pair[0], None, "not before it is asked for");
            assert!(pair[1].is_some_and(|sent| sent.starts_with(expected)), "{pair:?}");
        }
        assert_eq!(posts[2].body, posts[3].body);
    }
}

#[tokio::test]
async fn nothing_secret_is_sent_over_http() {
    let posts = asked_for_password("http", r#"Basic realm="inbox""#).await;
    assert_eq!(posts.len(), 2, "asking changes nothing");
    assert!(posts.iter().all(|post| post.header("authorization").is_none()));
}
