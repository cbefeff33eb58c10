//! FETCH and UID FETCH (RFC 3501 §6.4.5) with BINARY (RFC 3516). What is large goes from the file to the client in runs.

use std::fs;
use std::ops::Range;

use wire::Binary;
use wire::imap::command::Addressing;
use wire::imap::fetch::{FetchAttribute, FetchItem, FetchResponse, Seen};
use wire::imap::{Flag, SeqNum, SequenceSet, Uid};

use super::content::{Opened, Piece};
use super::selected::{Access, Selected, number};
use crate::date;
use crate::fault::Fault;
use crate::mailboxes::Turn;
use crate::mime::transfer::TransferEncoding;
use crate::output::Output;
use crate::source::Source;

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
        let path = self.messages[place].file.path.clone();
        let opened = structure
            .as_deref()
            .map(|structure| Opened { path, structure });
        let told = items
            .iter()
            .map(|item| self.piece(place, item, opened.as_ref()));
        let mut pieces = told.collect::<Result<Vec<_>, _>>()?;
        if newly_seen && !items.contains(&FetchItem::Flags) {
            pieces.push(Piece::Attribute(FetchAttribute::Flags(
                self.messages[place].flags(),
            )));
        }
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
