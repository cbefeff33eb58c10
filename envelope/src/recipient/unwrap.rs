//! From a part's header and a private key to the content key.

use hkdf::Hkdf;
use rand_core::CryptoRng;
use secret::SessionKey;
use sha2::Sha256;

use super::private_key::Private;
use super::{Holder, transport};
use crate::agreement::{self, AgreementError, Terms};
use crate::algorithm::{ContentKey, Derivation};
use crate::cms::{Agreement, Curve, Header, KeyManagement, Recipient};

/// Why no content key came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnwrapError {
    /// The part was not sent to this holder.
    NotARecipient,
    /// It was, but in a way that is not handled.
    Unsupported,
    /// What was sent does not open.
    Damaged,
}

impl std::fmt::Display for UnwrapError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotARecipient => "not encrypted to this certificate",
            Self::Unsupported => "encrypted to this certificate in a way that is not handled",
            Self::Damaged => "the encrypted key is damaged",
        })
    }
}

impl std::error::Error for UnwrapError {}

impl From<AgreementError> for UnwrapError {
    fn from(_: AgreementError) -> Self {
        Self::Damaged
    }
}

/// RFC 9709 §2: the salt.
const CEK_HKDF_SALT: &[u8] = b"The Cryptographic Message Syntax";

impl Holder {
    /// Unwraps the content key that `header` has for this holder; with RFC 9709 it is the derived one, which opens just
    /// this algorithm and nonce.
    ///
    /// `rng` blinds RSA; the key does not depend on it. With RSAES-PKCS1-v1_5 a damaged key goes unnoticed here, by
    /// design, and the part does not open.
    ///
    /// # Errors
    /// [`UnwrapError`]; when the holder is named several times, that of the last attempt.
    pub fn unwrap(
        &self,
        header: &Header,
        rng: &mut impl CryptoRng,
    ) -> Result<ContentKey, UnwrapError> {
        let mut failed = UnwrapError::NotARecipient;
        for recipient in header.recipients.iter().filter(|named| self.matches(named)) {
            match self.transported(recipient, header.content.algorithm.key_len(), rng) {
                Ok(key) => return content_key(header, key),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    fn transported(
        &self,
        recipient: &Recipient,
        len: usize,
        rng: &mut impl CryptoRng,
    ) -> Result<SessionKey, UnwrapError> {
        let encrypted = &recipient.encrypted_key;
        match (&recipient.method, &self.key.0) {
            (KeyManagement::RsaPkcs1, Private::Rsa(key)) => {
                transport::open_pkcs1(key, encrypted, len, rng)
            }
            (KeyManagement::RsaOaep(parameters), Private::Rsa(key)) => {
                let opened = transport::open_oaep(key, parameters, encrypted, rng)?;
                copied(&opened, len)
            }
            (KeyManagement::KeyAgreement(agreed), Private::P256(key))
                if agreed.curve == Curve::P256 =>
            {
                let public = p256::PublicKey::from_sec1_bytes(&agreed.originator)
                    .map_err(|_| UnwrapError::Damaged)?;
                let shared = key.diffie_hellman(&public);
                unwrapped(agreed, shared.raw_secret_bytes(), encrypted, len)
            }
            (KeyManagement::KeyAgreement(agreed), Private::X25519(key))
                if agreed.curve == Curve::X25519 =>
            {
                let public: [u8; 32] = agreed
                    .originator
                    .as_slice()
                    .try_into()
                    .map_err(|_| UnwrapError::Damaged)?;
                let shared = key.diffie_hellman(&public.into());
                // RFC 8418 §2: all zeros means that the other key is of low order.
                if !shared.was_contributory() {
                    return Err(UnwrapError::Damaged);
                }
                unwrapped(agreed, shared.as_bytes(), encrypted, len)
            }
            _mismatched => Err(UnwrapError::Unsupported),
        }
    }
}

fn unwrapped(
    agreed: &Agreement,
    z: &[u8],
    wrapped: &[u8],
    len: usize,
) -> Result<SessionKey, UnwrapError> {
    let terms = Terms {
        derivation: agreed.derivation,
        wrap: agreed.wrap,
        wrap_identifier: &agreed.wrap_identifier,
        ukm: agreed.ukm.as_deref(),
    };
    Ok(agreement::unwrap(
        agreed.wrap,
        &terms.key(z)?,
        wrapped,
        len,
    )?)
}

fn copied(octets: &[u8], len: usize) -> Result<SessionKey, UnwrapError> {
    if octets.len() != len {
        return Err(UnwrapError::Damaged);
    }
    SessionKey::fill(len, |room| {
        room.copy_from_slice(octets);
        Ok(())
    })
}

fn content_key(header: &Header, transported: SessionKey) -> Result<ContentKey, UnwrapError> {
    let content = &header.content;
    let key = match &content.derivation {
        Derivation::Direct => transported,
        Derivation::CekHkdfSha256 { info } => derived(&transported, info)?,
    };
    Ok(ContentKey {
        key,
        algorithm: content.algorithm,
        nonce: content.nonce.clone(),
    })
}

/// RFC 9709 §2: CEK' = HKDF-SHA256(CEK, salt, DER of the algorithm identifier), as long as the CEK.
pub(crate) fn derived(transported: &SessionKey, info: &[u8]) -> Result<SessionKey, UnwrapError> {
    SessionKey::fill(transported.len(), |room| {
        Hkdf::<Sha256>::new(Some(CEK_HKDF_SALT), transported.expose())
            .expand(info, room)
            .map_err(|_| UnwrapError::Damaged)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 9709.
    #[test]
    fn the_derived_key_of_rfc_9709() {
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
                .collect()
        };
        let cek = copied(&hex("c702e7d0a9e064b09ba55245fb733cf3"), 16).unwrap();
        let info = hex("301b0609608648016503040106300e040c5c79058ba2f43447639d29e2");
        assert_eq!(
            derived(&cek, &info).unwrap().expose(),
            hex("2124ffb29fac4e0fbbc7d5d87492bff3")
        );
    }
}
