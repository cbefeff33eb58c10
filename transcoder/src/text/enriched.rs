//! `text/enriched` (RFC 1896) and its forerunner `text/richtext` (RFC 1341 §7.1.3): text with a few commands in `<>`.

use super::page::{Element, Gap, Page, Style};
use super::room::Flow;

/// Which of the two it is.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Dialect {
    Enriched,
    Rich,
}

pub(super) fn read(text: &str, page: &mut Page) -> Flow {
    Reader::new(page, Dialect::Enriched).read(text)
}

pub(super) fn read_rich(text: &str, page: &mut Page) -> Flow {
    Reader::new(page, Dialect::Rich).read(text)
}

struct Reader<'p> {
    page: &'p mut Page,
    dialect: Dialect,
    open: Vec<Element>,
    /// Inside `<nofill>` lines are kept.
    unfilled: usize,
    unshown: Unshown,
}

/// Whether what is not shown (`<param>`, `<comment>`) has an end further on.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Unshown {
    MayEnd,
    /// The end was looked for once and is not there.
    NeverEnds,
}

/// RFC 1896 §4: a command has at most 60 characters.
const LONGEST_COMMAND: usize = 60;

impl<'p> Reader<'p> {
    fn new(page: &'p mut Page, dialect: Dialect) -> Self {
        Self {
            page,
            dialect,
            open: Vec::new(),
            unfilled: 0,
            unshown: Unshown::MayEnd,
        }
    }

    fn read(mut self, text: &str) -> Flow {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            self.text(before)?;
            rest = match command(after) {
                Some((command, after)) => self.command(command, after)?,
                // RFC 1896 §4: `<<` is a `<`.
                None => {
                    self.page.text("<")?;
                    after.strip_prefix('<').unwrap_or(after)
                }
            };
        }
        self.text(rest)?;
        while let Some(element) = self.open.pop() {
            self.page.close(element)?;
        }
        Ok(())
    }

    /// Carries `command` out; what follows it is given back, less what belongs to the command.
    fn command<'a>(&mut self, command: &str, after: &'a str) -> Result<&'a str, super::room::Stop> {
        let name = command.to_ascii_lowercase();
        match (name.as_str(), self.dialect) {
            // A parameter of the command before it: a colour, a font, a language.
            ("param", Dialect::Enriched) => return Ok(self.behind(after, "</param>")),
            ("comment", Dialect::Rich) => return Ok(self.behind(after, "</comment>")),
            ("lt", Dialect::Rich) => self.page.text("<")?,
            ("nl", Dialect::Rich) => self.page.line_break()?,
            ("np" | "paragraph" | "/paragraph", Dialect::Rich) => {
                self.page.separate(Gap::Paragraph)?;
            }
            ("nofill", Dialect::Enriched) => self.unfilled = self.unfilled.saturating_add(1),
            ("/nofill", Dialect::Enriched) => self.unfilled = self.unfilled.saturating_sub(1),
            ("center" | "/center" | "flushleft" | "flushright" | "flushboth", _) => {
                self.page.separate(Gap::Line)?;
            }
            (name, _) => match name.strip_prefix('/') {
                Some(ended) => self.close(ended)?,
                None => self.open(name)?,
            },
        }
        Ok(after)
    }

    /// What follows `end`, which is told in whatever case (RFC 1896 §4); all of it where there is none.
    fn behind<'a>(&mut self, text: &'a str, end: &str) -> &'a str {
        if self.unshown == Unshown::MayEnd {
            let mut tags = text.match_indices('<').map(|(at, _)| text.get(at..));
            let found = tags.find_map(|rest| {
                let (tag, after) = rest?.split_at_checked(end.len())?;
                tag.eq_ignore_ascii_case(end).then_some(after)
            });
            match found {
                Some(after) => return after,
                None => self.unshown = Unshown::NeverEnds,
            }
        }
        text
    }

    fn open(&mut self, name: &str) -> Flow {
        if let Some(element) = element(name) {
            self.open.push(element);
            self.page.open(element)?;
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Flow {
        let Some(element) = element(name) else {
            return Ok(());
        };
        if !self.open.contains(&element) {
            return Ok(());
        }
        while let Some(innermost) = self.open.pop() {
            self.page.close(innermost)?;
            if innermost == element {
                break;
            }
        }
        Ok(())
    }

    /// RFC 1896 §3: one line end is a space, each further one in a row a line break.
    fn text(&mut self, text: &str) -> Flow {
        let mut ends = 0_usize;
        for line in text.split_inclusive('\n') {
            let content = line.trim_end_matches(['\r', '\n']);
            if !content.is_empty() {
                self.line_ends(ends)?;
                self.page.text(content)?;
                ends = 0;
            }
            ends = ends.saturating_add(usize::from(line.ends_with('\n')));
        }
        self.line_ends(ends)
    }

    fn line_ends(&mut self, in_a_row: usize) -> Flow {
        let breaks = match (self.dialect, self.unfilled, in_a_row) {
            (_, _, 0) => return Ok(()),
            (Dialect::Enriched, 0, 1) | (Dialect::Rich, ..) => return self.page.text(" "),
            (Dialect::Enriched, 0, several) => several.saturating_sub(1),
            (Dialect::Enriched, _, all) => all,
        };
        for _ in 0..breaks {
            self.page.line_break()?;
        }
        Ok(())
    }
}

/// The command that `text` begins with, and what follows.
fn command(text: &str) -> Option<(&str, &str)> {
    let (command, after) = text.split_once('>')?;
    let name = command.strip_prefix('/').unwrap_or(command);
    let named = !name.is_empty() && command.len() <= LONGEST_COMMAND;
    let letters = name.bytes().all(|o| o.is_ascii_alphanumeric() || o == b'-');
    (named && letters).then_some((command, after))
}

fn element(name: &str) -> Option<Element> {
    match name {
        "bold" => Some(Element::Inline(Style::Strong)),
        "italic" => Some(Element::Inline(Style::Emphasis)),
        "underline" => Some(Element::Inline(Style::Underlined)),
        "fixed" => Some(Element::Inline(Style::Code)),
        "excerpt" | "excerpt-indent" => Some(Element::Quote),
        "heading" => Some(Element::Inline(Style::Strong)),
        "subscript" => Some(Element::Inline(Style::Subscript)),
        "superscript" => Some(Element::Inline(Style::Superscript)),
        _other => None,
    }
}
