//! One macroblock: its coefficients read, and its samples made.

use super::super::column::Filled;
use super::super::modes::Luma;
use super::super::predict::{self, Above, Left, Place};
use super::super::quantiser::Steps;
use super::super::subblocks;
use super::super::tile::Tile;
use super::super::tokens::{Positions, Quad};
use super::super::transform::{Residue, flat, hadamard, inverse};
use super::bools::Bools;
use super::modes::Modes;
use super::tokens::Block;

/// How much of a block is there.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Fill {
    Nothing,
    /// The first coefficient.
    First,
    More,
}

/// Four blocks side by side.
#[derive(Clone, Copy)]
struct Four {
    quad: Quad,
    /// Of the fullest one.
    fill: Fill,
}

impl Four {
    const EMPTY: Self = Self {
        quad: [0; 64],
        fill: Fill::Nothing,
    };

    /// Reads the block that begins at `column`; answers whether it has coefficients.
    #[inline(always)]
    fn read(&mut self, bools: &mut Bools<'_>, block: &Block<'_>, column: usize) -> u8 {
        let end = block.read(bools, &mut self.quad, column);
        let fill = match self.quad.get(column) {
            _any if end > 1 => Fill::More,
            Some(0) | None => Fill::Nothing,
            Some(_) => Fill::First,
        };
        self.fill = self.fill.max(fill);
        u8::from(end > block.first)
    }

    /// What it adds to the prediction; it is empty afterwards.
    fn take(&mut self) -> Option<Residue> {
        let residue = match self.fill {
            Fill::Nothing => return None,
            Fill::First => flat(&self.quad),
            Fill::More => inverse(&self.quad),
        };
        *self = Self::EMPTY;
        Some(residue)
    }
}

/// The coefficients of one macroblock.
pub(super) struct Coefficients {
    luma: [Four; 4],
    /// Two blocks of blue and two of red, above the others.
    chroma: [Four; 2],
}

impl Coefficients {
    pub(super) const EMPTY: Self = Self {
        luma: [Four::EMPTY; 4],
        chroma: [Four::EMPTY; 2],
    };

    /// Whether nothing is added to the prediction.
    pub(super) fn is_empty(&self) -> bool {
        let mut all = self.luma.iter().chain(&self.chroma);
        all.all(|four| four.fill == Fill::Nothing)
    }

    /// Reads what stands in the order of RFC 6386 §13: the second block, luma, blue, red.
    pub(super) fn read(
        &mut self,
        bools: &mut Bools<'_>,
        [after_second, second, chroma, luma]: &[Positions; 4],
        steps: &Steps,
        modes: &Modes,
        (above, left): (&mut Filled, &mut Filled),
    ) {
        let (positions, first) = match modes.luma {
            Luma::Whole(_) => {
                let beside = above.second.wrapping_add(left.second);
                let filled = self.read_second(bools, second, steps, beside);
                (above.second, left.second) = (filled, filled);
                (after_second, 1)
            }
            Luma::Subblocks(_) => (luma, 0),
        };
        for (four, left) in self.luma.iter_mut().zip(&mut left.luma) {
            for (at, above) in above.luma.iter_mut().enumerate() {
                let block = Block {
                    positions,
                    beside: above.wrapping_add(*left).into(),
                    first,
                    steps: steps.luma,
                };
                *left = four.read(bools, &block, at.wrapping_mul(4));
                *above = *left;
            }
        }
        let sides = above.chroma.iter_mut().zip(&mut left.chroma);
        for ((above, left), column) in sides.zip([0, 8]) {
            for (four, left) in self.chroma.iter_mut().zip(left) {
                for (at, above) in above.iter_mut().enumerate() {
                    let block = Block {
                        positions: chroma,
                        beside: above.wrapping_add(*left).into(),
                        first: 0,
                        steps: steps.chroma,
                    };
                    *left = four.read(bools, &block, at.wrapping_mul(4).wrapping_add(column));
                    *above = *left;
                }
            }
        }
    }

    /// The first coefficients of all blocks of luma (RFC 6386 §14.3); answers whether there are any.
    fn read_second(
        &mut self,
        bools: &mut Bools<'_>,
        positions: &Positions,
        steps: &Steps,
        beside: u8,
    ) -> u8 {
        let mut quad = [0; 64];
        let block = Block {
            positions,
            beside: beside.into(),
            first: 0,
            steps: steps.second,
        };
        let end = block.read(bools, &mut quad, 0);
        let mut coefficients = [0; 16];
        let (places, _none) = coefficients.as_chunks_mut::<4>();
        for (place, row) in places.iter_mut().zip(quad.as_chunks::<16>().0) {
            let [a, b, c, d, ..] = *row;
            *place = [a, b, c, d];
        }
        for (four, firsts) in self.luma.iter_mut().zip(hadamard(&coefficients)) {
            for (blocks, first) in four.quad.as_chunks_mut::<4>().0.iter_mut().zip(firsts) {
                let [place, ..] = blocks;
                *place = first;
                if first != 0 {
                    four.fill = four.fill.max(Fill::First);
                }
            }
        }
        u8::from(end > 0)
    }

    /// Makes the samples of a macroblock and takes the coefficients. `right` stands at the right of `above`.
    pub(super) fn samples(
        &mut self,
        modes: &Modes,
        above: &Above,
        right: [u8; 4],
        left: &Left,
        place: Place,
    ) -> Tile {
        let luma = match &modes.luma {
            Luma::Whole(mode) => {
                let mut rows = predict::luma(*mode, &above.luma, left, place);
                add(&mut rows, &mut self.luma);
                rows
            }
            Luma::Subblocks(modes) => {
                let residues = self.luma.each_mut().map(Four::take);
                subblocks::luma(modes, &above.luma, right, left, &residues)
            }
        };
        let mut chroma = predict::chroma(modes.chroma, &above.chroma, left, place);
        add(&mut chroma, &mut self.chroma);
        Tile { luma, chroma }
    }
}

fn add(rows: &mut [[u8; 16]], fours: &mut [Four]) {
    for (rows, four) in rows.as_chunks_mut().0.iter_mut().zip(fours) {
        if let Some(residue) = four.take() {
            predict::add(rows, &residue);
        }
    }
}
