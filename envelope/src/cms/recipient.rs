//! RecipientInfo (RFC 5652 §6.2): whom a part is for, and how its key was sent to them.

use der::asn1::{Any, ObjectIdentifier, OctetString};
use der::{Decode, Encode};
use spki::AlgorithmIdentifierOwned;

use super::asn1::{
    IssuerAndSerialNumber, KeyAgreeRecipientIdentifier, KeyAgreeRecipientInfo,
    KeyTransRecipientInfo, OaepParameters, OriginatorIdentifierOrKey, OriginatorPublicKey,
    RecipientIdentifier,
};
use super::oid;

/// One of those who were sent the content key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recipient {
    /// Who.
    pub id: RecipientId,
    /// How the key was sent.
    pub method: KeyManagement,
    /// The content key, encrypted to this recipient.
    pub encrypted_key: Vec<u8>,
}

/// By what a recipient is named.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RecipientId {
    /// The certificate's issuer and serial number, each as DER.
    IssuerSerial {
        /// DER of the issuer's name.
        issuer: Vec<u8>,
        /// DER of the serial number.
        serial: Vec<u8>,
    },
    /// The octets of the certificate's subject key identifier.
    SubjectKeyId(Vec<u8>),
    /// Not by a certificate: a shared key, a password, another kind, or damaged.
    Unnamed,
}

/// How a content key is sent to a recipient.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeyManagement {
    /// RSAES-PKCS1-v1_5 (RFC 3370 §4.2.1).
    RsaPkcs1,
    /// RSAES-OAEP (RFC 3560).
    RsaOaep(Oaep),
    /// Ephemeral-static Diffie-Hellman (RFC 5753, RFC 8418).
    KeyAgreement(Agreement),
    /// Something else.
    Unsupported,
}

/// A hash function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hash {
    /// SHA-1: not where collisions matter.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// The parameters of RSAES-OAEP (RFC 4055 §4.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Oaep {
    /// The hash of the label.
    pub hash: Hash,
    /// The hash in the mask generation function.
    pub mask: Hash,
    /// The label, mostly empty.
    pub label: Vec<u8>,
}

/// The curve of a key agreement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Curve {
    /// NIST P-256 (RFC 5753).
    P256,
    /// X25519 (RFC 8418).
    X25519,
}

/// How a key-encryption key follows from a shared secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyDerivation {
    /// The ANSI X9.63 function (RFC 5753 §7.1.8, SEC 1 §3.6.1).
    X963(Hash),
    /// HKDF (RFC 8418 §2.2).
    Hkdf(Hash),
}

/// The AES key wrap (RFC 3394).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyWrap {
    /// With a 128-bit key.
    Aes128,
    /// With a 192-bit key.
    Aes192,
    /// With a 256-bit key.
    Aes256,
}

/// One key agreement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Agreement {
    /// The curve.
    pub curve: Curve,
    /// The originator's ephemeral public key: a SEC 1 point, or 32 octets.
    pub originator: Vec<u8>,
    /// How the key-encryption key is derived.
    pub derivation: KeyDerivation,
    /// The key wrap.
    pub wrap: KeyWrap,
    /// DER of the key wrap's identifier as the message has it: part of what is derived from (RFC 5753 §7.2).
    pub wrap_identifier: Vec<u8>,
    /// User keying material.
    pub ukm: Option<Vec<u8>>,
}

impl Hash {
    fn from_identifier(identifier: &AlgorithmIdentifierOwned) -> Option<Self> {
        match identifier.oid {
            oid::SHA1 => Some(Self::Sha1),
            oid::SHA224 => Some(Self::Sha224),
            oid::SHA256 => Some(Self::Sha256),
            oid::SHA384 => Some(Self::Sha384),
            oid::SHA512 => Some(Self::Sha512),
            _other => None,
        }
    }
}

