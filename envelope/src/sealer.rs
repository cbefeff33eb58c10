//! Sealing: content in, a DER `ContentInfo` to its recipients out.
//!
//! `AuthEnvelopedData` (RFC 5083) with AES-256-GCM, or `EnvelopedData` (RFC 5652 §6) with AES-256-CBC for those who read
//! nothing else. A fresh key and nonce for every call, from the generator that is given.

use der::asn1::{ObjectIdentifier, OctetString};
use der::{Any, Encode};
use rand_core::CryptoRng;
use secret::SessionKey;
use spki::AlgorithmIdentifierOwned;
use zeroize::Zeroize;

use crate::agreement::AgreementError;
use crate::algorithm::{ContentAlgorithm, ContentKey, Integrity};
use crate::cipher::{self, CipherError};
use crate::cms::asn1::GcmParameters;
use crate::cms::ber::Tag;
use crate::cms::collect::{identifier, length};
use crate::cms::oid;
use crate::recipient::{Certificate, KeyError, KeyKind, derived};
use crate::to_recipient;

/// How the content is encrypted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SealAlgorithm {
    /// `AuthEnvelopedData`, AES-256-GCM.
    Aes256Gcm,
    /// The same with the derived key of RFC 9709.
    Aes256GcmHkdf,
    /// `EnvelopedData`, AES-256-CBC: without integrity, for readers that know nothing better.
    Aes256Cbc,
}

impl SealAlgorithm {
    fn content_algorithm(self) -> ContentAlgorithm {
        match self {
            Self::Aes256Gcm | Self::Aes256GcmHkdf => ContentAlgorithm::Aes256Gcm,
            Self::Aes256Cbc => ContentAlgorithm::Aes256Cbc,
        }
    }
}

/// Why nothing was sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SealError {
    /// No recipient was given.
    NoRecipient,
    /// A certificate's key is of a kind that is not handled.
    UnsupportedKey,
    /// There is not enough memory.
    TooLong,
    /// A primitive refused, or the generator gave what cannot be used.
    Failed,
}

impl std::fmt::Display for SealError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoRecipient => "no recipient was given",
            Self::UnsupportedKey => "a certificate's key is of a kind that is not handled",
            Self::TooLong => "too long to be sealed",
            Self::Failed => "sealing failed",
        })
    }
}

impl std::error::Error for SealError {}

impl From<KeyError> for SealError {
    fn from(_: KeyError) -> Self {
        Self::UnsupportedKey
    }
}

impl From<CipherError> for SealError {
    fn from(_: CipherError) -> Self {
        Self::Failed
    }
}

impl From<AgreementError> for SealError {
    fn from(_: AgreementError) -> Self {
        Self::Failed
    }
}

impl From<der::Error> for SealError {
    fn from(_: der::Error) -> Self {
        Self::Failed
    }
}

