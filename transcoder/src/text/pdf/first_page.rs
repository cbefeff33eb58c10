//! The first page of a PDF as a picture, on white.

use hayro::hayro_interpret::{InterpreterCache, InterpreterSettings};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use zeroize::Zeroizing;

use super::counted::guarded;
use super::{heard, opened};
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

/// A page, drawn.
pub struct FirstPage {
    /// Its width in pixels.
    pub width: u16,
    /// Its height in pixels.
    pub height: u16,
    /// Red, green and blue of every pixel in sRGB, row by row from the top.
    pub samples: Zeroizing<Vec<u8>>,
}

/// The highest picture that is drawn; a page that is longer was made to be printed on a roll.
const HIGHEST: f32 = 16_384.0;
/// Octets that a pixel takes while it is drawn: four of the picture, as many of a layer above it, and what is drawn with.
const OCTETS_DRAWN: u64 = 16;

/// Draws the first page of `input`, `width` pixels wide.
///
/// # Errors
/// [`Refusal::DeclaredOtherwise`]: no PDF; [`Refusal::Unsupported`]: it wants a password; [`Refusal::Damaged`]: it has no page, or
/// one without a size; [`Refusal::Exceeded`].
pub fn first_page(input: &[u8], width: u16, budget: &mut Budget) -> Result<FirstPage, Refusal> {
    budget.take_input(input.len())?;
    let document = opened(input, budget)?;
    let pages = guarded(|| document.pages())?;
    let page = pages.first().ok_or(Refusal::Damaged)?;
    let (own_width, own_height) = page.render_dimensions();
    let scale = f32::from(width) / own_width;
    let height = own_height * scale;
    if !(scale.is_finite() && scale > 0.0 && height >= 1.0) {
        return Err(Refusal::Damaged);
    }
    if height > HIGHEST {
        return Err(Refusal::Exceeded(Resource::Pixels));
    }
    let rows: u32 = format!("{height:.0}")
        .parse()
        .map_err(|_| Refusal::Damaged)?;
    budget.take_pixels(u32::from(width), rows)?;
    let pixels = u64::from(width).saturating_mul(u64::from(rows));
    budget.take_memory(pixels.saturating_mul(OCTETS_DRAWN))?;
    // Counted first: who draws cannot be stopped.
    drop(heard(page, &InterpreterCache::new())?);
    let settings = PixmapSettings {
        x_scale: scale,
        y_scale: scale,
        bg_color: WHITE,
    };
    let interpreter = InterpreterSettings::default();
    let cache = RenderCache::new();
    let drawn = guarded(|| {
        render(
            page,
            &cache,
            &interpreter,
            &RenderSettings::default(),
            &settings,
        )
    })?;
    let mut samples = budget.room(drawn.data().len().saturating_mul(3))?;
    for pixel in drawn.data() {
        samples.extend_from_slice(&[pixel.r, pixel.g, pixel.b]);
    }
    Ok(FirstPage {
        width: drawn.width(),
        height: drawn.height(),
        samples,
    })
}
