//! The best file within so many octets: coarser first, then smaller. At most [`MOST_ENCODINGS`] are made, so the time
//! is bounded; what a try would have taken says where to try next.

use std::num::NonZeroU32;

use secret::Plaintext;

use super::encode::{Encoded, Quality, WORKING_OCTETS, encode};
use super::picture::Picture;
use super::filter::filtered;
use super::rows::PictureRows;
use super::size::Size;
use crate::budget::Budget;
use crate::media::Target;
use crate::refusal::Refusal;

/// How many files are made at most.
const MOST_ENCODINGS: u32 = 8;

/// Where a search begins, and what is made where no octets are counted.
const FINEST: Quality = Quality(85);

/// Below this a photograph falls into blocks, and a smaller one says more.
const COARSEST: Quality = Quality(30);

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
    budget.take_memory(picture.size().pixels().saturating_mul(WORKING_OCTETS))?;
    let mut tries = Tries {
        left: MOST_ENCODINGS,
        target,
        limit,
    };
    let mut wanted = match tries.encode(picture, FINEST)? {
        Encoded::Fits(octets) => return Ok(found(picture, octets)),
        Encoded::TooLong(octets) => octets,
    };
    if target.is_lossy() {
        match tries.encode(picture, COARSEST)? {
            Encoded::Fits(octets) => return tries.finer(picture, octets),
            Encoded::TooLong(octets) => wanted = octets,
        }
    }
    tries.smaller(picture, wanted, budget)
}

fn found(picture: &Picture, octets: Plaintext) -> Found {
    Found {
        octets,
        size: picture.size(),
    }
}

/// What may still be tried.
struct Tries {
    left: u32,
    target: Target,
    limit: usize,
}

impl Tries {
    fn encode(&mut self, picture: &Picture, quality: Quality) -> Result<Encoded, Refusal> {
        self.left = self.left.saturating_sub(1);
        encode(picture, self.target, quality, self.limit)
    }

    /// `coarse` is the coarsest file of `picture`, and fits: finds a finer one by halving.
    fn finer(mut self, picture: &Picture, coarse: Plaintext) -> Result<Found, Refusal> {
        let mut best = coarse;
        let (Quality(mut fits), Quality(mut too_fine)) = (COARSEST, FINEST);
        while self.target.is_lossy() && self.left > 0 && !self.is_close(&best) {
            let middle = fits.midpoint(too_fine);
            if middle == fits {
                break;
            }
            match self.encode(picture, Quality(middle))? {
                Encoded::Fits(octets) => (best, fits) = (octets, middle),
                Encoded::TooLong(_) => too_fine = middle,
            }
        }
        Ok(found(picture, best))
    }

    /// Whether nobody would see what the octets left over could buy: less than a sixteenth.
    fn is_close(&self, octets: &Plaintext) -> bool {
        let left_over = self.limit.saturating_sub(octets.len());
        left_over < self.limit / 16
    }

    /// `picture` takes `wanted` octets, too many: finds a size that fits, and the finest file of that size.
    fn smaller(
        mut self,
        picture: &Picture,
        mut wanted: usize,
        budget: &mut Budget,
    ) -> Result<Found, Refusal> {
        let smallest = picture.size().fitted(SMALLEST);
        let mut size = picture.size();
        while size != smallest && self.left > 0 {
            size = self.next_size(size, wanted, smallest);
            let smaller = filtered(&mut PictureRows::of(picture), size, budget)?;
            match self.encode(&smaller, COARSEST)? {
                Encoded::Fits(octets) => return self.finer(&smaller, octets),
                Encoded::TooLong(octets) => wanted = octets,
            }
        }
        Err(Refusal::CannotFit)
    }

    /// A file's octets go by its area, more or less: the size whose file should take fifteen sixteenths of the limit.
    /// The last try is for the smallest.
    fn next_size(&self, size: Size, wanted: usize, smallest: Size) -> Size {
        let share = u64::try_from(self.limit).unwrap_or(u64::MAX);
        let share = share.saturating_mul(AREA_UNIT / 16 * 15);
        let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
        let side = share.checked_div(wanted).unwrap_or(0).isqrt();
        let next = size.shrunk(side, SIDE_UNIT);
        if self.left <= 1 || next.pixels() < smallest.pixels() {
            smallest
        } else {
            next
        }
    }
}

/// One, for a side's share, in fixed point; and the same for an area's, which is its square.
const SIDE_UNIT: NonZeroU32 = NonZeroU32::MIN.saturating_add(1023);
const AREA_UNIT: u64 = 1024 * 1024;
