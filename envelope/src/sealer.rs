//! Sealing: content in, a DER `ContentInfo` to its recipients out.

use crate::recipient::Certificate;
use rand_core::CryptoRng;

/// How the content is encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SealAlgorithm {
    /// `AuthEnvelopedData`, AES-256-GCM
    Aes256Gcm,
    /// the same with the derived key of RFC 9709
    Aes256GcmHkdf,
    /// `EnvelopedData`, AES-256-CBC: no integrity
    Aes256Cbc,
}

/// Why nothing was sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SealError {
    /// no recipient was given
    NoRecipient,
    /// a certificate's key is of a kind that is not handled
    UnsupportedKey,
    /// the content is too long
    TooLong,
    /// a primitive refused
    Failed,
}

/// Seals `content` to all of `to`.
///
/// # Errors
/// [`SealError`]
pub fn seal(
    _content: &[u8],
    _to: &[Certificate],
    _algorithm: SealAlgorithm,
    _rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealError> {
    todo!()
}
