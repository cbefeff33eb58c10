//! The inverse transform (T.81 §A.3.3), whole and reduced.
//!
//! A reduced block is what the whole one gives when its samples are averaged two by two, four by four or all together.
//! As the transform is linear, the average can be taken beforehand, of its cosines: with θ = π/16,
//! the mean of cos((4j+1)kθ) and cos((4j+3)kθ) is cos(kθ) · cos((2j+1)kπ/8), which is zero for k = 4; of the four at the
//! next step, all even k but zero are zero; of all eight, nothing but the first coefficient is left. So four samples take
//! seven coefficients a side, two take five, one takes one, and all are exact averages. (Leaving the high ones out
//! instead, as if the picture were band-limited, is cheaper and rings at edges.)
//!
//! All is done in fixed point with 13 fractional bits, columns first, two bits more being kept between the passes: the
//! widths that libjpeg chose in 1991, so that results can be compared bit by bit with what everybody else shows.

use std::num::Wrapping;

use super::coefficients::Block;
use super::tables::Steps;

/// Fractional bits of the constants.
const FRACTION: usize = 13;

/// Fractional bits that are kept from one pass to the next.
const KEPT: usize = 2;

/// A pass makes everything √8 larger: both together eight times.
const LARGER: usize = 3;

/// Products of what strangers say may be too long; then it does not matter what comes of them.
type Number = Wrapping<i32>;

/// A constant in fixed point. All are written with the nine digits in which they are published.
const fn fixed(nanos: i64) -> Number {
    let scaled = nanos.saturating_mul(1 << FRACTION);
    let half = if nanos < 0 { -500_000_000 } else { 500_000_000 };
    let rounded = scaled.saturating_add(half) / 1_000_000_000;
    let [a, b, c, d, ..] = rounded.to_le_bytes();
    Wrapping(i32::from_le_bytes([a, b, c, d]))
}

/// Eight by eight samples: one of the fast algorithms of Loeffler, Ligtenberg and Moschytz (ICASSP 1989), with twelve
/// multiplications a pass.
pub(super) fn whole(block: &Block, steps: &Steps) -> [[u8; 8]; 8] {
    let there = There::of(block);
    let mut columns = [[Wrapping(0); 8]; 8];
    there.each(
        block,
        steps,
        &mut columns,
        [0, 1, 2, 3, 4, 5, 6, 7],
        |column| eight(column).map(|sum| descaled(sum, FRACTION - KEPT)),
    );
    let pass = |row| eight(row).map(|sum| descaled(sum, FRACTION + KEPT + LARGER));
    match there.width {
        Width::One => columns_alone(&columns),
        Width::Low => samples(&columns, |[c0, c1, c2, c3, ..]| {
            pass([c0, c1, c2, c3, NONE, NONE, NONE, NONE])
        }),
        Width::Full => samples(&columns, pass),
    }
}

/// Four by four samples.
pub(super) fn half(block: &Block, steps: &Steps) -> [[u8; 4]; 4] {
    let there = There::of(block);
    let mut columns = [[Wrapping(0); 4]; 8];
    there.each(
        block,
        steps,
        &mut columns,
        [0, 1, 2, 3, 5, 6, 7],
        |column| four(column).map(|sum| descaled(sum, FRACTION + 1 - KEPT)),
    );
    let pass = |row| four(row).map(|sum| descaled(sum, FRACTION + KEPT + LARGER + 1));
    match there.width {
        Width::One => columns_alone(&columns),
        Width::Low => samples(&columns, |[c0, c1, c2, c3, ..]| {
            pass([c0, c1, c2, c3, NONE, NONE, NONE, NONE])
        }),
        Width::Full => samples(&columns, pass),
    }
}

/// Two by two samples.
pub(super) fn quarter(block: &Block, steps: &Steps) -> [[u8; 2]; 2] {
    let there = There::of(block);
    let mut columns = [[Wrapping(0); 2]; 8];
    there.each(block, steps, &mut columns, [0, 1, 3, 5, 7], |column| {
        two(column).map(|sum| descaled(sum, FRACTION + 2 - KEPT))
    });
    let pass = |row| two(row).map(|sum| descaled(sum, FRACTION + KEPT + LARGER + 2));
    match there.width {
        Width::One => columns_alone(&columns),
        Width::Low => samples(&columns, |[c0, c1, c2, c3, ..]| {
            pass([c0, c1, c2, c3, NONE, NONE, NONE, NONE])
        }),
        Width::Full => samples(&columns, pass),
    }
}

