//! What each control word does. Most do nothing: they say how a page looks.

use std::ops::ControlFlow;

use zeroize::Zeroizing;

use super::field;
use super::fonts::Fonts;
use super::group::{Apart, Destination, Ends, Form, Group, Place};
use super::lines::Lines;
use super::tokens::{Token, Word};
use super::words::{UNREAD, character, level, of_font};
use crate::budget::Resource;
use crate::refusal::Refusal;
use crate::text::address;
use crate::text::draft::Draft;
use crate::text::page::Page;
use crate::text::room::{Flow, Stop};

pub(super) struct Reader<'p> {
    lines: Lines<'p>,
    fonts: Fonts,
    outer: Vec<Group>,
    now: Group,
    /// Octets of text whose charset is known and that are not decoded yet: a character may be several.
    octets: Zeroizing<Vec<u8>>,
    /// What is left of what stands behind a `\u` for those who do not know it.
    skip: usize,
    /// The first half of a character that is told in two.
    half: Option<u16>,
    instruction: Draft,
    mark: Draft,
    /// `\trowd`: until `\row`, text is in cells also where its writer forgot to say so.
    row: Place,
}

/// The deepest nesting of groups. Writers nest them around styles, ten deep or so.
const DEEPEST: usize = 256;
/// An instruction's address stands at its beginning.
const LONGEST_INSTRUCTION: usize = 2 * address::LONGEST;
/// What stands before an item is a number or a sign.
const LONGEST_MARK: usize = 64;

impl<'p> Reader<'p> {
    /// A reader of a document of at most so many octets.
    pub(super) fn new(page: &'p mut Page, octets: usize) -> Self {
        Self {
            lines: Lines::new(page),
            fonts: Fonts::default(),
            outer: Vec::new(),
            now: Group::default(),
            // It never grows: growth would leave a copy.
            octets: Zeroizing::new(Vec::with_capacity(octets)),
            skip: 0,
            half: None,
            instruction: Draft::default(),
            mark: Draft::default(),
            row: Place::Outside,
        }
    }

