//! Private keys, in the forms in which people have them.

use der::Decode;
use der::asn1::OctetStringRef;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use rsa::pkcs1::DecodeRsaPrivateKey;
use static_assertions::assert_not_impl_any;
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

use super::certificate::{Certificate, PublicKey};
use super::{KeyError, KeyKind, pem};
use crate::cms::oid;

/// A private key. Wiped on drop, never printed, never cloned.
pub struct PrivateKey(pub(super) Private);

/// The kinds. Each wipes itself on drop.
pub(super) enum Private {
    Rsa(Box<rsa::PrivateKey>),
    P256(p256::SecretKey),
    X25519(StaticSecret),
}

assert_not_impl_any!(PrivateKey: Clone, PartialEq, std::fmt::Debug);

/// PEM labels under which a private key stands (RFC 7468 §10, §11, RFC 8017 appendix A.1.2, RFC 5915 §4).
const LABELS: [&str; 4] = [
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
];

impl PrivateKey {
    /// Reads DER: PKCS #8 (RFC 5958), encrypted or not, PKCS #1 (RFC 8017) or SEC 1 (RFC 5915).
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn from_der(der: &[u8], passphrase: Option<&[u8]>) -> Result<Self, KeyError> {
        if let Ok(info) = PrivateKeyInfoRef::from_der(der) {
            return Self::from_pkcs8(&info);
        }
        if let Ok(encrypted) = EncryptedPrivateKeyInfoRef::from_der(der) {
            return Self::from_encrypted(&encrypted, passphrase.ok_or(KeyError::PassphraseNeeded)?);
        }
        if let Ok(key) = rsa::PrivateKey::from_pkcs1_der(der) {
            return Ok(Self(Private::Rsa(Box::new(key))));
        }
        let key = p256::SecretKey::from_sec1_der(der).map_err(|_| KeyError::Malformed)?;
        Ok(Self(Private::P256(key)))
    }

    /// Reads the first private key of a PEM text, which may hold certificates and remarks too.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is none, else as [`Self::from_der`].
    pub fn from_pem(text: &str, passphrase: Option<&[u8]>) -> Result<Self, KeyError> {
        let block = pem::blocks(text)
            .find(|block| LABELS.contains(&block.label))
            .ok_or(KeyError::Missing)?;
        Self::from_der(&block.decode()?, passphrase)
    }

    fn from_encrypted(
        encrypted: &EncryptedPrivateKeyInfoRef<'_>,
        passphrase: &[u8],
    ) -> Result<Self, KeyError> {
        let opened = encrypted.decrypt(passphrase).map_err(not_opened)?;
        let info = PrivateKeyInfoRef::from_der(opened.as_bytes())
            .map_err(|_| KeyError::WrongPassphrase)?;
        Self::from_pkcs8(&info)
    }

    pub(super) fn from_pkcs8(info: &PrivateKeyInfoRef<'_>) -> Result<Self, KeyError> {
        match info.algorithm.oid {
            oid::RSA_ENCRYPTION => {
                let key = rsa::PrivateKey::from_pkcs1_der(info.private_key.as_bytes());
                Ok(Self(Private::Rsa(Box::new(
                    key.map_err(|_| KeyError::Unsupported)?,
                ))))
            }
            oid::EC_PUBLIC_KEY => {
                let key =
                    p256::SecretKey::try_from(info.clone()).map_err(|_| KeyError::Unsupported)?;
                Ok(Self(Private::P256(key)))
            }
            oid::X25519 => {
                // RFC 8410 §7: CurvePrivateKey, an octet string inside the octet string.
                let inner = <&OctetStringRef>::from_der(info.private_key.as_bytes())?;
                let octets: &[u8; 32] = inner
                    .as_bytes()
                    .try_into()
                    .map_err(|_| KeyError::Malformed)?;
                let octets = Zeroizing::new(*octets);
                Ok(Self(Private::X25519(StaticSecret::from(*octets))))
            }
            _other => Err(KeyError::Unsupported),
        }
    }

    /// The kind of the key.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match &self.0 {
            Private::Rsa(_) => KeyKind::Rsa,
            Private::P256(_) => KeyKind::P256,
            Private::X25519(_) => KeyKind::X25519,
        }
    }

    /// Whether `certificate` is for this key.
    pub(super) fn belongs_to(&self, certificate: &Certificate) -> bool {
        let own = match &self.0 {
            Private::Rsa(key) => PublicKey::Rsa(key.to_public_key()),
            Private::P256(key) => PublicKey::P256(key.public_key()),
            Private::X25519(key) => PublicKey::X25519(key.into()),
        };
        certificate.public_key().is_ok_and(|public| public == own)
    }
}

/// A wrong passphrase shows in the padding, or, once in 256 times, in what comes out not being a key.
fn not_opened(error: pkcs8::Error) -> KeyError {
    if let pkcs8::Error::EncryptedPrivateKey(error) = error
        && error != pkcs8::pkcs5::Error::DecryptFailed
    {
        return KeyError::Unsupported;
    }
    KeyError::WrongPassphrase
}
