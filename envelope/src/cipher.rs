//! The ciphers over a whole part, in place.

use aes_gcm::AesGcm;
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::{U12, U13, U14, U15};
use aes_gcm::aead::{KeyInit, Nonce as AeadNonce, Tag as AeadTag};
use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    self, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use secret::Plaintext;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeLess};

use crate::algorithm::{ContentAlgorithm, ContentKey, Integrity};

/// A cipher refused: key, nonce, length, padding or tag, and nobody learns which.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct CipherError;

impl From<aws_lc_rs::error::Unspecified> for CipherError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

/// The block size of AES, and the longest padding.
const BLOCK: usize = 16;
/// The tag that aws-lc-rs makes and checks.
const FULL_TAG: usize = 16;

/// Opens `held` in place. `authenticated` and `mac` are empty where the algorithm has no integrity.
///
/// # Errors
/// [`CipherError`]; then `held` is of no use and must not be read.
pub(crate) fn open(
    key: &ContentKey,
    held: &mut Plaintext,
    authenticated: &[u8],
    mac: &[u8],
) -> Result<(), CipherError> {
    match key.algorithm.integrity() {
        Integrity::None => open_cbc(key, held),
        Integrity::Authenticated if mac.len() == FULL_TAG => {
            open_gcm(key, held, authenticated, mac)
        }
        Integrity::Authenticated => open_gcm_short(key, held, authenticated, mac),
    }
}

fn open_cbc(key: &ContentKey, held: &mut Plaintext) -> Result<(), CipherError> {
    let vector: [u8; BLOCK] = key.nonce.as_slice().try_into().map_err(|_| CipherError)?;
    let cipher = DecryptingKey::cbc(UnboundCipherKey::new(
        block_cipher(key.algorithm)?,
        key.key.expose(),
    )?)?;
    if held.is_empty() {
        return Err(CipherError);
    }
    cipher.decrypt(
        held.expose_mut(),
        DecryptionContext::Iv128(FixedLength::from(vector)),
    )?;
    let (padding, right) = padding(held.expose()).ok_or(CipherError)?;
    // One decision, after every octet was looked at.
    if !bool::from(right) {
        return Err(CipherError);
    }
    held.truncate(held.len().saturating_sub(usize::from(padding)));
    Ok(())
}

/// Decrypts the first octets of a content, as many as are whole, without any proof. See [`crate::unproven`], its one caller.
///
/// # Errors
/// [`CipherError`]
pub(crate) fn open_unproven(key: &ContentKey, held: &mut Plaintext) -> Result<(), CipherError> {
    let (cipher, vector) = match key.algorithm {
        ContentAlgorithm::Aes128Cbc | ContentAlgorithm::Aes192Cbc | ContentAlgorithm::Aes256Cbc => {
            let blocks = held.len().div_euclid(BLOCK);
            held.truncate(blocks.saturating_mul(BLOCK));
            let unbound = UnboundCipherKey::new(block_cipher(key.algorithm)?, key.key.expose())?;
            (DecryptingKey::cbc(unbound)?, key.nonce.clone())
        }
        ContentAlgorithm::Aes128Gcm => (counter_mode(&cipher::AES_128, key)?, first_counter(key)),
        ContentAlgorithm::Aes256Gcm => (counter_mode(&cipher::AES_256, key)?, first_counter(key)),
    };
    let vector: [u8; BLOCK] = vector.as_slice().try_into().map_err(|_| CipherError)?;
    cipher.decrypt(
        held.expose_mut(),
        DecryptionContext::Iv128(FixedLength::from(vector)),
    )?;
    Ok(())
}

fn counter_mode(
    algorithm: &'static cipher::Algorithm,
    key: &ContentKey,
) -> Result<DecryptingKey, CipherError> {
    Ok(DecryptingKey::ctr(UnboundCipherKey::new(
        algorithm,
        key.key.expose(),
    )?)?)
}

/// NIST SP 800-38D §7.1: the block after J0 = nonce ‖ 1.
fn first_counter(key: &ContentKey) -> Vec<u8> {
    [key.nonce.as_slice(), &[0, 0, 0, 2]].concat()
}

/// RFC 5652 §6.3: one to sixteen octets, each of them their number. Looks at the whole last block, whatever it holds.
fn padding(opened: &[u8]) -> Option<(u8, Choice)> {
    let last_block: &[u8; BLOCK] = opened.last_chunk()?;
    let padding = *last_block.last()?;
    let mut right = !padding.ct_eq(&0) & padding.ct_lt(&17);
    for (place, octet) in (0_u8..).zip(last_block.iter().rev()) {
        let inside = place.ct_lt(&padding);
        right &= Choice::conditional_select(&Choice::from(1), &octet.ct_eq(&padding), inside);
    }
    Some((padding, right))
}

fn block_cipher(algorithm: ContentAlgorithm) -> Result<&'static cipher::Algorithm, CipherError> {
    match algorithm {
        ContentAlgorithm::Aes128Cbc => Ok(&cipher::AES_128),
        ContentAlgorithm::Aes192Cbc => Ok(&cipher::AES_192),
        ContentAlgorithm::Aes256Cbc => Ok(&cipher::AES_256),
        ContentAlgorithm::Aes128Gcm | ContentAlgorithm::Aes256Gcm => Err(CipherError),
    }
}

