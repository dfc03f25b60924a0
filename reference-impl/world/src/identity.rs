//! Who calls, from where, and what things are named: accounts, Regions, ARNs.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A 12-digit AWS account id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The account of callers that name no other: `000000000000`.
    pub const DEFAULT: AccountId = AccountId(*b"000000000000");

    /// Parses exactly twelve ASCII digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 12] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_digit).then_some(AccountId(bytes))
    }

    /// The twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AccountId({self})")
    }
}

/// An AWS Region name, such as `eu-west-1`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Region(Arc<str>);

impl Region {
    /// Takes any name: the reference is not limited to today's list of Regions.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Region(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition the Region belongs to: `aws`, `aws-cn` or `aws-us-gov`.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        if self.0.starts_with("cn-") {
            "aws-cn"
        } else if self.0.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An Amazon Resource Name whose resource part is kept as text:
/// `arn:<partition>:<service>:<region>:<account>:<resource>`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Arn {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: Arc<str>,
    /// The service name, such as `sqs`.
    pub service: Arc<str>,
    /// The Region.
    pub region: Region,
    /// The owning account.
    pub account: AccountId,
    /// Everything after the fifth colon.
    pub resource: Arc<str>,
}

impl Arn {
    /// The ARN of `resource` of `service` in one account and Region.
    #[must_use]
    pub fn new(service: &str, region: &Region, account: AccountId, resource: &str) -> Self {
        Arn {
            partition: region.partition().into(),
            service: service.into(),
            region: region.clone(),
            account,
            resource: resource.into(),
        }
    }

    /// Parses an ARN with all six parts; `None` if it is malformed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (prefix, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let complete = prefix == "arn" && !partition.is_empty() && !service.is_empty() && !resource.is_empty();
        complete.then_some(())?;
        Some(Arn {
            partition: partition.into(),
            service: service.into(),
            region: Region::new(region),
            account: AccountId::parse(account)?,
            resource: resource.into(),
        })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn { partition, service, region, account, resource } = self;
        write!(formatter, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

impl Serialize for Arn {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Arn {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Arn::parse(&text).ok_or_else(|| serde::de::Error::custom("malformed ARN"))
    }
}

/// The protocol a request arrived in. A few answers depend on it (for example the text for a missing queue).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// AWS JSON 1.0 or 1.1.
    Json,
    /// AWS Query: form in, XML out.
    Query,
}

/// Who sends a request, and how it reached the service.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account whose credentials signed the request.
    pub account: AccountId,
    /// The Region of the signature's credential scope.
    pub region: Region,
    /// The protocol of the request.
    pub protocol: Protocol,
    /// Scheme and authority that QueueUrls are built on, without a trailing slash.
    pub endpoint: Arc<str>,
    /// The `X-Amzn-Trace-Id` header, if there was one.
    pub trace_header: Option<Arc<str>>,
    /// Whether the request carried a signature. SNS lets links in its letters be followed without one.
    pub signed: bool,
}

impl Caller {
    /// The IAM user id that SQS reports as `SenderId`: stable for an account.
    #[must_use]
    pub fn user_id(&self) -> String {
        format!("AIDA{}PROOFMARK", self.account)
    }

    /// The ARN of the calling IAM user, as denial texts name it.
    #[must_use]
    pub fn user_arn(&self) -> String {
        format!("arn:{}:iam::{}:user/proofmark", self.region.partition(), self.account)
    }
}
