//! The selected mailbox as this session knows it: sequence numbers are places in its list and change only when the client is
//! told so.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use wire::imap::command::Addressing;
use wire::imap::fetch::{FetchAttribute, FetchResponse};
use wire::imap::response::{Code, Response, Status, StatusKind};
use wire::imap::{Flag, SeqNum, SequenceSet, Uid, UidValidity};

use crate::fault::Fault;
use crate::mailboxes::{self, Snapshot, Turn};
use crate::maildir::{Arrival, KEPT, Maildir, MessageFile};
use crate::mime::structure::Structure;
use crate::output::{Gone, Output};

/// Structures that are remembered.
const MOST_STRUCTURES: usize = 256;

/// How a mailbox was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// By SELECT.
    ReadWrite,
    /// By EXAMINE.
    ReadOnly,
}

/// Whether this session is the first to be told of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recent {
    /// It is.
    Yes,
    /// Another was.
    No,
}

/// A message as the client knows it.
pub(super) struct Message {
    pub(super) uid: u32,
    pub(super) file: MessageFile,
    pub(super) recent: Recent,
}

impl Message {
    /// Its flags, as FETCH tells them.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let mut flags = self.file.flags.to_imap();
        if self.recent == Recent::Yes {
            flags.push(Flag::Recent);
        }
        flags
    }
}

/// The selected mailbox.
pub(super) struct Selected {
    pub(super) maildir: Maildir,
    pub(super) access: Access,
    validity: u32,
    next: u32,
    pub(super) messages: Vec<Message>,
    structures: HashMap<u32, Arc<Structure>>,
}

impl Selected {
    /// Opens a mailbox.
    pub(super) fn open(maildir: Maildir, access: Access, turn: &Turn) -> Result<Self, Fault> {
        let snapshot = mailboxes::snapshot(&maildir, turn)?;
        let mut selected = Self {
            maildir,
            access,
            validity: snapshot.validity,
            next: snapshot.next,
            messages: Vec::new(),
            structures: HashMap::new(),
        };
        for (uid, file) in snapshot.messages {
            selected.take_in(uid, file, turn)?;
        }
        Ok(selected)
    }

    /// Adds a message that has come; with SELECT it moves to `cur` and is recent here and nowhere else.
    fn take_in(&mut self, uid: u32, file: MessageFile, turn: &Turn) -> Result<(), Fault> {
        let recent = if file.arrival == Arrival::New {
            Recent::Yes
        } else {
            Recent::No
        };
        let moves = recent == Recent::Yes && self.access == Access::ReadWrite;
        let file = if moves {
            turn.alone(|| self.maildir.take_in(&file))?
        } else {
            file
        };
        self.messages.push(Message { uid, file, recent });
        Ok(())
    }

    /// What SELECT and EXAMINE tell (RFC 3501 §6.3.1).
    pub(super) fn announce(&self, out: &mut Output) -> Result<(), Gone> {
        let flags: Vec<Flag> = KEPT.iter().map(|(flag, _)| flag.clone()).collect();
        let permanent = match self.access {
            Access::ReadWrite => flags.clone(),
            Access::ReadOnly => Vec::new(),
        };
        out.push(&Response::Flags(flags).encode())?;
        out.push(&ok(Code::PermanentFlags(permanent), "Flags that are kept"))?;
        self.counts(out)?;
        if let Some(unseen) = self
            .messages
            .iter()
            .position(|message| !message.file.flags.contains(&Flag::Seen))
        {
            out.push(&ok(Code::Unseen(number(unseen)), "First unseen message"))?;
        }
        if let Some(validity) = UidValidity::new(self.validity) {
            out.push(&ok(Code::UidValidity(validity), "UIDs are valid"))?;
        }
        match Uid::new(self.next) {
            Some(next) => out.push(&ok(Code::UidNext(next), "The next UID")),
            None => Ok(()),
        }
    }

    fn counts(&self, out: &mut Output) -> Result<(), Gone> {
        let recent = self
            .messages
            .iter()
            .filter(|message| message.recent == Recent::Yes)
            .count();
        out.push(&Response::Exists(count(self.messages.len())).encode())?;
        out.push(&Response::Recent(count(recent)).encode())
    }

    /// Looks at the mailbox again and tells what has changed. Not for FETCH, STORE and SEARCH by sequence number
    /// (RFC 3501 §7.4.1: no EXPUNGE there).
    pub(super) fn refresh(&mut self, turn: &Turn, out: &mut Output) -> Result<(), Fault> {
        let snapshot = mailboxes::snapshot(&self.maildir, turn)?;
        if snapshot.validity != self.validity {
            // The UIDs that the client knows are void: only selecting anew helps.
            out.push(
                &Status::untagged(StatusKind::Bye, None, "The mailbox was replaced").encode(),
            )?;
            out.flush()?;
            return Err(Fault::Broken);
        }
        self.next = snapshot.next;
        self.forget_vanished(&snapshot, out)?;
        self.note_flags(&snapshot, out)?;
        self.note_arrivals(snapshot, turn, out)
    }

