//! A picture whose file is too long in the size that was asked for, made smaller until one fits.

use std::num::NonZeroU32;

use super::{Found, wide};
use crate::image::size::Size;
use crate::refusal::Refusal;

/// What the smallest picture that is tried fits into: an icon.
pub(super) const SMALLEST: Size = Size::square(NonZeroU32::MIN.saturating_add(15));

/// What came of a picture in one size.
pub(super) enum Sized {
    Fits(Found),
    /// Its shortest file would have as many octets.
    TooLong(u64),
}

/// The first file that `of_size` finds in a size smaller than `own`, of at most `most`; the last of them is the smallest that is
/// tried. In its own size the picture has `octets`.
///
/// # Errors
/// [`Refusal::CannotFit`] when not even the smallest fits; what `of_size` returns.
pub(super) fn smaller(
    own: Size,
    mut octets: u64,
    limit: usize,
    most: u32,
    mut of_size: impl FnMut(Size) -> Result<Sized, Refusal>,
) -> Result<Found, Refusal> {
    let smallest = own.fitted(SMALLEST);
    let mut size = own;
    for left in (0..most).rev() {
        if size == smallest {
            break;
        }
        let next = next_size(size, octets, wide(limit), smallest);
        size = next.filter(|_| left > 0).unwrap_or(smallest);
        match of_size(size)? {
            Sized::Fits(found) => return Ok(found),
            Sized::TooLong(longer) => octets = longer,
        }
    }
    Err(Refusal::CannotFit)
}

/// A file's octets go by its area, more or less: the size, smaller than `size`, whose file should take fifteen
/// sixteenths of `limit` where that of `size` takes `octets`. `None` where it would be smaller than what is smallest.
pub(super) fn next_size(size: Size, octets: u64, limit: u64, smallest: Size) -> Option<Size> {
    let share = limit.saturating_mul(AREA_UNIT / 16 * 15);
    let side = share.checked_div(octets).unwrap_or(0).isqrt();
    let next = size.shrunk(side, SIDE_UNIT);
    (next.pixels() > smallest.pixels()).then_some(next)
}

/// One, for a side's share, in fixed point; and the same for an area's, which is its square.
const SIDE_UNIT: NonZeroU32 = NonZeroU32::MIN.saturating_add(1023);
const AREA_UNIT: u64 = 1024 * 1024;
