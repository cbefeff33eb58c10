//! `* n CONVERTED`: what came of a conversion (RFC 5259 §8.1).

use super::super::cursor::{Cursor, Fault, Parsed};
use super::super::encode::{Encoder, Literals};
use super::super::envelope::spaced;
use super::super::fetch::{label, nstring8};
use super::super::media::MediaType;
use super::super::search::correlator;
use super::super::section::{PartPath, Partial, Section};
use super::super::sequence::{SeqNum, Uid};
use super::super::structure::BodyStructure;
use super::super::tag::Tag;
use super::phrase::ErrorPhrase;
use super::request::parse_header;

/// A result, or why there is none.
pub type Outcome<T> = Result<T, ErrorPhrase>;

/// What came of one message's conversion.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Converted {
    /// The message's sequence number.
    pub message: SeqNum,
    /// The tag of the command that this answers.
    pub tag: Tag,
    /// What is told, the UID first (RFC 5259 §8.1).
    pub attributes: Vec<ConvertedAttribute>,
}

/// One thing that a CONVERTED tells.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a response has a handful of them, and they are passed by reference"
)]
pub enum ConvertedAttribute {
    /// `UID`
    Uid(Uid),
    /// `BINARY[part]<origin>`
    Binary {
        /// Which part.
        part: PartPath,
        /// Where the octets begin, if a partial range was asked for.
        origin: Option<u64>,
        /// The octets.
        outcome: Outcome<Option<Vec<u8>>>,
    },
    /// `BINARY.SIZE[part]`
    BinarySize {
        /// Which part.
        part: PartPath,
        /// The converted part's size.
        outcome: Outcome<u64>,
    },
    /// `BODYPARTSTRUCTURE[part]`
    BodyPartStructure {
        /// Which part.
        part: PartPath,
        /// The converted part's structure.
        outcome: Outcome<BodyStructure>,
    },
    /// `AVAILABLECONVERSIONS[part]`
    AvailableConversions {
        /// Which part.
        part: PartPath,
        /// Into what it can be converted.
        outcome: Outcome<Vec<MediaType>>,
    },
    /// `BODY[HEADER]` and its like: shown in RFC 5259 §6, missing in its grammar
    Header {
        /// Which header.
        section: Section,
        /// The header.
        outcome: Outcome<Option<Vec<u8>>>,
    },
}

impl Converted {
    /// The message's UID, if it is told.
    #[must_use]
    pub fn uid(&self) -> Option<Uid> {
        self.attributes
            .iter()
            .find_map(|attribute| match attribute {
                ConvertedAttribute::Uid(uid) => Some(*uid),
                ConvertedAttribute::Binary { .. }
                | ConvertedAttribute::BinarySize { .. }
                | ConvertedAttribute::BodyPartStructure { .. }
                | ConvertedAttribute::AvailableConversions { .. }
                | ConvertedAttribute::Header { .. } => None,
            })
    }

    /// The response as it stands on the wire, CRLF included.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::new(Literals::Server);
        Self::write_head(self.message, &self.tag, &mut out);
        out.list(&self.attributes, |out, attribute| attribute.write(out));
        out.finish().into_octets()
    }

    /// What stands before the attributes.
    pub(crate) fn write_head(message: SeqNum, tag: &Tag, out: &mut Encoder) {
        out.raw(b"* ")
            .number(message.value().into())
            .raw(b" CONVERTED (TAG ")
            .string(tag.as_bytes())
            .raw(b") ");
    }

    /// Reads what follows `* n CONVERTED `.
    pub(crate) fn parse(message: SeqNum, cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let tag = correlator(cursor)?;
        cursor.space()?;
        Ok(Self {
            message,
            tag,
            attributes: cursor.list(ConvertedAttribute::parse)?,
        })
    }
}

