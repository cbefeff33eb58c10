//! Coefficients made coarse (T.81 §A.3.4): the only step that loses anything.

use super::levels::Levels;
use super::transform::UNIT;
use super::{Block, Kind, SIDE};

/// How coarse a file is: eighths of a hundredth of the tables below. 240 looks as good as a quality of 85 with the tables of
/// T.81 annex K.1, by measurement, and 1040 as one of 30.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::image) struct Coarseness(pub(in crate::image) u16);

/// Steps at a coarseness of one, in zigzag order: 12.8 + 5.6 r, where r is how far a coefficient is from the first one in
/// its block. Chosen by measurement; those of annex K.1 are too fine for the highest frequencies along one side.
const LIGHT: [u16; SIDE * SIDE] = [
    13, 18, 18, 24, 21, 24, 30, 25, 25, 30, 35, 31, 29, 31, 35, 41, 36, 33, 33, 36, 41, 46, 41, 38,
    37, 38, 41, 46, 52, 47, 43, 41, 41, 43, 47, 52, 52, 48, 45, 44, 45, 48, 52, 54, 50, 49, 49, 50,
    54, 55, 53, 52, 53, 55, 58, 57, 57, 58, 61, 60, 61, 64, 64, 68,
];

/// The same for colour: 12.8 + 8 r^1.2.
const COLOUR: [u16; SIDE * SIDE] = [
    13, 21, 21, 31, 25, 31, 43, 34, 34, 43, 55, 45, 41, 45, 55, 68, 57, 50, 50, 57, 68, 81, 69, 61,
    58, 61, 69, 81, 95, 83, 73, 68, 68, 73, 83, 95, 96, 86, 79, 77, 79, 86, 96, 99, 91, 87, 87, 91,
    99, 104, 98, 96, 98, 104, 111, 107, 107, 111, 119, 117, 119, 128, 128, 138,
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
    /// What is added then, less a half.
    roundings: [f32; SIDE * SIDE],
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
            roundings: std::array::from_fn(|at| if at == 0 { 0.0 } else { ROUNDING - 0.5 }),
            shares: steps.map(|step| 1.0 / (f32::from(step) * UNIT)),
        }
    }

    /// As they are written into the file.
    pub(super) fn octets(&self) -> &[u8] {
        &self.steps
    }

    /// `block` in steps.
    #[inline]
    pub(super) fn quantised(&self, block: &Block) -> Levels {
        let mut levels = [0; SIDE * SIDE];
        let by = self.shares.iter().zip(&self.roundings);
        for ((level, coefficient), (share, rounding)) in levels.iter_mut().zip(block).zip(by) {
            *level = whole(*coefficient, *share, *rounding);
        }
        Levels(levels)
    }

    /// The first coefficient of `block` in steps.
    #[inline]
    pub(super) fn first(&self, block: &Block) -> i32 {
        let [first, ..] = block;
        let [share, ..] = self.shares;
        whole(*first, share, 0.0)
    }
}

/// A coefficient in steps.
#[inline(always)]
fn whole(coefficient: i16, share: f32, rounding: f32) -> i32 {
    let steps = f32::from(coefficient) * share;
    let bits = (steps.abs() + rounding + TO_INTEGER).to_bits();
    let whole = bits.wrapping_sub(TO_INTEGER.to_bits()).cast_signed();
    let sign = i32::from(coefficient >> 15); // all ones for a negative one
    (whole ^ sign).wrapping_sub(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_what_their_rule_says() {
        let mut places: Vec<(i32, i32)> = (0..64).map(|at| (at % 8, at / 8)).collect();
        places.sort_by_key(|(x, y)| (x + y, if (x + y) % 2 == 0 { *x } else { *y }));
        for ((x, y), (light, colour)) in places.into_iter().zip(LIGHT.into_iter().zip(COLOUR)) {
            let away = f64::from(x * x + y * y).sqrt();
            assert_eq!(f64::from(light), (12.8 + 5.6 * away).round());
            assert_eq!(f64::from(colour), (12.8 + 8.0 * away.powf(1.2)).round());
        }
    }

    /// Half a step and more rounds away from zero for the first coefficient; a little more is asked of the others.
    #[test]
    fn coefficients_are_rounded_on_both_sides_alike() {
        let steps = Steps::new(Kind::Light, Coarseness(800));
        let step = |at: usize| f32::from(steps.octets()[at]) * UNIT;
        for (at, steps_of, expected) in [
            (0, 0.51, 1),
            (0, 0.49, 0),
            (1, 0.55, 0),
            (1, 0.57, 1),
            (1, 2.6, 3),
        ] {
            for sign in [1.0, -1.0] {
                let mut block = [0; SIDE * SIDE];
                block[at] = (step(at) * steps_of * sign).round() as i16;
                assert_eq!(steps.quantised(&block).at(at), expected * sign as i32);
            }
        }
    }
}
