//! The revealed key and everything it is bound to: the plaintext of a sealed reveal.

use secret::SessionKey;

use crate::Context;

/// How the part's content is encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ContentAlgorithm {
    /// AES-128-GCM (RFC 5084).
    Aes128Gcm,
    /// AES-256-GCM (RFC 5084).
    Aes256Gcm,
    /// AES-128-CBC (RFC 3565).
    Aes128Cbc,
    /// AES-192-CBC (RFC 3565).
    Aes192Cbc,
    /// AES-256-CBC (RFC 3565).
    Aes256Cbc,
}

impl ContentAlgorithm {
    /// The COSE algorithm number (RFC 9053 §4.1, RFC 9459 §4).
    #[must_use]
    pub fn cose(self) -> i64 {
        todo!()
    }

    /// The algorithm of that COSE number.
    #[must_use]
    pub fn from_cose(_number: i64) -> Option<Self> {
        todo!()
    }

    /// Octets of a key.
    #[must_use]
    pub fn key_len(self) -> usize {
        todo!()
    }

    /// Octets of the nonce or initialisation vector.
    #[must_use]
    pub fn nonce_len(self) -> usize {
        todo!()
    }
}

/// How the part's octets are encoded for transfer (RFC 2045 §6).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TransferEncoding {
    /// 7bit, 8bit or binary: as they are.
    Identity,
    /// base64.
    Base64,
    /// quoted-printable.
    QuotedPrintable,
}

/// How content is sealed in an *smime* result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SmimeAlgorithm {
    /// AuthEnvelopedData with AES-256-GCM (RFC 5083, RFC 5084).
    Aes256Gcm,
    /// The same with the key bound to the algorithm (RFC 9709).
    Aes256GcmHkdf,
    /// EnvelopedData with AES-256-CBC (RFC 5652).
    Aes256Cbc,
}

/// How the result is to be sealed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Seal {
    /// Under a key exported from the reveal's own HPKE context.
    Session,
    /// As CMS to a certificate.
    Smime {
        /// The certificate, DER.
        certificate: Vec<u8>,
        /// How the content is sealed.
        algorithm: SmimeAlgorithm,
    },
}

/// One part's key, what it opens, and what for.
pub struct Reveal {
    /// The content key; under RFC 9709 the derived CEK', never the one that was wrapped.
    pub key: SessionKey,
    /// The content encryption algorithm.
    pub algorithm: ContentAlgorithm,
    /// Its nonce or initialisation vector.
    pub nonce: Vec<u8>,
    /// The part's transfer encoding.
    pub encoding: TransferEncoding,
    /// How many octets of BODY\[section] the handset read to find the key: at least one.
    pub prefix_len: u64,
    /// SHA-256 of them, as fetched.
    pub prefix_digest: [u8; 32],
    /// How many octets BODY\[section] has.
    pub total_octets: u64,
    /// How the result is to be sealed.
    pub seal: Seal,
    /// What the key may be used for.
    pub context: Context,
}
