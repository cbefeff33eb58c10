//! A macroblock as it is coded, and its tokens in their order.

use zeroize::Zeroize;

use super::super::column::Filled;
use super::super::modes::{Luma, Whole};
use super::quantise::Levels;
use super::tokens::{Branches, show};

/// A macroblock as it is coded.
#[derive(Clone, Zeroize)]
pub(super) struct Coded {
    #[zeroize(skip)]
    pub(super) luma: Luma,
    #[zeroize(skip)]
    pub(super) chroma: Whole,
    pub(super) second: Levels,
    pub(super) blocks: [Levels; 16],
    pub(super) colours: [Levels; 8],
    /// Zero, if it has levels.
    pub(super) empty: u32,
}

impl Coded {
    /// By its modes, and its levels of the second block, of luma and of chroma.
    pub(super) fn new(
        luma: Luma,
        chroma: Whole,
        (second, blocks, colours): (Levels, [Levels; 16], [Levels; 8]),
    ) -> Self {
        let mut all = blocks.as_flattened().iter().chain(colours.as_flattened());
        let none = all.all(|level| *level == 0) && second == [0; 16];
        Self {
            luma,
            chroma,
            second,
            blocks,
            colours,
            empty: none.into(),
        }
    }

    /// Shows its tokens in their order (RFC 6386 §13), unless it has none.
    pub(super) fn show(&self, (above, left): (&mut Filled, &mut Filled), to: &mut impl Branches) {
        if self.empty == 1 {
            above.clear(&self.luma);
            left.clear(&self.luma);
            return;
        }
        let (kind, first) = match self.luma {
            Luma::Whole(_) => {
                let beside = above.second.wrapping_add(left.second).into();
                let filled = show(&self.second, 1, 0, beside, to);
                (above.second, left.second) = (filled, filled);
                (0, 1)
            }
            Luma::Subblocks(_) => (3, 0),
        };
        for (row, left) in self.blocks.as_chunks::<4>().0.iter().zip(&mut left.luma) {
            for (block, above) in row.iter().zip(&mut above.luma) {
                let filled = show(block, kind, first, above.wrapping_add(*left).into(), to);
                (*above, *left) = (filled, filled);
            }
        }
        let sides = above.chroma.iter_mut().zip(&mut left.chroma);
        for (blocks, (above, left)) in self.colours.as_chunks::<4>().0.iter().zip(sides) {
            for (row, left) in blocks.as_chunks::<2>().0.iter().zip(left) {
                for (block, above) in row.iter().zip(above.iter_mut()) {
                    let filled = show(block, 2, 0, above.wrapping_add(*left).into(), to);
                    (*above, *left) = (filled, filled);
                }
            }
        }
    }
}
