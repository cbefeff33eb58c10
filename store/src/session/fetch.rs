//! FETCH and UID FETCH (RFC 3501 §6.4.5) with BINARY (RFC 3516). What is large goes from the file to the client in runs.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use wire::Binary;
use wire::imap::command::Addressing;
use wire::imap::fetch::{FetchAttribute, FetchItem, FetchResponse, Seen};
use wire::imap::section::{PartPath, Partial, Section, SectionText};
use wire::imap::{Flag, SeqNum, SequenceSet, Uid};

use super::selected::{Access, Selected, number};
use crate::date;
use crate::fault::Fault;
use crate::mailboxes::Turn;
use crate::mime::describe::{self, Detail};
use crate::mime::header;
use crate::mime::structure::{Content, Part, Structure};
use crate::mime::transfer::TransferEncoding;
use crate::output::Output;
use crate::source::Source;

/// The largest header that HEADER.FIELDS picks from.
const LARGEST_HEADER: u64 = 1024 * 1024;

/// One thing to tell of a message.
enum Piece {
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
struct Opened<'a> {
    path: PathBuf,
    structure: &'a Structure,
}

impl Selected {
    /// Tells what was asked of the messages of `set`.
    pub(super) fn fetch(
        &mut self,
        addressing: Addressing,
        set: &SequenceSet,
        mut items: Vec<FetchItem>,
        turn: &Turn,
        out: &mut Output,
    ) -> Result<(), Fault> {
        // RFC 3501 §6.4.8: UID FETCH tells the UID, asked or not.
        if addressing == Addressing::Uid && !items.contains(&FetchItem::Uid) {
            items.insert(0, FetchItem::Uid);
        }
        let mut vanished = false;
        for place in self.places(addressing, set)? {
            match self.fetch_one(place, &items, turn, out) {
                Ok(()) => {}
                Err(Fault::Vanished) => vanished = true,
                Err(fault) => return Err(fault),
            }
        }
        if vanished {
            Err(Fault::Vanished)
        } else {
            Ok(())
        }
    }

    fn fetch_one(
        &mut self,
        place: usize,
        items: &[FetchItem],
        turn: &Turn,
        out: &mut Output,
    ) -> Result<(), Fault> {
        let Some(number) = SeqNum::new(number(place)) else {
            return Err(Fault::NoMessage);
        };
        let structure = match items.iter().any(needs_file) {
            true => Some(self.structure(place, turn)?),
            false => None,
        };
        let newly_seen = self.mark_seen(place, items, turn)?;
        self.locate(place, turn)?;
        let mut pieces = Vec::new();
        for item in items {
            pieces.push(match &structure {
                Some(structure) => {
                    let path = self.messages[place].file.path.clone();
                    self.piece(place, item, Some(&Opened { path, structure }))?
                }
                None => self.piece(place, item, None)?,
            });
        }
        if newly_seen && !items.contains(&FetchItem::Flags) {
            pieces.push(Piece::Attribute(FetchAttribute::Flags(
                self.messages[place].flags(),
            )));
        }
        let path = self.messages[place].file.path.clone();
        let opened = structure
            .as_deref()
            .map(|structure| Opened { path, structure });
        // From here on a fault leaves the answer half-said.
        say(number, &pieces, opened.as_ref(), out).map_err(|_| Fault::Broken)
    }

    /// Reading a part marks its message as read, unless it is a peek or the mailbox is read-only. Says whether it is new.
    fn mark_seen(&mut self, place: usize, items: &[FetchItem], turn: &Turn) -> Result<bool, Fault> {
        let mut flags = self.messages[place].file.flags.clone();
        let marks = self.access == Access::ReadWrite && items.iter().any(sets_seen);
        if !marks || flags.contains(&Flag::Seen) {
            return Ok(false);
        }
        flags.insert(&Flag::Seen);
        self.set_flags(place, flags, turn)?;
        Ok(true)
    }

