//! TLS towards clients: TLS 1.3 and 1.2 by rustls with the aws-lc-rs provider, and nothing else. Works on octets; must open no file.

mod chosen;
mod identity;

use std::sync::Arc;

use rustls::{
    RootCertStore, ServerConfig, ServerConnection,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::CertifiedKey,
};
use zeroize::Zeroizing;

use crate::{
    config::{ConfigError, Imap},
    sources::{NOT_FOR_ALL, Sources},
};
use chosen::Chosen;
pub(crate) use identity::client_identity;

/// The label under which both ends derive the channel binding (RFC 9266 §4.2).
const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// The one that there is.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// The authorities of the public Web, compiled in.
pub(crate) fn public_authorities() -> RootCertStore {
    RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    }
}

/// What a listener shows to clients, and whom it believes of them.
///
/// # Errors
/// Everything that is wrong: certificates and keys that cannot be read or do not belong together, authorities that are none.
pub(crate) fn for_clients(
    imap: &Imap,
    sources: &Sources,
) -> Result<Arc<ServerConfig>, Vec<ConfigError>> {
    let mut wrong = Vec::new();
    let chosen = Chosen::of(imap, sources, &mut wrong);
    let believed = client_verifier(imap, sources).map_err(|error| wrong.push(error));
    let (Some(chosen), Ok(believed)) = (chosen, believed) else {
        return Err(wrong);
    };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| vec![unusable(&e)])?
        .with_client_cert_verifier(believed)
        .with_cert_resolver(Arc::new(chosen));
    // RFC 9266 §4.2: with TLS 1.2 the exporter binds to the channel only with extended master secret.
    config.require_ems = true;
    // Tickets would let a resumed session answer before its handshake is over; a fresh one costs little.
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}

/// A client may show a certificate, and one that it shows must be good: it is what EXTERNAL goes by.
fn client_verifier(
    imap: &Imap,
    sources: &Sources,
) -> Result<Arc<dyn ClientCertVerifier>, ConfigError> {
    let Some(path) = &imap.client_ca else {
        return Ok(WebPkiClientVerifier::no_client_auth());
    };
    let wrong = |e: &dyn std::fmt::Display| {
        ConfigError::new(
            format!("imap.client_ca {}: {e}", path.display()),
            "name a PEM file with the certificates of the authorities that vouch for clients",
        )
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates("imap.client_ca", path, sources)? {
        roots.add(certificate).map_err(|e| wrong(&e))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .allow_unauthenticated()
        .build()
        .map_err(|e| wrong(&e))
}

/// A certificate with its chain and its private key.
///
/// # Errors
/// Where one of them cannot be read, the key may be used by others, or they do not belong together.
pub(crate) fn certified_key(
    certificate: (&str, &std::path::Path),
    key: (&str, &std::path::Path),
    sources: &Sources,
) -> Result<CertifiedKey, ConfigError> {
    let chain = certificates(certificate.0, certificate.1, sources)?;
    let octets = sources.secret(key.0, key.1, NOT_FOR_ALL)?;
    let private = PrivateKeyDer::from_pem_slice(octets).map_err(|e| {
        ConfigError::new(
            format!("{} {}: {e}", key.0, key.1.display()),
            "name a PEM file with the certificate's private key, readable by the server",
        )
    })?;
    // What is given to the provider is a copy that is wiped; the provider keeps its own.
    let private = Zeroizing::new(private);
    CertifiedKey::from_der(chain, private.clone_key(), &provider()).map_err(|e| {
        ConfigError::new(
            format!(
                "{} {} and {}: {e}",
                certificate.0,
                certificate.1.display(),
                key.0
            ),
            "name a certificate and the private key that belongs to it",
        )
    })
}

/// The certificates in the file that the key `what` names: one at least.
///
/// # Errors
/// [`ConfigError`].
pub(crate) fn certificates(
    what: &str,
    path: &std::path::Path,
    sources: &Sources,
) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let wrong = |e: &dyn std::fmt::Display| {
        ConfigError::new(
            format!("{what} {}: {e}", path.display()),
            "name a PEM file with certificates, readable by the server",
        )
    };
    let found: Vec<_> = CertificateDer::pem_slice_iter(sources.file(what, path)?)
        .collect::<Result<_, _>>()
        .map_err(|e| wrong(&e))?;
    if found.is_empty() {
        return Err(wrong(&"no certificate in it"));
    }
    Ok(found)
}

pub(crate) fn unusable(error: &rustls::Error) -> ConfigError {
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
