//! Luminance and two differences of colour (TIFF 6.0 §20, §21), not compressed as JPEG.

use super::tags;
use crate::image::directory::{Directory, Numbers};
use crate::refusal::Refusal;

/// Bits behind the point.
const FRACTION: u32 = 16;
const ONE: i64 = 1 << FRACTION;
const HALF: i64 = ONE / 2;

/// "YCbCrCoefficients": the parts of red, green and blue in luminance, unless told otherwise; numerators and denominators.
const LUMA: [i64; 6] = [299, 1000, 587, 1000, 114, 1000];

/// "ReferenceBlackWhite": what is black and what is white, of each of the three; as TIFF Technical Note 2 and all programs have it
/// unless told otherwise.
const REFERENCE: [i64; 12] = [0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1];

/// How three samples are a colour.
pub(super) struct YCbCr {
    /// The luminance that a code is.
    luma: Box<[i64; 256]>,
    /// The differences that codes are, of blue and of red.
    blue: Box<[i64; 256]>,
    red: Box<[i64; 256]>,
    /// What a difference of blue adds to blue, and takes from green; and one of red.
    blue_to_blue: i64,
    blue_to_green: i64,
    red_to_red: i64,
    red_to_green: i64,
}

impl YCbCr {
    /// # Errors
    /// [`Refusal::Damaged`] for numbers that make no colours.
    pub(super) fn of(page: &Directory<'_>) -> Result<Self, Refusal> {
        let luma = ratios(page.ratios(tags::YCBCR_COEFFICIENTS)?, LUMA)?;
        let reference = page.ratios(tags::REFERENCE_BLACK_WHITE)?;
        Self::with(luma, ratios(reference, REFERENCE)?).ok_or(Refusal::Damaged)
    }

    fn with(luma: [i64; 3], reference: [i64; 6]) -> Option<Self> {
        let [red, green, blue] = luma;
        let [black, white, no_blue, all_blue, no_red, all_red] = reference;
        // What is left of one, twice.
        let rest = |part: i64| ONE.checked_sub(part)?.checked_mul(2);
        let (blue_to_blue, red_to_red) = (rest(blue)?, rest(red)?);
        let of_green = |step: i64, part: i64| step.checked_mul(part)?.checked_div(green);
        Some(Self {
            luma: levels(black, white, 255)?,
            blue: levels(no_blue, all_blue, 127)?,
            red: levels(no_red, all_red, 127)?,
            blue_to_blue,
            blue_to_green: of_green(blue_to_blue, blue)?,
            red_to_red,
            red_to_green: of_green(red_to_red, red)?,
        })
    }

    /// The red, green and blue of a pixel.
    pub(super) fn colour(&self, [y, cb, cr]: [u8; 3]) -> [u8; 3] {
        let of = |levels: &[i64; 256], code: u8| levels.get(usize::from(code)).copied();
        let y = of(&self.luma, y).unwrap_or(0);
        let blue = of(&self.blue, cb).unwrap_or(0);
        let red = of(&self.red, cr).unwrap_or(0);
        let part = |difference: i64, factor: i64| difference.saturating_mul(factor) >> FRACTION;
        let less = part(blue, self.blue_to_green).saturating_add(part(red, self.red_to_green));
        [
            y.saturating_add(part(red, self.red_to_red)),
            y.saturating_sub(less),
            y.saturating_add(part(blue, self.blue_to_blue)),
        ]
        .map(|level| {
            let level = level.saturating_add(HALF) >> FRACTION;
            u8::try_from(level.clamp(0, 255)).unwrap_or(u8::MAX)
        })
    }
}

/// What each code is, where `black` is nothing and `white` is `all`.
fn levels(black: i64, white: i64, all: i64) -> Option<Box<[i64; 256]>> {
    let range = white.checked_sub(black).filter(|range| *range > 0)?;
    let mut levels = Box::new([0; 256]);
    for (level, code) in levels.iter_mut().zip(0_i64..) {
        let above = code.checked_mul(ONE)?.checked_sub(black)?;
        let scaled = above.checked_mul(all)?.checked_mul(ONE)?;
        *level = scaled.checked_div(range)?;
    }
    Some(levels)
}

