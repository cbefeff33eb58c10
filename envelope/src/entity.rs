//! The MIME entity inside an opened part (RFC 2045, RFC 2046).

use crate::TransferEncoding;
use secret::Plaintext;

/// Octets of the plaintext itself, or decoded into room of their own.
pub enum Held<'a> {
    /// Part of what is already held.
    Borrowed(&'a [u8]),
    /// Decoded.
    Owned(Plaintext),
}

impl Held<'_> {
    /// The octets.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        match self {
            Self::Borrowed(octets) => octets,
            Self::Owned(octets) => octets.expose(),
        }
    }
}

/// Why there is no entity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntityError {
    /// neither MIME nor bare media
    NotMime,
    /// more parts or deeper nesting than is read
    TooComplex,
    /// a transfer encoding does not decode
    Damaged,
    /// more octets than the limit
    Exceeded,
    /// a transfer encoding that is not known
    UnknownEncoding,
}

/// Removes opaque signatures (`application/pkcs7-mime; smime-type=signed-data`) around the content, as
/// sign-then-encrypt leaves them. The signatures are not checked.
///
/// # Errors
/// [`EntityError`]
pub fn payload(_plaintext: &[u8], _limit: usize) -> Result<Held<'_>, EntityError> {
    todo!()
}

/// A MIME entity, read without copying its body.
pub struct Entity<'a> {
    _body: &'a [u8],
}

impl<'a> Entity<'a> {
    /// Reads an entity: header fields, body, and what is nested in it. Bare media (an image without header fields) is taken as it is.
    /// # Errors
    /// [`EntityError`]
    pub fn parse(_octets: &'a [u8]) -> Result<Self, EntityError> {
        todo!()
    }
    /// `type/subtype`, lower-case.
    #[must_use]
    pub fn media_type(&self) -> &str {
        todo!()
    }
    /// A parameter of Content-Type; `name` in lower case.
    #[must_use]
    pub fn parameter(&self, _name: &str) -> Option<&str> {
        todo!()
    }
    /// A header field's value, unfolded; `name` in lower case.
    #[must_use]
    pub fn field(&self, _name: &str) -> Option<&str> {
        todo!()
    }
    /// The transfer encoding of the body.
    /// # Errors
    /// [`EntityError::UnknownEncoding`]
    pub fn encoding(&self) -> Result<TransferEncoding, EntityError> {
        todo!()
    }
    /// The body as it stands, still encoded.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        todo!()
    }
    /// The entities inside: parts of a multipart, or the one message of a message/rfc822.
    #[must_use]
    pub fn children(&self) -> &[Entity<'a>] {
        todo!()
    }
    /// The part that `section` names (RFC 9051 §6.4.5.1); without it the entity itself if it is a leaf, else its first
    /// image leaf, depth first.
    #[must_use]
    pub fn find(&self, _section: Option<&[u32]>) -> Option<&Entity<'a>> {
        todo!()
    }
    /// The body, decoded, of at most `limit` octets.
    /// # Errors
    /// [`EntityError`]
    pub fn decode(&self, _limit: usize) -> Result<Held<'a>, EntityError> {
        todo!()
    }
}
