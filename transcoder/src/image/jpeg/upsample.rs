//! Components that are coarser than the finest one, made as fine.
//!
//! Where a component has half the samples, each lies in the middle between two (or four) of the finest, as JFIF has it
//! (T.871 §8); it is made finer by a triangle filter: three parts of the nearest and one of the next. Results are those
//! of libjpeg's "fancy upsampling". Other ratios, which no camera writes, give the nearest sample.

use super::frame::{Component, Frame};
use super::plane::Plane;

/// How one component is made as fine as the finest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Upsampling {
    /// It is.
    None,
    /// Twice as many across.
    Across,
    /// Twice as many downwards.
    Down,
    /// Twice as many both ways.
    Both,
    /// So many of its samples for so many of the finest, across and downwards.
    Nearest { across: Ratio, down: Ratio },
}

/// `own` samples of a component for `finest` of the finest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ratio {
    own: usize,
    finest: usize,
}

impl Ratio {
    /// The sample that lies where `at` of the finest does.
    fn of(self, at: usize) -> usize {
        at.saturating_mul(self.own)
            .checked_div(self.finest)
            .unwrap_or(at)
    }
}

impl Upsampling {
    /// For `component`, which is `width` samples wide.
    pub(super) fn of(frame: &Frame, component: Component, width: usize) -> Self {
        let across = Ratio {
            own: component.across,
            finest: frame.widest,
        };
        let down = Ratio {
            own: component.down,
            finest: frame.highest,
        };
        let doubled = |ratio: Ratio| ratio.own.saturating_mul(2) == ratio.finest;
        let same = |ratio: Ratio| ratio.own == ratio.finest;
        if same(across) && same(down) {
            Self::None
        } else if same(across) && doubled(down) {
            Self::Down
        } else if doubled(across) && same(down) && width > 2 {
            Self::Across
        } else if doubled(across) && doubled(down) && width > 2 {
            Self::Both
        } else {
            Self::Nearest { across, down }
        }
    }

    /// Writes row `at` of the finest into `row`, which has room for twice the plane's width and for the finest's.
    /// `sums` has room for the plane's width.
    pub(super) fn row(self, plane: &Plane, at: usize, sums: &mut [u16], row: &mut [u8]) {
        let nearest = at / 2;
        // The upper of two lies nearer to the row above.
        let next = match at % 2 {
            0 => nearest.saturating_sub(1),
            _ => nearest.saturating_add(1),
        };
        match self {
            Self::None => copy(plane.row(at), row),
            Self::Across => across(plane.row(at), row),
            Self::Down => down(plane.row(nearest), plane.row(next), lower_bias(at), row),
            Self::Both => {
                let sums = sums.get_mut(..plane.width()).unwrap_or_default();
                for ((sum, near), far) in
                    sums.iter_mut().zip(plane.row(nearest)).zip(plane.row(next))
                {
                    *sum = u16::from(*near).wrapping_mul(3).wrapping_add((*far).into());
                }
                both(sums, row);
            }
            Self::Nearest { across, down } => {
                let from = plane.row(down.of(at));
                for (at, sample) in row.iter_mut().enumerate() {
                    *sample = from
                        .get(across.of(at))
                        .or(from.last())
                        .copied()
                        .unwrap_or(0);
                }
            }
        }
    }
}

fn copy(from: &[u8], row: &mut [u8]) {
    for (sample, from) in row.iter_mut().zip(from) {
        *sample = *from;
    }
}

/// What is added before a quarter is taken; it alternates so that halves are rounded neither up nor down on the whole.
fn lower_bias(at: usize) -> u16 {
    if at.is_multiple_of(2) { 1 } else { 2 }
}

fn down(near: &[u8], far: &[u8], bias: u16, row: &mut [u8]) {
    for ((sample, near), far) in row.iter_mut().zip(near).zip(far) {
        *sample = quarter(*near, *far, bias);
    }
}

fn across(from: &[u8], row: &mut [u8]) {
    let pair = |[before, here, after]: [u8; 3]| [quarter(here, before, 1), quarter(here, after, 2)];
    spread(from, row, pair);
}

/// Writes a pair for each of `from`, which `pair` makes of it and its neighbours; at the ends, it is its own.
#[inline(always)]
fn spread<T: Copy>(from: &[T], row: &mut [u8], pair: impl Fn([T; 3]) -> [u8; 2]) {
    let (pairs, _rest) = row.as_chunks_mut::<2>();
    let pairs = pairs.get_mut(..from.len()).unwrap_or_default();
    if let ([first, next, ..], [place, ..]) = (from, &mut *pairs) {
        *place = pair([*first, *first, *next]);
    }
    if let ([.., before, last], [.., place]) = (from, &mut *pairs) {
        *place = pair([*before, *last, *last]);
    }
    let [_, places @ .., _] = pairs else {
        return;
    };
    // As slices of one length side by side, which is what compilers make vector code of.
    let neighbours = from.iter().zip(from.get(1..).unwrap_or_default());
    let neighbours = neighbours.zip(from.get(2..).unwrap_or_default());
    for (place, ((before, here), after)) in places.iter_mut().zip(neighbours) {
        *place = pair([*before, *here, *after]);
    }
}

/// Three of `near` and one of `far`.
#[inline(always)]
fn quarter(near: u8, far: u8, bias: u16) -> u8 {
    let sum = u16::from(near).wrapping_mul(3).wrapping_add(far.into());
    low(sum.wrapping_add(bias) >> 2)
}

/// `sums` are of three of a row and one of the next: four times too large.
fn both(sums: &[u16], row: &mut [u8]) {
    spread(sums, row, |[before, here, after]| {
        let three = here.wrapping_mul(3);
        let sixteenth =
            |other: u16, bias: u16| low(three.wrapping_add(other).wrapping_add(bias) >> 4);
        [sixteenth(before, 8), sixteenth(after, 7)]
    });
}

#[inline(always)]
fn low(sum: u16) -> u8 {
    let [low, _] = sum.to_le_bytes();
    low
}
