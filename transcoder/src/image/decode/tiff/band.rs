//! The strips or tiles that lie beside one another, decoded, and the samples of their rows.

use zeroize::Zeroizing;

use super::codec::{Codec, Compression, Piece};
use super::form::{Form, Planes};
use super::grid::Grid;
use super::lzw::SLACK;
use super::meaning::Photometric;
use super::predict::Predictor;
use super::unpack::{Scale, pick, unpack};
use super::ycbcr::Units;
use crate::budget::{Budget, Resource};
use crate::image::directory::Directory;
use crate::image::size::{Size, length};
use crate::refusal::Refusal;

const MEMORY: Refusal = Refusal::Exceeded(Resource::Memory);

/// What a band is of.
pub(super) struct Coded {
    pub(super) form: Form,
    pub(super) compression: Compression,
    pub(super) photometric: Photometric,
    /// The samples that matter among those of a pixel.
    pub(super) places: Vec<usize>,
    pub(super) scale: Scale,
}

impl Coded {
    /// The planes that are read.
    fn planes(&self) -> &[usize] {
        match self.form.planes {
            Planes::One => &[0],
            Planes::Each => &self.places,
        }
    }

    /// The samples that matter among those of a pixel in one plane.
    fn places(&self) -> &[usize] {
        match self.form.planes {
            Planes::One => &self.places,
            Planes::Each => &[0],
        }
    }

    /// Whether the samples of a piece are just those that matter, in their order.
    fn is_whole(&self) -> bool {
        let all = 0..self.form.together();
        self.form.planes == Planes::One && self.places.iter().copied().eq(all)
    }
}

/// One band after the other.
pub(super) struct Band<'a> {
    coded: Coded,
    size: Size,
    grid: Grid<'a>,
    packing: Packing,
    codec: Codec,
    predictor: Predictor,
    /// The pieces, those of one plane after those of another; each in `room` octets.
    octets: Zeroizing<Vec<u8>>,
    room: usize,
    /// Room for the samples of one piece's row, where they are neither octets nor all that matters.
    samples: Zeroizing<Vec<u8>>,
}

impl<'a> Band<'a> {
    /// Pays for the largest.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] for a page that is not read, [`Refusal::Damaged`] for one that cannot be, [`Refusal::Exceeded`].
    pub(super) fn of(
        input: &'a [u8],
        page: &Directory<'a>,
        size: Size,
        coded: Coded,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let last = coded.planes().iter().max().copied().unwrap_or(0);
        let predictor = Predictor::of(page, coded.compression, &coded.form)?;
        let units = units(page, &coded)?;
        if predictor != Predictor::None && units.is_some() {
            return Err(Refusal::Unsupported);
        }
        let grid = Grid::of(input, page, size, last.saturating_add(1), budget)?;
        let packing = Packing::of(&coded.form, units, grid.width)?;
        let codec = Codec::of(page, &coded, &grid, budget)?;
        let room = packing.octets(grid.height);
        let room = room.and_then(|len| len.checked_add(SLACK)).ok_or(MEMORY)?;
        let pieces = coded.planes().len().checked_mul(grid.across);
        let octets = pieces.and_then(|pieces| pieces.checked_mul(room));
        let samples = match (coded.is_whole(), coded.form.bits) {
            (true, _) | (false, 8) => Some(0),
            (false, _) => grid.width.checked_mul(coded.form.together()),
        };
        Ok(Self {
            octets: zeros(octets, budget)?,
            samples: zeros(samples, budget)?,
            coded,
            size,
            grid,
            packing,
            codec,
            predictor,
            room,
        })
    }

    /// Rows of a band, the last one excepted.
    pub(super) fn height(&self) -> usize {
        self.grid.height
    }

    /// Decodes the band `number`.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] for a piece that is not in the file, or is not what it should be.
    pub(super) fn read(&mut self, number: usize) -> Result<(), Refusal> {
        let rows = self.grid.rows_of(number);
        let len = self.packing.octets(rows).ok_or(Refusal::Damaged)?;
        let piece = Piece {
            width: self.grid.width,
            rows,
            row_len: self.packing.len,
        };
        let mut rooms = self.octets.chunks_exact_mut(self.room);
        for plane in self.coded.planes() {
            for (column, room) in (0..self.grid.across).zip(&mut rooms) {
                let octets = self.grid.coded(*plane, number, column)?;
                let room = room.get_mut(..len.saturating_add(SLACK));
                let room = room.ok_or(Refusal::Damaged)?;
                self.codec.decode(octets, piece, room)?;
                let octets = room.get_mut(..len).ok_or(Refusal::Damaged)?;
                self.predictor
                    .undo(octets, self.packing.len, &self.coded.form);
            }
        }
        Ok(())
    }

