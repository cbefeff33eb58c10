//! Responses out of octets.

use super::super::capability::Capabilities;
use super::super::command::{STATUS_ITEMS, id};
use super::super::convert::{Conversion, Converted};
use super::super::cursor::{Cursor, Fault, ParseError, Parsed};
use super::super::envelope::spaced;
use super::super::fetch::FetchResponse;
use super::super::flag::{Flag, Keyword};
use super::super::mailbox::Mailbox;
use super::super::search::Esearch;
use super::super::sequence::SeqNum;
use super::super::tag::Tag;
use super::super::value::Value;
use super::code::end_of_code;
use super::{Answers, Code, Listed, MailboxStatus, Response, Status, StatusKind};

pub(super) fn response(raw: &[u8]) -> Result<Response, ParseError> {
    let mut cursor = Cursor::new(raw);
    if cursor.eat(b'+') {
        cursor.eat(b' '); // RFC 9051 §9 demands the space; some stores leave it out
        return Ok(Response::Continuation(cursor.take_rest().to_vec()));
    }
    if cursor.eat(b'*') {
        cursor.space()?;
        return untagged(&mut cursor);
    }
    let tag = Tag::parse(&mut cursor)?;
    cursor.space()?;
    match StatusKind::eat(&mut cursor) {
        Some(kind @ (StatusKind::Ok | StatusKind::No | StatusKind::Bad)) => Ok(Response::Status(
            status(Answers::Command(tag), kind, &mut cursor),
        )),
        // RFC 9051 §7.1: BYE and PREAUTH are always untagged.
        Some(StatusKind::Bye | StatusKind::PreAuth) | None => cursor.unexpected(),
    }
}

fn untagged(cursor: &mut Cursor<'_>) -> Parsed<Response> {
    if let Some(kind) = StatusKind::eat(cursor) {
        return Ok(Response::Status(status(Answers::Untagged, kind, cursor)));
    }
    let whole = cursor.rest();
    let known = match cursor.peek() {
        Some(b'0'..=b'9') => numbered(cursor)?,
        _ => named(cursor)?,
    };
    let Some(response) = known else {
        return Ok(Response::Unknown(whole.to_vec()));
    };
    cursor.take_while(|octet| octet == b' '); // stores have been seen to end SEARCH and LIST with one
    cursor.end()?;
    Ok(response)
}

/// Reads `n NAME ..`; `None`: the name is not known.
fn numbered(cursor: &mut Cursor<'_>) -> Parsed<Option<Response>> {
    let zero = cursor.error(Fault::Number);
    let number = cursor.number()?;
    let message = SeqNum::new(number).ok_or(zero);
    cursor.space()?;
    Ok(Some(match cursor.atom()?.to_ascii_uppercase().as_slice() {
        b"EXISTS" => Response::Exists(number),
        b"RECENT" => Response::Recent(number),
        b"EXPUNGE" => Response::Expunge(message?),
        b"FETCH" => Response::Fetch(spaced(cursor, |cursor| {
            FetchResponse::parse(message?, cursor)
        })?),
        b"CONVERTED" => {
            Response::Converted(spaced(cursor, |cursor| Converted::parse(message?, cursor))?)
        }
        _ => return Ok(None),
    }))
}

/// Reads `NAME ..`; `None`: the name is not known.
fn named(cursor: &mut Cursor<'_>) -> Parsed<Option<Response>> {
    Ok(Some(match cursor.atom()?.to_ascii_uppercase().as_slice() {
        b"CAPABILITY" => Response::Capability(Capabilities::parse(cursor)?),
        b"ENABLED" => Response::Enabled(Capabilities::parse(cursor)?),
        b"ID" => Response::Id(spaced(cursor, id)?),
        b"FLAGS" => Response::Flags(spaced(cursor, |cursor| cursor.list(Flag::parse))?),
        b"LIST" => Response::List(spaced(cursor, listed)?),
        b"LSUB" => Response::Lsub(spaced(cursor, listed)?),
        b"NAMESPACE" => {
            Response::Namespace(spaced(cursor, |cursor| Ok(cursor.take_rest().to_vec()))?)
        }
        b"STATUS" => Response::MailboxStatus(spaced(cursor, mailbox_status)?),
        b"SEARCH" | b"SORT" => search(cursor)?,
        b"ESEARCH" => Response::Esearch(Esearch::parse(cursor)?),
        b"CONVERSION" => Response::Conversion(spaced(cursor, Conversion::parse)?),
        b"KEYREVEAL" => Response::KeyReveal(spaced(cursor, |cursor| cursor.string())?.into_owned()),
        _ => return Ok(None),
    }))
}

/// Reads what follows a status word.
fn status(answers: Answers, kind: StatusKind, cursor: &mut Cursor<'_>) -> Status {
    cursor.eat(b' ');
    let code = code(cursor);
    if code.is_some() {
        cursor.eat(b' ');
    }
    Status {
        answers,
        kind,
        code,
        text: cursor.take_rest().to_vec(),
    }
}

/// Reads `[code]`, if there is one. Without an end it is text.
fn code(cursor: &mut Cursor<'_>) -> Option<Code> {
    let inner = cursor.rest().strip_prefix(b"[")?;
    let end = end_of_code(inner)?;
    let code = Code::of(inner.get(..end)?);
    cursor.take(end.checked_add(2)?);
    Some(code)
}

/// Reads LIST's and LSUB's data.
fn listed(cursor: &mut Cursor<'_>) -> Parsed<Listed> {
    let attributes = cursor.list(|cursor| {
        cursor.expect(b'\\')?;
        Keyword::parse(cursor)
    })?;
    let delimiter =
        spaced(cursor, Cursor::nstring)?.and_then(|delimiter| delimiter.first().copied());
    let mailbox = spaced(cursor, Mailbox::parse)?;
    if cursor.eat(b' ') && !cursor.is_at_end() {
        Value::read(cursor)?; // RFC 9051 §9, mbox-list-extended
    }
    Ok(Listed {
        attributes,
        delimiter,
        mailbox,
    })
}

/// Reads STATUS's data; items that are not known here are skipped.
fn mailbox_status(cursor: &mut Cursor<'_>) -> Parsed<MailboxStatus> {
    let mailbox = Mailbox::parse(cursor)?;
    cursor.space()?;
    let items = cursor.list(|cursor| {
        let name = cursor.word()?;
        let Some((_, item)) = STATUS_ITEMS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
        else {
            return spaced(cursor, Value::read).map(|_| None);
        };
        spaced(cursor, Cursor::number64).map(|value| Some((*item, value)))
    })?;
    Ok(MailboxStatus {
        mailbox,
        items: items.into_iter().flatten().collect(),
    })
}

/// Reads SEARCH's numbers and, with RFC 7162 §3.1.5, `(MODSEQ n)`.
fn search(cursor: &mut Cursor<'_>) -> Parsed<Response> {
    let mut numbers = Vec::new();
    let mut mod_seq = None;
    while cursor.eat(b' ') && !cursor.is_at_end() {
        if cursor.eat(b'(') {
            if !cursor.eat_word(b"MODSEQ") {
                return cursor.unexpected();
            }
            mod_seq = Some(spaced(cursor, Cursor::number64)?);
            cursor.expect(b')')?;
        } else {
            numbers.push(cursor.nz_number()?.get());
        }
    }
    Ok(Response::Search(numbers, mod_seq))
}

#[cfg(test)]
mod tests;
