//! Between codes and linear light. Averages of pixels are right only in linear light: a fine pattern of black and white
//! looks like 188 of 255 from afar, not like 128.
//!
//! Samples that an ICC profile gives another meaning pass through that profile's curve and back: what is not averaged comes
//! back as it was, so colour is converted after the resize, on a few thousand pixels instead of millions.

/// What a pixel of `N` samples holds besides colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Alpha {
    /// Nothing.
    None,
    /// The last sample says how opaque the others are.
    Last,
}

/// How many lights a [`Curve`] has: those of the codes, and of the middles between two.
const LIGHTS: usize = 511;

/// How much light a code stands for.
pub(super) struct Curve([f64; LIGHTS]);

impl Curve {
    /// IEC 61966-2-1 §5.2.
    pub(super) fn srgb() -> Self {
        Self(lights(light))
    }

    /// The light, from 0 to 1, of a code from 0 to 1. `None` if more is ever less, or black and white are not what they should be.
    pub(super) fn of(light: impl Fn(f64) -> f64) -> Option<Self> {
        // A power of nothing may come out as less than nothing.
        let lights = lights(|code| light(code).max(0.0));
        let black = lights
            .first()
            .is_some_and(|black| (0.0..BLACK).contains(black));
        let white = lights
            .last()
            .is_some_and(|white| (1.0 - BLACK..1.0 + BLACK).contains(white));
        let rising = lights.is_sorted();
        (black && white && rising).then_some(Self(lights))
    }

    /// Of so many half codes.
    fn light(&self, halves: usize) -> f64 {
        self.0.get(halves).copied().unwrap_or(1.0)
    }
}

/// The most light that black has.
const BLACK: f64 = 0.02;

fn lights(light: impl Fn(f64) -> f64) -> [f64; LIGHTS] {
    let mut halves = 0.0;
    [(); LIGHTS].map(|()| {
        let code = halves / 510.0;
        halves += 1.0;
        light(code)
    })
}

/// Both directions as tables.
pub(super) struct Tone {
    linear: [u16; 256],
    levels: [f32; 256],
    encoded: Vec<u8>,
}

impl Tone {
    pub(super) fn new(curve: &Curve) -> Self {
        let mut linear = [0; 256];
        let mut encoded = Vec::with_capacity(LEVELS);
        for (code, place) in (0..=u8::MAX).zip(&mut linear) {
            let halves = usize::from(code).saturating_mul(2);
            *place = level(curve.light(halves));
            // Every level below the middle between this code and the next.
            let end = level(curve.light(halves.saturating_add(1)));
            encoded.resize(usize::from(end).saturating_add(1), code);
        }
        encoded.resize(LEVELS, u8::MAX);
        Self {
            linear,
            levels: linear.map(f32::from),
            encoded,
        }
    }

    /// A pixel in linear light, its alpha multiplied in.
    #[inline]
    pub(super) fn lit<const N: usize>(&self, pixel: &[u8; N], alpha: Alpha) -> [u16; N] {
        let opaque = match (alpha, pixel.last()) {
            (Alpha::Last, Some(opaque)) => *opaque,
            (Alpha::None | Alpha::Last, _) => return pixel.map(|code| self.linear_of(code)),
        };
        let mut lit = pixel.map(|code| multiplied(self.linear_of(code), opaque));
        if let Some(last) = lit.last_mut() {
            *last = u16::from(opaque).saturating_mul(257);
        }
        lit
    }

    /// The pixel that [`Self::lit`] made this of, or is nearest to it.
    #[inline]
    pub(super) fn unlit<const N: usize>(&self, lit: &[u16; N], alpha: Alpha) -> [u8; N] {
        let opaque = match (alpha, lit.last()) {
            (Alpha::Last, Some(opaque)) => *opaque,
            (Alpha::None | Alpha::Last, _) => return lit.map(|level| self.encoded_of(level)),
        };
        let mut pixel = lit.map(|level| self.encoded_of(divided(level, opaque)));
        if let Some(last) = pixel.last_mut() {
            let rounded = u32::from(opaque).saturating_add(128) / 257;
            *last = u8::try_from(rounded).unwrap_or(u8::MAX);
        }
        pixel
    }

