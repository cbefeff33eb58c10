//! What the samples of a pixel mean (TIFF 6.0 §8, "PhotometricInterpretation" and "ExtraSamples"), and the colours that they are.

use super::codec::Compression;
use super::form::{Form, Planes};
use super::palette::Palette;
use super::tags;
use super::ycbcr::YCbCr;
use crate::image::directory::Directory;
use crate::image::picture::Channels;
use crate::refusal::Refusal;

/// "ExtraSamples": what nobody says more of, and alpha that the colours were multiplied by.
const UNSPECIFIED: u64 = 0;
const ASSOCIATED: u64 = 1;

/// TIFF 6.0 §16, "InkSet".
const CMYK: u32 = 1;

/// "PhotometricInterpretation".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Photometric {
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    Palette,
    Separated,
    YCbCr,
}

impl Photometric {
    /// # Errors
    /// [`Refusal::Unsupported`] for what is not read.
    pub(super) fn of(
        page: &Directory<'_>,
        form: &Form,
        compression: Compression,
    ) -> Result<Self, Refusal> {
        match page.number(tags::PHOTOMETRIC_INTERPRETATION)? {
            Some(0) => Ok(Self::WhiteIsZero),
            Some(1) => Ok(Self::BlackIsZero),
            Some(2) => Ok(Self::Rgb),
            Some(3) => Ok(Self::Palette),
            Some(5) => Ok(Self::Separated),
            Some(6) => Ok(Self::YCbCr),
            // Masks, CIE Lab in its three forms, raw sensors, logarithms.
            Some(_) => Err(Refusal::Unsupported),
            // The field must be there. Where it is not, libtiff takes the same for meant.
            None if form.samples >= 3 => Ok(Self::Rgb),
            None => match compression {
                Compression::Fax(_) => Ok(Self::WhiteIsZero),
                Compression::None
                | Compression::PackBits
                | Compression::Lzw
                | Compression::Deflate
                | Compression::Jpeg => Ok(Self::BlackIsZero),
            },
        }
    }

    /// Samples of a colour.
    const fn samples(self) -> usize {
        match self {
            Self::WhiteIsZero | Self::BlackIsZero | Self::Palette => 1,
            Self::Rgb | Self::YCbCr => 3,
            Self::Separated => 4,
        }
    }
}

/// How pixels become colours.
pub(super) struct Meaning {
    colours: Colours,
    alpha: Option<Alpha>,
    /// Samples of a colour.
    samples: usize,
}

enum Colours {
    Grey,
    InvertedGrey,
    Rgb,
    Palette(Palette),
    /// 255 is all of an ink.
    Cmyk,
    YCbCr(YCbCr),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Alpha {
    /// Its place among the samples of a pixel.
    at: usize,
    multiplied: Multiplied,
}

/// Whether colours were multiplied by their alpha.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Multiplied {
    /// "Associated alpha".
    In,
    /// "Unassociated alpha".
    Not,
}

impl Meaning {
    /// # Errors
    /// [`Refusal::Damaged`] where there are fewer samples than the colours take, [`Refusal::Unsupported`] for colours that are not
    /// read.
    pub(super) fn of(
        page: &Directory<'_>,
        form: &Form,
        photometric: Photometric,
        compression: Compression,
    ) -> Result<Self, Refusal> {
        let samples = photometric.samples();
        if form.samples < samples {
            return Err(Refusal::Damaged);
        }
        let colours = match photometric {
            Photometric::BlackIsZero => Colours::Grey,
            Photometric::WhiteIsZero => Colours::InvertedGrey,
            Photometric::Rgb => Colours::Rgb,
            Photometric::Palette => Colours::Palette(Palette::of(page, form.bits)?),
            Photometric::Separated if page.number(tags::INK_SET)?.unwrap_or(CMYK) == CMYK => {
                Colours::Cmyk
            }
            Photometric::Separated => return Err(Refusal::Unsupported),
            // The decoder of JPEG makes colours of it.
            Photometric::YCbCr
                if compression == Compression::Jpeg && form.planes == Planes::One =>
            {
                Colours::Rgb
            }
            Photometric::YCbCr => Colours::YCbCr(YCbCr::of(page)?),
        };
        Ok(Self {
            colours,
            alpha: alpha(page, form, photometric)?,
            samples,
        })
    }

    /// What comes out.
    pub(super) fn channels(&self) -> Channels {
        match (&self.colours, self.alpha) {
            (Colours::Grey | Colours::InvertedGrey, None) => Channels::Grey,
            (Colours::Grey | Colours::InvertedGrey, Some(_)) => Channels::GreyAlpha,
            (Colours::Rgb | Colours::Palette(_) | Colours::YCbCr(_), None) => Channels::Rgb,
            (Colours::Rgb | Colours::Palette(_) | Colours::YCbCr(_), Some(_)) => Channels::Rgba,
            (Colours::Cmyk, _) => Channels::InvertedCmyk,
        }
    }