    fn piece(
        &self,
        place: usize,
        item: &FetchItem,
        opened: Option<&Opened<'_>>,
    ) -> Result<Piece, Fault> {
        let message = &self.messages[place];
        let attribute = match item {
            FetchItem::Flags => FetchAttribute::Flags(message.flags()),
            FetchItem::Uid => FetchAttribute::Uid(Uid::new(message.uid).ok_or(Fault::NoMessage)?),
            FetchItem::InternalDate => {
                let modified = fs::metadata(&message.file.path)?.modified()?;
                FetchAttribute::InternalDate(date::of_system(modified))
            }
            // An extension that is not announced.
            FetchItem::ModSeq => return Err(Fault::Cannot),
            FetchItem::Envelope
            | FetchItem::Rfc822
            | FetchItem::Rfc822Header
            | FetchItem::Rfc822Text
            | FetchItem::Rfc822Size
            | FetchItem::Body
            | FetchItem::BodyStructure
            | FetchItem::Section { .. }
            | FetchItem::Binary { .. }
            | FetchItem::BinarySize(_) => return opened.ok_or(Fault::Vanished)?.piece(item),
        };
        Ok(Piece::Attribute(attribute))
    }
}

impl Opened<'_> {
    fn piece(&self, item: &FetchItem) -> Result<Piece, Fault> {
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

    fn decode(
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

fn say(
    number: SeqNum,
    pieces: &[Piece],
    opened: Option<&Opened<'_>>,
    out: &mut Output,
) -> Result<(), Fault> {
    out.push(&FetchResponse::open(number))?;
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            out.push(b" ")?;
        }
        match (piece, opened) {
            (Piece::Attribute(attribute), _) => out.push(&attribute.encode())?,
            (Piece::Octets { attribute, range }, Some(opened)) => {
                out.push(&attribute.announce(range.end - range.start, Binary::No))?;
                let mut source = Source::open(&opened.path)?;
                source.read_range::<Fault>(range.clone(), opened.structure.line_ends, |run| {
                    Ok(out.push(run)?)
                })?;
            }
            (
                Piece::Decoded {
                    attribute,
                    body,
                    encoding,
                    slice,
                },
                Some(opened),
            ) => {
                // RFC 3516 §4.3: decoded octets may hold NUL, so a literal8.
                out.push(&attribute.announce(slice.end - slice.start, Binary::Yes))?;
                say_slice(opened, body.clone(), *encoding, slice, out)?;
            }
            (Piece::Octets { .. } | Piece::Decoded { .. }, None) => return Err(Fault::Broken),
        }
    }
    Ok(out.push(FetchResponse::CLOSE)?)
}

fn say_slice(
    opened: &Opened<'_>,
    body: Range<u64>,
    encoding: TransferEncoding,
    slice: &Range<u64>,
    out: &mut Output,
) -> Result<(), Fault> {
    let mut at = 0;
    opened.decode(body, encoding, |run| {
        let length = run.len() as u64;
        let first = slice.start.saturating_sub(at).min(length) as usize;
        let last = slice.end.saturating_sub(at).min(length) as usize;
        at += length;
        if first < last {
            Ok(out.push(&run[first..last])?)
        } else {
            Ok(())
        }
    })
}

fn sets_seen(item: &FetchItem) -> bool {
    match item {
        FetchItem::Rfc822 | FetchItem::Rfc822Text => true,
        FetchItem::Section { seen, .. } | FetchItem::Binary { seen, .. } => *seen == Seen::Set,
        FetchItem::Envelope
        | FetchItem::Flags
        | FetchItem::InternalDate
        | FetchItem::Rfc822Header
        | FetchItem::Rfc822Size
        | FetchItem::Body
        | FetchItem::BodyStructure
        | FetchItem::Uid
        | FetchItem::ModSeq
        | FetchItem::BinarySize(_) => false,
    }
}

fn needs_file(item: &FetchItem) -> bool {
    !matches!(
        item,
        FetchItem::Flags | FetchItem::Uid | FetchItem::InternalDate | FetchItem::ModSeq
    )
}
