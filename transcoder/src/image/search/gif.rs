//! GIF: fewer frames first, for what moves less smoothly is still what it was; then smaller ones.

use super::sizes::{Sized, smaller};
use super::{Found, wide};
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
    let size = size.ok_or(Refusal::Damaged)?;
    budget.take_memory(size.pixels().saturating_mul(WORKING_OCTETS))?;
    budget.take_memory(LEARNING_OCTETS)?;
    let octets = loop {
        match encode(&shown, plays, limit)? {
            Encoded::Fits(octets) => return Ok(Found { octets, size }),
            Encoded::TooLong(_) if shown.len() > FEWEST => shown = halved(&shown),
            Encoded::TooLong(octets) => break octets,
        }
    };
    smaller(size, wide(octets), limit, MOST_SMALLER, |size| {
        let pictures = shown
            .iter()
            .map(|shown| filtered(&mut PictureRows::of(shown.picture), size, budget));
        let pictures: Vec<Picture> = pictures.collect::<Result<_, _>>()?;
        let shown: Vec<_> = pictures
            .iter()
            .zip(&shown)
            .map(|(picture, shown)| Shown { picture, ..*shown })
            .collect();
        Ok(match encode(&shown, plays, limit)? {
            Encoded::Fits(octets) => Sized::Fits(Found { octets, size }),
            Encoded::TooLong(octets) => Sized::TooLong(wide(octets)),
        })
    })
}
