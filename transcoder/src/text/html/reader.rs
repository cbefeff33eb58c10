//! Tags to the page: closes what authors leave open, ignores what they close twice, lets only links through that a person follows.

use super::elements::{Role, role};
use super::references::{Place, resolved};
use super::tokens::Tag;
use crate::text::address;
use crate::text::draft::Draft;
use crate::text::page::{Element, Gap, Marker, Page};
use crate::text::room::Flow;

pub(super) struct Reader<'p> {
    page: &'p mut Page,
    open: Vec<Open>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Open {
    Element(Element),
    Link,
}

/// Longer descriptions of pictures are cut.
const LONGEST_ALTERNATIVE: usize = 400;

impl<'p> Reader<'p> {
    pub(super) fn new(page: &'p mut Page) -> Self {
        Self {
            page,
            open: Vec::new(),
        }
    }

    pub(super) fn title(&mut self, title: &str) -> Flow {
        self.page.title(&resolved(title, Place::Text))
    }

    pub(super) fn text(&mut self, text: &str) -> Flow {
        if !text.contains('&') {
            return self.page.text(text);
        }
        self.page.text(&resolved(text, Place::Text))
    }

    pub(super) fn start(&mut self, tag: &Tag<'_>) -> Flow {
        match role(tag.name) {
            Role::Is(element) if element.is_inline() => self.start_inline(element),
            Role::Is(element) => self.start_block(element),
            Role::Apart(gap) => self.page.separate(gap),
            Role::Link => self.start_link(tag),
            Role::Picture => self.picture(tag),
            Role::Break => self.page.line_break(),
            Role::Rule => self.page.rule(),
            Role::Nothing => Ok(()),
        }
    }

    pub(super) fn end(&mut self, name: &str) -> Flow {
        match role(name) {
            Role::Is(element) => self.end_element(element),
            // HTML standard §13.2.6.4.7: an end tag alone stands for an empty paragraph, or for a line break.
            Role::Apart(gap) => self.page.separate(gap),
            Role::Link => self.end_link(),
            Role::Break => self.page.line_break(),
            Role::Picture | Role::Rule | Role::Nothing => Ok(()),
        }
    }

    pub(super) fn finish(mut self) -> Flow {
        self.close_down_to(0)
    }

    fn start_inline(&mut self, element: Element) -> Flow {
        // Bold in bold is bold.
        if self.since_block(Open::Element(element)).is_some() {
            return Ok(());
        }
        self.push(element)
    }

    fn start_block(&mut self, element: Element) -> Flow {
        // Only lines of text are preformatted.
        if let Some(at) = self.inside(is_preformatted, is_table) {
            self.close_down_to(at)?;
        }
        match element {
            Element::Item => self.start_item(),
            Element::Row => {
                if self.close_in_table()? {
                    self.push(Element::Row)?;
                }
                Ok(())
            }
            Element::Cell | Element::HeaderCell => self.start_cell(element),
            Element::Table | Element::Sheet => {
                self.close_inline()?;
                self.push(Element::Table)
            }
            Element::Heading(_) => {
                self.close_inline()?;
                if let Some(Open::Element(Element::Heading(_))) = self.open.last() {
                    self.pop()?;
                }
                self.push(element)
            }
            Element::List(_) | Element::Quote | Element::Preformatted | Element::Inline(_) => {
                self.close_inline()?;
                self.push(element)
            }
        }
    }

    fn start_item(&mut self) -> Flow {
        match self.inside(is_list, is_table) {
            Some(list) => self.close_down_to(list.saturating_add(1))?,
            None => {
                self.close_inline()?;
                self.push(Element::List(Marker::Bullet))?;
            }
        }
        self.push(Element::Item)
    }

    fn start_cell(&mut self, element: Element) -> Flow {
        let Some(table) = self.inside(is_table, |_| false) else {
            return self.page.separate(Gap::Line);
        };
        let row = self.inside(|open| open == Open::Element(Element::Row), is_table);
        match row {
            Some(row) => self.close_down_to(row.saturating_add(1))?,
            None => {
                self.close_down_to(table.saturating_add(1))?;
                self.push(Element::Row)?;
            }
        }
        self.push(element)
    }

