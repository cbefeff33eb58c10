//! AVIF (AV1 in HEIF's boxes) by `ravif`, on one thread and without a word of assembler. It tells its octets only when it is done, so the
//! search counts how often it is asked.

use std::io::Write;

use ravif::{BitDepth, Encoder, Img, RGB8, RGBA8};

use super::{Encoded, Sink};
use crate::image::picture::{Channels, Picture};
use crate::image::size::length;
use crate::refusal::Refusal;

/// How good a file is to be, from 1 to 100, as its encoder counts.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::image) struct Quality(pub(in crate::image) u8);

/// Octets of memory that it takes a pixel, and besides: by measurement half of this.
pub(in crate::image) const WORKING_OCTETS: u64 = 128;
pub(in crate::image) const TABLES: u64 = 16 * 1024 * 1024;

/// From 1, the slowest, to 10. At 320 × 240, a tenth of a second; 8 takes twice the time and saves one octet in fifty, 6 three times.
const SPEED: u8 = 9;

/// Encodes `picture`, keeping at most `limit` octets. The same picture gives the same octets.
///
/// # Errors
/// [`Refusal::Unsupported`] for what AVIF has no such picture of.
pub(in crate::image) fn encode(
    picture: &Picture,
    quality: Quality,
    limit: usize,
) -> Result<Encoded, Refusal> {
    let quality = f32::from(quality.0);
    let encoder = Encoder::new()
        .with_quality(quality)
        .with_alpha_quality(quality)
        .with_speed(SPEED)
        .with_bit_depth(BitDepth::Eight)
        .with_num_threads(Some(1));
    let made = match picture.channels() {
        Channels::Grey => {
            let pixels = spread(picture, |[grey]| RGB8::new(grey, grey, grey));
            encoder.encode_rgb(image(picture, &pixels))
        }
        Channels::Rgb => {
            let pixels = spread(picture, |[r, g, b]| RGB8::new(r, g, b));
            encoder.encode_rgb(image(picture, &pixels))
        }
        Channels::GreyAlpha => {
            let pixels = spread(picture, |[grey, a]| RGBA8::new(grey, grey, grey, a));
            encoder.encode_rgba(image(picture, &pixels))
        }
        Channels::Rgba => {
            let pixels = spread(picture, |[r, g, b, a]| RGBA8::new(r, g, b, a));
            encoder.encode_rgba(image(picture, &pixels))
        }
        Channels::InvertedCmyk => return Err(Refusal::Unsupported),
    };
    let file = made.map_err(|_| Refusal::Unsupported)?.avif_file;
    let file = zeroize::Zeroizing::new(file);
    let mut sink = Sink::new(limit);
    sink.write_all(&file).map_err(|_| Refusal::Unsupported)?;
    Ok(sink.finish())
}

fn spread<const N: usize, P>(picture: &Picture, pixel: impl Fn([u8; N]) -> P) -> Vec<P> {
    let (samples, _none) = picture.samples().as_chunks::<N>();
    samples.iter().copied().map(pixel).collect()
}

fn image<'a, P>(picture: &Picture, pixels: &'a [P]) -> Img<&'a [P]> {
    let size = picture.size();
    Img::new(pixels, length(size.width()), length(size.height()))
}
