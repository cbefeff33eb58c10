//! Documents of Word (WordprocessingML, ECMA-376 part 1 §17).

use super::package::{Package, Relationships};
use super::xml::{Node, Tag, nodes, read_nodes};
use crate::budget::Budget;
use crate::text::draft::Draft;
use crate::text::page::{Element, Gap, Level, Lists, Page, Style};
use crate::text::room::{Flow, Stop};

pub(super) fn read(octets: &[u8], page: &mut Page, budget: &mut Budget) -> Flow {
    let mut package = Package::open(octets, budget)?;
    let content = package.main_part("word/document.xml")?;
    let links = package.relationships("word", "document.xml")?;
    let styles = headings(&mut package)?;
    let mut reader = Reader {
        page,
        links,
        headings: styles,
        paragraph: Paragraph::default(),
        lists: Lists::default(),
        run: Vec::new(),
        shown: Vec::new(),
        linked: Linked::No,
        inside: Inside::Frame,
    };
    read_nodes(&content, &UNREAD, |node| reader.node(node))?;
    reader.lists.set(0, reader.page)
}

/// Styles that are headings: their ids, which differ by language, and their levels.
type Headings = Vec<(Draft, Level)>;

struct Reader<'p> {
    page: &'p mut Page,
    links: Relationships,
    headings: Headings,
    paragraph: Paragraph,
    lists: Lists,
    /// What the run's properties say, and what of it is open.
    run: Vec<Element>,
    shown: Vec<Element>,
    linked: Linked,
    inside: Inside,
}

/// What a paragraph's properties say, before its first text.
#[derive(Default)]
struct Paragraph {
    heading: Option<Level>,
    list: Option<usize>,
    begun: Begun,
}

/// What was opened for a paragraph.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
enum Begun {
    #[default]
    No,
    Plain,
    As(Element),
}

/// Text stands in `<w:t>` alone.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Inside {
    Text,
    Frame,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Linked {
    Yes,
    No,
}

/// Styles that are looked at.
const MOST_STYLES: usize = 4096;

/// Deleted text, instructions of fields, the older of two forms of the same.
const UNREAD: [&str; 6] = [
    "del",
    "moveFrom",
    "instrText",
    "delText",
    "Fallback",
    "annotationRef",
];

