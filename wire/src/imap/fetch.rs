//! FETCH: its items (RFC 9051 §6.4.5, RFC 3516 §4.2) and its response (RFC 9051 §7.5.2).

mod item;

use super::cursor::{Cursor, Parsed};
use super::date::DateTime;
use super::encode::{Encoder, Literals};
use super::envelope::{Envelope, spaced};
use super::flag::Flag;
use super::section::{PartPath, Partial, Section};
use super::sequence::{SeqNum, Uid};
use super::structure::BodyStructure;
use super::value::Value;
pub use item::{FetchItem, Seen};
pub(crate) use item::{label, write_partial};

/// What a FETCH response tells of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FetchAttribute {
    /// `ENVELOPE`
    Envelope(Envelope),
    /// `FLAGS`
    Flags(Vec<Flag>),
    /// `INTERNALDATE`
    InternalDate(DateTime),
    /// `RFC822`
    Rfc822(Option<Vec<u8>>),
    /// `RFC822.HEADER`
    Rfc822Header(Option<Vec<u8>>),
    /// `RFC822.TEXT`
    Rfc822Text(Option<Vec<u8>>),
    /// `RFC822.SIZE`
    Rfc822Size(u64),
    /// `BODY`
    Body(BodyStructure),
    /// `BODYSTRUCTURE`
    BodyStructure(BodyStructure),
    /// `UID`
    Uid(Uid),
    /// `MODSEQ`
    ModSeq(u64),
    /// `BODY[section]<origin>`
    Section {
        /// Which section.
        section: Section,
        /// Where the octets begin, if a partial range was asked for.
        origin: Option<u64>,
        /// The octets.
        octets: Option<Vec<u8>>,
    },
    /// `BINARY[part]<origin>`
    Binary {
        /// Which part.
        part: PartPath,
        /// Where the octets begin, if a partial range was asked for.
        origin: Option<u64>,
        /// The octets.
        octets: Option<Vec<u8>>,
    },
    /// `BINARY.SIZE[part]`
    BinarySize {
        /// Which part.
        part: PartPath,
        /// Its size, decoded.
        octets: u64,
    },
    /// An attribute that is not known here; its value is skipped.
    Unknown(String),
}

/// `* n FETCH (..)`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FetchResponse {
    /// The message's sequence number.
    pub message: SeqNum,
    /// What is told of it, in order.
    pub attributes: Vec<FetchAttribute>,
}

impl FetchResponse {
    /// The message's UID, if it is told.
    #[must_use]
    pub fn uid(&self) -> Option<Uid> {
        self.attributes
            .iter()
            .find_map(|attribute| match attribute {
                FetchAttribute::Uid(uid) => Some(*uid),
                FetchAttribute::Envelope(_)
                | FetchAttribute::Flags(_)
                | FetchAttribute::InternalDate(_)
                | FetchAttribute::Rfc822(_)
                | FetchAttribute::Rfc822Header(_)
                | FetchAttribute::Rfc822Text(_)
                | FetchAttribute::Rfc822Size(_)
                | FetchAttribute::Body(_)
                | FetchAttribute::BodyStructure(_)
                | FetchAttribute::ModSeq(_)
                | FetchAttribute::Section { .. }
                | FetchAttribute::Binary { .. }
                | FetchAttribute::BinarySize { .. }
                | FetchAttribute::Unknown(_) => None,
            })
    }

    /// The response as it stands on the wire, CRLF included.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::new(Literals::Server);
        out.raw(b"* ")
            .number(self.message.value().into())
            .raw(b" FETCH ");
        let known = |attribute: &&FetchAttribute| !matches!(attribute, FetchAttribute::Unknown(_));
        let known: Vec<&FetchAttribute> = self.attributes.iter().filter(known).collect();
        out.list(&known, |out, attribute| attribute.write(out));
        out.finish().into_octets()
    }

    /// Reads what follows `* n FETCH `.
    pub(crate) fn parse(message: SeqNum, cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self {
            message,
            attributes: cursor.list(FetchAttribute::parse)?,
        })
    }
}

