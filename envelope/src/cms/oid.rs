//! Object identifiers, under the names that their RFCs give them.

use der::asn1::ObjectIdentifier;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

// RFC 5652 §4, §5.1, §6.1; RFC 5083 §2.1.
pub(crate) const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
pub(crate) const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
pub(crate) const ENVELOPED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.3");
pub(crate) const ENCRYPTED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.6");
pub(crate) const AUTH_ENVELOPED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.23");
// RFC 3370 §4.2.1, RFC 4055 §4.1.
pub(crate) const RSA_ENCRYPTION: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
pub(crate) const RSAES_OAEP: ObjectIdentifier = oid("1.2.840.113549.1.1.7");
pub(crate) const MGF1: ObjectIdentifier = oid("1.2.840.113549.1.1.8");
pub(crate) const P_SPECIFIED: ObjectIdentifier = oid("1.2.840.113549.1.1.9");
// RFC 5480 §2.1, RFC 8410 §3.
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");
pub(crate) const SECP256R1: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
pub(crate) const X25519: ObjectIdentifier = oid("1.3.101.110");
// RFC 4055 §2.1.
pub(crate) const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");
pub(crate) const SHA224: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.4");
pub(crate) const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
pub(crate) const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
pub(crate) const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
// RFC 5753 §7.1.4.
pub(crate) const STD_DH_SHA1_KDF: ObjectIdentifier = oid("1.3.133.16.840.63.0.2");
pub(crate) const STD_DH_SHA224_KDF: ObjectIdentifier = oid("1.3.132.1.11.0");
pub(crate) const STD_DH_SHA256_KDF: ObjectIdentifier = oid("1.3.132.1.11.1");
pub(crate) const STD_DH_SHA384_KDF: ObjectIdentifier = oid("1.3.132.1.11.2");
pub(crate) const STD_DH_SHA512_KDF: ObjectIdentifier = oid("1.3.132.1.11.3");
pub(crate) const COFACTOR_DH_SHA1_KDF: ObjectIdentifier = oid("1.3.133.16.840.63.0.3");
pub(crate) const COFACTOR_DH_SHA224_KDF: ObjectIdentifier = oid("1.3.132.1.14.0");
pub(crate) const COFACTOR_DH_SHA256_KDF: ObjectIdentifier = oid("1.3.132.1.14.1");
pub(crate) const COFACTOR_DH_SHA384_KDF: ObjectIdentifier = oid("1.3.132.1.14.2");
pub(crate) const COFACTOR_DH_SHA512_KDF: ObjectIdentifier = oid("1.3.132.1.14.3");
// RFC 8418 §2.2.
pub(crate) const STD_DH_HKDF_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.9.16.3.19");
pub(crate) const STD_DH_HKDF_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.9.16.3.20");
pub(crate) const STD_DH_HKDF_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.9.16.3.21");
// RFC 3565 §2.3, §4.1; RFC 5084 §3.2.
pub(crate) const AES128_WRAP: ObjectIdentifier = oid("2.16.840.1.101.3.4.1.5");
pub(crate) const AES192_WRAP: ObjectIdentifier = oid("2.16.840.1.101.3.4.1.25");
pub(crate) const AES256_WRAP: ObjectIdentifier = oid("2.16.840.1.101.3.4.1.45");
pub(crate) const AES128_CBC: ObjectIdentifier = oid("2.16.840.1.101.3.4.1.2");
pub(crate) const AES192_CBC: ObjectIdentifier = oid("2.16.840.1.101.3.4.1.22");
pub(crate) const AES256_CBC: ObjectIdentifier = oid("2.16.840.1.101.3.4.1.42");
pub(crate) const AES128_GCM: ObjectIdentifier = oid("2.16.840.1.101.3.4.1.6");
pub(crate) const AES256_GCM: ObjectIdentifier = oid("2.16.840.1.101.3.4.1.46");
// RFC 9709 §4.
pub(crate) const CEK_HKDF_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.9.16.3.31");
// RFC 7292 §4.2, §4.2.3, appendix C.
pub(crate) const PKCS12_KEY_BAG: ObjectIdentifier = oid("1.2.840.113549.1.12.10.1.1");
pub(crate) const PKCS12_SHROUDED_KEY_BAG: ObjectIdentifier = oid("1.2.840.113549.1.12.10.1.2");
pub(crate) const PKCS12_CERT_BAG: ObjectIdentifier = oid("1.2.840.113549.1.12.10.1.3");
pub(crate) const PKCS12_X509_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.22.1");
pub(crate) const PBE_SHA1_3DES: ObjectIdentifier = oid("1.2.840.113549.1.12.1.3");
pub(crate) const PBE_SHA1_RC2_128: ObjectIdentifier = oid("1.2.840.113549.1.12.1.5");
pub(crate) const PBE_SHA1_RC2_40: ObjectIdentifier = oid("1.2.840.113549.1.12.1.6");
