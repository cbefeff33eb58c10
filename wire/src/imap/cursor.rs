//! The one tokenizer: reads over one whole command or response, literals inline, as `Collector` gives it.
//!
//! It allocates only for quoted strings with escapes, looks at no octet twice, and spends a budget on nesting and on
//! list elements, so that hostile input costs no more than its own length.

use std::borrow::Cow;
use std::num::NonZeroU32;

/// The deepest nesting of parentheses that is read: a message in a message in a message, sixteen times over.
pub const DEPTH: u16 = 32;

/// The most list elements in one command or response.
pub const NODES: u32 = 65_536;

/// What was wrong with a command or response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// Something else was expected here.
    Syntax,
    /// A number is too large for its kind, or zero where zero is none.
    Number,
    /// Parentheses nested deeper than [`DEPTH`].
    TooDeep,
    /// More than [`NODES`] elements.
    TooMany,
}

/// Why something could not be parsed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ParseError {
    /// What was wrong.
    pub fault: Fault,
    /// At which octet of the raw command or response.
    pub at: usize,
}

/// What parsers of this crate return.
pub type Parsed<T> = Result<T, ParseError>;

/// A place in a raw command or response.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
    depth: u16,
    nodes: u32,
}

impl<'a> Cursor<'a> {
    /// The beginning of `raw`; one CRLF at its end is not part of what is read.
    #[must_use]
    pub fn new(raw: &'a [u8]) -> Self {
        Self {
            rest: raw.strip_suffix(b"\r\n").unwrap_or(raw),
            at: 0,
            depth: DEPTH,
            nodes: NODES,
        }
    }

    /// An error at this place.
    pub(crate) fn error(&self, fault: Fault) -> ParseError {
        ParseError { fault, at: self.at }
    }

    /// A syntax error at this place.
    pub(crate) fn unexpected<T>(&self) -> Parsed<T> {
        Err(self.error(Fault::Syntax))
    }

    /// The next octet, not taken.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The octet after the next one, not taken.
    pub(crate) fn peek_second(&self) -> Option<u8> {
        self.rest.get(1).copied()
    }

