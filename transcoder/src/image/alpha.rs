//! Alpha: left out where nothing is transparent, and laid on white where the target has none.

use super::picture::{Channels, Picture};
use crate::budget::Budget;
use crate::refusal::Refusal;

/// `picture` without its alpha, if all of it is opaque; else as it was.
///
/// # Errors
/// [`Refusal::Exceeded`] when there is not the memory.
pub(super) fn without_needless(picture: Picture, budget: &mut Budget) -> Result<Picture, Refusal> {
    let opaque = match picture.channels() {
        Channels::GreyAlpha => is_opaque::<2>(&picture),
        Channels::Rgba => is_opaque::<4>(&picture),
        Channels::Grey | Channels::Rgb | Channels::InvertedCmyk => false,
    };
    if opaque {
        on_white(picture, budget)
    } else {
        Ok(picture)
    }
}

/// `picture` as it looks on white, without alpha.
///
/// # Errors
/// [`Refusal::Exceeded`] when there is not the memory.
pub(super) fn on_white(picture: Picture, budget: &mut Budget) -> Result<Picture, Refusal> {
    match picture.channels() {
        Channels::GreyAlpha => flattened::<2>(&picture, Channels::Grey, budget),
        Channels::Rgba => flattened::<4>(&picture, Channels::Rgb, budget),
        Channels::Grey | Channels::Rgb | Channels::InvertedCmyk => Ok(picture),
    }
}

fn is_opaque<const N: usize>(picture: &Picture) -> bool {
    let (pixels, _none) = picture.samples().as_chunks::<N>();
    pixels.iter().all(|pixel| pixel.last() == Some(&u8::MAX))
}

fn flattened<const N: usize>(
    picture: &Picture,
    channels: Channels,
    budget: &mut Budget,
) -> Result<Picture, Refusal> {
    let len = picture.size().samples(channels.count());
    let mut samples = budget.room(len.ok_or(Refusal::Damaged)?)?;
    for pixel in picture.samples().as_chunks::<N>().0 {
        if let Some((alpha, colours)) = pixel.split_last() {
            samples.extend(colours.iter().map(|colour| over_white(*colour, *alpha)));
        }
    }
    Picture::new(picture.size(), channels, samples)
}

/// `colour` over white, in sRGB's encoding as browsers do it: 255 − (255 − `colour`) × `alpha` / 255, rounded.
fn over_white(colour: u8, alpha: u8) -> u8 {
    let product = u32::from(!colour).saturating_mul(alpha.into());
    !u8::try_from(product.saturating_add(127) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_is_itself_and_transparent_is_white() {
        for colour in 0..=u8::MAX {
            assert_eq!(over_white(colour, 255), colour);
            assert_eq!(over_white(colour, 0), 255);
        }
        assert_eq!(over_white(0, 128), 127);
    }
}
