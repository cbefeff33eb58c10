//! The prediction of macroblocks as a whole (RFC 6386 §12.2 and §12.3).
//!
//! All is predicted from samples as they are before the loop filter.

use super::modes::Whole;
use super::tile::Tile;
use super::transform::Residue;

/// What samples above the picture are taken for.
pub(super) const ABOVE_ALL: u8 = 127;

/// What samples at the left of the picture are taken for.
pub(super) const LEFT_OF_ALL: u8 = 129;

/// The last row of the macroblock above.
#[derive(Clone, Copy, zeroize::Zeroize)]
pub(super) struct Above {
    pub(super) luma: [u8; 16],
    pub(super) chroma: [u8; 16],
}

impl Default for Above {
    fn default() -> Self {
        Self {
            luma: [ABOVE_ALL; 16],
            chroma: [ABOVE_ALL; 16],
        }
    }
}

impl Above {
    /// The last row of `tile`.
    pub(super) fn below(tile: &Tile) -> Self {
        let ([.., luma], [.., chroma]) = (tile.luma, tile.chroma);
        Self { luma, chroma }
    }
}

/// The last column of the macroblock at the left, and the sample above that: for luma and for both chromas.
#[derive(Clone, Copy)]
pub(super) struct Left {
    pub(super) luma: [u8; 16],
    pub(super) chroma: [[u8; 2]; 8],
    pub(super) luma_corner: u8,
    pub(super) chroma_corner: [u8; 2],
}

impl Left {
    /// At the left of the first row, and of all others.
    pub(super) fn of_all(down: Side) -> Self {
        let corner = match down {
            Side::Edge => ABOVE_ALL,
            Side::Inside => LEFT_OF_ALL,
        };
        Self {
            luma: [LEFT_OF_ALL; 16],
            chroma: [[LEFT_OF_ALL; 2]; 8],
            luma_corner: corner,
            chroma_corner: [corner; 2],
        }
    }

    /// The last column of `tile`, and the last samples of what was above of it.
    pub(super) fn beside(tile: &Tile, above: &Above) -> Self {
        let [.., luma_corner] = above.luma;
        Self {
            luma: tile.luma.map(|[.., last]| last),
            chroma: tile.chroma.map(lasts),
            luma_corner,
            chroma_corner: lasts(above.chroma),
        }
    }
}

/// The last of the first eight, and of the others.
fn lasts(row: [u8; 16]) -> [u8; 2] {
    let [_, _, _, _, _, _, _, blue, .., red] = row;
    [blue, red]
}

/// Whether there are macroblocks on that side.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Edge,
    Inside,
}

/// Where a macroblock lies.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) across: Side,
    pub(super) down: Side,
}

/// Sixteen rows of luma.
pub(super) fn luma(mode: Whole, above: &[u8; 16], left: &Left, place: Place) -> [[u8; 16]; 16] {
    match mode {
        Whole::Dc => {
            let mean = mean(place, above.iter(), left.luma.iter());
            [[mean; 16]; 16]
        }
        Whole::Vertical => [*above; 16],
        Whole::Horizontal => left.luma.map(|sample| [sample; 16]),
        Whole::TrueMotion => {
            let slope = above.map(|above| less(above, left.luma_corner));
            left.luma
                .map(|left| slope.map(|slope| level(slope.wrapping_add(left.into()))))
        }
    }
}

/// Eight rows of both chromas.
pub(super) fn chroma(mode: Whole, above: &[u8; 16], left: &Left, place: Place) -> [[u8; 16]; 8] {
    match mode {
        Whole::Dc => {
            let (blue, red) = above.split_at(8);
            let blue = mean(place, blue.iter(), left.chroma.iter().map(|[blue, _]| blue));
            let red = mean(place, red.iter(), left.chroma.iter().map(|[_, red]| red));
            [pair([blue, red]); 8]
        }
        Whole::Vertical => [*above; 8],
        Whole::Horizontal => left.chroma.map(pair),
        Whole::TrueMotion => {
            let mut slope = [0; 16];
            let corner = pair(left.chroma_corner);
            for ((slope, above), corner) in slope.iter_mut().zip(above).zip(corner) {
                *slope = less(*above, corner);
            }
            left.chroma.map(|left| {
                let mut row = pair(left);
                for (sample, slope) in row.iter_mut().zip(slope) {
                    *sample = level(slope.wrapping_add((*sample).into()));
                }
                row
            })
        }
    }
}

/// Eight of the first, eight of the second.
fn pair([blue, red]: [u8; 2]) -> [u8; 16] {
    let (b, r) = (blue, red);
    [b, b, b, b, b, b, b, b, r, r, r, r, r, r, r, r]
}

/// The mean of the samples of both sides, or of the one that there is; each has eight or sixteen.
fn mean<'a>(
    place: Place,
    above: impl ExactSizeIterator<Item = &'a u8>,
    left: impl ExactSizeIterator<Item = &'a u8>,
) -> u8 {
    let len = u16::try_from(above.len()).unwrap_or(1);
    let sum = |sum: u16, sample: &u8| sum.wrapping_add((*sample).into());
    let (sum, len) = match (place.down, place.across) {
        (Side::Edge, Side::Edge) => return 128,
        (Side::Inside, Side::Edge) => (above.fold(0, sum), len),
        (Side::Edge, Side::Inside) => (left.fold(0, sum), len),
        (Side::Inside, Side::Inside) => (left.fold(above.fold(0, sum), sum), len.wrapping_mul(2)),
    };
    let rounded = sum.wrapping_add(len / 2) >> len.trailing_zeros();
    u8::try_from(rounded).unwrap_or(u8::MAX)
}

#[inline(always)]
fn less(sample: u8, other: u8) -> i16 {
    i16::from(sample).wrapping_sub(other.into())
}

/// As near as a sample can be.
#[inline(always)]
#[expect(
    clippy::as_conversions,
    reason = "between 0 and 255, and vector code as it stands"
)]
pub(super) fn level(sum: i16) -> u8 {
    sum.clamp(0, 255) as u8
}

/// Adds a residue to four rows of a prediction.
#[inline(always)]
pub(super) fn add(rows: &mut [[u8; 16]; 4], residue: &Residue) {
    for (row, residue) in rows.iter_mut().zip(residue) {
        for (sample, residue) in row.iter_mut().zip(residue) {
            *sample = level(residue.saturating_add((*sample).into()));
        }
    }
}
