//! What is looked at before a decoder sees a file: that its parts lie inside it, and that there are not more of
//! them than a recording has. Decoders would play what is left of a file that was cut, and nobody would know.
//!
//! MPEG audio (MP3, ADTS) has no mark of its end: cut between two frames it is whole.

mod flac;
mod mp4;
pub(super) mod mpeg;
mod ogg;
mod vorbis;
mod wav;

pub(super) use mp4::edit;
pub(super) use ogg::Codec;

use super::source::Source;
use crate::refusal::Refusal;

/// Walks over `input` from part to part.
///
/// # Errors
/// [`Refusal::Damaged`] when a part does not lie inside the file, [`Refusal::Unsupported`] when there is more than one
/// stream in it.
pub(super) fn whole(input: &[u8], source: Source) -> Result<(), Refusal> {
    match source {
        Source::Wav => wav::whole(input),
        Source::Flac => flac::whole(input),
        Source::Mp3 | Source::Aac => Ok(()),
        Source::Mp4 => mp4::whole(input),
        Source::Ogg => ogg::whole(input),
    }
}

/// What an Ogg file carries.
pub(super) fn codec(input: &[u8]) -> Result<Codec, Refusal> {
    ogg::codec(input)
}

/// Octets of a file, taken from the front.
#[derive(Clone, Copy)]
pub(super) struct Octets<'a>(&'a [u8]);

impl<'a> Octets<'a> {
    const fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Refusal::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Refusal::Damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u32_le(&mut self) -> Result<u32, Refusal> {
        self.array().map(u32::from_le_bytes)
    }

    fn u32_be(&mut self) -> Result<u32, Refusal> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64_be(&mut self) -> Result<u64, Refusal> {
        self.array().map(u64::from_be_bytes)
    }
}

/// A length read from a file, as one of memory.
fn length(announced: impl TryInto<usize>) -> Result<usize, Refusal> {
    announced.try_into().map_err(|_| Refusal::Damaged)
}
