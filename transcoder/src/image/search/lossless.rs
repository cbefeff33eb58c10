//! Targets that lose nothing: the size alone gives way. What a try would have taken says where to try next.

use super::{Found, SMALLEST, next_size};
use crate::budget::Budget;
use crate::image::encode::{Encoded, WORKING_OCTETS, encode};
use crate::image::filter::filtered;
use crate::image::picture::Picture;
use crate::image::rows::PictureRows;
use crate::media::Target;
use crate::refusal::Refusal;

/// How many files are made at most.
const MOST_ENCODINGS: u32 = 8;

/// The largest file of `picture` with at most `limit` octets.
pub(super) fn search(
    picture: &Picture,
    target: Target,
    limit: usize,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    budget.take_memory(picture.size().pixels().saturating_mul(WORKING_OCTETS))?;
    let mut octets = match encode(picture, target, limit)? {
        Encoded::Fits(octets) => return Ok(found(picture, octets)),
        Encoded::TooLong(octets) => octets,
    };
    let smallest = picture.size().fitted(SMALLEST);
    let mut size = picture.size();
    for left in (0..MOST_ENCODINGS.saturating_sub(1)).rev() {
        if size == smallest {
            break;
        }
        let next = next_size(size, wide(octets), wide(limit), smallest);
        size = next.filter(|_| left > 0).unwrap_or(smallest);
        let smaller = filtered(&mut PictureRows::of(picture), size, budget)?;
        match encode(&smaller, target, limit)? {
            Encoded::Fits(octets) => return Ok(found(&smaller, octets)),
            Encoded::TooLong(longer) => octets = longer,
        }
    }
    Err(Refusal::CannotFit)
}

fn found(picture: &Picture, octets: secret::Plaintext) -> Found {
    Found {
        octets,
        size: picture.size(),
    }
}

fn wide(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}
