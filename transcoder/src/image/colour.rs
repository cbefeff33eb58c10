//! Colour as the file's ICC profile means it, made sRGB; the profile is then no longer needed.
//!
//! A profile that cannot be read, or that is for another kind of samples, is left out of account, as browsers do: the
//! picture is then taken for sRGB.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use zeroize::Zeroizing;

use super::picture::{Channels, Picture};
use super::tone::Curve;
use crate::budget::Budget;
use crate::refusal::Refusal;

/// The longest profile that is looked at. Those of printing presses have half a megabyte to three.
const LONGEST_PROFILE: usize = 4 * 1024 * 1024;

/// Octets that the tables of a conversion take, by measure well below this, whatever the profile.
const TABLE_OCTETS: u64 = 16 * 1024 * 1024;

/// How much light the codes of samples stand for that `profile` is about: by its curve for green, from which those of red and blue
/// hardly differ. That of sRGB where there is none, and for inks.
pub(super) fn curve(profile: Option<&[u8]>, channels: Channels) -> Curve {
    let of_profile = |profile: &[u8]| {
        if channels == Channels::InvertedCmyk {
            return None;
        }
        let profile = readable(profile, channels)?;
        let evaluator = profile.green_trc.or(profile.gray_trc)?;
        let evaluator = evaluator.make_linear_evaluator().ok()?;
        Curve::of(|code| evaluator.evaluate_value(single(code)).into())
    };
    profile.and_then(of_profile).unwrap_or_else(Curve::srgb)
}

#[expect(
    clippy::as_conversions,
    reason = "the only way; a code needs no more digits"
)]
fn single(code: f64) -> f32 {
    code as f32
}

/// `picture` in sRGB, grey or red, green, blue, with its alpha as it was.
///
/// # Errors
/// [`Refusal::Exceeded`] when there is not the memory.
pub(super) fn to_srgb(
    picture: Picture,
    profile: Option<&[u8]>,
    budget: &mut Budget,
) -> Result<Picture, Refusal> {
    let fitting = profile.and_then(|profile| readable(profile, picture.channels()));
    if let Some(profile) = fitting
        && let Some(converted) = converted(&picture, &profile, budget)?
    {
        return Ok(converted);
    }
    match picture.channels() {
        Channels::InvertedCmyk => without_inks(&picture, budget),
        Channels::Grey | Channels::GreyAlpha | Channels::Rgb | Channels::Rgba => Ok(picture),
    }
}

/// The profile, if it is one and is for such samples.
fn readable(profile: &[u8], channels: Channels) -> Option<ColorProfile> {
    if profile.len() > LONGEST_PROFILE {
        return None;
    }
    let wanted = match channels {
        Channels::Grey | Channels::GreyAlpha => DataColorSpace::Gray,
        Channels::Rgb | Channels::Rgba => DataColorSpace::Rgb,
        Channels::InvertedCmyk => DataColorSpace::Cmyk,
    };
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    (profile.color_space == wanted).then_some(profile)
}

/// `None` where the profile, though readable, leads to no colours.
fn converted(
    picture: &Picture,
    profile: &ColorProfile,
    budget: &mut Budget,
) -> Result<Option<Picture>, Refusal> {
    budget.take_memory(TABLE_OCTETS)?;
    let (from, to, channels) = layouts(picture.channels());
    let transform = profile.create_transform_8bit(
        from,
        &ColorProfile::new_srgb(),
        to,
        TransformOptions::default(),
    );
    let Ok(transform) = transform else {
        return Ok(None);
    };
    let inks = uninverted(picture, budget)?;
    let source = inks.as_ref().map_or(picture.samples(), |inks| inks);
    let len = picture.size().samples(channels.count());
    let len = len.ok_or(Refusal::Damaged)?;
    let mut samples = budget.room(len)?;
    samples.resize(len, 0);
    if transform.transform(source, &mut samples).is_err() {
        return Ok(None);
    }
    Picture::new(picture.size(), channels, samples).map(Some)
}

/// What goes into a conversion, and what comes out.
fn layouts(channels: Channels) -> (Layout, Layout, Channels) {
    match channels {
        Channels::Grey => (Layout::Gray, Layout::Rgb, Channels::Rgb),
        Channels::GreyAlpha => (Layout::GrayAlpha, Layout::Rgba, Channels::Rgba),
        Channels::Rgb => (Layout::Rgb, Layout::Rgb, Channels::Rgb),
        Channels::Rgba => (Layout::Rgba, Layout::Rgba, Channels::Rgba),
        // The four inks go in as four samples of any kind do.
        Channels::InvertedCmyk => (Layout::Rgba, Layout::Rgb, Channels::Rgb),
    }
}

/// Inks as ICC counts them, 255 for all of it.
fn uninverted(
    picture: &Picture,
    budget: &mut Budget,
) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
    if picture.channels() != Channels::InvertedCmyk {
        return Ok(None);
    }
    let mut inks = budget.room(picture.samples().len())?;
    inks.extend(picture.samples().iter().map(|light| !light));
    Ok(Some(inks))
}

/// Inks without a profile: each takes its colour from white paper, and black from all three.
fn without_inks(picture: &Picture, budget: &mut Budget) -> Result<Picture, Refusal> {
    let channels = Channels::Rgb;
    let len = picture.size().samples(channels.count());
    let mut samples = budget.room(len.ok_or(Refusal::Damaged)?)?;
    for [cyan, magenta, yellow, black] in picture.samples().as_chunks().0 {
        samples.extend([cyan, magenta, yellow].map(|light| dimmed(*light, *black)));
    }
    Picture::new(picture.size(), channels, samples)
}

/// `light` × `black` / 255, rounded.
fn dimmed(light: u8, black: u8) -> u8 {
    let product = u32::from(light).saturating_mul(black.into());
    u8::try_from(product.saturating_add(127) / 255).unwrap_or(u8::MAX)
}
