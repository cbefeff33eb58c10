//! Palettes (TIFF 6.0 §5): samples that are numbers of colours.

use super::tags;
use crate::image::decode::nearest;
use crate::image::directory::Directory;
use crate::refusal::Refusal;

/// The most bits of a number.
const MOST_BITS: u32 = 8;

/// What an octet can say.
const COLOURS: usize = 256;

/// The colour of each number.
pub(super) struct Palette(Box<[[u8; 3]; COLOURS]>);

impl Palette {
    /// "ColorMap": all reds, then all greens, then all blues, of sixteen bits each.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where a colour is missing; [`Refusal::Unsupported`] for more colours than an octet can say.
    pub(super) fn of(page: &Directory<'_>, bits: u32) -> Result<Self, Refusal> {
        if bits > MOST_BITS {
            return Err(Refusal::Unsupported);
        }
        let levels = page.numbers(tags::COLOR_MAP)?.ok_or(Refusal::Damaged)?;
        let colours = 1_usize.wrapping_shl(bits);
        if levels.count() < colours.saturating_mul(3) {
            return Err(Refusal::Damaged);
        }
        // Some programs wrote levels of eight bits, as libtiff knows.
        let are_octets = levels.iter().all(|level| level <= u8::MAX.into());
        let level = |at| {
            let level = levels.get(at).unwrap_or(0);
            match u8::try_from(level) {
                Ok(level) if are_octets => level,
                Ok(_) | Err(_) => nearest(u16::try_from(level).unwrap_or(u16::MAX)),
            }
        };
        let mut palette = Box::new([[0; 3]; COLOURS]);
        for (red, colour) in palette.iter_mut().take(colours).enumerate() {
            let green = red.saturating_add(colours);
            *colour = [red, green, green.saturating_add(colours)].map(level);
        }
        Ok(Self(palette))
    }

    /// Writes the colours of `numbers` into `row`.
    pub(super) fn colours(&self, numbers: &[u8], row: &mut [u8]) {
        for (number, colour) in numbers.iter().zip(row.as_chunks_mut().0) {
            *colour = self
                .0
                .get(usize::from(*number))
                .copied()
                .unwrap_or_default();
        }
    }
}