    fn forget_vanished(&mut self, snapshot: &Snapshot, out: &mut Output) -> Result<(), Gone> {
        let there: HashSet<u32> = snapshot.messages.iter().map(|(uid, _)| *uid).collect();
        for place in (0..self.messages.len()).rev() {
            if !there.contains(&self.messages[place].uid) {
                self.forget(place, out)?;
            }
        }
        Ok(())
    }

    /// Removes a message from the list and tells it.
    pub(super) fn forget(&mut self, place: usize, out: &mut Output) -> Result<(), Gone> {
        let message = self.messages.remove(place);
        self.structures.remove(&message.uid);
        match SeqNum::new(number(place)) {
            Some(place) => out.push(&Response::Expunge(place).encode()),
            None => Ok(()),
        }
    }

    fn note_flags(&mut self, snapshot: &Snapshot, out: &mut Output) -> Result<(), Gone> {
        let now: HashMap<u32, &MessageFile> = snapshot
            .messages
            .iter()
            .map(|(uid, file)| (*uid, file))
            .collect();
        for place in 0..self.messages.len() {
            let message = &mut self.messages[place];
            let Some(&file) = now.get(&message.uid) else {
                continue;
            };
            if message.file != *file {
                let flags_differ = message.file.flags != file.flags;
                message.file = file.clone();
                if flags_differ {
                    self.tell_flags(place, out)?;
                }
            }
        }
        Ok(())
    }

    fn note_arrivals(
        &mut self,
        snapshot: Snapshot,
        turn: &Turn,
        out: &mut Output,
    ) -> Result<(), Fault> {
        let last = self.messages.last().map_or(0, |message| message.uid);
        let before = self.messages.len();
        for (uid, file) in snapshot.messages {
            if uid > last {
                self.take_in(uid, file, turn)?;
            }
        }
        if self.messages.len() > before {
            self.counts(out)?;
        }
        Ok(())
    }

    /// Tells a message's flags and UID.
    pub(super) fn tell_flags(&self, place: usize, out: &mut Output) -> Result<(), Gone> {
        let message = &self.messages[place];
        let Some(number) = SeqNum::new(number(place)) else {
            return Ok(());
        };
        let mut attributes = vec![FetchAttribute::Flags(message.flags())];
        attributes.extend(Uid::new(message.uid).map(FetchAttribute::Uid));
        out.push(
            &Response::Fetch(FetchResponse {
                message: number,
                attributes,
            })
            .encode(),
        )
    }

    /// The places of the messages that a set names. An unknown UID names none; an unknown number is the client's mistake
    /// (RFC 3501 §6.4.8).
    pub(super) fn places(
        &self,
        addressing: Addressing,
        set: &SequenceSet,
    ) -> Result<Vec<usize>, Fault> {
        let SequenceSet::Ranges(ranges) = set else {
            return Err(Fault::Cannot);
        };
        let all = 0..self.messages.len();
        match addressing {
            Addressing::Uid => {
                let largest = self.messages.last().map_or(0, |message| message.uid);
                Ok(all
                    .filter(|&place| set.contains(self.messages[place].uid, largest))
                    .collect())
            }
            Addressing::Sequence => {
                let largest = count(self.messages.len());
                let known = |range: &wire::imap::sequence::Range| {
                    let (low, high) = range.resolve(largest);
                    low >= 1 && high <= largest
                };
                if !ranges.iter().all(known) {
                    return Err(Fault::NoMessage);
                }
                Ok(all
                    .filter(|&place| set.contains(number(place), largest))
                    .collect())
            }
        }
    }

    /// Makes sure that the file of a message is where its name says: another session may have set flags meanwhile.
    pub(super) fn locate(&mut self, place: usize, turn: &Turn) -> Result<(), Fault> {
        let message = &mut self.messages[place];
        if message.file.path.exists() {
            return Ok(());
        }
        let files = turn.alone(|| self.maildir.scan())?;
        let found = files
            .into_iter()
            .find(|file| file.base == message.file.base);
        message.file = found.ok_or(Fault::Vanished)?;
        Ok(())
    }

    /// Where a message's parts are, read once and remembered.
    pub(super) fn structure(&mut self, place: usize, turn: &Turn) -> Result<Arc<Structure>, Fault> {
        let uid = self.messages[place].uid;
        if let Some(known) = self.structures.get(&uid) {
            return Ok(Arc::clone(known));
        }
        self.locate(place, turn)?;
        let structure = Arc::new(Structure::read(&self.messages[place].file.path)?);
        if self.structures.len() >= MOST_STRUCTURES {
            self.structures.clear();
        }
        self.structures.insert(uid, Arc::clone(&structure));
        Ok(structure)
    }
}

fn ok(code: Code, text: &str) -> Vec<u8> {
    Status::untagged(StatusKind::Ok, Some(code), text).encode()
}

/// The sequence number of a place.
pub(super) fn number(place: usize) -> u32 {
    count(place).saturating_add(1)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
