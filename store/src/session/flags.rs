//! STORE, EXPUNGE and CLOSE.

use std::fs;
use std::io;

use wire::imap::command::{Addressing, Store, StoreAction, StoreAnswer};
use wire::imap::{Flag, SequenceSet};

use super::selected::{Access, Selected};
use crate::fault::Fault;
use crate::mailboxes::Turn;
use crate::maildir::{Flags, KEPT};
use crate::output::Output;

impl Selected {
    /// STORE and UID STORE (RFC 3501 §6.4.6).
    pub(super) fn store(
        &mut self,
        addressing: Addressing,
        store: &Store,
        turn: &Turn,
        out: &mut Output,
    ) -> Result<(), Fault> {
        self.must_be_writable()?;
        // PERMANENTFLAGS promised these and no keywords.
        if !store.flags.iter().all(can_be_kept) {
            return Err(Fault::Cannot);
        }
        let mut vanished = false;
        for place in self.places(addressing, &store.set)? {
            let flags = changed(&self.messages[place].file.flags, store);
            match self.set_flags(place, flags, turn) {
                Ok(()) => {}
                Err(Fault::Vanished) => {
                    vanished = true;
                    continue;
                }
                Err(fault) => return Err(fault),
            }
            match store.answer {
                StoreAnswer::Told => self.tell_flags(place, out)?,
                StoreAnswer::Silent => {}
            }
        }
        if vanished {
            Err(Fault::Vanished)
        } else {
            Ok(())
        }
    }

    /// Gives one message these flags, on disk and here.
    pub(super) fn set_flags(
        &mut self,
        place: usize,
        flags: Flags,
        turn: &Turn,
    ) -> Result<(), Fault> {
        self.locate(place, turn)?;
        let file = &self.messages[place].file;
        let placed = turn.alone(|| self.maildir.place(file, flags))?;
        self.messages[place].file = placed;
        Ok(())
    }

    /// EXPUNGE (RFC 3501 §6.4.3) and UID EXPUNGE (RFC 4315 §2.1).
    pub(super) fn expunge(
        &mut self,
        set: Option<&SequenceSet>,
        turn: &Turn,
        out: &mut Output,
    ) -> Result<(), Fault> {
        self.must_be_writable()?;
        self.refresh(turn, out)?;
        let places = match set {
            Some(set) => self.places(Addressing::Uid, set)?,
            None => (0..self.messages.len()).collect(),
        };
        for place in places.into_iter().rev() {
            if self.messages[place].file.flags.contains(&Flag::Deleted) {
                self.remove(place, turn)?;
                self.forget(place, out)?;
            }
        }
        Ok(())
    }

    /// CLOSE (RFC 3501 §6.4.2): removes silently what SELECT allowed to remove.
    pub(super) fn close(&mut self, turn: &Turn) -> Result<(), Fault> {
        if self.access == Access::ReadOnly {
            return Ok(());
        }
        for place in 0..self.messages.len() {
            if self.messages[place].file.flags.contains(&Flag::Deleted) {
                self.remove(place, turn)?;
            }
        }
        Ok(())
    }

    fn remove(&mut self, place: usize, turn: &Turn) -> Result<(), Fault> {
        let path = &self.messages[place].file.path;
        match turn.alone(|| fs::remove_file(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn must_be_writable(&self) -> Result<(), Fault> {
        match self.access {
            Access::ReadWrite => Ok(()),
            Access::ReadOnly => Err(Fault::ReadOnly),
        }
    }
}

fn can_be_kept(flag: &Flag) -> bool {
    KEPT.iter().any(|(kept, _)| kept == flag)
}

fn changed(flags: &Flags, store: &Store) -> Flags {
    let mut flags = flags.clone();
    if store.action == StoreAction::Replace {
        flags.clear();
    }
    for flag in &store.flags {
        match store.action {
            StoreAction::Replace | StoreAction::Add => flags.insert(flag),
            StoreAction::Remove => flags.remove(flag),
        }
    }
    flags
}
