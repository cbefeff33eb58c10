//! Content encryption: the algorithms that are spoken, how a message names them, and the key that opens one part.

use der::asn1::{ObjectIdentifier, OctetString};
use der::{Any, Decode, Encode};
use secret::SessionKey;
use spki::AlgorithmIdentifierOwned;

use crate::cms::asn1::GcmParameters;
use crate::cms::oid;

/// How a part's content is encrypted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ContentAlgorithm {
    /// AES-128 in CBC mode (RFC 3565).
    Aes128Cbc,
    /// AES-192 in CBC mode (RFC 3565).
    Aes192Cbc,
    /// AES-256 in CBC mode (RFC 3565).
    Aes256Cbc,
    /// AES-128 in Galois/Counter Mode (RFC 5084).
    Aes128Gcm,
    /// AES-256 in Galois/Counter Mode (RFC 5084).
    Aes256Gcm,
}

/// Whether an opened part is known to be what its sender encrypted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Integrity {
    /// An authentication tag was right.
    Authenticated,
    /// The format has none: anybody on the way could have altered the part.
    None,
}

impl ContentAlgorithm {
    /// Octets of the content key.
    #[must_use]
    pub fn key_len(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes128Gcm => 16,
            Self::Aes192Cbc => 24,
            Self::Aes256Cbc | Self::Aes256Gcm => 32,
        }
    }

    /// Octets of the nonce or initialisation vector. RFC 5084 §3.2 recommends 12 for GCM; others are not spoken here.
    #[must_use]
    pub fn nonce_len(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes192Cbc | Self::Aes256Cbc => 16,
            Self::Aes128Gcm | Self::Aes256Gcm => 12,
        }
    }

    /// What opening such a part can prove.
    #[must_use]
    pub fn integrity(self) -> Integrity {
        match self {
            Self::Aes128Cbc | Self::Aes192Cbc | Self::Aes256Cbc => Integrity::None,
            Self::Aes128Gcm | Self::Aes256Gcm => Integrity::Authenticated,
        }
    }

    pub(crate) fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Aes128Cbc => oid::AES128_CBC,
            Self::Aes192Cbc => oid::AES192_CBC,
            Self::Aes256Cbc => oid::AES256_CBC,
            Self::Aes128Gcm => oid::AES128_GCM,
            Self::Aes256Gcm => oid::AES256_GCM,
        }
    }

    fn from_oid(named: ObjectIdentifier) -> Option<Self> {
        [
            Self::Aes128Cbc,
            Self::Aes192Cbc,
            Self::Aes256Cbc,
            Self::Aes128Gcm,
            Self::Aes256Gcm,
        ]
        .into_iter()
        .find(|algorithm| algorithm.oid() == named)
    }
}

/// What opens one part: the key, for this algorithm and nonce only. Under RFC 9709 the key is already CEK'.
pub struct ContentKey {
    /// The key octets.
    pub key: SessionKey,
    /// The algorithm that the key is for.
    pub algorithm: ContentAlgorithm,
    /// The nonce (GCM) or initialisation vector (CBC).
    pub nonce: Vec<u8>,
}

/// How long the tag of an AEAD is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TagLength {
    /// The algorithm has no tag.
    None,
    /// So many octets, as the message says: 12 to 16 (RFC 5084 §3.2).
    Stated(u8),
    /// The message leaves it at the default.
    Default,
}

impl TagLength {
    /// Whether a tag may have `octets` octets.
    pub(crate) fn allows(self, octets: usize) -> bool {
        match self {
            Self::None => octets == 0,
            Self::Stated(stated) => octets == usize::from(stated),
            // The default is 12 (RFC 5084 §3.2), yet RFC 8551 §3.4 itself prints a message that leaves the length out
            // and carries 16.
            Self::Default => octets == 12 || octets == 16,
        }
    }
}

/// How the content key follows from the key that the recipients were sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Derivation {
    /// It is that key.
    Direct,
    /// RFC 9709: HKDF-SHA256 with the DER of the content encryption algorithm as info.
    CekHkdfSha256 {
        /// DER of the inner `AlgorithmIdentifier`.
        info: Vec<u8>,
    },
}

/// What a message says of its content encryption.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContentEncryption {
    /// The algorithm.
    pub algorithm: ContentAlgorithm,
    /// The nonce (GCM) or initialisation vector (CBC).
    pub nonce: Vec<u8>,
    /// How long the tag is.
    pub tag: TagLength,
    /// How the content key follows from the transported one.
    pub derivation: Derivation,
}

