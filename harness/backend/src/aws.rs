//! Real AWS: the credentials chain, TLS, and an allowlist of accounts that is checked before anything else.
//!
//! | Item | What it is |
//! |---|---|
//! | [`AwsOptions`] | Region, profiles, allowlist |
//! | [`Accounts`] | the accounts that may be worked in; never shown |
//! | [`check_in`] | asks STS who we are, and refuses if that is not allowed |
//!
//! Account ids appear in no message, no `Debug` and no log.

use crate::endpoint::connector_for;
use crate::identity::Credentials;
use crate::tape::mask;
use crate::target::Parts;
use crate::transport::{FixedClient, tls, tls_without_pool};
use crate::{Capabilities, Capability, Identity, OpenError, Target};
use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_types::SdkConfig;
use proofmark_reference::AccountId;
use proofmark_reference::clock::{Clock, WallClock};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use tokio::sync::Mutex;

/// Accounts, as a comma-separated list, if there is no file.
pub const ACCOUNTS_VARIABLE: &str = "PROOFMARK_AWS_ACCOUNTS";

/// Credentials are fetched anew this long before they expire.
const EXPIRY_MARGIN: Duration = Duration::from_secs(300);

/// The accounts that may be worked in.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Accounts(BTreeSet<AccountId>);

impl fmt::Debug for Accounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Accounts({} not shown)", self.0.len())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountsFile {
    accounts: Vec<String>,
}

impl Accounts {
    /// Reads a comma-separated list.
    ///
    /// # Errors
    /// [`AwsError::NotAnAccount`] if an entry is not twelve digits.
    pub fn from_list(list: &str) -> Result<Self, AwsError> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        Accounts::from_entries(entries)
    }

    /// Reads a TOML file: `accounts = ["..."]`.
    ///
    /// # Errors
    /// [`AwsError::AccountsFile`] if it is something else, [`AwsError::NotAnAccount`] if an entry is not twelve digits.
    pub fn from_toml(text: &str) -> Result<Self, AwsError> {
        // The parser's message quotes the line, and the line may hold an account id.
        let file: AccountsFile = toml::from_str(text).map_err(|_| AwsError::AccountsFile)?;
        Accounts::from_entries(file.accounts.iter().map(String::as_str))
    }

    fn from_entries<'a>(entries: impl Iterator<Item = &'a str>) -> Result<Self, AwsError> {
        let accounts = entries
            .enumerate()
            .map(|(index, entry)| AccountId::parse(entry).ok_or(AwsError::NotAnAccount { place: index + 1 }));
        accounts.collect::<Result<_, _>>().map(Accounts)
    }

    fn allow(&self, account: AccountId) -> bool {
        self.0.contains(&account)
    }
}

/// Why AWS is not used.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// Nothing is allowed.
    #[error("no account is allowed; name the accounts to work in with --accounts or {ACCOUNTS_VARIABLE}")]
    NoAllowlist,
    /// An entry of the allowlist is not an account id.
    #[error("entry {place} of the allowed accounts is not twelve digits")]
    NotAnAccount {
        /// Which entry, from 1.
        place: usize,
    },
    /// The file of accounts is something else.
    #[error("the file of allowed accounts is not readable; it holds one line: accounts = [\"...\", \"...\"]")]
    AccountsFile,
    /// The credentials belong to an account that is not allowed.
    #[error(
        "the {whose} credentials belong to an account that is not allowed, so nothing was called; \
         check the profile, or add the account to --accounts or {ACCOUNTS_VARIABLE}"
    )]
    NotAllowed {
        /// `first` or `second`.
        whose: &'static str,
    },
    /// Both credentials are of one account.
    #[error("the second account's credentials belong to the first account; give it a profile of another account")]
    SameAccount,
    /// STS did not say who we are.
    #[error("STS did not say whose the {whose} credentials are: {message}")]
    Sts {
        /// `first` or `second`.
        whose: &'static str,
        /// What came instead, account ids masked.
        message: String,
    },
    /// There is no Region.
    #[error("no Region; give one, or set it in the profile or AWS_REGION")]
    NoRegion,
    /// There are no credentials.
    #[error("no credentials provider for the {whose} account; give a profile, or log in")]
    NoCredentials {
        /// `first` or `second`.
        whose: &'static str,
    },
    /// The endpoint override cannot be used.
    #[error(transparent)]
    Endpoint(#[from] OpenError),
}

/// Where to work on AWS, and as whom.
#[derive(Clone, Debug, Default)]
pub struct AwsOptions {
    /// The Region; the profile's or the environment's if absent.
    pub region: Option<String>,
    /// The profile of the first account; the default chain if absent.
    pub profile: Option<String>,
    /// The profile of a second account, if there is one.
    pub second_profile: Option<String>,
    /// Credentials to use instead of the first profile's.
    pub credentials: Option<Credentials>,
    /// The accounts that may be worked in.
    pub accounts: Accounts,
    /// Where requests go instead of AWS, STS's included: for trying this path against an emulator. If absent, what the
    /// environment (`AWS_ENDPOINT_URL`) or the profile says, as for any SDK; AWS if they say nothing.
    pub endpoint: Option<String>,
}

/// AWS, after STS has said that we may.
#[derive(Debug)]
pub(crate) struct Aws {
    region: String,
    pub(crate) endpoint: Option<String>,
    identities: Vec<(Identity, SharedCredentialsProvider)>,
}

