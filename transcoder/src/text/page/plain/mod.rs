//! The page as plain text: words wrapped, quotes and lists indented, tables aligned, links numbered and listed at the end.

mod tables;

use super::blocks::Blocks;
use super::grid::{Role, Rows, Table};
use super::links::Links;
use super::markup::is_space;
use super::{Element, Gap};
use crate::text::Extent;
use crate::text::columns::Columns;
use crate::text::draft::Draft;
use crate::text::room::{CUT, Flow, Room, Stop, is_unseen};
use crate::text::width;

pub(super) struct Writer {
    room: Room,
    columns: Columns,
    blocks: Blocks,
    line: Line,
    gap: Gap,
    /// How many blocks the blank line of a gap is inside of.
    gap_inside: usize,
    /// The word that is not written yet, and whether a space belongs before it.
    word: Draft,
    space: Space,
    preformatted: usize,
    tables: Vec<Layout>,
    links: Links,
}

/// The line that is being written.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Line {
    /// There is none; the next begins with what stands before each.
    Closed,
    /// So many columns are taken, and so many of them by what stands before each line.
    Open { taken: usize, before: usize },
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Space {
    Pending,
    None,
}

/// What becomes of a table's cells.
enum Layout {
    Held(Table),
    /// They are written as they come: there is a table in the table, or too many of them.
    Running,
}

const LINE_END: &str = "\r\n";

impl Writer {
    pub(super) fn new(mut room: Room, columns: Columns) -> Self {
        room.reserve(LINE_END);
        room.reserve(CUT);
        Self {
            room,
            columns,
            blocks: Blocks::default(),
            line: Line::Closed,
            gap: Gap::None,
            gap_inside: 0,
            word: Draft::default(),
            space: Space::None,
            preformatted: 0,
            tables: Vec::new(),
            links: Links::default(),
        }
    }

    pub(super) fn open(&mut self, element: Element) -> Flow {
        match element {
            Element::Inline(_) => Ok(()),
            Element::Heading(_) => self.separate(Gap::Paragraph),
            Element::List(marker) => {
                self.separate(self.around_list())?;
                self.blocks.open_list(marker);
                Ok(())
            }
            Element::Item => self.begin_item(),
            Element::Quote => {
                self.separate(Gap::Paragraph)?;
                self.blocks.open_quote();
                Ok(())
            }
            Element::Preformatted => {
                self.separate(Gap::Paragraph)?;
                self.preformatted = self.preformatted.saturating_add(1);
                Ok(())
            }
            Element::Table => self.begin_table(Rows::Any),
            Element::Sheet => self.begin_table(Rows::Records),
            Element::Row => self.row(),
            Element::HeaderCell => self.begin_cell(Role::Header),
            Element::Cell => self.begin_cell(Role::Content),
        }
    }

    pub(super) fn close(&mut self, element: Element) -> Flow {
        match element {
            Element::Inline(_) => Ok(()),
            Element::Heading(_) => self.separate(Gap::Paragraph),
            Element::List(_) => {
                self.end_word()?;
                self.blocks.close_list();
                self.separate(self.around_list())
            }
            Element::Item => {
                self.end_word()?;
                self.blocks.close_item();
                self.separate(Gap::Line)
            }
            Element::Quote => {
                self.end_word()?;
                self.blocks.close_quote();
                self.separate(Gap::Paragraph)
            }
            Element::Preformatted => {
                self.preformatted = self.preformatted.saturating_sub(1);
                self.separate(Gap::Paragraph)
            }
            Element::Table | Element::Sheet => self.end_table(),
            Element::Row | Element::HeaderCell | Element::Cell => self.end_cell(),
        }
    }

    fn begin_item(&mut self) -> Flow {
        self.separate(Gap::Line)?;
        if self.held().is_some() {
            return self.text("- ");
        }
        self.blocks.open_item();
        Ok(())
    }

    /// A list in a list follows its item's text at once.
    fn around_list(&self) -> Gap {
        if self.blocks.has_list() {
            Gap::Line
        } else {
            Gap::Paragraph
        }
    }

    pub(super) fn separate(&mut self, gap: Gap) -> Flow {
        if let Some(table) = self.held() {
            end_line(table);
            return Ok(());
        }
        self.end_word()?;
        let inside = self.blocks.len();
        self.gap_inside = match self.gap {
            Gap::None => inside,
            Gap::Line | Gap::Paragraph => self.gap_inside.min(inside),
        };
        self.gap = self.gap.max(gap);
        self.space = Space::None;
        Ok(())
    }

    pub(super) fn line_break(&mut self) -> Flow {
        if self.preformatted > 0 && self.held().is_none() {
            return self.preformatted_end();
        }
        self.end_word()?;
        let pending = self.line == Line::Closed || self.gap != Gap::None;
        self.separate(if pending { Gap::Paragraph } else { Gap::Line })
    }

