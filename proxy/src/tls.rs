//! TLS on both sides: TLS 1.3 and 1.2 by rustls with the aws-lc-rs provider, and nothing else.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig, ServerConnection,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};

use crate::config::{Authorities, Backend, ConfigError, Imap, StoreAddress};

/// The label under which both ends derive the channel binding (RFC 9266 §4.2).
const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// What the listener shows to clients.
///
/// # Errors
/// Where the certificate or key cannot be read, or do not belong together.
pub(crate) fn for_clients(imap: &Imap) -> Result<Arc<ServerConfig>, ConfigError> {
    let chain = certificates(&imap.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&imap.key).map_err(|e| {
        ConfigError::new(
            format!("imap.key {}: {e}", imap.key.display()),
            "name a PEM file with the certificate's private key, readable by the server",
        )
    })?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| unusable(&e))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|e| {
            ConfigError::new(
                format!("imap.certificate and imap.key: {e}"),
                "name a certificate and the private key that belongs to it",
            )
        })?;
    // RFC 9266 §4.2: with TLS 1.2 the exporter binds to the channel only with extended master secret.
    config.require_ems = true;
    // Tickets would let a resumed session answer before its handshake is over; a fresh one costs little.
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}

/// What is trusted of the store: its name, proven by the configured authorities or the public ones.
///
/// # Errors
/// Where the authorities cannot be read or the name cannot be one.
pub(crate) fn for_store(
    store: &Backend,
) -> Result<(Arc<ClientConfig>, ServerName<'static>), ConfigError> {
    let mut roots = RootCertStore::empty();
    match &store.ca {
        Authorities::Public | Authorities::System => {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned())
        }
        Authorities::File(path) => {
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(|e| {
                    ConfigError::new(
                        format!("backend.ca {}: {e}", path.display()),
                        "name a PEM file with the certificate of the authority",
                    )
                })?;
            }
        }
    }
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| unusable(&e))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.require_ems = true;
    let host = store.addresses.first().map(StoreAddress::host);
    let name = store.name.as_deref().or(host).unwrap_or_default();
    let name = ServerName::try_from(name.to_owned()).map_err(|_| {
        ConfigError::new(
            format!("backend.name: {name:?} is not a host name"),
            "write the name that stands in the store's certificate",
        )
    })?;
    Ok((Arc::new(config), name))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let wrong = |e: &dyn std::fmt::Display| {
        ConfigError::new(
            format!("certificate {}: {e}", path.display()),
            "name a PEM file with certificates, readable by the server",
        )
    };
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(|e| wrong(&e))?
        .collect::<Result<_, _>>()
        .map_err(|e| wrong(&e))?;
    if found.is_empty() {
        return Err(wrong(&"no certificate in it"));
    }
    Ok(found)
}

fn unusable(error: &rustls::Error) -> ConfigError {
    ConfigError::new(
        format!("TLS: {error}"),
        "this build of the program cannot speak TLS 1.3 and 1.2; build it with its own Cargo.lock",
    )
}

/// The `tls-exporter` channel binding of a finished handshake (RFC 9266 §4.2): 32 octets, empty context.
pub(crate) fn channel_binding(connection: &ServerConnection) -> Option<[u8; 32]> {
    connection
        .export_keying_material([0; 32], EXPORTER_LABEL, Some(&[]))
        .ok()
}
