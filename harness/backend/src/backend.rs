//! Which world, and how it is opened.

use crate::endpoint::EndpointOptions;
use crate::reference::ReferenceOptions;
use crate::target::Parts;
use crate::transport::Null;
use crate::{Capabilities, Credentials, Identity, Target, WallClock};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use std::sync::Arc;

/// Why a world could not be opened for a case.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// An `https` endpoint, and this build has no TLS.
    #[error("{url} needs TLS, which this build lacks; use an http URL or build with the `aws` feature")]
    NoTls {
        /// The endpoint.
        url: String,
    },
    /// The endpoint is not a URL that can be sent to.
    #[error("`{url}` is not an endpoint; give scheme and host, such as http://localhost:4566")]
    NotAnEndpoint {
        /// What was given.
        url: String,
    },
    /// The embedded server could not get a port.
    #[error("no port on the loopback interface for the embedded server")]
    Listen(#[source] std::io::Error),
}

/// A world that cases can run on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Backend(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Reference(ReferenceOptions),
    Endpoint(EndpointOptions),
    Null,
    #[cfg(feature = "aws")]
    Aws(crate::aws::Aws),
}

/// A world in which every request is answered at once.
fn nothing() -> Target {
    Target::new(Parts {
        connector: SharedHttpConnector::new(Null),
        clock: Arc::new(WallClock::new()),
        reference: None,
        in_process: true,
        region: "us-east-1".to_owned(),
        endpoint: None,
        identities: vec![(Identity::First, Credentials::new("test", "test").provider())],
        capabilities: Capabilities::default(),
        ephemeral: true,
        server: None,
        attempts: None,
    })
}

impl Backend {
    /// The reference, a new world for every case.
    #[must_use]
    pub fn reference(options: ReferenceOptions) -> Self {
        Backend(Arc::new(Kind::Reference(options)))
    }

    /// Any server that speaks AWS's protocols.
    #[must_use]
    pub fn endpoint(options: EndpointOptions) -> Self {
        Backend(Arc::new(Kind::Endpoint(options)))
    }

    /// Nothing: every request is answered at once. For timing the one who asks.
    #[must_use]
    pub fn null() -> Self {
        Backend(Arc::new(Kind::Null))
    }

    /// Real AWS. Asks STS whose the credentials are, and nothing else, before this returns.
    ///
    /// # Errors
    /// [`AwsError`](crate::aws::AwsError), `NotAllowed` above all.
    #[cfg(feature = "aws")]
    pub async fn aws(options: &crate::aws::AwsOptions) -> Result<Self, crate::aws::AwsError> {
        Ok(Backend(Arc::new(Kind::Aws(crate::aws::check_in(options).await?))))
    }

    /// `reference`, `endpoint`, `null` or `aws`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match *self.0 {
            Kind::Reference(_) => "reference",
            Kind::Endpoint(_) => "endpoint",
            Kind::Null => "null",
            #[cfg(feature = "aws")]
            Kind::Aws(_) => "aws",
        }
    }

    /// Where requests to AWS go instead, if the environment or a profile says so.
    #[cfg(feature = "aws")]
    #[must_use]
    pub fn instead_of_aws(&self) -> Option<&str> {
        match &*self.0 {
            Kind::Aws(aws) => aws.endpoint.as_deref(),
            _ => None,
        }
    }

    /// What every target of this backend can do.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        match &*self.0 {
            Kind::Reference(options) => options.capabilities(),
            Kind::Endpoint(options) => options.capabilities(),
            Kind::Null => Capabilities::default(),
            #[cfg(feature = "aws")]
            Kind::Aws(aws) => aws.capabilities(),
        }
    }

    /// Opens the world for one case. `case_seed` makes a reference's ids and freedoms; others ignore it.
    ///
    /// Call it on the runtime that the case runs on.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn open(&self, case_seed: u64) -> Result<Target, OpenError> {
        match &*self.0 {
            Kind::Reference(options) => options.open(case_seed).await,
            Kind::Endpoint(options) => options.open(),
            Kind::Null => Ok(nothing()),
            #[cfg(feature = "aws")]
            Kind::Aws(aws) => aws.open(),
        }
    }
}
