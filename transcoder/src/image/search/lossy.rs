//! JPEG: octets at any coarseness are counted, not written, so that the file is written once, and at most three times
//! ([`MARGINS`]).

use super::{Found, SMALLEST, next_size};
use crate::budget::Budget;
use crate::image::encode::{Encoded, Sink};
use crate::image::filter::filtered;
use crate::image::jpeg_encode::{Coarseness, Transformed};
use crate::image::picture::Picture;
use crate::image::rows::PictureRows;
use crate::image::size::Size;
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
    let transformed = Transformed::new(picture, budget)?;
    let octets = transformed.octets(COARSEST);
    if with_margin(octets, LEAST) <= wide(limit) {
        return written(&transformed, picture.size(), limit);
    }
    drop(transformed);
    smaller(picture, octets, limit, budget)
}

/// `picture` takes `octets` at its coarsest, too many: finds a size that fits.
fn smaller(
    picture: &Picture,
    mut octets: u64,
    limit: usize,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    let smallest = picture.size().fitted(SMALLEST);
    let mut size = picture.size();
    for left in (0..MOST_SIZES).rev() {
        if size == smallest {
            break;
        }
        let next = next_size(size, octets, wide(limit), smallest);
        size = next.filter(|_| left > 0).unwrap_or(smallest);
        let smaller = filtered(&mut PictureRows::of(picture), size, budget)?;
        let transformed = Transformed::new(&smaller, budget)?;
        octets = transformed.octets(COARSEST);
        if with_margin(octets, LEAST) <= wide(limit) {
            return written(&transformed, size, limit);
        }
    }
    Err(Refusal::CannotFit)
}

/// The finest file of one size, whose coarsest fits.
fn written(transformed: &Transformed, size: Size, limit: usize) -> Result<Found, Refusal> {
    for margin in MARGINS {
        let coarseness = finest(transformed, margin, wide(limit));
        let mut sink = Sink::new(limit);
        transformed.write(coarseness, &mut sink)?;
        if let Encoded::Fits(octets) = sink.finish() {
            return Ok(Found { octets, size });
        }
    }
    Err(Refusal::CannotFit)
}

/// The finest coarseness that fits with `margin`, by halving: what is coarser is shorter.
fn finest(transformed: &Transformed, margin: u64, limit: u64) -> Coarseness {
    let fits = |coarseness| {
        let octets = transformed.octets(Coarseness(coarseness));
        with_margin(octets, margin) <= limit
    };
    let (Coarseness(mut too_fine), Coarseness(mut fitting)) = (FINEST, COARSEST);
    if fits(too_fine) {
        return FINEST;
    }
    while fitting.saturating_sub(too_fine) > 1 {
        let middle = too_fine.midpoint(fitting);
        if fits(middle) {
            fitting = middle;
        } else {
            too_fine = middle;
        }
    }
    Coarseness(fitting)
}

/// `octets` and one more in so many.
fn with_margin(octets: u64, margin: u64) -> u64 {
    octets.saturating_add(octets.checked_div(margin).unwrap_or(0))
}

fn wide(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}
