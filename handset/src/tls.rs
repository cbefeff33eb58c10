//! TLS towards the proxy: who is trusted, and the value that binds a key statement to this one connection.

use std::sync::Arc;

use keyreveal::ChannelBinding;
use rustls::client::ClientConnection;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::Error;

/// RFC 9266 §2: the exporter's label.
const LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// Whose word on the server's certificate counts.
#[derive(Clone, Debug)]
pub struct Trust(RootCertStore);

/// A file of authorities that holds no certificate, or a broken one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TrustError;

impl Trust {
    /// The authorities that Mozilla trusts, as built into this program.
    #[must_use]
    pub fn web() -> Self {
        Self(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect())
    }

    /// Just the certificates in `pem`: an enterprise's authority, or a server's own self-signed certificate if that does not claim
    /// to be an authority (basicConstraints CA:FALSE, RFC 5280 §4.2.1.9).
    ///
    /// # Errors
    /// [`TrustError`] where there is none, or one that cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TrustError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| TrustError)?;
            roots.add(certificate).map_err(|_| TrustError)?;
        }
        if roots.is_empty() {
            return Err(TrustError);
        }
        Ok(Self(roots))
    }

    /// TLS 1.3, or 1.2 with the extended master secret (RFC 7627): RFC 9266 §4.2 allows the exporter on no other.
    pub(crate) fn client(&self) -> Result<Arc<ClientConfig>, Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let versions = [&rustls::version::TLS13, &rustls::version::TLS12];
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .map_err(Error::Tls)?
            .with_root_certificates(self.0.clone())
            .with_no_client_auth();
        config.require_ems = true;
        Ok(Arc::new(config))
    }
}

/// The exporter value of a finished handshake (RFC 9266 §2).
pub(crate) fn channel_binding(tls: &ClientConnection) -> Result<ChannelBinding, Error> {
    // RFC 9266 §2: the context is a zero-length string, which on TLS 1.2 is not the same as none (RFC 5705 §4).
    let exported = tls.export_keying_material([0; 32], LABEL, Some(b""));
    exported.map(ChannelBinding).map_err(Error::Tls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_tls_without_extended_master_secret_is_refused() {
        assert!(Trust::web().client().unwrap().require_ems);
    }

    #[test]
    fn a_file_without_a_certificate_is_not_trust_in_nobody_by_accident() {
        assert_eq!(Trust::from_pem(b"").err(), Some(TrustError));
        assert_eq!(Trust::from_pem(b"nothing").err(), Some(TrustError));
        let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(Trust::from_pem(broken).err(), Some(TrustError));
    }
}
