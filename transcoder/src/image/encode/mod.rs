//! A picture written as a file: those that lose nothing, AVIF, and GIF. Nothing but pixels goes in, so no metadata can come out.

pub(super) mod avif;
pub(super) mod gif;
mod palette;
mod png;
mod quantise;
mod webp;

use std::io::Write;

use secret::Plaintext;

pub(super) use self::webp::Lossy;
use super::picture::Picture;
use crate::media::Target;
use crate::refusal::Refusal;

/// What came of an encoding.
pub(super) enum Encoded {
    /// The file.
    Fits(Plaintext),
    /// It would have had as many octets.
    TooLong(usize),
}

impl Encoded {
    /// How many octets it has or would have had.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Fits(octets) => octets.len(),
            Self::TooLong(octets) => *octets,
        }
    }
}

/// Octets of memory that an encoder takes a pixel: a WebP's pixels again, a PNG's rows after their filters.
pub(super) const WORKING_OCTETS: u64 = 8;

/// Encodes `picture`, keeping at most `limit` octets.
///
/// # Errors
/// [`Refusal::Unsupported`] when the target has no such picture.
pub(super) fn encode(picture: &Picture, target: Target, limit: usize) -> Result<Encoded, Refusal> {
    match target {
        Target::Png => png::encode(picture, limit),
        Target::WebP => webp::lossless(picture, limit),
        Target::Jpeg | Target::Avif | Target::Gif => Err(Refusal::Unsupported), // never lossless
    }
}

/// Holds what an encoder writes as long as it is within the limit, and counts on beyond it: how far a file was from
/// fitting says what to try next.
pub(super) struct Sink {
    held: Plaintext,
    limit: usize,
    written: usize,
}

impl Sink {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            held: Plaintext::with_limit(limit),
            limit,
            written: 0,
        }
    }

    pub(super) fn finish(self) -> Encoded {
        if self.written <= self.limit {
            Encoded::Fits(self.held)
        } else {
            Encoded::TooLong(self.written)
        }
    }
}

impl Write for Sink {
    fn write(&mut self, run: &[u8]) -> std::io::Result<usize> {
        self.written = self.written.saturating_add(run.len());
        if self.written <= self.limit {
            self.held.write_all(run)?;
        }
        Ok(run.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
