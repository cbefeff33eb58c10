//! The road of one picture: surveyed, decoded, made smaller, its colour and orientation set right, encoded.
//!
//! The order is by cost: the picture is made smaller as soon as it is decoded, and everything else is done to what is
//! left. Each step takes what it needs from the [`Budget`] before it allocates.

mod alpha;
mod animation;
mod colour;
mod decode;
mod directory;
mod encode;
mod exif;
mod filter;
mod jpeg;
mod jpeg_encode;
mod jxl;
mod octets;
mod orient;
#[cfg(test)]
mod peer;
mod picture;
mod rows;
mod scale;
mod search;
mod size;
#[cfg(test)]
mod specimens;
mod survey;
mod tone;
mod turning;
mod vp8;
mod webp;
mod xmp;

use std::num::{NonZeroU16, NonZeroU32};

use image::metadata::Orientation;

use self::animation::{Shown, picked};
use self::decode::Decoded;
use self::orient::turned;
use self::picture::{Channels, Picture};
use self::rows::PictureRows;
use self::search::{Found, search};
use self::size::Size;
use crate::budget::{Budget, Resource};
use crate::conversion::{Conversion, Converted, Drawn};
use crate::media::{MediaType, Target};
use crate::refusal::Refusal;
use crate::text::pdf::FirstPage;

/// What [`crate::convert`] promises, for a file whose type is known.
pub(crate) fn convert(
    input: &[u8],
    source: MediaType,
    conversion: &Conversion,
    mut budget: Budget,
) -> Result<Converted, Refusal> {
    let found = match (conversion.target, conversion.frames) {
        (Target::Gif, Some(most)) => moving(input, source, most, conversion, &mut budget)?,
        (_, _) => still(input, source, conversion, &mut budget)?,
    };
    Ok(Converted {
        source,
        media: conversion.target,
        width: found.size.width(),
        height: found.size.height(),
        octets: found.octets,
    })
}

/// The file of the first frame.
fn still(
    input: &[u8],
    source: MediaType,
    conversion: &Conversion,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    let picture = seen(input, source, conversion, budget)?;
    let picture = match conversion.target {
        Target::Jpeg | Target::Gif => alpha::on_white(picture, budget)?,
        Target::Png | Target::WebP | Target::Avif => alpha::without_needless(picture, budget)?,
    };
    within_octets(&picture, conversion, budget)
}

/// The file of at most `most` frames; of one where the source does not move, or is of a type of which one is read.
fn moving(
    input: &[u8],
    source: MediaType,
    most: NonZeroU16,
    conversion: &Conversion,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    let timeline = decode::animation::timeline(source, input, budget)?;
    let Some(timeline) = timeline else {
        return still(input, source, conversion, budget);
    };
    let picks = picked(&timeline.steps, most);
    let mut frames = Vec::new();
    let wanted = in_box(conversion);
    decode::animation::frames(
        source,
        input,
        &timeline,
        &picks,
        &wanted,
        budget,
        &mut |decoded, pick, budget| {
            let picture = alpha::on_white(upright(decoded, budget)?, budget)?;
            frames.push((picture, pick.hundredths));
            Ok(())
        },
    )?;
    let shown = frames.iter().map(|(picture, hundredths)| Shown {
        picture,
        hundredths: *hundredths,
    });
    let shown = shown.collect();
    in_octets(conversion, budget, |most, budget| {
        search::gif::search(shown, timeline.plays, most, budget)
    })
}

/// What [`crate::draw`] promises, for a page that is drawn.
pub(crate) fn of_page(
    page: FirstPage,
    conversion: &Conversion,
    budget: &mut Budget,
) -> Result<Drawn, Refusal> {
    let size = Size::declared(page.width.into(), page.height.into())?;
    let picture = Picture::new(size, Channels::Rgb, page.samples)?;
    let mut rows = PictureRows::of(picture);
    let picture = filter::filtered(&mut rows, fitted(size, conversion), budget)?;
    let found = within_octets(&picture, conversion, budget)?;
    Ok(Drawn {
        media: conversion.target,
        width: found.size.width(),
        height: found.size.height(),
        octets: found.octets,
    })
}

/// The picture as it is to be seen: in the size asked for, upright, in sRGB.
fn seen(
    input: &[u8],
    source: MediaType,
    conversion: &Conversion,
    budget: &mut Budget,
) -> Result<Picture, Refusal> {
    let decoded = decode::decode(source, input, &in_box(conversion), budget)?;
    upright(decoded, budget)
}

/// The size that is wanted. The box is for the picture as it is seen; the decoder has it as the camera lay.
fn in_box(conversion: &Conversion) -> impl Fn(Size, Orientation) -> Size {
    move |size, orientation| {
        let upright = turned(size, orientation);
        turned(fitted(upright, conversion), orientation)
    }
}

/// What was decoded, upright and in sRGB.
fn upright(decoded: Decoded, budget: &mut Budget) -> Result<Picture, Refusal> {
    let profile = decoded.profile.as_ref().map(|profile| profile.as_slice());
    let picture = colour::to_srgb(decoded.picture, profile, budget)?;
    orient::orient(picture, decoded.orientation, budget)
}

/// The size inside the box that is asked for, and inside what the target can have.
fn fitted(size: Size, conversion: &Conversion) -> Size {
    let longest = NonZeroU32::new(conversion.target.longest_side());
    let bounds = size
        .within(longest, longest)
        .within(conversion.width, conversion.height);
    size.fitted(bounds)
}

/// The file of `picture` within the octets asked for and the octets allowed.
fn within_octets(
    picture: &Picture,
    conversion: &Conversion,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    in_octets(conversion, budget, |most, budget| {
        search(picture, conversion.target, most, budget)
    })
}

/// What `search` finds within the octets asked for and the octets allowed. Whichever is fewer is to blame where none fits.
fn in_octets(
    conversion: &Conversion,
    budget: &mut Budget,
    search: impl FnOnce(usize, &mut Budget) -> Result<Found, Refusal>,
) -> Result<Found, Refusal> {
    let allowed = budget.output_octets;
    let asked = conversion.octets.map_or(usize::MAX, |octets| octets.get());
    let found = search(asked.min(allowed), budget);
    let found = found.map_err(|refusal| match refusal {
        Refusal::CannotFit if allowed < asked => Refusal::Exceeded(Resource::Output),
        Refusal::CannotFit
        | Refusal::NotAnImage
        | Refusal::Unread(_)
        | Refusal::NotAudio
        | Refusal::DeclaredOtherwise
        | Refusal::Damaged
        | Refusal::Unsupported
        | Refusal::UnreadCharset
        | Refusal::Unrepresentable
        | Refusal::Exceeded(_) => refusal,
    })?;
    budget.take_output(found.octets.len())?;
    Ok(found)
}
