//! What things cost in bits, before they are written.

use super::super::tokens::{LONG, Positions, Probabilities, positions};
use super::quantise::Quantised;

/// Levels that cost the same but for bits of fixed probability: 0 to 4, 5 and 6, 7 to 10, and RFC 6386 §13.2's long ones.
const CLASSES: usize = 11;

/// The first level of the last class.
const LONGEST: usize = 67;

/// The cost of a branch that is zero, by its probability: −log₂(probability / 256).
pub(super) struct Bits([f32; 257]);

impl Bits {
    pub(super) fn new() -> Self {
        let mut bits = [0.0; 257];
        for (probability, cost) in (0_u16..).zip(&mut bits) {
            *cost = bits_of(probability.max(1));
        }
        Self(bits)
    }

    /// The cost of `bit` where zero has `probability`.
    #[inline]
    pub(super) fn of(&self, probability: u8, bit: u32) -> f32 {
        let place = match bit {
            0 => usize::from(probability),
            _one => 256_usize.wrapping_sub(probability.into()),
        };
        self.0.get(place).copied().unwrap_or(0.0)
    }
}

/// By squaring, which is the same on every machine.
fn bits_of(probability: u16) -> f32 {
    let mut share = f32::from(probability) / 256.0;
    let (mut bits, mut bit) = (0.0, 1.0);
    while share <= 0.5 {
        share *= 2.0;
        bits += 1.0;
    }
    for _ in 0..12 {
        share *= share;
        bit *= 0.5;
        if share <= 0.5 {
            share *= 2.0;
            bits += bit;
        }
    }
    bits
}

/// What levels cost at one position after one kind of level.
#[derive(Clone, Copy)]
struct Entry {
    end: f32,
    more: f32,
    classes: [f32; CLASSES],
}

impl Entry {
    fn new(known: &[u8; 11], bits: &Bits) -> Self {
        let cost = |node: usize, bit| bits.of(known.get(node).copied().unwrap_or(128), bit);
        let path = |path: &[(usize, u32)]| {
            path.iter()
                .map(|(node, bit)| cost(*node, *bit))
                .sum::<f32>()
        };
        let large = cost(1, 1) + cost(2, 1);
        let more = large + cost(3, 1);
        let long = more + cost(6, 1);
        Self {
            end: cost(0, 0),
            more: cost(0, 1),
            classes: [
                cost(1, 0),
                path(&[(1, 1), (2, 0)]),
                large + path(&[(3, 0), (4, 0)]),
                large + path(&[(3, 0), (4, 1), (5, 0)]),
                large + path(&[(3, 0), (4, 1), (5, 1)]),
                more + path(&[(6, 0), (7, 0)]),
                more + path(&[(6, 0), (7, 1)]),
                long + path(&[(8, 0), (9, 0)]),
                long + path(&[(8, 0), (9, 1)]),
                long + path(&[(8, 1), (10, 0)]),
                long + path(&[(8, 1), (10, 1)]),
            ],
        }
    }
}

/// A level's class, and what its fixed bits cost.
#[derive(Clone, Copy, Default)]
struct Level {
    class: usize,
    fixed: f32,
}

/// What blocks cost with the probabilities of a frame.
pub(super) struct Costs {
    /// By kind, position, and what came before.
    entries: [[[Entry; 3]; 17]; 4],
    levels: [Level; LONGEST + 1],
}

impl Costs {
    pub(super) fn new(probabilities: &Probabilities, bits: &Bits) -> Self {
        let kinds: [Positions; 4] = probabilities.each_ref().map(positions);
        Self {
            entries: kinds.map(|kind| kind.map(|at| at.map(|known| Entry::new(&known, bits)))),
            levels: levels(bits),
        }
    }

    /// What `block` costs as `kind`, where `beside` of the blocks above and at the left have levels.
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "positions are below 16, there are four kinds, levels are cut to those there are"
    )]
    pub(super) fn block(&self, block: &Quantised, kind: usize, first: usize, beside: usize) -> f32 {
        let entries = &self.entries[kind & 3];
        let mut entry = &entries[first][beside.min(2)];
        if block.end <= first {
            return entry.end;
        }
        let mut cost = entry.more;
        let end = block.end.min(16);
        for at in first..end {
            let value = usize::from(block.levels[at].unsigned_abs());
            let level = self.levels[value.min(LONGEST)];
            cost += entry.classes[level.class] + level.fixed;
            entry = &entries[at.wrapping_add(1)][value.min(2)];
            if value > 0 && at.wrapping_add(1) < end {
                cost += entry.more;
            }
        }
        if end < 16 {
            cost += entry.end;
        }
        cost
    }
}

fn levels(bits: &Bits) -> [Level; LONGEST + 1] {
    let mut levels = [Level::default(); LONGEST + 1];
    for (value, level) in levels.iter_mut().enumerate().skip(1) {
        let (class, fixed) = match value {
            0..=4 => (value, 0.0),
            5..=6 => (5, bits.of(159, u32::from(value > 5))),
            7..=10 => {
                let high = bits.of(165, u32::from(value > 8));
                (6, high + bits.of(145, u32::from(value % 2 == 0)))
            }
            11..=18 => (7, long(bits, 0)),
            19..=34 => (8, long(bits, 1)),
            35..=66 => (9, long(bits, 2)),
            67.. => (10, long(bits, 3)),
        };
        *level = Level {
            class,
            fixed: fixed + 1.0,
        };
    }
    levels
}

/// Long values have nearly as many bits as they cost.
fn long(bits: &Bits, kind: usize) -> f32 {
    let all = LONG.get(kind).copied().unwrap_or_default();
    all.iter().map(|probability| bits.of(*probability, 0)).sum()
}
