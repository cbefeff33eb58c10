//! One RecipientInfo: a content key sent to a certificate's key, in the way that suits the key.
//!
//! RSA gets RSAES-OAEP with SHA-256 (RFC 3560), P-256 an ephemeral key and the X9.63 function with SHA-256 (RFC 5753),
//! X25519 an ephemeral key and HKDF-SHA256 (RFC 8418); the agreed ones with the AES-256 key wrap.

use der::asn1::{Any, BitString, ObjectIdentifier, OctetString};
use der::{Decode, Encode};
use p256::elliptic_curve::Generate;
use rand_core::CryptoRng;
use rsa::Oaep;
use rsa::traits::PublicKeyParts;
use secret::SessionKey;
use sha2::Sha256;
use spki::AlgorithmIdentifierOwned;
use x25519_dalek::StaticSecret;

use crate::agreement::{self, Terms};
use crate::cms::asn1::{
    IssuerAndSerialNumber, KeyAgreeRecipientIdentifier, KeyAgreeRecipientInfo,
    KeyTransRecipientInfo, OaepParameters, OriginatorIdentifierOrKey, OriginatorPublicKey,
    RecipientEncryptedKey, RecipientIdentifier,
};
use crate::cms::{Hash, KeyDerivation, KeyWrap, oid};
use crate::recipient::{Certificate, PublicKey};
use crate::sealer::SealError;

/// Octets of a modulus of 2048 bits.
const SHORTEST_RSA: usize = 256;

/// DER of the RecipientInfo that sends `content_key` to `certificate`.
///
/// # Errors
/// [`SealError`]
pub(crate) fn info(
    certificate: &Certificate,
    content_key: &SessionKey,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealError> {
    match certificate.public_key()? {
        PublicKey::Rsa(key) => transport(certificate, &key, content_key, rng),
        PublicKey::P256(key) => {
            let ephemeral = p256::SecretKey::generate_from_rng(rng);
            let shared = ephemeral.diffie_hellman(&key);
            let agreed = Agreed {
                originator: originator(
                    oid::EC_PUBLIC_KEY,
                    &ephemeral.public_key().to_sec1_bytes(),
                )?,
                scheme: oid::STD_DH_SHA256_KDF,
                derivation: KeyDerivation::X963(Hash::Sha256),
                z: shared.raw_secret_bytes(),
            };
            agreed.info(certificate, content_key)
        }
        PublicKey::X25519(key) => {
            let ephemeral = StaticSecret::random_from_rng(rng);
            let shared = ephemeral.diffie_hellman(&key);
            // RFC 8418 §2: all zeros means that the other key is of low order.
            if !shared.was_contributory() {
                return Err(SealError::UnsupportedKey);
            }
            let agreed = Agreed {
                originator: originator(
                    oid::X25519,
                    x25519_dalek::PublicKey::from(&ephemeral).as_bytes(),
                )?,
                scheme: oid::STD_DH_HKDF_SHA256,
                derivation: KeyDerivation::Hkdf(Hash::Sha256),
                z: shared.as_bytes(),
            };
            agreed.info(certificate, content_key)
        }
    }
}

fn named(certificate: &Certificate) -> Result<IssuerAndSerialNumber, SealError> {
    let (issuer, serial) = certificate.issuer_and_serial()?;
    Ok(IssuerAndSerialNumber {
        issuer: Any::from_der(&issuer)?,
        serial_number: Any::from_der(&serial)?,
    })
}

fn transport(
    certificate: &Certificate,
    key: &rsa::PublicKey,
    content_key: &SessionKey,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealError> {
    // RFC 8551 §4.4: nothing is encrypted to shorter keys.
    if key.size() < SHORTEST_RSA {
        return Err(SealError::UnsupportedKey);
    }
    let encrypted = key
        .encrypt(rng, Oaep::<Sha256>::new(), content_key.expose())
        .map_err(|_| SealError::Failed)?;
    let info = KeyTransRecipientInfo {
        version: 0,
        rid: RecipientIdentifier::IssuerAndSerialNumber(named(certificate)?),
        key_encryption_algorithm: oaep_sha256()?,
        encrypted_key: OctetString::new(encrypted)?,
    };
    Ok(info.to_der()?)
}

/// RFC 4055 §4.1, with SHA-256 for both hashes and no label.
fn oaep_sha256() -> Result<AlgorithmIdentifierOwned, SealError> {
    let sha256 = AlgorithmIdentifierOwned {
        oid: oid::SHA256,
        parameters: Some(Any::null()),
    };
    let mask = AlgorithmIdentifierOwned {
        oid: oid::MGF1,
        parameters: Some(Any::encode_from(&sha256)?),
    };
    let parameters = OaepParameters {
        hash: Some(sha256),
        mask: Some(mask),
        label: None,
    };
    Ok(AlgorithmIdentifierOwned {
        oid: oid::RSAES_OAEP,
        parameters: Some(Any::encode_from(&parameters)?),
    })
}

fn originator(
    algorithm: ObjectIdentifier,
    public: &[u8],
) -> Result<OriginatorPublicKey, SealError> {
    Ok(OriginatorPublicKey {
        // RFC 5753 §7.1.2, RFC 8410 §3: parameters are absent.
        algorithm: AlgorithmIdentifierOwned {
            oid: algorithm,
            parameters: None,
        },
        public_key: BitString::from_bytes(public)?,
    })
}

/// An ephemeral key, and the secret that it shares with the recipient's.
struct Agreed<'a> {
    originator: OriginatorPublicKey,
    scheme: ObjectIdentifier,
    derivation: KeyDerivation,
    z: &'a [u8],
}

impl Agreed<'_> {
    fn info(
        self,
        certificate: &Certificate,
        content_key: &SessionKey,
    ) -> Result<Vec<u8>, SealError> {
        // RFC 3565 §2.3.2: parameters are absent.
        let wrap = AlgorithmIdentifierOwned {
            oid: oid::AES256_WRAP,
            parameters: None,
        };
        let terms = Terms {
            derivation: self.derivation,
            wrap: KeyWrap::Aes256,
            wrap_identifier: &wrap.to_der()?,
            ukm: None,
        };
        let wrapped = agreement::wrap(&terms.key(self.z)?, content_key)?;
        let info = KeyAgreeRecipientInfo {
            version: 3,
            originator: OriginatorIdentifierOrKey::OriginatorKey(self.originator),
            ukm: None,
            key_encryption_algorithm: AlgorithmIdentifierOwned {
                oid: self.scheme,
                parameters: Some(Any::encode_from(&wrap)?),
            },
            recipient_encrypted_keys: vec![RecipientEncryptedKey {
                rid: KeyAgreeRecipientIdentifier::IssuerAndSerialNumber(named(certificate)?),
                encrypted_key: OctetString::new(wrapped)?,
            }],
        };
        let mut der = info.to_der()?;
        // RFC 5652 §6.2: the choice is [1] IMPLICIT.
        if let Some(first) = der.first_mut() {
            *first = 0xa1;
        }
        Ok(der)
    }
}
