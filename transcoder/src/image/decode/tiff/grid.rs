//! Strips and tiles (TIFF 6.0 §3, §15): pieces of a picture that are coded each for itself. Those that lie beside one another are
//! a band.

use super::tags;
use crate::budget::Budget;
use crate::image::directory::{Directory, Numbers};
use crate::image::size::{Size, length};
use crate::refusal::Refusal;

/// Several pieces may be the same octets, and blank ones often are. Each is read for itself, so the octets of all together are at
/// most so many times those of the file.
const MOST_SHARED: u64 = 16;

/// Where the pieces of a picture are.
pub(super) struct Grid<'a> {
    input: &'a [u8],
    /// Rows of the picture.
    rows: usize,
    kind: Kind,
    /// Pixels of a piece.
    pub(super) width: usize,
    /// Rows of a piece, the last strip excepted.
    pub(super) height: usize,
    /// Pieces side by side.
    pub(super) across: usize,
    /// Bands.
    down: usize,
    offsets: Numbers<'a>,
    /// Not there in some old files of one strip, which then goes up to the file's end.
    lens: Option<Numbers<'a>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    /// As wide as the picture; the last one is as low as what is left.
    Strips,
    /// All of one size: what lies outside the picture is coded too.
    Tiles,
}

impl<'a> Grid<'a> {
    /// # Errors
    /// [`Refusal::Damaged`] where the page does not say where its pieces are, in each of `planes`, or these are not in the file;
    /// [`Refusal::Unsupported`] where they are the same octets too often; [`Refusal::Exceeded`] where tiles hold more pixels
    /// outside the picture than `budget` has.
    pub(super) fn of(
        input: &'a [u8],
        page: &Directory<'a>,
        size: Size,
        planes: usize,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let tile = (
            page.number(tags::TILE_WIDTH)?,
            page.number(tags::TILE_LENGTH)?,
        );
        let (kind, width, height) = match tile {
            (Some(width), Some(height)) => (Kind::Tiles, width, height),
            (None, None) => {
                let height = page.number(tags::ROWS_PER_STRIP)?.unwrap_or(u32::MAX);
                (Kind::Strips, size.width(), height.min(size.height()))
            }
            (Some(_), None) | (None, Some(_)) => return Err(Refusal::Damaged),
        };
        let strips = (tags::STRIP_OFFSETS, tags::STRIP_BYTE_COUNTS);
        let (offsets, lens) = match kind {
            // Some programs use the fields of strips for tiles too.
            Kind::Tiles if page.numbers(tags::TILE_OFFSETS)?.is_some() => {
                (tags::TILE_OFFSETS, tags::TILE_BYTE_COUNTS)
            }
            Kind::Tiles | Kind::Strips => strips,
        };
        if width == 0 || height == 0 {
            return Err(Refusal::Damaged);
        }
        let grid = Self {
            input,
            rows: length(size.height()),
            kind,
            width: length(width),
            height: length(height),
            across: length(size.width().div_ceil(width)),
            down: length(size.height().div_ceil(height)),
            offsets: page.numbers(offsets)?.ok_or(Refusal::Damaged)?,
            lens: page.numbers(lens)?,
        };
        grid.check(planes)?;
        budget.take_area(grid.pixels().saturating_sub(size.pixels()))?;
        Ok(grid)
    }

    /// Whether all pieces are there, and are not the same too often.
    fn check(&self, planes: usize) -> Result<(), Refusal> {
        let pieces = self.across.checked_mul(self.down);
        let pieces = pieces.and_then(|pieces| pieces.checked_mul(planes));
        let pieces = pieces.ok_or(Refusal::Damaged)?;
        let lens = self.lens.map_or(1, |lens| lens.count());
        if pieces > self.offsets.count() || pieces > lens {
            return Err(Refusal::Damaged);
        }
        let file = u64::try_from(self.input.len()).unwrap_or(u64::MAX);
        let mut all = 0_u64;
        for len in self.lens.into_iter().flat_map(Numbers::iter).take(pieces) {
            if len > file {
                return Err(Refusal::Damaged);
            }
            all = all.saturating_add(len);
        }
        if all > file.saturating_mul(MOST_SHARED) {
            return Err(Refusal::Unsupported);
        }
        Ok(())
    }

    /// Pixels of all pieces, of one plane.
    fn pixels(&self) -> u64 {
        match self.kind {
            Kind::Strips => 0, // none are outside the picture
            Kind::Tiles => [self.width, self.across, self.height, self.down]
                .into_iter()
                .map(|side| u64::try_from(side).unwrap_or(u64::MAX))
                .fold(1, u64::saturating_mul),
        }
    }

    /// How many rows the pieces of `band` have.
    pub(super) fn rows_of(&self, band: usize) -> usize {
        match self.kind {
            Kind::Strips => {
                let above = band.saturating_mul(self.height);
                self.rows.saturating_sub(above).min(self.height)
            }
            Kind::Tiles => self.height,
        }
    }

    /// How many pixels of a piece in `column` lie in a picture that is `width` wide.
    pub(super) fn columns_of(&self, column: usize, width: usize) -> usize {
        let before = column.saturating_mul(self.width);
        width.saturating_sub(before).min(self.width)
    }

    /// The coded octets of the piece in `column` of `band` in `plane`.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where they are not in the file.
    pub(super) fn coded(
        &self,
        plane: usize,
        band: usize,
        column: usize,
    ) -> Result<&'a [u8], Refusal> {
        let bands = plane.saturating_mul(self.down).saturating_add(band);
        let piece = bands.saturating_mul(self.across).saturating_add(column);
        let number = |numbers: &Numbers<'_>| {
            let number = numbers.get(piece);
            number.and_then(|number| usize::try_from(number).ok())
        };
        let from = number(&self.offsets).and_then(|offset| self.input.get(offset..));
        let from = from.ok_or(Refusal::Damaged)?;
        match &self.lens {
            None => Ok(from),
            Some(lens) => {
                let len = number(lens).ok_or(Refusal::Damaged)?;
                from.get(..len).ok_or(Refusal::Damaged)
            }
        }
    }

    /// The most octets that a piece has.
    pub(super) fn longest(&self) -> usize {
        let longest = self.lens.and_then(|lens| lens.iter().max());
        let longest = longest.and_then(|len| usize::try_from(len).ok());
        longest.unwrap_or(usize::MAX).min(self.input.len())
    }
}
