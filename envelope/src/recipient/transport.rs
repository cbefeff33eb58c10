//! RSA key transport: a content key encrypted to an RSA key.

use hkdf::Hkdf;
use rand_core::CryptoRng;
use rsa::Oaep;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use secret::SessionKey;
use sha1::Sha1;
use sha2::digest::{Digest, FixedOutputReset};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::unwrap::UnwrapError;
use crate::cms::{self, Hash};

/// RSAES-PKCS1-v1_5. Whatever the ciphertext holds, a key of `len` octets comes out: the one inside, or one that only the
/// private key's holder could compute (RFC 3218 §2.3). So nobody learns from an error whether the padding was right.
///
/// # Errors
/// [`UnwrapError::Damaged`] for a ciphertext of the wrong length, which anybody can see.
pub(super) fn open_pkcs1(
    key: &rsa::PrivateKey,
    encrypted: &[u8],
    len: usize,
    rng: &mut impl CryptoRng,
) -> Result<SessionKey, UnwrapError> {
    let opened = key
        .pkcs1v15_decrypt_with_rng(rng, encrypted)
        .map_err(|_| UnwrapError::Damaged)?;
    let opened = Zeroizing::new(opened);
    let mut substitute = substitute(key, encrypted, len)?;
    SessionKey::fill(len, |room| {
        let fits = opened.len().ct_eq(&len);
        let right = opened.iter().chain(std::iter::repeat(&0));
        for ((place, right), wrong) in room.iter_mut().zip(right).zip(substitute.iter_mut()) {
            *place = u8::conditional_select(wrong, right, fits);
        }
        Ok(())
    })
}

/// A key that is always the same for the same ciphertext, and unknown without the private key.
fn substitute(
    key: &rsa::PrivateKey,
    encrypted: &[u8],
    len: usize,
) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
    let exponent = Zeroizing::new(key.d().to_be_bytes());
    let mut octets = Zeroizing::new(vec![0; len]);
    Hkdf::<Sha256>::new(Some(encrypted), &exponent)
        .expand(b"keyhole key transport rejected", &mut octets)
        .map_err(|_| UnwrapError::Damaged)?;
    Ok(octets)
}

/// RSAES-OAEP (RFC 8017 §7.1.2), which has an answer of its own for what does not open.
///
/// # Errors
/// [`UnwrapError::Damaged`]
pub(super) fn open_oaep(
    key: &rsa::PrivateKey,
    parameters: &cms::Oaep,
    encrypted: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
    if encrypted.len() != key.size() {
        return Err(UnwrapError::Damaged);
    }
    match parameters.hash {
        Hash::Sha1 => masked::<Sha1>(key, parameters, encrypted, rng),
        Hash::Sha224 => masked::<Sha224>(key, parameters, encrypted, rng),
        Hash::Sha256 => masked::<Sha256>(key, parameters, encrypted, rng),
        Hash::Sha384 => masked::<Sha384>(key, parameters, encrypted, rng),
        Hash::Sha512 => masked::<Sha512>(key, parameters, encrypted, rng),
    }
}

fn masked<D: Digest + FixedOutputReset>(
    key: &rsa::PrivateKey,
    parameters: &cms::Oaep,
    encrypted: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
    let label = parameters.label.clone();
    match parameters.mask {
        Hash::Sha1 => opened::<D, Sha1>(key, label, encrypted, rng),
        Hash::Sha224 => opened::<D, Sha224>(key, label, encrypted, rng),
        Hash::Sha256 => opened::<D, Sha256>(key, label, encrypted, rng),
        Hash::Sha384 => opened::<D, Sha384>(key, label, encrypted, rng),
        Hash::Sha512 => opened::<D, Sha512>(key, label, encrypted, rng),
    }
}

fn opened<D: Digest + FixedOutputReset, M: Digest + FixedOutputReset>(
    key: &rsa::PrivateKey,
    label: Vec<u8>,
    encrypted: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
    let padding = Oaep::<D, M>::new_with_mgf_hash_and_label(label);
    key.decrypt_blinded(rng, padding, encrypted)
        .map(Zeroizing::new)
        .map_err(|_| UnwrapError::Damaged)
}