/// Why an algorithm identifier is not understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum AlgorithmError {
    Malformed,
    Unsupported(ObjectIdentifier),
}

impl From<der::Error> for AlgorithmError {
    fn from(_: der::Error) -> Self {
        Self::Malformed
    }
}

impl ContentEncryption {
    /// Reads the DER of a `ContentEncryptionAlgorithmIdentifier`.
    pub(crate) fn from_der(octets: &[u8]) -> Result<Self, AlgorithmError> {
        let outer = AlgorithmIdentifierOwned::from_der(octets)?;
        if outer.oid != oid::CEK_HKDF_SHA256 {
            return Self::read(&outer, Derivation::Direct);
        }
        // RFC 9709 §4: the parameters are the algorithm identifier proper.
        let inner: AlgorithmIdentifierOwned = outer
            .parameters
            .ok_or(AlgorithmError::Malformed)?
            .decode_as()?;
        let info = inner.to_der()?;
        Self::read(&inner, Derivation::CekHkdfSha256 { info })
    }

    /// Whether `key` is for this algorithm and this nonce.
    pub(crate) fn is_for(&self, key: &ContentKey) -> bool {
        self.algorithm == key.algorithm && self.nonce == key.nonce
    }

    fn read(
        identifier: &AlgorithmIdentifierOwned,
        derivation: Derivation,
    ) -> Result<Self, AlgorithmError> {
        let unsupported = AlgorithmError::Unsupported(identifier.oid);
        let algorithm = ContentAlgorithm::from_oid(identifier.oid).ok_or(unsupported.clone())?;
        let parameters = identifier
            .parameters
            .as_ref()
            .ok_or(AlgorithmError::Malformed)?;
        let (nonce, tag) = match algorithm.integrity() {
            Integrity::None => (parameters.decode_as::<OctetString>()?, TagLength::None),
            Integrity::Authenticated => gcm(parameters)?,
        };
        if nonce.as_bytes().len() != algorithm.nonce_len() {
            return Err(unsupported);
        }
        Ok(Self {
            algorithm,
            nonce: nonce.as_bytes().to_vec(),
            tag,
            derivation,
        })
    }
}

fn gcm(parameters: &Any) -> Result<(OctetString, TagLength), AlgorithmError> {
    let parameters: GcmParameters = parameters.decode_as()?;
    let tag = match parameters.icv_len {
        None => TagLength::Default,
        Some(stated @ 12..=16) => TagLength::Stated(stated),
        Some(0..=11 | 17..) => return Err(AlgorithmError::Malformed),
    };
    Ok((parameters.nonce, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The inner algorithm of RFC 9709's example.
    const INNER: &[u8] = &[
        0x30, 0x1b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x06, 0x30, 0x0e,
        0x04, 0x0c, 0x5c, 0x79, 0x05, 0x8b, 0xa2, 0xf4, 0x34, 0x47, 0x63, 0x9d, 0x29, 0xe2,
    ];

    #[test]
    fn an_absent_tag_length_allows_twelve_and_sixteen_only() {
        let read = ContentEncryption::from_der(INNER).unwrap();
        assert_eq!(read.algorithm, ContentAlgorithm::Aes128Gcm);
        let allowed: Vec<usize> = (0..20).filter(|len| read.tag.allows(*len)).collect();
        assert_eq!(allowed, [12, 16]);
    }

    #[test]
    fn rfc_9709_wraps_the_algorithm_proper() {
        let hkdf = [
            &[
                0x30, 0x2a, 0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x03,
                0x1f,
            ][..],
            INNER,
        ]
        .concat();
        let read = ContentEncryption::from_der(&hkdf).unwrap();
        assert_eq!(
            read.derivation,
            Derivation::CekHkdfSha256 {
                info: INNER.to_vec()
            }
        );
        assert_eq!(read.nonce, &INNER[17..]);
    }

    #[test]
    fn tags_below_twelve_octets_are_refused() {
        let mut short = INNER.to_vec();
        short.extend([0x02, 0x01, 11]);
        short[1] += 3;
        short[14] += 3;
        assert_eq!(
            ContentEncryption::from_der(&short),
            Err(AlgorithmError::Malformed)
        );
        short[31] = 13;
        assert_eq!(
            ContentEncryption::from_der(&short).unwrap().tag,
            TagLength::Stated(13)
        );
    }
}
