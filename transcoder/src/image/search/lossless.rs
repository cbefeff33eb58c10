//! Targets that lose nothing: the size alone gives way. What a try would have taken says where to try next.

use super::sizes::{Sized, smaller};
use super::{Found, wide};
use crate::budget::Budget;
use crate::image::encode::{Encoded, WORKING_OCTETS, encode};
use crate::image::filter::filtered;
use crate::image::picture::Picture;
use crate::image::rows::PictureRows;
use crate::media::Target;
use crate::refusal::Refusal;

/// How many sizes are tried at most besides the one that was asked for.
const MOST_SIZES: u32 = 7;

/// The largest file of `picture` with at most `limit` octets.
pub(super) fn search(
    picture: &Picture,
    target: Target,
    limit: usize,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    budget.take_memory(picture.size().pixels().saturating_mul(WORKING_OCTETS))?;
    let octets = match of_size(picture, target, limit)? {
        Sized::Fits(found) => return Ok(found),
        Sized::TooLong(octets) => octets,
    };
    smaller(picture.size(), octets, limit, MOST_SIZES, |size| {
        let smaller = filtered(&mut PictureRows::of(picture), size, budget)?;
        of_size(&smaller, target, limit)
    })
}

fn of_size(picture: &Picture, target: Target, limit: usize) -> Result<Sized, Refusal> {
    Ok(match encode(picture, target, limit)? {
        Encoded::Fits(octets) => Sized::Fits(Found {
            octets,
            size: picture.size(),
        }),
        Encoded::TooLong(octets) => Sized::TooLong(wide(octets)),
    })
}
