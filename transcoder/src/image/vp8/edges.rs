//! One edge, sixteen samples long (RFC 6386 §15.2 and §15.3).

use super::predict::level;

/// Four rows of samples at one side of an edge, from above.
type Side = [[u8; 16]; 4];

/// How far samples may be apart for an edge to be filtered.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// At the edge itself: four times the nearest two, and the next two.
    pub(super) edge: i16,
    /// Each from the next.
    pub(super) interior: i16,
    /// More than this, and an edge is taken for the picture's own.
    pub(super) high: i16,
}

/// RFC 6386 §15.2: the simple filter.
#[expect(clippy::indexing_slicing, reason = "all arrays have sixteen lanes")]
pub(super) fn simple(before: &mut Side, after: &mut Side, limits: Limits) {
    let ([_, _, p1s, p0s], [q0s, q1s, _, _]) = (before, after);
    for lane in 0..16 {
        let [p1, p0] = [p1s[lane], p0s[lane]].map(i16::from);
        let [q0, q1] = [q0s[lane], q1s[lane]].map(i16::from);
        let here = no_more(across([p1, p0, q0, q1]), limits.edge);
        let change = common(p1.wrapping_sub(q1), [p0, q0]);
        p0s[lane] = level(p0.wrapping_add(half_down(change) & here));
        q0s[lane] = level(q0.wrapping_sub(half_up(change) & here));
    }
}

/// RFC 6386 §15.3: the normal filter between macroblocks.
#[expect(clippy::indexing_slicing, reason = "all arrays have sixteen lanes")]
pub(super) fn macroblock(before: &mut Side, after: &mut Side, limits: Limits) {
    let ([p3s, p2s, p1s, p0s], [q0s, q1s, q2s, q3s]) = (before, after);
    for lane in 0..16 {
        let [p3, p2, p1, p0] = [p3s[lane], p2s[lane], p1s[lane], p0s[lane]].map(i16::from);
        let [q0, q1, q2, q3] = [q0s[lane], q1s[lane], q2s[lane], q3s[lane]].map(i16::from);
        let here = within([p3, p2, p1, p0], [q0, q1, q2, q3], limits);
        let high = steep([p1, p0], [q0, q1], limits);
        let sharp = common(p1.wrapping_sub(q1), [p0, q0]);
        let near = sharp.clamp(-128, 127);
        let (sharp_up, sharp_down) = (half_up(sharp) & high & here, half_down(sharp) & high & here);
        let part = |share: i16| near.wrapping_mul(share).wrapping_add(63) >> 7 & !high & here;
        let (most, more, some) = (part(27), part(18), part(9));
        p2s[lane] = level(p2.wrapping_add(some));
        p1s[lane] = level(p1.wrapping_add(more));
        p0s[lane] = level(p0.wrapping_add(most | sharp_down));
        q0s[lane] = level(q0.wrapping_sub(most | sharp_up));
        q1s[lane] = level(q1.wrapping_sub(more));
        q2s[lane] = level(q2.wrapping_sub(some));
    }
}

/// RFC 6386 §15.3: the normal filter between subblocks.
#[expect(clippy::indexing_slicing, reason = "all arrays have sixteen lanes")]
pub(super) fn subblock(before: &mut Side, after: &mut Side, limits: Limits) {
    let ([p3s, p2s, p1s, p0s], [q0s, q1s, q2s, q3s]) = (before, after);
    for lane in 0..16 {
        let [p3, p2, p1, p0] = [p3s[lane], p2s[lane], p1s[lane], p0s[lane]].map(i16::from);
        let [q0, q1, q2, q3] = [q0s[lane], q1s[lane], q2s[lane], q3s[lane]].map(i16::from);
        let here = within([p3, p2, p1, p0], [q0, q1, q2, q3], limits);
        let high = steep([p1, p0], [q0, q1], limits);
        let change = common(p1.wrapping_sub(q1) & high, [p0, q0]);
        let (up, down) = (half_up(change) & here, half_down(change) & here);
        let outer = (up.wrapping_add(1) >> 1) & !high & here;
        p1s[lane] = level(p1.wrapping_add(outer));
        p0s[lane] = level(p0.wrapping_add(down));
        q0s[lane] = level(q0.wrapping_sub(up));
        q1s[lane] = level(q1.wrapping_sub(outer));
    }
}

/// How far the samples at an edge are apart.
#[inline(always)]
fn across([p1, p0, q0, q1]: [i16; 4]) -> i16 {
    let nearest = p0.wrapping_sub(q0).wrapping_abs();
    let next = p1.wrapping_sub(q1).wrapping_abs();
    nearest.wrapping_mul(4).wrapping_add(next)
}

/// All bits where the edge is to be filtered.
#[inline(always)]
fn within([p3, p2, p1, p0]: [i16; 4], [q0, q1, q2, q3]: [i16; 4], limits: Limits) -> i16 {
    let steps = [(p3, p2), (p2, p1), (p1, p0), (q1, q0), (q2, q1), (q3, q2)];
    let apart = steps.map(|(one, other)| one.wrapping_sub(other).wrapping_abs());
    let most = apart.into_iter().fold(0, i16::max);
    no_more(across([p1, p0, q0, q1]), limits.edge) & no_more(most, limits.interior)
}

/// All bits where the samples beside the edge differ much.
#[inline(always)]
fn steep([p1, p0]: [i16; 2], [q0, q1]: [i16; 2], limits: Limits) -> i16 {
    let before = p1.wrapping_sub(p0).wrapping_abs();
    let after = q1.wrapping_sub(q0).wrapping_abs();
    !no_more(before.max(after), limits.high)
}

/// By how much the two sides are to come together, eight times.
#[inline(always)]
fn common(outer: i16, [p0, q0]: [i16; 2]) -> i16 {
    let inner = q0.wrapping_sub(p0).wrapping_mul(3);
    inner.wrapping_add(outer.clamp(-128, 127))
}

#[inline(always)]
fn half_up(change: i16) -> i16 {
    (change.wrapping_add(4) >> 3).clamp(-16, 15)
}

#[inline(always)]
fn half_down(change: i16) -> i16 {
    (change.wrapping_add(3) >> 3).clamp(-16, 15)
}

/// All bits where `value` is no more than `limit`.
#[inline(always)]
fn no_more(value: i16, limit: i16) -> i16 {
    i16::from(value <= limit).wrapping_neg()
}
