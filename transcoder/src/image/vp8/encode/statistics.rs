//! How often each branch was zero or one, and which probabilities follow (RFC 6386 §13.4).

use super::super::defaults::DEFAULTS;
use super::super::tokens::{BANDS, Probabilities};
use super::super::updates::UPDATES;
use super::bools::BoolWriter;
use super::costs::Bits;
use super::tokens::{Branches, Place};

/// A probability costs as much to send.
const NUMBER: f32 = 8.0;

/// Zeros and ones of every branch.
type Counts = [[[[[u32; 2]; 11]; 3]; 8]; 4];

/// Counts branches.
pub(super) struct Statistics {
    counts: Counts,
    /// Branches whose probability is always the same, most of them near a half.
    fixed: u32,
}

impl Statistics {
    pub(super) fn new() -> Self {
        Self {
            counts: [[[[[0; 2]; 11]; 3]; 8]; 4],
            fixed: 0,
        }
    }

    /// The probabilities that cost least with what it costs to send them.
    pub(super) fn probabilities(&self, bits: &Bits) -> Probabilities {
        let mut all = DEFAULTS;
        let places = all.as_flattened_mut().as_flattened_mut().as_flattened_mut();
        let updates = UPDATES.as_flattened().as_flattened().as_flattened();
        let counts = self.counts.as_flattened().as_flattened().as_flattened();
        for ((place, update), counts) in places.iter_mut().zip(updates).zip(counts) {
            let best = best(*counts);
            let kept = cost(*counts, *place, bits) + bits.of(*update, 0);
            let sent = cost(*counts, best, bits) + bits.of(*update, 1) + NUMBER;
            if sent < kept {
                *place = best;
            }
        }
        all
    }

    /// How many bits all that was counted takes, by the probabilities that suit it best.
    pub(super) fn bits(&self, bits: &Bits) -> f32 {
        let counts = self.counts.as_flattened().as_flattened().as_flattened();
        let costs = counts
            .iter()
            .map(|counts| cost(*counts, best(*counts), bits));
        costs.sum::<f32>() + count(self.fixed)
    }
}

impl Branches for Statistics {
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "a place's parts are as many as there are, and a tree has eleven nodes"
    )]
    fn branch(&mut self, place: Place, node: usize, bit: u32) {
        let counts = &mut self.counts[place.kind][BANDS[place.at]][place.before][node];
        let [zeros, ones] = counts;
        *zeros = zeros.wrapping_add(1 ^ bit); // there are not so many coefficients
        *ones = ones.wrapping_add(bit);
    }

    #[inline]
    fn fixed(&mut self, _probability: u8, _bit: u32) {
        self.fixed = self.fixed.wrapping_add(1);
    }
}

/// The probability that suits these counts best.
fn best([zeros, ones]: [u32; 2]) -> u8 {
    share(zeros, zeros.saturating_add(ones))
}

/// `part` of `all` as a probability; never zero.
pub(super) fn share(part: u32, all: u32) -> u8 {
    let scaled = u64::from(part)
        .saturating_mul(256)
        .saturating_add(u64::from(all / 2));
    let share = scaled.checked_div(all.into()).unwrap_or(128);
    u8::try_from(share.clamp(1, 255)).unwrap_or(u8::MAX)
}

fn cost([zeros, ones]: [u32; 2], probability: u8, bits: &Bits) -> f32 {
    count(zeros) * bits.of(probability, 0) + count(ones) * bits.of(probability, 1)
}

#[expect(clippy::as_conversions, reason = "the only way; the nearest will do")]
fn count(count: u32) -> f32 {
    count as f32
}

/// RFC 6386 §13.4: writes which probabilities are not the ones that a key frame begins with.
pub(super) fn write(probabilities: &Probabilities, to: &mut BoolWriter) {
    let all = probabilities.as_flattened().as_flattened().as_flattened();
    let defaults = DEFAULTS.as_flattened().as_flattened().as_flattened();
    let updates = UPDATES.as_flattened().as_flattened().as_flattened();
    for ((probability, default), update) in all.iter().zip(defaults).zip(updates) {
        if probability == default {
            to.write(*update, 0);
        } else {
            to.write(*update, 1);
            to.number(8, (*probability).into());
        }
    }
}
