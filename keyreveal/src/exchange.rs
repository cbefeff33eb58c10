//! The one exchange: a [`Verified`] statement seals one reveal, a [`OneTimeKey`] opens it, and both are then gone.

use rand_core::CryptoRng;
use secret::Pages;

use crate::{Context, ResultOpener, ResultSealer, Reveal, SealedReveal, Suite, Verified};

/// The private half of one statement. No `Clone`: `open` uses it up.
pub struct OneTimeKey(());

/// The reveal was refused. One answer for every reason: a difference would be an oracle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refusal;

/// Why nothing was sealed; no octet left the handset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SealError {
    /// The key or the nonce has not the length that the algorithm asks for.
    KeyLength,
    /// The prefix is empty or longer than the part.
    Prefix,
    /// More octets than a reveal may have.
    TooLong,
    /// The stated public key is none.
    PublicKey,
}

/// An opened reveal, whose context is what was asked. Only [`OneTimeKey::open`] makes one.
pub struct Revealed(Reveal);

impl Revealed {
    /// The reveal; its key is in the pages given to [`OneTimeKey::open`].
    #[must_use]
    pub fn into_reveal(self) -> Reveal {
        self.0
    }
}

impl OneTimeKey {
    /// A new key: `DeriveKeyPair` (RFC 9180 §7.1.3) over octets from `rng`.
    pub fn generate(_suite: Suite, _rng: &mut impl CryptoRng) -> Self {
        todo!()
    }

    /// The suite.
    #[must_use]
    pub fn suite(&self) -> Suite {
        todo!()
    }

    /// The public half, serialised.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        todo!()
    }

    /// Opens the one reveal sealed to this key, if it was made for `asked`; the session key is put into `room`. The key is gone
    /// afterwards, whatever came of it. `statement_payload` is [`crate::Statement::payload`] of the statement that was given out.
    ///
    /// # Errors
    /// [`Refusal`], for every reason alike.
    pub fn open(
        self,
        _sealed: &SealedReveal,
        _statement_payload: &[u8],
        _asked: &Context,
        _room: Pages,
    ) -> Result<(Revealed, ResultSealer), Refusal> {
        todo!()
    }
}

impl Verified {
    /// Seals `reveal` to the stated key. The statement is used up.
    ///
    /// # Errors
    /// [`SealError`]; nothing was sealed.
    pub fn seal(
        self,
        _reveal: Reveal,
        _rng: &mut impl CryptoRng,
    ) -> Result<(SealedReveal, ResultOpener), SealError> {
        todo!()
    }
}
