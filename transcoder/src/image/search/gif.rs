//! GIF: fewer frames first, for what moves less smoothly is still what it was; then smaller ones.

use super::{Found, SMALLEST, next_size};
use crate::budget::Budget;
use crate::image::animation::{Shown, halved};
use crate::image::encode::Encoded;
use crate::image::encode::gif::{WORKING_OCTETS, encode};
use crate::image::filter::filtered;
use crate::image::picture::Picture;
use crate::image::rows::PictureRows;
use crate::image::survey::Plays;
use crate::refusal::Refusal;

/// How many files of smaller frames are made at most.
const MOST_SMALLER: u32 = 7;

/// What moves has no fewer frames.
const FEWEST: usize = 2;

/// The memory that colours are learnt in, for all sizes that are tried.
const LEARNING_OCTETS: u64 = 2 * 1024 * 1024;

/// The file of most frames, or of larger ones, with at most `limit` octets.
pub(in crate::image) fn search(
    mut shown: Vec<Shown<'_>>,
    plays: Plays,
    limit: usize,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    let size = shown.first().map(|first| first.picture.size());
    let mut size = size.ok_or(Refusal::Damaged)?;
    budget.take_memory(size.pixels().saturating_mul(WORKING_OCTETS))?;
    budget.take_memory(LEARNING_OCTETS)?;
    let mut octets = loop {
        match encode(&shown, plays, limit)? {
            Encoded::Fits(octets) => return Ok(Found { octets, size }),
            Encoded::TooLong(_) if shown.len() > FEWEST => shown = halved(&shown),
            Encoded::TooLong(octets) => break octets,
        }
    };
    let smallest = size.fitted(SMALLEST);
    for left in (0..MOST_SMALLER).rev() {
        if size == smallest {
            break;
        }
        let next = next_size(size, wide(octets), wide(limit), smallest);
        size = next.filter(|_| left > 0).unwrap_or(smallest);
        let mut smaller: Vec<Picture> = Vec::new();
        for shown in &shown {
            smaller.push(filtered(&mut PictureRows::of(shown.picture), size, budget)?);
        }
        let times = shown.iter().map(|shown| shown.hundredths);
        let shown: Vec<_> = smaller
            .iter()
            .zip(times)
            .map(|(picture, hundredths)| Shown {
                picture,
                hundredths,
            })
            .collect();
        match encode(&shown, plays, limit)? {
            Encoded::Fits(octets) => return Ok(Found { octets, size }),
            Encoded::TooLong(longer) => octets = longer,
        }
    }
    Err(Refusal::CannotFit)
}

fn wide(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}
