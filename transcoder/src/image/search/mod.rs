//! The best file within so many octets: coarser first where the target loses anything, or fewer frames where it moves, then smaller.

mod avif;
mod bracket;
pub(super) mod gif;
mod lossless;
mod lossy;
mod webp;

use std::num::NonZeroU32;

use secret::Plaintext;

use super::animation::Shown;
use super::picture::Picture;
use super::size::Size;
use super::survey::Plays;
use crate::budget::Budget;
use crate::media::Target;
use crate::refusal::Refusal;

/// What the smallest picture that is tried fits into: an icon.
const SMALLEST: Size = Size::square(NonZeroU32::MIN.saturating_add(15));

/// A file that fits, with the size of its picture.
pub(super) struct Found {
    pub(super) octets: Plaintext,
    pub(super) size: Size,
}

/// The best file of `picture` with at most `limit` octets.
///
/// # Errors
/// [`Refusal::CannotFit`] when not even the smallest and coarsest fits; [`Refusal::Exceeded`].
pub(super) fn search(
    picture: &Picture,
    target: Target,
    limit: usize,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    match target {
        Target::Jpeg => lossy::search(picture, limit, budget),
        Target::Avif => avif::search(picture, limit, budget),
        Target::Gif => gif::search(vec![still(picture)], Plays::Once, limit, budget),
        Target::Png => lossless::search(picture, target, limit, budget),
        Target::WebP => webp::search(picture, limit, budget),
    }
}

/// `picture` as the only frame.
fn still(picture: &Picture) -> Shown<'_> {
    Shown {
        picture,
        hundredths: 0,
    }
}

/// A file's octets go by its area, more or less: the size, smaller than `size`, whose file should take fifteen
/// sixteenths of `limit` where that of `size` takes `octets`. `None` where it would be smaller than what is smallest.
fn next_size(size: Size, octets: u64, limit: u64, smallest: Size) -> Option<Size> {
    let share = limit.saturating_mul(AREA_UNIT / 16 * 15);
    let side = share.checked_div(octets).unwrap_or(0).isqrt();
    let next = size.shrunk(side, SIDE_UNIT);
    (next.pixels() > smallest.pixels()).then_some(next)
}

/// One, for a side's share, in fixed point; and the same for an area's, which is its square.
const SIDE_UNIT: NonZeroU32 = NonZeroU32::MIN.saturating_add(1023);
const AREA_UNIT: u64 = 1024 * 1024;
