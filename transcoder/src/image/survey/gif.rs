//! GIF (GIF89a specification): blocks from the screen descriptor to the trailer.

use image::metadata::Orientation;

use super::{Survey, paid};
use crate::budget::Budget;
use crate::image::octets::Octets;
use crate::image::size::Size;
use crate::refusal::Refusal;

/// Octets that the decoder takes a pixel: a frame that does not fill the screen is decoded apart.
const WORKING_OCTETS: u64 = 4;

pub(in crate::image) fn survey(input: &[u8], budget: &mut Budget) -> Result<Survey, Refusal> {
    let mut octets = Octets::of(input);
    octets.take(6)?; // signature and version
    let screen = screen(&mut octets, budget)?;
    let mut frames = 0_u32;
    loop {
        match octets.octet()? {
            0x2c => {
                let size = frame(&mut octets, screen)?;
                // The first frame is drawn on the screen, which is paid for.
                if frames > 0 {
                    budget.take_pixels(size.width(), size.height())?;
                }
                frames = frames.saturating_add(1);
            }
            0x21 => {
                octets.take(1)?; // label
                sub_blocks(&mut octets)?;
            }
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

/// GIF89a §15: blocks that say their length, up to one of none.
fn sub_blocks(octets: &mut Octets<'_>) -> Result<(), Refusal> {
    loop {
        match octets.octet()? {
            0 => return Ok(()),
            len => octets.take(len.into())?,
        };
    }
}
