//! OpenDocument (1.3, part 3): texts, spreadsheets and presentations have one kind of content.

use super::cells::Cells;
use super::package::Package;
use super::xml::{Node, Tag, read_nodes};
use crate::budget::Budget;
use crate::refusal::Refusal;
use crate::text::address;
use crate::text::draft::Draft;
use crate::text::page::{Element, Gap, Level, Marker, Page};
use crate::text::room::{Flow, Stop};

pub(super) fn read(octets: &[u8], page: &mut Page, budget: &mut Budget) -> Flow {
    let mut package = Package::open(octets, budget)?;
    let is_encrypted = |manifest: &[u8]| {
        let mark = b"encryption-data";
        manifest.windows(mark.len()).any(|window| window == mark)
    };
    let manifest = package.part("META-INF/manifest.xml")?;
    if manifest.is_some_and(|manifest| is_encrypted(&manifest)) {
        return Err(Stop::Refused(Refusal::Unsupported));
    }
    let content = package.main_part("content.xml")?;
    let mut reader = Reader {
        page,
        open: Vec::new(),
        sheet: Vec::new(),
        body: Body::Outside,
    };
    read_nodes(&content, &UNREAD, |node| reader.node(node))
}

struct Reader<'p> {
    page: &'p mut Page,
    /// What each open tag has opened.
    open: Vec<Opened>,
    /// The rows that are open; tables may be in tables.
    sheet: Vec<Row>,
    body: Body,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Opened {
    Nothing,
    Element(Element),
    Paragraph,
    Link,
    Table,
    Row,
    Cell { repeated: usize },
    Body,
}

/// Styles before the body have text that is none of the document's.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Body {
    Outside,
    Inside,
    /// Of a spreadsheet.
    Sheets,
}

/// A row whose cells are collected, and the text of the one that is open.
#[derive(Default)]
struct Row {
    cells: Cells,
    text: Draft,
}

/// Cells that say the same and are written so often at most.
const MOST_REPEATED: usize = 64;

/// Comments, what was deleted, bodies of notes, descriptions of pictures, indexes' frames.
const UNREAD: [&str; 7] = [
    "annotation",
    "tracked-changes",
    "note-body",
    "desc",
    "title",
    "notes",
    "forms",
];

