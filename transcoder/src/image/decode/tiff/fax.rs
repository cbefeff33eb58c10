//! The codes of fax machines (ITU-T T.4 and T.6; TIFF 6.0 §10, §11), read by `hayro-ccitt`.

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::codec::Piece;
use super::form::Form;
use super::grid::Grid;
use super::tags;
use crate::budget::Budget;
use crate::image::directory::Directory;
use crate::refusal::Refusal;

/// Octets that the decoder takes for each pixel of a row: the places where this row and the one above change, in vectors that grow
/// by doubling.
const OCTETS_A_PIXEL: usize = 16;

/// "T4Options": rows after the first may be coded by the one above them; some are not compressed.
const T4_TWO_DIMENSIONAL: u32 = 1;
const T4_UNCOMPRESSED: u32 = 2;

/// "T6Options": some rows are not compressed.
const T6_UNCOMPRESSED: u32 = 2;

/// Which codes, and how rows begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Coding {
    /// TIFF 6.0 §10: runs, each row from an octet of its own, without marks.
    Huffman,
    /// T.4: runs, with marks between rows.
    Group3,
    /// T.4 with rows that are coded by the one above.
    Group3TwoDimensional,
    /// T.6.
    Group4,
}

impl Coding {
    /// # Errors
    /// [`Refusal::Unsupported`] where some rows are not compressed, which no machine does.
    pub(super) fn group3(page: &Directory<'_>) -> Result<Self, Refusal> {
        let options = page.number(tags::T4_OPTIONS)?.unwrap_or(0);
        if options & T4_UNCOMPRESSED != 0 {
            return Err(Refusal::Unsupported);
        }
        Ok(match options & T4_TWO_DIMENSIONAL {
            0 => Self::Group3,
            _set => Self::Group3TwoDimensional,
        })
    }

    /// # Errors
    /// [`Refusal::Unsupported`] where some rows are not compressed.
    pub(super) fn group4(page: &Directory<'_>) -> Result<Self, Refusal> {
        let options = page.number(tags::T6_OPTIONS)?.unwrap_or(0);
        if options & T6_UNCOMPRESSED != 0 {
            return Err(Refusal::Unsupported);
        }
        Ok(Self::Group4)
    }

    fn mode(self) -> EncodingMode {
        match self {
            Self::Huffman | Self::Group3 => EncodingMode::Group3_1D,
            Self::Group3TwoDimensional => EncodingMode::Group3_2D,
            Self::Group4 => EncodingMode::Group4,
        }
    }
}

/// A decoder of rows of single bits.
pub(super) struct Fax(Coding);

impl Fax {
    /// # Errors
    /// [`Refusal::Unsupported`] for other samples than single bits, [`Refusal::Exceeded`] when there is not the memory.
    pub(super) fn of(
        coding: Coding,
        form: &Form,
        grid: &Grid<'_>,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        if form.bits != 1 || form.together() != 1 {
            return Err(Refusal::Unsupported);
        }
        let octets = grid.width.saturating_mul(OCTETS_A_PIXEL);
        budget.take_memory(u64::try_from(octets).unwrap_or(u64::MAX))?;
        Ok(Self(coding))
    }

    /// Fills `output` with the rows that `input` says: bits that are set are what T.4 calls black.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] when there are fewer, or one of them is against T.4 and T.6.
    pub(super) fn decode(
        &self,
        input: &[u8],
        piece: Piece,
        output: &mut [u8],
    ) -> Result<(), Refusal> {
        let side = |side| u32::try_from(side).map_err(|_| Refusal::Damaged);
        let mut context = DecoderContext::new(DecodeSettings {
            columns: side(piece.width)?,
            rows: side(piece.rows)?,
            end_of_block: true,
            end_of_line: false, // they are found where they are
            rows_are_byte_aligned: self.0 == Coding::Huffman,
            encoding: self.0.mode(),
            strict: true,
        });
        output.fill(0);
        let mut rows = BitRows {
            left: output.chunks_exact_mut(piece.row_len),
            width: piece.width,
        };
        hayro_ccitt::decode(input, &mut rows, &mut context).map_err(|_| Refusal::Damaged)?;
        if rows.left.len() > 0 {
            return Err(Refusal::Damaged);
        }
        Ok(())
    }
}

/// Rows of single bits, of which those to come are all zero.
struct BitRows<'a> {
    left: std::slice::ChunksExactMut<'a, u8>,
    width: usize,
}

impl Decoder for BitRows<'_> {
    fn push_row(&mut self, changes: &[u32]) {
        let Some(row) = self.left.next() else {
            return;
        };
        let place = |place: &u32| usize::try_from(*place).unwrap_or(usize::MAX);
        for black in changes.chunks(2) {
            let from = black.first().map_or(self.width, place);
            let to = black.get(1).map_or(self.width, place);
            set(row, from, to);
        }
    }
}

/// Sets the bits of `row`, counted from the high end of its first octet, from `from` up to `to`.
fn set(row: &mut [u8], from: usize, to: usize) {
    let (first, last) = (from / 8, to / 8);
    // All bits from one within an octet.
    let rest = |at: usize| u8::MAX.wrapping_shr(u32::try_from(at % 8).unwrap_or(0));
    let mut mark = |at: usize, bits: u8| {
        if let Some(octet) = row.get_mut(at) {
            *octet |= bits;
        }
    };
    if first == last {
        mark(first, rest(from) & !rest(to));
        return;
    }
    mark(first, rest(from));
    mark(last, !rest(to));
    if let Some(between) = row.get_mut(first.saturating_add(1)..last) {
        between.fill(u8::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_set_from_one_place_to_another() {
        for from in 0..=40 {
            for to in from..=40 {
                let mut row = [0_u8; 5];
                set(&mut row, from, to);
                for at in 0..40 {
                    let bit = row[at / 8] >> (7 - at % 8) & 1;
                    assert_eq!(bit == 1, (from..to).contains(&at), "{from} {to} {at}");
                }
            }
        }
    }
}
