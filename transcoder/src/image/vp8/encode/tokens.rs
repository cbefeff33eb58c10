//! Levels as tokens (RFC 6386 §13): each a walk down a tree, of which somebody is shown the branches.

use super::super::tokens::{LONG, LONG_FROM};
use super::quantise::Levels;

/// Where the probability of a branch stands: by position in the block, and by what came before.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// RFC 6386 §13.3: 0 to 3.
    pub(super) kind: usize,
    /// 0 to 15.
    pub(super) at: usize,
    /// 0 to 2.
    pub(super) before: usize,
}

/// Somebody who is shown branches.
pub(super) trait Branches {
    /// The branch at `node` of the tree, whose probability the frame knows.
    fn branch(&mut self, place: Place, node: usize, bit: u32);

    /// A branch whose probability is always the same.
    fn fixed(&mut self, probability: u8, bit: u32);
}

/// Shows one block's. `beside` of the blocks above and at the left have levels, and this one has, if the answer is one.
#[inline]
pub(super) fn show(
    levels: &Levels,
    kind: usize,
    first: usize,
    beside: usize,
    to: &mut impl Branches,
) -> u8 {
    let end = levels.iter().rposition(|level| *level != 0);
    let end = end.map_or(0, |last| last.wrapping_add(1));
    let mut place = Place {
        kind,
        at: first,
        before: beside.min(2),
    };
    let mut after_zero = false;
    for level in levels.get(first..end).unwrap_or_default() {
        if !after_zero {
            to.branch(place, 0, 1);
        }
        let before = one_level(*level, place, to);
        after_zero = before == 0;
        place = Place {
            at: place.at.wrapping_add(1),
            before,
            ..place
        };
    }
    if end < 16 {
        to.branch(place, 0, 0);
    }
    u8::from(end > first)
}

/// One level; answers what the next one takes it for.
#[inline]
fn one_level(level: i16, place: Place, to: &mut impl Branches) -> usize {
    let value = level.unsigned_abs();
    let mut branch = |node, bit: bool| to.branch(place, node, bit.into());
    branch(1, value > 0);
    if value == 0 {
        return 0;
    }
    branch(2, value > 1);
    if value > 1 {
        large(value, place, to);
    }
    to.fixed(128, u32::from(level < 0));
    if value > 1 { 2 } else { 1 }
}

/// Two and more.
fn large(value: u16, place: Place, to: &mut impl Branches) {
    let mut branch = |node, bit: bool| to.branch(place, node, bit.into());
    branch(3, value > 4);
    if value <= 4 {
        branch(4, value > 2);
        if value > 2 {
            branch(5, value > 3);
        }
        return;
    }
    branch(6, value > 10);
    if value <= 6 {
        branch(7, false);
        return to.fixed(159, u32::from(value > 5));
    }
    if value <= 10 {
        branch(7, true);
        let rest = u32::from(value.wrapping_sub(7));
        to.fixed(165, rest >> 1 & 1);
        return to.fixed(145, rest & 1);
    }
    let kind = match value {
        ..19 => 0,
        19..35 => 1,
        35..67 => 2,
        67.. => 3,
    };
    branch(8, kind > 1);
    branch(if kind > 1 { 10 } else { 9 }, kind % 2 == 1);
    long(value, kind, to);
}

/// The bits of a value of eleven and more.
fn long(value: u16, kind: usize, to: &mut impl Branches) {
    let bits = LONG.get(kind).copied().unwrap_or_default();
    let from = LONG_FROM.get(kind).copied().unwrap_or_default();
    let rest = u32::from(value.wrapping_sub(from.unsigned_abs()));
    for (at, probability) in (0..bits.len()).rev().zip(bits) {
        let at = u32::try_from(at).unwrap_or(0);
        to.fixed(*probability, rest.wrapping_shr(at) & 1);
    }
}
