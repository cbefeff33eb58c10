//! The forward cosine transform of a block (T.81 §A.3.3), after Arai, Agui and Nakajima: five multiplications a line, the
//! rest of the scale at the end.

use super::{Block, SIDE};

/// Eight values that the same is done to.
type Line = [f32; SIDE];

/// Coefficients are kept in sixteenths, so that rounding them costs nothing that quantising would not.
pub(super) const UNIT: f32 = 16.0;

/// Where in a block's columns, one after the other, each coefficient of the zigzag order stands (T.81 figure A.6).
const ZIGZAG: [usize; SIDE * SIDE] = [
    0, 8, 1, 2, 9, 16, 24, 17, 10, 3, 4, 11, 18, 25, 32, 40, 33, 26, 19, 12, 5, 6, 13, 20, 27, 34,
    41, 48, 56, 49, 42, 35, 28, 21, 14, 7, 15, 22, 29, 36, 43, 50, 57, 58, 51, 44, 37, 30, 23, 31,
    38, 45, 52, 59, 60, 53, 46, 39, 47, 54, 61, 62, 55, 63,
];

/// What the lines leave to do: 1 / (√8 × cos(kπ/16) × √2), but for the first, where it is 1 / √8.
const SCALES: Line = [
    0.353_553_39,
    0.254_897_8,
    0.270_598_06,
    0.300_672_44,
    0.353_553_39,
    0.449_988_1,
    0.653_281_5,
    1.281_457_7,
];

/// `rows` of samples around zero, transformed.
pub(super) fn forward(rows: &[Line; SIDE]) -> Block {
    let columns = transposed(&lines(rows));
    let mut lanes = lines(&columns);
    for (line, down) in lanes.iter_mut().zip(SCALES) {
        for (value, across) in line.iter_mut().zip(SCALES) {
            *value *= down * across * UNIT;
        }
    }
    let columns = lanes.as_flattened();
    ZIGZAG.map(|at| rounded(columns.get(at).copied().unwrap_or(0.0)))
}

/// One dimension, of eight lines side by side: each output is a sum of whole inputs.
fn lines(from: &[Line; SIDE]) -> [Line; SIDE] {
    let [a, b, c, d, e, f, g, h] = from;
    let (s0, d0) = (sum(a, h), difference(a, h));
    let (s1, d1) = (sum(b, g), difference(b, g));
    let (s2, d2) = (sum(c, f), difference(c, f));
    let (s3, d3) = (sum(d, e), difference(d, e));
    let (even, odd) = (sum(&s0, &s3), difference(&s0, &s3));
    let (middle, inner) = (sum(&s1, &s2), difference(&s1, &s2));
    let turned = times(&sum(&inner, &odd), 0.707_106_77);
    let (t0, t1, t2) = (sum(&d3, &d2), sum(&d2, &d1), sum(&d1, &d0));
    let z5 = times(&difference(&t0, &t2), 0.382_683_43);
    let z2 = sum(&times(&t0, 0.541_196_1), &z5);
    let z4 = sum(&times(&t2, 1.306_563), &z5);
    let z3 = times(&t1, 0.707_106_77);
    let (z11, z13) = (sum(&d0, &z3), difference(&d0, &z3));
    [
        sum(&even, &middle),
        sum(&z11, &z4),
        sum(&odd, &turned),
        difference(&z13, &z2),
        difference(&even, &middle),
        sum(&z13, &z2),
        difference(&odd, &turned),
        difference(&z11, &z4),
    ]
}

#[inline(always)]
fn sum(one: &Line, other: &Line) -> Line {
    std::array::from_fn(|at| one.get(at).unwrap_or(&0.0) + other.get(at).unwrap_or(&0.0))
}

#[inline(always)]
fn difference(one: &Line, other: &Line) -> Line {
    std::array::from_fn(|at| one.get(at).unwrap_or(&0.0) - other.get(at).unwrap_or(&0.0))
}

#[inline(always)]
fn times(line: &Line, factor: f32) -> Line {
    line.map(|value| value * factor)
}

fn transposed(rows: &[Line; SIDE]) -> [Line; SIDE] {
    std::array::from_fn(|column| rows.map(|row| row.get(column).copied().unwrap_or(0.0)))
}

#[expect(
    clippy::as_conversions,
    reason = "the only way from a float; it saturates"
)]
fn rounded(value: f32) -> i16 {
    (value + 0.5_f32.copysign(value)) as i16
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    /// The definition, T.81 §A.3.3.
    fn defined(rows: &[Line; SIDE], across: usize, down: usize) -> f64 {
        let part = |at: usize| if at == 0 { 0.5_f64.sqrt() } else { 1.0 };
        let wave = |at: usize, of: usize| ((2 * at + 1) as f64 * of as f64 * PI / 16.0).cos();
        let mut sum = 0.0;
        for (y, row) in rows.iter().enumerate() {
            for (x, value) in row.iter().enumerate() {
                sum += f64::from(*value) * wave(x, across) * wave(y, down);
            }
        }
        sum * part(across) * part(down) / 4.0
    }

    /// T.81 figure A.6, walked: along the diagonals, to and fro.
    fn walked() -> Vec<(usize, usize)> {
        let mut places: Vec<(usize, usize)> = (0..64).map(|at| (at % 8, at / 8)).collect();
        places.sort_by_key(|(x, y)| (x + y, if (x + y) % 2 == 0 { *x } else { *y }));
        places
    }

    #[test]
    fn the_transform_is_the_one_that_is_defined() {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as f32 - 128.0
        };
        let rows: [Line; SIDE] = std::array::from_fn(|_| std::array::from_fn(|_| next()));
        let block = forward(&rows);
        for (found, (across, down)) in block.iter().zip(walked()) {
            let expected = defined(&rows, across, down) * f64::from(UNIT);
            assert!(
                (f64::from(*found) - expected).abs() < 0.6,
                "{across} {down}"
            );
        }
    }

    #[test]
    fn the_largest_samples_do_not_overflow() {
        for value in [-128.0, 127.0] {
            assert_eq!(forward(&[[value; SIDE]; SIDE])[0], (value * 128.0) as i16);
        }
    }
}
