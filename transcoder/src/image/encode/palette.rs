//! The colours of a picture that has few of them (PNG §11.2.2).

use std::collections::BTreeMap;

use png::BitDepth;
use zeroize::Zeroizing;

use crate::image::picture::{Channels, Picture};
use crate::image::size::length;

/// How many colours there can be.
const MOST: usize = 256;

/// A colour: alpha first, so that those that are not opaque stand before all others and need alphas alone.
type Colour = [u8; 4];

/// Colours in their order, each with its place.
pub(super) struct Palette {
    places: BTreeMap<Colour, u8>,
}

impl Palette {
    /// The colours of `picture`, where they are no more than a palette holds. A grey picture needs none.
    pub(super) fn of(picture: &Picture) -> Option<Self> {
        let mut places = BTreeMap::new();
        let mut last = None;
        for colour in colours_of(picture)? {
            if last == Some(colour) {
                continue;
            }
            places.insert(colour, 0);
            if places.len() > MOST {
                return None;
            }
            last = Some(colour);
        }
        for (place, at) in places.values_mut().zip(0..=u8::MAX) {
            *place = at;
        }
        Some(Self { places })
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The fewest bits that name every colour.
    pub(super) fn depth(&self) -> BitDepth {
        match self.len() {
            0..=2 => BitDepth::One,
            3..=4 => BitDepth::Two,
            5..=16 => BitDepth::Four,
            17.. => BitDepth::Eight,
        }
    }

    /// PNG §11.2.2: red, green, blue of each.
    pub(super) fn colours(&self) -> Vec<u8> {
        let colours = self.places.keys();
        colours
            .flat_map(|[_, red, green, blue]| [*red, *green, *blue])
            .collect()
    }

    /// PNG §11.3.1.1: the alphas of the first ones, up to the last that is not opaque.
    pub(super) fn alphas(&self) -> Vec<u8> {
        let alphas = self.places.keys().map(|[alpha, ..]| *alpha);
        alphas.take_while(|alpha| *alpha < u8::MAX).collect()
    }

    /// PNG §7.2: the places of the picture's pixels, packed from the high end, each row in octets of its own.
    pub(super) fn indices(&self, picture: &Picture) -> Zeroizing<Vec<u8>> {
        let bits = match self.depth() {
            BitDepth::One => 1_u32,
            BitDepth::Two => 2,
            BitDepth::Four => 4,
            BitDepth::Eight | BitDepth::Sixteen => 8,
        };
        let row = picture
            .size()
            .width()
            .saturating_mul(bits)
            .div_ceil(u8::BITS);
        let len = length(row).saturating_mul(length(picture.size().height()));
        let mut indices = Zeroizing::new(Vec::with_capacity(len));
        let mut pixels = colours_of(picture).into_iter().flatten();
        let (mut last, mut place) = (None, 0);
        for _ in 0..picture.size().height() {
            let (mut octet, mut filled) = (0_u8, 0_u32);
            for colour in pixels.by_ref().take(length(picture.size().width())) {
                if last != Some(colour) {
                    place = self.places.get(&colour).copied().unwrap_or(0);
                    last = Some(colour);
                }
                octet = octet.unbounded_shl(bits) | place;
                filled = filled.saturating_add(bits);
                if filled == u8::BITS {
                    indices.push(octet);
                    (octet, filled) = (0, 0);
                }
            }
            if filled > 0 {
                indices.push(octet.unbounded_shl(u8::BITS.saturating_sub(filled)));
            }
        }
        indices
    }
}

/// Every pixel's colour, where the picture has colour.
fn colours_of(picture: &Picture) -> Option<impl Iterator<Item = Colour>> {
    let count = match picture.channels() {
        Channels::Rgb => 3,
        Channels::Rgba => 4,
        Channels::Grey | Channels::GreyAlpha | Channels::InvertedCmyk => return None,
    };
    let pixels = picture.samples().chunks_exact(count);
    Some(pixels.map(|pixel| match pixel {
        [red, green, blue] => [u8::MAX, *red, *green, *blue],
        [red, green, blue, alpha] => [*alpha, *red, *green, *blue],
        [] | [..] => [0; 4],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::size::Size;

    fn picture(width: u32, height: u32, colours: &[Colour]) -> Picture {
        let size = Size::declared(width, height).unwrap();
        let samples = colours.iter().flat_map(|[a, r, g, b]| [*r, *g, *b, *a]);
        let samples = Zeroizing::new(samples.collect());
        Picture::new(size, Channels::Rgba, samples).unwrap()
    }

    #[test]
    fn indices_are_packed_row_by_row_and_what_is_transparent_comes_first() {
        let (none, red, white) = ([0, 0, 0, 0], [255, 255, 0, 0], [255, 255, 255, 255]);
        let picture = picture(3, 2, &[red, white, none, white, white, red]);
        let palette = Palette::of(&picture).unwrap();
        assert_eq!(palette.depth(), BitDepth::Two);
        assert_eq!(palette.colours(), [0, 0, 0, 255, 0, 0, 255, 255, 255]);
        assert_eq!(palette.alphas(), [0]);
        assert_eq!(*palette.indices(&picture), [0b01_10_00_00, 0b10_10_01_00]);
    }

    #[test]
    fn more_than_256_colours_have_no_palette() {
        let colours: Vec<_> = (0..=256_u32)
            .map(|at| [255, (at / 256) as u8, 0, at as u8])
            .collect();
        assert!(Palette::of(&picture(257, 1, &colours)).is_none());
        let palette = Palette::of(&picture(256, 1, &colours[1..])).unwrap();
        assert_eq!(palette.len(), 256);
    }
}
