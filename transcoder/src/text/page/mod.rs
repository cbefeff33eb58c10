//! What every document is turned into on its way out: blocks, lines, words, links. Written as plain text or as small HTML.
//!
//! A source opens and closes elements in balance; depth is bounded here for all of them. Nothing that a document says can become
//! markup: text is escaped, and of attributes only those exist that [`Page`] has a word for.

mod blocks;
mod fit;
mod grid;
mod links;
mod lists;
mod markup;
mod plain;

pub(super) use self::grid::is_name;
pub(super) use self::lists::Lists;
use super::columns::Columns;
use super::room::{Flow, Room, Stop};
use crate::budget::Resource;
use crate::refusal::Refusal;

/// What can be opened, and must be closed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Element {
    Heading(Level),
    List(Marker),
    Item,
    Quote,
    /// White space is kept.
    Preformatted,
    Table,
    /// A table whose rows are records, as in a spreadsheet: it never only lays a page out.
    Sheet,
    Row,
    HeaderCell,
    Cell,
    /// It stands in lines of text, not around them.
    Inline(Style),
}

/// How text is set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    Strong,
    Emphasis,
    Underlined,
    Struck,
    Code,
    Subscript,
    Superscript,
}

/// Of headings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Level {
    First,
    Second,
    Third,
}

/// Of lists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Marker {
    Bullet,
    Number,
}

/// What lies between two stretches of text.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Gap {
    None,
    Line,
    Paragraph,
}

impl Element {
    /// Whether it stands in lines of text, not around them.
    pub(super) fn is_inline(self) -> bool {
        matches!(self, Self::Inline(_))
    }
}

/// The deepest nesting of elements. Browsers stop at 512; no document of a person comes near.
pub(super) const DEEPEST: usize = 200;

/// A document in the making.
pub(super) struct Page {
    form: Form,
    depth: usize,
}

enum Form {
    Plain(plain::Writer),
    Markup(markup::Writer),
}

impl Page {
    /// A page of plain text, in lines of `columns`.
    pub(super) fn plain(room: Room, columns: Columns) -> Self {
        Self {
            form: Form::Plain(plain::Writer::new(room, columns)),
            depth: 0,
        }
    }

    /// A page of HTML that says it is in `charset`.
    pub(super) fn markup(room: Room, charset: &str) -> Result<Self, Stop> {
        Ok(Self {
            form: Form::Markup(markup::Writer::new(room, charset)?),
            depth: 0,
        })
    }

    /// The document's title, where it has one and the page a place for it.
    pub(super) fn title(&mut self, title: &str) -> Flow {
        match &mut self.form {
            Form::Plain(_) => Ok(()),
            Form::Markup(markup) => markup.title(title),
        }
    }

    pub(super) fn open(&mut self, element: Element) -> Flow {
        self.depth = self.depth.saturating_add(1);
        if self.depth > DEEPEST {
            return Err(Stop::Refused(Refusal::Exceeded(Resource::Depth)));
        }
        match &mut self.form {
            Form::Plain(plain) => plain.open(element),
            Form::Markup(markup) => markup.open(element),
        }
    }

    pub(super) fn close(&mut self, element: Element) -> Flow {
        self.depth = self.depth.saturating_sub(1);
        match &mut self.form {
            Form::Plain(plain) => plain.close(element),
            Form::Markup(markup) => markup.close(element),
        }
    }

    /// Text; runs of white space are one space, unless inside [`Element::Preformatted`].
    pub(super) fn text(&mut self, text: &str) -> Flow {
        match &mut self.form {
            Form::Plain(plain) => plain.text(text),
            Form::Markup(markup) => markup.text(text),
        }
    }

    /// What comes next begins a new line or paragraph.
    pub(super) fn separate(&mut self, gap: Gap) -> Flow {
        match &mut self.form {
            Form::Plain(plain) => plain.separate(gap),
            Form::Markup(markup) => markup.separate(gap),
        }
    }

    /// The line ends here, even if it is empty.
    pub(super) fn line_break(&mut self) -> Flow {
        match &mut self.form {
            Form::Plain(plain) => plain.line_break(),
            Form::Markup(markup) => markup.line_break(),
        }
    }

    pub(super) fn rule(&mut self) -> Flow {
        match &mut self.form {
            Form::Plain(plain) => plain.rule(),
            Form::Markup(markup) => markup.rule(),
        }
    }

    /// What follows leads to `target`, until [`Page::end_link`]. Links are only followed by a person.
    pub(super) fn begin_link(&mut self, target: &str) -> Flow {
        match &mut self.form {
            Form::Plain(plain) => plain.begin_link(target),
            Form::Markup(markup) => markup.begin_link(target),
        }
    }

    pub(super) fn end_link(&mut self) -> Flow {
        match &mut self.form {
            Form::Plain(plain) => plain.end_link(),
            Form::Markup(markup) => markup.end_link(),
        }
    }

    /// A picture of the same message (`cid:`, RFC 2392); `alternative` stands for it in plain text.
    pub(super) fn picture(&mut self, cid: &str, alternative: &str) -> Flow {
        match &mut self.form {
            Form::Plain(plain) => plain.text(alternative),
            Form::Markup(markup) => markup.picture(cid, alternative),
        }
    }

    /// A line of a field: `name: value`. Nothing where the value is empty.
    pub(super) fn field(&mut self, name: &str, value: &str) -> Flow {
        if value.trim().is_empty() {
            return Ok(());
        }
        self.separate(Gap::Line)?;
        self.text(name)?;
        self.text(": ")?;
        self.lines(value)
    }

    /// Text whose line ends are kept.
    pub(super) fn lines(&mut self, text: &str) -> Flow {
        for (index, line) in text.lines().enumerate() {
            if index > 0 {
                self.line_break()?;
            }
            self.text(line)?;
        }
        Ok(())
    }

    /// Ends what is open, and says so where text was cut.
    ///
    /// # Errors
    /// [`Stop::Refused`].
    pub(super) fn finish(self, extent: super::Extent) -> Result<Room, Stop> {
        match self.form {
            Form::Plain(plain) => plain.finish(extent),
            Form::Markup(markup) => markup.finish(extent),
        }
    }
}
