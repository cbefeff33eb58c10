//! The prediction of luma by subblocks of four by four (RFC 6386 §12.3). Each needs the ones before it whole.

use super::modes::Subblock;
use super::predict::{Left, level};
use super::transform::Residue;

/// What a subblock is predicted from: the samples at the left from the lowest up, the one at the corner, and eight
/// above, of which the last four stand above the next subblock.
pub(super) type Edge = [u8; 13];

/// Four rows of four samples.
pub(super) type Samples = [[u8; 4]; 4];

/// Sixteen rows of luma, with `residue` for each row of subblocks where there is one. `right` are the samples that stand
/// at the right of those above; all rows of subblocks take them (RFC 6386 §12.3).
pub(super) fn luma(
    modes: &[[Subblock; 4]; 4],
    above: &[u8; 16],
    right: [u8; 4],
    left: &Left,
    residues: &[Option<Residue>; 4],
) -> [[u8; 16]; 16] {
    tile(above, right, left, |row, at, edge| {
        let mode = modes.get(row).and_then(|modes| modes.get(at));
        let mut block = predicted(mode.copied().unwrap_or(Subblock::Dc), edge);
        if let Some(Some(residue)) = residues.get(row) {
            add(&mut block, residue, at);
        }
        block
    })
}

/// Sixteen rows of luma, one subblock after the other, each made by `block` of its row, its column and what lies beside it.
#[inline(always)]
pub(super) fn tile(
    above: &[u8; 16],
    right: [u8; 4],
    left: &Left,
    mut block: impl FnMut(usize, usize, &Edge) -> Samples,
) -> [[u8; 16]; 16] {
    let mut tile = [[0; 16]; 16];
    let mut above = *above;
    let mut corner = left.luma_corner;
    let (quarters, _none) = tile.as_chunks_mut::<4>();
    let (lefts, _none) = left.luma.as_chunks::<4>();
    for (at, (rows, left)) in quarters.iter_mut().zip(lefts).enumerate() {
        let beside = Beside {
            above,
            right,
            corner,
            left: *left,
        };
        *rows = row(beside, |column, edge| block(at, column, edge));
        let [.., last] = *rows;
        above = last;
        let [.., lowest] = *left;
        corner = lowest;
    }
    tile
}

/// What lies beside a row of subblocks.
struct Beside {
    above: [u8; 16],
    right: [u8; 4],
    corner: u8,
    left: [u8; 4],
}

#[inline(always)]
fn row(beside: Beside, mut block: impl FnMut(usize, &Edge) -> Samples) -> [[u8; 16]; 4] {
    let (words, _none) = beside.above.as_chunks::<4>();
    let [a0, a1, a2, a3] = [0, 1, 2, 3].map(|at| words.get(at).copied().unwrap_or_default());
    let aboves = [[a0, a1], [a1, a2], [a2, a3], [a3, beside.right]];
    let mut rows = [[0; 16]; 4];
    let (mut corner, mut left) = (beside.corner, beside.left);
    for (at, above) in aboves.into_iter().enumerate() {
        let [[a, b, c, d], [e, f, g, h]] = above;
        let [i, j, k, l] = left;
        let block = block(at, &[l, k, j, i, corner, a, b, c, d, e, f, g, h]);
        let [[.., i], [.., j], [.., k], [.., l]] = block;
        (corner, left) = (d, [i, j, k, l]);
        for (row, samples) in rows.iter_mut().zip(block) {
            if let Some(place) = row.as_chunks_mut::<4>().0.get_mut(at) {
                *place = samples;
            }
        }
    }
    rows
}

/// Adds one of four blocks of `residue`.
#[inline(always)]
pub(super) fn add(block: &mut Samples, residue: &Residue, at: usize) {
    for (row, residue) in block.iter_mut().zip(residue) {
        let residue = residue.as_chunks::<4>().0.get(at).copied();
        for (sample, residue) in row.iter_mut().zip(residue.unwrap_or_default()) {
            *sample = level(residue.saturating_add((*sample).into()));
        }
    }
}

