//! PNG (third edition, with animation): chunks from IHDR to IEND. Compressed text is walked over, never inflated.

use super::{Survey, paid};
use crate::budget::Budget;
use crate::image::octets::Octets;
use crate::image::size::Size;
use crate::image::turning::Turning;
use crate::refusal::Refusal;

/// Octets that the decoder takes a pixel of width: two rows of four samples of 16 bits, before and after expansion.
const ROW_OCTETS: u64 = 32;

/// Octets that the inflater takes whatever the picture.
const INFLATER_OCTETS: u64 = 512 * 1024;

pub(in crate::image) fn survey(input: &[u8], budget: &mut Budget) -> Result<Survey, Refusal> {
    let mut octets = Octets::of(input);
    octets.take(8)?; // signature
    let size = header(&mut octets, budget)?;
    let mut pixels = Pixels::NotYet;
    let mut turning = Turning::default();
    loop {
        let (name, data) = chunk(&mut octets)?;
        match &name {
            b"IDAT" => pixels = Pixels::Met,
            b"fcTL" if pixels == Pixels::Met => further_frame(data, budget)?,
            // PNG §11.3.4.5: before or behind the pixels.
            b"eXIf" => turning.take_exif(data.rest()),
            b"iTXt" => {
                if let Some(packet) = packet(data.rest()) {
                    turning.take_xmp(packet);
                }
            }
            b"IEND" if pixels == Pixels::Met => break,
            b"IEND" | b"IHDR" => return Err(Refusal::Damaged),
            _ancillary => (),
        }
    }
    let rows = u64::from(size.width()).saturating_mul(ROW_OCTETS);
    Ok(Survey {
        size,
        orientation: turning.orientation(),
        working: rows.saturating_add(INFLATER_OCTETS),
    })
}

/// Whether the first frame's pixels have come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Pixels {
    NotYet,
    Met,
}

/// PNG §11.2.1: IHDR comes first.
fn header(octets: &mut Octets<'_>, budget: &mut Budget) -> Result<Size, Refusal> {
    let (name, mut data) = chunk(octets)?;
    if &name != b"IHDR" {
        return Err(Refusal::Damaged);
    }
    let width = data.u32_be()?;
    let height = data.u32_be()?;
    paid(width, height, budget)
}

/// PNG §5.3: length, type, data, CRC. The decoder checks the CRC.
fn chunk<'a>(octets: &mut Octets<'a>) -> Result<([u8; 4], Octets<'a>), Refusal> {
    let len = octets.u32_be()?;
    let name = octets.array()?;
    let data = octets.take_announced(len)?;
    octets.take(4)?;
    Ok((name, Octets::of(data)))
}

/// PNG §11.3.3.4: keyword, whether the text is compressed, how, a language, the keyword in that language, the text; zeros between.
/// Of those only XMP's matters, and only where it is not compressed, as XMP Specification Part 3 demands.
fn packet(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"XML:com.adobe.xmp\0\0")?;
    let mut fields = rest.get(1..)?.splitn(3, |octet| *octet == 0);
    fields.nth(2)
}

/// PNG §11.3.6.2: an fcTL after the first IDAT announces a frame that is not decoded, but is paid for.
fn further_frame(mut data: Octets<'_>, budget: &mut Budget) -> Result<(), Refusal> {
    data.take(4)?; // sequence number
    let width = data.u32_be()?;
    let height = data.u32_be()?;
    paid(width, height, budget).map(|_| ())
}
