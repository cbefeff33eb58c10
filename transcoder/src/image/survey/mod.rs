//! A file walked whole before any decoder sees it: is it all there, and what does it say that it will cost?
//!
//! Decoders are made to show what they can of a broken file. We are not: a part that was cut off is refused, even where
//! the first frame could be shown. Every frame and page that a file declares is paid for in pixels, even though only
//! the first is decoded, so that nobody can hide a large file's cost behind a small first frame. Nothing here is
//! allocated, and every walk takes at most a few steps per octet of the file.

mod bmp;
mod gif;
mod jpeg;
mod png;
mod tiff;
mod webp;

use super::size::Size;
use crate::budget::Budget;
use crate::media::MediaType;
use crate::refusal::Refusal;

/// What a whole file says of the picture that will be decoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Survey {
    /// The size of the first frame's canvas, before any EXIF orientation.
    pub(super) size: Size,
    /// Octets that the decoder takes on its way, apart from the pixels that it gives out.
    pub(super) working: u64,
}

/// Walks `input`, paying for its pixels.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::Unsupported`] or [`Refusal::Exceeded`].
pub(super) fn survey(
    media: MediaType,
    input: &[u8],
    budget: &mut Budget,
) -> Result<Survey, Refusal> {
    match media {
        MediaType::Jpeg => jpeg::survey(input, budget),
        MediaType::Png => png::survey(input, budget),
        MediaType::WebP => webp::survey(input, budget),
        MediaType::Gif => gif::survey(input, budget),
        MediaType::Bmp => bmp::survey(input, budget),
        MediaType::Tiff => tiff::survey(input, budget),
    }
}

/// Pays for a picture of `width` × `height` that a file declares, whether or not it will be decoded.
fn paid(width: u32, height: u32, budget: &mut Budget) -> Result<Size, Refusal> {
    let size = Size::declared(width, height)?;
    budget.take_pixels(size.width(), size.height())?;
    Ok(size)
}
