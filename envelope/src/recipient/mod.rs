//! Certificates and private keys of those who receive.

use crate::ContentKey;
use crate::cms::{Header, Recipient};
use rand_core::CryptoRng;

/// An X.509 certificate (RFC 5280).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    der: Vec<u8>,
}

/// What kind of key a certificate or private key is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyKind {
    /// RSA
    Rsa,
    /// EC P-256
    P256,
    /// X25519
    X25519,
}

/// A private key.
pub struct PrivateKey {
    _kind: KeyKind,
}

/// A recipient: the certificate that senders encrypt to, and its private key.
pub struct Holder {
    key: PrivateKey,
    certificate: Certificate,
}

/// A certificate or key that cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyError {
    /// not what it should be
    Malformed,
    /// of a kind that is not handled
    Unsupported,
    /// encrypted, and no passphrase was given
    PassphraseNeeded,
    /// the passphrase is wrong
    WrongPassphrase,
    /// the certificate is for another key
    Mismatch,
}

/// Why no content key came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnwrapError {
    /// no recipient is this holder
    NotARecipient,
    /// an algorithm that is not handled
    Unsupported,
    /// the wrapped key does not open
    Damaged,
}

impl Certificate {
    /// Reads DER.
    /// # Errors
    /// [`KeyError`]
    pub fn from_der(_der: &[u8]) -> Result<Self, KeyError> {
        todo!()
    }
    /// Reads the first certificate of a PEM text.
    /// # Errors
    /// [`KeyError`]
    pub fn from_pem(_pem: &str) -> Result<Self, KeyError> {
        todo!()
    }
    /// The certificate's DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }
    /// The subject's name as text.
    #[must_use]
    pub fn subject(&self) -> String {
        todo!()
    }
    /// Mail addresses that it names.
    #[must_use]
    pub fn emails(&self) -> Vec<String> {
        todo!()
    }
    /// The kind of its public key.
    /// # Errors
    /// [`KeyError::Unsupported`]
    pub fn key_kind(&self) -> Result<KeyKind, KeyError> {
        todo!()
    }
}

impl PrivateKey {
    /// Reads DER: PKCS#8, PKCS#1 or SEC 1.
    /// # Errors
    /// [`KeyError`]
    pub fn from_der(_der: &[u8], _passphrase: Option<&[u8]>) -> Result<Self, KeyError> {
        todo!()
    }
    /// Reads the first private key of a PEM text: PKCS#8 (encrypted too), PKCS#1 or SEC 1.
    /// # Errors
    /// [`KeyError`]
    pub fn from_pem(_pem: &str, _passphrase: Option<&[u8]>) -> Result<Self, KeyError> {
        todo!()
    }
}

impl Holder {
    /// Joins a key with its certificate.
    /// # Errors
    /// [`KeyError::Mismatch`]
    pub fn new(key: PrivateKey, certificate: Certificate) -> Result<Self, KeyError> {
        Ok(Self { key, certificate })
    }
    /// Reads the private key and its certificate out of a PKCS #12 file (RFC 7292).
    /// # Errors
    /// [`KeyError`]
    pub fn from_pkcs12(_octets: &[u8], _passphrase: &str) -> Result<Self, KeyError> {
        todo!()
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
    /// Whether `recipient` names this holder.
    #[must_use]
    pub fn matches(&self, _recipient: &Recipient) -> bool {
        todo!()
    }
    /// Unwraps the content key that `header` has for this holder. `rng` blinds RSA, the key does not depend on it.
    /// # Errors
    /// [`UnwrapError`]
    pub fn unwrap(
        &self,
        _header: &Header,
        _rng: &mut impl CryptoRng,
    ) -> Result<ContentKey, UnwrapError> {
        todo!()
    }
}
