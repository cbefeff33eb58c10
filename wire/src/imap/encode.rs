//! The one writer of commands and responses: whatever text it is given comes out as one token, quoted or as a literal
//! where that is safe, so that no value can end a string, a line or a command.

use super::cursor::{is_astring, is_quoted_plain};
use super::mailbox::Mailbox;
use crate::frame::Binary;

/// How a writer's literals are announced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Literals {
    /// A server's: `{n}`, nobody waits.
    Server,
    /// A client's `{n}`: it must wait for `+` before each.
    Synchronising,
    /// A client's `{n+}`, the server having `LITERAL+` (RFC 7888 §4).
    Plus,
    /// A client's `{n+}` up to 4096 octets, the server having `LITERAL-`; `{n}` above (RFC 7888 §5).
    Minus,
}

/// The largest non-synchronising literal of `LITERAL-` (RFC 7888 §5).
pub const LITERAL_MINUS: usize = 4096;

/// The longest string that is written quoted; anything longer goes as a literal, to keep lines short.
pub const QUOTED: usize = 1000;

/// A command or response, written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Encoded {
    octets: Vec<u8>,
    waits: Vec<usize>,
}

impl Encoded {
    /// What to send, in pieces: between two of them the client waits for `+`. A response is always one piece.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.waits.iter().copied().chain([self.octets.len()]);
        ends.scan(0, |begin, end| {
            let piece = self.octets.get(*begin..end);
            *begin = end;
            piece
        })
    }

    /// All of it in one piece, for tests and for peers that need not wait.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// As [`Self::octets`], taken over.
    #[must_use]
    pub fn into_octets(self) -> Vec<u8> {
        self.octets
    }
}

/// Writes one command or response.
#[derive(Clone, Debug)]
pub struct Encoder {
    literals: Literals,
    octets: Vec<u8>,
    waits: Vec<usize>,
}

impl Encoder {
    /// An empty line.
    #[must_use]
    pub fn new(literals: Literals) -> Self {
        Self {
            literals,
            octets: Vec::new(),
            waits: Vec::new(),
        }
    }

    /// Ends the line.
    #[must_use]
    pub fn finish(mut self) -> Encoded {
        self.raw(b"\r\n");
        self.unended()
    }

    /// What was written, without an end of line: for a response whose literal is sent by itself.
    #[must_use]
    pub fn unended(self) -> Encoded {
        Encoded {
            octets: self.octets,
            waits: self.waits,
        }
    }

    /// Writes octets as they are. Only for what this crate knows to be syntax.
    pub(crate) fn raw(&mut self, octets: &[u8]) -> &mut Self {
        self.octets.extend_from_slice(octets);
        self
    }

    /// Writes one space.
    pub(crate) fn space(&mut self) -> &mut Self {
        self.raw(b" ")
    }

    /// Writes a number.
    pub(crate) fn number(&mut self, number: u64) -> &mut Self {
        self.raw(number.to_string().as_bytes())
    }

    /// Writes a string: an atom where it can be one, else as [`Self::string`].
    pub(crate) fn astring(&mut self, octets: &[u8]) -> &mut Self {
        let atom = !octets.is_empty()
            && octets.iter().copied().all(is_astring)
            && !octets.eq_ignore_ascii_case(b"NIL");
        if atom {
            self.raw(octets)
        } else {
            self.string(octets)
        }
    }

    /// Writes a mailbox's name.
    pub(crate) fn mailbox(&mut self, mailbox: &Mailbox) -> &mut Self {
        self.astring(mailbox.as_bytes())
    }

    /// Writes a string: quoted where that is safe, else as a literal.
    ///
    /// NUL, for which the grammar has no place outside literal8 (RFC 9051 §9, `CHAR8`), goes into the literal as it is:
    /// what the octets are is not ours to change.
    pub(crate) fn string(&mut self, octets: &[u8]) -> &mut Self {
        if is_quotable(octets) {
            self.quoted(octets)
        } else {
            self.literal(octets, Binary::No)
        }
    }

    /// Writes a string where a literal8 may stand: as one if there is NUL in it, else as [`Self::string`]
    /// (RFC 3516 §4.3).
    pub(crate) fn string8(&mut self, octets: &[u8]) -> &mut Self {
        if octets.contains(&0) {
            self.literal(octets, Binary::Yes)
        } else {
            self.string(octets)
        }
    }

