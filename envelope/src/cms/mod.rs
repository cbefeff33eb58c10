//! CMS: who a part is for, and how it is encrypted.

use crate::{ContentAlgorithm, Integrity, TransferEncoding};

/// Which of the two enveloped types a part is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `EnvelopedData` (RFC 5652 §6)
    Enveloped,
    /// `AuthEnvelopedData` (RFC 5083)
    AuthEnveloped,
}

/// What stands before the content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// type
    pub kind: Kind,
    /// whom it is for
    pub recipients: Vec<Recipient>,
    /// how the content is encrypted
    pub content: ContentEncryption,
}

/// How the content is encrypted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContentEncryption {
    /// algorithm
    pub algorithm: ContentAlgorithm,
    /// nonce or IV
    pub nonce: Vec<u8>,
}

/// One recipient.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recipient {
    /// who
    pub id: RecipientId,
}

/// By what a recipient is named.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RecipientId {
    /// The certificate's issuer and serial number, as DER.
    IssuerSerial {
        /// DER of the issuer's name
        issuer: Vec<u8>,
        /// octets of the serial number
        serial: Vec<u8>,
    },
    /// The certificate's subject key identifier.
    SubjectKeyId(Vec<u8>),
    /// Not a certificate: a shared key, a password, or another kind.
    Unnamed,
}

/// Why no header came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HeaderError {
    /// The prefix ends before the header does; ask for at least so many octets from the start of the part.
    NeedMore {
        /// octets from the start of the part
        octets: usize,
    },
    /// Not CMS, or damaged.
    Malformed,
    /// CMS, but of a kind that is not opened here.
    Unsupported(String),
}

impl Header {
    /// What opening the part can prove.
    #[must_use]
    pub fn integrity(&self) -> Integrity {
        self.content.algorithm.integrity()
    }
}

/// Reads the header out of the first octets of a part, as fetched (still transfer-encoded).
///
/// # Errors
/// [`HeaderError`]
pub fn read_header(_prefix: &[u8], _encoding: TransferEncoding) -> Result<Header, HeaderError> {
    todo!()
}
