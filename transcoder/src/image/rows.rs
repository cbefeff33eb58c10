//! A picture row by row, from the top: what a decoder gives and a filter takes, so that no more of a large picture is
//! in memory than a band of it.

use super::picture::{Channels, Picture};
use super::size::Size;
use crate::refusal::Refusal;

/// Rows of eight-bit samples. Dropping it before the last row is no error.
pub(super) trait Rows {
    /// The size that all rows together have.
    fn size(&self) -> Size;

    /// How many pixels wide and high the picture really is, where the last one of a row or column is one in part: at
    /// most as many as [`Self::size`] says, and less than one fewer.
    fn extent(&self) -> (f64, f64) {
        let size = self.size();
        (f64::from(size.width()), f64::from(size.height()))
    }

    /// What a pixel's samples mean.
    fn channels(&self) -> Channels;

    /// Fills `row`, which is `width` × `channels` octets long, with the next row. Is called `height` times at most.
    ///
    /// # Errors
    /// A [`Refusal`]: the file turned out to be damaged, or to be of a kind that is not read.
    fn next_row(&mut self, row: &mut [u8]) -> Result<(), Refusal>;
}

/// The rows of a picture that is in memory as a whole.
pub(super) struct PictureRows<P> {
    picture: P,
    next: usize,
}

impl<P: std::borrow::Borrow<Picture>> PictureRows<P> {
    pub(super) fn of(picture: P) -> Self {
        Self { picture, next: 0 }
    }
}

impl<P: std::borrow::Borrow<Picture>> Rows for PictureRows<P> {
    fn size(&self) -> Size {
        self.picture.borrow().size()
    }

    fn channels(&self) -> Channels {
        self.picture.borrow().channels()
    }

    fn next_row(&mut self, row: &mut [u8]) -> Result<(), Refusal> {
        let picture = self.picture.borrow();
        let end = self.next.saturating_add(picture.row_len());
        let samples = picture.samples().get(self.next..end);
        let samples = samples.filter(|samples| samples.len() == row.len());
        row.copy_from_slice(samples.ok_or(Refusal::Damaged)?);
        self.next = end;
        Ok(())
    }
}
