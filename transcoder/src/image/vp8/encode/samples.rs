//! Pixels made luma and chroma (ITU-R BT.601, RFC 6386 §9.2), in macroblocks. Chroma is the mean of four pixels, as far as
//! they are seen.

use zeroize::Zeroizing;

use super::super::tile::Tile;
use crate::budget::Budget;
use crate::image::picture::{Channels, Picture};
use crate::image::size::length;
use crate::refusal::Refusal;

/// Samples of luma along a macroblock.
const SIDE: usize = 16;

/// Red, green, blue, alpha.
type Pixel = [u8; 4];

/// The macroblocks of `picture`, row by row. What is missing to whole ones repeats the last pixel or the last row.
///
/// # Errors
/// [`Refusal::Unsupported`] for inks; [`Refusal::Exceeded`] when there is not the memory.
pub(super) fn tiles(
    picture: &Picture,
    budget: &mut Budget,
) -> Result<Zeroizing<Vec<Tile>>, Refusal> {
    let pixels: fn(&[u8], &mut [Pixel]) = match picture.channels() {
        Channels::Grey => |row, to| fill(to, row.as_chunks().0, |[grey]| opaque([grey; 3])),
        Channels::GreyAlpha => |row, to| {
            fill(to, row.as_chunks().0, |[grey, alpha]| {
                [grey, grey, grey, alpha]
            })
        },
        Channels::Rgb => |row, to| fill(to, row.as_chunks().0, opaque),
        Channels::Rgba => |row, to| fill(to, row.as_chunks().0, |pixel| pixel),
        Channels::InvertedCmyk => return Err(Refusal::Unsupported),
    };
    let across = length(picture.size().width()).div_ceil(SIDE);
    let down = length(picture.size().height()).div_ceil(SIDE);
    let mut tiles = budget.room(across.saturating_mul(down))?;
    let wide = across.saturating_mul(SIDE);
    let mut band: Zeroizing<Vec<Pixel>> = budget.room(wide.saturating_mul(SIDE))?;
    band.resize(wide.saturating_mul(SIDE), [0; 4]);
    for rows in picture
        .samples()
        .chunks(picture.row_len().saturating_mul(SIDE))
    {
        let mut rows = rows.chunks_exact(picture.row_len());
        let mut last = rows.next().unwrap_or_default();
        for (at, to) in band.chunks_exact_mut(wide).enumerate() {
            if at > 0 {
                last = rows.next().unwrap_or(last);
            }
            pixels(last, to);
        }
        if picture.channels().count().is_multiple_of(2) {
            hide(&mut band, wide);
        }
        cut(&band, wide, &mut tiles);
    }
    Ok(tiles)
}

fn opaque([red, green, blue]: [u8; 3]) -> Pixel {
    [red, green, blue, u8::MAX]
}

/// A row of pixels; its end repeats the last one.
fn fill<const N: usize>(to: &mut [Pixel], row: &[[u8; N]], pixel: impl Fn([u8; N]) -> Pixel) {
    let last = row.last().map(|last| pixel(*last)).unwrap_or_default();
    let row = row.iter().map(|samples| pixel(*samples));
    for (to, pixel) in to.iter_mut().zip(row.chain(std::iter::repeat(last))) {
        *to = pixel;
    }
}

/// Gives pixels that are not seen the mean colour of those that are in their macroblock, or else the colour before: it
/// costs least.
fn hide(band: &mut [Pixel], wide: usize) {
    let mut before = [0; 3];
    for column in (0..wide).step_by(SIDE) {
        let mut sums = [0_u32; 4];
        let mut block = |change: &mut dyn FnMut(&mut Pixel)| {
            for row in band.chunks_exact_mut(wide) {
                let row = row.get_mut(column..).unwrap_or_default();
                row.iter_mut().take(SIDE).for_each(&mut *change);
            }
        };
        block(&mut |[red, green, blue, alpha]| {
            let weight = u32::from(*alpha);
            for (sum, level) in sums.iter_mut().zip([*red, *green, *blue, 1]) {
                *sum = sum.wrapping_add(weight.wrapping_mul(level.into())); // 256 × 255 × 255 at most
            }
        });
        let [red, green, blue, weight] = sums;
        before = match [red, green, blue].map(|sum| sum.checked_div(weight)) {
            [Some(red), Some(green), Some(blue)] => {
                [red, green, blue].map(|mean| u8::try_from(mean).unwrap_or(u8::MAX))
            }
            _nothing => before,
        };
        block(&mut |pixel| {
            if let [red, green, blue, 0] = pixel {
                [*red, *green, *blue] = before;
            }
        });
    }
}

