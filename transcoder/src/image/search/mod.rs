//! The best file within so many octets: coarser first where the target loses anything, or fewer frames where it moves, then smaller.

mod avif;
mod bracket;
pub(super) mod gif;
mod lossless;
mod lossy;
mod sizes;
mod webp;

use secret::Plaintext;

use super::animation::Shown;
use super::picture::Picture;
use super::size::Size;
use super::survey::Plays;
use crate::budget::Budget;
use crate::media::Target;
use crate::refusal::Refusal;

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

fn wide(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}
