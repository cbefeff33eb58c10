//! Header text as a person reads it: encoded-words (RFC 2047) decoded. What does not decode is shown as it came.
//! The result is a stranger's text still, and may hold what commands a terminal.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::Charset;

mod write;

pub use write::{Written, write};

/// The most octets of one header field that are looked at.
const LONGEST_FIELD: usize = 16 * 1024;
/// RFC 2047 §2 allows 75; senders that do not fold write more, up to a line of RFC 5322 §2.1.1.
const LONGEST_WORD: usize = 998;

/// Padding is often lost; RFC 2047 §6.3 lets a reader make the best of it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A stretch of a header field.
#[derive(Debug, Eq, PartialEq)]
pub enum Piece<'a> {
    /// As it came: what is no encoded-word, and encoded-words of no charset that is read.
    Text(&'a [u8]),
    /// Adjacent encoded-words, decoded; the white space between them is gone (RFC 2047 §6.2).
    Words(Zeroizing<String>),
}

/// Decodes the encoded-words in `field`.
#[must_use]
pub fn decode(field: &[u8]) -> String {
    let mut text = String::new();
    for piece in pieces(field.get(..LONGEST_FIELD).unwrap_or(field)) {
        match piece {
            Piece::Text(octets) => text.push_str(&String::from_utf8_lossy(octets)),
            Piece::Words(words) => text.push_str(&words),
        }
    }
    text
}

/// `field` in its pieces, in order; no two neighbours are both text or both words.
#[must_use]
pub fn pieces(field: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut run = Run::default();
    let (mut from, mut searched) = (0_usize, 0_usize);
    while let Some(at) = next_mark(field, searched) {
        let Some(word) = Word::at_start_of(field.get(at..).unwrap_or_default()) else {
            searched = at.saturating_add(1);
            continue;
        };
        let between = field.get(from..at).unwrap_or_default();
        // RFC 2047 §6.2: white space between two encoded-words is not shown.
        if run.is_empty() || !between.iter().all(u8::is_ascii_whitespace) {
            run.end(&mut pieces);
            push_text(between, &mut pieces);
        }
        from = field.len().saturating_sub(word.after.len());
        searched = from;
        run.push(word);
    }
    run.end(&mut pieces);
    push_text(field.get(from..).unwrap_or_default(), &mut pieces);
    pieces
}

fn next_mark(field: &[u8], from: usize) -> Option<usize> {
    let found = field.get(from..)?.windows(2).position(|two| two == b"=?")?;
    from.checked_add(found)
}

fn push_text<'a>(text: &'a [u8], pieces: &mut Vec<Piece<'a>>) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
}

/// Adjacent words. The octets of those in one charset are joined before they are decoded: RFC 2047 §5 forbids to divide a
/// character between two words, and many senders do.
#[derive(Default)]
struct Run {
    words: Vec<(Charset, Zeroizing<Vec<u8>>)>,
}

impl Run {
    fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn push(&mut self, word: Word<'_>) {
        match self.words.last_mut() {
            Some((charset, octets)) if *charset == word.charset && !charset.has_states() => {
                octets.extend_from_slice(&word.octets);
            }
            Some(_) | None => self.words.push((word.charset, word.octets)),
        }
    }

    fn end(&mut self, pieces: &mut Vec<Piece<'_>>) {
        if self.is_empty() {
            return;
        }
        let mut text = Zeroizing::new(String::new());
        for (charset, octets) in self.words.drain(..) {
            text.push_str(&crate::decode(charset, &octets));
        }
        pieces.push(Piece::Words(text));
    }
}

struct Word<'a> {
    charset: Charset,
    octets: Zeroizing<Vec<u8>>,
    after: &'a [u8],
}

impl<'a> Word<'a> {
    /// RFC 2047 §2: `=?charset?encoding?text?=`.
    fn at_start_of(from: &'a [u8]) -> Option<Self> {
        let from_charset = from.strip_prefix(b"=?")?;
        let (charset, from_encoding) = until_mark(from_charset)?;
        let (encoding, from_text) = until_mark(from_encoding)?;
        let (encoded, after) = until_mark(from_text)?;
        let octets = Zeroizing::new(match encoding {
            b"B" | b"b" => LENIENT.decode(encoded).ok()?,
            b"Q" | b"q" => quoted(encoded)?,
            _ => return None,
        });
        // RFC 2231 §5: a language may follow the charset, after `*`.
        let label = charset.split(|octet| *octet == b'*').next()?;
        Some(Self {
            charset: Charset::for_label(std::str::from_utf8(label).ok()?)?,
            octets,
            after: after.strip_prefix(b"=")?,
        })
    }
}

/// What stands before the next `?`, and what after it. A space ends the search: encoded-words hold none (RFC 2047 §2).
fn until_mark(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let near = octets.get(..LONGEST_WORD).unwrap_or(octets);
    let at = near.iter().position(|o| matches!(o, b'?' | b' '))?;
    let (before, from) = octets.split_at(at);
    Some((before, from.strip_prefix(b"?")?))
}

/// The `Q` encoding, RFC 2047 §4.2.
fn quoted(encoded: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let [first, after @ ..] = rest {
        let (octet, after) = match (first, after) {
            (b'=', [high, low, after @ ..]) => (hex(*high)? << 4 | hex(*low)?, after),
            (b'=', _) => return None,
            (b'_', after) => (b' ', after),
            (other, after) => (*other, after),
        };
        octets.push(octet);
        rest = after;
    }
    Some(octets)
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_rfc_examples_decode() {
        let cases: [(&str, &str); 8] = [
            ("=?ISO-8859-1?Q?a?=", "a"),
            ("=?ISO-8859-1?Q?a?= b", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a?=  \r\n  =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a_b?=", "a b"),
            ("=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"),
            ("=?utf-8?B?UGhvdG8gw7xiZXI=?= 2", "Photo über 2"),
            ("=?utf-8?B?UGhvdG8gw7xiZXI?=", "Photo über"),
        ];
        for (encoded, read) in cases {
            assert_eq!(decode(encoded.as_bytes()), read, "{encoded}");
        }
    }

    #[test]
    fn a_character_divided_between_two_words_is_whole_again() {
        assert_eq!(decode(b"=?utf-8?Q?=C3?= =?utf-8?Q?=BC?="), "\u{fc}");
    }

    #[test]
    fn a_word_of_no_known_charset_stays_between_its_neighbours() {
        let field = b"a =?utf-8?Q?b?= =?nowhere?Q?c?= =?utf-8?Q?d?= e";
        let words = |text: &str| Piece::Words(Zeroizing::new(text.to_owned()));
        assert_eq!(
            pieces(field),
            [
                Piece::Text(b"a "),
                words("b"),
                Piece::Text(b" =?nowhere?Q?c?= "),
                words("d"),
                Piece::Text(b" e"),
            ]
        );
    }

    #[test]
    fn what_is_no_encoded_word_stays_as_it_came() {
        for text in [
            "=?",
            "2 =? 3",
            "=?utf-8?X?a?=",
            "=?nowhere?Q?a?=",
            "=?utf-8?Q?a",
            "=?utf-8?Q?=4?=",
        ] {
            assert_eq!(decode(text.as_bytes()), text);
        }
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(octets: Vec<u8>) {
            let _text = decode(&octets);
        }

        #[test]
        fn any_text_in_base64_comes_back(text in "\\PC{0,40}") {
            let word = format!("=?UTF-8?b?{}?=", LENIENT.encode(&text));
            prop_assert_eq!(decode(word.as_bytes()), text);
        }
    }
}