    pub(super) fn rule(&mut self) -> Flow {
        self.separate(Gap::Line)?;
        self.text("--------")?;
        self.separate(Gap::Line)
    }

    pub(super) fn begin_link(&mut self, target: &str) -> Flow {
        self.links.begin(target);
        Ok(())
    }

    pub(super) fn end_link(&mut self) -> Flow {
        let Some(mark) = self.links.end(&mut self.room)? else {
            return Ok(());
        };
        match self.held() {
            Some(table) => {
                if let Some(cell) = table.cell() {
                    cell.push_str(&mark);
                }
                Ok(())
            }
            None => {
                self.word.push_str(&mark);
                Ok(())
            }
        }
    }

    pub(super) fn text(&mut self, text: &str) -> Flow {
        self.links.shown(text);
        if let Some(table) = self.held() {
            if let Some(cell) = table.cell() {
                collapse(text, cell);
            }
            return Ok(());
        }
        if self.preformatted > 0 {
            return self.preformatted(text);
        }
        for character in text.chars() {
            if is_space(character) {
                self.end_word()?;
                self.space = Space::Pending;
                continue;
            }
            if is_unseen(character) {
                continue;
            }
            // Scripts that are written without spaces break between any two of their characters.
            let wide = width::of_character(character) > 1;
            if wide {
                self.end_word()?;
            }
            self.word.push(character);
            if wide {
                self.end_word()?;
            }
        }
        Ok(())
    }

    fn preformatted(&mut self, text: &str) -> Flow {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.preformatted_end()?;
            }
            let line = line.trim_end_matches('\r');
            if !line.is_empty() {
                self.begin()?;
                for seen in line.split(is_unseen) {
                    self.room.put_prose(seen)?;
                }
            }
        }
        Ok(())
    }

    fn preformatted_end(&mut self) -> Flow {
        self.begin()?;
        self.line = Line::Closed;
        self.room.put(LINE_END)
    }

    /// Writes the word that is pending, on a new line if this one is full.
    fn end_word(&mut self) -> Flow {
        if self.word.is_empty() {
            return Ok(());
        }
        let word = self.word.take();
        self.begin()?;
        let Line::Open { taken, before } = self.line else {
            return Ok(());
        };
        let space = usize::from(self.space == Space::Pending && taken > before);
        let own = width::of(&word);
        let wanted = taken.saturating_add(space).saturating_add(own);
        if wanted > self.columns.most() && taken > before {
            self.separate(Gap::Line)?;
            self.begin()?;
        } else if space > 0 {
            self.room.put(" ")?;
        }
        self.space = Space::None;
        if let Line::Open { taken, .. } = &mut self.line {
            *taken = taken.saturating_add(space).saturating_add(own);
        }
        self.room.put_prose(&word)
    }

    /// Sees to it that a line is open, with the gap before it.
    fn begin(&mut self) -> Flow {
        if let Line::Open { .. } = self.line {
            if self.gap == Gap::None {
                return Ok(());
            }
            self.line = Line::Closed;
            self.room.put(LINE_END)?;
        }
        if self.gap == Gap::Paragraph && !self.room.is_empty() {
            let blank = self.blocks.blank(self.gap_inside);
            self.room.put(&blank)?;
            self.room.put(LINE_END)?;
        }
        self.gap = Gap::None;
        let before = self.blocks.before();
        self.room.put(&before)?;
        let before = width::of(&before);
        let taken = before;
        self.line = Line::Open { taken, before };
        Ok(())
    }

    /// A line that is written as it is.
    fn whole_line(&mut self, line: &str) -> Flow {
        self.separate(Gap::Line)?;
        self.begin()?;
        self.room.put_prose(line)
    }

    pub(super) fn finish(mut self, extent: Extent) -> Result<Room, Stop> {
        let ended = self.end_word();
        let extent = match ended {
            Ok(()) => extent,
            Err(Stop::Full) => Extent::Cut,
            Err(refused) => return Err(refused),
        };
        match extent {
            Extent::Whole => self.room.release(CUT),
            Extent::Cut => self.room.conclude(CUT)?,
        }
        if extent == Extent::Whole && self.line != Line::Closed {
            self.room.conclude(LINE_END)?;
        }
        self.links.list(&mut self.room)?;
        Ok(self.room)
    }
}

/// Ends the line that a cell is at, if it has text.
fn end_line(table: &mut Table) {
    if let Some(cell) = table.cell() {
        cell.trim_end();
        if !cell.is_empty() {
            cell.push('\n');
        }
    }
}

/// Appends `text` with its runs of white space as one space each, none at the start of a line.
fn collapse(text: &str, cell: &mut Draft) {
    for character in text.chars() {
        if is_unseen(character) && !is_space(character) {
            continue;
        }
        if !is_space(character) {
            cell.push(character);
        } else if !cell.is_empty() && !cell.ends_with([' ', '\n']) {
            cell.push(' ');
        }
    }
}
