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
use crate::image::size::Size;
use crate::refusal::Refusal;

/// What is made where no octets are counted: to the eye as good as what JPEG makes then, in half its octets.
const FINEST: u8 = 80;

/// Below this a smaller picture says more.
const COARSEST: u8 = 34;

/// Files that are made in the hope of a better one; more where the best takes less of its octets than [`WELL`]; and at most.
const TRIES: u32 = 3;
const MOST_TRIES: u32 = 6;

/// The one before the last: after it, nothing is left but the smallest and coarsest.
const LAST_HOPE: u32 = 5;

/// A file is good enough when it makes use of so many of its octets, in a hundred; and well enough.
const USED: u64 = 90;
const WELL: u64 = 80;

/// Octets of a file's boxes, whatever is in them.
const BOXES: u64 = 270;

/// The octets of a file of one step of quality more, where nothing else is known; by measurement 1.01 to 1.08.
const STEP: f64 = 1.03;

/// Where it is aimed: what part of the octets.
const AIM: f64 = 0.95;

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
    let mut best: Option<Fitting> = None;
    for tries in 1..=MOST_TRIES {
        let shown = smaller.as_ref().unwrap_or(picture);
        let size = shown.size();
        match (encode(shown, next, limit)?, &best) {
            (Encoded::Fits(octets), _) => {
                let found = Found { octets, size };
                best = Some(Fitting {
                    quality: next,
                    found,
                });
            }
            (Encoded::TooLong(octets), Some(_)) => too_long = Some(Point::new(next, octets)),
            (Encoded::TooLong(octets), None) if next.0 > COARSEST && tries < LAST_HOPE => {
                let point = Point::new(next, octets);
                next = if tries < TRIES {
                    point.coarser(too_long, limit)
                } else {
                    Quality(COARSEST)
                };
                too_long = Some(point);
            }
            (Encoded::TooLong(_), None) if size == smallest => return Err(Refusal::CannotFit),
            (Encoded::TooLong(octets), None) => {
                let size = narrower(size, octets, limit, smallest);
                let size = size.filter(|_| tries < LAST_HOPE).unwrap_or(smallest);
                smaller = Some(filtered(&mut PictureRows::of(picture), size, budget)?);
                next = Quality(COARSEST);
                too_long = None;
            }
        }
        if let Some(best) = &best {
            let enough = if tries < TRIES { USED } else { WELL };
            match best.finer(too_long, limit, enough) {
                Some(finer) if tries < LAST_HOPE => next = finer,
                Some(_) | None => break,
            }
        }
    }
    best.map(|best| best.found).ok_or(Refusal::CannotFit)
}

/// A smaller size, or `None` where it would be smaller than `smallest`. Octets go by less than the area where a picture is smooth, and by more
/// where it is grainy: by the side, here, and what is left is for quality to use.
fn narrower(size: Size, octets: usize, limit: usize, smallest: Size) -> Option<Size> {
    let squared = |octets| wide(octets).saturating_sub(BOXES).saturating_pow(2);
    next_size(size, squared(octets), squared(limit), smallest)
}

/// The finest file that fits, so far.
struct Fitting {
    quality: Quality,
    found: Found,
}

impl Fitting {
    /// What to try next, where not so many of a hundred octets are made use of.
    fn finer(&self, too_long: Option<Point>, limit: usize, enough: u64) -> Option<Quality> {
        let octets = self.found.octets.len();
        let used = wide(octets).saturating_mul(100) >= wide(limit).saturating_mul(enough);
        let point = Point::new(self.quality, octets);
        if used {
            None
        } else {
            point.finer(too_long, limit)
        }
    }
}

/// How long a file was. Of one picture the octets grow with quality by a power, more or less.
#[derive(Clone, Copy)]
struct Point {
    quality: Quality,
    octets: f64,
}

impl Point {
    fn new(quality: Quality, octets: usize) -> Self {
        Self {
            quality,
            octets: float(octets),
        }
    }

    /// What a step of quality multiplies octets by, as between this file and a finer one.
    fn step(self, finer: Option<Self>) -> f64 {
        let step = |finer: Self| {
            let steps = f64::from(finer.quality.0) - f64::from(self.quality.0);
            (finer.octets / self.octets).powf(1.0 / steps)
        };
        finer.map_or(STEP, step)
    }

    fn expected(self, quality: u8, step: f64) -> f64 {
        let steps = f64::from(quality) - f64::from(self.quality.0);
        self.octets * step.powf(steps)
    }

    /// The finest quality between this file, which fits, and one that was too long, that is expected to fit.
    fn finer(self, too_long: Option<Self>, limit: usize) -> Option<Quality> {
        let step = self.step(too_long);
        let first = self.quality.0.saturating_add(1);
        let end = too_long.map_or(FINEST.saturating_add(1), |finest| finest.quality.0);
        let fits = |quality: &u8| self.expected(*quality, step) <= aim(limit);
        let finest = (first..end).take_while(fits).last();
        finest.map(Quality)
    }

    /// The finest quality below this file, which is too long, that is expected to fit, or the coarsest; `finer` was too long before.
    fn coarser(self, finer: Option<Self>, limit: usize) -> Quality {
        let step = self.step(finer);
        let fits = |quality: &u8| self.expected(*quality, step) <= aim(limit);
        let finest = (COARSEST..self.quality.0).rev().find(fits);
        Quality(finest.unwrap_or(COARSEST))
    }
}

fn aim(limit: usize) -> f64 {
    float(limit) * AIM
}

fn float(octets: usize) -> f64 {
    f64::from(u32::try_from(octets).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coarser(quality: u8, octets: usize, finer: Option<(u8, usize)>, limit: usize) -> u8 {
        let finer = finer.map(|(quality, octets)| Point::new(Quality(quality), octets));
        Point::new(Quality(quality), octets).coarser(finer, limit).0
    }

    fn finer(
        quality: u8,
        octets: usize,
        too_long: Option<(u8, usize)>,
        limit: usize,
    ) -> Option<u8> {
        let too_long = too_long.map(|(quality, octets)| Point::new(Quality(quality), octets));
        let finer = Point::new(Quality(quality), octets).finer(too_long, limit);
        finer.map(|quality| quality.0)
    }

    #[test]
    fn each_try_goes_towards_what_is_aimed_at() {
        // 1.03 to the power of 6 is 1.19, and 10,000 / 9,500 is 1.17.
        assert_eq!(coarser(70, 10_000, None, 9_000), 64);
        assert_eq!(coarser(70, 10_000, None, 500), COARSEST);
        assert_eq!(coarser(COARSEST, 10_000, None, 9_999), COARSEST);
        // Ten steps halved it, so ten more will.
        assert_eq!(coarser(70, 10_000, Some((80, 20_000)), 5_270), 60);
        assert_eq!(finer(40, 5_000, Some((60, 20_000)), 10_600), Some(50));
        assert_eq!(
            finer(40, 5_000, Some((41, 20_000)), 10_600),
            None,
            "none between"
        );
        // 1.03 to the power of 21 is 1.86, and 9,500 / 5,000 is 1.9.
        assert_eq!(finer(34, 5_000, None, 10_000), Some(55));
        assert_eq!(finer(79, 1, None, 10_000), Some(FINEST));
        assert_eq!(finer(FINEST, 1, None, 10_000), None, "the finest");
    }
}