fn open_gcm(
    key: &ContentKey,
    held: &mut Plaintext,
    authenticated: &[u8],
    mac: &[u8],
) -> Result<(), CipherError> {
    let nonce = Nonce::try_assume_unique_for_key(&key.nonce)?;
    let cipher = gcm(key)?;
    cipher.open_in_place_separate_tag(nonce, Aad::from(authenticated), mac, held.expose_mut())?;
    Ok(())
}

fn gcm(key: &ContentKey) -> Result<LessSafeKey, CipherError> {
    let algorithm = match key.algorithm {
        ContentAlgorithm::Aes128Gcm => &aead::AES_128_GCM,
        ContentAlgorithm::Aes256Gcm => &aead::AES_256_GCM,
        ContentAlgorithm::Aes128Cbc | ContentAlgorithm::Aes192Cbc | ContentAlgorithm::Aes256Cbc => {
            return Err(CipherError);
        }
    };
    Ok(LessSafeKey::new(UnboundKey::new(
        algorithm,
        key.key.expose(),
    )?))
}

/// Tags of 12 to 15 octets (RFC 5084 §3.2; 12 is its default), which aws-lc-rs does not check.
fn open_gcm_short(
    key: &ContentKey,
    held: &mut Plaintext,
    authenticated: &[u8],
    mac: &[u8],
) -> Result<(), CipherError> {
    use aes_gcm::aes::{Aes128, Aes256};
    match (key.algorithm, mac.len()) {
        (ContentAlgorithm::Aes128Gcm, 12) => {
            short::<AesGcm<Aes128, U12, U12>>(key, held, authenticated, mac)
        }
        (ContentAlgorithm::Aes128Gcm, 13) => {
            short::<AesGcm<Aes128, U12, U13>>(key, held, authenticated, mac)
        }
        (ContentAlgorithm::Aes128Gcm, 14) => {
            short::<AesGcm<Aes128, U12, U14>>(key, held, authenticated, mac)
        }
        (ContentAlgorithm::Aes128Gcm, 15) => {
            short::<AesGcm<Aes128, U12, U15>>(key, held, authenticated, mac)
        }
        (ContentAlgorithm::Aes256Gcm, 12) => {
            short::<AesGcm<Aes256, U12, U12>>(key, held, authenticated, mac)
        }
        (ContentAlgorithm::Aes256Gcm, 13) => {
            short::<AesGcm<Aes256, U12, U13>>(key, held, authenticated, mac)
        }
        (ContentAlgorithm::Aes256Gcm, 14) => {
            short::<AesGcm<Aes256, U12, U14>>(key, held, authenticated, mac)
        }
        (ContentAlgorithm::Aes256Gcm, 15) => {
            short::<AesGcm<Aes256, U12, U15>>(key, held, authenticated, mac)
        }
        _refused => Err(CipherError),
    }
}

fn short<C: KeyInit + AeadInOut>(
    key: &ContentKey,
    held: &mut Plaintext,
    authenticated: &[u8],
    mac: &[u8],
) -> Result<(), CipherError> {
    let cipher = C::new_from_slice(key.key.expose()).map_err(|_| CipherError)?;
    let nonce = <&AeadNonce<C>>::try_from(key.nonce.as_slice()).map_err(|_| CipherError)?;
    let tag = <&AeadTag<C>>::try_from(mac).map_err(|_| CipherError)?;
    cipher
        .decrypt_inout_detached(nonce, authenticated, held.expose_mut().into(), tag)
        .map_err(|_| CipherError)
}

/// Seals `content` in place and returns the tag, empty for CBC, whose caller has padded it (RFC 5652 §6.3).
///
/// # Errors
/// [`CipherError`]; then `content` may be half sealed and must not be used.
pub(crate) fn seal(key: &ContentKey, content: &mut [u8]) -> Result<Vec<u8>, CipherError> {
    match key.algorithm.integrity() {
        Integrity::None => {
            seal_cbc(key, content)?;
            Ok(Vec::new())
        }
        Integrity::Authenticated => {
            let nonce = Nonce::try_assume_unique_for_key(&key.nonce)?;
            let tag = gcm(key)?.seal_in_place_separate_tag(nonce, Aad::empty(), content)?;
            Ok(tag.as_ref().to_vec())
        }
    }
}

fn seal_cbc(key: &ContentKey, content: &mut [u8]) -> Result<(), CipherError> {
    let vector: [u8; BLOCK] = key.nonce.as_slice().try_into().map_err(|_| CipherError)?;
    let cipher = EncryptingKey::cbc(UnboundCipherKey::new(
        block_cipher(key.algorithm)?,
        key.key.expose(),
    )?)?;
    cipher.less_safe_encrypt(content, EncryptionContext::Iv128(FixedLength::from(vector)))?;
    Ok(())
}

