//! The rows of spreadsheets, whose cells without content are only counted: those at the end of a row are never written.

use crate::text::page::{Element, Page};
use crate::text::room::Flow;

/// One row in the making.
#[derive(Default)]
pub(super) struct Cells {
    /// Cells written, and empty ones that are owed if another follows.
    written: usize,
    owed: usize,
}

/// Columns further to the right are not told apart.
const FURTHEST: usize = 256;

impl Cells {
    /// Passes over `count` empty cells.
    pub(super) fn skip(&mut self, count: usize) {
        self.owed = self.owed.saturating_add(count);
    }

    /// Passes over what is before the cell `column`, counted from 0.
    pub(super) fn skip_to(&mut self, column: usize) {
        let taken = self.written.saturating_add(self.owed);
        self.skip(column.saturating_sub(taken));
    }

    /// Writes a cell; nothing where it is empty.
    pub(super) fn cell(&mut self, text: &str, page: &mut Page) -> Flow {
        if text.trim().is_empty() {
            self.skip(1);
            return Ok(());
        }
        if self.written == 0 {
            page.open(Element::Row)?;
        }
        let room = FURTHEST.saturating_sub(self.written);
        for _ in 0..self.owed.min(room) {
            page.open(Element::Cell)?;
            page.close(Element::Cell)?;
        }
        self.written = self.written.saturating_add(self.owed).saturating_add(1);
        self.owed = 0;
        page.open(Element::Cell)?;
        page.lines(text)?;
        page.close(Element::Cell)
    }

    /// Ends the row; one without content was never begun.
    pub(super) fn end(self, page: &mut Page) -> Flow {
        if self.written == 0 {
            return Ok(());
        }
        page.close(Element::Row)
    }
}

/// The column that a reference like `BC12` names, counted from 0.
pub(super) fn column(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_uppercase);
    let number = letters.take(4).fold(0_usize, |number, letter| {
        let letter = usize::from(letter.wrapping_sub(b'A')).saturating_add(1);
        number.saturating_mul(26).saturating_add(letter)
    });
    number.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (reference, number) in [("A1", 0), ("Z9", 25), ("AA1", 26), ("XFD1", 16383)] {
            assert_eq!(column(reference), Some(number), "{reference}");
        }
        assert_eq!(column("12"), None);
    }
}
