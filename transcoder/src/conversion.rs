//! Which conversions exist, what they can be asked for, and the one way through.

use std::num::{NonZeroU16, NonZeroU32, NonZeroUsize};

use secret::Plaintext;

use crate::budget::Budget;
use crate::image;
use crate::media::{MediaType, Target};
use crate::refusal::Refusal;
use crate::sniff::{sniff, sniff_unread};
use crate::text::pdf::first_page;

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Conversion {
    /// The type that comes out.
    pub target: Target,
    /// The widest that it may be (`pix-x`); `None`: as wide as it is.
    pub width: Option<NonZeroU32>,
    /// The highest that it may be (`pix-y`); `None`: as high as it is.
    pub height: Option<NonZeroU32>,
    /// The most octets that it may have; `None`: what the budget allows.
    pub octets: Option<NonZeroUsize>,
    /// Of what moves, so many frames at most, where the target can move ([`Target::Gif`]); `None`: the first alone.
    pub frames: Option<NonZeroU16>,
}

/// A converted picture.
pub struct Converted {
    /// The type that the file was.
    pub source: MediaType,
    /// The type that it is now.
    pub media: Target,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// The file.
    pub octets: Plaintext,
}

/// A picture of a page.
pub struct Drawn {
    /// Its type.
    pub media: Target,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// The file.
    pub octets: Plaintext,
}

/// How wide a page is drawn where no width is asked for: a small screen's.
const PAGE_WIDTH: u16 = 1024;

/// The widest that a page is drawn.
const WIDEST_PAGE: u32 = 8192;

/// Makes of the first page of `input`, a PDF, the picture that `conversion` asks for, on white. As [`convert`] makes it of a
/// picture that is as wide as is asked for.
///
/// # Errors
/// A [`Refusal`] that says whose fault it is; [`Refusal::DeclaredOtherwise`] for what is no PDF.
pub fn draw(input: &[u8], conversion: &Conversion, budget: &mut Budget) -> Result<Drawn, Refusal> {
    let width = conversion.width.map(|width| width.get().min(WIDEST_PAGE));
    let width = width.and_then(|width| u16::try_from(width).ok());
    let page = first_page(input, width.unwrap_or(PAGE_WIDTH), budget)?;
    image::of_page(page, conversion, budget)
}

/// Makes of `input` the picture that `conversion` asks for.
///
/// The picture fits inside `width` × `height`, in its own shape and never enlarged. It is turned as its EXIF
/// orientation says, its colours are sRGB, and no metadata comes along. With a byte budget, a JPEG or WebP is
/// first made coarser and then smaller; PNG is lossless, so there only the size gives way; a GIF that moves has fewer frames
/// before it is smaller. A WebP that is shorter without loss has none. Of documents in pages the first page is taken, and of
/// animations the first frame, but where `frames` asks for more of a GIF or WebP. The same input gives the same octets.
///
/// `declared` is what the entity's Content-Type says. A file that is of another type is refused, so that nobody has
/// a decoder chosen for them that they did not expect.
///
/// # Errors
/// A [`Refusal`] that says whose fault it is.
pub fn convert(
    input: &[u8],
    declared: Option<MediaType>,
    conversion: &Conversion,
    mut budget: Budget,
) -> Result<Converted, Refusal> {
    budget.take_input(input.len())?;
    let unread = || sniff_unread(input).map_or(Refusal::NotAnImage, Refusal::Unread);
    let source = sniff(input).ok_or_else(unread)?;
    if declared.is_some_and(|declared| declared != source) {
        return Err(Refusal::DeclaredOtherwise);
    }
    image::convert(input, source, conversion, budget)
}

/// Every pair of a type that is read and a type that is written.
pub fn pairs() -> impl Iterator<Item = (MediaType, Target)> {
    MediaType::ALL
        .into_iter()
        .flat_map(|from| Target::ALL.into_iter().map(move |to| (from, to)))
}

/// The names of the parameters that every pair takes: RFC 2534 §3.1's `pix-x` and `pix-y`; the byte budget has
/// its name from whoever speaks to the client.
#[must_use]
pub const fn parameters() -> &'static [&'static str] {
    &["pix-x", "pix-y"]
}
