//! Luma predicted as a whole: the first coefficients of its blocks have a block of their own (RFC 6386 §13).

use super::super::modes::{Luma, Whole};
use super::super::predict;
use super::super::tokens::ZIGZAG;
use super::super::transform;
use super::modes::WHOLES;
use super::quantise::{Block, Quantised};
use super::transform::{forward, hadamard};
use super::trial::{Light, SQUARES, Trial, block_of, least, less, quad_of, sizes};

/// How many ways to predict luma are quantised.
const NEAR: usize = 2;

/// Luma predicted, before anything is quantised.
struct Unquantised {
    predicted: [[u8; 16]; 16],
    second: Block,
    blocks: [Block; 16],
}

/// Luma predicted as a whole, quantised.
pub(super) struct Quantised16 {
    mode: Whole,
    predicted: [[u8; 16]; 16],
    second: Quantised,
    blocks: [Quantised; 16],
    bits: f32,
    pub(super) score: f32,
}

impl Trial<'_> {
    /// The best way to code luma as a whole.
    #[expect(
        clippy::indexing_slicing,
        reason = "a place of the least is one of all"
    )]
    pub(super) fn whole(&self) -> Quantised16 {
        let all = WHOLES.map(|mode| self.unquantised(mode));
        let costs = self.modes.luma();
        let mut guesses = [0.0; WHOLES.len()];
        for ((guess, one), cost) in guesses.iter_mut().zip(&all).zip(costs) {
            let away = sizes(&one.second) + one.blocks.iter().map(sizes).sum::<f32>();
            *guess = away * self.scales.away + cost * self.scales.worth;
        }
        let at = least(&mut guesses);
        let mut best = self.quantised(WHOLES[at], &all[at], costs[at]);
        for _ in 1..NEAR {
            let at = least(&mut guesses);
            let next = self.quantised(WHOLES[at], &all[at], costs[at]);
            if next.score < best.score {
                best = next;
            }
        }
        best
    }

    fn unquantised(&self, mode: Whole) -> Unquantised {
        let beside = &self.beside;
        let predicted = predict::luma(mode, &beside.above.luma, beside.left, beside.place);
        let (mut blocks, mut firsts) = ([[0.0; 16]; 16], [0.0; 16]);
        let (sources, _) = self.source.luma.as_chunks::<4>();
        let quads = sources.iter().zip(predicted.as_chunks::<4>().0);
        let places = blocks.as_chunks_mut::<4>().0.iter_mut();
        let places = places.zip(firsts.as_chunks_mut::<4>().0);
        for ((source, predicted), (blocks, firsts)) in quads.zip(places) {
            let coefficients = forward(&less(source, predicted));
            for (at, (block, first)) in blocks.iter_mut().zip(firsts).enumerate() {
                *block = block_of(&coefficients, at);
                let [dc, ..] = block;
                *first = std::mem::take(dc);
            }
        }
        Unquantised {
            predicted,
            second: hadamard(&firsts),
            blocks,
        }
    }

    fn quantised(&self, mode: Whole, of: &Unquantised, bits: f32) -> Quantised16 {
        let second = self.scales.second.quantised(&of.second);
        let mut blocks = [Quantised::EMPTY; 16];
        for (to, block) in blocks.iter_mut().zip(&of.blocks) {
            *to = self.scales.luma.quantised(block);
        }
        let cost = bits + self.whole_cost(&second, &blocks);
        let error = second.error / SQUARES + blocks.iter().map(|block| block.error).sum::<f32>();
        Quantised16 {
            mode,
            predicted: of.predicted,
            second,
            blocks,
            bits,
            score: error / SQUARES + cost * self.scales.worth,
        }
    }

    fn whole_cost(&self, second: &Quantised, blocks: &[Quantised; 16]) -> f32 {
        let [mut above, mut left] = self.beside.filled;
        let beside = usize::from(above.second.wrapping_add(left.second));
        let mut cost = self.costs.block(second, 1, 0, beside);
        for (row, left) in blocks.as_chunks::<4>().0.iter().zip(&mut left.luma) {
            for (block, above) in row.iter().zip(&mut above.luma) {
                cost += self
                    .costs
                    .block(block, 0, 1, above.wrapping_add(*left).into());
                (*above, *left) = (block.filled(1), block.filled(1));
            }
        }
        cost
    }

    /// What a decoder makes of it.
    pub(super) fn made(&self, whole: &Quantised16) -> Light {
        let steps = &self.scales.steps;
        let mut second = [0; 16];
        let [first, others] = steps.second;
        for (level, place) in whole.second.levels.iter().zip(ZIGZAG) {
            let step = if place == 0 { first } else { others };
            if let Some(to) = second.get_mut(place) {
                *to = level.wrapping_mul(step);
            }
        }
        let firsts = transform::hadamard(&second);
        let blocks = whole.blocks.map(|block| block.levels);
        let mut rows = whole.predicted;
        let quads = rows
            .as_chunks_mut::<4>()
            .0
            .iter_mut()
            .zip(blocks.as_chunks::<4>().0);
        for ((rows, blocks), firsts) in quads.zip(firsts) {
            let mut quad = quad_of(blocks, steps.luma);
            for (first, place) in firsts.into_iter().zip(quad.as_chunks_mut::<4>().0) {
                let [place, ..] = place;
                *place = first;
            }
            predict::add(rows, &transform::inverse(&quad));
        }
        Light {
            modes: Luma::Whole(whole.mode),
            second: whole.second.levels,
            blocks,
            rows,
            bits: whole.bits,
            score: whole.score,
        }
    }
}
