//! A picture written as a file. Nothing but pixels goes in, so no metadata can come out.

use std::io::Write;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder};
use secret::Plaintext;

use super::picture::{Channels, Picture};
use crate::media::Target;
use crate::refusal::Refusal;

/// How good a lossy file is, 1 to 100. A lossless one is as good as it can be, whatever this says.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Quality(pub(super) u8);

/// What came of an encoding.
pub(super) enum Encoded {
    /// The file.
    Fits(Plaintext),
    /// It would have had as many octets.
    TooLong(usize),
}

/// Octets of memory that an encoder takes a pixel: all coefficients of a JPEG in 16 bits, or a WebP's pixels again.
pub(super) const WORKING_OCTETS: u64 = 8;

/// Encodes `picture`, keeping at most `limit` octets.
///
/// # Errors
/// [`Refusal::Unsupported`] when the target has no such picture.
pub(super) fn encode(
    picture: &Picture,
    target: Target,
    quality: Quality,
    limit: usize,
) -> Result<Encoded, Refusal> {
    let mut sink = Sink {
        held: Plaintext::with_limit(limit),
        limit,
        written: 0,
    };
    match target {
        Target::Jpeg => jpeg(picture, quality, &mut sink)?,
        Target::Png => {
            let compression = compression(picture);
            let encoder =
                PngEncoder::new_with_quality(&mut sink, compression, FilterType::Adaptive);
            lossless(picture, encoder)?;
        }
        Target::WebP => lossless(picture, WebPEncoder::new_lossless(&mut sink))?,
    }
    Ok(sink.finish())
}

/// The most pixels that are compressed with patience: a quarter of a second for a megapixel, against a thirtieth.
const PATIENT_PIXELS: u64 = 1024 * 1024;

fn compression(picture: &Picture) -> CompressionType {
    if picture.size().pixels() <= PATIENT_PIXELS {
        CompressionType::Default
    } else {
        CompressionType::Fast
    }
}

/// Baseline in one scan, with colour at half the resolution below quality 90: what cameras write, so that everything
/// reads it. This encoder's own Huffman tables would save 2 to 7 %, but come with a scan for each component, which
/// not every decoder reads.
fn jpeg(picture: &Picture, quality: Quality, sink: &mut Sink) -> Result<(), Refusal> {
    let colour = match picture.channels() {
        Channels::Grey => ColorType::Luma,
        Channels::Rgb => ColorType::Rgb,
        Channels::GreyAlpha | Channels::Rgba | Channels::InvertedCmyk => {
            return Err(Refusal::Unsupported);
        }
    };
    let side = |side: u32| u16::try_from(side).map_err(|_| Refusal::Unsupported);
    let (width, height) = (
        side(picture.size().width())?,
        side(picture.size().height())?,
    );
    let mut encoder = Encoder::new(sink, quality.0);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder
        .encode(picture.samples(), width, height, colour)
        .map_err(|_| Refusal::Unsupported)
}

fn lossless(picture: &Picture, encoder: impl ImageEncoder) -> Result<(), Refusal> {
    let colour = match picture.channels() {
        Channels::Grey => ExtendedColorType::L8,
        Channels::GreyAlpha => ExtendedColorType::La8,
        Channels::Rgb => ExtendedColorType::Rgb8,
        Channels::Rgba => ExtendedColorType::Rgba8,
        Channels::InvertedCmyk => return Err(Refusal::Unsupported),
    };
    let (width, height) = (picture.size().width(), picture.size().height());
    encoder
        .write_image(picture.samples(), width, height, colour)
        .map_err(|_| Refusal::Unsupported)
}

/// Holds what an encoder writes as long as it is within the limit, and counts on beyond it: how far a file was from
/// fitting says what to try next.
struct Sink {
    held: Plaintext,
    limit: usize,
    written: usize,
}

impl Sink {
    fn finish(self) -> Encoded {
        if self.written <= self.limit {
            Encoded::Fits(self.held)
        } else {
            Encoded::TooLong(self.written)
        }
    }
}

impl Write for Sink {
    fn write(&mut self, run: &[u8]) -> std::io::Result<usize> {
        self.written = self.written.saturating_add(run.len());
        if self.written <= self.limit {
            self.held.write_all(run)?;
        }
        Ok(run.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