    /// Fills `row` with those samples of row `at` of the band that matter.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where there is no such row.
    pub(super) fn row(&mut self, at: usize, row: &mut [u8]) -> Result<(), Refusal> {
        let side = at.checked_div(self.packing.down()).unwrap_or(0);
        let from = side.saturating_mul(self.packing.len);
        let to = from.saturating_add(self.packing.len);
        let (wide, width) = (self.coded.places.len(), length(self.size.width()));
        let mut rooms = self.octets.chunks_exact(self.room);
        for first in 0..self.coded.planes().len() {
            let mut left = &mut *row;
            for (column, room) in (0..self.grid.across).zip(&mut rooms) {
                let pixels = self.grid.columns_of(column, width);
                let part = left.split_off_mut(..pixels.saturating_mul(wide));
                let part = part.ok_or(Refusal::Damaged)?;
                let octets = room.get(from..to).ok_or(Refusal::Damaged)?;
                self.packing
                    .samples(octets, at, &self.coded, &mut self.samples, (part, first));
            }
        }
        Ok(())
    }
}

/// Luminances and differences that several pixels share.
fn units(page: &Directory<'_>, coded: &Coded) -> Result<Option<Units>, Refusal> {
    let form = &coded.form;
    // JPEG has its own way, and red, green and blue come out.
    let is_whole = form.planes == Planes::One;
    if coded.photometric != Photometric::YCbCr || coded.compression == Compression::Jpeg && is_whole
    {
        return Ok(None);
    }
    let units = Units::of(page)?;
    if units.is_one() {
        Ok(None)
    } else if is_whole && form.bits == 8 && form.samples == 3 {
        Ok(Some(units))
    } else {
        Err(Refusal::Unsupported)
    }
}

/// How the rows of a piece lie in its octets.
struct Packing {
    /// Octets of what lies side by side.
    len: usize,
    /// These are side by side, so that several rows are, too.
    units: Option<Units>,
}

impl Packing {
    fn of(form: &Form, units: Option<Units>, width: usize) -> Result<Self, Refusal> {
        let len = match units {
            None => {
                let bits = usize::try_from(form.bits).map_err(|_| MEMORY)?;
                let bits = bits.checked_mul(form.together());
                let bits = bits.and_then(|bits| bits.checked_mul(width));
                bits.map(|bits| bits.div_ceil(8))
            }
            Some(units) => width.div_ceil(units.across).checked_mul(units.len()),
        };
        let len = len.ok_or(MEMORY)?;
        Ok(Self { len, units })
    }

    /// Rows of pixels that lie side by side.
    fn down(&self) -> usize {
        self.units.map_or(1, |units| units.down)
    }

    /// Octets of `rows`.
    fn octets(&self, rows: usize) -> Option<usize> {
        rows.div_ceil(self.down()).checked_mul(self.len)
    }

    /// Fills `part` with those samples of row `at` in `octets` that matter; where they stand in planes, these are the `first` of
    /// each pixel.
    fn samples(
        &self,
        octets: &[u8],
        at: usize,
        coded: &Coded,
        room: &mut [u8],
        (part, first): (&mut [u8], usize),
    ) {
        let (bits, scale) = (coded.form.bits, coded.scale);
        if let Some(units) = self.units {
            let row = at.checked_rem(units.down).unwrap_or(0);
            units.row(octets, row, part);
        } else if coded.is_whole() {
            unpack(octets, bits, scale, part);
        } else {
            let samples = if bits == 8 {
                octets
            } else {
                unpack(octets, bits, scale, room);
                room
            };
            let into = (part, coded.places.len(), first);
            pick(samples, coded.form.together(), coded.places(), into);
        }
    }
}

/// So many octets of nothing.
fn zeros(len: Option<usize>, budget: &mut Budget) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let len = len.ok_or(MEMORY)?;
    let mut zeros = budget.room(len)?;
    zeros.resize(len, 0);
    Ok(zeros)
}