    /// Writes a string, or NIL for none.
    pub(crate) fn nstring(&mut self, octets: Option<&[u8]>) -> &mut Self {
        match octets {
            Some(octets) => self.string(octets),
            None => self.raw(b"NIL"),
        }
    }

    /// Writes a string where a literal8 may stand, or NIL for none.
    pub(crate) fn nstring8(&mut self, octets: Option<&[u8]>) -> &mut Self {
        match octets {
            Some(octets) => self.string8(octets),
            None => self.raw(b"NIL"),
        }
    }

    /// Writes `(` elements `)` separated by single spaces.
    pub(crate) fn list<T>(
        &mut self,
        elements: &[T],
        element: impl FnMut(&mut Self, &T),
    ) -> &mut Self {
        self.raw(b"(").spaced(elements, element).raw(b")")
    }

    /// Writes elements separated by single spaces.
    pub(crate) fn spaced<T>(
        &mut self,
        elements: &[T],
        mut element: impl FnMut(&mut Self, &T),
    ) -> &mut Self {
        for (index, value) in elements.iter().enumerate() {
            if index > 0 {
                self.space();
            }
            element(self, value);
        }
        self
    }

    /// Writes a status response's text behind its code: printable ASCII as it is, everything else as `?`, never empty.
    pub(crate) fn text(&mut self, text: &[u8]) -> &mut Self {
        // RFC 9051 §9, resp-text: at least one octet.
        if text.is_empty() {
            self.raw(b"-")
        } else {
            self.text_or_nothing(text)
        }
    }

    /// Writes a status response's text where there is no code, and so that none is read out of it.
    pub(crate) fn uncoded_text(&mut self, text: &[u8]) -> &mut Self {
        if text.starts_with(b"[") {
            self.raw(b"- ").text(text)
        } else {
            self.text(text)
        }
    }

    /// As [`Self::text`], but may be empty.
    pub(crate) fn text_or_nothing(&mut self, text: &[u8]) -> &mut Self {
        let printable = |&octet: &u8| {
            if octet.is_ascii_graphic() || octet == b' ' {
                octet
            } else {
                b'?'
            }
        };
        self.octets.extend(text.iter().map(printable));
        self
    }

    /// Writes octets of a kind that is not known here, with nothing in them that could end the line.
    pub(crate) fn line(&mut self, octets: &[u8]) -> &mut Self {
        let harmless = |&octet: &u8| {
            if matches!(octet, 0 | b'\r' | b'\n') {
                b'?'
            } else {
                octet
            }
        };
        self.octets.extend(octets.iter().map(harmless));
        self
    }

    fn quoted(&mut self, octets: &[u8]) -> &mut Self {
        self.raw(b"\"");
        for &octet in octets {
            if matches!(octet, b'"' | b'\\') {
                self.raw(b"\\");
            }
            self.octets.push(octet);
        }
        self.raw(b"\"")
    }

    /// Writes a literal.
    pub(crate) fn literal(&mut self, octets: &[u8], binary: Binary) -> &mut Self {
        let length = u64::try_from(octets.len()).unwrap_or(u64::MAX);
        self.announce(length, binary).raw(octets)
    }

    /// Writes a literal's announcement alone: its octets must follow.
    pub(crate) fn announce(&mut self, octets: u64, binary: Binary) -> &mut Self {
        match binary {
            Binary::Yes => self.raw(b"~{"),
            Binary::No => self.raw(b"{"),
        };
        self.number(octets);
        let small = usize::try_from(octets).is_ok_and(|octets| octets <= LITERAL_MINUS);
        match (self.literals, small) {
            (Literals::Plus, _) | (Literals::Minus, true) => self.raw(b"+}\r\n"),
            (Literals::Server, _) => self.raw(b"}\r\n"),
            (Literals::Synchronising, _) | (Literals::Minus, false) => {
                self.raw(b"}\r\n");
                self.waits.push(self.octets.len());
                self
            }
        }
    }
}

/// Whether octets may stand in a quoted string: short, and nothing but printable ASCII and what else a line may hold.
pub(crate) fn is_quotable(octets: &[u8]) -> bool {
    let fits =
        |&octet: &u8| octet.is_ascii() && (is_quoted_plain(octet) || matches!(octet, b'"' | b'\\'));
    octets.len() <= QUOTED && octets.iter().all(fits)
}
