//! GIF (GIF89a specification): blocks from the screen descriptor to the trailer.
//!
//! What browsers show is read: a first frame that is larger than its screen makes that larger, and once there is a whole frame,
//! whatever is no block is the end, as if it were the trailer.

use std::num::NonZeroU16;

use image::metadata::Orientation;

use super::timeline::{Plays, Seen, Step, Timeline, collected};
use super::{Survey, paid};
use crate::budget::Budget;
use crate::image::octets::Octets;
use crate::refusal::Refusal;

/// Octets that the decoder takes whatever the picture: strings, their codes, tables of colours, what it reads ahead.
const WORKING_OCTETS: u64 = 256 * 1024;

/// How often the decoder holds what applications left in the file, while its list of them grows.
const COPIES: u64 = 3;

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
    let screen = screen(&mut octets)?;
    let mut canvas = None;
    let (mut milliseconds, mut carried) = (0, 0_u64);
    loop {
        match (block(&mut octets), canvas) {
            (Ok(Block::Frame(frame)), None) => {
                // The first frame is drawn on the canvas, which is paid for.
                let (width, height) = frame.canvas(screen);
                let canvas = canvas.insert(paid(width, height, budget)?);
                frame.is_something()?;
                ear(
                    Seen::Frame(Step::new(milliseconds, canvas.pixels())),
                    budget,
                )?;
                milliseconds = 0;
            }
            (Ok(Block::Frame(frame)), Some(_)) => {
                budget.take_area(frame.pixels())?;
                ear(Seen::Frame(Step::new(milliseconds, frame.pixels())), budget)?;
                milliseconds = 0;
            }
            (Ok(Block::Extension(said, len)), _) => {
                carried = carried.saturating_add(len);
                match said {
                    Extension::Delay(told) => milliseconds = told,
                    Extension::Plays(plays) => ear(Seen::Plays(plays), budget)?,
                    Extension::Other => (),
                }
            }
            (Ok(Block::Trailer) | Err(Refusal::Damaged), Some(size)) => {
                return Ok(Survey {
                    size,
                    orientation: Orientation::NoTransforms,
                    working: carried
                        .saturating_mul(COPIES)
                        .saturating_add(WORKING_OCTETS),
                });
            }
            (Ok(Block::Trailer), None) => return Err(Refusal::Damaged),
            (Err(refusal), _) => return Err(refusal),
        }
    }
}

/// A block that is whole.
enum Block {
    Frame(Frame),
    /// With how many octets it has.
    Extension(Extension, u64),
    Trailer,
}

fn block(octets: &mut Octets<'_>) -> Result<Block, Refusal> {
    match octets.octet()? {
        0x2c => frame(octets).map(Block::Frame),
        0x21 => {
            let before = octets.left();
            let said = extension(octets)?;
            let len = before.saturating_sub(octets.left());
            Ok(Block::Extension(
                said,
                u64::try_from(len).unwrap_or(u64::MAX),
            ))
        }
        0x3b => Ok(Block::Trailer),
        0x00..=0x20 | 0x22..=0x2b | 0x2d..=0x3a | 0x3c..=0xff => Err(Refusal::Damaged),
    }
}

/// GIF89a §18: the logical screen, and its colours.
fn screen(octets: &mut Octets<'_>) -> Result<(u32, u32), Refusal> {
    let (width, height) = (octets.u16_le()?, octets.u16_le()?);
    let [flags, _background, _aspect] = octets.array()?;
    colours(flags, octets)?;
    Ok((width.into(), height.into()))
}

/// Whether a first frame of a size has more to show than the screen. Then it takes its place, as in all browsers: some programs
/// leave the screen at nothing. GIF89a §20 has every frame inside.
pub(in crate::image) fn outgrows(frame: (u32, u32), screen: (u32, u32)) -> bool {
    frame.0 > screen.0 || frame.1 > screen.1
}

/// How large a frame is.
struct Frame {
    width: u32,
    height: u32,
}

impl Frame {
    /// What is seen of the file if this is the first frame.
    fn canvas(&self, screen: (u32, u32)) -> (u32, u32) {
        let size = (self.width, self.height);
        if outgrows(size, screen) { size } else { screen }
    }

    fn pixels(&self) -> u64 {
        u64::from(self.width).saturating_mul(self.height.into())
    }

    fn is_something(&self) -> Result<(), Refusal> {
        if self.pixels() == 0 {
            return Err(Refusal::Damaged);
        }
        Ok(())
    }
}

/// GIF89a §20.
fn frame(octets: &mut Octets<'_>) -> Result<Frame, Refusal> {
    octets.take(4)?; // where it lies
    let frame = Frame {
        width: octets.u16_le()?.into(),
        height: octets.u16_le()?.into(),
    };
    let flags = octets.octet()?;
    colours(flags, octets)?;
    octets.take(1)?; // LZW minimum code size
    sub_blocks(octets)?;
    Ok(frame)
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
    /// One that says nothing of it, or that nobody knows.
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
