//! The arguments of commands that have no module of their own.

use super::super::cursor::{Cursor, Fault, Parsed, is_astring};
use super::super::date::DateTime;
use super::super::envelope::{nstring, spaced};
use super::super::fetch::{FetchItem, nstring8};
use super::super::flag::Flag;
use super::super::mailbox::Mailbox;
use super::super::sasl::{Mechanism, decode};
use super::super::search::astring;
use super::super::sequence::SequenceSet;
use super::super::value::Value;
use super::{
    Addressing, Append, CommandBody, IdFields, KeyReveal, List, ListReturn, ListSelect, Opening,
    StatusItem, Store, StoreAction, StoreAnswer,
};
use crate::confidential::Confidential;

/// Reads ID's parameters, of the command or the response (RFC 2971 §3.3).
pub(in super::super) fn id(cursor: &mut Cursor<'_>) -> Parsed<IdFields> {
    if cursor.eat_word(b"NIL") {
        return Ok(Vec::new());
    }
    cursor.list(|cursor| Ok((cursor.string()?.into_owned(), spaced(cursor, nstring)?)))
}

pub(super) fn login(cursor: &mut Cursor<'_>) -> Parsed<CommandBody> {
    let user = astring(cursor)?;
    let password = spaced(cursor, astring).map(Confidential::new)?;
    Ok(CommandBody::Login { user, password })
}

pub(super) fn authenticate(cursor: &mut Cursor<'_>) -> Parsed<CommandBody> {
    let mechanism = Mechanism::new(cursor.word()?);
    if !cursor.eat(b' ') {
        return Ok(CommandBody::Authenticate {
            mechanism,
            initial: None,
        });
    }
    let error = cursor.error(Fault::Syntax);
    let initial = match cursor.take_rest() {
        b"" => None,
        b"=" => Some(Confidential::new(Vec::new())), // RFC 4959 §3: the empty response
        text => decode(text),
    };
    Ok(CommandBody::Authenticate {
        mechanism,
        initial: Some(initial.ok_or(error)?),
    })
}

pub(super) fn enable(cursor: &mut Cursor<'_>) -> Parsed<Vec<Box<str>>> {
    let mut names = vec![cursor.word()?.into()];
    while cursor.eat(b' ') {
        cursor.node()?;
        names.push(cursor.word()?.into());
    }
    Ok(names)
}

pub(super) fn compress(cursor: &mut Cursor<'_>) -> Parsed<CommandBody> {
    Ok(CommandBody::Compress(
        cursor.word()?.to_ascii_uppercase().into(),
    ))
}

pub(super) fn opening(cursor: &mut Cursor<'_>) -> Parsed<Opening> {
    let mailbox = Mailbox::parse(cursor)?;
    let parameters = if cursor.eat(b' ') {
        Some(parameters_as_written(cursor)?)
    } else {
        None
    };
    Ok(Opening {
        mailbox,
        parameters,
    })
}

/// Reads a parenthesised list as octets.
fn parameters_as_written(cursor: &mut Cursor<'_>) -> Parsed<Vec<u8>> {
    let before = cursor.rest();
    if cursor.peek() != Some(b'(') {
        return cursor.unexpected();
    }
    Value::read(cursor)?;
    let length = before.len().saturating_sub(cursor.rest().len());
    Ok(before.get(..length).unwrap_or_default().to_vec())
}

pub(super) fn list(cursor: &mut Cursor<'_>) -> Parsed<List> {
    let mut select = Vec::new();
    if cursor.peek() == Some(b'(') {
        select = cursor.list(|cursor| word_of(cursor, &LIST_SELECTS))?;
        cursor.space()?;
    }
    let reference = Mailbox::parse(cursor)?;
    cursor.space()?;
    let patterns = if cursor.peek() == Some(b'(') {
        cursor.list(pattern)?
    } else {
        vec![pattern(cursor)?]
    };
    let mut returns = None;
    if cursor.eat(b' ') {
        if !cursor.eat_word(b"RETURN") {
            return cursor.unexpected();
        }
        returns = Some(spaced(cursor, |cursor| cursor.list(list_return))?);
    }
    if patterns.is_empty() {
        cursor.unexpected()
    } else {
        Ok(List {
            select,
            reference,
            patterns,
            returns,
        })
    }
}

/// Selection options, by their names.
pub(super) const LIST_SELECTS: [(&str, ListSelect); 4] = [
    ("SUBSCRIBED", ListSelect::Subscribed),
    ("REMOTE", ListSelect::Remote),
    ("RECURSIVEMATCH", ListSelect::RecursiveMatch),
    ("SPECIAL-USE", ListSelect::SpecialUse),
];

/// STATUS items, by their names.
pub(in super::super) const STATUS_ITEMS: [(&str, StatusItem); 8] = [
    ("MESSAGES", StatusItem::Messages),
    ("RECENT", StatusItem::Recent),
    ("UIDNEXT", StatusItem::UidNext),
    ("UIDVALIDITY", StatusItem::UidValidity),
    ("UNSEEN", StatusItem::Unseen),
    ("DELETED", StatusItem::Deleted),
    ("SIZE", StatusItem::Size),
    ("HIGHESTMODSEQ", StatusItem::HighestModSeq),
];

