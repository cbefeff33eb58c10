//! Those who receive: their certificates, their private keys, and what they do with them.
//!
//! Private keys are read on the handset only. Nothing here checks a certificate's chain: whose certificate to trust is
//! the caller's to know.

mod certificate;
mod pem;
mod pkcs12;
mod pkcs12_cipher;
mod private_key;
mod transport;
mod unwrap;

pub use certificate::Certificate;
pub(crate) use certificate::PublicKey;
pub use private_key::PrivateKey;
pub use unwrap::UnwrapError;
pub(crate) use unwrap::derived;

use crate::cms::{Recipient, RecipientId};

/// What kind of key a certificate or a private key has.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyKind {
    /// RSA.
    Rsa,
    /// Elliptic curve NIST P-256.
    P256,
    /// X25519 (RFC 8410).
    X25519,
}

/// Why a certificate or a key was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyError {
    /// Not in any form that is read here, or damaged.
    Malformed,
    /// In a known form, but with an algorithm that is not handled.
    Unsupported,
    /// Encrypted, and no passphrase was given.
    PassphraseNeeded,
    /// Encrypted, and not with this passphrase.
    WrongPassphrase,
    /// The file holds no private key, or no certificate.
    Missing,
    /// The certificate is for another key.
    Mismatch,
}

impl std::fmt::Display for KeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a certificate or key in a known form",
            Self::Unsupported => "an algorithm that is not handled",
            Self::PassphraseNeeded => "encrypted: a passphrase is needed",
            Self::WrongPassphrase => "not the right passphrase",
            Self::Missing => "no private key, or no certificate, is there",
            Self::Mismatch => "the certificate is for another key",
        })
    }
}

impl std::error::Error for KeyError {}

/// Reading DER failed.
impl From<der::Error> for KeyError {
    fn from(_: der::Error) -> Self {
        Self::Malformed
    }
}

/// A recipient: the certificate that senders encrypt to, and its private key.
pub struct Holder {
    key: PrivateKey,
    certificate: Certificate,
}

impl Holder {
    /// Joins a private key with its certificate.
    ///
    /// # Errors
    /// [`KeyError::Mismatch`] when the certificate is for another key.
    pub fn new(key: PrivateKey, certificate: Certificate) -> Result<Self, KeyError> {
        if key.belongs_to(&certificate) {
            Ok(Self { key, certificate })
        } else {
            Err(KeyError::Mismatch)
        }
    }

    /// Reads the private key and its certificate out of a PKCS #12 file (RFC 7292), as `openssl pkcs12 -export` of any
    /// age makes it. Other certificates in it are passed over.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn from_pkcs12(octets: &[u8], passphrase: &str) -> Result<Self, KeyError> {
        let (key, certificates) = pkcs12::read(octets, passphrase)?;
        let certificate = certificates
            .into_iter()
            .find(|certificate| key.belongs_to(certificate))
            .ok_or(KeyError::Missing)?;
        Self::new(key, certificate)
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The private key.
    #[must_use]
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// Whether `recipient` names this holder's certificate.
    #[must_use]
    pub fn matches(&self, recipient: &Recipient) -> bool {
        match &recipient.id {
            RecipientId::IssuerSerial { issuer, serial } => {
                self.certificate.is_issued_as(issuer, serial)
            }
            RecipientId::SubjectKeyId(id) => {
                self.certificate.subject_key_id().as_deref() == Some(id)
            }
            RecipientId::Unnamed => false,
        }
    }
}
