//! A response's kind, read off its first line alone: all that a relay needs.

use super::super::cursor::{Cursor, Parsed};
use super::super::tag::Tag;
use super::StatusKind;

/// What a response is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `+`
    Continuation,
    /// A tagged status: a command is done.
    Tagged(Tag, StatusKind),
    /// An untagged status.
    Status(StatusKind),
    /// `* CAPABILITY`
    Capability,
    /// `* n EXISTS`
    Exists(u32),
    /// `* n RECENT`
    Recent(u32),
    /// `* n EXPUNGE`
    Expunge(u32),
    /// `* n FETCH`
    Fetch(u32),
    /// `* VANISHED` without `(EARLIER)`: messages go now (RFC 7162 §3.2.10)
    Vanished,
    /// `* CONVERSION`: a pair that can be converted (RFC 5259 §5.2)
    Conversion,
    /// Any other untagged response.
    Untagged,
    /// Nothing that a store may say.
    Malformed,
}

impl Kind {
    /// The kind of the response that begins with this line (or the first piece of it).
    #[must_use]
    pub fn of_line(text: &[u8]) -> Self {
        Self::read(&mut Cursor::new(text)).unwrap_or(Self::Malformed)
    }

    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.eat(b'+') {
            return Ok(Self::Continuation);
        }
        if !cursor.eat(b'*') {
            let tag = Tag::parse(cursor)?;
            cursor.space()?;
            return match StatusKind::eat(cursor) {
                Some(kind @ (StatusKind::Ok | StatusKind::No | StatusKind::Bad)) => {
                    Ok(Self::Tagged(tag, kind))
                }
                // RFC 9051 §7.1: BYE and PREAUTH are always untagged.
                Some(StatusKind::Bye | StatusKind::PreAuth) | None => cursor.unexpected(),
            };
        }
        cursor.space()?;
        match (StatusKind::eat(cursor), cursor.peek()) {
            (Some(kind), _) => Ok(Self::Status(kind)),
            (None, Some(b'0'..=b'9')) => Self::read_numbered(cursor),
            (None, _) if cursor.eat_word(b"CAPABILITY") => Ok(Self::Capability),
            (None, _) if cursor.eat_word(b"CONVERSION") => Ok(Self::Conversion),
            (None, _) if cursor.eat_word(b"VANISHED") => {
                cursor.space()?;
                Ok(match cursor.peek() {
                    Some(b'(') => Self::Untagged,
                    Some(_) | None => Self::Vanished,
                })
            }
            (None, _) => Ok(Self::Untagged),
        }
    }

    fn read_numbered(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let number = cursor.number()?;
        cursor.space()?;
        Ok(match cursor.atom()?.to_ascii_uppercase().as_slice() {
            b"EXISTS" => Self::Exists(number),
            b"RECENT" => Self::Recent(number),
            b"EXPUNGE" => Self::Expunge(number),
            b"FETCH" => Self::Fetch(number),
            _ => Self::Untagged,
        })
    }
}

impl StatusKind {
    pub(super) const ALL: [Self; 5] = [Self::Ok, Self::No, Self::Bad, Self::Bye, Self::PreAuth];

    pub(super) fn word(self) -> &'static [u8] {
        match self {
            Self::Ok => b"OK",
            Self::No => b"NO",
            Self::Bad => b"BAD",
            Self::Bye => b"BYE",
            Self::PreAuth => b"PREAUTH",
        }
    }

    /// Takes a status word, if one is next and a space or the line's end follows it.
    pub(super) fn eat(cursor: &mut Cursor<'_>) -> Option<Self> {
        let mut ahead = cursor.clone();
        let kind = Self::ALL
            .into_iter()
            .find(|kind| ahead.eat_word(kind.word()))?;
        matches!(ahead.peek(), None | Some(b' ')).then(|| {
            *cursor = ahead;
            kind
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_off_the_first_line() {
        let tag = |text| Tag::new(text).unwrap();
        for (line, kind) in [
            (&b"+ go"[..], Kind::Continuation),
            (b"+", Kind::Continuation),
            (b"a1 OK done", Kind::Tagged(tag("a1"), StatusKind::Ok)),
            (b"a1 no", Kind::Tagged(tag("a1"), StatusKind::No)),
            (b"* BYE", Kind::Status(StatusKind::Bye)),
            (
                b"* OK [CAPABILITY IMAP4rev1] hi",
                Kind::Status(StatusKind::Ok),
            ),
            (b"* CAPABILITY IMAP4rev1", Kind::Capability),
            (b"* 12 EXISTS", Kind::Exists(12)),
            (b"* 0 RECENT", Kind::Recent(0)),
            (b"* 3 expunge", Kind::Expunge(3)),
            (b"* 3 FETCH (BODY[] ", Kind::Fetch(3)),
            (b"* 3 CONVERTED (TAG", Kind::Untagged),
            (b"* conversion \"a/b\" \"c/d\"", Kind::Conversion),
            (b"* CONVERSIONS", Kind::Untagged),
            (b"* OKAY", Kind::Untagged),
            (b"* vanished 1:3,7", Kind::Vanished),
            (b"* VANISHED (EARLIER) 1:3", Kind::Untagged),
            (b"* LIST () ", Kind::Untagged),
            (b"a1 BYE x", Kind::Malformed),
            (b"a1 FETCH x", Kind::Malformed),
            (b"*", Kind::Malformed),
            (b"", Kind::Malformed),
            (b"* 99999999999 EXISTS", Kind::Malformed),
        ] {
            assert_eq!(Kind::of_line(line), kind, "{line:?}");
        }
    }
}
