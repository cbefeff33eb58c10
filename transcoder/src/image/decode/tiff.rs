//! TIFF strip by strip (TIFF 6.0 §7), where pixels are of the usual kinds and stand in strips. Others (tiles, planes, inks,
//! bits) are left to the decoder of whole pictures.

use std::io::Cursor;

use tiff::decoder::{ChunkType, Decoder, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};
use zeroize::Zeroizing;

use super::lzw::{Lzw, SLACK};
use super::{Decoded, Depth, Head, Wanted, nearest};
use crate::budget::{Budget, Resource};
use crate::image::picture::Channels;
use crate::image::rows::Rows;
use crate::image::size::{Size, length};
use crate::image::survey::Survey;
use crate::refusal::Refusal;

/// TIFF 6.0 §8, "PlanarConfiguration": a pixel's samples stand together.
const CHUNKY: u16 = 1;

/// TIFF 6.0 §19, "SampleFormat": samples are integers without a sign.
const UNSIGNED: u16 = 1;

/// TIFF 6.0 §13, "Compression".
const LZW: u16 = 5;

/// TIFF 6.0 §8, "FillOrder": bits from the high end.
const HIGH_FIRST: u16 = 1;

/// TIFF 6.0 §14, "Predictor": none, and the difference to the pixel at the left.
const NO_PREDICTOR: u16 = 1;
const LEFT_PREDICTOR: u16 = 2;

/// TIFF 6.0 §8, "PhotometricInterpretation".
const WHITE_IS_ZERO: u16 = 0;

/// What was made of a file.
pub(super) enum Striped {
    Decoded(Decoded),
    /// Nothing: it is not of strips of the usual kinds.
    Otherwise,
}

pub(super) fn decode(
    input: &[u8],
    survey: &Survey,
    wanted: Wanted<'_>,
    budget: &mut Budget,
) -> Result<Striped, Refusal> {
    let decoder = Decoder::new(Cursor::new(input)).map_err(refusal)?;
    let mut decoder = decoder.with_limits(limits(survey, budget));
    let size = decoder.dimensions().map_err(refusal)?;
    if size != (survey.size.width(), survey.size.height()) {
        return Err(Refusal::Damaged);
    }
    let Some((channels, depth)) = form(&mut decoder)? else {
        return Ok(Striped::Otherwise);
    };
    let head = Head {
        size: survey.size,
        orientation: survey.orientation,
        profile: decoder
            .get_tag_u8_vec(Tag::IccProfile)
            .ok()
            .map(Zeroizing::new),
    };
    let lzw = LzwStrips::of(&mut decoder, input, channels, depth)?;
    let mut rows = Strips {
        decoder,
        lzw,
        size: survey.size,
        channels,
        depth,
        strip: Zeroizing::new(Vec::new()),
        next_strip: 0,
        at: 0,
    };
    rows.make_room(budget)?;
    head.small(&mut rows, wanted, budget).map(Striped::Decoded)
}

fn limits(survey: &Survey, budget: &Budget) -> Limits {
    let working = usize::try_from(survey.working).unwrap_or(usize::MAX);
    let left = budget.memory.saturating_add(working);
    let mut limits = Limits::unlimited();
    limits.decoding_buffer_size = left;
    limits.intermediate_buffer_size = left;
    limits.ifd_value_size = left;
    limits
}

