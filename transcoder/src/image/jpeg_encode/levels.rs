//! A block's quantised coefficients, and which of them are not zero: most are, and coding passes over them.

use super::SIDE;

/// Quantised coefficients in zigzag order.
pub(super) struct Levels(pub(super) [i32; SIDE * SIDE]);

impl Levels {
    /// The one at this place; zero beyond the last.
    #[inline(always)]
    pub(super) fn at(&self, at: usize) -> i32 {
        self.0.get(at).copied().unwrap_or(0)
    }

    /// A bit for each whose magnitude, without so many of its lowest bits, is not zero: the first one's is the lowest.
    #[inline]
    pub(super) fn significant(&self, low: u8) -> u64 {
        let least = 1_u32.wrapping_shl(low.into());
        let flags = self.0.map(|level| u8::from(level.unsigned_abs() >= least));
        let (octets, _) = flags.as_chunks::<8>();
        let octets = octets.iter().zip(0_u32..);
        octets.fold(0, |mask, (octet, at)| {
            mask | gathered(*octet).wrapping_shl(at.wrapping_mul(8))
        })
    }
}

/// The eight lowest bits, one of each octet, the first octet's lowest: the factor moves each to a place of its own in the
/// highest octet.
#[inline(always)]
fn gathered(flags: [u8; 8]) -> u64 {
    u64::from_le_bytes(flags).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The places of the bits that are set, from the lowest.
#[inline(always)]
pub(super) fn places(mut mask: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let at = mask.trailing_zeros();
        mask &= mask.wrapping_sub(1);
        (at < u64::BITS).then_some(at)
    })
}

/// A place as an index.
#[inline(always)]
pub(super) fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bit_is_set_where_something_is_left(levels in any::<[[i8; 8]; 8]>(), low in 0_u8..4) {
            let levels: Vec<i32> = levels.concat().into_iter().map(i32::from).collect();
            let expected: Vec<u32> = (0..64).filter(|at| levels[*at as usize].abs() >> low != 0).collect();
            let levels = Levels(levels.try_into().unwrap());
            prop_assert_eq!(places(levels.significant(low)).collect::<Vec<_>>(), expected);
        }
    }
}
