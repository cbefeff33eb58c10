//! PEM (RFC 7468), read leniently around the blocks: remarks before, after and between them are passed over.

use zeroize::Zeroizing;

use super::KeyError;
use crate::transfer::{Decoder, NotEncoded, TransferEncoding};

/// One labelled block, still encoded.
pub(crate) struct Block<'a> {
    pub(crate) label: &'a str,
    text: &'a str,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The blocks of `text`, in order. A block without its end is none.
pub(crate) fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    text.split(BEGIN).skip(1).filter_map(|block| {
        let (label, rest) = block.split_once(DASHES)?;
        let (text, _) = rest.split_once(END)?;
        Some(Block { label, text })
    })
}

impl From<NotEncoded> for KeyError {
    fn from(_: NotEncoded) -> Self {
        Self::Malformed
    }
}

impl Block<'_> {
    /// The block's octets.
    ///
    /// # Errors
    /// [`KeyError::Unsupported`] for the old encryption under `Proc-Type` (RFC 1421 §4.6.1.1), else
    /// [`KeyError::Malformed`].
    pub(crate) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        if self.text.contains(':') {
            return Err(KeyError::Unsupported);
        }
        // The whole room at once: growing would leave copies of a key behind.
        let mut octets = Zeroizing::new(Vec::with_capacity(self.text.len()));
        let mut decoder = Decoder::new(TransferEncoding::Base64);
        decoder.decode(self.text.as_bytes(), |run| {
            octets.extend_from_slice(run);
            Ok::<_, KeyError>(())
        })?;
        decoder.finish()?;
        Ok(octets)
    }
}