/// What a pixel's samples mean and how many bits they have, where strips of them can be read here.
fn form(decoder: &mut Decoder<Cursor<&[u8]>>) -> Result<Option<(Channels, Depth)>, Refusal> {
    let in_strips = decoder.get_chunk_type() == ChunkType::Strip
        && decoder.strip_count().is_ok_and(|strips| strips > 0);
    let planes = decoder.find_tag_unsigned::<u16>(Tag::PlanarConfiguration);
    let chunky = planes
        .map_err(refusal)?
        .is_none_or(|planes| planes == CHUNKY);
    let formats = decoder.find_tag_unsigned_vec::<u16>(Tag::SampleFormat);
    let formats = formats.map_err(refusal)?.unwrap_or_default();
    let unsigned = formats.iter().all(|format| *format == UNSIGNED);
    if !in_strips && !chunky {
        // The decoder of whole pictures asserts that tiles are not in planes.
        return Err(Refusal::Unsupported);
    }
    if !(in_strips && chunky && unsigned) {
        return Ok(None);
    }
    Ok(match decoder.colortype().map_err(refusal)? {
        ColorType::Gray(8) => Some((Channels::Grey, Depth::Eight)),
        ColorType::Gray(16) => Some((Channels::Grey, Depth::Sixteen)),
        ColorType::RGB(8) => Some((Channels::Rgb, Depth::Eight)),
        ColorType::RGB(16) => Some((Channels::Rgb, Depth::Sixteen)),
        ColorType::RGBA(8) => Some((Channels::Rgba, Depth::Eight)),
        ColorType::RGBA(16) => Some((Channels::Rgba, Depth::Sixteen)),
        ColorType::Gray(_)
        | ColorType::RGB(_)
        | ColorType::Palette(_)
        | ColorType::GrayA(_)
        | ColorType::RGBA(_)
        | ColorType::CMYK(_)
        | ColorType::CMYKA(_)
        | ColorType::YCbCr(_)
        | ColorType::Lab(_)
        | ColorType::Multiband { .. }
        | _ => None,
    })
}

/// The strips of a file that are of LZW and of samples of eight bits: the common case, decoded here.
struct LzwStrips<'a> {
    input: &'a [u8],
    lzw: Lzw,
    offsets: Vec<u64>,
    lens: Vec<u64>,
    predictor: u16,
}

impl<'a> LzwStrips<'a> {
    /// `None` where the file is another.
    fn of(
        decoder: &mut Decoder<Cursor<&'a [u8]>>,
        input: &'a [u8],
        channels: Channels,
        depth: Depth,
    ) -> Result<Option<Self>, Refusal> {
        let mut tag = |tag, default| -> Result<u16, Refusal> {
            let value = decoder.find_tag_unsigned(tag).map_err(refusal)?;
            Ok(value.unwrap_or(default))
        };
        let predictor = tag(Tag::Predictor, NO_PREDICTOR)?;
        let fits = tag(Tag::Compression, 1)? == LZW
            && depth == Depth::Eight
            && usize::from(tag(Tag::SamplesPerPixel, 1)?) == channels.count()
            && tag(Tag::FillOrder, HIGH_FIRST)? == HIGH_FIRST
            && tag(Tag::PhotometricInterpretation, WHITE_IS_ZERO)? != WHITE_IS_ZERO
            && matches!(predictor, NO_PREDICTOR | LEFT_PREDICTOR);
        if !fits {
            return Ok(None);
        }
        let mut all = |tag| decoder.get_tag_u64_vec(tag).map_err(refusal);
        Ok(Some(Self {
            input,
            lzw: Lzw::new(),
            offsets: all(Tag::StripOffsets)?,
            lens: all(Tag::StripByteCounts)?,
            predictor,
        }))
    }

    /// Fills `strip`, whose rows are of `row_len` octets, and which has [`SLACK`] more.
    fn read(
        &mut self,
        at: u32,
        strip: &mut [u8],
        row_len: usize,
        channels: Channels,
    ) -> Result<(), Refusal> {
        let field = |fields: &[u64]| {
            let field = fields.get(length(at)).copied();
            field.and_then(|field| usize::try_from(field).ok())
        };
        let (offset, len) = (field(&self.offsets), field(&self.lens));
        let (offset, len) = offset.zip(len).ok_or(Refusal::Damaged)?;
        let end = offset.checked_add(len).ok_or(Refusal::Damaged)?;
        let encoded = self.input.get(offset..end).ok_or(Refusal::Damaged)?;
        self.lzw.decode(encoded, strip)?;
        if self.predictor == LEFT_PREDICTOR {
            for row in strip.chunks_exact_mut(row_len) {
                match channels.count() {
                    1 => unpredict::<1>(row),
                    3 => unpredict::<3>(row),
                    _four => unpredict::<4>(row),
                }
            }
        }
        Ok(())
    }
}