/// `N` numbers as the file gives them, or else as `otherwise` does, with a fraction.
fn ratios<const N: usize, const M: usize>(
    given: Option<Numbers<'_>>,
    otherwise: [i64; M],
) -> Result<[i64; N], Refusal> {
    let mut numbers = otherwise;
    if let Some(given) = given {
        if given.count() < M {
            return Err(Refusal::Damaged);
        }
        for (number, given) in numbers.iter_mut().zip(given.iter()) {
            *number = i64::try_from(given).map_err(|_| Refusal::Damaged)?;
        }
    }
    let mut ratios = [0; N];
    for (ratio, [above, below]) in ratios.iter_mut().zip(numbers.as_chunks().0) {
        let scaled = above.checked_mul(ONE);
        let divided = scaled.and_then(|scaled| scaled.checked_div(*below));
        *ratio = divided.ok_or(Refusal::Damaged)?;
    }
    Ok(ratios)
}

/// "YCbCrSubSampling": so many pixels across and down have one difference of each kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Units {
    pub(super) across: usize,
    pub(super) down: usize,
}

impl Units {
    /// # Errors
    /// [`Refusal::Damaged`] for none of 1, 2 and 4.
    pub(super) fn of(page: &Directory<'_>) -> Result<Self, Refusal> {
        let given = page.numbers(tags::YCBCR_SUB_SAMPLING)?;
        let side = |at| match given.map_or(Some(2), |given| given.get(at)) {
            Some(1) => Ok(1),
            Some(2) => Ok(2),
            Some(4) => Ok(4),
            Some(_) | None => Err(Refusal::Damaged),
        };
        Ok(Self {
            across: side(0)?,
            down: side(1)?,
        })
    }

    /// Whether each pixel has differences of its own.
    pub(super) fn is_one(self) -> bool {
        self.lumas() == 1
    }

    /// Octets of a unit: the luminance of each pixel, row by row, then one difference of blue and one of red.
    pub(super) fn len(self) -> usize {
        self.lumas().saturating_add(2)
    }

    fn lumas(self) -> usize {
        self.across.saturating_mul(self.down)
    }

    /// Writes row `at` of a row of `units` into `row`, three samples a pixel.
    pub(super) fn row(self, units: &[u8], at: usize, row: &mut [u8]) {
        let pixels = row.chunks_mut(self.across.saturating_mul(3));
        for (unit, pixels) in units.chunks_exact(self.len()).zip(pixels) {
            let (lumas, differences) = unit.split_at(self.lumas());
            let lumas = lumas.iter().skip(at.saturating_mul(self.across));
            if let [blue, red] = differences {
                for (pixel, luma) in pixels.as_chunks_mut().0.iter_mut().zip(lumas) {
                    *pixel = [*luma, *blue, *red];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> YCbCr {
        let luma = ratios(None, LUMA).unwrap();
        YCbCr::with(luma, ratios(None, REFERENCE).unwrap()).unwrap()
    }

    /// Against the formulas of T.871 §7 in floating point, which have the same numbers.
    #[test]
    fn colours_are_those_of_the_formulas() {
        let ycbcr = plain();
        for y in (0..=255).step_by(5) {
            for cb in (0..=255).step_by(15) {
                for cr in (0..=255).step_by(17) {
                    let found = ycbcr.colour([y, cb, cr]);
                    let (y, cb, cr) = (f64::from(y), f64::from(cb) - 128.0, f64::from(cr) - 128.0);
                    let exact = [
                        y + 1.402 * cr,
                        y - 0.344_136 * cb - 0.714_136 * cr,
                        y + 1.772 * cb,
                    ];
                    for (found, exact) in found.iter().zip(exact) {
                        let off = (f64::from(*found) - exact.clamp(0.0, 255.0)).abs();
                        assert!(off < 0.51, "{found} {exact}");
                    }
                }
            }
        }
    }

    /// As video has it: 16 is black, 235 is white.
    #[test]
    fn black_and_white_are_where_the_file_says() {
        let reference = [16, 235, 128, 240, 128, 240].map(|code: i64| code * ONE);
        let video = YCbCr::with(ratios(None, LUMA).unwrap(), reference).unwrap();
        assert_eq!(video.colour([16, 128, 128]), [0; 3]);
        assert_eq!(video.colour([235, 128, 128]), [255; 3]);
        assert_eq!(video.colour([0, 128, 128]), [0; 3]);
        assert!(YCbCr::with([0, 0, 0], reference).is_none());
    }

    #[test]
    fn pixels_of_a_unit_share_their_differences() {
        let units = Units { across: 2, down: 2 };
        let octets = [1, 2, 3, 4, 50, 60, 5, 6, 7, 8, 70, 80];
        let mut row = [0; 9];
        units.row(&octets, 1, &mut row);
        assert_eq!(row, [3, 50, 60, 4, 50, 60, 7, 70, 80]);
    }
}
