//! Macroblocks tried out: predicted in each way, transformed and quantised, and what came of it weighed against what it costs.

use super::super::column::Filled;
use super::super::modes::{Luma, Subblock, Whole};
use super::super::predict::{Above, Left, Place};
use super::super::quantiser::Steps;
use super::super::tile::Tile;
use super::super::tokens::{PLACES, Quad};
use super::costs::Costs;
use super::modes::ModeCosts;
use super::quantise::{Block, Coarseness, Grid, Levels};
use super::transform::Rows;

/// What a bit is worth, in squares of a sample's error, as a share of the square of a step.
const WORTH: f32 = 0.02;

/// About what a coefficient's size costs, in error and in bits, as a share of a step, before it is quantised.
const AWAY: f32 = 0.08;

/// A square of a coefficient's error is as much as four of a sample's.
pub(super) const SQUARES: f32 = 4.0;

/// What does not change within a frame.
pub(super) struct Scales {
    pub(super) steps: Steps,
    pub(super) luma: Grid,
    pub(super) second: Grid,
    pub(super) chroma: Grid,
    pub(super) worth: f32,
    /// What a coefficient is worth, about, before it is quantised.
    pub(super) away: f32,
}

impl Scales {
    pub(super) fn new(coarseness: Coarseness) -> Self {
        let steps = coarseness.steps();
        let [_, step] = steps.luma.map(f32::from);
        let [luma, second, chroma] = coarseness.grids();
        Self {
            luma,
            second,
            chroma,
            worth: step * step * WORTH,
            away: step * AWAY,
            steps,
        }
    }
}

/// What a macroblock is tried by.
pub(super) struct Trial<'a> {
    pub(super) scales: &'a Scales,
    pub(super) costs: &'a Costs,
    pub(super) modes: &'a ModeCosts,
    pub(super) source: &'a Tile,
    pub(super) beside: Beside<'a>,
}

/// What lies beside a macroblock.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) above: &'a Above,
    /// At the right of those above.
    pub(super) right: [u8; 4],
    pub(super) left: &'a Left,
    pub(super) place: Place,
    /// Above and at the left.
    pub(super) filled: [Filled; 2],
    pub(super) modes: [[Subblock; 4]; 2],
}

/// Luma, as it may be coded.
pub(super) struct Light {
    pub(super) modes: Luma,
    pub(super) second: Levels,
    pub(super) blocks: [Levels; 16],
    pub(super) rows: [[u8; 16]; 16],
    /// What its modes cost.
    pub(super) bits: f32,
    pub(super) score: f32,
}

impl Trial<'_> {
    /// The best way to code luma.
    pub(super) fn light(&self, by: By) -> Light {
        let whole = self.whole();
        let parts = match by {
            By::WholeOrSubblocks => self.subblocks(whole.score),
            By::Whole => None,
        };
        parts.unwrap_or_else(|| self.made(&whole))
    }
}

/// What is tried for luma.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum By {
    Whole,
    WholeOrSubblocks,
}

impl Light {
    pub(super) const EMPTY: Self = Self {
        modes: Luma::Whole(Whole::Dc),
        second: [0; 16],
        blocks: [[0; 16]; 16],
        rows: [[0; 16]; 16],
        bits: 0.0,
        score: f32::INFINITY,
    };
}

/// Four rows of differences.
#[inline(always)]
pub(super) fn less(source: &[[u8; 16]; 4], predicted: &[[u8; 16]; 4]) -> Rows<16> {
    let mut rows = [[0.0; 16]; 4];
    for (row, (source, predicted)) in rows.iter_mut().zip(source.iter().zip(predicted)) {
        for (place, (source, predicted)) in row.iter_mut().zip(source.iter().zip(predicted)) {
            *place = f32::from(*source) - f32::from(*predicted);
        }
    }
    rows
}

/// One of four blocks.
#[inline(always)]
pub(super) fn block_of(rows: &Rows<16>, at: usize) -> Block {
    let mut block = [0.0; 16];
    for (to, row) in block.as_chunks_mut::<4>().0.iter_mut().zip(rows) {
        *to = row.as_chunks().0.get(at).copied().unwrap_or_default();
    }
    block
}

/// Four blocks as a decoder has them.
pub(super) fn quad_of(blocks: &[Levels; 4], steps: [i16; 2]) -> Quad {
    let mut quad = [0; 64];
    for (at, block) in blocks.iter().enumerate() {
        put(block, steps, &mut quad, at.wrapping_mul(4));
    }
    quad
}

pub(super) fn put(levels: &Levels, [first, others]: [i16; 2], quad: &mut Quad, column: usize) {
    for (level, place) in levels.iter().zip(PLACES) {
        let step = if place == 0 { first } else { others };
        if let Some(to) = quad.get_mut(place.wrapping_add(column)) {
            *to = level.wrapping_mul(step);
        }
    }
}

/// The sum of what coefficients are without their signs.
pub(super) fn sizes(block: &Block) -> f32 {
    let mut four = [0.0; 4];
    for lanes in block.as_chunks::<4>().0 {
        for (sum, lane) in four.iter_mut().zip(lanes) {
            *sum += lane.abs();
        }
    }
    let [a, b, c, d] = four;
    (a + b) + (c + d)
}

/// Where the least of them stands; it is passed over the next time.
pub(super) fn least(guesses: &mut [f32]) -> usize {
    let mut least = (0, f32::INFINITY);
    for (at, guess) in guesses.iter().enumerate() {
        if *guess < least.1 {
            least = (at, *guess);
        }
    }
    if let Some(guess) = guesses.get_mut(least.0) {
        *guess = f32::INFINITY;
    }
    least.0
}
