//! Opaque signatures around the content, as sign-then-encrypt leaves them (RFC 8551 §3.7).

use secret::Plaintext;

use super::field::ContentType;
use super::{Entity, EntityError};
use crate::cms::signed::{NotSigned, SignedReader};
use crate::transfer::Decoder;

/// How many signatures may be wrapped around each other.
const MAX_LAYERS: usize = 4;

impl From<NotSigned> for EntityError {
    fn from(_: NotSigned) -> Self {
        Self::Damaged
    }
}

/// Removes opaque signatures (`application/pkcs7-mime; smime-type=signed-data`) around the content. They are not
/// checked: that needs the sender's certificate and is the handset's business. What is not such a signature stays as it
/// is, where it is.
///
/// # Errors
/// [`EntityError`]: what says to be signed data is not, or holds more than `limit` octets.
pub fn payload(plaintext: Plaintext, limit: usize) -> Result<Plaintext, EntityError> {
    let mut held = plaintext;
    for _ in 0..MAX_LAYERS {
        let Some(inner) = unsigned(held.expose(), limit)? else {
            return Ok(held);
        };
        held = inner;
    }
    Err(EntityError::TooComplex)
}

/// The content of an opaque signature; `None` if there is none.
fn unsigned(octets: &[u8], limit: usize) -> Result<Option<Plaintext>, EntityError> {
    let Ok(entity) = Entity::parse(octets) else {
        // Whoever parses it next says why.
        return Ok(None);
    };
    if !is_signed(&entity.content_type) {
        return Ok(None);
    }
    let mut reader = SignedReader::new();
    let encoding = entity.encoding()?;
    let mut inner = Plaintext::with_expectation(limit, encoding.decoded_len(entity.body().len()));
    let mut decoder = Decoder::new(encoding);
    decoder.decode(entity.body(), |mut octets| {
        while let Some(run) = reader.next(&mut octets)? {
            inner.extend(run)?;
        }
        Ok::<_, EntityError>(())
    })?;
    decoder.finish()?;
    reader.finish()?;
    Ok(Some(inner))
}

/// RFC 8551 §3.2: the media type and its smime-type, in the old spelling too.
pub(super) fn is_signed(content_type: &ContentType) -> bool {
    let media_type = content_type.essence();
    let signed = content_type
        .parameter("smime-type")
        .is_some_and(|smime_type| smime_type.eq_ignore_ascii_case("signed-data"));
    signed && (media_type == "application/pkcs7-mime" || media_type == "application/x-pkcs7-mime")
}
