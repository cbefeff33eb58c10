//! Ephemeral-static Diffie-Hellman: from a shared secret to a wrapped content key and back (RFC 5753, RFC 8418, RFC 3394).

use aes_kw::{KeyInit, KwAes128, KwAes192, KwAes256};
use der::asn1::OctetString;
use der::{Decode, Encode};
use hkdf::Hkdf;
use hkdf::hmac::EagerHash;
use secret::{SecretBytes, SessionKey};
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use spki::AlgorithmIdentifierOwned;

use crate::cms::asn1::SharedInfo;
use crate::cms::{Hash, KeyDerivation, KeyWrap};

/// A derivation or a key wrap refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct AgreementError;

impl From<der::Error> for AgreementError {
    fn from(_: der::Error) -> Self {
        Self
    }
}

/// What both sides put into the derivation besides the secret.
pub(crate) struct Terms<'a> {
    pub(crate) derivation: KeyDerivation,
    pub(crate) wrap: KeyWrap,
    /// DER of the key wrap's identifier.
    pub(crate) wrap_identifier: &'a [u8],
    pub(crate) ukm: Option<&'a [u8]>,
}

impl Terms<'_> {
    /// The key-encryption key that follows from the shared secret `z`.
    pub(crate) fn key(&self, z: &[u8]) -> Result<SecretBytes, AgreementError> {
        let info = self.shared_info()?;
        let salt = self.ukm.unwrap_or_default();
        SecretBytes::fill(self.wrap.key_len(), |room| match self.derivation {
            KeyDerivation::X963(Hash::Sha1) => x963::<Sha1>(z, &info, room),
            KeyDerivation::X963(Hash::Sha224) => x963::<Sha224>(z, &info, room),
            KeyDerivation::X963(Hash::Sha256) => x963::<Sha256>(z, &info, room),
            KeyDerivation::X963(Hash::Sha384) => x963::<Sha384>(z, &info, room),
            KeyDerivation::X963(Hash::Sha512) => x963::<Sha512>(z, &info, room),
            KeyDerivation::Hkdf(Hash::Sha256) => hkdf::<Sha256>(z, salt, &info, room),
            KeyDerivation::Hkdf(Hash::Sha384) => hkdf::<Sha384>(z, salt, &info, room),
            KeyDerivation::Hkdf(Hash::Sha512) => hkdf::<Sha512>(z, salt, &info, room),
            // RFC 8418 §2.2 has no others.
            KeyDerivation::Hkdf(Hash::Sha1 | Hash::Sha224) => Err(AgreementError),
        })
    }

    /// RFC 5753 §7.2: the DER of ECC-CMS-SharedInfo.
    fn shared_info(&self) -> Result<Vec<u8>, AgreementError> {
        let bits = u32::try_from(self.wrap.key_len())
            .ok()
            .and_then(|octets| octets.checked_mul(8))
            .ok_or(AgreementError)?;
        let info = SharedInfo {
            key_info: AlgorithmIdentifierOwned::from_der(self.wrap_identifier)?,
            entity_u_info: self.ukm.map(OctetString::new).transpose()?,
            supp_pub_info: OctetString::new(bits.to_be_bytes())?,
        };
        Ok(info.to_der()?)
    }
}

/// SEC 1 §3.6.1: Hash(Z ‖ counter ‖ SharedInfo) for counter = 1, 2, ….
fn x963<D: Digest>(z: &[u8], info: &[u8], room: &mut [u8]) -> Result<(), AgreementError> {
    for (counter, place) in (1_u32..).zip(room.chunks_mut(<D as Digest>::output_size())) {
        let mut block = D::new()
            .chain_update(z)
            .chain_update(counter.to_be_bytes())
            .chain_update(info)
            .finalize();
        let octets = block.get(..place.len()).ok_or(AgreementError)?;
        place.copy_from_slice(octets);
        zeroize::Zeroize::zeroize(block.as_mut_slice());
    }
    Ok(())
}

/// RFC 8418 §2.2: HKDF, the ukm as salt.
fn hkdf<D: EagerHash>(
    z: &[u8],
    salt: &[u8],
    info: &[u8],
    room: &mut [u8],
) -> Result<(), AgreementError> {
    Hkdf::<D>::new(Some(salt), z)
        .expand(info, room)
        .map_err(|_| AgreementError)
}

/// Unwraps a content key of `len` octets (RFC 3394 §2.2.2).
pub(crate) fn unwrap(
    wrap: KeyWrap,
    key: &SecretBytes,
    wrapped: &[u8],
    len: usize,
) -> Result<SessionKey, AgreementError> {
    if wrapped.len() != len.saturating_add(aes_kw::IV_LEN) {
        return Err(AgreementError);
    }
    SessionKey::fill(len, |room| {
        let opened = match wrap {
            KeyWrap::Aes128 => keyed::<KwAes128>(key)?.unwrap_key(wrapped, room),
            KeyWrap::Aes192 => keyed::<KwAes192>(key)?.unwrap_key(wrapped, room),
            KeyWrap::Aes256 => keyed::<KwAes256>(key)?.unwrap_key(wrapped, room),
        };
        opened.map(drop).map_err(|_| AgreementError)
    })
}

