//! Workbooks of Excel (SpreadsheetML, ECMA-376 part 1 §18): each sheet a table, with the values that its formulas had when it was saved.

use super::cells::{Cells, column};
use super::package::Package;
use super::serial::{Epoch, Kind, shown};
use super::xml::{Node, Tag, nodes};
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;
use crate::text::draft::Draft;
use crate::text::page::{Element, Level, Page};
use crate::text::room::{Flow, Stop};

pub(super) fn read(octets: &[u8], page: &mut Page, budget: &mut Budget) -> Flow {
    let mut package = Package::open(octets, budget)?;
    let workbook = package.main_part("xl/workbook.xml")?;
    let parts = package.relationships("xl", "workbook.xml")?;
    let book = Book {
        strings: strings(&mut package)?,
        formats: formats(&mut package)?,
        epoch: epoch(&workbook)?,
    };
    for (name, id) in sheets(&workbook)? {
        let Some(path) = parts.part("xl", &id) else {
            continue;
        };
        let Some(content) = package.part(&path)? else {
            continue;
        };
        page.open(Element::Heading(Level::Second))?;
        page.text(&name)?;
        page.close(Element::Heading(Level::Second))?;
        page.open(Element::Sheet)?;
        let mut sheet = Sheet {
            page,
            book: &book,
            cells: Cells::default(),
            kind: Content::Number,
            format: 0,
            value: Draft::default(),
            inside: Inside::Frame,
        };
        nodes(&content, |node| sheet.node(node))?;
        page.close(Element::Sheet)?;
    }
    Ok(())
}

/// What all sheets share.
struct Book {
    strings: Vec<Draft>,
    formats: Vec<Kind>,
    epoch: Epoch,
}

struct Sheet<'p> {
    page: &'p mut Page,
    book: &'p Book,
    cells: Cells,
    kind: Content,
    format: usize,
    value: Draft,
    inside: Inside,
}

/// What a cell's value is (ECMA-376 part 1 §18.18.11).
#[derive(Clone, Copy, Eq, PartialEq)]
enum Content {
    Number,
    /// The number of a shared string.
    Shared,
    Text,
    Truth,
}

/// Values stand in `<v>` and `<t>`; a formula is none.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Inside {
    Value,
    Frame,
}

/// Shared strings, and formats, that are held.
const MOST: usize = 1_000_000;
/// Sheets that are read.
const MOST_SHEETS: usize = 256;

impl Sheet<'_> {
    fn node(&mut self, node: Node<'_>) -> Flow {
        match node {
            Node::Start(tag) => {
                self.start(&tag);
                Ok(())
            }
            Node::End(name) => self.end(&name),
            Node::Text(text) if self.inside == Inside::Value => {
                self.value.push_str(&text);
                Ok(())
            }
            Node::Text(_) => Ok(()),
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "c" => {
                let reference = tag.attribute("r").unwrap_or_default();
                if let Some(column) = column(&reference) {
                    self.cells.skip_to(column);
                }
                self.kind = match tag.attribute("t").unwrap_or_default().trim() {
                    "s" => Content::Shared,
                    "str" | "inlineStr" | "e" | "d" => Content::Text,
                    "b" => Content::Truth,
                    _number => Content::Number,
                };
                self.format = tag.number("s").unwrap_or(0);
                self.value.clear();
            }
            "v" | "t" => self.inside = Inside::Value,
            "rPh" | "f" => self.inside = Inside::Frame,
            _other => {}
        }
    }

    fn end(&mut self, name: &str) -> Flow {
        match name {
            "v" | "t" => {
                self.inside = Inside::Frame;
                Ok(())
            }
            "c" => self.end_cell(),
            "row" => std::mem::take(&mut self.cells).end(self.page),
            _other => Ok(()),
        }
    }

    fn end_cell(&mut self) -> Flow {
        let value = self.value.take();
        let text = match self.kind {
            Content::Text => value,
            Content::Truth => Draft::new(if value.trim() == "1" { "TRUE" } else { "FALSE" }),
            Content::Number => {
                let kind = self.book.formats.get(self.format).copied();
                Draft::new(&shown(
                    &value,
                    kind.unwrap_or(Kind::Number),
                    self.book.epoch,
                ))
            }
            Content::Shared => {
                let index: usize = value.trim().parse().unwrap_or(usize::MAX);
                let text = self.book.strings.get(index).map_or("", |text| &**text);
                return self.cells.cell(text, self.page);
            }
        };
        self.cells.cell(&text, self.page)
    }
}

