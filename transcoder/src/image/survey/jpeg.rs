//! JPEG (ITU-T T.81): markers from SOI to EOI. Octets after EOI are left alone: telephones put whole other files there.

use super::{Survey, paid};
use crate::budget::Budget;
use crate::image::octets::Octets;
use crate::image::size::Size;
use crate::refusal::Refusal;

/// More scans than any encoder writes (a progressive file has about ten). Each costs a pass over all coefficients,
/// so a file of a few octets a scan could otherwise take minutes.
const MOST_SCANS: u32 = 64;

/// Octets that the decoder takes for one coefficient that waits for later scans.
const COEFFICIENT_OCTETS: u64 = 2;

/// Octets that the decoder takes a pixel of width: 16 rows of four components, two octets each, before and after
/// upsampling.
const ROW_OCTETS: u64 = 256;

pub(super) fn survey(input: &[u8], budget: &mut Budget) -> Result<Survey, Refusal> {
    let mut octets = Octets::of(input);
    let mut walk = Walk::default();
    octets.take(2)?; // SOI
    loop {
        match next_marker(&mut octets)? {
            0xc0 | 0xc1 => walk.frame(Order::Sequential, segment(&mut octets)?, budget)?, // SOF0, SOF1
            0xc2 => walk.frame(Order::Progressive, segment(&mut octets)?, budget)?,       // SOF2
            // T.81 table B.1: lossless, hierarchical or arithmetic coding, which no camera writes.
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Err(Refusal::Unsupported),
            0xda => walk.scan(&mut octets)?,             // SOS
            0xd9 => return walk.finish(),                // EOI
            0x01 | 0xd0..=0xd7 => (),                    // TEM, RSTn: no segment follows
            0x00 | 0xd8 => return Err(Refusal::Damaged), // no marker; a second SOI
            0x02..=0xbf | 0xc4 | 0xc8 | 0xcc | 0xdb..=0xff => {
                segment(&mut octets)?;
            }
        }
    }
}

/// T.81 §B.1.1.2: a marker is 0xff and a code; any number of 0xff may stand before it.
fn next_marker(octets: &mut Octets<'_>) -> Result<u8, Refusal> {
    if octets.octet()? != 0xff {
        return Err(Refusal::Damaged);
    }
    loop {
        match octets.octet()? {
            0xff => (),
            code => return Ok(code),
        }
    }
}

/// T.81 §B.1.1.4: the length of a segment counts itself.
fn segment<'a>(octets: &mut Octets<'a>) -> Result<Octets<'a>, Refusal> {
    let len = octets.u16_be()?.checked_sub(2).ok_or(Refusal::Damaged)?;
    octets.take(usize::from(len)).map(Octets::of)
}

/// What has been met so far.
#[derive(Default)]
struct Walk {
    frame: Option<Frame>,
    scans: u32,
}

/// What the frame header says.
struct Frame {
    size: Size,
    order: Order,
    planes: Planes,
}

/// What the components take together.
#[derive(Clone, Copy)]
struct Planes {
    /// How many coefficients they have in whole blocks.
    coefficients: u64,
    resolution: Resolution,
}

/// Whether all components are as fine as each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Resolution {
    Equal,
    Subsampled,
}

/// How the coefficients come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Order {
    Sequential,
    Progressive,
}

impl Walk {
    /// T.81 §B.2.2: the frame header, of which there is one.
    fn frame(
        &mut self,
        order: Order,
        mut header: Octets<'_>,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        if self.frame.is_some() {
            return Err(Refusal::Damaged);
        }
        if header.octet()? != 8 {
            return Err(Refusal::Unsupported); // twelve bits a sample
        }
        let height = header.u16_be()?;
        let width = header.u16_be()?;
        let size = paid(width.into(), height.into(), budget)?;
        self.frame = Some(Frame {
            size,
            order,
            planes: planes(size, &mut header)?,
        });
        Ok(())
    }

    /// T.81 §B.2.3: a scan header, and coded octets up to the next marker that is neither a stuffed zero nor a restart.
    fn scan(&mut self, octets: &mut Octets<'_>) -> Result<(), Refusal> {
        if self.frame.is_none() {
            return Err(Refusal::Damaged);
        }
        self.scans = self.scans.saturating_add(1);
        if self.scans > MOST_SCANS {
            return Err(Refusal::Unsupported);
        }
        segment(octets)?;
        loop {
            octets.skip_to(0xff)?;
            match octets.peek()? {
                [_, 0x00 | 0xd0..=0xd7] => octets.take(2)?,
                [_, 0xff] => octets.take(1)?,
                [_, 0x01..=0xcf | 0xd8..=0xfe] => return Ok(()),
            };
        }
    }

    fn finish(self) -> Result<Survey, Refusal> {
        let frame = self.frame.ok_or(Refusal::Damaged)?;
        let waiting = match (frame.order, self.scans, frame.planes.resolution) {
            (_, 0, _) => return Err(Refusal::Damaged),
            (Order::Sequential, 1, _) => 0,
            // zune-jpeg 0.5.15 makes garbage of these, and says nothing (etemesi254/zune-image#422). No camera
            // writes them. This line goes when the release after it is taken in.
            (Order::Sequential, _, Resolution::Subsampled) => return Err(Refusal::Unsupported),
            (Order::Sequential | Order::Progressive, _, _) => frame.planes.coefficients,
        };
        let rows = u64::from(frame.size.width()).saturating_mul(ROW_OCTETS);
        Ok(Survey {
            size: frame.size,
            working: waiting
                .saturating_mul(COEFFICIENT_OCTETS)
                .saturating_add(rows),
        })
    }
}

/// T.81 §A.2: what all components take in whole blocks, by their sampling factors.
fn planes(size: Size, header: &mut Octets<'_>) -> Result<Planes, Refusal> {
    let (mut widest, mut highest, mut blocks) = (1_u64, 1_u64, 0_u64);
    let components = header.octet()?;
    for _ in 0..components {
        let [_identifier, sampling, _table] = header.array()?;
        let (across, down) = (u64::from(sampling >> 4), u64::from(sampling & 15));
        if !(1..=4).contains(&across) || !(1..=4).contains(&down) {
            return Err(Refusal::Damaged);
        }
        widest = widest.max(across);
        highest = highest.max(down);
        blocks = blocks.saturating_add(across.saturating_mul(down));
    }
    let units_across = u64::from(size.width()).div_ceil(widest.saturating_mul(8));
    let units_down = u64::from(size.height()).div_ceil(highest.saturating_mul(8));
    let units = units_across.saturating_mul(units_down);
    let full = u64::from(components).saturating_mul(widest.saturating_mul(highest));
    Ok(Planes {
        coefficients: units.saturating_mul(blocks).saturating_mul(64),
        resolution: if blocks == full {
            Resolution::Equal
        } else {
            Resolution::Subsampled
        },
    })
}
