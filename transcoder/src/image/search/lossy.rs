//! JPEG: octets at any coarseness are counted, not written, so that the file is written once, and at most three times
//! ([`MOST_WRITTEN`]).

use super::bracket::Bracket;
use super::sizes::{Sized, smaller};
use super::{Found, wide};
use crate::budget::Budget;
use crate::image::encode::{Encoded, Sink};
use crate::image::filter::filtered;
use crate::image::jpeg_encode::{Coarseness, Counted, Transformed};
use crate::image::picture::Picture;
use crate::image::rows::PictureRows;
use crate::refusal::Refusal;

/// What is made where no octets are counted: as good as a quality of 85, as others count.
const FINEST: Coarseness = Coarseness(240);

/// Above this a photograph falls into blocks, and a smaller one says more: as good as a quality of 30.
const COARSEST: Coarseness = Coarseness(1040);

/// How often a file is written at most.
const MOST_WRITTEN: u32 = 3;

/// Octets that stuffing (T.81 §B.1.1.5) may add to what was counted, one in so many. By measurement it adds 1 in 250 to 1 in
/// 400; a file that turns out too long says how many it had.
const STUFFED: u64 = 200;

/// How many sizes are tried at most, each by counting.
const MOST_SIZES: u32 = 6;

/// The finest file of `picture`, or of a smaller one, with at most `limit` octets.
pub(super) fn search(
    picture: &Picture,
    limit: usize,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    searched(picture, limit, &mut Tries::default(), budget)
}

fn searched(
    picture: &Picture,
    limit: usize,
    tries: &mut Tries,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    let octets = match of_size(picture, limit, tries, budget)? {
        Sized::Fits(found) => return Ok(found),
        Sized::TooLong(octets) => octets,
    };
    smaller(picture.size(), octets, limit, MOST_SIZES, |size| {
        let smaller = filtered(&mut PictureRows::of(picture), size, budget)?;
        of_size(&smaller, limit, tries, budget)
    })
}

/// The coarsest file would have as many octets.
struct TooLong(u64);

/// How often a file was written.
#[derive(Default)]
struct Tries(u32);

impl Tries {
    /// Writes the file once more.
    ///
    /// # Errors
    /// [`Refusal::CannotFit`] where that was done often enough.
    fn write(
        &mut self,
        transformed: &Transformed,
        counted: &Counted,
        limit: usize,
    ) -> Result<Encoded, Refusal> {
        if self.0 == MOST_WRITTEN {
            return Err(Refusal::CannotFit);
        }
        self.0 = self.0.saturating_add(1);
        let mut sink = Sink::new(limit);
        transformed.write(counted, &mut sink)?;
        Ok(sink.finish())
    }
}

/// The finest file of `picture` in the size that it has.
fn of_size(
    picture: &Picture,
    limit: usize,
    tries: &mut Tries,
    budget: &mut Budget,
) -> Result<Sized, Refusal> {
    let transformed = Transformed::new(picture, budget)?;
    let mut stuffed = wide(limit).div_ceil(STUFFED);
    let mut counted = transformed.shortest(FINEST);
    loop {
        let room = wide(limit).saturating_sub(stuffed);
        if counted.octets > room {
            counted = match coarser(&transformed, counted, room) {
                Ok(counted) => counted,
                Err(TooLong(octets)) => return Ok(Sized::TooLong(octets)),
            };
        }
        match tries.write(&transformed, &counted, limit)? {
            Encoded::Fits(octets) => {
                let size = picture.size();
                return Ok(Sized::Fits(Found { octets, size }));
            }
            Encoded::TooLong(octets) => {
                let found = wide(octets).saturating_sub(counted.octets);
                stuffed = found.saturating_add(found / 2).saturating_add(1);
            }
        }
    }
}

/// The finest file with `room` octets at most, or nearly so; `fine` has more.
fn coarser(transformed: &Transformed, fine: Counted, room: u64) -> Result<Counted, TooLong> {
    let coarsest = transformed.shortest(COARSEST);
    if coarsest.octets > room {
        return Err(TooLong(coarsest.octets));
    }
    let mut bracket = Bracket::new(fine, coarsest, room);
    let mut layout = None;
    while let Some(next) = bracket.next() {
        // The scans that are best here are best nearby, too.
        let counted = match &layout {
            Some(layout) => transformed.counted(next, layout),
            None => transformed.shortest(next),
        };
        layout.get_or_insert_with(|| counted.layout());
        bracket.narrow(counted);
    }
    Ok(bracket.fitting())
}

#[cfg(test)]
mod tests;
