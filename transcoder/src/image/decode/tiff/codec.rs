//! Compressions (TIFF 6.0 §8, "Compression"), and what undoes them.

use zeroize::Zeroizing;

use super::band::Coded;
use super::deflate::Deflate;
use super::fax::{Coding, Fax};
use super::grid::Grid;
use super::jpeg::Jpeg;
use super::lzw::{Lzw, SLACK};
use super::{packbits, tags};
use crate::budget::Budget;
use crate::image::directory::Directory;
use crate::refusal::Refusal;

/// "FillOrder": bits from the low end of each octet, as some fax machines have them.
const LOW_FIRST: u32 = 2;

/// How pieces are compressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Compression {
    None,
    PackBits,
    Lzw,
    Deflate,
    Fax(Coding),
    Jpeg,
}

impl Compression {
    /// # Errors
    /// [`Refusal::Unsupported`] for what is not read.
    pub(super) fn of(page: &Directory<'_>) -> Result<Self, Refusal> {
        match page.number(tags::COMPRESSION)?.unwrap_or(1) {
            1 => Ok(Self::None),
            2 => Ok(Self::Fax(Coding::Huffman)),
            3 => Ok(Self::Fax(Coding::group3(page)?)),
            4 => Ok(Self::Fax(Coding::group4(page)?)),
            5 => Ok(Self::Lzw),
            7 => Ok(Self::Jpeg),
            8 | 32_946 => Ok(Self::Deflate), // by its new number, and its old
            32_773 => Ok(Self::PackBits),
            // 6 is JPEG as of TIFF 6.0 §22, of which each program made something else.
            _other => Err(Refusal::Unsupported),
        }
    }
}

/// What undoes a compression, for one piece after the other.
pub(super) struct Codec {
    method: Method,
    /// Room for a piece whose bits come from the low end.
    turned: Option<Zeroizing<Vec<u8>>>,
}

enum Method {
    None,
    PackBits,
    Lzw(Lzw),
    Deflate(Deflate),
    Fax(Fax),
    Jpeg(Box<Jpeg>),
}

/// What a piece is when it is no longer compressed.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    /// Pixels across.
    pub(super) width: usize,
    pub(super) rows: usize,
    /// Octets of a row.
    pub(super) row_len: usize,
}

impl Codec {
    /// # Errors
    /// [`Refusal::Unsupported`] for samples that a compression cannot have, [`Refusal::Exceeded`] when there is not the memory.
    pub(super) fn of(
        page: &Directory<'_>,
        coded: &Coded,
        grid: &Grid<'_>,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let form = &coded.form;
        let method = match coded.compression {
            Compression::None => Method::None,
            Compression::PackBits => Method::PackBits,
            Compression::Lzw => Method::Lzw(Lzw::new()),
            Compression::Deflate => Method::Deflate(Deflate::new(budget)?),
            Compression::Fax(coding) => Method::Fax(Fax::of(coding, form, grid, budget)?),
            Compression::Jpeg => Method::Jpeg(Box::new(Jpeg::of(page, coded, grid, budget)?)),
        };
        let order = page.number(tags::FILL_ORDER)?;
        // JPEG has an order of its own.
        let is_turned = order == Some(LOW_FIRST) && coded.compression != Compression::Jpeg;
        let turned = is_turned.then(|| budget.room(grid.longest())).transpose()?;
        Ok(Self { method, turned })
    }

    /// Fills `octets`, which are as many as `piece` has and [`SLACK`] more, with what `coded` says.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] when that is less, or nothing.
    pub(super) fn decode(
        &mut self,
        coded: &[u8],
        piece: Piece,
        octets: &mut [u8],
    ) -> Result<(), Refusal> {
        let coded = match &mut self.turned {
            None => coded,
            Some(turned) => {
                turned.clear();
                turned.extend(coded.iter().map(|octet| octet.reverse_bits()));
                turned.as_slice()
            }
        };
        let len = octets.len().saturating_sub(SLACK);
        let wanted = octets.get_mut(..len).ok_or(Refusal::Damaged)?;
        match &mut self.method {
            Method::None => {
                wanted.copy_from_slice(coded.get(..len).ok_or(Refusal::Damaged)?);
                Ok(())
            }
            Method::PackBits => packbits::decode(coded, wanted),
            Method::Lzw(lzw) => lzw.decode(coded, octets),
            Method::Deflate(deflate) => deflate.decode(coded, wanted),
            Method::Fax(fax) => fax.decode(coded, piece, wanted),
            Method::Jpeg(jpeg) => jpeg.decode(coded, piece, wanted),
        }
    }
}
