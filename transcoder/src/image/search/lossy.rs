//! JPEG: octets at any coarseness are counted, not written, so that the file is written once, and at most three times
//! ([`MARGINS`]).

use super::{Found, SMALLEST, next_size};
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

/// Octets that stuffing (T.81 §B.1.1.5) may add to what was counted, one in so many: each is another try to write.
/// By measurement it adds 1 in 250 to 1 in 400.
const MARGINS: [u64; 3] = [LEAST, 50, 8];
const LEAST: u64 = 200;

/// How many sizes are tried at most, each by counting.
const MOST_SIZES: u32 = 6;

/// The finest file of `picture`, or of a smaller one, with at most `limit` octets.
pub(super) fn search(
    picture: &Picture,
    limit: usize,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    let mut octets = match of_size(picture, limit, budget)? {
        Sized::Fits(found) => return Ok(found),
        Sized::TooLong(octets) => octets,
    };
    let smallest = picture.size().fitted(SMALLEST);
    let mut size = picture.size();
    for left in (0..MOST_SIZES).rev() {
        if size == smallest {
            break;
        }
        let next = next_size(size, octets, wide(limit), smallest);
        size = next.filter(|_| left > 0).unwrap_or(smallest);
        let smaller = filtered(&mut PictureRows::of(picture), size, budget)?;
        match of_size(&smaller, limit, budget)? {
            Sized::Fits(found) => return Ok(found),
            Sized::TooLong(longer) => octets = longer,
        }
    }
    Err(Refusal::CannotFit)
}

/// What came of a picture in one size.
enum Sized {
    Fits(Found),
    /// Its coarsest file would have as many octets.
    TooLong(u64),
}

/// The finest file of `picture` in the size that it has.
fn of_size(picture: &Picture, limit: usize, budget: &mut Budget) -> Result<Sized, Refusal> {
    let transformed = Transformed::new(picture, budget)?;
    let finest = transformed.counted(FINEST);
    if !fits(&finest, LEAST, limit) {
        let coarsest = transformed.counted(COARSEST);
        if !fits(&coarsest, LEAST, limit) {
            return Ok(Sized::TooLong(coarsest.octets));
        }
    }
    let mut counted = finest;
    for margin in MARGINS {
        if !fits(&counted, margin, limit) {
            counted = coarser(&transformed, margin, limit);
        }
        let mut sink = Sink::new(limit);
        transformed.write(&counted, &mut sink)?;
        if let Encoded::Fits(octets) = sink.finish() {
            let size = picture.size();
            return Ok(Sized::Fits(Found { octets, size }));
        }
    }
    Ok(Sized::TooLong(counted.octets))
}

/// The finest file that fits with `margin`, between the finest and the coarsest, by halving: what is coarser is shorter.
fn coarser(transformed: &Transformed, margin: u64, limit: usize) -> Counted {
    let (Coarseness(mut too_fine), Coarseness(mut fitting)) = (FINEST, COARSEST);
    let mut best = None;
    while fitting.saturating_sub(too_fine) > 1 {
        let middle = too_fine.midpoint(fitting);
        let counted = transformed.counted(Coarseness(middle));
        if fits(&counted, margin, limit) {
            fitting = middle;
            best = Some(counted);
        } else {
            too_fine = middle;
        }
    }
    best.unwrap_or_else(|| transformed.counted(COARSEST))
}

/// Whether the file fits if stuffing adds one octet in `margin`.
fn fits(counted: &Counted, margin: u64, limit: usize) -> bool {
    let stuffed = counted.octets.checked_div(margin).unwrap_or(0);
    counted.octets.saturating_add(stuffed) <= wide(limit)
}

fn wide(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}
