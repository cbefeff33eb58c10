//! A picture row by row, from the top: what a decoder gives and a filter takes, so that no more of a large picture is
//! in memory than a band of it.

use super::picture::Channels;
use super::size::Size;
use crate::refusal::Refusal;

/// Rows of eight-bit samples. Dropping it before the last row is no error.
pub(super) trait Rows {
    /// The size that all rows together have.
    fn size(&self) -> Size;

    /// What a pixel's samples mean.
    fn channels(&self) -> Channels;

    /// Fills `row`, which is `width` × `channels` octets long, with the next row. Is called `height` times at most.
    ///
    /// # Errors
    /// A [`Refusal`]: the file turned out to be damaged, or to be of a kind that is not read.
    fn next_row(&mut self, row: &mut [u8]) -> Result<(), Refusal>;
}
