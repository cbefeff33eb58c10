//! Octets to tokens. Nothing here knows what a control word means, but for `\bin`, whose octets are no tokens.

/// What a document is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// `\name` or `\name123`
    Word(Word<'a>),
    /// `\` and an octet that is no letter
    Symbol(u8),
    /// `\'hh`: an octet of text
    Hex(u8),
    /// Octets of text. Line ends are none.
    Text(&'a [u8]),
    /// `\bin` and its octets
    Binary,
}

/// A control word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Word<'a> {
    pub(super) name: &'a [u8],
    pub(super) number: Option<i32>,
}

impl Word<'_> {
    /// Of a word that switches: on, unless it says 0.
    pub(super) fn is_on(&self) -> bool {
        self.number != Some(0)
    }

    /// Its number, as a count: less than nothing is nothing.
    pub(super) fn count(&self, without: usize) -> usize {
        self.number
            .map_or(without, |number| usize::try_from(number).unwrap_or(0))
    }
}

pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    /// The octets up to the first that is not as `wanted`.
    fn run(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|octet| !wanted(*octet));
        let (run, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        run
    }

    fn pass(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    /// What follows a `\`.
    fn control(&mut self) -> Option<Token<'a>> {
        if self.rest.first()?.is_ascii_alphabetic() {
            return Some(self.word());
        }
        let symbol = *self.rest.first()?;
        self.pass(1);
        if symbol != b'\'' {
            return Some(Token::Symbol(symbol));
        }
        let octet = self.rest.get(..2).and_then(hex);
        if octet.is_some() {
            self.pass(2);
        }
        Some(octet.map_or(Token::Symbol(symbol), Token::Hex))
    }

    fn word(&mut self) -> Token<'a> {
        let name = self.run(|octet| octet.is_ascii_alphabetic());
        let number = self.number();
        if let [b' ', ..] = self.rest {
            self.pass(1);
        }
        let word = Word { name, number };
        if name == b"bin" {
            self.pass(word.count(0));
            return Token::Binary;
        }
        Token::Word(word)
    }

    /// A number that is larger than any is the largest.
    fn number(&mut self) -> Option<i32> {
        let negative = match self.rest {
            [b'-', digit, ..] if digit.is_ascii_digit() => {
                self.pass(1);
                true
            }
            [digit, ..] if digit.is_ascii_digit() => false,
            [] | [..] => return None,
        };
        let digits = self.run(|octet| octet.is_ascii_digit());
        Some(digits.iter().fold(0_i32, |number, digit| {
            let digit = i32::from(digit.wrapping_sub(b'0'));
            let shifted = number.saturating_mul(10);
            if negative {
                shifted.saturating_sub(digit)
            } else {
                shifted.saturating_add(digit)
            }
        }))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.pass(blanks(self.rest));
        match self.rest {
            [] => None,
            [b'{', rest @ ..] => {
                self.rest = rest;
                Some(Token::Open)
            }
            [b'}', rest @ ..] => {
                self.rest = rest;
                Some(Token::Close)
            }
            [b'\\', rest @ ..] => {
                self.rest = rest;
                self.control()
            }
            [..] => Some(Token::Text(self.run(is_text))),
        }
    }
}

/// Whether it is none of the document: line ends, which are only the file's, and what fills up a file.
fn is_blank(octet: u8) -> bool {
    matches!(octet, b'\r' | b'\n' | 0)
}

fn is_text(octet: u8) -> bool {
    !is_blank(octet) && !matches!(octet, b'{' | b'}' | b'\\')
}

fn blanks(octets: &[u8]) -> usize {
    octets.iter().take_while(|octet| is_blank(**octet)).count()
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok()?;
    let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    all.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(name: &str, number: Option<i32>) -> Token<'_> {
        let name = name.as_bytes();
        Token::Word(Word { name, number })
    }

    #[test]
    fn a_word_takes_one_space_and_its_number() {
        let tokens: Vec<_> = Tokens::new(b"{\\rtf1\\b  a\\u-3 ?\\'e9\\~\\'zz\r\nb}\0").collect();
        let expected = [
            Token::Open,
            word("rtf", Some(1)),
            word("b", None),
            Token::Text(b" a"),
            word("u", Some(-3)),
            Token::Text(b"?"),
            Token::Hex(0xe9),
            Token::Symbol(b'~'),
            Token::Symbol(b'\''),
            Token::Text(b"zz"),
            Token::Text(b"b"),
            Token::Close,
        ];
        assert_eq!(tokens, expected);
    }

    #[test]
    fn binary_octets_are_counted_and_not_read() {
        let tokens: Vec<_> = Tokens::new(b"\\bin4 {\\a}b").collect();
        assert_eq!(tokens, [Token::Binary, Token::Text(b"b")]);
        for count in ["-1", "", "99999999999999"] {
            let octets = format!("\\bin{count} x");
            assert_eq!(Tokens::new(octets.as_bytes()).next(), Some(Token::Binary));
        }
    }

    #[test]
    fn a_number_too_large_is_the_largest() {
        let mut tokens = Tokens::new(b"\\u-99999999999\\u99999999999");
        assert_eq!(tokens.next(), Some(word("u", Some(i32::MIN))));
        assert_eq!(tokens.next(), Some(word("u", Some(i32::MAX))));
    }
}
