//! A file surveyed, decoded and made small: eight bits a sample, with what its metadata says of orientation and colour.
//! Of metadata nothing else is read: no text, no thumbnail.
//!
//! Each decoder gives its rows to the filter, which makes the picture small while it is decoded; one that can only decode
//! whole pictures gives the rows of such a one.

pub(super) mod animation;
mod gif;
mod jpeg;
mod jxl;
mod png;
mod tiff;
mod webp;

use std::io::Cursor;

use image::codecs::{bmp::BmpDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, ImageError, Limits};
use zeroize::Zeroizing;

use super::colour;
use super::filter::filtered_along;
use super::picture::{Channels, Picture};
use super::rows::{PictureRows, Rows};
use super::size::Size;
use super::survey::{self, Survey, Walk};
use crate::budget::{Budget, Resource};
use crate::media::MediaType;
use crate::refusal::Refusal;

/// A first frame, decoded and made small.
pub(super) struct Decoded {
    pub(super) picture: Picture,
    /// How the picture is to be turned before anybody sees it.
    pub(super) orientation: Orientation,
    /// The ICC profile that says what the samples mean.
    pub(super) profile: Option<Zeroizing<Vec<u8>>>,
}

/// The size that is wanted of a picture as it stands in its file, for its size and the orientation that the file asks for.
pub(super) type Wanted<'a> = &'a dyn Fn(Size, Orientation) -> Size;

/// What a file says of its pixels before they come.
struct Head {
    size: Size,
    orientation: Orientation,
    profile: Option<Zeroizing<Vec<u8>>>,
}

impl Head {
    /// Makes `rows` small.
    fn small(
        self,
        rows: &mut impl Rows,
        wanted: Wanted<'_>,
        budget: &mut Budget,
    ) -> Result<Decoded, Refusal> {
        let size = wanted(self.size, self.orientation);
        let profile = self.profile.as_ref().map(|profile| profile.as_slice());
        let curve = colour::curve(profile, rows.channels());
        Ok(Decoded {
            picture: filtered_along(&curve, rows, size, budget)?,
            orientation: self.orientation,
            profile: self.profile,
        })
    }
}

/// Decodes the first frame of `input` in the size `wanted`, paying for pixels and memory.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::Unsupported`] or [`Refusal::Exceeded`].
pub(super) fn decode(
    media: MediaType,
    input: &[u8],
    wanted: Wanted<'_>,
    budget: &mut Budget,
) -> Result<Decoded, Refusal> {
    let file = Cursor::new(input);
    let surveyed = |walk, budget: &mut Budget| surveyed(walk, input, budget);
    let (head, picture) = match media {
        MediaType::Jpeg => return jpeg::decode(input, wanted, budget),
        MediaType::Png => {
            let survey = surveyed(survey::png, budget)?;
            return png::decode(input, &survey, wanted, budget);
        }
        MediaType::WebP => {
            let survey = surveyed(survey::webp, budget)?;
            match webp::decode(input, &survey, wanted, budget)? {
                Some(decoded) => return Ok(decoded),
                None => read(WebPDecoder::new(file).map_err(refusal)?, &survey, budget)?,
            }
        }
        MediaType::Jxl => {
            let survey = surveyed(survey::jxl, budget)?;
            jxl::decode(input, &survey, budget)?
        }
        MediaType::Gif => {
            let survey = surveyed(survey::gif, budget)?;
            return gif::decode(input, &survey, wanted, budget);
        }
        MediaType::Bmp => {
            let survey = surveyed(survey::bmp, budget)?;
            read(BmpDecoder::new(file).map_err(refusal)?, &survey, budget)?
        }
        MediaType::Tiff => {
            let survey = surveyed(survey::tiff, budget)?;
            return tiff::decode(input, &survey, wanted, budget);
        }
    };
    head.small(&mut PictureRows::of(picture), wanted, budget)
}

/// What `walk` finds, paid for.
fn surveyed(walk: Walk, input: &[u8], budget: &mut Budget) -> Result<Survey, Refusal> {
    let survey = walk(input, budget)?;
    budget.take_memory(survey.working)?;
    Ok(survey)
}

