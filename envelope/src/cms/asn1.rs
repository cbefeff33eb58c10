//! The shapes of RFC 5652 §6.2, RFC 5753, RFC 4055 and RFC 5084, as DER reads and writes them.
//!
//! Names, serial numbers and parameters stay as they came: they are compared and hashed, never interpreted.

use der::asn1::{Any, BitString, OctetString};
use der::{Choice, Sequence};
use spki::AlgorithmIdentifierOwned;

#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(crate) struct IssuerAndSerialNumber {
    pub(crate) issuer: Any,
    pub(crate) serial_number: Any,
}

#[derive(Clone, Debug, Eq, PartialEq, Choice)]
pub(crate) enum RecipientIdentifier {
    IssuerAndSerialNumber(IssuerAndSerialNumber),
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    SubjectKeyIdentifier(OctetString),
}

#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(crate) struct KeyTransRecipientInfo {
    pub(crate) version: u8,
    pub(crate) rid: RecipientIdentifier,
    pub(crate) key_encryption_algorithm: AlgorithmIdentifierOwned,
    pub(crate) encrypted_key: OctetString,
}

#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(crate) struct OriginatorPublicKey {
    pub(crate) algorithm: AlgorithmIdentifierOwned,
    pub(crate) public_key: BitString,
}

#[derive(Clone, Debug, Eq, PartialEq, Choice)]
pub(crate) enum OriginatorIdentifierOrKey {
    IssuerAndSerialNumber(IssuerAndSerialNumber),
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    SubjectKeyIdentifier(OctetString),
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    OriginatorKey(OriginatorPublicKey),
}

#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(crate) struct RecipientKeyIdentifier {
    pub(crate) subject_key_identifier: OctetString,
    #[asn1(optional = "true")]
    pub(crate) date: Option<der::asn1::GeneralizedTime>,
    #[asn1(optional = "true")]
    pub(crate) other: Option<Any>,
}

#[derive(Clone, Debug, Eq, PartialEq, Choice)]
pub(crate) enum KeyAgreeRecipientIdentifier {
    IssuerAndSerialNumber(IssuerAndSerialNumber),
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    RecipientKeyIdentifier(RecipientKeyIdentifier),
}

#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(crate) struct RecipientEncryptedKey {
    pub(crate) rid: KeyAgreeRecipientIdentifier,
    pub(crate) encrypted_key: OctetString,
}

#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(crate) struct KeyAgreeRecipientInfo {
    pub(crate) version: u8,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) originator: OriginatorIdentifierOrKey,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) ukm: Option<OctetString>,
    pub(crate) key_encryption_algorithm: AlgorithmIdentifierOwned,
    pub(crate) recipient_encrypted_keys: Vec<RecipientEncryptedKey>,
}

/// ECC-CMS-SharedInfo (RFC 5753 §7.2).
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(crate) struct SharedInfo {
    pub(crate) key_info: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) entity_u_info: Option<OctetString>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub(crate) supp_pub_info: OctetString,
}

/// RSAES-OAEP-params (RFC 4055 §4.1); an absent field has its default.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(crate) struct OaepParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) mask: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) label: Option<AlgorithmIdentifierOwned>,
}

/// GCMParameters (RFC 5084 §3.2).
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(crate) struct GcmParameters {
    pub(crate) nonce: OctetString,
    #[asn1(optional = "true")]
    pub(crate) icv_len: Option<u8>,
}
