//! X.509 certificates (RFC 5280): whom one encrypts to. Read, not judged: neither chain nor dates are checked here.

use der::{Decode, Encode};
use spki::DecodePublicKey;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{SubjectAltName, SubjectKeyIdentifier};

use super::{KeyError, KeyKind, pem};
use crate::cms::oid;

/// An X.509 certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
}

/// A public key that a content key can be sent to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PublicKey {
    Rsa(rsa::PublicKey),
    P256(p256::PublicKey),
    X25519(x25519_dalek::PublicKey),
}

impl Certificate {
    /// Reads DER.
    ///
    /// # Errors
    /// [`KeyError::Malformed`]
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        Ok(Self {
            der: der.to_vec(),
            parsed: x509_cert::Certificate::from_der(der)?,
        })
    }

    /// Reads the first certificate of a PEM text, which may hold keys and remarks too.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is none, or as [`Self::from_der`].
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let block = pem::blocks(text)
            .find(|block| block.label == "CERTIFICATE")
            .ok_or(KeyError::Missing)?;
        Self::from_der(&block.decode()?)
    }

    /// The certificate's DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The subject's name as text (RFC 4514).
    #[must_use]
    pub fn subject(&self) -> String {
        self.parsed.tbs_certificate().subject().to_string()
    }

    /// The issuer's name as text (RFC 4514).
    #[must_use]
    pub fn issuer(&self) -> String {
        self.parsed.tbs_certificate().issuer().to_string()
    }

    /// The mail addresses that it is for: those of subjectAltName, else of the subject (RFC 8550 §3).
    #[must_use]
    pub fn emails(&self) -> Vec<String> {
        let tbs = self.parsed.tbs_certificate();
        let alternatives = tbs.get_extension::<SubjectAltName>().ok().flatten();
        let mut emails: Vec<String> = alternatives
            .map(|(_, names)| names.0)
            .into_iter()
            .flatten()
            .filter_map(|name| {
                let GeneralName::Rfc822Name(address) = name else {
                    return None;
                };
                Some(address.to_string())
            })
            .collect();
        if emails.is_empty() {
            let address = tbs.subject().email_address().ok().flatten();
            emails.extend(address.map(|address| address.to_string()));
        }
        emails
    }

    /// From when to when it is valid, in seconds since 1970.
    #[must_use]
    pub fn validity(&self) -> (u64, u64) {
        let validity = self.parsed.tbs_certificate().validity();
        let seconds = |time: &x509_cert::time::Time| time.to_unix_duration().as_secs();
        (seconds(&validity.not_before), seconds(&validity.not_after))
    }

    /// The kind of its public key.
    ///
    /// # Errors
    /// [`KeyError::Unsupported`]
    pub fn key_kind(&self) -> Result<KeyKind, KeyError> {
        Ok(self.public_key()?.kind())
    }

    /// The octets of the subject key identifier, where the certificate has one (RFC 5280 §4.2.1.2).
    pub(crate) fn subject_key_id(&self) -> Option<Vec<u8>> {
        let extension = self
            .parsed
            .tbs_certificate()
            .get_extension::<SubjectKeyIdentifier>();
        extension
            .ok()
            .flatten()
            .map(|(_, id)| id.0.as_bytes().to_vec())
    }

    /// DER of the issuer's name and of the serial number.
    pub(crate) fn issuer_and_serial(&self) -> Result<(Vec<u8>, Vec<u8>), KeyError> {
        let tbs = self.parsed.tbs_certificate();
        Ok((tbs.issuer().to_der()?, tbs.serial_number().to_der()?))
    }

    pub(crate) fn is_issued_as(&self, issuer: &[u8], serial: &[u8]) -> bool {
        self.issuer_and_serial()
            .is_ok_and(|own| own.0 == issuer && own.1 == serial)
    }

    pub(crate) fn public_key(&self) -> Result<PublicKey, KeyError> {
        let info = self.parsed.tbs_certificate().subject_public_key_info();
        match info.algorithm.oid {
            oid::RSA_ENCRYPTION => {
                let read = rsa::PublicKey::from_public_key_der(&info.to_der()?);
                Ok(PublicKey::Rsa(read.map_err(|_| KeyError::Unsupported)?))
            }
            oid::EC_PUBLIC_KEY => {
                let read = p256::PublicKey::from_public_key_der(&info.to_der()?);
                Ok(PublicKey::P256(read.map_err(|_| KeyError::Unsupported)?))
            }
            oid::X25519 => {
                let octets: [u8; 32] = info
                    .subject_public_key
                    .as_bytes()
                    .and_then(|octets| octets.try_into().ok())
                    .ok_or(KeyError::Malformed)?;
                Ok(PublicKey::X25519(octets.into()))
            }
            _other => Err(KeyError::Unsupported),
        }
    }
}

impl PublicKey {
    pub(crate) fn kind(&self) -> KeyKind {
        match self {
            Self::Rsa(_) => KeyKind::Rsa,
            Self::P256(_) => KeyKind::P256,
            Self::X25519(_) => KeyKind::X25519,
        }
    }
}