/// Wraps a content key with AES-256 (RFC 3394 §2.2.1).
pub(crate) fn wrap(key: &SecretBytes, content_key: &SessionKey) -> Result<Vec<u8>, AgreementError> {
    let mut wrapped = vec![0; content_key.len().saturating_add(aes_kw::IV_LEN)];
    keyed::<KwAes256>(key)?
        .wrap_key(content_key.expose(), &mut wrapped)
        .map_err(|_| AgreementError)?;
    Ok(wrapped)
}

fn keyed<W: KeyInit>(key: &SecretBytes) -> Result<W, AgreementError> {
    W::new_from_slice(key.expose()).map_err(|_| AgreementError)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AES256_WRAP: [u8; 13] = [
        0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2d,
    ];

    fn terms(derivation: KeyDerivation, ukm: Option<&[u8]>) -> Terms<'_> {
        Terms {
            derivation,
            wrap: KeyWrap::Aes256,
            wrap_identifier: &AES256_WRAP,
            ukm,
        }
    }

    fn content_key() -> SessionKey {
        SessionKey::fill(32, |room| {
            room.fill(5);
            Ok::<_, ()>(())
        })
        .unwrap()
    }

    #[test]
    fn shared_info_is_the_der_of_rfc_5753() {
        let derivation = KeyDerivation::X963(Hash::Sha256);
        let tail = [0xa2, 0x06, 0x04, 0x04, 0, 0, 1, 0];
        let without = [&[0x30, 0x15][..], &AES256_WRAP, &tail].concat();
        assert_eq!(terms(derivation, None).shared_info().unwrap(), without);
        let ukm = [0xa0, 0x04, 0x04, 0x02, 7, 8];
        let with = [&[0x30, 0x1b][..], &AES256_WRAP, &ukm, &tail].concat();
        assert_eq!(
            terms(derivation, Some(&[7, 8])).shared_info().unwrap(),
            with
        );
    }

    #[test]
    fn every_derivation_gives_another_key_and_the_ukm_matters() {
        let hashes = [
            Hash::Sha1,
            Hash::Sha224,
            Hash::Sha256,
            Hash::Sha384,
            Hash::Sha512,
        ];
        let x963 = hashes.map(KeyDerivation::X963);
        let hkdf = [Hash::Sha256, Hash::Sha384, Hash::Sha512].map(KeyDerivation::Hkdf);
        let mut seen = Vec::new();
        for derivation in x963.into_iter().chain(hkdf) {
            for ukm in [None, Some(&b"material"[..])] {
                let key = terms(derivation, ukm).key(&[1; 32]).unwrap();
                let wrapped = wrap(&key, &content_key()).unwrap();
                let opened = unwrap(KeyWrap::Aes256, &key, &wrapped, 32).unwrap();
                assert_eq!(opened.expose(), content_key().expose());
                assert!(!seen.contains(&wrapped));
                seen.push(wrapped);
            }
        }
        assert!(
            terms(KeyDerivation::Hkdf(Hash::Sha1), None)
                .key(&[1; 32])
                .is_err()
        );
    }

    /// RFC 3394 §4.6: 256 bits of key data with a 256-bit key.
    #[test]
    fn the_key_wrap_of_rfc_3394() {
        let kek = SecretBytes::copied_from(&(0..32).collect::<Vec<u8>>());
        let wrapped = [
            0x28, 0xc9, 0xf4, 0x04, 0xc4, 0xb8, 0x10, 0xf4, 0xcb, 0xcc, 0xb3, 0x5c, 0xfb, 0x87,
            0xf8, 0x26, 0x3f, 0x57, 0x86, 0xe2, 0xd8, 0x0e, 0xd3, 0x26, 0xcb, 0xc7, 0xf0, 0xe7,
            0x1a, 0x99, 0xf4, 0x3b, 0xfb, 0x98, 0x8b, 0x9b, 0x7a, 0x02, 0xdd, 0x21,
        ];
        let opened = unwrap(KeyWrap::Aes256, &kek, &wrapped, 32).unwrap();
        let data = [
            0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd,
            0xee, 0xff, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
            0x0c, 0x0d, 0x0e, 0x0f,
        ];
        assert_eq!(opened.expose(), data);
        assert_eq!(wrap(&kek, &opened).unwrap(), wrapped);
        let mut damaged = wrapped;
        damaged[3] ^= 1;
        assert!(unwrap(KeyWrap::Aes256, &kek, &damaged, 32).is_err());
        assert!(unwrap(KeyWrap::Aes256, &kek, &wrapped, 16).is_err());
    }
}
