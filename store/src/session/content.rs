//! What a FETCH item means in a message: which octets of its file, decoded or not.

use std::ops::Range;
use std::path::PathBuf;

use wire::imap::fetch::{FetchAttribute, FetchItem};
use wire::imap::section::{PartPath, Partial, Section, SectionText};

use crate::fault::Fault;
use crate::mime::describe::{self, Detail};
use crate::mime::header;
use crate::mime::structure::{Content, Part, Structure};
use crate::mime::transfer::TransferEncoding;
use crate::source::Source;

/// The largest header that HEADER.FIELDS picks from.
const LARGEST_HEADER: u64 = 1024 * 1024;

/// One thing to tell of a message.
pub(super) enum Piece {
    /// Held whole: it is small.
    Attribute(FetchAttribute),
    /// A range of the message.
    Octets {
        attribute: FetchAttribute,
        range: Range<u64>,
    },
    /// A slice of a part, its transfer encoding undone.
    Decoded {
        attribute: FetchAttribute,
        body: Range<u64>,
        encoding: TransferEncoding,
        slice: Range<u64>,
    },
}

/// A message whose parts are known.
pub(super) struct Opened<'a> {
    pub(super) path: PathBuf,
    pub(super) structure: &'a Structure,
}

impl Opened<'_> {
    /// What is to be told for one item.
    pub(super) fn piece(&self, item: &FetchItem) -> Result<Piece, Fault> {
        let root = &self.structure.message.root;
        let attribute = match item {
            FetchItem::Envelope => {
                FetchAttribute::Envelope(describe::of_message(&self.structure.message))
            }
            FetchItem::Rfc822Size => FetchAttribute::Rfc822Size(self.structure.octets),
            FetchItem::Body => FetchAttribute::Body(describe::body_structure(root, Detail::Plain)),
            FetchItem::BodyStructure => {
                FetchAttribute::BodyStructure(describe::body_structure(root, Detail::Extended))
            }
            FetchItem::Rfc822 => {
                return Ok(octets(
                    FetchAttribute::Rfc822(None),
                    0..self.structure.octets,
                ));
            }
            FetchItem::Rfc822Header => {
                return Ok(octets(
                    FetchAttribute::Rfc822Header(None),
                    root.header.clone(),
                ));
            }
            FetchItem::Rfc822Text => {
                return Ok(octets(FetchAttribute::Rfc822Text(None), root.body.clone()));
            }
            FetchItem::Section {
                section, partial, ..
            } => return self.section(section, *partial),
            FetchItem::Binary { part, partial, .. } => return self.binary(part, *partial),
            FetchItem::BinarySize(part) => return self.binary_size(part),
            FetchItem::Flags | FetchItem::Uid | FetchItem::InternalDate | FetchItem::ModSeq => {
                return Err(Fault::Cannot);
            }
        };
        Ok(Piece::Attribute(attribute))
    }

    fn section(&self, section: &Section, partial: Option<Partial>) -> Result<Piece, Fault> {
        let attribute = |octets| FetchAttribute::Section {
            section: section.clone(),
            origin: partial.map(|partial| partial.offset),
            octets,
        };
        let range = match &section.text {
            Some(SectionText::HeaderFields(names)) => {
                return self.picked(section, partial, Pick::These(names));
            }
            Some(SectionText::HeaderFieldsNot(names)) => {
                return self.picked(section, partial, Pick::Others(names));
            }
            Some(SectionText::Header) => self
                .message_at(&section.part)
                .map(|part| part.header.clone()),
            Some(SectionText::Text) => self.message_at(&section.part).map(|part| part.body.clone()),
            Some(SectionText::Mime) => self
                .structure
                .part(section.part.numbers())
                .map(|part| part.header.clone()),
            None if section.part.is_empty() => Some(0..self.structure.octets),
            None => self
                .structure
                .part(section.part.numbers())
                .map(|part| part.body.clone()),
        };
        Ok(match range {
            Some(range) => {
                let slice = slice(range.end - range.start, partial);
                octets(
                    attribute(None),
                    range.start + slice.start..range.start + slice.end,
                )
            }
            // A part that is not there is NIL.
            None => Piece::Attribute(attribute(None)),
        })
    }

    /// The message whose HEADER or TEXT is meant: the whole one, or the one inside a message/rfc822 part.
    fn message_at(&self, path: &PartPath) -> Option<&Part> {
        if path.is_empty() {
            return Some(&self.structure.message.root);
        }
        match &self.structure.part(path.numbers())?.content {
            Content::Message(inner) => Some(&inner.root),
            Content::Leaf | Content::Multipart(_) => None,
        }
    }

    fn picked(
        &self,
        section: &Section,
        partial: Option<Partial>,
        pick: Pick<'_>,
    ) -> Result<Piece, Fault> {
        let octets = match self.message_at(&section.part) {
            Some(part) => {
                let end = part.header.end.min(part.header.start + LARGEST_HEADER);
                let picked = pick.of(&self.read(part.header.start..end)?);
                let slice = slice(picked.len() as u64, partial);
                Some(picked[slice.start as usize..slice.end as usize].to_vec())
            }
            None => None,
        };
        Ok(Piece::Attribute(FetchAttribute::Section {
            section: section.clone(),
            origin: partial.map(|partial| partial.offset),
            octets,
        }))
    }

    fn read(&self, range: Range<u64>) -> Result<Vec<u8>, Fault> {
        let mut octets = Vec::new();
        Source::open(&self.path)?.read_range::<Fault>(range, self.structure.line_ends, |run| {
            octets.extend_from_slice(run);
            Ok(())
        })?;
        Ok(octets)
    }

    fn binary(&self, path: &PartPath, partial: Option<Partial>) -> Result<Piece, Fault> {
        let attribute = FetchAttribute::Binary {
            part: path.clone(),
            origin: partial.map(|partial| partial.offset),
            octets: None,
        };
        let Some((body, encoding)) = self.encoded(path)? else {
            return Ok(Piece::Attribute(attribute));
        };
        let slice = slice(self.decoded_size(body.clone(), encoding)?, partial);
        Ok(Piece::Decoded {
            attribute,
            body,
            encoding,
            slice,
        })
    }

    fn binary_size(&self, path: &PartPath) -> Result<Piece, Fault> {
        let octets = match self.encoded(path)? {
            Some((body, encoding)) => self.decoded_size(body, encoding)?,
            None => 0,
        };
        Ok(Piece::Attribute(FetchAttribute::BinarySize {
            part: path.clone(),
            octets,
        }))
    }

    /// What BINARY means by a path: a part's body and its encoding; a message or multipart has none.
    fn encoded(&self, path: &PartPath) -> Result<Option<(Range<u64>, TransferEncoding)>, Fault> {
        if path.is_empty() {
            return Ok(Some((0..self.structure.octets, TransferEncoding::Identity)));
        }
        let Some(part) = self.structure.part(path.numbers()) else {
            return Ok(None);
        };
        match (&part.content, part.fields.encoding) {
            (Content::Leaf, TransferEncoding::Unknown) => Err(Fault::UnknownEncoding),
            (Content::Leaf, encoding) => Ok(Some((part.body.clone(), encoding))),
            (Content::Multipart(_) | Content::Message(_), _) => {
                Ok(Some((part.body.clone(), TransferEncoding::Identity)))
            }
        }
    }

    fn decoded_size(&self, body: Range<u64>, encoding: TransferEncoding) -> Result<u64, Fault> {
        if encoding == TransferEncoding::Identity {
            return Ok(body.end - body.start);
        }
        let mut size = 0;
        self.decode(body, encoding, |run| {
            size += run.len() as u64;
            Ok(())
        })?;
        Ok(size)
    }

    /// Hands a part's octets, its transfer encoding undone, to `take`.
    pub(super) fn decode(
        &self,
        body: Range<u64>,
        encoding: TransferEncoding,
        mut take: impl FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut decoder = encoding.decoder();
        let mut decoded = Vec::new();
        Source::open(&self.path)?.read_range::<Fault>(body, self.structure.line_ends, |run| {
            decoded.clear();
            decoder.push(run, &mut decoded);
            take(&decoded)
        })?;
        decoded.clear();
        decoder.finish(&mut decoded);
        take(&decoded)
    }
}

/// Which fields of a header are wanted.
enum Pick<'a> {
    These(&'a [Vec<u8>]),
    Others(&'a [Vec<u8>]),
}

impl Pick<'_> {
    /// The wanted fields as they stand, and the empty line.
    fn of(&self, header: &[u8]) -> Vec<u8> {
        let mut picked = Vec::new();
        for field in header::fields(header) {
            let named = |names: &[Vec<u8>]| {
                names
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(field.name))
            };
            let wanted = match self {
                Self::These(names) => named(names),
                Self::Others(names) => !named(names),
            };
            if wanted {
                picked.extend_from_slice(field.raw);
            }
        }
        picked.extend_from_slice(b"\r\n");
        picked
    }
}

fn octets(attribute: FetchAttribute, range: Range<u64>) -> Piece {
    Piece::Octets { attribute, range }
}

/// The part of `length` octets that is asked for; beyond the end there is nothing (RFC 3501 §6.4.5).
fn slice(length: u64, partial: Option<Partial>) -> Range<u64> {
    match partial {
        None => 0..length,
        Some(partial) => {
            let start = partial.offset.min(length);
            start..start.saturating_add(partial.length.get()).min(length)
        }
    }
}
