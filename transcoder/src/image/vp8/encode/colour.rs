//! Both chromas, predicted and coded together.

use super::super::modes::Whole;
use super::super::predict;
use super::super::transform;
use super::quantise::{Levels, Quantised};
use super::transform::forward;
use super::trial::{SQUARES, Trial, block_of, less, quad_of};

/// Both chromas, as they may be coded: four blocks of blue, four of red.
pub(super) struct Colour {
    pub(super) mode: Whole,
    pub(super) blocks: [Levels; 8],
    pub(super) rows: [[u8; 16]; 8],
}

impl Trial<'_> {
    /// The best way to code chroma.
    pub(super) fn colour(&self) -> Colour {
        let mut best = None;
        let mut least = f32::INFINITY;
        for (mode, mode_cost) in self.modes.chroma() {
            let (predicted, blocks, error) = self.chroma(mode);
            let cost = mode_cost + self.chroma_cost(&blocks);
            let score = error / SQUARES + cost * self.scales.worth;
            if score < least {
                least = score;
                best = Some((mode, predicted, blocks));
            }
        }
        let (mode, mut rows, blocks) =
            best.unwrap_or((Whole::Dc, [[0; 16]; 8], [Quantised::EMPTY; 8]));
        let [b0, b1, b2, b3, r0, r1, r2, r3] = blocks.map(|block| block.levels);
        let quads = [[b0, b1, r0, r1], [b2, b3, r2, r3]];
        for (rows, blocks) in rows.as_chunks_mut::<4>().0.iter_mut().zip(quads) {
            let quad = quad_of(&blocks, self.scales.steps.chroma);
            predict::add(rows, &transform::inverse(&quad));
        }
        Colour {
            mode,
            blocks: [b0, b1, b2, b3, r0, r1, r2, r3],
            rows,
        }
    }

    fn chroma(&self, mode: Whole) -> ([[u8; 16]; 8], [Quantised; 8], f32) {
        let beside = &self.beside;
        let predicted = predict::chroma(mode, &beside.above.chroma, beside.left, beside.place);
        let [upper, lower] = [0, 1].map(|half| {
            let part = |rows: &[[u8; 16]; 8]| rows.as_chunks::<4>().0.get(half).copied();
            let part = |rows| part(rows).unwrap_or([[0; 16]; 4]);
            let coefficients = forward(&less(&part(&self.source.chroma), &part(&predicted)));
            [0, 1, 2, 3].map(|at| self.scales.chroma.quantised(&block_of(&coefficients, at)))
        });
        let ([b0, b1, r0, r1], [b2, b3, r2, r3]) = (upper, lower);
        let blocks = [b0, b1, b2, b3, r0, r1, r2, r3];
        let error = blocks.iter().map(|block| block.error).sum();
        (predicted, blocks, error)
    }

    fn chroma_cost(&self, blocks: &[Quantised; 8]) -> f32 {
        let [mut above, mut left] = self.beside.filled;
        let mut cost = 0.0;
        let sides = above.chroma.iter_mut().zip(&mut left.chroma);
        for (blocks, (above, left)) in blocks.as_chunks::<4>().0.iter().zip(sides) {
            for (row, left) in blocks.as_chunks::<2>().0.iter().zip(left) {
                for (block, above) in row.iter().zip(above.iter_mut()) {
                    cost += self
                        .costs
                        .block(block, 2, 0, above.wrapping_add(*left).into());
                    (*above, *left) = (block.filled(0), block.filled(0));
                }
            }
        }
        cost
    }
}
