//! The road of one picture: surveyed, decoded, made smaller, its colour and orientation set right, encoded.
//!
//! The order is by cost: the picture is made smaller as soon as it is decoded, and everything else is done to what is
//! left. Each step takes what it needs from the [`Budget`] before it allocates.

mod alpha;
mod colour;
mod decode;
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
mod vp8;
mod webp;

use std::num::NonZeroU32;

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
    let picture = seen(input, source, conversion, &mut budget)?;
    let picture = match conversion.target {
        Target::Jpeg => alpha::on_white(picture, &mut budget)?,
        Target::Png | Target::WebP | Target::Avif => alpha::without_needless(picture, &mut budget)?,
    };
    let found = within_octets(&picture, conversion, &mut budget)?;
    Ok(Converted {
        source,
        media: conversion.target,
        width: found.size.width(),
        height: found.size.height(),
        octets: found.octets,
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
    // The box is for the picture as it is seen; the decoder has it as the camera lay.
    let wanted = |size, orientation| {
        let upright = turned(size, orientation);
        turned(fitted(upright, conversion), orientation)
    };
    let decoded = decode::decode(source, input, &wanted, budget)?;
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

/// The file within the octets asked for and the octets allowed. Whichever is fewer is to blame where none fits.
fn within_octets(
    picture: &Picture,
    conversion: &Conversion,
    budget: &mut Budget,
) -> Result<Found, Refusal> {
    let allowed = budget.output_octets;
    let asked = conversion.octets.map_or(usize::MAX, |octets| octets.get());
    let found = search(picture, conversion.target, asked.min(allowed), budget);
    let found = found.map_err(|refusal| match refusal {
        Refusal::CannotFit if allowed < asked => Refusal::Exceeded(Resource::Output),
        Refusal::CannotFit
        | Refusal::NotAnImage
        | Refusal::Unread(_)
        | Refusal::NotAudio
        | Refusal::DeclaredOtherwise
        | Refusal::Damaged
        | Refusal::Unsupported
        | Refusal::UnknownCharset
        | Refusal::Unrepresentable
        | Refusal::Exceeded(_) => refusal,
    })?;
    budget.take_output(found.octets.len())?;
    Ok(found)
}
