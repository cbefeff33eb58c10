//! Commands out of octets.

use super::super::cursor::{Cursor, ParseError, Parsed};
use super::super::envelope::spaced;
use super::super::mailbox::Mailbox;
use super::super::search::Search;
use super::super::sequence::SequenceSet;
use super::super::tag::Tag;
use super::arguments::{
    append, authenticate, compress, copy, enable, fetch, id, key_reveal, list, login, r#move,
    opening, pattern, status_items, store,
};
use super::name::Name;
use super::{Addressing, Command, CommandBody, CommandError, Conversions, Convert, KeyReveal};

pub(super) fn command(raw: &[u8]) -> Result<Command, CommandError> {
    let mut cursor = Cursor::new(raw);
    let tag = tag(&mut cursor).map_err(|error| CommandError {
        tag: None,
        name: None,
        error,
    })?;
    let (name, written) = match Name::parse(&mut cursor) {
        Ok(found) => found,
        Err(error) => {
            return Err(CommandError {
                tag: Some(tag),
                name: None,
                error,
            });
        }
    };
    match body(name, written, &mut cursor) {
        Ok(body) => Ok(Command { tag, body }),
        Err(error) => Err(CommandError {
            tag: Some(tag),
            name: Some(name),
            error,
        }),
    }
}

fn tag(cursor: &mut Cursor<'_>) -> Parsed<Tag> {
    let tag = Tag::parse(cursor)?;
    cursor.space()?;
    Ok(tag)
}

/// Reads what follows a name, to the end.
fn body(name: Name, written: &str, cursor: &mut Cursor<'_>) -> Result<CommandBody, ParseError> {
    if let Some(body) = without_arguments(name, written) {
        if matches!(body, CommandBody::Unknown(_)) {
            cursor.take_rest();
        }
        cursor.end()?;
        return Ok(body);
    }
    if name == Name::KeyReveal && cursor.is_at_end() {
        return Ok(CommandBody::KeyReveal(KeyReveal {
            count: 1,
            suites: Vec::new(),
        }));
    }
    cursor.space()?;
    let body = arguments(name, cursor)?;
    cursor.end()?;
    Ok(body)
}

/// A command that has no arguments, or none that are read.
fn without_arguments(name: Name, written: &str) -> Option<CommandBody> {
    match name {
        Name::Capability => Some(CommandBody::Capability),
        Name::Noop => Some(CommandBody::Noop),
        Name::Logout => Some(CommandBody::Logout),
        Name::Starttls => Some(CommandBody::Starttls),
        Name::Namespace => Some(CommandBody::Namespace),
        Name::Idle => Some(CommandBody::Idle),
        Name::Close => Some(CommandBody::Close),
        Name::Unselect => Some(CommandBody::Unselect),
        Name::Check => Some(CommandBody::Check),
        Name::Expunge => Some(CommandBody::Expunge(None)),
        Name::Notify
        | Name::Unauthenticate
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
        | Name::CancelUpdate
        | Name::Esearch
        | Name::Replace
        | Name::Language
        | Name::Comparator
        | Name::UidSort
        | Name::UidThread
        | Name::UidReplace
        | Name::Unknown => Some(CommandBody::Unknown(written.to_ascii_uppercase().into())),
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
        | Name::UidExpunge
        | Name::Search
        | Name::UidSearch
        | Name::Fetch
        | Name::UidFetch
        | Name::Store
        | Name::UidStore
        | Name::Copy
        | Name::UidCopy
        | Name::Move
        | Name::UidMove
        | Name::Convert
        | Name::UidConvert
        | Name::Conversions
        | Name::KeyReveal
        | Name::Compress => None,
    }
}

/// Reads the arguments of a command that has them.
fn arguments(name: Name, cursor: &mut Cursor<'_>) -> Parsed<CommandBody> {
    match name {
        Name::Id => id(cursor).map(CommandBody::Id),
        Name::Login => login(cursor),
        Name::Authenticate => authenticate(cursor),
        Name::Enable => enable(cursor).map(CommandBody::Enable),
        Name::Select => opening(cursor).map(CommandBody::Select),
        Name::Examine => opening(cursor).map(CommandBody::Examine),
        Name::Create => Mailbox::parse(cursor).map(CommandBody::Create),
        Name::Delete => Mailbox::parse(cursor).map(CommandBody::Delete),
        Name::Rename => Ok(CommandBody::Rename {
            from: Mailbox::parse(cursor)?,
            to: spaced(cursor, Mailbox::parse)?,
        }),
        Name::Subscribe => Mailbox::parse(cursor).map(CommandBody::Subscribe),
        Name::Unsubscribe => Mailbox::parse(cursor).map(CommandBody::Unsubscribe),
        Name::List => list(cursor).map(CommandBody::List),
        Name::Lsub => Ok(CommandBody::Lsub {
            reference: Mailbox::parse(cursor)?,
            pattern: spaced(cursor, pattern)?,
        }),
        Name::Status => Ok(CommandBody::Status {
            mailbox: Mailbox::parse(cursor)?,
            items: spaced(cursor, status_items)?,
        }),
        Name::Append => append(cursor).map(CommandBody::Append),
        Name::UidExpunge => SequenceSet::parse(cursor).map(|set| CommandBody::Expunge(Some(set))),
        Name::Search => {
            Search::parse(cursor).map(|search| CommandBody::Search(Addressing::Sequence, search))
        }
        Name::UidSearch => {
            Search::parse(cursor).map(|search| CommandBody::Search(Addressing::Uid, search))
        }
        Name::Fetch => fetch(Addressing::Sequence, cursor),
        Name::UidFetch => fetch(Addressing::Uid, cursor),
        Name::Store => store(cursor).map(|store| CommandBody::Store(Addressing::Sequence, store)),
        Name::UidStore => store(cursor).map(|store| CommandBody::Store(Addressing::Uid, store)),
        Name::Copy => copy(Addressing::Sequence, cursor),
        Name::UidCopy => copy(Addressing::Uid, cursor),
        Name::Move => r#move(Addressing::Sequence, cursor),
        Name::UidMove => r#move(Addressing::Uid, cursor),
        Name::Convert => Convert::parse(cursor)
            .map(|convert| CommandBody::Convert(Addressing::Sequence, convert)),
        Name::UidConvert => {
            Convert::parse(cursor).map(|convert| CommandBody::Convert(Addressing::Uid, convert))
        }
        Name::Conversions => Conversions::parse(cursor).map(CommandBody::Conversions),
        Name::KeyReveal => key_reveal(cursor).map(CommandBody::KeyReveal),
        Name::Compress => compress(cursor),
        Name::Capability
        | Name::Noop
        | Name::Logout
        | Name::Starttls
        | Name::Namespace
        | Name::Idle
        | Name::Close
        | Name::Unselect
        | Name::Check
        | Name::Expunge
        | Name::Notify
        | Name::Unauthenticate
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
        | Name::CancelUpdate
        | Name::Esearch
        | Name::Replace
        | Name::Language
        | Name::Comparator
        | Name::UidSort
        | Name::UidThread
        | Name::UidReplace
        | Name::Unknown => cursor.unexpected(),
    }
}

#[cfg(test)]
mod tests;