impl FetchAttribute {
    /// Reads one attribute and its value.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let name = label(cursor)?.to_ascii_uppercase();
        let bracket = cursor.peek() == Some(b'[');
        match (name.as_slice(), bracket) {
            (b"ENVELOPE", false) => spaced(cursor, Envelope::read).map(Self::Envelope),
            (b"FLAGS", false) => spaced(cursor, |cursor| cursor.list(Flag::parse)).map(Self::Flags),
            (b"INTERNALDATE", false) => spaced(cursor, DateTime::parse).map(Self::InternalDate),
            (b"RFC822", false) => spaced(cursor, nstring8).map(Self::Rfc822),
            (b"RFC822.HEADER", false) => spaced(cursor, nstring8).map(Self::Rfc822Header),
            (b"RFC822.TEXT", false) => spaced(cursor, nstring8).map(Self::Rfc822Text),
            (b"RFC822.SIZE", false) => spaced(cursor, Cursor::number64).map(Self::Rfc822Size),
            (b"BODY", false) => spaced(cursor, BodyStructure::read).map(Self::Body),
            (b"BODYSTRUCTURE", false) => {
                spaced(cursor, BodyStructure::read).map(Self::BodyStructure)
            }
            (b"UID", false) => spaced(cursor, Uid::parse).map(Self::Uid),
            (b"MODSEQ", false) => spaced(cursor, mod_seq).map(Self::ModSeq),
            (b"BODY", true) => Self::parse_section(cursor),
            (b"BINARY", true) => Self::parse_binary(cursor),
            (b"BINARY.SIZE", true) => {
                let part = PartPath::parse_bracketed(cursor)?;
                Ok(Self::BinarySize {
                    part,
                    octets: spaced(cursor, Cursor::number64)?,
                })
            }
            _ => {
                if bracket {
                    cursor.take_while(|octet| octet != b']');
                }
                cursor.take_while(|octet| octet.is_ascii_graphic());
                spaced(cursor, Value::read)?;
                Ok(Self::Unknown(String::from_utf8_lossy(&name).into_owned()))
            }
        }
    }

    fn parse_section(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let section = Section::parse_bracketed(cursor)?;
        let origin = Partial::parse_origin(cursor)?;
        Ok(Self::Section {
            section,
            origin,
            octets: spaced(cursor, nstring8)?,
        })
    }

    fn parse_binary(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let part = PartPath::parse_bracketed(cursor)?;
        let origin = Partial::parse_origin(cursor)?;
        Ok(Self::Binary {
            part,
            origin,
            octets: spaced(cursor, nstring8)?,
        })
    }

    pub(super) fn write(&self, out: &mut Encoder) {
        match self {
            Self::Envelope(envelope) => envelope.write(out.raw(b"ENVELOPE ")),
            Self::Flags(flags) => {
                out.raw(b"FLAGS ").list(flags, |out, flag| flag.write(out));
            }
            Self::InternalDate(date) => date.write(out.raw(b"INTERNALDATE ")),
            Self::Rfc822(octets) => write_octets(b"RFC822 ", octets, out),
            Self::Rfc822Header(octets) => write_octets(b"RFC822.HEADER ", octets, out),
            Self::Rfc822Text(octets) => write_octets(b"RFC822.TEXT ", octets, out),
            Self::Rfc822Size(octets) => write_number(b"RFC822.SIZE ", *octets, out),
            Self::Body(body) => body.write(out.raw(b"BODY ")),
            Self::BodyStructure(body) => body.write(out.raw(b"BODYSTRUCTURE ")),
            Self::Uid(uid) => write_number(b"UID ", uid.value().into(), out),
            Self::ModSeq(number) => {
                out.raw(b"MODSEQ (").number(*number).raw(b")");
            }
            Self::Section {
                section,
                origin,
                octets,
            } => {
                section.write_bracketed(out.raw(b"BODY"));
                Partial::write_origin(*origin, out);
                write_octets(b" ", octets, out);
            }
            Self::Binary {
                part,
                origin,
                octets,
            } => {
                part.write_bracketed(out.raw(b"BINARY"));
                Partial::write_origin(*origin, out);
                out.space().nstring8(octets.as_deref());
            }
            Self::BinarySize { part, octets } => {
                part.write_bracketed(out.raw(b"BINARY.SIZE"));
                write_number(b" ", *octets, out);
            }
            // Read over, so never written.
            Self::Unknown(_) => {}
        }
    }
}

/// Reads a string, literal8 or NIL into octets of its own. RFC 3516 wants literal8 for BINARY only; stores use it more.
pub(crate) fn nstring8(cursor: &mut Cursor<'_>) -> Parsed<Option<Vec<u8>>> {
    cursor
        .nstring8()
        .map(|string| string.map(|octets| octets.into_owned()))
}

/// RFC 7162 §3.1.4.2: in parentheses.
fn mod_seq(cursor: &mut Cursor<'_>) -> Parsed<u64> {
    cursor.expect(b'(')?;
    let number = cursor.number64()?;
    cursor.expect(b')')?;
    Ok(number)
}

fn write_octets(name: &[u8], octets: &Option<Vec<u8>>, out: &mut Encoder) {
    out.raw(name).nstring(octets.as_deref());
}

fn write_number(name: &[u8], number: u64, out: &mut Encoder) {
    out.raw(name).number(number);
}

#[cfg(test)]
mod tests;
