//! What server, warden and vault say to each other: length-prefixed frames, bounded, the same however reads are cut.
//!
//! | module | says |
//! | --- | --- |
//! | [`vault`] | [`ToVault`], [`FromVault`]: on a vault's one socket |
//! | [`warden`] | [`ToWarden`], [`FromWarden`]: on the warden's control socket |
//!
//! A frame is `u32` (big endian: how many octets follow) · `u8` kind · body. Numbers are big endian, octet strings carry a `u32`
//! length. Nothing in a frame is secret: reveals, parts and results cross sealed. And nothing that a vault says is free text: a
//! vault that a hostile picture took over can choose only among the words below.
//!
//! [`offered`] is what vaults of this program convert into, [`read`] what they convert: the server offers that and nothing else.
//!
//! This module must do no I/O: it is all that the network-facing server may use of this crate besides the two entries.

mod fields;
pub mod vault;
pub mod warden;

pub use crate::job::{offered, read};
pub use vault::{
    Failure, FromVault, Job, Limits, Ready, Resource, SourceKind, ToVault, encode_octets,
};
pub use warden::{Assigned, Exit, FromWarden, Hello, NewVaults, NoVault, ToWarden};

use std::time::Duration;

use fields::Fields;

/// The longest run of octets in one `Octets` or `Run` frame.
pub const MAX_RUN: usize = 64 * 1024;

/// The most octets that may follow a frame's length: the largest frame is a `Job` with its reveal and context.
pub const MAX_FRAME: usize = 128 * 1024;

/// A refusal is told a multiple of this time after the part's end, so that its moment does not say how far the vault came. About
/// twice as long as decoding 20 megapixels takes; the session gives its own refusals by the same measure.
pub const REFUSAL: Duration = Duration::from_secs(1);

/// Octets of the length before a frame.
pub(crate) const LENGTH_OCTETS: usize = 4;

/// A frame cannot be read, or cannot be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FrameError {
    /// The announced or needed length is over [`MAX_FRAME`], or a run is over [`MAX_RUN`].
    TooLong,
    /// A kind that this direction does not have.
    UnknownKind,
    /// The body is not what its kind asks for.
    Malformed,
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "a frame longer than any may be",
            Self::UnknownKind => "a frame of no known kind",
            Self::Malformed => "a frame whose body does not fit its kind",
        })
    }
}

impl std::error::Error for FrameError {}

/// One direction's frames.
pub trait Frame: Sized {
    /// Appends the whole frame, length included, to `out`; on an error `out` is as before.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] when the frame would be longer than any reader takes.
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), FrameError>;

    /// The frame of this kind and body.
    ///
    /// # Errors
    /// [`FrameError`] when there is none.
    fn decode(kind: u8, body: &[u8]) -> Result<Self, FrameError>;

    /// The whole frame, length included, by itself.
    ///
    /// # Errors
    /// As [`Frame::encode`].
    fn to_octets(&self) -> Result<Vec<u8>, FrameError> {
        let mut out = Vec::new();
        self.encode(&mut out)?;
        Ok(out)
    }
}

/// The first frame in `octets`, from its kind on; `None` while it has not arrived whole.
///
/// # Errors
/// [`FrameError::TooLong`]
pub(crate) fn first(octets: &[u8]) -> Result<Option<&[u8]>, FrameError> {
    let Some((len, rest)) = octets.split_first_chunk::<LENGTH_OCTETS>() else {
        return Ok(None);
    };
    let len = announced(len)?;
    Ok(rest.get(..len))
}

/// The announced length, looked at before anything is allocated or waited for.
fn announced(len: &[u8]) -> Result<usize, FrameError> {
    let len = Fields::new(len).length()?;
    if len > MAX_FRAME {
        return Err(FrameError::TooLong);
    }
    Ok(len)
}

/// Finds frames in octets that arrive in any pieces. Holds at most one unfinished frame, and only what of it has arrived.
#[derive(Debug, Default)]
pub struct FrameReader {
    held: Vec<u8>,
}

impl FrameReader {
    /// A reader at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next frame out of `input`, advancing it; `None`: needs more octets, and `input` is used up.
    ///
    /// # Errors
    /// [`FrameError`]; the stream has no meaning after one and must be closed.
    pub fn next<F: Frame>(&mut self, input: &mut &[u8]) -> Result<Option<F>, FrameError> {
        if !self.fill(LENGTH_OCTETS, input) {
            return Ok(None);
        }
        let len = announced(&self.held)?;
        let whole = len.checked_add(LENGTH_OCTETS).ok_or(FrameError::TooLong)?;
        if !self.fill(whole, input) {
            return Ok(None);
        }
        let mut fields = Fields::new(self.held.get(LENGTH_OCTETS..).unwrap_or_default());
        let kind = fields.octet()?;
        let frame = F::decode(kind, fields.rest())?;
        self.held.clear();
        Ok(Some(frame))
    }

    /// Whether the stream may end here: no frame is half read.
    #[must_use]
    pub fn is_at_boundary(&self) -> bool {
        self.held.is_empty()
    }

    /// Moves octets from `input` until `wanted` are held; says whether they are.
    fn fill(&mut self, wanted: usize, input: &mut &[u8]) -> bool {
        let missing = wanted.saturating_sub(self.held.len());
        let (taken, rest) = input.split_at(missing.min(input.len()));
        self.held.extend_from_slice(taken);
        *input = rest;
        self.held.len() >= wanted
    }
}

#[cfg(test)]
mod tests;
