//! APPEND (RFC 3501 §6.3.11) with APPENDUID (RFC 4315 §3).

use std::time::{Duration, SystemTime};

use wire::imap::command::Append;
use wire::imap::response::Code;
use wire::imap::{Flag, SequenceSet, Uid, UidValidity};

use crate::date;
use crate::fault::Fault;
use crate::mailboxes::{self, Turn};
use crate::maildir::{Flags, KEPT, Maildir};

/// Takes the message in and says which UID it has.
pub(super) fn append(maildir: &Maildir, append: &Append, turn: &Turn) -> Result<Code, Fault> {
    let mut flags = Flags::default();
    for flag in &append.flags {
        let kept = KEPT.iter().any(|(kept, _)| kept == flag);
        // \Recent cannot be set and is ignored; a keyword would be lost.
        if !kept && *flag != Flag::Recent {
            return Err(Fault::Cannot);
        }
        flags.insert(flag);
    }
    let received = match append.date {
        Some(date) => SystemTime::UNIX_EPOCH + Duration::from_secs(date::to_unix(date)),
        None => crate::clock::now(),
    };
    let base = turn.alone(|| maildir.deliver(&append.message, &flags, received))?;
    let snapshot = mailboxes::snapshot(maildir, turn)?;
    let uid = snapshot
        .messages
        .iter()
        .find(|(_, file)| file.base == base)
        .map(|(uid, _)| *uid);
    let uid = uid.and_then(Uid::new).ok_or(Fault::Vanished)?;
    let validity = UidValidity::new(snapshot.validity).ok_or(Fault::Vanished)?;
    Ok(Code::AppendUid(validity, SequenceSet::uid(uid)))
}
