//! Which certificates of `https` subscribers are good.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// The authorities that the world's browsers trust, and those that a user adds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust(Vec<CertificateDer<'static>>);

/// A file that was to hold certificates of authorities holds none, or one that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no certificate of an authority can be read; give a PEM file with a `-----BEGIN CERTIFICATE-----` in it")]
pub struct NoCertificate;

impl Trust {
    /// Trusts every certificate in this PEM text as an authority.
    pub(crate) fn add(&mut self, pem: &[u8]) -> Result<(), NoCertificate> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let read = read.ok().filter(|read| !read.is_empty()).ok_or(NoCertificate)?;
        let usable = |certificate: &CertificateDer<'_>| RootCertStore::empty().add(certificate.clone().into_owned());
        read.iter().try_for_each(usable).map_err(|_| NoCertificate)?;
        self.0.extend(read);
        Ok(())
    }

    pub(super) fn client_config(&self) -> ClientConfig {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.add_parsable_certificates(self.0.iter().cloned());
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has the suites of TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth()
    }
}
