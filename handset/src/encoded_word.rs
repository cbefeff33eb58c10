//! Header text as a person reads it: encoded-words (RFC 2047) decoded. What does not decode is shown as it came.
//! The result is a stranger's text still: [`crate::printable()`] comes before a terminal.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::Encoding;

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

/// Decodes the encoded-words in `field`.
#[must_use]
pub fn decode(field: &[u8]) -> String {
    let mut rest = field.get(..LONGEST_FIELD).unwrap_or(field);
    let mut text = String::new();
    let mut came_before = Piece::Text;
    while let Some(at) = rest.windows(2).position(|two| two == b"=?") {
        let (between, from) = rest.split_at(at);
        let Some(word) = Word::at_start_of(from) else {
            let (kept, after) = rest.split_at(at.saturating_add(2));
            text.push_str(&String::from_utf8_lossy(kept));
            (rest, came_before) = (after, Piece::Text);
            continue;
        };
        // RFC 2047 §6.2: white space between two encoded-words is not shown.
        if !(came_before == Piece::Word && between.iter().all(u8::is_ascii_whitespace)) {
            text.push_str(&String::from_utf8_lossy(between));
        }
        text.push_str(&word.text);
        (rest, came_before) = (word.after, Piece::Word);
    }
    text.push_str(&String::from_utf8_lossy(rest));
    text
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Piece {
    Text,
    Word,
}

struct Word<'a> {
    text: String,
    after: &'a [u8],
}

impl<'a> Word<'a> {
    /// RFC 2047 §2: `=?charset?encoding?text?=`.
    fn at_start_of(from: &'a [u8]) -> Option<Self> {
        let from_charset = from.strip_prefix(b"=?")?;
        let (charset, from_encoding) = until_mark(from_charset)?;
        let (encoding, from_text) = until_mark(from_encoding)?;
        let (encoded, after) = until_mark(from_text)?;
        let octets = match encoding {
            b"B" | b"b" => LENIENT.decode(encoded).ok()?,
            b"Q" | b"q" => quoted(encoded)?,
            _ => return None,
        };
        let after = after.strip_prefix(b"=")?;
        let text = in_charset(charset, &octets)?;
        Some(Self { text, after })
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

fn in_charset(charset: &[u8], octets: &[u8]) -> Option<String> {
    // RFC 2231 §5: a language may follow the charset, after `*`.
    let label = charset.split(|octet| *octet == b'*').next()?;
    let encoding = Encoding::for_label(label)?;
    Some(encoding.decode_without_bom_handling(octets).0.into_owned())
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