    /// Closes all inside the innermost table; whether there is one.
    fn close_in_table(&mut self) -> Result<bool, crate::text::room::Stop> {
        match self.inside(is_table, |_| false) {
            Some(table) => {
                self.close_down_to(table.saturating_add(1))?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    fn end_element(&mut self, element: Element) -> Flow {
        let same = |open: Open| match (open, element) {
            (Open::Element(Element::Heading(_)), Element::Heading(_)) => true,
            (Open::Element(Element::List(_)), Element::List(_)) => true,
            (Open::Element(open), element) => open == element,
            (Open::Link, _) => false,
        };
        let found = if element.is_inline() {
            self.since_block(Open::Element(element))
        } else if element == Element::Table {
            self.inside(is_table, |_| false)
        } else {
            self.inside(same, is_table)
        };
        match found {
            Some(at) => self.close_down_to(at),
            None if element.is_inline() => Ok(()),
            None => self.page.separate(Gap::Line),
        }
    }

    fn start_link(&mut self, tag: &Tag<'_>) -> Flow {
        self.end_link()?;
        let Some(target) = tag.attribute("href").and_then(target) else {
            return Ok(());
        };
        self.open.push(Open::Link);
        self.page.begin_link(&target)
    }

    fn end_link(&mut self) -> Flow {
        match self.since_block(Open::Link) {
            Some(at) => self.close_down_to(at),
            None => Ok(()),
        }
    }

    /// A picture of the same message stays one; of any other only what it shows is said.
    fn picture(&mut self, tag: &Tag<'_>) -> Flow {
        let alternative = tag.attribute("alt").unwrap_or_default();
        let alternative = resolved(cut(alternative, LONGEST_ALTERNATIVE), Place::Value);
        let source = tag.attribute("src").unwrap_or_default();
        let source = resolved(cut(source, address::LONGEST), Place::Value);
        let shown = match alternative.trim() {
            "" => Draft::default(),
            alternative => Draft::new(&["[", alternative, "]"].concat()),
        };
        match address::without_scheme(source.trim(), "cid:") {
            Some(cid) => self.page.picture(cid, &shown),
            None => self.page.text(&shown),
        }
    }

    /// Where `wanted` is among what is open, not looking past what is `beyond`.
    fn inside(
        &self,
        wanted: impl Fn(Open) -> bool,
        beyond: impl Fn(Open) -> bool,
    ) -> Option<usize> {
        for (at, open) in self.open.iter().enumerate().rev() {
            if wanted(*open) {
                return Some(at);
            }
            if beyond(*open) {
                return None;
            }
        }
        None
    }

    /// Where `wanted` is among what is open inside the innermost block.
    fn since_block(&self, wanted: Open) -> Option<usize> {
        self.inside(|open| open == wanted, |open| !is_inline(open))
    }

    fn close_inline(&mut self) -> Flow {
        while self.open.last().is_some_and(|open| is_inline(*open)) {
            self.pop()?;
        }
        Ok(())
    }

    fn close_down_to(&mut self, len: usize) -> Flow {
        while self.open.len() > len {
            self.pop()?;
        }
        Ok(())
    }

    fn push(&mut self, element: Element) -> Flow {
        self.open.push(Open::Element(element));
        self.page.open(element)
    }

    fn pop(&mut self) -> Flow {
        match self.open.pop() {
            Some(Open::Element(element)) => self.page.close(element),
            Some(Open::Link) => self.page.end_link(),
            None => Ok(()),
        }
    }
}

fn is_inline(open: Open) -> bool {
    match open {
        Open::Element(element) => element.is_inline(),
        Open::Link => true,
    }
}

fn is_list(open: Open) -> bool {
    matches!(open, Open::Element(Element::List(_)))
}

fn is_preformatted(open: Open) -> bool {
    open == Open::Element(Element::Preformatted)
}

fn is_table(open: Open) -> bool {
    open == Open::Element(Element::Table)
}

/// Where a link leads, its references resolved; one that is too long before that is none.
fn target(attribute: &str) -> Option<Draft> {
    let short = attribute.len() <= address::LONGEST;
    short.then(|| address::followed(&resolved(attribute, Place::Value)))?
}

fn cut(text: &str, most: usize) -> &str {
    let ends = text
        .char_indices()
        .map(|(at, c)| at.saturating_add(c.len_utf8()));
    let end = ends.take_while(|end| *end <= most).last().unwrap_or(0);
    text.get(..end).unwrap_or_default()
}
