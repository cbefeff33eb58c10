//! Commands out of octets.

use super::super::cursor::{Cursor, Parsed};
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
fn body(name: Name, written: &str, cursor: &mut Cursor<'_>) -> Parsed<CommandBody> {
    let body = arguments(name, written, cursor)?;
    cursor.end()?;
    Ok(body)
}

/// Reads the arguments that a command has, the space before them included.
fn arguments(name: Name, written: &str, cursor: &mut Cursor<'_>) -> Parsed<CommandBody> {
    Ok(match name {
        Name::Capability => CommandBody::Capability,
        Name::Noop => CommandBody::Noop,
        Name::Logout => CommandBody::Logout,
        Name::Starttls => CommandBody::Starttls,
        Name::Namespace => CommandBody::Namespace,
        Name::Idle => CommandBody::Idle,
        Name::Close => CommandBody::Close,
        Name::Unselect => CommandBody::Unselect,
        Name::Check => CommandBody::Check,
        Name::Expunge => CommandBody::Expunge(None),
        Name::Id => CommandBody::Id(spaced(cursor, id)?),
        Name::Login => spaced(cursor, login)?,
        Name::Authenticate => spaced(cursor, authenticate)?,
        Name::Enable => CommandBody::Enable(spaced(cursor, enable)?),
        Name::Select => CommandBody::Select(spaced(cursor, opening)?),
        Name::Examine => CommandBody::Examine(spaced(cursor, opening)?),
        Name::Create => CommandBody::Create(spaced(cursor, Mailbox::parse)?),
        Name::Delete => CommandBody::Delete(spaced(cursor, Mailbox::parse)?),
        Name::Rename => CommandBody::Rename {
            from: spaced(cursor, Mailbox::parse)?,
            to: spaced(cursor, Mailbox::parse)?,
        },
        Name::Subscribe => CommandBody::Subscribe(spaced(cursor, Mailbox::parse)?),
        Name::Unsubscribe => CommandBody::Unsubscribe(spaced(cursor, Mailbox::parse)?),
        Name::List => CommandBody::List(spaced(cursor, list)?),
        Name::Lsub => CommandBody::Lsub {
            reference: spaced(cursor, Mailbox::parse)?,
            pattern: spaced(cursor, pattern)?,
        },
        Name::Status => CommandBody::Status {
            mailbox: spaced(cursor, Mailbox::parse)?,
            items: spaced(cursor, status_items)?,
        },
        Name::Append => CommandBody::Append(spaced(cursor, append)?),
        Name::UidExpunge => CommandBody::Expunge(Some(spaced(cursor, SequenceSet::parse)?)),
        Name::Search => CommandBody::Search(Addressing::Sequence, spaced(cursor, Search::parse)?),
        Name::UidSearch => CommandBody::Search(Addressing::Uid, spaced(cursor, Search::parse)?),
        Name::Fetch => spaced(cursor, |cursor| fetch(Addressing::Sequence, cursor))?,
        Name::UidFetch => spaced(cursor, |cursor| fetch(Addressing::Uid, cursor))?,
        Name::Store => CommandBody::Store(Addressing::Sequence, spaced(cursor, store)?),
        Name::UidStore => CommandBody::Store(Addressing::Uid, spaced(cursor, store)?),
        Name::Copy => spaced(cursor, |cursor| copy(Addressing::Sequence, cursor))?,
        Name::UidCopy => spaced(cursor, |cursor| copy(Addressing::Uid, cursor))?,
        Name::Move => spaced(cursor, |cursor| r#move(Addressing::Sequence, cursor))?,
        Name::UidMove => spaced(cursor, |cursor| r#move(Addressing::Uid, cursor))?,
        Name::Convert => {
            CommandBody::Convert(Addressing::Sequence, spaced(cursor, Convert::parse)?)
        }
        Name::UidConvert => CommandBody::Convert(Addressing::Uid, spaced(cursor, Convert::parse)?),
        Name::Conversions => CommandBody::Conversions(spaced(cursor, Conversions::parse)?),
        Name::KeyReveal if cursor.is_at_end() => CommandBody::KeyReveal(KeyReveal {
            count: 1,
            suites: Vec::new(),
        }),
        Name::KeyReveal => CommandBody::KeyReveal(spaced(cursor, key_reveal)?),
        Name::Compress => spaced(cursor, compress)?,
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
        | Name::Unknown => {
            cursor.take_rest();
            CommandBody::Unknown(written.to_ascii_uppercase().into())
        }
    })
}

#[cfg(test)]
mod tests;
