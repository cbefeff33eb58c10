//! The transforms against their definition, in floating point.

use std::f64::consts::PI;

use proptest::prelude::*;

use crate::image::jpeg::idct;

/// T.81 §A.3.3, word for word.
fn defined(block: &[i16; 64], steps: &[u16; 64]) -> [[f64; 8]; 8] {
    let scale = |frequency: usize| if frequency == 0 { 0.5_f64.sqrt() } else { 1.0 };
    let wave = |at: usize, frequency: usize| {
        ((2 * at + 1) as f64 * frequency as f64 * PI / 16.0).cos() * scale(frequency) / 2.0
    };
    let mut samples = [[0.0; 8]; 8];
    for (y, row) in samples.iter_mut().enumerate() {
        for (x, sample) in row.iter_mut().enumerate() {
            *sample = 128.0
                + (0..64)
                    .map(|at| {
                        let value = f64::from(block[at]) * f64::from(steps[at]);
                        value * wave(y, at / 8) * wave(x, at % 8)
                    })
                    .sum::<f64>();
        }
    }
    samples
}

/// Averages of `by` × `by` samples, as samples are bounded.
fn near<const SIDE: usize>(
    given: &[[u8; SIDE]; SIDE],
    defined: &[[f64; 8]; 8],
) -> Result<(), TestCaseError> {
    let by = 8 / SIDE;
    for (y, row) in given.iter().enumerate() {
        for (x, sample) in row.iter().enumerate() {
            let all = (0..by * by).map(|nth| defined[y * by + nth / by][x * by + nth % by]);
            let average = (all.sum::<f64>() / (by * by) as f64).clamp(0.0, 255.0);
            prop_assert!(
                (f64::from(*sample) - average).abs() <= 1.0,
                "{sample} for {average}"
            );
        }
    }
    Ok(())
}

/// What an encoder may make of samples: blocks whose samples are in or near their range.
fn blocks() -> impl Strategy<Value = ([i16; 64], [u16; 64])> {
    let values = prop::collection::vec(prop_oneof![3 => Just(0_i16), 1 => -40_i16..=40], 63);
    let steps = prop::collection::vec(1_u16..=12, 64);
    (-120_i16..=120, values, steps).prop_map(|(first, values, steps)| {
        let mut block = [0; 64];
        block[0] = first;
        block[1..].copy_from_slice(&values);
        (block, steps.try_into().unwrap())
    })
}

proptest! {
    /// The reduced ones are averages of the whole, not something like it.
    #[test]
    fn transforms_give_the_samples_that_the_standard_defines_or_their_averages((block, steps) in blocks()) {
        let defined = defined(&block, &steps);
        near(&idct::whole(&block, &steps), &defined)?;
        near(&idct::half(&block, &steps), &defined)?;
        near(&idct::quarter(&block, &steps), &defined)?;
        near(&[[idct::eighth(block[0], steps[0])]], &defined)?;
    }

    /// Whatever strangers put there.
    #[test]
    fn no_coefficient_overflows(
        block in prop::array::uniform32(any::<i16>()),
        steps in prop::array::uniform32(any::<u16>()),
    ) {
        let block: [i16; 64] = [block, block].concat().try_into().unwrap();
        let steps: [u16; 64] = [steps, steps].concat().try_into().unwrap();
        idct::whole(&block, &steps);
        idct::half(&block, &steps);
        idct::quarter(&block, &steps);
        idct::eighth(block[0], steps[0]);
    }
}
