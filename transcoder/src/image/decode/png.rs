//! PNG row by row. An interlaced picture (PNG §8.2) is read whole, since its last pass has a part of every second row.

use std::io::Cursor;

use png::{BitDepth, ColorType, DecodingError, Limits, Reader, Transformations};
use zeroize::Zeroizing;

use super::{Decoded, Depth, Head, Wanted, keep_eight_bits, nearest};
use crate::budget::{Budget, Resource};
use crate::image::picture::{Channels, Picture};
use crate::image::rows::{PictureRows, Rows};
use crate::image::size::{Size, length};
use crate::image::survey::Survey;
use crate::refusal::Refusal;

pub(super) fn decode(
    input: &[u8],
    survey: &Survey,
    wanted: Wanted<'_>,
    budget: &mut Budget,
) -> Result<Decoded, Refusal> {
    let reader = reader(input, survey, budget)?;
    let information = reader.info();
    if information.size() != (survey.size.width(), survey.size.height()) {
        return Err(Refusal::Damaged);
    }
    // APNG: the first frame fills the canvas.
    if information.frame_control.is_some_and(|frame| {
        (frame.width, frame.height) != (survey.size.width(), survey.size.height())
    }) {
        return Err(Refusal::Damaged);
    }
    let profile = information.icc_profile.as_ref();
    let head = Head {
        size: survey.size,
        orientation: survey.orientation,
        profile: profile.map(|profile| Zeroizing::new(profile.to_vec())),
    };
    let form = meaning(reader.output_color_type())?;
    if information.interlaced {
        let picture = whole(reader, survey.size, form, budget)?;
        return head.small(&mut PictureRows::of(picture), wanted, budget);
    }
    let mut rows = PngRows::new(reader, survey.size, form, budget)?;
    head.small(&mut rows, wanted, budget)
}

/// Reads what stands before the pixels. The limit of the decoder's own memory bounds an ICC profile that inflates to
/// gigabytes, too. Text is left out.
fn reader<'a>(
    input: &'a [u8],
    survey: &Survey,
    budget: &Budget,
) -> Result<Reader<Cursor<&'a [u8]>>, Refusal> {
    let working = usize::try_from(survey.working).unwrap_or(usize::MAX);
    let limits = Limits {
        bytes: budget.memory.saturating_add(working),
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(input), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::EXPAND);
    decoder.read_info().map_err(refusal)
}

/// What a pixel's samples mean, and how many bits they have.
type Form = (Channels, Depth);

fn meaning((colour, depth): (ColorType, BitDepth)) -> Result<Form, Refusal> {
    let depth = match depth {
        BitDepth::Eight => Depth::Eight,
        BitDepth::Sixteen => Depth::Sixteen,
        BitDepth::One | BitDepth::Two | BitDepth::Four => return Err(Refusal::Unsupported),
    };
    let channels = match colour {
        ColorType::Grayscale => Channels::Grey,
        ColorType::GrayscaleAlpha => Channels::GreyAlpha,
        ColorType::Rgb => Channels::Rgb,
        ColorType::Rgba => Channels::Rgba,
        ColorType::Indexed => return Err(Refusal::Unsupported),
    };
    Ok((channels, depth))
}

fn whole(
    mut reader: Reader<Cursor<&[u8]>>,
    size: Size,
    (channels, depth): Form,
    budget: &mut Budget,
) -> Result<Picture, Refusal> {
    let memory = Refusal::Exceeded(Resource::Memory);
    let len = reader.output_buffer_size().ok_or(memory)?;
    let mut samples = budget.room(len)?;
    samples.resize(len, 0);
    reader.next_frame(&mut samples).map_err(refusal)?;
    if depth == Depth::Sixteen {
        keep_eight_bits(&mut samples, u16::from_be_bytes);
    }
    Picture::new(size, channels, samples)
}

/// The rows of a picture that is not interlaced.
struct PngRows<'a> {
    reader: Reader<Cursor<&'a [u8]>>,
    size: Size,
    channels: Channels,
    /// A row of samples of 16 bits; empty where they have eight.
    deep: Zeroizing<Vec<u8>>,
    left: u32,
}

impl<'a> PngRows<'a> {
    fn new(
        reader: Reader<Cursor<&'a [u8]>>,
        size: Size,
        (channels, depth): Form,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let samples = length(size.width()).saturating_mul(channels.count());
        let len = match depth {
            Depth::Eight => 0,
            Depth::Sixteen => samples.saturating_mul(2),
        };
        let mut deep = budget.room(len)?;
        deep.resize(len, 0);
        Ok(Self {
            reader,
            size,
            channels,
            deep,
            left: size.height(),
        })
    }

    fn read(&mut self, row: &mut [u8]) -> Result<(), Refusal> {
        if self.deep.is_empty() {
            let read = self.reader.read_row(row).map_err(refusal)?;
            return read.map(|_| ()).ok_or(Refusal::Damaged);
        }
        let read = self.reader.read_row(&mut self.deep).map_err(refusal)?;
        read.ok_or(Refusal::Damaged)?;
        for (sample, deep) in row.iter_mut().zip(self.deep.as_chunks().0) {
            *sample = nearest(u16::from_be_bytes(*deep));
        }
        Ok(())
    }
}

impl Rows for PngRows<'_> {
    fn size(&self) -> Size {
        self.size
    }

    fn channels(&self) -> Channels {
        self.channels
    }

    fn next_row(&mut self, row: &mut [u8]) -> Result<(), Refusal> {
        self.read(row)?;
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            // What is left of the pixels must be whole, too.
            self.reader.read_row(&mut []).map_err(refusal)?;
        }
        Ok(())
    }
}

fn refusal(error: DecodingError) -> Refusal {
    match error {
        DecodingError::LimitsExceeded => Refusal::Exceeded(Resource::Memory),
        DecodingError::IoError(_) | DecodingError::Format(_) | DecodingError::Parameter(_) => {
            Refusal::Damaged
        }
    }
}
