//! The forward transforms: those of which RFC 6386 §14.3 and §14.4 have the inverse, in floats.
//!
//! Both are orthogonal but for their scale: a sum of squares of coefficients is four times that of the samples.

/// Rows of blocks of four by four, side by side.
pub(super) type Rows<const LANES: usize> = [[f32; LANES]; 4];

/// √2 · cos(π/8) and √2 · sin(π/8).
const COSINE: f32 = 1.306_563;
const SINE: f32 = 0.541_196_1;

/// RFC 6386 §14.4 the other way round, for blocks side by side. The coefficients stand as the samples did.
#[inline(always)]
pub(super) fn forward<const LANES: usize>(samples: &Rows<LANES>) -> Rows<LANES> {
    let columns = turned(&pass(samples));
    let mut rows = turned(&pass(&columns));
    for sum in rows.as_flattened_mut() {
        *sum *= 0.5;
    }
    rows
}

/// One pass down all columns.
#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "all arrays have as many lanes")]
fn pass<const LANES: usize>([r0, r1, r2, r3]: &Rows<LANES>) -> Rows<LANES> {
    let mut sums = [[0.0; LANES]; 4];
    for lane in 0..LANES {
        let (outer, inner) = (r0[lane] + r3[lane], r1[lane] + r2[lane]);
        let (outer_less, inner_less) = (r0[lane] - r3[lane], r1[lane] - r2[lane]);
        sums[0][lane] = outer + inner;
        sums[1][lane] = outer_less * COSINE + inner_less * SINE;
        sums[2][lane] = outer - inner;
        sums[3][lane] = outer_less * SINE - inner_less * COSINE;
    }
    sums
}

/// Each block's rows made its columns.
#[inline(always)]
#[expect(
    clippy::indexing_slicing,
    reason = "the lanes are a multiple of four, and the one of a block's four is below them"
)]
fn turned<const LANES: usize>(rows: &Rows<LANES>) -> Rows<LANES> {
    let mut turned = [[0.0; LANES]; 4];
    for (at, row) in turned.iter_mut().enumerate() {
        for lane in 0..LANES {
            row[lane] = rows[lane & 3][(lane & !3) | at];
        }
    }
    turned
}

/// RFC 6386 §14.3 the other way round: the first coefficients of sixteen blocks, row by row, made those of one block.
pub(super) fn hadamard(firsts: &[f32; 16]) -> [f32; 16] {
    let mut rows: Rows<4> = [[0.0; 4]; 4];
    for (row, firsts) in rows.iter_mut().zip(firsts.as_chunks().0) {
        *row = *firsts;
    }
    let columns = turned(&rows.map(butterfly));
    let rows = turned(&columns.map(butterfly));
    let mut all = [0.0; 16];
    for (to, row) in all.as_chunks_mut::<4>().0.iter_mut().zip(rows) {
        *to = row.map(|sum| sum * 0.5);
    }
    all
}

fn butterfly([a, b, c, d]: [f32; 4]) -> [f32; 4] {
    let (outer, inner, outer_less, inner_less) = (a + d, b + c, a - d, b - c);
    [
        outer + inner,
        outer_less + inner_less,
        outer - inner,
        outer_less - inner_less,
    ]
}

#[cfg(test)]
mod tests {
    use super::super::super::transform;
    use super::*;

    fn noise() -> impl FnMut() -> f32 {
        let mut state = 1_u32;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 23) as f32 - 255.0
        }
    }

    fn quad(rows: &Rows<16>) -> [i16; 64] {
        let mut quad = [0; 64];
        for (to, from) in quad.iter_mut().zip(rows.as_flattened()) {
            *to = from.round() as i16;
        }
        quad
    }

    #[test]
    fn what_goes_forward_comes_back() {
        let mut next = noise();
        for _ in 0..100 {
            let samples: Rows<16> = std::array::from_fn(|_| std::array::from_fn(|_| next()));
            let coefficients = forward(&samples);
            let back = transform::inverse(&quad(&coefficients));
            for (back, sample) in back.as_flattened().iter().zip(samples.as_flattened()) {
                assert!((f32::from(*back) - sample).abs() <= 1.5, "{back} {sample}");
            }
            let energy =
                |rows: &Rows<16>| rows.as_flattened().iter().map(|one| one * one).sum::<f32>();
            assert!((energy(&coefficients) / energy(&samples) - 4.0).abs() < 0.001);
        }
    }

    #[test]
    fn first_coefficients_come_back() {
        let mut next = noise();
        let firsts: [f32; 16] = std::array::from_fn(|_| next() * 8.0);
        let back = transform::hadamard(&hadamard(&firsts).map(|one| one.round() as i16));
        for (back, first) in back.as_flattened().iter().zip(firsts) {
            assert!((f32::from(*back) - first).abs() <= 1.5, "{back} {first}");
        }
    }
}
