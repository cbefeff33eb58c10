//! WebP: without loss where that is shorter than the finest file with loss; else as coarse as it must be, and then smaller.
//!
//! How long a frame will be is not known before it is coded, since each macroblock is predicted from the ones before. But what
//! one frame was made of says well enough how long the next one will be ([`Lossy::estimate`]): three are enough.

use secret::Plaintext;

use super::sizes::{Sized, smaller};
use super::{Found, wide};
use crate::budget::Budget;
use crate::image::encode::{Encoded, Lossy, WORKING_OCTETS, encode};
use crate::image::filter::filtered;
use crate::image::picture::Picture;
use crate::image::rows::PictureRows;
use crate::image::vp8::Coarseness;
use crate::media::Target;
use crate::refusal::Refusal;

/// What is made where no octets are counted: as good as a JPEG of quality 85, by measurement, and what libwebp makes of a
/// quality of 85.
const FINEST: Coarseness = Coarseness(56);

/// Above this a smaller picture says more: as good as a JPEG of quality 30.
const COARSEST: Coarseness = Coarseness(240);

/// The most pixels that are tried without loss, too, and for which there are [`MOST_FILES`].
const PATIENT_PIXELS: u64 = 1024 * 1024;

/// How many sizes are tried at most.
const MOST_SIZES: u32 = 6;

/// How many files of one size are made at most while none fits well; if one does, there are [`FILES`].
const MOST_FILES: u32 = 6;
const FILES: u32 = 3;

/// So much of the octets used is well, and so much makes another file needless, in 1024ths.
const WELL: u64 = 973;
const ENOUGH: u64 = 983;

/// What part of the octets a file is to take by estimate, in 1024ths.
const SHARE: u64 = 1018;

/// An estimate may be too long by as much, in 1024ths: the coarsest file is tried nevertheless.
const DOUBT: u64 = 1100;

/// The best file of `picture`, or of a smaller one, with at most `limit` octets.
pub(super) fn search(
    picture: &Picture,
    limit: usize,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    let octets = match as_large(picture, limit, budget)? {
        Sized::Fits(found) => return Ok(found),
        Sized::TooLong(octets) => octets,
    };
    smaller(picture.size(), octets, limit, MOST_SIZES, |size| {
        let smaller = filtered(&mut PictureRows::of(picture), size, budget)?;
        of_size(&smaller, COARSEST, limit, budget)
    })
}

/// The file in the size that was asked for: without loss, or no longer than that.
fn as_large(picture: &Picture, limit: usize, budget: &mut Budget) -> Result<Sized, Refusal> {
    let size = picture.size();
    if size.pixels() > PATIENT_PIXELS {
        return of_size(picture, FINEST, limit, budget);
    }
    budget.take_memory(size.pixels().saturating_mul(WORKING_OCTETS))?;
    let Encoded::Fits(octets) = encode(picture, Target::WebP, limit)? else {
        return of_size(picture, FINEST, limit, budget);
    };
    let mut lossy = Lossy::new(picture, budget)?;
    let shorter = octets.len().saturating_sub(1);
    let octets = match lossy.encode(FINEST, shorter)? {
        Encoded::Fits(shorter) => shorter,
        Encoded::TooLong(_) => octets,
    };
    Ok(Sized::Fits(Found { octets, size }))
}

/// The finest file of `picture` in the size that it has, tried from `coarseness` on.
fn of_size(
    picture: &Picture,
    coarseness: Coarseness,
    limit: usize,
    budget: &mut Budget,
) -> Result<Sized, Refusal> {
    let mut lossy = Lossy::new(picture, budget)?;
    let most = match picture.size().pixels() {
        ..=PATIENT_PIXELS => MOST_FILES,
        _more => FILES,
    };
    let mut tries = Tries::from(coarseness, most);
    while let Some(coarseness) = tries.next {
        let made = lossy.encode(coarseness, limit)?;
        tries.take(made, coarseness, limit);
        tries.go_on(|coarseness| lossy.estimate(coarseness), limit);
    }
    Ok(match tries.best {
        Some(octets) => Sized::Fits(Found {
            octets,
            size: picture.size(),
        }),
        None => Sized::TooLong(wide(lossy.estimate(COARSEST))),
    })
}

/// What came of the files that were made in one size, and which one to make next.
struct Tries {
    next: Option<Coarseness>,
    /// What is finer is too long, and what is coarser is worse than what there is.
    finest: Coarseness,
    coarsest: Coarseness,
    best: Option<Plaintext>,
    files: u32,
    most: u32,
    /// The last file, and the one before.
    last: Option<Point>,
    before: Option<Point>,
}

/// How long a file was, or would be.
#[derive(Clone, Copy)]
struct Point {
    coarseness: Coarseness,
    octets: usize,
}

impl Tries {
    fn from(coarseness: Coarseness, most: u32) -> Self {
        Self {
            next: Some(coarseness),
            finest: FINEST,
            coarsest: COARSEST,
            best: None,
            files: 0,
            most,
            last: None,
            before: None,
        }
    }