/// A coefficient that is not there.
const NONE: Number = Wrapping(0);

/// Which coefficients of a block are there: most are not, and what they would add is left out. Results are the same.
struct There {
    /// For each column, its coefficients but the first, all bits put together.
    below: [i16; 8],
    width: Width,
}

/// How many columns have coefficients.
enum Width {
    /// The first.
    One,
    /// The first four at most.
    Low,
    Full,
}

impl There {
    #[inline(always)]
    fn of(block: &Block) -> Self {
        let (rows, _none) = block.as_chunks::<8>();
        let mut below = [0; 8];
        for row in rows.iter().skip(1) {
            for (all, one) in below.iter_mut().zip(row) {
                *all |= *one;
            }
        }
        let mut all = below;
        for (all, one) in all.iter_mut().zip(rows.iter().flatten()) {
            *all |= *one;
        }
        let [_, a, b, c, d, e, f, g] = all;
        let width = match (a | b | c, d | e | f | g) {
            (0, 0) => Width::One,
            (_, 0) => Width::Low,
            (_, _) => Width::Full,
        };
        Self { below, width }
    }

    /// The first pass, over the columns `at`. A column of a first coefficient alone is that coefficient everywhere.
    #[inline(always)]
    fn each<const SIDE: usize, const COLUMNS: usize>(
        &self,
        block: &Block,
        steps: &Steps,
        columns: &mut [[Number; SIDE]; 8],
        at: [usize; COLUMNS],
        pass: impl Fn([Number; 8]) -> [Number; SIDE],
    ) {
        let at = match self.width {
            Width::One => at.get(..1),
            Width::Low => at.get(..COLUMNS.min(4)),
            Width::Full => Some(at.as_slice()),
        };
        for at in at.unwrap_or_default() {
            let Some(column) = columns.get_mut(*at) else {
                continue;
            };
            *column = if self.below.get(*at) == Some(&0) {
                let first = block.get(*at).copied().unwrap_or(0);
                let step = steps.get(*at).copied().unwrap_or(0);
                [(Wrapping(i32::from(first)) * Wrapping(i32::from(step))) << KEPT; SIDE]
            } else {
                pass(dequantised(block, steps, *at))
            };
        }
    }
}

/// The second pass where only the first column is there: rows are as long as they are flat.
#[inline(always)]
fn columns_alone<const SIDE: usize>(columns: &[[Number; SIDE]; 8]) -> [[u8; SIDE]; SIDE] {
    let [first, ..] = columns;
    first.map(|level| [sample(descaled(level, KEPT + LARGER)); SIDE])
}

/// One sample: the average of the block.
#[inline(always)]
pub(super) fn eighth(first: i16, step: u16) -> u8 {
    let product = Wrapping(i32::from(first)) * Wrapping(i32::from(step));
    sample(descaled(product, LARGER))
}

/// A column's coefficients.
#[inline(always)]
fn dequantised(block: &Block, steps: &Steps, column: usize) -> [Number; 8] {
    let (rows, _none) = block.as_chunks::<8>();
    let (steps, _none) = steps.as_chunks::<8>();
    let mut numbers = [Wrapping(0); 8];
    for ((number, row), steps) in numbers.iter_mut().zip(rows).zip(steps) {
        let value = row.get(column).copied().unwrap_or(0);
        let step = steps.get(column).copied().unwrap_or(0);
        *number = Wrapping(i32::from(value)) * Wrapping(i32::from(step));
    }
    numbers
}