/// What a subblock is taken for.
pub(super) fn predicted(mode: Subblock, edge: &Edge) -> Samples {
    let [l, k, j, i, x, a, b, c, d, e, f, g, h] = *edge;
    match mode {
        Subblock::Dc => {
            let samples = [a, b, c, d, i, j, k, l].map(u16::from);
            let sum = samples
                .iter()
                .fold(4, |sum: u16, sample| sum.wrapping_add(*sample));
            let [mean, _] = (sum >> 3).to_le_bytes();
            [[mean; 4]; 4]
        }
        Subblock::TrueMotion => [i, j, k, l].map(|left| {
            let slope = i16::from(left).wrapping_sub(x.into());
            [a, b, c, d].map(|above| level(slope.wrapping_add(above.into())))
        }),
        Subblock::Vertical => [four([x, a, b, c, d, e]); 4],
        Subblock::Horizontal => four([x, i, j, k, l, l]).map(|row| [row; 4]),
        Subblock::LeftDown => {
            let [s0, s1, s2, s3, s4, s5, s6] = seven([a, b, c, d, e, f, g, h, h]);
            [
                [s0, s1, s2, s3],
                [s1, s2, s3, s4],
                [s2, s3, s4, s5],
                [s3, s4, s5, s6],
            ]
        }
        Subblock::RightDown => {
            let [s0, s1, s2, s3, s4, s5, s6] = seven([l, k, j, i, x, a, b, c, d]);
            [
                [s3, s4, s5, s6],
                [s2, s3, s4, s5],
                [s1, s2, s3, s4],
                [s0, s1, s2, s3],
            ]
        }
        Subblock::VerticalRight => {
            let upper = [two(x, a), two(a, b), two(b, c), two(c, d)];
            let lower = four([i, x, a, b, c, d]);
            let ([u0, u1, u2, _], [l0, l1, l2, _]) = (upper, lower);
            [
                upper,
                lower,
                [three(j, i, x), u0, u1, u2],
                [three(k, j, i), l0, l1, l2],
            ]
        }
        Subblock::VerticalLeft => {
            let upper = [two(a, b), two(b, c), two(c, d), two(d, e)];
            let lower = four([a, b, c, d, e, f]);
            let ([_, u1, u2, u3], [_, l1, l2, l3]) = (upper, lower);
            [
                upper,
                lower,
                [u1, u2, u3, three(e, f, g)],
                [l1, l2, l3, three(f, g, h)],
            ]
        }
        Subblock::HorizontalDown => {
            let pairs = [
                [two(l, k), three(l, k, j)],
                [two(k, j), three(k, j, i)],
                [two(j, i), three(j, i, x)],
                [two(i, x), three(i, x, a)],
            ];
            let [[p0, q0], [p1, q1], [p2, q2], [p3, q3]] = pairs;
            [
                [p3, q3, three(x, a, b), three(a, b, c)],
                [p2, q2, p3, q3],
                [p1, q1, p2, q2],
                [p0, q0, p1, q1],
            ]
        }
        Subblock::HorizontalUp => {
            let (p0, q0) = (two(i, j), three(i, j, k));
            let (p1, q1) = (two(j, k), three(j, k, l));
            let (p2, q2) = (two(k, l), three(k, l, l));
            [[p0, q0, p1, q1], [p1, q1, p2, q2], [p2, q2, l, l], [l; 4]]
        }
    }
}

/// The mean of two samples, rounded.
#[inline(always)]
fn two(first: u8, second: u8) -> u8 {
    let sum = u16::from(first).wrapping_add(second.into()).wrapping_add(1);
    let [mean, _] = (sum >> 1).to_le_bytes();
    mean
}

/// The mean of each sample of the four in the middle and its neighbours.
#[inline(always)]
fn four([p, q, r, s, t, u]: [u8; 6]) -> [u8; 4] {
    [
        three(p, q, r),
        three(q, r, s),
        three(r, s, t),
        three(s, t, u),
    ]
}

/// The same of seven.
#[inline(always)]
fn seven([p, q, r, s, t, u, v, w, x]: [u8; 9]) -> [u8; 7] {
    let [a, b, c, d] = four([p, q, r, s, t, u]);
    [a, b, c, d, three(t, u, v), three(u, v, w), three(v, w, x)]
}

/// The mean of three samples of which the one in the middle counts twice, rounded.
#[inline(always)]
fn three(before: u8, here: u8, after: u8) -> u8 {
    let outer = u16::from(before).wrapping_add(after.into());
    let sum = u16::from(here).wrapping_mul(2).wrapping_add(outer);
    let [mean, _] = (sum.wrapping_add(2) >> 2).to_le_bytes();
    mean
}