/// TIFF 6.0 §14: each sample is what it says more than the one of the pixel at the left.
fn unpredict<const N: usize>(row: &mut [u8]) {
    let mut left = [0_u8; N];
    for pixel in row.as_chunks_mut::<N>().0 {
        for (sample, left) in pixel.iter_mut().zip(&mut left) {
            *left = left.wrapping_add(*sample);
            *sample = *left;
        }
    }
}

/// The rows of one strip after the other.
struct Strips<'a> {
    decoder: Decoder<Cursor<&'a [u8]>>,
    lzw: Option<LzwStrips<'a>>,
    size: Size,
    channels: Channels,
    depth: Depth,
    /// The strip that is being read from, as long as it is, with room for the longest.
    strip: Zeroizing<Vec<u8>>,
    next_strip: u32,
    /// How much of it was read.
    at: usize,
}

impl Strips<'_> {
    fn row_len(&self) -> usize {
        let sample = match self.depth {
            Depth::Eight => 1,
            Depth::Sixteen => 2,
        };
        let samples = length(self.size.width()).saturating_mul(self.channels.count());
        samples.saturating_mul(sample)
    }

    /// The first strip is as long as any.
    fn make_room(&mut self, budget: &mut Budget) -> Result<(), Refusal> {
        let (_, rows) = self.decoder.chunk_data_dimensions(0);
        let len = self.row_len().checked_mul(length(rows));
        let len = len.and_then(|len| len.checked_add(SLACK));
        self.strip = budget.room(len.ok_or(Refusal::Exceeded(Resource::Memory))?)?;
        Ok(())
    }

    fn read_strip(&mut self) -> Result<(), Refusal> {
        let strips = self.decoder.strip_count().map_err(refusal)?;
        if self.next_strip >= strips {
            return Err(Refusal::Damaged);
        }
        let (_, rows) = self.decoder.chunk_data_dimensions(self.next_strip);
        let row_len = self.row_len();
        let len = row_len.saturating_mul(length(rows));
        if len.saturating_add(SLACK) > self.strip.capacity() {
            return Err(Refusal::Damaged);
        }
        if let Some(lzw) = &mut self.lzw {
            self.strip.resize(len.saturating_add(SLACK), 0);
            lzw.read(self.next_strip, &mut self.strip, row_len, self.channels)?;
            self.strip.truncate(len);
        } else {
            self.strip.resize(len, 0);
            self.decoder
                .read_chunk_bytes(self.next_strip, &mut self.strip)
                .map_err(refusal)?;
        }
        self.next_strip = self.next_strip.saturating_add(1);
        self.at = 0;
        Ok(())
    }
}

impl Rows for Strips<'_> {
    fn size(&self) -> Size {
        self.size
    }

    fn channels(&self) -> Channels {
        self.channels
    }

    fn next_row(&mut self, row: &mut [u8]) -> Result<(), Refusal> {
        if self.at >= self.strip.len() {
            self.read_strip()?;
        }
        let end = self.at.saturating_add(self.row_len());
        let samples = self.strip.get(self.at..end).ok_or(Refusal::Damaged)?;
        self.at = end;
        match self.depth {
            Depth::Eight if samples.len() == row.len() => row.copy_from_slice(samples),
            Depth::Eight => return Err(Refusal::Damaged),
            Depth::Sixteen => {
                for (sample, deep) in row.iter_mut().zip(samples.as_chunks().0) {
                    *sample = nearest(u16::from_ne_bytes(*deep));
                }
            }
        }
        Ok(())
    }
}

fn refusal(error: TiffError) -> Refusal {
    match error {
        TiffError::LimitsExceeded => Refusal::Exceeded(Resource::Memory),
        TiffError::UnsupportedError(_) => Refusal::Unsupported,
        TiffError::FormatError(_)
        | TiffError::IoError(_)
        | TiffError::IntSizeError
        | TiffError::UsageError(_) => Refusal::Damaged,
    }
}