impl Reader<'_> {
    fn node(&mut self, node: Node<'_>) -> Flow {
        match node {
            Node::Start(tag) => {
                let opened = self.start(&tag)?;
                self.open.push(opened);
                Ok(())
            }
            Node::End(_) => self.end(),
            Node::Text(text) => self.text(&text),
        }
    }

    fn start(&mut self, tag: &Tag<'_>) -> Result<Opened, Stop> {
        match tag.name() {
            "body" => self.body = Body::Inside,
            "spreadsheet" if self.body == Body::Inside => self.body = Body::Sheets,
            "s" => self.text(" ")?,
            "tab" => self.text(" ")?,
            "line-break" => self.line_end()?,
            "table" => return self.table(tag),
            // What is nested in a cell is its text.
            "table-row" if self.sheet.is_empty() => {
                self.sheet.push(Row::default());
                return Ok(Opened::Row);
            }
            "table-cell" | "covered-table-cell" if self.open.last() == Some(&Opened::Row) => {
                let repeated = tag.number("number-columns-repeated").unwrap_or(1);
                return Ok(Opened::Cell { repeated });
            }
            _other if !self.sheet.is_empty() => return Ok(Opened::Nothing),
            "p" => return self.opened(Opened::Paragraph),
            "h" => {
                let level = match tag.number("outline-level") {
                    Some(1) | None => Level::First,
                    Some(2) => Level::Second,
                    Some(_) => Level::Third,
                };
                return self.opened(Opened::Element(Element::Heading(level)));
            }
            "list" => return self.opened(Opened::Element(Element::List(Marker::Bullet))),
            "list-item" => return self.opened(Opened::Element(Element::Item)),
            "a" => return self.link(tag),
            "page" => self.slide(tag)?,
            _other => {}
        }
        Ok(if tag.name() == "body" {
            Opened::Body
        } else {
            Opened::Nothing
        })
    }

    fn opened(&mut self, opened: Opened) -> Result<Opened, Stop> {
        match opened {
            Opened::Element(element) => self.page.open(element)?,
            // A paragraph in an item is the item's line.
            Opened::Paragraph if !self.is_in_item() => self.page.separate(Gap::Paragraph)?,
            Opened::Paragraph
            | Opened::Nothing
            | Opened::Link
            | Opened::Table
            | Opened::Row
            | Opened::Cell { .. }
            | Opened::Body => {}
        }
        Ok(opened)
    }

    fn is_in_item(&self) -> bool {
        self.open.last() == Some(&Opened::Element(Element::Item))
    }

    fn table(&mut self, tag: &Tag<'_>) -> Result<Opened, Stop> {
        if !self.sheet.is_empty() {
            return Ok(Opened::Nothing);
        }
        let sheets = self
            .open
            .iter()
            .filter(|open| **open == Opened::Table)
            .count();
        if let (0, Some(name)) = (sheets, tag.attribute("name")) {
            self.page.separate(Gap::Paragraph)?;
            self.page.text(&name)?;
        }
        self.page.open(self.kind_of_table())?;
        Ok(Opened::Table)
    }

    fn kind_of_table(&self) -> Element {
        match self.body {
            Body::Sheets => Element::Sheet,
            Body::Inside | Body::Outside => Element::Table,
        }
    }

    fn link(&mut self, tag: &Tag<'_>) -> Result<Opened, Stop> {
        let written = tag.attribute("href").unwrap_or_default();
        match address::followed(&written) {
            Some(address) if !self.open.contains(&Opened::Link) => {
                self.page.begin_link(&address)?;
                Ok(Opened::Link)
            }
            Some(_) | None => Ok(Opened::Nothing),
        }
    }

    fn slide(&mut self, tag: &Tag<'_>) -> Flow {
        let name = tag.attribute("name").unwrap_or_default();
        self.page.open(Element::Heading(Level::Third))?;
        self.page.text(&name)?;
        self.page.close(Element::Heading(Level::Third))
    }

    fn end(&mut self) -> Flow {
        match self.open.pop() {
            Some(Opened::Element(element)) => self.page.close(element),
            Some(Opened::Paragraph) => self.page.separate(Gap::Line),
            Some(Opened::Link) => self.page.end_link(),
            Some(Opened::Table) => self.page.close(self.kind_of_table()),
            Some(Opened::Cell { repeated }) => self.end_cell(repeated),
            Some(Opened::Row) => match self.sheet.pop() {
                Some(row) => row.cells.end(self.page),
                None => Ok(()),
            },
            Some(Opened::Body) => {
                self.body = Body::Outside;
                Ok(())
            }
            Some(Opened::Nothing) => self.end_in_cell(),
            None => Ok(()),
        }
    }

    /// Paragraphs of a cell are its lines.
    fn end_in_cell(&mut self) -> Flow {
        if let (Some(row), Some(Opened::Cell { .. })) = (self.sheet.last_mut(), self.open.last()) {
            row.text.push('\n');
        }
        Ok(())
    }

    fn end_cell(&mut self, repeated: usize) -> Flow {
        let Some(row) = self.sheet.last_mut() else {
            return Ok(());
        };
        let text = row.text.take();
        if text.trim().is_empty() {
            row.cells.skip(repeated);
            return Ok(());
        }
        for _ in 0..repeated.min(MOST_REPEATED) {
            row.cells.cell(text.trim(), self.page)?;
        }
        Ok(())
    }

    fn line_end(&mut self) -> Flow {
        match self.sheet.last_mut() {
            Some(row) => {
                row.text.push('\n');
                Ok(())
            }
            None => self.page.line_break(),
        }
    }

    fn text(&mut self, text: &str) -> Flow {
        if self.body == Body::Outside {
            return Ok(());
        }
        match self.sheet.last_mut() {
            Some(row) => {
                row.text.push_str(text);
                Ok(())
            }
            None => self.page.text(text),
        }
    }
}
