//! How long a frame would be at another coarseness: some macroblocks of the last one, quantised again and counted.
//!
//! What is predicted changes with the coarseness, which is left out of account; so an estimate is good nearby.

use super::super::column::Filled;
use super::super::modes::Luma;
use super::super::quantiser::Steps;
use super::super::tile::Tile;
use super::super::tokens::ZIGZAG;
use super::coded::Coded;
use super::costs::Bits;
use super::quantise::{Block, Coarseness, Grid, Levels};
use super::statistics::Statistics;
use super::transform::{Rows, forward, hadamard};
use super::trial::{block_of, less};

/// How many macroblocks are kept at most.
pub(super) const KEPT: usize = 256;

/// The coefficients of a macroblock before they were quantised.
pub(super) struct Sample {
    coded: Coded,
    second: Block,
    blocks: [Block; 16],
    colours: [Block; 8],
}

impl zeroize::Zeroize for Sample {
    fn zeroize(&mut self) {
        self.coded.zeroize();
        self.second.zeroize();
        self.blocks.zeroize();
        self.colours.zeroize();
    }
}

impl Sample {
    /// Of a macroblock of which a decoder makes `made`: what is missing there, and what came in levels.
    pub(super) fn of(source: &Tile, made: &Tile, coded: &Coded, steps: &Steps) -> Self {
        let mut blocks = missing(&source.luma, &made.luma);
        let mut second = [0.0; 16];
        for (block, levels) in blocks.iter_mut().zip(&coded.blocks) {
            add(block, levels, steps.luma);
        }
        if let Luma::Whole(_) = coded.luma {
            for (first, block) in second.iter_mut().zip(&mut blocks) {
                let [dc, ..] = block;
                *first = std::mem::take(dc);
            }
            second = hadamard(&second);
            add(&mut second, &coded.second, steps.second);
        }
        let mut colours = [[0.0; 16]; 8];
        let [b0, b1, r0, r1, b2, b3, r2, r3] = missing(&source.chroma, &made.chroma);
        let order = [b0, b1, b2, b3, r0, r1, r2, r3];
        for (to, (block, levels)) in colours.iter_mut().zip(order.iter().zip(&coded.colours)) {
            *to = *block;
            add(to, levels, steps.chroma);
        }
        Self {
            coded: coded.clone(),
            second,
            blocks,
            colours,
        }
    }

    /// As it would be coded.
    fn coded(&self, [luma, second, chroma]: &[Grid; 3]) -> Coded {
        let levels = |grid: &Grid, block: &Block| grid.quantised(block).levels;
        let blocks = self.blocks.map(|block| levels(luma, &block));
        let colours = self.colours.map(|block| levels(chroma, &block));
        let levels = (levels(second, &self.second), blocks, colours);
        Coded::new(self.coded.luma, self.coded.chroma, levels)
    }
}

/// How many bits the tokens of `samples` would take.
pub(super) fn bits_of(samples: &[Sample], coarseness: Coarseness, bits: &Bits) -> f32 {
    let grids = coarseness.grids();
    let mut counted = Statistics::new();
    let (mut above, mut left) = (Filled::default(), Filled::default());
    for sample in samples {
        let coded = sample.coded(&grids);
        coded.show((&mut above, &mut left), &mut counted);
    }
    counted.bits(bits)
}

/// What is missing, in coefficients.
fn missing<const ROWS: usize, const BLOCKS: usize>(
    source: &[[u8; 16]; ROWS],
    made: &[[u8; 16]; ROWS],
) -> [Block; BLOCKS] {
    let mut blocks = [[0.0; 16]; BLOCKS];
    let rows = source.as_chunks().0.iter().zip(made.as_chunks().0);
    for (blocks, (source, made)) in blocks.as_chunks_mut::<4>().0.iter_mut().zip(rows) {
        let rows: Rows<16> = forward(&less(source, made));
        for (at, block) in blocks.iter_mut().enumerate() {
            *block = block_of(&rows, at);
        }
    }
    blocks
}

fn add(block: &mut Block, levels: &Levels, [first, others]: [i16; 2]) {
    for (level, place) in levels.iter().zip(ZIGZAG) {
        let step = if place == 0 { first } else { others };
        if let Some(to) = block.get_mut(place) {
            *to += f32::from(*level) * f32::from(step);
        }
    }
}