impl KeyDerivation {
    fn from_oid(scheme: ObjectIdentifier) -> Option<Self> {
        // The cofactor of P-256 is one, so cofactor Diffie-Hellman is the standard one (RFC 5753 §7.1.4).
        match scheme {
            oid::STD_DH_SHA1_KDF | oid::COFACTOR_DH_SHA1_KDF => Some(Self::X963(Hash::Sha1)),
            oid::STD_DH_SHA224_KDF | oid::COFACTOR_DH_SHA224_KDF => Some(Self::X963(Hash::Sha224)),
            oid::STD_DH_SHA256_KDF | oid::COFACTOR_DH_SHA256_KDF => Some(Self::X963(Hash::Sha256)),
            oid::STD_DH_SHA384_KDF | oid::COFACTOR_DH_SHA384_KDF => Some(Self::X963(Hash::Sha384)),
            oid::STD_DH_SHA512_KDF | oid::COFACTOR_DH_SHA512_KDF => Some(Self::X963(Hash::Sha512)),
            oid::STD_DH_HKDF_SHA256 => Some(Self::Hkdf(Hash::Sha256)),
            oid::STD_DH_HKDF_SHA384 => Some(Self::Hkdf(Hash::Sha384)),
            oid::STD_DH_HKDF_SHA512 => Some(Self::Hkdf(Hash::Sha512)),
            _other => None,
        }
    }
}

impl KeyWrap {
    fn from_oid(named: ObjectIdentifier) -> Option<Self> {
        match named {
            oid::AES128_WRAP => Some(Self::Aes128),
            oid::AES192_WRAP => Some(Self::Aes192),
            oid::AES256_WRAP => Some(Self::Aes256),
            _other => None,
        }
    }

    /// Octets of the key-encryption key.
    pub(crate) fn key_len(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }
}

/// Identifier octets of the choices of RecipientInfo: a SEQUENCE, and `[1]`.
const KEY_TRANSPORT: u8 = 0x30;
const KEY_AGREEMENT: u8 = 0xa1;

/// Reads the DER of one RecipientInfo; a key agreement names several recipients. What cannot be read is somebody else's
/// business and stays as an unnamed one.
pub(crate) fn read(der: &[u8]) -> Vec<Recipient> {
    let read = match der.split_first() {
        Some((&KEY_TRANSPORT, _)) => KeyTransRecipientInfo::from_der(der).map(transport),
        // RFC 5652 §6.2: [1] IMPLICIT.
        Some((&KEY_AGREEMENT, rest)) => {
            KeyAgreeRecipientInfo::from_der(&[&[KEY_TRANSPORT], rest].concat()).and_then(agreement)
        }
        Some(_) | None => Ok(vec![unnamed()]),
    };
    read.unwrap_or_else(|_| vec![unnamed()])
}

fn unnamed() -> Recipient {
    Recipient {
        id: RecipientId::Unnamed,
        method: KeyManagement::Unsupported,
        encrypted_key: Vec::new(),
    }
}

fn transport(info: KeyTransRecipientInfo) -> Vec<Recipient> {
    let algorithm = &info.key_encryption_algorithm;
    let method = match algorithm.oid {
        oid::RSA_ENCRYPTION => Some(KeyManagement::RsaPkcs1),
        oid::RSAES_OAEP => oaep(algorithm.parameters.as_ref()).map(KeyManagement::RsaOaep),
        _other => None,
    };
    vec![Recipient {
        id: match info.rid {
            RecipientIdentifier::IssuerAndSerialNumber(named) => issuer_serial(&named),
            RecipientIdentifier::SubjectKeyIdentifier(id) => subject_key_id(&id),
        },
        method: method.unwrap_or(KeyManagement::Unsupported),
        encrypted_key: info.encrypted_key.as_bytes().to_vec(),
    }]
}