/// Finds credentials, asks STS whose they are, and refuses if that account is not allowed. No other call is made.
pub(crate) async fn check_in(options: &AwsOptions) -> Result<Aws, AwsError> {
    if options.accounts.0.is_empty() {
        return Err(AwsError::NoAllowlist);
    }
    let first = load(options, options.profile.as_deref(), options.credentials.as_ref()).await;
    let region = first.region().ok_or(AwsError::NoRegion)?.to_string();
    let endpoint = options.endpoint.clone().or_else(|| first.endpoint_url().map(str::to_owned));
    let (account, provider) = admit(options, &first, endpoint.as_deref(), "first").await?;
    let mut identities = vec![(Identity::First, provider)];
    if let Some(profile) = &options.second_profile {
        let second = load(options, Some(profile), None).await;
        let (other, provider) = admit(options, &second, endpoint.as_deref(), "second").await?;
        if other == account {
            return Err(AwsError::SameAccount);
        }
        identities.push((Identity::Second, provider));
    }
    Ok(Aws { region, endpoint, identities })
}

async fn load(options: &AwsOptions, profile: Option<&str>, credentials: Option<&Credentials>) -> SdkConfig {
    let mut loader: ConfigLoader =
        aws_config::defaults(BehaviorVersion::latest()).http_client(FixedClient(tls_without_pool()));
    if let Some(region) = &options.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    if let Some(credentials) = credentials {
        loader = loader.credentials_provider(credentials.provider());
    }
    loader.load().await
}

/// The account behind a configuration, if it is allowed, and its credentials.
///
/// STS is asked where the cases' requests will go, and nowhere else: what another place says of the credentials, such
/// as one that only `AWS_ENDPOINT_URL_STS` names, is no permission to use them here.
async fn admit(
    options: &AwsOptions,
    config: &SdkConfig,
    endpoint: Option<&str>,
    whose: &'static str,
) -> Result<(AccountId, SharedCredentialsProvider), AwsError> {
    let provider = config.credentials_provider().ok_or(AwsError::NoCredentials { whose })?;
    let provider = SharedCredentialsProvider::new(Cached::new(provider));
    let connector = endpoint.map_or_else(|| Ok(tls_without_pool()), connector_for)?;
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(provider.clone())
        .http_client(FixedClient(connector));
    builder.set_region(config.region().cloned()).set_endpoint_url(endpoint.map(str::to_owned));
    builder.set_time_source(config.time_source()).set_sleep_impl(config.sleep_impl());
    let sts = aws_sdk_sts::Client::new(&builder.build());
    let identity = sts.get_caller_identity().send().await;
    let identity = identity.map_err(|error| AwsError::Sts { whose, message: mask(&crate::chain(&error)) })?;
    let account = identity.account().and_then(AccountId::parse);
    let account = account.ok_or_else(|| AwsError::Sts { whose, message: "an answer without an account".to_owned() })?;
    if options.accounts.allow(account) { Ok((account, provider)) } else { Err(AwsError::NotAllowed { whose }) }
}

impl Aws {
    pub(crate) fn capabilities(&self) -> Capabilities {
        Capabilities::default()
            .with(Capability::StrictSignatures)
            .with(Capability::Quotas)
            .with_if(Capability::SecondAccount, self.identities.len() > 1)
    }

    pub(crate) fn open(&self) -> Result<Target, OpenError> {
        Ok(Target::new(Parts {
            connector: self.endpoint.as_deref().map_or_else(|| Ok(tls()), connector_for)?,
            clock: Arc::new(WallClock::new()),
            reference: None,
            in_process: false,
            region: self.region.clone(),
            endpoint: self.endpoint.clone(),
            identities: self.identities.clone(),
            capabilities: self.capabilities(),
            ephemeral: false,
            server: None,
            attempts: None,
        }))
    }
}

/// Keeps credentials until shortly before they expire: every unit has clients of its own, and a chain is slow.
#[derive(Debug)]
struct Cached {
    inner: SharedCredentialsProvider,
    clock: WallClock,
    latest: Mutex<Option<aws_credential_types::Credentials>>,
}

impl Cached {
    fn new(inner: SharedCredentialsProvider) -> Self {
        Cached { inner, clock: WallClock::new(), latest: Mutex::new(None) }
    }

    async fn provide(&self) -> Result<aws_credential_types::Credentials, CredentialsError> {
        let mut latest = self.latest.lock().await;
        if let Some(credentials) = latest.as_ref().filter(|credentials| self.is_fresh(credentials)) {
            return Ok(credentials.clone());
        }
        let credentials = self.inner.provide_credentials().await?;
        Ok(latest.insert(credentials).clone())
    }

    fn is_fresh(&self, credentials: &aws_credential_types::Credentials) -> bool {
        let expiry = credentials.expiry().and_then(|expiry| expiry.duration_since(UNIX_EPOCH).ok());
        let soon = Duration::from_nanos(self.clock.now().as_nanos()) + EXPIRY_MARGIN;
        expiry.is_none_or(|expiry| soon < expiry)
    }
}

impl ProvideCredentials for Cached {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowlist_is_read_and_never_shown() {
        let listed = Accounts::from_list("111122223333, 444455556666").unwrap();
        let filed = Accounts::from_toml("accounts = [\"444455556666\", \"111122223333\"]").unwrap();
        assert_eq!(listed, filed);
        assert_eq!(format!("{listed:?}"), "Accounts(2 not shown)");
    }

    #[test]
    fn a_mistake_in_the_allowlist_is_told_without_showing_it() {
        let error = Accounts::from_list("111122223333,1234567890123").unwrap_err().to_string();
        assert!(error.contains("entry 2") && !error.contains("1234567890123"), "{error}");
        let error = Accounts::from_toml("accounts = 111122223333").unwrap_err().to_string();
        assert!(!error.contains("111122223333"), "{error}");
    }
}
