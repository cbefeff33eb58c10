//! A sealed reveal on the wire.

use crate::KeyId;

/// Sealed to one one-time key: of no use to anybody but the vault that holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SealedReveal {
    key_id: KeyId,
    enc: Vec<u8>,
    ct: Vec<u8>,
}

/// Not the one permitted encoding of a sealed reveal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SealedRevealError;

impl SealedReveal {
    /// The key that it names: which vault to hand it to.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        todo!()
    }

    /// Reads the one encoding.
    ///
    /// # Errors
    /// [`SealedRevealError`] for anything else.
    pub fn decode(_octets: &[u8]) -> Result<Self, SealedRevealError> {
        todo!()
    }

    /// The value of the conversion parameter.
    #[must_use]
    pub fn to_base64(&self) -> String {
        todo!()
    }

    /// Reads the value of the conversion parameter.
    ///
    /// # Errors
    /// [`SealedRevealError`].
    pub fn from_base64(_text: &[u8]) -> Result<Self, SealedRevealError> {
        todo!()
    }
}
