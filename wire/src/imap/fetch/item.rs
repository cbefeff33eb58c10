//! What a FETCH asks for (RFC 9051 §6.4.5, RFC 3516 §4.2).

use super::super::cursor::{Cursor, Fault, Parsed, is_atom};
use super::super::encode::Encoder;
use super::super::section::{PartPath, Partial, Section};

/// Whether reading a part marks the message as read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Seen {
    /// `BODY[..]` sets `\Seen`.
    Set,
    /// `BODY.PEEK[..]` does not.
    Peek,
}

/// What a FETCH asks for. The macros ALL, FAST and FULL are read as what they stand for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FetchItem {
    /// `ENVELOPE`
    Envelope,
    /// `FLAGS`
    Flags,
    /// `INTERNALDATE`
    InternalDate,
    /// `RFC822`: `BODY[]` by another name (RFC 3501)
    Rfc822,
    /// `RFC822.HEADER`: `BODY.PEEK[HEADER]` by another name (RFC 3501)
    Rfc822Header,
    /// `RFC822.TEXT`: `BODY[TEXT]` by another name (RFC 3501)
    Rfc822Text,
    /// `RFC822.SIZE`
    Rfc822Size,
    /// `BODY`: the structure without extensions
    Body,
    /// `BODYSTRUCTURE`
    BodyStructure,
    /// `UID`
    Uid,
    /// `MODSEQ` (RFC 7162)
    ModSeq,
    /// `BODY[section]<partial>`
    Section {
        /// Which section.
        section: Section,
        /// Which octets of it.
        partial: Option<Partial>,
        /// Whether this marks the message as read.
        seen: Seen,
    },
    /// `BINARY[part]<partial>` (RFC 3516)
    Binary {
        /// Which part.
        part: PartPath,
        /// Which octets of it, once decoded.
        partial: Option<Partial>,
        /// Whether this marks the message as read.
        seen: Seen,
    },
    /// `BINARY.SIZE[part]` (RFC 3516)
    BinarySize(PartPath),
}

impl FetchItem {
    /// Reads FETCH's items: a macro, one item, or a list of items.
    pub(crate) fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
        if cursor.peek() == Some(b'(') {
            let items = cursor.list(Self::parse)?;
            return if items.is_empty() {
                cursor.unexpected()
            } else {
                Ok(items)
            };
        }
        for (name, items) in MACROS {
            if cursor.eat_word(name) {
                return Ok(items.to_vec());
            }
        }
        Self::parse(cursor).map(|item| vec![item])
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        let name = label(cursor)?;
        let bracket = cursor.peek() == Some(b'[');
        match (name.to_ascii_uppercase().as_slice(), bracket) {
            (b"ENVELOPE", false) => Ok(Self::Envelope),
            (b"FLAGS", false) => Ok(Self::Flags),
            (b"INTERNALDATE", false) => Ok(Self::InternalDate),
            (b"RFC822", false) => Ok(Self::Rfc822),
            (b"RFC822.HEADER", false) => Ok(Self::Rfc822Header),
            (b"RFC822.TEXT", false) => Ok(Self::Rfc822Text),
            (b"RFC822.SIZE", false) => Ok(Self::Rfc822Size),
            (b"BODY", false) => Ok(Self::Body),
            (b"BODYSTRUCTURE", false) => Ok(Self::BodyStructure),
            (b"UID", false) => Ok(Self::Uid),
            (b"MODSEQ", false) => Ok(Self::ModSeq),
            (b"BODY", true) => Self::parse_section(cursor, Seen::Set),
            (b"BODY.PEEK", true) => Self::parse_section(cursor, Seen::Peek),
            (b"BINARY", true) => Self::parse_binary(cursor, Seen::Set),
            (b"BINARY.PEEK", true) => Self::parse_binary(cursor, Seen::Peek),
            (b"BINARY.SIZE", true) => PartPath::parse_bracketed(cursor).map(Self::BinarySize),
            _ => Err(error),
        }
    }

    fn parse_section(cursor: &mut Cursor<'_>, seen: Seen) -> Parsed<Self> {
        let section = Section::parse_bracketed(cursor)?;
        Ok(Self::Section {
            section,
            partial: Partial::parse(cursor)?,
            seen,
        })
    }

    fn parse_binary(cursor: &mut Cursor<'_>, seen: Seen) -> Parsed<Self> {
        let part = PartPath::parse_bracketed(cursor)?;
        Ok(Self::Binary {
            part,
            partial: Partial::parse(cursor)?,
            seen,
        })
    }

    /// Writes items: one alone, or a list.
    pub(crate) fn write_all(items: &[Self], out: &mut Encoder) {
        match items {
            [item] => item.write(out),
            _ => {
                out.list(items, |out, item| item.write(out));
            }
        }
    }

    fn write(&self, out: &mut Encoder) {
        match self {
            Self::Envelope => out.raw(b"ENVELOPE"),
            Self::Flags => out.raw(b"FLAGS"),
            Self::InternalDate => out.raw(b"INTERNALDATE"),
            Self::Rfc822 => out.raw(b"RFC822"),
            Self::Rfc822Header => out.raw(b"RFC822.HEADER"),
            Self::Rfc822Text => out.raw(b"RFC822.TEXT"),
            Self::Rfc822Size => out.raw(b"RFC822.SIZE"),
            Self::Body => out.raw(b"BODY"),
            Self::BodyStructure => out.raw(b"BODYSTRUCTURE"),
            Self::Uid => out.raw(b"UID"),
            Self::ModSeq => out.raw(b"MODSEQ"),
            Self::Section {
                section,
                partial,
                seen,
            } => {
                out.raw(b"BODY").raw(seen.suffix());
                section.write_bracketed(out);
                write_partial(*partial, out);
                out
            }
            Self::Binary {
                part,
                partial,
                seen,
            } => {
                out.raw(b"BINARY").raw(seen.suffix());
                part.write_bracketed(out);
                write_partial(*partial, out);
                out
            }
            Self::BinarySize(part) => {
                part.write_bracketed(out.raw(b"BINARY.SIZE"));
                out
            }
        };
    }
}

/// RFC 9051 §6.4.5.
const MACROS: [(&[u8], &[FetchItem]); 3] = [
    (
        b"ALL",
        &[
            FetchItem::Flags,
            FetchItem::InternalDate,
            FetchItem::Rfc822Size,
            FetchItem::Envelope,
        ],
    ),
    (
        b"FAST",
        &[
            FetchItem::Flags,
            FetchItem::InternalDate,
            FetchItem::Rfc822Size,
        ],
    ),
    (
        b"FULL",
        &[
            FetchItem::Flags,
            FetchItem::InternalDate,
            FetchItem::Rfc822Size,
            FetchItem::Envelope,
            FetchItem::Body,
        ],
    ),
];

impl Seen {
    fn suffix(self) -> &'static [u8] {
        match self {
            Self::Set => b"",
            Self::Peek => b".PEEK",
        }
    }
}

pub(crate) fn write_partial(partial: Option<Partial>, out: &mut Encoder) {
    if let Some(partial) = partial {
        partial.write(out);
    }
}

/// Reads an item's or attribute's name, up to its section.
pub(crate) fn label<'a>(cursor: &mut Cursor<'a>) -> Parsed<&'a [u8]> {
    cursor.take_some(|octet| is_atom(octet) && octet != b'[')
}
