//! Tables in plain text: aligned where they fit, a line for each field where they do not, and running text where a table only
//! lays a page out. No row repeats another's text, so the cost is that of what is written.

use crate::text::columns::Columns;
use crate::text::draft::Draft;
use crate::text::room::Flow;
use crate::text::width;

/// A table in the making. What spans columns or rows stands in the first of them.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Row>,
    cells: usize,
    /// Of all cells but the last.
    octets: usize,
}

#[derive(Default)]
struct Row {
    headers: usize,
    cells: Vec<Draft>,
}

/// Whether a cell names what is under it.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Role {
    Header,
    Content,
}

/// How a table is shown.
pub(super) enum Shape {
    /// Columns of these widths.
    Aligned(Vec<usize>),
    /// A line for each cell, and where the table has a header what it says before it.
    Fields,
    /// Cells one after the other: the table only laid them out.
    Running,
}

/// More cells than this are not held: they run.
const MOST_CELLS: usize = 100_000;
/// Nor is more text than this.
const MOST_OCTETS: usize = 4 * 1024 * 1024;
/// A cell with more text than this is no field of a table.
const LONGEST_CELL: usize = 240;
/// More columns than this are not aligned.
const MOST_COLUMNS: usize = 32;
/// No column is made narrower than this.
const NARROWEST: usize = 6;
/// Between two columns.
const BAR: &str = " | ";

impl Table {
    pub(super) fn begin_row(&mut self) {
        self.rows.push(Row::default());
    }

    pub(super) fn begin_cell(&mut self, role: Role) {
        if self.rows.is_empty() {
            self.begin_row();
        }
        self.cells = self.cells.saturating_add(1);
        let last = self.rows.last().and_then(|row| row.cells.last());
        let octets = last.map_or(0, |cell| cell.len());
        self.octets = self.octets.saturating_add(octets);
        if let Some(row) = self.rows.last_mut() {
            row.headers = row
                .headers
                .saturating_add(usize::from(role == Role::Header));
            row.cells.push(Draft::default());
        }
    }

    /// The cell that text goes to.
    pub(super) fn cell(&mut self) -> Option<&mut Draft> {
        if self.rows.last().is_none_or(|row| row.cells.is_empty()) {
            self.begin_cell(Role::Content);
        }
        self.rows.last_mut()?.cells.last_mut()
    }

    pub(super) fn is_full(&self) -> bool {
        self.cells > MOST_CELLS || self.octets > MOST_OCTETS
    }

    /// Drops rows and columns without text, which only keep distance.
    pub(super) fn tidy(&mut self) {
        for cell in self.rows.iter_mut().flat_map(|row| row.cells.iter_mut()) {
            cell.trim_end();
        }
        self.rows
            .retain(|row| row.cells.iter().any(|cell| !cell.is_empty()));
        let mut used = vec![false; self.most_columns()];
        for row in &self.rows {
            for (used, cell) in used.iter_mut().zip(&row.cells) {
                *used |= !cell.is_empty();
            }
        }
        for row in &mut self.rows {
            let mut used = used.iter();
            row.cells.retain(|_| used.next().copied().unwrap_or(true));
        }
    }

    fn most_columns(&self) -> usize {
        let lengths = self.rows.iter().map(|row| row.cells.len());
        lengths.max().unwrap_or(0)
    }

    /// How it is shown in lines of `columns`.
    pub(super) fn shape(&self, columns: usize) -> Shape {
        let widths = self.natural();
        let long = |cell: &Draft| cell.len() > LONGEST_CELL || cell.lines().count() > 4;
        let mut cells = self.rows.iter().flat_map(|row| &row.cells);
        if widths.len() < 2 || cells.any(long) {
            return Shape::Running;
        }
        match fitted(widths, columns) {
            Some(widths) => Shape::Aligned(widths),
            None if self.rows.len() > 1 => Shape::Fields,
            None => Shape::Running,
        }
    }

