//! BMP: a header, and rows that must all be there.

use image::metadata::Orientation;

use super::{Survey, paid};
use crate::budget::Budget;
use crate::image::octets::Octets;
use crate::image::size::Size;
use crate::refusal::Refusal;

/// Octets that the decoder takes a pixel of width: a row.
const ROW_OCTETS: u64 = 8;

/// The header of OS/2 1.x, with sizes of 16 bits.
const CORE_HEADER: u32 = 12;

/// The header of Windows 3, which later ones begin like.
const INFO_HEADER: u32 = 40;

pub(in crate::image) fn survey(input: &[u8], budget: &mut Budget) -> Result<Survey, Refusal> {
    let mut octets = Octets::of(input);
    octets.take(10)?; // signature, file length (often wrong), reserved
    let start = octets.u32_le()?;
    let form = match octets.u32_le()? {
        CORE_HEADER => core_header(&mut octets)?,
        INFO_HEADER.. => info_header(&mut octets)?,
        0..INFO_HEADER => return Err(Refusal::Unsupported),
    };
    let size = paid(form.width, form.height, budget)?;
    let mut pixels = Octets::of(input);
    pixels.take_announced(start)?;
    if u64::try_from(pixels.left()).is_ok_and(|left| left < form.octets(size)) {
        return Err(Refusal::Damaged);
    }
    Ok(Survey {
        size,
        orientation: Orientation::NoTransforms,
        working: u64::from(size.width()).saturating_mul(ROW_OCTETS),
    })
}

/// What a header says.
struct Form {
    width: u32,
    height: u32,
    bits: u16,
    compression: Compression,
    /// How long the pixels are; zero where the header leaves that open.
    announced: u32,
}

/// How the pixels are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Compression {
    /// Rows of one length.
    None,
    /// Runs.
    RunLength,
}

impl Form {
    /// How many octets of pixels there must be at least.
    fn octets(&self, size: Size) -> u64 {
        match self.compression {
            Compression::None => {
                let bits = u64::from(size.width()).saturating_mul(u64::from(self.bits));
                let row = bits.div_ceil(32).saturating_mul(4);
                row.saturating_mul(u64::from(size.height()))
            }
            Compression::RunLength => u64::from(self.announced),
        }
    }
}

fn core_header(octets: &mut Octets<'_>) -> Result<Form, Refusal> {
    let (width, height) = (octets.u16_le()?, octets.u16_le()?);
    octets.take(2)?; // planes
    Ok(Form {
        width: width.into(),
        height: height.into(),
        bits: octets.u16_le()?,
        compression: Compression::None,
        announced: 0,
    })
}

fn info_header(octets: &mut Octets<'_>) -> Result<Form, Refusal> {
    let width = octets.u32_le()?;
    // A negative height says that the first row is the top one.
    let height = octets.u32_le()?.cast_signed().unsigned_abs();
    octets.take(2)?; // planes
    let bits = octets.u16_le()?;
    let compression = match octets.u32_le()? {
        0 | 3 | 6 => Compression::None, // BI_RGB, BI_BITFIELDS, BI_ALPHABITFIELDS
        1 | 2 => Compression::RunLength, // BI_RLE8, BI_RLE4
        4 | 5 | 7.. => return Err(Refusal::Unsupported), // a JPEG or PNG for a printer, CMYK
    };
    Ok(Form {
        width,
        height,
        bits,
        compression,
        announced: octets.u32_le()?,
    })
}
