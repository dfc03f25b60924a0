//! Any server that speaks AWS's protocols: an emulator, or `proofmark serve`.

use crate::target::Parts;
use crate::transport::plain_tcp;
use crate::{Capabilities, Capability, Credentials, Identity, OpenError, Target};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use http::Uri;
use http::uri::Scheme;
use proofmark_reference::clock::WallClock;
use std::sync::Arc;

/// Where the server is, and who calls it.
#[derive(Clone, Debug)]
pub struct EndpointOptions {
    /// Scheme and host, such as `http://localhost:4566`.
    pub url: String,
    /// The Region to sign for.
    pub region: String,
    /// Who calls.
    pub credentials: Credentials,
    /// Credentials of another account, if the server knows accounts.
    pub second_account: Option<Credentials>,
    /// Whether the server verifies signatures.
    pub strict_signatures: bool,
}

impl EndpointOptions {
    /// The server at `url`, called with the credentials that emulators take: `test`, `test`, in `us-east-1`.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        EndpointOptions {
            url: url.into(),
            region: "us-east-1".to_owned(),
            credentials: Credentials::new("test", "test"),
            second_account: None,
            strict_signatures: false,
        }
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        Capabilities::default()
            .with_if(Capability::SecondAccount, self.second_account.is_some())
            .with_if(Capability::StrictSignatures, self.strict_signatures)
            .with_if(Capability::HttpSubscriber, is_on_this_machine(&self.url))
    }

    pub(crate) fn open(&self) -> Result<Target, OpenError> {
        let mut identities = vec![(Identity::First, self.credentials.provider())];
        identities.extend(self.second_account.iter().map(|second| (Identity::Second, second.provider())));
        Ok(Target::new(Parts {
            connector: connector_for(&self.url)?,
            clock: Arc::new(WallClock::new()),
            reference: None,
            in_process: false,
            region: self.region.clone(),
            endpoint: Some(self.url.clone()),
            identities,
            capabilities: self.capabilities(),
            ephemeral: false,
            server: None,
            attempts: None,
        }))
    }
}

/// Whether a server at `url` can reach a port on the loopback interface.
fn is_on_this_machine(url: &str) -> bool {
    let uri: Option<Uri> = url.parse().ok();
    uri.as_ref().and_then(Uri::host).is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
}

/// A client that can reach `url`.
pub(crate) fn connector_for(url: &str) -> Result<SharedHttpConnector, OpenError> {
    let parsed: Uri = url.parse().map_err(|_| OpenError::NotAnEndpoint { url: url.to_owned() })?;
    match parsed.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => Ok(plain_tcp()),
        Some(scheme) if *scheme == Scheme::HTTPS => tls_for(url),
        _ => Err(OpenError::NotAnEndpoint { url: url.to_owned() }),
    }
}

#[cfg(feature = "aws")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature it fails")]
fn tls_for(_: &str) -> Result<SharedHttpConnector, OpenError> {
    Ok(crate::transport::tls())
}

#[cfg(not(feature = "aws"))]
fn tls_for(url: &str) -> Result<SharedHttpConnector, OpenError> {
    Err(OpenError::NoTls { url: url.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_scheme_is_refused_with_an_example() {
        let error = EndpointOptions::new("localhost:4566").open().unwrap_err();
        assert!(error.to_string().contains("http://localhost:4566"), "{error}");
    }

    #[cfg(not(feature = "aws"))]
    #[test]
    fn tls_needs_the_feature() {
        let error = EndpointOptions::new("https://example.invalid").open().unwrap_err();
        assert!(matches!(error, OpenError::NoTls { .. }));
    }

    #[test]
    fn a_second_account_is_a_capability() {
        let mut options = EndpointOptions::new("http://localhost:1");
        assert!(!options.capabilities().has(Capability::SecondAccount));
        options.second_account = Some(Credentials::new("a", "b"));
        assert!(options.capabilities().has(Capability::SecondAccount));
    }
}
