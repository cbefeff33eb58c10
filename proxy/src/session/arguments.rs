//! Which relayed commands may have arguments, and which of those literals.
//!
//! A store that reads none where the grammar has none skips to the end of the line, and takes the octets of a literal
//! behind it for commands that nobody here has routed. So what the grammar does not have must never be relayed.

use wire::{
    Ends, Frame,
    imap::{Name, Tag},
};

/// What a command may have behind its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Arguments {
    None,
    /// Numbers, flags, quoted strings.
    NoLiterals,
    Any,
}

/// Whether every store reads a command that begins with this line as far as it goes.
pub(super) fn is_followed(tag: &Tag, name: Name, frame: &Frame<'_>) -> bool {
    let Frame::Line(line) = frame else {
        return false;
    };
    let stands_alone = line.ends == Ends::Crlf;
    match of(name) {
        Arguments::None => {
            let name = line.text().get(tag.as_str().len() + 1..);
            stands_alone && name.is_some_and(|name| name.iter().all(u8::is_ascii_alphabetic))
        }
        Arguments::NoLiterals => stands_alone,
        Arguments::Any => true,
    }
}

/// RFC 9051 §9 and the grammars of the extensions.
fn of(name: Name) -> Arguments {
    match name {
        Name::Capability
        | Name::Noop
        | Name::Logout
        | Name::Namespace
        | Name::Idle
        | Name::Close
        | Name::Unselect
        | Name::Check
        | Name::Expunge
        | Name::Starttls
        | Name::Unauthenticate => Arguments::None,
        Name::Store | Name::UidStore | Name::UidExpunge | Name::CancelUpdate => {
            Arguments::NoLiterals
        }
        Name::Id
        | Name::Login
        | Name::Authenticate
        | Name::Enable
        | Name::Select
        | Name::Examine
        | Name::Create
        | Name::Delete
        | Name::Rename
        | Name::Subscribe
        | Name::Unsubscribe
        | Name::List
        | Name::Lsub
        | Name::Status
        | Name::Append
        | Name::Search
        | Name::UidSearch
        | Name::Fetch
        | Name::UidFetch
        | Name::Copy
        | Name::UidCopy
        | Name::Move
        | Name::UidMove
        | Name::Convert
        | Name::UidConvert
        | Name::Conversions
        | Name::KeyReveal
        | Name::Compress
        | Name::Notify
        | Name::GenUrlAuth
        | Name::ResetKey
        | Name::UrlFetch
        | Name::GetQuota
        | Name::GetQuotaRoot
        | Name::SetQuota
        | Name::GetMetadata
        | Name::SetMetadata
        | Name::Sort
        | Name::Thread
        | Name::SetAcl
        | Name::DeleteAcl
        | Name::GetAcl
        | Name::ListRights
        | Name::MyRights
        | Name::Esearch
        | Name::Replace
        | Name::Language
        | Name::Comparator
        | Name::UidSort
        | Name::UidThread
        | Name::UidReplace
        | Name::Unknown => Arguments::Any,
    }
}
