//! JPEG in TIFF (TIFF Technical Note 2): each piece is a file of its own, but for tables that all of them share.

use super::band::Coded;
use super::codec::Piece;
use super::grid::Grid;
use super::meaning::Photometric;
use super::tags;
use crate::budget::Budget;
use crate::image::directory::Directory;
use crate::image::jpeg::{Colour, Decoder, Header, Tables};
use crate::image::rows::Rows;
use crate::image::scale::Scale;
use crate::image::size::length;
use crate::refusal::Refusal;

/// A decoder of pieces.
pub(super) struct Jpeg {
    tables: Tables,
    colour: Colour,
    /// Octets of memory that each piece may take, one after the other; they are paid for.
    memory: usize,
}

impl Jpeg {
    /// Pays for what the first piece takes, and as much again, as others may differ a little.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] for other samples than of eight bits; what the tables or the first piece are refused for.
    pub(super) fn of(
        page: &Directory<'_>,
        coded: &Coded,
        grid: &Grid<'_>,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let colour = match (coded.form.together(), coded.photometric) {
            (1, _) => Colour::Grey,
            (3, Photometric::YCbCr) => Colour::YCbCr,
            (3, _) => Colour::Rgb,
            (4, Photometric::YCbCr) => return Err(Refusal::Unsupported), // with alpha, which nobody writes
            (4, _) => Colour::Cmyk,
            (_, _) => return Err(Refusal::Unsupported),
        };
        if coded.form.bits != 8 {
            return Err(Refusal::Unsupported);
        }
        let mut jpeg = Self {
            tables: match page.octets(tags::JPEG_TABLES)? {
                None => Tables::default(),
                Some(octets) => Tables::abbreviated(octets)?,
            },
            colour,
            memory: 0,
        };
        let before = budget.memory;
        jpeg.begun(grid.coded(0, 0, 0)?, budget)?;
        let taken = before.saturating_sub(budget.memory);
        budget.take_memory(u64::try_from(taken).unwrap_or(u64::MAX))?;
        jpeg.memory = taken.saturating_mul(2);
        Ok(jpeg)
    }

    fn begun<'a>(&self, coded: &'a [u8], budget: &mut Budget) -> Result<Decoder<'a>, Refusal> {
        let mut header = Header::read(coded, budget)?;
        header.mean(self.colour)?;
        Decoder::with(&self.tables, coded, &header, Scale::Whole, budget)
    }

    /// Fills `output` with the rows of `coded`.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where it is of another width, or lower; [`Refusal::Exceeded`] where it takes more memory than the first
    /// piece by far.
    pub(super) fn decode(
        &self,
        coded: &[u8],
        piece: Piece,
        output: &mut [u8],
    ) -> Result<(), Refusal> {
        let mut budget = Budget {
            input_octets: 0,
            pixels: 0,
            samples: 0,
            output_octets: 0,
            memory: self.memory,
        };
        let mut decoder = self.begun(coded, &mut budget)?;
        let size = decoder.size();
        if length(size.width()) != piece.width || length(size.height()) < piece.rows {
            return Err(Refusal::Damaged);
        }
        let mut rows = output.chunks_exact_mut(piece.row_len);
        rows.try_for_each(|row| decoder.next_row(row))
    }
}
