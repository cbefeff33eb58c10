//! A line and what it announces: the literal at its end (RFC 9051 §4.3, RFC 7888).

use std::borrow::Cow;

use super::FrameError;
use crate::imap::cursor::decimal;

/// Who waits for whom before a literal's octets (RFC 7888 §3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sync {
    /// `{n}`: a client waits for the `+` before it sends the octets. A store's literals are written so too.
    Synchronising,
    /// `{n+}`: the octets follow at once.
    NonSynchronising,
}

/// Whether a literal may hold NUL (RFC 3516 §7).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Binary {
    /// `{n}`.
    No,
    /// `~{n}`, the literal8.
    Yes,
}

/// An announced literal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Literal {
    /// How many octets follow the line.
    pub octets: u64,
    /// Whether a client waits.
    pub sync: Sync,
    /// Whether NUL may occur.
    pub binary: Binary,
}

/// How a line ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ends {
    /// With CRLF alone: the command or response is complete.
    Crlf,
    /// With an announcement and CRLF: the literal's octets follow, then another line.
    Literal(Literal),
    /// Not yet: a store's line longer than [`Limits::line`] goes on in the next piece.
    Unfinished,
}

/// Where a line stands in its command or response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Position {
    /// It begins one.
    First,
    /// It follows a literal, or a piece of the same line.
    Continued,
}

/// A line, or a piece of one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    /// Exactly as on the wire, CRLF and literal announcement included.
    pub octets: Vec<u8>,
    /// Where it stands.
    pub position: Position,
    /// How it ended.
    pub ends: Ends,
}

impl Line {
    /// The line without CRLF and without literal announcement.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        match self.ends {
            Ends::Unfinished => &self.octets,
            Ends::Crlf => without_crlf(&self.octets),
            Ends::Literal(_) => Announced::read(without_crlf(&self.octets))
                .map_or(&self.octets, |found| found.before),
        }
    }

    /// The line as it is, but with `{n}` for `{n+}`: for a reader who is to be waited for (RFC 7888 §3).
    #[must_use]
    pub fn synchronised(&self) -> Cow<'_, [u8]> {
        let unasked = match self.ends {
            Ends::Literal(Literal {
                sync: Sync::NonSynchronising,
                ..
            }) => self.octets.strip_suffix(b"+}\r\n"),
            Ends::Literal(_) | Ends::Crlf | Ends::Unfinished => None,
        };
        match unasked {
            Some(before) => Cow::Owned([before, b"}\r\n"].concat()),
            None => Cow::Borrowed(&self.octets),
        }
    }
}

/// As many digits as 63 bits have, and one. More are refused even if they are zeros.
const DIGITS: usize = 20;

pub(super) fn without_crlf(octets: &[u8]) -> &[u8] {
    octets.strip_suffix(b"\r\n").unwrap_or(octets)
}

/// What stands at the end of a line that announces a literal.
struct Announced<'a> {
    before: &'a [u8],
    digits: &'a [u8],
    sync: Sync,
    binary: Binary,
}

impl<'a> Announced<'a> {
    /// Looks for `{n}`, `{n+}`, `~{n}` or `~{n+}` at the end of `text`. RFC 7888 §3: on every line, whatever precedes it.
    fn read(text: &'a [u8]) -> Option<Self> {
        let text = text.strip_suffix(b"}")?;
        let (text, sync) = match text.strip_suffix(b"+") {
            Some(text) => (text, Sync::NonSynchronising),
            None => (text, Sync::Synchronising),
        };
        let begin = text
            .iter()
            .rposition(|octet| !octet.is_ascii_digit())
            .map_or(0, |last| last.saturating_add(1));
        let (before, digits) = text
            .split_at_checked(begin)
            .filter(|(_, digits)| !digits.is_empty())?;
        let before = match before {
            // So many digits that their beginning went with an earlier piece.
            [] if digits.len() > DIGITS => before,
            [before @ .., b'{'] => before,
            [..] => return None,
        };
        Some(match before {
            [before @ .., b'~'] => Self {
                before,
                digits,
                sync,
                binary: Binary::Yes,
            },
            [..] => Self {
                before,
                digits,
                sync,
                binary: Binary::No,
            },
        })
    }
}

/// The literal that the line `text`, less its CRLF, announces at its end.
pub(super) fn announcement(text: &[u8]) -> Result<Option<Literal>, FrameError> {
    let Some(Announced {
        digits,
        sync,
        binary,
        ..
    }) = Announced::read(text)
    else {
        return Ok(None);
    };
    let octets = if digits.len() > DIGITS {
        None
    } else {
        decimal(digits)
    };
    Ok(Some(Literal {
        octets: octets.ok_or(FrameError::LiteralOverflow)?,
        sync,
        binary,
    }))
}
