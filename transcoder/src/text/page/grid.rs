//! Tables in plain text: aligned where they fit, a line for each field where they do not, and running text where a table only
//! lays a page out. No row repeats more of another than the names of its columns, so the cost is that of what is written.

use super::fit::{BAR, MOST_COLUMNS, aligned, fitted, wrapped};
use crate::text::columns::Columns;
use crate::text::draft::Draft;
use crate::text::room::Flow;
use crate::text::width;

/// A table in the making. What spans columns or rows stands in the first of them.
pub(super) struct Table {
    kind: Rows,
    begins: Header,
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

/// What the rows of a table are.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Rows {
    /// The table may only lay a page out.
    Any,
    /// They are of one kind, as in a spreadsheet.
    Records,
}

/// Where the header is shown that the first row may be.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Header {
    Here,
    /// The table goes on from one that showed it.
    Before,
}

/// Whether a cell names what is under it.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Role {
    Header,
    Content,
}

/// How a table is shown.
pub(super) enum Shape {
    /// In columns of these widths; without widths, nothing is aligned.
    Columns(Vec<usize>, Fit),
    /// A line for each cell, and where the table has a header what it says before it.
    Fields,
    /// Cells one after the other: the table only laid them out.
    Running,
}

/// What becomes of a cell that is wider than its column.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Fit {
    Wraps,
    /// Its row goes on behind it.
    Overflows,
}

/// More cells than this are not held at a time.
const MOST_CELLS: usize = 100_000;
/// Nor is more text than this.
const MOST_OCTETS: usize = 4 * 1024 * 1024;
/// A record of more cells is none. A header of more is not held for what follows.
const LONGEST_RECORD: usize = 4096;
/// A cell with more text than this is no field of a table that is shown in columns.
const LONGEST_CELL: usize = 240;
/// Nor is one of more lines.
const HIGHEST_CELL: usize = 4;
/// A column that may have any width is as wide as so many of a hundred of its cells: a long one does not pad all others.
const USUAL_CELLS: usize = 95;
/// And as its name, if that is no wider than this.
const WIDEST_NAME: usize = 12;

impl Table {
    pub(super) fn new(kind: Rows) -> Self {
        Self {
            kind,
            begins: Header::Here,
            rows: Vec::new(),
            cells: 0,
            octets: 0,
        }
    }

    /// What goes on from this one, under the same header.
    pub(super) fn continued(&self) -> Self {
        let mut next = Self::new(self.kind);
        let header = self.header();
        if let Some(header) = header.filter(|row| row.cells.len() <= LONGEST_RECORD) {
            next.begins = Header::Before;
            next.cells = header.cells.len();
            next.rows.push(Row {
                headers: header.headers,
                cells: header.cells.iter().map(|cell| Draft::new(cell)).collect(),
            });
        }
        next
    }

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

    /// Whether there is no room for another cell.
    pub(super) fn is_full(&self) -> bool {
        match self.kind {
            Rows::Any => self.holds_most(),
            Rows::Records => {
                let last = self.rows.last();
                last.is_some_and(|row| row.cells.len() > LONGEST_RECORD)
            }
        }
    }

    /// Whether it is to be shown before another row begins.
    pub(super) fn is_to_be_continued(&self) -> bool {
        self.kind == Rows::Records && self.holds_most()
    }

