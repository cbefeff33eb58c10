//! Presentations of PowerPoint (PresentationML, ECMA-376 part 1 §19): slide by slide, the title of each as a heading.

use super::package::Package;
use super::xml::{Node, Tag, nodes};
use crate::budget::Budget;
use crate::text::draft::Draft;
use crate::text::page::{Element, Gap, Level, Page};
use crate::text::room::{Flow, Stop};

/// Slides that are read.
const MOST_SLIDES: usize = 2000;

pub(super) fn read(octets: &[u8], page: &mut Page, budget: &mut Budget) -> Flow {
    let mut package = Package::open(octets, budget)?;
    let content = package.main_part("ppt/presentation.xml")?;
    let parts = package.relationships("ppt", "presentation.xml")?;
    for (index, id) in slides(&content)?.iter().enumerate() {
        let Some(path) = parts.part("ppt", id) else {
            continue;
        };
        let Some(content) = package.part(&path)? else {
            continue;
        };
        page.open(Element::Heading(Level::Third))?;
        page.text(&format!("Slide {}", index.saturating_add(1)))?;
        page.close(Element::Heading(Level::Third))?;
        let mut slide = Slide {
            page,
            role: Role::Body,
            paragraph: Paragraph::Absent,
            inside: Inside::Frame,
        };
        nodes(&content, |node| slide.node(node))?;
    }
    Ok(())
}

fn slides(content: &[u8]) -> Result<Vec<Draft>, Stop> {
    let mut slides = Vec::new();
    nodes(content, |node| {
        if let Node::Start(tag) = node
            && tag.name() == "sldId"
            && slides.len() < MOST_SLIDES
        {
            // Both `id` and `r:id` are there; the second names the part.
            slides.extend(tag.attribute("r:id"));
        }
        Ok(())
    })?;
    Ok(slides)
}

struct Slide<'p> {
    page: &'p mut Page,
    role: Role,
    paragraph: Paragraph,
    inside: Inside,
}

/// What a shape's text is.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Role {
    Title,
    Body,
    /// The date, the footer, the slide's number.
    Furniture,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Paragraph {
    Absent,
    Begun,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Inside {
    Text,
    Frame,
}

const TITLE: Element = Element::Heading(Level::Second);

impl Slide<'_> {
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
            "sp" => self.role = Role::Body,
            "ph" => {
                self.role = match tag.attribute("type").unwrap_or_default().trim() {
                    "title" | "ctrTitle" => Role::Title,
                    "dt" | "ftr" | "sldNum" => Role::Furniture,
                    _other => Role::Body,
                };
            }
            "t" => self.inside = Inside::Text,
            "br" => return self.page.line_break(),
            "tbl" => return self.page.open(Element::Table),
            "tr" => return self.page.open(Element::Row),
            "tc" => return self.page.open(Element::Cell),
            _other => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Flow {
        match name {
            "sp" => self.role = Role::Body,
            "t" => self.inside = Inside::Frame,
            "p" if self.paragraph == Paragraph::Begun => {
                self.paragraph = Paragraph::Absent;
                return match self.role {
                    Role::Title => self.page.close(TITLE),
                    Role::Body | Role::Furniture => self.page.separate(Gap::Line),
                };
            }
            "tc" => return self.page.close(Element::Cell),
            "tr" => return self.page.close(Element::Row),
            "tbl" => return self.page.close(Element::Table),
            _other => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Flow {
        if self.role == Role::Furniture {
            return Ok(());
        }
        if self.paragraph == Paragraph::Absent {
            if text.trim().is_empty() {
                return Ok(());
            }
            self.paragraph = Paragraph::Begun;
            match self.role {
                Role::Title => self.page.open(TITLE)?,
                Role::Body | Role::Furniture => self.page.separate(Gap::Line)?,
            }
        }
        self.page.text(text)
    }
}