    /// The places of the samples that matter among all of a pixel: those of its colour, then its alpha.
    pub(super) fn places(&self) -> Vec<usize> {
        let alpha = self.alpha.map(|alpha| alpha.at);
        (0..self.samples).chain(alpha).collect()
    }

    /// The colours that samples are numbers of.
    pub(super) fn palette(&self) -> Option<&Palette> {
        match &self.colours {
            Colours::Palette(palette) => Some(palette),
            Colours::Grey
            | Colours::InvertedGrey
            | Colours::Rgb
            | Colours::Cmyk
            | Colours::YCbCr(_) => None,
        }
    }

    /// Makes the samples of `row` colours; what has a palette has them already.
    pub(super) fn convert(&self, row: &mut [u8]) {
        match (&self.colours, self.alpha) {
            (Colours::Grey | Colours::Rgb | Colours::Palette(_), _) => (),
            (Colours::InvertedGrey, None) | (Colours::Cmyk, _) => {
                row.iter_mut().for_each(|sample| *sample = !*sample);
            }
            (Colours::InvertedGrey, Some(_)) => {
                let pixels = row.as_chunks_mut::<2>().0;
                pixels.iter_mut().for_each(|[grey, _]| *grey = !*grey);
            }
            (Colours::YCbCr(ycbcr), None) => {
                let pixels = row.as_chunks_mut::<3>().0;
                pixels
                    .iter_mut()
                    .for_each(|pixel| *pixel = ycbcr.colour(*pixel));
            }
            (Colours::YCbCr(ycbcr), Some(_)) => {
                for [y, cb, cr, _alpha] in row.as_chunks_mut::<4>().0 {
                    [*y, *cb, *cr] = ycbcr.colour([*y, *cb, *cr]);
                }
            }
        }
        let multiplied = self.alpha.map(|alpha| alpha.multiplied);
        match (multiplied, self.channels()) {
            (Some(Multiplied::In), Channels::GreyAlpha) => divide::<2>(row),
            (Some(Multiplied::In), Channels::Rgba) => divide::<4>(row),
            (Some(Multiplied::In | Multiplied::Not) | None, _) => (),
        }
    }
}

/// The alpha of a pixel, if it has one that is read: of inks and of palettes none is.
///
/// What nobody says more of is none: it may be a mask or a depth, and taken for alpha would hide the picture. But where there is
/// no field at all, a fourth sample of red, green and blue is one: so Pillow and libtiff read what old programs wrote. So are
/// kinds that TIFF does not have, which some programs give it.
fn alpha(
    page: &Directory<'_>,
    form: &Form,
    photometric: Photometric,
) -> Result<Option<Alpha>, Refusal> {
    let at = match photometric {
        Photometric::Palette | Photometric::Separated => return Ok(None),
        Photometric::WhiteIsZero
        | Photometric::BlackIsZero
        | Photometric::Rgb
        | Photometric::YCbCr => photometric.samples(),
    };
    let Some(kinds) = page.numbers(tags::EXTRA_SAMPLES)? else {
        let is_old = photometric == Photometric::Rgb && form.samples == 4;
        return Ok(is_old.then_some(Alpha {
            at,
            multiplied: Multiplied::Not,
        }));
    };
    let mut kinds = (at..form.samples).zip(kinds.iter());
    let found = kinds.find(|(_, kind)| *kind != UNSPECIFIED);
    Ok(found.map(|(at, kind)| Alpha {
        at,
        multiplied: match kind {
            ASSOCIATED => Multiplied::In,
            _other => Multiplied::Not,
        },
    }))
}

/// Undoes the multiplication by alpha, the last of `N` samples. A colour that is more than its alpha is as bright as it can be.
fn divide<const N: usize>(row: &mut [u8]) {
    for pixel in row.as_chunks_mut::<N>().0 {
        if let Some((alpha, colours)) = pixel.split_last_mut() {
            for colour in colours {
                *colour = divided(*colour, *alpha);
            }
        }
    }
}

/// `colour` × 255 / `alpha`, rounded.
fn divided(colour: u8, alpha: u8) -> u8 {
    let alpha = u32::from(alpha);
    let scaled = u32::from(colour).saturating_mul(255);
    let rounded = scaled.saturating_add(alpha / 2).checked_div(alpha);
    u8::try_from(rounded.unwrap_or(0)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_that_was_multiplied_by_its_alpha_comes_back() {
        for alpha in 1..=u8::MAX {
            for colour in 0..=u8::MAX {
                let multiplied = f64::from(colour) * f64::from(alpha) / 255.0;
                let back = divided(multiplied.round() as u8, alpha);
                // What a step of the multiplied colour is worth, and rounding.
                let step = 255.0 / f64::from(alpha);
                let off = (f64::from(back) - f64::from(colour)).abs();
                assert!(off <= step / 2.0 + 0.5, "{colour} {alpha} {back}");
            }
        }
        assert_eq!(divided(9, 0), 0);
        assert_eq!(divided(200, 100), 255);
    }
}