/// What a decoder may allocate: what is left, and what it was paid for beforehand.
fn limits(survey: &Survey, budget: &Budget) -> Limits {
    let left = u64::try_from(budget.memory).unwrap_or(u64::MAX);
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(survey.size.width());
    limits.max_image_height = Some(survey.size.height());
    limits.max_alloc = Some(left.saturating_add(survey.working));
    limits
}

fn read(
    mut decoder: impl ImageDecoder,
    survey: &Survey,
    budget: &mut Budget,
) -> Result<(Head, Picture), Refusal> {
    let declared = (survey.size.width(), survey.size.height());
    if decoder.dimensions() != declared {
        return Err(Refusal::Damaged);
    }
    decoder
        .set_limits(limits(survey, budget))
        .map_err(refusal)?;
    let (channels, depth) = meaning(decoder.color_type())?;
    let profile = decoder.icc_profile().map_err(refusal)?.map(Zeroizing::new);
    let len =
        usize::try_from(decoder.total_bytes()).map_err(|_| Refusal::Exceeded(Resource::Memory))?;
    let mut samples = budget.room(len)?;
    samples.resize(len, 0);
    decoder.read_image(&mut samples).map_err(refusal)?;
    if depth == Depth::Sixteen {
        keep_eight_bits(&mut samples, u16::from_ne_bytes);
    }
    let head = Head {
        size: survey.size,
        orientation: survey.orientation,
        profile,
    };
    Ok((head, Picture::new(survey.size, channels, samples)?))
}

/// Bits a sample, as a decoder gives it out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Depth {
    Eight,
    Sixteen,
}

fn meaning(colour: ColorType) -> Result<(Channels, Depth), Refusal> {
    match colour {
        ColorType::L8 => Ok((Channels::Grey, Depth::Eight)),
        ColorType::La8 => Ok((Channels::GreyAlpha, Depth::Eight)),
        ColorType::Rgb8 => Ok((Channels::Rgb, Depth::Eight)),
        ColorType::Rgba8 => Ok((Channels::Rgba, Depth::Eight)),
        ColorType::L16 => Ok((Channels::Grey, Depth::Sixteen)),
        ColorType::La16 => Ok((Channels::GreyAlpha, Depth::Sixteen)),
        ColorType::Rgb16 => Ok((Channels::Rgb, Depth::Sixteen)),
        ColorType::Rgba16 => Ok((Channels::Rgba, Depth::Sixteen)),
        ColorType::Rgb32F | ColorType::Rgba32F | _ => Err(Refusal::Unsupported),
    }
}

/// Makes samples of 16 bits, whose octets stand `in_order`, ones of eight, in place, rounded to the nearest.
fn keep_eight_bits(samples: &mut Vec<u8>, in_order: fn([u8; 2]) -> u16) {
    let kept = samples.len() / 2;
    for at in 0..kept {
        let pair = samples
            .get(at.saturating_mul(2)..)
            .and_then(<[u8]>::first_chunk);
        let deep = pair.copied().map_or(0, in_order);
        if let Some(place) = samples.get_mut(at) {
            *place = nearest(deep);
        }
    }
    samples.truncate(kept);
}

/// `deep` / 257, rounded to the nearest.
fn nearest(deep: u16) -> u8 {
    let rounded = u32::from(deep).saturating_add(128) / 257;
    u8::try_from(rounded).unwrap_or(u8::MAX)
}

/// The decoders' errors in our words.
fn refusal(error: ImageError) -> Refusal {
    match error {
        ImageError::Limits(_) => Refusal::Exceeded(Resource::Memory),
        ImageError::Unsupported(_) => Refusal::Unsupported,
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::IoError(_) => Refusal::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_become_the_nearest_eight() {
        for deep in 0..=u16::MAX {
            let exact = f64::from(deep) * 255.0 / 65_535.0;
            assert!((f64::from(nearest(deep)) - exact).abs() <= 0.5, "{deep}");
        }
        let mut samples: Vec<u8> = [0_u16, 65_535, 257 * 7]
            .iter()
            .flat_map(|deep| deep.to_ne_bytes())
            .collect();
        keep_eight_bits(&mut samples, u16::from_ne_bytes);
        assert_eq!(samples, [0, 255, 7]);
    }
}
