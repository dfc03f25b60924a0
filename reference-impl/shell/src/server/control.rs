//! `/_proofmark/`: reading and turning the knobs of a served reference. JSON in, JSON out.
//!
//! | Path | Methods | Body |
//! |---|---|---|
//! | `health` | GET | |
//! | `clock` | GET | |
//! | `clock/advance` | POST | `{"seconds": n}`, `{"milliseconds": n}` or `{"until_milliseconds": n}` |
//! | `clock/idle` | POST | `{"policy": "hold"}` or `{"policy": "leap"}` |
//! | `reset` | POST | |
//! | `freedom` | GET, PUT | the freedom knobs |
//! | `faults` | GET, PUT | a list of faults |
//! | `latencies` | GET, PUT | a list of latencies: how long requests take |
//! | `outages` | GET, PUT | a list of outages |
//! | `inbox` | GET | letters: e-mail, SMS, push, Lambda, Firehose |
//! | `log` | GET | the delivery status log |
//! | `metrics` | GET | SNS's metrics, by topic |
//! | `attempts` | GET, PUT | delivery attempts; `{"noted": true}` begins to note them |
//! | `opt-out` | POST | `{"number": "+1…"}`: a phone takes no more messages |
//!
//! No page in a browser may turn them: requests with an `Origin`, or whose `Host` is not this machine's own name
//! or address, are refused.

use crate::{Fault, Freedom, IdlePolicy, Latency, Outage, Reference, Timestamp};
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HOST, HeaderValue, ORIGIN};
use http::{Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

const PREFIX: &str = "/_proofmark/";
const PATHS: &str = "health, clock, clock/advance, clock/idle, reset, freedom, faults, latencies, outages, inbox, log, \
                     metrics, attempts, opt-out";

/// Nobody means to advance further than this.
const LONGEST_ADVANCE: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Whether a request is for the control surface.
pub(super) fn concerns<B>(request: &Request<B>) -> bool {
    request.uri().path().starts_with(PREFIX)
}

/// The control surface of one served reference.
#[derive(Debug)]
pub(super) struct Control {
    reference: Reference,
    address: SocketAddr,
}

/// Why a control request was not carried out.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("a control request must not carry an Origin header; call it from a program, not from a page")]
    Origin,
    #[error("`{0}` is not a name of this machine; call the control surface by localhost or the bound address")]
    Host(String),
    #[error("there is no `{0}` here; there are: {PATHS}")]
    Path(String),
    #[error("`{path}` takes {allowed}")]
    Method { path: &'static str, allowed: &'static str },
    #[error("the body is not what this path takes: {0}")]
    Body(#[from] serde_json::Error),
    #[error("advance by a hundred years at most")]
    TooFar,
    #[error(transparent)]
    NotVirtual(#[from] crate::NotVirtual),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Refusal::Origin | Refusal::Host(_) => StatusCode::FORBIDDEN,
            Refusal::Path(_) => StatusCode::NOT_FOUND,
            Refusal::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Body(_) | Refusal::TooFar => StatusCode::BAD_REQUEST,
            Refusal::NotVirtual(_) => StatusCode::CONFLICT,
        }
    }

    fn response(&self) -> Response<Bytes> {
        let mut response = reply(self.status(), &json!({ "error": self.to_string() }));
        if let Refusal::Method { allowed, .. } = self {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        }
        response
    }
}