/// Seals `content`, a MIME entity, to all of `to`.
///
/// # Errors
/// [`SealError`]
pub fn seal(
    content: &[u8],
    to: &[Certificate],
    algorithm: SealAlgorithm,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealError> {
    if to.is_empty() {
        return Err(SealError::NoRecipient);
    }
    let algorithm_used = algorithm.content_algorithm();
    let transported = random_key(algorithm_used.key_len(), rng);
    let mut nonce = vec![0; algorithm_used.nonce_len()];
    rng.fill_bytes(&mut nonce);
    let recipients = recipient_infos(to, &transported, rng)?;
    let inner = content_identifier(algorithm_used, &nonce)?;
    let (key, named) = match algorithm {
        SealAlgorithm::Aes256Gcm | SealAlgorithm::Aes256Cbc => (transported, inner),
        SealAlgorithm::Aes256GcmHkdf => bound(&transported, &inner)?,
    };
    let key = ContentKey {
        key,
        algorithm: algorithm_used,
        nonce,
    };
    let (sealed, mac) = sealed(&key, content)?;
    assemble(
        algorithm_used,
        &version(algorithm_used, to)?,
        &recipients,
        &named,
        &sealed,
        &mac,
    )
}

fn random_key(len: usize, rng: &mut impl CryptoRng) -> SessionKey {
    let filled = SessionKey::fill(len, |room| {
        rng.fill_bytes(room);
        Ok::<_, std::convert::Infallible>(())
    });
    match filled {
        Ok(key) => key,
        Err(never) => match never {},
    }
}

/// RFC 9709 §2, §4: the derived key, and the identifier that says so.
fn bound(transported: &SessionKey, inner: &[u8]) -> Result<(SessionKey, Vec<u8>), SealError> {
    let key = derived(transported, inner).map_err(|_| SealError::Failed)?;
    Ok((key, sequence(&[&oid::CEK_HKDF_SHA256.to_der()?, inner])))
}

/// The content encrypted in room of its own, and its tag.
fn sealed(key: &ContentKey, content: &[u8]) -> Result<(Vec<u8>, Vec<u8>), SealError> {
    let padding = cipher::padding_for(key.algorithm, content.len());
    let len = content.len().saturating_add(usize::from(padding));
    let mut room = Vec::new();
    room.try_reserve_exact(len)
        .map_err(|_| SealError::TooLong)?;
    room.extend_from_slice(content);
    room.resize(len, padding);
    match cipher::seal(key, &mut room) {
        Ok(mac) => Ok((room, mac)),
        Err(error) => {
            // Still plaintext, or half of it.
            room.zeroize();
            Err(error.into())
        }
    }
}

/// DER of the content encryption algorithm's identifier.
fn content_identifier(algorithm: ContentAlgorithm, nonce: &[u8]) -> Result<Vec<u8>, SealError> {
    let nonce = OctetString::new(nonce)?;
    let parameters = match algorithm.integrity() {
        Integrity::None => Any::encode_from(&nonce)?,
        // The full tag, said explicitly: its default is 12 octets (RFC 5084 §3.2).
        Integrity::Authenticated => Any::encode_from(&GcmParameters {
            nonce,
            icv_len: Some(16),
        })?,
    };
    let identifier = AlgorithmIdentifierOwned {
        oid: algorithm.oid(),
        parameters: Some(parameters),
    };
    Ok(identifier.to_der()?)
}

fn recipient_infos(
    to: &[Certificate],
    transported: &SessionKey,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealError> {
    let infos: Result<Vec<Vec<u8>>, SealError> = to
        .iter()
        .map(|certificate| to_recipient::info(certificate, transported, rng))
        .collect();
    let mut infos = infos?;
    // X.690 §11.6: the order of a SET OF in DER.
    infos.sort_unstable();
    Ok(element(Tag::SET, &[&infos.concat()]))
}

/// RFC 5652 §6.1: 0 when every recipient is a key transport by issuer and serial number, else 2. RFC 5083 §2.1: 0.
fn version(algorithm: ContentAlgorithm, to: &[Certificate]) -> Result<Vec<u8>, SealError> {
    let mut version = 0_u8;
    for certificate in to {
        match (algorithm.integrity(), certificate.key_kind()?) {
            (Integrity::Authenticated, _) | (Integrity::None, KeyKind::Rsa) => {}
            (Integrity::None, KeyKind::P256 | KeyKind::X25519) => version = 2,
        }
    }
    Ok(version.to_der()?)
}

fn assemble(
    algorithm: ContentAlgorithm,
    version: &[u8],
    recipients: &[u8],
    identifier: &[u8],
    sealed: &[u8],
    mac: &[u8],
) -> Result<Vec<u8>, SealError> {
    let content = element(Tag::context_primitive(0), &[sealed]);
    let encrypted = sequence(&[&oid::DATA.to_der()?, identifier, &content]);
    let (content_type, enveloped): (ObjectIdentifier, Vec<u8>) = match algorithm.integrity() {
        Integrity::None => (
            oid::ENVELOPED_DATA,
            sequence(&[version, recipients, &encrypted]),
        ),
        Integrity::Authenticated => {
            let mac = element(Tag::OCTET_STRING, &[mac]);
            let all = [version, recipients, &encrypted, &mac];
            (oid::AUTH_ENVELOPED_DATA, sequence(&all))
        }
    };
    let wrapped = element(Tag::context(0), &[&enveloped]);
    Ok(sequence(&[&content_type.to_der()?, &wrapped]))
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(Tag::SEQUENCE, parts)
}

fn element(tag: Tag, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts
        .iter()
        .fold(0_usize, |sum, part| sum.saturating_add(part.len()));
    let mut der = identifier(tag);
    der.extend(length(content));
    der.reserve_exact(content);
    for part in parts {
        der.extend_from_slice(part);
    }
    der
}