/// Reads one of several words.
fn word_of<T: Copy>(cursor: &mut Cursor<'_>, words: &[(&str, T)]) -> Parsed<T> {
    let error = cursor.error(Fault::Syntax);
    let word = cursor.word()?;
    words
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(word))
        .map(|(_, meant)| *meant)
        .ok_or(error)
}

fn list_return(cursor: &mut Cursor<'_>) -> Parsed<ListReturn> {
    let error = cursor.error(Fault::Syntax);
    match cursor.word()?.to_ascii_uppercase().as_str() {
        "SUBSCRIBED" => Ok(ListReturn::Subscribed),
        "CHILDREN" => Ok(ListReturn::Children),
        "SPECIAL-USE" => Ok(ListReturn::SpecialUse),
        "STATUS" => spaced(cursor, status_items).map(ListReturn::Status),
        _ => Err(error),
    }
}

/// Reads `list-mailbox` (RFC 9051 §9): an astring in which `*` and `%` may stand bare.
pub(super) fn pattern(cursor: &mut Cursor<'_>) -> Parsed<Vec<u8>> {
    match cursor.peek() {
        Some(b'"' | b'{') => astring(cursor),
        _ => cursor.take_some(is_list).map(<[u8]>::to_vec),
    }
}

/// LIST-CHAR: RFC 9051 §9.
fn is_list(octet: u8) -> bool {
    is_astring(octet) || matches!(octet, b'*' | b'%')
}

pub(super) fn status_items(cursor: &mut Cursor<'_>) -> Parsed<Vec<StatusItem>> {
    let items = cursor.list(|cursor| word_of(cursor, &STATUS_ITEMS))?;
    if items.is_empty() {
        cursor.unexpected()
    } else {
        Ok(items)
    }
}

pub(super) fn append(cursor: &mut Cursor<'_>) -> Parsed<Append> {
    let mailbox = Mailbox::parse(cursor)?;
    cursor.space()?;
    let mut flags = Vec::new();
    if cursor.peek() == Some(b'(') {
        flags = cursor.list(Flag::parse)?;
        cursor.space()?;
    }
    let mut date = None;
    if cursor.peek() == Some(b'"') {
        date = Some(DateTime::parse(cursor)?);
        cursor.space()?;
    }
    if !matches!(cursor.peek(), Some(b'{' | b'~')) {
        return cursor.unexpected();
    }
    let error = cursor.error(Fault::Syntax);
    let message = nstring8(cursor)?.ok_or(error)?;
    Ok(Append {
        mailbox,
        flags,
        date,
        message,
    })
}

pub(super) fn fetch(addressing: Addressing, cursor: &mut Cursor<'_>) -> Parsed<CommandBody> {
    let set = SequenceSet::parse(cursor)?;
    Ok(CommandBody::Fetch {
        addressing,
        set,
        items: spaced(cursor, FetchItem::parse_all)?,
    })
}

pub(super) fn store(cursor: &mut Cursor<'_>) -> Parsed<Store> {
    let set = SequenceSet::parse(cursor)?;
    cursor.space()?;
    let action = match cursor.peek() {
        Some(b'+') => StoreAction::Add,
        Some(b'-') => StoreAction::Remove,
        _ => StoreAction::Replace,
    };
    if action != StoreAction::Replace {
        cursor.take(1);
    }
    let answer = word_of(
        cursor,
        &[
            ("FLAGS", StoreAnswer::Told),
            ("FLAGS.SILENT", StoreAnswer::Silent),
        ],
    )?;
    Ok(Store {
        set,
        action,
        answer,
        flags: spaced(cursor, flags)?,
    })
}

/// Reads STORE's flags: a list, or (RFC 9051 §9, `store-att-flags`) one or more without parentheses.
fn flags(cursor: &mut Cursor<'_>) -> Parsed<Vec<Flag>> {
    if cursor.peek() == Some(b'(') {
        return cursor.list(Flag::parse);
    }
    let mut flags = vec![Flag::parse(cursor)?];
    while cursor.eat(b' ') {
        cursor.node()?;
        flags.push(Flag::parse(cursor)?);
    }
    Ok(flags)
}

pub(super) fn copy(addressing: Addressing, cursor: &mut Cursor<'_>) -> Parsed<CommandBody> {
    let set = SequenceSet::parse(cursor)?;
    Ok(CommandBody::Copy {
        addressing,
        set,
        mailbox: spaced(cursor, Mailbox::parse)?,
    })
}

pub(super) fn r#move(addressing: Addressing, cursor: &mut Cursor<'_>) -> Parsed<CommandBody> {
    let set = SequenceSet::parse(cursor)?;
    Ok(CommandBody::Move {
        addressing,
        set,
        mailbox: spaced(cursor, Mailbox::parse)?,
    })
}

pub(super) fn key_reveal(cursor: &mut Cursor<'_>) -> Parsed<KeyReveal> {
    let count = cursor.nz_number()?.get();
    let mut suites = Vec::new();
    if cursor.eat(b' ') {
        suites = cursor.list(|cursor| cursor.word().map(Into::into))?;
        if suites.is_empty() {
            return cursor.unexpected();
        }
    }
    Ok(KeyReveal { count, suites })
}
