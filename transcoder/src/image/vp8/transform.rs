//! The inverse transforms, exact as RFC 6386 §14.3 and §14.4 have them.
//!
//! Four blocks are done side by side, sixteen numbers of sixteen bits at once, in loops that compilers make vector code
//! of. Sums that only a hostile file makes too long wrap: what comes of them does not matter.

use super::tokens::Quad;

/// What is added to the prediction: four rows of four blocks.
pub(super) type Residue = [[i16; 16]; 4];

/// RFC 6386 §14.3: the first coefficients of sixteen blocks, in rows of four.
pub(super) fn hadamard(block: &[i16; 16]) -> [[i16; 4]; 4] {
    let block = block.map(i32::from);
    let (rows, _none) = block.as_chunks::<4>();
    let [r0, r1, r2, r3] = [0, 1, 2, 3].map(|at| rows.get(at).copied().unwrap_or_default());
    let mut columns = [[0; 4]; 4];
    let four = r0.iter().zip(r1).zip(r2).zip(r3);
    for (place, (((c0, c1), c2), c3)) in columns.iter_mut().zip(four) {
        *place = butterfly([*c0, c1, c2, c3]);
    }
    let [c0, c1, c2, c3] = columns;
    let row = |at: usize| {
        let [a, b, c, d] = [c0, c1, c2, c3].map(|column| column.get(at).copied().unwrap_or(0));
        butterfly([a.wrapping_add(3), b, c, d]).map(|sum| low(sum >> 3))
    };
    [0, 1, 2, 3].map(row)
}

#[inline(always)]
fn butterfly([c0, c1, c2, c3]: [i32; 4]) -> [i32; 4] {
    let (outer, inner) = (c0.wrapping_add(c3), c1.wrapping_add(c2));
    let (inner_less, outer_less) = (c1.wrapping_sub(c2), c0.wrapping_sub(c3));
    [
        outer.wrapping_add(inner),
        outer_less.wrapping_add(inner_less),
        outer.wrapping_sub(inner),
        outer_less.wrapping_sub(inner_less),
    ]
}

/// RFC 6386 §14.4 for four blocks.
pub(super) fn inverse(quad: &Quad) -> Residue {
    let (rows, _none) = quad.as_chunks::<16>();
    let [r0, r1, r2, r3] = [0, 1, 2, 3].map(|at| rows.get(at).copied().unwrap_or_default());
    let columns = pass(&[r0, r1, r2, r3], 0);
    let turned = transposed(&columns);
    let rows = pass(&turned, 4);
    transposed(&rows).map(|row| row.map(|sum| sum >> 3))
}

/// The same where no block has more than its first coefficient.
pub(super) fn flat(quad: &Quad) -> Residue {
    let [d0, .., _] = quad;
    let at = |at: usize| quad.get(at).copied().unwrap_or(0);
    let blocks = [*d0, at(4), at(8), at(12)].map(|first| first.wrapping_add(4) >> 3);
    let [b0, b1, b2, b3] = blocks;
    let row = [
        b0, b0, b0, b0, b1, b1, b1, b1, b2, b2, b2, b2, b3, b3, b3, b3,
    ];
    [row; 4]
}

/// One pass down all columns, `bias` being added to the first row.
#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "all arrays have sixteen lanes")]
fn pass([r0, r1, r2, r3]: &Residue, bias: i16) -> Residue {
    let mut sums = [[0; 16]; 4];
    let [s0, s1, s2, s3] = &mut sums;
    for lane in 0..16 {
        let first = r0[lane].wrapping_add(bias);
        let (a, b) = (first.wrapping_add(r2[lane]), first.wrapping_sub(r2[lane]));
        let c = sine(r1[lane]).wrapping_sub(cosine(r3[lane]));
        let d = cosine(r1[lane]).wrapping_add(sine(r3[lane]));
        s0[lane] = a.wrapping_add(d);
        s1[lane] = b.wrapping_add(c);
        s2[lane] = b.wrapping_sub(c);
        s3[lane] = a.wrapping_sub(d);
    }
    sums
}

/// √2 · cos(π/8) as RFC 6386 §14.4 has it: 1 + 20091 / 65536.
#[inline(always)]
fn cosine(value: i16) -> i16 {
    value.wrapping_add(high(i32::from(value).wrapping_mul(20_091)))
}

/// √2 · sin(π/8): 35468 / 65536, which is 1 less 30068 / 65536.
#[inline(always)]
fn sine(value: i16) -> i16 {
    value.wrapping_add(high(i32::from(value).wrapping_mul(-30_068)))
}

/// Each block's rows made its columns.
#[inline(always)]
#[expect(
    clippy::indexing_slicing,
    reason = "four blocks of four lanes are sixteen"
)]
fn transposed(rows: &Residue) -> Residue {
    let mut turned = [[0; 16]; 4];
    for (at, row) in turned.iter_mut().enumerate() {
        for lane in 0..16_usize {
            row[lane] = rows[lane & 3][(lane & 12) | at];
        }
    }
    turned
}

#[inline(always)]
#[expect(
    clippy::as_conversions,
    reason = "the upper half of 32 bits has sixteen"
)]
fn high(product: i32) -> i16 {
    (product >> 16) as i16
}

#[inline(always)]
fn low(sum: i32) -> i16 {
    let [a, b, ..] = sum.to_le_bytes();
    i16::from_le_bytes([a, b])
}
