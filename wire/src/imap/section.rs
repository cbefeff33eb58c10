//! Parts, sections and partial ranges of a message (RFC 9051 §6.4.5, §9 `section`; RFC 3516 §7 `section-binary`).

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};

use super::cursor::{Cursor, Fault, Parsed};
use super::encode::Encoder;

/// A path to a part, such as `2.1`; empty for the message itself.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PartPath(pub Vec<NonZeroU32>);

/// What of a message a FETCH asks for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Section {
    /// Which part.
    pub part: PartPath,
    /// What of it; `None`: its content (of the message itself: all of it).
    pub text: Option<SectionText>,
}

/// What of a part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SectionText {
    /// The header of the message or of a message/rfc822 part.
    Header,
    /// Only these fields of it.
    HeaderFields(Vec<Vec<u8>>),
    /// All but these fields of it.
    HeaderFieldsNot(Vec<Vec<u8>>),
    /// The text of the message or of a message/rfc822 part.
    Text,
    /// The part's own MIME header. Needs a part path.
    Mime,
}

/// `<offset.length>`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Partial {
    /// The first octet.
    pub offset: u64,
    /// At most so many.
    pub length: NonZeroU64,
}

impl PartPath {
    /// The path that `text` is, such as `2.1`; the empty text is the message itself.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        let mut cursor = Cursor::new(text.as_bytes());
        let path = Self::parse_some(&mut cursor).ok()?;
        cursor.is_at_end().then_some(path)
    }

    /// Whether this is the message itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers as integers.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|number| number.get())
    }

    fn parse_some(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut numbers = vec![cursor.nz_number()?];
        while cursor.peek() == Some(b'.')
            && cursor
                .peek_second()
                .is_some_and(|octet| octet.is_ascii_digit())
        {
            cursor.expect(b'.')?;
            cursor.node()?;
            numbers.push(cursor.nz_number()?);
        }
        Ok(Self(numbers))
    }

    /// Reads a path if a number is next, else the empty one.
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let numbered = cursor.peek().is_some_and(|octet| octet.is_ascii_digit());
        if numbered {
            Self::parse_some(cursor)
        } else {
            Ok(Self::default())
        }
    }

    /// Reads `[` path `]`.
    pub(crate) fn parse_bracketed(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'[')?;
        let path = Self::parse(cursor)?;
        cursor.expect(b']')?;
        Ok(path)
    }

    pub(crate) fn write_bracketed(&self, out: &mut Encoder) {
        out.raw(b"[").raw(self.to_string().as_bytes()).raw(b"]");
    }
}

impl fmt::Display for PartPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str(".")?;
            }
            number.fmt(out)?;
        }
        Ok(())
    }
}

impl Section {
    /// A part's content.
    #[must_use]
    pub fn part(part: PartPath) -> Self {
        Self { part, text: None }
    }

    /// Reads `[` section `]`.
    pub(crate) fn parse_bracketed(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'[')?;
        let part = PartPath::parse(cursor)?;
        let named = part.is_empty() || cursor.eat(b'.');
        let text = if named && cursor.peek() != Some(b']') {
            Some(SectionText::parse(cursor)?)
        } else {
            None
        };
        let complete = match text {
            // RFC 9051 §6.4.5: MIME is of a part, never of the message.
            Some(SectionText::Mime) => !part.is_empty(),
            Some(_) => true,
            None => part.is_empty() || !named,
        };
        if !complete {
            return cursor.unexpected();
        }
        cursor.expect(b']')?;
        Ok(Self { part, text })
    }

    pub(crate) fn write_bracketed(&self, out: &mut Encoder) {
        out.raw(b"[").raw(self.part.to_string().as_bytes());
        if let Some(text) = &self.text {
            if !self.part.is_empty() {
                out.raw(b".");
            }
            text.write(out);
        }
        out.raw(b"]");
    }
}

impl SectionText {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        let name = cursor.word()?;
        match name.to_ascii_uppercase().as_str() {
            "HEADER" => Ok(Self::Header),
            "TEXT" => Ok(Self::Text),
            "MIME" => Ok(Self::Mime),
            "HEADER.FIELDS" => header_list(cursor).map(Self::HeaderFields),
            "HEADER.FIELDS.NOT" => header_list(cursor).map(Self::HeaderFieldsNot),
            _ => Err(error),
        }
    }

    fn write(&self, out: &mut Encoder) {
        match self {
            Self::Header => out.raw(b"HEADER"),
            Self::Text => out.raw(b"TEXT"),
            Self::Mime => out.raw(b"MIME"),
            Self::HeaderFields(names) => write_header_list(out.raw(b"HEADER.FIELDS "), names),
            Self::HeaderFieldsNot(names) => {
                write_header_list(out.raw(b"HEADER.FIELDS.NOT "), names)
            }
        };
    }
}

fn header_list(cursor: &mut Cursor<'_>) -> Parsed<Vec<Vec<u8>>> {
    cursor.space()?;
    cursor.list(|cursor| cursor.astring().map(|name| name.into_owned()))
}

fn write_header_list<'e>(out: &'e mut Encoder, names: &[Vec<u8>]) -> &'e mut Encoder {
    out.list(names, |out, name| {
        out.astring(name);
    })
}

impl Partial {
    /// Reads `<offset.length>` if `<` is next.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Option<Self>> {
        if !cursor.eat(b'<') {
            return Ok(None);
        }
        let offset = cursor.number64()?;
        cursor.expect(b'.')?;
        let zero = cursor.error(Fault::Number);
        let length = NonZeroU64::new(cursor.number64()?).ok_or(zero)?;
        cursor.expect(b'>')?;
        Ok(Some(Self { offset, length }))
    }

    /// Reads a response's `<offset>` if `<` is next.
    pub(crate) fn parse_origin(cursor: &mut Cursor<'_>) -> Parsed<Option<u64>> {
        if !cursor.eat(b'<') {
            return Ok(None);
        }
        let offset = cursor.number64()?;
        cursor.expect(b'>')?;
        Ok(Some(offset))
    }

    pub(crate) fn write(self, out: &mut Encoder) {
        out.raw(b"<")
            .number(self.offset)
            .raw(b".")
            .number(self.length.get())
            .raw(b">");
    }

    pub(crate) fn write_origin(origin: Option<u64>, out: &mut Encoder) {
        if let Some(offset) = origin {
            out.raw(b"<").number(offset).raw(b">");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_numbers_without_zero() {
        assert_eq!(PartPath::new("2.10").unwrap().to_string(), "2.10");
        assert!(PartPath::new("").unwrap().is_empty());
        for text in [
            "0",
            "1.0",
            "1.",
            ".1",
            "1..2",
            "a",
            "1 ",
            "4294967296",
            "1.MIME",
        ] {
            assert_eq!(PartPath::new(text), None, "{text}");
        }
    }

    /// RFC 9051 §2.3.1.1 and §9: field names compare as they are written, sections in any case.
    #[test]
    fn sections_are_read_in_any_case() {
        let read = |text: &[u8]| Section::parse_bracketed(&mut Cursor::new(text)).unwrap();
        assert_eq!(read(b"[1.mime]"), read(b"[1.MIME]"));
        assert_eq!(
            read(b"[header.fields (a)]"),
            read(b"[HEADER.FIELDS (\"a\")]")
        );
        assert_ne!(read(b"[HEADER]"), read(b"[TEXT]"));
    }
}
