//! Control words and numbers that mean no more than what a table says.

use super::fonts::SIGN;
use crate::text::page::Level;

/// Destinations whose text is none of the document's, and that are not marked as optional.
pub(super) const UNREAD: [&[u8]; 32] = [
    b"annotation",
    b"atnauthor",
    b"atndate",
    b"atnid",
    b"bkmkend",
    b"bkmkstart",
    b"colortbl",
    b"filetbl",
    b"footer",
    b"footerf",
    b"footerl",
    b"footerr",
    b"footnote",
    b"header",
    b"headerf",
    b"headerl",
    b"headerr",
    b"info",
    b"listoverridetable",
    b"listtable",
    b"nonesttables",
    b"nonshppict",
    b"objclass",
    b"objdata",
    b"pict",
    b"revtbl",
    b"rxe",
    b"shprslt",
    b"stylesheet",
    b"tc",
    b"template",
    b"xe",
];

/// Characters of fonts of signs are told as U+F020 to U+F0FF.
pub(super) fn of_font(unit: u32) -> Option<char> {
    match unit {
        0xf020..=0xf07e => char::from_u32(unit.wrapping_sub(0xf000)),
        0xf07f..=0xf0ff => Some(SIGN),
        _other => None,
    }
}

/// The character that a control word stands for.
pub(super) fn character(name: &[u8]) -> Option<char> {
    Some(match name {
        b"tab" => '\t',
        b"emdash" => '\u{2014}',
        b"endash" => '\u{2013}',
        b"emspace" => '\u{2003}',
        b"enspace" => '\u{2002}',
        b"qmspace" => '\u{2005}',
        b"bullet" => '\u{2022}',
        b"lquote" => '\u{2018}',
        b"rquote" => '\u{2019}',
        b"ldblquote" => '\u{201c}',
        b"rdblquote" => '\u{201d}',
        _other => return None,
    })
}

/// `\outlinelevel9` is text.
pub(super) fn level(number: usize) -> Option<Level> {
    match number {
        0 => Some(Level::First),
        1 => Some(Level::Second),
        2..=8 => Some(Level::Third),
        _text => None,
    }
}
