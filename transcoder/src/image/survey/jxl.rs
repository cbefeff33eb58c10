//! JPEG XL (ISO/IEC 18181): the boxes of the container, the size that the codestream says, and the frames of an animation.
//! Pixels of a still picture are paid for here and found to be all there when they are decoded.

use image::metadata::Orientation;
use jxl::api::{Event, Orientation as Turn};

use super::{Survey, paid};
use crate::budget::{Budget, Resource};
use crate::image::jxl::{MOST_CHANNELS, Reader, Reading, samples};
use crate::image::octets::Octets;
use crate::image::size::Size;
use crate::refusal::Refusal;

/// Octets of memory that the decoder takes a sample, whatever the form: by measurement at most 1.2 for 18 megapixels without loss, each as a
/// number of 32 bits where all of them are kept.
const WORKING_OCTETS: u64 = 4;

/// What it takes besides for tables and groups of pixels.
const TABLES: u64 = 16 * 1024 * 1024;

/// What unpacking a colour profile may take for a moment, by what the decoder bounds it with, before any pixel comes.
const PROFILE: usize = 288 * 1024 * 1024;

/// Each box is kept note of: more of them is no file that anybody makes.
const MOST_BOXES: u32 = 4096;

/// Frames are kept note of, too.
const MOST_FRAMES: u32 = 4096;

pub(in crate::image) fn survey(input: &[u8], budget: &mut Budget) -> Result<Survey, Refusal> {
    if budget.memory < PROFILE {
        return Err(Refusal::Exceeded(Resource::Memory));
    }
    boxes(input)?;
    let affordable = budget.pixels.saturating_mul(MOST_CHANNELS);
    let first = Reader::open(input, affordable, Reading::Headers)?;
    let said = first.said()?;
    let size = paid(side(said.size.0)?, side(said.size.1)?, budget)?;
    if said.animation.is_some() {
        let most = samples(size, MOST_CHANNELS);
        frames(Reader::open(input, most, Reading::Headers)?, size, budget)?;
    }
    let extra = u64::try_from(said.extra_channels.len()).unwrap_or(u64::MAX);
    let samples = samples(size, extra.saturating_add(3));
    let held = u64::try_from(input.len()).unwrap_or(u64::MAX); // each section is copied
    let fixed = TABLES.saturating_add(held);
    Ok(Survey {
        size,
        orientation: orientation(said.orientation),
        working: samples.saturating_mul(WORKING_OCTETS).saturating_add(fixed),
    })
}

/// ISO/IEC 18181-1 has the values of EXIF.
fn orientation(turn: Turn) -> Orientation {
    match turn {
        Turn::Identity => Orientation::NoTransforms,
        Turn::FlipHorizontal => Orientation::FlipHorizontal,
        Turn::Rotate180 => Orientation::Rotate180,
        Turn::FlipVertical => Orientation::FlipVertical,
        Turn::Transpose => Orientation::Rotate90FlipH,
        Turn::Rotate90Cw => Orientation::Rotate90,
        Turn::AntiTranspose => Orientation::Rotate270FlipH,
        Turn::Rotate90Ccw => Orientation::Rotate270,
    }
}

fn side(length: usize) -> Result<u32, Refusal> {
    u32::try_from(length).map_err(|_| Refusal::Exceeded(Resource::Pixels))
}

/// Every frame that is seen covers the canvas; the first is paid for.
fn frames(mut reader: Reader<'_>, size: Size, budget: &mut Budget) -> Result<(), Refusal> {
    let mut frames = 0_u32;
    loop {
        match reader.next(None)? {
            Event::Complete if frames > 0 => return Ok(()),
            Event::FrameHeader => {
                if frames > 0 {
                    budget.take_pixels(size.width(), size.height())?;
                }
                frames = frames.saturating_add(1);
                if frames > MOST_FRAMES {
                    return Err(Refusal::Exceeded(Resource::Elements));
                }
            }
            Event::FrameComplete { .. } => (),
            Event::BasicInfo | Event::NeedMoreInput { .. } | Event::Complete => {
                return Err(Refusal::Damaged);
            }
        }
    }
}

/// ISO/IEC 18181-2 §4 with ISO/IEC 14496-12 §4.2: boxes that say their length, the last of which may end with the file.
fn boxes(input: &[u8]) -> Result<(), Refusal> {
    if input.starts_with(&[0xff, 0x0a]) {
        return Ok(()); // a codestream by itself
    }
    let mut file = Octets::of(input);
    let mut count = 0_u32;
    while file.left() > 0 {
        let (short, _name) = (file.u32_be()?, file.u32_be()?);
        let content = match short {
            0 => file.left(),
            1 => usize::try_from(u64::from_be_bytes(file.array()?))
                .ok()
                .and_then(|len| len.checked_sub(16))
                .ok_or(Refusal::Damaged)?,
            len => usize::try_from(len)
                .ok()
                .and_then(|len| len.checked_sub(8))
                .ok_or(Refusal::Damaged)?,
        };
        file.take(content)?;
        count = count.saturating_add(1);
        if count > MOST_BOXES {
            return Err(Refusal::Exceeded(Resource::Elements));
        }
    }
    Ok(())
}