fn agreement(info: KeyAgreeRecipientInfo) -> der::Result<Vec<Recipient>> {
    let method = agreed(&info)?.map_or(KeyManagement::Unsupported, KeyManagement::KeyAgreement);
    let recipients = info.recipient_encrypted_keys.iter().map(|key| Recipient {
        id: match &key.rid {
            KeyAgreeRecipientIdentifier::IssuerAndSerialNumber(named) => issuer_serial(named),
            KeyAgreeRecipientIdentifier::RecipientKeyIdentifier(named) => {
                subject_key_id(&named.subject_key_identifier)
            }
        },
        method: method.clone(),
        encrypted_key: key.encrypted_key.as_bytes().to_vec(),
    });
    Ok(recipients.collect())
}

fn agreed(info: &KeyAgreeRecipientInfo) -> der::Result<Option<Agreement>> {
    let OriginatorIdentifierOrKey::OriginatorKey(originator) = &info.originator else {
        // A static originator: its certificate would have to be found first.
        return Ok(None);
    };
    let scheme = &info.key_encryption_algorithm;
    let Some(wrap_identifier) = &scheme.parameters else {
        return Ok(None);
    };
    let wrap_identifier: AlgorithmIdentifierOwned = wrap_identifier.decode_as()?;
    let known = (
        curve(originator),
        KeyDerivation::from_oid(scheme.oid),
        KeyWrap::from_oid(wrap_identifier.oid),
        originator.public_key.as_bytes(),
    );
    let (Some(curve), Some(derivation), Some(wrap), Some(public)) = known else {
        return Ok(None);
    };
    Ok(Some(Agreement {
        curve,
        originator: public.to_vec(),
        derivation,
        wrap,
        wrap_identifier: wrap_identifier.to_der()?,
        ukm: info.ukm.as_ref().map(|ukm| ukm.as_bytes().to_vec()),
    }))
}

/// RFC 5753 §7.1.2: the parameters may be absent, NULL or the curve; the recipient's key says which curve it is.
fn curve(originator: &OriginatorPublicKey) -> Option<Curve> {
    let parameters = originator.algorithm.parameters.as_ref();
    match originator.algorithm.oid {
        oid::X25519 => Some(Curve::X25519),
        oid::EC_PUBLIC_KEY => {
            let named = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
            named
                .is_none_or(|named| named == oid::SECP256R1)
                .then_some(Curve::P256)
        }
        _other => None,
    }
}

fn oaep(parameters: Option<&Any>) -> Option<Oaep> {
    // RFC 4055 §4.1: every default is SHA-1 or empty.
    let parameters: OaepParameters = parameters?.decode_as().ok()?;
    let hash = match &parameters.hash {
        None => Hash::Sha1,
        Some(identifier) => Hash::from_identifier(identifier)?,
    };
    let mask = match &parameters.mask {
        None => Hash::Sha1,
        Some(identifier) if identifier.oid == oid::MGF1 => {
            let inner: AlgorithmIdentifierOwned =
                identifier.parameters.as_ref()?.decode_as().ok()?;
            Hash::from_identifier(&inner)?
        }
        Some(_) => return None,
    };
    let label = match &parameters.label {
        None => Vec::new(),
        Some(identifier) if identifier.oid == oid::P_SPECIFIED => {
            let label: OctetString = identifier.parameters.as_ref()?.decode_as().ok()?;
            label.as_bytes().to_vec()
        }
        Some(_) => return None,
    };
    Some(Oaep { hash, mask, label })
}

fn issuer_serial(named: &IssuerAndSerialNumber) -> RecipientId {
    match (named.issuer.to_der(), named.serial_number.to_der()) {
        (Ok(issuer), Ok(serial)) => RecipientId::IssuerSerial { issuer, serial },
        (Err(_), _) | (_, Err(_)) => RecipientId::Unnamed,
    }
}

fn subject_key_id(id: &OctetString) -> RecipientId {
    RecipientId::SubjectKeyId(id.as_bytes().to_vec())
}