/// How far to move the clock.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Advance {
    Seconds(u64),
    Milliseconds(u64),
    UntilMilliseconds(u64),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Idle {
    policy: IdleName,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attempts {
    noted: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phone {
    number: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum IdleName {
    Hold,
    Leap,
}

impl From<IdlePolicy> for IdleName {
    fn from(policy: IdlePolicy) -> Self {
        match policy {
            IdlePolicy::Hold => IdleName::Hold,
            IdlePolicy::LeapAfter(_) => IdleName::Leap,
        }
    }
}

impl Control {
    pub(super) fn new(reference: Reference, address: SocketAddr) -> Self {
        Control { reference, address }
    }

    /// Carries out one control request.
    pub(super) async fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let carried_out = match self.guard(request) {
            Ok(()) => self.route(request).await,
            Err(refusal) => Err(refusal),
        };
        match carried_out {
            Ok(value) => reply(StatusCode::OK, &value),
            Err(refusal) => refusal.response(),
        }
    }

    /// Keeps web pages out, also those whose name was rebound to this machine.
    fn guard(&self, request: &Request<Bytes>) -> Result<(), Refusal> {
        if request.headers().contains_key(ORIGIN) {
            return Err(Refusal::Origin);
        }
        let host = host(request);
        if self.is_ours(&host) { Ok(()) } else { Err(Refusal::Host(host)) }
    }

    fn is_ours(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(address) => address.is_loopback() || address == self.address.ip(),
            Err(_) => bare.eq_ignore_ascii_case("localhost"),
        }
    }

    async fn route(&self, request: &Request<Bytes>) -> Result<Value, Refusal> {
        let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
        match (path, request.method()) {
            ("health", &Method::GET) => Ok(json!(self.reference.health())),
            ("clock", &Method::GET) => Ok(self.clock()),
            ("clock/advance", &Method::POST) => self.advance(read(request)?).await,
            ("clock/idle", &Method::POST) => Ok(self.set_idle(&read(request)?)),
            ("reset", &Method::POST) => Ok(self.reset()),
            ("freedom", &Method::GET) => Ok(json!(self.reference.freedom())),
            ("freedom", &Method::PUT) => Ok(self.set_freedom(read(request)?)),
            ("faults", &Method::GET) => Ok(json!(self.reference.faults())),
            ("faults", &Method::PUT) => Ok(self.set_faults(read(request)?)),
            ("latencies", &Method::GET) => Ok(json!(self.reference.latencies())),
            ("latencies", &Method::PUT) => Ok(self.set_latencies(read(request)?)),
            ("outages", &Method::GET) => Ok(json!(self.reference.outages())),
            ("outages", &Method::PUT) => Ok(self.set_outages(read(request)?)),
            ("inbox", &Method::GET) => Ok(self.reference.seen(|seen| json!(seen.inbox.letters().collect::<Vec<_>>()))),
            ("log", &Method::GET) => Ok(self.reference.seen(|seen| json!(seen.log().collect::<Vec<_>>()))),
            ("metrics", &Method::GET) => Ok(self.reference.seen(|seen| json!(seen.metrics()))),
            ("attempts", &Method::GET) => Ok(self.reference.seen(|seen| json!(seen.attempts()))),
            ("attempts", &Method::PUT) => Ok(self.note_attempts(&read(request)?)),
            ("opt-out", &Method::POST) => Ok(self.opt_out(&read(request)?)),
            _ => Err(wrong_method(path)),
        }
    }

    fn clock(&self) -> Value {
        json!({
            "clock": self.reference.clock_kind(),
            "now_milliseconds": self.reference.clock().now().as_millis(),
            "idle": IdleName::from(self.reference.idle_policy()),
        })
    }

    async fn advance(&self, by: Advance) -> Result<Value, Refusal> {
        let now = self.reference.clock().now();
        let target = match by {
            Advance::Seconds(seconds) => now + Duration::from_secs(seconds),
            Advance::Milliseconds(milliseconds) => now + Duration::from_millis(milliseconds),
            Advance::UntilMilliseconds(milliseconds) => Timestamp::from_millis(milliseconds),
        };
        if target.since(now) > LONGEST_ADVANCE {
            return Err(Refusal::TooFar);
        }
        self.reference.advance_to(target).await?;
        Ok(self.clock())
    }

    fn set_idle(&self, idle: &Idle) -> Value {
        self.reference.set_idle_policy(match idle.policy {
            IdleName::Hold => IdlePolicy::Hold,
            IdleName::Leap => IdlePolicy::default(),
        });
        self.clock()
    }

    fn reset(&self) -> Value {
        self.reference.reset();
        json!(self.reference.health())
    }

    fn set_freedom(&self, freedom: Freedom) -> Value {
        self.reference.set_freedom(freedom);
        json!(self.reference.freedom())
    }

    fn set_faults(&self, faults: Vec<Fault>) -> Value {
        self.reference.set_faults(faults);
        json!(self.reference.faults())
    }
}

impl Control {
    fn set_latencies(&self, latencies: Vec<Latency>) -> Value {
        self.reference.set_latencies(latencies);
        json!(self.reference.latencies())
    }

    fn set_outages(&self, outages: Vec<Outage>) -> Value {
        self.reference.set_outages(outages);
        json!(self.reference.outages())
    }

    fn note_attempts(&self, attempts: &Attempts) -> Value {
        self.reference.note_attempts(attempts.noted);
        json!({ "noted": attempts.noted })
    }

    fn opt_out(&self, phone: &Phone) -> Value {
        json!({ "opted_out": self.reference.opt_out(&phone.number) })
    }
}

fn read<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, Refusal> {
    Ok(serde_json::from_slice(request.body())?)
}

/// The host that the client believes to talk to, without the port.
fn host(request: &Request<Bytes>) -> String {
    let header = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let header = header.and_then(|host| host.parse().ok());
    let authority: Option<http::uri::Authority> = header.or_else(|| request.uri().authority().cloned());
    authority.map_or_else(String::new, |authority| authority.host().to_owned())
}

fn wrong_method(path: &str) -> Refusal {
    match path {
        "health" => Refusal::Method { path: "health", allowed: "GET" },
        "clock" => Refusal::Method { path: "clock", allowed: "GET" },
        "clock/advance" => Refusal::Method { path: "clock/advance", allowed: "POST" },
        "clock/idle" => Refusal::Method { path: "clock/idle", allowed: "POST" },
        "reset" => Refusal::Method { path: "reset", allowed: "POST" },
        "freedom" => Refusal::Method { path: "freedom", allowed: "GET, PUT" },
        "faults" => Refusal::Method { path: "faults", allowed: "GET, PUT" },
        "latencies" => Refusal::Method { path: "latencies", allowed: "GET, PUT" },
        "outages" => Refusal::Method { path: "outages", allowed: "GET, PUT" },
        "inbox" => Refusal::Method { path: "inbox", allowed: "GET" },
        "log" => Refusal::Method { path: "log", allowed: "GET" },
        "metrics" => Refusal::Method { path: "metrics", allowed: "GET" },
        "attempts" => Refusal::Method { path: "attempts", allowed: "GET, PUT" },
        "opt-out" => Refusal::Method { path: "opt-out", allowed: "POST" },
        other => Refusal::Path(other.to_owned()),
    }
}

fn reply(status: StatusCode, value: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
