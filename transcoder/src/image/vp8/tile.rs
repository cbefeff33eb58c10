//! A macroblock's samples.

use zeroize::Zeroize;

/// One macroblock: rows of luma, and rows of eight samples of each chroma, the blue ones first.
#[derive(Clone, Copy, Default, Zeroize)]
pub(super) struct Tile {
    pub(super) luma: [[u8; 16]; 16],
    pub(super) chroma: [[u8; 16]; 8],
}

/// The means, rounded, of squares of `side` × `side` samples in `rows`, which are `side` rows; 16 / `side` of them count.
#[inline(always)]
pub(super) fn means<const SIDE: usize>(rows: &[[u8; 16]]) -> [u8; 16] {
    let mut sums = [0_u16; 16];
    for row in rows {
        for (sum, sample) in sums.iter_mut().zip(row) {
            *sum = sum.wrapping_add((*sample).into()); // eight rows at most
        }
    }
    let mut means = [0; 16];
    let shift = SIDE.trailing_zeros().wrapping_mul(2);
    let half = (1_u16 << shift) >> 1;
    for (mean, sums) in means.iter_mut().zip(sums.as_chunks::<SIDE>().0) {
        let sum = sums.iter().fold(half, |sum, one| sum.wrapping_add(*one));
        [*mean, _] = (sum >> shift).to_le_bytes();
    }
    means
}
