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
use super::lanes;
use super::tables::Steps;

/// Fractional bits of the constants.
const FRACTION: usize = 13;

/// Fractional bits that are kept from one pass to the next.
const KEPT: usize = 2;

/// A pass makes everything √8 larger: both together eight times.
const LARGER: usize = 3;

/// Products of what strangers say may be too long; then it does not matter what comes of them.
pub(super) type Number = Wrapping<i32>;

/// A constant in fixed point. All are written with the nine digits in which they are published.
const fn fixed(nanos: i64) -> Number {
    let scaled = nanos.saturating_mul(1 << FRACTION);
    let half = if nanos < 0 { -500_000_000 } else { 500_000_000 };
    let rounded = scaled.saturating_add(half) / 1_000_000_000;
    let [a, b, c, d, ..] = rounded.to_le_bytes();
    Wrapping(i32::from_le_bytes([a, b, c, d]))
}

/// Eight by eight samples.
pub(super) fn whole(block: &Block, steps: &Steps) -> [[u8; 8]; 8] {
    if let Some(flat) = flat(block, steps) {
        return [[flat; 8]; 8];
    }
    let columns = whole_columns::<{ FRACTION - KEPT }>(&lanes::dequantised(block, steps));
    let rows = whole_columns::<{ FRACTION + KEPT + LARGER }>(&lanes::transposed(&columns));
    lanes::samples(&rows)
}

/// Four by four samples.
pub(super) fn half(block: &Block, steps: &Steps) -> [[u8; 4]; 4] {
    if let Some(flat) = flat(block, steps) {
        return [[flat; 4]; 4];
    }
    let columns = half_columns::<8, { FRACTION + 1 - KEPT }>(&lanes::dequantised(block, steps));
    let rows = half_columns::<4, { FRACTION + KEPT + LARGER + 1 }>(&lanes::transposed(&columns));
    lanes::samples(&rows)
}

/// Two by two samples.
pub(super) fn quarter(block: &Block, steps: &Steps) -> [[u8; 2]; 2] {
    if let Some(flat) = flat(block, steps) {
        return [[flat; 2]; 2];
    }
    let columns = quarter_columns::<8, { FRACTION + 2 - KEPT }>(&lanes::dequantised(block, steps));
    let rows = quarter_columns::<2, { FRACTION + KEPT + LARGER + 2 }>(&lanes::transposed(&columns));
    lanes::samples(&rows)
}

// Functions of their own, as compilers look for vector code loop by loop.

#[inline(never)]
fn whole_columns<const BITS: usize>(rows: &[[Number; 8]; 8]) -> [[Number; 8]; 8] {
    lanes::columns::<8, 8, BITS>(rows, eight)
}

#[inline(never)]
fn half_columns<const ACROSS: usize, const BITS: usize>(
    rows: &[[Number; ACROSS]; 8],
) -> [[Number; ACROSS]; 4] {
    lanes::columns::<ACROSS, 4, BITS>(rows, four)
}

#[inline(never)]
fn quarter_columns<const ACROSS: usize, const BITS: usize>(
    rows: &[[Number; ACROSS]; 8],
) -> [[Number; ACROSS]; 2] {
    lanes::columns::<ACROSS, 2, BITS>(rows, two)
}

/// One sample: the average of the block.
#[inline(always)]
pub(super) fn eighth(first: i16, step: u16) -> u8 {
    let product = Wrapping(i32::from(first)) * Wrapping(i32::from(step));
    sample(descaled(product, LARGER))
}

/// What all samples are where no coefficient but the first is there.
#[inline(always)]
fn flat(block: &Block, steps: &Steps) -> Option<u8> {
    let [first, others @ ..] = block;
    let any = others.iter().fold(0, |any, one| any | one);
    let [step, ..] = steps;
    (any == 0).then(|| eighth(*first, *step))
}

/// `sum` without its lowest `bits`, rounded to the nearest.
#[inline(always)]
pub(super) fn descaled(sum: Number, bits: usize) -> Number {
    (sum + (Wrapping(1) << bits.wrapping_sub(1))) >> bits
}

/// T.81 §A.3.1: samples lie about 128.
#[inline(always)]
pub(super) fn sample(level: Number) -> u8 {
    let Wrapping(shifted) = level + Wrapping(128);
    u8::try_from(shifted.clamp(0, 255)).unwrap_or(u8::MAX)
}

/// One dimension, whole: one of the fast algorithms of Loeffler, Ligtenberg and Moschytz (ICASSP 1989), with twelve
/// multiplications.
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
