//! What stands before the content of a part, read from its first octets.

use der::asn1::ObjectIdentifier;

use super::reader::{CmsError, HEADER_BUDGET, Part, Reader, Recipients};
use super::recipient::Recipient;
use crate::algorithm::{ContentEncryption, Integrity};
use crate::transfer::{Decoder, NotEncoded, TransferEncoding};

/// Which of the two enveloped types a part is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `EnvelopedData` (RFC 5652 §6): encrypted, without integrity.
    Enveloped,
    /// `AuthEnvelopedData` (RFC 5083): encrypted and authenticated.
    AuthEnveloped,
}

/// What stands before the content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// Which of the two enveloped types.
    pub kind: Kind,
    /// Everybody who was sent the content key, in the message's order.
    pub recipients: Vec<Recipient>,
    /// How the content is encrypted.
    pub content: ContentEncryption,
}

impl Header {
    /// What opening the part can prove.
    #[must_use]
    pub fn integrity(&self) -> Integrity {
        self.content.algorithm.integrity()
    }
}

/// CMS that is not opened here, and what of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unsupported {
    /// Neither enveloped type.
    ContentType(ObjectIdentifier),
    /// What is inside is not id-data.
    InnerType(ObjectIdentifier),
    /// The content encryption algorithm, or its nonce's length.
    ContentEncryption(ObjectIdentifier),
}

impl std::fmt::Display for Unsupported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ContentType(oid) => write!(f, "content type {oid}"),
            Self::InnerType(oid) => write!(f, "inner content type {oid}"),
            Self::ContentEncryption(oid) => write!(f, "content encryption {oid}"),
        }
    }
}

/// Why no header came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HeaderError {
    /// The prefix ends before the header does.
    NeedMore {
        /// Ask for at least so many octets from the start of the part. May be past its end: a prefix that is the whole
        /// part and still needs more is cut off.
        octets: usize,
    },
    /// Not CMS, damaged, or with a header beyond all bounds.
    Malformed,
    /// CMS, but of a kind that is not opened here.
    Unsupported(Unsupported),
}

impl std::fmt::Display for HeaderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NeedMore { octets } => write!(f, "the header needs {octets} octets or more"),
            Self::Malformed => f.write_str("not an encrypted part"),
            Self::Unsupported(what) => write!(f, "not supported: {what}"),
        }
    }
}

impl std::error::Error for HeaderError {}

impl From<CmsError> for HeaderError {
    fn from(error: CmsError) -> Self {
        match error {
            CmsError::Malformed => Self::Malformed,
            CmsError::Unsupported(what) => Self::Unsupported(what),
        }
    }
}

impl From<NotEncoded> for HeaderError {
    fn from(_: NotEncoded) -> Self {
        Self::Malformed
    }
}

/// What is asked for beyond the recipients: the content's algorithm, and a little room.
const AFTER_RECIPIENTS: u64 = 256;
/// The least by which a prefix grows, so that a header without announced lengths takes few fetches.
const LEAST_STEP: usize = 4096;

/// Reads the header out of the first octets of a part, as fetched (still transfer-encoded).
///
/// # Errors
/// [`HeaderError::NeedMore`] when the prefix is too short, and the others when no longer prefix would help.
pub fn read_header(prefix: &[u8], encoding: TransferEncoding) -> Result<Header, HeaderError> {
    let mut reader = Reader::new(Recipients::Read);
    let mut found = None;
    Decoder::new(encoding).decode(prefix, |mut octets| {
        while found.is_none() {
            match reader.next(&mut octets)? {
                None => break,
                Some(Part::Header(header)) => found = Some(header),
                Some(Part::Content(_)) => {}
            }
        }
        Ok::<_, HeaderError>(())
    })?;
    found.map_or_else(|| Err(need_more(prefix.len(), &reader, encoding)), Ok)
}

fn need_more(had: usize, reader: &Reader, encoding: TransferEncoding) -> HeaderError {
    let left = reader.header_left().saturating_add(AFTER_RECIPIENTS);
    let left = usize::try_from(encoding.encoded_len(left)).unwrap_or(usize::MAX);
    if left > HEADER_BUDGET.saturating_mul(4) || had > HEADER_BUDGET.saturating_mul(4) {
        return HeaderError::Malformed;
    }
    HeaderError::NeedMore {
        octets: had.saturating_add(left.max(LEAST_STEP)),
    }
}
