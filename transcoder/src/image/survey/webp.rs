//! WebP (RFC 9649): a RIFF file of one picture or of frames. What the inner bitstreams say of their size must be what
//! the container says, since the decoder takes memory by either.

use std::num::NonZeroU16;

use super::timeline::{Plays, Seen, Step, Timeline, collected};
use super::{Survey, paid};
use crate::budget::Budget;
use crate::image::octets::Octets;
use crate::image::size::Size;
use crate::image::turning::Turning;
use crate::image::webp::{self, Lossy, chunks};
use crate::refusal::Refusal;

/// Octets that the decoder of what is not [`Lossy`] takes a pixel: a frame of four, luma and chroma and alpha before that.
const WORKING_OCTETS: u64 = 8;

/// What hears of frames and repetitions.
type Ear<'a> = &'a mut dyn FnMut(Seen, &mut Budget) -> Result<(), Refusal>;

pub(in crate::image) fn survey(input: &[u8], budget: &mut Budget) -> Result<Survey, Refusal> {
    walk(input, budget, &mut |_seen, _budget| Ok(()))
}

/// The survey, and when each frame is seen; of a still picture, no frame.
///
/// # Errors
/// As the survey's.
pub(in crate::image) fn timeline(input: &[u8], budget: &mut Budget) -> Result<Timeline, Refusal> {
    collected(walk, input, budget)
}

fn walk(input: &[u8], budget: &mut Budget, ear: Ear<'_>) -> Result<Survey, Refusal> {
    let mut file = chunks(input)?;
    let (name, data) = chunk(&mut file)?;
    let mut turning = Turning::default();
    let canvas = match &name {
        b"VP8X" => extended(data, &mut file, &mut turning, budget, ear)?,
        b"VP8 " | b"VP8L" => {
            let (width, height) = bitstream(name, data)?;
            paid(width, height, budget)?
        }
        _other => return Err(Refusal::Damaged),
    };
    let working = match Lossy::of(input)? {
        Some(_) => 0, // our own decoder pays for itself
        None => canvas.pixels().saturating_mul(WORKING_OCTETS),
    };
    Ok(Survey {
        size: canvas,
        orientation: turning.orientation(),
        working,
    })
}

fn chunk<'a>(octets: &mut Octets<'a>) -> Result<([u8; 4], Octets<'a>), Refusal> {
    let (name, data) = webp::chunk(octets)?;
    Ok((name, Octets::of(data)))
}

/// RFC 9649 §2.7: the canvas, and chunks in which there is one picture, or frames inside the canvas.
fn extended(
    mut header: Octets<'_>,
    file: &mut Octets<'_>,
    turning: &mut Turning,
    budget: &mut Budget,
    ear: Ear<'_>,
) -> Result<Size, Refusal> {
    header.take(4)?; // flags
    let (width, height) = (dimension(&mut header)?, dimension(&mut header)?);
    let canvas = paid(width, height, budget)?;
    let mut pictures = Pictures::None;
    while file.left() > 0 {
        let (name, data) = chunk(file)?;
        match (&name, pictures) {
            (b"VP8 " | b"VP8L", Pictures::None) => {
                if bitstream(name, data)? != (width, height) {
                    return Err(Refusal::Damaged);
                }
                pictures = Pictures::One;
            }
            (b"ANMF", Pictures::None | Pictures::Frames) => {
                let (size, milliseconds) = frame(data, canvas)?;
                if pictures == Pictures::Frames {
                    budget.take_pixels(size.width(), size.height())?;
                }
                pictures = Pictures::Frames;
                ear(Seen::Frame(Step::new(milliseconds, size.pixels())), budget)?;
            }
            (b"EXIF", _) => turning.take_exif(data.rest()),
            (b"XMP ", _) => turning.take_xmp(data.rest()),
            (b"ANIM", _) => ear(Seen::Plays(plays(data)?), budget)?,
            (b"VP8 " | b"VP8L" | b"ANMF" | b"VP8X", _) => return Err(Refusal::Damaged),
            _metadata => (),
        }
    }
    match pictures {
        Pictures::None => Err(Refusal::Damaged),
        Pictures::One | Pictures::Frames => Ok(canvas),
    }
}

/// What an extended file has shown so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Pictures {
    None,
    One,
    Frames,
}

/// RFC 9649 §2.7.1.1: sizes are written less one.
fn dimension(octets: &mut Octets<'_>) -> Result<u32, Refusal> {
    Ok(octets.u24_le()?.saturating_add(1))
}

/// RFC 9649 §2.7.1.1 "ANMF": a frame with its place and its time in milliseconds, and one bitstream of its size.
fn frame(mut data: Octets<'_>, canvas: Size) -> Result<(Size, u32), Refusal> {
    let left = data.u24_le()?.saturating_mul(2);
    let top = data.u24_le()?.saturating_mul(2);
    let (width, height) = (dimension(&mut data)?, dimension(&mut data)?);
    let milliseconds = data.u24_le()?;
    data.take(1)?; // flags
    let inside = left.saturating_add(width) <= canvas.width()
        && top.saturating_add(height) <= canvas.height();
    if !inside {
        return Err(Refusal::Damaged);
    }
    let mut bitstreams = 0_u32;
    while data.left() > 0 {
        let (name, inner) = chunk(&mut data)?;
        if matches!(&name, b"VP8 " | b"VP8L") {
            bitstreams = bitstreams.saturating_add(1);
            if bitstream(name, inner)? != (width, height) {
                return Err(Refusal::Damaged);
            }
        }
    }
    if bitstreams != 1 {
        return Err(Refusal::Damaged);
    }
    Ok((Size::declared(width, height)?, milliseconds))
}

/// RFC 9649 §2.7.1.1 "ANIM": how often the animation is seen in all (0: for ever).
fn plays(mut data: Octets<'_>) -> Result<Plays, Refusal> {
    data.take(4)?; // background
    let Some(all) = NonZeroU16::new(data.u16_le()?) else {
        return Ok(Plays::Forever);
    };
    let again = NonZeroU16::new(all.get().saturating_sub(1));
    Ok(again.map_or(Plays::Once, Plays::Again))
}

/// Width and height as the bitstream itself says.
fn bitstream(name: [u8; 4], data: Octets<'_>) -> Result<(u32, u32), Refusal> {
    if &name == b"VP8 " {
        lossy(data)
    } else {
        lossless(data)
    }
}

/// RFC 6386 §9.1: a key frame, with a first partition that is all there.
fn lossy(mut data: Octets<'_>) -> Result<(u32, u32), Refusal> {
    let tag = data.u24_le()?;
    let start: [u8; 3] = data.array()?;
    let width = u32::from(data.u16_le()? & 0x3fff); // the two bits above are a scale for display
    let height = u32::from(data.u16_le()? & 0x3fff);
    let key_frame = tag & 1 == 0;
    if !key_frame || start != [0x9d, 0x01, 0x2a] {
        return Err(Refusal::Damaged);
    }
    data.take_announced(tag >> 5)?;
    Ok((width, height))
}

/// RFC 9649 §3.4: the signature, then 14 bits each, less one.
fn lossless(mut data: Octets<'_>) -> Result<(u32, u32), Refusal> {
    if data.octet()? != 0x2f {
        return Err(Refusal::Damaged);
    }
    let bits = data.u32_le()?;
    let width = (bits & 0x3fff).saturating_add(1);
    let height = ((bits >> 14) & 0x3fff).saturating_add(1);
    Ok((width, height))
}
