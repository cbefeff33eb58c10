//! Coefficients read as tokens (RFC 6386 §13).

use super::super::tokens::{LONG, LONG_FROM, PLACES, Positions, Quad};
use super::bools::Bools;

/// What is read of one block.
pub(super) struct Block<'a> {
    pub(super) positions: &'a Positions,
    /// How many of the blocks above and at the left have coefficients.
    pub(super) beside: usize,
    /// The first position that is coded: 1 where the first coefficient comes otherwise.
    pub(super) first: usize,
    /// What the first coefficient is to be multiplied with, and the others.
    pub(super) steps: [i16; 2],
}

impl Block<'_> {
    /// Reads into the block of `quad` that begins at column `column`. Answers the position behind the last that was coded.
    #[inline(always)]
    #[expect(
        clippy::indexing_slicing,
        reason = "`at` is below 16 and there are 17 positions; the place is below 64 by its mask"
    )]
    pub(super) fn read(&self, bools: &mut Bools<'_>, quad: &mut Quad, column: usize) -> usize {
        let mut at = self.first;
        let mut beside = self.beside.min(2);
        while at < 16 {
            let mut known = &self.positions[at][beside];
            bools.need();
            if !bools.read(known[0]) {
                return at;
            }
            while !bools.read(known[1]) {
                at = at.wrapping_add(1);
                if at >= 16 {
                    return 16;
                }
                known = &self.positions[at][0];
                bools.need();
            }
            let value = if bools.read(known[2]) {
                beside = 2;
                large(bools, known)
            } else {
                beside = 1;
                1
            };
            let step = self.steps[usize::from(at > 0)];
            let value = bools.signed(value).wrapping_mul(step);
            quad[PLACES[at].wrapping_add(column) & 63] = value;
            at = at.wrapping_add(1);
        }
        16
    }
}

/// A value of two or more; leaves bits for its sign.
#[inline(always)]
fn large(bools: &mut Bools<'_>, known: &[u8; 11]) -> i16 {
    let [_, _, _, p3, p4, p5, p6, p7, p8, p9, p10] = *known;
    if !bools.read(p3) {
        if !bools.read(p4) {
            return 2;
        }
        return 3_i16.wrapping_add(bools.read(p5).into());
    }
    if !bools.read(p6) {
        if !bools.read(p7) {
            return 5_i16.wrapping_add(bools.read(159).into());
        }
        bools.need();
        let high = i16::from(bools.read(165)) << 1;
        return 7_i16
            .wrapping_add(high)
            .wrapping_add(bools.read(145).into());
    }
    let kind = if bools.read(p8) {
        2_usize.wrapping_add(bools.read(p10).into())
    } else {
        bools.read(p9).into()
    };
    long(bools, kind)
}

fn long(bools: &mut Bools<'_>, kind: usize) -> i16 {
    let bits = LONG.get(kind).copied().unwrap_or_default();
    let from = LONG_FROM.get(kind).copied().unwrap_or_default();
    let more = bits.iter().fold(0_i16, |value, probability| {
        bools.need();
        (value << 1) | i16::from(bools.read(*probability))
    });
    bools.need();
    from.wrapping_add(more)
}
