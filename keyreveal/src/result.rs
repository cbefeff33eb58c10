//! The result of a conversion, sealed to the session: a key exported from the reveal's HPKE context, as RFC 9458 §4.4 does for
//! responses, under labels of our own.

use rand_core::CryptoRng;
use secret::Plaintext;

/// Whether the encrypted part could have been altered unseen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Integrity {
    /// The format has none (CBC): anybody on the way could have altered the part.
    None,
    /// The content's tag was right.
    Authenticated,
}

/// The converted picture and what is known of it.
pub struct ResultPart {
    /// Media type of the picture.
    pub media_type: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// What the source's format proves.
    pub integrity: Integrity,
    /// Media type of the source, as found in the opened part.
    pub source_type: String,
    /// Octets of the source.
    pub source_octets: u64,
    /// The picture.
    pub octets: Plaintext,
}

/// Not a result of this exchange, or an altered one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ResultError;

/// Seals the one result of an opened reveal.
pub struct ResultSealer(());

impl ResultSealer {
    /// The sealed, padded result.
    pub fn seal(self, _part: &ResultPart, _rng: &mut impl CryptoRng) -> Vec<u8> {
        todo!()
    }
}

/// Opens the result of one sealed reveal.
pub struct ResultOpener(());

impl ResultOpener {
    /// The result, if this exchange's vault made it.
    ///
    /// # Errors
    /// [`ResultError`].
    pub fn open(&self, _sealed: &[u8]) -> Result<ResultPart, ResultError> {
        todo!()
    }
}