impl Reader<'_> {
    fn node(&mut self, node: Node<'_>) -> Flow {
        match node {
            Node::Start(tag) => self.start(&tag),
            Node::End(name) => self.end(&name),
            Node::Text(text) if self.inside == Inside::Text => self.text(&text),
            Node::Text(_) => Ok(()),
        }
    }

    fn start(&mut self, tag: &Tag<'_>) -> Flow {
        match tag.name() {
            "pStyle" => {
                let style = tag.attribute("val").unwrap_or_default();
                self.paragraph.heading = self.heading(&style);
                Ok(())
            }
            "ilvl" => {
                self.paragraph.list = Some(tag.number("val").unwrap_or(0));
                Ok(())
            }
            "numId" if tag.number("val") == Some(0) => {
                self.paragraph.list = None;
                Ok(())
            }
            "b" => self.property(tag, Element::Inline(Style::Strong)),
            "i" => self.property(tag, Element::Inline(Style::Emphasis)),
            "strike" => self.property(tag, Element::Inline(Style::Struck)),
            "t" => {
                self.inside = Inside::Text;
                Ok(())
            }
            "tab" => self.page.text(" "),
            "br" | "cr" => self.page.line_break(),
            "hyperlink" => self.begin_link(tag),
            "tbl" => {
                self.lists.set(0, self.page)?;
                self.page.open(Element::Table)
            }
            "tr" => self.page.open(Element::Row),
            "tc" => self.page.open(Element::Cell),
            _other => Ok(()),
        }
    }

    fn property(&mut self, tag: &Tag<'_>, element: Element) -> Flow {
        let value = tag.attribute("val").unwrap_or_default();
        if !matches!(&*value, "0" | "false" | "none") && !self.run.contains(&element) {
            self.run.push(element);
        }
        Ok(())
    }

    /// The level of a style; one that is not defined goes by its id.
    fn heading(&self, style: &str) -> Option<Level> {
        let mut headings = self.headings.iter();
        let found = headings.find(|(id, _)| **id == *style);
        let own = || level(&style.replacen("Heading", "heading ", 1));
        found.map(|(_, level)| *level).or_else(own)
    }

    fn end(&mut self, name: &str) -> Flow {
        match name {
            "t" => {
                self.inside = Inside::Frame;
                Ok(())
            }
            "r" => self.end_run(),
            // The paragraph's mark has properties too, which are none of a run.
            "pPr" => {
                self.run.clear();
                Ok(())
            }
            "p" => self.end_paragraph(),
            "hyperlink" => {
                self.end_run()?;
                self.end_link()
            }
            "tc" => {
                self.lists.set(0, self.page)?;
                self.page.close(Element::Cell)
            }
            "tr" => self.page.close(Element::Row),
            "tbl" => {
                self.page.close(Element::Table)?;
                self.page.separate(Gap::Paragraph)
            }
            _other => Ok(()),
        }
    }

    fn text(&mut self, text: &str) -> Flow {
        if text.trim().is_empty() && self.paragraph.begun == Begun::No {
            return Ok(());
        }
        self.begin_paragraph()?;
        if self.shown.is_empty() {
            for element in &self.run {
                self.page.open(*element)?;
                self.shown.push(*element);
            }
        }
        self.page.text(text)
    }

    fn end_run(&mut self) -> Flow {
        while let Some(element) = self.shown.pop() {
            self.page.close(element)?;
        }
        self.run.clear();
        Ok(())
    }

    fn begin_paragraph(&mut self) -> Flow {
        if self.paragraph.begun != Begun::No {
            return Ok(());
        }
        let element = match (self.paragraph.heading, self.paragraph.list) {
            (Some(level), _) => Some(Element::Heading(level)),
            (None, Some(_)) => Some(Element::Item),
            (None, None) => None,
        };
        let listed = self
            .paragraph
            .list
            .filter(|_| element == Some(Element::Item));
        self.lists
            .set(listed.map_or(0, |level| level.saturating_add(1)), self.page)?;
        match element {
            Some(element) => {
                self.paragraph.begun = Begun::As(element);
                self.page.open(element)
            }
            None => {
                self.paragraph.begun = Begun::Plain;
                self.page.separate(Gap::Paragraph)
            }
        }
    }

    fn end_paragraph(&mut self) -> Flow {
        self.end_run()?;
        self.end_link()?;
        let paragraph = std::mem::take(&mut self.paragraph);
        match paragraph.begun {
            Begun::As(element) => self.page.close(element),
            Begun::Plain => self.page.separate(Gap::Paragraph),
            Begun::No => Ok(()),
        }
    }

    fn begin_link(&mut self, tag: &Tag<'_>) -> Flow {
        self.end_run()?;
        self.end_link()?;
        let id = tag.attribute("id").unwrap_or_default();
        self.begin_paragraph()?;
        if let Some(address) = self.links.link(&id) {
            self.linked = Linked::Yes;
            self.page.begin_link(&address)?;
        }
        Ok(())
    }

    fn end_link(&mut self) -> Flow {
        if self.linked == Linked::Yes {
            self.linked = Linked::No;
            self.page.end_link()?;
        }
        Ok(())
    }
}

/// The styles whose names say that they are headings: these names are English in every language.
fn headings(package: &mut Package<'_, '_>) -> Result<Headings, Stop> {
    let mut headings = Headings::new();
    let Some(content) = package.part("word/styles.xml")? else {
        return Ok(headings);
    };
    let mut id = Draft::default();
    nodes(&content, |node| {
        let Node::Start(tag) = node else {
            return Ok(());
        };
        match tag.name() {
            "style" => id = tag.attribute("styleId").unwrap_or_default(),
            "name" if headings.len() < MOST_STYLES => {
                let name = tag.attribute("val").unwrap_or_default();
                if let Some(level) = level(&name) {
                    headings.push((id.take(), level));
                }
            }
            _other => {}
        }
        Ok(())
    })?;
    Ok(headings)
}

fn level(name: &str) -> Option<Level> {
    match name.to_ascii_lowercase().as_str() {
        "title" | "heading 1" => Some(Level::First),
        "subtitle" | "heading 2" => Some(Level::Second),
        name if name.starts_with("heading ") => Some(Level::Third),
        _other => None,
    }
}
