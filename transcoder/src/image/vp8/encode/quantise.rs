//! Coefficients in steps: the only part of coding, besides chroma's resolution, that loses anything.

use super::super::quantiser::{Deltas, Steps};
use super::super::tokens::ZIGZAG;

/// How coarse a frame is: four times the quantiser's index of RFC 6386 §9.6, which is 0 to 127. What is over makes more be rounded
/// down, which lies between this index and the next.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::image) struct Coarseness(pub(in crate::image) u16);

impl Coarseness {
    /// The next one.
    pub(in crate::image) fn coarser(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The one before.
    pub(in crate::image) fn finer(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// Half way to `coarser`, or finer by a half.
    pub(in crate::image) fn middle(self, coarser: Self) -> Self {
        Self(self.0.midpoint(coarser.0))
    }

    pub(super) fn index(self) -> u8 {
        u8::try_from(self.0 / 4).unwrap_or(LAST).min(LAST)
    }

    pub(super) fn steps(self) -> Steps {
        Deltas::NONE.steps(self.index().into())
    }

    /// The grids of luma, of the block that its first coefficients come in, and of chroma.
    pub(super) fn grids(self) -> [Grid; 3] {
        let steps = self.steps();
        let less = f32::from(self.0 % 4) * LESS;
        let rounding = ROUNDING.map(|rounding| rounding - less);
        [steps.luma, steps.second, steps.chroma].map(|steps| Grid::new(steps, rounding))
    }
}

/// The highest index there is.
const LAST: u8 = 127;

/// The largest level that tokens can say (RFC 6386 §13.2), less what no picture needs.
const LARGEST: f32 = 2047.0;

/// Added to a float, this leaves the nearest integer in its low bits: 1.5 × 2²³.
const TO_INTEGER: f32 = 12_582_912.0;

/// One bit for each position.
const BITS: [u32; 16] = [
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768,
];

/// What is added before the fraction is cut off, for first coefficients and for others; a half would round to the nearest. Values a
/// little above the half cost more octets than they are worth.
const ROUNDING: [f32; 2] = [0.48, 0.4];
const LESS: f32 = 0.007;

/// Sixteen coefficients, rows from above.
pub(super) type Block = [f32; 16];

/// Levels in the order of their tokens.
pub(super) type Levels = [i16; 16];

/// The steps of one kind of block.
pub(super) struct Grid {
    steps: Block,
    shares: Block,
    rounding: Block,
}

/// A block in steps.
#[derive(Clone, Copy)]
pub(super) struct Quantised {
    pub(super) levels: Levels,
    /// The position behind the last that is not zero.
    pub(super) end: usize,
    /// The sum of squares that is lost, of coefficients.
    pub(super) error: f32,
}

impl Quantised {
    pub(super) const EMPTY: Self = Self {
        levels: [0; 16],
        end: 0,
        error: 0.0,
    };

    /// One, if there are levels from `first` on.
    #[inline]
    pub(super) fn filled(&self, first: usize) -> u8 {
        u8::from(self.end > first)
    }
}

impl Grid {
    fn new([first, others]: [i16; 2], rounding: [f32; 2]) -> Self {
        let spread = |[first, others]: [f32; 2]| {
            let mut all = [others; 16];
            let [place, ..] = &mut all;
            *place = first;
            all
        };
        let steps = spread([first.into(), others.into()]);
        Self {
            steps,
            shares: steps.map(|step| 1.0 / step),
            rounding: spread(rounding),
        }
    }

    /// `block` in steps.
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "sixteen lanes everywhere; a place's row and column are below four"
    )]
    pub(super) fn quantised(&self, block: &Block) -> Quantised {
        let mut steps = [0.0_f32; 16];
        let mut most = [0.0_f32; 4];
        for lane in 0..16 {
            steps[lane] = block[lane].abs() * self.shares[lane] + self.rounding[lane];
            most[lane & 3] = most[lane & 3].max(steps[lane]);
        }
        if most.into_iter().fold(0.0, f32::max) < 1.0 {
            return Quantised {
                error: sum(&block.map(|one| one * one)),
                ..Quantised::EMPTY
            };
        }
        let (mut whole, mut errors) = ([0_i32; 16], [0.0_f32; 16]);
        for lane in 0..16 {
            let shifted = (steps[lane] - 0.5).min(LARGEST) + TO_INTEGER;
            let level = shifted.to_bits().wrapping_sub(TO_INTEGER.to_bits());
            let sign = block[lane].to_bits().cast_signed() >> 31;
            whole[lane] = (level.cast_signed() ^ sign).wrapping_sub(sign);
            let lost = block[lane].abs() - (shifted - TO_INTEGER) * self.steps[lane];
            errors[lane] = lost * lost;
        }
        let mut levels = [0; 16];
        for (level, place) in levels.iter_mut().zip(ZIGZAG) {
            let [low, high, ..] = whole[place].to_le_bytes();
            *level = i16::from_le_bytes([low, high]);
        }
        let mut filled = 0_u32;
        for (level, bit) in levels.iter().zip(BITS) {
            filled |= if *level == 0 { 0 } else { bit };
        }
        let end = 32_u32.wrapping_sub(filled.leading_zeros());
        let end = usize::try_from(end).unwrap_or(0);
        Quantised {
            levels,
            end,
            error: sum(&errors),
        }
    }
}

/// The sum, by fours.
#[inline(always)]
pub(super) fn sum(lanes: &Block) -> f32 {
    let mut four = [0.0; 4];
    for lanes in lanes.as_chunks::<4>().0 {
        for (sum, lane) in four.iter_mut().zip(lanes) {
            *sum += lane;
        }
    }
    let [a, b, c, d] = four;
    (a + b) + (c + d)
}