    fn holds_most(&self) -> bool {
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
            let (is_header, mut used) = (row.is_header(), used.iter());
            row.cells.retain(|_| used.next().copied().unwrap_or(true));
            if is_header {
                row.headers = row.cells.len();
            }
        }
    }

    fn most_columns(&self) -> usize {
        let lengths = self.rows.iter().map(|row| row.cells.len());
        lengths.max().unwrap_or(0)
    }

    /// How it is shown in lines of `columns`, of which so many are taken by what stands before each.
    pub(super) fn shape(&self, columns: Columns, before: usize) -> Shape {
        let count = self.most_columns();
        let has_header = self.header().is_some();
        let has_rows = self.rows.len() > 1;
        let mut cells = self.rows.iter().flat_map(|row| &row.cells);
        if count < 2 {
            return Shape::Running;
        }
        if cells.any(is_long) {
            return match has_rows && (has_header || self.kind == Rows::Records) {
                true => Shape::Fields,
                false => Shape::Running,
            };
        }
        let most = columns.most().saturating_sub(before);
        match columns {
            Columns::Most(_) => match fitted(self.natural(), most) {
                Some(widths) => Shape::Columns(widths, Fit::Wraps),
                None if has_rows => Shape::Fields,
                None => Shape::Running,
            },
            Columns::Unbroken => {
                let most = Columns::USUAL.most().saturating_sub(before);
                match self.usual(count).and_then(|widths| aligned(widths, most)) {
                    Some(widths) => Shape::Columns(widths, Fit::Overflows),
                    None if has_rows && has_header => Shape::Fields,
                    None => Shape::Columns(Vec::new(), Fit::Overflows),
                }
            }
        }
    }

    /// The row that names the columns: one that says so, or of records the first that could.
    fn header(&self) -> Option<&Row> {
        let first = self.rows.first()?;
        let whole = first.cells.len() == self.most_columns();
        let names = self.kind == Rows::Records && whole && first.cells.iter().all(|c| is_name(c));
        let short = !first.cells.iter().any(is_long);
        ((first.is_header() || names) && short).then_some(first)
    }

    /// Widths that most cells of each column fit in. `None`: too many columns.
    fn usual(&self, count: usize) -> Option<Vec<usize>> {
        if count > MOST_COLUMNS {
            return None;
        }
        let header = self.rows.first().filter(|row| row.is_header());
        let usual = |column| {
            let cells = self.rows.iter().map(|row| row.cells.get(column));
            let mut widths: Vec<usize> = cells.map(|cell| cell.map_or(0, widest)).collect();
            widths.sort_unstable();
            let fit = widths.len().saturating_mul(USUAL_CELLS).div_ceil(100);
            let usual = widths.get(fit.saturating_sub(1)).copied().unwrap_or(0);
            let name = header.and_then(|header| header.cells.get(column));
            let name = name.map(widest).filter(|own| *own <= WIDEST_NAME);
            name.unwrap_or(0).max(usual)
        };
        Some((0..count).map(usual).collect())
    }

    fn natural(&self) -> Vec<usize> {
        let mut widths = vec![0; self.most_columns()];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(&row.cells) {
                *width = widest(cell).max(*width);
            }
        }
        widths
    }

    /// Gives the lines of a table in columns one by one.
    pub(super) fn draw(
        &self,
        widths: &[usize],
        fit: Fit,
        mut line: impl FnMut(&str) -> Flow,
    ) -> Flow {
        let shown = usize::from(self.begins == Header::Before);
        for (index, row) in self.rows.iter().enumerate().skip(shown) {
            row.draw(widths, fit, &mut line)?;
            if index == 0 && row.is_header() && !widths.is_empty() {
                let rules = widths.iter().map(|width| "-".repeat(*width));
                line(&rules.collect::<Vec<_>>().join("-+-"))?;
            }
        }
        Ok(())
    }

    /// Gives every cell with its header, row by row.
    pub(super) fn fields(&self, mut field: impl FnMut(Begins, Option<&str>, &str) -> Flow) -> Flow {
        let header = self.header();
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

    fn draw(&self, widths: &[usize], fit: Fit, line: &mut impl FnMut(&str) -> Flow) -> Flow {
        let cells = self.cells.iter().enumerate().map(|(index, cell)| {
            let width = widths.get(index).copied().unwrap_or(0);
            match fit {
                Fit::Wraps => wrapped(cell, width),
                Fit::Overflows => cell.lines().map(str::trim_end).collect(),
            }
        });
        let cells: Vec<Vec<&str>> = cells.collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..height {
            let parts = cells.iter().map(|cell| cell.get(at).copied().unwrap_or(""));
            let last = parts.clone().rposition(|part| !part.is_empty());
            let mut text = Draft::default();
            for (index, part) in parts
                .enumerate()
                .take(last.map_or(0, |last| last.saturating_add(1)))
            {
                if index > 0 {
                    text.push_str(BAR);
                }
                text.push_str(part);
                let width = widths.get(index).copied().unwrap_or(0);
                let short = width.saturating_sub(width::of(part));
                text.push_str(&" ".repeat(short));
            }
            text.trim_end();
            line(&text)?;
        }
        Ok(())
    }
}

fn is_long(cell: &Draft) -> bool {
    cell.len() > LONGEST_CELL || cell.lines().count() > HIGHEST_CELL
}

/// The columns of a cell's longest line.
fn widest(cell: &Draft) -> usize {
    cell.lines().map(width::of).max().unwrap_or(0)
}

/// Whether it could name a column: it is no number.
pub(in crate::text) fn is_name(field: &str) -> bool {
    let field = field.trim();
    !field.is_empty() && !field.starts_with(|c: char| c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests;
