//! Deflate in a zlib stream, as Adobe gave it to TIFF (Photoshop TIFF Technical Notes).

use flate2::{Decompress, FlushDecompress};

use crate::budget::Budget;
use crate::refusal::Refusal;

/// Octets that the decompressor takes: a window of 32 KiB, which it may hold twice, and its tables.
const STATE_OCTETS: u64 = 128 * 1024;

/// A decompressor that many pieces use one after the other.
pub(super) struct Deflate(Decompress);

impl Deflate {
    /// # Errors
    /// [`Refusal::Exceeded`] when there is not the memory.
    pub(super) fn new(budget: &mut Budget) -> Result<Self, Refusal> {
        budget.take_memory(STATE_OCTETS)?;
        Ok(Self(Decompress::new(true)))
    }

    /// Fills `output` with what `input` says.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] when that is less, or is no such stream. What comes behind is left alone.
    pub(super) fn decode(&mut self, input: &[u8], output: &mut [u8]) -> Result<(), Refusal> {
        self.0.reset(true);
        let answer = self.0.decompress(input, output, FlushDecompress::Finish);
        answer.map_err(|_| Refusal::Damaged)?;
        let made = usize::try_from(self.0.total_out()).ok();
        (made == Some(output.len()))
            .then_some(())
            .ok_or(Refusal::Damaged)
    }
}
