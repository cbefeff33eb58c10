//! The tables that scans refer to (T.81 §B.2.4), as segments set and replace them.

use super::huffman::Codes;
use super::marker::{Markers, Segment};
use crate::image::octets::Octets;
use crate::refusal::Refusal;

/// The place in a block, row by row, of each coefficient in the order of coding (T.81 figure A.6).
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The steps of one quantisation table, row by row.
pub(super) type Steps = [u16; 64];

/// The tables that stand now, each at its number.
#[derive(Clone, Default)]
pub(in crate::image) struct Tables {
    steps: [Option<Steps>; 4],
    dc: [Option<Codes>; 4],
    ac: [Option<Codes>; 4],
    /// MCUs from one restart to the next; zero where there are none.
    pub(super) restart_interval: usize,
}

impl Tables {
    /// Those of a file of tables alone (T.81 §B.5), which stand before the first segment of files that have none.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where it is not whole, or is a picture.
    pub(in crate::image) fn abbreviated(file: &[u8]) -> Result<Self, Refusal> {
        let mut markers = Markers::of(file)?;
        let mut tables = Self::default();
        loop {
            match markers.next()? {
                Segment::QuantisationTables(octets) => tables.take_steps(octets)?,
                Segment::HuffmanTables(octets) => tables.take_codes(octets)?,
                Segment::RestartInterval(octets) => tables.take_restart_interval(octets)?,
                Segment::Application(..) | Segment::Other => (),
                Segment::Frame(..) | Segment::Scan(_) => return Err(Refusal::Damaged),
                Segment::End => return Ok(tables),
            }
        }
    }

    /// T.81 §B.2.4.1: any number of tables, of octets or of words.
    pub(super) fn take_steps(&mut self, mut octets: Octets<'_>) -> Result<(), Refusal> {
        while octets.left() > 0 {
            let which = octets.octet()?;
            let place = self.steps.get_mut(usize::from(which & 15));
            let place = place.ok_or(Refusal::Damaged)?;
            let mut steps = [0; 64];
            for natural in ZIGZAG {
                let step = match which >> 4 {
                    0 => octets.octet()?.into(),
                    1 => octets.u16_be()?,
                    2..=u8::MAX => return Err(Refusal::Damaged),
                };
                if let Some(place) = steps.get_mut(usize::from(natural)) {
                    *place = step;
                }
            }
            *place = Some(steps);
        }
        Ok(())
    }

    /// T.81 §B.2.4.2: any number of code books.
    pub(super) fn take_codes(&mut self, mut octets: Octets<'_>) -> Result<(), Refusal> {
        while octets.left() > 0 {
            let which = octets.octet()?;
            let class = match which >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                2..=u8::MAX => return Err(Refusal::Damaged),
            };
            let place = class.get_mut(usize::from(which & 15));
            *place.ok_or(Refusal::Damaged)? = Some(Codes::read(&mut octets)?);
        }
        Ok(())
    }

    /// T.81 §B.2.4.4.
    pub(super) fn take_restart_interval(&mut self, mut octets: Octets<'_>) -> Result<(), Refusal> {
        self.restart_interval = octets.u16_be()?.into();
        Ok(())
    }

    /// # Errors
    /// [`Refusal::Damaged`] where no such table stands.
    pub(super) fn steps(&self, number: usize) -> Result<&Steps, Refusal> {
        standing(&self.steps, number)
    }

    /// # Errors
    /// [`Refusal::Damaged`] where no such book stands.
    pub(super) fn dc(&self, number: usize) -> Result<&Codes, Refusal> {
        standing(&self.dc, number)
    }

    /// # Errors
    /// [`Refusal::Damaged`] where no such book stands.
    pub(super) fn ac(&self, number: usize) -> Result<&Codes, Refusal> {
        standing(&self.ac, number)
    }
}

fn standing<T>(tables: &[Option<T>; 4], number: usize) -> Result<&T, Refusal> {
    let table = tables.get(number).and_then(Option::as_ref);
    table.ok_or(Refusal::Damaged)
}
