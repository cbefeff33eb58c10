//! Opening: runs in, decoded and collected as ciphertext, opened in place; plaintext only after proof.

use crate::{ContentKey, Integrity, TransferEncoding};
use secret::Plaintext;

/// The part did not open. One answer for every reason: a difference would be an oracle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refusal;

/// Takes a part in as it arrives and opens it.
pub struct Opener {
    _held: Plaintext,
    _key: ContentKey,
}

/// One part, opened: its tag was right, or its format has none and `integrity` says so.
pub struct Proven {
    plaintext: Plaintext,
    integrity: Integrity,
}

impl Opener {
    /// Room for a part of at most `limit` octets of ciphertext.
    #[must_use]
    pub fn new(key: ContentKey, _encoding: TransferEncoding, limit: usize) -> Self {
        Self {
            _held: Plaintext::with_limit(limit),
            _key: key,
        }
    }
    /// Takes the next octets of the part, as fetched (still transfer-encoded).
    /// # Errors
    /// [`Refusal`]
    pub fn take(&mut self, _run: &[u8]) -> Result<(), Refusal> {
        todo!()
    }
    /// Checks what the format promises and only then gives the plaintext out.
    /// # Errors
    /// [`Refusal`]
    pub fn finish(self) -> Result<Proven, Refusal> {
        todo!()
    }
}

impl Proven {
    /// The opened octets.
    #[must_use]
    pub fn plaintext(&self) -> &Plaintext {
        &self.plaintext
    }
    /// Whether a tag proved them.
    #[must_use]
    pub fn integrity(&self) -> Integrity {
        self.integrity
    }
}