fn sheets(workbook: &[u8]) -> Result<Vec<(Draft, Draft)>, Stop> {
    let mut sheets = Vec::new();
    nodes(workbook, |node| {
        if let Node::Start(tag) = node
            && tag.name() == "sheet"
            && sheets.len() < MOST_SHEETS
            && tag
                .attribute("state")
                .is_none_or(|state| &*state == "visible")
            && let Some(id) = tag.attribute("id")
        {
            sheets.push((tag.attribute("name").unwrap_or_default(), id));
        }
        Ok(())
    })?;
    Ok(sheets)
}

fn epoch(workbook: &[u8]) -> Result<Epoch, Stop> {
    let mut epoch = Epoch::Of1900;
    nodes(workbook, |node| {
        if let Node::Start(tag) = node
            && tag.name() == "workbookPr"
            && tag
                .attribute("date1904")
                .is_some_and(|said| matches!(&*said, "1" | "true"))
        {
            epoch = Epoch::Of1904;
        }
        Ok(())
    })?;
    Ok(epoch)
}

fn strings(package: &mut Package<'_, '_>) -> Result<Vec<Draft>, Stop> {
    let mut strings = Vec::new();
    let Some(content) = package.part("xl/sharedStrings.xml")? else {
        return Ok(strings);
    };
    let mut inside = Inside::Frame;
    // The reading of a word in kana is no second word.
    let mut phonetic = 0_usize;
    nodes(&content, |node| {
        match node {
            Node::Start(tag) => match tag.name() {
                "si" if strings.len() >= MOST => {
                    return Err(Stop::Refused(Refusal::Exceeded(Resource::Elements)));
                }
                "si" => strings.push(Draft::default()),
                "t" => inside = Inside::Value,
                "rPh" => phonetic = phonetic.saturating_add(1),
                _other => {}
            },
            Node::End(name) => match &*name {
                "t" => inside = Inside::Frame,
                "rPh" => phonetic = phonetic.saturating_sub(1),
                _other => {}
            },
            Node::Text(text) => {
                if let (Inside::Value, 0, Some(last)) = (inside, phonetic, strings.last_mut()) {
                    last.push_str(&text);
                }
            }
        }
        Ok(())
    })?;
    Ok(strings)
}

/// The kind of each cell format, by its number.
fn formats(package: &mut Package<'_, '_>) -> Result<Vec<Kind>, Stop> {
    let (mut formats, mut own) = (Vec::new(), Vec::new());
    let Some(content) = package.part("xl/styles.xml")? else {
        return Ok(formats);
    };
    let mut of_cells = Inside::Frame;
    nodes(&content, |node| {
        match node {
            Node::Start(tag) => match tag.name() {
                "numFmt" if own.len() < MOST_SHEETS => {
                    let code = tag.attribute("formatCode").unwrap_or_default();
                    own.push((tag.number("numFmtId"), Kind::of_code(&code)));
                }
                "cellXfs" => of_cells = Inside::Value,
                "xf" if of_cells == Inside::Value && formats.len() < MOST => {
                    let id = tag.number("numFmtId");
                    let found = own.iter().find(|(own, _)| *own == id);
                    formats.push(match found {
                        Some((_, kind)) => *kind,
                        None => Kind::of_builtin(id.unwrap_or(0)),
                    });
                }
                _other => {}
            },
            Node::End(name) if &*name == "cellXfs" => of_cells = Inside::Frame,
            Node::End(_) | Node::Text(_) => {}
        }
        Ok(())
    })?;
    Ok(formats)
}
