//! A file walked whole before any decoder sees it: is it all there, and what does it say that it will cost?
//!
//! Decoders are made to show what they can of a broken file. We are not: a part that was cut off is refused, even where
//! the first frame could be shown. Every frame and page that a file declares is paid for in pixels, even though only
//! the first is decoded, so that nobody can hide a large file's cost behind a small first frame. Nothing here is
//! allocated (but for a [`Timeline`]), and every walk takes at most a few steps per octet of the file. JPEG is not here: its own reader walks from
//! SOI to EOI before it decodes ([`super::jpeg::Header`]).

mod bmp;
mod gif;
mod jxl;
mod png;
mod tiff;
mod timeline;
mod webp;

pub(super) use self::bmp::survey as bmp;
pub(super) use self::gif::{outgrows, survey as gif, timeline as gif_timeline};
pub(super) use self::jxl::survey as jxl;
pub(super) use self::png::survey as png;
pub(super) use self::tiff::{orientation as tiff_orientation, survey as tiff};
pub(super) use self::timeline::{Plays, Step, Timeline};
pub(super) use self::webp::{survey as webp, timeline as webp_timeline};
use image::metadata::Orientation;

use super::size::Size;
use crate::budget::Budget;
use crate::refusal::Refusal;

/// What a whole file says of the picture that will be decoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Survey {
    /// The size of the first frame's canvas, before any EXIF orientation.
    pub(super) size: Size,
    /// How the picture is to be turned before anybody sees it.
    pub(super) orientation: Orientation,
    /// Octets that the decoder takes on its way, apart from the pixels that it gives out.
    pub(super) working: u64,
}

/// Walks a file of one type, paying for its pixels.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::Unsupported`] or [`Refusal::Exceeded`].
pub(super) type Walk = fn(&[u8], &mut Budget) -> Result<Survey, Refusal>;

/// Pays for a picture of `width` × `height` that a file declares, whether or not it will be decoded.
fn paid(width: u32, height: u32, budget: &mut Budget) -> Result<Size, Refusal> {
    let size = Size::declared(width, height)?;
    budget.take_pixels(size.width(), size.height())?;
    Ok(size)
}
