//! Luma predicted by subblocks, each from the ones before as they are coded.

use super::super::modes::{Luma, Subblock};
use super::super::subblocks::{self, Edge, Samples};
use super::super::transform;
use super::modes::SUBBLOCKS;
use super::quantise::{Block, Quantised};
use super::transform::{Rows, forward};
use super::trial::{Light, SQUARES, Trial, block_of, least, put, sizes};

/// How many ways to predict a subblock are quantised.
const NEAR: usize = 2;

impl Trial<'_> {
    /// Luma by subblocks, if its score is below `most`.
    #[expect(
        clippy::indexing_slicing,
        reason = "there are four rows and four columns"
    )]
    pub(super) fn subblocks(&self, most: f32) -> Option<Light> {
        let beside = &self.beside;
        let mut light = Light::EMPTY;
        light.bits = self.modes.by_subblocks;
        light.score = light.bits * self.scales.worth;
        let mut chosen = [[Subblock::Dc; 4]; 4];
        let [mut above, mut left] = beside.filled;
        let [mut above_modes, mut left_modes] = beside.modes;
        let (bits, score) = (&mut light.bits, &mut light.score);
        let blocks = light.blocks.as_chunks_mut::<4>().0;
        let sources = self.source.luma.as_chunks::<4>().0;
        light.rows = subblocks::tile(
            &beside.above.luma,
            beside.right,
            beside.left,
            |row, at, edge| {
                if *score >= most {
                    return [[0; 4]; 4];
                }
                let source = sources[row].map(|row| four(&row, at).map(f32::from));
                let context = Context {
                    beside: above.luma[at].wrapping_add(left.luma[row]).into(),
                    above: above_modes[at],
                    left: left_modes[row],
                };
                let best = self.subblock(&source, edge, context);
                *bits += best.bits;
                *score += best.score;
                blocks[row][at] = best.block.levels;
                chosen[row][at] = best.mode;
                (above_modes[at], left_modes[row]) = (best.mode, best.mode);
                (above.luma[at], left.luma[row]) = (best.block.filled(0), best.block.filled(0));
                best.made(edge, self.scales.steps.luma)
            },
        );
        light.modes = Luma::Subblocks(chosen);
        (light.score < most).then_some(light)
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a place of the least is one of all"
    )]
    fn subblock(&self, source: &Rows<4>, edge: &Edge, context: Context) -> Subblock4 {
        let costs = self.modes.subblock(context.above, context.left);
        let blocks = blocks(source, edge);
        let mut guesses = [0.0; SUBBLOCKS.len()];
        for ((guess, block), cost) in guesses.iter_mut().zip(&blocks).zip(costs) {
            *guess = sizes(block) * self.scales.away + cost * self.scales.worth;
        }
        let mut best = Subblock4::NONE;
        for _ in 0..NEAR {
            let at = least(&mut guesses);
            let block = self.scales.luma.quantised(&blocks[at]);
            let cost = costs[at] + self.costs.block(&block, 3, 0, context.beside);
            let score = block.error / SQUARES + cost * self.scales.worth;
            if score < best.score {
                best = Subblock4 {
                    mode: SUBBLOCKS[at],
                    block,
                    bits: costs[at],
                    score,
                };
            }
        }
        best
    }
}

/// What a subblock's cost goes by.
#[derive(Clone, Copy)]
struct Context {
    beside: usize,
    above: Subblock,
    left: Subblock,
}

/// What is left of a subblock predicted in each way, four of them at a time.
#[expect(
    clippy::indexing_slicing,
    reason = "ten modes are less than three times four"
)]
fn blocks(source: &Rows<4>, edge: &Edge) -> [Block; SUBBLOCKS.len()] {
    let mut fours: [Rows<16>; 3] = [[[0.0; 16]; 4]; 3];
    for (at, mode) in SUBBLOCKS.into_iter().enumerate() {
        let predicted = subblocks::predicted(mode, edge);
        let rows = fours[at >> 2].iter_mut().zip(source.iter().zip(predicted));
        for (row, (source, predicted)) in rows {
            let lanes = &mut row.as_chunks_mut::<4>().0[at & 3];
            for (lane, (source, predicted)) in lanes.iter_mut().zip(source.iter().zip(predicted)) {
                *lane = source - f32::from(predicted);
            }
        }
    }
    for four in &mut fours {
        *four = forward(four);
    }
    std::array::from_fn(|at| block_of(&fours[at >> 2], at & 3))
}

/// Four of sixteen samples.
#[inline(always)]
fn four(row: &[u8; 16], at: usize) -> [u8; 4] {
    row.as_chunks().0.get(at).copied().unwrap_or_default()
}

/// A subblock, as it may be coded.
#[derive(Clone, Copy)]
struct Subblock4 {
    mode: Subblock,
    block: Quantised,
    bits: f32,
    score: f32,
}

impl Subblock4 {
    const NONE: Self = Self {
        mode: Subblock::Dc,
        block: Quantised::EMPTY,
        bits: 0.0,
        score: f32::INFINITY,
    };

    /// What a decoder makes of it.
    fn made(&self, edge: &Edge, steps: [i16; 2]) -> Samples {
        let mut made = subblocks::predicted(self.mode, edge);
        if self.block.end > 0 {
            let mut quad = [0; 64];
            put(&self.block.levels, steps, &mut quad, 0);
            subblocks::add(&mut made, &transform::inverse(&quad), 0);
        }
        made
    }
}
