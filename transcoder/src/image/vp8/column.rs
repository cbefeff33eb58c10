//! What a macroblock is told by those above it and at its left.

use zeroize::Zeroize;

use super::modes::{Luma, Subblock};
use super::predict::Above;

/// What is known of a column of macroblocks from the one above.
#[derive(Clone, Copy, Zeroize)]
pub(super) struct Column {
    pub(super) above: Above,
    #[zeroize(skip)]
    pub(super) modes: [Subblock; 4],
    pub(super) filled: Filled,
}

impl Column {
    /// Above the first row.
    pub(super) fn of_all() -> Self {
        Self {
            above: Above::default(),
            modes: [Subblock::Dc; 4],
            filled: Filled::default(),
        }
    }
}

/// Which of the blocks at one side of a macroblock have coefficients: ones and zeros.
#[derive(Clone, Copy, Default, Zeroize)]
pub(super) struct Filled {
    pub(super) luma: [u8; 4],
    /// Blue, then red.
    pub(super) chroma: [[u8; 2]; 2],
    /// The block that the first coefficients of luma come in.
    pub(super) second: u8,
}

impl Filled {
    /// What a macroblock without coefficients leaves behind.
    pub(super) fn clear(&mut self, luma: &Luma) {
        *self = Self {
            second: match luma {
                Luma::Whole(_) => 0,
                Luma::Subblocks(_) => self.second,
            },
            ..Self::default()
        };
    }
}

/// The four samples at the right of those above: the next macroblock's; at the right edge the last one, four times.
pub(super) fn right_of(above: &Above, next: Option<&Column>) -> [u8; 4] {
    match (next, above.luma) {
        (Some(next), _) => next.above.luma.first_chunk().copied().unwrap_or_default(),
        (None, [.., last]) => [last; 4],
    }
}
