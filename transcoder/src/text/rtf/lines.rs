//! Paragraphs, rows, items and links, opened on the page when their first text comes and closed in balance.

use super::group::{Apart, Form, Place, Styles};
use crate::text::draft::Draft;
use crate::text::page::{Element, Gap, Lists, Page};
use crate::text::room::Flow;

pub(super) struct Lines<'p> {
    page: &'p mut Page,
    begun: Begun,
    /// How much of a table is open.
    table: Table,
    lists: Lists,
    /// What is open around text.
    shown: Vec<Element>,
    link: Link,
    /// What stands before the item that the next paragraph is.
    mark: Option<Draft>,
}

/// What was opened for a paragraph.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Begun {
    No,
    Plain,
    As(Element),
}

#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Table {
    None,
    Between,
    Row,
    Cell,
}

enum Link {
    None,
    /// It begins with the next text.
    Owed(Draft),
    Open,
}

impl<'p> Lines<'p> {
    pub(super) fn new(page: &'p mut Page) -> Self {
        Self {
            page,
            begun: Begun::No,
            table: Table::None,
            lists: Lists::default(),
            shown: Vec::new(),
            link: Link::None,
            mark: None,
        }
    }

    pub(super) fn text(&mut self, text: &str, styles: Styles, form: Form) -> Flow {
        if text.trim().is_empty() && self.begun == Begun::No {
            return Ok(());
        }
        self.begin(form)?;
        if let Link::Owed(_) = self.link {
            self.end_styles()?;
            if let Link::Owed(address) = std::mem::replace(&mut self.link, Link::Open) {
                self.page.begin_link(&address)?;
            }
        }
        if !styles.elements().eq(self.shown.iter().copied()) {
            self.end_styles()?;
            for element in styles.elements() {
                self.page.open(element)?;
                self.shown.push(element);
            }
        }
        self.page.text(text)
    }

    fn begin(&mut self, form: Form) -> Flow {
        if self.begun != Begun::No {
            return Ok(());
        }
        if form.place == Place::Row {
            self.lists.set(0, self.page)?;
            self.open_cell()?;
            self.begun = Begun::Plain;
            return self.written_mark();
        }
        self.end_table()?;
        let item = self.mark.take_if(|mark| is_bullet(mark));
        let element = match (form.heading, &item) {
            (Some(level), _) => Some(Element::Heading(level)),
            (None, Some(_)) => Some(Element::Item),
            (None, None) => None,
        };
        let listed = element == Some(Element::Item);
        let deep = form.level.saturating_add(1);
        self.lists.set(if listed { deep } else { 0 }, self.page)?;
        if let Some(element) = element {
            self.page.open(element)?;
        }
        self.begun = element.map_or(Begun::Plain, Begun::As);
        self.written_mark()
    }

    /// A number is the author's own, which a list made anew would not have.
    fn written_mark(&mut self) -> Flow {
        if let Some(mark) = self.mark.take() {
            self.page.text(mark.trim())?;
            self.page.text(" ")?;
        }
        Ok(())
    }

    /// `\par`
    pub(super) fn end_paragraph(&mut self, form: Form) -> Flow {
        self.end_link()?;
        self.mark = None;
        match std::mem::replace(&mut self.begun, Begun::No) {
            Begun::As(element) => self.page.close(element),
            Begun::Plain if form.apart == Apart::No => self.page.separate(Gap::Line),
            Begun::Plain | Begun::No => self.page.separate(Gap::Paragraph),
        }
    }

    /// `\line`
    pub(super) fn line_break(&mut self) -> Flow {
        if self.begun == Begun::No {
            return Ok(());
        }
        self.page.line_break()
    }

    /// `\nestcell`, `\nestrow`: a table in a table is lines of its cell.
    pub(super) fn end_inner_cell(&mut self) -> Flow {
        self.page.separate(Gap::Line)
    }

    /// `\page`, `\sect`
    pub(super) fn end_page(&mut self, form: Form) -> Flow {
        self.end_paragraph(form)?;
        self.page.separate(Gap::Paragraph)
    }

    /// `\cell`
    pub(super) fn end_cell(&mut self) -> Flow {
        self.end_link()?;
        self.lists.set(0, self.page)?;
        self.open_cell()?;
        self.close_table_to(Table::Row)
    }

    /// `\row`
    pub(super) fn end_row(&mut self) -> Flow {
        self.close_table_to(Table::Between)
    }

    pub(super) fn owe_link(&mut self, address: Draft) -> Flow {
        self.end_link()?;
        self.link = Link::Owed(address);
        Ok(())
    }

    pub(super) fn end_link(&mut self) -> Flow {
        self.end_styles()?;
        match std::mem::replace(&mut self.link, Link::None) {
            Link::Open => self.page.end_link(),
            Link::Owed(_) | Link::None => Ok(()),
        }
    }

    pub(super) fn set_mark(&mut self, mark: Draft) {
        let there = !mark.trim().is_empty() && self.begun == Begun::No;
        self.mark = there.then_some(mark);
    }

    pub(super) fn finish(mut self) -> Flow {
        self.end_paragraph(Form::default())?;
        self.lists.set(0, self.page)?;
        self.end_table()
    }

    fn end_styles(&mut self) -> Flow {
        while let Some(element) = self.shown.pop() {
            self.page.close(element)?;
        }
        Ok(())
    }

    fn open_cell(&mut self) -> Flow {
        if self.table == Table::None {
            self.end_paragraph(Form::default())?;
            self.page.open(Element::Table)?;
        }
        if self.table <= Table::Between {
            self.page.open(Element::Row)?;
        }
        if self.table <= Table::Row {
            self.page.open(Element::Cell)?;
        }
        self.table = Table::Cell;
        Ok(())
    }

    /// Closes what is open of a table beyond `wanted`.
    fn close_table_to(&mut self, wanted: Table) -> Flow {
        if self.table <= wanted {
            return Ok(());
        }
        self.end_link()?;
        // What a cell ends with is its own.
        self.begun = Begun::No;
        self.mark = None;
        if self.table == Table::Cell {
            self.page.close(Element::Cell)?;
        }
        if self.table >= Table::Row && wanted < Table::Row {
            self.page.close(Element::Row)?;
        }
        if wanted == Table::None {
            self.page.close(Element::Table)?;
        }
        self.table = wanted;
        Ok(())
    }

    fn end_table(&mut self) -> Flow {
        self.close_table_to(Table::None)
    }
}

/// Whether what stands before an item is a sign. Word's second one is an `o`.
fn is_bullet(mark: &str) -> bool {
    mark.trim() == "o" || !mark.contains(char::is_alphanumeric)
}
