//! The frames of an animation, each as it is seen: what moves is drawn on what stands, a GIF's by [`Film`] and a WebP's by `image`. One
//! canvas is in memory at a time, and none is drawn behind the last that is wanted.

use std::io::Cursor;

use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, ImageDecoder, Rgba};
use zeroize::Zeroizing;

use super::gif::Film;
use super::{Decoded, Head, Wanted, limits, refusal};
use crate::budget::Budget;
use crate::image::animation::Pick;
use crate::image::picture::{Channels, Picture};
use crate::image::rows::PictureRows;
use crate::image::survey::{self, Survey, Timeline};
use crate::image::webp::moves;
use crate::media::MediaType;
use crate::refusal::Refusal;

/// Octets that the decoder of WebP takes a pixel, besides what is surveyed: what stands, the frame, the two together, and all of it again in
/// other channels.
const WORKING_OCTETS: u64 = 24;

/// When each frame of `input` is seen, paid for as a survey is; `None` for what is still, and for a type
/// of which only the first frame is read.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::Unsupported`] or [`Refusal::Exceeded`].
pub(in crate::image) fn timeline(
    media: MediaType,
    input: &[u8],
    budget: &mut Budget,
) -> Result<Option<Timeline>, Refusal> {
    match media {
        MediaType::Gif => survey::gif_timeline(input, budget).map(Some),
        MediaType::WebP if moves(input)? => survey::webp_timeline(input, budget).map(Some),
        MediaType::WebP
        | MediaType::Jpeg
        | MediaType::Png
        | MediaType::Bmp
        | MediaType::Tiff
        | MediaType::Jxl => Ok(None),
    }
}

/// Gives each frame that is picked to `take`, in the size `wanted`. `timeline` is the file's.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::Unsupported`] or [`Refusal::Exceeded`], and what `take` refuses with.
pub(in crate::image) fn frames(
    media: MediaType,
    input: &[u8],
    timeline: &Timeline,
    picks: &[Pick],
    wanted: Wanted<'_>,
    budget: &mut Budget,
    take: Take<'_>,
) -> Result<(), Refusal> {
    paid(timeline, picks, budget)?;
    let survey = &timeline.survey;
    match media {
        MediaType::Gif => gif_frames(input, survey, picks, wanted, budget, take),
        MediaType::WebP => webp_frames(input, survey, picks, wanted, budget, take),
        MediaType::Jpeg | MediaType::Png | MediaType::Bmp | MediaType::Tiff | MediaType::Jxl => {
            Err(Refusal::Unsupported)
        }
    }
}

/// What is done with a frame.
pub(in crate::image) type Take<'a> =
    &'a mut dyn FnMut(Decoded, Pick, &mut Budget) -> Result<(), Refusal>;

/// Pays for what the walk has not: a whole canvas for each frame that is drawn, however small the frame.
fn paid(timeline: &Timeline, picks: &[Pick], budget: &mut Budget) -> Result<(), Refusal> {
    let canvas = timeline.survey.size.pixels();
    let drawn = picks.last().map_or(0, |pick| pick.frame.saturating_add(1));
    for step in timeline.steps.iter().take(drawn).skip(1) {
        budget.take_area(canvas.saturating_sub(step.pixels))?;
    }
    budget.take_memory(timeline.survey.working)?;
    Ok(())
}

fn gif_frames(
    input: &[u8],
    survey: &Survey,
    picks: &[Pick],
    wanted: Wanted<'_>,
    budget: &mut Budget,
    take: Take<'_>,
) -> Result<(), Refusal> {
    let mut film = Film::of(input, survey, budget)?;
    for pick in picks {
        while film.drawn() <= pick.frame {
            film.advance(budget)?;
        }
        let decoded = film.small(wanted, budget)?;
        take(decoded, *pick, budget)?;
    }
    Ok(())
}

fn webp_frames(
    input: &[u8],
    survey: &Survey,
    picks: &[Pick],
    wanted: Wanted<'_>,
    budget: &mut Budget,
    take: Take<'_>,
) -> Result<(), Refusal> {
    let size = survey.size;
    let canvas = size.pixels().saturating_mul(WORKING_OCTETS);
    budget.take_memory(canvas)?;
    let mut decoder = WebPDecoder::new(Cursor::new(input)).map_err(refusal)?;
    // Until it is told of what, it puts no background back (RFC 9649 §2.7.1.1).
    decoder
        .set_background_color(Rgba([0; 4]))
        .map_err(refusal)?;
    if decoder.dimensions() != (size.width(), size.height()) {
        return Err(Refusal::Damaged);
    }
    let mut limits = limits(survey, budget);
    limits.max_alloc = limits.max_alloc.map(|most| most.saturating_add(canvas));
    decoder.set_limits(limits).map_err(refusal)?;
    let profile = decoder.icc_profile().map_err(refusal)?.map(Zeroizing::new);
    let mut frames = decoder.into_frames().enumerate();
    for pick in picks {
        let drawn = loop {
            let (at, frame) = frames.next().ok_or(Refusal::Damaged)?;
            let drawn = frame.map_err(refusal)?.into_buffer();
            let drawn = Zeroizing::new(drawn.into_raw());
            if at == pick.frame {
                break drawn;
            }
        };
        let picture = Picture::new(size, Channels::Rgba, drawn)?;
        let profile = profile.as_ref().map(|profile| profile.to_vec());
        let head = Head {
            size,
            orientation: survey.orientation,
            profile: profile.map(Zeroizing::new),
        };
        let decoded = head.small(&mut PictureRows::of(picture), wanted, budget)?;
        take(decoded, *pick, budget)?;
    }
    Ok(())
}
