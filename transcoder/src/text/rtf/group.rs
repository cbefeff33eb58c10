//! What holds until a group ends: where its text goes, how it is set, and which paragraph it is in.

use super::fonts::Coding;
use super::tokens::Word;
use crate::text::page::{Element, Level, Style};

/// Where text goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Destination {
    /// To the page.
    Body,
    /// It is the table of fonts.
    Fonts,
    /// It is what a field does.
    Instruction,
    /// It stands before an item of a list.
    Mark,
    /// Nowhere; but a shape's own text goes to the page.
    Shape,
    /// Nowhere; but the same once more in Unicode goes to the page.
    Ansi,
    /// Nowhere.
    Skipped,
}

/// What ends with the group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ends {
    Nothing,
    Link,
    Mark,
    /// A shape's text is a paragraph of its own.
    Paragraph,
}

/// What a group has of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) destination: Destination,
    pub(super) ends: Ends,
    /// `\*`: the destination that follows may be passed over by whoever does not know it.
    pub(super) optional: bool,
    /// How what has no font is read is only known when it is read.
    pub(super) coding: Option<Coding>,
    /// `\uc`: how much stands behind a `\u` for those who do not know it.
    pub(super) instead: usize,
    pub(super) styles: Styles,
    pub(super) paragraph: Form,
}

/// What is said of a paragraph.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Form {
    /// `\outlinelevel`
    pub(super) heading: Option<Level>,
    /// `\intbl`
    pub(super) place: Place,
    /// `\sa`, `\sb`
    pub(super) apart: Apart,
    /// `\ilvl`
    pub(super) level: usize,
}

/// Whether a paragraph stands in a row.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Place {
    Row,
    #[default]
    Outside,
}

/// Whether a paragraph has space around it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Apart {
    Yes,
    #[default]
    No,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            destination: Destination::Body,
            ends: Ends::Nothing,
            optional: false,
            coding: None,
            instead: 1,
            styles: Styles::default(),
            paragraph: Form::default(),
        }
    }
}

impl Group {
    /// One inside of this.
    pub(super) fn inner(&self) -> Self {
        Self {
            ends: Ends::Nothing,
            optional: false,
            ..*self
        }
    }
}

/// How text is set: one bit each.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Styles(u8);

/// What is shown of it, and the bit of each.
const SHOWN: [(u8, Style); 6] = [
    (1, Style::Strong),
    (2, Style::Emphasis),
    (4, Style::Underlined),
    (8, Style::Struck),
    (16, Style::Subscript),
    (32, Style::Superscript),
];
/// Text that is not to be seen, or was deleted.
const HIDDEN: u8 = 64;
const DELETED: u8 = 128;
const RAISED_OR_LOWERED: u8 = 16 | 32;

impl Styles {
    /// Sets what `word` says; whether it says anything of this.
    pub(super) fn set(&mut self, word: &Word<'_>) -> bool {
        let bit = match word.name {
            b"b" => 1,
            b"i" => 2,
            b"ul" => 4,
            b"strike" | b"striked" => 8,
            b"sub" => 16,
            b"super" => 32,
            b"v" => HIDDEN,
            b"deleted" => DELETED,
            b"ulnone" => return self.clear(4),
            b"nosupersub" => return self.clear(RAISED_OR_LOWERED),
            b"plain" => return self.clear(u8::MAX),
            _other => return false,
        };
        if word.is_on() {
            self.0 |= bit;
            return true;
        }
        self.clear(bit)
    }

    fn clear(&mut self, bits: u8) -> bool {
        self.0 &= !bits;
        true
    }

    pub(super) fn are_hidden(self) -> bool {
        self.0 & (HIDDEN | DELETED) != 0
    }

    /// What is open around text that is set so.
    pub(super) fn elements(self) -> impl Iterator<Item = Element> {
        let set = SHOWN.into_iter().filter(move |(bit, _)| self.0 & bit != 0);
        set.map(|(_, style)| Element::Inline(style))
    }
}
