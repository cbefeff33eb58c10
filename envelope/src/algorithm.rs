//! Content encryption: the algorithms that are spoken, and the key that opens one part.

use secret::SessionKey;

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

    /// Octets of the nonce or initialisation vector.
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
