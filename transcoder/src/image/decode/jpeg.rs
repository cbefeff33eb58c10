//! JPEG by zune-jpeg itself rather than through `image`: for its strict mode, which refuses what `image` shows as far as
//! it goes, for the inks of CMYK files, which `image` throws away, and for one copy of the file less.

use image::metadata::Orientation;
use zeroize::Zeroizing;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::Head;
use crate::budget::{Budget, Resource};
use crate::image::picture::{Channels, Picture};
use crate::image::size::Size;
use crate::image::survey::Survey;
use crate::refusal::Refusal;

pub(super) fn decode(
    input: &[u8],
    survey: &Survey,
    budget: &mut Budget,
) -> Result<(Head, Picture), Refusal> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(input), options(survey.size));
    decoder.decode_headers().map_err(refusal)?;
    let colour = decoder.input_colorspace().ok_or(Refusal::Damaged)?;
    let (given, channels) = meaning(colour)?;
    let options = decoder.options().jpeg_set_out_colorspace(given);
    decoder.set_options(options);
    let len = survey.size.samples(channels.count());
    if decoder.output_buffer_size() != len {
        return Err(Refusal::Damaged);
    }
    let len = len.ok_or(Refusal::Exceeded(Resource::Memory))?;
    let mut samples = budget.room(len)?;
    samples.resize(len, 0);
    decoder.decode_into(&mut samples).map_err(refusal)?;
    if given == ColorSpace::YCCK {
        inks(&mut samples);
    }
    let orientation = decoder
        .exif()
        .and_then(|exif| Orientation::from_exif_chunk(exif));
    let head = Head {
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
        profile: decoder.icc_profile().map(Zeroizing::new),
    };
    Ok((head, Picture::new(survey.size, channels, samples)?))
}

fn options(size: Size) -> DecoderOptions {
    let side = |side: u32| usize::try_from(side).unwrap_or(usize::MAX);
    DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(side(size.width()))
        .set_max_height(side(size.height()))
}

/// What the decoder is asked to give out for a file of `colour`, and what that means to us.
fn meaning(colour: ColorSpace) -> Result<(ColorSpace, Channels), Refusal> {
    match colour {
        ColorSpace::Luma => Ok((ColorSpace::Luma, Channels::Grey)),
        ColorSpace::YCbCr | ColorSpace::RGB => Ok((ColorSpace::RGB, Channels::Rgb)),
        ColorSpace::CMYK | ColorSpace::YCCK => Ok((colour, Channels::InvertedCmyk)),
        ColorSpace::RGBA
        | ColorSpace::LumaA
        | ColorSpace::BGR
        | ColorSpace::BGRA
        | ColorSpace::ARGB
        | ColorSpace::HSL
        | ColorSpace::HSV
        | ColorSpace::Unknown
        | ColorSpace::MultiBand(_)
        | _ => Err(Refusal::Unsupported),
    }
}

/// Adobe's YCCK made inverted CMYK in place: red, green and blue by T.871 §7, each turned about, with black as it is.
fn inks(samples: &mut [u8]) {
    let (pixels, _none) = samples.as_chunks_mut::<4>();
    for pixel in pixels {
        let [y, cb, cr, black] = *pixel;
        let blue_difference = i32::from(cb).saturating_sub(128);
        let red_difference = i32::from(cr).saturating_sub(128);
        let red = red_difference.saturating_mul(91_881); // 1.402 × 2¹⁶
        let green = blue_difference
            .saturating_mul(-22_554) // 0.344136 × 2¹⁶
            .saturating_sub(red_difference.saturating_mul(46_802)); // 0.714136 × 2¹⁶
        let blue = blue_difference.saturating_mul(116_130); // 1.772 × 2¹⁶
        *pixel = [ink(y, red), ink(y, green), ink(y, blue), black];
    }
}

/// 255 less what `y` with a `difference` of 16 fractional bits makes.
fn ink(y: u8, difference: i32) -> u8 {
    let rounded = difference.saturating_add(1 << 15) >> 16;
    let colour = i32::from(y).saturating_add(rounded).clamp(0, 255);
    !u8::try_from(colour).unwrap_or(u8::MAX)
}

fn refusal(error: DecodeErrors) -> Refusal {
    match error {
        DecodeErrors::Unsupported(_) => Refusal::Unsupported,
        DecodeErrors::LargeDimensions(_) => Refusal::Exceeded(Resource::Pixels),
        DecodeErrors::Format(_)
        | DecodeErrors::FormatStatic(_)
        | DecodeErrors::IllegalMagicBytes(_)
        | DecodeErrors::HuffmanDecode(_)
        | DecodeErrors::ZeroError
        | DecodeErrors::DqtError(_)
        | DecodeErrors::SosError(_)
        | DecodeErrors::SofError(_)
        | DecodeErrors::MCUError(_)
        | DecodeErrors::ExhaustedData
        | DecodeErrors::TooSmallOutput(..)
        | DecodeErrors::IoErrors(_) => Refusal::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_black_and_red_ycck_have_the_inks_of_their_colours() {
        // White, black by black ink, red (T.871 §7: 76, 85, 255), inverted as Adobe does.
        let mut samples = [0, 128, 128, 255, 0, 128, 128, 0, 179, 171, 0, 255];
        inks(&mut samples);
        assert_eq!(samples[..4], [255, 255, 255, 255]);
        assert_eq!(samples[4..8], [255, 255, 255, 0]);
        let [cyan, magenta, yellow, black] = [samples[8], samples[9], samples[10], samples[11]];
        assert!(cyan >= 253 && magenta <= 2 && yellow <= 2 && black == 255);
    }
}
