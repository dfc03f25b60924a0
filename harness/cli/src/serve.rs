//! `proofmark serve`: the reference on a port, until it is told to stop.

use crate::arguments::{ClockName, IdleName, ServeArguments};
use crate::exit::{Exit, Trouble};
use crate::output;
use crate::signals::Signals;
use crate::world::{freedom, name};
use proofmark_backend::{AccountId, chain};
use proofmark_reference::server::Server;
use proofmark_reference::{Credentials, IdlePolicy, Reference};
use serde::Deserialize;
use std::fmt::Write;
use std::path::Path;
use tokio::net::TcpListener;

pub(crate) fn run(options: &ServeArguments) -> Result<Exit, Trouble> {
    refuse_remote(options)?;
    let reference = reference(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Trouble::Bug(format!("no runtime: {error}")))?;
    runtime.block_on(serve(options, reference))
}

fn refuse_remote(options: &ServeArguments) -> Result<(), Trouble> {
    if options.listen.ip().is_loopback() || options.allow_remote {
        return Ok(());
    }
    Err(Trouble::Usage(format!(
        "other machines can reach {}, and there is no TLS; say --allow-remote if that is meant",
        options.listen
    )))
}

fn reference(options: &ServeArguments) -> Result<Reference, Trouble> {
    let mut builder = match (options.clock, options.idle) {
        (ClockName::Wall, Some(_)) => {
            return Err(Trouble::Usage("--idle is about a virtual clock; add --clock virtual".to_owned()));
        }
        (ClockName::Wall, None) => Reference::builder().wall_clock(),
        (ClockName::Virtual, idle) => Reference::builder().virtual_clock().idle(policy(idle)),
    };
    if let Some(path) = &options.credentials {
        builder = builder.credentials(read_credentials(path)?);
    }
    for path in &options.trust_ca {
        let pem = std::fs::read(path);
        let pem = pem.map_err(|error| Trouble::file(format!("cannot read {}", path.display()), error))?;
        let trusted = builder.trust_authority(&pem);
        builder = trusted.map_err(|error| Trouble::Usage(format!("{}: {error}", path.display())))?;
    }
    let builder = builder.seed(options.seed).profile(options.profile.into()).quotas(options.quotas);
    Ok(builder.freedom(freedom(options.adversarial)).build())
}

fn policy(idle: Option<IdleName>) -> IdlePolicy {
    match idle {
        Some(IdleName::Hold) => IdlePolicy::Hold,
        Some(IdleName::Leap) | None => IdlePolicy::default(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialsFile {
    credentials: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    access_key: String,
    secret: String,
    account: String,
    session_token: Option<String>,
}

fn read_credentials(path: &Path) -> Result<Vec<Credentials>, Trouble> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| Trouble::file(format!("cannot read {}", path.display()), error))?;
    // The parser's own message quotes the line, and the line may hold a secret.
    let file: CredentialsFile = toml::from_str(&text).map_err(|_| Trouble::Usage(malformed(path)))?;
    file.credentials.into_iter().map(|key| known(key, path)).collect()
}

fn malformed(path: &Path) -> String {
    let keys = "access_key, secret, account and, if there is one, session_token";
    format!("{} is not a file of credentials; give [[credentials]] tables with {keys}", path.display())
}

fn known(key: Key, path: &Path) -> Result<Credentials, Trouble> {
    let Key { access_key, secret, account, session_token } = key;
    let wrong = || Trouble::Usage(format!("an account in {} is not twelve digits", path.display()));
    let account = AccountId::parse(&account).ok_or_else(wrong)?;
    Ok(Credentials { access_key, secret, session_token, account, expires: None })
}

async fn serve(options: &ServeArguments, reference: Reference) -> Result<Exit, Trouble> {
    let listener = TcpListener::bind(options.listen).await;
    let listener = listener.map_err(|error| Trouble::Usage(taken(options, &error)))?;
    let server = Server::new(reference).serve(listener);
    let server = server.map_err(|error| Trouble::Bug(chain(&error)))?;
    // Before anybody is told that it serves, so that a signal in between is not lost.
    let mut stop = Signals::new()?;
    output::write(&greeting(options, &server.url()))?;
    stop.next().await;
    anstream::eprintln!("proofmark: stopping; long polls end now, and what was accepted is answered");
    server.shutdown().await;
    Ok(Exit::AsExpected)
}

fn taken(options: &ServeArguments, error: &std::io::Error) -> String {
    format!("cannot listen on {}: {error}; stop what does, or choose another address with --listen", options.listen)
}

fn greeting(options: &ServeArguments, url: &str) -> String {
    let mut text =
        format!("AWS messaging on {url} ({} clock, limits of {})\n\n", name(options.clock), name(options.profile));
    // Writing into a string does not fail.
    let _ = writeln!(text, "  export AWS_ENDPOINT_URL={url}\n  export AWS_REGION=us-east-1");
    let _ = match options.credentials {
        Some(_) => writeln!(text, "  # and the access key of one of the credentials that were given"),
        None => writeln!(text, "  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"),
    };
    let _ = writeln!(text, "\nControl:\n  curl {url}/_proofmark/health\n  curl -X POST {url}/_proofmark/reset");
    if options.clock == ClockName::Virtual {
        let _ = writeln!(text, "  curl -X POST -d '{{\"seconds\": 30}}' {url}/_proofmark/clock/advance");
        let _ = writeln!(text, "  curl -X POST -d '{{\"policy\": \"hold\"}}' {url}/_proofmark/clock/idle");
    }
    text + "  also /_proofmark/clock, /_proofmark/freedom and /_proofmark/faults\n\nCtrl-C or SIGTERM stops it.\n"
}
