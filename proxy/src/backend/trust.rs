//! What a store must prove in TLS: a chain to an authority, the right name, and where pins are configured one of those
//! keys besides. TLS 1.3 and 1.2 by rustls with aws-lc-rs. No file is opened here: certificates come as octets.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme,
    client::{
        WantsClientCert, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use sha2::{Digest, Sha256};
use wire::Confidential;

use crate::{
    config::{Authorities, Backend, BackendName, ConfigError, Pin},
    tls,
};

/// What a backend's configuration names by file or place, read by whoever may open files.
#[derive(Debug, Default)]
pub struct Files {
    /// The authorities: for `"system"` the system's, for a file those in it. Not looked at for `"public"`.
    pub authorities: Vec<CertificateDer<'static>>,
    /// What is shown to the store.
    pub client: Option<Shown>,
    /// The master's password.
    pub master_password: Option<Confidential>,
}

/// A certificate with its chain, and its key.
#[derive(Debug)]
pub struct Shown {
    /// The certificate, then what vouches for it.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its private key.
    pub key: PrivateKeyDer<'static>,
}

/// The certificates in a PEM file's octets; `what` names the file's key in the configuration.
///
/// # Errors
/// When there is none, or something else.
pub fn certificates(
    what: &str,
    octets: &[u8],
) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let wrong = |why: String| {
        ConfigError::new(
            format!("{what}: {why}"),
            "name a PEM file with certificates",
        )
    };
    let found: Vec<_> = CertificateDer::pem_slice_iter(octets)
        .collect::<Result<_, _>>()
        .map_err(|e| wrong(e.to_string()))?;
    if found.is_empty() {
        return Err(wrong("no certificate in it".to_owned()));
    }
    Ok(found)
}

/// The private key in a PEM file's octets.
///
/// # Errors
/// When there is none.
pub fn private_key(what: &str, octets: &[u8]) -> Result<PrivateKeyDer<'static>, ConfigError> {
    PrivateKeyDer::from_pem_slice(octets).map_err(|e| {
        ConfigError::new(
            format!("{what}: {e}"),
            "name a PEM file with the certificate's private key",
        )
    })
}

/// How TLS to the store `name` is spoken.
///
/// # Errors
/// When an authority cannot be one, or the certificate to show and its key do not belong together.
pub fn for_store(
    name: &BackendName,
    backend: &Backend,
    files: &Files,
) -> Result<Arc<ClientConfig>, ConfigError> {
    let roots = match &backend.ca {
        Authorities::Public => tls::public_authorities(),
        Authorities::System | Authorities::File(_) => {
            these(&format!("backend.{name}.ca"), &files.authorities)?
        }
    };
    let asked = asking(roots, &backend.pins)?;
    let mut config = match &files.client {
        None => asked.with_no_client_auth(),
        Some(shown) => asked
            .with_client_auth_cert(shown.chain.clone(), shown.key.clone_key())
            .map_err(|e| {
                ConfigError::new(
                    format!("backend.{name}.client_certificate: {e}"),
                    "name a certificate and the private key that belongs to it",
                )
            })?,
    };
    config.require_ems = true; // RFC 7627 §5.2: what a resumed session of TLS 1.2 is bound to
    Ok(Arc::new(config))
}

/// How TLS to the routing server is spoken.
pub(super) fn for_lookup(
    authorities: &[CertificateDer<'static>],
) -> Result<Arc<ClientConfig>, ConfigError> {
    let roots = match authorities {
        [] => tls::public_authorities(),
        some => these("routing.lookup.ca", some)?,
    };
    let mut config = asking(roots, &[])?.with_no_client_auth();
    config.require_ems = true;
    Ok(Arc::new(config))
}

/// A system's store may hold a certificate that is none; that all are unusable is an error.
fn these(
    what: &str,
    authorities: &[CertificateDer<'static>],
) -> Result<RootCertStore, ConfigError> {
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(authorities.iter().cloned());
    if usable == 0 {
        return Err(ConfigError::new(
            format!("{what}: no usable certificate of an authority"),
            "name a PEM file with the certificate of the authority, or write \"public\"",
        ));
    }
    Ok(roots)
}

fn asking(
    roots: RootCertStore,
    pins: &[Pin],
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, ConfigError> {
    let provider = tls::provider();
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| unusable(&e.to_string()))?;
    if pins.is_empty() {
        return Ok(builder.with_root_certificates(roots));
    }
    let pinned = Pinned::new(roots, pins, provider)?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pinned)))
}

fn unusable(why: &str) -> ConfigError {
    ConfigError::new(
        format!("TLS: {why}"),
        "this build of the program cannot speak TLS 1.3 and 1.2; build it with its own Cargo.lock",
    )
}

/// Asks for the chain and the name as ever, and for one of the pinned keys besides (RFC 7469 §2.6).
#[derive(Debug)]
struct Pinned {
    chain: Arc<WebPkiServerVerifier>,
    pins: Vec<Pin>,
}

impl Pinned {
    fn new(
        roots: RootCertStore,
        pins: &[Pin],
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, ConfigError> {
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|e| unusable(&e.to_string()))?;
        Ok(Self {
            chain,
            pins: pins.to_vec(),
        })
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // Never instead of the chain: a pin says which key, not whose.
        let verified = self.chain.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )?;
        let key = ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        let digest: [u8; 32] = Sha256::digest(&key).into();
        if self.pins.contains(&Pin(digest)) {
            return Ok(verified);
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