/// Cuts sixteen rows into macroblocks.
fn cut(band: &[Pixel], wide: usize, tiles: &mut Vec<Tile>) {
    let mut rows = band.chunks_exact(wide);
    let rows: [&[[Pixel; SIDE]]; SIDE] =
        std::array::from_fn(|_| rows.next().unwrap_or_default().as_chunks().0);
    for at in 0..wide / SIDE {
        let block = rows.map(|row| row.get(at).copied().unwrap_or([[0; 4]; SIDE]));
        let mut tile = Tile::default();
        for (to, row) in tile.luma.iter_mut().zip(&block) {
            *to = row.map(luma);
        }
        for (to, pair) in tile.chroma.iter_mut().zip(block.as_chunks::<2>().0) {
            *to = chroma(pair);
        }
        tiles.push(tile);
    }
}

fn luma([red, green, blue, _]: Pixel) -> u8 {
    let [red, green, blue] = [red, green, blue].map(f32::from);
    rounded(16.0 + 0.256_788_2 * red + 0.504_129_4 * green + 0.097_905_9 * blue)
}

/// Eight samples of blue and eight of red.
fn chroma([upper, lower]: &[[Pixel; SIDE]; 2]) -> [u8; 16] {
    let mut row = [0; 16];
    let (blues, reds) = row.split_at_mut(8);
    let pairs = upper
        .as_chunks::<2>()
        .0
        .iter()
        .zip(lower.as_chunks::<2>().0);
    for ((blue, red), (upper, lower)) in blues.iter_mut().zip(reds).zip(pairs) {
        let ([a, b], [c, d]) = (upper, lower);
        [*blue, *red] = differences(mean([*a, *b, *c, *d]));
    }
    row
}

/// The mean of four pixels, each as far as it is seen.
fn mean(pixels: [Pixel; 4]) -> [f32; 3] {
    let alphas = pixels.map(|[.., alpha]| f32::from(alpha));
    let weight = alphas.iter().sum::<f32>();
    let (alphas, weight) = if weight > 0.0 {
        (alphas, weight)
    } else {
        ([1.0; 4], 4.0)
    };
    let mut sums = [0.0; 3];
    for ([red, green, blue, _], alpha) in pixels.into_iter().zip(alphas) {
        for (sum, level) in sums.iter_mut().zip([red, green, blue]) {
            *sum += f32::from(level) * alpha;
        }
    }
    sums.map(|sum| sum / weight)
}

fn differences([red, green, blue]: [f32; 3]) -> [u8; 2] {
    [
        rounded(128.0 - 0.148_222_9 * red - 0.290_992_8 * green + 0.439_215_7 * blue),
        rounded(128.0 + 0.439_215_7 * red - 0.367_788_4 * green - 0.071_427_3 * blue),
    ]
}

#[expect(
    clippy::as_conversions,
    reason = "the only way from a float; it saturates"
)]
fn rounded(value: f32) -> u8 {
    (value + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::size::Size;

    fn of(width: u32, height: u32, pixel: impl Fn(u32, u32) -> Pixel) -> Vec<Tile> {
        let size = Size::declared(width, height).unwrap();
        let places = (0..width * height).map(|at| (at % width, at / width));
        let samples = places.flat_map(|(x, y)| pixel(x, y)).collect();
        let picture = Picture::new(size, Channels::Rgba, Zeroizing::new(samples)).unwrap();
        let mut budget = Budget {
            input_octets: 0,
            pixels: 0,
            samples: 0,
            output_octets: 0,
            memory: 1 << 24,
        };
        tiles(&picture, &mut budget).unwrap().to_vec()
    }

    fn same(one: &[Tile], other: &[Tile]) {
        assert_eq!(one.len(), other.len());
        for (one, other) in one.iter().zip(other) {
            assert_eq!((one.luma, one.chroma), (other.luma, other.chroma));
        }
    }

    /// ITU-R BT.601, table 3 of its 75 % and 100 % bars, rounded.
    #[test]
    fn known_colours_have_the_samples_that_everybody_knows() {
        for (pixel, expected) in [
            ([0, 0, 0], [16, 128, 128]),
            ([255, 255, 255], [235, 128, 128]),
            ([255, 0, 0], [81, 90, 240]),
            ([0, 255, 0], [145, 54, 34]),
            ([0, 0, 255], [41, 240, 110]),
        ] {
            let [tile] = of(4, 4, |_, _| opaque(pixel))[..] else {
                panic!("one macroblock");
            };
            let found = [tile.luma[0][0], tile.chroma[0][0], tile.chroma[0][8]];
            assert_eq!(found, expected, "{pixel:?}");
        }
    }

    /// What nobody sees makes nothing that is seen darker, and costs nothing.
    #[test]
    fn pixels_that_are_not_seen_take_the_colour_of_the_others() {
        let red = [200, 30, 20, 255];
        let hidden = |x: u32, y: u32| [(x * 9) as u8, (y * 7) as u8, 255, 0];
        let found = of(47, 20, |x, y| if x < 9 { red } else { hidden(x, y) });
        same(&found, &of(47, 20, |_, _| red));
    }

    #[test]
    fn what_is_missing_repeats_the_edge() {
        let slope = |x: u32, y: u32| [(x * 5) as u8, (y * 9) as u8, 40, 255];
        let found = of(18, 5, slope);
        same(&found, &of(32, 16, |x, y| slope(x.min(17), y.min(4))));
    }
}