/// The second pass: each row of what the first one left, transformed by `pass`.
#[inline(always)]
fn samples<const SIDE: usize>(
    columns: &[[Number; SIDE]; 8],
    pass: impl Fn([Number; 8]) -> [Number; SIDE],
) -> [[u8; SIDE]; SIDE] {
    let mut rows = [[0; SIDE]; SIDE];
    for (at, row) in rows.iter_mut().enumerate() {
        let across = columns.map(|column| column.get(at).copied().unwrap_or_default());
        *row = pass(across).map(sample);
    }
    rows
}

/// `sum` without its lowest `bits`, rounded to the nearest.
#[inline(always)]
fn descaled(sum: Number, bits: usize) -> Number {
    (sum + (Wrapping(1) << bits.wrapping_sub(1))) >> bits
}

/// T.81 §A.3.1: samples lie about 128.
#[inline(always)]
fn sample(level: Number) -> u8 {
    let Wrapping(shifted) = level + Wrapping(128);
    u8::try_from(shifted.clamp(0, 255)).unwrap_or(u8::MAX)
}

/// One dimension, whole.
#[inline(always)]
fn eight([c0, c1, c2, c3, c4, c5, c6, c7]: [Number; 8]) -> [Number; 8] {
    // The even half: a rotation by 6π/16 (√2 · cos 6θ and what it differs by), and a butterfly.
    let turned = (c2 + c6) * const { fixed(541_196_100) };
    let low = turned - c6 * const { fixed(1_847_759_065) };
    let high = turned + c2 * const { fixed(765_366_865) };
    let (sum, difference) = ((c0 + c4) << FRACTION, (c0 - c4) << FRACTION);
    let even = [sum + high, difference + low, difference - low, sum - high];
    // The odd half: sums of √2 · cos kθ, shared so that nine products do.
    let (outer, inner) = (c7 + c1, c5 + c3);
    let shared = (c7 + c3 + c5 + c1) * const { fixed(1_175_875_602) };
    let third = shared - (c7 + c3) * const { fixed(1_961_570_560) };
    let first = shared - (c5 + c1) * const { fixed(390_180_644) };
    let outer = outer * const { fixed(899_976_223) };
    let inner = inner * const { fixed(2_562_915_447) };
    let odd = [
        c1 * const { fixed(1_501_321_110) } - outer + first,
        c3 * const { fixed(3_072_711_026) } - inner + third,
        c5 * const { fixed(2_053_119_869) } - inner + first,
        c7 * const { fixed(298_631_336) } - outer + third,
    ];
    let [e0, e1, e2, e3] = even;
    let [o0, o1, o2, o3] = odd;
    [
        e0 + o0,
        e1 + o1,
        e2 + o2,
        e3 + o3,
        e3 - o3,
        e2 - o2,
        e1 - o1,
        e0 - o0,
    ]
}

/// One dimension, averaged by twos; twice as large. The constants are √8 · cos(kθ) · cos((2j+1)kπ/8).
#[inline(always)]
fn four([c0, c1, c2, c3, _, c5, c6, c7]: [Number; 8]) -> [Number; 4] {
    let first = c0 << (FRACTION + 1);
    let even = c2 * const { fixed(1_847_759_065) } - c6 * const { fixed(765_366_865) };
    let outer = c1 * const { fixed(2_562_915_447) } + c3 * const { fixed(899_976_223) }
        - c5 * const { fixed(601_344_887) }
        - c7 * const { fixed(509_795_579) };
    let inner = c1 * const { fixed(1_061_594_337) } - c3 * const { fixed(2_172_734_803) }
        + c5 * const { fixed(1_451_774_981) }
        - c7 * const { fixed(211_164_243) };
    [
        first + even + outer,
        first - even + inner,
        first - even - inner,
        first + even - outer,
    ]
}

/// One dimension, averaged by fours; four times as large. The constants are √2 · the sum of cos((2n+1)kθ) over n < 4.
#[inline(always)]
fn two([c0, c1, _, c3, _, c5, _, c7]: [Number; 8]) -> [Number; 2] {
    let first = c0 << (FRACTION + 2);
    let odd = c1 * const { fixed(3_624_509_785) } - c3 * const { fixed(1_272_758_580) }
        + c5 * const { fixed(850_430_095) }
        - c7 * const { fixed(720_959_822) };
    [first + odd, first - odd]
}