    /// Takes the file that was made.
    fn take(&mut self, made: Encoded, coarseness: Coarseness, limit: usize) {
        self.files = self.files.saturating_add(1);
        self.before = self.last.replace(Point {
            coarseness,
            octets: made.len(),
        });
        match made {
            Encoded::TooLong(_) => self.finest = coarseness.coarser(),
            Encoded::Fits(octets) => {
                let enough = part(octets.len(), 1024) >= part(limit, ENOUGH);
                // Nothing is left between the two, then.
                self.coarsest = if enough {
                    FINEST.finer()
                } else {
                    coarseness.finer()
                };
                self.best = Some(octets);
            }
        }
    }

    /// Says which file to make next, if any, by how long it would be.
    fn go_on(&mut self, estimate: impl Fn(Coarseness) -> usize, limit: usize) {
        let used = self.best.as_ref().map_or(0, |octets| octets.len());
        let most = if part(used, 1024) >= part(limit, WELL) {
            FILES
        } else {
            self.most
        };
        self.next = None;
        if self.files >= most || self.finest > self.coarsest {
            return;
        }
        let wrong = self.before.map(|before| Point {
            octets: estimate(before.coarseness),
            ..before
        });
        let fits = |coarseness, share| {
            let octets = self.corrected(coarseness, estimate(coarseness), wrong);
            part(octets, 1024) <= part(limit, share)
        };
        let by_estimate = finest_that(self.finest, self.coarsest, |one| fits(one, SHARE));
        let doubtful = self.best.is_none() && fits(self.coarsest, DOUBT);
        self.next = by_estimate.or(doubtful.then_some(self.coarsest));
    }

    /// An estimate, less what such a one, `wrong`, is wrong by of the file before the last: in part, as it is nearer.
    fn corrected(&self, coarseness: Coarseness, octets: usize, wrong: Option<Point>) -> usize {
        let (Some(last), Some(before), Some(wrong)) = (self.last, self.before, wrong) else {
            return octets;
        };
        let way = |to: Coarseness| f64::from(to.0) - f64::from(last.coarseness.0);
        let share = (way(coarseness) / way(before.coarseness)).clamp(-0.5, 1.0);
        let error = float(before.octets) / float(wrong.octets.max(1)) - 1.0;
        whole(float(octets) * (1.0 + error * share))
    }
}

/// The finest between these two that is such, by halving: what is coarser is shorter.
fn finest_that(
    finest: Coarseness,
    coarsest: Coarseness,
    is: impl Fn(Coarseness) -> bool,
) -> Option<Coarseness> {
    if !is(coarsest) {
        return None;
    }
    let (mut low, mut high) = (finest, coarsest);
    while low < high {
        let middle = low.middle(high);
        if is(middle) {
            high = middle;
        } else {
            low = middle.coarser();
        }
    }
    Some(high)
}

#[expect(clippy::as_conversions, reason = "the only way; the nearest will do")]
fn float(octets: usize) -> f64 {
    octets as f64
}

#[expect(
    clippy::as_conversions,
    reason = "the only way from a float; it saturates"
)]
fn whole(octets: f64) -> usize {
    octets as usize
}

fn part(octets: usize, share: u64) -> u64 {
    wide(octets).saturating_mul(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of so many octets, as if it were coded.
    fn made(octets: usize, limit: usize) -> Encoded {
        if octets > limit {
            return Encoded::TooLong(octets);
        }
        Encoded::Fits(Plaintext::adopt(vec![0; octets]))
    }

    /// Files whose lengths fall by a share a step, more or less; estimates are wrong by a share of the way.
    fn len(coarseness: Coarseness, fall: f64) -> f64 {
        let ripple = 1.0 + f64::from(coarseness.0 % 3) * 0.001;
        20_000.0 * fall.powi(i32::from(coarseness.0)) * ripple
    }

    fn tried(limit: usize, fall: f64, wrong: f64) -> Tries {
        let mut tries = Tries::from(FINEST, MOST_FILES);
        while let Some(coarseness) = tries.next {
            tries.take(
                made(len(coarseness, fall) as usize, limit),
                coarseness,
                limit,
            );
            let estimate = |other: Coarseness| {
                let way = f64::from(other.0) - f64::from(coarseness.0);
                (len(other, fall) * (1.0 + wrong * way)) as usize
            };
            tries.go_on(estimate, limit);
        }
        tries
    }

    #[test]
    fn three_files_are_enough_where_estimates_are_good() {
        for fall in [0.99, 0.993, 0.995] {
            let (finest, coarsest) = (len(FINEST, fall), len(COARSEST, fall));
            for share in 1..=9 {
                let limit = (coarsest + (finest - coarsest) * f64::from(share) / 10.0) as usize;
                for wrong in [-0.000_3, 0.0, 0.000_5] {
                    let tries = tried(limit, fall, wrong);
                    let used = tries.best.unwrap().len() * 100 / limit;
                    assert!((95..=100).contains(&used), "{fall} {share} {wrong}: {used}");
                    assert!(tries.files <= FILES);
                }
            }
        }
    }

    #[test]
    fn bad_estimates_cost_more_files_and_come_to_an_end() {
        for wrong in [-0.01, -0.003, 0.003, 0.01] {
            for limit in (4_000..15_000).step_by(500) {
                assert!(tried(limit, 0.995, wrong).files <= MOST_FILES);
            }
        }
    }

    #[test]
    fn what_cannot_be_made_so_short_is_not_tried_long() {
        let tries = tried(1_000, 0.995, 0.0);
        assert_eq!((tries.files, tries.best.is_none()), (1, true));
    }
}
