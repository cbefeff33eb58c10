//! WebP: the container (RFC 9649 §2), around what loses nothing and around what does.

use std::io::Write;

use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};
use secret::Plaintext;

use super::{Encoded, Sink, WORKING_OCTETS};
use crate::budget::{Budget, Resource};
use crate::image::picture::{Channels, Picture};
use crate::image::size::Size;
use crate::image::vp8::{Coarseness, Encoder};
use crate::image::webp::{chunk, chunks};
use crate::refusal::Refusal;

/// "RIFF", its length, "WEBP".
const FILE_LEN: usize = 12;

/// A chunk's name and length.
const CHUNK_LEN: usize = 8;

/// RFC 9649 §2.7.1: flags, and sides less one in three octets each.
const EXTENDED_LEN: usize = 10;

/// RFC 9649 §2.7.1: there is alpha.
const ALPHA: u8 = 0x10;

/// RFC 9649 §2.7.1.2: no filter, and compressed.
const COMPRESSED: u8 = 1;

/// RFC 9649 §3.4: a mark and the size stand before what an ALPH chunk takes over.
const LOSSLESS_HEADER_LEN: usize = 5;

/// The file of `picture` without loss.
///
/// # Errors
/// [`Refusal::Unsupported`] for inks.
pub(super) fn lossless(picture: &Picture, limit: usize) -> Result<Encoded, Refusal> {
    let colour = match picture.channels() {
        Channels::Grey => ExtendedColorType::L8,
        Channels::GreyAlpha => ExtendedColorType::La8,
        Channels::Rgb => ExtendedColorType::Rgb8,
        Channels::Rgba => ExtendedColorType::Rgba8,
        Channels::InvertedCmyk => return Err(Refusal::Unsupported),
    };
    compressed(picture.samples(), picture.size(), colour, limit)
}

fn compressed(
    samples: &[u8],
    size: Size,
    colour: ExtendedColorType,
    limit: usize,
) -> Result<Encoded, Refusal> {
    let mut sink = Sink::new(limit);
    WebPEncoder::new_lossless(&mut sink)
        .write_image(samples, size.width(), size.height(), colour)
        .map_err(|_| Refusal::Unsupported)?;
    Ok(sink.finish())
}

/// A picture that is written with loss, as often as it takes.
pub(in crate::image) struct Lossy {
    size: Size,
    encoder: Encoder,
    /// An ALPH chunk's data.
    alpha: Option<Plaintext>,
}

impl Lossy {
    /// Takes `picture` in; its alpha is coded once for all, without loss.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] for inks; [`Refusal::Exceeded`] when there is not the memory.
    pub(in crate::image) fn new(picture: &Picture, budget: &mut Budget) -> Result<Self, Refusal> {
        Ok(Self {
            size: picture.size(),
            encoder: Encoder::new(picture, budget)?,
            alpha: alpha(picture, budget)?,
        })
    }

    /// The file at this coarseness, if it has no more than `limit` octets.
    ///
    /// # Errors
    /// [`Refusal::Exceeded`] when the file was to have more octets than its length can say.
    pub(in crate::image) fn encode(
        &mut self,
        coarseness: Coarseness,
        limit: usize,
    ) -> Result<Encoded, Refusal> {
        let around = self.around();
        let frame = self
            .encoder
            .encode(coarseness, limit.saturating_sub(around));
        let len = around.saturating_add(frame.len.next_multiple_of(2));
        if len > limit {
            return Ok(Encoded::TooLong(len));
        }
        let mut sink = Sink::new(limit);
        let written = self.head(len, &mut sink).and_then(|()| {
            begin(*b"VP8 ", frame.len, &mut sink)?;
            frame.write(&mut sink)?;
            pad(frame.len, &mut sink)
        });
        written.map_err(|_| Refusal::Exceeded(Resource::Output))?;
        Ok(sink.finish())
    }

    /// About how many octets the file would have at this coarseness.
    pub(in crate::image) fn estimate(&self, coarseness: Coarseness) -> usize {
        self.around()
            .saturating_add(self.encoder.estimate(coarseness))
    }

    /// Octets of all but the frame.
    fn around(&self) -> usize {
        let extended = self.alpha.as_ref().map_or(0, |alpha| {
            let alpha = alpha.len().next_multiple_of(2);
            alpha.saturating_add(CHUNK_LEN + EXTENDED_LEN + CHUNK_LEN)
        });
        extended.saturating_add(FILE_LEN + CHUNK_LEN)
    }

    /// What stands before the frame, of a file of `len` octets.
    fn head(&self, len: usize, to: &mut impl Write) -> std::io::Result<()> {
        begin(*b"RIFF", len.saturating_sub(CHUNK_LEN), to)?;
        to.write_all(b"WEBP")?;
        let Some(alpha) = &self.alpha else {
            return Ok(());
        };
        begin(*b"VP8X", EXTENDED_LEN, to)?;
        to.write_all(&[ALPHA, 0, 0, 0])?;
        for side in [self.size.width(), self.size.height()] {
            let [low, middle, high, _] = side.saturating_sub(1).to_le_bytes();
            to.write_all(&[low, middle, high])?;
        }
        begin(*b"ALPH", alpha.len(), to)?;
        to.write_all(alpha.expose())?;
        pad(alpha.len(), to)
    }
}

/// RFC 9649 §2.3.
fn begin(name: [u8; 4], len: usize, to: &mut impl Write) -> std::io::Result<()> {
    let len = u32::try_from(len).map_err(std::io::Error::other)?;
    to.write_all(&name)?;
    to.write_all(&len.to_le_bytes())
}

fn pad(len: usize, to: &mut impl Write) -> std::io::Result<()> {
    match len % 2 {
        0 => Ok(()),
        _odd => to.write_all(&[0]),
    }
}

/// RFC 9649 §2.7.1.2: the alphas of `picture` as a lossless picture's green; without its header, as their size is known.
fn alpha(picture: &Picture, budget: &mut Budget) -> Result<Option<Plaintext>, Refusal> {
    let count = match picture.channels() {
        Channels::GreyAlpha | Channels::Rgba => picture.channels().count(),
        Channels::Grey | Channels::Rgb | Channels::InvertedCmyk => return Ok(None),
    };
    let len = picture.size().samples(1).ok_or(Refusal::Damaged)?;
    let mut alphas = budget.room(len)?;
    alphas.extend(
        picture
            .samples()
            .chunks_exact(count)
            .filter_map(<[u8]>::last),
    );
    budget.take_memory(picture.size().pixels().saturating_mul(WORKING_OCTETS))?;
    let file = compressed(&alphas, picture.size(), ExtendedColorType::L8, usize::MAX)?;
    let Encoded::Fits(file) = file else {
        return Err(Refusal::Exceeded(Resource::Output));
    };
    let (_name, data) = chunk(&mut chunks(file.expose())?)?;
    let image = data.get(LOSSLESS_HEADER_LEN..).ok_or(Refusal::Damaged)?;
    let mut alpha = Plaintext::with_limit(file.len());
    let held = alpha
        .extend(&[COMPRESSED])
        .and_then(|()| alpha.extend(image));
    held.map_err(|_| Refusal::Exceeded(Resource::Output))?;
    Ok(Some(alpha))
}
