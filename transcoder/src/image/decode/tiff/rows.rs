//! The rows of a page: samples of one band of strips or tiles after the other, made colours.

use zeroize::Zeroizing;

use super::band::{Band, Coded};
use super::codec::Compression;
use super::form::Form;
use super::meaning::{Meaning, Photometric};
use super::unpack::Scale;
use crate::budget::Budget;
use crate::image::directory::Directory;
use crate::image::picture::Channels;
use crate::image::rows::Rows;
use crate::image::size::{Size, length};
use crate::refusal::Refusal;

/// A page that is being read.
pub(super) struct TiffRows<'a> {
    size: Size,
    meaning: Meaning,
    band: Band<'a>,
    /// A row of numbers, where there is a palette.
    numbers: Zeroizing<Vec<u8>>,
    /// The row to be given out next.
    next: usize,
}

impl<'a> TiffRows<'a> {
    /// # Errors
    /// [`Refusal::Unsupported`] for a page that is not read, [`Refusal::Damaged`] for one that cannot be, [`Refusal::Exceeded`].
    pub(super) fn of(
        input: &'a [u8],
        page: &Directory<'a>,
        size: Size,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let compression = Compression::of(page)?;
        let form = Form::of(page)?;
        let photometric = Photometric::of(page, &form, compression)?;
        let meaning = Meaning::of(page, &form, photometric, compression)?;
        let (scale, numbers) = match photometric {
            Photometric::Palette => (Scale::Number, length(size.width())),
            Photometric::WhiteIsZero
            | Photometric::BlackIsZero
            | Photometric::Rgb
            | Photometric::Separated
            | Photometric::YCbCr => (Scale::Light, 0),
        };
        let coded = Coded {
            form,
            compression,
            photometric,
            places: meaning.places(),
            scale,
        };
        let band = Band::of(input, page, size, coded, budget)?;
        let mut room = budget.room(numbers)?;
        room.resize(numbers, 0);
        Ok(Self {
            size,
            meaning,
            band,
            numbers: room,
            next: 0,
        })
    }
}

impl Rows for TiffRows<'_> {
    fn size(&self) -> Size {
        self.size
    }

    fn channels(&self) -> Channels {
        self.meaning.channels()
    }

    fn next_row(&mut self, row: &mut [u8]) -> Result<(), Refusal> {
        let height = self.band.height();
        let number = self.next.checked_div(height).unwrap_or(0);
        let at = self.next.checked_rem(height).unwrap_or(0);
        if at == 0 {
            self.band.read(number)?;
        }
        match self.meaning.palette() {
            None => self.band.row(at, row)?,
            Some(palette) => {
                self.band.row(at, &mut self.numbers)?;
                palette.colours(&self.numbers, row);
            }
        }
        self.meaning.convert(row);
        self.next = self.next.saturating_add(1);
        Ok(())
    }
}
