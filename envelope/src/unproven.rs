//! What a key would open, asked before it is revealed. For the handset: it holds the key anyway.
//!
//! The first octets of the content are decrypted without proof, so they are looked at here and nowhere else; what comes
//! out is one of a few words. A wrong word costs the user a question, or a part that is left out, never a secret.

use secret::Plaintext;

use crate::algorithm::ContentKey;
use crate::cipher;
use crate::cms::reader::{CmsError, Part, Reader, Recipients};
use crate::entity::{Extent, extent};
use crate::transfer::{Decoder, NotEncoded, TransferEncoding};

/// How much of the content is looked at: the header of an entity, and of a signature before it.
const LOOKED_AT: usize = 16 * 1024;

/// Nothing can be said.
struct Unknown;

impl From<CmsError> for Unknown {
    fn from(_: CmsError) -> Self {
        Self
    }
}

impl From<NotEncoded> for Unknown {
    fn from(_: NotEncoded) -> Self {
        Self
    }
}

impl From<secret::Exceeded> for Unknown {
    fn from(_: secret::Exceeded) -> Self {
        Self
    }
}

/// How much `key` opens of the part that begins with `prefix` (as fetched, still transfer-encoded): one part, or a whole
/// message. A message encrypted whole has one key for everything, also where a mailing list wrapped it in a multipart of
/// its own.
#[must_use]
pub fn key_extent(prefix: &[u8], encoding: TransferEncoding, key: &ContentKey) -> Extent {
    let Ok(mut held) = first_content(prefix, encoding, key) else {
        return Extent::Unknown;
    };
    match cipher::open_unproven(key, &mut held) {
        Ok(()) => extent(held.expose()),
        Err(_) => Extent::Unknown,
    }
}

/// The first octets of the encrypted content, if it is encrypted as the key says.
fn first_content(
    prefix: &[u8],
    encoding: TransferEncoding,
    key: &ContentKey,
) -> Result<Plaintext, Unknown> {
    let mut reader = Reader::new(Recipients::Skip);
    let mut held = Plaintext::with_limit(LOOKED_AT);
    Decoder::new(encoding).decode(prefix, |mut octets| {
        while let Some(part) = reader.next(&mut octets)? {
            match part {
                Part::Header(header) if header.content.is_for(key) => {}
                Part::Header(_) => return Err(Unknown),
                Part::Content(run) => {
                    let room = LOOKED_AT.saturating_sub(held.len());
                    held.extend(run.get(..room.min(run.len())).unwrap_or_default())?;
                }
            }
        }
        Ok(())
    })?;
    Ok(held)
}