    /// A sample in linear light, 0 to 65535.
    #[inline]
    pub(super) fn level_of(&self, code: u8) -> f32 {
        self.levels.get(usize::from(code)).copied().unwrap_or(0.0)
    }

    #[inline]
    fn linear_of(&self, code: u8) -> u16 {
        self.linear.get(usize::from(code)).copied().unwrap_or(0)
    }

    #[inline]
    fn encoded_of(&self, level: u16) -> u8 {
        let known = self.encoded.get(usize::from(level));
        known.copied().unwrap_or(u8::MAX)
    }
}

/// How many levels of light there are.
const LEVELS: usize = 65_536;

/// `level` × `opaque` / 255, rounded.
#[inline]
fn multiplied(level: u16, opaque: u8) -> u16 {
    let product = u32::from(level).saturating_mul(opaque.into());
    u16::try_from(product.saturating_add(127) / 255).unwrap_or(u16::MAX)
}

/// `level` × 65535 / `opaque`, rounded. A filter may leave more light than is opaque: all there can be, then.
#[inline]
fn divided(level: u16, opaque: u16) -> u16 {
    let product = u32::from(level).saturating_mul(65_535);
    let half = u32::from(opaque / 2);
    let quotient = product.saturating_add(half).checked_div(opaque.into());
    u16::try_from(quotient.unwrap_or(0)).unwrap_or(u16::MAX)
}

/// IEC 61966-2-1 §5.2: the light, 0 to 1, of a code from 0 to 1.
fn light(encoded: f64) -> f64 {
    if encoded <= 0.04045 {
        encoded / 12.92
    } else {
        ((encoded + 0.055) / 1.055).powf(2.4)
    }
}

#[expect(
    clippy::as_conversions,
    reason = "the only way from a float; it saturates"
)]
fn level(light: f64) -> u16 {
    (light * 65_535.0).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_opaque_colour_comes_back() {
        let tone = Tone::new(&Curve::srgb());
        assert_eq!(tone.encoded.len(), LEVELS);
        for code in 0..=u8::MAX {
            let lit = tone.lit(&[code], Alpha::None);
            assert_eq!(tone.unlit(&lit, Alpha::None), [code]);
            let lit = tone.lit(&[code, 255], Alpha::Last);
            assert_eq!(tone.unlit(&lit, Alpha::Last), [code, 255]);
        }
    }

    #[test]
    fn every_alpha_comes_back_and_what_is_invisible_is_black() {
        let tone = Tone::new(&Curve::srgb());
        for alpha in 0..=u8::MAX {
            let lit = tone.lit(&[255, alpha], Alpha::Last);
            let white = if alpha == 0 { 0 } else { 255 };
            assert_eq!(tone.unlit(&lit, Alpha::Last), [white, alpha]);
        }
    }

    #[test]
    fn a_curve_of_another_kind_is_followed_there_and_back() {
        for gamma in [1.0, 1.8, 2.2] {
            let curve = Curve::of(|code| code.powf(gamma)).unwrap();
            let tone = Tone::new(&curve);
            for code in 0..=u8::MAX {
                let found = tone.unlit(&tone.lit(&[code], Alpha::None), Alpha::None);
                assert!(found[0].abs_diff(code) <= 1, "{gamma} {code}");
                assert!(code < 8 || found == [code], "{gamma} {code}");
            }
            let half = (255.0 * (33_000_f64 / 65_535.0).powf(1.0 / gamma)).round() as u8;
            assert_eq!(tone.unlit(&[33_000], Alpha::None), [half]);
        }
    }

    #[test]
    fn a_curve_that_falls_or_has_no_ends_is_none() {
        let refused = |light: fn(f64) -> f64| Curve::of(light).is_none();
        assert!(refused(|code| (code * 9.0).sin()));
        assert!(refused(|code| 1.0 - code));
        assert!(refused(|code| code * 0.9));
        assert!(refused(|code| code * 0.9 + 0.1));
        assert!(refused(|_code| f64::NAN));
        assert!(refused(|code| code / (1.0 - code)));
        assert!(!refused(|code| code * code));
    }

    #[test]
    fn half_of_the_light_is_188() {
        let tone = Tone::new(&Curve::srgb());
        assert_eq!(tone.unlit(&[32_768], Alpha::None), [188]);
    }
}