/// How many octets of padding `len` octets get: to the next multiple of the block, and never none.
pub(crate) fn padding_for(algorithm: ContentAlgorithm, len: usize) -> u8 {
    match algorithm.integrity() {
        Integrity::Authenticated => 0,
        Integrity::None => {
            let over = u8::try_from(len.checked_rem(BLOCK).unwrap_or(0)).unwrap_or(0);
            16_u8.saturating_sub(over)
        }
    }
}

#[cfg(test)]
mod tests {
    use secret::SessionKey;

    use super::*;

    fn key(algorithm: ContentAlgorithm) -> ContentKey {
        ContentKey {
            key: SessionKey::fill(algorithm.key_len(), |room| {
                room.fill(7);
                Ok::<_, ()>(())
            })
            .unwrap(),
            algorithm,
            nonce: vec![9; algorithm.nonce_len()],
        }
    }

    #[test]
    fn only_right_padding_is_right() {
        let right = |block: &[u8]| padding(block).map(|(len, right)| (len, bool::from(right)));
        for len in 1..=16_u8 {
            let mut block = [0xaa; 16];
            block[16 - usize::from(len)..].fill(len);
            assert_eq!(right(&block), Some((len, true)));
            for place in 16 - usize::from(len)..16 {
                let mut wrong = block;
                wrong[place] ^= 0x20;
                assert!(!right(&wrong).unwrap().1, "{len} {place}");
            }
        }
        assert_eq!(right(&[0; 16]), Some((0, false)));
        assert_eq!(right(&[17; 16]), Some((17, false)));
        assert_eq!(right(&[1; 15]), None);
    }

    #[test]
    fn short_tags_open_and_are_checked() {
        for algorithm in [ContentAlgorithm::Aes128Gcm, ContentAlgorithm::Aes256Gcm] {
            let mut sealed = b"a photograph".to_vec();
            let tag = seal(&key(algorithm), &mut sealed).unwrap();
            for len in 0..=16 {
                let mut held = Plaintext::adopt(sealed.clone());
                let opened = open(&key(algorithm), &mut held, b"", &tag[..len]);
                assert_eq!(opened.is_ok(), len >= 12, "{len}");
                let mut wrong = tag[..len].to_vec();
                let Some(last) = wrong.last_mut() else {
                    continue;
                };
                *last ^= 1;
                let mut held = Plaintext::adopt(sealed.clone());
                assert!(
                    open(&key(algorithm), &mut held, b"", &wrong).is_err(),
                    "{len}"
                );
            }
        }
    }

    #[test]
    fn wrong_padding_does_not_open() {
        let algorithm = ContentAlgorithm::Aes256Cbc;
        for block in [
            [0; 16],
            [17; 16],
            [0xff; 16],
            core::array::from_fn(|at| if at < 13 { 1 } else { 4 }),
        ] {
            let mut sealed = block.to_vec();
            seal(&key(algorithm), &mut sealed).unwrap();
            let mut held = Plaintext::adopt(sealed);
            assert_eq!(
                open(&key(algorithm), &mut held, b"", b""),
                Err(CipherError),
                "{block:?}"
            );
        }
    }

    #[test]
    fn the_first_octets_decrypt_without_the_rest() {
        for algorithm in [
            ContentAlgorithm::Aes192Cbc,
            ContentAlgorithm::Aes128Gcm,
            ContentAlgorithm::Aes256Gcm,
        ] {
            let content = [b"0123456789abcdef".as_slice(); 4].concat();
            let mut sealed = content.clone();
            seal(&key(algorithm), &mut sealed).unwrap();
            sealed.truncate(39);
            let mut held = Plaintext::adopt(sealed);
            open_unproven(&key(algorithm), &mut held).unwrap();
            let whole = if algorithm.integrity() == Integrity::None {
                32
            } else {
                39
            };
            assert_eq!(held.expose(), &content[..whole]);
        }
    }

    #[test]
    fn cbc_is_refused_for_lengths_that_are_no_blocks() {
        for algorithm in [
            ContentAlgorithm::Aes128Cbc,
            ContentAlgorithm::Aes192Cbc,
            ContentAlgorithm::Aes256Cbc,
        ] {
            for len in [0, 1, 15, 17] {
                let mut held = Plaintext::adopt(vec![0; len]);
                assert_eq!(open(&key(algorithm), &mut held, b"", b""), Err(CipherError));
            }
        }
    }

    #[test]
    fn cbc_opens_what_it_sealed() {
        for algorithm in [
            ContentAlgorithm::Aes128Cbc,
            ContentAlgorithm::Aes192Cbc,
            ContentAlgorithm::Aes256Cbc,
        ] {
            for len in [0_usize, 1, 15, 16, 17, 1000] {
                let padding = padding_for(algorithm, len);
                let mut sealed = vec![3; len];
                sealed.extend(std::iter::repeat_n(padding, usize::from(padding)));
                seal(&key(algorithm), &mut sealed).unwrap();
                let mut held = Plaintext::adopt(sealed);
                open(&key(algorithm), &mut held, b"", b"").unwrap();
                assert_eq!(held.expose(), vec![3; len]);
            }
        }
    }
}
