//! How long the lines of plain text are.

use std::num::NonZeroU16;

/// The length of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Columns {
    /// At most so many, as far as words allow.
    Most(NonZeroU16),
    /// A paragraph is a line, however long: whoever shows it breaks it. A table is padded as where lines are of the usual length, and its
    /// rows are longer where a cell is.
    Unbroken,
}

/// RFC 3676 §4.2 advises lines of at most 78 and 66 to 72 as the usual.
const USUAL: NonZeroU16 = match NonZeroU16::new(72) {
    Some(columns) => columns,
    None => NonZeroU16::MIN,
};

impl Columns {
    /// Lines as mail has them.
    pub const USUAL: Self = Self::Most(USUAL);

    pub(super) fn most(self) -> usize {
        match self {
            Self::Most(columns) => usize::from(columns.get()),
            Self::Unbroken => usize::MAX,
        }
    }
}
