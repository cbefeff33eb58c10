//! PNG: by a palette where that is shorter, else as it is, with the filters that suit each row.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};

use super::palette::Palette;
use super::{Encoded, Sink};
use crate::image::picture::{Channels, Picture};
use crate::refusal::Refusal;

/// The most pixels that are compressed with patience: a quarter of a second for a megapixel, against a thirtieth.
const PATIENT_PIXELS: u64 = 1024 * 1024;

/// With so few colours a palette is shorter without trying.
const CLEARLY_FEW: usize = 16;

pub(super) fn encode(picture: &Picture, limit: usize) -> Result<Encoded, Refusal> {
    let Some(palette) = Palette::of(picture) else {
        return plain(picture, limit);
    };
    let by_palette = indexed(picture, &palette, limit)?;
    let patient = picture.size().pixels() <= PATIENT_PIXELS;
    if palette.len() <= CLEARLY_FEW || !patient {
        return Ok(by_palette);
    }
    let plain = plain(picture, limit)?;
    Ok(if plain.len() < by_palette.len() {
        plain
    } else {
        by_palette
    })
}

fn plain(picture: &Picture, limit: usize) -> Result<Encoded, Refusal> {
    let colour = match picture.channels() {
        Channels::Grey => ColorType::Grayscale,
        Channels::GreyAlpha => ColorType::GrayscaleAlpha,
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba => ColorType::Rgba,
        Channels::InvertedCmyk => return Err(Refusal::Unsupported),
    };
    let mut sink = Sink::new(limit);
    let mut encoder = encoder(picture, &mut sink);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_filter(Filter::Adaptive);
    write(encoder, picture.samples())?;
    Ok(sink.finish())
}

fn indexed(picture: &Picture, palette: &Palette, limit: usize) -> Result<Encoded, Refusal> {
    let mut sink = Sink::new(limit);
    let mut encoder = encoder(picture, &mut sink);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(palette.depth());
    encoder.set_palette(palette.colours());
    let alphas = palette.alphas();
    if !alphas.is_empty() {
        encoder.set_trns(alphas);
    }
    encoder.set_filter(Filter::NoFilter); // neighbours in a palette are not alike
    write(encoder, &palette.indices(picture))?;
    Ok(sink.finish())
}

fn encoder<'a>(picture: &Picture, sink: &'a mut Sink) -> Encoder<'static, &'a mut Sink> {
    let size = picture.size();
    let mut encoder = Encoder::new(sink, size.width(), size.height());
    encoder.set_compression(if size.pixels() <= PATIENT_PIXELS {
        Compression::Balanced
    } else {
        Compression::Fast
    });
    encoder
}

fn write(encoder: Encoder<'_, &mut Sink>, samples: &[u8]) -> Result<(), Refusal> {
    let written = |encoder: Encoder<'_, &mut Sink>| -> Result<(), EncodingError> {
        let mut writer = encoder.write_header()?;
        writer.write_image_data(samples)?;
        writer.finish()
    };
    written(encoder).map_err(|_| Refusal::Unsupported)
}