impl ConvertedAttribute {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        match label(cursor)?.to_ascii_uppercase().as_slice() {
            b"UID" => spaced(cursor, Uid::parse).map(Self::Uid),
            b"BINARY" => {
                let part = PartPath::parse_bracketed(cursor)?;
                let origin = Partial::parse_origin(cursor)?;
                Ok(Self::Binary {
                    part,
                    origin,
                    outcome: outcome(cursor, nstring8)?,
                })
            }
            b"BINARY.SIZE" => {
                let part = PartPath::parse_bracketed(cursor)?;
                Ok(Self::BinarySize {
                    part,
                    outcome: outcome(cursor, Cursor::number64)?,
                })
            }
            b"BODYPARTSTRUCTURE" => {
                let part = PartPath::parse_bracketed(cursor)?;
                Ok(Self::BodyPartStructure {
                    part,
                    outcome: outcome(cursor, BodyStructure::read)?,
                })
            }
            b"AVAILABLECONVERSIONS" => {
                let part = PartPath::parse_bracketed(cursor)?;
                Ok(Self::AvailableConversions {
                    part,
                    outcome: outcome(cursor, parse_targets)?,
                })
            }
            b"BODY" => {
                let section = parse_header(cursor)?;
                Ok(Self::Header {
                    section,
                    outcome: outcome(cursor, nstring8)?,
                })
            }
            _ => Err(error),
        }
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        match self {
            Self::Uid(uid) => {
                out.raw(b"UID ").number(uid.value().into());
            }
            Self::Binary {
                part,
                origin,
                outcome,
            } => {
                Self::write_binary(part, *origin, out);
                write_outcome(outcome, out, |out, octets| {
                    out.nstring8(octets.as_deref());
                });
            }
            Self::BinarySize { part, outcome } => {
                part.write_bracketed(out.raw(b"BINARY.SIZE"));
                write_outcome(outcome, out, |out, octets| {
                    out.number(*octets);
                });
            }
            Self::BodyPartStructure { part, outcome } => {
                part.write_bracketed(out.raw(b"BODYPARTSTRUCTURE"));
                write_outcome(outcome, out, |out, body| body.write(out));
            }
            Self::AvailableConversions { part, outcome } => {
                part.write_bracketed(out.raw(b"AVAILABLECONVERSIONS"));
                write_outcome(outcome, out, |out, targets| write_targets(targets, out));
            }
            Self::Header { section, outcome } => {
                section.write_bracketed(out.raw(b"BODY"));
                write_outcome(outcome, out, |out, octets| {
                    out.nstring(octets.as_deref());
                });
            }
        }
    }

    /// The name of a result's octets.
    pub(crate) fn write_binary(part: &PartPath, origin: Option<u64>, out: &mut Encoder) {
        part.write_bracketed(out.raw(b"BINARY"));
        Partial::write_origin(origin, out);
    }
}

/// Reads a space and then a result or an ERROR phrase.
fn outcome<'a, T>(
    cursor: &mut Cursor<'a>,
    read: impl FnOnce(&mut Cursor<'a>) -> Parsed<T>,
) -> Parsed<Outcome<T>> {
    cursor.space()?;
    match ErrorPhrase::parse(cursor)? {
        Some(phrase) => Ok(Err(phrase)),
        None => read(cursor).map(Ok),
    }
}

fn write_outcome<T>(outcome: &Outcome<T>, out: &mut Encoder, write: impl FnOnce(&mut Encoder, &T)) {
    out.space();
    match outcome {
        Ok(result) => write(out, result),
        Err(phrase) => phrase.write(out),
    }
}

/// Reads `((type ..))`, or `(type ..)` as RFC 5259 §8.4's example may be read.
fn parse_targets(cursor: &mut Cursor<'_>) -> Parsed<Vec<MediaType>> {
    if cursor.peek_second() != Some(b'(') {
        return cursor.list(MediaType::parse);
    }
    cursor.expect(b'(')?;
    let targets = cursor.list(MediaType::parse)?;
    cursor.expect(b')')?;
    Ok(targets)
}

/// RFC 5259 §8.1: two parentheses, to be told from an ERROR phrase.
fn write_targets(targets: &[MediaType], out: &mut Encoder) {
    out.raw(b"(")
        .list(targets, |out, media| media.write(out))
        .raw(b")");
}

#[cfg(test)]
mod tests;