    /// Takes the next token; [`ControlFlow::Break`] behind the document.
    pub(super) fn token(&mut self, token: Token<'_>) -> Result<ControlFlow<()>, Stop> {
        match token {
            Token::Text(text) => {
                let skipped = self.skip.min(text.len());
                self.skip = self.skip.saturating_sub(skipped);
                self.octets(text.get(skipped..).unwrap_or_default());
            }
            Token::Hex(octet) if !self.is_skipped() => self.octets(&[octet]),
            Token::Hex(_) => {}
            Token::Binary => drop(self.is_skipped()),
            Token::Open => self.open()?,
            Token::Close => return self.close(),
            Token::Symbol(symbol) => self.symbol(symbol)?,
            Token::Word(word) => self.word(&word)?,
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Whether this one stands for what was told in Unicode.
    fn is_skipped(&mut self) -> bool {
        let left = self.skip.checked_sub(1);
        self.skip = left.unwrap_or(0);
        left.is_some()
    }

    fn octets(&mut self, octets: &[u8]) {
        if is_kept(self.now.destination) {
            self.octets.extend_from_slice(octets);
        }
    }

    fn open(&mut self) -> Flow {
        self.flush()?;
        self.skip = 0;
        if self.outer.len() >= DEEPEST {
            return Err(Stop::Refused(Refusal::Exceeded(Resource::Depth)));
        }
        self.outer.push(self.now);
        self.now = self.now.inner();
        Ok(())
    }

    fn close(&mut self) -> Result<ControlFlow<()>, Stop> {
        self.flush()?;
        self.skip = 0;
        match self.now.ends {
            Ends::Nothing => {}
            Ends::Link => self.lines.end_link()?,
            Ends::Mark => self.lines.set_mark(self.mark.take()),
            Ends::Paragraph => self.lines.end_paragraph(self.form())?,
        }
        Ok(match self.outer.pop() {
            Some(outer) => {
                self.now = outer;
                ControlFlow::Continue(())
            }
            // The group that was open when reading began is the document.
            None => ControlFlow::Break(()),
        })
    }

    pub(super) fn finish(mut self) -> Flow {
        self.flush()?;
        self.lines.finish()
    }

    /// Decodes what is held.
    fn flush(&mut self) -> Flow {
        self.put_half()?;
        if self.octets.is_empty() {
            return Ok(());
        }
        let coding = self.now.coding;
        let coding = coding.unwrap_or_else(|| self.fonts.coding(None));
        let text = coding.text(&self.octets);
        self.octets.clear();
        self.put(&text)
    }

    /// The first half of a character whose second did not come is none.
    fn put_half(&mut self) -> Flow {
        match self.half.take() {
            Some(_) => self.put("\u{fffd}"),
            None => Ok(()),
        }
    }

    fn put(&mut self, text: &str) -> Flow {
        match self.now.destination {
            Destination::Body if !self.now.styles.are_hidden() => {
                self.lines.text(text, self.now.styles, self.form())
            }
            Destination::Instruction => {
                within(LONGEST_INSTRUCTION, text, &mut self.instruction);
                Ok(())
            }
            Destination::Mark => {
                within(LONGEST_MARK, text, &mut self.mark);
                Ok(())
            }
            Destination::Body
            | Destination::Fonts
            | Destination::Shape
            | Destination::Ansi
            | Destination::Skipped => Ok(()),
        }
    }

    fn form(&self) -> Form {
        match self.row {
            Place::Row => Form {
                place: Place::Row,
                ..self.now.paragraph
            },
            Place::Outside => self.now.paragraph,
        }
    }

    fn symbol(&mut self, symbol: u8) -> Flow {
        match symbol {
            b'{' | b'}' | b'\\' if !self.is_skipped() => self.octets(&[symbol]),
            b'~' => self.character('\u{a0}')?,
            b'_' => self.character('-')?,
            b'\t' => self.character('\t')?,
            b'\r' | b'\n' => self.layout(b"par")?,
            b'*' => self.now.optional = true,
            _other => {}
        }
        Ok(())
    }

    fn word(&mut self, word: &Word<'_>) -> Flow {
        if word.name == b"u" {
            return self.unicode(word.number.unwrap_or(0));
        }
        if let Some(character) = character(word.name) {
            return self.character(character);
        }
        self.flush()?;
        self.skip = 0;
        if std::mem::take(&mut self.now.optional) {
            return self.optional(word);
        }
        match self.now.destination {
            Destination::Fonts => {
                self.font(word);
                Ok(())
            }
            Destination::Shape if word.name == b"shptxt" => {
                self.now.destination = Destination::Body;
                self.now.ends = Ends::Paragraph;
                self.lines.end_paragraph(self.form())
            }
            Destination::Shape | Destination::Ansi | Destination::Skipped => Ok(()),
            Destination::Body | Destination::Instruction | Destination::Mark => {
                self.destination(word)
            }
        }
    }

    /// The word behind a `\*`.
    fn optional(&mut self, word: &Word<'_>) -> Flow {
        match (self.now.destination, word.name) {
            (Destination::Body, b"fldinst") => self.instruct(),
            (Destination::Body, b"shpinst") => self.now.destination = Destination::Shape,
            (Destination::Ansi, b"ud") => self.now.destination = Destination::Body,
            _unknown => self.now.destination = Destination::Skipped,
        }
        Ok(())
    }

    fn instruct(&mut self) {
        self.now.destination = Destination::Instruction;
        self.instruction.clear();
    }

    /// A word that says where text goes; any other goes on.
    fn destination(&mut self, word: &Word<'_>) -> Flow {
        match word.name {
            b"fonttbl" => self.now.destination = Destination::Fonts,
            b"upr" => self.now.destination = Destination::Ansi,
            b"listtext" | b"pntext" if self.now.destination == Destination::Body => {
                self.now.destination = Destination::Mark;
                self.now.ends = Ends::Mark;
                self.mark.clear();
            }
            b"fldinst" => self.instruct(),
            b"fldrslt" if self.now.destination == Destination::Body => {
                let address = field::address(&self.instruction.take());
                if let Some(address) = address {
                    self.now.ends = Ends::Link;
                    self.lines.owe_link(address)?;
                }
            }
            name if UNREAD.contains(&name) => self.now.destination = Destination::Skipped,
            _other if self.now.styles.set(word) => {
                if word.name == b"plain" {
                    self.now.coding = None;
                }
            }
            _other => return self.property(word),
        }
        Ok(())
    }

    fn font(&mut self, word: &Word<'_>) {
        match word.name {
            b"f" => self.fonts.begin_entry(word.number.unwrap_or(0)),
            b"fcharset" => self.fonts.entry_is_of(word.count(1)),
            b"cpg" => self.fonts.entry_is_of_page(word.count(0)),
            _other => {}
        }
    }

    /// What is said of text, paragraphs and the document.
    fn property(&mut self, word: &Word<'_>) -> Flow {
        match word.name {
            b"f" => self.now.coding = Some(self.fonts.coding(word.number)),
            b"uc" => self.now.instead = word.count(1),
            b"pard" => self.now.paragraph = Form::default(),
            b"intbl" => self.now.paragraph.place = Place::Row,
            b"ilvl" => self.now.paragraph.level = word.count(0),
            b"sa" | b"sb" if word.count(0) > 0 => self.now.paragraph.apart = Apart::Yes,
            b"outlinelevel" => self.now.paragraph.heading = level(word.count(0)),
            b"trowd" => self.row = Place::Row,
            b"ansi" => self.fonts.set_document(1252),
            b"mac" => self.fonts.set_document(10000),
            b"pc" => self.fonts.set_document(437),
            b"pca" => self.fonts.set_document(850),
            b"ansicpg" => self.fonts.set_document(word.count(1252)),
            b"deff" => self.fonts.set_usual(word.number.unwrap_or(0)),
            name if self.now.destination == Destination::Body => return self.layout(name),
            _other => {}
        }
        Ok(())
    }

    /// What ends a line, a paragraph, a cell.
    fn layout(&mut self, name: &[u8]) -> Flow {
        self.flush()?;
        if self.now.destination != Destination::Body || self.now.styles.are_hidden() {
            return Ok(());
        }
        match name {
            b"par" => self.lines.end_paragraph(self.form()),
            b"line" => self.lines.line_break(),
            b"page" | b"sect" | b"column" => self.lines.end_page(self.form()),
            b"cell" => self.lines.end_cell(),
            b"row" => {
                self.row = Place::Outside;
                self.lines.end_row()
            }
            b"nestcell" | b"nestrow" => self.lines.end_inner_cell(),
            _other => Ok(()),
        }
    }

    /// A character that a control word stands for.
    fn character(&mut self, character: char) -> Flow {
        if self.is_skipped() || !is_kept(self.now.destination) {
            return Ok(());
        }
        self.flush()?;
        self.put(character.encode_utf8(&mut [0; 4]))
    }

    /// `\u`: a number of sixteen bits with a sign, of which two may be one character; some write the character's whole number.
    fn unicode(&mut self, number: i32) -> Flow {
        if !self.octets.is_empty() {
            self.flush()?;
        }
        let unit = match number {
            -0x8000..=-1 => number.wrapping_add(0x1_0000),
            _whole => number,
        };
        let unit = u32::try_from(unit).unwrap_or(u32::from('\u{fffd}'));
        if is_kept(self.now.destination) {
            self.unit(unit)?;
        }
        self.skip = self.now.instead;
        Ok(())
    }

    fn unit(&mut self, unit: u32) -> Flow {
        let narrow = u16::try_from(unit).ok();
        match (self.half.take(), narrow) {
            (Some(first), Some(second @ 0xdc00..=0xdfff)) => {
                let whole = char::decode_utf16([first, second]).next();
                let whole = whole.and_then(Result::ok).unwrap_or('\u{fffd}');
                return self.put(whole.encode_utf8(&mut [0; 4]));
            }
            (Some(_), _) => self.put("\u{fffd}")?,
            (None, _) => {}
        }
        if let Some(first @ 0xd800..=0xdbff) = narrow {
            self.half = Some(first);
            return Ok(());
        }
        let character = of_font(unit).or_else(|| char::from_u32(unit));
        let character = character.unwrap_or('\u{fffd}');
        self.put(character.encode_utf8(&mut [0; 4]))
    }
}

/// Whether text that goes there is kept at all.
fn is_kept(destination: Destination) -> bool {
    match destination {
        Destination::Body | Destination::Instruction | Destination::Mark => true,
        Destination::Fonts | Destination::Shape | Destination::Ansi | Destination::Skipped => false,
    }
}

fn within(most: usize, text: &str, draft: &mut Draft) {
    if draft.len().saturating_add(text.len()) <= most {
        draft.push_str(text);
    }
}
