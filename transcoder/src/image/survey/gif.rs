//! GIF (GIF89a specification): blocks from the screen descriptor to the trailer.

use std::num::NonZeroU16;

use image::metadata::Orientation;

use super::timeline::{Plays, Seen, Step, Timeline, collected};
use super::{Survey, paid};
use crate::budget::Budget;
use crate::image::octets::Octets;
use crate::image::size::Size;
use crate::refusal::Refusal;

/// Octets that the decoder takes a pixel: a frame that does not fill the screen is decoded apart.
const WORKING_OCTETS: u64 = 4;

/// What hears of frames and repetitions.
type Ear<'a> = &'a mut dyn FnMut(Seen, &mut Budget) -> Result<(), Refusal>;

pub(in crate::image) fn survey(input: &[u8], budget: &mut Budget) -> Result<Survey, Refusal> {
    walk(input, budget, &mut |_seen, _budget| Ok(()))
}

/// The survey, and when each frame is seen.
///
/// # Errors
/// As the survey's.
pub(in crate::image) fn timeline(input: &[u8], budget: &mut Budget) -> Result<Timeline, Refusal> {
    collected(walk, input, budget)
}

fn walk(input: &[u8], budget: &mut Budget, ear: Ear<'_>) -> Result<Survey, Refusal> {
    let mut octets = Octets::of(input);
    octets.take(6)?; // signature and version
    let screen = screen(&mut octets, budget)?;
    let (mut frames, mut milliseconds) = (0_u32, 0);
    loop {
        match octets.octet()? {
            0x2c => {
                let size = frame(&mut octets, screen)?;
                // The first frame is drawn on the screen, which is paid for.
                if frames > 0 {
                    budget.take_pixels(size.width(), size.height())?;
                }
                frames = frames.saturating_add(1);
                ear(Seen::Frame(Step::new(milliseconds, size.pixels())), budget)?;
                milliseconds = 0;
            }
            0x21 => match extension(&mut octets)? {
                Extension::Delay(told) => milliseconds = told,
                Extension::Plays(plays) => ear(Seen::Plays(plays), budget)?,
                Extension::Other => (),
            },
            0x3b if frames > 0 => break,
            0x00..=0x20 | 0x22..=0x2b | 0x2d..=0xff => return Err(Refusal::Damaged),
        }
    }
    Ok(Survey {
        size: screen,
        orientation: Orientation::NoTransforms,
        working: screen.pixels().saturating_mul(WORKING_OCTETS),
    })
}

/// GIF89a §18: the logical screen, and its colours.
fn screen(octets: &mut Octets<'_>, budget: &mut Budget) -> Result<Size, Refusal> {
    let (width, height) = (octets.u16_le()?, octets.u16_le()?);
    let [flags, _background, _aspect] = octets.array()?;
    colours(flags, octets)?;
    paid(width.into(), height.into(), budget)
}

/// GIF89a §20: a frame lies inside the screen.
fn frame(octets: &mut Octets<'_>, screen: Size) -> Result<Size, Refusal> {
    let (left, top) = (u32::from(octets.u16_le()?), u32::from(octets.u16_le()?));
    let (width, height) = (u32::from(octets.u16_le()?), u32::from(octets.u16_le()?));
    let inside = left.saturating_add(width) <= screen.width()
        && top.saturating_add(height) <= screen.height();
    if !inside {
        return Err(Refusal::Damaged);
    }
    let flags = octets.octet()?;
    colours(flags, octets)?;
    octets.take(1)?; // LZW minimum code size
    sub_blocks(octets)?;
    Size::declared(width, height)
}

/// GIF89a §19 and §21: a table of 2 to 256 colours, where the flag says that there is one.
fn colours(flags: u8, octets: &mut Octets<'_>) -> Result<(), Refusal> {
    if flags & 0x80 != 0 {
        let len = 6_usize << (flags & 7);
        octets.take(len)?;
    }
    Ok(())
}

/// What an extension says of time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Extension {
    /// How long the frame that follows is seen, in milliseconds.
    Delay(u32),
    Plays(Plays),
    Other,
}

/// GIF89a §23: a graphic control extension, with hundredths of a second; §26: one that an application knows, of which all know
/// Netscape's, with how often to begin again (0: for ever).
fn extension(octets: &mut Octets<'_>) -> Result<Extension, Refusal> {
    let label = octets.octet()?;
    let first = sub_block(octets)?;
    let second = if first.is_empty() {
        first
    } else {
        sub_block(octets)?
    };
    if !second.is_empty() {
        sub_blocks(octets)?;
    }
    Ok(match (label, first, second) {
        (0xf9, [_flags, low, high, _transparent], _) => {
            Extension::Delay(u32::from(u16::from_le_bytes([*low, *high])).saturating_mul(10))
        }
        (0xff, b"NETSCAPE2.0" | b"ANIMEXTS1.0", [1, low, high]) => {
            let again = NonZeroU16::new(u16::from_le_bytes([*low, *high]));
            Extension::Plays(again.map_or(Plays::Forever, Plays::Again))
        }
        (_, _, _) => Extension::Other,
    })
}

/// GIF89a §15: one block, empty where it is the last.
fn sub_block<'a>(octets: &mut Octets<'a>) -> Result<&'a [u8], Refusal> {
    let len = octets.octet()?;
    octets.take(len.into())
}

/// GIF89a §15: blocks that say their length, up to one of none.
fn sub_blocks(octets: &mut Octets<'_>) -> Result<(), Refusal> {
    while !sub_block(octets)?.is_empty() {}
    Ok(())
}
