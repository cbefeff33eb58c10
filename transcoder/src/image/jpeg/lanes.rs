//! Transforms side by side: plain loops over arrays of constant length, with nothing in them that depends on what the
//! numbers are, which compilers make vector code of.
#![expect(
    clippy::indexing_slicing,
    reason = "every index counts to the constant length of its array; iterators here are not made vector code of"
)]

use super::coefficients::Block;
use super::idct::{Number, descaled, sample};
use super::tables::Steps;

/// The products of coefficients and their steps.
#[inline(always)]
pub(super) fn dequantised(block: &Block, steps: &Steps) -> [[Number; 8]; 8] {
    let (rows, _none) = block.as_chunks::<8>();
    let (steps, _none) = steps.as_chunks::<8>();
    let mut products = [[Number::default(); 8]; 8];
    for ((products, row), steps) in products.iter_mut().zip(rows).zip(steps) {
        for x in 0..8 {
            products[x].0 = i32::from(row[x]).wrapping_mul(i32::from(steps[x]));
        }
    }
    products
}

/// Transforms every column of `rows` by `one`, and leaves out the lowest `BITS`.
#[inline(always)]
pub(super) fn columns<const ACROSS: usize, const SIDE: usize, const BITS: usize>(
    rows: &[[Number; ACROSS]; 8],
    one: impl Fn([Number; 8]) -> [Number; SIDE],
) -> [[Number; ACROSS]; SIDE] {
    let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
    let mut sums = [[Number::default(); ACROSS]; SIDE];
    for x in 0..ACROSS {
        let column = [r0[x], r1[x], r2[x], r3[x], r4[x], r5[x], r6[x], r7[x]];
        let column = one(column);
        for y in 0..SIDE {
            sums[y][x] = descaled(column[y], BITS);
        }
    }
    sums
}

/// Columns made rows.
#[inline(always)]
pub(super) fn transposed<const ACROSS: usize, const DOWN: usize>(
    rows: &[[Number; ACROSS]; DOWN],
) -> [[Number; DOWN]; ACROSS] {
    let mut columns = [[Number::default(); DOWN]; ACROSS];
    for y in 0..DOWN {
        for x in 0..ACROSS {
            columns[x][y] = rows[y][x];
        }
    }
    columns
}

/// Samples of `columns`, row by row.
#[inline(always)]
pub(super) fn samples<const SIDE: usize>(columns: &[[Number; SIDE]; SIDE]) -> [[u8; SIDE]; SIDE] {
    let mut samples = [[0; SIDE]; SIDE];
    for y in 0..SIDE {
        for x in 0..SIDE {
            samples[y][x] = sample(columns[x][y]);
        }
    }
    samples
}
