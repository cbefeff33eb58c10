//! Opening one part: runs in as they arrive, decoded and collected as ciphertext, opened in place; plaintext only after
//! proof.
//!
//! Nothing but [`Opener::finish`] makes a [`Proven`], and a decoder takes nothing else. Whatever goes wrong is one
//! [`Refusal`].

use secret::Plaintext;
use static_assertions::assert_not_impl_any;

use crate::algorithm::{ContentEncryption, ContentKey, Integrity, TagLength};
use crate::cipher::{self, CipherError};
use crate::cms::reader::{CmsError, Part, Reader, Recipients};
use crate::transfer::{Decoder, NotEncoded, TransferEncoding};

/// The part did not open. One answer for every reason: a difference would be an oracle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refusal;

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the part does not open")
    }
}

impl std::error::Error for Refusal {}

impl From<CmsError> for Refusal {
    fn from(_: CmsError) -> Self {
        Self
    }
}

impl From<NotEncoded> for Refusal {
    fn from(_: NotEncoded) -> Self {
        Self
    }
}

impl From<CipherError> for Refusal {
    fn from(_: CipherError) -> Self {
        Self
    }
}

impl From<secret::Exceeded> for Refusal {
    fn from(_: secret::Exceeded) -> Self {
        Self
    }
}

/// Takes a part in as it arrives and opens it with a key that somebody revealed.
pub struct Opener {
    decoder: Decoder,
    part: InPart,
    refused: Option<Refusal>,
}

/// What has been read of the part.
struct InPart {
    reader: Reader,
    key: ContentKey,
    tag: Option<TagLength>,
    held: Plaintext,
}

/// One part, opened: its tag was right, or its format has none and `integrity` says so.
pub struct Proven {
    plaintext: Plaintext,
    integrity: Integrity,
}

assert_not_impl_any!(Opener: Clone, std::fmt::Debug, Send, Sync);
assert_not_impl_any!(Proven: Clone, std::fmt::Debug);

impl Opener {
    /// Room for a part of at most `limit` octets of ciphertext. Nothing is allocated for it yet.
    #[must_use]
    pub fn new(key: ContentKey, encoding: TransferEncoding, limit: usize) -> Self {
        Self {
            decoder: Decoder::new(encoding),
            part: InPart {
                reader: Reader::new(Recipients::Skip),
                key,
                tag: None,
                held: Plaintext::with_limit(limit),
            },
            refused: None,
        }
    }

    /// Says how many octets of the part, as fetched, are thought to come, so that their ciphertext is held without moving. Asks for
    /// no memory before they come and never for more than the limit; a wrong guess changes nothing else.
    #[must_use]
    pub fn expecting(mut self, octets: usize) -> Self {
        let limit = self.part.held.limit();
        let expected = self.decoder.encoding().decoded_len(octets);
        self.part.held = Plaintext::with_expectation(limit, expected);
        self
    }

    /// Takes the next octets of the part, as fetched (still transfer-encoded), cut anywhere.
    ///
    /// # Errors
    /// [`Refusal`], from then on and from `finish`.
    pub fn take(&mut self, run: &[u8]) -> Result<(), Refusal> {
        if let Some(refusal) = self.refused {
            return Err(refusal);
        }
        let part = &mut self.part;
        let taken = self.decoder.decode(run, |octets| part.take(octets));
        self.refused = taken.err();
        taken
    }

    /// Checks what the format promises and only then gives the plaintext out.
    ///
    /// # Errors
    /// [`Refusal`] for every reason: not CMS, cut short, octets left over, another algorithm or nonce than the key's,
    /// beyond the limit, wrong padding, wrong tag.
    pub fn finish(self) -> Result<Proven, Refusal> {
        match self.refused {
            Some(refusal) => Err(refusal),
            None => {
                self.decoder.finish()?;
                self.part.open()
            }
        }
    }
}

impl InPart {
    fn take(&mut self, mut octets: &[u8]) -> Result<(), Refusal> {
        while let Some(part) = self.reader.next(&mut octets)? {
            match part {
                Part::Header(header) => self.tag = Some(self.expected(&header.content)?),
                Part::Content(run) => self.held.extend(run)?,
            }
        }
        Ok(())
    }

    /// The revealed key is for one algorithm and one nonce: those that the message names. So a relabelled part, CBC
    /// where it was GCM, gets no answer (RFC 9709 §1 has the attack).
    fn expected(&self, content: &ContentEncryption) -> Result<TagLength, Refusal> {
        if content.is_for(&self.key) {
            Ok(content.tag)
        } else {
            Err(Refusal)
        }
    }

    fn open(mut self) -> Result<Proven, Refusal> {
        let tail = self.reader.finish()?;
        let tag = self.tag.ok_or(Refusal)?;
        if !tag.allows(tail.mac.len()) {
            return Err(Refusal);
        }
        cipher::open(&self.key, &mut self.held, &tail.authenticated, &tail.mac)?;
        Ok(Proven {
            plaintext: self.held,
            integrity: self.key.algorithm.integrity(),
        })
    }
}

impl Proven {
    /// The opened octets: a MIME entity, see [`crate::entity`].
    #[must_use]
    pub fn plaintext(&self) -> &Plaintext {
        &self.plaintext
    }

    /// The opened octets themselves, to be decoded where they are.
    #[must_use]
    pub fn into_plaintext(self) -> Plaintext {
        self.plaintext
    }

    /// Whether a tag proved them.
    #[must_use]
    pub fn integrity(&self) -> Integrity {
        self.integrity
    }
}

#[cfg(test)]
mod tests;
