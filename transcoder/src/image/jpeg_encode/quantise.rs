//! Coefficients made coarse (T.81 §A.3.4): the only step that loses anything.

use super::transform::UNIT;
use super::{Block, Kind, SIDE};

/// How coarse a file is: eighths of a hundredth of the tables below. Half of it is a quality of 75, as others count.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::image) struct Coarseness(pub(in crate::image) u16);

/// Steps at a coarseness of one, in zigzag order (T.81 annex K.1).
const LIGHT: [u16; SIDE * SIDE] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37,
    29, 40, 58, 51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81,
    87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];

/// The same for colour.
const COLOUR: [u16; SIDE * SIDE] = [
    17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/// What is added before the fraction is cut off; a half would round to the nearest. Values a little above the half
/// cost more octets than they are worth to the eye.
const ROUNDING: f32 = 0.44;

/// Added to a float, this leaves the nearest integer in its low bits: 1.5 × 2²³.
const TO_INTEGER: f32 = 12_582_912.0;

/// The steps of one kind of component.
pub(super) struct Steps {
    steps: [u8; SIDE * SIDE],
    /// What a coefficient is multiplied with.
    shares: [f32; SIDE * SIDE],
}

impl Steps {
    pub(super) fn new(kind: Kind, Coarseness(eighths): Coarseness) -> Self {
        let table = match kind {
            Kind::Light => LIGHT,
            Kind::Colour => COLOUR,
        };
        let steps = table.map(|step| {
            let scaled = u32::from(step).saturating_mul(eighths.into());
            let rounded = scaled.saturating_add(400) / 800;
            u8::try_from(rounded.max(1)).unwrap_or(u8::MAX)
        });
        Self {
            steps,
            shares: steps.map(|step| 1.0 / (f32::from(step) * UNIT)),
        }
    }

    /// As they are written into the file.
    pub(super) fn octets(&self) -> &[u8] {
        &self.steps
    }

    /// `block` in steps.
    #[inline]
    pub(super) fn quantised(&self, block: &Block) -> [i32; SIDE * SIDE] {
        let mut quantised = [0; SIDE * SIDE];
        let shares = block.iter().zip(&self.shares);
        for (at, (place, (coefficient, share))) in quantised.iter_mut().zip(shares).enumerate() {
            let steps = f32::from(*coefficient) * share;
            let rounding = if at == 0 { 0.0 } else { ROUNDING - 0.5 };
            let bits = (steps.abs() + rounding + TO_INTEGER).to_bits();
            let whole = bits.wrapping_sub(TO_INTEGER.to_bits()).cast_signed();
            *place = if *coefficient < 0 {
                whole.wrapping_neg()
            } else {
                whole
            };
        }
        quantised
    }
}
