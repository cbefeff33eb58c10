//! AVIF: how many octets a file has is known when it is made, which takes long; so each try says how much coarser or smaller the next
//! must be, and there are three of them where the octets asked for are not absurd.

use super::sizes::{SMALLEST, next_size};
use super::{Found, wide};
use crate::budget::Budget;
use crate::image::encode::Encoded;
use crate::image::encode::avif::{Quality, TABLES, WORKING_OCTETS, encode};
use crate::image::filter::filtered;
use crate::image::picture::Picture;
use crate::image::rows::PictureRows;
use crate::refusal::Refusal;

/// What is made where no octets are counted: to the eye as good as what JPEG makes then, in half its octets.
const FINEST: u8 = 80;

/// Below this a smaller picture says more.
const COARSEST: u8 = 34;

/// Files that are made in the hope of a better one, one more where the size had to give way; and at most.
const TRIES: u32 = 3;
const MOST_TRIES: u32 = 6;

/// The one before the last: after it, nothing is left but the smallest and coarsest.
const LAST_HOPE: u32 = 5;

/// A file is good enough when it makes use of so many of its octets, in a hundred.
const USED: u64 = 90;

/// The octets of a file of one step of quality less, in a hundred of those with it; by measurement 97 to 99.
const STEP: u64 = 98;

/// How many steps finer a try goes at most where nothing shows how far is too far.
const FARTHEST: u64 = 20;

/// Where it is aimed: so many of a hundred octets.
const AIM: u64 = 95;

/// The finest file of `picture`, or of a smaller one, with at most `limit` octets.
pub(super) fn search(
    picture: &Picture,
    limit: usize,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    let working = picture.size().pixels().saturating_mul(WORKING_OCTETS);
    budget.take_memory(working.saturating_add(TABLES))?;
    let smallest = picture.size().fitted(SMALLEST);
    let mut smaller: Option<Picture> = None;
    let mut next = Quality(FINEST);
    let mut too_long = None;
    let mut best = None;
    for tries in 1..=MOST_TRIES {
        let shown = smaller.as_ref().unwrap_or(picture);
        let size = shown.size();
        // Grain goes with the size, so a smaller picture may have far fewer octets than its area says.
        let hopes = if smaller.is_some() {
            TRIES.saturating_add(1)
        } else {
            TRIES
        };
        match encode(shown, next, limit)? {
            Encoded::Fits(octets) => {
                let finer = finer(next, octets.len(), too_long, limit);
                best = Some(Found { octets, size });
                match finer {
                    Some(finer) if tries < hopes => next = finer,
                    Some(_) | None => break,
                }
            }
            // A finer try went wrong: what there is does.
            Encoded::TooLong(_) if best.is_some() => break,
            Encoded::TooLong(octets) if next.0 > COARSEST && tries < LAST_HOPE => {
                too_long = Some((next, octets));
                next = if tries < TRIES {
                    coarser(next, octets, limit)
                } else {
                    Quality(COARSEST)
                };
            }
            Encoded::TooLong(_) if size == smallest => return Err(Refusal::CannotFit),
            Encoded::TooLong(octets) => {
                let size = next_size(size, wide(octets), wide(limit), smallest);
                let size = size.filter(|_| tries < LAST_HOPE).unwrap_or(smallest);
                smaller = Some(filtered(&mut PictureRows::of(picture), size, budget)?);
                next = Quality(COARSEST);
                too_long = None;
            }
        }
    }
    best.ok_or(Refusal::CannotFit)
}

/// The quality at which a file of `octets` would have what is aimed at, or the coarsest.
fn coarser(quality: Quality, octets: usize, limit: usize) -> Quality {
    let aimed = wide(limit).saturating_mul(AIM) / 100;
    let mut left = wide(octets);
    let mut coarser = quality.0;
    while left > aimed && coarser > COARSEST {
        left = left.saturating_mul(STEP) / 100;
        coarser = coarser.saturating_sub(1);
    }
    Quality(coarser.min(quality.0.saturating_sub(1)))
}

/// A finer quality that may still fit, where the octets are not made use of: on the way from a file of `octets` to one of the same picture
/// that was too long, or by what a step takes. Octets grow ever faster with quality, so what lies on a straight way is not too long.
fn finer(
    quality: Quality,
    octets: usize,
    too_long: Option<(Quality, usize)>,
    limit: usize,
) -> Option<Quality> {
    let (octets, limit) = (wide(octets), wide(limit));
    if octets.saturating_mul(100) >= limit.saturating_mul(USED) {
        return None;
    }
    let aimed = (limit.saturating_mul(AIM) / 100).saturating_sub(octets);
    let steps = match too_long {
        Some((finest, longer)) => {
            let steps = u64::from(finest.0.saturating_sub(quality.0));
            let way = wide(longer).saturating_sub(octets);
            steps.saturating_mul(aimed).checked_div(way)?
        }
        None => {
            let steps = aimed.saturating_mul(100 / (100 - STEP));
            steps.checked_div(octets)?.min(FARTHEST)
        }
    };
    let finer = u8::try_from(steps)
        .ok()?
        .saturating_add(quality.0)
        .min(FINEST);
    (finer > quality.0).then_some(Quality(finer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_try_goes_towards_what_is_aimed_at() {
        assert_eq!(coarser(Quality(70), 10_000, 9_000), Quality(62));
        assert_eq!(coarser(Quality(70), 10_000, 2_000), Quality(COARSEST));
        let too_long = Some((Quality(70), 19_500));
        assert_eq!(
            finer(Quality(40), 9_500, too_long, 10_000),
            None,
            "good enough"
        );
        assert_eq!(
            finer(Quality(40), 5_500, too_long, 10_000),
            Some(Quality(48))
        );
        assert_eq!(finer(Quality(34), 5_000, None, 10_000), Some(Quality(54)));
        assert_eq!(
            finer(Quality(34), 9_000 - 100, None, 10_000),
            Some(Quality(37))
        );
        assert_eq!(finer(Quality(80), 1, None, 10_000), None, "the finest");
    }
}
