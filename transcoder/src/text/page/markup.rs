//! The page as HTML: small, without style, and with nothing in it that a reader's program would fetch.

use super::{Element, Gap, Level, Marker, Style};
use crate::text::Extent;
use crate::text::draft::Draft;
use crate::text::room::{CUT, Flow, Room, Stop, escape};

pub(super) struct Writer {
    room: Room,
    /// What is open; links among them.
    open: Vec<Open>,
    gap: Gap,
    /// Whether white space came that is written only if more text follows.
    space: Space,
    /// Whether the head is still open for a title.
    head: Head,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Open {
    Element(Element),
    Link,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Space {
    /// A block begins: white space before its text is none.
    Begins,
    Pending,
    None,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Head {
    Open,
    Closed,
}

const END: &str = "</body></html>\r\n";

impl Writer {
    pub(super) fn new(mut room: Room, charset: &str) -> Result<Self, Stop> {
        room.reserve(END);
        room.reserve(CUT);
        room.put("<!DOCTYPE html>\r\n<html><head><meta charset=\"")?;
        room.put(charset)?;
        room.put("\">")?;
        room.reserve("</head><body>\r\n");
        Ok(Self {
            room,
            open: Vec::new(),
            gap: Gap::None,
            space: Space::Begins,
            head: Head::Open,
        })
    }

    pub(super) fn title(&mut self, title: &str) -> Flow {
        let title = title.trim();
        if self.head == Head::Closed || title.is_empty() {
            return Ok(());
        }
        let mut tag = Draft::new("<title>");
        escape(title, &mut tag);
        tag.push_str("</title>");
        self.room.put(&tag)?;
        self.end_head()
    }

    fn end_head(&mut self) -> Flow {
        if self.head == Head::Open {
            self.head = Head::Closed;
            self.room.conclude("</head><body>\r\n")?;
        }
        Ok(())
    }

    pub(super) fn open(&mut self, element: Element) -> Flow {
        self.tag(Open::Element(element), tags(element).0)
    }

    pub(super) fn close(&mut self, element: Element) -> Flow {
        self.end(Open::Element(element))
    }

    pub(super) fn begin_link(&mut self, target: &str) -> Flow {
        let mut tag = Draft::new("<a href=\"");
        escape(target, &mut tag);
        tag.push_str("\">");
        self.tag(Open::Link, &tag)
    }

    pub(super) fn end_link(&mut self) -> Flow {
        self.end(Open::Link)
    }

    fn tag(&mut self, open: Open, tag: &str) -> Flow {
        if open.is_inline() {
            self.begin_text()?;
        } else {
            self.end_head()?;
            self.gap = Gap::None;
            self.space = Space::Begins;
        }
        self.room.reserve(open.end());
        if let Err(stop) = self.room.put(tag) {
            self.room.release(open.end());
            return Err(stop);
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self, open: Open) -> Flow {
        if self.open.last() != Some(&open) {
            return Ok(());
        }
        self.open.pop();
        if !open.is_inline() {
            self.gap = Gap::None;
            self.space = Space::Begins;
        }
        self.room.conclude(open.end())
    }

    pub(super) fn separate(&mut self, gap: Gap) -> Flow {
        // Between two blocks there is nothing to separate.
        if self.space != Space::Begins {
            self.gap = self.gap.max(gap);
        }
        Ok(())
    }

    pub(super) fn line_break(&mut self) -> Flow {
        if self.is_preformatted() {
            return self.room.put("\r\n");
        }
        self.begin_text()?;
        self.space = Space::None;
        self.room.put("<br>\r\n")
    }

    pub(super) fn rule(&mut self) -> Flow {
        self.end_head()?;
        self.gap = Gap::None;
        self.space = Space::Begins;
        self.room.put("<hr>\r\n")
    }

    pub(super) fn picture(&mut self, cid: &str, alternative: &str) -> Flow {
        self.begin_text()?;
        let mut tag = Draft::new("<img src=\"cid:");
        escape(cid, &mut tag);
        tag.push_str("\" alt=\"");
        escape(alternative, &mut tag);
        tag.push_str("\">");
        self.room.put(&tag)
    }

    pub(super) fn text(&mut self, text: &str) -> Flow {
        if self.is_preformatted() {
            return self.preformatted(text);
        }
        if text.starts_with(is_space) {
            self.push_space();
        }
        for word in text.split(is_space).filter(|word| !word.is_empty()) {
            self.begin_text()?;
            self.prose(word)?;
            self.space = Space::Pending;
        }
        if !text.ends_with(is_space) && self.space == Space::Pending {
            self.space = Space::None;
        }
        Ok(())
    }

    fn preformatted(&mut self, text: &str) -> Flow {
        self.begin_text()?;
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.room.put("\r\n")?;
            }
            for word in line.split_inclusive(' ') {
                self.prose(word)?;
            }
        }
        Ok(())
    }

    fn push_space(&mut self) {
        if self.space == Space::None {
            self.space = Space::Pending;
        }
    }

    /// What is owed before text.
    fn begin_text(&mut self) -> Flow {
        self.end_head()?;
        match (self.gap, self.space) {
            (Gap::Line | Gap::Paragraph, _) if self.is_preformatted() => self.room.put("\r\n")?,
            (Gap::Paragraph, _) => self.room.put("\r\n<p>")?,
            (Gap::Line, _) => self.room.put("<br>\r\n")?,
            (Gap::None, Space::Pending) => self.room.put(" ")?,
            (Gap::None, Space::Begins | Space::None) => {}
        }
        self.gap = Gap::None;
        self.space = Space::None;
        Ok(())
    }

    fn prose(&mut self, text: &str) -> Flow {
        let mut escaped = Draft::default();
        escape(text, &mut escaped);
        match self.room.put(&escaped) {
            Err(Stop::Full) => {}
            other => return other,
        }
        // As much of it as fits: there may be no space in all the text. A reference that is cut is another text.
        for character in text.chars() {
            escaped.clear();
            escape(character.encode_utf8(&mut [0; 4]), &mut escaped);
            self.room.put(&escaped)?;
        }
        Err(Stop::Full)
    }

    fn is_preformatted(&self) -> bool {
        let kept = Open::Element(Element::Preformatted);
        self.open.contains(&kept)
    }

    pub(super) fn finish(mut self, extent: Extent) -> Result<Room, Stop> {
        self.end_head()?;
        while let Some(open) = self.open.pop() {
            self.room.conclude(open.end())?;
        }
        match extent {
            Extent::Whole => self.room.release(CUT),
            Extent::Cut => self.room.conclude(CUT)?,
        }
        self.room.conclude(END)?;
        Ok(self.room)
    }
}

impl Open {
    fn is_inline(self) -> bool {
        match self {
            Self::Element(element) => element.is_inline(),
            Self::Link => true,
        }
    }

    fn end(self) -> &'static str {
        match self {
            Self::Element(element) => tags(element).1,
            Self::Link => "</a>",
        }
    }
}

fn tags(element: Element) -> (&'static str, &'static str) {
    match element {
        Element::Heading(Level::First) => ("<h1>", "</h1>\r\n"),
        Element::Heading(Level::Second) => ("<h2>", "</h2>\r\n"),
        Element::Heading(Level::Third) => ("<h3>", "</h3>\r\n"),
        Element::List(Marker::Bullet) => ("<ul>", "</ul>\r\n"),
        Element::List(Marker::Number) => ("<ol>", "</ol>\r\n"),
        Element::Item => ("<li>", "</li>\r\n"),
        Element::Quote => ("<blockquote>", "</blockquote>\r\n"),
        Element::Preformatted => ("<pre>", "</pre>\r\n"),
        Element::Table | Element::Sheet => ("<table>", "</table>\r\n"),
        Element::Row => ("<tr>", "</tr>\r\n"),
        Element::HeaderCell => ("<th>", "</th>"),
        Element::Cell => ("<td>", "</td>"),
        Element::Inline(Style::Strong) => ("<b>", "</b>"),
        Element::Inline(Style::Emphasis) => ("<i>", "</i>"),
        Element::Inline(Style::Underlined) => ("<u>", "</u>"),
        Element::Inline(Style::Struck) => ("<s>", "</s>"),
        Element::Inline(Style::Code) => ("<code>", "</code>"),
        Element::Inline(Style::Subscript) => ("<sub>", "</sub>"),
        Element::Inline(Style::Superscript) => ("<sup>", "</sup>"),
    }
}

/// What HTML takes for white space; a no-break space is none.
pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c')
}