    fn natural(&self) -> Vec<usize> {
        let mut widths = vec![0; self.most_columns()];
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(&row.cells) {
                let own = cell.lines().map(width::of).max().unwrap_or(0);
                *widest = own.max(*widest);
            }
        }
        widths
    }

    /// Gives the lines of the aligned table one by one.
    pub(super) fn draw(&self, widths: &[usize], mut line: impl FnMut(&str) -> Flow) -> Flow {
        for (index, row) in self.rows.iter().enumerate() {
            row.draw(widths, &mut line)?;
            if index == 0 && row.is_header() {
                let rules = widths.iter().map(|width| "-".repeat(*width));
                line(&rules.collect::<Vec<_>>().join("-+-"))?;
            }
        }
        Ok(())
    }

    /// Gives every cell with its header, row by row.
    pub(super) fn fields(&self, mut field: impl FnMut(Begins, Option<&str>, &str) -> Flow) -> Flow {
        let header = self.rows.first().filter(|row| row.is_header());
        let skipped = usize::from(header.is_some());
        for row in self.rows.iter().skip(skipped) {
            let mut begins = Begins::Row;
            for (index, cell) in row.cells.iter().enumerate() {
                let name = header.and_then(|header| header.cells.get(index));
                let name = name.filter(|name| !name.is_empty());
                if !cell.is_empty() {
                    field(begins, name.map(|name| &**name), cell)?;
                    begins = Begins::Cell;
                }
            }
        }
        Ok(())
    }

    /// Gives every cell with text, in order.
    pub(super) fn running(&self, mut cell: impl FnMut(&str) -> Flow) -> Flow {
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        for text in cells.filter(|cell| !cell.trim().is_empty()) {
            cell(text)?;
        }
        Ok(())
    }
}

/// What a field is the first of.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Begins {
    Row,
    Cell,
}

impl Row {
    fn is_header(&self) -> bool {
        self.headers > 0 && self.headers == self.cells.len()
    }

    fn draw(&self, widths: &[usize], line: &mut impl FnMut(&str) -> Flow) -> Flow {
        let cells = widths.iter().enumerate().map(|(index, width)| {
            let cell = self.cells.get(index).map_or("", |cell| &**cell);
            wrapped(cell, *width)
        });
        let cells: Vec<Vec<&str>> = cells.collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..height {
            let mut text = Draft::default();
            for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
                if index > 0 {
                    text.push_str(BAR);
                }
                let part = cell.get(at).copied().unwrap_or_default();
                text.push_str(part);
                let short = width.saturating_sub(width::of(part));
                text.push_str(&" ".repeat(short));
            }
            text.trim_end();
            line(&text)?;
        }
        Ok(())
    }
}

/// Widths that fit in `columns`: narrow columns keep theirs, the others share what is left.
fn fitted(mut widths: Vec<usize>, columns: usize) -> Option<Vec<usize>> {
    if widths.len() > MOST_COLUMNS {
        return None;
    }
    let bars = widths.len().saturating_sub(1).saturating_mul(BAR.len());
    let mut left = columns.saturating_sub(bars);
    let mut sorted = widths.clone();
    sorted.sort_unstable();
    let mut sharing = sorted.len();
    for width in sorted {
        let share = left.checked_div(sharing)?;
        if width > share {
            if share < NARROWEST {
                return None;
            }
            for width in &mut widths {
                *width = share.min(*width);
            }
            return Some(widths);
        }
        left = left.saturating_sub(width);
        sharing = sharing.saturating_sub(1);
    }
    Some(widths)
}

/// `text` in lines of at most `columns`; words longer than that are broken.
fn wrapped(text: &str, columns: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut rest = line.trim_end();
        while !rest.is_empty() {
            let (taken, after) = rest.split_at(line_end(rest, columns));
            lines.push(taken.trim_end());
            rest = after.trim_start();
        }
    }
    lines
}

/// Where a line of at most `columns` ends that `text` begins with; never at its start.
fn line_end(text: &str, columns: usize) -> usize {
    let mut taken = 0_usize;
    let mut space = None;
    for (at, character) in text.char_indices() {
        taken = taken.saturating_add(width::of_character(character));
        if character == ' ' {
            space = Some(at);
        }
        if taken > columns && at > 0 {
            return space.filter(|space| *space > 0).unwrap_or(at);
        }
    }
    text.len()
}

/// The columns there are; a table that may have any is as wide as its text.
pub(super) fn columns_left(columns: Columns, prefix: usize) -> usize {
    columns.most().saturating_sub(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_columns_keep_their_width_and_wide_ones_share() {
        assert_eq!(fitted(vec![4, 100, 80], 60), Some(vec![4, 25, 25]));
        assert_eq!(fitted(vec![4, 10], 60), Some(vec![4, 10]));
        assert_eq!(fitted(vec![40; 8], 60), None);
    }

    #[test]
    fn words_are_broken_only_where_they_are_too_long() {
        assert_eq!(wrapped("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrapped("日本語", 4), ["日本", "語"]);
        assert_eq!(wrapped("日", 1), ["日"]);
    }
}