    /// All that is left, not taken.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// All that is left, taken.
    pub(crate) fn take_rest(&mut self) -> &'a [u8] {
        self.take(self.rest.len()).unwrap_or_default()
    }

    /// Whether nothing is left.
    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Parsed<()> {
        if self.is_at_end() {
            Ok(())
        } else {
            self.unexpected()
        }
    }

    /// Takes `count` octets, if there are so many.
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        self.at = self.at.saturating_add(count);
        Some(taken)
    }

    /// Takes octets as long as they please.
    pub(crate) fn take_while(&mut self, pleases: impl Fn(u8) -> bool) -> &'a [u8] {
        let count = self
            .rest
            .iter()
            .position(|&octet| !pleases(octet))
            .unwrap_or(self.rest.len());
        self.take(count).unwrap_or_default()
    }

    /// As [`Self::take_while`], but at least one.
    pub(crate) fn take_some(&mut self, pleases: impl Fn(u8) -> bool) -> Parsed<&'a [u8]> {
        let taken = self.take_while(pleases);
        if taken.is_empty() {
            self.unexpected()
        } else {
            Ok(taken)
        }
    }

    /// Takes `octet` if it is next.
    pub(crate) fn eat(&mut self, octet: u8) -> bool {
        let there = self.peek() == Some(octet);
        if there {
            self.take(1);
        }
        there
    }

    /// Takes `octet`, which must be next.
    pub(crate) fn expect(&mut self, octet: u8) -> Parsed<()> {
        if self.eat(octet) {
            Ok(())
        } else {
            self.unexpected()
        }
    }

    /// Takes the space that must be next.
    pub(crate) fn space(&mut self) -> Parsed<()> {
        self.expect(b' ')
    }

    /// Takes `word` if it is next, in any case, and if no further atom octet follows it.
    pub(crate) fn eat_word(&mut self, word: &[u8]) -> bool {
        let Some((next, after)) = self.rest.split_at_checked(word.len()) else {
            return false;
        };
        let whole = after
            .first()
            .is_none_or(|&octet| !is_atom(octet) || octet == b'[');
        let there = whole && next.eq_ignore_ascii_case(word);
        if there {
            self.take(word.len());
        }
        there
    }

    /// Spends one list element.
    pub(crate) fn node(&mut self) -> Parsed<()> {
        self.nodes = self
            .nodes
            .checked_sub(1)
            .ok_or(self.error(Fault::TooMany))?;
        Ok(())
    }

    /// Reads something nested one deeper than this.
    pub(crate) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth = self
            .depth
            .checked_sub(1)
            .ok_or(self.error(Fault::TooDeep))?;
        let result = read(self);
        self.depth = self.depth.saturating_add(1);
        result
    }

    /// Reads `(` elements `)`, separated by single spaces; none are allowed.
    pub(crate) fn list<T>(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.expect(b'(')?;
        self.nested(|cursor| {
            let mut elements = Vec::new();
            if cursor.eat(b')') {
                return Ok(elements);
            }
            loop {
                cursor.node()?;
                elements.push(element(cursor)?);
                if cursor.eat(b')') {
                    return Ok(elements);
                }
                cursor.space()?;
            }
        })
    }

    /// Reads `(` elements `)` with any spaces between them, none included, as some lists of responses have them.
    pub(crate) fn packed<T>(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.expect(b'(')?;
        self.nested(|cursor| {
            let mut elements = Vec::new();
            loop {
                cursor.take_while(|octet| octet == b' ');
                if cursor.eat(b')') {
                    return Ok(elements);
                }
                cursor.node()?;
                elements.push(element(cursor)?);
            }
        })
    }

    /// Reads an atom: RFC 9051 §9.
    pub(crate) fn atom(&mut self) -> Parsed<&'a [u8]> {
        self.take_some(is_atom)
    }

    /// Reads an atom that is ASCII text.
    pub(crate) fn word(&mut self) -> Parsed<&'a str> {
        let error = self.error(Fault::Syntax);
        str::from_utf8(self.atom()?).map_err(|_| error)
    }

    /// Reads an astring: an atom that may hold `]`, or a string.
    pub(crate) fn astring(&mut self) -> Parsed<Cow<'a, [u8]>> {
        match self.peek() {
            Some(b'"' | b'{') => self.string(),
            _ => self.take_some(is_astring).map(Cow::Borrowed),
        }
    }

    /// Reads a string: quoted, or a literal.
    pub(crate) fn string(&mut self) -> Parsed<Cow<'a, [u8]>> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal().map(Cow::Borrowed),
            _ => self.unexpected(),
        }
    }

    /// Reads a string or NIL.
    pub(crate) fn nstring(&mut self) -> Parsed<Option<Cow<'a, [u8]>>> {
        if self.eat_word(b"NIL") {
            Ok(None)
        } else {
            self.string().map(Some)
        }
    }

    /// Reads a string, a literal8 or NIL (RFC 3516 §7).
    pub(crate) fn nstring8(&mut self) -> Parsed<Option<Cow<'a, [u8]>>> {
        match (self.peek(), self.peek_second()) {
            (Some(b'~'), Some(b'{')) => {
                self.take(1);
                self.literal().map(|octets| Some(Cow::Borrowed(octets)))
            }
            _ => self.nstring(),
        }
    }

    /// Reads a quoted string. Only `\"` and `\\` are escapes (RFC 9051 §9).
    fn quoted(&mut self) -> Parsed<Cow<'a, [u8]>> {
        self.expect(b'"')?;
        let plain = self.take_while(is_quoted_plain);
        if self.eat(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_vec();
        while self.eat(b'\\') {
            let escaped = self.peek().filter(|octet| matches!(octet, b'"' | b'\\'));
            text.push(escaped.ok_or(self.error(Fault::Syntax))?);
            self.take(1);
            text.extend_from_slice(self.take_while(is_quoted_plain));
        }
        self.expect(b'"')?;
        Ok(Cow::Owned(text))
    }

    /// Reads `{n}` or `{n+}`, CRLF and n octets.
    fn literal(&mut self) -> Parsed<&'a [u8]> {
        self.expect(b'{')?;
        let octets = self.number64()?;
        self.eat(b'+');
        self.expect(b'}')?;
        self.expect(b'\r')?;
        self.expect(b'\n')?;
        let count = usize::try_from(octets).map_err(|_| self.error(Fault::Number))?;
        self.take(count).ok_or(self.error(Fault::Syntax))
    }

    /// Reads a 63-bit number (RFC 9051 §9, `number64`).
    pub(crate) fn number64(&mut self) -> Parsed<u64> {
        let overflow = self.error(Fault::Number);
        let digits = self.take_some(|octet| octet.is_ascii_digit())?;
        decimal(digits).ok_or(overflow)
    }

    /// Reads a 32-bit number.
    pub(crate) fn number(&mut self) -> Parsed<u32> {
        let overflow = self.error(Fault::Number);
        u32::try_from(self.number64()?).map_err(|_| overflow)
    }

    /// Reads a 32-bit number that is not zero.
    pub(crate) fn nz_number(&mut self) -> Parsed<NonZeroU32> {
        let zero = self.error(Fault::Number);
        NonZeroU32::new(self.number()?).ok_or(zero)
    }
}

/// The value of decimal digits, if it fits into 63 bits.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    let value = digits.iter().try_fold(0_u64, |value, digit| {
        value
            .checked_mul(10)?
            .checked_add(u64::from(digit.checked_sub(b'0')?))
    })?;
    i64::try_from(value).is_ok().then_some(value)
}

/// ATOM-CHAR: RFC 9051 §9.
pub(crate) fn is_atom(octet: u8) -> bool {
    octet.is_ascii_graphic()
        && !matches!(
            octet,
            b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']'
        )
}

/// ASTRING-CHAR: RFC 9051 §9.
pub(crate) fn is_astring(octet: u8) -> bool {
    is_atom(octet) || octet == b']'
}

/// What a quoted string holds as it is: anything but NUL, CR, LF and the two that are escaped.
pub(crate) fn is_quoted_plain(octet: u8) -> bool {
    !matches!(octet, 0 | b'\r' | b'\n' | b'"' | b'\\')
}
